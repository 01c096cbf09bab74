"""Time as the shell sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

STEP_US = 2_000_000
"""What a clock may differ by without being told of."""

STALE_US = 92 * 86_400_000_000
"""A book whose last entry is older than this is opened by a clock that is in doubt."""


def stopwatch() -> Callable[[], float]:
    """A function that tells the seconds since this call."""
    begin = time.perf_counter()
    return lambda: time.perf_counter() - begin


def now_us() -> int:
    """Microseconds since 1970 UTC, by this machine's clock."""
    return time.time_ns() // 1_000


def running_us() -> int:
    """Microseconds since some instant, by a clock that nobody sets; it also runs while the machine sleeps, where it can."""
    boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return (time.monotonic_ns() if boot is None else time.clock_gettime_ns(boot)) // 1_000


class Doubt(NamedTuple):
    """What is doubtful about a clock; the figures are those of :class:`fabrika.events.house.AlarmRaised`."""

    detail: str
    off_s: int | None = None
    step_s: int | None = None


class SteadyClock:
    """The machine's clock as it stood at the beginning, going on by itself: no step of that clock bends an order or an interval.

    Calling it gives microseconds since 1970 UTC.

    Args:
        wall_us: the machine's clock, which may be set.
        steady_us: a clock that nobody sets.
    """

    def __init__(self, wall_us: Callable[[], int] = now_us, steady_us: Callable[[], int] = running_us) -> None:
        self._wall_us, self._steady_us = wall_us, steady_us
        self._begin_us = wall_us() - steady_us()
        self._told_us = 0

    def __call__(self) -> int:
        """Microseconds since 1970 UTC."""
        return self._begin_us + self._steady_us()

    def step_us(self) -> int | None:
        """How far the machine's clock was set since this was last told, forward if positive; None if by less than :data:`STEP_US`."""
        off_us = self._wall_us() - self()
        step_us = off_us - self._told_us
        if abs(step_us) < STEP_US:
            return None
        self._told_us = off_us
        return step_us

    def doubt_us(self, last_us: int) -> int | None:
        """How far this clock stands from a book's last entry, if that is in doubt: before it, or :data:`STALE_US` after it."""
        off_us = self() - last_us
        return None if -STEP_US <= off_us <= STALE_US else off_us

    def doubt(self, last_us: int) -> Doubt | None:
        """What is told of :meth:`doubt_us`."""
        off_us = self.doubt_us(last_us)
        if off_us is None:
            return None
        off_s = round(off_us / 1e6)
        return Doubt(f"The clock stands {off_s:+,} s from the book's last entry, by which time goes on.", off_s=off_s)

    def step(self) -> Doubt | None:
        """What is told of :meth:`step_us`."""
        step_us = self.step_us()
        if step_us is None:
            return None
        step_s = round(step_us / 1e6)
        return Doubt(
            f"The machine's clock was set by {step_s:+,} s; the book goes on by the one before.", step_s=step_s
        )
