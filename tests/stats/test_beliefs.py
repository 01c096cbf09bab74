"""Factors of beliefs against the bounds they state, printed tables and scipy."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import stats

from fabrika.stats.beliefs import LEAST_FACTOR, belief_factor, normal_upper_tail, observed_factor

GRID = np.linspace(0.0005, 0.9995, 400).tolist()


@pytest.mark.parametrize("z", [-37.0, -5.0, -1.0, -1e-3, 0.0, 1e-3, 0.5, 1.0, 1.4, 2.0, 9.0, 37.0])
def test_normal_tail_against_mpmath(z):
    with mpmath.workdps(60):
        assert abs(normal_upper_tail(z) / (mpmath.erfc(mpmath.mpf(z) / mpmath.sqrt(2)) / 2) - 1) < 1e-12


def test_normal_tail_as_printed():
    # Abramowitz & Stegun (1964), table 26.1: P(1) = 0.841344746068543, P(2) = 0.977249868051821.
    assert 1.0 - normal_upper_tail(1.0) == pytest.approx(0.841344746068543, abs=5e-15)
    assert 1.0 - normal_upper_tail(2.0) == pytest.approx(0.977249868051821, abs=5e-15)


def test_relative_keeps_its_bounds():
    assert belief_factor("relative", 0.1, 0.1, 0, 0.025) == pytest.approx(0.9, rel=1e-12)
    assert belief_factor("relative", 0.1, 0.1, 0, 0.5) == pytest.approx(1.0, rel=1e-12)
    assert belief_factor("relative", 0.1, 0.1, 0, 0.975) == pytest.approx(1.1, rel=1e-12)
    assert belief_factor("relative", 0.05, 0.2, 0, 0.025) == pytest.approx(0.95, rel=1e-12)
    assert belief_factor("relative", 0.05, 0.2, 0, 0.975) == pytest.approx(1.2, rel=1e-12)


def test_relative_stays_positive_as_a_truncated_normal():
    deviation = 0.95 / 1.959963984540054
    other = stats.truncnorm((LEAST_FACTOR - 1.0) / deviation, np.inf, loc=1.0, scale=deviation)
    values = [belief_factor("relative", 0.95, 0.95, 0, u) for u in GRID]
    assert values == pytest.approx(other.ppf(GRID).tolist(), rel=1e-9)
    assert min(values) > LEAST_FACTOR
    assert belief_factor("relative", 0.95, 0.95, 0, 1e-300) >= LEAST_FACTOR


def test_between_keeps_its_bounds_and_median():
    assert belief_factor("between", 0.5, 4.0, 0, 0.025) == pytest.approx(0.5, rel=1e-14)
    assert belief_factor("between", 0.5, 4.0, 0, 0.5) == 1.0
    assert belief_factor("between", 0.5, 4.0, 0, 0.975) == pytest.approx(4.0, rel=1e-14)
    # one standard deviation up: 4^(1/1.96)
    assert belief_factor("between", 0.5, 4.0, 0, 0.841344746068543) == pytest.approx(
        4.0 ** (1 / 1.959963984540054), rel=1e-12
    )


def test_observed_from_printed_chi_squared_points():
    # 2 G is chi-squared with 2 events + 1 degrees of freedom. Abramowitz & Stegun (1964), table 26.8, 11 and 3 degrees.
    for events, u, chi_squared in ((5, 0.95, 19.6751), (5, 0.05, 4.57481), (1, 0.99, 11.3449), (1, 0.01, 0.114832)):
        assert belief_factor("observed", 0.0, 0.0, events, u) == pytest.approx(2.0 * events / chi_squared, rel=5e-6)


def test_many_stops_leave_little_doubt():
    # For large n the factor's spread is 1/sqrt(n): 2.5 % below 1 at 1 - 1.96/sqrt(1e6).
    assert observed_factor(1_000_000, 0.975) == pytest.approx(1.0 - 1.96e-3, abs=5e-6)


@pytest.mark.parametrize(("kind", "low", "high", "events", "sign"), [
    ("relative", 0.2, 0.4, 0, 1.0),
    ("between", 0.6, 2.5, 0, 1.0),
    ("observed", 0.0, 0.0, 3, -1.0),
])  # fmt: skip
def test_factors_are_positive_and_monotone(kind, low, high, events, sign):
    values = np.array([belief_factor(kind, low, high, events, u) for u in GRID])
    assert (values > 0.0).all()
    assert (sign * np.diff(values) > 0.0).all()


@pytest.mark.parametrize(
    ("kind", "low", "high", "events", "u"),
    [
        ("certain", 0.1, 0.1, 0, 0.5),
        ("relative", 1.0, 0.1, 0, 0.5),
        ("relative", -0.1, 0.1, 0, 0.5),
        ("relative", 0.0, 0.0, 0, 0.5),
        ("relative", 0.1, float("inf"), 0, 0.5),
        ("relative", 0.1, 0.1, 0, 0.0),
        ("between", 1.1, 2.0, 0, 0.5),
        ("between", 0.5, 0.9, 0, 0.5),
        ("between", 0.0, 2.0, 0, 0.5),
        ("between", 0.5, 2.0, 0, 1.0),
        ("observed", 0.0, 0.0, 0, 0.5),
        ("observed", 0.0, 0.0, 10**6 + 1, 0.5),
        ("observed", 0.0, 0.0, 5, float("nan")),
    ],
)
def test_beliefs_that_are_none_are_refused(kind, low, high, events, u):
    with pytest.raises(ValueError, match=r"belief|events|u must"):
        belief_factor(kind, low, high, events, u)
