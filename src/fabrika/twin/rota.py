"""Who works when: the shifts of a plant's calendars as instants, and an invented person for each line and shift.

Persons are ids only (``p-001``); nobody real stands behind them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from fabrika.plant.calendar import EPOCH, MICROSECOND, instant_us
from fabrika.twin.timelines import calendar_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.plant.model import Calendar, Line, Plant

DAY_MIN = 1440


@dataclass(frozen=True, slots=True, order=True)
class Duty:
    """One shift of one day.

    Attributes:
        from_us, to_us: microseconds since 1970 UTC, breaks included.
        shift: number of the shift in its calendar, 0 for the first.
    """

    from_us: int
    to_us: int
    shift: int


def duties(calendar: Calendar, plant: Plant, from_us: int, to_us: int) -> list[Duty]:
    """The shifts of a calendar that overlap a time, in order."""
    day = (EPOCH + from_us * MICROSECOND).astimezone(plant.zone).date() - timedelta(days=1)
    last = (EPOCH + to_us * MICROSECOND).astimezone(plant.zone).date()
    found = []
    while day <= last:
        found += [duty for duty in _of_day(calendar, plant, day) if duty.to_us > from_us and duty.from_us < to_us]
        day += timedelta(days=1)
    return sorted(found)


def _of_day(calendar: Calendar, plant: Plant, day: date) -> Iterator[Duty]:
    if day in calendar.holidays or any(first <= day <= until for first, until in calendar.shutdowns):
        return
    for number, shift in enumerate(calendar.shifts):
        if day.weekday() in shift.days:
            end_min = shift.end_min + (DAY_MIN if shift.end_min <= shift.start_min else 0)
            yield Duty(
                instant_us(day, shift.start_min, plant.zone),
                instant_us(day, end_min, plant.zone),
                _slot(calendar, number),
            )


def _slot(calendar: Calendar, number: int) -> int:
    """Shifts at the same hours on other days are the same people's."""
    shift = calendar.shifts[number]
    hours = list(dict.fromkeys((other.start_min, other.end_min) for other in calendar.shifts))
    return hours.index((shift.start_min, shift.end_min))


class Rota:
    """The shifts of every line within a time, and who works in them.

    Args:
        from_us, to_us: microseconds since 1970 UTC.

    Attributes:
        persons: everybody, with the role that they have, or None where the plant names none that fits.
        role: what an operator signs on as; ``role_granted`` is it where the plant has such a role, else None.
    """

    def __init__(self, plant: Plant, from_us: int, to_us: int) -> None:
        self.role = _role(plant) or "operator"
        self._calendars = {line.id: _of_line(plant, line) for line in plant.lines}
        named = {calendar.id: calendar for calendar in plant.calendars}
        self._duties = {
            name: duties(named[name], plant, from_us, to_us)
            for name in set(self._calendars.values())
            if name is not None
        }
        self._begins = {name: [duty.from_us for duty in found] for name, found in self._duties.items()}
        self._persons: dict[tuple[str, int], str] = {}
        for line in plant.lines:
            calendar = self._calendars[line.id]
            slots = 1 + max((duty.shift for duty in self._duties.get(calendar or "", [])), default=0)
            for slot in range(slots):
                self._persons[line.id, slot] = f"p-{len(self._persons) + 1:03d}"
        self.role_granted = _role(plant)
        self.persons: dict[str, str | None] = dict.fromkeys(self._persons.values(), self.role_granted)

    def slots(self, line: str) -> int:
        """How many shifts of different hours a line has, 1 where it works around the clock."""
        return sum(of_line == line for of_line, _ in self._persons)

    def of_lines(self) -> tuple[str, ...]:
        """The person of each line and shift."""
        return tuple(self._persons.values())

    def of_line(self, line: str) -> list[Duty]:
        """The shifts of a line, in order; none where it works around the clock."""
        return self._duties.get(self._calendars[line] or "", [])

    def shift_name(self, line: str, duty: Duty) -> str:
        """The id of a shift: its calendar's and its number, from 1 on."""
        return f"{self._calendars[line]}.{duty.shift + 1}"

    def person(self, line: str, duty: Duty | None) -> str:
        """Who works on a line in a shift."""
        return self._persons[line, duty.shift if duty is not None else 0]

    def duty_at(self, line: str, at_us: int) -> Duty | None:
        """The shift of a line at an instant; None between shifts, and where it works around the clock."""
        found = self.of_line(line)
        place = bisect_right(self._begins.get(self._calendars[line] or "", []), at_us) - 1
        return found[place] if place >= 0 and at_us < found[place].to_us else None

    def at_work(self, line: str, at_us: int) -> tuple[str, int]:
        """Who can first do something on a line from an instant on, and when: at once, or as the next shift begins."""
        found = self.of_line(line)
        if not found:
            return self.person(line, None), at_us
        place = bisect_right(self._begins[self._calendars[line] or ""], at_us) - 1
        if place >= 0 and at_us < found[place].to_us:
            return self.person(line, found[place]), at_us
        later = found[min(place + 1, len(found) - 1)]
        return self.person(line, later), max(at_us, later.from_us)

    def begins_us(self) -> set[int]:
        """Instants at which shifts begin or end."""
        return {at for found in self._duties.values() for duty in found for at in (duty.from_us, duty.to_us)}


def _of_line(plant: Plant, line: Line) -> str | None:
    return calendar_of(plant, line, line.stations[0])


def _role(plant: Plant) -> str | None:
    """The role of those who report production and may do the least else."""
    able = [role for role in plant.roles if "report_production" in role.may]
    return min(able, key=lambda role: len(role.may)).id if able else None
