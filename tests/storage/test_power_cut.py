"""What a power cut can leave of the log of writes: any beginning of it, torn in a sector, with old or foreign bytes behind.

Each append was flushed before it was acknowledged, so that everything up to its end is on the disk; what lies behind is whatever the
disk had come to. From every such state the book opens, is whole, and holds all that was acknowledged by then.
"""

from __future__ import annotations

import random
from bisect import bisect_right

from fabrika.journal.verify import verify
from fabrika.storage.memory import MemoryFiles
from fabrika.storage.sqlite import SqliteStorage
from journal.books import BOOK_KEY, opened, told

SECTOR = 512


def states(log, chance):
    """Beginnings of the log, and what may lie behind them."""
    for _ in range(100):
        end = chance.randrange(len(log) + 1)
        yield end, log[:end]
        torn = bytearray(log[: end + 8 * SECTOR])
        for begin in range(end // SECTOR * SECTOR + SECTOR, len(torn), SECTOR):
            if chance.random() < 0.5:
                torn[begin : begin + SECTOR] = bytes(len(torn[begin : begin + SECTOR]))
        yield end, bytes(torn)
        yield end, log[:end] + chance.randbytes(3 * SECTOR)
        yield end, log[:end] + log[: 20 * SECTOR]


def test_every_state_that_a_power_cut_can_leave_holds_what_was_acknowledged(tmp_path):
    chance = random.Random(7)
    path = tmp_path / "journal.sqlite"
    book = opened(SqliteStorage.created(path))
    log_path = path.with_name("journal.sqlite-wal")
    ends, sizes = [log_path.stat().st_size], [1]
    for number in range(60):
        told(book, *range(chance.randrange(1, 20)))
        if number % 20 == 0:
            book.sign(BOOK_KEY)
        ends.append(log_path.stat().st_size)
        sizes.append(book.size)
    file, log = path.read_bytes(), log_path.read_bytes()
    book.storage.close()
    cut = tmp_path / "cut" / "journal.sqlite"
    cut.parent.mkdir()
    seen = set()
    for end, left in states(log, chance):
        for rest in cut.parent.iterdir():
            rest.unlink()
        cut.write_bytes(file)
        cut.with_name("journal.sqlite-wal").write_bytes(left)
        acknowledged = sizes[bisect_right(ends, end) - 1] if end >= ends[0] else 0
        storage = SqliteStorage(cut)
        assert storage.size() >= acknowledged
        if storage.size():
            again = opened(storage, MemoryFiles())
            assert verify(storage, again.files, [BOOK_KEY.verifier]).findings == []
            seen.add(again.size)
            told(again, 1, source="line-2")
        storage.close()
    assert len(seen) > 30
