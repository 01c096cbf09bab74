"""Which time is simulated: the contract's year, or what was asked for, as UTC instants from local dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from fabrika.errors import RunRefusedError
from fabrika.plant.model import Plant
from fabrika.twin.results import Period

DEFAULT_YEAR = 2026
"""Year that is run when neither the contract nor the user names one; without a calendar no figure depends on it."""

FIRST_YEAR, LAST_YEAR = 1971, 2200
DAYS_A_YEAR = 365
LONGEST_DAYS = 50 * DAYS_A_YEAR
US = 1_000_000
DAY_US = 86_400 * US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_us(plant: Plant, day: date) -> int:
    """Midnight at the beginning of ``day`` in plant time, microseconds since 1970 UTC."""
    local = datetime.combine(day, time(), tzinfo=plant.zone)
    return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def first_day(plant: Plant, from_date: date | None = None) -> date:
    """The day a run begins: ``from_date``, else 1 January after the contract's date, else 1 January of the default year."""
    if from_date is not None:
        if not FIRST_YEAR <= from_date.year <= LAST_YEAR:
            raise RunRefusedError(
                f"A run cannot begin on {from_date.isoformat()}.", f"Begin between {FIRST_YEAR} and {LAST_YEAR}."
            )
        return from_date
    contract = plant.contract
    if contract is not None and contract.date is not None:
        return date(contract.date.year + 1, 1, 1)
    return date(DEFAULT_YEAR, 1, 1)


def has_calendar(plant: Plant) -> bool:
    """Whether any part of the plant works by a calendar."""
    named = [plant.calendar, *(line.calendar for line in plant.lines), *(area.calendar for area in plant.areas)]
    return any(named) or any(station.calendar for line in plant.lines for station in line.stations)


def year(plant: Plant, from_date: date | None = None, *, years: int = 1, steady: bool = False) -> Period:
    """Whole years from :func:`first_day`, local midnight to local midnight; 365 x 24 h each where nothing has a calendar.

    Raises:
        RunRefusedError: ``years`` is not between 1 and 50, or the period leaves the dates that can be named.
    """
    if not 1 <= years <= LONGEST_DAYS // DAYS_A_YEAR:
        raise RunRefusedError(f"A run of {years} years cannot be made.", "Ask for 1 to 50 years.")
    start = first_day(plant, from_date)
    if not has_calendar(plant):
        begin_us = instant_us(plant, start)
        return _period(plant, begin_us, begin_us + years * DAYS_A_YEAR * DAY_US, steady=steady)
    try:
        end = start.replace(year=start.year + years)
    except ValueError:  # 29 February: the year ends on 1 March
        end = date(start.year + years, 3, 1)
    return _period(plant, instant_us(plant, start), instant_us(plant, end), steady=steady)


def days(plant: Plant, count: float, from_date: date | None = None) -> Period:
    """``count`` days from :func:`first_day`: whole days by the plant's clock, parts of a day as hours of it.

    Raises:
        RunRefusedError: ``count`` is not between 1 minute and 50 years.
    """
    if not 1 / 1440 <= count <= LONGEST_DAYS:
        raise RunRefusedError(f"A run of {count:g} days cannot be made.", "Ask for between 0.001 and 18250 days.")
    start = first_day(plant, from_date)
    whole = int(count)
    end_us = instant_us(plant, start + timedelta(days=whole)) + round((count - whole) * DAY_US)
    return _period(plant, instant_us(plant, start), end_us)


def lasting(plant: Plant, length_us: int, from_date: date | None = None) -> Period:
    """``length_us`` microseconds from :func:`first_day`."""
    begin_us = instant_us(plant, first_day(plant, from_date))
    return _period(plant, begin_us, begin_us + length_us)


def _period(plant: Plant, begin_us: int, end_us: int, *, steady: bool = False) -> Period:
    return Period(
        start_us=begin_us,
        end_us=end_us,
        warm_up_us=round(plant.warm_up_s * US),
        year_start_us=begin_us,
        steady=steady or plant.ramp_up is None,
    )
