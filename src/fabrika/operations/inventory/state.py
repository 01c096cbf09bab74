"""What lies where, may be used, is on the way, was scrapped, destroyed, shipped and counted: folded from the room's events.

The room also hears of orders, lots and filled containers. What is told is taken as it is: a quantity below nought says
that something was taken that the book never had, and is shown as such.
"""

from __future__ import annotations

from typing import Any, assert_never

import msgspec

from fabrika.events.inventory import (
    Adjusted,
    Consumed,
    ContainerEmptied,
    ContainerRegistered,
    Counted,
    Destroyed,
    DestructionPrepared,
    Moved,
    Received,
    Routed,
    Scrapped,
    Shipped,
    StatusChanged,
    StocktakeBegun,
    StocktakeClosed,
)
from fabrika.events.production import (
    ContainerFilled,
    LotClosed,
    LotMerged,
    LotOpened,
    LotSplit,
    OrderClosed,
    OrderReleased,
)
from fabrika.journal.entries import Fact
from fabrika.operations.inventory.records import (
    Container,
    Destruction,
    Found,
    InventoryState,
    KnownLot,
    MaterialLot,
    Routing,
    Shipment,
    Stocktake,
)

KEPT = 2_000
"""Material lots of which nothing is left, and closed lots, that are remembered; the newest."""
SWEPT = 256
"""Containers that nobody registered, such as cartons that a machine numbers, are looked through whenever so many more came."""
KEPT_ACTS = 500
"""Ended routings, destructions, shipments and stocktakings that are remembered."""

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(InventoryState)

OfStock = Received | StatusChanged | Moved | Consumed
OfContainers = ContainerRegistered | ContainerEmptied | ContainerFilled
OfUnits = Routed | Scrapped | DestructionPrepared | Destroyed | Shipped
OfCounts = StocktakeBegun | Counted | Adjusted | StocktakeClosed
OfLots = OrderReleased | OrderClosed | LotOpened | LotClosed | LotSplit | LotMerged
Heard = OfStock | OfContainers | OfUnits | OfCounts | OfLots


class Inventory:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "inventory"
    version = 1
    hears: tuple[type, ...] = Heard.__args__

    def empty(self) -> InventoryState:
        """Nothing in stock."""
        return InventoryState()

    def apply(self, state: InventoryState, fact: Fact) -> None:
        """One fact about stock, orders or lots."""
        event = fact.event
        if isinstance(event, OfLots):
            _of_lots(state, fact, event)
        elif isinstance(event, OfStock):
            _of_stock(state, fact, event)
        elif isinstance(event, OfContainers):
            _of_containers(state, fact, event)
        elif isinstance(event, OfUnits):
            _of_units(state, fact, event)
        elif isinstance(event, OfCounts):
            _of_counts(state, fact, event)

    def dump(self, state: InventoryState) -> bytes:
        """Canonical JSON."""
        return _encoder.encode(state)

    def load(self, data: bytes) -> InventoryState:
        """What :meth:`dump` gave."""
        return _decoder.decode(data)


def _of_lots(state: InventoryState, fact: Fact, event: OfLots) -> None:
    match event:
        case OrderReleased():
            state.orders.add(event.order)
        case OrderClosed():
            state.orders.discard(event.order)
        case LotOpened():
            state.products.setdefault(event.lot, KnownLot(order=event.order, product=event.product, line=event.line))
        case LotSplit():
            if (lot := state.products.get(event.lot)) is not None and event.new_lot not in state.products:
                state.products[event.new_lot] = KnownLot(
                    order=lot.order, product=lot.product, line=lot.line, closed_us=lot.closed_us, good=event.units
                )
                if lot.good is not None:
                    lot.good -= event.units
        case LotMerged():
            if (into := state.products.get(event.into)) is not None and into.good is not None:
                into.good += event.units
            if (lot := state.products.get(event.lot)) is not None:
                lot.closed_us, lot.good = fact.message.at_us, 0
        case LotClosed():
            if (lot := state.products.get(event.lot)) is not None:
                lot.closed_us, lot.good = fact.message.at_us, event.good
                closed = [name for name, other in state.products.items() if other.closed_us is not None]
                _forget(state.products, closed, KEPT)
        case _:
            assert_never(event)


