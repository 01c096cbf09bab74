"""The noncentral t distribution against closed forms, printed tolerance factors, mpmath and scipy."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from fabrika.stats.noncentral import noncentral_t, noncentrality


@pytest.mark.parametrize("t", [-300.0, -3.0, -0.2, 0.0, 0.7, 1.4, 1.5, 12.706204736, 1e6])
def test_without_noncentrality_one_degree_is_cauchy(t):
    assert noncentral_t(t, 1, 0.0) == pytest.approx(0.5 + math.atan(t) / math.pi, abs=1e-11)


@pytest.mark.parametrize("delta", [-40.0, -2.0, 0.0, 0.3, 5.0, 40.0])
@pytest.mark.parametrize("degrees", [1, 7, 400])
def test_at_zero_only_the_sign_matters(delta, degrees):
    # P(T <= 0) = P(Z <= -delta)
    assert noncentral_t(0.0, degrees, delta) == pytest.approx(0.5 * math.erfc(delta / math.sqrt(2.0)), abs=1e-14)


@pytest.mark.parametrize(
    ("t", "degrees", "delta"),
    [(3.0, 1, 2.0), (0.1, 3, -1.0), (30.0, 5, 20.0), (-3.0, 4, 2.0), (7.0, 9, 5.0), (98.0, 5, 90.0), (14.2, 99, 13.0)],
)
def test_the_defining_integral(t, degrees, delta):
    with mpmath.workdps(30):
        half = mpmath.mpf(degrees) / 2
        constant = mpmath.log(2) + half * mpmath.log(half) - mpmath.loggamma(half)

        def integrand(s):
            return mpmath.exp(constant - half * s * s) * s ** (degrees - 1) * mpmath.ncdf(t * s - delta)

        expected = mpmath.quad(integrand, [0, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10])
    assert noncentral_t(t, degrees, delta) == pytest.approx(float(expected), abs=1e-11)


def test_scipy_as_second_opinion():
    rng = np.random.default_rng(17)
    compared = 0
    for _ in range(300):
        degrees, delta = int(np.exp(rng.uniform(0.0, 9.0))), rng.uniform(-8.0, 8.0)
        t = delta + 2.0 * rng.normal() * (1.0 + abs(delta) / math.sqrt(degrees))
        other = stats.nct.cdf(t, degrees, delta)
        if np.isfinite(other):  # scipy answers NaN far out
            compared += 1
            assert noncentral_t(t, degrees, delta) == pytest.approx(other, abs=1e-10)
    assert compared > 250


def test_far_out_it_is_nought_or_one():
    assert noncentral_t(-98.0, 5, 7.8) == pytest.approx(0.0, abs=1e-11)
    assert noncentral_t(10.0, 3, -40.0) == pytest.approx(1.0, abs=1e-11)
    assert noncentral_t(-10.0, 3, 40.0) == pytest.approx(0.0, abs=1e-11)


@pytest.mark.parametrize(
    ("n", "chance", "factor"), [(5, 0.90, 3.407), (10, 0.95, 2.911), (20, 0.90, 1.926), (30, 0.99, 3.064)]
)
def test_printed_tolerance_factors(n, chance, factor):
    # Natrella (1963), NBS Handbook 91, table A-7, 95 % confidence: P(T <= k sqrt n | z sqrt n) = 0.95.
    delta = stats.norm.ppf(chance) * math.sqrt(n)
    assert noncentrality(factor * math.sqrt(n), n - 1, 0.95) == pytest.approx(delta, abs=6e-4 * math.sqrt(n))


@pytest.mark.parametrize("t", [-200.0, -2.0, 0.0, 0.4, 9.0, 200.0])
@pytest.mark.parametrize("degrees", [1, 4, 60])
@pytest.mark.parametrize("probability", [1e-8, 0.025, 0.5, 0.975])
def test_noncentrality_inverts(t, degrees, probability):
    delta = noncentrality(t, degrees, probability)
    assert noncentral_t(t, degrees, delta) == pytest.approx(probability, abs=1e-11)


@pytest.mark.parametrize(
    "call",
    [
        lambda: noncentral_t(1.0, 0, 0.0),
        lambda: noncentral_t(math.nan, 3, 0.0),
        lambda: noncentral_t(1.0, 3, math.inf),
        lambda: noncentrality(1.0, 3, 0.0),
        lambda: noncentrality(1.0, 3, 1.0),
        lambda: noncentrality(math.inf, 3, 0.5),
        lambda: noncentrality(1.0, 0, 0.5),
    ],
)
def test_what_is_no_law_is_refused(call):
    with pytest.raises(ValueError, match=r"need|must"):
        call()
