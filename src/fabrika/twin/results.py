"""What the twin reports: one replication as arrays, and the names of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STATES = (
    "off_shift",
    "planned",
    "down",
    "waiting",
    "setup",
    "processing",
    "blocked",
    "starved",
    "no_order",
)
"""States of a machine in order of precedence; the times of one machine add up to the window exactly.

``no_order`` is kept for plants that are watched: in the twin it is always 0, because a line's sequence repeats for ever."""

COUNTS = ("entered", "left", "scrapped", "surplus")
"""Counters of a station in its own units: units taken in, products that left good, scrapped, withdrawn at a campaign's end."""


@dataclass(frozen=True, slots=True)
class Period:
    """The time that is simulated.

    Attributes:
        start_us: first instant that counts, microseconds since 1970 UTC.
        end_us: first instant that does not count any more.
        warm_up_us: simulated before ``start_us`` and not counted.
        year_start_us: instant at which the plant's ramp-up begins (start of its first contract year).
        steady: True: no ramp-up (a steady year).
    """

    start_us: int
    end_us: int
    warm_up_us: int
    year_start_us: int
    steady: bool = False

    @property
    def origin_us(self) -> int:
        """Instant of the kernel's time 0."""
        return self.start_us - self.warm_up_us

    @property
    def window_ns(self) -> int:
        """Length of what counts, ns."""
        return (self.end_us - self.start_us) * 1000


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of the rows of a :class:`Replication`.

    Attributes:
        stations: ``line.station``, shape (S,).
        kinds: kind of each station.
        machines: machines of each station.
        pieces: pieces in one unit that leaves the station (containers hold several).
        exits: indices of the stations nobody takes from.
        products: product ids; one empty name where the plant names none.
        modes: ``line.station.fails.mode`` and ``line.station.stops.stop`` in order.
        mode_station: index of the station of each mode.
        buffers: ``from > to`` of each buffer.
        capacities: places of each buffer.
        interruptions: ids of outages and supplies.
    """

    stations: tuple[str, ...]
    kinds: tuple[str, ...]
    machines: tuple[int, ...]
    pieces: tuple[int, ...]
    exits: tuple[int, ...]
    products: tuple[str, ...]
    modes: tuple[str, ...]
    mode_station: tuple[int, ...]
    buffers: tuple[str, ...]
    capacities: tuple[int, ...]
    interruptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replication:
    """One run of the window, unit by unit.

    Attributes:
        seed, number: which run; the same pair and plant give the same bytes everywhere.
        window_ns: length of the window.
        good: int64 (products,), pieces that left good in the window and whose lot was accepted.
        rejected: int64 (products,), pieces in rejected lots.
        good_by_day: int64 (products, days), the same by plant-local day; 24 h from the start where no zone is named.
        state_ns: int64 (S, 9), machine time by state, summed over the station's machines; rows add up to machines x window.
        counts: int64 (S, 4), see :data:`COUNTS`.
        stops: int64 (modes,), how often each mode struck in the window.
        stop_ns: int64 (modes,), machine time in the window that each mode stopped its station, without off shift and without
            waiting for a crew. Every instant counts once: for stops on clocks that run while idle before the others, and
            among those for planned stops before failures, each in file order. So the modes of a station, warm-ups after
            standing and outages make up its ``planned`` and ``down``.
        level: float64 (buffers,), mean number of units in each buffer over the window.
        interruption_ns: int64 (interruptions, 2), time each outage or supply delay lasted within the window: around the
            clock, and within the contractual calendar.
        open_ns: int64 (S,), open calendar time of one machine of the station within the window.
        factors: drawn belief factors by path.
        operations: units worked by all stations, warm-up included (a batch counts its units).
        weekly_state_ns: int64 (weeks, S, 9), ``state_ns`` by week of the window; the last week may be short.
        level_ns: for each buffer int64 (highest level reached + 1,), time at each level over the window, ns; empty unless asked for.
    """

    seed: int
    number: int
    window_ns: int
    good: NDArray[np.int64]
    rejected: NDArray[np.int64]
    good_by_day: NDArray[np.int64]
    state_ns: NDArray[np.int64]
    counts: NDArray[np.int64]
    stops: NDArray[np.int64]
    stop_ns: NDArray[np.int64]
    level: NDArray[np.float64]
    interruption_ns: NDArray[np.int64]
    open_ns: NDArray[np.int64]
    factors: dict[str, float]
    operations: int
    weekly_state_ns: NDArray[np.int64]
    level_ns: tuple[NDArray[np.int64], ...] = ()
