"""What moves and what it moves through: units, campaign messages, and the edges between nodes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import simpy


@dataclass
class Unit:
    """One unit.

    Attributes:
        arrived: the instant at which it came to where it is, or became the first in line of a station to leave it.
        first: whether it is the first in line.
        ready_at: on its way: the instant at which it comes to the end.
        judged: in a batch: whether it has been judged.
    """

    product: str
    campaign: int
    pieces: int = 1
    arrived: int = 0
    first: bool = False
    ready_at: int = 0
    judged: bool = False


@dataclass(frozen=True)
class Message:
    """'The next campaign from here on': travels in line with the units."""


class Producer(Protocol):
    """Whatever stands before an edge without a place of its own."""

    def ready(self) -> Unit | None:
        """Return the unit that waits to leave, if any."""
        ...

    def let_go(self) -> Unit:
        """Let that unit leave now."""
        ...


class Edge:
    """First in, first out, with ``cap`` places that are counted.

    ``held``: the place is the machine's own, and the taker releases it when the product has left. ``direct``: no place
    at all, the unit waits in the producer until a junction passes it on.
    """

    def __init__(self, env: simpy.Environment, name: str, cap: int, *, held: bool = False, direct: bool = False):
        self.env, self.name, self.cap, self.held, self.direct = env, name, cap, held, direct
        self.queue: deque[Unit | Message] = deque()
        self.producer: Producer | None = None
        self.used = 0
        self.changes: list[tuple[int, int]] = []

    def has_place(self) -> bool:
        """Return whether a unit may enter now."""
        return not self.direct and self.used < self.cap

    def put(self, unit: Unit) -> None:
        """Let a unit enter now."""
        assert self.has_place()
        self._count(1)
        unit.arrived = self.env.now
        self.queue.append(unit)

    def tell(self) -> None:
        """Put the message behind all units that have entered."""
        self.queue.append(Message())

    def head(self) -> Unit | Message | None:
        """Return what comes next, a unit or the message."""
        if self.queue:
            return self.queue[0]
        return self.producer.ready() if self.direct and self.producer else None

    def take(self) -> Unit | Message:
        """Remove the head; its place stays taken until :meth:`release`."""
        if self.queue:
            return self.queue.popleft()
        assert self.producer
        return self.producer.let_go()

    def release(self, places: int = 1) -> None:
        """Free places now."""
        if not self.direct:
            self._count(-places)
            assert self.used >= 0

    def _count(self, change: int) -> None:
        self.used += change
        self.changes.append((self.env.now, change))

    def integral(self, t0: int, t1: int) -> int:
        """Return the integral of the places taken over [t0, t1), in unit ns."""
        return sum(change * (t1 - max(at, t0)) for at, change in self.changes if at < t1)

    def levels(self, t0: int, t1: int) -> dict[int, int]:
        """Return the time in [t0, t1) by number of places taken, ns."""
        found: dict[int, int] = {}
        level, since = 0, t0
        for at, change in [*self.changes, (t1, 0)]:
            until = min(max(at, t0), t1)
            if until > since:
                found[level] = found.get(level, 0) + until - since
                since = until
            level += change
        return found
