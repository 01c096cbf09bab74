"""A station's counts for years: packed, late ones put where they belong, counters of any instant and unit, snapshots alike."""

from __future__ import annotations

import random

from fabrika.events.house import AlarmCleared
from fabrika.events.inventory import BalanceClosed, Consumed, Received, Shipped
from fabrika.events.production import LotMerged, LotOpened, LotSplit, Passed, ToolChanged
from fabrika.operations.genealogy.series import ENTERED, GOOD, LEFT, ROWS, Series, Totals
from fabrika.operations.genealogy.state import REDUCER
from operations.told import MINUTE, at, changed, counted, facts, folded

SPAN = 5 * MINUTE


def rows(number: int, seed: int = 1):
    rng = random.Random(seed)
    found = []
    for place in range(number):
        good, scrapped = rng.randint(0, 60), rng.randint(0, 2)
        marks = tuple(sorted(rng.sample(range(1, good + scrapped + 1), scrapped))) if place % 3 else ()
        found.append((place * SPAN, (place + 1) * SPAN, good + scrapped, good, scrapped, marks))
    return found


def series_of(told) -> Series:
    series = Series()
    for row in told:
        assert series.add(row)
    return series


def test_every_counter_of_every_unit_is_found_again_after_packing():
    told = rows(3 * ROWS + 17)
    series = series_of(told)
    assert len(series.blocks) == 2
    entered = good = left = 0
    for row in told:
        for column, number, total in ((ENTERED, row[2], entered), (GOOD, row[3], good), (LEFT, row[3] + row[4], left)):
            for place in {total + 1, total + number} if number else ():
                step = series.of_unit(place, column)
                assert (step.from_us, step.to_us, step.marks) == (row[0], row[1], row[5])
        entered, good, left = entered + row[2], good + row[3], left + row[3] + row[4]
        assert series.at(row[1]) == (Totals(entered, good, left - good),) * 2
    assert series.of_unit(entered + 1, ENTERED) is None
    assert series.of_unit(0, GOOD) is None


def test_a_count_that_comes_late_stands_where_it_belongs():
    told = rows(2 * ROWS + 40)
    for missing in (3, ROWS - 1, ROWS, 2 * ROWS + 5):
        late = series_of(told[:missing] + told[missing + 1 :])
        assert late.add(told[missing])
        whole = series_of(told)
        assert [late.at(row[1]) for row in told] == [whole.at(row[1]) for row in told], missing
        assert late.totals == whole.totals
        assert not late.add(told[missing]), "it was counted"


def test_between_counts_a_counter_is_known_within_bounds():
    series = series_of([(0, SPAN, 10, 9, 1, ()), (2 * SPAN, 3 * SPAN, 5, 5, 0, ())])
    assert series.at(SPAN // 2) == (Totals(0, 0, 0), Totals(10, 9, 1))
    assert series.at(SPAN + 1) == (Totals(10, 9, 1), Totals(10, 9, 1))
    assert series.at(9 * SPAN) == (Totals(15, 14, 1),) * 2
    assert Series().at(5) == (Totals(0, 0, 0),) * 2


def a_day():
    told = [
        (at(6), LotOpened(lot="L-1", order="o", product="p", line="line", edition=1)),
        (at(6), LotOpened(lot="L-2", order="o", product="p", line="line", edition=1)),
        (at(6), Received(material_lot="M-1", material="wire", quantity=9, location="store", person="p-1")),
        (at(6), Consumed(subject="M-1", station="line.press", quantity=1, passed=Passed(entered=0, good=0))),
        (at(6), ToolChanged(station="line.press", tool="T-1", person="p-1")),
    ]
    told += [counted(at(6 + n), at(7 + n), 100, lot="L-1" if n < 3 else "L-2", scrapped=n) for n in range(6)]
    told += [
        changed(at(8), "down", mode="jam"),
        changed(at(9), "processing"),
        (at(13), LotSplit(lot="L-2", new_lot="L-2.1", units=10, reason="r", person="p-1")),
        (at(13), LotMerged(lot="L-2.1", into="L-1", units=10, reason="r", person="p-1")),
        (at(13), Shipped(shipment="S-1", lot="L-1", units=300, receiver="somebody", person="p-1")),
    ]
    return told


def test_what_is_told_of_a_day():
    state = folded(REDUCER, *a_day())
    assert state.counted("L-1", "line.press") == Totals(303, 300, 3)
    assert state.counted("L-2", "line.press") == Totals(312, 300, 12)
    assert [stop.mode for stop in state.stations["line.press"].stops.within(at(6), at(14))] == ["jam"]
    assert state.places == {"M-1": ["line.press"], "T-1": ["line.press"]}
    assert [kin.other for kin in state.lots["L-2"].gave] == ["L-2.1"]
    assert state.shipments["S-1"].units == {"L-1": 300}


def test_a_snapshot_gives_the_same_state():
    state = folded(REDUCER, *a_day())
    assert REDUCER.dump(REDUCER.load(REDUCER.dump(state))) == REDUCER.dump(state)
    closed = BalanceClosed(
        lot="L-1", entered=1, good=1, scrapped=0, sampled=0, in_process=0, unaccounted=0, tolerated=0, person="p-1"
    )
    for fact in facts((at(14), closed), (at(14), AlarmCleared(alarm="a", person="p-1", reason="r"))):
        REDUCER.apply(state, fact)
    assert REDUCER.load(REDUCER.dump(state)).balances["L-1"].person == "p-1"
