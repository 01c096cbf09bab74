"""A book from its folder into a PostgreSQL database: the same bytes, the same root, the folder's keys and files stay."""

from __future__ import annotations

from fabrika.app.book_folder import BookFolder, write_durably
from fabrika.errors import BookDamagedError, StorageRefusedError
from fabrika.journal.book import Book
from fabrika.journal.checkpoint import Checkpoint
from fabrika.journal.copying import copy_book
from fabrika.journal.verify import verify
from fabrika.storage.place import sync_folder


def move(data: BookFolder, conninfo: str) -> Checkpoint:
    """Move a book into a database that holds none; the copy is verified before the folder names it.

    The old file stays as ``journal.sqlite.moved`` and is not opened any more. Until the new address is in its place the
    folder's own file is the book.

    Args:
        data: the data folder, which no other process may be writing.
        conninfo: the database, as libpq reads it.

    Returns:
        size and root, the same on both sides.

    Raises:
        StorageRefusedError: the book lies in a database already, or the new one is unfit or not empty.
        BookInUseError: another process writes the book.
        BookDamagedError: the copy does not verify.
        SetupError: the driver is not installed.
    """
    from fabrika.storage.postgres import PostgresStorage

    if data.database() is not None:
        raise StorageRefusedError(f"The book of {data.folder} lies in a database already.", "Move a backup of it.")
    book = data.open()
    try:
        target = PostgresStorage.created(conninfo)
        try:
            copy_book(book.storage, target)
            result = verify(target, book.files, data.trusted())
            if not result.whole:
                where, wrong = result.findings[0]
                raise BookDamagedError(f"The copy in {target.name} does not verify: {where}: {wrong}")
            head = Book(target, book.files).head()
        finally:
            target.close()
        write_durably(data.address, conninfo + "\n", 0o600)
    finally:
        book.storage.close()
    data.journal.replace(data.journal.with_name(data.journal.name + ".moved"))
    sync_folder(data.folder)
    return head
