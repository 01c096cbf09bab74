"""Recall: from a lot, material lot, container, station, person, tool or time to all that can have been touched.

What is touched is followed to the end of every way, through containers that were filled with it and went in elsewhere, and through
lots that were split and merged. Ranges are those of :mod:`fabrika.answers.passages`: nothing that was touched lies outside, but
for the strays that are stated.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from fabrika.answers.balance import lot_balance
from fabrika.answers.passages import Span
from fabrika.answers.touched import stretches
from fabrika.answers.trace import containers_of
from fabrika.answers.unit_ways import UnitWays, Visit
from fabrika.answers.ways import Ways, ways
from fabrika.errors import NotFoundError
from fabrika.operations.genealogy.state import GenealogyState, pieces_of, span_of
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
    state: GenealogyState = states["genealogy"]
    query = {key: asked.query[key].strip() for key in KINDS if asked.query.get(key, "").strip()}
    from_us, to_us = (_instant(asked, asked.query.get(key, "")) for key in ("from", "to"))
    if not query and from_us is None and to_us is None:
        return _page(asked, (None, None, None, None), {}, [], state)
    kind, subject = next(iter(query.items())) if query else ("time", "")
    plan = ways(asked.plant)
    known(state, plan, kind, subject)
    since, until = from_us if from_us is not None else -FURTHEST_US, to_us if to_us is not None else FURTHEST_US
    reach = Reach(state, plan)
    for station, span, came in begins(state, plan, kind, subject, since=since, until=until):
        reach.follow(station, span, came=came)
    lots = reach.lots()
    if kind == "lot":
        lots.setdefault(subject, (0, 0))
    if kind == "shipment":
        lots |= {lot: (0, 0) for lot in state.shipments[subject].units if lot not in lots}
    rows = reached(state, plan, lots)
    found = _page(asked, (kind, subject or None, from_us, to_us), reach.visits, rows, state)
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
    state: GenealogyState, plan: Ways, kind: str, subject: str, *, since: int, until: int
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
            return filled + [(*pair, True) for pair in stretches(state, plan, subject, since, until)]
        case _:
            return [(*pair, True) for pair in stretches(state, plan, subject, since, until)]


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


class Reach:
    """Follows touched units to the end; see the module.

    Attributes:
        visits: by station, the touched good units.
        containers: those that were filled with them.
    """

    def __init__(self, state: GenealogyState, plan: Ways) -> None:
        self.state, self.plan, self.finder = state, plan, UnitWays(state, plan)
        self.visits: dict[str, list[Visit]] = {}
        self.containers: dict[str, None] = {}

    def follow(self, station: str, span: Span, *, came: bool) -> None:
        """Units of a station are touched, and whatever they go into."""
        wanted = [(station, span, came)]
        while wanted:
            path, units, entered = wanted.pop()
            if path not in self.plan.stations:
                continue
            start = self._at(path, units, entered=entered)
            for visit in [start, *self.finder.ahead(path, start.good)]:
                if not visit.good.width or self._knows(visit):
                    continue
                self.visits.setdefault(visit.station, []).append(visit)
                for name in containers_of(self.state, visit.station, visit.good, visit.from_us):
                    if name not in self.containers:
                        self.containers[name] = None
                        reached = stretches(self.state, self.plan, name, visit.from_us or -FURTHEST_US, FURTHEST_US)
                        wanted += [(taker, taken, True) for taker, taken in reached]

    def _at(self, path: str, span: Span, *, entered: bool) -> Visit:
        if entered:
            return self.finder.went(path, span)
        series = self.finder.series(path)
        step = series.of_unit(max(1, span.first), 3)
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
    visits: Mapping[str, list[Visit]],
    rows: list[Reached],
    state: GenealogyState,
) -> Recall:
    plan, (kind, subject, from_us, to_us) = ways(asked.plant), begun
    containers = dict.fromkeys(
        name
        for path, found in visits.items()
        for one in found
        for name in containers_of(state, path, one.good, one.from_us)
    )
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
