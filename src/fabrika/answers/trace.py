"""Trace: when a unit of a lot was at which station, what went into it, who worked there and with which tool; both ways."""

from __future__ import annotations

import bisect
from typing import Literal

from msgspec import Struct

from fabrika.answers.passages import Span
from fabrika.answers.touched import beside
from fabrika.answers.unit_ways import UnitWays, Visit
from fabrika.answers.ways import Ways, ways
from fabrika.errors import NotFoundError
from fabrika.operations.genealogy.state import GenealogyState, pieces_of, reading, span_of
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded

SHOWN = 100
"""Lots, containers and searches that a page lists, the newest."""
LONGEST = 15
"""Digits of a unit's number."""


class Beside(Struct, frozen=True, kw_only=True):
    """What was at a station meanwhile.

    Attributes:
        kind: ``person``, ``tool``, ``material``, ``container`` or ``stop``.
        path: of its recall, if it has one.
    """

    kind: str
    subject: str
    from_us: int
    to_us: int | None
    path: str | None


class Stage(Struct, frozen=True, kw_only=True):
    """Units at a station.

    Attributes:
        entered_from, entered_to: as which units, of all that entered it since the book began, they came in; None if unknown.
        good_from, good_to: as which good units they left it; None if they have not.
        width: how many units of the station each of them could be.
        strays: how many units, of all, can be older than ``entered_from``, as units overtake each other on the way.
        from_us: from when on; None before the book began.
        to_us: until when; None if they are still there.
        agrees: False if the counters contradict what the stations can hold.
    """

    station: str
    name: str
    entered_from: int | None
    entered_to: int | None
    good_from: int | None
    good_to: int | None
    width: int
    strays: int
    from_us: int | None
    to_us: int | None
    agrees: bool
    lots: tuple[str, ...]
    containers: tuple[str, ...]
    beside: tuple[Beside, ...]
    path: str


class LotTrace(Struct, frozen=True, kw_only=True):
    """A unit of a lot, or all of it.

    Attributes:
        unit: which good unit of its line's last station in the lot; None for the whole lot.
        units: good units that the lot has.
        station: the station whose good units are numbered.
        back: from that station to where everything began.
        ahead: what the units became afterwards, in other lines.
        family: the lot with its parts and sub-lots; none if it is alone.
    """

    position: int
    at_us: int
    lot: str
    unit: int | None
    units: int
    station: str
    back: tuple[Stage, ...]
    ahead: tuple[Stage, ...]
    family: tuple[str, ...]


class Found(Struct, frozen=True, kw_only=True):
    """Something that can be traced or recalled."""

    kind: Literal["lot", "container", "material", "person", "tool", "shipment"]
    subject: str
    path: str


class Search(Struct, frozen=True, kw_only=True):
    """The way into trace.

    Attributes:
        asked: what was looked for.
        found: what has that id, or begins with it.
        lots: the newest lots, where nothing was asked.
    """

    position: int
    at_us: int
    asked: str
    found: tuple[Found, ...]
    lots: tuple[str, ...]


def search(states: States, asked: Asked) -> Search:
    """Build the page on which something is looked for."""
    state: GenealogyState = states["genealogy"]
    wanted = asked.query.get("id", "").strip()
    found = tuple(matches(state, wanted)) if wanted else ()
    return Search(
        position=asked.position,
        at_us=asked.at_us,
        asked=wanted,
        found=found[:SHOWN],
        lots=tuple(list(reversed(state.lots))[:SHOWN]) if not wanted else (),
    )


def matches(state: GenealogyState, wanted: str) -> list[Found]:
    """Everything whose id is this or begins with it; the whole id first."""
    persons = {mark.subject: mark.kind for book in state.stations.values() for mark in book.marks[-5_000:]}
    kinds: list[tuple[Literal["lot", "container", "material", "person", "tool", "shipment"], list[str]]] = [
        ("lot", list(state.lots)),
        ("container", list(state.containers)),
        ("material", list(state.materials)),
        ("shipment", list(state.shipments)),
        ("person", [name for name, kind in persons.items() if kind in {"on", "off"}]),
        ("tool", [name for name, kind in persons.items() if kind == "tool"]),
    ]
    found = [
        Found(kind=kind, subject=name, path=f"/lots/{name}/trace" if kind == "lot" else f"/recall?{kind}={name}")
        for kind, names in kinds
        for name in names
        if name.startswith(wanted)
    ]
    return sorted(found, key=lambda one: one.subject != wanted)


def lot_trace(states: States, asked: Asked) -> LotTrace:
    """Build the page of a lot's trace; ``unit`` asks for one unit."""
    state = reading(states["genealogy"])
    name = asked.names.get("lot", "")
    lot = state.lots.get(name)
    if lot is None:
        raise NotFoundError(Worded("There is no lot {lot}.", lot=name))
    plan = ways(asked.plant)
    station = plan.counting.get(lot.line, "")
    runs = runs_of(state, name, station)
    total = sum(end - begin for begin, end in runs)
    unit = number_of(asked.query.get("unit", ""), total, name)
    spans = [Span(begin + 1, end, begin + 1, 0) for begin, end in runs if end > begin]
    if unit is not None:
        place = at_counter(runs, unit)
        spans = [Span(place, place, place, 0)]
    finder = UnitWays(state, plan)
    back: list[Visit] = []
    ahead: list[Visit] = []
    for span in spans[-1:] if unit is None and len(spans) > SHOWN else spans:
        back += finder.back(station, span)
        ahead += finder.ahead(station, span)
    return LotTrace(
        position=asked.position,
        at_us=asked.at_us,
        lot=name,
        unit=unit,
        units=total,
        station=station,
        back=tuple(stage(state, plan, visit) for visit in back),
        ahead=tuple(stage(state, plan, visit) for visit in ahead),
        family=state.family(name),
    )


