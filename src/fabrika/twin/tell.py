"""The twin tells: a simulated period as events, in the floor's own words.

From a plant and a seed the same events follow, in the same order, however much of them is asked for: what is told of thirty days
is the beginning of what is told of sixty, and the live twin goes on where a told period ended.

Controllers of stations tell counts and states, a tablet on each line what people say, the desk orders and persons. Events are
told in the order of the instants at which they happened.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Protocol

from fabrika.events.house import TwinStarted
from fabrika.events.production import ContainerFilled, LotOpened, LotRequired
from fabrika.twin.kernel.fields import DOWN, OFF_SHIFT, PROCESSING
from fabrika.twin.rota import Rota
from fabrika.twin.tell_lots import LineLots
from fabrika.twin.tell_people import DESK, People
from fabrika.twin.tell_station import Said, Station, times_before
from fabrika.twin.telling import LONG_NS
from fabrika.twin.told_run import ToldRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fabrika.events.event import Event
    from fabrika.plant.model import Plant
    from fabrika.twin.results import Period
    from fabrika.twin.told_run import Standstill, Turn, Window

EVERY_US = 300 * 1_000_000
"""A count covers so much time."""
IDLE = 12
"""Counts' times that one count of a line which stands off shift covers: an hour."""
LAG_US = 2 * LONG_NS // 1000
"""What happened so long before an instant is certain at it: a state, and that it lasted."""
AHEAD_US = 60 * 86_400 * 1_000_000
"""The rota is known for so long beyond what is told, so that whoever has something to do finds the next shift."""
TWIN = "twin"

FIRST, COUNTED, ORDERED, BEGUN, ELSE = range(5)
"""Order of what happens at one instant: the book's own, what ended, orders and lots, states, people."""


class Listener(Protocol):
    """Hears what is told, in the order of time."""

    def hear(self, said: Said) -> Iterable[Said]:
        """What follows of something, at that instant or later."""


Listening = Callable[["Plant", Rota, People], Listener]
"""Makes a listener for a plant, with who works when and how long people take."""


def _late_us(plant: str, source: str) -> int:
    """How long a controller's messages take to its connector: 20 to 500 ms."""
    return 20_000 + int.from_bytes(hashlib.blake2b(f"{plant}\0{source}".encode(), digest_size=4).digest()) % 480_000


