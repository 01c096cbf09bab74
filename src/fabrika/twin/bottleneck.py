"""Which station holds the plant back, how often that changes, and what its lost time costs in units.

The constraint of a week is the station with the largest share of its open time in which it neither waited for a place
(blocked) nor for a unit (starved) nor for an order: the most active one. "Active" is meant as by Roser, Nakano & Tanaka
(2001), "A practical bottleneck detection method", Winter Simulation Conference: working, set up, stopped and repaired all
count, waiting does not. That blockage and starvation point away from the constraint is Kuo, Lim & Meerkov (1996),
"Bottlenecks in serial production lines: a system-theoretic approach", Mathematical Problems in Engineering 2, 233-276. The
share needs no neighbours, so it holds for merges, splits and assembly too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fabrika.plant.model import Plant, Station
from fabrika.twin import kpi
from fabrika.twin.proof_result import Bottleneck, Loss
from fabrika.twin.results import COUNTS, STATES, Layout, Replication
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = Worded(
    "largest share of open time neither blocked nor starved (active as by Roser, Nakano & Tanaka 2001; "
    "blockage and starvation point away from the constraint, Kuo, Lim & Meerkov 1996)"
)
WAITING = tuple(STATES.index(name) for name in ("blocked", "starved", "no_order"))
LOST = ("planned", "down", "waiting", "setup", "blocked", "starved", "no_order")
WORDS = {
    "planned": Worded("planned stops"),
    "waiting": Worded("waiting for a repairer"),
    "setup": Worded("changeovers"),
    "blocked": Worded("no free place ahead"),
    "starved": Worded("nothing to work on"),
    "no_order": Worded("no order"),
}
SLOW_SHARE = 0.001
"""Processing beyond the planned time is a loss of its own from this share of it on (ramp-up)."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The constraint ``i`` over some replications: mean hours by state, and good units per hour of its processing."""

    plant: Plant
    layout: Layout
    runs: Sequence[Replication]
    i: int
    hours: dict[str, float]
    pace: float

    @property
    def name(self) -> str:
        return self.layout.stations[self.i]


def activity(layout: Layout, state_ns: NDArray[Any]) -> NDArray[Any]:
    """Share of its open time in which each station was active; 0 for transports and closed stations.

    Args:
        state_ns: machine time by state, shape (..., stations, states).
    """
    import numpy as np

    states = state_ns.astype(float)
    opened = states.sum(axis=-1) - states[..., STATES.index("off_shift")]
    waiting = states[..., WAITING].sum(axis=-1)
    works = np.array([kind != "transport" for kind in layout.kinds]) & (opened > 0)
    share: NDArray[Any] = np.where(works, 1.0 - waiting / np.where(opened > 0, opened, 1.0), 0.0)
    return share


def held_weeks(layout: Layout, runs: Sequence[Replication]) -> NDArray[Any]:
    """Number of weeks in which each station was the constraint, all replications together; the first of equals counts."""
    import numpy as np

    weeks = np.concatenate([activity(layout, run.weekly_state_ns) for run in runs])
    worked = weeks.max(axis=1) > 0  # a week of standing has no constraint
    return np.bincount(weeks[worked].argmax(axis=1), minlength=len(layout.stations))


def bottlenecks(
    layout: Layout, runs: Sequence[Replication], units_per_percent: dict[str, float], most: int = 8
) -> tuple[Bottleneck, ...]:
    """Stations by the share of weeks in which they were the constraint, then by activity."""
    import numpy as np

    weeks = held_weeks(layout, runs)
    often = weeks / max(1, int(weeks.sum()))
    mean = np.mean([activity(layout, run.state_ns) for run in runs], axis=0)
    order = sorted(range(len(layout.stations)), key=lambda i: (-often[i], -mean[i], i))
    return tuple(
        Bottleneck(layout.stations[i], float(often[i]), float(mean[i]), units_per_percent.get(layout.stations[i]))
        for i in order[:most]
        if mean[i] > 0
    )


