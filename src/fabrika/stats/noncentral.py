"""The noncentral t distribution and its inverse for the noncentrality, safe far out in both tails."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NODES = 240
_REACH = 9.0
"""The normal law beyond nine standard deviations holds 2e-19."""


@lru_cache(maxsize=1)
def _legendre() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def noncentral_t(t: float, degrees: int, delta: float) -> float:
    """``P(T <= t)`` where ``T = (Z + delta)/S``, absolute error below 1e-11.

    ``Z`` is standard normal and ``degrees S^2`` chi-squared with ``degrees`` degrees of freedom. Either
    ``E[Phi(t S - delta)]`` (Owen 1968) or, where ``t`` is so large that this is nearly a step,
    ``E[P(S >= (Z + delta)/t)]``, by Gauss-Legendre quadrature with 240 points; negative ``t`` by mirroring.

    Args:
        t, delta: finite.
        degrees: of freedom, >= 1.

    Raises:
        ValueError: for figures outside these ranges.
    """
    import numpy as np
    from scipy.special import chdtrc, chdtri, ndtr

    if degrees < 1 or not (math.isfinite(t) and math.isfinite(delta)):
        raise ValueError(f"need degrees >= 1 and finite figures, got t={t!r}, degrees={degrees!r}, delta={delta!r}")
    if t < 0.0:
        return 1.0 - noncentral_t(-t, degrees, -delta)
    nodes, weights = _legendre()
    if t * t <= 2.0 * degrees:
        # The density of S up to its constant, over all but 1e-16 of it.
        least, greatest = (math.sqrt(float(chdtri(degrees, tail)) / degrees) for tail in (1.0 - 1e-16, 1e-18))
        s = 0.5 * (least + greatest) + 0.5 * (greatest - least) * nodes
        density = weights * np.exp(degrees * (np.log(s) - 0.5 * (s * s - 1.0))) / s
        return float(density @ ndtr(t * s - delta)) / float(density.sum())
    start = max(-delta, -_REACH)
    below = float(ndtr(-delta))
    if start >= _REACH:
        return below
    z = 0.5 * (start + _REACH) + 0.5 * (_REACH - start) * nodes
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    above = chdtrc(degrees, degrees * ((z + delta) / t) ** 2)
    return below + float(weights @ (density * above)) * 0.5 * (_REACH - start)


def noncentrality(t: float, degrees: int, probability: float) -> float:
    """The ``delta`` with ``P(T <= t) = probability``: the confidence bound of a standardised distance from ``t``.

    The probability falls as ``delta`` grows; Johnson & Welch's normal approximation (1940) starts the bracket that
    Brent's method closes.

    Args:
        t, degrees: as in :func:`noncentral_t`.
        probability: in (0, 1), not nearer to 0 or 1 than 1e-8.

    Raises:
        ValueError: for figures outside these ranges.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    if not 1e-8 <= probability <= 1.0 - 1e-8:
        raise ValueError(f"probability must be within 1e-8 and 1 - 1e-8, not {probability!r}")
    if not math.isfinite(t) or degrees < 1:
        raise ValueError(f"need degrees >= 1 and a finite t, got t={t!r}, degrees={degrees!r}")
    spread = math.sqrt(1.0 + t * t / (2.0 * degrees))
    middle = t - float(ndtri(probability)) * spread
    low, high, width = middle - spread, middle + spread, spread
    while noncentral_t(t, degrees, low) < probability:
        low -= width
        width *= 2.0
    while noncentral_t(t, degrees, high) > probability:
        high += width
        width *= 2.0
    return float(brentq(lambda delta: noncentral_t(t, degrees, delta) - probability, low, high, xtol=1e-12, rtol=1e-14))
