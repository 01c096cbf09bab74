"""Ways to the wanted chance: each lever alone as far as it must go, two together if none reaches, each simulated again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from fabrika.plant.model import Lever, Plant
from fabrika.plant.parameters import parameter, with_value
from fabrika.plant.quantities import grain
from fabrika.plant.slots import Parameter
from fabrika.twin.chance import chance, completed, likely, paired_chance
from fabrika.twin.proof_result import Change, Estimate, Way, Ways
from fabrika.twin.study import student
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FOUND = 3
TRIALS = 4
"""Settings of one lever that are simulated on the way to the smallest one that reaches."""
OVER = 1.03
"""Every step goes a little further than the slope asks, because effects flatten."""
NEARLY = 1.1
"""A lever is followed if no more than this share of its way seems to be needed; its effect is known from few years."""
SMALL_STEP = 1e-3
"""Fractions closer than this say nothing about the slope between them."""
ENOUGH = 0.02
"""A chance this little above the wanted one needs no smaller setting."""
BISECTIONS = 40

Rerun = Callable[[Sequence[Plant], int], list[dict[int, tuple[float, float]]]]
"""Simulates changed plants on the first so many replications of the base: for each, margin and units by number; empty for
those that the time did not hold."""


@dataclass(frozen=True, slots=True)
class Base:
    """Today's plant: margins and units of its replications with beliefs (shape (n,)), and what is wanted."""

    plant: Plant
    margins: NDArray[Any]
    units: NDArray[Any]
    wanted: float
    level: float

    @property
    def today(self) -> Estimate:
        """Chance today."""
        return chance(self.margins, self.level)[0]


@dataclass(frozen=True, slots=True)
class Push:
    """One lever in one direction: from today's value to an end of its range."""

    lever: Lever
    parameter: Parameter
    far: float

    def value(self, fraction: float) -> float:
        """The parameter's value after ``fraction`` (0 to 1) of the way, rounded up to whole steps and never past the end.

        Where any value will do, it is one that people would write, such as 5.82 h.
        """
        today, far = self.parameter.value, self.far
        if fraction >= 1:
            return far
        if fraction <= 0:
            return today
        start = today if self.lever.step else 0.0
        step = self.lever.step or grain(max(abs(today), abs(far)), self.parameter.dimension)
        towards = math.copysign(1.0, far - today)
        steps = math.ceil(towards * (today - start + (far - today) * fraction) / step - 1e-9)
        value = float(f"{start + towards * steps * step:.12g}")
        return far if towards * (value - far) >= 0 else value

    def fraction(self, value: float) -> float:
        """How much of the way a value is."""
        return abs(value - self.parameter.value) / abs(self.far - self.parameter.value)

    def change(self, plant: Plant, fraction: float) -> Change:
        """The change as rows show it."""
        value = self.value(fraction)
        text = parameter(with_value(plant, self.parameter.path, value), self.parameter.path).text
        name = self.lever.name or self.lever.id
        return Change(self.lever.id, name, self.parameter.path, self.parameter.text, text, self.relative(fraction))

    def relative(self, fraction: float) -> float:
        """Size of the change as a share of today's value; 1 where that is zero."""
        today = self.parameter.value
        return abs(self.value(fraction) - today) / abs(today) if today else 1.0


@dataclass(frozen=True, slots=True)
class Setting:
    """Levers pushed by fractions of their way."""

    pushes: tuple[Push, ...]
    fractions: tuple[float, ...]

    def plant(self, plant: Plant) -> Plant:
        """The plant so changed."""
        for push, fraction in zip(self.pushes, self.fractions, strict=True):
            plant = with_value(plant, push.parameter.path, push.value(fraction))
        return plant

    def cost(self) -> float | None:
        """Cost, linear along each lever's way; None if a lever states none."""
        total = 0.0
        for push, fraction in zip(self.pushes, self.fractions, strict=True):
            if push.lever.cost is None:
                return None
            total += push.lever.cost * push.fraction(push.value(fraction))
        return total

    def size(self) -> float:
        """Sum of the relative changes."""
        return sum(push.relative(part) for push, part in zip(self.pushes, self.fractions, strict=True))


