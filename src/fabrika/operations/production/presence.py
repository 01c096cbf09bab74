"""Who works at a station at an instant, and what they may still take back."""

from __future__ import annotations

from fabrika.operations.production.crew import Crew, Report, Stint, at_station
from fabrika.operations.production.outline import Place
from fabrika.operations.production.state import StationState
from fabrika.plant.shifts import shift_at

MINUTE_US = 60_000_000
EARLY_US = 30 * MINUTE_US
"""Who signs on so long before a shift begins works in that shift."""
LATE_US = 60 * MINUTE_US
"""So long after the end of a shift who worked in it may still report."""
TAKEN_BACK_US = 15 * MINUTE_US
"""So long a person may take back what they reported themselves."""


def present(known: StationState, place: Place, at_us: int) -> list[Stint]:
    """Who works at a station at an instant: signed on in this shift, or shortly before it, and not off again."""
    shift = shift_at(place.hours.calendar, place.hours.zone, at_us)
    over = not shift.now and at_us > shift.end_us + LATE_US
    earliest_us = shift.end_us if over else shift.start_us - EARLY_US
    return [stint for stint in at_station(known.crew, at_us) if stint.from_us >= earliest_us]


def last_of(crew: Crew, person: str | None, at_us: int) -> Report | None:
    """The last count that a person reported and may still take back; None if there is none."""
    own = [
        found
        for found in reversed(crew.counts)
        if found.person == person and 0 <= at_us - found.said_us <= TAKEN_BACK_US
    ]
    return max(own, key=lambda found: found.said_us, default=None)
