"""Time as the shell sees it."""

from __future__ import annotations

import time
from collections.abc import Callable


def stopwatch() -> Callable[[], float]:
    """A function that tells the seconds since this call."""
    begin = time.perf_counter()
    return lambda: time.perf_counter() - begin


def now_us() -> int:
    """Microseconds since 1970 UTC, by this machine's clock."""
    return time.time_ns() // 1_000
