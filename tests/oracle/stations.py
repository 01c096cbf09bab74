"""Stations: they give products to machines, load, finish, unload, and go from campaign to campaign."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator

from fabrika.plant import model

from .flow import Edge, Message, Unit
from .junctions import Choice
from .machine import Job, Machine, Surroundings
from .outcome import OracleResult

Leave = Callable[[str, Unit], None]


class Station:
    """Machines of one kind behind their inputs; a first station makes its units itself."""

    judges_when_unloading = False

    def __init__(self, around: Surroundings, name: str, index: int, spec: model.Station, result: OracleResult):
        self.around, self.env, self.name, self.index, self.spec = around, around.env, name, index, spec
        self.result = result
        self.ins: list[Edge] = []
        self.out: Edge | None = None
        self.leaves_plant: Leave = lambda _name, _unit: None
        self.sequence: tuple[model.Campaign, ...] = ()
        self.products_in_turn: list[str] = []
        self.machines = [Machine(around, name, index, w, spec) for w in range(spec.machines)]
        self.need = [1]
        self.loading: list[Job] = []
        self.going_out: deque[Job] = deque()
        self.campaign, self.begun_in_campaign, self.numbers = 0, 0, 0
        self.scraps = 0
        self.budget: int | None = None

    # What is no choice ------------------------------------------------------------------------------------------

    def act(self) -> bool:
        """Do one thing that is not a choice; False if there is none."""
        single = len(self.machines) == 1
        return (
            self._claim()
            or (single and self._give())
            or self._load()
            or self._begin()
            or (single and self.machines[0].done and self._finish(self.machines[0]))
            or self._scrap_head()
            or self._come_first()
            or self._leave()
            or self._end_of_campaign()
        )

    def _own_head(self, e: int) -> bool:
        """Return whether the next thing of an input is a unit (of the campaign we are in)."""
        head = self.ins[e].head()
        assert not isinstance(head, Unit) or head.campaign == self.campaign
        return isinstance(head, Unit)

    def _told(self, e: int) -> bool:
        return isinstance(self.ins[e].head(), Message)

    def _claim(self) -> bool:
        for e, edge in enumerate(self.ins):
            for job in self.loading:
                if job.claimed(e) < self.need[e] and self._own_head(e):
                    unit = edge.take()
                    assert isinstance(unit, Unit)
                    job.waiting[e].append(unit)
                    return True
        return False

    def _idle(self) -> Machine | None:
        """Return, of the idle machines that are open, the one idle the longest."""
        idle = [m for m in self.machines if m.job is None and m.is_open and not m.setting_up]
        return min(idle, key=lambda m: (m.free_since, m.w), default=None)

    def _may_give(self) -> bool:
        if self._idle() is None:
            return False
        if not self.ins:
            return not self.sequence or self.begun_in_campaign < self._quantity()
        inputs = range(len(self.ins))
        return not any(self._told(e) for e in inputs) and any(self._beyond(e) for e in inputs)

    def _beyond(self, e: int) -> bool:
        """Return whether a unit waits that no product being loaded needs, all before it being loaded."""
        return self._own_head(e) and all(len(job.loaded[e]) == self.need[e] for job in self.loading)

    def _quantity(self) -> int:
        return self.sequence[self.campaign % len(self.sequence)].quantity

    def _give(self) -> bool:
        if not self._may_give():
            return False
        machine = self._idle()
        assert machine
        inputs = max(1, len(self.ins))
        machine.job = Job(self.numbers, self.campaign, [[] for _ in range(inputs)], [[] for _ in range(inputs)])
        if not self.ins:
            product = self.sequence[self.campaign % len(self.sequence)].product if self.sequence else ""
            machine.job.waiting[0] = [Unit(product, self.campaign) for _ in range(self.need[0])]
        self.numbers += 1
        self.begun_in_campaign += 1
        self.loading.append(machine.job)
        return True

    def _machine_of(self, job: Job) -> Machine:
        return next(m for m in self.machines if m.job is job)

    def _load(self) -> bool:
        for job in self.loading:
            if self._machine_of(job).is_open:
                for e, waiting in enumerate(job.waiting):
                    if waiting and not self._behind(job, e):
                        job.loaded[e].append(waiting.pop(0))
                        self.result.came[self.name].append((self.env.now, job.loaded[e][-1]))
                        if self.ins and not self.ins[e].held:
                            self.ins[e].release()
                        return True
        return False

    def _behind(self, job: Job, e: int) -> bool:
        """Return whether a unit of an earlier product is still to be loaded from this input."""
        earlier = self.loading[: self.loading.index(job)]
        return any(other.waiting[e] for other in earlier)

    def _begin(self) -> bool:
        for job in self.loading:
            if all(len(units) == self.need[e] for e, units in enumerate(job.loaded)):
                self._begin_job(job)
                return True
        return False

    def _begin_job(self, job: Job) -> None:
        self.loading.remove(job)
        self.result.starts[self.name].append(self.env.now)
        self.env.process(self._machine_of(job).perform(job))

    def _come_first(self) -> bool:
        unit = self.ready()
        if unit is None or unit.first:
            return False
        unit.first, unit.arrived = True, self.env.now
        return True

    def _leave(self) -> bool:
        if self.out is not None and (self.out.direct or not self.out.has_place()):
            return False
        if self.ready() is None:
            return False
        unit = self.let_go()
        if self.out is None:
            self.leaves_plant(self.name, unit)
        else:
            self.out.put(unit)
        return True

    def ready(self) -> Unit | None:
        """Return the unit that waits to leave."""
        return self.going_out[0].out[0] if self.going_out else None

    def let_go(self) -> Unit:
        """Let the first unit leave now."""
        unit = self.going_out[0].out.popleft()
        self.result.departures[self.name].append(self.env.now)
        self.result.left[self.name].append((self.env.now, unit))
        if not self.going_out[0].out:
            self._free(self.going_out.popleft())
        return unit

    def _free(self, job: Job) -> None:
        for edge, units in zip(self.ins, job.loaded, strict=False):
            if edge.held:
                edge.release(len(units))
        self._machine_of(job).free()

    # Finish and scrap -------------------------------------------------------------------------------------------

    def _finish(self, machine: Machine) -> bool:
        job = machine.job
        assert job
        machine.done = False
        job.out.extend(self.products(job))
        for unit in job.out:
            unit.first = False
        if not self.judges_when_unloading and self._scrapped(job):
            self._free(job)
        else:
            self.going_out.append(job)
        return True

    def products(self, job: Job) -> list[Unit]:
        """Return what becomes of the loaded units."""
        return job.loaded[0]

    def _scrapped(self, job: Job) -> bool:
        """Judge one unit: it costs its share of the scrap budget."""
        if job.scrap_share <= 0:
            return False
        if self.budget is None:
            self.budget = self._draw_budget()
        cost = math.inf
        if job.scrap_share < 1:
            cost = math.floor(-math.log(1.0 - job.scrap_share) * 2.0**40 + 0.5)
        if self.budget >= cost:
            self.budget -= int(cost)
            return False
        self.scraps += 1
        self.budget = self._draw_budget()
        self.result.scraps[self.name].append(self.env.now)
        self.result.scrapped[self.name].append((self.env.now, job.out[0]))
        return True

    def _draw_budget(self) -> int:
        draws = self.around.draws
        u = draws.uniform(f"{self.name}/scrap", self.scraps)
        return math.floor(draws.quantile("exponential", 0.0, u) * 2.0**40 + 0.5)

    def _scrap_head(self) -> bool:
        return False

    # Campaigns --------------------------------------------------------------------------------------------------

    def _end_of_campaign(self) -> bool:
        if self.ins and any(self._told(e) for e in range(len(self.ins))) and self._give_up():
            return True
        over = all(self._told(e) for e in range(len(self.ins)))
        if not self.ins:
            over = bool(self.sequence) and self.begun_in_campaign == self._quantity()
        if not over or self.going_out or any(m.job is not None or m.setting_up for m in self.machines):
            return False
        for edge in self.ins:
            edge.take()
        self.campaign, self.begun_in_campaign = self.campaign + 1, 0
        for machine in self.machines if self.products_in_turn else ():
            machine.change_over(self.products_in_turn[self.campaign % len(self.products_in_turn)])
        if self.out is not None:
            self.out.tell()
        return True

    def _give_up(self) -> bool:
        """Do what must be done with units of which no product can be made any more; False if there is nothing."""
        return False

    # Choices ----------------------------------------------------------------------------------------------------

    def choices(self) -> Iterator[Choice]:
        """Yield what may be chosen now: the finished machine with the smallest number, the start on an idle one."""
        if len(self.machines) == 1:
            return
        for machine in self.machines:
            if machine.done and machine.job is not None:
                yield (0, self.index, machine.w, 0), lambda m=machine: self._finish(m)  # type: ignore[misc]
        if self._may_give():
            machine_idle = self._idle()
            assert machine_idle
            yield (3, self.index, machine_idle.w, 0), self._give


class Gathering(Station):
    """A station that needs several units for a product: what is left over at a campaign's end is withdrawn."""

    def _hopeless(self, job: Job) -> bool:
        return any(self._told(e) and job.claimed(e) < self.need[e] for e in range(len(self.ins)))

    def _give_up(self) -> bool:
        for job in reversed(self.loading):
            if self._hopeless(job):
                self._undo(job)
                return True
        for e, edge in enumerate(self.ins):
            if self._beyond(e):
                unit = edge.take()
                assert isinstance(unit, Unit)
                edge.release()
                self._withdraw(unit)
                return True
        return False

    def _undo(self, job: Job) -> None:
        for edge, waiting, loaded in zip(self.ins, job.waiting, job.loaded, strict=True):
            edge.release(len(waiting) + (len(loaded) if edge.held else 0))
            for unit in loaded + waiting:
                self._withdraw(unit)
        machine = self._machine_of(job)
        machine.job = None
        self.loading.remove(job)
        self.numbers -= 1

    def _withdraw(self, unit: Unit) -> None:
        self.result.surplus[self.name].append((self.env.now, unit.product))


