"""Quantiles of positive laws with mean 1: bit-identical on every processor, compiled or not.

A law is named by a family and a shape as in a plant file. :func:`law` turns them into three numbers that compiled code
takes as arguments; :func:`unit_quantile` is the scalar function of those numbers; :func:`quantile` is both in one call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from fabrika.stats import elementary, gamma
from fabrika.stats.compiling import compile_functions
from fabrika.stats.elementary import exp, log, log1p, log_gamma
from fabrika.stats.gamma import gamma_constant, gamma_quantile
from fabrika.stats.normal import normal_quantile

_CONSTANT, _EXPONENTIAL, _GAMMA, _LOGNORMAL, _WEIBULL = 0, 1, 2, 3, 4

SHAPES: dict[str, tuple[float, float]] = {
    "gamma": (0.02, 7.05),
    "lognormal": (1e-6, 30.0),
    "weibull": (0.1, 1000.0),
    "erlang": (1.0, 2500.0),
}
"""Least and greatest shape by family: cv, cv, shape, whole stages. ``constant`` and ``exponential`` have none.

Wilder laws carry part of their mean beyond a probability of 2^-53, where no uniform number of a computer reaches.
"""


class Law(NamedTuple):
    """A law of mean 1 as the numbers that :func:`unit_quantile` takes.

    Attributes:
        code: which formula.
        first, second: its parameters: shape and :func:`~fabrika.stats.gamma.gamma_constant`; mean and standard
            deviation of the logarithm; inverse shape and ``ln Gamma(1 + 1/shape)``.
    """

    code: int
    first: float
    second: float


def law(family: str, shape: float = 0.0) -> Law:
    """Return the law of mean 1 of that family.

    Gamma with coefficient of variation ``c`` has shape ``1/c^2``; the logarithm of a lognormal has variance
    ``ln(1 + c^2)`` (Johnson, Kotz & Balakrishnan 1994, chapters 17 and 14); a Weibull has mean
    ``scale Gamma(1 + 1/shape)`` (chapter 21).

    Args:
        family: constant, exponential, gamma, lognormal, weibull or erlang.
        shape: cv of gamma and lognormal, shape of weibull, stages of erlang; unused otherwise. Limits: :data:`SHAPES`.

    Raises:
        ValueError: for an unknown family or a shape outside its limits.
    """
    if family == "constant":
        return Law(_CONSTANT, 0.0, 0.0)
    if family == "exponential":
        return Law(_EXPONENTIAL, 0.0, 0.0)
    if family not in SHAPES:
        raise ValueError(f"unknown family {family!r}; known: constant, exponential, {', '.join(SHAPES)}")
    least, greatest = SHAPES[family]
    if not least <= shape <= greatest:
        raise ValueError(f"shape of {family} must be within {least:g} and {greatest:g}, not {shape!r}")
    if family == "erlang" and shape != int(shape):
        raise ValueError(f"stages of erlang must be a whole number, not {shape!r}")
    if family == "lognormal":
        variance = log1p(shape * shape)
        return Law(_LOGNORMAL, -0.5 * variance, math.sqrt(variance))
    if family == "weibull":
        return Law(_WEIBULL, 1.0 / shape, log_gamma(1.0 + 1.0 / shape))
    a = float(shape) if family == "erlang" else 1.0 / (shape * shape)
    return Law(_GAMMA, a, gamma_constant(a))


def unit_quantile(code: int, first: float, second: float, tail: float, upper: bool) -> float:
    """Quantile of a :class:`Law` from a tail probability.

    Args:
        code, first, second: the law.
        tail: probability of the tail, above 0, at most 1/2.
        upper: ``tail`` is the probability above the quantile, else below it.
    """
    if code == 0:
        return 1.0
    if code == 2:
        return gamma_quantile(first, second, tail, upper)
    if code == 3:
        return exp(first + second * normal_quantile(tail, upper))
    hazard = -log(tail) if upper else -log1p(-tail)
    if code == 1:
        return hazard
    return exp(first * log(hazard) - second)


def quantile(family: str, shape: float, u: float) -> float:
    """Quantile at ``u`` of the law of mean 1, relative error below 1e-11 for ``u`` within 1e-15 and 1 - 1e-15.

    Args:
        family, shape: as in :func:`law`.
        u: probability below the quantile, 0 < u < 1; ``1 - u`` is formed exactly from 1/2 upwards (Sterbenz 1974).

    Raises:
        ValueError: as :func:`law`, and for ``u`` outside (0, 1).
    """
    if not 0.0 < u < 1.0:
        raise ValueError(f"u must be above 0 and below 1, not {u!r}")
    code, first, second = law(family, shape)
    if u < 0.5:
        return unit_quantile(code, first, second, u, False)
    return unit_quantile(code, first, second, 1.0 - u, True)


FUNCTIONS = (*elementary.FUNCTIONS, normal_quantile, *gamma.FUNCTIONS, unit_quantile)
"""Callees before callers."""


def compiled_quantiles(jit: Callable[[Any], Any]) -> dict[str, Any]:
    """Return every scalar function of this family by name, compiled; ``jit`` is such as ``numba.njit``."""
    return compile_functions(FUNCTIONS, jit)
