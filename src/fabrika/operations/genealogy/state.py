"""What a unit can be traced by: each station's counters for years, and what changed there at which counters.

A **run** is a stretch of a station's units that were counted in one lot. A **mark** is a boundary at a station: a person came, a
tool was changed, material or a container began to go in, a container was filled, the line was cleared. Where nobody knew the
counters at that moment, the counts around its instant say between which units it lies.
"""

from __future__ import annotations

import bisect
from typing import Any, assert_never

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fabrika.events.inventory import (
    BalanceClosed,
    Consumed,
    ContainerEmptied,
    PassageCounted,
    Received,
    Routed,
    Shipped,
)
from fabrika.events.production import (
    ContainerFilled,
    FirstPieceChecked,
    HoldOverridden,
    LineCleared,
    LotClosed,
    LotMerged,
    LotOpened,
    LotRequired,
    LotSplit,
    Passed,
    PersonSignedOff,
    PersonSignedOn,
    SetupApproved,
    StationChanged,
    StationHeld,
    ToolChanged,
    UnitsCounted,
    UnitsReported,
)
from fabrika.journal.entries import Fact
from fabrika.operations.genealogy import held
from fabrika.operations.genealogy.quiet import QUIETS, Laid, Quiet, stood, word
from fabrika.operations.genealogy.series import Reading, Series, Totals
from fabrika.operations.genealogy.stops import Stops

REPORTS = 2_000
"""Counts of persons that are remembered of a station, the newest."""
AWAITED = 100
"""Lots that are due and for which stations wait that are remembered, the newest."""
STANDS = frozenset({"down", "waiting", "setup", "planned", "safety"})
"""States that are told of a unit that went through a station meanwhile."""


class Run(Struct, array_like=True, gc=False):
    """From here on a station's units were counted in a lot, or in none; with its counters then."""

    lot: str | None
    from_us: int
    entered: int
    good: int
    scrapped: int


class Mark(Struct, array_like=True, gc=False):
    """A boundary at a station.

    Attributes:
        kind: ``on``, ``off`` (persons), ``tool``, ``in`` (material or a container went in), ``filled``, ``cleared``.
        subject: the person, tool, material lot or container; the lot before, if cleared and known, else empty.
        entered, good: the station's counters at that moment; -1 where nobody knew them.
        units: how many went in or were filled; 0 otherwise.
        lot: the lot that it belongs to, where it was said.
    """

    at_us: int
    kind: str
    subject: str
    entered: int
    good: int
    units: int
    lot: str | None


class Reported(Struct, array_like=True, gc=False):
    """What a person counted at a station; ``from_us`` -1: since their report before."""

    from_us: int
    to_us: int
    good: int
    scrapped: int
    person: str


class Sample(Struct, array_like=True, gc=False):
    """Units that a person took out behind a station as samples.

    Attributes:
        from_us: since when they were made; -1 if that was not said.
        lot: the lot that they belong to, where it was said.
    """

    from_us: int
    to_us: int
    units: int
    lot: str | None
    person: str


class StationBook(Struct):
    """One station: its counters, runs, marks, reports, samples, holds and standstills, each in the order of time.

    Attributes:
        quiet: counts that ended in a standstill, the newest.
        laid: what persons counted before it, the newest.
        state, since_us: in which it is, as it told, and since when; ``idle`` as in :class:`Quiet`, empty while it works.
    """

    series: Series = msgspec.field(default_factory=Series)
    runs: list[Run] = []
    marks: list[Mark] = []
    reports: list[Reported] = []
    samples: list[Sample] = []
    held: list[held.HeldTime] = []
    quiet: list[Quiet] = []
    laid: list[Laid] = []
    state: str = ""
    since_us: int = 0
    stops: Stops = msgspec.field(default_factory=Stops)

    def tool(self) -> Mark | None:
        """Which tool was put in last, as somebody told."""
        return next((mark for mark in reversed(self.marks) if mark.kind == "tool"), None)


