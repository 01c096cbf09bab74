"""What is in stock, by lot, container and location; one material lot; one container; with the labels of both."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.operations.inventory import labels, limits
from fabrika.operations.inventory.boxes import capacity_of
from fabrika.operations.inventory.lookups import material_lot, subject_of
from fabrika.operations.inventory.material import first_to_expire
from fabrika.operations.inventory.records import Container, InventoryState, MaterialLot
from fabrika.page import Asked, Page, States
from fabrika.plant.model import Location
from fabrika.wording import Worded

SHOWN = 300
"""Rows of a kind that are listed."""
STATUS: Mapping[str, str] = MappingProxyType(
    {
        "quarantine": Worded("in quarantine"),
        "released": Worded("released"),
        "blocked": Worded("blocked for use"),
        "reserved": Worded("reserved"),
        "expired": Worded("past its shelf life"),
    }
)
"""Whether stock may be used, in words."""
HOLDS: Mapping[str, str] = MappingProxyType(
    {
        "stock": Worded("stock"),
        "line": Worded("beside a line"),
        "quarantine": Worded("quarantine"),
        "scrap": Worded("scrap"),
        "dispatch": Worded("dispatch"),
    }
)
"""What locations are for, in words."""
WAYS: Mapping[str, str] = MappingProxyType(
    {"rework": Worded("rework"), "sorting": Worded("sorting"), "return": Worded("return")}
)
"""The ways beside the straight one, in words."""


class Lying(Struct, frozen=True, kw_only=True):
    """How much lies at a location; None for who must count it without knowing."""

    location: str
    name: str
    quantity: int | None


class LotRow(Struct, frozen=True, kw_only=True):
    """A material lot.

    Attributes:
        status: as in :data:`STATUS`; ``state`` is the same in words.
        left: how much there is in all, in ``unit``; None for who must count some of it.
        turn: whether no other usable lot of its material expires before it.
    """

    lot: str
    material: str
    name: str
    unit: str
    status: str
    state: str
    reserved_for: str | None
    expires_at_us: int | None
    left: int | None
    lying: tuple[Lying, ...]
    turn: bool
    path: str


class BoxRow(Struct, frozen=True, kw_only=True):
    """A container; ``units`` is None for who must count it."""

    container: str
    kind: str | None
    location: str | None
    lot: str | None
    units: int | None
    capacity: int | None
    status: str
    state: str
    shipment: str | None
    path: str


class Limit(Struct, frozen=True, kw_only=True):
    """Of what a location holds how much, and how much it may: ``pieces``, ``containers``, ``kg`` or a hazard class in kg."""

    what: str
    held: float | None
    most: float | None


class PlaceRow(Struct, frozen=True, kw_only=True):
    """A location and what it holds against its limits; ``counting`` is the stocktaking that is going on there."""

    location: str
    name: str
    holds: str
    counting: str | None
    limits: tuple[Limit, ...]
    over: bool


class WayRow(Struct, frozen=True, kw_only=True):
    """Units on a way beside the straight one."""

    routing: str
    route: str
    way: str
    lot: str
    container: str | None
    units: int
    reason: str
    begun_us: int
    begun_by: str


class ScrapRow(Struct, frozen=True, kw_only=True):
    """Scrap that is kept; ``destruction`` is what was prepared and waits for a witness."""

    subject: str
    location: str
    quantity: int | None
    destruction: str | None
    prepared: int | None
    prepared_by: str | None
    prepared_us: int | None


class ShipmentRow(Struct, frozen=True, kw_only=True):
    """What left the plant."""

    shipment: str
    receiver: str
    order: str | None
    shipped_us: int
    person: str
    lots: dict[str, int]
    containers: tuple[str, ...]


class Scanned(Struct, frozen=True, kw_only=True):
    """What a scan on this page means: the path of its page, or what is wrong and what to do."""

    text: str
    path: str | None
    wrong: str | None
    remedy: str | None


class Stock(Struct, frozen=True, kw_only=True):
    """All that is in stock."""

    position: int
    at_us: int
    scanned: Scanned | None
    lots: tuple[LotRow, ...]
    containers: tuple[BoxRow, ...]
    places: tuple[PlaceRow, ...]
    ways: tuple[WayRow, ...]
    scrap: tuple[ScrapRow, ...]
    shipments: tuple[ShipmentRow, ...]
    open_lots: tuple[str, ...]


class Label(Struct, frozen=True, kw_only=True):
    """What stands on a label: its fields as they are printed, and as they are encoded behind FNC1."""

    text: str
    elements: str


class MaterialLotView(Struct, frozen=True, kw_only=True):
    """One material lot.

    Attributes:
        first: the lot that expires before it and should go first; None if it is the turn of this one.
    """

    position: int
    at_us: int
    row: LotRow
    supplier: str | None
    supplier_lot: str | None
    received_us: int
    received_by: str
    quantity: int
    consumed: int
    scrapped: int
    status_by: str | None
    status_us: int | None
    reason: str | None
    first: str | None
    label: Label | None
    open_lots: tuple[str, ...]
    orders: tuple[str, ...]


class ContainerView(Struct, frozen=True, kw_only=True):
    """One container; ``next`` is the one step that comes now: ``register``, ``find``, ``fill``, ``take_back`` or ``use``."""

    position: int
    at_us: int
    row: BoxRow
    next: str
    station: str | None
    filled_us: int | None
    moved_by: str | None
    moved_us: int | None
    status_by: str | None
    status_us: int | None
    reason: str | None
    way: WayRow | None
    label: Label | None
    open_lots: tuple[str, ...]
    orders: tuple[str, ...]


def stock(states: States, asked: Asked) -> Stock:
    """Build the page of all stock."""
    state: InventoryState = states["inventory"]
    blind = blind_places(state, asked)
    lots = [_lot(state, asked, name, blind) for name, lot in state.lots.items() if any(lot.at.values())]
    lots.sort(key=lambda row: (row.material, row.expires_at_us is None, row.expires_at_us or 0, row.lot))
    boxes = [_box(state, asked, name, blind) for name, box in state.containers.items() if box.shipment is None]
    return Stock(
        position=asked.position,
        at_us=asked.at_us,
        scanned=_scanned(state, asked),
        lots=tuple(lots[:SHOWN]),
        containers=tuple(sorted(boxes, key=lambda row: (row.lot is None, row.container))[:SHOWN]),
        places=tuple(_place(state, asked, item, blind) for item in asked.plant.locations),
        ways=tuple(_way(state, name) for name, one in state.routings.items() if one.ended_us is None),
        scrap=tuple(_scrap(state, blind)),
        shipments=tuple(_shipment(state, name) for name in list(reversed(state.shipments))[:50]),
        open_lots=open_lots(state),
    )


def one_lot(states: States, asked: Asked) -> MaterialLotView:
    """Build the page of a material lot."""
    state: InventoryState = states["inventory"]
    name = asked.names.get("material_lot", "")
    found = material_lot(state, name)
    order = found.reserved_for or ""
    kind = next((item for item in asked.plant.materials if item.id == found.material), None)
    fields = labels.of_material_lot(name, kind.gtin if kind is not None else "", found.expires_at_us, asked.plant.zone)
    return MaterialLotView(
        position=asked.position,
        at_us=asked.at_us,
        row=_lot(state, asked, name, blind_places(state, asked)),
        supplier=found.supplier,
        supplier_lot=found.supplier_lot,
        received_us=found.received_us,
        received_by=found.received_by,
        quantity=found.quantity,
        consumed=found.consumed,
        scrapped=found.scrapped,
        status_by=found.status_by,
        status_us=found.status_us,
        reason=found.reason,
        first=first_to_expire(state, found, order, asked.at_us),
        label=_label(fields),
        open_lots=open_lots(state),
        orders=tuple(sorted(state.orders)),
    )


def one_container(states: States, asked: Asked) -> ContainerView:
    """Build the page of a container."""
    state: InventoryState = states["inventory"]
    name = asked.names.get("container", "")
    found = state.containers.get(name)
    if found is None:
        raise NotFoundError(
            Worded("There is no container {container}.", container=name),
            Worded("Scan its label again, or have it registered under Stock."),
        )
    way = state.on_the_way(name)
    return ContainerView(
        position=asked.position,
        at_us=asked.at_us,
        row=_box(state, asked, name, blind_places(state, asked)),
        next=_next(found, way),
        station=found.station,
        filled_us=found.filled_us,
        moved_by=found.moved_by,
        moved_us=found.moved_us,
        status_by=found.status_by,
        status_us=found.status_us,
        reason=found.reason,
        way=None if way is None else _way(state, way),
        label=_label(labels.of_container(name)),
        open_lots=open_lots(state),
        orders=tuple(sorted(state.orders)),
    )


def blind_places(state: InventoryState, asked: Asked) -> frozenset[str]:
    """Locations that are being counted, for who counts and does not answer for the book: they are not told what it holds."""
    if "count_stock" not in asked.may or "adjust_stock" in asked.may:
        return frozenset()
    return frozenset(one.location for one in state.stocktakes.values() if one.closed_us is None)


def open_lots(state: InventoryState) -> tuple[str, ...]:
    """Lots that are being made, the newest first."""
    return tuple(name for name in reversed(state.products) if state.products[name].closed_us is None)[:SHOWN]


def _next(found: Container, way: str | None) -> str:
    if found.kind is None:
        return "register"
    if found.location is None:
        return "find"
    if way is not None:
        return "take_back"
    return "fill" if found.lot is None else "use"


def _scanned(state: InventoryState, asked: Asked) -> Scanned | None:
    text = asked.query.get("scan", "")[:200]
    if not text.strip():
        return None
    try:
        name = subject_of(state, asked.plant, text)
    except (ActRefusedError, NotFoundError) as error:
        return Scanned(text=_visible(text), path=None, wrong=error.problem, remedy=error.remedy)
    above = "stock" if name in state.lots else "containers" if name in state.containers else "lots"
    return Scanned(text=name, path=f"/{above}/{name}", wrong=None, remedy=None)


def _visible(text: str) -> str:
    """What was scanned, with its control signs drawn."""
    return "".join(chr(0x2400 + ord(sign)) if sign < " " else sign for sign in text)


def _label(fields: tuple[tuple[str, str], ...]) -> Label | None:
    return Label(text=labels.printed(fields), elements=labels.element_string(fields)) if fields else None


def _lot(state: InventoryState, asked: Asked, name: str, blind: frozenset[str]) -> LotRow:
    found: MaterialLot = state.lots[name]
    kind = next((item for item in asked.plant.materials if item.id == found.material), None)
    expired = found.expired(asked.at_us)
    status = "expired" if expired and found.status != "blocked" else found.status
    hidden = not blind.isdisjoint(found.at)
    return LotRow(
        lot=name,
        material=found.material,
        name=kind.name or kind.id if kind is not None else found.material,
        unit=kind.unit if kind is not None else "",
        status=status,
        state=STATUS[status],
        reserved_for=found.reserved_for,
        expires_at_us=found.expires_at_us,
        left=None if hidden else found.left,
        lying=tuple(
            Lying(location=place, name=_named(asked, place), quantity=None if place in blind else quantity)
            for place, quantity in sorted(found.at.items())
        ),
        turn=first_to_expire(state, found, found.reserved_for or "", asked.at_us) is None,
        path=f"/stock/{name}",
    )


def _named(asked: Asked, place: str) -> str:
    return next((item.name or item.id for item in asked.plant.locations if item.id == place), place)


def _box(state: InventoryState, asked: Asked, name: str, blind: frozenset[str]) -> BoxRow:
    found = state.containers[name]
    return BoxRow(
        container=name,
        kind=found.kind,
        location=found.location,
        lot=found.lot,
        units=None if found.location in blind else found.units,
        capacity=capacity_of(asked.plant, found),
        status=found.status,
        state=STATUS[found.status],
        shipment=found.shipment,
        path=f"/containers/{name}",
    )


def _place(state: InventoryState, asked: Asked, place: Location, blind: frozenset[str]) -> PlaceRow:
    load, hidden = limits.held(state, asked.plant, place.id), place.id in blind
    hazards = dict(load.hazards)
    rows: list[tuple[str, float, float | None]] = [
        ("pieces", load.pieces, place.count),
        ("containers", load.containers, place.containers),
        ("kg", load.mass_kg, place.mass_kg),
        *((word, hazards.get(word, 0.0), most) for word, most in place.hazards.items()),
    ]
    going = state.open_stocktake(place.id)
    return PlaceRow(
        location=place.id,
        name=place.name or place.id,
        holds=HOLDS[place.holds],
        counting=None if going is None else going[0],
        limits=tuple(
            Limit(what=what, held=None if hidden else held, most=most)
            for what, held, most in rows
            if held or most is not None
        ),
        over=limits.passed(place, load) is not None,
    )


def _way(state: InventoryState, name: str) -> WayRow:
    one = state.routings[name]
    return WayRow(
        routing=name,
        route=one.route,
        way=WAYS[one.route],
        lot=one.lot,
        container=one.container,
        units=one.units,
        reason=one.reason,
        begun_us=one.begun_us,
        begun_by=one.begun_by,
    )


def _scrap(state: InventoryState, blind: frozenset[str]) -> list[ScrapRow]:
    rows = []
    for place, kept in sorted(state.scrap.items()):
        for subject, quantity in sorted(kept.items()):
            waits = next(
                (
                    (name, one)
                    for name, one in state.destructions.items()
                    if (one.subject, one.location, one.destroyed_us) == (subject, place, None)
                ),
                None,
            )
            rows.append(
                ScrapRow(
                    subject=subject,
                    location=place,
                    quantity=None if place in blind else quantity,
                    destruction=waits[0] if waits else None,
                    prepared=waits[1].quantity if waits else None,
                    prepared_by=waits[1].prepared_by if waits else None,
                    prepared_us=waits[1].prepared_us if waits else None,
                )
            )
    return rows


def _shipment(state: InventoryState, name: str) -> ShipmentRow:
    one = state.shipments[name]
    return ShipmentRow(
        shipment=name,
        receiver=one.receiver,
        order=one.order,
        shipped_us=one.shipped_us,
        person=one.person,
        lots=one.lots,
        containers=tuple(one.containers),
    )


COUNTS = ("count_stock", "adjust_stock")
"""Acts whose holders see something else while a location is counted."""

PAGES: tuple[Page, ...] = (
    Page(
        name="inventory.stock",
        path="/stock",
        title=Worded("Stock"),
        act="see_plant",
        build=stock,
        kept=True,
        commands=(
            "inventory.receive",
            "inventory.register_container",
            "inventory.move",
            "inventory.consume",
            "inventory.send",
            "inventory.take_back",
            "inventory.scrap",
            "inventory.prepare_destruction",
            "inventory.witness_destruction",
            "inventory.ship",
        ),
        minds=COUNTS,
    ),
    Page(
        name="inventory.lot",
        path="/stock/{material_lot}",
        title=Worded("Material lot"),
        act="see_plant",
        build=one_lot,
        kept=True,
        commands=("inventory.consume", "inventory.move", "inventory.set_status", "inventory.scrap"),
        minds=COUNTS,
    ),
    Page(
        name="inventory.container",
        path="/containers/{container}",
        title=Worded("Container"),
        act="see_plant",
        build=one_container,
        kept=True,
        commands=(
            "inventory.register_container",
            "inventory.find_container",
            "inventory.fill_container",
            "inventory.take_back",
            "inventory.consume",
            "inventory.move",
            "inventory.empty_container",
            "inventory.send",
            "inventory.scrap",
            "inventory.set_status",
        ),
        minds=COUNTS,
    ),
)
