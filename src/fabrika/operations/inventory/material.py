"""What may be done with material: receive, release, block, reserve, move, consume; and what others may rely on."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Instant, Text
from fabrika.events.inventory import Consumed, Moved, Received, Status, StatusChanged
from fabrika.operations.inventory import limits
from fabrika.operations.inventory.lookups import (
    Number,
    Scanned,
    Some,
    location,
    material,
    material_lot,
    not_counted,
    open_lot,
    require_at,
    roles_for,
    station_area,
    subject_of,
)
from fabrika.operations.inventory.records import Container, InventoryState, MaterialLot
from fabrika.page import Asked, Command, States
from fabrika.plant.model import Plant
from fabrika.standing import Standing
from fabrika.wording import Worded

SECOND_US = 1_000_000


class ReceiveMaterial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lot of material as it came; without a number it gets the next one."""

    material: Id
    quantity: Some
    location: Id
    material_lot: Number | None = None
    supplier: Text | None = None
    supplier_lot: Text | None = None
    expires_at_us: Instant | None = None


class SetStatus(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a material lot or a container may be used from here on, and why; a reservation names its order."""

    subject: Scanned
    status: Status
    reserved_for: Id | None = None
    reason: Text


class MoveStock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A container, or some of a material lot, goes to another location.

    Attributes:
        location: where it goes.
        origin: where it lies; may be left out for a container, and for a lot that lies at one location only.
        quantity: how much of a material lot; all that lies there if it is left out.
    """

    subject: Scanned
    location: Id
    origin: Id | None = None
    quantity: Some | None = None


class ConsumeStock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some of a material lot, or of what is in a container, goes into a station for a lot; the reason where it is not the turn of it."""

    subject: Scanned
    station: Id
    lot: Id
    quantity: Some
    origin: Id | None = None
    reason: Text | None = None


def receive(states: States, asked: Asked, form: ReceiveMaterial) -> Sequence[Event]:
    """A lot of material comes in, into quarantine, if there is room for it."""
    state: InventoryState = states["inventory"]
    kind, place = material(asked.plant, form.material), location(asked.plant, form.location)
    asked.require("receive_stock", place.area)
    not_counted(state, place.id)
    number = form.material_lot or _next_number(state)
    if number in state.lots or number in state.containers or number in state.products:
        raise ActRefusedError(
            Worded("The number {number} is given already.", number=number),
            Worded("Leave the number empty, and the next one is given; or write another."),
        )
    if place.holds not in {"quarantine", "stock"}:
        raise ActRefusedError(
            Worded("{location} does not take what comes in.", location=place.name or place.id),
            Worded("Put it where stock is kept or waits for its release."),
        )
    expires_at_us = form.expires_at_us
    if expires_at_us is None and kind.shelf_life_s is not None:
        expires_at_us = asked.at_us + round(kind.shelf_life_s) * SECOND_US
    if expires_at_us is not None and expires_at_us <= asked.at_us:
        raise ActRefusedError(
            Worded("It would have expired before it came."), Worded("Correct the day, or send the goods back.")
        )
    limits.fits(state, asked.plant, place, limits.load_of(kind, form.quantity))
    return [
        Received(
            material_lot=number,
            material=form.material,
            quantity=form.quantity,
            location=form.location,
            supplier=form.supplier,
            supplier_lot=form.supplier_lot,
            expires_at_us=expires_at_us,
            person=asked.actor,
        )
    ]


def set_status(states: States, asked: Asked, form: SetStatus) -> Sequence[Event]:
    """A material lot or container is released, blocked, put back into quarantine or reserved; never by who received it."""
    state: InventoryState = states["inventory"]
    name = subject_of(state, asked.plant, form.subject)
    found = state.lots.get(name) or state.containers.get(name)
    if found is None:
        raise ActRefusedError(
            Worded("{name} is a lot and no container.", name=name), Worded("Scan a material lot or a container.")
        )
    asked.require("release_stock")
    if isinstance(found, MaterialLot) and found.received_by == asked.person and form.status in {"released", "reserved"}:
        raise ActRefusedError(
            Worded("Who received a lot does not release it."),
            Worded("Ask another person in one of these roles: {roles}.", roles=roles_for(asked.plant, "release_stock")),
        )
    if (form.status == "reserved") != (form.reserved_for is not None):
        raise ActRefusedError(
            Worded("A reservation names the order that it is for, and nothing else does."),
            Worded("Choose the status for an order, or leave the order empty."),
        )
    if form.reserved_for is not None and form.reserved_for not in state.orders:
        raise ActRefusedError(
            Worded("There is no open order {order}.", order=form.reserved_for),
            Worded("Name an order that is released and not closed."),
        )
    if (found.status, found.reserved_for) == (form.status, form.reserved_for):
        raise ActRefusedError(Worded("{name} has this status already.", name=name), Worded("There is nothing to do."))
    _not_expired(name, found, asked, form.status)
    return [
        StatusChanged(
            subject=name, status=form.status, reserved_for=form.reserved_for, reason=form.reason, person=asked.actor
        )
    ]


def _not_expired(name: str, found: MaterialLot | Container, asked: Asked, status: str) -> None:
    if status in {"released", "reserved"} and isinstance(found, MaterialLot) and found.expired(asked.at_us):
        raise ActRefusedError(
            Worded("{name} is past its shelf life.", name=name),
            Worded("Block it, and have it scrapped or sent back."),
        )


def move(states: States, asked: Asked, form: MoveStock) -> Sequence[Event]:
    """Stock goes to another location, if it lies where it is said to lie and there is room where it goes."""
    state: InventoryState = states["inventory"]
    name = subject_of(state, asked.plant, form.subject)
    target = location(asked.plant, form.location)
    asked.require("move_stock", target.area)
    if name in state.containers:
        return [_move_container(state, asked, name, form)]
    if name not in state.lots:
        raise ActRefusedError(
            Worded("{name} is a lot and no container.", name=name), Worded("Move the containers in which it lies.")
        )
    lot = state.lots[name]
    origin = origin_of(name, lot, form.origin)
    require_at(asked, "move_stock", origin)
    not_counted(state, origin, target.id)
    quantity = lot.at[origin] if form.quantity is None else form.quantity
    enough(name, lot, origin, quantity)
    if origin == target.id:
        raise _already(name, target.id, None)
    if target.holds == "scrap":
        raise ActRefusedError(
            Worded("{location} takes scrap only.", location=target.name or target.id),
            Worded("Report what is scrap as scrap, with its reason."),
        )
    if target.holds == "line" and lot.status not in {"released", "reserved"}:
        raise not_released(asked.plant, name, lot.status)
    kind = next((item for item in asked.plant.materials if item.id == lot.material), None)
    limits.fits(state, asked.plant, target, limits.load_of(kind, quantity))
    return [Moved(subject=name, origin=origin, target=target.id, quantity=quantity, person=asked.actor)]


def _move_container(state: InventoryState, asked: Asked, name: str, form: MoveStock) -> Event:
    box, target = state.containers[name], location(asked.plant, form.location)
    if box.shipment is not None:
        raise ActRefusedError(
            Worded(
                "The container {container} left with the shipment {shipment}.", container=name, shipment=box.shipment
            ),
            Worded("If it stands before you, say so on its page: it is here. That leaves a trace."),
        )
    if box.location is None:
        raise ActRefusedError(
            Worded("Nobody has said yet where the container {container} is.", container=name),
            Worded("Say on its page: it is here."),
        )
    if form.quantity is not None:
        raise ActRefusedError(Worded("A container moves whole."), Worded("Leave the quantity empty."))
    if box.location == target.id:
        raise _already(name, target.id, box.moved_by)
    if form.origin is not None and form.origin != box.location:
        raise ActRefusedError(
            Worded(
                "The container {container} cannot be in two places: the book has it at {location}.",
                container=name,
                location=box.location,
            ),
            Worded("If it stands before you, say so on its page: it is here. That leaves a trace."),
        )
    require_at(asked, "move_stock", box.location)
    not_counted(state, box.location, target.id)
    limits.fits(state, asked.plant, target, limits.Load(pieces=box.units, containers=1))
    return Moved(subject=name, origin=box.location, target=target.id, person=asked.actor)


def _already(name: str, place: str, by: str | None) -> ActRefusedError:
    return ActRefusedError(
        Worded("{name} is at {location} already; {person} brought it there.", name=name, location=place, person=by)
        if by is not None
        else Worded("{name} is at {location} already.", name=name, location=place),
        Worded("It was scanned twice, perhaps: there is nothing to do."),
    )


def consume(states: States, asked: Asked, form: ConsumeStock) -> Sequence[Event]:
    """Released stock goes into a station for a lot, what expires first before the rest."""
    state: InventoryState = states["inventory"]
    asked.require("move_stock", station_area(asked.plant, form.station))
    name = subject_of(state, asked.plant, form.subject)
    made = open_lot(state, form.lot, form.station)
    if name == form.lot:
        raise ActRefusedError(Worded("A lot cannot go into itself."), Worded("Choose another lot."))
    if name in state.containers:
        origin: str | None = None
        _from_container(state, asked, name, form, made.order)
    elif name in state.lots:
        lot = state.lots[name]
        origin = origin_of(name, lot, form.origin)
        not_counted(state, origin)
        usable(asked.plant, name, lot, made.order, asked.at_us)
        enough(name, lot, origin, form.quantity)
        first = first_to_expire(state, lot, made.order, asked.at_us)
        if first is not None and form.reason is None:
            raise ActRefusedError(
                Worded("The lot {other} expires before {lot}.", other=first, lot=name),
                Worded("Take that one first, or write why not."),
            )
    else:
        raise ActRefusedError(
            Worded("{name} is a lot and no container.", name=name), Worded("Scan the container in which it lies.")
        )
    return [
        Consumed(
            subject=name,
            origin=origin,
            station=form.station,
            lot=form.lot,
            quantity=form.quantity,
            reason=form.reason,
            person=asked.actor,
        )
    ]


def _from_container(state: InventoryState, asked: Asked, name: str, form: ConsumeStock, order: str) -> None:
    box = state.containers[name]
    not_counted(state, box.location)
    if box.lot is None:
        raise ActRefusedError(
            Worded("The container {container} is empty.", container=name), Worded("Scan the one that was opened.")
        )
    if state.on_the_way(name) is not None:
        raise ActRefusedError(
            Worded("The units in {container} are on a way of their own.", container=name),
            Worded("Say on its page first what came of them."),
        )
    usable(asked.plant, name, box, order, asked.at_us)
    if form.quantity > box.units:
        raise ActRefusedError(
            Worded("The container {container} holds {n} units.", container=name, n=box.units),
            Worded("Correct the quantity; if more are in it, have it counted in a stocktaking."),
        )


def usable(plant: Plant, name: str, found: MaterialLot | Container, order: str, at_us: int) -> None:
    """Refuse what is not released, is kept for another order, or is past its shelf life."""
    if found.status == "reserved" and found.reserved_for != order:
        raise ActRefusedError(
            Worded("{name} is kept for the order {order}.", name=name, order=found.reserved_for),
            Worded(
                "Take another lot, or ask somebody in one of these roles: {roles}.",
                roles=roles_for(plant, "release_stock"),
            ),
        )
    if found.status not in {"released", "reserved"}:
        raise not_released(plant, name, found.status)
    if isinstance(found, MaterialLot) and found.expired(at_us):
        raise ActRefusedError(
            Worded("{name} is past its shelf life.", name=name),
            Worded(
                "Take another lot; have this one blocked by somebody in one of these roles: {roles}.",
                roles=roles_for(plant, "release_stock"),
            ),
        )


def not_released(plant: Plant, name: str, status: str) -> ActRefusedError:
    """What is said of stock that may not be used."""
    return ActRefusedError(
        Worded("{name} is blocked.", name=name)
        if status == "blocked"
        else Worded("{name} is in quarantine: nobody has released it.", name=name),
        Worded(
            "Take another lot, or ask somebody in one of these roles: {roles}.", roles=roles_for(plant, "release_stock")
        ),
    )


def first_to_expire(state: InventoryState, lot: MaterialLot, order: str, at_us: int) -> str | None:
    """The usable lot of the same material that expires first, if that is before this one; None if it is the turn of this one."""
    ours = lot.expires_at_us
    found = [
        (other.expires_at_us, name)
        for name, other in state.lots.items()
        if other.material == lot.material
        and other.expires_at_us is not None
        and (ours is None or other.expires_at_us < ours)
        and any(quantity > 0 for quantity in other.at.values())
        and other.for_order(order, at_us)
    ]
    return min(found)[1] if found else None


def origin_of(name: str, lot: MaterialLot, said: str | None) -> str:
    """Where some of a lot is taken from: as was said, or the one location at which it lies."""
    places = sorted(place for place, quantity in lot.at.items() if quantity > 0)
    if said is not None and said in lot.at:
        return said
    if said is None and len(places) == 1:
        return places[0]
    if not places:
        raise ActRefusedError(
            Worded("Nothing is left of {lot}.", lot=name),
            Worded("Scan the label again; if goods of it stand before you, have them counted in a stocktaking."),
        )
    raise ActRefusedError(
        Worded("{lot} does not lie at {location}.", lot=name, location=said)
        if said is not None
        else Worded("{lot} lies at more than one location.", lot=name),
        Worded("Choose one of: {names}.", names=", ".join(places)),
    )


def enough(name: str, lot: MaterialLot, origin: str, quantity: int) -> None:
    """Refuse more than lies there."""
    there = max(0, lot.at.get(origin, 0))
    if quantity > there:
        raise ActRefusedError(
            Worded(
                "Of {lot} {n} are at {location}, and not {quantity}.",
                lot=name,
                n=there,
                location=origin,
                quantity=quantity,
            ),
            Worded("Correct the quantity; if more is there, have it counted in a stocktaking."),
        )


def _next_number(state: InventoryState) -> str:
    """The next number of a material lot that is not given yet."""
    number = state.numbers.get("material", 0) + 1
    while f"M{number:06}" in state.lots:
        number += 1
    return f"M{number:06}"


def standing(state: InventoryState, plant: Plant, name: str, at_us: int) -> Standing:
    """Whether a material lot may be used at an instant.

    Args:
        state: what is known of stock.
        plant: the edition in force.
        name: the material lot's number.
        at_us: the instant.

    Raises:
        NotFoundError: there is no such lot.
    """
    lot = material_lot(state, name)
    subject, because = f"inventory:{name}", tuple(lot.entries)
    try:
        usable(plant, name, lot, lot.reserved_for or "", at_us)
    except ActRefusedError as error:
        reason = Worded("{problem} {remedy}", problem=error.problem, remedy=error.remedy)
        return Standing(subject=subject, fit=False, because=because, reason=reason)
    return Standing(
        subject=subject,
        fit=True,
        until_us=lot.expires_at_us,
        because=because,
        reason=Worded("{lot} is released.", lot=name),
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        name="inventory.receive",
        title=Worded("Receive material"),
        act="receive_stock",
        form=ReceiveMaterial,
        decide=receive,
    ),
    Command(
        name="inventory.set_status",
        title=Worded("Release, block or reserve"),
        act="release_stock",
        form=SetStatus,
        decide=set_status,
    ),
    Command(name="inventory.move", title=Worded("Move"), act="move_stock", form=MoveStock, decide=move, queues=True),
    Command(
        name="inventory.consume",
        title=Worded("Put into a station"),
        act="move_stock",
        form=ConsumeStock,
        decide=consume,
        queues=True,
    ),
)
