"""The time of every stop: the modes of a station make up its time down and in planned stops, to the nanosecond."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fabrika.plant import model
from fabrika.twin.kernel.fields import DOWN, PLANNED
from fabrika.twin.replicate import layout, replicate
from fabrika.twin.results import Period, Replication
from twin.mixed_plants import mixtures
from twin.plants import ORIGIN_US, exponential, law, line, mode, named, plant, station, stop
from twin.random_plants import random_plant

FROM_US, END_US = 50 * 10**6, 480 * 10**6
PLANTS = named() | mixtures() | {f"random {seed}": random_plant(seed) for seed in range(80)}


def window(made: model.Plant, begin_us: int, end_us: int) -> tuple[model.Plant, Period]:
    start_us = ORIGIN_US + begin_us
    return replace(made, warm_up_s=begin_us / 1e6), Period(start_us, ORIGIN_US + end_us, begin_us, start_us)


def by_group(made: model.Plant, run: Replication, station_row: int) -> tuple[int, int]:
    """Time of a station's failures and of its planned stops, ns."""
    names = layout(made)
    # two modes of one name are refused in a file; a plant made here may have them, and they are counted together
    times = {
        name: int(ns)
        for name, row, ns in zip(names.modes, names.mode_station, run.stop_ns, strict=True)
        if row == station_row
    }
    fails = sum(ns for name, ns in times.items() if ".fails." in name)
    return fails, sum(times.values()) - fails


@pytest.mark.parametrize("name", PLANTS)
def test_stops_make_up_the_time_of_their_states(name):
    made, period = window(PLANTS[name], FROM_US, END_US)
    run = replicate(made, period, 1, 1)
    warmed = any(calendar.warm_up_s > 0 for calendar in made.calendars)
    for row in range(len(layout(made).stations)):
        fails, stops = by_group(made, run, row)
        down, planned = int(run.state_ns[row, DOWN]), int(run.state_ns[row, PLANNED])
        assert fails == down or (made.outages and fails < down)
        assert stops == planned or (warmed and stops < planned)


def test_some_of_the_plants_have_stops_of_every_clock():
    clocks = {
        stops.clock
        for made in PLANTS.values()
        for row in made.lines
        for one in row.stations
        for stops in (*one.fails, *one.stops)
    }
    assert clocks == {"cycles", "busy", "shift", "clock"}


def test_an_instant_of_several_stops_counts_for_the_first():
    # Of 240 s: `clean` at 100 .. 120 and 220 .. 240; `one` at 90 .. 120 and 210 .. 240; `two` at 80 .. 110 and 190 .. 220.
    one = mode(law(90), "clock", law(30), name="one")
    two = mode(law(80), "clock", law(30), name="two")
    made = plant(line("x", station("a", 1, fails=(one, two), stops=(stop(100, "clock", 20),))))
    run = replicate(made, Period(ORIGIN_US, ORIGIN_US + 240 * 10**6, 0, ORIGIN_US), 1, 1)
    names = [name.rsplit(".", 1)[1] for name in layout(made).modes]
    assert dict(zip(names, (run.stop_ns // 10**9).tolist(), strict=True)) == {"one": 20, "two": 30, "clean": 40}
    # The window begins in the middle of a stop and ends in one.
    later, period = window(made, 95 * 10**6, 205 * 10**6)
    run = replicate(later, period, 1, 1)
    assert dict(zip(names, (run.stop_ns // 10**9).tolist(), strict=True)) == {"one": 5, "two": 15, "clean": 20}


def test_waiting_for_a_crew_is_no_time_of_the_stop():
    jam = mode(exponential(10), "cycles", law(7), crew="fitters")
    made = plant(
        line("x", station("a", 1, fails=(jam,)), station("b", 1, ("x.a", 50), fails=(jam,))),
        crews=(model.Crew("fitters", 1),),
    )
    later, period = window(made, FROM_US, END_US)
    run = replicate(later, period, 1, 1)
    for row in range(2):
        assert 7 * (run.stops[row] - 1) * 10**9 <= run.stop_ns[row] <= 7 * (run.stops[row] + 1) * 10**9
