"""Working time is right in summer, in winter and on the nights between.

Clock changes of Europe/Belgrade (EU Directive 2000/84/EC: last Sundays of March and October, 01:00 UTC): 2026-03-29 and
2026-10-25.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabrika.plant.calendar import intervals_us, open_h, text_of_calendar, year_us
from fabrika.plant.model import Calendar, Contract, Line, Plant, Shift

BELGRADE = ZoneInfo("Europe/Belgrade")
HOUR_US = 3_600_000_000
ALL_DAYS = tuple(range(7))
NIGHT = Calendar("night", (Shift(ALL_DAYS, 22 * 60, 6 * 60),))


def utc_us(*parts: int) -> int:
    """Microseconds since 1970 of a UTC date and time."""
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc]


def hours(calendar: Calendar, start: int, end: int) -> float:
    """Open hours between two instants."""
    return float(np.diff(intervals_us(calendar, BELGRADE, start, end), axis=1).sum()) / HOUR_US


@pytest.mark.parametrize(("evening", "length"), [((2026, 3, 28), 7), ((2026, 10, 24), 9), ((2026, 6, 1), 8)])
def test_a_night_shift_has_seven_eight_or_nine_hours(evening: tuple[int, int, int], length: int) -> None:
    start = utc_us(*evening, 18)
    assert hours(NIGHT, start, start + 14 * HOUR_US) == length


def test_a_shift_begins_at_local_time_on_both_sides_of_the_change() -> None:
    day = Calendar("day", (Shift(ALL_DAYS, 6 * 60, 14 * 60),))
    found = intervals_us(day, BELGRADE, utc_us(2026, 3, 28), utc_us(2026, 3, 30))
    assert found.tolist() == [
        [utc_us(2026, 3, 28, 5), utc_us(2026, 3, 28, 13)],
        [utc_us(2026, 3, 29, 4), utc_us(2026, 3, 29, 12)],
    ]
    assert found.dtype == np.int64


def test_shifts_that_touch_are_one_interval_and_all_day_is_the_whole_year() -> None:
    around = Calendar("around", (Shift(ALL_DAYS, 0, 720), Shift(ALL_DAYS, 720, 1440)))
    start, end = utc_us(2026, 1, 1), utc_us(2027, 1, 1)
    assert intervals_us(around, BELGRADE, start, end).tolist() == [[start, end]]
    full = Calendar("full", (Shift(ALL_DAYS, 360, 360),))
    assert intervals_us(full, BELGRADE, start, end).tolist() == [[start, end]]


def test_shifts_that_meet_inside_the_repeated_hour_leave_no_gap() -> None:
    split = Calendar("split", (Shift(ALL_DAYS, 22 * 60, 150), Shift(ALL_DAYS, 150, 6 * 60)))
    start = utc_us(2026, 10, 24, 18)
    assert hours(split, start, start + 14 * HOUR_US) == 9
    assert len(intervals_us(split, BELGRADE, start, start + 14 * HOUR_US)) == 1


def test_a_shift_in_the_hour_that_does_not_exist_is_dropped_or_short() -> None:
    odd = Calendar("odd", (Shift((6,), 2 * 60 + 45, 3 * 60 + 15),))
    assert hours(odd, utc_us(2026, 3, 28), utc_us(2026, 3, 30)) == 0
    assert hours(odd, utc_us(2026, 4, 4), utc_us(2026, 4, 6)) == 0.5


def test_breaks_before_and_after_midnight() -> None:
    shift = Shift((0,), 22 * 60, 6 * 60, ((23 * 60, 23 * 60 + 30), (60, 90)))
    found = intervals_us(Calendar("night", (shift,)), UTC, utc_us(2026, 6, 1), utc_us(2026, 6, 8))
    assert ((found - utc_us(2026, 6, 1)) / HOUR_US).tolist() == [[22, 23], [23.5, 25], [25.5, 30]]


def test_a_shift_belongs_to_the_day_on_which_it_begins() -> None:
    week = Calendar("week", (Shift((0, 1, 2, 3, 4), 22 * 60, 6 * 60),), holidays=(date(2026, 6, 2),))
    found = intervals_us(week, UTC, utc_us(2026, 6, 1), utc_us(2026, 6, 8))
    assert [begin // (24 * HOUR_US) - utc_us(2026, 6, 1) // (24 * HOUR_US) for begin in found[:, 0].tolist()] == [
        0,
        2,
        3,
        4,
    ]


def test_shutdowns_include_both_ends() -> None:
    day = Calendar("day", (Shift(ALL_DAYS, 360, 840),), shutdowns=((date(2026, 8, 1), date(2026, 8, 14)),))
    assert hours(day, utc_us(2026, 8, 1), utc_us(2026, 8, 31, 22)) == 17 * 8


def test_intervals_are_clipped() -> None:
    start = utc_us(2026, 6, 1, 23)
    assert intervals_us(NIGHT, UTC, start, start + HOUR_US).tolist() == [[start, start + HOUR_US]]
    assert intervals_us(NIGHT, UTC, utc_us(2026, 6, 1, 10), utc_us(2026, 6, 1, 11)).shape == (0, 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 8760), st.integers(1, 24 * 40), st.integers(1, 24 * 40))
def test_time_adds_up_over_any_cut(begin: int, first: int, second: int) -> None:
    start = utc_us(2026, 1, 1) + begin * HOUR_US
    middle, end = start + first * HOUR_US, start + (first + second) * HOUR_US
    assert hours(NIGHT, start, middle) + hours(NIGHT, middle, end) == pytest.approx(hours(NIGHT, start, end))
    found = intervals_us(NIGHT, BELGRADE, start, end).ravel()
    assert (np.diff(found) > 0).all()


def plant(signed: date | None, *calendars: Calendar) -> Plant:
    """A plant that has only what a year needs."""
    return Plant("p", "p", BELGRADE, "Europe/Belgrade", (Line("l", ()),), None, Contract(5, signed), calendars)


def test_the_year_after_the_contract() -> None:
    assert year_us(plant(date(2025, 12, 17), NIGHT)) == (utc_us(2025, 12, 31, 23), utc_us(2026, 12, 31, 23))


def test_the_year_without_a_date_begins_on_a_monday() -> None:
    start, end = year_us(plant(None, NIGHT))
    assert start == utc_us(2000, 12, 31, 23)
    assert date(2001, 1, 1).weekday() == 0
    assert end - start == 365 * 24 * HOUR_US


def test_the_year_without_a_calendar_has_8760_hours_even_in_a_leap_year() -> None:
    start, end = year_us(plant(date(2027, 5, 1)))
    assert start == utc_us(2027, 12, 31, 23)
    assert end - start == 8760 * HOUR_US


def test_a_year_from_another_day() -> None:
    assert year_us(plant(None, NIGHT), date(2026, 7, 1)) == (utc_us(2026, 6, 30, 22), utc_us(2027, 6, 30, 22))
    assert year_us(plant(None, NIGHT), date(2028, 2, 29))[1] == utc_us(2029, 2, 28, 23)


WEEKDAYS = (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("calendar", "text"),
    [
        (Calendar("c", (Shift(WEEKDAYS, 360, 840),)), "mon-fri 06:00 to 14:00"),
        (
            Calendar("c", (Shift(WEEKDAYS, 360, 840, ((600, 630),)), Shift(WEEKDAYS, 840, 1320))),
            "mon-fri 06:00 to 14:00 less 30 min and 14:00 to 22:00",
        ),
        (
            Calendar("c", (Shift((0, 2), 1320, 360), Shift((5,), 360, 1440)), (date(2026, 1, 1),)),
            "mon, wed 22:00 to 06:00, sat 06:00 to 24:00, 1 holiday",
        ),
        (
            Calendar("c", (Shift((0, 1), 0, 0),), (), ((date(2026, 8, 3), date(2026, 8, 16)),), 1200.0, 28_800.0),
            "mon, tue 00:00 to 00:00, 1 shutdown of 14 days, 20 min to warm up after standing for 8 h",
        ),
    ],
)
def test_a_calendar_in_words(calendar: Calendar, text: str) -> None:
    assert text_of_calendar(calendar) == text


def test_without_a_calendar_a_year_is_open_all_the_time() -> None:
    assert open_h(None, UTC, 0, 24 * HOUR_US) == 24
    # one week: five days of eight hours
    week = (utc_us(2026, 1, 5, 0), utc_us(2026, 1, 12, 0))
    assert open_h(Calendar("c", (Shift(WEEKDAYS, 360, 840),)), UTC, *week) == 40