def _of_stock(state: InventoryState, fact: Fact, event: OfStock) -> None:
    at_us = fact.message.at_us
    match event:
        case Received():
            state.numbers["material"] = state.numbers.get("material", 0) + 1
            state.lots[event.material_lot] = MaterialLot(
                material=event.material,
                quantity=event.quantity,
                received_us=at_us,
                received_by=event.person,
                supplier=event.supplier,
                supplier_lot=event.supplier_lot,
                expires_at_us=event.expires_at_us,
                at={event.location: event.quantity},
                entries=[fact.position],
            )
            _touch(state, event.location, event.person, at_us)
            _forget(state.lots, [name for name, lot in state.lots.items() if not any(lot.at.values())], KEPT)
        case StatusChanged():
            subject = state.lots.get(event.subject) or state.containers.get(event.subject)
            if subject is not None:
                subject.status, subject.reserved_for, subject.reason = event.status, event.reserved_for, event.reason
                subject.status_by, subject.status_us = event.person, at_us
                subject.entries.append(fact.position)
        case Moved():
            _move(state, event, at_us)
        case Consumed():
            _consume(state, event, at_us)
        case _:
            assert_never(event)


def _move(state: InventoryState, event: Moved, at_us: int) -> None:
    lot, container = state.lots.get(event.subject), state.containers.get(event.subject)
    if lot is not None:
        quantity = lot.at.get(event.origin, 0) if event.quantity is None else event.quantity
        _add(lot.at, event.origin, -quantity)
        _add(lot.at, event.target, quantity)
    elif container is not None:
        container.location, container.moved_by, container.moved_us = event.target, event.person, at_us
        container.shipment = None
    if event.reason is None:  # else the origin is what the book said, and nobody was there
        _touch(state, event.origin, event.person, at_us)
    _touch(state, event.target, event.person, at_us)


def _consume(state: InventoryState, event: Consumed, at_us: int) -> None:
    lot, container = state.lots.get(event.subject), state.containers.get(event.subject)
    origin = event.origin
    if lot is not None:
        lot.consumed += event.quantity
        if origin is not None:
            _add(lot.at, origin, -event.quantity)
    elif container is not None:
        origin = container.location
        container.units -= event.quantity
        if container.units == 0:
            _clear(container)
    if origin is not None and event.person is not None:
        _touch(state, origin, event.person, at_us)


def _of_containers(state: InventoryState, fact: Fact, event: OfContainers) -> None:
    at_us = fact.message.at_us
    found = state.containers.setdefault(event.container, Container())
    match event:
        case ContainerRegistered():
            found.kind, found.location, found.registered_us = event.kind, event.location, at_us
            found.moved_by, found.moved_us = event.person, at_us
            found.entries.append(fact.position)
            _touch(state, event.location, event.person, at_us)
        case ContainerFilled():
            found.lot, found.units, found.station, found.filled_us = event.lot, event.units, event.station, at_us
            found.shipment, found.routed, found.status, found.reserved_for = None, {}, "released", None
            found.status_by = found.status_us = found.reason = None
            del found.entries[1:]
            found.entries.append(fact.position)
            if len(state.containers) % SWEPT == 0:
                strangers = [name for name, box in state.containers.items() if box.kind is None]
                _forget(state.containers, strangers, KEPT)
        case ContainerEmptied():
            _clear(found)
            if found.location is not None:
                _touch(state, found.location, event.person, at_us)
        case _:
            assert_never(event)


def _of_units(state: InventoryState, fact: Fact, event: OfUnits) -> None:
    at_us = fact.message.at_us
    match event:
        case Routed():
            _route(state, event, at_us)
        case Scrapped():
            _scrap(state, event, at_us)
        case DestructionPrepared():
            for name, other in list(state.destructions.items()):
                if (other.subject, other.location, other.destroyed_us) == (event.subject, event.location, None):
                    del state.destructions[name]  # prepared anew, with another quantity
            state.numbers["destruction"] = state.numbers.get("destruction", 0) + 1
            state.destructions[event.destruction] = Destruction(
                subject=event.subject,
                location=event.location,
                quantity=event.quantity,
                prepared_by=event.person,
                prepared_us=at_us,
            )
        case Destroyed():
            kept = state.scrap.setdefault(event.location, {})
            _add(kept, event.subject, -event.quantity)
            _touch(state, event.location, event.person, at_us)
            prepared = state.destructions.get(event.destruction or "")
            if prepared is not None:
                prepared.witness, prepared.destroyed_us = event.witness, at_us
            done = [name for name, one in state.destructions.items() if one.destroyed_us is not None]
            _forget(state.destructions, done, KEPT_ACTS)
        case Shipped():
            _ship(state, event, at_us)
        case _:
            assert_never(event)