def runs_of(state: GenealogyState, lot: str, station: str) -> list[tuple[int, int]]:
    """Good counters of a station before and behind each run of a lot; what it made while it was held is in no lot."""
    book, known = state.stations.get(station), state.lots[lot]
    if book is None:
        return []
    return [(begin.good, end.good) for place in known.runs.get(station, ()) for begin, end in pieces_of(book, place)]


def at_counter(runs: list[tuple[int, int]], unit: int) -> int:
    """The station's good counter at the ``unit``-th good unit of a lot."""
    for begin, end in runs:
        if unit <= end - begin:
            return begin + unit
        unit -= end - begin
    return runs[-1][1] if runs else 0


def number_of(text: str, total: int, lot: str) -> int | None:
    """A unit's number as it was asked for.

    Raises:
        NotFoundError: the lot has no such unit.
    """
    plain = text.strip().replace(",", "").replace(" ", "")
    if not plain:
        return None
    if not plain.isascii() or not plain.isdigit() or len(plain) > LONGEST or not 1 <= int(plain) <= total:
        raise NotFoundError(
            Worded("The lot {lot} has no unit {unit}.", lot=lot, unit=text[:40]),
            Worded("Its good units are numbered from 1 to {n}.", n=total),
        )
    return int(plain)


def stage(state: GenealogyState, plan: Ways, visit: Visit) -> Stage:
    """A visit as it is shown."""
    book = state.stations.get(visit.station)
    entered, good = visit.entered, visit.good
    stops = book.stops.within(visit.from_us, visit.to_us) if book and visit.from_us and visit.to_us else []
    around = [
        Beside(
            kind=one.kind,
            subject=one.subject,
            from_us=one.from_us,
            to_us=one.to_us,
            path=f"/recall?{one.kind}={one.subject}",
        )
        for one in beside(state, plan, visit)
    ]
    around += [
        Beside(kind="stop", subject=stop.mode, from_us=stop.from_us, to_us=stop.to_us, path=None)
        for stop in stops[:SHOWN]
    ]
    return Stage(
        station=visit.station,
        name=plan.stations[visit.station].name or visit.station,
        entered_from=max(1, entered.first) if entered.width else None,
        entered_to=max(1, entered.last) if entered.width else None,
        good_from=max(1, good.first) if good.width else None,
        good_to=max(1, good.last) if good.width else None,
        width=max(1, good.width),
        strays=max(good.strays, entered.strays),
        from_us=visit.from_us,
        to_us=visit.to_us,
        agrees=visit.agrees,
        lots=lots_of(state, visit.station, good),
        containers=containers_of(state, visit.station, good, visit.from_us),
        beside=tuple(around),
        path=f"/stations/{visit.station}",
    )


def lots_of(state: GenealogyState, station: str, good: Span) -> tuple[str, ...]:
    """The lots in which a station counted these good units."""
    book = state.stations.get(station)
    if book is None:
        return ()
    found = []
    for place in range(max(0, bisect.bisect_left(book.runs, good.first, key=lambda run: run.good) - 1), len(book.runs)):
        run = book.runs[place]
        if run.good >= good.last:
            break
        if run.lot is None or span_of(book, place)[1].good < good.first:
            continue
        if any(begin.good < good.last and end.good >= good.first for begin, end in pieces_of(book, place)):
            found.append(run.lot)
    return tuple(dict.fromkeys(found))


def containers_of(state: GenealogyState, station: str, good: Span, from_us: int | None) -> tuple[str, ...]:
    """The containers that were filled at a station since an instant and can hold some of these good units."""
    book = state.stations.get(station)
    if book is None:
        return ()
    found = []
    place = 0 if from_us is None else bisect.bisect_left(book.marks, from_us, key=lambda mark: mark.at_us)
    for mark in book.marks[place:]:
        if mark.kind != "filled":
            continue
        least, most = (mark.good, mark.good) if mark.good >= 0 else _good_at(state, station, mark.at_us)
        if least - mark.units >= good.last:
            break
        if most >= good.first:
            found.append(mark.subject)
    return tuple(found)


def _good_at(state: GenealogyState, station: str, at_us: int) -> tuple[int, int]:
    least, most = state.stations[station].series.at(at_us)
    return least.good, most.good


PAGES: tuple[Page, ...] = (
    Page(name="answers.trace", path="/trace", title=Worded("Trace"), act="see_plant", build=search),
    Page(
        name="answers.lot_trace",
        path="/lots/{lot}/trace",
        title=Worded("Trace of a lot"),
        act="see_plant",
        build=lot_trace,
    ),
)
