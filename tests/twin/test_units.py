"""Single units as the twin writes them down, against the oracle: where each was, when it left, and what it was made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from answers.traced_runs import ancestors, oracle_of, truth_of
from fabrika.twin import units as single_units
from fabrika.twin.units import follow
from twin.random_plants import random_plant
from twin_tells.told_plants import SECOND, WARM_UP_US, period, untold

PLAIN = frozenset({"exponential", "scrap", "fails", "stops", "transport", "calendar", "outages", "supplies"})
MORE = PLAIN | {"parallel", "batch", "packing", "crews"}
PLANTS = {
    f"{kind} {seed}": random_plant(seed, features=features)
    for kind, features in (("plain", PLAIN), ("more", MORE))
    for seed in range(8)
}
PARTS = ((60, 200), (260, 400))
"""Stretches, seconds from the period's begin."""


def followed(plant, parts):
    span = period()
    stretches = [(span.start_us + begin * SECOND, span.start_us + end * SECOND) for begin, end in parts]
    return follow(replace(plant, warm_up_s=WARM_UP_US / 1e6), span, 1, stretches, every_us=20 * SECOND)


def links(units):
    """All that is said of single units: which good unit of a station was which before."""
    names = [units.stations[number] for number in units.station]
    for row, good in enumerate(units.good):
        if good > 0:
            yield names[row], good, row, {(names[one], units.good[one]) for one in units.before(row)}


@pytest.mark.parametrize("parts", [((0, 480),), PARTS], ids=["all", "stretches"])
@pytest.mark.parametrize("name", PLANTS)
def test_units_are_what_they_were(name, parts):
    units, result = followed(PLANTS[name], parts), oracle_of(PLANTS[name])
    truth, span = truth_of(result), period()
    by_number = {(station, n): unit for station, found in truth.good.items() for unit, n in found.items()}
    objects = {id(unit): unit for rows in result.left.values() for _, unit in rows}
    known = 0
    for station, good, row, before in links(units):
        left_us = span.origin_us + units.left_ns[row] // 1000
        if left_us >= span.end_us:
            continue
        unit = by_number[station, good]
        assert truth.left_us[station, unit] == left_us
        true = {
            (other, truth.good[other][id(one)])
            for one in ancestors(result, objects[unit])
            for other in truth.good
            if id(one) in truth.good[other]
        }
        assert before <= true, (station, good)
        known += len(before)
    assert known


@pytest.mark.parametrize("name", list(PLANTS)[::5])
def test_what_came_of_a_unit_is_what_it_was_made_of(name):
    units = followed(PLANTS[name], ((0, 480),))
    for row in range(len(units)):
        assert all(row in units.before(one) for one in units.behind(row))


@pytest.mark.parametrize("name", list(PLANTS)[::3])
def test_a_run_that_writes_units_down_is_the_same_run(name, monkeypatch):
    """Its counters at the end are those of the run that does not."""
    kept = []
    compile_plant = single_units.compile_plant
    monkeypatch.setattr(single_units, "compile_plant", lambda *a, **k: kept.append(compile_plant(*a, **k)) or kept[-1])
    followed(PLANTS[name], (*PARTS, (410, 480)))
    (compiled,) = kept
    from fabrika.twin.replicate import figures

    plain = untold(PLANTS[name])
    told = figures(replace(PLANTS[name], warm_up_s=WARM_UP_US / 1e6), period(), compiled, {})
    assert np.array_equal(told.counts, plain.counts)
    assert np.array_equal(told.state_ns, plain.state_ns)
