"""Small books for tests."""

from __future__ import annotations

from fabrika.events.codec import Written
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened
from fabrika.events.production import UnitsCounted
from fabrika.journal.book import Book
from fabrika.journal.note import COSIGNATURE, Signer
from fabrika.journal.pen import Pen
from fabrika.storage.memory import MemoryFiles, MemoryStorage

EPOCH = "0123456789abcdef"
OTHER_EPOCH = "fedcba9876543210"
AT = 1_795_000_000_000_000
BOOK_KEY = Signer("kosovo/plant", b"b" * 32)
WITNESS_KEY = Signer("witness.example/commission", b"w" * 32, COSIGNATURE)


def opened(storage=None, files=None, kind="plant", catalog=None) -> Book:
    """A book with its first entry."""
    arguments = [] if catalog is None else [catalog]
    book = Book(storage or MemoryStorage(), files or MemoryFiles(), *arguments)
    if not book.size:
        pen = Pen("kosovo", Key("journal", EPOCH, 0))
        book.append([pen.write(BookOpened(plant="kosovo", kind=kind), AT)], AT)
    return book


def units(number: int = 1, station: str = "a", **fields) -> UnitsCounted:
    """So many good units counted."""
    return UnitsCounted(station=station, from_us=AT, to_us=AT + 1, entered=number, good=number, scrapped=0, **fields)


def told(book: Book, *numbers: int, source: str = "line-1") -> list[Written]:
    """Counts as the next messages of a source, appended."""
    pen = book.pen(source, EPOCH)
    messages = [pen.write(units(number), AT + number) for number in numbers]
    book.append(messages, AT)
    return messages