class Assembly(Gathering):
    """``count`` of each input become one."""

    def products(self, job: Job) -> list[Unit]:
        made = Unit(job.loaded[0][0].product, job.campaign)
        self.result.parts[id(made)] = [unit for units in job.loaded for unit in units]
        return [made]


class Packing(Gathering):
    """``size`` units become one container that keeps their pieces."""

    def products(self, job: Job) -> list[Unit]:
        units = job.loaded[0]
        made = Unit(units[0].product, job.campaign, pieces=sum(u.pieces for u in units))
        self.result.parts[id(made)] = units
        return [made]


class Batch(Station):
    """``size`` units go in together and come out one by one; a part-filled batch goes when the campaign ends."""

    judges_when_unloading = True

    def _scrap_head(self) -> bool:
        unit = self.ready()
        if unit is None or unit.judged:
            return False
        unit.judged = True
        job = self.going_out[0]
        if self._scrapped(job):
            job.out.popleft()
            if not job.out:
                self._free(self.going_out.popleft())
        return True

    def products(self, job: Job) -> list[Unit]:
        for unit in job.loaded[0]:
            unit.judged = False
        return job.loaded[0]

    def _give_up(self) -> bool:
        for job in self.loading:
            if not job.waiting[0] and job.loaded[0]:
                self._begin_job(job)
                return True
        return False


