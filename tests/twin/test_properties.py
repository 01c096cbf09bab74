"""What must hold for every plant, searched for on random ones."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabrika.plant import model
from fabrika.stats.intervals import simultaneous_intervals
from fabrika.twin.replicate import layout, replicate
from fabrika.twin.results import STATES, Period
from fabrika.twin.trace import departures
from twin.mixed_plants import mixtures
from twin.plants import ABC, ORIGIN_US, SETUP, TURNS, exponential, law, mode, named, plant, serial, station, stop, way
from twin.random_plants import random_plant

END_NS = 400 * 10**9
FEW = settings(max_examples=40, deadline=None)
CYCLES_S = st.sampled_from([0.5, 0.999999999, 1.0, 1.0, 1.3, 2.0, 3.0])
PLACES = st.sampled_from([0, 0, 1, 2, 3, 9])


def left(run, name):
    """Instants at which units left a node, before the end."""
    at = run.departures[name]
    return at[at < END_NS]


def traced(made, seed=1, **more):
    return departures(made, end_ns=END_NS, seed=seed, rep=1, origin_us=ORIGIN_US, **more)


# Mirror reversal


@FEW
@given(data=st.data())
def test_a_constant_line_read_backwards_makes_every_unit_at_the_same_instant(data):
    # From an empty start the n-th unit leaves after the longest path through the grid of n units and all stations, which is
    # the same in both directions (Muth, "The reversibility property of production lines", Management Science 25, 1979).
    cycles = data.draw(st.lists(CYCLES_S, min_size=2, max_size=6))
    buffers = [data.draw(PLACES) for _ in cycles[1:]]
    forth = serial(*(station(f"s{i}", cycle) for i, cycle in enumerate(cycles)), buffers=buffers)
    back = serial(*(station(f"s{i}", cycle) for i, cycle in enumerate(reversed(cycles))), buffers=buffers[::-1])
    last = f"l.s{len(cycles) - 1}"
    assert len(left(traced(forth), last)) > 100
    assert left(traced(forth), last).tolist() == left(traced(back), last).tolist()


def test_a_random_line_read_backwards_makes_as_much():
    jam = mode(exponential(20), "cycles", exponential(5))
    e, g, w = exponential(1), law(0.9, "gamma", 0.5), law(1.1, "weibull", 1.5)
    lines = [
        ((e, g, w), (1, 3), ()),
        ((law(0.8), e, law(1, "lognormal", 1.0), e), (2, 0, 4), ()),
        ((e, law(1), law(1), law(0.7)), (5, 5, 1), (1,)),
        ((law(1), e, g), (0, 8), (0, 2)),
    ]  # cycles, places, which stations jam
    period = Period(0, 30_000 * 10**6, 1_000 * 10**6, 0, steady=True)
    gaps = []
    for number, (cycles, buffers, jams) in enumerate(lines):
        row = [station(f"s{i}", cycle, fails=(jam,) if i in jams else ()) for i, cycle in enumerate(cycles)]
        forth, back = serial(*row, buffers=list(buffers)), serial(*row[::-1], buffers=list(buffers[::-1]))
        one = np.array([replicate(forth, period, 2 * number, rep).good.sum() for rep in range(12)])
        other = np.array([replicate(back, period, 2 * number + 1, rep).good.sum() for rep in range(12)])
        gaps.append((one - other) / one.mean())
    for line, gap in zip(lines, simultaneous_intervals(gaps, 0.99), strict=True):
        assert gap.low <= 0.0 <= gap.high, (line, gap)
        assert gap.half_width < 0.03


# Monotonicity


def monotone_line(rng, buffers):
    """A line in which the work on the n-th unit of a station does not depend on when it comes, and no choice is made."""
    kinds = rng.choices(["machine", "fails", "stops", "parallel", "scrap", "batch", "packing"], k=len(buffers) + 1)
    row = []
    for i, kind in enumerate(kinds):
        size = rng.choice([2, 3]) if i and kind in {"batch", "packing"} else 1
        cycle = law(
            rng.choice([0.5, 1, 1, 1.5]) * size, *rng.choice([("constant",), ("exponential",), ("erlang", 3.0)])
        )
        made = station(f"s{i}", cycle)
        if kind == "fails":
            made = replace(made, fails=(mode(exponential(9), rng.choice(["cycles", "busy"]), exponential(4)),))
        elif kind == "stops":
            made = replace(made, stops=(stop(12.5, rng.choice(["cycles", "busy", "clock"]), 3),))
        elif kind == "parallel":
            made = replace(made, machines=rng.choice([2, 3]), cycle=replace(cycle, mean=2 * cycle.mean))
        elif kind == "scrap":
            made = replace(made, scrap=0.1)
        elif size > 1:
            made = replace(made, kind=kind, size=size)
        row.append(made)
    return row


@FEW
@given(number=st.integers(0, 10**6), data=st.data())
def test_more_places_make_no_unit_late(number, data):
    buffers = data.draw(st.lists(PLACES, min_size=1, max_size=4))
    more = [places + data.draw(st.sampled_from([0, 1, 5])) for places in buffers]
    row = monotone_line(random.Random(number), buffers)
    few, many = traced(serial(*row, buffers=buffers), number), traced(serial(*row, buffers=more), number)
    for made in row:
        late, early = left(few, f"l.{made.id}"), left(many, f"l.{made.id}")
        assert len(early) >= len(late)
        assert (early[: len(late)] <= late).all(), made.id


def test_places_are_worth_something():
    # If buffers were ignored, the property above would hold, too.
    row = [station(n, exponential(1)) for n in "abc"]
    few, many = traced(serial(*row, buffers=[0, 0])), traced(serial(*row, buffers=[9, 9]))
    assert len(left(many, "l.c")) > 1.2 * len(left(few, "l.c"))


# Conservation of units and of time


def assembled():
    """An assembly, two each of one and three of the other, into packing; scrap on both sides."""
    return plant(
        model.Line("x", (station("a", 1, scrap=0.1),)),
        model.Line("y", (station("b", exponential(0.7)),)),
        model.Line(
            "z",
            (
                station("c", 2, ("x.a", 4, 2), ("y.b", 5, 3), kind="assembly"),
                station("d", 1, ("z.c", 3), kind="inspection", scrap=0.2),
                station("k", 2, ("z.d", 4), kind="packing", size=4),
            ),
        ),
    )


def batched():
    """Campaigns through a batch station, a transport and packing: withdrawn units at each end of a campaign."""
    return serial(
        station("a", 0.5),
        station("o", 2, kind="batch", size=3, machines=2, scrap=0.1),
        way("t", 3, 4),
        station("p", exponential(1), machines=3, scrap=0.05, changeover=SETUP),
        station("k", 3, kind="packing", size=4),
        buffers=[5, 0, 0, 6],
        sequence=TURNS,
        products=ABC,
    )


def held(station_):
    """Most units that can be inside a station."""
    if station_.kind == "transport":
        return station_.capacity
    return station_.machines * (
        sum(item.count for item in station_.inputs) if station_.kind == "assembly" else station_.size
    )


def places(station_, item):
    """Places between a station and one of its sources; a machine fed without a buffer is itself the place while it is shut."""
    if item.buffer or station_.kind == "transport":
        return item.buffer
    return station_.machines * (item.count if station_.kind == "assembly" else station_.size)


def assert_no_unit_is_lost(made, run):
    """Within a run from an empty start: what went into a station or a buffer has come out, or is still inside, where it fits."""
    names = layout(made)
    counts = dict(zip(names.stations, run.counts.tolist(), strict=True))
    stations = {f"{line.id}.{row.id}": row for line in made.lines for row in line.stations}
    out = {name: gone for name, (_, gone, _, _) in counts.items()}
    room = dict.fromkeys(stations, 0)
    into_stores = {source for store in made.stores for source in store.inputs}
    for store in made.stores:
        out[store.id], room[store.id] = sum(out[source] for source in store.inputs), store.capacity
    taken = dict.fromkeys(out, 0)
    merged = set()
    for name, row in stations.items():
        entered, gone, scrapped, surplus = counts[name]
        assert min(counts[name]) >= 0
        each = (
            sum(item.count for item in row.inputs)
            if row.kind == "assembly"
            else row.size
            if row.kind == "packing"
            else 1
        )
        assert 0 <= entered - each * (gone + scrapped) - surplus <= held(row), (name, counts[name])
        for item in row.inputs:
            taken[item.source] += entered
            room[item.source] += places(row, item)
        if len(row.inputs) > 1:  # what came from which source is not told
            merged |= {item.source for item in row.inputs}
    for source in {item.source for row in stations.values() for item in row.inputs} - merged - into_stores:
        store = next((store for store in made.stores if store.id == source), None)
        if store and any(item.source in store.inputs for row in stations.values() for item in row.inputs):
            continue  # what a split gave to the store and what to others is not told
        assert 0 <= out[source] - taken[source] <= room[source], (source, out[source], taken[source], room[source])


def assert_all_time_is_accounted_for(made, run):
    names = layout(made)
    total = np.array(names.machines) * run.window_ns
    working = [i for i, kind in enumerate(names.kinds) if kind != "transport"]
    assert run.state_ns.shape == (len(names.stations), len(STATES))
    assert (run.state_ns >= 0).all()
    assert run.state_ns.sum(axis=1)[working].tolist() == total[working].tolist()
    assert run.weekly_state_ns.sum(axis=0).tolist() == run.state_ns.tolist()


MADE = {"assembled": assembled(), "batched": batched()} | named() | mixtures()


@pytest.mark.parametrize("name", MADE)
def test_no_unit_and_no_time_is_lost(name):
    made = MADE[name]
    run = traced(made).replication
    assert_no_unit_is_lost(made, run)
    assert_all_time_is_accounted_for(made, run)


@FEW
@given(number=st.integers(0, 10**6), begin_s=st.sampled_from([0, 1, 77]))
def test_no_unit_and_no_time_is_lost_on_random_plants(number, begin_s):
    made = random_plant(number)
    if begin_s == 0:
        assert_no_unit_is_lost(made, traced(made, number).replication)
    window = (begin_s * 10**9, END_NS)
    assert_all_time_is_accounted_for(made, traced(made, number, window=window).replication)


def test_every_stop_is_counted_whatever_its_clock():
    # One machine, never idle: after 100 s of clock 10 s of repair begin at 100, 210, 320 ...; likewise the others.
    cases = {"clock": 100, "shift": 170, "busy": 230}
    for clock, after in cases.items():
        jammed = serial(station("a", 1, fails=(mode(after, clock, 10),)))
        assert traced(jammed).replication.stops.tolist() == [len(range(after, 400, after + 10))], clock
        cleaned = serial(station("a", 1, stops=(stop(after, clock, 10),)))
        assert traced(cleaned).replication.stops.tolist() == [len(range(after, 400, after + 10))], clock
