"""One plant with everything in it gives the same bits for any number of workers, for two processors, compiled or not."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fabrika.app.executors import InProcess, Processes
from fabrika.plant import model
from fabrika.plant.kinds import KINDS
from fabrika.plant.parameters import parameters
from fabrika.twin.execution import Executor, Run, Slope
from fabrika.twin.results import STATES, Period, Replication
from fabrika.twin.simulation_result import _integers
from twin.plants import ABC, ORIGIN_US, SETUP, TURNS, exponential, law, line, mode, plant, station, stop, way
from unmeasured import unmeasured

TESTS = Path(__file__).resolve().parents[1]


def everything() -> model.Plant:
    """Every kind, merge, split, store, scrap, every clock of failures, crews, campaigns, lots, calendars, ramp-up, beliefs."""
    gamma, skewed, aged = law(6, "gamma", 0.7), law(5, "lognormal", 0.8), law(5, "weibull", 1.5)
    jam = mode(exponential(20), "cycles", exponential(40), crew="fitters")
    fuse = mode(law(900, "weibull", 0.8), "busy", law(60, "gamma", 1.2), crew="electricians", name="fuse")
    leak = mode(exponential(1_500), "shift", law(90, "lognormal", 0.5), works="shifts", name="leak")
    week = model.Calendar(
        "week", (model.Shift(tuple(range(7)), 60, 235, breaks=((120, 130),)),), warm_up_s=90.0, warm_up_after_s=3600.0
    )
    x = line(
        "x",
        station("a", gamma, fails=(jam, leak), changeover=SETUP, scrap=0.04),
        station("b", skewed, ("x.a", 3), machines=2, fails=(jam,)),
        sequence=TURNS,
    )
    y = line(
        "y",
        station("c", aged, fails=(fuse,), stops=(stop(60, "cycles", 20),)),
        way("t", 12, 4, ("y.c", 0)),
        sequence=TURNS,
    )
    z = line(
        "z",
        station("d", 5, ("x.b", 2), ("y.t", 4), kind="assembly", fails=(jam,)),
        station("e", exponential(4), ("z.d", 5), kind="inspection", scrap=0.06, output="round robin"),
        station("f", law(8, "erlang", 3), ("z.e", 2), fails=(replace(leak, works="plant", clock="clock"),), area="wing"),
        station("g", 7, ("z.e", 0), machines=2, changeover=SETUP, scrap=0.05),
        station("m", 3, ("z.f", 1), ("z.g", 2), calendar="week"),
        station("o", 20, ("s", 3), kind="batch", size=4, scrap=0.03),
        station("k", 12, ("z.o", 8), kind="packing", size=3),
        lots=model.Lots(9, 0.2),
        calendar="week",
    )  # fmt: skip
    made = plant(
        x, y, z,
        products=ABC, crews=(model.Crew("fitters", 1), model.Crew("electricians", 1)), calendars=(week,), areas=(model.Area("wing"),), stores=(model.Store("s", 6, ("z.m",)),),
        outages=(model.Outage("power", None, exponential(7_000), "clock", exponential(60), 30.0),),
        supplies=(model.Supply("parts", ("x.a",), exponential(5_000), "shift", law(200, "gamma", 0.9)),),
        ramp_up=model.RampUp(86_400.0, "exponential", 0.7, 2.0, 1.5),
    )  # fmt: skip
    return replace(
        made,
        beliefs=(
            model.Belief("x.a.cycle", "relative", 0.1, 0.1, 0, "-10 % .. 10 %"),
            model.Belief("y.c.fails.fuse.repair", "between", 0.5, 3.0, 0, "30 s .. 180 s"),
            model.Belief("z.d.fails.jam.after", "observed", 0.0, 0.0, 5, "5 stops"),
        ),
    )


PLANT = everything()
BEGIN_US = ORIGIN_US + 18 * 3600 * 10**6
PERIOD = Period(BEGIN_US, BEGIN_US + 10 * 3600 * 10**6, 1800 * 10**6, BEGIN_US)
"""Ten hours over midnight, a shift from one to four among them."""


def told(executor: Executor) -> str:
    """Hash of all figures of two runs as stated, two with beliefs drawn, and the slopes of one path."""
    tasks = [Run(PLANT, PERIOD, 3, number, draw_beliefs=number > 1, with_levels=number % 2 == 1) for number in range(4)]
    digest = hashlib.sha256()
    for answer in executor.run([*tasks, Slope(PLANT, PERIOD, 3, 0, 0.01)]):
        if isinstance(answer, Replication):
            floats = [*answer.level.tolist(), *answer.factors.values()]
            levels = [row.tolist() for row in answer.level_ns]
            digest.update(json.dumps([_integers(answer), answer.weekly_state_ns.tolist(), floats, levels]).encode())
        else:
            digest.update(json.dumps([answer.rows, answer.units, answer.time_ns]).encode())
    return digest.hexdigest()


def told_elsewhere(inherited: Mapping[str, str], **environment: str) -> str:
    """The same from a fresh interpreter."""
    code = (
        "from fabrika.app.executors import InProcess; from twin.test_reproducible import told; print(told(InProcess()))"
    )
    paths = {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**inherited, **paths, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def here() -> str:
    return told(InProcess())


def test_the_plant_has_everything_in_it():
    stations = [row for made in PLANT.lines for row in made.stations]
    assert {row.kind for row in stations} == set(KINDS)
    assert {jam.clock for row in stations for jam in row.fails} == {"cycles", "busy", "shift", "clock"}
    assert {belief.path for belief in PLANT.beliefs} <= {row.path for row in parameters(PLANT)}
    (run,) = InProcess().run([Run(PLANT, PERIOD, 3, 0)])
    assert (run.good > 0).all()
    assert run.rejected.sum() > 0
    assert (run.counts.sum(axis=0) > 0).all()  # entered, left, scrapped, withdrawn
    assert (run.state_ns.sum(axis=0) > 0)[:-1].all()
    assert (run.state_ns[:, STATES.index("no_order")] == 0).all()  # sequences repeat for ever
    assert (run.interruption_ns > 0).all()


@pytest.mark.parametrize("workers", [2])
def test_the_number_of_workers_changes_no_bit(here, workers):
    pool = Processes(workers)
    try:
        assert told(pool) == here
    finally:
        pool.close()


def test_the_hash_tells_a_nanosecond(here):
    # A cycle longer by a billionth: were the hash blind, the other tests here would say nothing.
    (one,) = InProcess().run([Run(PLANT, PERIOD, 3, 0)])
    assembly = replace(PLANT.lines[2].stations[0], cycle=law(5.000000001))
    other = replace(
        PLANT, lines=(*PLANT.lines[:2], replace(PLANT.lines[2], stations=(assembly, *PLANT.lines[2].stations[1:])))
    )
    (changed,) = InProcess().run([Run(other, PERIOD, 3, 0)])
    assert not np.array_equal(one.state_ns, changed.state_ns)


def test_another_processor_changes_no_bit(here, tmp_path):
    # The plainest of its family: without the wider registers and the fused operations of this one.
    # What calls the compiled code was measured here already; the tracer would only follow the compiler about.
    assert told_elsewhere(unmeasured(), NUMBA_CPU_NAME="generic", NUMBA_CACHE_DIR=str(tmp_path)) == here


def test_compiling_changes_no_bit(here):
    assert told_elsewhere(os.environ, NUMBA_DISABLE_JIT="1") == here
