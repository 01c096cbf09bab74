"""Stops of a station: which are short and only pooled by what the machine says, which want a reason from a person, who gave it."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from msgspec import Struct

from fabrika.operations.production.state import Coding, StationState
from fabrika.operations.production.times import STOPPED, UNKNOWN, Hours, Span, spans
from fabrika.plant.model import Plant

SECOND_US = 1_000_000


class Stop(Struct, frozen=True, kw_only=True):
    """A time in which a station stood, whatever the states that it told meanwhile.

    Attributes:
        to_us: the end of the interval that was asked about, if it still lasts.
        lasts: whether it does.
        mode: why, as the machine told it; None if it did not.
        coding: why, as a person said last; None if nobody did.
        short: whether it is shorter than those for which a person is asked.
        asked: whether somebody is to say why: it is over, not short, and neither machine nor person said anything.
    """

    from_us: int
    to_us: int
    lasts: bool
    mode: str | None
    coding: Coding | None
    short: bool
    asked: bool


class Pool(Struct, frozen=True, kw_only=True):
    """All short stops of one cause; ``mode`` is None for those of which the machine did not say why."""

    mode: str | None
    stops: int
    duration_us: int


def stops_of(known: StationState, hours: Hours, from_us: int, to_us: int, short_us: int) -> list[Stop]:
    """The stops that touch ``[from_us, to_us)``, oldest first; neighbouring states in which it stands are one.

    Args:
        known: the station.
        hours: its calendar.
        from_us, to_us: the interval.
        short_us: shorter stops want no reason from a person; 0 if all do.
    """
    found: list[list[Span]] = []
    for span in spans(known, hours, from_us, to_us):
        if span.state not in STOPPED:
            continue
        if found and found[-1][-1].to_us == span.from_us:
            found[-1].append(span)
        else:
            found.append([span])
    return [_stop(known, parts, to_us, short_us) for parts in found]


def asked_stops(known: StationState, hours: Hours, from_us: int, to_us: int, short_us: int) -> list[Stop]:
    """The stops of an interval that want a reason from a person, as :func:`stops_of` gives them.

    Asked for all stations each time that a board is made: so it is first looked whether there was any stop without a mode.
    """
    begin = max(0, bisect.bisect_right(known.changes, from_us, key=lambda change: change.at_us) - 1)
    end = bisect.bisect_left(known.changes, to_us, key=lambda change: change.at_us)
    if not any(change.mode is None and change.state in STOPPED for change in known.changes[begin:end]):
        return []
    return [stop for stop in stops_of(known, hours, from_us, to_us, short_us) if stop.asked]


def _stop(known: StationState, parts: Sequence[Span], until_us: int, short_us: int) -> Stop:
    from_us, to_us = parts[0].from_us, parts[-1].to_us
    lasts = to_us >= until_us
    mode = next((part.mode for part in parts if part.mode is not None), None)
    coding = coding_of(known, from_us, to_us)
    short = not lasts and to_us - from_us < short_us
    asked = not (lasts or short or coding is not None or mode is not None)
    return Stop(from_us=from_us, to_us=to_us, lasts=lasts, mode=mode, coding=coding, short=short, asked=asked)


def pools(stops: Sequence[Stop]) -> tuple[Pool, ...]:
    """The short stops by their cause, the one that took the most time first; what a person said goes before the machine."""
    found: dict[str | None, tuple[int, int]] = {}
    for stop in stops:
        if stop.short:
            mode = stop.coding.mode if stop.coding is not None else stop.mode
            n, duration_us = found.get(mode, (0, 0))
            found[mode] = n + 1, duration_us + stop.to_us - stop.from_us
    rows = [Pool(mode=mode, stops=n, duration_us=duration_us) for mode, (n, duration_us) in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.duration_us, row.mode or "")))


def codings_of(known: StationState, from_us: int, to_us: int) -> list[Coding]:
    """What persons said of a time: first what counts, then what they had said before, the newest first.

    What was said last counts among what covers at least half of the time; else what covers the most of it.
    """
    touching = [coding for coding in known.codings if coding.from_us < to_us and coding.to_us > from_us]

    def rank(coding: Coding) -> tuple[int, int]:
        overlap_us = min(coding.to_us, to_us) - max(coding.from_us, from_us)
        return min(2 * overlap_us, to_us - from_us), coding.at_us

    if not touching:
        return []
    counts = max(touching, key=rank)
    rest = sorted((coding for coding in touching if coding is not counts), key=lambda coding: -coding.at_us)
    return [counts, *rest]


def coding_of(known: StationState, from_us: int, to_us: int) -> Coding | None:
    """What counts of what persons said of a time; None if nobody said anything."""
    return next(iter(codings_of(known, from_us, to_us)), None)


def wants_reason(span: Span, stops: Sequence[Stop], *, planned: str = "planned") -> bool:
    """Whether a state that is over wants a reason: it has none, and the stop of which it is a part is not a short one."""
    if span.state == UNKNOWN:
        return True
    if span.state == planned:
        return False
    return any(stop.asked and stop.from_us < span.to_us and stop.to_us > span.from_us for stop in stops)


def short_us(plant: Plant) -> int:
    """Stops shorter than this want no reason from a person, microseconds."""
    return round(plant.short_stop_s * SECOND_US)
