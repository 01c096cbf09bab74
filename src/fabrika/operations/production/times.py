"""In which state a station was when (the time model of ISO 22400-2), and what nobody knows.

A station tells counts every five minutes and changes of state as they happen. One that tells neither for more than two counts and a
tolerance is silent: its state is unknown from then back to what it told last, and its units are unknown, not nought.
Before the time of which details are kept, states are unknown here and nobody is silent.
Only a station that went off shift, or one that never tells states, may be silent while its calendar is closed.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from datetime import tzinfo
from typing import NamedTuple

from msgspec import Struct

from fabrika.operations.production.crew import Crew, safety_at
from fabrika.operations.production.state import Change, Count, StationState
from fabrika.plant.calendar import intervals_us
from fabrika.plant.model import Calendar

COUNT_US = 300_000_000
TOLERANCE_US = 60_000_000
SILENT_US = 2 * COUNT_US + TOLERANCE_US
"""A station of which nothing was heard for longer is silent."""

SAFETY = "safety"
STOPPED = frozenset({"down", "waiting"})
"""States in which a station stands and somebody may have to come."""
UNKNOWN = "unknown"


class Span(Struct, frozen=True, kw_only=True):
    """A time in one state.

    Attributes:
        key: identity of the change that began it; None where nothing is known.
    """

    state: str
    mode: str | None
    from_us: int
    to_us: int
    key: str | None = None


class Hours(NamedTuple):
    """When a station's calendar is open.

    Attributes:
        calendar: None if it is always open.
        zone: the plant's.
    """

    calendar: Calendar | None
    zone: tzinfo

    def opens_us(self, from_us: int, to_us: int) -> int | None:
        """The first open instant in ``[from_us, to_us)``, None if it is closed throughout."""
        if self.calendar is None:
            return from_us
        found = intervals_us(self.calendar, self.zone, from_us, to_us)
        return int(found[0, 0]) if len(found) else None


def spans(station: StationState, hours: Hours, from_us: int, to_us: int) -> list[Span]:
    """What state a station was in during ``[from_us, to_us)``, in order and without a hole; gaps are ``unknown``."""
    if to_us <= from_us:
        return []
    if from_us < station.whole_us:
        until_us = min(to_us, station.whole_us)
        return [
            Span(state=UNKNOWN, mode=None, from_us=from_us, to_us=until_us),
            *spans(station, hours, until_us, to_us),
        ]
    pieces = list(_told(station, from_us, to_us))
    for begin_us, end_us in gaps(station, hours, from_us, to_us):
        pieces = [part for piece in pieces for part in _without(piece, begin_us, end_us)]
        pieces.append(Span(state=UNKNOWN, mode=None, from_us=begin_us, to_us=end_us))
    for span in safety_spans(station.crew, from_us, to_us):
        pieces = [part for piece in pieces for part in _without(piece, span.from_us, span.to_us)]
        pieces.append(span)
    pieces.sort(key=lambda piece: piece.from_us)
    return _joined(pieces)


def safety_spans(crew: Crew, from_us: int, to_us: int) -> list[Span]:
    """The stops for somebody's safety within ``[from_us, to_us)``; whatever the machine told meanwhile."""
    found = []
    for stop in crew.safety:
        begin_us, end_us = max(stop.from_us, from_us), min(to_us if stop.to_us is None else stop.to_us, to_us)
        if begin_us < end_us:
            found.append(Span(state=SAFETY, mode=None, from_us=begin_us, to_us=end_us, key=stop.key))
    return found


def gaps(station: StationState, hours: Hours, from_us: int, to_us: int) -> list[tuple[int, int]]:
    """Times in ``[from_us, to_us)`` of which nothing is known, because the station was silent or had told nothing yet."""
    found = []
    heard_us: int | None = None
    for begin_us, end_us in _heard(station, to_us):
        if heard_us is None:
            found.append((from_us, begin_us))
            heard_us = end_us
        elif begin_us > heard_us + SILENT_US:
            found.append((_silent_from(station, hours, heard_us, begin_us), begin_us))
        heard_us = max(heard_us, end_us)
    if heard_us is None:
        found.append((from_us, to_us))
    elif not station.machine:
        found = found[:1]  # what persons tell holds until they tell something else
    elif to_us > heard_us + SILENT_US:
        found.append((_silent_from(station, hours, heard_us, to_us), to_us))
    clipped = ((max(begin_us, from_us), min(end_us, to_us)) for begin_us, end_us in found)
    return [(begin_us, end_us) for begin_us, end_us in clipped if begin_us < end_us]


def _heard(station: StationState, to_us: int) -> list[tuple[int, int]]:
    heard = [(count.from_us, min(count.to_us, to_us)) for count in station.counts if count.from_us < to_us]
    heard += [(change.at_us, change.at_us) for change in station.changes if change.at_us < to_us]
    heard.sort()
    return heard


def _silent_from(station: StationState, hours: Hours, heard_us: int, until_us: int) -> int:
    """Since when a silence means something: at once, or since the calendar opened if the station had gone off shift.

    A conveyor that tells counts and no states has gone off shift when its calendar closed.
    """
    last = change_at(station, heard_us)
    if last is not None and last.state != "off_shift":
        return heard_us
    opens_us = hours.opens_us(heard_us, until_us)
    if opens_us is None or until_us <= opens_us + SILENT_US:
        return until_us
    return opens_us