def _route(state: InventoryState, event: Routed, at_us: int) -> None:
    known = state.routings.get(event.routing)
    if known is None:
        state.numbers["routing"] = state.numbers.get("routing", 0) + 1
        known = state.routings[event.routing] = Routing(
            route=event.route,
            lot=event.lot,
            container=event.container,
            units=event.units,
            reason=event.reason,
            begun_us=at_us,
            begun_by=event.person,
        )
        box = state.containers.get(event.container or "")
        if box is not None:
            box.routed[event.route] = box.routed.get(event.route, 0) + 1
    if event.good is not None or event.scrapped is not None:
        known.good, known.scrapped = event.good or 0, event.scrapped or 0
        known.ended_us, known.ended_by = at_us, event.person
        box = state.containers.get(known.container or "")
        if box is not None:
            box.units -= known.scrapped
            if box.units == 0:
                _clear(box)
        _forget(state.routings, [name for name, one in state.routings.items() if one.ended_us is not None], KEPT_ACTS)


def _scrap(state: InventoryState, event: Scrapped, at_us: int) -> None:
    lot, box = state.lots.get(event.subject), state.containers.get(event.subject)
    product, subject = state.products.get(event.subject), event.subject
    if lot is not None:
        lot.scrapped += event.quantity
        if event.origin is not None:
            _add(lot.at, event.origin, -event.quantity)
            _touch(state, event.origin, event.person, at_us)
    elif box is not None:
        # Scrap is kept under the lot that it was; the container goes on without it.
        subject, product = box.lot or subject, state.products.get(box.lot or "")
        box.units -= event.quantity
        if box.units == 0:
            _clear(box)
    if product is not None:
        product.scrapped += event.quantity
    _add(state.scrap.setdefault(event.location, {}), subject, event.quantity)
    _touch(state, event.location, event.person, at_us)


def _ship(state: InventoryState, event: Shipped, at_us: int) -> None:
    shipment = state.shipments.setdefault(
        event.shipment,
        Shipment(receiver=event.receiver, order=event.order, shipped_us=at_us, person=event.person),
    )
    shipment.lots[event.lot] = shipment.lots.get(event.lot, 0) + event.units
    shipment.containers.extend(event.containers)
    if (lot := state.products.get(event.lot)) is not None:
        lot.shipped += event.units
    for name in event.containers:
        box = state.containers.get(name)
        if box is not None:
            if box.location is not None:
                _touch(state, box.location, event.person, at_us)
            box.location, box.shipment, box.moved_by, box.moved_us = None, event.shipment, event.person, at_us
    _forget(state.shipments, list(state.shipments), KEPT_ACTS)


def _of_counts(state: InventoryState, fact: Fact, event: OfCounts) -> None:
    at_us = fact.message.at_us
    if isinstance(event, StocktakeBegun):
        state.numbers["stocktake"] = state.numbers.get("stocktake", 0) + 1
        expected = {part.subject: part.quantity for part in event.expected}
        state.stocktakes[event.stocktake] = Stocktake(
            location=event.location, begun_us=at_us, begun_by=event.person, expected=expected
        )
        return
    found = state.stocktakes.get(event.stocktake)
    if found is None:
        return
    match event:
        case Counted():
            if (earlier := found.found.get(event.subject)) is not None:
                found.before.setdefault(event.subject, []).append(earlier)
            found.found[event.subject] = Found(quantity=event.quantity, person=event.person, at_us=at_us)
        case Adjusted():
            _adjust(state, found, event)
        case StocktakeClosed():
            found.closed_us, found.closed_by = at_us, event.person
            # Whoever handled the stock before it was counted answers for it no more.
            state.hands.pop(found.location, None)
            closed = [name for name, one in state.stocktakes.items() if one.closed_us is not None]
            _forget(state.stocktakes, closed, KEPT_ACTS)
        case _:
            assert_never(event)


def _adjust(state: InventoryState, found: Stocktake, event: Adjusted) -> None:
    found.adjusted[event.subject], found.reasons[event.subject] = event.difference, event.reason
    found.adjusted_by[event.subject] = event.person
    kept = state.scrap.get(found.location, {})
    lot, box = state.lots.get(event.subject), state.containers.get(event.subject)
    if event.subject in kept:
        _add(kept, event.subject, event.difference)
    elif lot is not None:
        _add(lot.at, found.location, event.difference)
    elif box is not None:
        box.units += event.difference


def _clear(container: Container) -> None:
    container.lot, container.units, container.station, container.filled_us = None, 0, None, None
    container.routed = {}


def _add(held: dict[str, int], place: str, quantity: int) -> None:
    held[place] = held.get(place, 0) + quantity
    if not held[place]:
        del held[place]


def _touch(state: InventoryState, location: str, person: str, at_us: int) -> None:
    state.hands.setdefault(location, {})[person] = at_us


def _forget(known: dict[str, Any], names: list[str], kept: int) -> None:
    for name in names[:-kept]:
        del known[name]


REDUCER = Inventory()
