"""Logarithm, exponential and log-gamma from ``+ - * /`` alone: the same bits on every processor, compiled or not.

The C library's functions differ in the last bit between platforms; a result that is hashed must not. IEEE 754 fixes the
four operations, the square root, and scaling by powers of two (``frexp``, ``ldexp``); everything here is made of them.
Compile with :func:`fabrika.stats.compiling.compile_functions`, never with fast-math or contraction.
"""

from __future__ import annotations

import math

# ln 2 in two parts; the first has 20 trailing zero bits, so that its product with an exponent is exact.
_LN2_HIGH = 0.6931471803691238
_LN2_LOW = 1.9082149292705877e-10
_INVERSE_LN2 = 1.4426950408889634
_SQRT_HALF = 0.7071067811865476
_HALF_LOG_2PI = 0.9189385332046728
_STIRLING_FROM = 16.0


def log(x: float) -> float:
    """Natural logarithm of ``x`` >= 0, within 1 ulp; ``-inf`` for 0, ``nan`` below.

    ``x = 2^k (1 + f)``, ``s = f / (2 + f)``, ``ln(1 + f) = 2 artanh(s)`` by its power series (Abramowitz & Stegun 1964,
    eq. 4.1.27), arranged around ``f - f^2/2`` so that rounding falls on small terms.
    """
    if x <= 0.0:
        return -math.inf if x == 0.0 else math.nan
    if x == math.inf:
        return x
    mantissa, exponent = math.frexp(x)
    if mantissa < _SQRT_HALF:
        mantissa *= 2.0
        exponent -= 1
    f = mantissa - 1.0
    s = f / (2.0 + f)
    z = s * s
    series = 2.0 / 21.0 + z * (2.0 / 23.0)
    series = 2.0 / 17.0 + z * (2.0 / 19.0 + z * series)
    series = 2.0 / 13.0 + z * (2.0 / 15.0 + z * series)
    series = 2.0 / 9.0 + z * (2.0 / 11.0 + z * series)
    series = 2.0 / 5.0 + z * (2.0 / 7.0 + z * series)
    series = z * (2.0 / 3.0 + z * series)
    half_square = 0.5 * f * f
    small = s * (half_square + series)
    if exponent == 0:
        return f - (half_square - small)
    k = float(exponent)
    return k * _LN2_HIGH - ((half_square - (small + k * _LN2_LOW)) - f)


def log1p(x: float) -> float:
    """``ln(1 + x)`` for ``x`` > -1, within a few ulp also where ``1 + x`` rounds (Goldberg 1991, theorem 4)."""
    w = 1.0 + x
    if w == 1.0:
        return x
    if w == math.inf:
        return w
    return log(w) * (x / (w - 1.0))


def exp(x: float) -> float:
    """``e^x`` within 1 ulp where the result is a normal number; ``inf`` above 709.78, 0 below -745.13.

    ``x = k ln 2 + r`` with ``|r| <= 0.347``, then the power series in ``r`` (Abramowitz & Stegun 1964, eq. 4.2.1).
    """
    if math.isnan(x):
        return x
    if x > 709.782712893384:
        return math.inf
    if x < -745.2:
        return 0.0
    k = math.floor(x * _INVERSE_LN2 + 0.5)
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    tail = (high - r) - low
    p = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0 + r * (1.0 / 87178291200.0))
    p = 1.0 / 3628800.0 + r * (1.0 / 39916800.0 + r * p)
    p = 1.0 / 40320.0 + r * (1.0 / 362880.0 + r * p)
    p = 1.0 / 720.0 + r * (1.0 / 5040.0 + r * p)
    p = 1.0 / 24.0 + r * (1.0 / 120.0 + r * p)
    p = 0.5 + r * (1.0 / 6.0 + r * p)
    return math.ldexp(1.0 + (r + (r * r * p + tail)), int(k))


def power(x: float, y: float) -> float:
    """``x^y`` for ``x`` > 0 as ``exp(y ln x)``; relative error about ``|y ln x|`` times 2e-16."""
    return exp(y * log(x))


def stirling_error(a: float) -> float:
    """``ln Gamma(a + 1) - (a + 1/2) ln a + a - ln(2 pi)/2`` for ``a`` > 0, within 2e-14 absolutely.

    Stirling's series from 16 upwards (Abramowitz & Stegun 1964, eq. 6.1.41); below, the recurrence
    ``Gamma(a + 1) = a Gamma(a)`` (eq. 6.1.15) lifts the argument.
    """
    lifted = a
    product = 1.0
    while lifted < _STIRLING_FROM:
        lifted += 1.0
        product *= lifted
    z = 1.0 / (lifted * lifted)
    series = 1.0 / 1260.0 - z * (1.0 / 1680.0 - z * (1.0 / 1188.0 - z * (691.0 / 360360.0 - z / 156.0)))
    series = (1.0 / 12.0 - z * (1.0 / 360.0 - z * series)) / lifted
    if lifted == a:
        return series
    log_gamma_lifted = (lifted + 0.5) * log(lifted) - lifted + series
    return log_gamma_lifted - log(product) - (a + 0.5) * log(a) + a


def log_gamma(x: float) -> float:
    """``ln Gamma(x)`` for ``x`` > 0, within 2e-14 absolutely or 4 ulp, whichever is more, by :func:`stirling_error`."""
    return (x - 0.5) * log(x) - x + _HALF_LOG_2PI + stirling_error(x)


FUNCTIONS = (log, log1p, exp, power, stirling_error, log_gamma)
"""Callees before callers, for :func:`fabrika.stats.compiling.compile_functions`."""
