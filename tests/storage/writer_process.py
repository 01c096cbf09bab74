"""A process that writes until it is killed: ``writer_process.py FOLDER FROM [POINT]``; told by test_crash.

It is a source with a memory of its own: message n is the same every time, and it begins with the first that was not
acknowledged. Each acknowledgement is one line on the standard output. At POINT it kills itself, the third time it passes.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fabrika.events.fields import Key
from fabrika.journal.pen import Pen
from fabrika.storage import sqlite
from fabrika.storage.files import FolderFiles
from fabrika.storage.sqlite import SqliteStorage
from journal.books import AT, BOOK_KEY, EPOCH, opened, units

BATCH = 3


def main() -> None:
    folder, begin = Path(sys.argv[1]), int(sys.argv[2])
    deadly, passed = sys.argv[3] if len(sys.argv) > 3 else "", 0

    def at(point: str) -> None:
        nonlocal passed
        passed += point == deadly
        if passed == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    sqlite.FOLD_PAGES = 40
    path = folder / "journal.sqlite"
    storage = SqliteStorage(path, at=at) if path.exists() else SqliteStorage.created(path, at=at)
    book = opened(storage, FolderFiles(folder / "files", writes=True, at=at))
    pen = Pen("kosovo", Key("line-1", EPOCH, 0))
    for number in range(begin):
        pen.write(units(number), AT)
    os.write(1, b"ready\n")
    for number in range(begin, begin + 6_000, BATCH):
        messages = [pen.write(units(number + offset), AT) for offset in range(BATCH)]
        book.append(messages, AT)
        os.write(1, b"%d\n" % (number + BATCH))
        if number % 30 == 0:
            book.files.put(b"file %d" % number)
            book.sign(BOOK_KEY)


main()
