"""Quantiles of mean 1 against closed forms, mpmath and scipy; the same bits compiled and uncompiled."""

from __future__ import annotations

import math

import mpmath
import numba
import numpy as np
import pytest
from scipy import stats

from fabrika.stats.quantiles import SHAPES, compiled_quantiles, law, quantile, unit_quantile

CASES = [
    ("exponential", 0.0),
    ("gamma", 0.02),
    ("gamma", 0.3),
    ("gamma", 1.0),
    ("gamma", 2.0),
    ("gamma", 7.0),
    ("lognormal", 0.1),
    ("lognormal", 3.0),
    ("weibull", 0.3),
    ("weibull", 1.5),
    ("weibull", 5.0),
    ("erlang", 1.0),
    ("erlang", 4.0),
    ("erlang", 2500.0),
]


def _probabilities(count, seed):
    rng = np.random.default_rng(seed)
    tails = 10.0 ** rng.uniform(-15.0, math.log10(0.5), count)
    return np.concatenate([tails, 1.0 - tails, rng.uniform(size=count), [0.5, 1e-15, 1.0 - 1e-15]])


def _scipy_law(family, shape):
    if family == "exponential":
        return stats.expon()
    if family == "gamma":
        return stats.gamma(shape**-2, scale=shape**2)
    if family == "erlang":
        return stats.gamma(shape, scale=1.0 / shape)
    if family == "lognormal":
        sigma = math.sqrt(math.log1p(shape**2))
        return stats.lognorm(sigma, scale=math.exp(-0.5 * sigma**2))
    return stats.weibull_min(shape, scale=1.0 / math.gamma(1.0 + 1.0 / shape))


@pytest.mark.parametrize(("family", "shape"), CASES)
def test_scipy_as_second_opinion(family, shape):
    u = _probabilities(150, 3)
    other = _scipy_law(family, shape)
    expected = np.where(u < 0.5, other.ppf(u), other.isf(1.0 - u))
    ours = np.array([quantile(family, shape, p) for p in u.tolist()])
    normal = expected > 1e-290
    assert np.abs(ours[normal] / expected[normal] - 1.0).max() < 1e-11
    assert (ours[~normal] < 1e-289).all()


@pytest.mark.parametrize("u", [1e-15, 1e-4, 0.3, 0.5, 0.632, 0.999, 1.0 - 1e-15])
def test_closed_forms_at_fifty_digits(u):
    with mpmath.workdps(50):
        p = mpmath.mpf(u)
        hazard = -mpmath.log1p(-p)
        assert abs(quantile("exponential", 0.0, u) / hazard - 1) < 1e-15
        for k in (0.25, 0.5, 2.0, 30.0):
            weibull = hazard ** (1 / mpmath.mpf(k)) / mpmath.gamma(1 + 1 / mpmath.mpf(k))
            assert abs(quantile("weibull", k, u) / weibull - 1) < 1e-13
        z = mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)
        for cv in (0.05, 1.0, 10.0):
            variance = mpmath.log(1 + mpmath.mpf(cv) ** 2)
            lognormal = mpmath.exp(mpmath.sqrt(variance) * z - variance / 2)
            assert abs(quantile("lognormal", cv, u) / lognormal - 1) < 1e-13


def test_constant_is_one_everywhere():
    assert [quantile("constant", 0.0, u) for u in (1e-15, 0.5, 0.999)] == [1.0, 1.0, 1.0]


def test_families_meet_where_they_are_the_same_law():
    for u in (1e-9, 0.1, 0.5, 0.8, 1.0 - 1e-9):
        exponential = quantile("exponential", 0.0, u)
        assert quantile("gamma", 1.0, u) == pytest.approx(exponential, rel=1e-13)
        assert quantile("erlang", 1, u) == pytest.approx(exponential, rel=1e-13)
        assert quantile("weibull", 1.0, u) == pytest.approx(exponential, rel=1e-13)
        assert quantile("gamma", 0.5, u) == pytest.approx(quantile("erlang", 4, u), rel=1e-15)


@pytest.mark.parametrize(("family", "shape"), [*CASES, *((name, limits[0]) for name, limits in SHAPES.items())])
def test_compiled_gives_the_same_bits(family, shape, compiled):
    numbers = law(family, shape)
    for u in _probabilities(1000, 9).tolist():
        tail, upper = (u, False) if u < 0.5 else (1.0 - u, True)
        assert compiled["unit_quantile"](*numbers, tail, upper) == unit_quantile(*numbers, tail, upper)


@pytest.fixture(scope="module")
def compiled():
    return compiled_quantiles(numba.njit)


@pytest.mark.parametrize(("family", "shape"), CASES)
def test_quantiles_never_fall(family, shape):
    u = np.sort(_probabilities(300, 4))
    values = [quantile(family, shape, p) for p in u.tolist()]
    assert (np.diff(values) >= 0.0).all()


@pytest.mark.parametrize(
    ("family", "shape"),
    [
        ("cauchy", 1.0),
        ("gamma", 0.01),
        ("gamma", 7.2),
        ("gamma", math.nan),
        ("lognormal", 0.0),
        ("lognormal", 31.0),
        ("weibull", 0.05),
        ("weibull", math.inf),
        ("erlang", 0),
        ("erlang", 2.5),
        ("erlang", 2501),
    ],
)
def test_laws_that_are_none_are_refused(family, shape):
    with pytest.raises(ValueError, match=family):
        law(family, shape)


@pytest.mark.parametrize("u", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_probabilities_outside_are_refused(u):
    with pytest.raises(ValueError, match="u must be"):
        quantile("exponential", 0.0, u)
