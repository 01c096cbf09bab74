"""Which shift an instant lies in, on the plant's own clock."""

from __future__ import annotations

from datetime import date, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from fabrika.plant.calendar import DAY_MIN, EPOCH, MICROSECOND, instant_us
from fabrika.plant.model import Calendar, Line, Plant, Shift, Station
from fabrika.plant.summary import calendar_of
from fabrika.wording import Worded

FURTHEST_DAYS = 40
"""Days that are looked back for the last shift."""


class ShiftTime(NamedTuple):
    """A shift as it lies on the time line.

    Attributes:
        start_us, end_us: half open, microseconds since 1970 UTC; breaks are not taken out.
        name: ``06:00 to 14:00``; None for a day of a plant without shifts.
        now: whether the instant that was asked about lies in it; else it is the last shift before.
    """

    start_us: int
    end_us: int
    name: str | None
    now: bool


def day_us(zone: tzinfo, at_us: int) -> tuple[int, int]:
    """Begin and end of the plant's day around an instant: 23, 24 or 25 hours, microseconds since 1970 UTC."""
    return _day(zone, (EPOCH + at_us * MICROSECOND).astimezone(zone).toordinal())


@lru_cache(maxsize=512)
def _day(zone: tzinfo, ordinal: int) -> tuple[int, int]:
    day = date.fromordinal(ordinal)
    return instant_us(day, 0, zone), instant_us(day + timedelta(days=1), 0, zone)


def shift_at(calendar: Calendar | None, zone: tzinfo, at_us: int) -> ShiftTime:
    """The shift around an instant, or the last one before; the plant's day where there are no shifts."""
    begin_us, end_us = day_us(zone, at_us)
    if calendar is None:
        return ShiftTime(begin_us, end_us, None, now=True)
    today = (EPOCH + at_us * MICROSECOND).astimezone(zone).date()
    for back in range(FURTHEST_DAYS):
        day = today - timedelta(days=back)
        if day in calendar.holidays or any(first <= day <= last for first, last in calendar.shutdowns):
            continue
        begun = [found for found in _shifts_of(calendar, zone, day.toordinal()) if found[0] <= at_us]
        if begun:
            start_us, until_us, shift = max(begun, key=lambda found: found[0])
            return ShiftTime(start_us, until_us, _named(shift), now=at_us < until_us)
    return ShiftTime(begin_us, end_us, None, now=False)


def calendar_at(plant: Plant, line: Line, station: Station | None = None) -> Calendar | None:
    """The calendar that holds for a station, or for the last station of a line; None if it is always open."""
    wanted = calendar_of(plant, line, station or line.stations[-1])
    return next((calendar for calendar in plant.calendars if calendar.id == wanted), None)


@lru_cache(maxsize=512)
def _shifts_of(calendar: Calendar, zone: tzinfo, ordinal: int) -> tuple[tuple[int, int, Shift], ...]:
    day = date.fromordinal(ordinal)
    found = []
    for shift in calendar.shifts:
        if day.weekday() in shift.days:
            end_min = shift.end_min + (DAY_MIN if shift.end_min <= shift.start_min else 0)
            found.append((instant_us(day, shift.start_min, zone), instant_us(day, end_min, zone), shift))
    return tuple(found)


def _named(shift: Shift) -> str:
    begin, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (shift.start_min, shift.end_min))
    return Worded("{begin} to {end}", begin=begin, end=end)
