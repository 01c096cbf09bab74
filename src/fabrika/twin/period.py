"""Which time is simulated: the contract's year, or what was asked for, as UTC instants from local dates."""

from __future__ import annotations

from datetime import date, timedelta

from fabrika.errors import RunRefusedError
from fabrika.plant.calendar import YEAR_WITHOUT_CONTRACT, intervals_us, year_us
from fabrika.plant.calendar import instant_us as wall_clock_us
from fabrika.plant.model import Plant
from fabrika.twin.results import Period

FIRST_YEAR, LAST_YEAR = 1971, 2200
DAYS_A_YEAR = 365
LONGEST_DAYS = 50 * DAYS_A_YEAR
US = 1_000_000
DAY_US = 86_400 * US


def instant_us(plant: Plant, day: date) -> int:
    """Midnight at the beginning of ``day`` in plant time, microseconds since 1970 UTC."""
    return wall_clock_us(day, 0, plant.zone)


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
    return date(YEAR_WITHOUT_CONTRACT, 1, 1)


def year(plant: Plant, from_date: date | None = None, *, years: int = 1, steady: bool = False) -> Period:
    """Whole years from :func:`first_day`, local midnight to local midnight; 365 x 24 h each where the plant has no calendar.

    Raises:
        RunRefusedError: ``years`` is not between 1 and 50, or the period leaves the dates that can be named.
    """
    if not 1 <= years <= LONGEST_DAYS // DAYS_A_YEAR:
        raise RunRefusedError(f"A run of {years} years cannot be made.", "Ask for 1 to 50 years.")
    start = first_day(plant, from_date)
    begin_us, end_us = year_us(plant, start)
    if years > 1 and not plant.calendars:
        end_us = begin_us + years * (end_us - begin_us)
    elif years > 1:
        last = start.year + years
        leap_day = (start.month, start.day) == (2, 29)
        end_us = instant_us(plant, date(last, 3, 1) if leap_day else start.replace(year=last))
    return _period(plant, begin_us, end_us, steady=steady)


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


def since(plant: Plant, begin_us: int, length_us: int) -> Period:
    """``length_us`` microseconds from an instant on."""
    return _period(plant, begin_us, begin_us + length_us)


def contractual_ns(plant: Plant, span: Period) -> int:
    """Open time of the contractual calendar within a period, ns; the whole period where the contract names none."""
    contract = plant.contract
    calendar = next((row for row in plant.calendars if contract is not None and row.id == contract.calendar), None)
    if calendar is None:
        return span.window_ns
    opened = intervals_us(calendar, plant.zone, span.start_us, span.end_us)
    return int((opened[:, 1] - opened[:, 0]).sum()) * 1000


def _period(plant: Plant, begin_us: int, end_us: int, *, steady: bool = False) -> Period:
    return Period(
        start_us=begin_us,
        end_us=end_us,
        warm_up_us=round(plant.warm_up_s * US),
        year_start_us=begin_us,
        steady=steady or plant.ramp_up is None,
    )
