"""What leaves the straight way: rework, sorting and return with their limits; scrap, its destruction before a witness; shipments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.inventory import Destroyed, DestructionPrepared, Routed, Scrapped, Shipped
from fabrika.operations.inventory import limits
from fabrika.operations.inventory.lookups import (
    Maybe,
    Number,
    Scanned,
    Some,
    container,
    location,
    next_id,
    not_counted,
    product_lot,
    require_at,
    roles_for,
    station_area,
    subject_of,
)
from fabrika.operations.inventory.material import enough, origin_of
from fabrika.operations.inventory.records import InventoryState, Routing
from fabrika.page import Asked, Command, States
from fabrika.plant.model import Plant
from fabrika.plant.reasons import reasons_at
from fabrika.wording import Worded


class SendUnits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of a lot, or those in a container, that are worked again, sorted or sent back, and why."""

    route: Literal["rework", "sorting", "return"]
    subject: Scanned
    units: Some
    reason: Text


class TakeBack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of units that were sent: how many are good, how many are scrap; and what was found."""

    routing: Id
    good: Maybe
    scrapped: Maybe
    reason: Text


class ScrapStock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a material lot, a container or a lot is scrap, why, and where it is kept until it is destroyed."""

    subject: Scanned
    quantity: Some
    location: Id
    reason: Id
    origin: Id | None = None
    station: Id | None = None


class PrepareDestruction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Scrap that is about to be destroyed, as it was counted or weighed."""

    subject: Scanned
    location: Id
    quantity: Some


class WitnessDestruction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The destruction that the person has seen."""

    destruction: Id


class ShipUnits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of a lot, or containers with them, that leave the plant; the units may be left out where the containers say them."""

    shipment: Number
    lot: Id
    receiver: Text
    units: Some | None = None
    containers: tuple[Scanned, ...] = ()
    order: Id | None = None


def send(states: States, asked: Asked, form: SendUnits) -> Sequence[Event]:
    """Units go on a way beside the straight one, within the limits of the plant file."""
    state: InventoryState = states["inventory"]
    name = subject_of(state, asked.plant, form.subject)
    box = state.containers.get(name)
    require_at(asked, "move_stock", box.location if box is not None else None)
    if name in state.lots:
        raise ActRefusedError(
            Worded("{name} is material, and no units of a product.", name=name),
            Worded("Block it, or report it as scrap."),
        )
    lot = name if box is None else box.lot
    if lot is None:
        raise ActRefusedError(
            Worded("The container {container} is empty.", container=name), Worded("Scan the one that was opened.")
        )
    known = product_lot(state, lot)
    there = box.units if box is not None else None if known.good is None else known.good - known.shipped
    if there is not None and form.units > there:
        raise ActRefusedError(
            Worded("Of {name} there are {n} units, and not {quantity}.", name=name, n=there, quantity=form.units),
            Worded("Correct the count."),
        )
    if box is not None and (on_the_way := state.on_the_way(name)) is not None:
        raise ActRefusedError(
            Worded("The units in {container} are on a way of their own.", container=name),
            Worded("Say first what came of them, under {routing}.", routing=on_the_way),
        )
    _within(state, asked, form, lot, name if box is not None else None)
    return [
        Routed(
            routing=next_id(state, "routing", "way-"),
            route=form.route,
            lot=lot,
            container=name if box is not None else None,
            units=form.units,
            reason=form.reason,
            person=asked.actor,
        )
    ]


def _within(state: InventoryState, asked: Asked, form: SendUnits, lot: str, box: str | None) -> None:
    """Refuse what passes a limit of its route."""
    way = next((item for item in asked.plant.routes if item.id == form.route), None)
    if way is None:
        return
    roles = roles_for(asked.plant, "amend_plant")
    gone = sum(
        one.units
        for one in state.routings.values()
        if one.lot == lot and one.route == form.route and one.ended_us is None
    )
    if way.units is not None and gone + form.units > way.units:
        raise ActRefusedError(
            Worded(
                "Of the lot {lot} {n} units would be on this way at once; {most} may be.",
                lot=lot,
                n=gone + form.units,
                most=way.units,
            ),
            Worded("Take back first what was sent. The limit stands in the plant file ({roles}).", roles=roles),
        )
    times = state.containers[box].routed.get(form.route, 0) if box is not None else 0
    if way.times is not None and times >= way.times:
        raise ActRefusedError(
            Worded("What is in {container} went this way {n} times already; it may not again.", container=box, n=times),
            Worded("Report what is not good as scrap. The limit stands in the plant file ({roles}).", roles=roles),
        )


def take_back(states: States, asked: Asked, form: TakeBack) -> Sequence[Event]:
    """Units come back: each of them is good or scrap."""
    state: InventoryState = states["inventory"]
    known = _routing(state, form.routing)
    box = state.containers.get(known.container or "")
    require_at(asked, "move_stock", box.location if box is not None else None)
    if box is not None:
        not_counted(state, box.location)
    if form.good + form.scrapped != known.units:
        raise ActRefusedError(
            Worded("{n} units were sent, and {back} come back.", n=known.units, back=form.good + form.scrapped),
            Worded("Count again; units that cannot be found are scrap, and the reason says that they are missing."),
        )
    return [
        Routed(
            routing=form.routing,
            route=known.route,  # type: ignore[arg-type]
            lot=known.lot,
            container=known.container,
            units=known.units,
            good=form.good,
            scrapped=form.scrapped,
            reason=form.reason,
            person=asked.actor,
        )
    ]


def _routing(state: InventoryState, name: str) -> Routing:
    known = state.routings.get(name)
    if known is None:
        raise NotFoundError(Worded("Nothing was sent under {routing}.", routing=name))
    if known.ended_us is not None:
        raise ActRefusedError(
            Worded("What came of {routing} was said already by {person}.", routing=name, person=known.ended_by),
            Worded("There is nothing to do."),
        )
    return known


def _check_reason(plant: Plant, form: ScrapStock) -> None:
    """Scrap has one of the plant's own reasons, if it names any: those of the station where it came to be, else any."""
    known = [reason.id for _, group in reasons_at(plant, "scrap", form.station) for reason in group]
    if known and form.reason not in known:
        raise ActRefusedError(
            Worded("{reason} is no reason of scrap here.", reason=form.reason),
            Worded("Choose one of: {names}.", names=", ".join(known)),
        )


