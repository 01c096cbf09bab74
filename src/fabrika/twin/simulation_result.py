"""What a simulation reports: rows for people and JSON, NumPy columns for engineers, a hash for those who doubt."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fabrika.errors import RunRefusedError, SetupError
from fabrika.twin.proof_result import Estimate, plain
from fabrika.twin.results import COUNTS, STATES, Layout, Period, Replication

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA_VERSION = 1
Table = Literal["stations", "products", "replications", "stops", "buffers", "levels"]
MOST_LEVELS = 1000
"""Places of a buffer up to which the time at every single level is told."""


@dataclass(frozen=True, slots=True)
class ProductRow:
    """Good units of one product (``total``: of all), with intervals of their means.

    Attributes:
        good, rejected: mean pieces in the period.
        good_per_hour, good_per_day, good_per_year: rates over the whole period, closed hours included; a year is 365 days.
    """

    id: str
    good: Estimate
    rejected: float
    good_per_hour: Estimate
    good_per_day: Estimate
    good_per_year: Estimate


@dataclass(frozen=True, slots=True)
class StationResult:
    """One station: shares of machine time (they add up to 1), the integers behind them, counts and key figures.

    Attributes:
        fractions: share of the period by state.
        state_ns: machine time by state, summed over machines and replications, ns.
        machine_ns: machines x period x replications, ns; the sum of ``state_ns``.
        counts: ``entered``, ``left``, ``scrapped``, ``surplus``, summed over replications.
        kpis: by ISO 22400-2 names, see :mod:`fabrika.twin.kpi`; None where undefined.
    """

    id: str
    kind: str
    machines: int
    fractions: dict[str, float]
    state_ns: dict[str, int]
    machine_ns: int
    counts: dict[str, int]
    kpis: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class StopResult:
    """One mode or planned stop: how often it struck, summed over replications, and a replication's mean.

    Attributes:
        ns: machine time that it stopped the station, without off shift and waiting for a crew, summed over replications, ns.
        hours: the same, a replication's mean, hours.
    """

    id: str
    station: str
    stops: int
    mean: float
    ns: int
    hours: float


@dataclass(frozen=True, slots=True)
class Levels:
    """How full a buffer was, all replications together.

    Attributes:
        empty, full: share of the period without a unit, and without a free place.
        p5, p50, p95: level that was not exceeded during 5, 50 and 95 % of the period, units.
        ns: time at each level from 0 to the capacity, ns; they add up to period x replications. None (null) for more than 1000
            places: a replication's ``level_ns`` holds them.
    """

    empty: float
    full: float
    p5: int
    p50: int
    p95: int
    ns: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class BufferResult:
    """One buffer: places and mean number of units in it.

    Attributes:
        levels: how long it stood at which level; only if it was asked for.
    """

    id: str
    capacity: int
    mean_level: float
    levels: Levels | None = None


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """A simulated period.

    Attributes:
        seed, replications: what was run; ``asked_units`` the ``--units`` asked for, None otherwise.
        hours: length of the period.
        interval_level: level of every interval; ``interval_method`` how it was made.
        complete: False if the study was interrupted; then everything known so far is here.
        total: all products together; ``products`` each of them.
        runs: the replications themselves, in order.
    """

    plant_id: str
    plant_name: str
    sha256: str
    changes: tuple[str, ...]
    version: str
    seed: int
    replications: int
    period: Period
    period_from: str
    period_to: str
    hours: float
    asked_units: int | None
    interval_level: float
    interval_method: str
    complete: bool
    total: ProductRow
    products: tuple[ProductRow, ...]
    stations: tuple[StationResult, ...]
    stops: tuple[StopResult, ...]
    buffers: tuple[BufferResult, ...]
    mtbf_formula: str
    layout: Layout
    runs: tuple[Replication, ...]

    def good(self) -> NDArray[np.int64]:
        """Good pieces, shape (replications, products)."""
        import numpy as np

        return np.stack([run.good for run in self.runs])

    def good_by_day(self) -> NDArray[np.int64]:
        """Good pieces, shape (replications, products, days)."""
        import numpy as np

        return np.stack([run.good_by_day for run in self.runs])

    def state_ns(self) -> NDArray[np.int64]:
        """Machine time by state, ns, shape (replications, stations, states)."""
        import numpy as np

        return np.stack([run.state_ns for run in self.runs])

    def hash(self) -> str:
        """SHA-256 over the integers of all replications; the same plant, period, seed and count give the same everywhere."""
        digest = hashlib.sha256()
        for run in self.runs:
            digest.update(json.dumps(_integers(run), separators=(",", ":")).encode())
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The result as plain dictionaries, lists, numbers and text, without the single replications' arrays."""
        return {
            "fabrika_simulation": SCHEMA_VERSION,
            "plant": {
                "id": self.plant_id,
                "name": self.plant_name,
                "sha256": self.sha256,
                "changes": list(self.changes),
            },
            "version": self.version,
            "seed": self.seed,
            "replications": self.replications,
            "complete": self.complete,
            "period": {
                "from": self.period_from,
                "to": self.period_to,
                "hours": self.hours,
                "warm_up_hours": self.period.warm_up_us / 3.6e9,
                "asked_units": self.asked_units,
            },
            "interval": {"level": self.interval_level, "method": self.interval_method},
            **{key: value for key, value in plain(self.total).items() if key != "id"},
            "products": plain(self.products),
            "stations": [_station_json(row) for row in self.stations],
            "stops": plain(self.stops),
            "buffers": [_buffer_json(row) for row in self.buffers],
            "mtbf_formula": self.mtbf_formula,
            "hash": self.hash(),
        }

    def to_frame(self, table: Table = "stations") -> Any:
        """One table as a pandas DataFrame, or polars where only that is installed.

        Raises:
            SetupError: neither is installed.
            RunRefusedError: no such table, or ``levels`` were not asked for.
        """
        tables = {
            "stations": lambda: [_station_json(row, nested=False) for row in self.stations],
            "products": lambda: [_flat(plain(row)) for row in (*self.products, self.total)],
            "stops": lambda: [plain(row) for row in self.stops],
            "buffers": lambda: [_flat(_buffer_json(row, nested=False)) for row in self.buffers],
            "levels": self._level_rows,
            "replications": self._replication_rows,
        }
        if table not in tables:
            raise RunRefusedError(f"There is no table {table!r}.", f"Use one of: {', '.join(tables)}.")
        return _frame(tables[table]())

    def _level_rows(self) -> list[dict[str, Any]]:
        if any(row.levels is None for row in self.buffers):
            raise RunRefusedError("The levels of the buffers were not asked for.", "Simulate with `levels=True`.")
        return [
            {"id": row.id, "level": level, "share": ns / max(1, sum(row.levels.ns)), "ns": ns}
            for row in self.buffers
            if row.levels is not None and row.levels.ns is not None
            for level, ns in enumerate(row.levels.ns)
        ]

    def _replication_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "number": run.number,
                "good": int(run.good.sum()),
                "rejected": int(run.rejected.sum()),
                **{f"good.{name}": int(n) for name, n in zip(self.layout.products, run.good, strict=True) if name},
            }
            for run in self.runs
        ]


