"""A plant file becomes the first edition of a book."""

from __future__ import annotations

from pathlib import Path

from fabrika.app.book_folder import BookFolder, new_epoch
from fabrika.app.clock import now_us
from fabrika.app.files import read_bytes, zone_of
from fabrika.errors import StorageRefusedError
from fabrika.events.plant import Adopted
from fabrika.journal.book import Book, opening_of
from fabrika.journal.corrections import facts
from fabrika.plant.read import read_plant


def adopt(folder: BookFolder, plant_file: Path, kind: str) -> None:
    """Make a book for a plant, or see that the book that is there is the plant's.

    Args:
        folder: the data folder; made if it is missing.
        plant_file: the plant file, or the folder that holds it.
        kind: ``plant`` or ``twin``.

    Raises:
        PlantFileError: the file has problems.
        StorageRefusedError: the book is another plant's or of another kind.
        BookInUseError: another process serves the book and it has adopted nothing yet.
    """
    data = read_bytes(plant_file)
    plant = read_plant(data, str(plant_file), zone_of)
    if not folder.journal.exists():
        _adopted(folder.create(plant.id, kind), data)
        return
    reader = folder.reader()
    try:
        opening = opening_of(reader)
        if (opening.plant, opening.kind) != (plant.id, kind):
            wrong = f"The book in {folder.folder} is of {opening.plant}/{opening.kind}, not of {plant.id}/{kind}."
            raise StorageRefusedError(wrong, "Name another data folder, or the file of that plant.")
        # The adoption follows on the opening; only a first start that was cut off lacks it.
        begun = reader.size() > 1 or any(isinstance(fact.event, Adopted) for fact in facts(reader, known_at=2))
    finally:
        reader.close()
    if not begun:
        _adopted(folder.open(), data)


def _adopted(book: Book, data: bytes) -> None:
    try:
        name = book.files.put(data)
        message = book.pen("server", new_epoch()).write(Adopted(file=name, edition=1), now_us(), files=(name,))
        book.append([message], now_us())
    finally:
        book.storage.close()
