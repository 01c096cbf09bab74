"""The time at each level of a buffer: exact sums, the oracle's own count, a published distribution, and nothing else changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fabrika
from fabrika.app.executors import InProcess, Processes
from fabrika.errors import RunRefusedError
from fabrika.plant import model
from fabrika.stats.intervals import simultaneous_intervals
from fabrika.twin import period as periods
from fabrika.twin.compile import compile_plant
from fabrika.twin.replicate import day_ends_ns, figures, layout, replicate, run, stay_ns
from fabrika.twin.results import Period, Replication
from fabrika.twin.simulation_result import MOST_LEVELS, _integers
from fabrika.twin.study import Study, simulate
from oracle import run as told_by_oracle
from twin.mixed_plants import mixtures, over_days
from twin.plants import ORIGIN_US, exponential, named, serial, station
from twin.random_plants import random_plant
from twin.test_oracle_equality import with_places

ROOT = Path(__file__).resolve().parents[2]
END_US, FROM_US = 480 * 10**6, 50 * 10**6
DAY_US = 86_400 * 10**6
SMALL = (
    named()
    | mixtures()
    | {f"random {seed}": random_plant(seed) for seed in range(60)}
    | {f"random {seed}, large buffers": with_places(random_plant(seed), 64) for seed in range(20)}
)
FILES = [
    *sorted((ROOT / "plants" / "teaching").glob("*.yaml")),
    *sorted((ROOT / "docs" / "learn" / "plants").glob("*.yaml")),
    *sorted((ROOT / "plants").glob("*/plant.yaml")),
]


def assert_exact(plant: model.Plant, period: Period) -> Replication:
    """All levels' times make up the window, and weighed by the level the exact sum of all stays."""
    compiled = compile_plant(plant, period, 1, 1, day_ends_ns=day_ends_ns(plant, period), with_levels=True)
    run(compiled)
    found = figures(plant, period, compiled, {})
    buffers = [
        (e, edge)
        for e, edge in zip(compiled.edge, compiled.network.edges, strict=True)
        if not edge.zero and not edge.grant
    ]
    for (e, edge), times in zip(buffers, found.level_ns, strict=True):
        assert len(times) <= edge.cap + 1
        assert (times >= 0).all()
        assert sum(times.tolist()) == period.window_ns
        assert sum(level * ns for level, ns in enumerate(times.tolist())) == stay_ns(compiled.mem, e)
    return found


def window(plant: model.Plant, begin_us: int, end_us: int) -> tuple[model.Plant, Period]:
    start_us = ORIGIN_US + begin_us
    return replace(plant, warm_up_s=begin_us / 1e6), Period(start_us, ORIGIN_US + end_us, begin_us, start_us)


@pytest.mark.parametrize("name", SMALL)
def test_levels_add_up_and_change_nothing_else(name):
    plant, period = window(SMALL[name], FROM_US, END_US)
    found = assert_exact(plant, period)
    plain = replicate(plant, period, 1, 1)
    assert plain.level_ns == ()
    assert json.dumps(_integers(found)) == json.dumps(_integers(plain))
    assert np.array_equal(found.weekly_state_ns, plain.weekly_state_ns)
    assert np.array_equal(found.level, plain.level)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem if file.stem != "plant" else file.parent.name)
def test_levels_of_plants_in_files_add_up(file):
    plant = fabrika.read(file).plant
    assert_exact(plant, periods.days(plant, 3))


@pytest.mark.parametrize("seed", range(40))
def test_the_oracle_counts_the_same(seed):
    plant, period = window(with_places(random_plant(seed), 3 * (seed % 4)), FROM_US, END_US)
    assert_same(plant, period, FROM_US, END_US, seed)


@pytest.mark.parametrize("name", [*named(), *mixtures()])
def test_the_oracle_counts_the_same_in_named_plants(name):
    plant, period = window(SMALL[name], FROM_US, END_US)
    assert_same(plant, period, FROM_US, END_US, 1)


