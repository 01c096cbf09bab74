"""Replications that run abreast have the figures that each has alone, to the last integer."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fabrika import read
from fabrika.app.executors import InProcess, Processes
from fabrika.plant import model
from fabrika.twin import abreast, bundle, period
from fabrika.twin.abreast import replicate_abreast
from fabrika.twin.bundle import in_a_row, tasks
from fabrika.twin.execution import Abreast, Run
from fabrika.twin.kernel import fields
from fabrika.twin.kernel.vectors import WIDTH
from fabrika.twin.replicate import replicate
from fabrika.twin.results import Period, Replication
from fabrika.twin.study import Study, simulate
from twin.mixed_plants import mixtures
from twin.plants import ABC, CREW, ORIGIN_US, SHORT_SHIFTS, TURNS, exponential, mode, named, serial, station, stop, way

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
LINE_A = read(ROOT / "benchmarks/plants/line-a.yaml").plant
FEATURES = ("ties", "failures", "modes", "busy", "stops", "scrap", "ramp-up", "beliefs", "days", "weeks", "midway")


def random_row(seed: int) -> tuple[model.Plant, Period]:
    """A random serial line full of events, and a time to run it."""
    rng = random.Random(seed)
    has = {feature for feature in FEATURES if rng.random() < 0.5}
    scale = rng.choice([0.05, 0.05, 1.0]) if "weeks" not in has else 30.0
    steps = []
    for i in range(rng.choice([1, 2, 3, 5, 8, 12, 20, 24])):
        cycle = rng.choice([1, 1.5, 2]) if "ties" in has else rng.uniform(0.8, 1.3)
        fails, stops = [], []
        if "failures" in has:
            for k in range(rng.choice([0, 1, 2, 3]) if "modes" in has else 1):
                clock = "busy" if "busy" in has and rng.random() < 0.5 else "cycles"
                after = rng.choice([0.7, 20, 50, 400]) if rng.random() < 0.7 else 900
                unit = cycle * scale if clock == "busy" else 1.0
                length = rng.choice([0.3, 5, 40, 900]) * scale
                works = rng.choice(["plant", "shifts"])
                fails.append(mode(exponential(after * unit), clock, exponential(length), works=works, name=f"m{k}"))
        if "stops" in has and rng.random() < 0.4:
            stops.append(stop(rng.choice([7, 50, 333]), "cycles", rng.choice([0.5, 12]) * scale))
        scrap = rng.choice([0.0, 0.01, 0.05, 0.3]) if "scrap" in has else 0.0
        steps.append(station(f"s{i}", cycle * scale, scrap=scrap, fails=tuple(fails), stops=tuple(stops)))
    places = rng.choice([[1], [2], [3], [20], [1, 2, 3, 7, 20, 33]])
    plant = serial(*steps, buffers=[rng.choice(places) for _ in steps])
    if "ramp-up" in has:
        plant = replace(plant, ramp_up=model.RampUp(4000 * scale, rate=0.8, scrap=2.0, repair=1.5))
    if "beliefs" in has:
        plant = replace(plant, beliefs=(model.Belief("l.s0.cycle", "relative", 0.2, 0.2, 0, "-20 % .. 20 %"),))
    warm_us = int(rng.choice([0, 1000, 3000]) * scale * 1e6)
    rows = rng.choice([600, 6000]) if "weeks" not in has else 25_000
    start_us = ORIGIN_US + (86_390 * 10**6 if "days" in has else 0) + warm_us
    start_us += 12_345_677 if "midway" in has else 0
    return plant, Period(start_us, start_us + int(rows * scale * 1e6) + 1, warm_us, ORIGIN_US)


def differing(a: Replication, b: Replication) -> list[str]:
    """Names of the fields in which two replications differ."""
    pairs = {field.name: (getattr(a, field.name), getattr(b, field.name)) for field in dataclasses.fields(a)}
    return [name for name, (x, y) in pairs.items() if not np.array_equal(x, y)]


def check(plant: model.Plant, time: Period, numbers=range(8), seed=1) -> None:
    """All replications, abreast and one by one."""
    drawn = bool(plant.beliefs)
    together = replicate_abreast(plant, time, seed, numbers, draw_beliefs=drawn)
    assert len(together) == len(numbers)
    for number, found in zip(numbers, together, strict=True):
        assert differing(found, replicate(plant, time, seed, number, draw_beliefs=drawn)) == []


def test_line_a_of_the_benchmarks():
    check(LINE_A, period.days(LINE_A, 9))


@pytest.mark.parametrize("seed", range(60))
def test_random_rows(seed):
    plant, time = random_row(seed)
    assert in_a_row(plant)
    check(plant, time, range(3, 3 + (8 if seed % 3 else 5)), seed)


def test_most_units_of_line_a_pass_in_rows(monkeypatch):
    # Were hardly any replication ever taken in, equal figures would say nothing.
    rows = []
    made = abreast._Rows.run

    def noting(self, progress):
        made(self, progress)
        rows.append((self.row, self.mems[:, self.first + fields.N_BEGUN].max()))

    monkeypatch.setattr(abreast._Rows, "run", noting)
    check(LINE_A, period.days(LINE_A, 3))
    ((passed, units),) = rows
    assert 0.97 * units < passed <= units


def test_half_an_hour_too_short_for_rows():
    check(LINE_A, Period(ORIGIN_US, ORIGIN_US + 1800 * 10**6, 0, ORIGIN_US), range(2))


def test_progress_rises_to_the_end():
    told = []
    replicate_abreast(LINE_A, period.days(LINE_A, 3), 1, range(3), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert all(0 <= share <= 1 for share in told)


UNCOMPILED = (4, 18, 28, 30)


def told() -> str:
    """Figures of random rows, shorter ones, as text."""
    found = []
    for seed in UNCOMPILED:
        plant, time = random_row(seed)
        end_us = min(time.end_us, time.start_us + (time.end_us - time.start_us) // 4)
        for run in replicate_abreast(plant, replace(time, end_us=end_us), seed, range(3)):
            found.append([run.weekly_state_ns.tolist(), run.counts.tolist(), run.stops.tolist(), run.level.tolist()])
            found.append([run.good_by_day.tolist(), run.operations])
    return json.dumps(found)


def test_compiling_changes_no_bit():
    inherited = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(ROOT / "src")])}
    done = subprocess.run(
        [sys.executable, "-c", "from twin.test_abreast import told; print(told())"],
        env=inherited | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == told()


NOT_IN_A_ROW = {
    "without-buffer": serial(station("a", 1), station("b", 1), buffers=[0]),
    "large-buffer": serial(station("a", 1), station("b", 1), buffers=[251]),
    "drawn-cycles": serial(station("a", exponential(1)), station("b", 1)),
    "parallel": serial(station("a", 1), station("b", 1, machines=2)),
    "transport": serial(station("a", 1), way("t", 5, 3), station("b", 1)),
    "crew": serial(station("a", 1, fails=(mode(9, "cycles", 2, crew="fitters"),)), crews=CREW),
    "clock": serial(station("a", 1, fails=(mode(exponential(9), "clock", 2),))),
    "planned-by-clock": serial(station("a", 1, stops=(stop(30, "clock", 2),))),
    "shifts": serial(station("a", 1), calendar="short", calendars=(SHORT_SHIFTS,)),
    "campaigns": serial(station("a", 1), sequence=TURNS, products=ABC),
    "lots": serial(station("a", 1), lots=model.Lots(7, 0.3)),
    "outage": serial(
        station("a", 1), outages=(model.Outage("power", None, exponential(700), "clock", exponential(60), 30.0),)
    ),
}


@pytest.mark.parametrize("name", NOT_IN_A_ROW)
def test_other_plants_are_not_in_a_row(name):
    assert not in_a_row(NOT_IN_A_ROW[name])


def test_whatever_is_in_a_row_runs_abreast():
    time = Period(ORIGIN_US + 50 * 10**6, ORIGIN_US + 480 * 10**6, 50 * 10**6, ORIGIN_US)
    rows = [plant for plant in (named() | mixtures()).values() if in_a_row(plant)]
    assert len(rows) >= 8
    for plant in rows:
        check(plant, time, range(2))


@pytest.mark.parametrize(
    ("replications", "workers", "sizes"),
    [(1, 1, [1]), (3, 1, [3]), (4, 1, [4]), (8, 1, [8]), (8, 2, [4, 4]), (10, 2, [5, 5]), (10, 16, []), (5, 2, [5]),
     (11, 1, [5, 6]), (65, 2, [7] * 7 + [8] * 2), (3, 3, [])],
)  # fmt: skip
def test_bundles_are_made_where_they_are_sooner_done(replications, workers, sizes, monkeypatch):
    assert bundle.MOST == WIDTH
    time = period.days(LINE_A, 365)
    runs = [Run(LINE_A, time, 1, number) for number in range(replications)]
    made = tasks(runs, workers)
    bundles = [task for task in made if isinstance(task, Abreast)]
    if sizes in ([1], []):
        assert made == runs
    else:
        assert sorted(len(task.numbers) for task in bundles) == sizes
        assert [number for task in bundles for number in task.numbers] == list(range(replications))


def test_short_runs_are_not_worth_a_bundle():
    time = period.days(LINE_A, 1)
    runs = [Run(LINE_A, time, 1, number) for number in range(8)]
    assert tasks(runs, 1) == runs


@pytest.mark.parametrize(("scrap", "bundles"), [(0.001, 1), (0.01, 8)])
def test_much_scrap_is_not_worth_a_bundle(scrap, bundles):
    (row,) = LINE_A.lines
    plant = replace(LINE_A, lines=(replace(row, stations=tuple(replace(one, scrap=scrap) for one in row.stations)),))
    runs = [Run(plant, period.days(plant, 365), 1, number) for number in range(8)]
    assert len(tasks(runs, 1)) == bundles


@pytest.mark.parametrize("replications", [3, 8, 11])
def test_a_study_says_the_same_whatever_its_workers_and_bundles(replications, monkeypatch):
    asked = Study(LINE_A, period.days(LINE_A, 0.5), replications=replications)
    alone = simulate(asked, InProcess()).hash()
    monkeypatch.setattr(bundle, "WORTH_OPERATIONS", 0)
    assert len(tasks([Run(asked.plant, asked.period, 1, i) for i in range(8)], 1)) == 1
    assert simulate(asked, InProcess()).hash() == alone
    if replications == 11:
        pool = Processes(2)
        try:
            assert simulate(asked, pool).hash() == alone
        finally:
            pool.close()


def test_an_interruption_keeps_the_bundles_that_are_there(monkeypatch):
    monkeypatch.setattr(bundle, "WORTH_OPERATIONS", 0)
    asked = Study(LINE_A, period.days(LINE_A, 0.5), replications=16)
    made = abreast._Rows.run
    calls = []

    def interrupted(self, progress):
        calls.append(self)
        if len(calls) > 1:
            raise KeyboardInterrupt
        made(self, progress)

    monkeypatch.setattr(abreast._Rows, "run", interrupted)
    result = simulate(asked, InProcess())
    assert not result.complete
    assert result.replications == 8
