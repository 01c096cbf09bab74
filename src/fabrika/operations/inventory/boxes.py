"""What may be done with containers: register, fill, find again, empty."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.inventory import ContainerEmptied, ContainerRegistered, Moved
from fabrika.events.production import ContainerFilled
from fabrika.operations.inventory import limits
from fabrika.operations.inventory.lookups import (
    Maybe,
    Number,
    Scanned,
    Some,
    container,
    kind,
    location,
    not_counted,
    open_lot,
    require_at,
    roles_for,
    station_area,
)
from fabrika.operations.inventory.records import Container, InventoryState
from fabrika.page import Asked, Command, States
from fabrika.plant.model import Plant
from fabrika.wording import Worded


class RegisterContainer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A container that gets a label, what kind it is, and where it stands."""

    container: Number
    kind: Id
    location: Id


class FillContainer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A container that was filled at a station from a lot, and closed."""

    container: Scanned
    lot: Id
    station: Id
    units: Some


class FindContainer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A container that stands here although the book has it elsewhere, or nowhere; and how that may have come."""

    container: Scanned
    location: Id
    reason: Text


class EmptyContainer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A container in which nothing is left, and how many units were still in it."""

    container: Scanned
    left_over: Maybe = 0


def register(states: States, asked: Asked, form: RegisterContainer) -> Sequence[Event]:
    """A container gets a number that was never given, a kind and a place."""
    state: InventoryState = states["inventory"]
    kind(asked.plant, form.kind)
    place = location(asked.plant, form.location)
    asked.require("receive_stock", place.area)
    not_counted(state, place.id)
    known = state.containers.get(form.container)
    if (
        (known is not None and known.kind is not None)
        or form.container in state.lots
        or form.container in state.products
    ):
        raise ActRefusedError(
            Worded("The number {number} is given already.", number=form.container),
            Worded("Scan it to see what it is, or give this one another number."),
        )
    units = known.units if known is not None else 0
    limits.fits(state, asked.plant, place, limits.Load(pieces=units, containers=1))
    return [ContainerRegistered(container=form.container, kind=form.kind, location=form.location, person=asked.actor)]


def fill(states: States, asked: Asked, form: FillContainer) -> Sequence[Event]:
    """An empty container is filled from a lot that is being made at a station, with no more than fits in."""
    state: InventoryState = states["inventory"]
    asked.require("move_stock", station_area(asked.plant, form.station))
    name, box = container(state, asked.plant, form.container)
    open_lot(state, form.lot, form.station)
    not_counted(state, box.location)
    _here(name, box)
    if box.lot is not None:
        raise ActRefusedError(
            Worded(
                "The container {container} holds {n} units of the lot {lot}.", container=name, n=box.units, lot=box.lot
            ),
            Worded("It was scanned twice, perhaps; else have it emptied first."),
        )
    if box.status == "blocked":
        raise ActRefusedError(
            Worded("{name} is blocked.", name=name),
            Worded(
                "Take another container, or ask somebody in one of these roles: {roles}.",
                roles=roles_for(asked.plant, "release_stock"),
            ),
        )
    most = capacity_of(asked.plant, box)
    if most is not None and form.units > most:
        raise ActRefusedError(
            Worded("Into {container} {most} units fit, and not {n}.", container=name, most=most, n=form.units),
            Worded("Correct the count, or fill the rest into another container."),
        )
    place = next((item for item in asked.plant.locations if item.id == box.location), None)
    if place is not None:
        limits.fits(state, asked.plant, place, limits.Load(pieces=form.units))
    return [ContainerFilled(container=name, lot=form.lot, station=form.station, units=form.units)]


def find(states: States, asked: Asked, form: FindContainer) -> Sequence[Event]:
    """The book is brought to where a container stands; the way that nobody told stays visible by its reason."""
    state: InventoryState = states["inventory"]
    name, box = container(state, asked.plant, form.container)
    place = location(asked.plant, form.location)
    asked.require("move_stock", place.area)
    not_counted(state, place.id, box.location)
    if box.location == place.id:
        raise ActRefusedError(
            Worded("{name} is at {location} already.", name=name, location=place.id),
            Worded("The book has it where you see it: there is nothing to do."),
        )
    return [
        Moved(
            subject=name,
            origin=box.location or "unknown",
            target=place.id,
            reason=form.reason,
            person=asked.actor,
        )
    ]


def empty(states: States, asked: Asked, form: EmptyContainer) -> Sequence[Event]:
    """A container is empty from here on."""
    state: InventoryState = states["inventory"]
    name, box = container(state, asked.plant, form.container)
    require_at(asked, "move_stock", box.location)
    not_counted(state, box.location)
    if box.lot is None:
        raise ActRefusedError(
            Worded("The container {container} is empty.", container=name),
            Worded("It was scanned twice, perhaps: there is nothing to do."),
        )
    if state.on_the_way(name) is not None:
        raise ActRefusedError(
            Worded("The units in {container} are on a way of their own.", container=name),
            Worded("Say on its page first what came of them."),
        )
    most = capacity_of(asked.plant, box)
    if form.left_over > max(box.units, most or 0):
        raise ActRefusedError(
            Worded("The container {container} holds {n} units.", container=name, n=box.units),
            Worded("Correct the count of what was left in it."),
        )
    return [ContainerEmptied(container=name, left_over=form.left_over, person=asked.actor)]


def capacity_of(plant: Plant, box: Container) -> int | None:
    """Units that fit into a container; None if its kind is not known."""
    return next((item.capacity for item in plant.containers if item.id == box.kind), None)


def _here(name: str, box: Container) -> None:
    if box.kind is None:
        raise ActRefusedError(
            Worded("The container {container} is not registered.", container=name),
            Worded("Have it registered with its kind and place first."),
        )
    if box.shipment is not None:
        raise ActRefusedError(
            Worded(
                "The container {container} left with the shipment {shipment}.", container=name, shipment=box.shipment
            ),
            Worded("If it stands before you, say so on its page: it is here. That leaves a trace."),
        )


COMMANDS: tuple[Command, ...] = (
    Command(
        name="inventory.register_container",
        title=Worded("Register a container"),
        act="receive_stock",
        form=RegisterContainer,
        decide=register,
    ),
    Command(
        name="inventory.fill_container",
        title=Worded("It is filled"),
        act="move_stock",
        form=FillContainer,
        decide=fill,
        queues=True,
    ),
    Command(
        name="inventory.find_container",
        title=Worded("It is here"),
        act="move_stock",
        form=FindContainer,
        decide=find,
        queues=True,
    ),
    Command(
        name="inventory.empty_container",
        title=Worded("It is empty"),
        act="move_stock",
        form=EmptyContainer,
        decide=empty,
        queues=True,
    ),
)
