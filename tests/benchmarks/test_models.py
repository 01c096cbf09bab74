"""The peers' models make what the plain recursion makes, unit by unit, on the same recorded draws."""

from dataclasses import replace
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest

from benchmarks import line, plant30, plants
from fabrika.plant.read import read_plant

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


def plant_of(name):
    return read_plant((plants.FOLDER / name).read_bytes(), name, ZoneInfo)


@pytest.mark.parametrize("own", line.LINES.values(), ids=lambda own: own.name)
def test_line_files_mean_what_the_models_run(own):
    stations = plant_of(f"{own.name}.yaml").lines[0].stations
    assert tuple(station.cycle.mean for station in stations) == own.cycles_s
    assert {station.cycle.family for station in stations} == {"exponential" if own.exponential else "constant"}
    assert [sum(place.buffer for place in station.inputs) for station in stations] == [0] + [own.places] * 19
    assert tuple(m for m, station in enumerate(stations) if station.scrap == own.scrap) == own.scrapping
    modes = [mode for station in stations for mode in station.fails]
    assert {(mode.after.mean, mode.clock, mode.repair.mean, mode.crew) for mode in modes} == {
        (own.failing_every, "cycles", own.repair_s, None)
    }


@pytest.mark.parametrize(("name", "slow"), [("plant-30.yaml", 1.0), ("plant-30-year.yaml", plants.SLOW)])
def test_plant_30_files_mean_what_the_model_runs(name, slow):
    own, read = plant30.plant30(slow), plant_of(name)
    stations = {f"{row.id}.{station.id}": station for row in read.lines for station in row.stations}
    assert list(stations) == [station.name for station in own.stations]
    for station in own.stations:
        found = stations[station.name]
        assert round(found.cycle.mean * 1e9) == station.cycle_ns
        assert [place.buffer for place in found.inputs] == [own.places[edge] for edge in station.inputs]
        assert found.scrap == station.scrap
        assert round((found.changeover.default.mean if found.changeover else 0.0) * 1e9) == station.setup_ns
        assert [round(mode.repair.mean * 1e9) for mode in found.fails] == [own.repair_ns] * station.fails
    assert (read.crews[0].size, read.calendars[0].shifts[0].end_min) == (own.crew, 16 * 60)
