"""A process that writes until the disk fails, as often as it is asked: a line ``DATA FROM`` on the standard input begins.

It answers ``ready``, then after each commit the number of messages that are durable and when it was told so (ns of the clock that
all processes of a machine share), and ``failed`` with the reason when the journal refuses. It goes on with what the book holds by then, and signs and keeps a file now and then.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fabrika.app.book_folder import BookFolder
from fabrika.errors import BookError
from fabrika.storage import sqlite
from journal.books import AT, EPOCH, units

BATCH = 3


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def write(data: BookFolder) -> None:
    book = data.open()
    signer = data.signer(book.head().origin)
    try:
        tell("ready")
        number = book.heads.get(("line-1", EPOCH), (-1, ""))[0] + 1
        pen = book.pen("line-1", EPOCH)
        while True:
            name = (book.files.put(b"file %d" % number),) if number % 10 == 0 else ()
            book.append([pen.write(units(number + offset), AT, files=name) for offset in range(BATCH)], AT)
            number += BATCH
            tell(f"{number} {time.monotonic_ns()}")
            if number % 20 == 0:
                book.sign(signer)
    finally:
        book.storage.close()


def main() -> None:
    sqlite.FOLD_PAGES = 40
    for line in sys.stdin:
        try:
            write(BookFolder(Path(line.split()[0])))
        except BookError as error:
            tell(f"failed {type(error).__name__}: {error.problem}".replace("\n", " "))


main()
