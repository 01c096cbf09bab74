"""When a station stood and why, for years in little room: only standstills, packed as :mod:`series` packs counts."""

from __future__ import annotations

import bisect
import zlib
from typing import NamedTuple

import msgspec
from msgspec import Struct

PACKED = 256
"""Standstills in a block."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[list[int], list[int], list[str]])


class Stop(NamedTuple):
    """A station stood; ``to_us`` is None while it does."""

    from_us: int
    to_us: int | None
    mode: str


class Stops(Struct, array_like=True):
    """See the module.

    Attributes:
        blocks: begin of the first and end of the last standstill of each block, and its columns.
        tail: those that are not packed yet.
        mode, since_us: the standstill that goes on; no mode if none does.
    """

    blocks: list[tuple[int, int, bytes]] = []
    tail: list[tuple[int, int, str]] = []
    mode: str | None = None
    since_us: int = 0

    def change(self, at_us: int, stands: bool, mode: str) -> None:
        """The station is in another state from an instant on; what is told out of order changes nothing."""
        if at_us < self.since_us:
            return
        if self.mode is not None and at_us > self.since_us:
            self.tail.append((self.since_us, at_us, self.mode))
            if len(self.tail) >= 2 * PACKED:
                self._seal()
        self.mode = mode if stands else None
        self.since_us = at_us

    def _seal(self) -> None:
        rows, self.tail = self.tail[:PACKED], self.tail[PACKED:]
        first = rows[0][0]
        columns = ([row[0] - first for row in rows], [row[1] - row[0] for row in rows], [row[2] for row in rows])
        self.blocks.append((first, rows[-1][1], zlib.compress(_encoder.encode(columns), 6)))

    def within(self, from_us: int, to_us: int) -> list[Stop]:
        """Standstills that touch ``[from_us, to_us)``, the first first."""
        found: list[Stop] = []
        place = bisect.bisect_right(self.blocks, from_us, key=lambda block: block[1])
        while place < len(self.blocks) and self.blocks[place][0] < to_us:
            first, _, data = self.blocks[place]
            begins, lengths, modes = _decoder.decode(zlib.decompress(data))
            rows = zip(begins, lengths, modes, strict=True)
            found += [Stop(first + begin, first + begin + length, mode) for begin, length, mode in rows]
            place += 1
        found += [Stop(*row) for row in self.tail]
        if self.mode is not None:
            found.append(Stop(self.since_us, None, self.mode))
        return [stop for stop in found if stop.from_us < to_us and (stop.to_us is None or stop.to_us > from_us)]
