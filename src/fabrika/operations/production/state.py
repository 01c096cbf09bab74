"""What was counted, in which state the stations are, which lot is made: folded from what machines and persons told.

The last two days are kept as they were told; before that there are sums by hour for five weeks, and by day (of UTC) before
that, so that years of history fit into a small snapshot. The book holds everything.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, assert_never

import msgspec
from msgspec import Struct, field

from fabrika.events.envelope import Message
from fabrika.events.house import ReportSettled
from fabrika.events.inventory import Consumed, Shipped
from fabrika.events.production import (
    CallOffScheduled,
    CallOffWithdrawn,
    HandoverPrepared,
    LineCleared,
    LotClosed,
    LotMerged,
    LotOpened,
    LotRequired,
    LotSplit,
    OrderClosed,
    OrderReleased,
    PersonSignedOff,
    PersonSignedOn,
    ShiftHandedOver,
    StationChanged,
    StopCoded,
    UnitsCounted,
    UnitsReported,
)
from fabrika.journal.entries import Fact
from fabrika.operations.production import crew, doubts, holds
from fabrika.operations.production.doubts import Doubt
from fabrika.operations.production.handed import Handover, hand_over, prepare
from fabrika.operations.production.holds import Hold
from fabrika.operations.production.lot_state import (
    Books,
    CallOff,
    Due,
    Order,
    close_lot,
    feed,
    merge_lot,
    note_due,
    open_lot,
    settle,
    split_lot,
)
from fabrika.operations.production.sums import Sum, add, thin

HOUR_US = 3_600_000_000
DETAIL_US = 48 * HOUR_US
"""What a station told is kept for so long behind the last that it told."""
SLACK_US = 6 * HOUR_US
"""Details are thrown away in strides of this length."""
ODDITIES = 50
"""Doubled counts and gaps of a counter that are remembered of a station."""


class Count(Struct, array_like=True, gc=False):
    """What a station counted in an interval; see :class:`fabrika.events.production.UnitsCounted`."""

    from_us: int
    to_us: int
    entered: int
    good: int
    scrapped: int
    lot: str | None
    key: str
    times: dict[str, int]


class Change(Struct, array_like=True, gc=False):
    """A station went into a state at an instant; ``by`` whom, where a person said so and not a machine."""

    at_us: int
    state: str
    mode: str | None
    lot: str | None
    key: str
    by: str | None = None


class Coding(Struct, array_like=True, gc=False):
    """A person said at an instant why a station stood."""

    from_us: int
    to_us: int
    mode: str
    person: str
    remark: str | None
    key: str
    at_us: int


class Oddity(Struct, array_like=True, gc=False):
    """Something in the counts that a person should look at.

    Attributes:
        units: units that were counted twice, or that the counter has beyond what was counted.
        key: identity of the count that was not taken, or behind the gap.
    """

    from_us: int
    to_us: int
    units: int
    key: str


class StationState(Struct):
    """What is known of one station; lists are in the order of time.

    Attributes:
        heard_us: up to when anything is known of it.
        whole_us: from when on the counts are kept as they were told, a full hour; before that there are only sums.
        counter, counter_us: the machine's own total, and as of when.
        doubled: counts of time that had been counted before; they do not count.
        missed: units that the machine's counter has and no count tells, by the gap in which they were made.
        machine: whether a machine told anything of it.
        crew: what persons told of it beside.
        holds: times in which it was held, the last :data:`fabrika.operations.production.holds.HOLDS`.
    """

    heard_us: int = -(2**53)
    whole_us: int = -(2**53)
    changes: list[Change] = []
    counts: list[Count] = []
    hours: list[Sum] = []
    days: list[Sum] = []
    codings: list[Coding] = []
    doubled: list[Oddity] = []
    missed: list[Oddity] = []
    counter: int | None = None
    counter_us: int = 0
    machine: bool = False
    crew: crew.Crew = field(default_factory=crew.Crew)
    holds: list[Hold] = []


class ProductionState(Books):
    """Stations by ``line.station``, beside lots and orders.

    Attributes:
        latest_us: the last instant of which anything was told.
        handovers: by id, the oldest first; of each line the last few.
        handed: how many handovers were prepared on a line.
        doubts: reports that somebody should look at, by their identity.
    """

    stations: dict[str, StationState] = field(default_factory=dict)
    latest_us: int = -(2**53)
    handovers: dict[str, Handover] = field(default_factory=dict)
    handed: dict[str, int] = field(default_factory=dict)
    doubts: dict[str, Doubt] = field(default_factory=dict)


Rare = (
    StopCoded
    | LotOpened
    | LotClosed
    | LotSplit
    | LotMerged
    | OrderReleased
    | OrderClosed
    | CallOffScheduled
    | CallOffWithdrawn
    | Shipped
    | Consumed
    | PersonSignedOn
    | PersonSignedOff
    | UnitsReported
    | HandoverPrepared
    | ShiftHandedOver
    | ReportSettled
)
Heard = StationChanged | UnitsCounted | Rare | holds.Told
HOLDING = frozenset(holds.Told.__args__)
# What is named stands in the order in which it was told first; so the same facts give the same bytes without sorting.
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ProductionState)


class Production:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "production"
    version = 9
    hears: tuple[type, ...] = Heard.__args__

    def empty(self) -> ProductionState:
        """Nothing was told yet."""
        return ProductionState()

    def apply(self, state: ProductionState, fact: Fact) -> None:
        """One fact of production; those that have no place here yet change nothing."""
        event: Any = fact.event
        kind = type(event)
        if kind is UnitsCounted:
            _count(state, fact.message, event)
        elif kind is StationChanged:
            (_change if fact.message.actor is None else _said)(state, fact, event)
        elif kind in HOLDING:
            _hold(state, fact, event)
        elif kind in self.hears:
            _rarer(state, fact, event)

    def dump(self, state: ProductionState) -> bytes:
        """MessagePack, as this is by far the largest state."""
        return _encoder.encode(state)

    def load(self, data: bytes) -> ProductionState:
        """What :meth:`dump` gave."""
        return _decoder.decode(data)


def _rarer(state: ProductionState, fact: Fact, event: Rare) -> None:
    match event:
        case StopCoded():
            coding = Coding(
                event.from_us, event.to_us, event.mode, event.person, event.remark, str(fact.key), fact.message.at_us
            )
            bisect.insort(_station(state, event.station).codings, coding, key=lambda found: found.from_us)
        case OrderReleased() | OrderClosed() | CallOffScheduled() | CallOffWithdrawn() | Shipped():
            _of_order(state, event, fact.message.at_us)
        case LotOpened():
            open_lot(state, event.lot, event, fact.message.at_us)
            _settle(state, fact, event.lot)
        case LotSplit():
            split_lot(state, event, fact.message.at_us)
            _settle(state, fact, event.new_lot)
        case LotMerged():
            merge_lot(state, event, fact.message.at_us)
        case LotClosed():
            close_lot(state, event.lot, fact.message.at_us, event.good, event.scrapped)
        case Consumed():
            feed(state, event)
        case PersonSignedOn():
            at_us = fact.message.at_us
            crew.sign_on(
                _station(state, event.station).crew, crew.Stint(event.person, event.role, at_us, None, str(fact.key))
            )
        case PersonSignedOff():
            crew.sign_off(_station(state, event.station).crew, event.person, fact.message.at_us)
        case UnitsReported():
            _report(state, fact, event)
        case HandoverPrepared():
            prepare(state.handovers, state.handed, event, fact.message.at_us, str(fact.key))
        case ShiftHandedOver():
            hand_over(state.handovers, event, fact.message.at_us, str(fact.key))
        case ReportSettled():
            doubts.settle(state.doubts, event.report)
        case _:
            assert_never(event)


def _of_order(
    state: ProductionState,
    event: OrderReleased | OrderClosed | CallOffScheduled | CallOffWithdrawn | Shipped,
    at_us: int,
) -> None:
    match event:
        case OrderReleased():
            before = state.orders.get(event.order)
            state.orders[event.order] = Order(
                product=event.product,
                line=event.line,
                quantity=event.quantity,
                due_at_us=event.due_at_us,
                released_us=at_us,
                made=before.made if before is not None else 0,
                shipped=before.shipped if before is not None else 0,
                call_offs=before.call_offs if before is not None else {},
            )
        case OrderClosed():
            if event.order in state.orders:
                state.orders[event.order].closed_us = at_us
        case CallOffScheduled():
            if event.order in state.orders:
                state.orders[event.order].call_offs[event.call_off] = CallOff(event.quantity, event.due_at_us)
        case CallOffWithdrawn():
            if event.order in state.orders:
                state.orders[event.order].call_offs.pop(event.call_off, None)
        case Shipped():
            order = event.order or (state.lots[event.lot].order if event.lot in state.lots else "")
            if order in state.orders:
                state.orders[order].shipped += event.units
        case _:
            assert_never(event)


def _settle(state: ProductionState, fact: Fact, opened: str) -> None:
    """A lot was opened: what was due of it is settled, and stations that waited for it wait no longer."""
    at_us, key = fact.message.at_us, str(fact.key)
    dues: list[Due] = list(settle(state, opened, at_us))
    for name in dict.fromkeys(due.station for due in dues if due.block):
        station = _station(state, name)
        _around(state, name, station, at_us, partial(holds.lot_opened, station.holds, at_us, fact.message.actor, key))


def _around(state: ProductionState, name: str, station: StationState, at_us: int, change: Callable[[], object]) -> None:
    """Change a station's holds at an instant: the units of the counts behind it are given back, and shared out anew."""
    counts = [count for count in station.counts if count.to_us > at_us]
    _share_out(state, name, station, counts, -1)
    change()
    _share_out(state, name, station, counts, 1)


