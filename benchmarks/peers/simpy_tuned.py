"""SimPy tuned by hand: counters for the buffers, one Timeout an operation, an Event only where a station really waits."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from typing import Any

import simpy

from benchmarks.line import LINES, Departures, Draw, Line, Outcome, difference_s, eventful, sources


def simulate(line: Line, units: int, draws: Sequence[Iterator[Draw]], log: Departures | None = None) -> Outcome:
    """Run until ``units`` units have gone through the first station and what is left has gone out."""
    env = simpy.Environment()
    places = line.places
    waiting = [0] * line.stations
    done = [0] * line.stations
    starved: list[simpy.Event | None] = [None] * line.stations
    blocked: list[simpy.Event | None] = [None] * line.stations  # by the station whose buffer is full

    def station(number: int) -> Generator[simpy.Event, Any, None]:
        first, last, ahead = number == 0, number + 1 == line.stations, number + 1
        timeout, event = env.timeout, env.event
        for duration_s, scrapped in islice(draws[number], units):
            if not first:
                if not waiting[number]:
                    starved[number] = gate = event()
                    yield gate
                waiting[number] -= 1
                wake = blocked[number]
                if wake is not None:
                    blocked[number] = None
                    wake.succeed()
            yield timeout(duration_s)
            done[number] += 1
            if not last and not scrapped:
                if waiting[ahead] >= places:
                    blocked[ahead] = gate = event()
                    yield gate
                waiting[ahead] += 1
                wake = starved[ahead]
                if wake is not None:
                    starved[ahead] = None
                    wake.succeed()
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
