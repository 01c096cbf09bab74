"""Every number has one name; what-if makes a new plant and says so."""

from __future__ import annotations

from dataclasses import replace as copied

import pytest

from fabrika.errors import ChangeRefusedError, UnknownParameterError
from fabrika.plant.model import Belief, Distribution
from fabrika.plant.parameters import parameter, parameters, replace, with_value
from plant.plantfiles import TEACHING, read

PLANTS = {path.stem: read(path.read_text("utf-8")) for path in TEACHING}


@pytest.mark.parametrize(
    ("name", "path", "value", "dimension", "text"),
    [
        ("two-machines", "line.a.cycle", 1.0, "time", "exponential(1 s)"),
        ("two-machines", "line.b.buffer", 3.0, "count", "3"),
        ("two-machines", "line.b.machines", 1.0, "count", "1"),
        ("two-machines", "line.b.scrap", 0.0, "share", "0 %"),
        ("assembly", "box.join.buffer.lid.press", 200.0, "count", "200"),
        ("assembly", "box.join.takes.lid.press", 2.0, "count", "2"),
        ("assembly", "box.look.rejects", 0.01, "share", "1 %"),
        ("batch-and-packing", "line.oven.size", 50.0, "count", "50"),
        ("batch-and-packing", "line.belt.time", 30.0, "time", "30 s"),
        ("batch-and-packing", "line.belt.capacity", 200.0, "count", "200"),
        ("parallel-and-crew", "crews.fitters.size", 2.0, "count", "2"),
        ("parallel-and-crew", "line.turn.fails.chips.after", 800.0, "cycles", "exponential(800 cycles)"),
        ("parallel-and-crew", "line.turn.fails.spindle.after", 2160000.0, "time", "weibull(600 h busy, shape 1.5)"),
        ("parallel-and-crew", "line.turn.fails.chips.repair", 240.0, "time", "lognormal(4 min, cv 1)"),
        ("parallel-and-crew", "line.turn.stops.clean.every", 28800.0, "time", "8 h busy"),
        ("parallel-and-crew", "line.turn.stops.clean.takes", 600.0, "time", "10 min"),
        ("calendar-and-campaigns", "line.sequence.1.quantity", 10000.0, "count", "10000"),
        ("calendar-and-campaigns", "line.lots.size", 5000.0, "count", "5000"),
        ("calendar-and-campaigns", "line.lots.rejected", 0.01, "share", "1 %"),
        ("calendar-and-campaigns", "line.pack.cycle.b", 1.1, "time", "1.1 s"),
        ("calendar-and-campaigns", "line.pack.changeover", 1800.0, "time", "30 min"),
        ("calendar-and-campaigns", "line.pack.changeover.a.b", 2700.0, "time", "gamma(45 min, cv 0.3)"),
        ("calendar-and-campaigns", "products.b.cycle_factor", 1.2, "factor", "1.2"),
        ("merge-split-store", "stores.hopper.capacity", 5000.0, "count", "5000"),
        ("merge-split-store", "final.count.buffer.pack-2.pack", 20.0, "count", "20"),
        ("contract", "outages.power.after", 1558800.0, "time", "exponential(433 h on shift)"),
        ("contract", "outages.power.lasts", 5400.0, "time", "exponential(90 min)"),
        ("contract", "outages.power.restart", 2700.0, "time", "45 min"),
        ("contract", "supplies.blanks.lasts", 43200.0, "time", "exponential(12 h)"),
        ("contract", "ramp_up.rate", 0.9, "share", "90 %"),
        ("contract", "ramp_up.scrap", 2.0, "factor", "2"),
        ("contract", "contract.units_per_year", 6e6, "count", "6000000"),
    ],
)
def test_a_parameter_by_its_name(name: str, path: str, value: float, dimension: str, text: str) -> None:
    found = parameter(PLANTS[name], path)
    assert (found.path, found.value, found.dimension, found.text) == (path, value, dimension, text)
    assert found.about


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_every_parameter_written_back_changes_nothing_else(plant) -> None:
    names = [item.path for item in parameters(plant)]
    assert len(set(names)) == len(names)
    for item in parameters(plant):
        again = replace(plant, item.path, item.text)
        assert again.changes == (f"{item.path} = {item.text}",)
        assert parameter(again, item.path).text == item.text
        rest = [other.text for other in parameters(again)]
        assert rest == [other.text for other in parameters(plant)]
        assert again.sha256 == plant.sha256


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_a_number_moves_one_parameter_only(plant) -> None:
    for item in parameters(plant):
        value = item.value + 1 if item.dimension == "count" else item.value * 0.99 if item.value else 0.001
        if item.dimension == "factor":
            value = max(1.0, value)
        moved = with_value(plant, item.path, value)
        assert parameter(moved, item.path).value == value
        others = [other for other in parameters(moved) if other.path != item.path]
        assert others == [other for other in parameters(plant) if other.path != item.path]
        assert (moved.changes, moved.beliefs) == (plant.changes, plant.beliefs)


