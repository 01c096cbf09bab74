"""The chance that a margin is at least zero, from few replications or many, alone or paired with a changed plant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fabrika.stats.intervals import clopper_pearson, exceedance, mean_interval, wilson
from fabrika.twin.proof_result import Estimate
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENOUGH_TO_COUNT = 200
"""Replications from which the share of years met is simply counted (Wilson 1927)."""

DISTRUST = 0.99
"""A fitted chance outside this exact interval of the counted share is not used (Clopper & Pearson 1934)."""

FITTED = Worded("normal law fitted to the margin over the contract (noncentral t interval)")
COUNTED = Worded("share of years met, counted (Wilson interval)")
EXACT = Worded("share of years met, counted (Clopper-Pearson interval), because the margin is no normal law")


def chance(margins: NDArray[Any], level: float) -> tuple[Estimate, str]:
    """Chance that the margin is at least 0, and how it was made.

    Args:
        margins: shape (n,), n >= 1, independent years.
        level: of the two-sided interval, in (0, 1).
    """
    n, met = len(margins), int((margins >= 0).sum())
    if n >= ENOUGH_TO_COUNT:
        return _estimate(wilson(met, n, level)), COUNTED
    if _fits(margins):
        return _estimate(exceedance(margins, 0.0, level)), FITTED
    return _estimate(clopper_pearson(met, n, level)), EXACT


def likely(margins: NDArray[Any]) -> float:
    """The estimate of :func:`chance` without its interval, which takes much longer."""
    if len(margins) < ENOUGH_TO_COUNT and _fits(margins):
        return _fitted(margins)
    return float((margins >= 0).mean())


def _fits(margins: NDArray[Any]) -> bool:
    """Whether the fitted chance agrees with the years counted."""
    if len(margins) < 2:
        return False
    trusted = clopper_pearson(int((margins >= 0).sum()), len(margins), DISTRUST)
    return trusted.low <= _fitted(margins) <= trusted.high


def _fitted(margins: NDArray[Any]) -> float:
    from scipy.special import ndtr

    mean, spread = float(margins.mean()), float(margins.std(ddof=1))
    if spread <= 1e-14 * abs(mean):
        return 1.0 if mean >= 0 else 0.0
    return float(ndtr(mean / spread))


def completed(base: NDArray[Any], after: dict[int, float]) -> NDArray[Any]:
    """Margins after a change, shape (n,): those simulated again, the others moved by the mean of the moves."""
    moved: NDArray[Any] = base + sum(value - float(base[i]) for i, value in after.items()) / len(after)
    for i, value in after.items():
        moved[i] = value
    return moved


def paired_chance(base: NDArray[Any], after: dict[int, float], level: float) -> Estimate:
    """Chance after a change, simulated on the luck of some of the base's replications.

    Replications that were not simulated again are taken to move by the mean of those that were; the interval joins the
    base sample's own and that of the mean shift (Student's t), as if they were independent.

    Args:
        base: margins of today's plant, shape (n,).
        after: margin after the change by the base's index, at least one.
        level: of the two-sided interval, in (0, 1).
    """
    import numpy as np

    shifts = np.array([value - base[i] for i, value in after.items()])
    whole = completed(base, after)
    found, _ = chance(whole, level)
    if len(after) >= len(base):
        return found
    if len(shifts) > 1:
        moved = mean_interval(shifts, level)
        half = moved.half_width
    else:
        half = abs(float(shifts[0]))
    rest = np.array([i not in after for i in range(len(base))])
    low, _ = chance(whole - half * rest, level)
    high, _ = chance(whole + half * rest, level)
    return Estimate(
        found.mean,
        max(0.0, found.mean - math.hypot(found.mean - found.low, found.mean - low.mean)),
        min(1.0, found.mean + math.hypot(found.high - found.mean, high.mean - found.mean)),
    )


def _estimate(interval: Any) -> Estimate:
    return Estimate(interval.mean, min(interval.low, interval.mean), max(interval.high, interval.mean))
