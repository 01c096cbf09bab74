"""Counts: never twice, never nought where nothing is known, and the same however they were folded."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabrika.events.production import LotClosed, LotOpened, LotSplit
from fabrika.operations.production.state import DETAIL_US, HOUR_US, REDUCER, SLACK_US
from fabrika.operations.production.sums import DAY_US, HOURS_KEPT_US
from fabrika.operations.production.units import units
from operations.told import HOUR, MINUTE, at, changed, counted, facts, folded

FIVE = 5 * MINUTE


def test_a_machine_with_resets_and_a_rollover_as_worked_out_on_paper():
    # The counter shows 1,000 at 8:00; it is reset at 8:10 and rolls over at 10,000 between 8:15 and 8:20.
    # From 8:20 to 8:30 the line to the machine is cut; the counter shows what was made meanwhile.
    state = folded(
        REDUCER,
        counted(at(8), at(8, 5), 98, scrapped=2, counter=1_100),
        counted(at(8, 5), at(8, 10), 40, counter=1_140),
        counted(at(8, 10), at(8, 15), 60, counter=60, counter_reset=True),
        counted(at(8, 15), at(8, 20), 70, scrapped=5, counter=35, counter_reset=True),
        counted(at(8, 30), at(8, 35), 80, counter=35 + 130 + 80),
    )
    press = state.stations["line.press"]
    hour = units(press, at(8), at(9))
    assert (hour.good, hour.scrapped, hour.entered) == (348, 7, 355)
    assert hour.known_us == 25 * MINUTE
    (missed,) = press.missed
    assert (missed.units, missed.from_us, missed.to_us) == (130, at(8, 20), at(8, 35))
    assert (press.counter, press.counter_us) == (245, at(8, 35))


def test_a_silent_machine_has_no_count_and_not_a_count_of_nought():
    state = folded(REDUCER, counted(at(8), at(8, 5), 0), counted(at(9), at(9, 5), 7))
    press = state.stations["line.press"]
    assert units(press, at(8), at(8, 5)).good == 0
    nothing = units(press, at(8, 10), at(8, 50))
    assert (nothing.good, nothing.scrapped, nothing.entered, nothing.known_us) == (None, None, None, 0)
    assert units(None, at(8), at(9)).good is None


@pytest.mark.parametrize(
    ("from_us", "to_us"),
    [(at(8, 5), at(8, 10)), (at(8, 7), at(8, 8)), (at(7), at(12)), (at(8, 9), at(8, 20)), (at(8), at(8, 6))],
)
def test_time_that_was_counted_is_not_counted_again(from_us, to_us):
    state = folded(
        REDUCER, counted(at(8, 5), at(8, 10), 50), counted(at(8, 20), at(8, 25), 9), counted(from_us, to_us, 70)
    )
    press = state.stations["line.press"]
    assert units(press, at(0), at(23)).good == 59
    (doubled,) = press.doubled
    assert (doubled.units, doubled.from_us, doubled.to_us) == (70, from_us, to_us)


def test_counts_that_come_late_fill_the_gap():
    state = folded(
        REDUCER, counted(at(8), at(8, 5), 50), counted(at(8, 10), at(8, 15), 60), counted(at(8, 5), at(8, 10), 55)
    )
    press = state.stations["line.press"]
    assert [count.good for count in press.counts] == [50, 55, 60]
    assert units(press, at(8), at(8, 15)) == units(press, at(7), at(9))
    assert not press.doubled


def test_a_count_older_than_the_details_is_not_taken_twice_either():
    told = [counted(at(0, day=2) + n * FIVE, at(0, day=2) + (n + 1) * FIVE, 10) for n in range(12 * 24 * 4)]
    press = folded(REDUCER, *told, counted(at(3, day=2), at(3, 5, day=2), 10)).stations["line.press"]
    assert press.counts[0].from_us > at(3, 5, day=2)
    assert len(press.doubled) == 1
    assert units(press, at(0, day=2), at(0, day=6)).good == 4 * 288 * 10


@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.integers(0, 50), st.integers(1, 5 * HOUR_US)), min_size=1, max_size=20
    ),
    st.lists(st.integers(0, 5 * 24 * HOUR), max_size=6),
)
def test_parts_of_any_cut_add_up_to_what_was_counted(told, cuts):
    begin, at_us, pairs = at(0), at(0), []
    for good, scrapped, length in told:
        pairs.append(counted(at_us, at_us + length, good, scrapped=scrapped))
        at_us += length
    press = folded(REDUCER, *pairs).stations["line.press"]
    total = sum(good for good, _, _ in told)
    assert sum(hour.good for hour in [*press.hours, *press.days]) == total
    assert sum(hour.known_us for hour in press.hours) == at_us - begin
    # Before the details only sums are known; within them any cut adds up.
    first = max(press.whole_us, begin)
    edges = sorted({first, at_us, *(min(max(begin + cut, first), at_us) for cut in cuts)})
    parts = [units(press, low, high) for low, high in pairwise(edges)]
    assert sum(part.good or 0 for part in parts) == (units(press, first, at_us).good or 0)
    assert sum(part.known_us for part in parts) == max(0, at_us - first)
    if first == begin:
        assert units(press, begin, at_us).good == total


@given(st.data())
def test_folding_from_zero_is_a_snapshot_and_the_rest(data):
    steps = st.tuples(
        st.sampled_from("ab"), st.sampled_from(["count", "state"]), st.integers(1, 40), st.integers(0, 99)
    )
    at_us, pairs = at(0), []
    for station, kind, length, number in data.draw(st.lists(steps, min_size=1, max_size=60)):
        end = at_us + length * 20 * MINUTE
        if kind == "count":
            pairs.append(
                counted(at_us, end, number, station=station, times={"processing": end - at_us}, counter=number)
            )
        else:
            pairs.append(
                changed(at_us, data.draw(st.sampled_from(["down", "processing"])), station=station, mode="jam")
            )
        at_us = data.draw(st.sampled_from([at_us, end, end + HOUR]))
    told = facts(*pairs)
    cut = data.draw(st.integers(0, len(told)))
    whole, begun = REDUCER.empty(), REDUCER.empty()
    for fact in told:
        REDUCER.apply(whole, fact)
    for fact in told[:cut]:
        REDUCER.apply(begun, fact)
    resumed = REDUCER.load(REDUCER.dump(begun))
    for fact in told[cut:]:
        REDUCER.apply(resumed, fact)
    assert REDUCER.dump(resumed) == REDUCER.dump(whole)


def test_a_year_of_counts_folds_into_a_small_state():
    begin, state = at(1), REDUCER.empty()  # midnight UTC: what is older than five weeks is kept by its days
    half = 30 * MINUTE
    for number, fact in enumerate(
        facts(
            *(counted(begin + n * half, begin + (n + 1) * half, 5, times={"down": half}) for n in range(2 * 24 * 365))
        )
    ):
        REDUCER.apply(state, fact)
        press = state.stations["line.press"]
        assert len(press.counts) <= 2 * (DETAIL_US + SLACK_US) // HOUR_US + 2, number
        assert len(press.hours) <= (HOURS_KEPT_US + DETAIL_US + SLACK_US) // HOUR_US + 25
    assert units(press, begin, begin + 365 * DAY_US).good == 2 * 24 * 365 * 5
    assert units(press, begin, begin + DAY_US).good == 2 * 24 * 5
    assert len(REDUCER.dump(state)) < 120_000


def test_lots_know_what_every_station_counted_in_them():
    opened = LotOpened(lot="l-1", order="o-1", product="a", line="line", edition=1)
    split = LotSplit(lot="l-1", new_lot="l-2", units=5, reason="r", person="p-1")
    closed = LotClosed(lot="l-1", good=12, scrapped=1, person="p-1")
    state = folded(
        REDUCER,
        (at(6), opened),
        counted(at(6), at(6, 5), 10, scrapped=1, lot="l-1"),
        counted(at(6, 5), at(6, 10), 7, lot="l-1"),
        counted(at(6, 5), at(6, 10), 2, lot="l-1", station="line.finish"),
        (at(7), split),
        (at(8), closed),
    )
    assert state.open_lots("line") == ["l-2"]
    lot = state.lots["l-1"]
    assert lot.counted == {"line.press": [18, 17, 1], "line.finish": [2, 2, 0]}
    assert (lot.closed_us, lot.good) == (at(8), 12)
    assert (state.lots["l-2"].product, state.lots["l-2"].opened_us) == ("a", at(7))


def test_a_station_that_began_within_an_hour_is_known_to_the_minute():
    press = folded(REDUCER, counted(at(8, 30), at(8, 35), 60), counted(at(8, 35), at(8, 40), 40)).stations["line.press"]
    found = units(press, at(8, 30), at(8, 40))
    assert (found.good, found.known_us) == (100, 10 * MINUTE)
    assert units(press, at(8), at(8, 30)).good is None
    assert units(press, at(8), at(9)).known_us == 10 * MINUTE
