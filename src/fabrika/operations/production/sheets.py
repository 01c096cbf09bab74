"""The shift's form on paper: what is written down by hand while all is dark, and entered later with its own time."""

from __future__ import annotations

from msgspec import Struct

from fabrika.operations.production.outline import Outline, Place, outline
from fabrika.operations.production.pages import lot_of
from fabrika.operations.production.sums import HOUR_US
from fabrika.page import Asked, Page, States
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Line
from fabrika.plant.shifts import shift_at
from fabrika.wording import Worded

LONGEST_US = 12 * HOUR_US
"""A form has rows for so long at most; a plant without shifts prints the eight hours from now on."""
WITHOUT_US = 8 * HOUR_US
STOPS = 14
"""Blank rows for stops."""


class SheetStation(Struct, frozen=True, kw_only=True):
    """A station on the form.

    Attributes:
        number: what is written in place of its name.
        reasons: why it can stand, in the plant's words; what is written is the letter before it.
    """

    number: int
    id: str
    name: str
    reasons: tuple[str, ...]


class SheetHour(Struct, frozen=True, kw_only=True):
    """A row of counts; half open."""

    from_us: int
    to_us: int


class Sheet(Struct, frozen=True, kw_only=True):
    """A form for one line and one shift.

    Attributes:
        shift: its times; None for a plant without shifts.
        lot: the line's open lot as the form is printed; there may be another by the time it is used.
        hours: rows for counts.
        stops: blank rows for stops.
    """

    position: int
    at_us: int
    line: str
    name: str
    shift: str | None
    from_us: int
    to_us: int
    lot: str | None
    product: str | None
    stations: tuple[SheetStation, ...]
    hours: tuple[SheetHour, ...]
    stops: int


def sheet(states: States, asked: Asked) -> Sheet:
    """Build the page."""
    plan = outline(asked.plant)
    line = plan.line(asked.names["line"])
    lot, product = lot_of(states["production"], plan, line, asked.at_us)
    begin_us, end_us, shift = _shift(plan, line, asked.at_us)
    places = [place for place in plan.places.values() if place.line is line and not _carries(place)]
    return Sheet(
        position=asked.position,
        at_us=asked.at_us,
        line=line.id,
        name=line.name or line.id,
        shift=shift,
        from_us=begin_us,
        to_us=end_us,
        lot=lot,
        product=product,
        stations=tuple(_station(plan, place, number) for number, place in enumerate(places, 1)),
        hours=tuple(
            SheetHour(from_us=at_us, to_us=min(at_us + HOUR_US, end_us)) for at_us in range(begin_us, end_us, HOUR_US)
        ),
        stops=STOPS,
    )


def _shift(plan: Outline, line: Line, at_us: int) -> tuple[int, int, str | None]:
    hours = plan.counting(line).hours
    found = shift_at(hours.calendar, hours.zone, at_us)
    if found.name is None or found.end_us - found.start_us > LONGEST_US:
        begin_us = at_us // HOUR_US * HOUR_US
        return begin_us, begin_us + WITHOUT_US, None
    return found.start_us, found.end_us, found.name


def _carries(place: Place) -> bool:
    return KINDS[place.station.kind].primitive == "transport"


def _station(plan: Outline, place: Place, number: int) -> SheetStation:
    name = place.station.name or place.station.id
    return SheetStation(number=number, id=place.path, name=name, reasons=plan.modes(place.path))


PAGES: tuple[Page, ...] = (
    Page(
        name="production.shift_sheet",
        path="/forms/shift/{line}",
        title=Worded("Form for a shift"),
        act="see_plant",
        build=sheet,
        kept=True,
    ),
)