def scrap(states: States, asked: Asked, form: ScrapStock) -> Sequence[Event]:
    """Something is scrap from here on and lies where scrap is kept."""
    state: InventoryState = states["inventory"]
    name = subject_of(state, asked.plant, form.subject)
    place = location(asked.plant, form.location)
    asked.require("move_stock", place.area)
    if form.station is not None:
        station_area(asked.plant, form.station)
    _check_reason(asked.plant, form)
    if place.holds != "scrap":
        cages = [item.id for item in asked.plant.locations if item.holds == "scrap"]
        raise ActRefusedError(
            Worded("{location} is no place for scrap.", location=place.name or place.id),
            Worded("Choose one of: {names}.", names=", ".join(cages) or "-"),
        )
    origin = _taken(state, name, form)
    box = state.containers.get(name)
    not_counted(state, place.id, origin, box.location if box is not None else None)
    limits.fits(state, asked.plant, place, limits.Load(pieces=form.quantity))
    return [
        Scrapped(
            subject=name,
            quantity=form.quantity,
            location=place.id,
            origin=origin,
            station=form.station,
            reason=form.reason,
            person=asked.actor,
        )
    ]


def _taken(state: InventoryState, name: str, form: ScrapStock) -> str | None:
    """Where some of a material lot is taken from, after refusing more than there is; None for a container or a lot."""
    if name in state.lots:
        origin = origin_of(name, state.lots[name], form.origin)
        enough(name, state.lots[name], origin, form.quantity)
        return origin
    box, lot = state.containers.get(name), state.products.get(name)
    there = None
    if box is not None:
        there = box.units
    elif lot is not None and lot.good is not None:
        there = lot.good - lot.shipped
    if there is not None and form.quantity > there:
        raise ActRefusedError(
            Worded("Of {name} there are {n} units, and not {quantity}.", name=name, n=there, quantity=form.quantity),
            Worded("Correct the count."),
        )
    return None


def prepare(states: States, asked: Asked, form: PrepareDestruction) -> Sequence[Event]:
    """A person says what they are about to destroy; a second one must see it."""
    state: InventoryState = states["inventory"]
    place = location(asked.plant, form.location)
    asked.require("destroy_stock", place.area)
    not_counted(state, place.id)
    kept = state.scrap.get(place.id, {})
    name = form.subject if form.subject in kept else subject_of(state, asked.plant, form.subject)
    _kept(state, name, place.id, form.quantity)
    return [
        DestructionPrepared(
            destruction=next_id(state, "destruction", "destruction-"),
            subject=name,
            location=place.id,
            quantity=form.quantity,
            person=asked.actor,
        )
    ]


def witness(states: States, asked: Asked, form: WitnessDestruction) -> Sequence[Event]:
    """A second person has seen that it was destroyed."""
    state: InventoryState = states["inventory"]
    found = state.destructions.get(form.destruction)
    if found is None:
        raise NotFoundError(Worded("There is no destruction {destruction}.", destruction=form.destruction))
    require_at(asked, "destroy_stock", found.location)
    not_counted(state, found.location)
    if found.destroyed_us is not None:
        raise ActRefusedError(
            Worded("{person} has witnessed it already.", person=found.witness), Worded("There is nothing to do.")
        )
    if found.prepared_by == asked.person:
        raise ActRefusedError(
            Worded("Who destroys scrap does not witness it."),
            Worded("Ask another person in one of these roles: {roles}.", roles=roles_for(asked.plant, "destroy_stock")),
        )
    _kept(state, found.subject, found.location, found.quantity)
    return [
        Destroyed(
            destruction=form.destruction,
            subject=found.subject,
            location=found.location,
            quantity=found.quantity,
            witness=asked.actor,
            person=found.prepared_by,
        )
    ]


