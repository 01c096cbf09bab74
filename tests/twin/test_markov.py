"""The chain's solver gives published throughputs, and the twin gives the solver's on random small lines."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from fabrika.stats.intervals import simultaneous_intervals
from fabrika.twin.replicate import replicate
from fabrika.twin.results import Period
from twin.markov import exponential_line, gershwin_line
from twin.plants import exponential, serial, station
from twin.reference_lines import EQUAL_RATES, STATES, TWO_MACHINES

PUBLISHED = {2: 0.6667, 3: 0.5641, 4: 0.5148, 5: 0.4858, 6: 0.4667}
"""Stations without places between them: Hillier & Boling 1967."""


@pytest.mark.parametrize("stations", PUBLISHED)
def test_solver_on_lines_without_buffers(stations):
    assert exponential_line([1.0] * stations, [0] * (stations - 1))[0] == pytest.approx(PUBLISHED[stations], abs=5e-5)


@pytest.mark.parametrize("places", range(12))
def test_solver_on_two_stations(places):
    # Hunt 1956: (b + 2)/(b + 3).
    assert exponential_line([1.0, 1.0], [places])[0] == pytest.approx(
        float(Fraction(places + 2, places + 3)), abs=1e-12
    )


def test_solver_on_three_stations_and_unequal_rates():
    assert exponential_line([1.0] * 3, [0, 0])[0] == pytest.approx(22 / 39, abs=1e-12)
    # Two stations of rates l and m, b places: the count between them is a birth-death chain on 0 .. b + 2.
    weights = [(2.0 / 3.0) ** n for n in range(5)]
    assert exponential_line([2.0, 3.0], [2])[0] == pytest.approx(3.0 * sum(weights[1:]) / sum(weights), abs=1e-12)
    # The bowl phenomenon: the best three stations without places, Hillier & Boling 1966, gain 0.55 % over equal ones.
    assert exponential_line([1 / 1.085, 1 / 0.83, 1 / 1.085], [0, 0])[0] == pytest.approx(0.56718, abs=1e-5)


@pytest.mark.parametrize("case", EQUAL_RATES, ids=lambda case: "{}x{}".format(*case))
def test_solver_on_every_line_of_the_table(case):
    stations, places = case
    found, states = exponential_line([1.0] * stations, [places] * (stations - 1))
    assert found == pytest.approx(EQUAL_RATES[case], abs=1e-9)
    assert states == STATES.get(case, states)


@pytest.mark.parametrize("case", TWO_MACHINES, ids=str)
def test_solver_on_two_unreliable_machines(case):
    p1, r1, p2, r2, capacity = case
    parts, content = gershwin_line((p1, p2), (r1, r2), capacity)
    assert (parts, content) == pytest.approx(TWO_MACHINES[case], abs=1e-8)


def random_line(number):
    """Two to four stations of different rates, with none to three places between neighbours."""
    rng = random.Random(f"line {number}")
    stations = 2 + number % 3
    cycles = [rng.choice([0.5, 0.7, 0.9, 1.0, 1.2, 1.6]) for _ in range(stations)]
    return cycles, [rng.choice([0, 1, 2, 3]) for _ in range(stations - 1)]


def test_the_twin_agrees_with_the_solver_on_random_lines():
    lines = [random_line(number) for number in range(12)]
    assert {0, 1, 2, 3} <= {places for _, buffers in lines for places in buffers}
    exact = [exponential_line([1.0 / cycle for cycle in cycles], buffers)[0] for cycles, buffers in lines]
    period = Period(0, 40_000 * 10**6, 1_000 * 10**6, 0, steady=True)
    samples = []
    for number, (cycles, buffers) in enumerate(lines):
        row = [station(f"s{i}", exponential(cycle)) for i, cycle in enumerate(cycles)]
        plant = serial(*row, buffers=buffers)
        samples.append([replicate(plant, period, number, rep).good.sum() / 40_000 for rep in range(8)])
    for line, truth, found in zip(lines, exact, simultaneous_intervals(samples, 0.99), strict=True):
        assert found.low <= truth <= found.high, (line, truth, found)
        assert found.half_width < 0.02 * truth
        assert found.mean == pytest.approx(truth, rel=0.005)
