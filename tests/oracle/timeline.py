"""Open time and the gaps of a machine that are known beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fabrika.plant import model

from .draws import Draws, nanoseconds
from .learning import Learning

NEVER = 2**62
LOOK_BACK_NS = 60 * 86_400 * 10**9
PRIORITY = ("off_shift", "planned", "down", "starved")

Gap = tuple[int, int, str]
Segment = tuple[int, int]


def intervals_ns(plant: model.Plant, calendar: model.Calendar, origin_us: int, end_ns: int) -> list[Segment]:
    """Return the calendar's open intervals [start, end) around [-look-back, end) in ns since the origin."""
    from fabrika.plant.calendar import intervals_us

    before, after = origin_us - LOOK_BACK_NS // 1000, origin_us + end_ns // 1000 + 1
    found = intervals_us(calendar, plant.zone, before, after)
    return [((int(a) - origin_us) * 1000, (int(b) - origin_us) * 1000) for a, b in found]


class OpenTime:
    """The open intervals of a calendar; ``None`` is always open."""

    def __init__(self, segments: list[Segment] | None):
        self.segments = segments

    def later(self, at: int, amount: int) -> int:
        """Return the earliest instant at which ``amount`` ns of open time have passed since ``at``."""
        if amount == 0 or self.segments is None:
            return at + amount
        for start, end in self.segments:
            begin = max(start, at)
            if begin < end:
                if amount <= end - begin:
                    return begin + amount
                amount -= end - begin
        return NEVER

    def gaps(self, end_ns: int) -> Iterator[Gap]:
        """Yield what is closed in [0, end)."""
        at = 0
        for start, end in self.segments if self.segments is not None else [(0, end_ns)]:
            if start > at:
                yield at, start, "off_shift"
            at = max(at, end)
        if at < end_ns:
            yield at, end_ns, "off_shift"


def warm_ups(calendar: model.Calendar, segments: list[Segment]) -> Iterator[Gap]:
    """Yield the planned stops after the calendar has stood for long."""
    takes, standing = nanoseconds(calendar.warm_up_s), nanoseconds(calendar.warm_up_after_s)
    stood_since, left = -NEVER, 0
    for start, end in segments:
        if start - stood_since >= standing:
            left = takes
        stop = min(left, end - start)
        if stop > 0:
            yield start, start + stop, "planned"
        left -= stop
        stood_since = end


@dataclass(frozen=True)
class Clocks:
    """Calendars and timelines of one replication of a plant over [0, end)."""

    plant: model.Plant
    draws: Draws
    learning: Learning
    origin_us: int
    end_ns: int

    def calendar_id(self, line: model.Line, station: model.Station) -> str | None:
        """Return the calendar that holds for a station."""
        area = {a.id: a for a in self.plant.areas}.get(station.area or line.area or "")
        of_area = area.calendar if area else None
        return station.calendar or line.calendar or of_area or self.plant.calendar

    def segments(self, calendar_id: str | None) -> list[Segment] | None:
        """Return all open intervals of a calendar, those before t = 0 included."""
        if calendar_id is None:
            return None
        calendar = next(c for c in self.plant.calendars if c.id == calendar_id)
        return intervals_ns(self.plant, calendar, self.origin_us, self.end_ns)

    def open_time(self, calendar_id: str | None) -> OpenTime:
        """Return the open time of a calendar."""
        return OpenTime(self.segments(calendar_id))

    def gaps(self, line: model.Line, station: model.Station, machine: int) -> list[tuple[int, str | None]]:
        """Return (instant, class from then on) of one machine, None for open, in order of time from t = 0."""
        calendar_id = self.calendar_id(line, station)
        opened = self.open_time(calendar_id)
        found = list(opened.gaps(self.end_ns))
        for calendar in self.plant.calendars:
            if calendar.id == calendar_id:
                found += warm_ups(calendar, self.segments(calendar_id) or [])
        here = f"{line.id}.{station.id}"
        for stop in station.stops:
            if stop.clock in ("shift", "clock"):
                found += self._planned(stop, opened, f"{here}/m{machine}/{stop.id}")
        for mode in station.fails:
            if mode.clock in ("shift", "clock") and mode.crew is None:
                found += self._failures(mode, opened, f"{here}/m{machine}/{mode.id}")
        for outage in self.plant.outages:
            if outage.area is None or outage.area == (station.area or line.area):
                found += self._calls(outage, f"outage/{outage.id}", nanoseconds(outage.restart_s), "down")
        for supply in self.plant.supplies:
            if here in supply.stations:
                found += self._calls(supply, f"supply/{supply.id}", 0, "starved")
        return changes(found, self.end_ns)

    def _planned(self, stop: model.PlannedStop, opened: OpenTime, stream: str) -> Iterator[Gap]:
        clock = opened if stop.clock == "shift" else OpenTime(None)
        at, n = 0, 0
        while (at := clock.later(at, nanoseconds(stop.every))) < self.end_ns:
            end = at + self.draws.duration(stop.takes, f"{stream}/takes", n)
            yield at, end, "planned"
            at, n = end, n + 1

    def _failures(self, mode: model.Mode, opened: OpenTime, stream: str) -> Iterator[Gap]:
        clock = opened if mode.clock == "shift" else OpenTime(None)
        hours = opened if mode.works == "shifts" else OpenTime(None)
        at, n = 0, 0
        while (at := clock.later(at, self.draws.duration(mode.after, f"{stream}/after", n))) < self.end_ns:
            repair = self.draws.duration(mode.repair, f"{stream}/repair", n, self.learning.repair(at))
            end = hours.later(at, repair)
            yield at, end, "down"
            at, n = end, n + 1

    def _calls(self, call: model.Outage | model.Supply, stream: str, restart: int, label: str) -> Iterator[Gap]:
        clock = self.open_time(self.plant.calendar if call.clock == "shift" else None)
        at, n = 0, 0
        while (at := clock.later(at, self.draws.duration(call.after, f"{stream}/after", n))) < self.end_ns:
            end = at + self.draws.duration(call.lasts, f"{stream}/lasts", n) + restart
            yield at, end, label
            at, n = end, n + 1


def changes(gaps: list[Gap], end_ns: int) -> list[tuple[int, str | None]]:
    """Return the instants at which the class changes; where gaps overlap, the first class of ``PRIORITY`` holds."""
    gaps = [g for g in gaps if g[0] < g[1] and g[1] > 0 and g[0] < end_ns]
    instants = sorted({0} | {max(0, a) for a, _, _ in gaps} | {b for _, b, _ in gaps if b < end_ns})
    found: list[tuple[int, str | None]] = []
    for at in instants:
        holding = {label for a, b, label in gaps if a <= at < b}
        label = next((p for p in PRIORITY if p in holding), None)
        if not found or found[-1][1] != label:
            found.append((at, label))
    return found
