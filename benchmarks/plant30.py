"""PLANT-30: three feeder lines, an assembly, a batch, parallel machines, shifts, changeovers, scrap and shared repairers.

Thirty stations: feeders of 8, 6 and 5, a three-way assembly, three serial, a batch of 50, four exponential machines in
parallel, five serial. All times are integer ns, so that a model and the plain recursion below agree exactly.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from benchmarks.line import geometric

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
FEEDERS = {"long": 8, "middle": 6, "short": 5}
PLACES, PLACES_BEHIND_BATCH, BATCH, PARALLEL = 60, 120, 50, 4

Work = tuple[int, int, int, bool]
"""One product: work ns, how far into it the station fails (-1: it does not), repair ns, whether it is scrapped."""

Departures = list[list[int]]
"""Instants in ns at which units leave, by station."""


@dataclass(frozen=True, slots=True)
class Station:
    """A station; ``inputs`` are edges, ``output`` is an edge or -1 at the plant's exit."""

    name: str
    kind: Literal["serial", "assembly", "batch", "parallel"]
    cycle_ns: int
    inputs: tuple[int, ...]
    output: int
    scrap: float = 0.0
    setup_ns: int = 0
    fails: bool = True


@dataclass(frozen=True, slots=True)
class Plant:
    """PLANT-30 or a variation of it; ``open_ns`` of every ``day_ns`` are worked, repairs go on day and night."""

    stations: tuple[Station, ...]
    places: tuple[int, ...]
    failing_every: float
    repair_ns: int
    campaign: int
    crew: int
    open_ns: int
    day_ns: int
    exponential: bool = False

    def opened(self, at_ns: int) -> int:
        """First instant not before ``at_ns`` at which the plant works."""
        into = at_ns % self.day_ns
        return at_ns if into < self.open_ns else at_ns - into + self.day_ns

    def worked(self, from_ns: int, work_ns: int) -> int:
        """End of ``work_ns`` of work begun at ``from_ns``, interrupted by the hours that are not worked."""
        if work_ns == 0:
            return from_ns
        begin = self.opened(from_ns)
        into = begin % self.day_ns
        days, rest = divmod(into + work_ns - 1, self.open_ns)
        return begin - into + days * self.day_ns + rest + 1


def plant30(slow: float = 1.0, *, places: int = PLACES) -> Plant:
    """The plant as it is measured; ``slow`` multiplies every time except the calendar."""
    cycle_ns, setup_ns = round(0.0502e9 * slow), round(600e9 * slow)
    stations: list[Station] = []
    edges: list[int] = []

    def edge(size: int = places) -> int:
        edges.append(size)
        return len(edges) - 1

    def serial(name: str, before: tuple[int, ...], *, scrap: bool, setup: int, last: bool = False) -> int:
        behind = -1 if last else edge()
        own_ns = round(cycle_ns * (1 + 0.002 * ((7 * len(stations)) % 10 - 5)))
        stations.append(Station(name, "serial", own_ns, before, behind, 0.001 if scrap else 0.0, setup))
        return behind

    ends = []
    for feeder, length in FEEDERS.items():
        inputs: tuple[int, ...] = ()
        for number in range(length):
            inputs = (serial(f"{feeder}.s{number}", inputs, scrap=number == length - 1, setup=setup_ns),)
        ends.append(inputs[0])
    at = edge()
    stations.append(Station("main.join", "assembly", cycle_ns, tuple(ends), at, setup_ns=setup_ns))
    for number in range(3):
        at = serial(f"main.s{number}", (at,), scrap=number == 2, setup=setup_ns)
    full, out = edge(max(PLACES_BEHIND_BATCH, places)), edge()
    stations.append(Station("main.oven", "batch", round(BATCH * cycle_ns * 0.9), (at,), full, fails=False))
    stations.append(Station("main.gauge", "parallel", round(PARALLEL * cycle_ns * 0.9), (full,), out, fails=False))
    for number in range(3, 8):
        out = serial(f"main.s{number}", (out,), scrap=number == 3, setup=0, last=number == 7)
    return Plant(
        stations=tuple(stations),
        places=tuple(edges),
        failing_every=5000.0,
        repair_ns=round(20e9 * slow),
        campaign=100_000,
        crew=2,
        open_ns=16 * HOUR_NS,
        day_ns=24 * HOUR_NS,
    )


