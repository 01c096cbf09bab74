# ruff: noqa: ARG002 - Simantha names the arguments
# mypy: disable-error-code="import-not-found, import-untyped, misc, no-untyped-call, no-any-unimported"
"""Simantha: Source, Machine, Buffer, Sink. It has no scrap: its line runs without, and is checked without.

Its own failures are Markov steps per time unit, so a failing cycle is given to it as a longer cycle. It runs for a
simulated time, not for a number of units; data collection is off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import simantha

from benchmarks.line import LINES, Departures, Draw, Line, Outcome, difference_s, eventful, sources

SLOWEST_S = 1.5
"""More than one unit of either line takes on average, so that the run is as long as was asked for."""


class Station(simantha.Machine):
    """A machine whose cycles are handed to it."""

    def __init__(self, draws: Iterator[Draw], log: list[float] | None) -> None:
        self.draws: Iterator[Draw] = iter(((0.0, False),))  # the constructor asks once for a cycle it never uses
        self.log = log
        super().__init__()
        self.draws = draws

    def get_cycle_time(self) -> float:
        """Duration of the next cycle, s; endless once the recorded draws have run out."""
        return next(self.draws, (float("inf"), False))[0]

    def output_addon_process(self, part: Any) -> None:
        """Called as a part leaves."""
        if self.log is not None:
            self.log.append(self.env.now)


def _system(line: Line, draws: Sequence[Iterator[Draw]], log: Departures | None) -> tuple[Any, Any, list[Station]]:
    source, sink = simantha.Source(), simantha.Sink()
    stations = [Station(draw, None if log is None else log[number]) for number, draw in enumerate(draws)]
    buffers = [simantha.Buffer(capacity=line.places) for _ in stations[1:]]
    for number, station in enumerate(stations):
        station.name = f"station {number}"
        before = buffers[number - 1] if number else source
        behind = buffers[number] if station is not stations[-1] else sink
        station.define_routing(upstream=[before], downstream=[behind])
        before.define_routing(upstream=[stations[number - 1]] if number else [], downstream=[station])
    sink.define_routing(upstream=[stations[-1]])
    return simantha.System(objects=[source, sink, *stations, *buffers]), sink, stations


def simulate(line: Line, units: int, draws: Sequence[Iterator[Draw]], log: Departures | None = None) -> Outcome:
    """Run for as long as ``units`` units take at most."""
    system, sink, stations = _system(line, draws, log)
    until_s = units * SLOWEST_S
    system.simulate(simulation_time=until_s, verbose=False, collect_data=False)
    return Outcome(sum(station.parts_made for station in stations), sink.level, until_s)


def run(work: str, units: int, seed: int) -> Outcome:
    """A timed run with draws of its own."""
    line = replace(LINES[work], scrapping=())
    return simulate(line, units, sources(line, seed))


def check(work: str) -> float:
    """Largest difference from the recursion, s."""
    return difference_s(simulate, replace(eventful(LINES[work]), scrapping=()), 500)
