"""One machine: open or not, the work on a product with its stops, and the times by state."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from fabrika.plant import model

from .crews import Crew
from .draws import Draws
from .flow import Unit
from .learning import Learning
from .timeline import OpenTime

CYCLE = 2**20
ORDER = ["off_shift", "planned", "down", "waiting", "setup", "processing", "blocked", "starved"]
Steps = Generator[simpy.Event, Any, None]


@dataclass
class Job:
    """A product from the moment it is given to a machine: units that wait for the machine, units in it, units out."""

    number: int
    campaign: int
    waiting: list[list[Unit]]
    loaded: list[list[Unit]]
    begun_at: int = 0
    scrap_share: float = 0.0
    out: deque[Unit] = field(default_factory=deque)

    def claimed(self, e: int) -> int:
        """Return how many units of input ``e`` are its own."""
        return len(self.waiting[e]) + len(self.loaded[e])


@dataclass
class Stop:
    """A mode or planned stop on the clock of cycles (in ticks) or of busy time (in ns)."""

    spec: model.Mode | model.PlannedStop
    index: int
    remaining: int
    count: int = 0

    def position(self, work: int) -> int | None:
        """Return where in ``work`` ns it comes next, None if not in this product."""
        if self.spec.clock == "cycles":
            if self.remaining >= CYCLE:
                return None
            return math.floor(self.remaining * 2.0**-20 * work)
        return self.remaining if self.remaining < work else None


@dataclass(frozen=True)
class Surroundings:
    """What a machine needs to know of the plant."""

    env: simpy.Environment
    draws: Draws
    learning: Learning
    opened: OpenTime
    crews: dict[str, Crew]
    products: dict[str, model.Product]
    window: tuple[int, int]


class Machine:
    """Machine ``w`` of a station."""

    def __init__(self, around: Surroundings, name: str, node: int, w: int, spec: model.Station):
        self.around, self.env, self.name, self.node, self.w, self.spec = around, around.env, name, node, w, spec
        self.stream = f"{name}/m{w}"
        self.job: Job | None = None
        self.done = False
        self.setting_up = False
        self.free_since = 0
        self.product: str | None = None
        self.changeovers = 0
        self.gap: str | None = None
        self.crew_stops: dict[str, str] = {}
        self.own = "starved"
        self.times: dict[str, int] = defaultdict(int)
        self.label, self.label_since = "starved", 0
        self.changed = around.env.event()
        self.stops = [Stop(s, i, 0) for i, s in enumerate((*spec.fails, *spec.stops)) if s.clock in ("cycles", "busy")]
        for stop in self.stops:
            stop.remaining = self._until_next(stop)

    @property
    def is_open(self) -> bool:
        """Whether it may take units and process now."""
        return self.gap is None and not self.crew_stops

    def refresh(self) -> None:
        """Book the time since the last change and see what holds from now on; wakes whoever waits for a change."""
        self._book(self.env.now)
        self.label = self._first_that_applies()
        event, self.changed = self.changed, self.env.event()
        event.succeed()

    def _first_that_applies(self) -> str:
        """What stands still already stays what it is; processing and setting up pause in any gap."""
        if self.gap in ("off_shift", "planned", "down"):
            return self.gap
        crew = self._crew_label()
        if crew == "down":
            return crew
        paused = (self.gap or crew) and self.own in ("processing", "setup")
        return min((label for label in (self.gap, crew, None if paused else self.own) if label), key=ORDER.index)

    def close_books(self, end: int) -> dict[str, int]:
        """Return ns by class in the window."""
        self._book(end)
        return dict(self.times)

    def follow(self, changes: list[tuple[int, str | None]]) -> Steps:
        """Go through the gaps known beforehand."""
        for at, label in changes:
            yield self.env.timeout(at - self.env.now)
            self.gap = label
            self.refresh()

    def call_crew_by_clock(self, mode: model.Mode, index: int) -> Steps:
        """Let a mode on clock ``shift`` or ``clock`` with a crew stop the machine, idle or not."""
        clock = self.around.opened if mode.clock == "shift" else OpenTime(None)
        n = 0
        while True:
            after = self.around.draws.duration(mode.after, f"{self.stream}/{mode.id}/after", n)
            yield self.env.timeout(clock.later(self.env.now, after) - self.env.now)
            slower = self.around.learning.repair(self.env.now)
            self.crew_stops[mode.id] = "waiting"
            self.refresh()
            crew = self.around.crews[mode.crew or ""]
            yield crew.request(self.node, self.w, index)
            self.crew_stops[mode.id] = "down"
            self.refresh()
            yield self._repair(mode, n, slower)
            crew.release()
            del self.crew_stops[mode.id]
            self.refresh()
            n += 1

    def perform(self, job: Job) -> Steps:
        """Work and stop, from the begin of a product to its finish; then it is ``done``."""
        now = self.env.now
        job.begun_at = now
        product = self._product_of(job)
        kind = self.around.products.get(product)
        if kind is None or not kind.route or self.name in kind.route:
            job.scrap_share = self.spec.scrap_of.get(product, self.spec.scrap) * self.around.learning.scrap(now)
            slower = self.around.learning.repair(now)
            work = self._work_of(job, product)
            self.product = product
            yield from self._process(work, slower)
        self.done = True
        self._be("blocked")

    def free(self) -> None:
        """The product has left."""
        self.job, self.done, self.free_since = None, False, self.env.now
        self._be("starved")

    def _product_of(self, job: Job) -> str:
        return next(units[0].product for units in job.loaded if units)

    def _work_of(self, job: Job, product: str) -> int:
        law, factor = self.spec.cycle, 1.0
        if product in self.spec.cycle_of:
            law = self.spec.cycle_of[product]
        elif product in self.around.products:
            factor = self.around.products[product].cycle_factor
        assert law
        slower = self.around.learning.cycle(self.env.now)
        work = self.around.draws.duration(law, f"{self.name}/cycle", job.number, factor, slower)
        return max(work, 1 if self.spec.machines > 1 else 0)

    def change_over(self, product: str) -> bool:
        """Begin to set up for a campaign if its kind differs; False if there is nothing to set up."""
        kind = self.around.products.get(product)
        on_route = kind is None or not kind.route or self.name in kind.route
        before = self.product
        if not on_route or before is None or before == product or self.spec.changeover is None:
            return False
        self.product = product
        law = self.spec.changeover.times.get((before, product), self.spec.changeover.default)
        takes = self.around.draws.duration(law, f"{self.stream}/changeover", self.changeovers)
        self.changeovers += 1
        self.setting_up = True
        self._be("setup")
        self.env.process(self._set_up(takes))
        return True

    def _set_up(self, takes: int) -> Steps:
        yield from self._open_time(takes)
        self.setting_up, self.free_since = False, self.env.now
        self._be("starved")

    def _process(self, work: int, slower: float) -> Steps:
        self._be("processing")
        done = 0
        while True:
            ahead = [(p, stop.index, stop) for stop in self.stops if (p := stop.position(work)) is not None]
            if not ahead:
                break
            at, _, stop = min(ahead, key=lambda entry: entry[:2])
            yield from self._open_time(at - done)
            done = at
            yield from self._stop(stop, slower)
            self._be("processing")
            stop.count += 1
            stop.remaining += self._until_next(stop)
        yield from self._open_time(work - done)
        for stop in self.stops:
            stop.remaining -= CYCLE if stop.spec.clock == "cycles" else work

    def _stop(self, stop: Stop, slower: float) -> Steps:
        if isinstance(stop.spec, model.PlannedStop):
            self._be("planned")
            takes = self.around.draws.duration(stop.spec.takes, f"{self.stream}/{stop.spec.id}/takes", stop.count)
            yield self.env.timeout(takes)
            return
        crew = self.around.crews[stop.spec.crew] if stop.spec.crew else None
        if crew:
            self._be("waiting")
            yield crew.request(self.node, self.w, stop.index)
        self._be("down")
        yield self._repair(stop.spec, stop.count, slower)
        if crew:
            crew.release()

    def _until_next(self, stop: Stop) -> int:
        spec = stop.spec
        if isinstance(spec, model.PlannedStop):
            return math.floor(spec.every * (CYCLE if spec.clock == "cycles" else 1e9) + 0.5)
        stream = f"{self.stream}/{spec.id}/after"
        if spec.clock == "cycles":
            return self.around.draws.ticks(spec.after, stream, stop.count)
        return self.around.draws.duration(spec.after, stream, stop.count)

    def _repair(self, mode: model.Mode, n: int, slower: float) -> simpy.Event:
        takes = self.around.draws.duration(mode.repair, f"{self.stream}/{mode.id}/repair", n, slower)
        hours = self.around.opened if mode.works == "shifts" else OpenTime(None)
        return self.env.timeout(hours.later(self.env.now, takes) - self.env.now)

    def _open_time(self, amount: int) -> Steps:
        """Let ``amount`` ns of open time pass."""
        while amount > 0:
            if self.is_open:
                began = self.env.now
                yield self.env.timeout(amount) | self.changed
                amount -= self.env.now - began
            else:
                yield self.changed

    def _be(self, own: str) -> None:
        self.own = own
        self.refresh()

    def _crew_label(self) -> str | None:
        labels = set(self.crew_stops.values())
        return "down" if "down" in labels else "waiting" if labels else None

    def _book(self, now: int) -> None:
        t0, t1 = self.around.window
        self.times[self.label] += max(0, min(now, t1) - max(self.label_since, t0))
        self.label_since = now
