"""Recall: from a lot, material lot, container, station, person, tool or time to all that can have been touched.

What is touched is followed to the end of every way, through containers that were filled with it and went in elsewhere, and through
lots that were split and merged. Ranges are those of :mod:`fabrika.answers.passages`: nothing that was touched lies outside, but
for the strays that are stated.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from fabrika.answers.balance import lot_balance
from fabrika.answers.passages import Span
from fabrika.answers.touched import Touches
from fabrika.answers.unit_ways import UnitWays, Visit, both
from fabrika.answers.ways import Ways, ways
from fabrika.errors import NotFoundError
from fabrika.operations.genealogy.state import GenealogyState, pieces_of, reading, span_of
from fabrika.page import Asked, Page, States
from fabrika.plant.calendar import EPOCH, MICROSECOND
from fabrika.wording import Worded

FURTHEST_US = 1 << 60
KINDS = ("lot", "material", "container", "station", "person", "tool", "shipment")
"""What a recall can begin with, by the word in the address."""
LONGEST_US = 17
"""Digits of an instant."""
MOST = 500
"""Containers that are listed by name; the rest is counted."""


class Reached(Struct, frozen=True, kw_only=True):
    """A lot that was reached.

    Attributes:
        from_unit, to_unit: its good units, as numbered at its line's last station; None if none of them has come so far.
        units: how many units these are at most.
        good: good units of the whole lot.
        unaccounted: of its balance; None if nothing was counted in it.
        fits: whether that is within the counters' uncertainty.
        through: the lot by which it was reached, if it was split off or merged.
    """

    lot: str
    from_unit: int | None
    to_unit: int | None
    units: int
    good: int
    unaccounted: int | None
    fits: bool
    through: str | None
    shipments: tuple[str, ...]
    path: str


class Touched(Struct, frozen=True, kw_only=True):
    """A station at which units were touched, or that touched units came to."""

    station: str
    name: str
    good_from: int
    good_to: int
    units: int
    strays: int
    from_us: int | None
    to_us: int | None


class Sent(Struct, frozen=True, kw_only=True):
    """A shipment that was reached."""

    shipment: str
    at_us: int
    receiver: str
    lots: tuple[str, ...]
    units: int


class Recall(Struct, frozen=True, kw_only=True):
    """What was reached.

    Attributes:
        kind, subject: what it began with; None where nothing was asked yet.
        begun_us: when the recall was begun: as of when it was asked first, which the address then bears.
        from_us, to_us: the time that was asked about; None for all of it.
        units: good units that can have been touched, over all lots.
        family: the lot that it began with, and its parts and sub-lots; none if it began with no lot, or that is alone.
        containers: those that were filled with such units; ``more_containers`` are not named.
    """

    position: int
    at_us: int
    kind: str | None
    subject: str | None
    begun_us: int
    from_us: int | None
    to_us: int | None
    units: int
    lots: tuple[Reached, ...]
    containers: tuple[str, ...]
    more_containers: int
    shipments: tuple[Sent, ...]
    stations: tuple[Touched, ...]
    family: tuple[str, ...] = ()


def recall(states: States, asked: Asked) -> Recall:
    """Build the page; what it begins with stands in the query: ``?material=M-1``, ``?station=line.press&from=...``."""
    state = reading(states["genealogy"])
    query = {key: asked.query[key].strip() for key in KINDS if asked.query.get(key, "").strip()}
    from_us, to_us = (_instant(asked, asked.query.get(key, "")) for key in ("from", "to"))
    if not query and from_us is None and to_us is None:
        return _page(asked, (None, None, None, None), None, [], state)
    kind, subject = next(iter(query.items())) if query else ("time", "")
    plan = ways(asked.plant)
    known(state, plan, kind, subject)
    since, until = from_us if from_us is not None else -FURTHEST_US, to_us if to_us is not None else FURTHEST_US
    touches = Touches(state, plan)
    reach = Reach(state, plan, touches)
    reach.follow(begins(state, plan, touches, kind, subject, since=since, until=until))
    lots = reach.lots()
    if kind == "lot":
        lots.setdefault(subject, (0, 0))
    if kind == "shipment":
        lots |= {lot: (0, 0) for lot in state.shipments[subject].units if lot not in lots}
    rows = reached(state, plan, lots)
    found = _page(asked, (kind, subject or None, from_us, to_us), reach, rows, state)
    return replace(found, family=state.family(subject)) if kind == "lot" else found


def known(state: GenealogyState, plan: Ways, kind: str, subject: str) -> None:
    """Refuse what nobody has heard of.

    Raises:
        NotFoundError: there is no such thing.
    """
    tables: Mapping[str, object] = {
        "lot": state.lots,
        "material": state.places,
        "container": state.containers | state.places,
        "station": plan.stations,
        "person": state.places,
        "tool": state.places,
        "shipment": state.shipments,
        "time": {"": None},
    }
    if subject not in tables[kind]:  # type: ignore[operator]
        raise NotFoundError(
            Worded("Nothing is known of {subject}.", subject=subject[:60]),
            Worded("Look for its number on the page of trace."),
        )


def begins(
    state: GenealogyState, plan: Ways, touches: Touches, kind: str, subject: str, *, since: int, until: int
) -> list[tuple[str, Span, bool]]:
    """Which units are touched at once: station, span, and whether it counts what entered rather than what left good."""
    match kind:
        case "lot":
            return [(station, span, False) for station, span in _of_lot(state, subject)]
        case "shipment":
            return [(*pair, False) for lot in state.shipments[subject].units for pair in _of_lot(state, lot)]
        case "station" | "time":
            names = [subject] if subject else [name for name in state.stations if name in plan.stations]
            return [(name, span, True) for name in names if (span := _of_time(state, name, since, until)).width]
        case "container":
            filled = [(station, span, False) for station, span in _filled(state, subject, since, until)]
            return filled + [(*pair, True) for pair in touches.stretches(subject, since, until)]
        case _:
            return [(*pair, True) for pair in touches.stretches(subject, since, until)]


def _of_lot(state: GenealogyState, lot: str) -> list[tuple[str, Span]]:
    found = []
    for station, places in state.lots[lot].runs.items() if lot in state.lots else ():
        for place in places:
            for begin, end in pieces_of(state.stations[station], place):
                if end.good > begin.good:
                    found.append((station, Span(begin.good + 1, end.good, begin.good + 1, 0)))
    return found


def _of_time(state: GenealogyState, station: str, since: int, until: int) -> Span:
    """What was in a station in a time: what entered in it, and what was inside as it began."""
    book = state.stations.get(station)
    if book is None:
        return Span(1, 0, 1, 0)
    begin = book.series.at(since)[0]
    first = min(begin.entered, begin.left) + 1
    return Span(first, book.series.at(until)[1].entered, first, 0)


def _filled(state: GenealogyState, container: str, since: int, until: int) -> list[tuple[str, Span]]:
    found = []
    for filling in state.containers.get(container, ()):
        book = state.stations.get(filling.station)
        if book is None or not since <= filling.at_us <= until:
            continue
        least, most = book.series.at(filling.at_us)
        low, high = (filling.good, filling.good) if filling.good >= 0 else (least.good, most.good)
        found.append((filling.station, Span(low - filling.units + 1, high, low - filling.units + 1, 0)))
    return found


class Filled(NamedTuple):
    """A container was filled at a station: its last unit is one of the good units ``least`` to ``most``."""

    container: str
    at_us: int
    units: int
    least: int
    most: int


class Reach:
    """Follows touched units to the end; see the module.

    What comes to a station from all sides is put together before it is followed further, so that thousands of containers that go
    round cost as much as the stretches of units that they make.

    Attributes:
        visits: by station, the touched good units.
        containers: those that were filled with them.
    """

    def __init__(self, state: GenealogyState, plan: Ways, touches: Touches) -> None:
        self.state, self.plan, self.touches, self.finder = state, plan, touches, UnitWays(state, plan)
        self.visits: dict[str, list[Visit]] = {}
        self.containers: dict[str, None] = {}
        self._order = {name: place for place, name in enumerate(plan.stations)}
        self._wanted: dict[str, tuple[list[Span], list[Span]]] = {}
        self._seen: set[tuple[str, int]] = set()
        self._fillings: dict[str, list[Filled]] = {}

    def follow(self, begins: Iterable[tuple[str, Span, bool]]) -> None:
        """Units of stations are touched, and whatever they go into: station, span, and whether it counts what entered."""
        for station, span, came in begins:
            self._want(station, span, came=came)
        while self._wanted:
            path = min(self._wanted, key=self._order.__getitem__)
            entered, good = self._wanted.pop(path)
            found = [self.finder.went(path, span) for span in joined(entered)]
            found += [self._left(path, span) for span in joined(good)]
            for visit in met(found):
                if not self._knows(visit):
                    self.visits.setdefault(path, []).append(visit)
                    self._onward(visit)

    def _want(self, path: str, span: Span, *, came: bool) -> None:
        if path in self.plan.stations and span.width:
            self._wanted.setdefault(path, ([], []))[not came].append(span)

    def _onward(self, visit: Visit) -> None:
        """To the stations that took a visit's units, and to those where containers with them went in."""
        for link in self.plan.ahead.get(visit.station, ()):
            for taker in link.takers:
                self._want(taker, self.finder.taken(visit.station, taker, link, visit.good), came=True)
        for one in self._filled_at(visit.station):
            if visit.from_us is not None and one.at_us < visit.from_us:
                continue
            if one.least - one.units >= visit.good.last:
                break
            if one.most >= visit.good.first and (one.container, one.at_us) not in self._seen:
                self._seen.add((one.container, one.at_us))
                self.containers[one.container] = None
                before_us = self.touches.emptied_us(one.container, one.at_us)
                for taker, span in self.touches.stretches(one.container, one.at_us, FURTHEST_US, before_us=before_us):
                    self._want(taker, span, came=True)

    def _filled_at(self, station: str) -> list[Filled]:
        if station not in self._fillings:
            book, found = self.state.stations.get(station), []
            for mark in book.marks if book is not None else ():
                if mark.kind == "filled" and book is not None:
                    least, most = (total.good for total in book.series.at(mark.at_us))
                    low, high = (mark.good, mark.good) if mark.good >= 0 else (least, most)
                    found.append(Filled(mark.subject, mark.at_us, mark.units, low, high))
            self._fillings[station] = found
        return self._fillings[station]

    def _left(self, path: str, span: Span) -> Visit:
        step = self.finder.series(path).of_unit(max(1, span.first), 3)
        return Visit(path, span, Span(1, 0, 1, 0), step.from_us if step is not None else None, None, agrees=True)

    def _knows(self, visit: Visit) -> bool:
        return any(
            known.good.first <= visit.good.first and visit.good.last <= known.good.last
            for known in self.visits.get(visit.station, ())
        )

    def lots(self) -> dict[str, tuple[int, int]]:
        """The lots of touched units; first and last of their numbers at the line's last station, noughts if none came so far."""
        found: dict[str, tuple[int, int]] = {}
        for station, visits in self.visits.items():
            book = self.state.stations[station]
            counts = self.plan.counting.get(station.partition(".")[0]) == station
            for visit in visits:
                begin = max(0, bisect.bisect_right(book.runs, visit.good.first - 1, key=lambda run: run.good) - 1)
                for place in range(begin, len(book.runs)):
                    start, end = span_of(book, place)
                    lot = book.runs[place].lot
                    if start.good >= visit.good.last:
                        break
                    if lot is None or end.good < visit.good.first:
                        continue
                    numbers = self._numbers(lot, station, place, visit.good)
                    if numbers is None:
                        continue
                    low, high = found.get(lot, (0, 0))
                    if counts:
                        low, high = (min(low, numbers[0]) if low else numbers[0]), max(high, numbers[1])
                    found[lot] = (low, high)
        return found

    def _numbers(self, lot: str, station: str, place: int, good: Span) -> tuple[int, int] | None:
        """First and last number in a lot of those good units that lie in one of its runs; None if all were made while it was held."""
        known = self.state.lots.get(lot)
        book, found = self.state.stations[station], None
        others = known.runs.get(station, ()) if known is not None else ()
        before = sum(
            end.good - begin.good for other in others if other < place for begin, end in pieces_of(book, other)
        )
        for begin, end in pieces_of(book, place):
            if begin.good < good.last and end.good >= good.first and end.good > begin.good:
                first = before + max(good.first, begin.good + 1) - begin.good
                last = before + min(good.last, end.good) - begin.good
                found = (first if found is None else found[0], last)
            before += end.good - begin.good
        return found