def eventful(*, exponential: bool) -> Plant:
    """A variation in which a short run meets every event: failures, waiting for repairers, scrap, shifts, changeovers."""
    plant = plant30(places=10)
    stations = tuple(
        replace(station, scrap=10 * station.scrap, setup_ns=station.setup_ns // 1200) for station in plant.stations
    )
    return replace(
        plant, stations=stations, failing_every=80.0, repair_ns=2 * SECOND_NS, campaign=100, exponential=exponential,
        open_ns=8 * SECOND_NS, day_ns=24 * SECOND_NS,
    )  # fmt: skip


def works(plant: Plant, station: int, seed: int) -> Iterator[Work]:
    """Endless products of one station (loads of the batch, units of the parallel machines in order of start)."""
    stream = random.Random(f"{seed}/{station}")
    own = plant.stations[station]
    exponential = plant.exponential or own.kind == "parallel"
    to_failure = geometric(stream.random, plant.failing_every) if own.fails else sys.maxsize
    to_scrap = geometric(stream.random, 1.0 / own.scrap) if own.scrap else sys.maxsize
    plain = (own.cycle_ns, -1, 0, False)
    while True:
        for _ in range(min(to_failure, to_scrap) - 1):
            to_failure -= 1
            to_scrap -= 1
            yield (round(stream.expovariate(1.0) * own.cycle_ns), -1, 0, False) if exponential else plain
        work_ns = round(stream.expovariate(1.0) * own.cycle_ns) if exponential else own.cycle_ns
        fails_at_ns, repair_ns, scrapped = -1, 0, to_scrap == 1
        to_failure -= 1
        to_scrap -= 1
        if to_failure == 0:
            fails_at_ns = math.floor(stream.random() * work_ns)
            repair_ns = round(stream.expovariate(1.0) * plant.repair_ns)
            to_failure = geometric(stream.random, plant.failing_every)
        if scrapped:
            to_scrap = geometric(stream.random, 1.0 / own.scrap)
        yield work_ns, fails_at_ns, repair_ns, scrapped


class Recursion:
    """Departures of the plant by repeated sweeps of the plain recursion.

    One sweep takes what is ahead (places freed, repairs granted) from the sweep before. Every effect takes time, so the
    first instant that is still wrong moves on with each sweep, and what no longer changes is the answer.
    """

    def __init__(self, plant: Plant, units: int, seed: int) -> None:
        self.plant = plant
        self.units = units
        self.draws = [list(islice(works(plant, m, seed), units)) for m in range(len(plant.stations))]
        self.taken: list[list[int]] = [[] for _ in plant.places]
        self.repaired: dict[tuple[int, int], int] = {}

    def departures(self) -> Departures:
        """Sweep until nothing changes."""
        before: Departures = []
        while (left := self._sweep()) != before:
            before = left
        return left

    def _sweep(self) -> Departures:
        self.arrived: list[list[tuple[int, int]]] = [[] for _ in self.plant.places]
        self.freed, self.taken = self.taken, [[] for _ in self.plant.places]
        self.requests: list[tuple[int, int, int, int]] = []
        kinds = {"serial": self._serial, "assembly": self._serial, "batch": self._batch, "parallel": self._parallel}
        left = [kinds[station.kind](m, station) for m, station in enumerate(self.plant.stations)]
        free = [0] * self.plant.crew
        self.repaired = {}
        for request_ns, station, number, repair_ns in sorted(self.requests):
            free.sort()
            free[0] = max(free[0], request_ns) + repair_ns
            self.repaired[station, number] = free[0]
        return left

    def _leave(self, edge: int, finish_ns: int, campaign: int) -> int:
        if edge < 0:
            return finish_ns
        full = len(self.arrived[edge]) - self.plant.places[edge]
        if 0 <= full < len(self.freed[edge]):
            finish_ns = max(finish_ns, self.freed[edge][full])
        self.arrived[edge].append((finish_ns, campaign))
        return finish_ns

    def _serial(self, m: int, station: Station) -> list[int]:
        left: list[int] = []
        free, running = 0, 0
        queues = [self.arrived[edge] for edge in station.inputs]
        for k in range(min([self.units, *map(len, queues)])):
            loads = [max(queue[k][0], free) for queue in queues]
            for edge, load in zip(station.inputs, loads, strict=True):
                self.taken[edge].append(load)
            campaign = queues[0][k][1] if queues else k // self.plant.campaign
            work_ns, fails_at_ns, repair_ns, scrapped = self.draws[m][k]
            setup_ns = station.setup_ns if campaign != running else 0
            running = campaign
            at = max([free, *loads])
            if fails_at_ns >= 0:
                at = self.plant.worked(at, setup_ns + fails_at_ns)
                self.requests.append((at, m, k, repair_ns))
                at = self.repaired.get((m, k), at + repair_ns)
                work_ns, setup_ns = work_ns - fails_at_ns, 0
            free = self.plant.worked(at, setup_ns + work_ns)
            if not scrapped:
                free = self._leave(station.output, free, campaign)
            left.append(free)
        return left

    def _batch(self, m: int, station: Station) -> list[int]:
        left: list[int] = []
        queue, taken, at = self.arrived[station.inputs[0]], self.taken[station.inputs[0]], 0
        for load in range(-(-len(queue) // BATCH)):
            units = queue[load * BATCH : (load + 1) * BATCH]
            for arrived_ns, _ in units:
                at = max(at, arrived_ns)
                taken.append(at)
            if len(units) < BATCH:
                break
            at = self.plant.worked(at, self.draws[m][load][0])
            for _, campaign in units:
                at = self._leave(station.output, at, campaign)
                left.append(at)
        return left

    def _parallel(self, m: int, station: Station) -> list[int]:
        left: list[int] = []
        queue, taken = self.arrived[station.inputs[0]], self.taken[station.inputs[0]]
        free = [0] * PARALLEL
        busy: list[tuple[int, int]] = []
        while len(left) < len(queue):
            k = len(taken)
            start = max(queue[k][0], min(free)) if free and k < len(queue) else None
            if start is not None and (not busy or start <= min(busy)[0]):
                free.remove(min(free))
                taken.append(start)
                busy.append((self.plant.worked(start, self.draws[m][k][0]), k))
                continue
            finish_ns, k = min(busy)
            busy.remove((finish_ns, k))
            free.append(self._leave(station.output, max([finish_ns, *left[-1:]]), queue[k][1]))
            left.append(free[-1])
        return left
