# mypy: disable-error-code="import-not-found, import-untyped, misc, no-untyped-call, no-any-unimported, valid-type"
"""cimba (PyPI): processes compiled by numba on the Cimba C engine, a Store a buffer.

No annotations from the future here: cimba reads the model's annotations as objects.
"""

import math

import cimba as cb
from cimba import random as draws

from benchmarks.line import LINES, Line, Outcome, departures, eventful, recorded


class Station(cb.Model):
    """One machine and the buffer before it."""

    units: int
    cycle_s: float
    exponential: bool
    failing_every: float
    repair_s: float
    scrap: float
    first: bool
    last: bool
    replayed: bool
    buffer: cb.Store[int]
    ahead: cb.Ref[cb.Store[int]]
    durations_s: cb.Array[float]
    scraps: cb.Array[bool]
    expected_s: cb.Array[float]
    done: int
    worst: float
    operations: cb.Output[float]
    difference_s: cb.Output[float]
    left_s: cb.Output[float]

    @cb.process
    def work(self):  # type: ignore[no-untyped-def]
        """Take, work, pass on."""
        to_failure = draws.geometric(1.0 / self.failing_every)
        to_scrap = 0
        if self.scrap > 0.0:
            to_scrap = draws.geometric(self.scrap)
        number = 0
        while number < self.units:
            unit = number
            if not self.first:
                unit = self.buffer.get()
            scrapped = False
            if self.replayed:
                duration_s = self.durations_s[number]
                scrapped = self.scraps[number]
            else:
                duration_s = self.cycle_s
                if self.exponential:
                    duration_s = draws.exponential(self.cycle_s)
                to_failure -= 1
                if to_failure == 0:
                    duration_s += draws.exponential(self.repair_s)
                    to_failure = draws.geometric(1.0 / self.failing_every)
                to_scrap -= 1
                if to_scrap == 0:
                    scrapped = True
                    to_scrap = draws.geometric(self.scrap)
            cb.hold(duration_s)
            self.done = number + 1
            if not self.last and not scrapped:
                self.ahead.put(unit)
            if self.replayed:
                self.worst = max(self.worst, abs(cb.now() - self.expected_s[number]))
            self.left_s = cb.now()
            number += 1

    @cb.on_end
    def report(self):  # type: ignore[no-untyped-def]
        """Hand over the counts."""
        self.operations = float(self.done)
        self.difference_s = self.worst


class Plant(cb.Model):
    """The stations in order."""

    stations: list[Station]

    def __init__(self, line: Line, units: int) -> None:
        stations = []
        for number, cycle_s in enumerate(line.cycles_s):
            station = Station()
            station.units, station.cycle_s, station.exponential = units, cycle_s, line.exponential
            station.failing_every, station.repair_s = line.failing_every, line.repair_s
            station.scrap = line.scrap if number in line.scrapping else 0.0
            station.first, station.last, station.replayed = number == 0, number + 1 == line.stations, False
            station.durations_s, station.scraps = cb.Array([0.0]), cb.Array([False])
            station.expected_s = cb.Array([math.inf])
            station.done, station.worst = 0, 0.0
            station.buffer = cb.Store(capacity=line.places)
            stations.append(station)
        for number, station in enumerate(stations):
            station.ahead = stations[min(number + 1, line.stations - 1)].buffer
        self.stations = stations


def _run(plant: Plant, seed: int) -> list[dict[str, float]]:
    results = cb.Experiment(plant, replications=1, seed=seed).run(workers=1)
    names = ("operations", "difference_s", "left_s")
    return [
        {name: float(getattr(results[station], name).values.ravel()[0]) for name in names} for station in plant.stations
    ]


def run(work: str, units: int, seed: int) -> Outcome:
    """A timed run with draws of its own."""
    rows = _run(Plant(LINES[work], units), seed)
    done = [int(row["operations"]) for row in rows]
    return Outcome(sum(done), done[-1], rows[-1]["left_s"])


def check(work: str) -> float:
    """Largest difference from the recursion, s, compared unit by unit inside the compiled process."""
    line, units = eventful(LINES[work]), 2000
    replay = recorded(line, units, 7)
    expected = departures(line, replay, units)
    plant = Plant(line, units)
    for station, draw, left in zip(plant.stations, replay, expected, strict=True):
        station.replayed = True
        station.durations_s = cb.Array([duration_s for duration_s, _ in draw])
        station.scraps = cb.Array([scrapped for _, scrapped in draw])
        station.expected_s = cb.Array(left + [math.inf] * (units - len(left)))
    rows = _run(plant, 1)
    counts = [int(row["operations"]) for row in rows], [len(left) for left in expected]
    if counts[0] != counts[1]:
        raise ValueError(f"departures by station: {counts[0]}, expected {counts[1]}")
    return max(row["difference_s"] for row in rows)
