"""Path derivatives: how much later the n-th good piece leaves when a time parameter grows, along one sample path.

The instant of the n-th good piece is a maximum of sums of times, so along a path on which no order changes it is a convex,
piecewise linear and nondecreasing function of every cycle, repair, changeover and transit time (Ho & Cao 1991, *Perturbation
Analysis of Discrete Event Dynamic Systems*, chapter 3). Its slope is read off the exact path itself: the run is repeated with the
parameter longer by a part in ten thousand, all draws the same, and time in whole nanoseconds leaves no rounding noise to hide in.

What depends on the calendar and not on the work breaks such a path: a repair that runs into the night costs nothing before the
shift begins, and one that does not quite run into it costs as much as it lasts, so the slope along one path is not the slope of the
mean (the path is not continuous: Ho & Cao, section 3.3). The path is therefore followed around the clock, without calendars, outages,
late supplies and stops on clocks that run while the machine stands, and told as the share of the path's time that hangs on
each parameter; the shares of all times add up to one (Euler: the time is homogeneous in them). Whole years with all that, by
paired differences, confirm the strongest.

Slopes cannot be negative, so a group of parameters whose joint perturbation moves nothing has slope zero one by one; groups are
halved until only parameters that matter are left (group testing: Dorfman 1943, Annals of Mathematical Statistics 14). Where orders
do change (shared crews, merges, splits), the slope is that of the step, and the proof confirms the strongest by paired differences.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fabrika.plant.calendar import intervals_us
from fabrika.plant.parameters import parameters, with_value
from fabrika.twin.compile import Compiled, compile_plant
from fabrika.twin.kernel import fields as f
from fabrika.twin.replicate import day_ends_ns, run
from fabrika.twin.results import Period
from fabrika.twin.timelines import calendar_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fabrika.plant.model import Distribution, Plant, Station
    from fabrika.plant.slots import Parameter

STEP = 1e-4
"""Relative growth of a parameter."""
SHARE_FOLLOWED = 0.97
"""Share of the window's good pieces whose last one is timed, so that the longer run reaches it, too."""
NEGLIGIBLE = 1e-6
"""A slope whose share of the path's time is below this counts as none."""
MOST_RUNS = 200
"""Runs of one path at most; stations are looked at in the order in which they are busy."""
WEEK_US = 7 * 86_400 * 1_000_000
ENDINGS = (".cycle", ".time", ".repair", ".changeover", ".takes")
WORK_CLOCKS = ("cycles", "busy")
OWN_RUNS = ("outages.", "supplies.", "contract.", "ramp_up.")
"""Parameters that no sample path of some weeks tells of: rare events and what the year as a whole is."""


@dataclass(frozen=True, slots=True)
class PathResult:
    """Slopes along one sample path.

    Attributes:
        rows: d(time of the last piece, s) / d(parameter in its own unit) by parameter path; parameters with slope zero included.
        values: each such parameter's value along the path, in its own unit.
        units: pieces until then.
        time_ns: from the beginning of the path to the last piece.
    """

    rows: dict[str, float]
    values: dict[str, float]
    units: int
    time_ns: int

    def share(self, path: str) -> float:
        """Share of the path's time that hangs on a parameter: relative growth of the time by relative growth of the parameter."""
        return self.rows[path] * self.values[path] / (self.time_ns * 1e-9)


def undisturbed(plant: Plant, year: Period) -> Plant:
    """The plant around the clock, with nothing in it that does not depend on the work done.

    A station that is open for fewer hours of the year than another is as much slower.
    """
    by_id = {calendar.id: calendar for calendar in plant.calendars}
    hours: dict[str | None, float] = {None: (year.end_us - year.start_us) / 3.6e9}
    for name, calendar in by_id.items():
        found = intervals_us(calendar, plant.zone, year.start_us, year.end_us)
        hours[name] = float((found[:, 1] - found[:, 0]).sum()) / 3.6e9
    names = {
        f"{line.id}.{station.id}": calendar_of(plant, line, station)
        for line in plant.lines
        for station in line.stations
    }
    longest = max(hours[name] for name in names.values())
    lines = tuple(
        replace(
            line,
            calendar=None,
            stations=tuple(
                _working(station, longest / max(hours[names[f"{line.id}.{station.id}"]], 1e-9))
                for station in line.stations
            ),
        )
        for line in plant.lines
    )
    areas = tuple(replace(area, calendar=None) for area in plant.areas)
    return replace(plant, lines=lines, areas=areas, calendar=None, outages=(), supplies=(), ramp_up=None)


def _working(station: Station, slower: float) -> Station:
    """The station with its own calendar's hours in its cycles, and only with stops that depend on its work."""

    def stretched(law: Distribution) -> Distribution:
        return replace(law, mean=law.mean * slower)

    return replace(
        station,
        calendar=None,
        cycle=stretched(station.cycle) if station.cycle is not None else None,
        cycle_of={name: stretched(law) for name, law in station.cycle_of.items()},
        fails=tuple(mode for mode in station.fails if mode.clock in WORK_CLOCKS),
        stops=tuple(stop for stop in station.stops if stop.clock in WORK_CLOCKS),
    )