def _integers(run: Replication) -> list[Any]:
    arrays = (
        run.good,
        run.rejected,
        run.good_by_day,
        run.state_ns,
        run.counts,
        run.stops,
        run.stop_ns,
        run.interruption_ns,
        run.open_ns,
    )
    return [run.seed, run.number, run.window_ns, *(array.tolist() for array in arrays)]


def _station_json(row: StationResult, *, nested: bool = True) -> dict[str, Any]:
    flat: dict[str, Any] = {"id": row.id, "kind": row.kind, "machines": row.machines}
    flat |= {state: row.fractions[state] for state in STATES}
    flat |= {count: row.counts[count] for count in COUNTS}
    if nested:
        return flat | {"state_ns": dict(row.state_ns), "machine_ns": row.machine_ns, "kpis": dict(row.kpis)}
    return flat | row.kpis


def _buffer_json(row: BufferResult, *, nested: bool = True) -> dict[str, Any]:
    told: dict[str, Any] = plain(row)
    if row.levels is None:
        del told["levels"]
    elif not nested:
        del told["levels"]["ns"]
    return told


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{part}": figure for part, figure in value.items()}
        else:
            flat[key] = value
    return flat


def _frame(rows: list[dict[str, Any]]) -> Any:
    try:
        import pandas as pd
    except ImportError:
        pass
    else:
        return pd.DataFrame(rows)
    try:
        import polars as pl
    except ImportError:
        raise SetupError(
            "A table needs pandas or polars, and neither is installed.", "Install one, such as `pip install pandas`."
        ) from None
    return pl.DataFrame(rows)


__all__ = ["BufferResult", "Estimate", "Levels", "ProductRow", "SimulationResult", "StationResult", "StopResult"]