def _hold(state: ProductionState, fact: Fact, event: holds.Told) -> None:
    """What was told of holds: of one station, or of all of a line that was cleared as a whole."""
    at_us, key = fact.message.at_us, str(fact.key)
    if isinstance(event, LotRequired):
        note_due(state, event, at_us, key)
    named = [event.station] if event.station is not None else _held_of(state, event)
    for name in named:
        station = _station(state, name)
        before = _lot_before(station, at_us)
        _around(state, name, station, at_us, partial(holds.tell, station.holds, event, at_us, key, before))


def _held_of(state: ProductionState, event: holds.Told) -> list[str]:
    """The stations of the line that was cleared; the others do not mind."""
    line = f"{event.line}." if isinstance(event, LineCleared) else ""
    return [name for name, station in state.stations.items() if station.holds and name.startswith(line)]


def _lot_before(station: StationState, at_us: int) -> str | None:
    """The lot that a station made before an instant, as it told it."""
    before = (change.lot for change in reversed(station.changes) if change.at_us < at_us and change.lot is not None)
    return next(before, None)


def _share_out(state: ProductionState, name: str, station: StationState, counts: Sequence[Count], sign: int) -> None:
    """Move the units of some counts from their lots to the holds that they lie in, or back with ``sign`` -1."""
    for count in counts:
        units = holds.taken(station.holds, count, sign)
        lot = state.lots.get(count.lot) if count.lot is not None else None
        so_far = lot.counted.get(name) if lot is not None else None
        if so_far is not None:
            for place, number in enumerate(units):
                so_far[place] -= sign * number