def change_at(station: StationState, at_us: int) -> Change | None:
    """The last change of state at or before an instant."""
    place = bisect.bisect_right(station.changes, at_us, key=lambda found: found.at_us)
    return station.changes[place - 1] if place else None


class Now(NamedTuple):
    """What a station is doing.

    Attributes:
        state: one of the events' states; ``unknown`` if it is silent or never told one.
        since_us: since when; None if it never told anything.
        silent: whether it ought to have told something by now.
        change: the change that began the state; None if it is unknown.
    """

    state: str
    since_us: int | None
    mode: str | None
    lot: str | None
    silent: bool
    change: Change | None


def now(station: StationState | None, hours: Hours, at_us: int) -> Now:
    """What a station is doing at an instant, by what it told."""
    stopped = safety_at(station.crew, at_us) if station is not None and station.crew.safety else None
    if stopped is not None:
        return Now(SAFETY, stopped.from_us, None, None, silent=False, change=None)
    if station is None or not (station.changes or station.counts):
        return Now(UNKNOWN, None, None, None, silent=True, change=None)
    if at_us < station.whole_us:
        return Now(UNKNOWN, None, None, None, silent=False, change=None)
    since_us = _silent_since(station, hours, at_us)
    if since_us is not None:
        return Now(UNKNOWN, since_us, None, None, silent=True, change=None)
    change = change_at(station, at_us)
    if change is not None and not station.machine and hours.opens_us(at_us, at_us + 1) is None:
        return Now("off_shift", change.at_us, None, None, silent=False, change=None)
    if change is not None:
        return Now(change.state, change.at_us, change.mode, change.lot, silent=False, change=change)
    count = next((count for count in reversed(station.counts) if count.from_us < at_us), None)
    if count is None:
        return Now(UNKNOWN, None, None, None, silent=True, change=None)
    if hours.opens_us(at_us, at_us + 1) is None and not count.times:
        return Now("off_shift", count.to_us, None, None, silent=False, change=None)
    return Now(state_of(count), count.from_us, None, count.lot, silent=False, change=None)


def state_of(count: Count) -> str:
    """The state of a station that tells counts alone: the longest in the count, else processing if anything passed."""
    if count.times:
        return max(count.times, key=lambda state: count.times[state])
    return "processing" if count.entered or count.good or count.scrapped else UNKNOWN


def _silent_since(station: StationState, hours: Hours, at_us: int) -> int | None:
    if not station.machine:
        return None
    if station.heard_us <= at_us:
        heard_us = station.heard_us
    else:
        place = bisect.bisect_right(station.counts, at_us, key=lambda found: found.from_us)
        counted_us = min(station.counts[place - 1].to_us, at_us) if place else -(2**53)
        change = change_at(station, at_us)
        heard_us = max(counted_us, change.at_us if change is not None else -(2**53))
    if at_us <= heard_us + SILENT_US:
        return None
    since_us = _silent_from(station, hours, heard_us, at_us)
    return since_us if since_us < at_us else None


def _told(station: StationState, from_us: int, to_us: int) -> Iterator[Span]:
    """The states as they were told, each until the next."""
    before = change_at(station, from_us)
    inside = [change for change in station.changes if from_us < change.at_us < to_us]
    changes = ([before] if before is not None else []) + inside
    for place, change in enumerate(changes):
        end_us = changes[place + 1].at_us if place + 1 < len(changes) else to_us
        yield Span(
            state=change.state, mode=change.mode, from_us=max(change.at_us, from_us), to_us=end_us, key=change.key
        )
    first_us = changes[0].at_us if changes else to_us
    if first_us > from_us:
        yield from _counted_only(station, from_us, min(first_us, to_us))


def _counted_only(station: StationState, from_us: int, to_us: int) -> Iterator[Span]:
    """The time before any change was told: the longest state of each count, unknown between."""
    at_us = from_us
    for count in station.counts:
        begin_us, end_us = max(count.from_us, at_us), min(count.to_us, to_us)
        if begin_us < end_us:
            if begin_us > at_us:
                yield Span(state=UNKNOWN, mode=None, from_us=at_us, to_us=begin_us)
            yield Span(state=state_of(count), mode=None, from_us=begin_us, to_us=end_us, key=count.key)
            at_us = end_us
    if at_us < to_us:
        yield Span(state=UNKNOWN, mode=None, from_us=at_us, to_us=to_us)


def _without(piece: Span, begin_us: int, end_us: int) -> Iterator[Span]:
    if piece.to_us <= begin_us or piece.from_us >= end_us:
        yield piece
        return
    if piece.from_us < begin_us:
        yield Span(state=piece.state, mode=piece.mode, from_us=piece.from_us, to_us=begin_us, key=piece.key)
    if piece.to_us > end_us:
        yield Span(state=piece.state, mode=piece.mode, from_us=end_us, to_us=piece.to_us, key=piece.key)


def _joined(pieces: list[Span]) -> list[Span]:
    found: list[Span] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last and (last.state, last.mode) == (piece.state, piece.mode) and last.to_us == piece.from_us:
            found[-1] = Span(state=last.state, mode=last.mode, from_us=last.from_us, to_us=piece.to_us, key=last.key)
        elif piece.from_us < piece.to_us:
            found.append(piece)
    return found
