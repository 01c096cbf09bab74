# mypy: disable-error-code="import-not-found, import-untyped, misc, no-untyped-call, no-any-unimported"
"""salabim tuned by hand: counters for the buffers, one hold an operation, passivate only where a station really waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import salabim

from benchmarks.line import LINES, Departures, Draw, Line, Outcome, difference_s, eventful, sources


def simulate(line: Line, units: int, draws: Sequence[Iterator[Draw]], log: Departures | None = None) -> Outcome:
    """Run until ``units`` units have gone through the first station and what is left has gone out."""
    env = salabim.Environment(trace=False, yieldless=False)
    waiting = [0] * line.stations
    done = [0] * line.stations
    starved = [False] * line.stations
    blocked = [False] * line.stations  # by the station whose buffer is full

    class Station(salabim.Component):
        """One machine."""

        def setup(self, number: int) -> None:
            self.number = number

        def process(self) -> Iterator[Any]:
            number, ahead = self.number, self.number + 1
            first, last = number == 0, ahead == line.stations
            for duration_s, scrapped in islice(draws[number], units):
                if not first:
                    if not waiting[number]:
                        starved[number] = True
                        yield self.passivate()
                    waiting[number] -= 1
                    if blocked[number]:
                        blocked[number] = False
                        stations[number - 1].activate()
                yield self.hold(duration_s)
                done[number] += 1
                if not last and not scrapped:
                    if waiting[ahead] >= line.places:
                        blocked[ahead] = True
                        yield self.passivate()
                    waiting[ahead] += 1
                    if starved[ahead]:
                        starved[ahead] = False
                        stations[ahead].activate()
                if log is not None:
                    log[number].append(env.now())

    stations = [Station(number=number) for number in range(line.stations)]
    for station in stations:
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
