"""A station's counts for years in little room, and its counters at any instant and for any unit.

Counts are appended as they come. Every :data:`ROWS` of them are packed into a block (columns, MessagePack, DEFLATE): a count
of five minutes takes some three bytes. A block knows the counters before it, so that one question opens one or two blocks.
Counters are sums of what was counted since the book's first count of the station: units that entered, left good, were scrapped.
"""

from __future__ import annotations

import bisect
import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from operator import add
from typing import NamedTuple, overload

import msgspec
from msgspec import Struct

ROWS = 288
"""Counts in a block: those of a day, if each covers five minutes."""
ENTERED, GOOD, SCRAPPED = 2, 3, 4
"""Columns of a row."""
Row = tuple[int, int, int, int, int, tuple[int, ...]]
"""from_us, to_us, entered, good, scrapped, and which of those that left were scrapped, as far as that is known."""


class Totals(NamedTuple):
    """A station's counters: units that entered, left good, were scrapped."""

    entered: int
    good: int
    scrapped: int

    @property
    def left(self) -> int:
        """Units that left, good or not."""
        return self.good + self.scrapped


class Step(NamedTuple):
    """One count with the counters before it.

    Attributes:
        exact: whether it is known which of its units were scrapped.
    """

    from_us: int
    to_us: int
    before: Totals
    after: Totals
    marks: tuple[int, ...]

    @property
    def exact(self) -> bool:
        """Whether each scrap has its ordinal, or there is none."""
        return len(self.marks) == self.after.scrapped - self.before.scrapped


class Counts(Sequence[Step]):
    """Counts one after the other, as columns; a :class:`Step` is made of those that are looked at.

    Attributes:
        begins, ends: of each count, us.
        entered, good, scrapped: the counters before the first count and behind each, one more than there are counts.
        marks: of each count, which of those that left were scrapped, as far as that is known.
    """

    __slots__ = ("begins", "ends", "entered", "good", "marks", "scrapped")

    def __init__(self, rows: Sequence[Row], before: Totals) -> None:
        self.begins: Sequence[int]
        self.ends: Sequence[int]
        self.marks: Sequence[tuple[int, ...]]
        self.begins, self.ends, entered, good, scrapped, self.marks = zip(*rows, strict=True) if rows else ((),) * 6
        self.entered = list(accumulate(entered, initial=before.entered))
        self.good = list(accumulate(good, initial=before.good))
        self.scrapped = list(accumulate(scrapped, initial=before.scrapped))

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> Counts: ...
    def __getitem__(self, place: int | slice) -> Step | Counts:
        if isinstance(place, slice):
            begin, end, _ = place.indices(len(self))
            return self._cut(begin, max(begin, end))
        at = range(len(self))[place]
        before = Totals(self.entered[at], self.good[at], self.scrapped[at])
        after = Totals(self.entered[at + 1], self.good[at + 1], self.scrapped[at + 1])
        return Step(self.begins[at], self.ends[at], before, after, self.marks[at])

    def _cut(self, begin: int, end: int) -> Counts:
        found = Counts.__new__(Counts)
        found.begins, found.ends, found.marks = self.begins[begin:end], self.ends[begin:end], self.marks[begin:end]
        found.entered, found.good = self.entered[begin : end + 1], self.good[begin : end + 1]
        found.scrapped = self.scrapped[begin : end + 1]
        return found

    def then(self, later: Counts) -> Counts:
        """With those that follow them."""
        found = Counts.__new__(Counts)
        found.begins, found.ends = (*self.begins, *later.begins), (*self.ends, *later.ends)
        found.marks = (*self.marks, *later.marks)
        found.entered, found.good = self.entered[:-1] + later.entered, self.good[:-1] + later.good
        found.scrapped = self.scrapped[:-1] + later.scrapped
        return found

    def until(self, at_us: int) -> Counts:
        """Those that ended by an instant."""
        return self[: bisect.bisect_right(self.ends, at_us)]

    def left(self) -> list[int]:
        """Units that left, good or not: before the first count and behind each."""
        return list(map(add, self.good, self.scrapped))


