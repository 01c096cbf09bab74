"""The acceptance run against closed forms, and against many runs of plants whose rate is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, poisson

from fabrika.plant.model import Contract
from fabrika.twin import acceptance, contract, period
from fabrika.twin.replicate import layout, replicate
from twin.plants import exponential, line, mode, plant, station

DAY_S, CYCLE_S, MTBF_S, MTTR_S = 86_400, 10.0, 3_600.0, 360.0
UP = MTBF_S / (MTBF_S + MTTR_S)


def promised(units_per_year, cycle_s=CYCLE_S):
    """One machine that stops for an exponential time after an exponential time of work."""
    stops = mode(exponential(MTBF_S), "busy", exponential(MTTR_S))
    return plant(line("line", station("a", cycle_s, fails=(stops,))), contract=Contract(units_per_year))


@pytest.mark.parametrize(
    ("speed_a_min", "mtbf_min", "mttr_min", "margin", "variance", "minutes"),
    [
        (100, 60, 6, 0.02, 9015.7776, 24299.53),
        (100, 60, 6, 0.10, 9015.7776, 1130.43),
        (100, 120, 20, 0.05, 41982.5073, 21580.9),
        (100, 480, 60, 0.10, 105349.7942, 13816.34),
    ],
)
def test_length_is_that_of_the_tabled_machines(speed_a_min, mtbf_min, mttr_min, margin, variance, minutes):
    """A machine with exponential times up and down: its output's variance a minute is 2 l m / (l + m)^3 times speed squared."""
    fails, mends = 1 / mtbf_min, 1 / mttr_min
    exact = 2 * fails * mends / (fails + mends) ** 3 * speed_a_min**2
    assert exact == pytest.approx(variance, rel=1e-8)
    rate = speed_a_min * mends / (fails + mends)
    length = acceptance.run_length(rate, rate / (1 + margin), exact, 0.05, 0.10)
    assert length == pytest.approx(minutes, rel=1e-5)


def years(made, count, seed=1):
    return [replicate(made, period.year(made, steady=True), seed, number) for number in range(count)]


def found(made, runs):
    names = layout(made)
    return acceptance.rows(
        contract.promise(made, names, period.contractual_ns(made, period.year(made))), names, runs, "line.a"
    )


YEARLY = UP * 365 * DAY_S / CYCLE_S
"""Good units a year, exactly in the mean."""


@pytest.fixture(scope="module")
def runs():
    return years(promised(YEARLY), 12)


def test_rows_follow_from_the_laws_of_the_machine(runs):
    """Length and bar as the exact rate and variance give them; the variance is estimated from 216 batches of twenty days."""
    fails, mends = 1 / MTBF_S, 1 / MTTR_S
    variance = 2 * fails * mends / (fails + mends) ** 3 / CYCLE_S**2 * DAY_S  # units squared a day
    rate = YEARLY / 365
    rows = found(promised(YEARLY), runs)
    assert [row.short for row in rows] == [0.05, 0.10, 0.20]
    for row in rows:
        exact = acceptance.run_length(rate, rate * (1 - row.short), variance, 0.05, 0.10)
        assert row.days == pytest.approx(exact, rel=0.3, abs=1)
        assert row.stated_passes >= 0.9
        assert row.short_passes <= 0.05
        assert rate * (1 - row.short) < row.units / row.days < rate
        stops = row.days * UP * DAY_S / MTBF_S
        assert poisson.cdf(row.stops, 0.97 * stops) >= 0.9  # the stops a day are counted in the years
        assert poisson.cdf(row.stops - 1, 1.03 * stops) < 0.9


def test_a_plant_as_stated_passes_and_a_lesser_one_does_not(runs):
    """Other luck, cut into runs of the length found: nine in ten pass; of a plant with the lesser rate, one in twenty."""
    row = found(promised(YEARLY), runs)[0]
    lesser = promised(YEARLY)
    slower = replace(lesser.lines[0].stations[0], cycle=replace(lesser.lines[0].stations[0].cycle, mean=CYCLE_S / 0.95))
    lesser = replace(lesser, lines=(replace(lesser.lines[0], stations=(slower,)),))
    passed = {}
    for name, made in (("stated", promised(YEARLY)), ("lesser", lesser)):
        daily = np.concatenate([run.good_by_day.sum(axis=0)[:365] for run in years(made, 8, seed=2)])
        sums = daily[: len(daily) // row.days * row.days].reshape(-1, row.days).sum(axis=1)
        passed[name] = int((sums >= row.units).sum()), len(sums)
    assert passed["stated"][1] > 100
    count, all_ = passed["stated"]
    assert binom.sf(count, all_, row.stated_passes) < 0.999
    assert binom.cdf(count, all_, row.stated_passes - 0.05) > 0.001
    count, all_ = passed["lesser"]
    assert binom.cdf(count - 1, all_, 0.10) < 0.999


def test_no_run_tells_apart_what_is_no_better(runs):
    assert [row.short for row in found(promised(YEARLY * 1.1), runs)] == [0.10, 0.20]
    assert found(promised(YEARLY * 2), runs) == ()


def test_nothing_is_said_without_a_contract_or_with_too_little(runs):
    made = promised(YEARLY)
    assert acceptance.rows(None, layout(made), runs, "line.a") == ()
    assert found(made, []) == ()
    short = replace(runs[0], good_by_day=runs[0].good_by_day[:, : acceptance.BATCH_DAYS * 9])
    assert found(made, [short]) == ()
