"""PLANT-30 in SimPy: a Store a buffer, a Resource for the repairers, a process a machine.

It differs from the plant file in one point, to SimPy's advantage: at the end of a campaign the assembly does not
withdraw the few units of the old campaign that have no partner (their number is that of the scrapped units); they are
joined with units of the next.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

import simpy

from benchmarks.line import Outcome
from benchmarks.plant30 import (
    BATCH,
    PARALLEL,
    SECOND_NS,
    Departures,
    Plant,
    Recursion,
    Station,
    Work,
    eventful,
    plant30,
    works,
)


class Model:
    """The plant's processes; ``done`` counts the units each station has worked."""

    def __init__(
        self, plant: Plant, units: int, draws: Sequence[Iterator[Work]], log: Departures | None = None
    ) -> None:
        self.plant = plant
        self.units = units
        self.draws = draws
        self.log = log
        self.env = simpy.Environment()
        self.buffers = [simpy.Store(self.env, capacity=places) for places in plant.places]
        self.crew = simpy.Resource(self.env, capacity=plant.crew)
        self.done = [0] * len(plant.stations)
        self.good = 0
        for m, station in enumerate(plant.stations):
            if station.kind == "batch":
                self.env.process(self.batch(m, station))
            elif station.kind == "parallel":
                for _ in range(PARALLEL):
                    self.env.process(self.parallel(m, station))
            else:
                self.env.process(self.serial(m, station))

    def work(self, work_ns: int) -> simpy.Event:
        """Work from now, in the hours that are worked."""
        now: Any = self.env.now
        return self.env.timeout(self.plant.worked(now, work_ns) - now)

    def left(self, m: int) -> None:
        """A unit has left station ``m``."""
        if self.log is not None:
            now: Any = self.env.now
            self.log[m].append(now)

    def serial(self, m: int, station: Station) -> Generator[simpy.Event, Any, None]:
        """A serial machine or the assembly."""
        env, work = self.env, self.work
        inputs = [self.buffers[edge] for edge in station.inputs]
        output = self.buffers[station.output] if station.output >= 0 else None
        running = 0
        for k in range(self.units):
            campaign: Any = k // self.plant.campaign
            if len(inputs) == 1:
                campaign = yield inputs[0].get()
            elif inputs:
                units = [buffer.get() for buffer in inputs]
                yield env.all_of(units)
                campaign = units[0].value
            work_ns, fails_at_ns, repair_ns, scrapped = next(self.draws[m])
            if campaign != running:
                running = campaign
                work_ns += station.setup_ns
                fails_at_ns += station.setup_ns if fails_at_ns >= 0 else 0
            if fails_at_ns >= 0:
                yield work(fails_at_ns)
                with self.crew.request() as repairer:
                    yield repairer
                    yield env.timeout(repair_ns)
                work_ns -= fails_at_ns
            yield work(work_ns)
            self.done[m] += 1
            if scrapped:
                pass
            elif output is not None:
                yield output.put(campaign)
            else:
                self.good += 1
            self.left(m)

    def batch(self, m: int, station: Station) -> Generator[simpy.Event, Any, None]:
        """Takes units in one by one, works on all of them, gives them out one by one."""
        before, behind = self.buffers[station.inputs[0]], self.buffers[station.output]
        while True:
            units: list[Any] = []
            while len(units) < BATCH:
                units.append((yield before.get()))
            yield self.work(next(self.draws[m])[0])
            self.done[m] += BATCH
            for unit in units:
                yield behind.put(unit)
                self.left(m)

    def parallel(self, m: int, station: Station) -> Generator[simpy.Event, Any, None]:
        """One of the machines in parallel."""
        before, behind = self.buffers[station.inputs[0]], self.buffers[station.output]
        while True:
            unit = yield before.get()
            yield self.work(next(self.draws[m])[0])
            self.done[m] += 1
            yield behind.put(unit)
            self.left(m)


def run(work: str, units: int, seed: int) -> Outcome:
    """A timed run: ``units`` units into each feeder."""
    plant = {"plant-30": plant30()}[work]
    model = Model(plant, units, [works(plant, m, seed) for m in range(len(plant.stations))])
    model.env.run()
    return Outcome(sum(model.done), model.good, model.env.now / SECOND_NS)


def check(work: str, units: int = 300) -> float:
    """Largest difference from the recursion, s; constant and exponential cycles."""
    assert work == "plant-30"
    worst = 0
    for exponential in (False, True):
        plant = eventful(exponential=exponential)
        log: Departures = [[] for _ in plant.stations]
        Model(plant, units, [works(plant, m, 4) for m in range(len(plant.stations))], log).env.run()
        expected = Recursion(plant, units, 4).departures()
        if [len(row) for row in log] != [len(row) for row in expected]:
            raise ValueError("the model and the recursion made different numbers of departures")
        worst = max(
            worst,
            *(abs(a - b) for row, other in zip(log, expected, strict=True) for a, b in zip(row, other, strict=True)),
        )
    return worst / SECOND_NS
