"""The peers' models make what the plain recursion makes, unit by unit, on the same recorded draws."""

from dataclasses import replace
from importlib import import_module

import pytest

from benchmarks import line, plant30, plants

SIMPY_LINES = [import_module(f"benchmarks.peers.{name}") for name in ("simpy_store", "simpy_tuned")]


@pytest.mark.parametrize("work", ["line-a", "line-b"])
@pytest.mark.parametrize("model", SIMPY_LINES, ids=lambda model: model.__name__.rpartition(".")[2])
def test_line_in_simpy_equals_the_recursion(model, work):
    assert line.difference_s(model.simulate, line.eventful(line.LINES[work]), 300) == 0.0


@pytest.mark.parametrize("model", SIMPY_LINES, ids=lambda model: model.__name__.rpartition(".")[2])
def test_comparison_of_lines_sees_one_place_less(model):
    def narrower(own, units, draws, log):
        return model.simulate(replace(own, places=own.places - 1), units, draws, log)

    assert line.difference_s(narrower, line.eventful(line.LINE_A), 300) > 0.0


def test_plant_30_in_simpy_equals_the_recursion():
    assert import_module("benchmarks.peers.simpy_plant30").check("plant-30", units=150) == 0.0


def test_comparison_of_plant_30_sees_one_repairer_more():
    plant = plant30.eventful(exponential=False)
    more = replace(plant, crew=plant.crew + 1)
    assert plant30.Recursion(plant, 150, 4).departures() != plant30.Recursion(more, 150, 4).departures()


def test_recursion_of_a_line_by_hand():
    # Two stations, one place between: the second is slow, so the third unit waits on the first machine until 11 s,
    # when the second unit leaves the place between them.
    own = replace(line.LINE_A, cycles_s=(1.0, 10.0), places=1, scrapping=())
    draws = [[(1.0, False)] * 4, [(10.0, False)] * 4]
    assert line.departures(own, draws, 4) == [[1.0, 2.0, 11.0, 21.0], [11.0, 21.0, 31.0, 41.0]]


@pytest.mark.parametrize(
    ("begin_h", "work_h", "end_h"), [(0, 16, 16), (16, 1, 25), (10, 7, 25), (23, 16, 40), (3, 32, 51), (20, 0, 20)]
)
def test_work_goes_on_in_working_hours_only(begin_h, work_h, end_h):
    plant = plant30.plant30()
    assert plant.worked(begin_h * plant30.HOUR_NS, work_h * plant30.HOUR_NS) == end_h * plant30.HOUR_NS


def test_line_cycles_are_those_that_were_published():
    assert line.LINE_A.cycles_s[:3] == (0.049, 0.0497, 0.0504)
    assert (min(line.LINE_A.cycles_s), max(line.LINE_A.cycles_s)) == (0.049, 0.0509)


def test_plant_30_has_thirty_stations_and_scrap_at_five():
    stations = plant30.plant30().stations
    assert len(stations) == 30
    assert [station.name for station in stations if station.scrap] == [
        "long.s7", "middle.s5", "short.s4", "main.s2", "main.s3",
    ]  # fmt: skip


@pytest.mark.parametrize("name", plants.files())
def test_plant_files_on_disk_are_those_of_the_models(name):
    assert (plants.FOLDER / name).read_text(encoding="utf-8") == plants.files()[name]
