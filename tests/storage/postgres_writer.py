"""A process that writes a book in PostgreSQL until the server dies: ``postgres_writer.py CONNINFO FROM ...``.

Each number is where one source begins; all go through one group commit, as machines tell their counts. Each acknowledgement is one line ``SOURCE NUMBER``.
When the journal fails, it says ``failed`` and ends with 3.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fabrika.errors import BookError, StorageFailedError
from fabrika.events.fields import Key
from fabrika.journal.pen import Pen
from fabrika.storage.group_commit import GroupCommit
from fabrika.storage.postgres import PostgresStorage
from journal.books import AT, EPOCH, opened, units


def main() -> None:
    conninfo, begins = sys.argv[1], [int(word) for word in sys.argv[2:]]
    try:
        group = GroupCommit(opened(PostgresStorage(conninfo)), lambda: AT)
    except BookError as error:
        os.write(1, f"refused {error}\n".encode())
        sys.exit(4)

    def tell(source: int, begin: int) -> None:
        pen = Pen("kosovo", Key(f"line-{source}", EPOCH, 0))
        for number in range(begin):
            pen.write(units(number), AT)
        for number in range(begin, begin + 100_000):
            try:
                group.append([pen.write(units(number), AT)])
            except StorageFailedError:
                return
            os.write(1, b"%d %d\n" % (source, number + 1))

    threads = [threading.Thread(target=tell, args=(source, begin)) for source, begin in enumerate(begins)]
    os.write(1, b"ready\n")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.close()
    os.write(1, b"failed\n")
    sys.exit(3)


main()
