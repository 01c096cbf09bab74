from __future__ import annotations

from datetime import UTC

import numpy as np
import pytest

from fabrika.plant.model import Distribution, Input, Line, Mode, Outage, Plant, RampUp, Station, Store
from fabrika.twin import bottleneck
from fabrika.twin.results import STATES, Layout, Replication

HOUR = 3_600_000_000_000


def layout(stations, kinds=None, modes=(), mode_station=()):
    n = len(stations)
    return Layout(
        stations=tuple(stations),
        kinds=kinds or ("machine",) * n,
        machines=(1,) * n,
        pieces=(1,) * n,
        exits=(n - 1,),
        products=("",),
        modes=tuple(modes),
        mode_station=tuple(mode_station),
        buffers=(),
        capacities=(),
        interruptions=(),
    )


def states(**hours):
    return [int(hours.get(state, 0) * HOUR) for state in STATES]


def run(weeks, counts=None, stops=(), good=0, rejected=0, stop_h=()):
    weekly = np.array(weeks, dtype=np.int64)
    n = weekly.shape[1]
    return Replication(
        seed=1,
        number=0,
        window_ns=168 * HOUR * len(weeks),
        good=np.array([good]),
        rejected=np.array([rejected]),
        good_by_day=np.array([[good]]),
        state_ns=weekly.sum(axis=0),
        counts=np.array(counts if counts is not None else np.zeros((n, 4)), dtype=np.int64),
        stops=np.array(stops, dtype=np.int64),
        stop_ns=np.array([int(hours * HOUR) for hours in stop_h], dtype=np.int64),
        level=np.zeros(0),
        interruption_ns=np.zeros((0, 2), dtype=np.int64),
        open_ns=np.zeros(n, dtype=np.int64),
        factors={},
        operations=0,
        weekly_state_ns=weekly,
    )


def test_active_is_what_does_not_wait():
    week = [
        states(off_shift=100, processing=40, down=10, planned=8, setup=10),
        states(off_shift=68, processing=50, blocked=30, starved=20),
        states(processing=168),
        states(off_shift=168),
    ]
    names = layout("abcd", kinds=("machine", "machine", "transport", "machine"))
    assert bottleneck.activity(names, np.array(week)) == pytest.approx([1.0, 0.5, 0.0, 0.0])


def test_the_constraint_moves_from_week_to_week():
    a, b = states(processing=150, blocked=18), states(processing=100, starved=68)
    stands = states(off_shift=168)
    first = run([[a, b], [a, b], [b, a]])
    second = run([[a, b], [stands, stands]])
    rows = bottleneck.bottlenecks(layout("ab"), [first, second], {"a": 7.0})
    assert [(row.station, row.share, row.units_per_percent) for row in rows] == [("a", 0.75, 7.0), ("b", 0.25, None)]


def plant(**more):
    mode = Mode("jam", Distribution("exponential", 1000.0), "cycles", Distribution("exponential", 1800.0))
    first = Station("a", "machine", cycle=Distribution("constant", 1.0), fails=(mode,))
    second = Station("b", "machine", cycle=Distribution("constant", 1.0), inputs=(Input("line.a", 5),))
    return Plant("p", "p", UTC, "UTC", (Line("line", (first, second)),), **more)


def losses(model, hours, jam_h=4):
    names = layout(["line.a", "line.b"], modes=["line.a.fails.jam"], mode_station=[0])
    counts = [[1000, 990, 10, 0], [990, 960, 30, 0]]
    year = run([[states(**hours), states(starved=168)]], counts, [8], good=900, rejected=60, stop_h=[jam_h])
    return {row.cause: row for row in bottleneck.losses(model, names, [year], "line.a")}


def test_losses_are_hours_at_the_pace_of_processing():
    # 900 good units in 100 h of processing: every lost hour costs 9.
    rows = losses(plant(), {"processing": 100, "down": 4, "blocked": 60, "planned": 4})
    assert (rows["blocked"].hours, rows["blocked"].units) == pytest.approx((60, 540))
    assert (rows["down: jam"].hours, rows["down: jam"].units) == pytest.approx((4, 36))
    assert rows["planned"].units == pytest.approx(36)
    assert rows["scrap"].units == pytest.approx(900 * 10 / 990)
    assert rows["scrap later"].units == pytest.approx(900 * 30 / 960)
    assert rows["rejected lots"].units == 60
    assert "starved" not in rows


def test_losses_are_exact_in_sum_and_sorted():
    rows = list(losses(plant(), {"processing": 100, "down": 7, "blocked": 57, "setup": 4}, jam_h=7).values())
    assert sum(row.hours for row in rows) == pytest.approx(68)
    assert [row.units for row in rows] == sorted((row.units for row in rows), reverse=True)


def test_down_time_beyond_the_modes_is_the_outages():
    outage = Outage("power", None, Distribution("exponential", 1e6), "clock", Distribution("exponential", 3600.0))
    rows = losses(plant(outages=(outage,)), {"processing": 100, "down": 10, "blocked": 58})
    assert rows["down: jam"].hours == pytest.approx(4)
    assert rows["down: outages"].hours == pytest.approx(6)


def test_ramp_up_is_time_beyond_the_planned_cycle():
    model = plant(ramp_up=RampUp(1e6, rate=0.8))
    rows = losses(model, {"processing": 1, "blocked": 167})
    assert rows["ramp-up"].hours == pytest.approx(1 - 1000 / 3600)


def test_downstream_follows_stores_and_assembly():
    stations = (
        Station("a", "machine", cycle=Distribution("constant", 1.0)),
        Station("b", "machine", cycle=Distribution("constant", 1.0), inputs=(Input("shelf", 0),)),
        Station("c", "assembly", cycle=Distribution("constant", 1.0), inputs=(Input("line.b"), Input("line.d"))),
        Station("d", "machine", cycle=Distribution("constant", 1.0)),
    )
    model = Plant("p", "p", UTC, "UTC", (Line("line", stations),), stores=(Store("shelf", 9, ("line.a",)),))
    assert bottleneck.downstream(model, "line.a") == ["line.b", "line.c"]
    assert bottleneck.downstream(model, "line.c") == []
