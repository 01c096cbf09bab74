"""Materials, locations, containers and routes of a plant file: what they mean, what is wrong, what another edition changes."""

from __future__ import annotations

import pytest

from fabrika.plant.difference import difference
from fabrika.plant.model import ContainerKind, Location, Material, Route
from fabrika.plant.open_work import HeldStock, OpenWork, breaks
from plant.plantfiles import problems, read

BEFORE = "fabrika: 1\nplant: {name: x}\n"
LINES = "lines: [{id: line, stations: [{id: a, kind: machine, cycle: 1 s}]}]\n"
STOCK = """\
areas: [{id: hall}]
materials:
  - {id: strip, name: Strip, unit: kg}
  - {id: cleaner, unit: l, mass: 0.8 kg, shelf_life: 365 d, hazard: flammable}
  - {id: label, gtin: "09504000059101", mass: 250 mg}
locations:
  - {id: store, area: hall, mass: 2.5 t, hazard: {flammable: 40 kg}}
  - {id: side, holds: line, count: 500, containers: 0}
containers: [{id: tote, capacity: 5000}]
routes: [{id: rework, units: 40, times: 1}]
"""


def plant(stock: str = STOCK):
    return read(BEFORE + stock + LINES)


def test_what_they_mean() -> None:
    found = plant()
    assert found.materials == (
        Material("strip", "kg", unit_kg=1.0, name="Strip"),
        Material("cleaner", "l", 365 * 86_400.0, "flammable", 0.8),
        Material("label", unit_kg=0.00025, gtin="09504000059101"),
    )
    assert found.locations == (
        Location("store", area="hall", mass_kg=2500.0, hazards={"flammable": 40.0}),
        Location("side", "line", count=500, containers=0),
    )
    assert found.containers == (ContainerKind("tote", 5000),)
    assert found.routes == (Route("rework", 40, 1),)
    assert plant("").materials == ()


@pytest.mark.parametrize(
    ("text", "line", "column", "wrong"),
    [
        ("materials: [{id: glue, unit: stone}]", 3, 30, "`stone` is not known here."),
        ("materials: [{id: glue, unit: kg, mass: 3 g}]", 3, 40, "counted in kg has its mass already"),
        ("materials: [{id: ink, unit: l, hazard: f}]", 3, 40, "The mass of `ink` is not known"),
        ("materials: [{id: a, mass: 3}]", 3, 27, "`3` is not a mass."),
        ("materials: [{id: a, mass: 0 g}]", 3, 27, "`0 g` is not a mass."),
        ('materials: [{id: a, gtin: "09504000059102"}]', 3, 27, "The check digit of"),
        ('materials: [{id: a, gtin: "123"}]', 3, 27, "is not a GTIN"),
        ("materials: [{id: a}, {id: a}]", 3, 27, "is used twice"),
        ("locations: [{id: a, holds: cows}]", 3, 28, "`cows` is not known here."),
        ("locations: [{id: a, area: moon}]", 3, 27, "There is no area `moon`."),
        ("locations: [{id: a, hazard: {fire: 3 kg}}]", 3, 30, "No material has the hazard class `fire`."),
        ("containers: [{id: tote}]", 3, 14, "`capacity` is missing."),
        ("routes: [{id: recycling}]", 3, 15, "`recycling` is not a route."),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, line: int, column: int, wrong: str) -> None:
    (found,) = problems(f"{BEFORE}{text}\n{LINES}")
    assert (found.line, found.column) == (line, column)
    assert wrong in found.wrong
    assert found.remedy


def changes(old: str, new: str) -> list[str]:
    return [str(change.sentence) for change in difference(plant(old), plant(new)).changes]


def test_what_another_edition_changes() -> None:
    assert changes(STOCK, STOCK.replace("365 d", "12 d")) == [
        "changed: materials.cleaner.shelf_life from 365 d to 12 d"
    ]
    assert changes(STOCK, STOCK.replace("40 kg", "50 kg")) == [
        "changed: locations.store.hazard from flammable 40 kg to flammable 50 kg"
    ]
    assert changes(STOCK, STOCK.replace("times: 1", "times: 2")) == ["changed: routes.rework.times from 1 to 2"]
    assert changes(STOCK, STOCK.replace("{id: side,", "{id: beside, was: side,")) == [
        "renamed: location beside, until now side"
    ]
    assert changes("", "containers: [{id: tote, capacity: 50}]\n") == ["added: kind of container tote"]
    # The same in another unit is no difference.
    assert changes(STOCK, STOCK.replace("2.5 t", "2500 kg").replace("0.8 kg", "800 g")) == []


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ("{id: strip,", "{id: band, was: strip,", "m-1 is in stock, and its material strip goes"),
        ("{id: side,", "{id: beside,", "m-1 is in stock, and its location side goes"),
        ("{id: tote,", "{id: bin,", "t-1 is in stock, and its kind of container tote goes"),
    ],
)
def test_what_the_book_holds_something_of_stays(before: str, after: str, wrong: str) -> None:
    held = [("materials", "strip", "m-1"), ("locations", "side", "m-1"), ("containers", "tote", "t-1")]
    work = OpenWork(
        stock=tuple(HeldStock(*item) for item in [*held, ("locations", "side", "m-2"), ("locations", "gone", "x")])
    )
    (reason,) = breaks(difference(plant(), plant(STOCK.replace(before, after))), work)
    assert wrong in reason.wrong
    assert "(operator, shift-lead" in reason.remedy or "shift-lead, operator" in reason.remedy
    assert breaks(difference(plant(), plant(STOCK.replace("500", "600"))), work) == ()
