"""Samples that are taken out between two stations: the truth lies within the ranges of a trace, though nobody counts which they were."""

from __future__ import annotations

import random
from collections import deque

import pytest

from fabrika.answers.passages import Span
from fabrika.answers.unit_ways import UnitWays
from fabrika.answers.ways import ways
from fabrika.events.production import UnitsReported
from fabrika.operations.genealogy.state import REDUCER
from operations.told import MINUTE, at, counted, folded, plant

PLAN = ways(plant())
FIRST = next(
    path for path, links in PLAN.ahead.items() if len(links) == 1 and len(links[0].sources) == 1 and links[0].in_order
)
LINK = PLAN.ahead[FIRST][0]
SECOND = LINK.takers[0]
BEGIN = at(6)


def floor(seed: int, samples: int):
    """Eight hours, minute by minute: what was told, and as which unit each good unit of the first station entered the second."""
    rng, lying, told, entered = random.Random(seed), deque(), [], {}
    made = came = 0
    hold = min(LINK.hold, 300)
    drawn = sorted(rng.sample(range(10, 470), samples))
    for minute in range(480):
        begin, end = BEGIN + minute * MINUTE, BEGIN + (minute + 1) * MINUTE
        more, gone = min(rng.randrange(0, 30), hold - len(lying)), 0
        lying.extend(range(made + 1, made + more + 1))
        made += more
        if minute in drawn and lying:
            del lying[rng.randrange(len(lying))]
            told.append((end, UnitsReported(station=FIRST, to_us=end, good=0, scrapped=0, sampled=1, person="p-1")))
        for _ in range(min(rng.randrange(0, 30), len(lying))):
            came, gone = came + 1, gone + 1
            entered[lying.popleft()] = came
        told += [counted(begin, end, more, station=FIRST), counted(begin, end, gone, station=SECOND)]
    return folded(REDUCER, *told), entered


@pytest.mark.parametrize("samples", [0, 1, 12])
@pytest.mark.parametrize("seed", range(4))
def test_the_truth_lies_inside_though_samples_are_taken(seed, samples):
    state, entered = floor(seed, samples)
    finder = UnitWays(state, PLAN)
    for unit, true in list(entered.items())[seed::61]:
        ahead = next(visit for visit in finder.ahead(FIRST, Span(unit, unit, unit, 0)) if visit.station == SECOND)
        assert ahead.entered.first <= true <= ahead.entered.last
        back = next(visit for visit in finder.back(SECOND, Span(true, true, true, 0)) if visit.station == FIRST)
        assert back.good.first <= unit <= back.good.last
