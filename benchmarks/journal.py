"""``python -m benchmarks.journal [FOLDER [CONNINFO]]``: how fast a book takes events, durably, on the disk of FOLDER.

The events are those of the cartridge plant's stations: counts in lots, with the machine's counter and its times by state, and changes
of state. They are folded by all rooms, as a server does. What a bar is about is measured three times, and the bar is held against the
median. Beside the wall's time stands what the processor alone would allow: on a machine that others use only that can be compared;
and before all, what one flush of the disk costs, on which single appends wait.

With the address of an empty PostgreSQL database the appends are measured there, too.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.bars import Bar
from benchmarks.tables import figure, table
from fabrika.app.book_folder import BookFolder, new_epoch
from fabrika.app.clock import now_us
from fabrika.app.files import read_file
from fabrika.app.house import House
from fabrika.app.plant_service import PlantService, adopt
from fabrika.app.sitemap import ROOMS
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened
from fabrika.events.production import LotOpened, OrderReleased, StateTime, StationChanged, UnitsCounted
from fabrika.journal.book import Book
from fabrika.journal.corrections import facts
from fabrika.journal.pen import Pen
from fabrika.journal.verify import verify
from fabrika.journal.view import View
from fabrika.storage.group_commit import GroupCommit
from fabrika.storage.memory import MemoryFiles

PLANT = Path(__file__).resolve().parents[1] / "plants" / "cartridge-20m"
BATCH, TOGETHER, EVENTS, WRITERS, EACH, ALONE, ROUNDS = 1_000, 5_000, 50_000, 16, 400, 300, 3
STRIDE_US, BEGIN_US = 300_000_000, 1_795_000_000_000_000
IN_BATCHES, AT_ONCE = 50_000, 5_000
"""The bars: events a second in batches, and single durable appends a second by many writers."""


class Floor:
    """What the stations of a plant tell, one stride of five minutes after the other.

    Args:
        plant: the plant.
    """

    def __init__(self, plant):
        self.plant = plant.id
        self.stations = [(line.id, f"{line.id}.{station.id}") for line in plant.lines for station in line.stations]
        self.lines = [line.id for line in plant.lines]
        self.events = self._told()
        self.pen = Pen(self.plant, Key("floor", new_epoch(), 0))

    def _told(self):
        for line in self.lines:
            yield OrderReleased(order=f"{line}-o1", product="any", line=line, quantity=10**9), BEGIN_US
            yield LotOpened(lot=f"{line}-1", order=f"{line}-o1", product="any", line=line, edition=1), BEGIN_US
        parts = {"processing": 280_000_000, "starved": 12_000_000, "down": 8_000_000}
        times = tuple(StateTime(state=state, duration_us=part) for state, part in parts.items())
        for stride in count():
            until = BEGIN_US + (stride + 1) * STRIDE_US
            for number, (line, station) in enumerate(self.stations):
                if (stride + number) % 10 == 0:
                    state = ("down", "processing")[stride // 10 % 2]
                    yield StationChanged(station=station, state=state, lot=f"{line}-1"), until - STRIDE_US // 2
                event = UnitsCounted(
                    station=station,
                    lot=f"{line}-1",
                    from_us=until - STRIDE_US,
                    to_us=until,
                    entered=500,
                    good=499,
                    scrapped=1,
                    counter=500 * (stride + 1) % 1_000_000,
                    counter_reset=500 * (stride + 1) % 1_000_000 < 500,
                    times=times,
                )
                yield event, until

    def messages(self, number, pen=None):
        """The next so many messages."""
        pen = pen or self.pen
        return [pen.write(event, at_us) for _, (event, at_us) in zip(range(number), self.events, strict=False)]

    def by_writer(self, each):
        """Messages of many sources, so many of each."""
        epoch = new_epoch()
        return [self.messages(each, Pen(self.plant, Key(f"writer-{n}", epoch, 0))) for n in range(WRITERS)]


def row(what, count, seconds, processor_s=None):
    """One line of the table."""
    beside = "" if processor_s is None else f" {count / processor_s:>12,.0f} /s of processor"
    print(f"{what:<86} {count / seconds:>10,.0f} /s{beside}", flush=True)
    return count / seconds


class Watch:
    """Measures what stands in a ``with`` and prints its line."""

    def __init__(self, what, count):
        self.what, self.count, self.rate = what, count, 0.0

    def __enter__(self):
        self.begin = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error):
        if error[0] is None:
            seconds, processor_s = time.perf_counter() - self.begin[0], time.process_time() - self.begin[1]
            self.rate = row(self.what, self.count, seconds, processor_s)


def main():
    """Measure and print."""
    plant = read_file(PLANT)
    found = []
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        print(f"load of the machine: {' '.join(f'{one:.1f}' for one in os.getloadavg())}")
        flush(Path(name))
        folder = BookFolder(Path(name) / "data")
        adopt(folder, PLANT, "twin")
        floor = Floor(plant)
        found += served(folder, floor)
        book = folder.open()
        found += appended(book, floor, "SQLite: ")
        reads(book)
        print(f"{'bytes of the file for each event':<86} {folder.journal.stat().st_size / book.size:>10,.0f}")
        book.storage.close()
    if len(sys.argv) > 2:
        postgres(sys.argv[2], plant)
    rows = [(bar.what, figure(bar.found), f">= {bar.at_least:,}", "met" if bar.met else "NOT MET") for bar in found]
    print(f"\nload at the end: {' '.join(f'{one:.1f}' for one in os.getloadavg())}\n")
    print(table(("bar, median of three", "of the wall /s", "wanted", ""), rows))


def flush(folder):
    """What the disk takes to make 8 kB durable, that lie where something lay before."""
    file = os.open(folder / "flushed", os.O_CREAT | os.O_RDWR)
    os.pwrite(file, bytes(8_192 * 200), 0)
    os.fsync(file)
    lasted_ms = []
    for number in range(200):
        os.pwrite(file, os.urandom(8_192), 8_192 * number)
        begin = time.perf_counter()
        os.fdatasync(file)
        lasted_ms.append((time.perf_counter() - begin) * 1e3)
    os.close(file)
    lasted_ms.sort()
    low, middle, high = lasted_ms[20], lasted_ms[100], lasted_ms[180]
    print(f"one flush of the disk: {middle:.2f} ms (8 of 10 between {low:.2f} and {high:.2f} ms)")


def three(measured):
    """The median of three rounds."""
    return median(measured() for _ in range(ROUNDS))


def served(folder, floor):
    """Through the plant's service: decided, appended, folded by all rooms, answered after the commit."""
    service = PlantService.opened(folder)
    gc.collect()
    gc.freeze()  # as the server does once it is open
    batches = three(lambda: in_batches("service", floor, service.take, TOGETHER))
    in_batches("service", floor, service.take, BATCH)
    single = three(lambda: at_once("service", floor, service.take))
    service.close()
    return [
        Bar(f"service: events in batches of {TOGETHER:,}, tree and fold", "/s", batches, at_least=IN_BATCHES),
        Bar(f"service: single durable appends, {WRITERS} writers", "/s", single, at_least=AT_ONCE),
    ]


