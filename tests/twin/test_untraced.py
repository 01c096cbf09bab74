"""Tiles that are closed to a run which writes departures down give the same figures as the run that does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fabrika.plant import model
from fabrika.twin.compile import compile_plant
from fabrika.twin.replicate import day_ends_ns, figures, run
from fabrika.twin.results import Period, Replication
from twin.mixed_plants import mixtures
from twin.plants import ORIGIN_US, named
from twin.random_plants import random_plant

END_US, FROM_US = 480 * 10**6, 50 * 10**6
PLANTS = named() | mixtures() | {f"random {seed}": random_plant(seed) for seed in range(40)}


def replicated(plant: model.Plant, log_cap: int) -> Replication:
    plant = replace(plant, warm_up_s=FROM_US / 1e6)
    start_us = ORIGIN_US + FROM_US
    period = Period(start_us, ORIGIN_US + END_US, FROM_US, start_us, steady=False)
    compiled = compile_plant(plant, period, 1, 1, day_ends_ns=day_ends_ns(plant, period), log_cap=log_cap)
    run(compiled)
    return figures(plant, period, compiled, {})


@pytest.mark.parametrize("name", PLANTS)
def test_traced_and_untraced_runs_give_the_same_figures(name):
    traced, untraced = replicated(PLANTS[name], 20_000), replicated(PLANTS[name], 0)
    assert np.array_equal(traced.good_by_day, untraced.good_by_day)
    assert np.array_equal(traced.rejected, untraced.rejected)
    assert np.array_equal(traced.weekly_state_ns, untraced.weekly_state_ns)
    assert np.array_equal(traced.counts, untraced.counts)
    assert np.array_equal(traced.stops, untraced.stops)
    assert np.array_equal(traced.level, untraced.level)
