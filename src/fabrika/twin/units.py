"""What became of single units: the run made once more, with every step of every unit written down in some stretches of its time.

The run is the same draw by draw; in a stretch the kernel works unit by unit and says what each machine took and let go
(:mod:`fabrika.twin.kernel.units`). A unit is known at a station if it left there within a stretch, and so is its way as far as its
other stations' stretches reach: what lay in a buffer or a machine as a stretch began came from nowhere.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from fabrika.twin.compile import compile_plant
from fabrika.twin.kernel import fields as f
from fabrika.twin.replicate import advance_to, day_ends_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fabrika.plant.model import Plant
    from fabrika.twin.compile import Compiled
    from fabrika.twin.results import Period

MOST_ROWS = 1 << 19
"""Rows between two stops of a run that writes single units down."""
EVERY_US = 120 * 1_000_000
"""They are read so often."""
UNKNOWN = -1
"""Came from before the stretch, or has not gone on within it."""
NO_PLACE = -1


class Units:
    """Units at stations, each one row; a unit that went through five stations has five.

    Attributes:
        station: number of the station, in the order of the file.
        good: which good unit of its station it is, 1 for the first of the period; 0 if it was scrapped, less if before the period.
        came_ns, left_ns: when it came in and left, ns since the run's origin; ``came_ns`` is of the first of its parts.
        into: its row at the next station, :data:`UNKNOWN` if none is known.
        of: the row that it was at the station before, or of the first of its parts; all parts of those that were made of several are in
            :attr:`parts`.
    """

    def __init__(self, stations: Sequence[str]) -> None:
        self.stations = tuple(stations)
        self.station, self.good = array("q"), array("q")
        self.came_ns, self.left_ns = array("q"), array("q")
        self.into, self.of = array("q"), array("q")
        self.parts: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self.station)

    def add(self, station: int, good: int, came_ns: int, left_ns: int, parts: Sequence[int]) -> int:
        """A unit has left a station; returns its row."""
        row = len(self.station)
        self.station.append(station)
        self.good.append(good)
        self.came_ns.append(came_ns)
        self.left_ns.append(left_ns)
        self.into.append(UNKNOWN)
        self.of.append(parts[0] if parts else UNKNOWN)
        if len(parts) > 1:
            self.parts[row] = tuple(parts)
        for part in parts:
            if part >= 0:
                self.into[part] = row
        return row

    def before(self, row: int) -> list[int]:
        """The rows of what a unit was at the stations before, itself first; as far as they are known."""
        found, wanted = [], [row]
        while wanted:
            one = wanted.pop()
            found.append(one)
            parts = self.parts.get(one) or (self.of[one],)
            wanted += [part for part in parts if part >= 0]
        return found

    def behind(self, row: int) -> list[int]:
        """The rows of what a unit became at the stations behind, itself left out; as far as they are known."""
        found = []
        while (row := self.into[row]) >= 0:
            found.append(row)
        return found


class _Follower:
    """Reads the kernel's rows: which unit lies where, and in which machine."""

    def __init__(self, compiled: Compiled) -> None:
        self.mem = compiled.mem
        self.log = int(self.mem[f.H_TELL])
        net = compiled.network
        rows = [i for i, node in enumerate(net.nodes) if node.station is not None]
        self.units = Units([net.nodes[i].name for i in rows])
        self.station_of_node = {compiled.node[i]: place for place, i in enumerate(rows)}
        self.machines = {m: (place, compiled.node[i]) for place, i in enumerate(rows) for m in compiled.machines[i]}
        self.keeps = {m for m, (_, n) in self.machines.items() if self.mem[n + f.N_KEEPS] == f.KEEPS_ALL}
        # where what leaves a machine goes: one edge, or out of the plant
        self.out = {
            m: int(self.mem[self.mem[n + f.N_OUT]]) if self.mem[n + f.N_NOUT] else 0
            for m, (_, n) in self.machines.items()
        }
        self.lying: dict[int, dict[int, int]] = defaultdict(dict)
        self.inside: dict[int, list[tuple[int, int]]] = {}
        self.offsets: dict[int, int] = {}

    def end(self) -> None:
        """A stretch ends, or has not begun: nothing is written down."""
        self.mem[f.H_UNITS] = self.mem[f.H_TELL] = 0

    def begin(self) -> None:
        """A stretch begins: what is in machines and buffers now came from nowhere."""
        self.lying.clear()
        mem = self.mem
        mem[f.H_UNITS], mem[f.H_TELL], mem[self.log + f.T_N] = 1, self.log, 0
        for m in self.machines:
            held = 0
            if mem[m + f.M_STATE] != f.IDLE:
                unloading = m in self.keeps and mem[m + f.M_STATE] == f.FINISHED
                held = int(mem[m + f.M_LEFT] if unloading else mem[m + f.M_UNITS])
                held = max(1, held)
            self.inside[m] = [(UNKNOWN, NO_PLACE)] * held
        for n in self.station_of_node:
            # a transport's good units are what it has put behind it since the period began
            out = int(mem[mem[n + f.N_OUT]]) if mem[n + f.N_NOUT] else 0
            self.offsets[n] = int(mem[out + f.E_PUT] - mem[n + f.N_LEFT]) if out else 0

    def read(self) -> None:
        """Take in what the kernel has written down, in the order in which it was decided."""
        if not self.mem[f.H_UNITS]:
            return
        first, count = int(self.mem[self.log + f.T_ROWS]), int(self.mem[self.log + f.T_N])
        self.mem[self.log + f.T_N] = 0
        table = self.mem[first : first + count * f.T_STRIDE].reshape(-1, f.T_STRIDE)
        for what, who, a, b, c, d, e in table[table[:, f.R_WHAT] >= f.TELL_LOADED].tolist():
            if what == f.TELL_LOADED:
                inside = self.inside[who]
                if a:
                    inside.append((self.lying[a].pop(b, UNKNOWN), d))
                else:
                    inside += [(UNKNOWN, d)] * c
            elif what == f.TELL_GONE:
                self._gone(who, good=a == 1, place=b, at=c, count=d)
            elif what == f.TELL_PASSED:
                self._passed(who, self.lying[a].pop(b, UNKNOWN), c, d, e)
            elif what == f.TELL_DROPPED:
                self.inside[a].clear()
            elif what == f.TELL_DRAWN:
                self._drawn(a, b, c, d)

    def _gone(self, m: int, *, good: bool, place: int, at: int, count: int) -> None:
        inside = self.inside[m]
        if m in self.keeps:
            loaded, self.inside[m] = inside[:1], inside[1:]
        else:
            loaded, self.inside[m] = inside, []
        came = min((since for _, since in loaded), default=NO_PLACE)
        parts = [part for part, _ in loaded]
        row = self.units.add(self.machines[m][0], count if good else 0, came, at, parts)
        if good and place != NO_PLACE:
            self.lying[self.out[m]][place] = row

    def _passed(self, n: int, row: int, o: int, new: int, at: int) -> None:
        station = self.station_of_node.get(n)
        if station is not None:
            came = self.units.left_ns[row] if row >= 0 else NO_PLACE
            count = new + 1 - self.offsets[n]
            row = self.units.add(station, count, came, at, (row,))
        if o:
            self.lying[o][new] = row

    def _drawn(self, e: int, place: int, ahead: int, count: int) -> None:
        lying = self.lying[e]
        moved = [lying.pop(place + n, UNKNOWN) for n in range(ahead)]
        for n in range(count):
            lying.pop(place + ahead + n, None)
        for n, row in enumerate(moved):
            lying[place + count + n] = row


