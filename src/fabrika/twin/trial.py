"""A change tried: the same years simulated twice on the same luck, without the change and with it, and their difference.

Both plants draw the same random numbers (streams are keyed by ids), so that the difference of each year is the change's
own; far fewer years tell it apart from luck than two separate runs would need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fabrika.plant.model import Plant
from fabrika.twin import contract, period
from fabrika.twin.contract import Promise
from fabrika.twin.execution import Executor, Run
from fabrika.twin.proof_result import Estimate
from fabrika.twin.results import Period, Replication
from fabrika.twin.study import LEVEL, student


@dataclass(frozen=True, slots=True)
class TriedYear:
    """One year without the change and with it.

    Attributes:
        before, after: good units on the contract's basis.
        met_before, met_after: whether the contract was met; None without one.
    """

    before: float
    after: float
    met_before: bool | None
    met_after: bool | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change does to the contract's first year, beliefs drawn.

    Attributes:
        changes: as ``path = text``.
        seed: of all random streams; year i draws the numbers of replication i.
        wanted: years that were asked for; ``years`` are those that are done.
        before, after, gained: good units a year, means with Student's intervals; of one year only its value, three times.
        interval_level: level of the intervals.
    """

    changes: tuple[str, ...]
    seed: int
    wanted: int
    years: tuple[TriedYear, ...]
    before: Estimate
    after: Estimate
    gained: Estimate
    interval_level: float

    @property
    def complete(self) -> bool:
        """Whether all years that were asked for are done."""
        return len(self.years) >= self.wanted


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two plants with the bars of its contract."""

    plant: Plant
    span: Period
    bars: Promise | None

    @classmethod
    def of(cls, plant: Plant) -> _Side:
        from fabrika.twin.replicate import layout

        span = period.year(plant)
        return cls(plant, span, contract.promise(plant, layout(plant), period.contractual_ns(plant, span)))

    def task(self, seed: int, number: int) -> Run:
        """The task of one year."""
        return Run(self.plant, self.span, seed, number, draw_beliefs=bool(self.plant.beliefs))

    def told(self, run: Replication) -> tuple[float, bool | None]:
        """Units of a year, and whether they met the contract."""
        met = None if self.bars is None else contract.margin(self.bars, run, "contractual") >= 0
        return contract.units(self.bars, run, "contractual"), met


def attempt(
    plant: Plant, changed: Plant, *, seed: int, years: int, executor: Executor, found: Callable[[Trial], None]
) -> Trial:
    """Try a change.

    Args:
        plant, changed: without the change and with it.
        seed: of all random streams.
        years: how many years of each, >= 1.
        executor: does the years.
        found: told what is known after each year.
    """
    sides = _Side.of(plant), _Side.of(changed)
    tasks = [side.task(seed, number) for number in range(years) for side in sides]
    told: list[tuple[float, bool | None]] = []
    trial: Trial | None = None
    for place, run in enumerate(executor.run(tasks)):
        told.append(sides[place % 2].told(run))
        if place % 2:
            trial = _summed(changed.changes, seed, years, told)
            found(trial)
    assert trial is not None, "at least one year is tried"
    return trial


def _summed(changes: tuple[str, ...], seed: int, wanted: int, told: list[tuple[float, bool | None]]) -> Trial:
    pairs = zip(told[::2], told[1::2], strict=True)
    rows = tuple(TriedYear(before, after, met, met_after) for (before, met), (after, met_after) in pairs)
    return Trial(
        changes=changes,
        seed=seed,
        wanted=wanted,
        years=rows,
        before=student([row.before for row in rows], LEVEL),
        after=student([row.after for row in rows], LEVEL),
        gained=student([row.after - row.before for row in rows], LEVEL),
        interval_level=LEVEL,
    )