class Kin(Struct, array_like=True, gc=False):
    """Good units that went from one lot to another: split off, or merged."""

    at_us: int
    other: str
    units: int


class LotBook(Struct, kw_only=True, omit_defaults=True):
    """A lot: where it was made, what was counted in it, where it came from and went.

    Attributes:
        parent: the lot of which it is a sub-lot, or from which it was split.
        runs: places in :attr:`StationBook.runs`, by station.
        gave, got: units that went to other lots, and came from them.
        routed: units on a way of their own, by routing: went, came back good, did not.
    """

    order: str
    product: str
    line: str
    opened_us: int
    closed_us: int | None = None
    parent: str | None = None
    runs: dict[str, list[int]] = {}
    gave: list[Kin] = []
    got: list[Kin] = []
    routed: dict[str, tuple[int, int, int]] = {}
    containers: list[str] = []
    shipments: list[str] = []


class Filling(Struct, array_like=True, gc=False):
    """A container was filled at a station: with how many units, the last of them with this good counter (-1: unknown)."""

    at_us: int
    lot: str
    station: str
    units: int
    good: int


class Material(Struct, array_like=True, gc=False):
    """A material lot as it was received."""

    material: str
    received_us: int
    quantity: int
    supplier: str | None
    supplier_lot: str | None


class Shipment(Struct, array_like=True):
    """What left the plant."""

    at_us: int
    receiver: str
    units: dict[str, int]
    containers: list[str]


class Closed(Struct, array_like=True, gc=False):
    """A balance that somebody accepted; see :class:`fabrika.events.inventory.BalanceClosed`."""

    at_us: int
    unaccounted: int
    tolerated: int
    reason: str | None
    person: str
    position: int


class Awaited(Struct, array_like=True, gc=False):
    """A station whose units belong to no lot until the next one, or a sub-lot, is opened."""

    since_us: int
    line: str
    station: str
    lot: str
    makes: str


class GenealogyState(Struct):
    """Stations by ``line.station``, lots, containers, material lots and shipments by their ids.

    Attributes:
        awaited: lots that are due and for which a station waits, the oldest first.
        places: the stations at which a person, tool, material lot or container was, by its id.
        latest_us: the last instant of which anything was told.
    """

    stations: dict[str, StationBook] = {}
    lots: dict[str, LotBook] = {}
    containers: dict[str, list[Filling]] = {}
    emptied: dict[str, int] = {}
    materials: dict[str, Material] = {}
    shipments: dict[str, Shipment] = {}
    balances: dict[str, Closed] = {}
    places: dict[str, list[str]] = {}
    awaited: list[Awaited] = []
    latest_us: int = -(2**53)

    def family(self, lot: str) -> tuple[str, ...]:
        """A lot with all parts and sub-lots of the lot that was opened first, the oldest first; none if it is alone."""
        root = self.root(lot)
        found = tuple(
            name for name, book in self.lots.items() if name == root or (book.parent and self.root(name) == root)
        )
        return found if len(found) > 1 else ()

    def root(self, lot: str) -> str:
        """The lot that was opened first, of which a lot is a part or sub-lot; itself if of none."""
        seen = {lot}
        while (book := self.lots.get(lot)) is not None and book.parent in self.lots and book.parent not in seen:
            lot = book.parent
            seen.add(lot)
        return lot

    def counted(self, lot: str, station: str) -> Totals:
        """What a station counted in a lot, what it made while it was held with it."""
        book, known = self.stations.get(station), self.lots.get(lot)
        total = [0, 0, 0]
        if book is not None and known is not None:
            for place in known.runs.get(station, ()):
                begin, end = span_of(book, place)
                for column in range(3):
                    total[column] += end[column] - begin[column]
        return Totals(*total)

    def apart(self, lot: str, station: str) -> Totals:
        """What a station counted in a lot while it was held; it belongs to no lot."""
        book, known = self.stations.get(station), self.lots.get(lot)
        total = [0, 0, 0]
        if book is not None and known is not None and book.held:
            for place in known.runs.get(station, ()):
                for begin, end in held_in(book, place):
                    for column in range(3):
                        total[column] += end[column] - begin[column]
        return Totals(*total)

    def sampled(self, lot: str, station: str) -> int:
        """How many units of a lot were taken out behind a station as samples."""
        book = self.stations.get(station)
        return sum(one.units for one in book.samples if one.lot == lot) if book is not None else 0


