"""``python -m benchmarks.journal_start FOLDER [EVENTS]``: how long a plant's server takes to open a long book.

The book is made once in FOLDER and kept: counts of every station of a reference plant, every five minutes, one after the other. Then
a server folds it and stores its snapshot, is ended, and another process opens the book anew: that is measured, to the first page.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.journal import row
from fabrika.app.book_folder import BookFolder, new_epoch
from fabrika.app.clock import now_us
from fabrika.events.production import StateTime, UnitsCounted

PLANT = Path(__file__).resolve().parents[1] / "plants" / "cartridge-20m"
STRIDE_US, BATCH = 300_000_000, 2_000
BEGIN_US = 1_700_000_000_000_000
TIMES = (StateTime(state="processing", duration_us=290_000_000), StateTime(state="down", duration_us=10_000_000))

OPENING = """
import sys, time
begin = time.perf_counter()
from pathlib import Path
from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService
from fabrika.app.sitemap import page_at
imported = time.perf_counter()
service = PlantService.opened(BookFolder(Path(sys.argv[1])))
opened = time.perf_counter()
page, names = page_at("/")
service.overlooked(page, names)
shown = time.perf_counter()
import resource
print(service.size, imported - begin, opened - imported, shown - opened, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
service.close()
"""


def made(folder: BookFolder, events: int) -> None:
    """Write the book."""
    from fabrika.app.files import read_file
    from fabrika.app.plant_service import adopt

    if not folder.journal.exists():
        adopt(folder, PLANT, "twin")
    plant = read_file(PLANT)
    stations = [f"{line.id}.{station.id}" for line in plant.lines for station in line.stations]
    book = folder.open()
    pen, begin, size = book.pen("bench", new_epoch()), time.perf_counter(), book.size
    while book.size < events:
        messages = []
        for number in range(book.size, book.size + BATCH):
            until = BEGIN_US + number // len(stations) * STRIDE_US
            event = UnitsCounted(
                station=stations[number % len(stations)],
                from_us=until - STRIDE_US,
                to_us=until,
                entered=500,
                good=499,
                scrapped=1,
                times=TIMES,
            )
            messages.append(pen.write(event, until))
        book.append(messages, now_us())
    if book.size > size:
        row("events written", book.size - size, time.perf_counter() - begin)
    book.sign(folder.signer(book.head().origin))
    book.storage.close()


def main() -> None:
    """Make the book, let a server fold it, and measure starts."""
    folder = BookFolder(Path(sys.argv[1]))
    made(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000)
    for what in ("first start, everything folded", "start from the snapshot", "start from the snapshot, again"):
        done = subprocess.run(
            [sys.executable, "-c", OPENING, str(folder.folder)], capture_output=True, text=True, check=True
        )
        size, *seconds, megabytes = done.stdout.split()
        imported, opened, shown = (float(word) for word in seconds)
        print(
            f"{what}: {int(size):,} entries; {imported:.1f} s import, {opened:.1f} s, board {shown:.2f} s, {megabytes} MB"
        )


if __name__ == "__main__":
    main()