def _station(state: ProductionState, name: str) -> StationState:
    found = state.stations.get(name)
    if found is None:
        found = state.stations[name] = StationState()
    return found


def _change(state: ProductionState, fact: Fact, event: StationChanged) -> None:
    station = _station(state, event.station)
    at_us = fact.message.at_us
    station.machine = True
    _take(station, Change(at_us, event.state, event.mode, event.lot, str(fact.key)))
    _heard(state, station, at_us)


def _said(state: ProductionState, fact: Fact, event: StationChanged) -> None:
    """A person said in which state a station is: where no machine tells, and where it is stopped for somebody's safety."""
    station, at_us, person = _station(state, event.station), fact.message.at_us, fact.message.actor or ""
    state.latest_us = max(state.latest_us, at_us)
    lasting = crew.safety_at(station.crew, at_us)
    if event.state == "safety":
        if lasting is None:
            stopped = crew.Safety(at_us, None, person, None, str(fact.key))
            bisect.insort(station.crew.safety, stopped, key=lambda found: found.from_us)
    elif lasting is not None:
        lasting.to_us, lasting.ended_by = at_us, person
    if event.state != "safety" and (lasting is None or not station.machine):
        _take(station, Change(at_us, event.state, event.mode, event.lot, str(fact.key), person))


def _take(station: StationState, change: Change) -> None:
    if not station.changes or station.changes[-1].at_us <= change.at_us:
        station.changes.append(change)
    else:
        bisect.insort(station.changes, change, key=lambda found: found.at_us)


def _report(state: ProductionState, fact: Fact, event: UnitsReported) -> None:
    """A person's count; without a begin it is since the one before, or since whoever counted signed on."""
    if not event.good and not event.scrapped:
        return  # samples that were taken out are no count
    station, to_us = _station(state, event.station), event.to_us
    last = crew.before(station.crew, to_us)
    begun = [stint.from_us for stint in station.crew.stints if stint.person == event.person and stint.from_us < to_us]
    from_us = event.from_us
    if from_us is None:
        from_us = max([*begun, *([last.to_us] if last is not None else [])], default=to_us - 1)
    good, scrapped = event.good, event.scrapped
    said = crew.Report(
        from_us, to_us, good + scrapped, good, scrapped, event.reason, event.lot, event.container, event.person,
        fact.message.at_us, str(fact.key), fact.message.device,
    )  # fmt: skip
    twice = doubts.repeated(station.crew.counts, said)
    crew.report(station.crew, said)
    lot = state.lots.get(event.lot) if event.lot is not None else None
    named = (lot.line, lot.closed_us) if lot is not None else None
    strange = doubts.elsewhere(said, event.station.partition(".")[0], named, station.counts)
    doubts.look(state.doubts, event.station, said, fact.position, twice=twice, strange=strange)
    if lot is not None:
        so_far = lot.reported.setdefault(event.station, [0, 0])
        so_far[0] += good
        so_far[1] += scrapped
    state.latest_us = max(state.latest_us, to_us)
    old_us = to_us - DETAIL_US - SLACK_US
    if station.crew.counts[0].to_us < old_us:
        crew.forget(station.crew, to_us - DETAIL_US)