def span_of(book: StationBook, place: int) -> tuple[Totals, Totals]:
    """A run's counters at its begin and at its end."""
    run = book.runs[place]
    after = book.runs[place + 1] if place + 1 < len(book.runs) else None
    end = book.series.totals if after is None else Totals(after.entered, after.good, after.scrapped)
    return Totals(run.entered, run.good, run.scrapped), end


def held_in(book: StationBook, place: int) -> list[tuple[Totals, Totals]]:
    """Counters at begin and end of each stretch of a run that belongs to no lot, as the station was held."""
    if not book.held:
        return []
    end_us = book.runs[place + 1].from_us if place + 1 < len(book.runs) else None
    return held.between(book.series, book.held, book.runs[place].from_us, end_us)


def pieces_of(book: StationBook, place: int) -> list[tuple[Totals, Totals]]:
    """A run's counters at begin and end of each stretch of it that belongs to its lot."""
    begin, end = span_of(book, place)
    found = []
    for apart in held_in(book, place):
        if apart[0] != begin:
            found.append((begin, apart[0]))
        begin = apart[1]
    if begin != end or not found:
        found.append((begin, end))
    return found


def reading(state: GenealogyState) -> GenealogyState:
    """The same, for one answer that reads many counts; nothing is folded into it."""
    books = {name: replace(book, series=Reading.of(book.series)) for name, book in state.stations.items()}
    return replace(state, stations=books)


Rare = (
    ContainerFilled
    | FirstPieceChecked
    | HoldOverridden
    | LineCleared
    | LotClosed
    | LotMerged
    | LotOpened
    | LotRequired
    | LotSplit
    | PersonSignedOff
    | PersonSignedOn
    | SetupApproved
    | StationHeld
    | ToolChanged
    | UnitsReported
    | BalanceClosed
    | Consumed
    | ContainerEmptied
    | PassageCounted
    | Received
    | Routed
    | Shipped
)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(GenealogyState)


class Genealogy:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "genealogy"
    version = 3
    hears: tuple[type, ...] = (UnitsCounted, StationChanged, *Rare.__args__)

    def empty(self) -> GenealogyState:
        """Nothing was told yet."""
        return GenealogyState()

    def apply(self, state: GenealogyState, fact: Fact) -> None:
        """One fact more."""
        event: Any = fact.event
        kind = type(event)
        if kind is UnitsCounted:
            _count(state, event)
        elif kind is StationChanged:
            book = state.stations.get(event.station) or _station(state, event.station)
            at_us, told = fact.message.at_us, event.state
            book.stops.change(at_us, told in STANDS, event.mode or told)
            if at_us >= book.since_us:
                book.since_us, book.state = at_us, word(told, event.mode)
        elif kind in self.hears:
            _rarer(state, fact, event)

    def dump(self, state: GenealogyState) -> bytes:
        """MessagePack, as it is large."""
        return _encoder.encode(state)

    def load(self, data: bytes) -> GenealogyState:
        """What :meth:`dump` gave."""
        return _decoder.decode(data)


def _station(state: GenealogyState, name: str) -> StationBook:
    found = state.stations.get(name)
    if found is None:
        found = state.stations[name] = StationBook()
    return found


