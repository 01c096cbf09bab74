"""A simulation study: replications until the interval is narrow enough, summed up for people.

Stopping is decided on fixed batches in the order of the replications, so the number of workers changes no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fabrika.errors import RunRefusedError
from fabrika.plant.model import Plant
from fabrika.stats.intervals import mean_interval, precise_enough
from fabrika.twin import kpi, period
from fabrika.twin.bundle import performed
from fabrika.twin.execution import Executor, Progress, Run, ignore_progress
from fabrika.twin.proof_result import Estimate
from fabrika.twin.results import COUNTS, STATES, Layout, Period, Replication
from fabrika.twin.simulation_result import (
    MOST_LEVELS,
    BufferResult,
    Levels,
    ProductRow,
    SimulationResult,
    StationResult,
    StopResult,
)
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.95
PRECISION = 0.01
"""Half-width of the interval of the mean output at which a study stops, as a share of the mean."""
BATCH, FIRST_BATCH, MOST = 5, 10, 65
MOST_REPLICATIONS = 100_000
FEWEST_BATCHES = 10
WEEK_DAYS = 7
LARGEST_SEED = 2**63 - 1
UNITS_TOLERANCE = 0.001
MOST_UNITS = 10**12


@dataclass(frozen=True, slots=True)
class Study:
    """What is to be simulated.

    Attributes:
        replications: how many; None: until the output's interval is within ``precision`` of its mean, at most 65.
        units: good units that were asked for instead of a time; only reported.
        version: version of Fabrika, only reported.
        with_levels: whether the time at each level of every buffer is wanted.
    """

    plant: Plant
    period: Period
    seed: int = 1
    replications: int | None = None
    precision: float = PRECISION
    level: float = LEVEL
    units: int | None = None
    version: str = ""
    with_levels: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.replications is not None and not 1 <= self.replications <= MOST_REPLICATIONS:
            raise RunRefusedError(
                f"{self.replications} replications cannot be made.", f"Ask for 1 to {MOST_REPLICATIONS}."
            )
        check_seed(self.seed)


def check_seed(seed: int) -> None:
    """Refuse a seed that is negative or does not fit 63 bits."""
    if not 0 <= seed <= LARGEST_SEED:
        raise RunRefusedError(f"{seed} is not a seed.", f"Use a whole number from 0 to {LARGEST_SEED}.")


def student(values: Sequence[float] | NDArray[Any], level: float) -> Estimate:
    """Mean of independent values with Student's interval; of one value only the value itself, three times."""
    if len(values) < 2:
        return Estimate(float(values[0]), float(values[0]), float(values[0]))
    found = mean_interval(values, level)
    return Estimate(found.mean, found.low, found.high)


def simulate(study: Study, executor: Executor, progress: Progress = ignore_progress) -> SimulationResult:
    """Run the study; an interruption (``KeyboardInterrupt``) after the first replication ends it with what is known.

    Raises:
        KeyboardInterrupt: interrupted before the first replication was finished.
    """
    from fabrika.twin.replicate import layout

    runs: list[Replication] = []
    complete = True
    try:
        _run_all(study, executor, progress, runs)
    except KeyboardInterrupt:
        if not runs:
            raise
        complete = False
    parts = _prefixes(study, executor, runs[0]) if len(runs) == 1 and complete else None
    return summarise(study, layout(study.plant), runs, complete=complete, parts=parts)


def _run_all(study: Study, executor: Executor, progress: Progress, runs: list[Replication]) -> None:
    most = study.replications or MOST
    while len(runs) < most:
        size = most if study.replications else (FIRST_BATCH if not runs else BATCH)
        numbers = range(len(runs), min(most, len(runs) + size))
        total = most if study.replications else numbers.stop
        progress(Worded("replications"), len(runs), total)
        tasks = [
            Run(study.plant, study.period, study.seed, number, with_levels=study.with_levels) for number in numbers
        ]
        for run in performed(executor, tasks):
            runs.append(run)
            progress(Worded("replications"), len(runs), total)
        if study.replications is None and _narrow(study, runs):
            return


