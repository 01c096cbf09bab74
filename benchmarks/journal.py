"""``python -m benchmarks.journal [FOLDER [CONNINFO]]``: how fast a book takes events, durably, on the disk of FOLDER.

With the address of an empty PostgreSQL database the appends are measured there, too. Beside the wall's time stands what the
processor alone would allow: on a machine that others use only that can be compared.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

from fabrika.app.book_folder import BookFolder, new_epoch
from fabrika.app.clock import now_us
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened
from fabrika.events.production import StateTime, UnitsCounted
from fabrika.journal.book import Book
from fabrika.journal.corrections import facts
from fabrika.journal.entries import Fact
from fabrika.journal.pen import Pen
from fabrika.journal.verify import verify
from fabrika.journal.view import View
from fabrika.storage.group_commit import GroupCommit
from fabrika.storage.memory import MemoryFiles

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


def row(what, count, seconds, processor_s=None):
    """One line of the table."""
    beside = "" if processor_s is None else f" {count / processor_s:>12,.0f} /s of processor"
    print(f"{what:<70} {count / seconds:>12,.0f} /s{beside}", flush=True)


class Watch:
    """Measures what stands in a ``with`` and prints its line."""

    def __init__(self, what, count):
        self.what, self.count = what, count

    def __enter__(self):
        self.begin = time.perf_counter(), time.process_time()

    def __exit__(self, *error):
        row(self.what, self.count, time.perf_counter() - self.begin[0], time.process_time() - self.begin[1])


def main():
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        book = BookFolder(Path(folder) / "data").create("benchmark", "twin")
        appends(book, "")
        reads(book)
        size = (Path(folder) / "data" / "journal.sqlite").stat().st_size
        print(f"{'bytes of the file for each event':<70} {size / book.size:>12,.0f}")
        book.storage.close()
    if len(sys.argv) > 2:
        from fabrika.storage.postgres import PostgresStorage

        book = Book(PostgresStorage.created(sys.argv[2]), MemoryFiles())
        opening = Pen("benchmark", Key("journal", new_epoch(), 0)).write(
            BookOpened(plant="benchmark", kind="twin"), now_us()
        )
        book.append([opening], now_us())
        appends(book, "PostgreSQL: ")
        book.storage.close()


def appends(book, where):
    """In batches, one by one, and by many at once."""
    pen = book.pen("line", new_epoch())
    with Watch(f"{where}events written, checked, appended in batches of {BATCH:,}", BATCH * BATCHES):
        for batch in range(BATCHES):
            book.append([pen.write(counted(batch * BATCH + number), now_us()) for number in range(BATCH)], now_us())
    view = View(book.storage, Totals())
    view.follow()
    messages = [pen.write(counted(number), now_us()) for number in range(BATCH * BATCHES)]
    with Watch(f"{where}events that came, appended in batches of {BATCH:,}, tree and fold", len(messages)):
        for start in range(0, len(messages), BATCH):
            draft, batch = book.draft(now_us()), messages[start : start + BATCH]
            receipts = draft.admit(batch)
            book.commit(draft)
            pairs = zip(receipts, batch, strict=True)
            view.fold([Fact(receipt.position, one.message, one.event, draft.at_us) for receipt, one in pairs])
    assert view.size == book.size
    with Watch(f"{where}single durable appends, one writer", ALONE):
        for number in range(ALONE):
            book.append([pen.write(counted(number), now_us())], now_us())
    with Watch(f"{where}single durable appends, {WRITERS} writers", WRITERS * EACH):
        together(book, new_epoch())


def reads(book):
    """Folding anew, verifying, reading."""
    with Watch("events folded into a view, from the storage", book.size):
        View(book.storage, Totals()).follow()
    with Watch("events verified", book.size):
        assert verify(book.storage, book.files, []).whole
    with Watch("facts read with corrections", book.size):
        assert sum(1 for _ in facts(book.storage)) == book.size


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
