"""Own elementary functions against mpmath at 100 digits and against closed forms."""

from __future__ import annotations

import math

import mpmath
import numba
import numpy as np
import pytest

from fabrika.stats import elementary
from fabrika.stats.compiling import compile_functions
from fabrika.stats.elementary import exp, log, log1p, log_gamma, power, stirling_error


def _worst_ulp(function, exact, arguments):
    with mpmath.workdps(100):
        worst = 0.0
        for x in arguments.tolist():
            truth = exact(mpmath.mpf(x))
            worst = max(worst, float(abs(mpmath.mpf(function(x)) - truth) / mpmath.mpf(math.ulp(float(truth)))))
    return worst


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def test_log_is_within_one_ulp(rng):
    assert _worst_ulp(log, mpmath.log, np.exp(rng.uniform(-700, 700, 1500))) < 1.0
    assert _worst_ulp(log, mpmath.log, rng.uniform(0.5, 2.0, 1500)) < 1.0
    assert (
        _worst_ulp(log, mpmath.log, np.array([5e-324, 1e-310, 2.2250738585072014e-308, 1.7976931348623157e308])) < 1.0
    )


def test_log_at_its_ends():
    assert log(1.0) == 0.0
    assert log(0.0) == -math.inf
    assert log(math.inf) == math.inf
    assert math.isnan(log(-1.0))


def test_log1p_is_within_three_ulp(rng):
    small = np.exp(rng.uniform(-40.0, -0.01, 1000))
    assert _worst_ulp(log1p, mpmath.log1p, np.concatenate([small, -small])) < 3.0
    assert log1p(1e-300) == 1e-300
    assert log1p(math.inf) == math.inf


def test_exp_is_within_one_ulp(rng):
    assert _worst_ulp(exp, mpmath.exp, rng.uniform(-708.0, 709.7, 1500)) < 1.0
    assert _worst_ulp(exp, mpmath.exp, rng.uniform(-1.0, 1.0, 1500)) < 1.0
    assert _worst_ulp(exp, mpmath.exp, np.array([-744.0, -730.5, 709.782712893384])) <= 1.0


def test_exp_at_its_ends():
    assert exp(0.0) == 1.0
    assert exp(709.79) == math.inf
    assert exp(-746.0) == 0.0
    assert math.isnan(exp(math.nan))


def test_power_error_grows_with_the_exponent_only():
    with mpmath.workdps(50):
        for x, y in ((2.0, 0.5), (1e-15, 3.7), (0.3, 50.0), (10.0, -7.25)):
            truth = mpmath.mpf(x) ** mpmath.mpf(y)
            assert abs(power(x, y) / truth - 1) < 4e-16 * (1.0 + abs(y * math.log(x)))


def test_log_gamma_of_whole_and_half_numbers():
    # Gamma(n) = (n - 1)!, Gamma(1/2) = sqrt(pi), Gamma(5/2) = 3 sqrt(pi)/4.
    for n in range(1, 30):
        assert log_gamma(float(n)) == pytest.approx(math.log(math.factorial(n - 1)), rel=1e-15, abs=2e-14)
    assert log_gamma(0.5) == pytest.approx(0.5 * math.log(math.pi), abs=2e-14)
    assert log_gamma(2.5) == pytest.approx(math.log(0.75 * math.sqrt(math.pi)), abs=2e-14)


def test_log_gamma_against_mpmath(rng):
    for x in rng.uniform(0.02, 20.0, 500).tolist():
        assert log_gamma(x) == pytest.approx(float(mpmath.loggamma(x)), abs=2e-14)
    for x in np.exp(rng.uniform(3.0, 15.0, 500)).tolist():
        assert log_gamma(x) == pytest.approx(float(mpmath.loggamma(x)), rel=1e-15)


@pytest.mark.parametrize("a", [0.02, 0.7, 3.0, 15.999, 16.0, 40.0, 2500.0])
def test_stirling_error_is_what_the_formula_leaves(a):
    with mpmath.workdps(50):
        left = (
            mpmath.loggamma(a + mpmath.mpf(1))
            - (a + mpmath.mpf("0.5")) * mpmath.log(a)
            + a
            - mpmath.log(2 * mpmath.pi) / 2
        )
    assert stirling_error(a) == pytest.approx(float(left), abs=2e-14)


def test_compiled_gives_the_same_bits(rng):
    compiled = compile_functions(elementary.FUNCTIONS, numba.njit)
    positive = np.exp(rng.uniform(-600.0, 600.0, 3000)).tolist()
    moderate = rng.uniform(-746.0, 710.0, 3000).tolist()
    assert all(compiled["log"](x) == log(x) for x in positive)
    assert all(compiled["exp"](x) == exp(x) for x in moderate)
    assert all(compiled["log1p"](x) == log1p(x) for x in (np.array(moderate) / 800.0).tolist())
    assert all(compiled["log_gamma"](x) == log_gamma(x) for x in rng.uniform(0.01, 100.0, 1000).tolist())