def _kept(state: InventoryState, name: str, place: str, quantity: int) -> None:
    there = state.scrap.get(place, {}).get(name, 0)
    if quantity > there:
        raise ActRefusedError(
            Worded("Of {name} {n} are kept as scrap at {location}.", name=name, n=there, location=place),
            Worded("Correct the quantity, or report first what else is scrap."),
        )


def ship(states: States, asked: Asked, form: ShipUnits) -> Sequence[Event]:
    """Units of a closed lot leave the plant, no more than it has."""
    state: InventoryState = states["inventory"]
    asked.require("ship_stock")
    lot = product_lot(state, form.lot)
    boxes = tuple(dict.fromkeys(_leaving(state, asked, form.lot, text) for text in form.containers))
    inside = sum(state.containers[name].units for name in boxes)
    units = form.units if form.units is not None else inside
    if boxes and units != inside:
        raise ActRefusedError(
            Worded("The containers hold {n} units, and not {units}.", n=inside, units=units),
            Worded("Leave the units empty, or scan the containers that go."),
        )
    if not units:
        raise ActRefusedError(
            Worded("Neither units nor containers are named."), Worded("Scan the containers, or enter the units.")
        )
    if lot.closed_us is None or lot.good is None:
        raise ActRefusedError(
            Worded("The lot {lot} is still open: nobody knows what is in it.", lot=form.lot),
            Worded(
                "Have it closed first by somebody in one of these roles: {roles}.",
                roles=roles_for(asked.plant, "open_lots"),
            ),
        )
    left = lot.good - lot.shipped - lot.scrapped
    if units > left:
        raise ActRefusedError(
            Worded("Of {name} there are {n} units, and not {quantity}.", name=form.lot, n=left, quantity=units),
            Worded("Correct the count."),
        )
    earlier = state.shipments.get(form.shipment)
    if earlier is not None and earlier.receiver != form.receiver:
        raise ActRefusedError(
            Worded("The shipment {shipment} goes to {receiver}.", shipment=form.shipment, receiver=earlier.receiver),
            Worded("Give this one a number of its own."),
        )
    return [
        Shipped(
            shipment=form.shipment,
            order=form.order or lot.order,
            lot=form.lot,
            units=units,
            containers=boxes,
            receiver=form.receiver,
            person=asked.actor,
        )
    ]


def _leaving(state: InventoryState, asked: Asked, lot: str, text: str) -> str:
    """The id of a container that may leave with a lot."""
    name, box = container(state, asked.plant, text)
    not_counted(state, box.location)
    if box.shipment is not None:
        raise ActRefusedError(
            Worded(
                "The container {container} left with the shipment {shipment}.", container=name, shipment=box.shipment
            ),
            Worded("Scan the one that stands before you."),
        )
    if box.lot != lot:
        raise ActRefusedError(
            Worded(
                "The container {container} holds the lot {other}, and not {lot}.",
                container=name,
                other=box.lot,
                lot=lot,
            )
            if box.lot is not None
            else Worded("The container {container} is empty.", container=name),
            Worded("Take it off the list."),
        )
    if box.status not in {"released", "reserved"} or state.on_the_way(name) is not None:
        raise ActRefusedError(
            Worded("{name} may not leave: it is blocked, in quarantine, or on a way of its own.", name=name),
            Worded(
                "Take it off the list, or ask somebody in one of these roles: {roles}.",
                roles=roles_for(asked.plant, "release_stock"),
            ),
        )
    return name


COMMANDS: tuple[Command, ...] = (
    Command(
        name="inventory.send",
        title=Worded("Rework, sort or send back"),
        act="move_stock",
        form=SendUnits,
        decide=send,
        queues=True,
    ),
    Command(
        name="inventory.take_back",
        title=Worded("Take back"),
        act="move_stock",
        form=TakeBack,
        decide=take_back,
        queues=True,
    ),
    Command(
        name="inventory.scrap",
        title=Worded("Report scrap"),
        act="move_stock",
        form=ScrapStock,
        decide=scrap,
        queues=True,
    ),
    Command(
        name="inventory.prepare_destruction",
        title=Worded("Destroy scrap"),
        act="destroy_stock",
        form=PrepareDestruction,
        decide=prepare,
    ),
    Command(
        name="inventory.witness_destruction",
        title=Worded("I have seen it destroyed"),
        act="destroy_stock",
        form=WitnessDestruction,
        decide=witness,
    ),
    Command(name="inventory.ship", title=Worded("Ship"), act="ship_stock", form=ShipUnits, decide=ship),
)