def _count(state: GenealogyState, event: UnitsCounted) -> None:
    from_us, to_us = event.from_us, event.to_us
    if to_us <= from_us:
        return
    book = state.stations.get(event.station) or _station(state, event.station)
    series, runs = book.series, book.runs
    row = (from_us, to_us, event.entered, event.good, event.scrapped, event.scrapped_units)
    if from_us < series.to_us:
        if series.add(row):
            _shift(book, row[0], event)
        return
    if not runs or runs[-1].lot != event.lot:
        lot = state.lots.get(event.lot) if event.lot is not None else None
        if lot is not None:
            lot.runs.setdefault(event.station, []).append(len(runs))
        runs.append(Run(event.lot, from_us, series.entered, series.good, series.scrapped))
    series.add(row)
    state.latest_us = max(state.latest_us, to_us)
    if book.state and book.since_us < to_us:
        stood(book.quiet, book.state, book.since_us, event, series)


def _shift(book: StationBook, at_us: int, event: UnitsCounted) -> None:
    """A count came late: whatever lies behind it lies so many units further on."""
    for run in book.runs:
        if run.from_us > at_us:
            run.entered, run.good = run.entered + event.entered, run.good + event.good
            run.scrapped += event.scrapped
    for mark in book.marks:
        if mark.at_us > at_us and mark.entered >= 0:
            mark.entered, mark.good = mark.entered + event.entered, mark.good + event.good
    for quiet in book.quiet:
        if quiet.at_us > at_us:
            quiet.entered, quiet.good = quiet.entered + event.entered, quiet.good + event.good
            quiet.scrapped += event.scrapped


def _rarer(state: GenealogyState, fact: Fact, event: Rare) -> None:
    at_us = fact.message.at_us
    match event:
        case PersonSignedOn() | PersonSignedOff():
            kind = "on" if isinstance(event, PersonSignedOn) else "off"
            _mark(state, event.station, Mark(at_us, kind, event.person, *_known(event.passed), 0, None))
        case ToolChanged():
            _mark(state, event.station, Mark(at_us, "tool", event.tool, *_known(event.passed), 0, None))
        case Consumed():
            mark = Mark(at_us, "in", event.subject, *_known(event.passed), event.quantity, event.lot)
            _mark(state, event.station, mark)
        case ContainerFilled():
            _fill(state, event, at_us)
        case LineCleared():
            for name in [event.station] if event.station is not None else _of_line(state, event.line):
                _mark(state, name, Mark(at_us, "cleared", event.previous_lot or "", -1, -1, 0, event.previous_lot))
                held.tell(state.stations[name].held, event, at_us)
        case StationHeld() | LotRequired() | FirstPieceChecked() | SetupApproved() | HoldOverridden():
            held.tell(_station(state, event.station).held, event, at_us)
            if isinstance(event, LotRequired) and event.block:
                state.awaited.append(Awaited(at_us, event.line, event.station, event.lot, event.makes))
                del state.awaited[:-AWAITED]
        case PassageCounted():
            as_of_us = at_us if event.counted_at_us is None else event.counted_at_us
            laid = _station(state, event.station).laid
            counted = Laid(as_of_us, event.before, event.quantity, event.within, event.person)
            bisect.insort(laid, counted, key=lambda known: known.at_us)
            del laid[:-QUIETS]
        case UnitsReported():
            _report(_station(state, event.station), event)
        case Received():
            state.materials[event.material_lot] = Material(
                event.material, at_us, event.quantity, event.supplier, event.supplier_lot
            )
        case _:
            _of_lot(state, fact, event)


def _settle(state: GenealogyState, opened: str, at_us: int) -> None:
    """A lot was opened: stations that waited for it wait no longer; by the same rule as in production.

    A part of a lot is no other lot; a whole new lot tells apart what a sub-lot would have, too.
    """
    new = state.lots[opened]
    kept = []
    for one in state.awaited:
        kin = one.makes == "sub_lot" and new.parent is not None and state.root(one.lot) == state.root(opened)
        fits = one.line == new.line and one.lot != opened and one.since_us <= at_us and (new.parent is None or kin)
        if fits:
            held.lot_opened(state.stations[one.station].held, at_us)
        else:
            kept.append(one)
    state.awaited = kept


