# mypy: disable-error-code="import-not-found, import-untyped, misc, no-untyped-call, no-any-unimported"
"""salabim with its Store; generators, monitors and trace off (SimPy keeps none either)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import salabim

from benchmarks.line import LINES, Departures, Draw, Line, Outcome, difference_s, eventful, sources


def simulate(line: Line, units: int, draws: Sequence[Iterator[Draw]], log: Departures | None = None) -> Outcome:
    """Run until ``units`` units have gone through the first station and what is left has gone out."""
    env = salabim.Environment(trace=False, yieldless=False)
    buffers = [salabim.Store(capacity=line.places, monitor=False) for _ in range(line.stations - 1)]
    done = [0] * line.stations

    class Unit(salabim.Component):
        """A work piece: it does nothing by itself."""

    class Station(salabim.Component):
        """One machine."""

        def setup(self, number: int) -> None:
            self.number = number

        def process(self) -> Iterator[Any]:
            number = self.number
            before = buffers[number - 1] if number else None
            behind = buffers[number] if number + 1 < line.stations else None
            for duration_s, scrapped in islice(draws[number], units):
                if before is not None:
                    yield self.from_store(before)
                    unit = self.from_store_item()
                else:
                    unit = Unit("", mode=None)
                yield self.hold(duration_s)
                done[number] += 1
                if behind is not None and not scrapped:
                    yield self.to_store(behind, unit)
                if log is not None:
                    log[number].append(env.now())

    for number in range(line.stations):
        station = Station(number=number)
        station.mode.monitor(False)
        station.status.monitor(False)
    env.run()
    return Outcome(sum(done), done[-1], env.now())


def run(work: str, units: int, seed: int) -> Outcome:
    """A timed run with draws of its own."""
    return simulate(LINES[work], units, sources(LINES[work], seed))


def check(work: str) -> float:
    """Largest difference from the recursion, s."""
    return difference_s(simulate, eventful(LINES[work]), 1000)
