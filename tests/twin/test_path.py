"""Slopes along a sample path: exact on lines without luck, and those of paired differences on lines with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fabrika.plant import model
from fabrika.plant.parameters import parameters, with_value
from fabrika.stats.intervals import paired_difference, simultaneous_intervals
from fabrika.twin.path import path_derivatives
from fabrika.twin.replicate import replicate
from fabrika.twin.results import Period
from fabrika.twin.sensitivity import path_rows
from twin.plants import ABC, exponential, law, mode, named, serial, station, stop, way

WEEK_S = 604_800


def followed(made, seconds=20_000, warm_up_s=0):
    period = Period(0, seconds * 10**6, warm_up_s * 10**6, 0, steady=True)
    return path_derivatives(made, period, 1, 0, weeks=seconds / WEEK_S)


@pytest.mark.parametrize("warm_up_s", [0, 5_000])
def test_a_slow_second_station_sets_the_pace(warm_up_s):
    # The n-th piece leaves at a + n b for a < b; the path begins with an empty plant, whatever the warm-up of the period.
    found = followed(serial(station("a", 1.5), station("b", 2), buffers=[3]), warm_up_s=warm_up_s)
    assert found.time_ns == 1_500_000_000 + found.units * 2_000_000_000
    assert found.units > 0.95 * 20_000 / 2
    assert found.rows["l.b.cycle"] == pytest.approx(found.units, rel=1e-9)
    assert found.rows["l.a.cycle"] == pytest.approx(1, abs=1)


def test_stations_that_tie_slow_the_line_each_by_itself():
    # max(a, b) grows with either of them: the n-th piece leaves at n a + b or a + n b.
    found = followed(serial(station("a", 2), station("b", 2), buffers=[1]))
    assert found.rows["l.a.cycle"] == pytest.approx(found.units, rel=1e-9)
    assert found.rows["l.b.cycle"] == pytest.approx(found.units, rel=1e-9)


def test_every_stop_and_changeover_counts_once_each_time():
    # Ten pieces of a kind, then a changeover of 7 s; every 25 pieces 5 s of cleaning; after every 40 a repair of 11 s.
    worker = station(
        "a",
        2,
        stops=(stop(25, "cycles", 5),),
        fails=(mode(40, "cycles", 11),),
        changeover=model.Changeover(law(7)),
    )
    turns = (model.Campaign("a", 10), model.Campaign("c", 10))
    products = (ABC[0], model.Product("c"))
    found = followed(serial(worker, sequence=turns, products=products))
    times = {path: slope for path, slope in found.rows.items() if slope}
    n = found.units
    assert times["l.a.cycle"] == pytest.approx(n, rel=1e-9)
    assert found.rows[_ending(found, ".stops.clean.takes")] == pytest.approx(n // 25, abs=1)
    assert found.rows[_ending(found, ".fails.jam.repair")] == pytest.approx(n // 40, abs=1)
    assert found.rows[_ending(found, ".changeover")] == pytest.approx(n // 10, abs=1)
    # The whole time is cycles, cleaning, repairs and changeovers: time is linear and homogeneous in them (Euler).
    values = {row.path: row.value for row in parameters(serial(worker, sequence=turns, products=products))}
    assert sum(slope * values[path] for path, slope in times.items()) * 1e9 == pytest.approx(found.time_ns, rel=1e-7)


def _ending(found, end):
    (path,) = (path for path in found.rows if path.endswith(end))
    return path


def test_a_way_of_one_place_sets_the_pace_and_a_wide_one_does_not():
    # One unit at a time on a way of 3 s: a unit every 3 s; ten at a time: the station's 2 s.
    narrow = followed(serial(station("a", 2), way("t", 3, 1), station("c", 1), buffers=[0, 1]))
    assert narrow.rows["l.t.time"] == pytest.approx(narrow.units, rel=1e-3)
    wide = followed(serial(station("a", 2), way("t", 3, 10), station("c", 1), buffers=[0, 1]))
    assert wide.rows["l.t.time"] == pytest.approx(1, abs=1)
    assert wide.rows["l.a.cycle"] == pytest.approx(wide.units, rel=1e-9)


NIGHTS = {
    "shifts": named()["changeover-shifts"],
    "two calendars": named()["two-calendars"],
    "outages": named()["outages-shifts"],
    "jams and late parts": named()["supplies"],
}


@pytest.mark.parametrize("name", NIGHTS)
def test_the_shares_of_all_times_add_up_to_one_whatever_the_calendar(name):
    found = followed(NIGHTS[name])
    assert sum(found.share(path) for path in found.rows) == pytest.approx(1, rel=1e-3)


def test_a_station_that_is_open_for_half_the_hours_is_followed_at_half_the_speed():
    every, half = (
        model.Calendar(name, (model.Shift(tuple(range(7)), 0, end),)) for name, end in (("every", 1440), ("half", 720))
    )
    made = serial(station("a", 3), replace(station("b", 2), calendar="half"), buffers=[50])
    found = followed(replace(made, calendars=(every, half), calendar="every"), 86_400)
    assert found.values["l.b.cycle"] == pytest.approx(4)
    assert found.share("l.b.cycle") == pytest.approx(1, rel=1e-3)


LINES = {
    "exponential": serial(
        station("a", exponential(1)), station("b", exponential(1.1)), station("c", exponential(0.9)), buffers=[2, 3]
    ),
    "jams": serial(
        station("a", 1, fails=(mode(exponential(50), "cycles", exponential(12)),)),
        station("b", law(1.1, "gamma", 0.5), fails=(mode(exponential(90), "busy", law(10, "lognormal", 0.8)),)),
        buffers=[6],
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_slopes_agree_with_paired_differences(name):
    made, runs, step = LINES[name], 10, 0.02
    period = Period(0, 100_000 * 10**6, 2_000 * 10**6, 0, steady=True)
    paths = [path_derivatives(made, period, 5, rep, weeks=1.0) for rep in range(runs)]
    known = [row for row in parameters(made) if row.path in paths[0].rows and row.value > 0]
    assert len(known) >= 3
    pairs, gaps = {}, {}
    for row in known:
        # Central: the curve's bend cancels, the luck of the same draws, too.
        more, less = (
            [
                int(replicate(with_value(made, row.path, row.value * factor), period, 6, rep).good.sum())
                for rep in range(runs)
            ]
            for factor in (1 + step, 1 - step)
        )
        pairs[row.path] = [0.01 / (2 * step) * (up - down) for up, down in zip(more, less, strict=True)]
        gaps[row.path] = paired_difference(more, less, 0.99, comparisons=len(known))
    year = sum(replicate(made, period, 6, rep).good.sum() for rep in range(runs)) / runs
    slopes = {row.path: [-path.share(row.path) * year * 0.01 for path in paths] for row in known}
    told = {row.parameter: row.units_per_percent.mean for row in path_rows(known, paths, year, 0.95)}
    both = simultaneous_intervals([*slopes.values(), *pairs.values()], 0.99)
    for row, by_path, by_pair in zip(known, both, both[len(known) :], strict=False):
        assert told[row.path] == pytest.approx(by_path.mean)
        assert by_path.low <= by_pair.high, (row.path, by_path, by_pair)
        assert by_pair.low <= by_path.high, (row.path, by_path, by_pair)
        assert by_pair.half_width < 0.002 * 100_000
    # What matters is seen to matter: at least one slope away from zero.
    assert any(gap.high < 0 for gap in gaps.values())
