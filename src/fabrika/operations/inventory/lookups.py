"""What a person means by a name or a scanned label, and what a refusal says when there is nothing of that name."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.operations.inventory.labels import CONTAINER, MATERIAL_LOT, read
from fabrika.operations.inventory.records import Container, InventoryState, KnownLot, MaterialLot
from fabrika.page import Asked
from fabrika.plant.model import ContainerKind, Location, Material, Plant
from fabrika.plant.roles import roles_of
from fabrika.wording import Worded, joined

Scanned = Annotated[str, Meta(min_length=1, max_length=200)]
"""An id, or what a scanner sends of a label."""
Number = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z", max_length=20)]
"""A number that fits on every label: ASCII letters, digits and ``._-``, at most 20 (GS1 AI 10 and 21)."""
Some = Annotated[int, Meta(ge=1, le=10**12)]
"""How many, one at least."""
Maybe = Annotated[int, Meta(ge=0, le=10**12)]
"""How many, or none."""


def roles_for(plant: Plant, act: str) -> str:
    """The roles that may do something, as words; ``-`` if none may."""
    return joined([role.name or role.id for role in roles_of(plant) if act in role.may], ", ") or "-"


def subject_of(state: InventoryState, plant: Plant, text: str) -> str:
    """The material lot, container or lot that a scan means.

    Raises:
        ActRefusedError: the label cannot be read.
        NotFoundError: nothing is known under it.
    """
    scan = read(text)
    meant = scan.plain
    if scan.fields:
        found = next((scan.fields[key] for key in (CONTAINER, MATERIAL_LOT, "10", "21") if key in scan.fields), None)
        if found is None:
            raise ActRefusedError(
                Worded("This label names no container and no lot."),
                Worded("Scan the label with the container's or the lot's number, or type that number."),
            )
        meant = found
        _of_the_item(state, plant, meant, scan.fields.get("01"))
    if meant in state.lots or meant in state.containers or meant in state.products:
        return meant
    raise NotFoundError(
        Worded("Nothing is known here under {name}.", name=meant[:60]),
        Worded(
            "Look for it under Stock; what has no number yet is received or registered by somebody in one of these roles: {roles}.",
            roles=roles_for(plant, "receive_stock"),
        ),
    )


def _of_the_item(state: InventoryState, plant: Plant, number: str, gtin: str | None) -> None:
    """Refuse a label whose trade item is another than that of the lot of its number."""
    lot = state.lots.get(number)
    known = next((item.gtin for item in plant.materials if lot is not None and item.id == lot.material), "")
    if gtin and known and gtin != known:
        raise ActRefusedError(
            Worded(
                "The label is of the item {gtin}, and the lot {lot} here is of {known}.",
                gtin=gtin,
                lot=number,
                known=known,
            ),
            Worded(
                "Look at the goods: another supplier may use the same lot number. Receive it under a number of its own."
            ),
        )


def material_lot(state: InventoryState, name: str) -> MaterialLot:
    """The material lot of a number."""
    found = state.lots.get(name)
    if found is None:
        raise NotFoundError(Worded("There is no material lot {lot}.", lot=name))
    return found


def container(state: InventoryState, plant: Plant, text: str) -> tuple[str, Container]:
    """The container that a scan means."""
    name = subject_of(state, plant, text)
    if name not in state.containers:
        raise ActRefusedError(
            Worded("{name} is a lot and no container.", name=name), Worded("Scan the container's own label.")
        )
    return name, state.containers[name]


def product_lot(state: InventoryState, name: str) -> KnownLot:
    """The lot of products of a number."""
    found = state.products.get(name)
    if found is None:
        raise NotFoundError(Worded("There is no lot {lot} among those of late.", lot=name))
    return found


def open_lot(state: InventoryState, name: str, station: str) -> KnownLot:
    """A lot that is being made on the station's line."""
    found = product_lot(state, name)
    if found.closed_us is not None:
        raise ActRefusedError(
            Worded("The lot {lot} is closed.", lot=name), Worded("Name the lot that is being made now.")
        )
    if found.line != station.partition(".")[0]:
        raise ActRefusedError(
            Worded(
                "The lot {lot} is made on the line {line}, where {station} is not.",
                lot=name,
                line=found.line,
                station=station,
            ),
            Worded("Name a lot of this station's line."),
        )
    return found


def station_area(plant: Plant, station: str) -> str | None:
    """The area of a station ``line.station``."""
    for line in plant.lines:
        for found in line.stations:
            if f"{line.id}.{found.id}" == station:
                return found.area or line.area
    known = f"{plant.lines[0].id}.{plant.lines[0].stations[0].id}"
    raise ActRefusedError(
        Worded("There is no station {station}.", station=station), Worded("Write it as {station}.", station=known)
    )


def location(plant: Plant, name: str) -> Location:
    """The location of an id."""
    found = next((item for item in plant.locations if item.id == name), None)
    if found is None:
        raise ActRefusedError(
            Worded("There is no location {location}.", location=name),
            Worded("Choose one of: {names}.", names=", ".join(item.id for item in plant.locations))
            if plant.locations
            else Worded(
                "Have `locations` added to the plant file by somebody in one of these roles: {roles}.",
                roles=roles_for(plant, "amend_plant"),
            ),
        )
    return found


def material(plant: Plant, name: str) -> Material:
    """The material of an id."""
    found = next((item for item in plant.materials if item.id == name), None)
    if found is None:
        raise ActRefusedError(
            Worded("There is no material {material}.", material=name),
            Worded("Choose one of: {names}.", names=", ".join(item.id for item in plant.materials))
            if plant.materials
            else Worded(
                "Have `materials` added to the plant file by somebody in one of these roles: {roles}.",
                roles=roles_for(plant, "amend_plant"),
            ),
        )
    return found


def kind(plant: Plant, name: str) -> ContainerKind:
    """The kind of container of an id."""
    found = next((item for item in plant.containers if item.id == name), None)
    if found is None:
        raise ActRefusedError(
            Worded("There is no kind of container {kind}.", kind=name),
            Worded("Choose one of: {names}.", names=", ".join(item.id for item in plant.containers) or "-"),
        )
    return found


def require_at(asked: Asked, act: str, place: str | None) -> None:
    """Refuse what the person's roles do not allow at a location; one that the plant file no longer has belongs to no area."""
    area = next((item.area for item in asked.plant.locations if item.id == place), None)
    asked.require(act, area)


def next_id(state: InventoryState, word: str, before: str) -> str:
    """The next id of a running kind, such as ``count-7``."""
    return f"{before}{state.numbers.get(word, 0) + 1}"


def not_counted(state: InventoryState, *places: str | None) -> None:
    """Refuse to change what lies at a location while it is counted by hand."""
    for place in places:
        found = None if place is None else state.open_stocktake(place)
        if found is not None:
            raise ActRefusedError(
                Worded("{location} is being counted; what lies there stays until that is closed.", location=place),
                Worded(
                    "Wait for the stocktaking {stocktake}, or ask {person}, who began it.",
                    stocktake=found[0],
                    person=found[1].begun_by,
                ),
            )
