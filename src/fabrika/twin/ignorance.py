"""How much of a year's spread is luck, how much is ignorance, and which unknown is behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fabrika.plant.model import Belief
from fabrika.plant.slots import Parameter
from fabrika.stats.influence import delta_shares, regression_shares
from fabrika.twin.proof_result import NOT_REACHED, GradientRow, Unknown, Variance
from fabrika.twin.results import Replication
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z_95 = 1.959963984540054
ROWS_PER_INPUT, ROWS_MORE = 3, 10
"""A regression on k beliefs is believed from 3 k + 10 replications on."""


def factor_sd(belief: Belief) -> float:
    """Standard deviation of a belief's factor (of its logarithm, to first order), see :mod:`fabrika.stats.beliefs`."""
    if belief.kind == "relative":
        return (belief.low + belief.high) / 2 / Z_95
    if belief.kind == "between":
        low, high = math.log(belief.low), math.log(belief.high)
        return math.sqrt((low * low + high * high) / 2) / Z_95
    return 1 / math.sqrt(belief.events + 0.5)


def variance(luck: NDArray[Any], belief: NDArray[Any]) -> Variance:
    """Law of total variance from pairs of years with the same luck, once as stated and once with beliefs drawn.

    The difference of a pair holds the beliefs' effect and none of the luck, as far as the two add up: its variance is the
    ignorance, the variance of the years as stated is the luck.

    Args:
        luck, belief: units of the same replications, shape (n,), n >= 2.
    """
    chance = float(luck.var(ddof=1))
    doubt = float((belief - luck).var(ddof=1))
    total = chance + doubt
    share = chance / total if total > 0 else 1.0
    return Variance(
        total_sd=math.sqrt(total),
        luck_sd=math.sqrt(chance),
        ignorance_sd=math.sqrt(doubt),
        luck_share=share,
        ignorance_share=1 - share,
        method=Worded("law of total variance over {pairs} pairs of years with the same luck", pairs=len(luck)),
    )


def unknowns(
    beliefs: Sequence[Belief],
    parameters: dict[str, Parameter],
    gradient: Sequence[GradientRow],
    runs: Sequence[Replication],
    shifts: NDArray[Any],
) -> tuple[Unknown, ...]:
    """The beliefs by their share of the ignorance, largest first.

    Shares are by gradient times standard deviation (GUM, JCGM 100:2008, eq. 10). With enough replications the same is
    asked of a regression of the units that drawing the beliefs moved (``shifts``) on the factors drawn; it then gives the
    shares, and also reaches beliefs for which the gradient has no row.

    Args:
        runs: replications with beliefs drawn; shifts: units moved against the same luck, shape (n,).
    """
    import numpy as np

    slope = {row.parameter: row.units_per_percent.mean * 100 for row in gradient if row.units_per_percent is not None}
    sds = np.array([factor_sd(belief) for belief in beliefs])
    effects = np.array([slope.get(belief.path, 0.0) for belief in beliefs])
    shares, method = delta_shares(effects, sds).shares, Worded("gradient")
    spreads = np.abs(effects) * sds
    if len(runs) >= ROWS_PER_INPUT * len(beliefs) + ROWS_MORE:
        factors = np.log(np.array([[run.factors.get(belief.path, 1.0) for belief in beliefs] for run in runs]))
        found = regression_shares(factors, shifts)
        if found.shares.sum() > 0:
            shares = found.shares / found.shares.sum()
            spreads = np.sqrt(found.shares) * float(np.std(shifts, ddof=1))
            method = Worded(
                "regression on {draws} draws (explains {share} %), beside the gradient",
                draws=len(runs),
                share=f"{100 * found.explained:.0f}",
            )
    rows = [
        Unknown(
            parameter=belief.path,
            value=parameters[belief.path].text if belief.path in parameters else "",
            belief=belief.text,
            relative_sd=float(sds[i]),
            sd_units=float(spreads[i]),
            share=float(shares[i]),
            method=method if method != "gradient" or belief.path in slope else NOT_REACHED,
        )
        for i, belief in enumerate(beliefs)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.share, row.parameter)))
