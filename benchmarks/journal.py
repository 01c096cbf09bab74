"""``python -m benchmarks.journal [FOLDER]``: how fast a book takes events, durably, on the disk of FOLDER."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

from fabrika.app.book_folder import BookFolder, new_epoch
from fabrika.app.clock import now_us
from fabrika.events.fields import Key
from fabrika.events.production import StateTime, UnitsCounted
from fabrika.journal.corrections import facts
from fabrika.journal.pen import Pen
from fabrika.journal.verify import verify
from fabrika.journal.view import View
from fabrika.storage.group_commit import GroupCommit

BATCH, BATCHES, WRITERS, EACH, ALONE = 1_000, 50, 16, 400, 500


class Totals:
    """Good units by station: the least that a room would fold."""

    name, version = "totals", 1

    def empty(self):
        return {}

    def apply(self, state, fact):
        if isinstance(fact.event, UnitsCounted):
            state[fact.event.station] = state.get(fact.event.station, 0) + fact.event.good

    def dump(self, state):
        return repr(sorted(state.items())).encode()

    def load(self, data):
        raise NotImplementedError


def counted(number):
    """A count as a machine tells it every five minutes."""
    times = (StateTime(state="processing", duration_us=290_000_000), StateTime(state="down", duration_us=10_000_000))
    begin = 1_795_000_000_000_000 + 300_000_000 * number
    return UnitsCounted(
        station="line.press",
        lot="26-0417",
        from_us=begin,
        to_us=begin + 300_000_000,
        entered=500,
        good=499,
        scrapped=1,
        times=times,
    )


def row(what, count, seconds):
    """One line of the table."""
    print(f"{what:<62} {count / seconds:>12,.0f} /s")


def main():
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        book = BookFolder(Path(folder) / "data").create("benchmark", "twin")
        epoch = new_epoch()
        pen, view = book.pen("line", epoch), View(book.storage, Totals())
        begin = time.perf_counter()
        for batch in range(BATCHES):
            book.append([pen.write(counted(batch * BATCH + number), now_us()) for number in range(BATCH)], now_us())
        row(f"events written, checked, appended in batches of {BATCH:,}", BATCH * BATCHES, time.perf_counter() - begin)
        begin = time.perf_counter()
        view.follow()
        row("events folded into a view, from the storage", book.size, time.perf_counter() - begin)
        messages = [pen.write(counted(number), now_us()) for number in range(BATCH * 10)]
        begin = time.perf_counter()
        for start in range(0, len(messages), BATCH):
            book.append(messages[start : start + BATCH], now_us())
        row("events appended that were written elsewhere", len(messages), time.perf_counter() - begin)
        begin = time.perf_counter()
        for number in range(ALONE):
            book.append([pen.write(counted(number), now_us())], now_us())
        row("single durable appends, one writer", ALONE, time.perf_counter() - begin)
        begin = time.perf_counter()
        together(book, epoch)
        row(f"single durable appends, {WRITERS} writers", WRITERS * EACH, time.perf_counter() - begin)
        begin = time.perf_counter()
        assert verify(book.storage, book.files, []).whole
        row("events verified", book.size, time.perf_counter() - begin)
        begin = time.perf_counter()
        count = sum(1 for _ in facts(book.storage))
        row("facts read with corrections", count, time.perf_counter() - begin)
        size = (Path(folder) / "data" / "journal.sqlite").stat().st_size
        print(f"{'bytes of the file for each event':<62} {size / book.size:>12,.0f}")
        book.storage.close()


def together(book, epoch):
    """Sixteen threads, each waiting for its own answer."""
    group = GroupCommit(book, now_us)

    def work(name):
        pen = Pen("benchmark", Key(name, epoch, 0))
        for number in range(EACH):
            group.append([pen.write(counted(number), now_us())])

    threads = [threading.Thread(target=work, args=(f"writer-{number}",)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.close()


if __name__ == "__main__":
    main()
