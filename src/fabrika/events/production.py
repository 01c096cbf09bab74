"""What production tells: orders, lots, containers, counts, states of stations, shifts."""

from __future__ import annotations

from typing import ClassVar, Literal

from fabrika.events.event import Event, Part
from fabrika.events.fields import Count, Duration, Id, Instant, Text

State = Literal[
    "processing",
    "setup",
    "blocked",
    "starved",
    "down",
    "waiting",
    "planned",
    "off_shift",
    "no_order",
    "safety",
    "unknown",
]
"""States of a station as ISO 22400-2 splits time; ``safety`` where it was stopped for somebody's safety, whatever else holds;
``unknown`` while nothing is heard of it."""

Need = Literal["clearance", "first_piece", "approval", "lot"]
"""What a station can be held for: nothing foreign is left, the first piece is right, a second person says that it may run;
and the next lot, where one is due (:class:`LotRequired`)."""


class Passed(Part, frozen=True, kw_only=True):
    """A station's counters at a moment, so that what changes then can be placed among its units.

    Attributes:
        entered: units that had entered it since its first count in this book.
        good: units that had left it good since then.
    """

    entered: Count
    good: Count


class OrderReleased(Event, frozen=True, kw_only=True):
    """An order may be made.

    Attributes:
        quantity: good pieces wanted.
        due_at_us: when they are wanted; absent if it does not matter.
    """

    NAME: ClassVar[str] = "production.order_released"
    order: Id
    product: Id
    line: Id
    quantity: Count
    due_at_us: Instant | None = None


class CallOffScheduled(Event, frozen=True, kw_only=True):
    """The customer wants part of an order until an instant.

    Attributes:
        call_off: its number within the order's, as the customer or the plant gave it.
        quantity: good pieces.
    """

    NAME: ClassVar[str] = "production.call_off_scheduled"
    order: Id
    call_off: Id
    quantity: Count
    due_at_us: Instant
    person: Id


class CallOffWithdrawn(Event, frozen=True, kw_only=True):
    """Part of an order is wanted no more as it was called off."""

    NAME: ClassVar[str] = "production.call_off_withdrawn"
    order: Id
    call_off: Id
    reason: Text
    person: Id


class LotOpened(Event, frozen=True, kw_only=True):
    """Units made from here on belong to this lot.

    Attributes:
        edition: edition of the plant file under which the lot is made.
        parent: the lot of which it is a sub-lot: what is made from here on is told apart from it.
    """

    NAME: ClassVar[str] = "production.lot_opened"
    lot: Id
    order: Id
    product: Id
    line: Id
    edition: Count
    parent: Id | None = None


class LotRequired(Event, frozen=True, kw_only=True):
    """By the plant's rule what a line makes from here on must be told apart from what it made before.

    Attributes:
        station: where the change happened.
        lot: the lot that was made until then.
        cause: which change: another product, another lot of a material, another tool, a repair, a long stop.
        subject: the material lot or the tool, if it is one.
        makes: whether the next lot is due, or a sub-lot of this one.
        block: whether units of the station belong to no lot, and none may be reported there, until it is opened.
    """

    NAME: ClassVar[str] = "production.lot_required"
    line: Id
    station: Id
    lot: Id
    cause: Literal["campaign", "component_lot", "tool", "repair", "long_stop"]
    subject: Id | None = None
    makes: Literal["lot", "sub_lot"]
    block: bool


class ContainerFilled(Event, frozen=True, kw_only=True):
    """A container was filled from a lot and closed.

    Attributes:
        passed: the station's counters as it was closed; absent where nobody knows them to the unit.
    """

    NAME: ClassVar[str] = "production.container_filled"
    container: Id
    lot: Id
    station: Id
    units: Count
    passed: Passed | None = None


class StateTime(Part, frozen=True, kw_only=True):
    """How long a station was in a state within a count's interval."""

    state: State
    duration_us: Duration