def _report(book: StationBook, event: UnitsReported) -> None:
    """A person's count stands beside the machine's; what was taken out as samples is no count."""
    since = event.from_us if event.from_us is not None else -1
    if event.good or event.scrapped:
        book.reports.append(Reported(since, event.to_us, event.good, event.scrapped, event.person))
        del book.reports[:-REPORTS]
    if event.sampled:
        sample = Sample(since, event.to_us, event.sampled, event.lot, event.person)
        bisect.insort(book.samples, sample, key=lambda known: known.to_us)


def _of_lot(
    state: GenealogyState,
    fact: Fact,
    event: LotOpened | LotClosed | LotSplit | LotMerged | Routed | Shipped | ContainerEmptied | BalanceClosed,
) -> None:
    at_us = fact.message.at_us
    match event:
        case LotOpened():
            _open(state, event.lot, event, at_us)
            state.lots[event.lot].parent = event.parent
            _settle(state, event.lot, at_us)
        case LotClosed():
            if event.lot in state.lots:
                state.lots[event.lot].closed_us = at_us
        case LotSplit():
            parent = state.lots.get(event.lot)
            if parent is not None:
                _open(state, event.new_lot, parent, at_us)
                state.lots[event.new_lot].parent = event.lot
                _kin(state, event.lot, event.new_lot, event.units, at_us)
                _settle(state, event.new_lot, at_us)
        case LotMerged():
            if event.lot in state.lots and event.into in state.lots:
                _kin(state, event.lot, event.into, event.units, at_us)
                state.lots[event.lot].closed_us = state.lots[event.lot].closed_us or at_us
        case Routed():
            if event.lot in state.lots:
                back = (event.units, event.good or 0, event.scrapped or 0)
                state.lots[event.lot].routed[event.routing] = back
        case Shipped():
            _ship(state, event, at_us)
        case ContainerEmptied():
            state.emptied[event.container] = at_us
        case BalanceClosed():
            state.balances[event.lot] = Closed(
                at_us, event.unaccounted, event.tolerated, event.reason, event.person, fact.position
            )
        case _:
            assert_never(event)


def _known(passed: Passed | None) -> tuple[int, int]:
    return (-1, -1) if passed is None else (passed.entered, passed.good)


def _mark(state: GenealogyState, station: str, mark: Mark) -> None:
    marks = _station(state, station).marks
    place = len(marks)
    while place and marks[place - 1].at_us > mark.at_us:
        place -= 1
    marks.insert(place, mark)
    places = state.places.setdefault(mark.subject, [])
    if station not in places:
        places.append(station)


def _of_line(state: GenealogyState, line: str) -> list[str]:
    return [name for name in state.stations if name.partition(".")[0] == line]


def _open(state: GenealogyState, name: str, like: LotOpened | LotBook, at_us: int) -> None:
    state.lots.setdefault(name, LotBook(order=like.order, product=like.product, line=like.line, opened_us=at_us))


def _kin(state: GenealogyState, origin: str, target: str, units: int, at_us: int) -> None:
    state.lots[origin].gave.append(Kin(at_us, target, units))
    state.lots[target].got.append(Kin(at_us, origin, units))


def _fill(state: GenealogyState, event: ContainerFilled, at_us: int) -> None:
    entered, good = _known(event.passed)
    state.containers.setdefault(event.container, []).append(Filling(at_us, event.lot, event.station, event.units, good))
    _mark(state, event.station, Mark(at_us, "filled", event.container, entered, good, event.units, event.lot))
    lot = state.lots.get(event.lot)
    if lot is not None:
        lot.containers.append(event.container)


def _ship(state: GenealogyState, event: Shipped, at_us: int) -> None:
    known = state.shipments.setdefault(event.shipment, Shipment(at_us, event.receiver, {}, []))
    known.units[event.lot] = known.units.get(event.lot, 0) + event.units
    known.containers += event.containers
    lot = state.lots.get(event.lot)
    if lot is not None and event.shipment not in lot.shipments:
        lot.shipments.append(event.shipment)


REDUCER = Genealogy()