def losses(plant: Plant, layout: Layout, runs: Sequence[Replication], station: str) -> tuple[Loss, ...]:
    """What the constraint's time classes and scrap cost, mean a year, in good units at its own pace, largest first.

    An hour not spent processing costs the plant's good units per hour of processing at the constraint.
    """
    i = layout.stations.index(station)
    n = len(runs)
    hours = {name: sum(int(run.state_ns[i, k]) for run in runs) / 3.6e12 / n for k, name in enumerate(STATES)}
    good = sum(float(run.good.sum()) for run in runs) / n
    pace = good / hours["processing"] if hours["processing"] > 0 else 0.0
    held = _Held(plant, layout, runs, i, hours, pace)
    rows = [Loss(station, name, WORDS[name], hours[name], hours[name] * pace) for name in LOST if name != "down"]
    rows += [*_down(held), *_slow(held), *_scrap(held, good)]
    rejected = sum(float(run.rejected.sum()) for run in runs) / n
    rows.append(Loss(station, "rejected lots", Worded("whole lots not accepted"), 0.0, rejected))
    return tuple(sorted((row for row in rows if row.units > 0 or row.hours > 0), key=lambda row: -row.units))


def _station(plant: Plant, name: str) -> tuple[str, Station]:
    for line in plant.lines:
        for station in line.stations:
            if f"{line.id}.{station.id}" == name:
                return line.id, station
    raise KeyError(name)


def _down(held: _Held) -> list[Loss]:
    """Down time by mode; what no mode accounts for, to the nanosecond, is outages."""
    name, runs, pace = held.name, held.runs, held.pace
    _, station = _station(held.plant, name)
    rest = sum(int(run.state_ns[held.i, STATES.index("down")]) for run in runs)
    rows = []
    for mode in station.fails:
        column = held.layout.modes.index(f"{name}.fails.{mode.id}")
        ns = sum(int(run.stop_ns[column]) for run in runs)
        rest -= ns
        hours = ns / 3.6e12 / len(runs)
        rows.append(Loss(name, f"down: {mode.id}", Worded("repairs after {mode}", mode=mode.id), hours, hours * pace))
    if rest > 0:
        hours = rest / 3.6e12 / len(runs)
        rows.append(Loss(name, "down: outages", Worded("outages and restarts"), hours, hours * pace))
    return rows


def _slow(held: _Held) -> list[Loss]:
    """Processing time beyond the planned run time per item: the ramp-up's slower rate."""
    plant, layout, runs, hours = held.plant, held.layout, held.runs, held.hours["processing"]
    if plant.ramp_up is None or plant.ramp_up.rate >= 1:
        return []
    line, station = _station(plant, held.name)
    made = [sum(float(run.good[k] + run.rejected[k]) for run in runs) for k in range(len(layout.products))]
    whole = sum(made)
    share = {name: part / whole for name, part in zip(layout.products, made, strict=True)} if whole else {}
    planned_s = kpi.planned_run_time_s(plant, line, station, share)
    if planned_s is None:
        return []
    done = sum(int(run.counts[held.i, k]) for run in runs for k in (COUNTS.index("left"), COUNTS.index("scrapped")))
    slow = hours - planned_s * done / len(runs) / 3600
    if slow <= SLOW_SHARE * hours:
        return []
    return [Loss(held.name, "ramp-up", Worded("slower than the final rate"), slow, slow * held.pace)]


def _scrap(held: _Held, good: float) -> list[Loss]:
    """Units the constraint made in vain: its own scrap, and scrap of every station after it."""
    left, scrapped = COUNTS.index("left"), COUNTS.index("scrapped")

    def lost(k: int) -> float:
        out = sum(int(run.counts[k, left]) for run in held.runs)
        return good * sum(int(run.counts[k, scrapped]) for run in held.runs) / out if out else 0.0

    after = sum(lost(held.layout.stations.index(later)) for later in downstream(held.plant, held.name))
    return [
        Loss(held.name, "scrap", Worded("scrapped at the constraint"), 0.0, lost(held.i)),
        Loss(held.name, "scrap later", Worded("scrapped after the constraint"), 0.0, after),
    ]


def downstream(plant: Plant, name: str) -> list[str]:
    """Stations that take, directly or not, what ``name`` makes, in file order."""
    takes = {
        f"{line.id}.{station.id}": {entry.source for entry in station.inputs}
        for line in plant.lines
        for station in line.stations
    } | {store.id: set(store.inputs) for store in plant.stores}
    reached = {name}
    while True:
        more = {taker for taker, sources in takes.items() if sources & reached} - reached
        if not more:
            stores = {store.id for store in plant.stores}
            return [taker for taker in takes if taker in reached and taker != name and taker not in stores]
        reached |= more