@dataclass(frozen=True, slots=True)
class Tried:
    """A setting that was simulated: margin and units by replication."""

    setting: Setting
    found: dict[int, tuple[float, float]]

    def shift(self, base: Base) -> float:
        """Mean shift of the margin."""
        return sum(margin - float(base.margins[i]) for i, (margin, _) in self.found.items()) / len(self.found)

    def chance(self, base: Base) -> Estimate:
        """Chance after the change."""
        return paired_chance(base.margins, self._margins(), base.level)

    def lacks(self, base: Base) -> float:
        """Margin that is still missing to the wanted chance; negative if there is more than is needed."""
        return lacking(completed(base.margins, self._margins()), base.wanted)

    def _margins(self) -> dict[int, float]:
        return {i: margin for i, (margin, _) in self.found.items()}


def pushes(plant: Plant, parameters: dict[str, Parameter]) -> list[Push]:
    """Every lever towards every end of its range that differs from today's value."""
    return [
        Push(lever, parameters[lever.path], end)
        for lever in plant.levers
        if lever.path in parameters
        for end in lever.ends(parameters[lever.path].value)
    ]


def lacking(margins: NDArray[Any], wanted: float) -> float:
    """The margin that all years together must gain for the wanted chance; negative if they may lose some."""
    low, high = -1.0, 1.0
    while likely(margins + high) < wanted:
        high *= 2
    while likely(margins + low) >= wanted:
        low *= 2
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if likely(margins + middle) >= wanted else (middle, high)
    return high


def needed_fraction(base: Base, shift: float) -> float:
    """Share of a change that must be made if its effect on the margin is in proportion; infinite if none is enough."""
    return max(0.0, lacking(base.margins, base.wanted)) / shift if shift > 0 else math.inf


def search(base: Base, parameters: dict[str, Parameter], rerun: Rerun, few: int, many: int) -> Ways:
    """The cheapest ways to the wanted chance.

    Args:
        rerun: simulates a changed plant.
        few: replications with which every lever is tried at its end; many: with which the chosen are simulated.
    """
    priced = bool(base.plant.levers) and all(lever.cost is not None for lever in base.plant.levers)
    ranked_by: Literal["cost", "smallest change"] = "cost" if priced else "smallest change"
    if base.today.mean >= base.wanted:
        return Ways(ranked_by, False, (), "Today's plant already reaches the wanted chance; no change is needed.")
    every = pushes(base.plant, parameters)
    if not every:
        return Ways(ranked_by, True, (), "The plant file names no levers, so no change could be tried.")
    settings = [Setting((push,), (1.0,)) for push in every]
    ends = _simulate(base, settings, rerun, few)
    helping = [end for end in ends if end.shift(base) > 0]
    reaching = _by_rank(base, helping, ranked_by)
    done = [
        tried for end, start in reaching if (tried := _settle(base, start, end.shift(base), rerun, many)) is not None
    ]
    good = [tried for tried in done if _reaches(base, tried)][:MOST_FOUND]
    if not good:
        done += _together(base, helping, rerun, many, ranked_by)
        good = [tried for tried in done if _reaches(base, tried)][:MOST_FOUND]
    return _told(base, good, [*done, *helping], ranked_by)


def _simulate(base: Base, settings: Sequence[Setting], rerun: Rerun, years: int) -> list[Tried]:
    answers = rerun([setting.plant(base.plant) for setting in settings], years)
    return [Tried(setting, found) for setting, found in zip(settings, answers, strict=True) if found]


def _rank(setting: Setting, ranked_by: str) -> float:
    cost = setting.cost()
    return cost if ranked_by == "cost" and cost is not None else setting.size()


def _by_rank(base: Base, ends: Sequence[Tried], ranked_by: str) -> list[tuple[Tried, Setting]]:
    """Levers that should reach alone, the cheapest three and one to spare, each with the setting that should do."""
    rows = []
    for end in ends:
        fraction = needed_fraction(base, end.shift(base))
        if fraction <= NEARLY:
            setting = Setting(end.setting.pushes, (min(1.0, OVER * fraction),))
            rows.append((_rank(setting, ranked_by), end, setting))
    rows.sort(key=lambda row: row[0])
    return [(end, setting) for _, end, setting in rows[: MOST_FOUND + 1]]


def _reaches(base: Base, tried: Tried) -> bool:
    return tried.chance(base).mean >= base.wanted