def joined(spans: list[Span]) -> list[Span]:
    """Spans of one counter, those that overlap or lie side by side as one."""
    found: list[Span] = []
    for span in sorted(spans):
        last = found[-1] if found else None
        if last is None or span.first > last.last + 1:
            found.append(span)
        else:
            found[-1] = both(last, span)
    return found


def met(visits: list[Visit]) -> list[Visit]:
    """Visits to one station, those whose good units overlap or lie side by side as one; none without good units."""
    found: list[Visit] = []
    for visit in sorted((one for one in visits if one.good.width), key=lambda one: one.good):
        if not found or visit.good.first > found[-1].good.last + 1:
            found.append(visit)
            continue
        last = found[-1]
        begins = None if last.from_us is None or visit.from_us is None else min(last.from_us, visit.from_us)
        ends = None if last.to_us is None or visit.to_us is None else max(last.to_us, visit.to_us)
        entered = both(last.entered, visit.entered) if last.entered.width and visit.entered.width else last.entered
        agrees = last.agrees and visit.agrees
        found[-1] = Visit(last.station, both(last.good, visit.good), entered, begins, ends, agrees)
    return found


def reached(state: GenealogyState, plan: Ways, lots: Mapping[str, tuple[int, int]]) -> list[Reached]:
    """The lots as they are shown, with those into which they went."""
    through: dict[str, str | None] = dict.fromkeys(lots)
    wanted = list(lots)
    while wanted:
        name = wanted.pop()
        for kin in state.lots[name].gave if name in state.lots else ():
            if kin.other not in through:
                through[kin.other] = name
                wanted.append(kin.other)
    found = []
    for name, by in through.items():
        lot = state.lots.get(name)
        if lot is None:
            continue
        low, high = lots.get(name, (0, 0))
        balance = lot_balance(state, plan, name)
        good = state.counted(name, plan.counting.get(lot.line, "")).good
        found.append(
            Reached(
                lot=name,
                from_unit=low or None,
                to_unit=high or None,
                units=high - low + 1 if low else 0,
                good=good,
                unaccounted=balance.unaccounted if balance is not None else None,
                fits=balance is None or balance.fits,
                through=by,
                shipments=tuple(lot.shipments),
                path=f"/lots/{name}",
            )
        )
    return found


