"""The acceptance run: how long it must be, and what must come out, so that it tells a good plant from one that falls short.

The output of a run of T working days is taken for normal with mean r T and variance V T (central limit theorem for output processes;
V by batch means, Law and Kelton, Simulation Modeling and Analysis, section 9.5.3). A run that passes a plant of rate r0 with
chance alpha, and a plant of rate r with chance 1 - beta, lasts T >= (z_alpha + z_beta)^2 V / (r - r0)^2 (the sample size of a test
of one mean with known variance, NIST/SEMATECH e-Handbook, section 7.2.2.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fabrika.twin import contract
from fabrika.twin.contract import Promise
from fabrika.twin.proof_result import AcceptanceRow
from fabrika.twin.results import Layout, Replication

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHORT = (0.05, 0.10, 0.20)
"""Shares by which a plant that must not pass misses what is needed."""

WRONGLY_PASSED, WRONGLY_REFUSED = 0.05, 0.10
"""Chances that a plant which falls short passes, and that the plant as stated does not."""

BATCH_DAYS, LEAST_BATCHES = 20, 10
"""Working days in a batch: about a month, so that campaigns and weeks fall inside; and batches without which nothing is said."""


def rows(
    bars: Promise | None, layout: Layout, runs: Sequence[Replication], constraint: str
) -> tuple[AcceptanceRow, ...]:
    """The shortest acceptance runs, for each share by which a plant may fall short.

    Args:
        bars: what was promised; without it there is nothing to accept.
        layout: names of the rows of the replications.
        runs: steady years of the plant as stated.
        constraint: the station whose stops are counted, ``line.station``.

    Returns:
        a row for each share from which the plant as stated can be told apart; none if too little was simulated.
    """
    if bars is None or not runs:
        return ()
    days = [_working_days(bars, run) for run in runs]
    batches = _batches(days)
    if len(batches) < LEAST_BATCHES:
        return ()
    rate = float(sum(day.sum() for day in days)) / sum(len(day) for day in days)
    variance = BATCH_DAYS * float(batches.var(ddof=1))
    needed = bars.needed[0] / (sum(len(day) for day in days) / len(days))
    stops = _stops_a_day(layout, runs, constraint, sum(len(day) for day in days))
    found = []
    for short in SHORT:
        least = needed * (1 - short)
        if rate > least:
            found.append(_row(short, rate, least, variance, stops))
    return tuple(found)


def run_length(rate: float, least: float, variance: float, wrongly_passed: float, wrongly_refused: float) -> float:
    """The shortest run, in the unit of time of the rates, that tells two rates apart.

    Args:
        rate: units a time of the plant that must pass.
        least: units a time of the plant that must not, below ``rate``.
        variance: asymptotic variance of the output a time.
        wrongly_passed, wrongly_refused: the two risks, in (0, 0.5).
    """
    return (_z(wrongly_passed) + _z(wrongly_refused)) ** 2 * variance / (rate - least) ** 2


def _row(short: float, rate: float, least: float, variance: float, stops: float) -> AcceptanceRow:
    from scipy.special import ndtr, pdtrik

    days = max(1, math.ceil(run_length(rate, least, variance, WRONGLY_PASSED, WRONGLY_REFUSED) - 1e-9))
    spread = math.sqrt(days * variance)
    units = math.ceil(days * least + _z(WRONGLY_PASSED) * spread)
    # The smallest whole number that a Poisson law does not exceed with the chance asked for.
    allowed = math.ceil(float(pdtrik(1 - WRONGLY_REFUSED, days * stops)) - 1e-9) if stops > 0 else 0
    return AcceptanceRow(
        short=short,
        days=days,
        units=units,
        stated_passes=float(ndtr((days * rate - units) / spread)) if spread else 1.0,
        short_passes=float(ndtr((days * least - units) / spread)) if spread else 0.0,
        stops=allowed,
    )


def _working_days(bars: Promise, run: Replication) -> NDArray[Any]:
    """Good units of every day on which any came out, on the contract's basis."""
    daily: NDArray[Any] = run.good_by_day.sum(axis=0)
    working: NDArray[Any] = daily[daily > 0] * contract.credit(bars, run)
    return working


def _batches(days: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Means of batches of working days; no batch spans two years."""
    import numpy as np

    whole = [day[: len(day) // BATCH_DAYS * BATCH_DAYS].reshape(-1, BATCH_DAYS).mean(axis=1) for day in days]
    return np.concatenate(whole)


def _stops_a_day(layout: Layout, runs: Sequence[Replication], constraint: str, days: int) -> float:
    """Failures and planned stops of the constraint in a working day, mean."""
    if constraint not in layout.stations:
        return 0.0
    place = layout.stations.index(constraint)
    own = [i for i, station in enumerate(layout.mode_station) if station == place]
    return sum(float(run.stops[own].sum()) for run in runs) / days


def _z(tail: float) -> float:
    from scipy.special import ndtri

    return -float(ndtri(tail))
