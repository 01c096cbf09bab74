"""What every value does to a few weeks of the year, where the budget does not hold whole years for each of them.

The same weeks are run again with a parameter one step away and all random numbers the same (Law 2015, *Simulation Modeling and
Analysis*, section 11.2). The weeks are batches (section 9.5.3), whose differences give the interval, and stand for the year at the
ratio of their outputs. What happens less than a few times in such weeks is not told by them and is left to whole years.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fabrika.twin import sensitivity
from fabrika.twin.execution import Run
from fabrika.twin.path import OWN_RUNS
from fabrika.twin.proof_result import GradientRow
from fabrika.twin.results import Layout, Period, Replication
from fabrika.twin.study import student
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fabrika.plant.slots import Parameter
    from fabrika.twin.evidence import Evidence

WEEKS, DAYS_A_WEEK = 4, 7
DAY_US = 86_400 * 10**6
LONGEST_SHARE = 0.25
"""A year of which the weeks are more than this share is run whole."""
MOST_RUNS = 2
OFTEN = 8
"""Strikes of a stop within the weeks from which on they tell what it does."""


def weeks_of(year: Period) -> Period | None:
    """Some weeks from the middle of a year, with its warm-up; None if the year is hardly longer."""
    length_us = WEEKS * DAYS_A_WEEK * DAY_US
    whole_us = year.end_us - year.start_us
    if length_us > LONGEST_SHARE * whole_us:
        return None
    start_us = year.start_us + (whole_us // 2 // DAY_US) * DAY_US
    return Period(start_us, start_us + length_us, year.warm_up_us, year.year_start_us, year.steady)


def weekly(runs: Sequence[Replication]) -> NDArray[np.float64]:
    """Good pieces of every week of some runs, shape (weeks,); the day of a clock change counts to its week."""
    found = []
    for run in runs:
        days = run.good_by_day.sum(axis=0)[: WEEKS * DAYS_A_WEEK]
        found.append(np.add.reduceat(days, np.arange(0, len(days), DAYS_A_WEEK)))
    return np.concatenate(found).astype(float)


def told_by_weeks(path: str, names: Layout, runs: Sequence[Replication]) -> bool:
    """Whether what a parameter stands for happens often enough within the weeks."""
    if path.startswith(OWN_RUNS) or path.endswith(".lots.rejected"):
        return False
    for i, mode in enumerate(names.modes):
        if path.startswith(f"{mode}."):
            return sum(int(run.stops[i]) for run in runs) >= OFTEN
    return True


def screen(evidence: Evidence, known: dict[str, Parameter], reached: set[str], share: float) -> list[GradientRow]:
    """Rows of the parameters that no path derivative reached, until ``share`` of the budget is spent.

    Only where the rest of the gradient's time does not hold whole years for them.
    """
    plant = evidence.question.plant
    span = weeks_of(evidence.question.first)
    wanted = [path for path in known if path not in reached and sensitivity.can_move_output(known[path])]
    if span is None or not wanted:
        return []
    numbers = list(range(MOST_RUNS))
    clock = evidence.shell.clock
    begin = clock()
    before = evidence.run([_task(evidence, span, number) for number in numbers], "screening")
    run_s = (clock() - begin) / len(numbers)
    told = [path for path in wanted if told_by_weeks(path, evidence.layout, before)]
    steps = [step for path in told if (step := sensitivity.step(plant, known[path])) is not None]
    each = max(1, min(MOST_RUNS, int(evidence.left_s(share) / max(run_s * len(steps), 1e-9))))
    together = max(1, 4 * evidence.shell.executor.workers // each)
    weeks_made = weekly(before[:each]).mean()
    if weeks_made <= 0:
        return []
    year = float(evidence.units(evidence.of("first_year", "luck")).mean())
    rows: list[GradientRow] = []
    while steps and evidence.left_s(share) > run_s * each:
        chunk, steps = steps[:together], steps[together:]
        tasks = [_task(evidence, span, number, step) for step in chunk for number in numbers[:each]]
        after = evidence.run(tasks, Worded("screening"))
        for k, step in enumerate(chunk):
            moved = weekly(after[k * each : (k + 1) * each]) - weekly(before[:each])
            effect = student(moved * (year / weeks_made), evidence.question.level)
            rows.append(sensitivity.row_of(step, effect, "weeks"))
    return rows


def _task(evidence: Evidence, span: Period, number: int, step: sensitivity.Stepped | None = None) -> Run:
    plant = step.plant if step is not None else evidence.question.plant
    return Run(plant, span, evidence.question.seed, number)
