"""The kit of an order: what of its material lies beside the line already, and which lots are brought there next, from where.

Lots that are kept for the order go first, then what expires first, then what came first. What waits in quarantine, is blocked, kept for another order
or past its shelf life is left where it is. No more is brought than the order still needs and fits beside the line.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from msgspec import Struct, structs

from fabrika.operations.inventory import limits
from fabrika.operations.inventory.pages import blind_places
from fabrika.operations.inventory.records import InventoryState, MaterialLot
from fabrika.operations.production.lot_state import Order
from fabrika.page import Asked
from fabrika.plant.composition import Needed
from fabrika.plant.model import Location, Material, Plant

PICKS = 20
"""Lots of a material that are named at most; the next are, once these were brought."""


class Pick(Struct, frozen=True, kw_only=True):
    """So much of a lot is brought next.

    Attributes:
        quantity: in the material's unit.
        kept: whether the lot is kept for this order.
        path: page of the lot.
    """

    lot: str
    origin: str
    origin_name: str
    quantity: int
    expires_at_us: int | None
    kept: bool
    path: str


class KitRow(Struct, frozen=True, kw_only=True):
    """A material of an order, in its unit.

    Attributes:
        needed: what the pieces that are not made yet need.
        beside: what may be used of it and lies beside the line; None if who asks counts a location in which it lies, and is told
            no quantities.
        target: location beside the line where there is room for more; None if there is none, or nothing more is wanted.
        room: how much fits there, no more than is wanted.
        missing: what is wanted and no lot can give.
    """

    material: str
    name: str
    unit: str
    needed: int
    beside: int | None = None
    target: str | None = None
    target_name: str = ""
    room: int = 0
    picks: tuple[Pick, ...] = ()
    missing: int = 0


def kit(state: InventoryState, asked: Asked, order: Order, name: str, pieces: int) -> tuple[KitRow, ...]:
    """What has to lie beside an order's line, material by material; nothing where the plant has no location beside it.

    Args:
        state: what is known of stock.
        asked: with the plant.
        order, name: the order.
        pieces: good pieces that are not made yet.
    """
    sides = sides_of(asked.plant, order.line)
    materials = {item.id: item for item in asked.plant.materials}
    return tuple(
        _row(state, asked, name, sides, (materials[need.material], need.for_pieces(pieces)))
        for need in needs_of(asked.plant, order)
        if sides and need.material in materials
    )


def needs_of(plant: Plant, order: Order) -> list[Needed]:
    """What the plant file says that an order's product needs on its line."""
    product = next((found for found in plant.products if found.id == order.product), None)
    return [need for need in (product.needs if product is not None else ()) if need.line in {None, order.line}]


def sides_of(plant: Plant, line: str) -> list[Location]:
    """Locations beside a line: those in its area or in that of one of its stations, or without any."""
    found = next((item for item in plant.lines if item.id == line), None)
    if found is None:
        return []
    areas = {None, found.area, *(station.area for station in found.stations)}
    return [place for place in plant.locations if place.holds == "line" and place.area in areas]


def _row(state: InventoryState, asked: Asked, order: str, sides: list[Location], need: tuple[Material, int]) -> KitRow:
    material, needed = need
    usable = {
        name: lot
        for name, lot in state.lots.items()
        if lot.material == material.id and lot.for_order(order, asked.at_us)
    }
    row = KitRow(material=material.id, name=material.name or material.id, unit=material.unit, needed=needed)
    blind = blind_places(state, asked)
    if any(not blind.isdisjoint(lot.at) for lot in usable.values()):
        return row
    beside = sum(max(0, lot.at.get(place.id, 0)) for lot in usable.values() for place in sides)
    wanted = max(0, needed - beside)
    target, room = _room(state, asked.plant, sides, material, wanted)
    stored = _stored(asked.plant, usable)
    return structs.replace(
        row,
        beside=beside,
        target=target.id if target is not None else None,
        target_name=(target.name or target.id) if target is not None else "",
        room=room,
        picks=tuple(_picks(stored, usable, room))[:PICKS],
        missing=max(0, wanted - sum(quantity for _, _, quantity in stored)),
    )


def _room(
    state: InventoryState, plant: Plant, sides: list[Location], material: Material, wanted: int
) -> tuple[Location | None, int]:
    """Where beside the line most of what is wanted fits, and how much."""
    best: tuple[Location | None, int] = None, 0
    for place in sides:
        there = limits.held(state, plant, place.id)
        # The most that fits, by bisection: whatever fits, less of it fits, too.
        fits = bisect.bisect_left(
            range(wanted), True, key=lambda more: limits.passed(place, there.plus(limits.load_of(material, more + 1))) is not None
        )  # fmt: skip
        if fits > best[1]:
            best = place, fits
    return best


def _stored(plant: Plant, usable: dict[str, MaterialLot]) -> list[tuple[str, Location, int]]:
    """What lies where stock is kept, in the order in which it is to be used: lot, location, quantity."""
    places = {place.id: place for place in plant.locations if place.holds in {"stock", "quarantine"}}
    in_turn = sorted(
        usable,
        key=lambda name: (
            usable[name].status != "reserved",
            usable[name].expires_at_us is None,
            usable[name].expires_at_us,
            usable[name].received_us,
            name,
        ),
    )
    return [
        (name, places[at], quantity)
        for name in in_turn
        for at, quantity in sorted(usable[name].at.items())
        if at in places and quantity > 0
    ]


def _picks(stored: list[tuple[str, Location, int]], usable: dict[str, MaterialLot], room: int) -> Iterator[Pick]:
    for name, place, there in stored:
        if room <= 0:
            return
        quantity = min(there, room)
        room -= quantity
        yield Pick(
            lot=name,
            origin=place.id,
            origin_name=place.name or place.id,
            quantity=quantity,
            expires_at_us=usable[name].expires_at_us,
            kept=usable[name].status == "reserved",
            path=f"/stock/{name}",
        )
