"""What many threads hand in and one thread takes, together: so that a flush of the disk is shared by all who wait for one.

Whoever was just answered mostly sends again at once. The thread that takes waits for as many as it has answered, for half the time
of its last round at most, and is woken once, by the last of them: each needless waking of a thread takes the processor from all
others.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

LEAST_S, MOST_S = 0.001, 0.025
"""Bounds of how long is waited for those who were answered."""


class Gathering(Generic[T]):
    """See the module. One thread calls :meth:`take` and :meth:`answered`, any thread :meth:`put`."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        # Rung when so many are there; nobody listens while there is nothing to listen for.
        self._wanted = 0
        self._bell = threading.Lock()
        self._bell.acquire()
        self._expected, self._until_s = 0, 0.0

    def put(self, item: T) -> None:
        """Hand something in."""
        self._items.append(item)
        if 0 < self._wanted <= len(self._items):
            self._wanted = 0
            try:
                self._bell.release()
            except RuntimeError:
                # It rings already.
                return

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._items

    def answered(self, count: int, lasted_s: float) -> None:
        """So many were answered just now, in a round that lasted so long."""
        self._expected = count
        self._until_s = time.monotonic() + min(max(lasted_s / 2, LEAST_S), MOST_S)

    def take(self, most: int, timeout_s: float | None = None) -> list[T]:
        """What was handed in, in that order; empty if nothing came in time.

        Args:
            most: so many at most.
            timeout_s: how long to wait for the first; None for as long as it takes.
        """
        self._listen(1, None if timeout_s is None else time.monotonic() + timeout_s)
        if self._expected > 1:
            self._listen(min(self._expected, most), self._until_s)
        self._expected = 0
        return [self._items.popleft() for _ in range(min(most, len(self._items)))]

    def _listen(self, wanted: int, until_s: float | None) -> None:
        """Wait until so many are there, or until an instant of the monotonic clock."""
        while len(self._items) < wanted:
            left_s = -1 if until_s is None else until_s - time.monotonic()
            if until_s is not None and left_s <= 0:
                break
            self._wanted = wanted
            # Whoever came before that was written did not ring; whoever comes after it does.
            if len(self._items) < wanted:
                self._bell.acquire(timeout=left_s)
        self._wanted = 0
