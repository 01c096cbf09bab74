"""Timelines of machines: when each is open, and what stands in the way when it is not.

Everything that does not depend on production is drawn before the run: calendars, outages, late supplies, planned stops and
failures on clocks that run whether the machine works or not. Overlaps take the first class that applies (off shift, planned
stop, down, starved).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fabrika.plant.calendar import intervals_us
from fabrika.twin.draws import duration_ns, standard, stream_key
from fabrika.twin.kernel.fields import DOWN, NEVER, OFF_SHIFT, OPEN, PLANNED, STARVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from fabrika.plant.model import Calendar, Distribution, Line, Mode, Outage, PlannedStop, Plant, Station, Supply

Intervals = "NDArray[np.int64]"
LOOK_BACK_US = 60 * 86_400 * 1_000_000
"""How far back before the run a calendar is read to know how long the plant has stood."""
EMPTY = np.zeros((0, 2), dtype=np.int64)
WARM_UP = "warm-up"
"""What the planned stop after standing is called."""
Gap = tuple[str, "NDArray[np.int64]"]
"""Something that stands in a machine's way now and then: its id, and when, ns, disjoint and sorted."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Segments of one machine: end (ns) and class of each (``OPEN`` or a gap's class); the first begins at 0."""

    ends: NDArray[np.int64]
    kinds: NDArray[np.int64]


def merged(intervals: list[tuple[int, int]], end: int) -> NDArray[np.int64]:
    """Sorted, disjoint intervals within [0, end)."""
    result: list[list[int]] = []
    for stated_begin, stated_until in sorted(intervals):
        begin, until = max(stated_begin, 0), min(stated_until, end)
        if begin >= until:
            continue
        if result and begin <= result[-1][1]:
            result[-1][1] = max(result[-1][1], until)
        else:
            result.append([begin, until])
    return np.array(result, dtype=np.int64).reshape(-1, 2)


def complement(intervals: NDArray[np.int64], end: int) -> NDArray[np.int64]:
    """What disjoint intervals leave of [0, end)."""
    edges = np.concatenate(([0], intervals.reshape(-1), [end]))
    gaps = edges.reshape(-1, 2)
    return gaps[gaps[:, 0] < gaps[:, 1]]


def length_ns(intervals: NDArray[np.int64], begin: int, end: int) -> int:
    """Length of what intervals in any order, (n, 2), cover of [begin, end)."""
    found = np.clip(intervals[np.argsort(intervals[:, 0], kind="stable")], begin, end)
    reached = np.maximum.accumulate(np.concatenate([[begin], found[:, 1]]))
    return int(np.diff(reached).sum() - np.maximum(found[:, 0] - reached[:-1], 0).sum())


def covers(intervals: NDArray[np.int64], instants: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each instant lies in one of the disjoint intervals."""
    if len(intervals) == 0:
        return np.zeros(len(instants), dtype=bool)
    found = np.searchsorted(intervals[:, 0], instants, side="right") - 1
    inside: NDArray[np.bool_] = (found >= 0) & (instants < intervals[np.maximum(found, 0), 1])
    return inside


def called_by_clock(mode: Mode) -> bool:
    """Whether a mode calls a crew by a clock that runs whether the machine works or not; how long it lasts is not known before."""
    return mode.crew is not None and mode.clock in {"shift", "clock"}


def calendar_of(plant: Plant, line: Line, station: Station) -> str | None:
    """The calendar that holds for a station: its own, its area's, its line's, the line's area's, the plant's."""
    areas = {area.id: area.calendar for area in plant.areas}
    area = station.area if station.area is not None else line.area
    return station.calendar or line.calendar or (areas.get(area) if area else None) or plant.calendar


class OpenClock:
    """A clock that runs only in open calendar time."""

    def __init__(self, intervals: NDArray[np.int64]) -> None:
        self.begins, self.ends = intervals[:, 0], intervals[:, 1]
        self.before = np.concatenate(([0], np.cumsum(self.ends - self.begins)))

    def advance(self, instant: int, amount: int) -> int | None:
        """Earliest instant by which ``amount`` ns have run since ``instant``; None if that lies beyond the calendar."""
        if amount <= 0:
            return instant
        i = int(np.searchsorted(self.ends, instant, side="right"))
        if i >= len(self.ends):
            return None
        run = int(self.before[i]) + max(0, instant - int(self.begins[i]))
        target = run + amount
        j = int(np.searchsorted(self.before, target, side="left")) - 1
        if j >= len(self.ends):
            return None
        return int(self.begins[j]) + target - int(self.before[j])


