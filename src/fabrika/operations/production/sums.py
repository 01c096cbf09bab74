"""Sums of counts by hour and day; what lies across a boundary is shared out in whole units that add up exactly."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
HOURS_KEPT_US = 35 * DAY_US
"""Sums by hour are kept for so long, sums by day for ever."""


class Sum(Struct, array_like=True, gc=False):
    """What was counted in an hour or a day that begins at ``from_us``.

    Attributes:
        known_us: time in it of which there is a count.
        times: time in each state, as the counts told it.
    """

    from_us: int
    known_us: int = 0
    entered: int = 0
    good: int = 0
    scrapped: int = 0
    times: dict[str, int] = {}


class Counted(Protocol):
    """An interval with its units."""

    @property
    def from_us(self) -> int:
        """Its begin."""

    @property
    def to_us(self) -> int:
        """Its end."""

    @property
    def entered(self) -> int:
        """Units that came in."""

    @property
    def good(self) -> int:
        """Good units."""

    @property
    def scrapped(self) -> int:
        """Units that were scrapped."""


def share(amount: int, begin_us: int, end_us: int, counted: Counted) -> int:
    """The part of an amount that falls to ``[begin_us, end_us)`` of its interval.

    By the whole part of what had come up to each end, if it had come evenly, so that the parts of an interval that is cut
    anywhere add up to the amount.
    """
    length = counted.to_us - counted.from_us
    until, before = end_us - counted.from_us, begin_us - counted.from_us
    return amount * until // length - amount * before // length


def add(totals: list[Sum], width_us: int, counted: Counted, times: dict[str, int]) -> None:
    """Add a count to the sums of the hours, or days, that it lies in; the sums stay in the order of time."""
    from_us, to_us = counted.from_us, counted.to_us
    begin_us = from_us - from_us % width_us
    if to_us <= begin_us + width_us:
        # All of it lies in one, as most counts do.
        _add_whole(_total(totals, begin_us), to_us - from_us, counted, times)
        return
    for begin_us, end_us in _pieces(from_us, to_us, width_us):
        total = _total(totals, begin_us // width_us * width_us)
        total.known_us += end_us - begin_us
        total.entered += share(counted.entered, begin_us, end_us, counted)
        total.good += share(counted.good, begin_us, end_us, counted)
        total.scrapped += share(counted.scrapped, begin_us, end_us, counted)
        for state, duration_us in times.items():
            total.times[state] = total.times.get(state, 0) + share(duration_us, begin_us, end_us, counted)


def _add_whole(total: Sum, known_us: int, counted: Counted | Sum, times: dict[str, int]) -> None:
    """Add a count, or an hour, to the sum in which all of it lies."""
    total.known_us += known_us
    total.entered += counted.entered
    total.good += counted.good
    total.scrapped += counted.scrapped
    known = total.times
    for state, duration_us in times.items():
        known[state] = known.get(state, 0) + duration_us


def thin(hours: list[Sum], days: list[Sum], limit_us: int) -> None:
    """Turn hours that are older than :data:`HOURS_KEPT_US` before an instant into days, a whole day at a time."""
    limit_us = (limit_us - HOURS_KEPT_US) // DAY_US * DAY_US
    old = bisect.bisect_left(hours, limit_us, key=lambda total: total.from_us)
    for hour in hours[:old]:
        _add_whole(_total(days, hour.from_us // DAY_US * DAY_US), hour.known_us, hour, hour.times)
    del hours[:old]


def _total(totals: list[Sum], from_us: int) -> Sum:
    if totals and totals[-1].from_us == from_us:
        return totals[-1]
    place = bisect.bisect_left(totals, from_us, key=lambda total: total.from_us)
    if place == len(totals) or totals[place].from_us != from_us:
        totals.insert(place, Sum(from_us))
    return totals[place]


def _pieces(from_us: int, to_us: int, width_us: int) -> Iterator[tuple[int, int]]:
    begin_us = from_us
    while begin_us < to_us:
        end_us = min(to_us, (begin_us // width_us + 1) * width_us)
        yield begin_us, end_us
        begin_us = end_us