class Teller:
    """Tells one run of a plant.

    Args:
        plant: what is run, with its parameters as stated.
        period: what is told at most; see :func:`fabrika.twin.period.lasting`.
        seed: names every draw; replication 0 of it is told.
        listening: makes what hears everything that is told, and says what follows of it; nothing follows without it.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
    """

    def __init__(
        self, plant: Plant, period: Period, seed: int, *, every_us: int = EVERY_US, listening: Listening | None = None
    ) -> None:
        self.plant, self.period, self.seed, self.every_us = plant, period, seed, every_us
        self.rota = Rota(plant, period.start_us, period.end_us + AHEAD_US)
        self.shift_ends = self.rota.begins_us()
        grid = set(range(period.start_us + every_us, period.end_us, every_us))
        inside = {at for at in self.shift_ends if period.start_us < at < period.end_us}
        self.run = ToldRun(plant, period, seed, 0, sorted(grid | inside | {period.end_us}))
        self.people = People(plant, self.rota, seed, period.start_us)
        self.listener = listening(plant, self.rota, self.people) if listening is not None else None
        self.stations = [
            Station(node, period.start_us, _late_us(plant.id, f"controller/{node.name}")) for node in self.run.nodes
        ]
        self.lots = self._lots()
        self.line_of = [node.line.id for node in self.run.nodes if node.line is not None]
        self.members: dict[str, list[int]] = defaultdict(list)
        for s, line in enumerate(self.line_of):
            self.members[line].append(s)
        self.driven = self._drive()
        self.campaign = [0] * len(self.stations)
        self._waiting: list[tuple[int, int, int, Said]] = []
        self._numbers = count()
        self._filled: dict[str, int] = defaultdict(int)

    def _lots(self) -> dict[str, LineLots]:
        found = {}
        for line in self.plant.lines:
            nodes = [node for node in self.run.nodes if node.line is line]
            found[line.id] = LineLots(line, nodes[0].sequence, nodes[-1].pieces)
        return found

    def tell(self) -> Iterator[tuple[int, list[Said]]]:
        """Everything, window by window: up to which instant (us) all is told, and what is told since the instant before.

        Raises:
            TwinLimitError: the kernel met a limit of its own.
        """
        windows = self.run.windows()
        self._begin(next(windows))
        for window in windows:
            self._window(window)
            upto = self.run.instant_us(window.until) - LAG_US
            yield upto, self._ready(upto)

    def _ready(self, upto: int) -> list[Said]:
        """All until an instant in the order of time, with what follows of it by itself and by people."""
        ready: list[Said] = []
        while self._waiting and self._waiting[0][0] <= upto:
            one = heapq.heappop(self._waiting)[3]
            ready.append(one)
            if isinstance(one.event, LotRequired) and not self.people.forgets(one.event.station):
                self.lots[one.event.line].due[one.event.lot] = one.event.makes
            for follows in self.listener.hear(one) if self.listener is not None else ():
                self._say(ELSE, follows)
        return ready

    def _say(self, rank: int, *said: Said) -> None:
        for one in said:
            heapq.heappush(self._waiting, (one.at_us, rank, next(self._numbers), one))

    def _desk(self, rank: int, events: Iterable[Event], line: str, at_us: int) -> None:
        """Orders come from the desk, lots are opened on the line's tablet by whoever is there."""
        for event in events:
            if isinstance(event, LotOpened):
                person, _ = self.rota.at_work(line, at_us)
                self._say(rank, self.people.by_person(line, person, event, at_us))
            else:
                self._say(rank, Said(at_us, DESK, event))

    def _begin(self, window: Window) -> None:
        """The state of the plant as the period begins."""
        at_us = self.period.start_us
        began = TwinStarted(seed=self.seed % 2**53, start_us=at_us, every_us=self.every_us)
        self._say(FIRST, Said(at_us, TWIN, began), *self.people.enrolled(at_us))
        first: dict[int, int] = {}
        for turn in self.run.ahead():
            first.setdefault(turn.station, turn.campaign - 1)
        for s, station in enumerate(self.stations):
            self.campaign[s] = first.get(s, self.run.campaign_now(s))
            self._desk(ORDERED, self.lots[self.line_of[s]].begin(self.campaign[s]), self.line_of[s], at_us)
            self._label(s)
            station.counted = tuple(window.counts[s].tolist())
        self._learn(window.standstills)
        for station in self.stations:
            if station.machines:
                station.states.begin(window.until)

    def _label(self, s: int) -> None:
        """Let a station know the lot that it works on; a transport knows none."""
        lot = self.lots[self.line_of[s]].lot(self.campaign[s])
        self.stations[s].lot = lot.id if lot is not None and self.stations[s].machines else None

    def _window(self, window: Window) -> None:
        until_us = self.run.instant_us(window.until)
        self._learn(window.standstills)
        turns: dict[int, list[Turn]] = defaultdict(list)
        for turn in window.turns:
            turns[turn.station].append(turn)
            line = self.line_of[turn.station]
            self._desk(ORDERED, self.lots[line].begin(turn.campaign), line, self.run.instant_us(turn.at))
        times, counts = window.times.tolist(), window.counts.tolist()
        active = self._active(window, counts) | {self.line_of[s] for s in turns}
        told = (until_us - self.period.start_us) % (IDLE * self.every_us) == 0 or until_us in self.shift_ends
        since_us = self.run.instant_us(window.since)
        for s, station in enumerate(self.stations):
            if self.line_of[s] in active:
                if station.from_us < since_us:
                    # it stood off shift before: that is told for itself
                    self._count(s, since_us, station.counted)
                if s in turns:
                    self._turn(s, window, times[s], turns[s])
                else:
                    station.lasted(times[s])
                self._count(s, until_us, counts[s])
            else:
                station.times[OFF_SHIFT] += times[s][OFF_SHIFT]
                if told:
                    self._count(s, until_us, counts[s])
        self._containers(window.filled)
        self._end_lots(until_us)
        horizon = window.until - LONG_NS
        for s, station in enumerate(self.stations):
            if station.states.quiet_until <= horizon:
                for at, kind, mode in station.states.changes(horizon):
                    self._change(s, self.run.instant_us(at), kind, mode)
        self._say(ELSE, *self.people.shifts_until(until_us))

    def _active(self, window: Window, counts: list[list[int]]) -> set[str]:
        """Lines of which a station did more in a window than stand off shift; a transport is never off shift by itself."""
        busy = (window.times.sum(axis=1) != window.times[:, OFF_SHIFT]).tolist()
        return {
            line
            for line, members in self.members.items()
            if any(busy[s] or tuple(counts[s]) != self.stations[s].counted for s in members)
        }

    def _turn(self, s: int, window: Window, times: list[int], turns: Sequence[Turn]) -> None:
        """A station turns to other campaigns within a window."""
        station = self.stations[s]
        spent = [0] * len(times)
        for turn, before in zip(turns, times_before(window, times, turns, station.machines), strict=True):
            station.lasted(before, spent)
            spent = before
            if station.machines:
                self._count(s, self.run.instant_us(turn.at), turn.counts)
                station.clear_counter()
            self.campaign[s] = turn.campaign
            self._label(s)
        station.lasted(times, spent)

    def _change(self, s: int, at_us: int, kind: int, mode: str | None) -> None:
        """A station is in another state; transports are switched on and off with the station before them."""
        station = self.stations[s]
        self._say(BEGUN, station.change(at_us, kind, mode, station.lot))
        for t in self.driven[s]:
            other = self.stations[t]
            with_it = OFF_SHIFT if kind == OFF_SHIFT else PROCESSING
            if other.switched != with_it:
                other.switched = with_it
                self._say(BEGUN, other.change(at_us, with_it, None, None))

    def _drive(self) -> list[list[int]]:
        """For each station, the transports that are switched on with it."""
        found: list[list[int]] = [[] for _ in self.stations]
        for t, station in enumerate(self.stations):
            own = [s for s, line in enumerate(self.line_of) if line == self.line_of[t] and self.stations[s].machines]
            if own and not station.machines:
                found[max((s for s in own if s < t), default=own[0])].append(t)
        return found

    def _count(self, s: int, until_us: int, now: Sequence[int]) -> None:
        station = self.stations[s]
        if until_us <= station.from_us:
            return
        lot = self.lots[self.line_of[s]].lot(self.campaign[s])
        if lot is not None and station.machines:
            lot.scrapped += now[2] - station.counted[2]
            if s + 1 == len(self.stations) or self.line_of[s + 1] != self.line_of[s]:
                lot.good += now[1] - station.counted[1]
        self._say(COUNTED, station.count(until_us, now))

    def _containers(self, filled: list[tuple[int, int]]) -> None:
        for s, at in filled:
            station = self.stations[s]
            self._filled[station.name] += 1
            if station.lot is not None:
                container = f"{station.name}-{self._filled[station.name]:06d}"
                event = ContainerFilled(
                    container=container, lot=station.lot, station=station.name, units=station.node.pieces
                )
                self._say(COUNTED, station.say(event, self.run.instant_us(at)))

    def _end_lots(self, until_us: int) -> None:
        """Lots that nobody works on any more are closed; full ones, and those of which another is due, make way for the next."""
        for line, lots in self.lots.items():
            members = self.members[line]
            finished = lots.end_before(min([self.campaign[s] for s in members])) if lots.open else []
            full = [lot for lot in lots.open.values() if lots.is_full(lot)]
            parted = [lot for lot in lots.open.values() if lot not in full and lots.is_due(lot)]
            for lot in (*full, *parted):
                next_one = lots.part(lot) if lot in parted and lots.is_due(lot) == "sub_lot" else lots.renew(lot)
                self._desk(ORDERED, [next_one], line, until_us)
                for s in members:
                    self._label(s)
            for lot in (*finished, *full, *parted):
                person, at_us = self.people.closing(line, until_us)
                self._say(ELSE, self.people.by_person(line, person, lots.closed(lot, person), at_us))
                if lot in finished:
                    self._say(ELSE, self.people.by_person(line, person, lots.made(lot, person), at_us))

    def _learn(self, standstills: list[Standstill]) -> None:
        """Take in standstills; a failure that is over is something for people to explain."""
        for found in standstills:
            station = self.stations[found.station]
            ended = station.states.learn(found)
            if ended and found.kind == DOWN and found.until is not None and found.since >= self.run.zero:
                from_us, to_us = self.run.instant_us(found.since), self.run.instant_us(found.until)
                self._say(ELSE, *self.people.coded(station.name, found.machine, found.mode, from_us, to_us))
