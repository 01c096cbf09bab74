"""Working time as intervals of UTC microseconds: right on the nights of the clock change, too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fabrika.plant.model import Calendar, Plant, Shift
from fabrika.plant.quantities import text_of
from fabrika.wording import Worded, joined

DAY_WORDS = (
    Worded("mon"),
    Worded("tue"),
    Worded("wed"),
    Worded("thu"),
    Worded("fri"),
    Worded("sat"),
    Worded("sun"),
)
"""The days of the week as calendars are told."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
DAY_MIN: Final = 1440
HOUR_US: Final = 3_600_000_000
YEAR_WITHOUT_CALENDAR_US: Final = 365 * 24 * 3600 * 1_000_000
YEAR_WITHOUT_CONTRACT: Final = 2001


def instant_us(day: date, minute: int, zone: tzinfo) -> int:
    """UTC microseconds since 1970 of a local wall-clock time, ``minute`` minutes after midnight of ``day``.

    A time that exists twice is the first one; a time that does not exist is taken on the clock as it was before the
    change (PEP 495, fold 0).
    """
    days, rest = divmod(minute, DAY_MIN)
    local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=days, minutes=rest)
    return (local.astimezone(UTC) - EPOCH) // MICROSECOND


def intervals_us(calendar: Calendar, zone: tzinfo, start_us: int, end_us: int) -> NDArray[np.int64]:
    """Open time of a calendar within ``[start_us, end_us)``, UTC microseconds since 1970.

    Returns:
        int64 of shape (n, 2): begin and end of each interval, sorted, apart from each other, clipped.
    """
    pieces: list[tuple[int, int]] = []
    day = (EPOCH + start_us * MICROSECOND).astimezone(zone).date() - timedelta(days=2)
    last = (EPOCH + end_us * MICROSECOND).astimezone(zone).date() + timedelta(days=1)
    holidays = set(calendar.holidays)
    while day <= last:
        if day not in holidays and not any(first <= day <= until for first, until in calendar.shutdowns):
            pieces.extend(_day_us(calendar, zone, day))
        day += timedelta(days=1)
    return _merged(pieces, start_us, end_us)


def _day_us(calendar: Calendar, zone: tzinfo, day: date) -> list[tuple[int, int]]:
    """The pieces of working time of the shifts that begin on a day."""
    pieces = []
    for shift in calendar.shifts:
        if day.weekday() not in shift.days:
            continue
        end_min = shift.end_min + (DAY_MIN if shift.end_min <= shift.start_min else 0)
        at = instant_us(day, shift.start_min, zone)
        for start, end in shift.breaks:
            begin_min = start + (DAY_MIN if start < shift.start_min else 0)
            until_min = begin_min + ((end - start) % DAY_MIN or DAY_MIN)
            pieces.append((at, instant_us(day, begin_min, zone)))
            at = max(at, instant_us(day, until_min, zone))
        pieces.append((at, instant_us(day, end_min, zone)))
    return pieces


def _merged(pieces: list[tuple[int, int]], start_us: int, end_us: int) -> NDArray[np.int64]:
    merged: list[list[int]] = []
    for piece in sorted(pieces):
        begin, end = max(piece[0], start_us), min(piece[1], end_us)
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return np.array(merged, dtype=np.int64).reshape(-1, 2)


def open_h(calendar: Calendar | None, zone: tzinfo, start_us: int, end_us: int) -> float:
    """Open hours within ``[start_us, end_us)``; None is open around the clock."""
    if calendar is None:
        return (end_us - start_us) / HOUR_US
    return float(np.diff(intervals_us(calendar, zone, start_us, end_us), axis=1).sum()) / HOUR_US


def text_of_calendar(calendar: Calendar) -> str:
    """Its shifts, days off and warm-up in words: ``mon-fri 06:00 to 14:00 and 14:00 to 22:00, 12 holidays``."""
    parts: list[str] = []
    for days, shifts in groupby(calendar.shifts, key=lambda shift: shift.days):
        parts.append(joined([_days(days), joined([_shift(shift) for shift in shifts], " and ")], " "))
    count = len(calendar.holidays)
    if count:
        parts.append(Worded("1 holiday") if count == 1 else Worded("{count} holidays", count=count))
    count = len(calendar.shutdowns)
    if count:
        closed = sum((last - first).days + 1 for first, last in calendar.shutdowns)
        parts.append(
            Worded("1 shutdown of {days} days", days=closed)
            if count == 1
            else Worded("{count} shutdowns of {days} days in all", count=count, days=closed)
        )
    if calendar.warm_up_s:
        parts.append(
            Worded(
                "{time} to warm up after standing for {standing}",
                time=text_of(calendar.warm_up_s, "time"),
                standing=text_of(calendar.warm_up_after_s, "time"),
            )
        )
    return joined(parts, ", ")


def _days(days: tuple[int, ...]) -> str:
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return joined([DAY_WORDS[days[0]], DAY_WORDS[days[-1]]], "-")
    return joined([DAY_WORDS[day] for day in days], ", ")


def _shift(shift: Shift) -> str:
    begin, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (shift.start_min, shift.end_min))
    resting = sum((until - at) % DAY_MIN or DAY_MIN for at, until in shift.breaks)
    if resting:
        return Worded("{begin} to {end} less {rest}", begin=begin, end=end, rest=text_of(60.0 * resting, "time"))
    return Worded("{begin} to {end}", begin=begin, end=end)


def year_us(plant: Plant, from_date: date | None = None) -> tuple[int, int]:
    """Begin and end of the year that is looked at, UTC microseconds since 1970.

    From 1 January to 1 January plant time of the year after the contract's date, or from ``from_date`` to the same day
    of the next year (29 February: to 1 March). Without a contract's date the year is 2001, an ordinary year that begins
    on a Monday. Without any calendar in the plant the year has exactly 365 x 24 h from its begin.
    """
    signed = plant.contract.date if plant.contract is not None else None
    begin = from_date or date(signed.year + 1 if signed is not None else YEAR_WITHOUT_CONTRACT, 1, 1)
    start_us = instant_us(begin, 0, plant.zone)
    if not plant.calendars:
        return start_us, start_us + YEAR_WITHOUT_CALENDAR_US
    leap_day = (begin.month, begin.day) == (2, 29)
    end = date(begin.year + 1, 3, 1) if leap_day else begin.replace(year=begin.year + 1)
    return start_us, instant_us(end, 0, plant.zone)
