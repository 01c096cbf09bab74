"""Units and times of a station over any interval, each with how much of the interval is known."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from fabrika.operations.production.crew import Crew
from fabrika.operations.production.state import Count, StationState
from fabrika.operations.production.sums import DAY_US, HOUR_US, Counted, Sum, share
from fabrika.operations.production.times import UNKNOWN, Hours, Span, safety_spans, spans

Told = TypeVar("Told", bound=Counted)


class Units(Struct, frozen=True, kw_only=True):
    """What was counted in an interval.

    Attributes:
        entered, good, scrapped: None if nothing of the interval was counted: unknown, not nought.
        known_us: time in it of which there is a count.
    """

    entered: int | None
    good: int | None
    scrapped: int | None
    known_us: int


def units(station: StationState | None, from_us: int, to_us: int) -> Units:
    """The units of an interval, as the machine counted them; as persons did where it has no counter."""
    if station is not None and not (station.counts or station.hours or station.days):
        return told_units(station.crew, from_us, to_us)
    return told_units(station, from_us, to_us)


def told_units(station: StationState | Crew | None, from_us: int, to_us: int) -> Units:
    """The units of an interval: from the counts themselves where they are kept, from the sums of hours and days before."""
    entered = good = scrapped = known_us = 0
    if station is not None and from_us < to_us:
        cut = _sums(station, from_us, to_us)
        first_us = max(from_us, station.whole_us)
        counts: Sequence[Counted] = station.counts
        for count in _within(counts, first_us, to_us):
            if first_us <= count.from_us and count.to_us <= to_us:
                known_us += count.to_us - count.from_us
                entered, good, scrapped = entered + count.entered, good + count.good, scrapped + count.scrapped
            else:
                begin_us, end_us = max(count.from_us, first_us), min(count.to_us, to_us)
                cut.append((count, begin_us, end_us, end_us - begin_us))
        for counted, begin_us, end_us, known in cut:
            known_us += known
            entered += share(counted.entered, begin_us, end_us, counted)
            good += share(counted.good, begin_us, end_us, counted)
            scrapped += share(counted.scrapped, begin_us, end_us, counted)
    if not known_us:
        return Units(entered=None, good=None, scrapped=None, known_us=0)
    return Units(entered=entered, good=good, scrapped=scrapped, known_us=known_us)


class _Whole(Struct, frozen=True):
    """A sum as an interval."""

    from_us: int
    to_us: int
    entered: int
    good: int
    scrapped: int


def counts_within(station: StationState, from_us: int, to_us: int) -> Sequence[Count]:
    """The counts that touch ``[from_us, to_us)``, as far as they are kept as they were told; no two of them overlap."""
    return _within(station.counts, from_us, to_us)


def _within(counts: Sequence[Told], from_us: int, to_us: int) -> Sequence[Told]:
    place = max(0, bisect.bisect_right(counts, from_us, key=lambda count: count.from_us) - 1)
    if place < len(counts) and counts[place].to_us <= from_us:
        place += 1
    return counts[place : bisect.bisect_left(counts, to_us, place, key=lambda count: count.from_us)]


def _sums(station: StationState | Crew, from_us: int, to_us: int) -> list[tuple[Counted, int, int, int]]:
    """The sums that an interval holds: each with its begin and end inside the interval, and its counted time there."""
    found: list[tuple[Counted, int, int, int]] = []
    if from_us >= station.whole_us:
        return found
    for totals, width_us in ((station.days, DAY_US), (station.hours, HOUR_US)):
        until_us = min(to_us, station.whole_us)
        place = max(0, bisect.bisect_right(totals, from_us, key=lambda total: total.from_us) - 1)
        for total in totals[place:]:
            if total.from_us >= until_us:
                break
            begin_us, end_us = max(total.from_us, from_us), min(total.from_us + width_us, until_us)
            if begin_us < end_us:
                found.append(_of_sum(total, width_us, begin_us, end_us))
    return found


def _of_sum(total: Sum, width_us: int, begin_us: int, end_us: int) -> tuple[Counted, int, int, int]:
    whole = _Whole(total.from_us, total.from_us + width_us, total.entered, total.good, total.scrapped)
    return whole, begin_us, end_us, total.known_us * (end_us - begin_us) // width_us


def state_times(station: StationState | None, hours: Hours, from_us: int, to_us: int) -> dict[str, int]:
    """Microseconds in each state within ``[from_us, to_us)``; they add up to the interval.

    What the counts tell goes before what follows from changes of state, as short states are told only there; what neither
    tells is ``unknown``.
    """
    if station is None:
        return {UNKNOWN: max(0, to_us - from_us)}
    found, at_us = (
        _times_of_sums(station, from_us, min(to_us, station.whole_us)),
        max(from_us, min(to_us, station.whole_us)),
    )
    told = spans(station, hours, at_us, to_us)
    safe = safety_spans(station.crew, at_us, to_us)
    for count in counts_within(station, from_us, to_us):
        if any(stop.from_us < count.to_us and stop.to_us > count.from_us for stop in safe):
            continue  # its states are the machine's; that it stood for somebody's safety goes before them
        begin_us, end_us = max(count.from_us, at_us), min(count.to_us, to_us)
        if begin_us >= end_us or sum(count.times.values()) != count.to_us - count.from_us:
            continue
        _add_spans(found, told, at_us, begin_us)
        rest_us = end_us - begin_us
        for state, duration_us in count.times.items():
            part_us = min(rest_us, share(duration_us, begin_us, end_us, count))
            found[state] = found.get(state, 0) + part_us
            rest_us -= part_us
        if rest_us:
            # Cutting a count may leave some microseconds over; they go to its longest state.
            longest = max(count.times, key=lambda state, of=count.times: of[state])  # type: ignore[misc]
            found[longest] = found.get(longest, 0) + rest_us
        at_us = end_us
    _add_spans(found, told, at_us, to_us)
    return found


def _times_of_sums(station: StationState, from_us: int, to_us: int) -> dict[str, int]:
    """The times of what is no longer kept in detail, from the sums of its hours and days; they add up to the interval."""
    found: dict[str, int] = {}
    left_us = max(0, to_us - from_us)
    for totals, width_us in ((station.days, DAY_US), (station.hours, HOUR_US)):
        for total in totals:
            overlap_us = min(to_us, total.from_us + width_us) - max(from_us, total.from_us)
            for state, duration_us in total.times.items() if overlap_us > 0 else ():
                part_us = min(left_us, duration_us * overlap_us // width_us)
                found[state] = found.get(state, 0) + part_us
                left_us -= part_us
    if left_us:
        found[UNKNOWN] = found.get(UNKNOWN, 0) + left_us
    return found


def _add_spans(found: dict[str, int], told: list[Span], from_us: int, to_us: int) -> None:
    for span in told if from_us < to_us else ():
        length_us = min(span.to_us, to_us) - max(span.from_us, from_us)
        if length_us > 0:
            found[span.state] = found.get(span.state, 0) + length_us