def test_a_number_changes_the_mean_only() -> None:
    moved = with_value(PLANTS["parallel-and-crew"], "line.turn.cycle", 8.0)
    assert moved.lines[0].stations[0].cycle == Distribution("gamma", 8.0, 0.3)
    assert isinstance(
        with_value(PLANTS["two-machines"], "line.b.buffer", 4.0).lines[0].stations[1].inputs[0].buffer, int
    )


def test_a_text_may_bring_another_law_clock_and_belief() -> None:
    plant = replace(PLANTS["contract"], "line.press.fails.jam.after", "exponential(5 h busy) +- 10 %")
    mode = plant.lines[0].stations[0].fails[0]
    assert (mode.after, mode.clock) == (Distribution("exponential", 18000.0), "busy")
    found = [belief for belief in plant.beliefs if belief.path == "line.press.fails.jam.after"]
    assert found == [Belief("line.press.fails.jam.after", "relative", 0.1, 0.1, 0, "exponential(5 h busy) +- 10 %")]
    certain = replace(plant, "line.press.cycle", "0.97 s")
    assert all(belief.path != "line.press.cycle" for belief in certain.beliefs)
    assert len(certain.changes) == 2


@pytest.mark.parametrize("path", ["line.prss.cycle", "line.press", "", "line", "press.cycle", "line.press.cycle.a"])
def test_an_unknown_path_names_its_neighbours(path: str) -> None:
    with pytest.raises(UnknownParameterError):
        with_value(PLANTS["contract"], path, 1.0)


def test_the_nearest_path_is_named() -> None:
    with pytest.raises(UnknownParameterError, match=r"line\.press\.cycle"):
        replace(PLANTS["contract"], "line.prss.cycle", "1 s")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("line.press.cycle", "5 cycles"),
        ("line.press.cycle", "0 s"),
        ("line.press.cycle", "13 h"),
        ("line.press.scrap", "0.5"),
        ("line.press.scrap", "101 %"),
        ("line.press.machines", "65"),
        ("line.press.machines", "1.5"),
        ("line.finish.buffer", "10000001"),
        ("ramp_up.rate", "0 %"),
        ("ramp_up.scrap", "0.5"),
        ("outages.power.after", "5 h busy"),
        ("outages.power.restart", "exponential(5 min)"),
        ("contract.units_per_year", "0"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(path: str, text: str) -> None:
    with pytest.raises(ChangeRefusedError, match=path.replace(".", r"\.")):
        replace(PLANTS["contract"], path, text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("line.press.cycle", 0.0),
        ("line.press.cycle", float("nan")),
        ("line.press.cycle", float("inf")),
        ("line.press.scrap", 1.1),
        ("line.finish.buffer", 1.5),
        ("line.finish.buffer", -1.0),
        ("line.press.fails.jam.after", 0.5),
    ],
)
def test_a_number_that_does_not_fit_is_refused(path: str, value: float) -> None:
    with pytest.raises(ChangeRefusedError):
        with_value(PLANTS["contract"], path, value)


def test_all_places_together_have_a_limit() -> None:
    plant = replace(PLANTS["merge-split-store"], "stores.hopper.capacity", "10000000")
    plant = replace(plant, "pack-1.pack.buffer", "9000000")
    with pytest.raises(ChangeRefusedError, match="places"):
        replace(plant, "pack-2.pack.buffer", "9000000")


def test_scrap_by_product() -> None:
    text = """\
fabrika: 1
plant: {name: x}
products: [{id: a}, {id: b}]
lines:
  - id: line
    sequence: [{product: a, quantity: 5}, {product: b, quantity: 5}]
    stations: [{id: m, kind: inspection, cycle: 1 s, rejects: {a: 1 %, b: 2 %}}]
"""
    plant = read(text)
    assert parameter(plant, "line.m.rejects.b").value == 0.02
    assert with_value(plant, "line.m.rejects.b", 0.03).lines[0].stations[0].scrap_of == {"a": 0.01, "b": 0.03}
    assert copied(plant).lines[0].stations[0].scrap == 0.01
