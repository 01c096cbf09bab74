"""What production tells: orders, lots, containers, counts, states of stations, shifts."""

from __future__ import annotations

from typing import ClassVar, Literal

from fabrika.events.event import Event, Part
from fabrika.events.fields import Count, Duration, Id, Instant, Text

State = Literal[
    "processing", "setup", "blocked", "starved", "down", "waiting", "planned", "off_shift", "no_order", "unknown"
]
"""States of a station as ISO 22400-2 splits time; ``unknown`` while nothing is heard of it."""


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


class LotOpened(Event, frozen=True, kw_only=True):
    """Units made from here on belong to this lot.

    Attributes:
        edition: edition of the plant file under which the lot is made.
    """

    NAME: ClassVar[str] = "production.lot_opened"
    lot: Id
    order: Id
    product: Id
    line: Id
    edition: Count


class ContainerFilled(Event, frozen=True, kw_only=True):
    """A container was filled from a lot and closed."""

    NAME: ClassVar[str] = "production.container_filled"
    container: Id
    lot: Id
    station: Id
    units: Count


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


class StationChanged(Event, frozen=True, kw_only=True):
    """A station is in another state, since the event's own instant."""

    NAME: ClassVar[str] = "production.station_changed"
    station: Id
    state: State
    lot: Id | None = None
    mode: Id | None = None


class StopCoded(Event, frozen=True, kw_only=True):
    """A person said why a station stood."""

    NAME: ClassVar[str] = "production.stop_coded"
    station: Id
    from_us: Instant
    to_us: Instant
    mode: Id
    person: Id
    remark: Text | None = None


class LineCleared(Event, frozen=True, kw_only=True):
    """Nothing of the lot before is left on the line."""

    NAME: ClassVar[str] = "production.line_cleared"
    line: Id
    previous_lot: Id
    person: Id


class SetupApproved(Event, frozen=True, kw_only=True):
    """A station's setup was checked and may run."""

    NAME: ClassVar[str] = "production.setup_approved"
    station: Id
    lot: Id
    person: Id


class PersonSignedOn(Event, frozen=True, kw_only=True):
    """A person works at a station from here on, until another sign-on or the end of the shift."""

    NAME: ClassVar[str] = "production.person_signed_on"
    person: Id
    station: Id
    role: Id


class ShiftHandedOver(Event, frozen=True, kw_only=True):
    """One shift left the line to the next."""

    NAME: ClassVar[str] = "production.shift_handed_over"
    line: Id
    shift: Id
    person: Id
    next_person: Id
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
    LotOpened,
    ContainerFilled,
    UnitsCounted,
    StationChanged,
    StopCoded,
    LineCleared,
    SetupApproved,
    PersonSignedOn,
    ShiftHandedOver,
    LotSplit,
    LotClosed,
    LotMerged,
    OrderClosed,
)
