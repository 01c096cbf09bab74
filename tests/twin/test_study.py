from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import t

from fabrika.errors import RunRefusedError
from fabrika.plant.model import Distribution, Input, Line, Mode, Plant, Station
from fabrika.twin import period
from fabrika.twin.results import STATES
from fabrika.twin.study import BATCH, FIRST_BATCH, MOST, Study, period_of_units, simulate, summarise
from twin.known import World

MODE = Mode("jam", Distribution("exponential", 1000.0), "cycles", Distribution("exponential", 60.0))
PLANT = Plant(
    "p",
    "A plant",
    UTC,
    "UTC",
    (
        Line(
            "line",
            (
                Station("a", "machine", cycle=Distribution("constant", 2.0), fails=(MODE,)),
                Station("b", "machine", cycle=Distribution("constant", 1.0), inputs=(Input("line.a", 5),)),
            ),
        ),
    ),
)
YEAR = period.year(PLANT)


def world(**more):
    return World(scale=1e6, powers={"line.a.cycle": -1.0}, **more)


def run(asked, executor=None):
    return simulate(asked, executor or world())


def test_the_interval_is_students():
    result = run(Study(PLANT, YEAR, replications=12))
    units = result.good().sum(axis=1)
    half = t.ppf(0.975, 11) * units.std(ddof=1) / np.sqrt(12)
    assert result.total.good.mean == pytest.approx(units.mean())
    assert result.total.good.high - result.total.good.mean == pytest.approx(half)
    assert result.total.good_per_hour.mean == pytest.approx(units.mean() / 8760)
    assert result.total.good_per_day.low == pytest.approx(result.total.good.low / 365)
    assert result.total.good_per_year == result.total.good


def test_a_study_stops_when_the_mean_is_known_within_one_percent():
    calm, wild = run(Study(PLANT, YEAR), world(sd=0.001)), run(Study(PLANT, YEAR), world(sd=0.025))
    assert calm.replications == FIRST_BATCH
    assert FIRST_BATCH < wild.replications < MOST
    assert (wild.replications - FIRST_BATCH) % BATCH == 0
    good = wild.total.good
    assert good.high - good.mean <= 0.01 * good.mean
    assert run(Study(PLANT, YEAR), world(sd=0.5)).replications == MOST


@pytest.mark.parametrize("workers", [1, 3, 16])
def test_workers_change_nothing(workers):
    assert run(Study(PLANT, YEAR), world(workers=workers)).hash() == run(Study(PLANT, YEAR)).hash()


def test_the_hash_knows_the_seed_and_the_plant():
    one = run(Study(PLANT, YEAR, seed=1, replications=2)).hash()
    assert one == run(Study(PLANT, YEAR, seed=1, replications=2)).hash()
    assert one != run(Study(PLANT, YEAR, seed=2, replications=2)).hash()
    assert one != run(Study(PLANT, YEAR, seed=1, replications=3)).hash()


def test_an_interruption_keeps_what_is_known():
    result = run(Study(PLANT, YEAR, replications=12), world(interrupt_after=5))
    assert result.replications == 5
    assert not result.complete
    assert result.hash() == run(Study(PLANT, YEAR, replications=5)).hash()


def test_an_interruption_before_anything_is_passed_on():
    with pytest.raises(KeyboardInterrupt):
        run(Study(PLANT, YEAR), world(interrupt_after=0))


def test_one_long_replication_has_batch_means_over_weeks():
    result = run(Study(PLANT, YEAR, replications=1))
    days = result.good_by_day()[0, 0]
    weeks = days[:364].reshape(52, 7).sum(axis=1)
    half = t.ppf(0.975, 51) * weeks.std(ddof=1) / np.sqrt(52) * 365 / 7
    assert "52 weeks" in result.interval_method
    assert result.total.good.mean == days.sum()
    assert result.total.good.high - result.total.good.mean == pytest.approx(half)