class UnitsCounted(Event, frozen=True, kw_only=True):
    """Units that a station counted in an interval, as differences of its counters.

    Attributes:
        from_us, to_us: the interval, half open.
        entered, good, scrapped: units in it.
        counter: the machine's own total at the end; absent if it has none.
        counter_reset: the counter began anew or rolled over in the interval.
        times: time in each state; states shorter than 30 s are told only here. They sum to the interval.
        scrapped_units: which of the units that left in the interval, good or scrapped, were scrapped: 1 for the first,
            ascending; only of a machine that knows, and then one for each that was scrapped.
    """

    NAME: ClassVar[str] = "production.units_counted"
    station: Id
    lot: Id | None = None
    from_us: Instant
    to_us: Instant
    entered: Count
    good: Count
    scrapped: Count
    counter: Count | None = None
    counter_reset: bool = False
    times: tuple[StateTime, ...] = ()
    scrapped_units: tuple[Count, ...] = ()


class UnitsReported(Event, frozen=True, kw_only=True):
    """What a person counted at a station; it stands beside what its machine counted and is not added to it.

    Attributes:
        from_us, to_us: the time for which it stands; without ``from_us`` it is since the report before.
        good, scrapped: units.
        reason: why they were scrapped, an id of the plant file's reasons; absent if nothing was.
        container: in which the good ones lie, if they were counted by container.
        sampled: units that were taken out behind the station as samples; they are none of the others.
    """

    NAME: ClassVar[str] = "production.units_reported"
    station: Id
    lot: Id | None = None
    from_us: Instant | None = None
    to_us: Instant
    good: Count
    scrapped: Count
    reason: Id | None = None
    container: Id | None = None
    sampled: Count = 0
    person: Id


class StationChanged(Event, frozen=True, kw_only=True):
    """A station is in another state, since the event's own instant.

    Attributes:
        remark: what a person says beside it; absent where a machine tells.
    """

    NAME: ClassVar[str] = "production.station_changed"
    station: Id
    state: State
    lot: Id | None = None
    mode: Id | None = None
    remark: Text | None = None


class StopCoded(Event, frozen=True, kw_only=True):
    """A person said why a station stood."""

    NAME: ClassVar[str] = "production.stop_coded"
    station: Id
    from_us: Instant
    to_us: Instant
    mode: Id
    person: Id
    remark: Text | None = None


class StationHeld(Event, frozen=True, kw_only=True):
    """What a station makes from here on belongs to no lot, until what is needed is recorded or somebody overrides it.

    Attributes:
        cause: after what: a changeover, a long stop or a repair.
        needs: what the plant file wants.
        block: whether nothing may be reported at it meanwhile; else it is a warning.
        lot: the lot that is to be made next, if it is known.
    """

    NAME: ClassVar[str] = "production.station_held"
    station: Id
    cause: Literal["changeover", "long_stop", "repair"]
    needs: tuple[Need, ...]
    block: bool
    lot: Id | None = None


class LineCleared(Event, frozen=True, kw_only=True):
    """Nothing of the lot before is left on the line, or at one station of it.

    Attributes:
        previous_lot: what was made there before; absent if nobody knows.
        station: the station that was cleared; absent if the whole line was.
    """

    NAME: ClassVar[str] = "production.line_cleared"
    line: Id
    previous_lot: Id | None = None
    station: Id | None = None
    person: Id


class FirstPieceChecked(Event, frozen=True, kw_only=True):
    """The first piece after a setup was looked at.

    Attributes:
        right: whether it is as it must be.
    """

    NAME: ClassVar[str] = "production.first_piece_checked"
    station: Id
    lot: Id
    right: bool
    remark: Text | None = None
    person: Id


class SetupApproved(Event, frozen=True, kw_only=True):
    """A station's setup was checked and may run."""

    NAME: ClassVar[str] = "production.setup_approved"
    station: Id
    lot: Id
    person: Id


