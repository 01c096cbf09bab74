"""The gradient of the year's units: derivatives along the sample path, and paired differences on common random numbers.

A path derivative follows one sample path of some weeks and gives ``d t / d p``, how much later the last good piece leaves
when the parameter grows (infinitesimal perturbation analysis: Ho & Cao 1991, *Perturbation Analysis of Discrete Event
Dynamic Systems*, chapter 3), and so the share of the path's time that hangs on it, ``(p / t) d t / d p``. The units of a year
fall by that share of one per cent when the parameter grows by one per cent.

A paired difference runs the same replications again with the parameter one step away; every stream of random numbers is
the same, so most of the luck cancels (Law 2015, section 11.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fabrika.errors import ChangeRefusedError
from fabrika.plant.model import Plant
from fabrika.plant.parameters import with_value
from fabrika.plant.slots import Parameter
from fabrika.stats.intervals import paired_difference
from fabrika.twin.proof_result import Estimate, GradientRow, Method
from fabrika.twin.study import student

if TYPE_CHECKING:
    from fabrika.twin.path import PathResult

RELATIVE_STEP = {"time": 0.02, "cycles": 0.05, "share": 0.1, "factor": 0.02}
"""Step of a paired difference by dimension, relative."""

COUNT_STEP = 0.1
"""Counts move by a tenth, at least by 1."""

PERCENT = 0.01


@dataclass(frozen=True, slots=True)
class Stepped:
    """A parameter one step away."""

    parameter: Parameter
    plant: Plant
    value: float
    text: str

    @property
    def per_percent(self) -> float | None:
        """What turns the effect of the step into that of 1 % more; None for counts and for a value of zero."""
        today = self.parameter.value
        if self.parameter.dimension == "count" or today == 0:
            return None
        return PERCENT * today / (self.value - today)


def step(plant: Plant, parameter: Parameter) -> Stepped | None:
    """The plant with one parameter a step larger, or smaller where it cannot be larger; None if it cannot be either."""
    today = parameter.value
    if parameter.dimension == "count":
        change = max(1.0, float(round(COUNT_STEP * today)))
    else:
        change = RELATIVE_STEP.get(parameter.dimension, 0.05) * today
    for moved in (change, -change):
        try:
            changed = with_value(plant, parameter.path, today + moved)
        except ChangeRefusedError:
            continue
        text = f"{moved:+g}" if parameter.dimension == "count" else f"{moved / today:+.0%}".replace("%", " %")
        return Stepped(parameter, changed, today + moved, text)
    return None


def can_move_output(parameter: Parameter) -> bool:
    """Whether a step of a parameter can move the year's output at all and is no part of what the product is.

    A count may grow from nothing; a time or a share has no relative step there.
    """
    path = parameter.path
    part_of_product = path.startswith("contract.") or (".takes" in path and ".stops." not in path)
    return not part_of_product and (parameter.value > 0 or parameter.dimension == "count")


def path_rows(
    parameters: Sequence[Parameter], paths: Sequence[PathResult], year_units: float, level: float
) -> list[GradientRow]:
    """Rows by path derivatives: the effect of 1 % more of each parameter on a year's units, today ``year_units``."""
    rows = []
    for parameter in parameters:
        shares = [path.share(parameter.path) for path in paths if parameter.path in path.rows and path.time_ns > 0]
        if not shares or parameter.value == 0:
            continue
        effect = student([-share * year_units * PERCENT for share in shares], level)
        rows.append(GradientRow(parameter.path, parameter.about, parameter.text, "path", "+1 %", effect, effect))
    return rows


def paired_row(stepped: Stepped, after: Sequence[float], before: Sequence[float], level: float) -> GradientRow:
    """Row by a paired difference over the same replications; with one pair the interval is the point."""
    if len(after) > 1:
        found = paired_difference(after, before, level)
        units = Estimate(found.mean, found.low, found.high)
    else:
        units = student([after[0] - before[0]], level)
    return row_of(stepped, units, "paired")


def row_of(stepped: Stepped, units: Estimate, method: Method) -> GradientRow:
    """Row of a step with the effect that was found."""
    factor = stepped.per_percent
    percent = None if factor is None else scaled(units, factor)
    parameter = stepped.parameter
    return GradientRow(parameter.path, parameter.about, parameter.text, method, stepped.text, units, percent)


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """An estimate times a number; the bounds change places if it is negative."""
    bounds = sorted((estimate.low * factor, estimate.high * factor))
    return Estimate(estimate.mean * factor, *bounds)


def strength(row: GradientRow) -> float:
    """What rows are ranked by: units per 1 %, or per step for counts."""
    return abs((row.units_per_percent or row.units).mean)


def merged(*methods: Sequence[GradientRow]) -> tuple[GradientRow, ...]:
    """One row a parameter, that of the last method that has one, strongest first."""
    rows = {row.parameter: row for found in methods for row in found}
    return tuple(sorted(rows.values(), key=lambda row: (-strength(row), row.parameter)))