def follow(
    plant: Plant,
    period: Period,
    seed: int,
    stretches_us: Sequence[tuple[int, int]],
    *,
    every_us: int = EVERY_US,
    progress: Callable[[float], None] | None = None,
) -> Units:
    """Run a plant and write down what becomes of every unit in some stretches of the time.

    Args:
        plant: what is run, with its parameters as stated.
        period: as the run was told; see :func:`fabrika.twin.period.since`.
        seed: names every draw; replication 0 is run.
        stretches_us: begin and end of each, microseconds since 1970 UTC, within the period, in order, none touching another.
        every_us: the kernel's rows are read so often, microseconds.
        progress: called now and then with the share done, in [0, 1]; may raise to stop.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
        TwinLimitError: the kernel met a limit of its own.
    """
    spans = [tuple((at - period.origin_us) * 1000 for at in span) for span in stretches_us]
    stops = {at for span in spans for at in span}
    for begin, end in spans:
        stops |= set(range(begin + 1000 * every_us, end, 1000 * every_us))
    last = (period.end_us - period.origin_us) * 1000
    end_ns = np.array(sorted(stops | {last}), dtype=np.int64)
    compiled = compile_plant(
        plant, period, seed, 0, day_ends_ns=day_ends_ns(plant, period), tell_ends_ns=end_ns, most_rows=MOST_ROWS
    )
    follower = _Follower(compiled)
    follower.end()
    compiled.mem[f.H_LONG] = f.NEVER
    for n in compiled.node:
        compiled.mem[n + f.N_EACH] = 0
    begins, ends = {begin for begin, _ in spans}, {end for _, end in spans}
    pauses = sorted(stops | {at for at in compiled.stops_ns if at < max(stops, default=0)})
    with np.errstate(over="ignore"):
        for stop in pauses:
            advance_to(compiled, stop)
            follower.read()
            if stop in ends:
                follower.end()
            if stop in begins:
                follower.begin()
            if progress is not None:
                progress(stop / max(pauses))
    return follower.units
