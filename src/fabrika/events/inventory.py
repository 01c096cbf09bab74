"""What is told of material and of what holds it: received, released, moved, consumed, counted by hand, destroyed, shipped.

Quantities are whole numbers of the unit that the plant file states for the material; a lot's own units are pieces of its product.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from fabrika.events.event import Event, Part
from fabrika.events.fields import Count, Id, Instant, Text, Whole
from fabrika.events.production import Passed

Status = Literal["quarantine", "released", "blocked", "reserved"]
"""Whether a material lot may be used; what is received is in quarantine until somebody releases it."""


class Received(Event, frozen=True, kw_only=True):
    """A lot of material came in, into quarantine.

    Attributes:
        material_lot: its number here, given once.
        material: an id of the plant file's materials.
        quantity: in the material's unit.
        location: where it was put.
        supplier_lot: the supplier's own number, as it stands on the goods.
        expires_at_us: until when it may be used; absent if it keeps.
    """

    NAME: ClassVar[str] = "inventory.received"
    material_lot: Id
    material: Id
    quantity: Count
    location: Id
    supplier: Text | None = None
    supplier_lot: Text | None = None
    expires_at_us: Instant | None = None
    person: Id


class StatusChanged(Event, frozen=True, kw_only=True):
    """A material lot, or a container, may be used from here on, or may not.

    Attributes:
        subject: a material lot or a container.
        reserved_for: the order that it is kept for, where the status is ``reserved``.
    """

    NAME: ClassVar[str] = "inventory.status_changed"
    subject: Id
    status: Status
    reserved_for: Id | None = None
    reason: Text
    person: Id


class Moved(Event, frozen=True, kw_only=True):
    """Some of a material lot, or a whole container, lies somewhere else from here on.

    Attributes:
        subject: a material lot or a container.
        origin, target: locations.
        quantity: how much of a material lot; absent for a container, which moves whole.
        reason: why the book is brought to it, where it lay somewhere else than the book said.
    """

    NAME: ClassVar[str] = "inventory.moved"
    subject: Id
    origin: Id
    target: Id
    quantity: Count | None = None
    reason: Text | None = None
    person: Id


class Consumed(Event, frozen=True, kw_only=True):
    """Some of a material lot, or of a container's content, went into a station.

    Attributes:
        subject: a material lot or a container.
        origin: the location that it was taken from; absent for a container.
        station: where it went in.
        lot: the lot that was made of it.
        quantity: how much.
        passed: the station's counters as it began to go in; absent where nobody knows them to the unit.
        reason: why it was taken although another lot expires first.
    """

    NAME: ClassVar[str] = "inventory.consumed"
    subject: Id
    origin: Id | None = None
    station: Id
    lot: Id | None = None
    quantity: Count
    passed: Passed | None = None
    reason: Text | None = None
    person: Id | None = None


class ContainerRegistered(Event, frozen=True, kw_only=True):
    """A bin, tote, hopper or drum that is used again and again, or once, has a label from here on.

    Attributes:
        kind: an id of the plant file's containers.
    """

    NAME: ClassVar[str] = "inventory.container_registered"
    container: Id
    kind: Id
    location: Id
    person: Id


class ContainerEmptied(Event, frozen=True, kw_only=True):
    """Nothing is left in a container; it may be filled again.

    Attributes:
        left_over: units that were still in it, as they were counted.
    """

    NAME: ClassVar[str] = "inventory.container_emptied"
    container: Id
    left_over: Count = 0
    person: Id


class Routed(Event, frozen=True, kw_only=True):
    """Units left the straight way: to be worked again, sorted or sent back; and what came of it.

    Attributes:
        route: which way.
        lot: the lot that they belong to.
        container: in which they lie, if in one.
        units: how many went.
        good, scrapped: how many came back good, and how many did not; both absent while they are on the way.
    """

    NAME: ClassVar[str] = "inventory.routed"
    routing: Id
    route: Literal["rework", "sorting", "return"]
    lot: Id
    container: Id | None = None
    units: Count
    good: Count | None = None
    scrapped: Count | None = None
    reason: Text
    person: Id


class Scrapped(Event, frozen=True, kw_only=True):
    """Units of a lot, or some of a material lot, are scrap and lie where scrap is kept.

    Attributes:
        subject: a lot, a material lot or a container.
        location: where they lie as scrap.
        origin: the location that some of a material lot was taken from; absent for others.
        station: where they became scrap, if at one.
        reason: an id of the plant file's reasons.
    """

    NAME: ClassVar[str] = "inventory.scrapped"
    subject: Id
    quantity: Count
    location: Id
    origin: Id | None = None
    station: Id | None = None
    reason: Id
    person: Id


class DestructionPrepared(Event, frozen=True, kw_only=True):
    """A person is about to destroy scrap; it counts as destroyed once somebody else has seen and signed it.

    Attributes:
        location: where it is kept.
    """

    NAME: ClassVar[str] = "inventory.destruction_prepared"
    destruction: Id
    subject: Id
    location: Id
    quantity: Count
    person: Id


class Destroyed(Event, frozen=True, kw_only=True):
    """Scrap was destroyed, and somebody else saw it.

    Attributes:
        destruction: as it was prepared; absent if it was not.
        location: where it had been kept.
        quantity: how much, as it was counted or weighed in.
        witness: the second person.
    """

    NAME: ClassVar[str] = "inventory.destroyed"
    destruction: Id | None = None
    subject: Id
    location: Id
    quantity: Count
    witness: Id
    person: Id


class Shipped(Event, frozen=True, kw_only=True):
    """Containers and units of lots left the plant."""

    NAME: ClassVar[str] = "inventory.shipped"
    shipment: Id
    order: Id | None = None
    lot: Id
    units: Count
    containers: tuple[Id, ...] = ()
    receiver: Text
    person: Id


class Expected(Part, frozen=True, kw_only=True):
    """How much of something the book held when a stocktaking began."""

    subject: Id
    quantity: Count


class StocktakeBegun(Event, frozen=True, kw_only=True):
    """A location is counted by hand; what the book holds of it is frozen as it stands."""

    NAME: ClassVar[str] = "inventory.stocktake_begun"
    stocktake: Id
    location: Id
    expected: tuple[Expected, ...]
    person: Id


class Counted(Event, frozen=True, kw_only=True):
    """What a person who does not keep this stock found of something."""

    NAME: ClassVar[str] = "inventory.counted"
    stocktake: Id
    subject: Id
    quantity: Count
    person: Id


class PassageCounted(Event, frozen=True, kw_only=True):
    """A person counted or weighed what lay between two stations.

    Attributes:
        before, station: the station that gives, and the one that takes.
        quantity: units that lay there.
        within: how far that can be off, either way.
        counted_at_us: as of when; the event's own instant if absent.
    """

    NAME: ClassVar[str] = "inventory.passage_counted"
    before: Id
    station: Id
    quantity: Count
    within: Count = 0
    counted_at_us: Instant | None = None
    person: Id


class Adjusted(Event, frozen=True, kw_only=True):
    """The book was brought to what was found, by somebody with the authority, after the difference was looked into.

    Attributes:
        difference: found less expected.
    """

    NAME: ClassVar[str] = "inventory.adjusted"
    stocktake: Id
    subject: Id
    difference: Whole
    reason: Text
    person: Id


class StocktakeClosed(Event, frozen=True, kw_only=True):
    """A stocktaking is over; every difference was adjusted or explained."""

    NAME: ClassVar[str] = "inventory.stocktake_closed"
    stocktake: Id
    person: Id


class BalanceClosed(Event, frozen=True, kw_only=True):
    """The units of a lot were added up and the sum was accepted.

    Attributes:
        entered, good, scrapped, sampled, in_process: units of the lot.
        unaccounted: entered less all the others.
        tolerated: how many may be missing or too many by the counters' own uncertainty.
    """

    NAME: ClassVar[str] = "inventory.balance_closed"
    lot: Id
    entered: Count
    good: Count
    scrapped: Count
    sampled: Count
    in_process: Count
    unaccounted: Whole
    tolerated: Count
    reason: Text | None = None
    person: Id


KINDS: tuple[type[Event], ...] = (
    Received,
    StatusChanged,
    Moved,
    Consumed,
    ContainerRegistered,
    ContainerEmptied,
    Routed,
    Scrapped,
    DestructionPrepared,
    Destroyed,
    Shipped,
    StocktakeBegun,
    Counted,
    PassageCounted,
    Adjusted,
    StocktakeClosed,
    BalanceClosed,
)
