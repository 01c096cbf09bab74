"""Units and times of a station over any interval, each with how much of the interval is known."""

from __future__ import annotations

import bisect

from msgspec import Struct

from fabrika.operations.production.state import StationState
from fabrika.operations.production.sums import DAY_US, HOUR_US, Counted, Sum, share
from fabrika.operations.production.times import UNKNOWN, Hours, Span, spans


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
    """The units of an interval: from the counts themselves where they are kept, from the sums of hours and days before."""
    entered = good = scrapped = known_us = 0
    for counted, begin_us, end_us, known in _parts(station, from_us, to_us):
        known_us += known
        if begin_us == counted.from_us and end_us == counted.to_us:
            entered, good, scrapped = entered + counted.entered, good + counted.good, scrapped + counted.scrapped
            continue
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


def _parts(station: StationState | None, from_us: int, to_us: int) -> list[tuple[Counted, int, int, int]]:
    """What an interval is made of: each with its begin and end inside the interval, and its counted time there."""
    if station is None or to_us <= from_us:
        return []
    found: list[tuple[Counted, int, int, int]] = []
    for totals, width_us in ((station.days, DAY_US), (station.hours, HOUR_US)):
        until_us = min(to_us, station.whole_us)
        place = max(0, bisect.bisect_right(totals, from_us, key=lambda total: total.from_us) - 1)
        for total in totals[place:]:
            if total.from_us >= until_us:
                break
            begin_us, end_us = max(total.from_us, from_us), min(total.from_us + width_us, until_us)
            if begin_us < end_us:
                found.append(_of_sum(total, width_us, begin_us, end_us))
    place = max(0, bisect.bisect_right(station.counts, from_us, key=lambda count: count.from_us) - 1)
    for count in station.counts[place:]:
        if count.from_us >= to_us:
            break
        begin_us, end_us = max(count.from_us, from_us, station.whole_us), min(count.to_us, to_us)
        if begin_us < end_us:
            found.append((count, begin_us, end_us, end_us - begin_us))
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
    place = max(0, bisect.bisect_right(station.counts, from_us, key=lambda count: count.from_us) - 1)
    told = spans(station, hours, at_us, to_us)
    for count in station.counts[place:]:
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
    for span in told:
        length_us = min(span.to_us, to_us) - max(span.from_us, from_us)
        if length_us > 0:
            found[span.state] = found.get(span.state, 0) + length_us