def _count(state: ProductionState, message: Message, event: UnitsCounted) -> None:
    from_us, to_us = event.from_us, event.to_us
    station = state.stations.get(event.station) or _station(state, event.station)
    if to_us <= from_us:
        return
    station.machine = True
    key = f"{message.source}/{message.epoch}/{message.sequence}"
    counts = station.counts
    if counts and from_us < counts[-1].to_us and _counted_before(station, from_us, to_us):
        station.doubled.append(Oddity(from_us, to_us, event.good + event.scrapped, key))
        del station.doubled[:-ODDITIES]
        return
    if event.counter is not None:
        _check_counter(station, event, event.counter, key)
    times: dict[str, int] = {part.state: part.duration_us for part in event.times}
    count = Count(from_us, to_us, event.entered, event.good, event.scrapped, event.lot, key, times)
    if not counts or counts[-1].from_us <= from_us:
        counts.append(count)
    else:
        bisect.insort(counts, count, key=lambda found: found.from_us)
    add(station.hours, HOUR_US, count, times)
    lot = state.lots.get(event.lot) if event.lot is not None else None
    if lot is not None:
        so_far = lot.counted.setdefault(event.station, [0, 0, 0])
        so_far[0] += event.entered
        so_far[1] += event.good
        so_far[2] += event.scrapped
    if station.holds and holds.reaches(station.holds[-1], from_us):
        _share_out(state, event.station, station, [count], 1)
    _heard(state, station, to_us)


def _counted_before(station: StationState, from_us: int, to_us: int) -> bool:
    """Whether some of this time, before the end of the last count, was counted: by the machine and by a person, for instance."""
    place = bisect.bisect_left(station.counts, to_us, key=lambda found: found.from_us)
    if place and station.counts[place - 1].to_us > from_us:
        return True
    if from_us >= station.counts[0].from_us:
        return False
    # Older than the details: an hour holds no more counted time than it is long.
    for total in station.hours:
        overlap = min(to_us, total.from_us + HOUR_US) - max(from_us, total.from_us)
        if overlap > 0 and total.known_us + overlap > HOUR_US:
            return True
    return False


def _check_counter(station: StationState, event: UnitsCounted, counter: int, key: str) -> None:
    """Note units that the machine's own counter has and that no count tells.

    The counter counts what leaves the machine, good or scrapped. One that began anew or rolled over tells nothing of the
    gap before; units made in it are then unknown, and not nought.
    """
    if station.counter is not None and event.from_us >= station.counter_us and not event.counter_reset:
        missed = counter - station.counter - event.good - event.scrapped
        if missed > 0:
            station.missed.append(Oddity(station.counter_us, event.to_us, missed, key))
            del station.missed[:-ODDITIES]
    if event.to_us >= station.counter_us:
        station.counter, station.counter_us = counter, event.to_us


def _heard(state: ProductionState, station: StationState, at_us: int) -> None:
    state.latest_us = max(state.latest_us, at_us)
    if at_us <= station.heard_us:
        return
    station.heard_us = at_us
    old_us, counts, changes = at_us - DETAIL_US - SLACK_US, station.counts, station.changes
    if (counts and counts[0].to_us < old_us) or (changes and changes[0].at_us < old_us):
        _forget(station, at_us - DETAIL_US)


def _forget(station: StationState, limit_us: int) -> None:
    """Drop details before an instant; the state at that instant stays known."""
    station.whole_us = max(station.whole_us, -(-limit_us // HOUR_US) * HOUR_US)
    del station.counts[: bisect.bisect_right(station.counts, limit_us, key=lambda found: found.to_us)]
    before = bisect.bisect_right(station.changes, limit_us, key=lambda found: found.at_us)
    del station.changes[: max(0, before - 1)]
    station.codings = [coding for coding in station.codings if coding.to_us > limit_us]
    thin(station.hours, station.days, limit_us)
    crew.forget(station.crew, limit_us)


REDUCER = Production()
