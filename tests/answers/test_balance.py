"""The balance of units: exact where counters are, quiet where nothing is missing, and loud where something is."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from msgspec.structs import replace

from fabrika.answers import balance
from fabrika.answers.balance import judged, limit
from fabrika.answers.ways import Ways
from fabrika.events.production import UnitsCounted
from fabrika.operations.genealogy.state import REDUCER
from fabrika.plant.read import read_plant
from fabrika.stats.intervals import clopper_pearson
from fabrika.twin.period import days
from fabrika.twin.tell_on import told

PLANT = read_plant(
    b"""
fabrika: 1
plant: {name: two products, counts_within: 0.01 %}
products: [{id: a}, {id: b}]
lines:
  - id: line
    sequence: [{product: a, quantity: 6000}, {product: b, quantity: 4000}]
    stations:
      - {id: cut, kind: machine, cycle: 1 s, scrap: 1 %, changeover: 5 min}
      - {id: bend, kind: machine, cycle: 0.8 s, buffer: 300, changeover: 5 min}
      - {id: pack, kind: machine, cycle: 0.9 s, buffer: 300, changeover: 5 min}
""",
    "plant.yaml",
    lambda _name: UTC,
)

RUNS = 10_000
UNITS = 60_000
"""Units of a shift."""
MACHINES = 20
WITHIN = 0.0001
"""The share within which a counter is in 95 of 100 cases."""


def shift(rng: np.random.Generator, taken: int) -> bool:
    """One shift of machines in a row, each with a counter that errs; whether anything is called missing, or too much."""
    errors = rng.normal(0.0, WITHIN / 2.0, size=2 * MACHINES)
    place = int(rng.integers(1, 2 * MACHINES))
    true = np.where(np.arange(2 * MACHINES) < place, UNITS, UNITS - taken)
    shown = np.rint(true * (1.0 + errors)).astype(int).tolist()
    parts = [
        judged("a", "b", came, left, change=(0, 0), shares=(WITHIN, WITHIN), comparisons=2 * MACHINES - 1)
        for came, left in pairwise(shown)
    ]
    return not all(part.fits for part in parts)


def test_false_alarms_are_rare():
    rng = np.random.default_rng(1)
    alarms = sum(shift(rng, 0) for _ in range(RUNS))
    assert clopper_pearson(alarms, RUNS, 0.95).high <= 0.001


def test_a_diversion_of_a_two_thousandth_is_found_within_the_shift():
    rng = np.random.default_rng(2)
    found = sum(shift(rng, UNITS // 2_000) for _ in range(RUNS))
    assert clopper_pearson(found, RUNS, 0.95).low >= 0.99


def test_the_limit_is_that_of_the_normal_law():
    # Sidak at one comparison is the level itself: z(1 - 0.00025) = 3.480756...
    assert abs(limit(1) - 3.4807564) < 1e-6
    assert limit(40) > limit(1)


def test_what_is_unaccounted_is_what_neither_counter_nor_passage_explains():
    part = judged("a", "b", 100_050, 100_000, change=(0, 20), shares=(0.0, 0.0), comparisons=1)
    assert (part.inside, part.unaccounted, part.fits) == (20, 30, False)
    part = judged("a", "b", 100_000, 100_050, change=(0, 20), shares=(0.0, 0.0), comparisons=1)
    assert (part.inside, part.unaccounted) == (0, -50)
    assert balance.COVERAGE == 2.0


def told_lots(taken: int = 0, behind: str = "", lot: str = ""):
    """Two days of two products in a line, told by the twin; some units vanish before a station and whatever lies behind it."""
    state, missing = REDUCER.empty(), {}
    period = days(PLANT, 2.0, None)
    for number, one in enumerate(one for _, said in told(PLANT, 1, period.start_us, 2.0) for one in said):
        if one.at_us > period.end_us:
            break
        event = one.event
        if isinstance(event, UnitsCounted) and event.lot == lot and event.station == behind:
            less = min(taken - missing.get(event.station, 0), event.good, event.entered)
            missing[event.station] = missing.get(event.station, 0) + less
            event = replace(event, entered=event.entered - less, good=event.good - less)
        message = SimpleNamespace(at_us=one.at_us)
        REDUCER.apply(state, SimpleNamespace(event=event, message=message, position=number))
    return state


def test_the_twins_lots_balance_and_what_is_taken_is_missed():
    plan, state = Ways(PLANT), told_lots()
    found = {name: balance.lot_balance(state, plan, name) for name in state.lots}
    whole = {name: one for name, one in found.items() if one is not None}
    assert whole
    # A unit that leaves at the very instant at which a station turns to the next lot is counted in either.
    assert all(one.fits and abs(one.unaccounted) <= 1 for one in whole.values())
    for one in whole.values():
        assert one.entered == one.good + one.scrapped + one.sampled + one.in_process + one.unaccounted
        assert balance.standing(state, plan, one.lot).fit
    ended = [name for name, one in whole.items() if len(one.parts) > 3 and state.lots[name].closed_us]
    lot = ended[len(ended) // 2]
    last = plan.counting[state.lots[lot].line]
    lesser = balance.lot_balance(told_lots(UNITS // 2_000, last, lot), plan, lot)
    assert lesser is not None
    assert not lesser.fits
    assert abs(lesser.unaccounted - UNITS // 2_000) <= 1
