"""Merges, splits and pass-throughs: no time and no place of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import simpy

from .flow import Edge, Message, Unit

Choice = tuple[tuple[int, int, int, int], Callable[[], object]]


class Junction:
    """Passes units from its inputs to its outputs."""

    def __init__(self, env: simpy.Environment, name: str, departures: list[int]):
        self.env, self.name, self.departures = env, name, departures
        self.index = -1
        self.ins: list[Edge] = []
        self.outs: list[Edge] = []

    def act(self) -> bool:
        """Hand the campaign message on once it is at the head of every input."""
        if all(isinstance(e.head(), Message) for e in self.ins):
            for edge in self.ins:
                edge.take()
            for edge in self.outs:
                edge.tell()
            return True
        return False

    def choices(self) -> Iterator[Choice]:
        """Yield what may be chosen now."""
        yield from ()

    def _pass(self, source: Edge, target: Edge) -> None:
        unit = source.take()
        assert isinstance(unit, Unit)
        source.release()
        target.put(unit)
        self.departures.append(self.env.now)


class PassThrough(Junction):
    """One input, one output: nothing to choose."""

    def act(self) -> bool:
        if isinstance(self.ins[0].head(), Unit) and self.outs[0].has_place():
            self._pass(self.ins[0], self.outs[0])
            return True
        return super().act()


class Merge(Junction):
    """The head that arrived first goes first; ties: order of inputs."""

    def choices(self) -> Iterator[Choice]:
        heads = [(e.head(), i) for i, e in enumerate(self.ins)]
        waiting = [(unit.arrived, i) for unit, i in heads if isinstance(unit, Unit)]
        if waiting and self.outs[0].has_place():
            _, i = min(waiting)
            yield (1, self.index, 0, i), lambda: self._pass(self.ins[i], self.outs[0])


class Split(Junction):
    """The first output with a free place, or strictly in turn."""

    def __init__(self, env: simpy.Environment, name: str, departures: list[int], *, in_turn: bool):
        super().__init__(env, name, departures)
        self.in_turn, self.turn = in_turn, 0

    def choices(self) -> Iterator[Choice]:
        if isinstance(self.ins[0].head(), Unit):
            outs = [self.outs[self.turn]] if self.in_turn else self.outs
            free = next((e for e in outs if e.has_place()), None)
            if free is not None:
                yield (1, self.index, 0, 0), lambda: self._choose(free)

    def _choose(self, free: Edge) -> None:
        self._pass(self.ins[0], free)
        self.turn = (self.turn + 1) % len(self.outs)
