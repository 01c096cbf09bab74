"""A run that tells: the twin stops every few minutes and is read, exactly, as of that instant.

The run is the same as an untold one, draw by draw (the kernel's rows are a by-product); it is compiled for longer than is told,
so that whoever goes on later goes on in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fabrika.errors import TwinLimitError
from fabrika.twin.compile import compile_plant
from fabrika.twin.kernel import fields as f
from fabrika.twin.kernel.telling import look, ready
from fabrika.twin.replicate import advance_to, day_ends_ns
from fabrika.twin.results import Period
from fabrika.twin.telling import LONG_NS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fabrika.plant.model import Plant
    from fabrika.twin.compile import Compiled
    from fabrika.twin.network import Node


class Standstill(NamedTuple):
    """A machine has been in one state, without work, for long.

    Attributes:
        station, machine: number of the station and of its machine.
        since: ns.
        until: ns; None while it goes on.
        kind: class of :mod:`fabrika.twin.kernel.fields`.
        mode: id of the stop; None where it is no stop's.
    """

    station: int
    machine: int
    since: int
    until: int | None
    kind: int
    mode: str | None


class Turn(NamedTuple):
    """A station turns to another campaign.

    Attributes:
        station: its number.
        campaign: number of the campaign, 0 for the first.
        at: ns.
        counts: units that have come in, left and were scrapped in the window until then.
        times: machine time by state since the last stop not after ``at``, ns, nine of them; zeros for a transport.
    """

    station: int
    campaign: int
    at: int
    counts: tuple[int, int, int]
    times: list[int]


@dataclass(slots=True)
class Window:
    """What happened from one stop to the next.

    Attributes:
        since, until: ns since the run's origin, half open.
        counts: int64 (stations, 3), units that came in, left and were scrapped in the window of the run before ``until``.
        times: int64 (stations, 9), machine time by state between ``since`` and ``until``, ns.
        standstills: what became known, each again whenever more of it is known.
        turns: campaigns that begin in it, by instant.
        filled: containers that leave in it, by instant: (station, ns).
    """

    since: int
    until: int
    counts: NDArray[np.int64]
    times: NDArray[np.int64]
    standstills: list[Standstill] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    filled: list[tuple[int, int]] = field(default_factory=list)


class ToldRun:
    """One run of a plant, read stop by stop.

    Args:
        plant: what is run, with its parameters as stated.
        period: what is told at most; the run ends with it.
        seed, number: name every draw.
        ends_us: the stops, microseconds since 1970 UTC, ascending; the last is the period's end.

    Attributes:
        nodes: the stations' nodes, in the order of the file; a station's number is its place here.
        zero: begin of the period, ns since the run's origin.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
    """

    def __init__(self, plant: Plant, period: Period, seed: int, number: int, ends_us: list[int]) -> None:
        self.period = period
        self.zero = period.warm_up_us * 1000
        self.ends = (np.array(ends_us, dtype=np.int64) - period.origin_us) * 1000
        self.compiled: Compiled = compile_plant(
            plant, period, seed, number, day_ends_ns=day_ends_ns(plant, period), tell_ends_ns=self.ends
        )
        ready()
        self._rows = [i for i, node in enumerate(self.compiled.network.nodes) if node.station is not None]
        self.nodes: list[Node] = [self.compiled.network.nodes[i] for i in self._rows]
        self._offsets = np.array(self.compiled.node, dtype=np.int64)
        self._place_of = {n: place for place, n in enumerate(self.compiled.node)}
        self._station_of = {self.compiled.node[i]: s for s, i in enumerate(self._rows)}
        self._before = [self._gives_count_in(i) for i in self._rows]
        self._machine_of = {
            m: (s, w) for s, i in enumerate(self._rows) for w, m in enumerate(self.compiled.machines[i])
        }
        self._mode_of = {
            record: mode for modes in self.compiled.modes for mode, records in modes.items() for record in records
        }
        self._beyond: list[tuple[int, int, int, int]] = []
        self._turns: list[Turn] = []
        self._filled: list[tuple[int, int]] = []
        self._calls: dict[int, list[tuple[int, int, str]]] = {}

    def instant_us(self, ns: int) -> int:
        """Microseconds since 1970 UTC of an instant of the run."""
        return self.period.origin_us + ns // 1000

    def ahead(self) -> list[Turn]:
        """Turns that are known already and lie beyond the present stop."""
        return sorted(self._turns, key=lambda turn: turn.at)

    def campaign_now(self, station: int) -> int:
        """Campaign that a station works on, turns that lie beyond the present stop included."""
        return int(self.compiled.mem[self.compiled.node[self._rows[station]] + f.N_CAMPAIGN])

    def windows(self) -> Iterator[Window]:
        """Run and read; the first window begins with the period.

        Raises:
            TwinLimitError: the kernel met a limit of its own.
        """
        self._advance_through_warm_up()
        yield self._read(self.zero, self.zero, -1)
        for number, (since, until) in enumerate(pairwise([self.zero, *self.ends.tolist()])):
            self._advance(until)
            yield self._read(since, until, number)

    def _advance_through_warm_up(self) -> None:
        for stop in self.compiled.stops_ns:
            if stop < self.zero:
                self._advance(stop)
                self._read(stop, stop, -1)
        if self.zero:
            self._advance(self.zero)

    def _advance(self, stop: int) -> None:
        with np.errstate(over="ignore"):
            try:
                advance_to(self.compiled, stop)
            except TwinLimitError as error:
                raise TwinLimitError(error.problem, "Tell larger campaigns.") from None

    def _gives_count_in(self, i: int) -> int:
        """The node whose departures are this one's arrivals; -1 for a station that counts them itself.

        A unit gets on a transport at the instant it leaves the station before, as in :func:`fabrika.twin.replicate.figures`.
        """
        net = self.compiled.network
        node = net.nodes[i]
        if node.machine or len(node.inputs) != 1:
            return -1
        before = net.at[net.edges[node.inputs[0]].source]
        return before if len(net.nodes[before].outputs) == 1 else -1

    def _read(self, since: int, until: int, number: int) -> Window:
        nodes = self._offsets
        counts = np.zeros(3 * len(nodes), dtype=np.int64)
        times = np.zeros(f.STATES_N * len(nodes), dtype=np.int64)
        look(self.compiled.mem, nodes, since, until, max(number, 0), counts, times)
        if number < 0:
            times[:] = 0
        standstills = self._take_rows(since)
        table = counts.reshape(-1, 3)
        for what, n, count, at in self._beyond:
            if at >= until:
                table[self._place_of[n], _COLUMN[what]] -= count
        self._beyond = [row for row in self._beyond if row[3] > until]
        own = table[self._rows]
        for s, before in enumerate(self._before):
            if before >= 0:
                own[s, 0] = table[before, 1]
        window = Window(since, until, own, times.reshape(-1, f.STATES_N)[self._rows], standstills)
        window.turns = sorted((turn for turn in self._turns if turn.at < until), key=lambda turn: turn.at)
        self._turns = [turn for turn in self._turns if turn.at >= until]
        window.filled = sorted(pair for pair in self._filled if self.zero <= pair[1] < until)
        self._filled = [pair for pair in self._filled if pair[1] >= until]
        return window

    def _take_rows(self, since: int) -> list[Standstill]:
        """Read what the kernel has written down since it was read last, at ``since``; what was known then already is left out."""
        mem = self.compiled.mem
        log = int(mem[f.H_TELL])
        first, count = int(mem[log + f.T_ROWS]), int(mem[log + f.T_N])
        mem[log + f.T_N] = 0
        rows = mem[first : first + count * f.T_STRIDE].reshape(-1, f.T_STRIDE).tolist()
        standstills = []
        for row in rows:
            what, who, a, b, c, d, e = row
            if what == f.TELL_RUN:
                if d >= since:
                    standstills.append(row)
            elif what == f.TELL_OPEN:
                if c + LONG_NS > since:
                    standstills.append(row)
            elif what in _COLUMN:
                self._beyond.append((what, who, a, b))
            elif what == f.TELL_CAMPAIGN and who in self._station_of:
                self._turns.append(Turn(self._station_of[who], a, b, (c, d, e), [0] * f.STATES_N))
            elif what == f.TELL_TIME:
                self._turns[-1].times[b] += c
            elif what == f.TELL_EACH:
                self._filled.append((self._station_of[who], a))
            elif what == f.TELL_CALL:
                self._calls.setdefault(who, []).append((b, d, self._mode_of[a]))
        return [self._standstill(row) for row in standstills]

    def _standstill(self, row: list[int]) -> Standstill:
        what, machine, kind, mode, since, until = row[:6]
        station, w = self._machine_of[machine]
        named = self._mode_of[mode] if mode else self._mode_by_clock(machine, kind, since)
        return Standstill(station, w, since, until if what == f.TELL_RUN else None, kind, named)

    def _mode_by_clock(self, machine: int, kind: int, since: int) -> str | None:
        """The stop by a clock that runs whether the machine works or not, because of which a machine stands."""
        if kind not in _BY_CLOCK:
            return None
        for at, until, mode in reversed(self._calls.get(machine, [])):
            if at <= since < until:
                return mode
        station, w = self._machine_of[machine]
        for name, intervals in self.compiled.drawer.gaps[self.nodes[station].name, w]:
            place = int(np.searchsorted(intervals[:, 0], since, side="right")) - 1
            if place >= 0 and since < intervals[place, 1]:
                return name
        return None


_COLUMN = {f.TELL_ENTERED: 0, f.TELL_LEFT: 1, f.TELL_SCRAPPED: 2}
_BY_CLOCK = (f.PLANNED, f.DOWN, f.WAITING, f.STARVED)
