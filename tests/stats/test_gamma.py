"""Gamma tails and quantiles against closed forms, printed chi-squared tables and mpmath."""

from __future__ import annotations

import math

import mpmath
import pytest

from fabrika.stats.compiling import compile_functions
from fabrika.stats.gamma import gamma_constant, gamma_log_tail, gamma_quantile


def _log_tail(a, x, upper):
    return gamma_log_tail(a, gamma_constant(a), math.log(x / a), upper)


@pytest.mark.parametrize("x", [0.01, 0.7, 1.9, 2.1, 5.0, 40.0])
def test_shape_one_is_exponential_and_shape_two_has_a_closed_form(x):
    assert _log_tail(1.0, x, upper=True) == pytest.approx(-x, rel=1e-13)
    assert _log_tail(1.0, x, upper=False) == pytest.approx(math.log(-math.expm1(-x)), rel=1e-12)
    assert _log_tail(2.0, x, upper=True) == pytest.approx(-x + math.log1p(x), rel=1e-11)


@pytest.mark.parametrize("a", [0.02, 0.5, 3.3, 60.0, 2500.0])
@pytest.mark.parametrize("ratio", [0.3, 0.9, 1.0, 1.1, 2.5])
def test_tails_against_mpmath(a, ratio):
    with mpmath.workdps(60):
        x = mpmath.mpf(a) * mpmath.mpf(ratio)
        lower = mpmath.gammainc(a, 0, x, regularized=True)
        above = mpmath.gammainc(a, x, regularized=True)
        expected = {False: float(mpmath.log(lower)), True: float(mpmath.log(above))}
    for upper, value in expected.items():
        assert gamma_log_tail(a, gamma_constant(a), math.log(ratio), upper) == pytest.approx(
            value, rel=1e-11, abs=1e-13
        )


def test_far_below_the_lower_tail_nothing_is_left_and_all_is_above():
    assert _log_tail(3.0, 1e-200, upper=True) == 0.0
    assert _log_tail(3.0, 1e-200, upper=False) == pytest.approx(3.0 * math.log(1e-200) - math.log(6.0), rel=1e-14)


@pytest.mark.parametrize(
    ("degrees", "tail", "upper", "chi_squared"),
    [
        # Percentage points of the chi-squared law, Abramowitz & Stegun (1964), table 26.8.
        (1, 0.05, True, 3.84146),
        (2, 0.05, True, 5.99146),
        (10, 0.05, True, 18.3070),
        (10, 0.05, False, 3.94030),
        (30, 0.01, True, 50.8922),
        (100, 0.005, True, 140.169),
        (1, 0.005, False, 3.92704e-5),
    ],
)
def test_printed_chi_squared_points(degrees, tail, upper, chi_squared):
    a = 0.5 * degrees
    assert degrees * gamma_quantile(a, gamma_constant(a), tail, upper) == pytest.approx(chi_squared, rel=4e-6)


@pytest.mark.parametrize("a", [0.02, 0.05, 0.25, 0.4, 1.0, 3.0, 16.0, 400.0, 2500.0])
@pytest.mark.parametrize("tail", [1e-300, 1e-15, 3e-7, 0.01, 0.2, 0.5])
@pytest.mark.parametrize("upper", [False, True])
def test_quantiles_invert_mpmath_tails(a, tail, upper):
    r = gamma_quantile(a, gamma_constant(a), tail, upper)
    with mpmath.workdps(60):
        if r < 1e-290:  # P(r) = (a r)^a / Gamma(a + 1) to first order: the true quantile is as small
            log_r = (mpmath.log(tail if not upper else 1 - mpmath.mpf(tail)) + mpmath.loggamma(a + mpmath.mpf(1))) / a
            assert log_r - mpmath.log(a) < math.log(1e-289)
            return
        x = mpmath.mpf(a) * mpmath.mpf(r)
        reached = mpmath.gammainc(a, *((x,) if upper else (0, x)), regularized=True)
        slope = mpmath.exp(a * mpmath.log(x) - x - mpmath.loggamma(a))  # x times the density
        assert abs((reached - mpmath.mpf(tail)) / slope) < 1e-11


def test_a_million_stops():
    # Wilson & Hilferty (1931) is exact to about 1/a in the cube root's third moment: at a = 1e6 to 1e-9.
    a = 1e6
    normal = 1.959963984540054
    expected = (1.0 - 1.0 / (9.0 * a) + normal / (3.0 * math.sqrt(a))) ** 3
    assert gamma_quantile(a, gamma_constant(a), 0.025, upper=True) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("start", [-3e4, -50.0, 5.0, 11.9])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("a", [0.02, 1.0, 400.0])
def test_the_answer_does_not_hang_on_the_first_guess(a, upper, start):
    def _gamma_start(a, constant, tail, upper, guess=start):
        return guess

    from_there = compile_functions((_gamma_start, gamma_quantile), lambda function: function)["gamma_quantile"]
    expected = gamma_quantile(a, gamma_constant(a), 1e-3, upper)
    assert from_there(a, gamma_constant(a), 1e-3, upper) == pytest.approx(expected, rel=1e-11)
