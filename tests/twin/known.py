"""A made-up world behind the executor's port, whose every answer is known: units are a product of powers times luck.

``units = scale x product(value ** power) x (1 + sd x z[number])`` with z one standard normal value a replication, the same
for every plant: common random numbers in their purest form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtri

from fabrika.plant.parameters import parameters
from fabrika.stats.beliefs import belief_factor
from fabrika.twin.execution import Slope
from fabrika.twin.path import PathResult
from fabrika.twin.replicate import layout
from fabrika.twin.results import Replication

WEEK_S = 604800.0


@dataclass
class World:
    """An executor in which a year costs ``year_s`` of a clock of its own."""

    scale: float
    powers: dict
    sd: float = 0.02
    year_s: float = 1.0
    workers: int = 1
    interrupt_after: int | None = None
    now: float = 0.0
    done: list = field(default_factory=list)

    def clock(self):
        return self.now

    def close(self):
        """Nothing to let go of."""

    def run(self, tasks):
        for task in tasks:
            if self.interrupt_after is not None and len(self.done) >= self.interrupt_after:
                raise KeyboardInterrupt
            year = 1.0 if isinstance(task, Slope) else task.period.window_ns / (365 * 86400e9)
            self.now += year * self.year_s / self.workers
            self.done.append(task)
            yield self.slope(task) if isinstance(task, Slope) else self.year(task)

    def units(self, task, factors):
        values = {row.path: row.value * factors.get(row.path, 1.0) for row in parameters(task.plant)}
        z = ndtri(np.random.default_rng([task.seed, task.number]).random())
        pace = self.scale * math.prod(values[path] ** power for path, power in self.powers.items())
        ramp = 0.9 if task.plant.ramp_up is not None and not task.period.steady else 1.0
        return ramp * pace * (1 + self.sd * z) * task.period.window_ns / (365 * 86400e9)

    def year(self, task):
        factors = {}
        if task.draw_beliefs:
            for i, belief in enumerate(task.plant.beliefs):
                u = np.random.default_rng([task.seed, task.number, i, 7]).random()
                factors[belief.path] = belief_factor(belief.kind, belief.low, belief.high, belief.events, u)
        names = layout(task.plant)
        good = np.array([round(self.units(task, factors))])
        days = max(1, math.ceil(task.period.window_ns / 86400e9))
        by_day = np.full((1, days), good[0] // days)
        by_day[0, -1] += good[0] - by_day.sum()
        n = len(names.stations)
        states = np.zeros((n, 9), dtype=np.int64)
        states[:, 5] = task.period.window_ns // 2
        states[:, 7] = task.period.window_ns - states[:, 5]
        return Replication(
            seed=task.seed,
            number=task.number,
            window_ns=task.period.window_ns,
            good=good,
            rejected=good * 0,
            good_by_day=by_day,
            state_ns=states,
            counts=np.tile(np.array([good[0], good[0], 0, 0]), (n, 1)),
            stops=np.zeros(len(names.modes), dtype=np.int64),
            stop_ns=np.zeros(len(names.modes), dtype=np.int64),
            level=np.zeros(len(names.buffers)),
            interruption_ns=np.zeros((len(names.interruptions), 2), dtype=np.int64),
            open_ns=np.full(n, task.period.window_ns),
            factors=factors,
            operations=0,
            weekly_state_ns=states[None],
        )

    def slope(self, task):
        """Derivatives of the time of the last piece for cycles only, as the real paths give."""
        values = {row.path: row.value for row in parameters(task.plant)}
        time_s = task.weeks * WEEK_S
        rate = self.units(task, {}) / (task.period.window_ns / 1e9)
        rows = {path: -power * time_s / values[path] for path, power in self.powers.items() if path.endswith(".cycle")}
        return PathResult(rows, values, round(rate * time_s), round(time_s * 1e9))