class Transport:
    """A way that takes ``time`` and holds ``capacity`` units, in order, day and night."""

    def __init__(self, around: Surroundings, name: str, index: int, spec: model.Station, result: OracleResult):
        self.env, self.name, self.index, self.result = around.env, name, index, result
        self.capacity = spec.capacity
        self.time_ns = math.floor(spec.time * 1e9 + 0.5)
        self.ins: list[Edge] = []
        self.out: Edge | None = None
        self.leaves_plant: Leave = lambda _name, _unit: None
        self.under_way: deque[Unit | Message] = deque()

    def act(self) -> bool:
        """Do one thing; False if there is none."""
        return self._enter() or self._hand_on() or self._come_first() or self._leave()

    def choices(self) -> Iterator[Choice]:
        """Yield nothing: a way has no choice."""
        yield from ()

    def _enter(self) -> bool:
        edge = self.ins[0]
        head = edge.head()
        if isinstance(head, Message):
            edge.take()
            self.under_way.append(head)
            return True
        on_it = sum(isinstance(thing, Unit) for thing in self.under_way)
        if head is None or on_it >= self.capacity:
            return False
        edge.take()
        if not edge.held:
            edge.release()
        head.ready_at, head.first = self.env.now + self.time_ns, False
        self.env.timeout(self.time_ns)
        self.under_way.append(head)
        self.result.starts[self.name].append(self.env.now)
        self.result.came[self.name].append((self.env.now, head))
        return True

    def _hand_on(self) -> bool:
        if self.under_way and isinstance(self.under_way[0], Message):
            self.under_way.popleft()
            if self.out is not None:
                self.out.tell()
            return True
        return False

    def _come_first(self) -> bool:
        unit = self.ready()
        if unit is None or unit.first:
            return False
        unit.first, unit.arrived = True, self.env.now
        return True

    def _leave(self) -> bool:
        if self.ready() is None or (self.out is not None and (self.out.direct or not self.out.has_place())):
            return False
        unit = self.let_go()
        if self.out is None:
            self.leaves_plant(self.name, unit)
        else:
            self.out.put(unit)
        return True

    def ready(self) -> Unit | None:
        """Return the unit at the end of the way, if it waits to leave."""
        first = self.under_way[0] if self.under_way else None
        return first if isinstance(first, Unit) and first.ready_at <= self.env.now else None

    def let_go(self) -> Unit:
        """Let the first unit leave now."""
        unit = self.under_way.popleft()
        assert isinstance(unit, Unit)
        if self.ins[0].held:
            self.ins[0].release()
        self.result.departures[self.name].append(self.env.now)
        self.result.left[self.name].append((self.env.now, unit))
        return unit