class HoldOverridden(Event, frozen=True, kw_only=True):
    """Somebody who may lets a held station run although something is missing.

    Attributes:
        missing: what was not recorded when they did.
    """

    NAME: ClassVar[str] = "production.hold_overridden"
    station: Id
    missing: tuple[Need, ...]
    reason: Text
    person: Id


class ToolChanged(Event, frozen=True, kw_only=True):
    """Another tool works at a station from here on.

    Attributes:
        passed: the station's counters at that moment; absent where nobody knows them to the unit.
    """

    NAME: ClassVar[str] = "production.tool_changed"
    station: Id
    tool: Id
    before: Id | None = None
    passed: Passed | None = None
    person: Id


class PersonSignedOn(Event, frozen=True, kw_only=True):
    """A person works at a station from here on, until they sign off, another sign-on or the end of the shift.

    Attributes:
        passed: the station's counters at that moment; absent where nobody knows them to the unit.
    """

    NAME: ClassVar[str] = "production.person_signed_on"
    person: Id
    station: Id
    role: Id
    passed: Passed | None = None


class PersonSignedOff(Event, frozen=True, kw_only=True):
    """A person works at a station no more; ``passed`` as in :class:`PersonSignedOn`."""

    NAME: ClassVar[str] = "production.person_signed_off"
    person: Id
    station: Id
    passed: Passed | None = None


class HandoverPrepared(Event, frozen=True, kw_only=True):
    """The shift that leaves wrote down what the next must know, and signed it.

    Attributes:
        handover: its id.
        shift: the shift that leaves.
        stops, holds, containers: what was open as it was written: stations that stand, stations held, containers in hand.
    """

    NAME: ClassVar[str] = "production.handover_prepared"
    handover: Id
    line: Id
    shift: Id
    stops: tuple[Id, ...] = ()
    holds: tuple[Id, ...] = ()
    containers: tuple[Id, ...] = ()
    remark: Text | None = None
    person: Id


class ShiftHandedOver(Event, frozen=True, kw_only=True):
    """One shift left the line to the next; who takes over signs it.

    Attributes:
        handover: what was prepared and is taken over; absent if nothing was written down.
    """

    NAME: ClassVar[str] = "production.shift_handed_over"
    line: Id
    shift: Id
    person: Id
    next_person: Id
    handover: Id | None = None
    remark: Text | None = None


class LotSplit(Event, frozen=True, kw_only=True):
    """Part of a lot goes its own way from here on."""

    NAME: ClassVar[str] = "production.lot_split"
    lot: Id
    new_lot: Id
    units: Count
    reason: Text
    person: Id


class LotMerged(Event, frozen=True, kw_only=True):
    """All that is left of a lot belongs to another from here on.

    Attributes:
        units: good units that went over.
    """

    NAME: ClassVar[str] = "production.lot_merged"
    lot: Id
    into: Id
    units: Count
    reason: Text
    person: Id


class OrderClosed(Event, frozen=True, kw_only=True):
    """Nothing more is made of an order, complete or not."""

    NAME: ClassVar[str] = "production.order_closed"
    order: Id
    reason: Text
    person: Id


class LotClosed(Event, frozen=True, kw_only=True):
    """Nothing more is made in a lot.

    Attributes:
        good, scrapped: units as the line counted them.
    """

    NAME: ClassVar[str] = "production.lot_closed"
    lot: Id
    good: Count
    scrapped: Count
    person: Id


KINDS: tuple[type[Event], ...] = (
    OrderReleased,
    CallOffScheduled,
    CallOffWithdrawn,
    LotOpened,
    LotRequired,
    ContainerFilled,
    UnitsCounted,
    UnitsReported,
    StationChanged,
    StopCoded,
    StationHeld,
    LineCleared,
    FirstPieceChecked,
    SetupApproved,
    HoldOverridden,
    ToolChanged,
    PersonSignedOn,
    PersonSignedOff,
    HandoverPrepared,
    ShiftHandedOver,
    LotSplit,
    LotClosed,
    LotMerged,
    OrderClosed,
)
