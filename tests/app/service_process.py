"""A process that serves a plant to sixteen threads until it is killed: ``service_process.py FOLDER FROM``."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.served import ADMIN, do, started
from fabrika.app.book_folder import BookFolder


def main() -> None:
    service = started(BookFolder(Path(sys.argv[1])))

    def work(thread: int) -> None:
        for step in range(2_000):
            key = f"{sys.argv[2]}-{thread}-{step}".rjust(8, "0")
            done = do(service, "personnel.enrol", ADMIN, key=key, person=f"n{key}")
            os.write(1, f"{key} {done.positions!r}\n".encode())

    for thread in range(16):
        threading.Thread(target=work, args=(thread,)).start()


main()