def _settle(base: Base, start: Setting, slope: float, rerun: Rerun, many: int) -> Tried | None:
    """The smallest setting of a lever (of two: of the last one) found to reach, by Newton's steps on the margin that lacks.

    Args:
        start: first guess; ``slope``: margin gained a whole way of the last lever.
    """
    best: Tried | None = None
    last: Tried | None = None
    tested: set[float] = set()
    push, fixed = start.pushes[-1], start.fractions[:-1]
    fraction = start.fractions[-1]
    for _ in range(TRIALS):
        value = push.value(min(1.0, max(0.0, fraction)))
        if value in tested:
            break
        tested.add(value)
        at = push.fraction(value)
        simulated = _simulate(base, [Setting(start.pushes, (*fixed, at))], rerun, many)
        if not simulated:
            break
        before, last = last, simulated[0]
        if _reaches(base, last):
            best = last if best is None or at < best.setting.fractions[-1] else best
            if last.chance(base).mean <= base.wanted + ENOUGH:
                break
        if before is not None and abs(at - before.setting.fractions[-1]) > SMALL_STEP:
            slope = (last.shift(base) - before.shift(base)) / (at - before.setting.fractions[-1])
        elif not fixed and at > 0:
            slope = last.shift(base) / at
        if slope <= 0:
            break
        lack = last.lacks(base)
        fraction = at + lack / slope * (OVER if lack > 0 else 1 / OVER)
    return best or last


def _together(base: Base, helping: Sequence[Tried], rerun: Rerun, many: int, ranked_by: str) -> list[Tried]:
    """Two levers together: the first all the way, the second as far as it must; the cheapest pairs that should reach."""
    rows: list[tuple[float, float, Setting]] = []
    for pair in combinations(helping, 2):
        if pair[0].setting.pushes[0].parameter.path == pair[1].setting.pushes[0].parameter.path:
            continue
        for full, part in (pair, pair[::-1]):
            lack = lacking(base.margins + full.shift(base), base.wanted)
            fraction = OVER * lack / part.shift(base)
            if lack > 0 and fraction <= NEARLY:
                both = (full.setting.pushes[0], part.setting.pushes[0])
                setting = Setting(both, (1.0, min(1.0, fraction)))
                rows.append((_rank(setting, ranked_by), part.shift(base), setting))
    rows.sort(key=lambda row: row[0])
    strongest = sorted(helping, key=lambda end: -end.shift(base))[:2]
    if not rows and len(strongest) == 2 and len({end.setting.pushes[0].parameter.path for end in strongest}) == 2:
        pushes_both = (strongest[0].setting.pushes[0], strongest[1].setting.pushes[0])
        return _simulate(base, [Setting(pushes_both, (1.0, 1.0))], rerun, many)
    tried = (_settle(base, setting, shift, rerun, many) for _, shift, setting in rows[:MOST_FOUND])
    return [found for found in tried if found is not None]


def _told(
    base: Base, good: Sequence[Tried], rest: Sequence[Tried], ranked_by: Literal["cost", "smallest change"]
) -> Ways:
    wanted = _percent(base.wanted)
    if good:
        found = sorted(good, key=lambda tried: _rank(tried.setting, ranked_by))
        if len(found) == 1:
            text = Worded("The one way found that reaches a chance of {wanted}, simulated again.", wanted=wanted)
        elif ranked_by == "cost":
            text = Worded(
                "The {count} cheapest ways found that reach a chance of {wanted}, simulated again.",
                count=len(found),
                wanted=wanted,
            )
        else:
            text = Worded(
                "The {count} smallest ways found that reach a chance of {wanted}, simulated again.",
                count=len(found),
                wanted=wanted,
            )
    else:
        found = sorted(rest, key=lambda tried: -tried.chance(base).mean)[:MOST_FOUND]
        text = Worded(
            "No lever of the file, and no two together, reached a chance of {wanted}; the best found are shown.",
            wanted=wanted,
        )
    return Ways(ranked_by, True, tuple(_way(base, tried) for tried in found), text)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _way(base: Base, tried: Tried) -> Way:
    setting = tried.setting
    currency = next((push.lever.currency for push in setting.pushes if push.lever.currency), "")
    gains = [units - float(base.units[i]) for i, (_, units) in tried.found.items()]
    return Way(
        changes=tuple(
            push.change(base.plant, part) for push, part in zip(setting.pushes, setting.fractions, strict=True)
        ),
        cost=setting.cost(),
        currency=currency,
        chance_before=base.today,
        chance_after=tried.chance(base),
        units_gained=student(gains, base.level),
        reaches=_reaches(base, tried),
        replications=len(tried.found),
    )
