"""The records of which the state of stock is made."""

from __future__ import annotations

from msgspec import Struct


class MaterialLot(Struct, kw_only=True):
    """A lot of material.

    Attributes:
        at: how much lies at each location, in the material's unit.
        status: ``quarantine``, ``released``, ``blocked`` or ``reserved``; ``reserved_for`` names the order.
        status_by, status_us, reason: who said so, when (us) and why; None as it was received.
        expires_at_us: until when it may be used; None if it keeps.
        consumed, scrapped: how much went into stations, and how much became scrap.
        entries: positions of the entries that say what it is and whether it may be used.
    """

    material: str
    quantity: int
    received_us: int
    received_by: str
    supplier: str | None = None
    supplier_lot: str | None = None
    expires_at_us: int | None = None
    at: dict[str, int] = {}
    status: str = "quarantine"
    reserved_for: str | None = None
    status_by: str | None = None
    status_us: int | None = None
    reason: str | None = None
    consumed: int = 0
    scrapped: int = 0
    entries: list[int] = []

    @property
    def left(self) -> int:
        """How much there is, everywhere."""
        return sum(self.at.values())

    def for_order(self, order: str, at_us: int) -> bool:
        """Whether it may be used for an order at an instant: released, or kept for that order; and not past its shelf life."""
        fit = self.status == "released" or (self.status == "reserved" and self.reserved_for == order)
        return fit and not self.expired(at_us)

    def expired(self, at_us: int) -> bool:
        """Whether it is past its shelf life at an instant."""
        return self.expires_at_us is not None and self.expires_at_us <= at_us


class Container(Struct, kw_only=True):
    """A container and what is in it.

    Attributes:
        kind: an id of the plant file's containers; None if it was filled and nobody has registered it.
        location: where it is; None if nobody said.
        lot, units: what is in it; None and 0 while it is empty.
        moved_by, moved_us: who moved it last, and when (us).
        shipment: with which it left the plant.
        routed: how often its units went each way since it was filled.
    """

    kind: str | None = None
    location: str | None = None
    registered_us: int | None = None
    lot: str | None = None
    units: int = 0
    station: str | None = None
    filled_us: int | None = None
    moved_by: str | None = None
    moved_us: int | None = None
    status: str = "released"
    reserved_for: str | None = None
    status_by: str | None = None
    status_us: int | None = None
    reason: str | None = None
    shipment: str | None = None
    routed: dict[str, int] = {}
    entries: list[int] = []


class KnownLot(Struct, kw_only=True):
    """What the room knows of a lot of products.

    Attributes:
        good: as it was closed; None while it is open.
        shipped, scrapped: units that left the plant, and that people called scrap.
    """

    order: str
    product: str
    line: str
    closed_us: int | None = None
    good: int | None = None
    shipped: int = 0
    scrapped: int = 0


class Routing(Struct, kw_only=True):
    """Units on a way beside the straight one; ``ended_us`` is None while they are on it."""

    route: str
    lot: str
    container: str | None
    units: int
    reason: str
    begun_us: int
    begun_by: str
    good: int | None = None
    scrapped: int | None = None
    ended_us: int | None = None
    ended_by: str | None = None


class Destruction(Struct, kw_only=True):
    """Scrap that somebody is about to destroy, or destroyed before a witness."""

    subject: str
    location: str
    quantity: int
    prepared_by: str
    prepared_us: int
    witness: str | None = None
    destroyed_us: int | None = None


class Shipment(Struct, kw_only=True):
    """What left the plant under one number."""

    receiver: str
    order: str | None
    shipped_us: int
    person: str
    lots: dict[str, int] = {}
    containers: list[str] = []


class Found(Struct, kw_only=True):
    """What a person found in a stocktaking."""

    quantity: int
    person: str
    at_us: int


class Stocktake(Struct, kw_only=True):
    """A count of a location by hand.

    Attributes:
        expected: what the book held as it began, by subject.
        found: what was found, by subject, the last count of each.
        before: counts that a later one replaced, by subject.
        adjusted: by how much the book was brought to what was found, by subject; ``reasons`` likewise why.
    """

    location: str
    begun_us: int
    begun_by: str
    expected: dict[str, int]
    found: dict[str, Found] = {}
    before: dict[str, list[Found]] = {}
    adjusted: dict[str, int] = {}
    reasons: dict[str, str] = {}
    adjusted_by: dict[str, str] = {}
    closed_us: int | None = None
    closed_by: str | None = None

    def difference(self, subject: str) -> int | None:
        """Found less expected; None while it is not counted. What was not expected was expected to be nought."""
        found = self.found.get(subject)
        return None if found is None else found.quantity - self.expected.get(subject, 0)

    @property
    def subjects(self) -> list[str]:
        """All that was expected or found, by id."""
        return sorted(self.expected.keys() | self.found.keys())

    @property
    def uncounted(self) -> list[str]:
        """What was expected and is not counted."""
        return sorted(self.expected.keys() - self.found.keys())

    @property
    def unsettled(self) -> list[str]:
        """What differs and was not adjusted."""
        return [name for name in self.subjects if self.difference(name) and name not in self.adjusted]


class InventoryState(Struct):
    """All that is known of stock.

    Attributes:
        scrap: by location, how much scrap of which subject is kept there.
        hands: by location, who put in or took out last when (us).
        orders: those that are open.
        numbers: how many ids of a kind were given: ``routing``, ``stocktake``, ``destruction``, ``material``.
    """

    lots: dict[str, MaterialLot] = {}
    containers: dict[str, Container] = {}
    products: dict[str, KnownLot] = {}
    orders: set[str] = set()
    scrap: dict[str, dict[str, int]] = {}
    routings: dict[str, Routing] = {}
    destructions: dict[str, Destruction] = {}
    shipments: dict[str, Shipment] = {}
    stocktakes: dict[str, Stocktake] = {}
    hands: dict[str, dict[str, int]] = {}
    numbers: dict[str, int] = {}

    def open_stocktake(self, location: str) -> tuple[str, Stocktake] | None:
        """The stocktaking that is going on at a location, None if none is."""
        found = ((name, one) for name, one in self.stocktakes.items() if one.location == location)
        return next(((name, one) for name, one in found if one.closed_us is None), None)

    def on_the_way(self, container: str) -> str | None:
        """The routing that a container's units are on, None if they are on none."""
        return next(
            (name for name, one in self.routings.items() if one.container == container and one.ended_us is None), None
        )

    def held_at(self, location: str) -> dict[str, int]:
        """What the book holds of a location, by subject: material lots, containers with their units, scrap."""
        held = {name: lot.at[location] for name, lot in self.lots.items() if lot.at.get(location)}
        held |= {name: box.units for name, box in self.containers.items() if box.location == location}
        for subject, quantity in self.scrap.get(location, {}).items():
            held[subject] = held.get(subject, 0) + quantity
        return held
