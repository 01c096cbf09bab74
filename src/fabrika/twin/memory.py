"""Lay a network out in the kernel's memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fabrika.twin.draws import is_constant, is_exponential, stream_key, table
from fabrika.twin.kernel import fields as f

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fabrika.plant.model import Distribution
    from fabrika.twin.timelines import Timeline

SPARE = 16
"""Segments that a machine's timeline has room for behind its last, for each of its stops that call a crew by clock."""


@dataclass(frozen=True, slots=True)
class Bins:
    """What a run's time is divided into: the window (ns), pieces of it (weeks, mostly) and its days by their ends (ns)."""

    t0: int
    t1: int
    piece_ends: NDArray[np.int64]
    day_ends: NDArray[np.int64]


@dataclass(slots=True)
class Memory:
    """Grows the three arrays of a run; offsets are handed out in order of request."""

    seed: int
    number: int
    mem: list[NDArray[np.int64]] = field(default_factory=list)
    size: int = 0
    flt: list[NDArray[np.float64]] = field(default_factory=list)
    fsize: int = 0
    keys: list[int] = field(default_factory=list)
    tables: dict[tuple[str, float], int] = field(default_factory=dict)
    shared: dict[bytes, int] = field(default_factory=dict)

    def take(self, count: int) -> tuple[int, NDArray[np.int64]]:
        """Reserve ``count`` integers, zeroed; returns their offset and a view to fill."""
        block = np.zeros(count, dtype=np.int64)
        offset = self.size
        self.mem.append(block)
        self.size += count
        return offset, block

    def take_floats(self, values: NDArray[np.float64] | list[float]) -> int:
        """Store floats; returns their offset."""
        block = np.array(values, dtype=np.float64)
        offset = self.fsize
        self.flt.append(block)
        self.fsize += len(block)
        return offset

    def take_key(self, stream: str) -> int:
        """Store the key of a stream; returns its offset."""
        self.keys.append(stream_key(self.seed, self.number, stream))
        return len(self.keys) - 1

    def law(self, law: Distribution) -> int:
        """Table code of a law: constant, exponential, or the offset of its table."""
        if is_constant(law):
            return f.TABLE_CONSTANT
        if is_exponential(law):
            return f.TABLE_EXPONENTIAL
        name = (law.family, law.shape)
        if name not in self.tables:
            self.tables[name] = self.take_floats(table(*name))
        return self.tables[name]

    def timeline(self, timeline: Timeline, bins: Bins) -> int:
        """Store a timeline's segments (each kind of timeline once); returns the offset of the first."""
        name = timeline.ends.tobytes() + timeline.kinds.tobytes()
        if name not in self.shared:
            self.shared[name], block = self.take((len(timeline.ends) + 1) * f.S_STRIDE)
            _fill(block, timeline, bins)
        return self.shared[name]

    def own_timeline(self, rec: NDArray[np.int64], timeline: Timeline, bins: Bins) -> None:
        """Store the segments of a machine whose timeline grows while it runs: one before the first, and room behind the last."""
        calls = int(rec[f.M_NC])
        length = (len(timeline.ends) + 2) * f.S_STRIDE
        spare = SPARE * (calls + 1) * f.S_STRIDE
        rec[f.M_TIMELINE], block = self.take(length + spare)
        rec[f.M_SEG] = rec[f.M_TIMELINE] + f.S_STRIDE
        rec[f.M_LAST] = rec[f.M_TIMELINE] + length - f.S_STRIDE
        rec[f.M_SPARE] = rec[f.M_TIMELINE] + length + spare
        _fill(block[f.S_STRIDE : length], timeline, bins)

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint64]]:
        """The three arrays."""
        return np.concatenate(self.mem), np.concatenate(self.flt), np.array(self.keys, dtype=np.uint64)


def _fill(block: NDArray[np.int64], timeline: Timeline, bins: Bins) -> None:
    n = len(timeline.ends)
    rows = block.reshape(n + 1, f.S_STRIDE)
    begins = np.concatenate([[0], timeline.ends[:-1]])
    inside = (begins >= bins.t0) & (begins < bins.t1)
    rows[:n, f.S_END] = timeline.ends
    rows[:n, f.S_KIND] = timeline.kinds
    rows[:n, f.S_BIN] = np.where(inside, np.searchsorted(bins.piece_ends, begins, side="right"), -1)
    rows[:n, f.S_DAY] = np.searchsorted(bins.day_ends, begins, side="right")
    rows[n] = (f.NEVER * 2 - 2, f.OPEN, -1, 0)