class Drawer:
    """Draws the timelines of one replication.

    Args:
        origin_us: instant of time 0, microseconds since 1970 UTC.
        begin_ns: begin of the window in which the time of stops is counted.
        end_ns: the timelines are closed here; afterwards everything is open.
        repair_factor: factor of repair times at an instant (ramp-up).
    """

    def __init__(
        self,
        plant: Plant,
        *,
        origin_us: int,
        begin_ns: int,
        end_ns: int,
        seed: int,
        number: int,
        repair_factor: Callable[[int], float],
    ) -> None:
        self.plant, self.origin_us = plant, origin_us
        self.begin_ns, self.end_ns = begin_ns, end_ns
        self.seed, self.number = seed, number
        self.repair_factor = repair_factor
        self.struck: dict[tuple[str, str], list[int]] = {}
        self.gaps: dict[tuple[str, int], list[Gap]] = {}
        self.stopped_ns: dict[tuple[str, str], int] = {}
        self.calendars: dict[str | None, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
        self.outages = {outage.id: self._outage(outage) for outage in plant.outages}
        self.supplies = {supply.id: self._supply(supply) for supply in plant.supplies}

    def key(self, stream: str) -> int:
        """Key of a stream of this replication."""
        return stream_key(self.seed, self.number, stream)

    def calendar_of(self, line: Line, station: Station) -> str | None:
        """The calendar that holds for a station."""
        return calendar_of(self.plant, line, station)

    def open_and_warm_up(self, calendar_id: str | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Open time of a calendar and its warm-ups after standing, ns, disjoint."""
        if calendar_id not in self.calendars:
            self.calendars[calendar_id] = self._read_calendar(calendar_id)
        return self.calendars[calendar_id]

    def _read_calendar(self, calendar_id: str | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if calendar_id is None:
            return np.array([[0, self.end_ns]], dtype=np.int64), EMPTY
        calendar = next(item for item in self.plant.calendars if item.id == calendar_id)
        end_us = self.origin_us + -(-self.end_ns // 1000)
        back_us = self.origin_us - LOOK_BACK_US
        shifts = (intervals_us(calendar, self.plant.zone, back_us, end_us) - self.origin_us) * 1000
        warm = merged(list(_warm_ups(calendar, shifts, -LOOK_BACK_US * 1000)), self.end_ns)
        return merged([(int(a), int(b)) for a, b in shifts], self.end_ns), warm

    def clock(self, calendar_id: str | None) -> OpenClock:
        """The clock of a calendar's open time."""
        return OpenClock(self.open_and_warm_up(calendar_id)[0])

    def _renewals(
        self, stream: str, after: Distribution, length: Callable[[int, int], int], clock: OpenClock | None
    ) -> Iterator[tuple[int, int]]:
        """Alternate waiting (on a clock) and stops; ``length(n, instant)`` gives the end of stop ``n``."""
        key = self.key(f"{stream}/after")
        at, n = 0, 0
        while True:
            wait = duration_ns(after, key, n)
            due = at + wait if clock is None else clock.advance(at, wait)
            if due is None or due >= self.end_ns:
                return
            end = length(n, due)
            yield due, end
            at, n = end, n + 1

    def _lasting(self, stream: str, law: Distribution, extra_s: float = 0.0) -> Callable[[int, int], int]:
        key = self.key(f"{stream}/lasts")
        extra = int(extra_s * 1e9 + 0.5)
        return lambda n, due: due + duration_ns(law, key, n) + extra

    def _outage(self, outage: Outage) -> NDArray[np.int64]:
        stream = f"outage/{outage.id}"
        clock = self.clock(self.plant.calendar) if outage.clock == "shift" else None
        stops = self._renewals(stream, outage.after, self._lasting(stream, outage.lasts, outage.restart_s), clock)
        return merged(list(stops), self.end_ns)

    def _supply(self, supply: Supply) -> NDArray[np.int64]:
        stream = f"supply/{supply.id}"
        clock = self.clock(self.plant.calendar) if supply.clock == "shift" else None
        return merged(
            list(self._renewals(stream, supply.after, self._lasting(stream, supply.lasts), clock)), self.end_ns
        )

    def _mode(self, stream: str, mode: Mode, calendar_id: str | None) -> list[tuple[int, int]]:
        """Stops of a failure mode on a clock that does not depend on the work done, without a crew."""
        key = self.key(f"{stream}/repair")
        clock = self.clock(calendar_id)

        def end(n: int, due: int) -> int:
            length = int(
                np.floor(mode.repair.mean * 1e9 * self.repair_factor(due) * standard(mode.repair, key, n) + 0.5)
            )
            if mode.works == "plant":
                return due + length
            until = clock.advance(due, length)
            return self.end_ns if until is None else until

        return list(self._renewals(stream, mode.after, end, clock if mode.clock == "shift" else None))

    def first_call(self, stream: str, mode: Mode, calendar_id: str | None) -> int:
        """When a mode first calls its crew, ns since the origin; NEVER if not within the calendar."""
        wait = duration_ns(mode.after, self.key(f"{stream}/after"), 0)
        due = self.clock(calendar_id).advance(0, wait) if mode.clock == "shift" else wait
        return NEVER if due is None else min(due, NEVER)

    def _planned(self, stream: str, stop: PlannedStop, calendar_id: str | None) -> list[tuple[int, int]]:
        """Planned stops on a clock that does not depend on the work done."""
        key = self.key(f"{stream}/takes")
        clock = self.clock(calendar_id) if stop.clock == "shift" else None
        every = int(stop.every * 1e9 + 0.5)
        at, n = 0, 0
        found: list[tuple[int, int]] = []
        while True:
            due = at + every if clock is None else clock.advance(at, every)
            if due is None or due >= self.end_ns:
                return found
            at = due + duration_ns(stop.takes, key, n)
            found.append((due, at))
            n += 1

    def timeline(self, line: Line, station: Station, machine: int, cuts: NDArray[np.int64]) -> Timeline:
        """The timeline of one machine, cut at ``cuts``."""
        name = f"{line.id}.{station.id}"
        calendar_id = self.calendar_of(line, station)
        open_time, warm = self.open_and_warm_up(calendar_id)
        own_area = station.area if station.area is not None else line.area
        planned = [(int(a), int(b)) for a, b in warm]
        down: list[tuple[int, int]] = []
        stops: list[tuple[str, list[tuple[int, int]]]] = []
        for stop in station.stops:
            if stop.clock in {"shift", "clock"}:
                found = self._planned(f"{name}/m{machine}/{stop.id}", stop, calendar_id)
                planned += found
                stops.append((stop.id, found))
                self.struck.setdefault((name, stop.id), []).extend(due for due, _ in found)
        for mode in station.fails:
            if mode.clock in {"shift", "clock"} and not called_by_clock(mode):
                found = self._mode(f"{name}/m{machine}/{mode.id}", mode, calendar_id)
                down += found
                stops.append((mode.id, found))
                self.struck.setdefault((name, mode.id), []).extend(due for due, _ in found)
        self._count_stopped(name, np.concatenate([complement(open_time, self.end_ns), warm]), stops)
        for outage in self.plant.outages:
            if outage.area is None or outage.area == own_area:
                down += [(int(a), int(b)) for a, b in self.outages[outage.id]]
        starved = [
            (int(a), int(b))
            for supply in self.plant.supplies
            if name in supply.stations
            for a, b in self.supplies[supply.id]
        ]
        self.gaps[name, machine] = self._named(name, own_area, warm, stops)
        gaps = (
            (STARVED, merged(starved, self.end_ns)),
            (DOWN, merged(down, self.end_ns)),
            (PLANNED, merged(planned, self.end_ns)),
            (OFF_SHIFT, complement(open_time, self.end_ns)),
        )
        return _segments(gaps, cuts, self.end_ns)

    def _named(
        self, name: str, area: str | None, warm: NDArray[np.int64], stops: list[tuple[str, list[tuple[int, int]]]]
    ) -> list[Gap]:
        """What stands in a machine's way by a clock, each thing by its id, in the order in which one counts before the other."""
        named = [(WARM_UP, warm)] if len(warm) else []
        named += [(stop, np.array(found, dtype=np.int64).reshape(-1, 2)) for stop, found in stops]
        named += [(one.id, self.outages[one.id]) for one in self.plant.outages if one.area is None or one.area == area]
        return named + [(one.id, self.supplies[one.id]) for one in self.plant.supplies if name in one.stations]

    def _count_stopped(
        self, name: str, covered: NDArray[np.int64], stops: list[tuple[str, list[tuple[int, int]]]]
    ) -> None:
        """Count the time that each stop keeps: what no stop before it in ``stops``, nor ``covered``, has taken."""
        before = length_ns(covered, self.begin_ns, self.end_ns) if stops else 0
        for stop, found in stops:
            covered = np.concatenate([covered, np.array(found, dtype=np.int64).reshape(-1, 2)])
            until = length_ns(covered, self.begin_ns, self.end_ns)
            self.stopped_ns[name, stop] = self.stopped_ns.get((name, stop), 0) + until - before
            before = until


def _segments(gaps: tuple[tuple[int, NDArray[np.int64]], ...], cuts: NDArray[np.int64], end_ns: int) -> Timeline:
    """Segments between all edges; later gaps in the list win."""
    edges = np.unique(np.concatenate([cuts, [0, end_ns], *(found.reshape(-1) for _, found in gaps)]))
    begins = edges[(edges >= 0) & (edges < end_ns)]
    kinds = np.full(len(begins), OPEN, dtype=np.int64)
    for kind, found in gaps:
        kinds[covers(found, begins)] = kind
    ends = np.concatenate([begins[1:], [end_ns]]).astype(np.int64)
    keep = np.ones(len(ends), dtype=bool)
    keep[:-1] = (kinds[1:] != kinds[:-1]) | np.isin(ends[:-1], cuts)
    return Timeline(ends[keep], kinds[keep])


def _warm_ups(calendar: Calendar, shifts: NDArray[np.int64], before: int) -> Iterator[tuple[int, int]]:
    """The first working time after standing; it goes on in the next interval if one is too short for it."""
    need = int(calendar.warm_up_s * 1e9 + 0.5)
    standing = int(calendar.warm_up_after_s * 1e9 + 0.5)
    if need == 0:
        return
    left, last = 0, before
    for begin, end in shifts:
        if int(begin) - last >= standing or last == before:
            left = need
        take = min(left, int(end) - int(begin))
        if take > 0:
            yield int(begin), int(begin) + take
        left -= take
        last = int(end)