def _page(
    asked: Asked,
    begun: tuple[str | None, str | None, int | None, int | None],
    reach: Reach | None,
    rows: list[Reached],
    state: GenealogyState,
) -> Recall:
    plan, (kind, subject, from_us, to_us) = ways(asked.plant), begun
    containers = reach.containers if reach is not None else {}
    visits = reach.visits if reach is not None else {}
    lots = {row.lot for row in rows}
    sent = [
        Sent(
            shipment=name,
            at_us=shipment.at_us,
            receiver=shipment.receiver,
            lots=tuple(lot for lot in shipment.units if lot in lots),
            units=sum(units for lot, units in shipment.units.items() if lot in lots),
        )
        for name, shipment in state.shipments.items()
        if lots & shipment.units.keys() or not containers.keys().isdisjoint(shipment.containers)
    ]
    return Recall(
        position=asked.position,
        at_us=asked.at_us,
        kind=kind,
        subject=subject,
        begun_us=_begun(asked),
        from_us=from_us,
        to_us=to_us,
        units=sum(row.units for row in rows),
        lots=tuple(rows),
        containers=tuple(containers)[:MOST],
        more_containers=max(0, len(containers) - MOST),
        shipments=tuple(sent),
        stations=tuple(_touched(plan, path, one) for path in plan.stations for one in visits.get(path, ())),
    )


