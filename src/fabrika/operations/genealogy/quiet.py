"""Instants at which it is known to the unit what lies before or behind a station: it stood, or a person counted.

A controller tells no state that is shorter than half a minute, so that a station that is said to be starved may have worked for
some seconds since. What its count tells of the time in each state settles it: only where all its work was before the standstill
began are its counters those of the standstill.
"""

from __future__ import annotations

from msgspec import Struct

from fabrika.events.production import UnitsCounted
from fabrika.operations.genealogy.series import Series

QUIETS = 400
"""Counts in a standstill that are remembered of a station: those of some days."""
SPARE_US = 1_000
"""What the times of a count may be off by rounding."""
WORKS = frozenset({"processing", "unknown"})
"""States in which units may be made."""


class Quiet(Struct, array_like=True, gc=False):
    """A count ended in a standstill.

    Attributes:
        at_us: end of the count.
        state: in which the station stood: ``starved``, ``blocked``, or ``idle`` for all that say nothing of what lies around it.
        since_us: it has not worked since; so its counters have been these since then.
    """

    at_us: int
    state: str
    since_us: int
    entered: int
    good: int
    scrapped: int


class Laid(Struct, array_like=True, gc=False):
    """A person counted what lay between two stations; ``within`` so many units, either way."""

    at_us: int
    before: str
    units: int
    within: int
    person: str


def word(state: str, mode: str | None) -> str:
    """What a told state says of what lies around the station: ``starved``, ``blocked``, ``idle``; empty while it may work.

    A station that waits for a late supply is told as starved in a mode: that says nothing of what lies before it.
    """
    if state in WORKS:
        return ""
    return state if state in {"starved", "blocked"} and mode is None else "idle"


def stood(quiet: list[Quiet], state: str, since_us: int, event: UnitsCounted, series: Series) -> None:
    """Remember a count that ended while its station was in a state without work, if its times say that it did not work meanwhile."""
    worked_us = sum(part.duration_us for part in event.times if part.state == "processing")
    if not event.times or worked_us > max(0, since_us - event.from_us) + SPARE_US:
        return
    if since_us < event.from_us:
        known = quiet and quiet[-1].at_us == event.from_us
        since_us = quiet[-1].since_us if known else event.from_us
    quiet.append(Quiet(event.to_us, state, since_us, series.entered, series.good, series.scrapped))
    if len(quiet) > 2 * QUIETS:
        del quiet[:-QUIETS]
