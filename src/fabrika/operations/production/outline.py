"""What production needs to know of a plant again and again: its lines and stations by id, and what the contract asks for."""

from __future__ import annotations

from typing import NamedTuple

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.operations.production.times import Hours
from fabrika.plant.calendar import EPOCH, MICROSECOND, instant_us, open_h
from fabrika.plant.flow import Flow
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Calendar, Line, Plant, Station
from fabrika.plant.reasons import reasons_at
from fabrika.plant.shifts import calendar_at
from fabrika.plant.summary import rates
from fabrika.wording import Worded


class Place(NamedTuple):
    """A station where it stands.

    Attributes:
        path: ``line.station``.
        area: its own, else its line's.
    """

    path: str
    line: Line
    station: Station
    hours: Hours
    area: str | None


class Outline:
    """See the module.

    Args:
        plant: the edition in force.

    Attributes:
        places: stations by ``line.station``, in the order of the file.
        pieces: pieces in one good unit out of a line's counting station, by line.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.lines = {line.id: line for line in plant.lines}
        self.places = {
            f"{line.id}.{station.id}": Place(
                f"{line.id}.{station.id}",
                line,
                station,
                Hours(calendar_at(plant, line, station), plant.zone),
                station.area or line.area,
            )
            for line in plant.lines
            for station in line.stations
        }
        flow = Flow(plant)
        self.exits = {path.split(".")[0] for path in flow.exits}
        taken = {rate.path: rate.pieces for rate in rates(plant)}
        self.pieces = {line.id: self._pieces(line, taken) for line in plant.lines}
        self._years: dict[int, float] = {}

    def line(self, name: str) -> Line:
        """The line of an id; :class:`NotFoundError` if there is none."""
        if name not in self.lines:
            raise NotFoundError(Worded("The plant has no line {line}.", line=name))
        return self.lines[name]

    def place(self, path: str) -> Place:
        """The station of a ``line.station``; :class:`NotFoundError` if there is none."""
        if path not in self.places:
            raise NotFoundError(Worded("The plant has no station {station}.", station=path))
        return self.places[path]

    def counting(self, line: Line) -> Place:
        """The station whose good units are the line's: the last that is no transport."""
        last = next((station for station in reversed(line.stations) if not _carries(station)), line.stations[-1])
        return self.places[f"{line.id}.{last.id}"]

    def modes(self, path: str) -> tuple[str, ...]:
        """What a stop of a station can be coded as: its modes and planned stops, what stops its area, and the plant's reasons."""
        place = self.place(path)
        own = [mode.id for mode in place.station.fails] + [stop.id for stop in place.station.stops]
        outages = [outage.id for outage in self.plant.outages if outage.area in {None, place.area}]
        supplies = [supply.id for supply in self.plant.supplies if path in supply.stations]
        reasons = [reason.id for _, group in reasons_at(self.plant, "stop", path) for reason in group]
        return tuple(dict.fromkeys([*own, *outages, *supplies, *reasons]))

    def check_mode(self, path: str, mode: str) -> None:
        """A stop of a station can be coded so; :class:`ActRefusedError` if not."""
        allowed = self.modes(path)
        if mode not in allowed:
            raise ActRefusedError(
                Worded("The station {station} does not stop in the mode {mode}.", station=path, mode=mode),
                Worded("Choose one of: {names}.", names=", ".join(allowed) or "-"),
            )

    def _pieces(self, line: Line, taken: dict[str, float]) -> float:
        place = self.counting(line)
        packed = place.station.size if KINDS[place.station.kind].primitive == "packing" else 1
        return taken.get(place.path, 1.0) * packed

    def plan(self, line: Line, from_us: int, to_us: int) -> float | None:
        """Good pieces that the contract wants of a line in an interval, if the year's output came evenly over its open hours.

        None where there is no contract, or several lines share it.
        """
        contract = self.plant.contract
        if contract is None or self.exits != {line.id} or to_us <= from_us:
            return None
        calendar = self._contract_calendar(line)
        year_h = self._year_h(calendar, from_us)
        return contract.units_per_year * open_h(calendar, self.plant.zone, from_us, to_us) / year_h if year_h else None

    def _contract_calendar(self, line: Line) -> Calendar | None:
        return self.counting(line).hours.calendar

    def _year_h(self, calendar: Calendar | None, at_us: int) -> float:
        """Open hours of the calendar year of an instant."""
        zone = self.plant.zone
        first = (EPOCH + at_us * MICROSECOND).astimezone(zone).date().replace(month=1, day=1)
        if first.year not in self._years:
            start_us, end_us = instant_us(first, 0, zone), instant_us(first.replace(year=first.year + 1), 0, zone)
            self._years[first.year] = open_h(calendar, zone, start_us, end_us)
        return self._years[first.year]


def _carries(station: Station) -> bool:
    return KINDS[station.kind].primitive == "transport"


_last: list[Outline] = []


def outline(plant: Plant) -> Outline:
    """The outline of a plant; the last one is kept, as one edition is in force for long."""
    if not _last or _last[0].plant is not plant:
        _last[:] = [Outline(plant)]
    return _last[0]
