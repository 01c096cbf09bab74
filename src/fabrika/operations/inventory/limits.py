"""What a location may hold, and what it holds: pieces, containers, kg, kg of each hazard class."""

from __future__ import annotations

from typing import NamedTuple

from fabrika.errors import ActRefusedError
from fabrika.operations.inventory.records import InventoryState
from fabrika.plant.model import Location, Material, Plant
from fabrika.wording import Worded


class Load(NamedTuple):
    """What lies, or comes to lie, at a location; masses in kg, by hazard class in ``hazards``.

    The mass of what is in containers is not known here: a product states none.
    """

    pieces: int = 0
    containers: int = 0
    mass_kg: float = 0.0
    hazards: tuple[tuple[str, float], ...] = ()

    def plus(self, other: Load) -> Load:
        """Both together."""
        hazards = dict(self.hazards)
        for word, mass_kg in other.hazards:
            hazards[word] = hazards.get(word, 0.0) + mass_kg
        return Load(
            self.pieces + other.pieces,
            self.containers + other.containers,
            self.mass_kg + other.mass_kg,
            tuple(sorted(hazards.items())),
        )


def load_of(material: Material | None, quantity: int) -> Load:
    """What some of a material is for a location's limits; of a material that the file no longer has nothing is known."""
    if material is None:
        return Load()
    mass_kg = 0.0 if material.unit_kg is None else quantity * material.unit_kg
    pieces = quantity if material.unit == "piece" else 0
    return Load(pieces, 0, mass_kg, ((material.hazard, mass_kg),) if material.hazard is not None else ())


def held(state: InventoryState, plant: Plant, place: str) -> Load:
    """What lies at a location now."""
    materials = {item.id: item for item in plant.materials}
    load = Load()
    for lot in state.lots.values():
        if place in lot.at:
            load = load.plus(load_of(materials.get(lot.material), lot.at[place]))
    for box in state.containers.values():
        if box.location == place:
            load = load.plus(Load(pieces=box.units, containers=1))
    return load.plus(Load(pieces=sum(state.scrap.get(place, {}).values())))


def passed(place: Location, load: Load) -> Worded | None:
    """The first limit of a location that a load passes, as a sentence; None if it passes none."""
    name = place.name or place.id
    if place.count is not None and load.pieces > place.count:
        return Worded(
            "{location} may hold {most} pieces; it would hold {n}.", location=name, most=place.count, n=load.pieces
        )
    if place.containers is not None and load.containers > place.containers:
        return Worded(
            "{location} may hold {most} containers; it would hold {n}.",
            location=name,
            most=place.containers,
            n=load.containers,
        )
    # A billionth is the rounding of sums in floating point, not goods.
    if place.mass_kg is not None and load.mass_kg > place.mass_kg * (1 + 1e-9):
        return Worded(
            "{location} may hold {most} kg; it would hold {n} kg.",
            location=name,
            most=f"{place.mass_kg:.6g}",
            n=f"{load.mass_kg:.6g}",
        )
    for word, mass_kg in load.hazards:
        most = place.hazards.get(word)
        if most is not None and mass_kg > most * (1 + 1e-9):
            return Worded(
                "{location} may hold {most} kg of the hazard class {word}; it would hold {n} kg.",
                location=name,
                most=f"{most:.6g}",
                word=word,
                n=f"{mass_kg:.6g}",
            )
    return None


def fits(state: InventoryState, plant: Plant, place: Location, more: Load) -> None:
    """Refuse what would pass a limit of a location.

    Raises:
        ActRefusedError: with the limit, and where there is room.
    """
    wrong = passed(place, held(state, plant, place.id).plus(more))
    if wrong is None:
        return
    room = [
        other.id
        for other in plant.locations
        if other.id != place.id
        and other.holds == place.holds
        and passed(other, held(state, plant, other.id).plus(more)) is None
    ]
    raise ActRefusedError(
        wrong,
        Worded("Put it in one of these, where there is room: {names}.", names=", ".join(room))
        if room
        else Worded("Take something away there first, or bring less."),
    )