class Block(Struct, array_like=True, gc=False):
    """Packed counts, and the counters before the first of them."""

    from_us: int
    to_us: int
    entered: int
    good: int
    scrapped: int
    data: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[list[int], list[int], list[int], list[int], list[int], dict[int, list[int]]])


class Series(Struct, array_like=True):
    """See the module. ``tail`` holds the counts that are not packed yet, in the order of time.

    Attributes:
        entered, good, scrapped: the counters behind the last count.
        to_us: end of the last count.
        base: the counters before the first count of the tail.
    """

    blocks: list[Block] = []
    tail: list[Row] = []
    entered: int = 0
    good: int = 0
    scrapped: int = 0
    to_us: int = -(2**53)
    base: tuple[int, int, int] = (0, 0, 0)

    @property
    def totals(self) -> Totals:
        """The counters as they are."""
        return Totals(self.entered, self.good, self.scrapped)

    def add(self, row: Row) -> bool:
        """Take a count in; False if some of its time was counted before, and then it is left out."""
        if row[0] < self.to_us:
            return self._insert(row)
        tail = self.tail
        tail.append(row)
        self.to_us = row[1]
        self.entered += row[2]
        self.good += row[3]
        self.scrapped += row[4]
        if len(tail) >= 2 * ROWS:
            self._seal()
        return True

    def _seal(self) -> None:
        """Pack the older half of the tail; the newer stays open for what comes late."""
        rows, (entered, good, scrapped) = self.tail[:ROWS], self.base
        self.blocks.append(Block(rows[0][0], rows[-1][1], entered, good, scrapped, _packed(rows)))
        self.base = (
            entered + sum(row[2] for row in rows),
            good + sum(row[3] for row in rows),
            scrapped + sum(row[4] for row in rows),
        )
        del self.tail[:ROWS]

    def _insert(self, row: Row) -> bool:
        """Take in a count that comes after a later one, unless some of its time was counted."""
        place = self.piece_at(row[0])
        rows = self._rows(place)
        at = bisect.bisect_right(rows, row[0], key=lambda found: found[0])
        if at and rows[at - 1][1] > row[0]:
            return False
        following = rows[at][0] if at < len(rows) else self._begin(place + 1)
        if following is not None and following < row[1]:
            return False
        rows.insert(at, row)
        if place < len(self.blocks):
            block = self.blocks[place]
            block.from_us, block.to_us = rows[0][0], rows[-1][1]
            block.data = _packed(rows)
            self.base = (self.base[0] + row[2], self.base[1] + row[3], self.base[2] + row[4])
        for later in self.blocks[place + 1 :]:
            later.entered, later.good, later.scrapped = (
                later.entered + row[2],
                later.good + row[3],
                later.scrapped + row[4],
            )
        self.entered, self.good, self.scrapped = self.entered + row[2], self.good + row[3], self.scrapped + row[4]
        return True

    def _begin(self, place: int) -> int | None:
        """When a piece begins: a block, or behind the last block the tail."""
        if place < len(self.blocks):
            return self.blocks[place].from_us
        return self.tail[0][0] if place == len(self.blocks) and self.tail else None

    def piece_at(self, at_us: int) -> int:
        """The last piece that begins at an instant or before; the first if none does."""
        if self.tail and self.tail[0][0] <= at_us:
            return len(self.blocks)
        return max(0, bisect.bisect_right(self.blocks, at_us, key=lambda block: block.from_us) - 1)

    def _rows(self, place: int) -> list[Row]:
        if place >= len(self.blocks):
            return self.tail
        return _unpacked(self.blocks[place].data, self.blocks[place].from_us)

    def _before(self, place: int) -> Totals:
        if place < len(self.blocks):
            block = self.blocks[place]
            return Totals(block.entered, block.good, block.scrapped)
        return Totals(*self.base)

    def piece(self, place: int) -> Counts:
        """The counts of one piece: a block, or the tail as the last."""
        if place < len(self.blocks):
            block = self.blocks[place]
            return _counts_of_block(block.data, block.from_us, self._before(place))
        return Counts(self.tail, self._before(place))

    def around(self, at_us: int) -> Counts:
        """The counts of the piece in which an instant lies; of the piece before, too, where it holds only a few."""
        place = self.piece_at(at_us)
        counts = self.piece(place)
        return self.piece(place - 1).then(counts) if place and len(counts) < ROWS // 2 else counts

    def at(self, at_us: int) -> tuple[Totals, Totals]:
        """The least and the most that the counters can have shown at an instant: those of the counts before and behind it."""
        counts = self.piece(self.piece_at(at_us))
        place = bisect.bisect_right(counts.ends, at_us)
        if place == len(counts):
            following = self.piece(self.piece_at(at_us) + 1) if self.piece_at(at_us) < len(self.blocks) else ()
            known = counts[-1].after if counts else Totals(0, 0, 0)
            if not following or following[0].from_us >= at_us:
                return known, known
            return following[0].before, following[0].after
        step = counts[place]
        return (step.before, step.before) if at_us <= step.from_us else (step.before, step.after)

    def covering(self, at_us: int) -> Step | None:
        """The count within which an instant lies, its begin and its end left out; None if there is none."""
        counts = self.piece(self.piece_at(at_us))
        place = bisect.bisect_right(counts.ends, at_us)
        return counts[place] if place < len(counts) and counts.begins[place] < at_us else None

    def of_unit(self, number: int, column: int) -> Step | None:
        """The count in which the ``number``-th unit entered, left good, or (column 5) left at all; None if none tells of it.

        Args:
            number: 1 for the first since the book's first count of this station.
            column: :data:`ENTERED`, :data:`GOOD`, :data:`SCRAPPED`, or :data:`LEFT`.
        """
        if number < 1 or number > _of(self.totals, column):
            return None
        befores = bisect.bisect_left(self.blocks, number, key=lambda block: _of(block, column))
        place = max(0, befores - 1)
        if self.tail and _of(self._before(len(self.blocks)), column) < number:
            place = len(self.blocks)
        counts = self.piece(place)
        column_of = (
            counts.left() if column == LEFT else (counts.entered, counts.good, counts.scrapped)[column - ENTERED]
        )
        found = bisect.bisect_left(column_of, number, lo=1) - 1
        return counts[found] if found < len(counts) else None


