"""Repairers shared by the plant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import simpy

from .junctions import Choice


@dataclass(frozen=True, order=True)
class Request:
    """A call for a repairer; called first is served first, ties by node, machine and mode."""

    at: int
    node: int
    machine: int
    mode: int


class Crew:
    """``size`` repairers, day and night."""

    def __init__(self, env: simpy.Environment, size: int, sent: Callable[[Request], None]):
        self.env, self.free, self.sent = env, size, sent
        self.queue: list[tuple[Request, simpy.Event]] = []

    def request(self, node: int, machine: int, mode: int) -> simpy.Event:
        """Call a repairer now; the event happens when he comes."""
        event = self.env.event()
        self.queue.append((Request(self.env.now, node, machine, mode), event))
        return event

    def release(self) -> None:
        """The repair is done."""
        self.free += 1

    def choices(self) -> Iterator[Choice]:
        """Yield the grant that comes next, if a repairer is free."""
        if self.free and self.queue:
            first, event = min(self.queue, key=lambda entry: entry[0])
            yield (2, first.node, first.machine, first.mode), lambda: self._grant(first, event)

    def _grant(self, first: Request, event: simpy.Event) -> None:
        self.queue.remove((first, event))
        self.free -= 1
        self.sent(first)
        event.succeed()
