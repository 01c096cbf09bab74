"""What was at a station as units went through it: persons, tools, material and containers, standstills; and the other way round.

A mark that bears the station's counters is compared unit by unit; one that does not, by the counts around its instant. A tool stays
until the next, material until the next lot of the same material goes in, a container until the next container does; a person
until they sign off, sign on again, or the shift ends. What goes in is not weighed against what is left of the lot before: the
two meet where the counters say so, and what a feeder holds of the older one is the owner's to add.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fabrika.answers.passages import Span, entered_at
from fabrika.answers.unit_ways import Visit
from fabrika.answers.ways import Ways
from fabrika.operations.genealogy.state import GenealogyState, Mark, StationBook
from fabrika.plant.shifts import calendar_at, shift_at

FURTHEST = 1 << 62
KINDS = {"on": "person", "tool": "tool", "in": "material"}
"""What a mark begins with, and what it is about."""


class Presence(NamedTuple):
    """Something was at a station over a stretch of its units and of time.

    Attributes:
        kind: ``person``, ``tool``, ``material`` or ``container``.
        after: so many units had entered before the first that it can have touched.
        upto: the last that it can have touched.
        from_us, to_us: its time; ``to_us`` is None while it goes on.
    """

    kind: str
    subject: str
    station: str
    after: int
    upto: int
    from_us: int
    to_us: int | None


Pairs = list[tuple[Mark, Mark | None]]
"""Marks with those that end what they begin."""


def presences(
    state: GenealogyState, plan: Ways, station: str, *, from_us: int, to_us: int, pairs: Pairs | None = None
) -> Iterator[Presence]:
    """Everything that was at a station in a time, in the order in which it came.

    Args:
        state, plan, station, from_us, to_us: where and when.
        pairs: only of these marks of the station, if they are given.
    """
    book = state.stations.get(station)
    if book is None:
        return
    for mark, ender in pairs if pairs is not None else _paired(state, book):
        if mark.kind not in KINDS or mark.at_us > to_us or (ender is not None and ender.at_us < from_us):
            continue
        end_us = ender.at_us if ender is not None else None
        counter = ender.entered if ender is not None else -1
        if mark.kind == "on":
            over_us = _shift_end(plan, station, mark.at_us)
            if over_us is not None and (end_us is None or over_us < end_us):
                end_us, counter = over_us, -1
                if over_us < from_us:
                    continue
        kind = "container" if mark.kind == "in" and mark.subject not in state.materials else KINDS[mark.kind]
        after = entered_at(book.series, mark.at_us, mark.entered)[0]
        upto = FURTHEST if end_us is None else entered_at(book.series, end_us, counter)[1]
        yield Presence(kind, mark.subject, station, after, upto, mark.at_us, end_us)


def _paired(state: GenealogyState, book: StationBook) -> Pairs:
    return list(zip(book.marks, _enders(state, book), strict=True))


def _enders(state: GenealogyState, book: StationBook) -> list[Mark | None]:
    """For each mark, the one that ends what it begins."""
    found: list[Mark | None] = []
    next_of: dict[tuple[str, str], Mark] = {}
    for mark in reversed(book.marks):
        key = _key(state, mark)
        found.append(next_of.get(key))
        next_of[key] = mark
    return found[::-1]


def _key(state: GenealogyState, mark: Mark) -> tuple[str, str]:
    """Marks of one key end one another."""
    if mark.kind in {"on", "off"}:
        return "person", mark.subject
    if mark.kind == "in":
        material = state.materials.get(mark.subject)
        return "in", material.material if material is not None else ""
    return mark.kind, ""


def _shift_end(plan: Ways, station: str, at_us: int) -> int | None:
    line = next((line for line in plan.plant.lines if line.id == station.partition(".")[0]), None)
    if line is None:
        return None
    calendar = calendar_at(plan.plant, line, plan.stations.get(station))
    shift = shift_at(calendar, plan.plant.zone, at_us)
    return shift.end_us if calendar is not None and shift.now else None


def beside(state: GenealogyState, plan: Ways, visit: Visit) -> list[Presence]:
    """What was at a station as a visit's units went through it; strays left out."""
    since = visit.from_us if visit.from_us is not None else -FURTHEST
    until = visit.to_us if visit.to_us is not None else state.latest_us
    first, last = visit.entered.first, visit.entered.last
    around = presences(state, plan, visit.station, from_us=since, to_us=until)
    return [found for found in around if found.after < last and found.upto >= first]


class Touches:
    """Where something was, for one answer that asks it of many things.

    Args:
        state: what genealogy knows.
        plan: the plant's ways.
    """

    def __init__(self, state: GenealogyState, plan: Ways) -> None:
        self.state, self.plan = state, plan
        self._pairs: dict[str, dict[str, Pairs]] = {}

    def _of(self, station: str, subject: str) -> Pairs:
        known = self._pairs.get(station)
        if known is None:
            known = self._pairs[station] = {}
            for mark, ender in _paired(self.state, self.state.stations[station]):
                known.setdefault(mark.subject, []).append((mark, ender))
        return known.get(subject, [])

    def stretches(self, subject: str, from_us: int, to_us: int, *, before_us: int = FURTHEST) -> list[tuple[str, Span]]:
        """Which units of which stations something can have touched in a time, as they entered.

        Args:
            subject: the thing or person.
            from_us, to_us: the time.
            before_us: only where it came before this instant, however long it stayed.
        """
        found = []
        for station in self.state.places.get(subject, ()):
            series = self.state.stations[station].series
            pairs = [pair for pair in self._of(station, subject) if pair[0].at_us < before_us]
            for presence in presences(self.state, self.plan, station, from_us=from_us, to_us=to_us, pairs=pairs):
                first, last = presence.after + 1, min(presence.upto, series.entered)
                if presence.from_us < from_us:
                    first = max(first, series.at(from_us)[0].entered + 1)
                if presence.to_us is None or presence.to_us > to_us:
                    last = min(last, series.at(to_us)[1].entered)
                if first <= last:
                    found.append((station, Span(first, last, first, 0)))
        return found

    def emptied_us(self, container: str, filled_us: int) -> int:
        """Until when what was filled into a container at an instant can go in somewhere.

        That is until it is filled again, unless units of before can be left in it then: more had been filled than went in since it
        was empty.
        """
        filled = [(one.at_us, one.units) for one in self.state.containers.get(container, ())]
        gone = [
            (pair[0].at_us, -pair[0].units)
            for station in self.state.places.get(container, ())
            for pair in self._of(station, container)
            if pair[0].kind == "in"
        ]
        inside, empty = 0, False
        for at_us, units in sorted([*filled, *gone], key=lambda one: one[0]):
            if units >= 0 and at_us > filled_us and empty:
                return at_us
            inside = max(0, inside + units)
            empty = inside == 0 and at_us >= filled_us
        return FURTHEST
