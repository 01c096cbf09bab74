"""The oracle itself is held by examples worked out with pencil and paper, and by exact results of the literature."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, datetime

import pytest

from fabrika.plant import model
from oracle import run
from oracle.draws import GOLD, mix

NS = 10**9
MONDAY_US = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 10**6
ONE_IN_E = 1 - math.exp(-1)  # each product costs exactly 1 of the scrap budget


def seconds(mean):
    return model.Distribution("constant", mean)


def station(name, cycle=None, *inputs, **more):
    """A station; inputs as (source, buffer) or (source, buffer, count)."""
    kind = more.pop("kind", "machine")
    law = cycle if cycle is None or isinstance(cycle, model.Distribution) else seconds(cycle)
    given = tuple(i if isinstance(i, model.Input) else model.Input(*i) for i in inputs)
    return model.Station(name, kind, cycle=law, inputs=given, **more)


def line(name, *stations, **more):
    return model.Line(name, stations, **more)


def plant(*lines, **more):
    more = {"warm_up_s": 0.0} | more
    return model.Plant("plant", "plant", UTC, "UTC", lines, **more)


def result_of(a_plant, end, **more):
    return run(a_plant, end_ns=end * NS, **more)


def left(result, node):
    return [at / NS for at in result.departures[node]]


def state(result, name, machine=0):
    return {label: ns / NS for label, ns in result.states[name, machine].items() if ns}


def test_splitmix64_gives_its_published_numbers():
    # Published test vector for seed 1234567 (Rosetta Code, task "Pseudo-random numbers/Splitmix64").
    assert [mix((1234567 + n * GOLD) % 2**64) for n in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_assembly_takes_two_and_one():
    p = plant(
        line("x", station("a", 2)),
        line("y", station("b", 3)),
        line("z", station("c", 1, ("x.a", 2, 2), ("y.b", 1, 1), kind="assembly")),
    )
    r = result_of(p, 18)
    assert left(r, "z.c") == [5, 9, 13, 17]
    assert left(r, "x.a") == [2, 4, 6, 8, 10, 12, 14, 16]
    assert left(r, "y.b") == [3, 6, 9, 12, 15]


def test_batch_unloads_one_by_one_and_blocks():
    p = plant(
        line("l", station("a", 1), station("b", 4, ("l.a", 1), kind="batch", size=3), station("d", 2, ("l.b", 1)))
    )
    r = result_of(p, 17)
    assert left(r, "l.a") == [1, 2, 3, 4, 9, 10, 11, 16]
    assert left(r, "l.b") == [7, 7, 9, 14, 14, 16]
    assert left(r, "l.d") == [9, 11, 13, 16]


def test_without_buffer_the_machine_is_the_place():
    p = plant(line("l", station("a", 1), station("b", 3, ("l.a", 0))))
    r = result_of(p, 10)
    assert left(r, "l.a") == [1, 4, 7]
    assert left(r, "l.b") == [4, 7]
    assert state(r, "l.a") == {"processing": 4, "blocked": 6}
    assert state(r, "l.b") == {"starved": 1, "processing": 9}


def failing(clock, after, repair):
    return model.Mode("jam", seconds(after), clock, seconds(repair), crew="fitters")


def test_one_repairer_for_two_machines_that_fail_at_once():
    jam = failing("cycles", 1.5, 5)
    p = plant(
        line("x", station("a", 4, fails=(jam,))),
        line("y", station("b", 4, fails=(jam,))),
        crews=(model.Crew("fitters", 1),),
    )
    r = result_of(p, 32)
    assert left(r, "x.a") == [4, 13, 17, 26]
    assert left(r, "y.b") == [4, 18, 22, 31]
    assert [(at / NS, name) for at, _, name, _, _ in r.grants] == [
        (6, "x.a"),
        (11, "y.b"),
        (17, "x.a"),
        (22, "y.b"),
        (28, "x.a"),
    ]
    assert state(r, "y.b")["waiting"] == 5


def test_one_repairer_for_two_machines_that_fail_by_the_clock():
    jam = failing("clock", 5, 2)
    p = plant(
        line("x", station("a", 3, fails=(jam,))),
        line("y", station("b", 3, fails=(jam,))),
        crews=(model.Crew("fitters", 1),),
    )
    r = result_of(p, 19)
    assert left(r, "x.a") == [3, 8, 11, 16]
    assert left(r, "y.b") == [3, 10, 13, 18]
    assert state(r, "y.b") == {"processing": 13, "waiting": 2, "down": 4}


def test_merge_tie_goes_by_the_order_of_inputs():
    p = plant(
        line("x", station("a", 2)), line("y", station("b", 2)), line("z", station("m", 3, ("x.a", 1), ("y.b", 1)))
    )
    r = result_of(p, 12)
    assert left(r, "z.m/merge") == [2, 5, 8, 11]
    assert left(r, "x.a") == [2, 4, 8]
    assert left(r, "y.b") == [2, 5, 11]


def test_split_tie_goes_to_the_first_output():
    p = plant(line("l", station("a", 1), station("x", 4, ("l.a", 0)), station("y", 3, ("l.a", 0))))
    r = result_of(p, 14)
    assert [at / NS for at in r.starts["l.x"]] == [1, 5, 9, 13]
    assert [at / NS for at in r.starts["l.y"]] == [2, 6, 10]
    assert left(r, "l.a/split") == [1, 2, 5, 6, 9, 10, 13]


def test_round_robin_waits_for_the_one_whose_turn_it_is():
    p = plant(
        line("l", station("a", 1, output="round robin"), station("x", 4, ("l.a", 0)), station("y", 1, ("l.a", 0)))
    )
    r = result_of(p, 15)
    # 1 to x, 2 to y, 3 waits for x until 5, 6 to y, 7 waits for x until 9, ...
    assert [at / NS for at in r.starts["l.x"]] == [1, 5, 9, 13]
    assert [at / NS for at in r.starts["l.y"]] == [2, 6, 10, 14]


def test_scrap_frees_its_machine_behind_a_blocked_unit():
    p = plant(line("l", station("p", 2, machines=2, scrap=ONE_IN_E), station("d", 10, ("l.p", 0))))
    r = result_of(p, 23, window=(0, 22 * NS), quantile=lambda *_: 2.5)
    assert left(r, "l.p") == [2, 12, 22]
    assert [at / NS for at in r.scraps["l.p"]] == [4]
    assert state(r, "l.p", 0) == {"processing": 6, "blocked": 16}
    assert state(r, "l.p", 1) == {"processing": 4, "blocked": 18}


def test_work_goes_over_the_end_of_a_shift():
    shifts = tuple(model.Shift(tuple(range(7)), a, a + 1) for a in (0, 2))
    p = plant(line("l", station("a", 25)), calendars=(model.Calendar("short", shifts),), calendar="short")
    r = result_of(p, 180, origin_us=MONDAY_US)
    assert left(r, "l.a") == [25, 50, 135, 160]
    assert state(r, "l.a") == {"processing": 120, "off_shift": 60}


def test_part_filled_container_is_withdrawn_at_the_end_of_a_campaign():
    turns = (model.Campaign("a", 3), model.Campaign("b", 4))
    p = plant(line("l", station("s", 1), station("p", 1, ("l.s", 5), kind="packing", size=2), sequence=turns))
    r = result_of(p, 11)
    assert left(r, "l.p") == [3, 6, 8, 10]
    assert [(at / NS, product) for at, product in r.surplus["l.p"]] == [(3, "a"), (10, "a")]
    assert dict(r.good) == {("l.p", "a"): 4, ("l.p", "b"): 4}


def test_part_filled_batch_goes_at_the_end_of_a_campaign():
    turns = (model.Campaign("a", 3), model.Campaign("b", 2))
    p = plant(line("l", station("s", 1), station("p", 2, ("l.s", 5), kind="batch", size=2), sequence=turns))
    r = result_of(p, 10)
    # 1, 2 in, out at 4; 3 arrives at 3, is loaded at 4 and told at 3: goes alone, out at 6; b: 4, 5 loaded at 6, out at 8.
    assert left(r, "l.p") == [4, 4, 6, 8, 8]


def test_units_without_partner_are_withdrawn_at_the_end_of_a_campaign():
    p = plant(
        line("x", station("a", 1), sequence=(model.Campaign("a", 2), model.Campaign("b", 2))),
        line("y", station("b", 1), sequence=(model.Campaign("a", 3), model.Campaign("b", 2))),
        line("z", station("c", 1, ("x.a", 5), ("y.b", 5), kind="assembly")),
    )
    r = result_of(p, 9)
    assert left(r, "z.c") == [2, 3, 5, 6, 7, 8]
    assert [(at / NS, product) for at, product in r.surplus["z.c"]] == [(3, "a"), (8, "a")]


def test_parallel_machines_finish_out_of_order():
    law = model.Distribution("exponential", 1.0)
    draws = itertools.chain([5.0], itertools.repeat(1.0))
    p = plant(line("l", station("a", 1), station("p", law, ("l.a", 5), machines=2)))
    r = result_of(p, 7, window=(0, 6 * NS), quantile=lambda *_: next(draws))
    assert left(r, "l.p") == [3, 4, 5, 6, 6]
    assert state(r, "l.p", 0) == {"starved": 1, "processing": 5}
    assert state(r, "l.p", 1) == {"starved": 2, "processing": 4}


def test_changeover_waits_until_the_station_is_empty():
    turns = (model.Campaign("a", 2), model.Campaign("b", 1))
    setup = model.Changeover(seconds(3))
    p = plant(line("l", station("a", 1), station("c", 1, ("l.a", 2), changeover=setup), sequence=turns))
    r = result_of(p, 16)
    assert left(r, "l.c") == [2, 3, 7, 11, 12]
    # A machine that is being set up takes nothing: places come free at 6, 10, 11 and 15.
    assert left(r, "l.a") == [1, 2, 3, 4, 6, 10, 11, 15]
    assert state(r, "l.c") == {"starved": 1, "processing": 6, "setup": 9}


def test_transport_holds_its_capacity_and_keeps_the_order():
    way = station("t", None, ("l.a", 0), kind="transport", time=5.0, capacity=2)
    p = plant(line("l", station("a", 1), way, station("d", 3, ("l.t", 0))))
    r = result_of(p, 16)
    assert left(r, "l.a") == [1, 2, 6, 9, 12, 15]
    assert left(r, "l.t") == [6, 9, 12, 15]
    assert left(r, "l.d") == [9, 12, 15]


def test_planned_stop_by_cycles_comes_before_the_next_product():
    clean = model.PlannedStop("clean", 3.0, "cycles", seconds(2))
    r = result_of(plant(line("l", station("a", 1, stops=(clean,)))), 12)
    assert left(r, "l.a") == [1, 2, 3, 6, 7, 8, 11]
    assert state(r, "l.a") == {"processing": 8, "planned": 4}


def test_failure_by_busy_time_interrupts():
    jam = model.Mode("jam", seconds(5), "busy", seconds(2))
    r = result_of(plant(line("l", station("a", 3, fails=(jam,)))), 15)
    # After 5 s of work, in the second product at 2 s: 5 to 7; the next after 10 s of work, with 1 s of the fourth product done.
    assert left(r, "l.a") == [3, 8, 11]
    assert state(r, "l.a") == {"processing": 11, "down": 4}


def test_outage_and_restart_then_the_next_counts_from_the_end():
    power = model.Outage("power", None, seconds(10), "clock", seconds(3), restart_s=2.0)
    r = result_of(plant(line("l", station("a", 4)), outages=(power,)), 35)
    assert left(r, "l.a") == [4, 8, 17, 21, 25, 34]
    assert state(r, "l.a") == {"processing": 25, "down": 10}


def test_late_supply_starves():
    parts = model.Supply("parts", ("l.b",), seconds(4), "clock", seconds(2))
    r = result_of(plant(line("l", station("a", 1), station("b", 1, ("l.a", 1))), supplies=(parts,)), 9)
    # b: 1-2, 2-3, 3-4, gap 4-6, 6-7, 7-8, 8-9
    assert left(r, "l.b") == [2, 3, 4, 7, 8]
    assert state(r, "l.b") == {"starved": 3, "processing": 6}


def test_ramp_up_makes_cycles_longer():
    ramp = model.RampUp(10 * 86_400.0, "linear", rate=0.5)
    r = result_of(plant(line("l", station("a", 42_000)), ramp_up=ramp), 3 * 86_400)
    # Distance 0.95 in the middle of the first day: 1 / (1 - 0.5 * 0.95) = 1 / 0.525 times as long: 80 000 s; the third
    # begins at 160 000 s, on the second day: 0.85, 42 000 s / 0.575 = 73 043.478260870 s.
    # The factors are rounded to 2^-30.
    assert r.departures["l.a"] == pytest.approx([80_000 * NS, 160_000 * NS, 233_043_478_260_870], rel=2**-30)


def test_store_serves_the_first_come_first():
    p = plant(
        line("x", station("a", 2)),
        line("y", station("b", 3)),
        line("z", station("c", 1.5, ("s", 0))),
        stores=(model.Store("s", 2, ("x.a", "y.b")),),
    )
    r = result_of(p, 9)
    # Arrivals at 2 (a), 3 (b), 4 (a), 6 (a, then b): c works 2-3.5, 3.5-5, 5-6.5, 6.5-8, 8-9.5; a's next at 8, b's at 9.
    assert left(r, "s/merge") == [2, 3, 4, 6, 6, 8]
    assert left(r, "z.c") == [3.5, 5, 6.5, 8]


@pytest.mark.parametrize("buffer", [0, 1, 3])
def test_two_exponential_machines_reach_the_exact_throughput(buffer):
    # Two equal exponential machines, blocking after service: (b + 2) / (b + 3) of the rate of one alone (exact).
    law = model.Distribution("exponential", 1.0)
    p = plant(line("l", station("a", law), station("b", law, ("l.a", buffer))))
    r = result_of(p, 8000, quantile=lambda _family, _shape, u: -math.log1p(-u))
    exact = (buffer + 2) / (buffer + 3)
    # The count's standard deviation is below that of a Poisson count, sqrt(6000) = 1.3 %: 4 % are three of them.
    assert len(r.departures["l.b"]) / 8000 == pytest.approx(exact, rel=0.04)


def test_states_add_up_to_the_window():
    law = model.Distribution("exponential", 1.0)
    jam = model.Mode("jam", model.Distribution("exponential", 20.0), "busy", seconds(3))
    p = plant(line("l", station("a", law, fails=(jam,)), station("b", law, ("l.a", 2), machines=2)))
    r = result_of(p, 500, window=(100 * NS, 400 * NS), quantile=lambda _family, _shape, u: -math.log1p(-u))
    assert {sum(times.values()) for times in r.states.values()} == {300 * NS}
