"""The proof against worlds whose chance, gradient and ways are known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC

import numpy as np
import pytest
from scipy.stats import norm

from fabrika.errors import RunRefusedError
from fabrika.plant.model import (
    Belief,
    Calendar,
    Contract,
    Distribution,
    Input,
    Lever,
    Line,
    Mode,
    Plant,
    RampUp,
    Shift,
    Station,
)
from fabrika.plant.parameters import parameters
from fabrika.twin import period, ways
from fabrika.twin.evidence import Question, Shell
from fabrika.twin.execution import Run
from fabrika.twin.proof import prove
from fabrika.twin.replicate import layout
from fabrika.twin.screening import told_by_weeks
from twin.known import World

CYCLE, OTHER = "line.a.cycle", "line.b.cycle"
BELIEF = Belief(CYCLE, "relative", 0.04, 0.04, 0, "2 s +- 4 %")
PLANT = Plant(
    "p",
    "A plant",
    UTC,
    "UTC",
    (
        Line(
            "line",
            (
                Station("a", "machine", cycle=Distribution("constant", 2.0)),
                Station("b", "machine", cycle=Distribution("constant", 4.0), inputs=(Input("line.a", 5),)),
            ),
        ),
    ),
    contract=Contract(990_000.0, confidence=0.95),
    levers=(
        Lever("faster-a", CYCLE, 1.8, 2.0, 100_000.0, "EUR"),
        Lever("faster-b", OTHER, 2.0, 4.0, 100_000.0, "EUR"),
        Lever("space", "line.b.buffer", 5, 50, 10.0, "EUR", step=1),
    ),
)
# One million units a year; output goes with 1/a and with b to the power -0.25.
POWERS = {CYCLE: -1.0, OTHER: -0.25}
SCALE = 1e6 * 2.0 * 4.0**0.25


def world(**more):
    return World(**{"scale": SCALE, "powers": POWERS, "sd": 0.02, **more})


def proved(plant=PLANT, executor=None, **asked):
    executor = executor or world()
    first = period.year(plant)
    question = Question(
        plant=plant,
        first=first,
        steady=period.year(plant, steady=True),
        seed=1,
        wanted=plant.contract.confidence if plant.contract else 0.95,
        level=0.95,
        contractual_ns=first.window_ns,
        **{"budget_s": 600.0, **asked},
    )
    return prove(question, Shell(executor, executor.clock))


def test_the_chance_of_luck_alone():
    # 990,000 of 1,000,000 with a deviation of 2 %: half a deviation.
    exact = norm.cdf(0.5)
    few, many = proved(replications=60), proved(replications=1000)
    assert few.chance_met.low < exact < few.chance_met.high
    assert many.chance_met.low < exact < many.chance_met.high
    assert many.chance_met.high - many.chance_met.low < 0.07
    assert few.chances.first_year.luck == few.chances.steady_year.belief == few.chance_met


def test_the_chance_with_ignorance_and_where_the_spread_comes_from():
    result = proved(replace(PLANT, beliefs=(BELIEF,)), replications=1000)
    belief_sd = 0.04 / 1.959963984540054
    exact = norm.cdf(0.01 / np.hypot(0.02, belief_sd))
    # Within 3.5 standard errors of a share counted in 1,000 years.
    assert result.chances.first_year.belief.mean == pytest.approx(exact, abs=3.5 * np.sqrt(exact * (1 - exact) / 1000))
    assert result.chances.first_year.luck.low < norm.cdf(0.5) < result.chances.first_year.luck.high
    assert result.variance.luck_share == pytest.approx(0.02**2 / (0.02**2 + belief_sd**2), abs=0.06)
    assert result.variance.ignorance_sd == pytest.approx(belief_sd * 1e6, rel=0.1)
    assert [(row.parameter, row.share) for row in result.unknowns] == [(CYCLE, pytest.approx(1.0))]


def test_a_ramp_up_makes_the_first_year_worse():
    result = proved(replace(PLANT, ramp_up=RampUp(1e6)), replications=100)
    assert result.chances.first_year.luck.high < 0.01
    assert result.chances.steady_year.luck.low < norm.cdf(0.5) < result.chances.steady_year.luck.high


def test_the_planted_gradient_is_found():
    rows = {row.parameter: row for row in proved(replications=200).gradient}
    # d ln(units) = -d ln(a): 2 % slower gives 1/1.02.
    assert rows[CYCLE].method == "paired"
    assert rows[CYCLE].units.mean == pytest.approx(1e6 * (1 / 1.02 - 1), rel=0.05)
    assert rows[OTHER].units.mean == pytest.approx(1e6 * (1.02**-0.25 - 1), rel=0.05)
    assert rows["line.b.buffer"].units.mean == 0
    assert [row.parameter for row in proved(replications=20).gradient][:2] == [CYCLE, OTHER]


def test_path_and_paired_agree():
    from fabrika.twin.execution import Slope
    from fabrika.twin.sensitivity import paired_row, path_rows, step

    known, year, here = parameters(PLANT), period.year(PLANT), world()
    paths = list(here.run([Slope(PLANT, year, 1, number, 4.0) for number in range(8)]))
    units = sum(float(run.good[0]) for run in here.run([Run(PLANT, year, 1, number) for number in range(8)])) / 8
    by_path = {row.parameter: row for row in path_rows(known, paths, units, 0.95)}
    assert by_path[CYCLE].units_per_percent.mean == pytest.approx(-units / 100, rel=1e-9)
    stepped = step(PLANT, next(row for row in known if row.path == CYCLE))

    def good(plant):
        return [float(run.good[0]) for run in here.run([Run(plant, year, 1, number) for number in range(8)])]

    by_pair = paired_row(stepped, good(stepped.plant), good(PLANT), 0.95)
    assert by_pair.units_per_percent.mean == pytest.approx(by_path[CYCLE].units_per_percent.mean, rel=0.03)


def test_what_no_path_reaches_is_screened_over_weeks_where_years_are_dear():
    here = world(powers=POWERS | {"line.b.buffer": 0.02}, scale=SCALE / 5**0.02, year_s=17.0)
    rows = {row.parameter: row for row in proved(executor=here).gradient}
    found = rows["line.b.buffer"]
    assert (found.method, found.step) == ("weeks", "+1")
    assert found.units.mean == pytest.approx(1e6 * (1.2**0.02 - 1), rel=0.05)
    assert found.units.low < found.units.mean < found.units.high
    assert rows[CYCLE].method == "paired"
    weeks = [task for task in here.done if isinstance(task, Run) and task.period.window_ns == 28 * 86400 * 10**9]
    assert len({task.period for task in weeks}) == 1
    assert {task.number for task in weeks} == {0, 1}


def test_rare_stops_are_not_judged_by_weeks():
    often, seldom = (
        Mode(name, Distribution("exponential", 500.0), "cycles", Distribution("constant", 60.0))
        for name in ("often", "seldom")
    )
    line = PLANT.lines[0]
    made = replace(
        PLANT, lines=(replace(line, stations=(replace(line.stations[0], fails=(often, seldom)), line.stations[1])),)
    )
    names = layout(made)
    (run,) = world().run([Run(made, period.days(made, 28), 1, 0)])
    run = replace(run, stops=np.array([8, 7]))
    assert told_by_weeks("line.a.fails.often.after", names, [run])
    assert not told_by_weeks("line.a.fails.seldom.after", names, [run])
    assert told_by_weeks("line.a.fails.seldom.after", names, [run, run])
    assert told_by_weeks("line.b.buffer", names, [run])
    assert not told_by_weeks("outages.power.after", names, [run])


def test_the_cheapest_way_is_found_and_costs_what_it_must():
    result = proved(replications=300)
    sample = np.array(result.output("first_year", "luck").sample)
    # The output must grow until 95 % of these years reach the contract.
    growth = 990_000 / np.quantile(sample, 0.05)
    needed = {CYCLE: 2.0 / growth, OTHER: 4.0 / growth**4}
    cost = {CYCLE: (2.0 - needed[CYCLE]) / 0.2 * 1e5, OTHER: (4.0 - needed[OTHER]) / 2.0 * 1e5}
    ways = result.ways
    assert (ways.ranked_by, ways.needed) == ("cost", True)
    assert [way.changes[0].parameter for way in ways.found] == sorted(cost, key=cost.get)
    for way in ways.found:
        assert way.reaches
        assert way.chance_after.mean >= 0.95
        assert way.chance_after.mean < 0.98
        assert way.cost == pytest.approx(cost[way.changes[0].parameter], rel=0.1)
        assert way.units_gained.mean == pytest.approx((growth - 1) * 1e6, rel=0.15)


def test_without_costs_the_smallest_change_wins():
    levers = tuple(replace(lever, cost=None) for lever in PLANT.levers)
    ways = proved(replace(PLANT, levers=levers), replications=200).ways
    assert ways.ranked_by == "smallest change"
    assert ways.found[0].changes[0].parameter == CYCLE
    assert ways.found[0].cost is None
    assert "smallest" in ways.statement


def test_two_levers_together_where_one_is_not_enough():
    contract = replace(PLANT.contract, units_per_year=1_200_000.0)
    ways = proved(replace(PLANT, contract=contract), replications=200).ways
    assert ways.found
    assert all(len(way.changes) == 2 and way.reaches for way in ways.found)
    assert {change.parameter for change in ways.found[0].changes} == {CYCLE, OTHER}


def test_nothing_reaches_and_that_is_said():
    contract = replace(PLANT.contract, units_per_year=2_000_000.0)
    ways = proved(replace(PLANT, contract=contract), replications=50).ways
    assert ways.found
    assert not any(way.reaches for way in ways.found)
    assert "No lever" in ways.statement


def test_a_plant_that_is_good_enough_needs_no_way():
    contract = replace(PLANT.contract, units_per_year=900_000.0)
    ways = proved(replace(PLANT, contract=contract), replications=50).ways
    assert (ways.needed, ways.found) == (False, ())


def test_without_levers_no_way_is_tried():
    assert "no levers" in proved(replace(PLANT, levers=()), replications=20).ways.statement


def test_without_a_contract_there_is_output_and_no_chance():
    result = proved(replace(PLANT, contract=None), replications=50)
    assert not result.has_contract
    assert result.units_per_year.low < 1e6 < result.units_per_year.high
    assert result.ways.found == ()


@pytest.mark.parametrize(("year_s", "budget_s"), [(6.0, 180.0), (0.05, 20.0), (2.0, 60.0)])
@pytest.mark.parametrize("more", [{}, {"beliefs": (BELIEF,)}, {"beliefs": (BELIEF,), "ramp_up": RampUp(1e6)}])
def test_the_budget_is_kept_and_used(year_s, budget_s, more):
    executor = world(year_s=year_s, workers=2)
    result = proved(replace(PLANT, **more), executor, budget_s=budget_s)
    assert result.sharpness.first_answer_s <= 60.0
    assert executor.now <= budget_s + 3 * year_s
    assert executor.now >= 0.8 * budget_s or result.sharpness.width <= 0.01
    assert result.sharpness.complete
    assert any(row.method == "paired" for row in result.gradient)
    assert result.ways.found


def test_a_larger_budget_is_sharper():
    small = proved(executor=world(year_s=3.0), budget_s=120.0).sharpness
    large = proved(executor=world(year_s=3.0), budget_s=1200.0).sharpness
    assert large.width < small.width
    assert large.replications > small.replications


@pytest.mark.parametrize("after", [2, 6, 9, 15, 40])
def test_an_interruption_leaves_an_honest_part(after):
    result = proved(executor=world(interrupt_after=after), replications=30)
    assert not result.sharpness.complete
    assert any("Interrupted" in note for note in result.sharpness.notes)
    assert 2 <= result.sharpness.replications <= after
    json.dumps(result.to_json(), allow_nan=False)


def test_an_interruption_before_anything_is_passed_on():
    with pytest.raises(KeyboardInterrupt):
        proved(executor=world(interrupt_after=1), replications=30)


def test_json_says_what_was_promised():
    told = json.loads(json.dumps(proved(replications=20).to_json(), allow_nan=False))
    for key in ("chance_met", "units_per_year"):
        assert set(told[key]) == {"mean", "low", "high"}
    row = told["gradient"][0]
    assert {"parameter", "method", "step", "units"} <= set(row)
    assert set(row["units"]) == {"mean", "low", "high"}
    assert all(isinstance(told[key], list) for key in ("ways", "bottlenecks", "losses"))
    assert told["ways_ranked_by"] == "cost"


@pytest.mark.parametrize(
    "bad", [{"budget_s": 0.0}, {"budget_s": 1e9}, {"wanted": 1.0}, {"wanted": 0.1}, {"replications": 1}]
)
def test_questions_that_cannot_be_are_refused(bad):
    first = period.year(PLANT)
    asked = {"budget_s": 60.0, "wanted": 0.9, **bad}
    question = Question(PLANT, first, first, 1, level=0.95, contractual_ns=first.window_ns, **asked)
    with pytest.raises(RunRefusedError):
        prove(question, Shell(world(), world().clock))


def test_what_a_way_sets_is_what_it_says():
    wear = Mode("wear", Distribution("exponential", 21_600.0), "busy", Distribution("constant", 60.0))
    line = PLANT.lines[0]
    first, second = line.stations
    lever = Lever("rarer", "line.a.fails.wear.after", 21_600.0, 36_000.0)
    lines = (replace(line, stations=(replace(first, fails=(wear,)), second)),)
    plant = replace(PLANT, lines=lines, levers=(lever,))
    push = ways.pushes(plant, {row.path: row for row in parameters(plant)})[0]
    assert push.value(0.5) == 28_800.0
    assert push.value(0.501) == 28_836.0
    change = push.change(plant, 0.501)
    assert (change.value_from, change.value_to) == ("exponential(6 h busy)", "exponential(8.01 h busy)")
    assert (push.value(0.0), push.value(1.0)) == (21_600.0, 36_000.0)
    assert all(push.value(push.fraction(push.value(part / 7))) == push.value(part / 7) for part in range(8))


@pytest.mark.parametrize(("low", "high", "value"), [(1.8, 2.0, 1.874), (2.0, 2.2, 2.126)])
def test_a_way_goes_a_little_further_rather_than_less_far(low, high, value):
    lever = replace(PLANT.levers[0], low=low, high=high)
    push = ways.pushes(replace(PLANT, levers=(lever,)), {row.path: row for row in parameters(PLANT)})[0]
    assert push.value(0.62971) == pytest.approx(value, abs=1e-12)


def test_what_may_be_changed_and_the_calendars_are_told():
    day = Calendar("day", (Shift((0, 1, 2, 3, 4), 360, 840),), name="day shift")
    levers = (*PLANT.levers, Lever("either-way", OTHER, 3.5, 5.0))
    around_the_clock = proved(replace(PLANT, calendars=(day,), levers=levers), replications=2)
    assert [(row.value_from, row.value_to, row.cost) for row in around_the_clock.levers] == [
        ("2 s", "1.8 s", 100_000.0),
        ("4 s", "2 s", 100_000.0),
        ("5", "50", 10.0),
        ("4 s", "3.5 s to 5 s", None),
    ]
    # 2001 begins on a Monday: 261 weekdays of eight hours.
    rows = [(row.id, row.shifts, row.hours, row.contractual) for row in around_the_clock.calendars]
    assert rows == [("day", "mon-fri 06:00 to 14:00", 2088.0, False), ("", "around the clock", 8760.0, True)]
    contract = replace(PLANT.contract, calendar="day")
    by_day = proved(replace(PLANT, calendars=(day,), contract=contract), replications=2)
    assert [(row.id, row.contractual) for row in by_day.calendars] == [("day", True)]
    assert proved(replications=2).calendars == ()
