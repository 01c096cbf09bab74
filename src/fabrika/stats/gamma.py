"""Tails and quantiles of the gamma law of mean 1, in plain arithmetic (see :mod:`fabrika.stats.elementary`).

A gamma variable of shape ``a`` divided by ``a`` has mean 1. Everything is written for ``s``, the logarithm of that
mean-1 variable: the logarithms of both tails are concave in ``s`` for every shape, so Newton's method cannot run away.
"""

from __future__ import annotations

import math

from fabrika.stats.elementary import exp, log, log1p, stirling_error
from fabrika.stats.normal import normal_quantile

_HALF_LOG_2PI = 0.9189385332046728
_NEGLIGIBLE = 1e-17
_SERIES_LIMIT = 1_000_000
_NEWTON_LIMIT = 200
# No quantile of a shape from 0.02 and a tail that is a float above 0 lies outside (its logarithm).
_LOWEST_S, _HIGHEST_S = -4e4, 12.0


def gamma_constant(a: float) -> float:
    """``a ln a - a - ln Gamma(a + 1)`` for a shape ``a`` > 0 (Stirling; Abramowitz & Stegun 1964, eq. 6.1.38)."""
    return -(0.5 * log(a) + _HALF_LOG_2PI + stirling_error(a))


def gamma_log_tail(a: float, constant: float, s: float, upper: bool) -> float:
    """Logarithm of a tail of the gamma law of shape ``a`` and mean 1 at ``e^s``.

    Below the mean the power series of the lower tail (Abramowitz & Stegun 1964, eq. 6.5.29), above it the continued
    fraction of the upper tail (eq. 6.5.31, even part) by Lentz's forward recurrence; the other tail is the complement.

    Args:
        a: shape, 0.02 to 1e6.
        constant: :func:`gamma_constant` of ``a``.
        s: logarithm of the variable.
        upper: the tail above ``e^s`` instead of the one below.
    """
    r = exp(s)
    x = a * r
    factor = a * (s - r + 1.0) + constant
    if x < a + 1.0:
        term = 1.0
        total = 1.0
        n = a
        for _ in range(_SERIES_LIMIT):
            n += 1.0
            term *= x / n
            total += term
            if term < total * _NEGLIGIBLE:
                break
        log_lower = factor + log(total)
        if not upper:
            return log_lower
        lower = exp(log_lower)
        return log1p(-lower) if lower < 1.0 else -1e300
    b = x + 1.0 - a
    c = 1e300
    d = 1.0 / b
    h = d
    i = 0.0
    for _ in range(_SERIES_LIMIT):
        i += 1.0
        an = i * (a - i)
        b += 2.0
        d = 1.0 / (an * d + b)
        c = b + an / c
        h *= c * d
        if abs(c * d - 1.0) < 3e-16:
            break
    log_upper = factor + log(a * h)
    return log_upper if upper else log1p(-exp(log_upper))


def _gamma_start(a: float, constant: float, tail: float, upper: bool) -> float:
    """First guess of the quantile's logarithm: Wilson & Hilferty (1931) in the middle, leading terms in the tails."""
    cube_root = 1.0 - 1.0 / (9.0 * a) + normal_quantile(tail, upper) / (3.0 * math.sqrt(a))
    if cube_root > 0.5 and a > 0.3:
        return 3.0 * log(cube_root)
    log_lower = log1p(-tail) if upper else log(tail)
    return min((log_lower - constant) / a - 1.0, 5.0 - log(a))


def gamma_quantile(a: float, constant: float, tail: float, upper: bool) -> float:
    """Quantile of the gamma law of shape ``a`` and mean 1, relative error below 1e-11.

    Solves ``ln T(e^s) = ln tail`` for ``s`` by Halley's method (Gander 1985) inside a shrinking bracket; 0 where the
    quantile is smaller than the smallest float.

    Args:
        a: shape, 0.02 to 1e6.
        constant: :func:`gamma_constant` of ``a``.
        tail: probability of the tail, above 0, at most 1/2.
        upper: ``tail`` is the probability above the quantile, else below it.
    """
    target = log(tail)
    low, high = _LOWEST_S, _HIGHEST_S
    s = _gamma_start(a, constant, tail, upper)
    for _ in range(_NEWTON_LIMIT):
        log_tail = gamma_log_tail(a, constant, s, upper)
        r = exp(s)
        excess = log_tail - target
        if (excess > 0.0) == upper:
            low = s
        else:
            high = s
        slope = a * exp(a * (s - r + 1.0) + constant - log_tail)
        if upper:
            slope = -slope
        newton = -excess / slope if slope != 0.0 else math.inf
        curvature = a * (1.0 - r) - slope
        step = newton / min(max(1.0 + 0.5 * newton * curvature, 0.5), 2.0)
        moved = s + step
        if not low <= moved <= high:
            s = 0.5 * (low + high)
            continue
        s = moved
        if abs(step) * (1.0 + abs(curvature)) < 1e-5:
            break
    return exp(s)


FUNCTIONS = (gamma_constant, gamma_log_tail, _gamma_start, gamma_quantile)
"""Callees before callers, for :func:`fabrika.stats.compiling.compile_functions`."""