def _activity(compiled: Compiled) -> dict[str, float]:
    """Share of its time in which each station was neither starved nor blocked."""
    found = {}
    for i, node in enumerate(compiled.network.nodes):
        times = sum(
            compiled.mem[at : at + compiled.weeks * f.STATES_N].reshape(-1, f.STATES_N).sum(axis=0)
            for m in compiled.machines[i]
            for at in [int(compiled.mem[m + f.M_T])]
        )
        if compiled.machines[i]:
            waits = float(times[f.STARVED] + times[f.BLOCKED])
            found[node.name] = 1.0 - waits / max(1.0, float(times[f.OFF_SHIFT + 1 :].sum()))
    return found


def followed(parameter: Parameter) -> bool:
    """Whether a parameter is a time of the path: a cycle, a repair, a changeover, a planned stop's length, a transit."""
    path = parameter.path
    known = any(f"{ending}." in f"{path}." for ending in ENDINGS)
    return known and parameter.dimension == "time" and parameter.value > 0 and not path.startswith(OWN_RUNS)


class _Path:
    """One sample path, and the same with longer times."""

    def __init__(self, plant: Plant, period: Period, seed: int, number: int) -> None:
        self.plant, self.period, self.seed, self.number = plant, period, seed, number
        self.days = day_ends_ns(plant, period)
        self.values = {p.path: p.value for p in parameters(plant) if followed(p)}
        first = compile_plant(plant, period, seed, number, day_ends_ns=self.days)
        run(first)
        total = sum(
            int(first.mem[at : at + first.mem[f.H_PRODUCTS] * first.mem[f.H_DAYS]].sum())
            for n, node in zip(first.node, first.network.nodes, strict=True)
            if not node.outputs
            for at in [int(first.mem[n + f.N_GOOD])]
        )
        self.active = _activity(first)
        self.pieces = max(1, int(total * SHARE_FOLLOWED))
        self.last_ns = self.time_of(plant) if total else 0

    def time_of(self, plant: Plant) -> int:
        """Instant of the last piece followed, ns since the beginning of the path; the path's end if it is not reached."""
        compiled = compile_plant(
            plant, self.period, self.seed, self.number, day_ends_ns=self.days, target_pieces=self.pieces
        )
        run(compiled)
        at = int(compiled.mem[f.H_TARGET_NS])
        return at or int(compiled.mem[f.H_T1])

    def moved(self, paths: Sequence[str]) -> int:
        """How much later the last piece leaves when all these parameters are a step longer, ns."""
        plant = self.plant
        for path in paths:
            plant = with_value(plant, path, self.values[path] * (1.0 + STEP))
        return self.time_of(plant) - self.last_ns


def path_derivatives(plant: Plant, period: Period, seed: int, number: int, *, weeks: float) -> PathResult:
    """Follow one sample path for some weeks.

    Args:
        plant: whose time parameters are asked about; it is followed :func:`undisturbed`.
        period: its beginning is used; the path begins with an empty plant.
        seed, number: name the path.
        weeks: length followed, > 0.

    Raises:
        RunRefusedError, TwinLimitError: as :func:`fabrika.twin.replicate.replicate`.
    """
    end_us = min(period.end_us, period.start_us + round(weeks * WEEK_US))
    # the path begins empty, without a warm-up: pieces and time count from where the slope does
    short = Period(period.start_us, end_us, 0, period.year_start_us, period.steady)
    path = _Path(undisturbed(plant, period), short, seed, number)
    rows = dict.fromkeys(path.values, 0.0)
    if path.last_ns <= 0:
        return PathResult(rows, path.values, 0, short.window_ns)
    floor = max(1.0, NEGLIGIBLE * STEP * path.last_ns)
    groups = _by_station(list(path.values), path.active)
    runs = 0
    while groups:
        group = groups.pop()
        if runs >= MOST_RUNS:
            # what was not looked at has no row: nothing is said of it
            for one in group:
                del rows[one]
            continue
        runs += 1
        later = path.moved(group)
        if abs(later) <= floor:
            continue
        if len(group) == 1:
            value = path.values[group[0]]
            rows[group[0]] = later * 1e-9 / (STEP * value)
        else:
            half = len(group) // 2
            groups += [group[:half], group[half:]]
    return PathResult(rows, path.values, path.pieces, path.last_ns)


def _by_station(paths: list[str], active: dict[str, float]) -> list[list[str]]:
    """Parameters of one station together, the busiest station last: most stations hold no part of the path's slope."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(".".join(path.split(".")[:2]), []).append(path)
    return [found[name] for name in sorted(found, key=lambda name: active.get(name, 0.0))]