def _touched(plan: Ways, path: str, visit: Visit) -> Touched:
    return Touched(
        station=path,
        name=plan.stations[path].name or path,
        good_from=max(1, visit.good.first),
        good_to=visit.good.last,
        units=visit.good.width,
        strays=visit.good.strays,
        from_us=visit.from_us,
        to_us=visit.to_us,
    )


def _begun(asked: Asked) -> int:
    """When this recall was asked for first, as the address says; now if it does not, or says what cannot be."""
    text = asked.query.get("begun", "").strip()
    begun_us = int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_US else asked.at_us
    return min(begun_us, asked.at_us)


def _instant(asked: Asked, text: str) -> int | None:
    """An instant as it stands in the address; see ``at``."""
    if not text.strip():
        return None
    try:
        if text.strip().lstrip("-").isdigit():
            return int(text)
        found = datetime.fromisoformat(text.strip())
        found = found if found.tzinfo is not None else found.replace(tzinfo=asked.plant.zone)
        return (found - EPOCH) // MICROSECOND
    except (ValueError, OverflowError):
        raise NotFoundError(
            Worded("{text} is no instant.", text=text[:40]), Worded("Write it as 2026-11-22T06:30.")
        ) from None


PAGES: tuple[Page, ...] = (
    Page(name="answers.recall", path="/recall", title=Worded("Recall"), act="see_plant", build=recall),
)