def _narrow(study: Study, runs: list[Replication]) -> bool:
    return precise_enough(mean_interval([float(run.good.sum()) for run in runs], study.level), study.precision)


def _prefixes(study: Study, executor: Executor, run: Replication) -> NDArray[Any] | None:
    """Good pieces of ten equal parts of a single short run, (products, parts), by running its beginnings again."""
    import numpy as np

    days = run.good_by_day.shape[1]
    length_us = study.period.end_us - study.period.start_us
    if days >= FEWEST_BATCHES or length_us < FEWEST_BATCHES:
        return None
    ends = [length_us * part // FEWEST_BATCHES for part in range(1, FEWEST_BATCHES)]
    tasks = [Run(study.plant, _shorter(study.period, end), study.seed, run.number) for end in ends]
    try:
        goods = [part.good for part in executor.run(tasks)] + [run.good]
    except KeyboardInterrupt:
        return None
    return np.diff(np.stack(goods, axis=1), axis=1, prepend=0)


def _shorter(whole: Period, length_us: int) -> Period:
    return Period(whole.start_us, whole.start_us + length_us, whole.warm_up_us, whole.year_start_us, whole.steady)


def period_of_units(plant: Plant, units: int, seed: int, executor: Executor, from_date: date | None = None) -> Period:
    """The time in which replication 0 turns out ``units`` good units, found to within 0.1 % (or one unit).

    The twin runs for a time, not for a count; because a longer run begins with the shorter one, the time is found by
    running replication 0 for trial periods: first doubled, then halved between too short and long enough.

    Raises:
        RunRefusedError: ``units`` is not positive, or they do not come within 50 years.
    """
    if not 1 <= units <= MOST_UNITS:
        raise RunRefusedError(f"A run of {units} units cannot be made.", f"Ask for 1 to {MOST_UNITS} units.")

    def good(length_us: int) -> int:
        task = Run(plant, period.lasting(plant, length_us, from_date), seed, 0)
        return int(next(iter(executor.run([task]))).good.sum())

    longest_us = period.LONGEST_DAYS * period.DAY_US
    low_us, low_good, high_us = 0, 0, 60 * period.US
    while (high_good := good(high_us)) < units:
        if high_us >= longest_us:
            raise RunRefusedError(
                f"The plant does not turn out {units} good units in 50 years.", "Ask for fewer units."
            )
        low_us, low_good = high_us, high_good
        share = units / high_good if high_good else 8.0
        high_us = min(longest_us, max(2 * high_us, int(high_us * min(share, 64.0))))
    slack = max(1, round(units * UNITS_TOLERANCE))
    while high_good > units + slack and high_us - low_us > 1:
        guess = low_us + int((high_us - low_us) * (units + slack / 2 - low_good) / (high_good - low_good))
        middle = (low_us + high_us) // 2
        guess = min(max(guess, low_us + 1), high_us - 1)
        trial = guess if abs(guess - middle) < (high_us - low_us) * 0.45 else middle
        found = good(trial)
        low_us, low_good, high_us, high_good = (
            (low_us, low_good, trial, found) if found >= units else (trial, found, high_us, high_good)
        )
    return period.lasting(plant, high_us, from_date)


def summarise(
    study: Study,
    layout: Layout,
    runs: Sequence[Replication],
    *,
    complete: bool = True,
    parts: NDArray[Any] | None = None,
) -> SimulationResult:
    """Sum up replications; ``parts`` are the outputs of equal parts of a single run, shape (products, parts)."""
    batches, method = _batches(runs, parts)
    hours = runs[0].window_ns / 3.6e12
    share = _shares(layout, runs)
    rows = [
        _product_row(name or "unit", batches[i], [(run.good[i], run.rejected[i]) for run in runs], hours, study.level)
        for i, name in enumerate(layout.products)
    ]
    sums = [(run.good.sum(), run.rejected.sum()) for run in runs]
    total = _product_row("total", batches.sum(axis=0), sums, hours, study.level)
    start, end = (local_time(study.plant, us) for us in (study.period.start_us, study.period.end_us))
    return SimulationResult(
        plant_id=study.plant.id,
        plant_name=study.plant.name,
        sha256=study.plant.sha256,
        changes=study.plant.changes,
        version=study.version,
        seed=study.seed,
        replications=len(runs),
        period=study.period,
        period_from=start,
        period_to=end,
        hours=hours,
        asked_units=study.units,
        interval_level=study.level,
        interval_method=method,
        complete=complete,
        total=total,
        products=tuple(rows),
        stations=station_results(study.plant, layout, runs, share),
        stops=stop_results(layout, runs),
        buffers=_buffer_results(layout, runs),
        mtbf_formula=kpi.MTBF_TEXT[kpi.MTBF_FORMULA],
        layout=layout,
        runs=tuple(runs),
    )


def local_time(plant: Plant, us: int) -> str:
    """An instant in plant time, ISO 8601 to the minute."""
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return instant.astimezone(plant.zone).isoformat(timespec="minutes")


def _batches(runs: Sequence[Replication], parts: NDArray[Any] | None) -> tuple[NDArray[Any], str]:
    """Outputs whose mean is the mean of a whole replication, shape (products, batches), and how they were made."""
    import numpy as np

    if len(runs) > 1:
        return np.stack([run.good for run in runs], axis=1).astype(float), Worded(
            "Student's t over {count} replications", count=len(runs)
        )
    run = runs[0]
    if parts is not None:
        return parts * float(parts.shape[1]), Worded(
            "Student's t over {count} equal parts of one replication", count=parts.shape[1]
        )
    days = run.good_by_day.shape[1]
    length = WEEK_DAYS if days >= FEWEST_BATCHES * WEEK_DAYS else 1
    count = days // length
    if count < FEWEST_BATCHES:
        return run.good[:, None].astype(float), Worded("one replication, too short for an interval")
    whole = run.good_by_day[:, : count * length].reshape(len(run.good), count, length).sum(axis=2).astype(float)
    mean = whole.mean(axis=1, keepdims=True)
    # Days left over at the end belong to the mean but not to the batches: the batches keep their spread around it.
    scaled = (whole - mean) * (days / length) + run.good[:, None]
    if length == WEEK_DAYS:
        return scaled, Worded("Student's t over {count} weeks of one replication (batch means)", count=count)
    return scaled, Worded("Student's t over {count} days of one replication (batch means)", count=count)


def _shares(layout: Layout, runs: Sequence[Replication]) -> dict[str, float]:
    made = [sum(int(run.good[i]) + int(run.rejected[i]) for run in runs) for i in range(len(layout.products))]
    whole = sum(made)
    return {name: (n / whole if whole else 1 / len(made)) for name, n in zip(layout.products, made, strict=True)}


def _product_row(
    name: str, batches: NDArray[Any], pieces: Sequence[tuple[Any, Any]], hours: float, level: float
) -> ProductRow:
    """A row from batches, which give the interval, and from the good and rejected pieces of each run, which give the means."""
    spread = student(batches, level)
    mean, rejected = (sum(int(run[i]) for run in pieces) / len(pieces) for i in range(2))
    good = Estimate(mean, min(mean, max(0.0, spread.low)), max(mean, spread.high))

    def per(length: float) -> Estimate:
        factor = length / hours
        return Estimate(good.mean * factor, good.low * factor, good.high * factor)

    return ProductRow(name, good, rejected, per(1.0), per(24.0), per(8760.0))


def station_results(
    plant: Plant, layout: Layout, runs: Sequence[Replication], share: dict[str, float] | None = None
) -> tuple[StationResult, ...]:
    """Stations summed over replications; ``share`` of the products weighs their planned cycles."""
    stations = [(line.id, station) for line in plant.lines for station in line.stations]
    known = {f"{line}.{station.id}": (line, station) for line, station in stations}
    share = _shares(layout, runs) if share is None else share
    failing = _failures(plant, layout, runs)
    rows = []
    for i, name in enumerate(layout.stations):
        states = tuple(sum(int(run.state_ns[i, k]) for run in runs) for k in range(len(STATES)))
        counts = tuple(sum(int(run.counts[i, k]) for run in runs) for k in range(len(COUNTS)))
        whole = sum(states)
        run_time_s = None
        if name in known:
            line_id, station = known[name]
            run_time_s = kpi.planned_run_time_s(plant, line_id, station, share)
        figures = kpi.key_figures(kpi.Totals(states, counts, failing.get(i, 0), run_time_s))
        rows.append(
            StationResult(
                id=name,
                kind=layout.kinds[i],
                machines=layout.machines[i],
                fractions={state: (ns / whole if whole else 0.0) for state, ns in zip(STATES, states, strict=True)},
                state_ns=dict(zip(STATES, states, strict=True)),
                machine_ns=whole,
                counts=dict(zip(COUNTS, counts, strict=True)),
                kpis=figures,
            )
        )
    return tuple(rows)


def _failures(plant: Plant, layout: Layout, runs: Sequence[Replication]) -> dict[int, int]:
    """Stops of failure modes by station; planned stops are not failures."""
    modes = {
        f"{line.id}.{station.id}.fails.{mode.id}"
        for line in plant.lines
        for station in line.stations
        for mode in station.fails
    }
    totals: dict[int, int] = {}
    for i, name in enumerate(layout.modes):
        if name in modes:
            station = layout.mode_station[i]
            totals[station] = totals.get(station, 0) + sum(int(run.stops[i]) for run in runs)
    return totals


def stop_results(layout: Layout, runs: Sequence[Replication]) -> tuple[StopResult, ...]:
    """Modes and planned stops with how often they struck and how long they stopped their station."""
    rows = []
    for i, name in enumerate(layout.modes):
        stops = sum(int(run.stops[i]) for run in runs)
        ns = sum(int(run.stop_ns[i]) for run in runs)
        station = layout.stations[layout.mode_station[i]]
        rows.append(StopResult(name, station, stops, stops / len(runs), ns, ns / 3.6e12 / len(runs)))
    return tuple(rows)


def _buffer_results(layout: Layout, runs: Sequence[Replication]) -> tuple[BufferResult, ...]:
    return tuple(
        BufferResult(
            name, layout.capacities[i], sum(float(run.level[i]) for run in runs) / len(runs), _levels(layout, runs, i)
        )
        for i, name in enumerate(layout.buffers)
    )


def _levels(layout: Layout, runs: Sequence[Replication], i: int) -> Levels | None:
    """Levels of buffer ``i`` over all runs; None if they were not asked for."""
    if not all(run.level_ns for run in runs):
        return None
    import numpy as np

    capacity = layout.capacities[i]
    whole = sum(run.window_ns for run in runs)
    # int64 holds 292 years in all
    ns = np.zeros(max(len(run.level_ns[i]) for run in runs), dtype=np.int64 if whole < 2**63 else object)
    for run in runs:
        ns[: len(run.level_ns[i])] += run.level_ns[i]
    p5, p50, p95 = (int(np.searchsorted(np.cumsum(ns), -(-percent * whole // 100))) for percent in (5, 50, 95))
    every = (*ns.tolist(), *[0] * (capacity + 1 - len(ns))) if capacity <= MOST_LEVELS else None
    full = int(ns[capacity]) if len(ns) > capacity else 0
    return Levels(int(ns[0]) / whole, full / whole, p5, p50, p95, every)