@pytest.mark.parametrize("days", [1, 11, 69, 100, 318, 365])
def test_the_mean_of_one_replication_is_its_count_to_the_last_piece(days):
    draw = np.random.default_rng(days)
    asked = Study(PLANT, period.days(PLANT, days), replications=1)
    result = simulate(asked, world())
    for _ in range(20):
        by_day = draw.poisson(draw.uniform(10, 80_000), size=(1, days))
        one = replace(result.runs[0], good=by_day.sum(axis=1), good_by_day=by_day)
        found = summarise(asked, result.layout, [one])
        count = int(by_day.sum())
        assert found.total.good.mean == found.products[0].good.mean == count
        assert found.total.good.low <= count <= found.total.good.high
        assert found.to_json()["good"]["mean"] == count


def test_means_of_many_replications_are_rounded_once():
    result = run(Study(PLANT, YEAR, replications=7))
    assert result.total.good.mean == float(Fraction(int(result.good().sum()), 7))


def test_one_short_replication_has_equal_parts():
    day = period.days(PLANT, 1)
    result = run(Study(PLANT, day, replications=1))
    assert "10 equal parts" in result.interval_method
    # This world's output is in proportion to time but for rounding to whole pieces.
    assert result.total.good.mean == result.good().sum()
    assert result.total.good.high - result.total.good.mean < 10


def test_units_are_turned_into_the_time_that_gives_them():
    span = period_of_units(PLANT, 100_000, 1, world())
    made = run(Study(PLANT, span, replications=1)).good().sum()
    assert 100_000 <= made <= 100_100


@pytest.mark.parametrize("units", [1, 7])
def test_few_units_are_met_to_the_piece(units):
    span = period_of_units(PLANT, units, 1, world())
    assert units <= run(Study(PLANT, span, replications=1)).good().sum() <= units + 1


def test_units_that_never_come_are_refused():
    with pytest.raises(RunRefusedError, match="50 years"):
        period_of_units(PLANT, 10**9, 1, world())
    with pytest.raises(RunRefusedError):
        period_of_units(PLANT, 0, 1, world())


@pytest.mark.parametrize("bad", [{"replications": 0}, {"replications": 10**9}, {"seed": -1}, {"seed": 2**63}])
def test_runs_that_cannot_be_are_refused(bad):
    with pytest.raises(RunRefusedError):
        Study(PLANT, YEAR, **bad)


def test_json_says_what_was_promised():
    result = run(Study(PLANT, YEAR, replications=3, seed=5))
    told = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert set(told["good_per_hour"]) == {"mean", "low", "high"}
    assert (told["replications"], told["seed"]) == (3, 5)
    station = told["stations"][0]
    assert station["id"] == "line.a"
    assert sum(station[state] for state in STATES) == pytest.approx(1.0)
    assert sum(station["state_ns"].values()) == station["machine_ns"] == 3 * YEAR.window_ns
    assert told["stops"][0] == {
        "id": "line.a.fails.jam",
        "station": "line.a",
        "stops": 0,
        "mean": 0.0,
        "ns": 0,
        "hours": 0.0,
    }
    assert told["buffers"][0]["capacity"] == 5


@pytest.mark.parametrize("table", ["stations", "products", "stops", "buffers", "replications"])
def test_tables_are_frames(table):
    pytest.importorskip("pandas")
    frame = run(Study(PLANT, YEAR, replications=3)).to_frame(table)
    assert len(frame) == {"stations": 2, "products": 2, "stops": 1, "buffers": 1, "replications": 3}[table]


def test_a_table_that_is_not_there_is_refused():
    with pytest.raises(RunRefusedError, match="stations"):
        run(Study(PLANT, YEAR, replications=2)).to_frame("machines")


def test_a_period_ends_where_it_should():
    assert period.days(PLANT, 1.5, date(2026, 3, 1)).window_ns == 36 * 3600 * 10**9
    assert period.year(PLANT, date(2024, 1, 1)).window_ns == 365 * 86400 * 10**9
    assert period.year(PLANT, years=3).window_ns == 3 * 365 * 86400 * 10**9
