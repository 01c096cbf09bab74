"""States over time: no hole, no time twice, and silence is unknown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fabrika.operations.production.state import REDUCER, StationState
from fabrika.operations.production.times import SILENT_US, Hours, now, spans
from fabrika.operations.production.units import state_times
from operations.told import HOUR, MINUTE, ZONE, at, changed, counted, folded, plant

DAY_SHIFT = Hours(plant().calendars[0], ZONE)
ALWAYS = Hours(None, ZONE)


def press(*told) -> StationState:
    return folded(REDUCER, *told).stations["line.press"]


def told_every_five_minutes(from_us, to_us):
    return [counted(begin, begin + 5 * MINUTE, 3) for begin in range(from_us, to_us, 5 * MINUTE)]


def in_short(found):
    return [(span.state, (span.from_us - at(0)) // MINUTE, (span.to_us - at(0)) // MINUTE) for span in found]


def test_a_morning_as_it_was_told():
    state = press(
        changed(at(6), "processing"),
        *told_every_five_minutes(at(6), at(7)),
        changed(at(6, 20), "down", mode="jam"),
        changed(at(6, 30), "processing"),
    )
    assert in_short(spans(state, DAY_SHIFT, at(5), at(7))) == [
        ("unknown", 300, 360),
        ("processing", 360, 380),
        ("down", 380, 390),
        ("processing", 390, 420),
    ]
    found = now(state, DAY_SHIFT, at(6, 25))
    assert (found.state, found.since_us, found.mode, found.silent) == ("down", at(6, 20), "jam", False)


def test_a_station_that_is_silent_is_unknown_from_what_it_told_last():
    state = press(
        changed(at(6), "processing"),
        *told_every_five_minutes(at(6), at(7)),
        *told_every_five_minutes(at(8), at(9)),
    )
    assert in_short(spans(state, DAY_SHIFT, at(6), at(9))) == [
        ("processing", 360, 420),
        ("unknown", 420, 480),
        ("processing", 480, 540),
    ]
    late = at(9) + SILENT_US
    assert now(state, DAY_SHIFT, late).state == "processing"
    found = now(state, DAY_SHIFT, late + 1)
    assert (found.state, found.since_us, found.silent) == ("unknown", at(9), True)
    assert state_times(state, DAY_SHIFT, at(6), at(9))["unknown"] == HOUR


def test_one_count_that_is_missing_is_no_silence():
    state = press(changed(at(6), "processing"), counted(at(6), at(6, 5), 3), counted(at(6, 10), at(6, 15), 3))
    assert in_short(spans(state, ALWAYS, at(6), at(6, 15))) == [("processing", 360, 375)]


def test_a_station_off_shift_may_be_silent_until_its_calendar_opens():
    state = press(
        changed(at(6), "processing"),
        *told_every_five_minutes(at(6), at(14)),
        changed(at(14), "off_shift"),
    )
    assert now(state, DAY_SHIFT, at(23)).state == "off_shift"
    assert now(state, DAY_SHIFT, at(6, 5, day=3)).state == "off_shift"
    found = now(state, DAY_SHIFT, at(7, day=3))
    assert (found.state, found.since_us, found.silent) == ("unknown", at(6, day=3), True)
    assert in_short(spans(state, DAY_SHIFT, at(13), at(7, day=3))) == [
        ("processing", 780, 840),
        ("off_shift", 840, 1800),
        ("unknown", 1800, 1860),
    ]
    assert now(state, ALWAYS, at(23)).silent


def test_what_never_told_anything_is_unknown():
    assert now(None, ALWAYS, at(8)).state == "unknown"
    assert in_short(spans(StationState(), ALWAYS, at(6), at(7))) == [("unknown", 360, 420)]
    assert state_times(None, ALWAYS, at(6), at(7)) == {"unknown": HOUR}


def test_short_states_that_only_the_counts_tell_are_in_the_times():
    five = 5 * MINUTE
    state = press(
        changed(at(6), "processing"),
        counted(at(6), at(6, 5), 3, times={"processing": five - 20_000_000, "down": 20_000_000}),
        counted(at(6, 5), at(6, 10), 3),
    )
    assert state_times(state, ALWAYS, at(6), at(6, 10)) == {"processing": 2 * five - 20_000_000, "down": 20_000_000}


@given(st.data())
def test_times_add_up_and_strips_have_no_hole(data):
    at_us, told = at(0), []
    for _ in range(data.draw(st.integers(0, 25))):
        if data.draw(st.booleans()):
            length = data.draw(st.integers(1, 40 * MINUTE))
            short = data.draw(st.integers(0, length))
            told.append(counted(at_us, at_us + length, 1, times={"processing": length - short, "down": short}))
            at_us += length
        else:
            told.append(changed(at_us, data.draw(st.sampled_from(["down", "off_shift", "processing"]))))
        at_us += data.draw(st.sampled_from([0, 0, MINUTE, HOUR]))
    state = folded(REDUCER, *told).stations.get("line.press", StationState())
    begin = data.draw(st.integers(at(0) - HOUR, at_us))
    end = begin + data.draw(st.integers(1, 9 * HOUR))
    for hours in (ALWAYS, DAY_SHIFT):
        strip = spans(state, hours, begin, end)
        assert [strip[0].from_us, *(span.to_us for span in strip)] == [*(span.from_us for span in strip), end]
        assert strip[0].from_us == begin
        assert all(span.from_us < span.to_us for span in strip)
        assert sum(state_times(state, hours, begin, end).values()) == end - begin


def test_a_conveyor_that_tells_counts_alone_is_off_shift_when_its_calendar_is_closed():
    state = press(*told_every_five_minutes(at(6), at(14)), counted(at(14), at(14, 5), 0))
    assert [now(state, DAY_SHIFT, at(hour)).state for hour in (7, 20)] == ["processing", "off_shift"]
    assert not now(state, DAY_SHIFT, at(23)).silent
    assert now(state, DAY_SHIFT, at(7, day=3)).silent
    assert [span.state for span in spans(state, DAY_SHIFT, at(6), at(14))] == ["processing"]


def test_what_is_older_than_the_details_is_told_by_its_sums_and_calls_nobody():
    told = [
        counted(begin, begin + 5 * MINUTE, 3, times={"processing": 4 * MINUTE, "down": MINUTE})
        for begin in range(at(6), at(6, day=8), 5 * MINUTE)
    ]
    state = press(changed(at(6), "processing"), *told)
    assert state.whole_us > at(6, day=5)
    found = now(state, ALWAYS, at(8))
    assert (found.state, found.since_us, found.silent) == ("unknown", None, False)
    assert in_short(spans(state, ALWAYS, at(7), at(9))) == [("unknown", 420, 540)]
    assert state_times(state, ALWAYS, at(7), at(9)) == {"processing": 96 * MINUTE, "down": 24 * MINUTE}
    across = state_times(state, ALWAYS, state.whole_us - HOUR, state.whole_us + HOUR)
    assert across == {"processing": 96 * MINUTE, "down": 24 * MINUTE}
