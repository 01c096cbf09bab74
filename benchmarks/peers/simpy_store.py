"""SimPy as its documentation does it: a Store a buffer, one process a station, get, timeout, put."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from typing import Any

import simpy

from benchmarks.line import LINES, Departures, Draw, Line, Outcome, difference_s, eventful, sources


def simulate(line: Line, units: int, draws: Sequence[Iterator[Draw]], log: Departures | None = None) -> Outcome:
    """Run until ``units`` units have gone through the first station and what is left has gone out."""
    env = simpy.Environment()
    buffers = [simpy.Store(env, capacity=line.places) for _ in range(line.stations - 1)]
    done = [0] * line.stations

    def station(number: int) -> Generator[simpy.Event, Any, None]:
        before = buffers[number - 1] if number else None
        behind = buffers[number] if number + 1 < line.stations else None
        unit: Any = None
        for duration_s, scrapped in islice(draws[number], units):
            if before is not None:
                unit = yield before.get()
            yield env.timeout(duration_s)
            done[number] += 1
            if behind is not None and not scrapped:
                yield behind.put(unit)
            if log is not None:
                log[number].append(env.now)

    for number in range(line.stations):
        env.process(station(number))
    env.run()
    return Outcome(sum(done), done[-1], env.now)


def run(work: str, units: int, seed: int) -> Outcome:
    """A timed run with draws of its own."""
    return simulate(LINES[work], units, sources(LINES[work], seed))


def check(work: str) -> float:
    """Largest difference from the recursion, s."""
    return difference_s(simulate, eventful(LINES[work]), 2000)
