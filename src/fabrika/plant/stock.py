"""From the forms of materials, locations, containers and routes to the model, and what things they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fabrika.plant.draft import Draft
from fabrika.plant.forms import MaterialForm
from fabrika.plant.model import ContainerKind, Location, Material, Plant, Route, Unit

ROUTES: Final = ("rework", "sorting", "return")
OF_UNIT_KG: Final[Mapping[str, float]] = {"mg": 1e-6, "g": 1e-3, "kg": 1.0}


def sections(draft: Draft) -> dict[str, Any]:
    """The plant's materials, locations, containers and routes, by their words, after noting what is wrong with them."""
    form = draft.form
    materials = tuple(_material(draft, item) for item in form.materials)
    hazards = {item.hazard for item in materials if item.hazard is not None}
    locations = []
    for place in form.locations:
        for word in place.hazard:
            if str(word) not in hazards and not draft.lost.touched("materials"):
                draft.missing(word, f"No material has the hazard class `{word}`.", sorted(hazards), "materials")
        locations.append(
            Location(
                id=str(place.id),
                holds=cast(Any, place.holds),
                area=draft.exists(place.area, "areas", "area"),
                count=place.count,
                containers=place.containers,
                mass_kg=place.mass,
                hazards={str(word): most for word, most in place.hazard.items()},
                name=place.name,
            )
        )
    for way in form.routes:
        if str(way.id) not in ROUTES:
            draft.findings.add(way.place("id"), f"`{way.id}` is not a route.", f"Write one of: {', '.join(ROUTES)}.")
    return {
        "materials": materials,
        "locations": tuple(locations),
        "containers": tuple(ContainerKind(str(item.id), item.capacity, item.name) for item in form.containers),
        "routes": tuple(
            Route(str(way.id), way.units, way.times, way.name) for way in form.routes if str(way.id) in ROUTES
        ),
    }


def _material(draft: Draft, form: MaterialForm) -> Material:
    unit_kg = OF_UNIT_KG.get(form.unit)
    if unit_kg is not None and form.mass is not None:
        wrong = f"A material that is counted in {form.unit} has its mass already."
        draft.findings.add(form.place("mass"), wrong, "Remove `mass`.")
    mass_kg = form.mass if unit_kg is None else unit_kg
    if form.hazard is not None and mass_kg is None:
        wrong = f"The mass of `{form.id}` is not known, so that no limit of its hazard class could be kept."
        draft.findings.add(form.place("hazard"), wrong, "Add the `mass` of one unit, or count it in g or kg.")
    return Material(
        id=str(form.id),
        unit=cast(Unit, form.unit),
        shelf_life_s=form.shelf_life,
        hazard=str(form.hazard) if form.hazard is not None else None,
        unit_kg=mass_kg,
        gtin=form.gtin or "",
        name=form.name,
    )


def said(plant: Plant) -> Iterator[tuple[str, Any, dict[str, tuple[Any, str]]]]:
    """Every such thing of a plant: the list it stands in, the thing, and by key what is compared and how it is written."""
    for material in plant.materials:
        yield "materials", material, {
            "unit": (material.unit, material.unit),
            "shelf_life": (material.shelf_life_s, _days(material.shelf_life_s)),
            "hazard": (material.hazard, material.hazard or ""),
            "mass": (material.unit_kg, _kg(material.unit_kg)),
            "gtin": (material.gtin, material.gtin),
        }  # fmt: skip
    for place in plant.locations:
        limits = ", ".join(f"{word} {_kg(most)}" for word, most in sorted(place.hazards.items()))
        yield "locations", place, {
            "area": (place.area, place.area or ""),
            "holds": (place.holds, place.holds),
            "count": (place.count, _count(place.count)),
            "containers": (place.containers, _count(place.containers)),
            "mass": (place.mass_kg, _kg(place.mass_kg)),
            "hazard": (tuple(sorted(place.hazards.items())), limits),
        }  # fmt: skip
    for kind in plant.containers:
        yield "containers", kind, {"capacity": (kind.capacity, _count(kind.capacity))}
    for way in plant.routes:
        yield "routes", way, {"units": (way.units, _count(way.units)), "times": (way.times, _count(way.times))}


def _kg(mass_kg: float | None) -> str:
    return "" if mass_kg is None else f"{mass_kg:.15g} kg"


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _days(time_s: float | None) -> str:
    return "" if time_s is None else f"{time_s / 86_400:.15g} d"
