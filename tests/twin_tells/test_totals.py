"""What is told sums up to what the same run gives untold: units exactly, times to the microsecond, for every kind of station."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fabrika.plant import model
from twin.mixed_plants import mixtures
from twin.plants import named
from twin.random_plants import random_plant
from twin_tells.told_plants import (
    check_counters,
    check_intervals,
    check_states,
    check_totals,
    period,
    told,
    untold,
)

RANDOM = {f"random {seed}": random_plant(seed) for seed in (1, 5, 6, 18, 19, 24, 30, 31, 36, 39)}
PLANTS = named() | mixtures() | RANDOM


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_told_is_what_the_twin_counts(name):
    plant = PLANTS[name]
    said, span = told(plant), period()
    check_totals(plant, said, untold(plant))
    check_intervals(said, span.start_us, span.end_us)
    check_counters(said)
    check_states(plant, said, span.end_us)


@pytest.mark.parametrize("name", RANDOM)
def test_a_longer_run_tells_the_same_at_first(name):
    assert told(PLANTS[name]) == told(PLANTS[name], beyond_us=3_600_000_000)


def test_what_is_told_is_in_the_order_of_time():
    said = told(PLANTS["everything-at-once"])
    assert [one.at_us for one in said] == sorted(one.at_us for one in said)


def test_another_seed_tells_something_else():
    plant = RANDOM["random 5"]
    assert told(plant, seed=2) != told(plant)


def test_parallel_machines_tell_the_mean_of_their_times():
    station = model.Station("s", "machine", machines=3, cycle=model.Distribution("exponential", 4.0))
    plant = replace(RANDOM["random 1"], lines=(model.Line("l", (station,)),), stores=(), outages=(), supplies=())
    check_totals(plant, told(plant), untold(plant))