def appended(book, floor, where):
    """Through the book itself: in batches with the fold of all rooms, one by one, and by many at once."""
    view = View(book.storage, House(ROOMS))
    view.follow()
    floor.pen = Pen(floor.plant, Key("floor", new_epoch(), 0))

    def take(batch):
        draft = book.draft(now_us())
        draft.admit(batch)
        view.fold(draft.facts())
        book.commit(draft)

    batches = three(lambda: in_batches(f"{where}book", floor, take, TOGETHER))
    in_batches(f"{where}book", floor, take, BATCH)
    assert view.size == book.size
    with Watch(f"{where}events written, checked, appended in batches of {BATCH:,}, no fold", EVENTS // 2):
        for _ in range(EVENTS // 2 // BATCH):
            book.append(floor.messages(BATCH), now_us())
    alone = floor.messages(ALONE)
    with Watch(f"{where}book: single durable appends, one writer", ALONE):
        for message in alone:
            book.append([message], now_us())
    group = GroupCommit(book, now_us)
    single = three(lambda: at_once(f"{where}group commit", floor, group.append))
    group.close()
    return [
        Bar(f"{where}book: events in batches of {TOGETHER:,}, tree and fold", "/s", batches, at_least=IN_BATCHES),
        Bar(f"{where}group commit: single durable appends, {WRITERS} writers", "/s", single, at_least=AT_ONCE),
    ]


def in_batches(what, floor, take, together):
    """Events that came, handed in so many together; writing them is not counted."""
    messages = floor.messages(EVENTS)
    with Watch(f"{what}: events that came, in batches of {together:,}, tree and fold of all rooms", EVENTS) as watch:
        for start in range(0, EVENTS, together):
            take(messages[start : start + together])
    return watch.rate


def at_once(what, floor, take):
    """Sixteen threads, each waiting for its own answer before it hands in the next."""
    threads = [
        threading.Thread(target=lambda own: [take([message]) for message in own], args=(own,))
        for own in floor.by_writer(EACH)
    ]
    with Watch(f"{what}: single durable appends, {WRITERS} writers", WRITERS * EACH) as watch:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return watch.rate


def reads(book):
    """Folding anew, verifying, reading."""
    with Watch("events folded by all rooms, from the storage", book.size):
        View(book.storage, House(ROOMS)).follow()
    with Watch("events verified", book.size):
        assert not [finding for finding in verify(book.storage, book.files, []).findings if finding.where != "files"]
    with Watch("facts read with corrections", book.size):
        assert sum(1 for _ in facts(book.storage)) == book.size


def postgres(conninfo, plant):
    """The same appends in an empty database."""
    from fabrika.storage.postgres import PostgresStorage

    book = Book(PostgresStorage.created(conninfo), MemoryFiles())
    opening = Pen(plant.id, Key("journal", new_epoch(), 0)).write(BookOpened(plant=plant.id, kind="twin"), now_us())
    book.append([opening], now_us())
    appended(book, Floor(plant), "PostgreSQL: ")
    book.storage.close()


if __name__ == "__main__":
    main()