@pytest.mark.parametrize("name", over_days())
def test_the_oracle_counts_the_same_over_days(name):
    plant, period = window(over_days()[name], DAY_US // 2, 4 * DAY_US)
    assert_same(plant, period, DAY_US // 2, 4 * DAY_US, 3)


def assert_same(plant: model.Plant, period: Period, begin_us: int, end_us: int, seed: int) -> None:
    span = (begin_us * 1000, end_us * 1000)
    oracle = told_by_oracle(plant, end_ns=span[1], seed=seed, rep=1, window=span, origin_us=ORIGIN_US)
    found = replicate(plant, period, seed, 1, with_levels=True).level_ns
    for name, times in zip(layout(plant).buffers, found, strict=True):
        told = {level: int(ns) for level, ns in enumerate(times) if ns}
        source, target = name.split(" > ")
        assert told == oracle.levels[f"{source.removesuffix('/split')} -> {target}"], name


def test_two_exponential_machines():
    # What the first has finished and the second has not is a birth-death chain on 0 .. b + 2 (Hunt 1956): the weight of n
    # is (l / m)^n. Of n units one is in the second machine, and one beyond the places stays, finished, in the first.
    truths, samples = [], []
    for number, (rate, other, places) in enumerate([(1.0, 1.0, 3), (1.0, 1.25, 4), (1.0, 0.8, 2)]):
        weights = [(rate / other) ** n for n in range(places + 3)]
        level = [sum(weights[:2]), *weights[2 : places + 1], sum(weights[places + 1 :])]
        truths += [part / sum(weights) for part in level]
        plant = serial(station("a", exponential(1 / rate)), station("b", exponential(1 / other)), buffers=[places])
        span = Period(0, 20_000 * 10**6, 1_000 * 10**6, 0, steady=True)
        runs = [replicate(plant, span, number, rep, with_levels=True).level_ns[0] for rep in range(16)]
        assert {len(run) for run in runs} == {places + 1}
        samples += np.array(runs).T.astype(float).tolist()
    shares = [[ns / (20_000 * 1e9) for ns in row] for row in samples]
    for truth, found in zip(truths, simultaneous_intervals(shares, 0.99), strict=True):
        assert found.low <= truth <= found.high, (truth, found)
        assert found.half_width < 0.1 * truth
        assert found.mean == pytest.approx(truth, rel=0.02)


def study(*, places: int = 3, with_levels: bool = True) -> Study:
    plant = serial(station("a", exponential(1)), station("b", exponential(1)), buffers=[places])
    span = Period(0, 600 * 10**6, 100 * 10**6, 0, steady=True)
    return Study(plant, span, replications=3, with_levels=with_levels)


def test_a_study_sums_levels_up_for_any_number_of_workers():
    found, without = simulate(study(), InProcess()), simulate(study(with_levels=False), InProcess())
    pool = Processes(2)
    try:
        assert simulate(study(), pool).to_json() == found.to_json()
    finally:
        pool.close()
    (row,) = found.buffers
    ns = [sum(int(one.level_ns[0][level]) for one in found.runs) for level in range(4)]
    assert list(row.levels.ns) == ns
    assert sum(ns) == 3 * 600 * 10**9
    assert (row.levels.empty, row.levels.full) == (ns[0] / sum(ns), ns[3] / sum(ns))
    assert row.mean_level == pytest.approx(sum(level * part for level, part in enumerate(ns)) / sum(ns))
    for percent, point in ((5, row.levels.p5), (50, row.levels.p50), (95, row.levels.p95)):
        assert 100 * sum(ns[: point + 1]) >= percent * sum(ns) > 100 * sum(ns[:point])
    told = found.to_json()
    assert told["buffers"][0].pop("levels")["ns"] == ns
    assert told == without.to_json()


def test_tables_of_levels():
    pytest.importorskip("pandas")
    found = simulate(study(), InProcess())
    assert list(found.to_frame("levels")["ns"]) == list(found.buffers[0].levels.ns)
    assert found.to_frame("levels")["share"].sum() == pytest.approx(1.0)
    assert found.to_frame("buffers")["levels.p50"][0] == found.buffers[0].levels.p50
    with pytest.raises(RunRefusedError, match="not asked for"):
        simulate(study(with_levels=False), InProcess()).to_frame("levels")


def test_json_of_a_large_store_holds_the_points_only():
    found = simulate(study(places=MOST_LEVELS + 1), InProcess())
    assert found.to_json()["buffers"][0]["levels"]["ns"] is None
    parts = [one.level_ns[0] for one in found.runs]
    whole = np.sum([np.pad(part, (0, MOST_LEVELS + 2 - len(part))) for part in parts], axis=0)
    assert whole.sum() == 3 * found.runs[0].window_ns
    assert found.buffers[0].levels.p50 == np.argmax(2 * np.cumsum(whole) >= whole.sum())
    assert found.buffers[0].levels.full == 0
    assert len(found.to_frame("levels")) == 0