class Reading(Series):
    """A series as it is read for one answer, while nothing is added: each piece is unpacked once.

    Attributes:
        pieces: those that were read.
    """

    pieces: dict[int, Counts] = {}

    @classmethod
    def of(cls, series: Series) -> Reading:
        """A reading of a series; it shares the series' counts."""
        return cls(series.blocks, series.tail, series.entered, series.good, series.scrapped, series.to_us, series.base)

    def piece(self, place: int) -> Counts:
        """See :meth:`Series.piece`."""
        if place not in self.pieces:
            self.pieces[place] = super().piece(place)
        return self.pieces[place]


@lru_cache(maxsize=128)
def _counts_of_block(data: bytes, from_us: int, before: Totals) -> Counts:
    return Counts(_unpacked(data, from_us), before)


LEFT = 5
"""Units that left, good or scrapped; see :meth:`Series.of_unit`."""


def _of(totals: Totals | Block, column: int) -> int:
    if column == LEFT:
        return totals.good + totals.scrapped
    return (totals.entered, totals.good, totals.scrapped)[column - ENTERED]


def _packed(rows: list[Row]) -> bytes:
    """Rows as columns: pause before, length, units; nearly constant each, so that they pack well."""
    pauses, last = [], rows[0][0]
    for row in rows:
        pauses.append(row[0] - last)
        last = row[1]
    units = ([row[2] for row in rows], [row[3] for row in rows], [row[4] for row in rows])
    columns = (pauses, [row[1] - row[0] for row in rows], *units)
    return zlib.compress(_encoder.encode((*columns, {at: row[5] for at, row in enumerate(rows) if row[5]})), 6)


def _unpacked(data: bytes, at_us: int) -> list[Row]:
    pauses, lengths, entered, good, scrapped, marks = _decoder.decode(zlib.decompress(data))
    steps = [part for pair in zip(pauses, lengths, strict=True) for part in pair]
    edges = list(accumulate(steps, initial=at_us))
    known = {number: tuple(found) for number, found in marks.items()}
    marked = [known.get(number, ()) for number in range(len(pauses))] if known else [()] * len(pauses)
    return list(zip(edges[1::2], edges[2::2], entered, good, scrapped, marked, strict=True))
