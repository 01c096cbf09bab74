"""What witnesses cosigned while a server writes the book: left in a folder, from which the server takes it in.

::

    DATA/cosigned/NAME.note      a cosigned checkpoint that waits for the server
    DATA/cosigned/NAME.refused   one that is of another book, or that no witness whose key is in DATA/keys/trusted has cosigned
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from fabrika.app.book_folder import BookFolder, read_text, write_durably
from fabrika.errors import ProofRefusedError, StorageRefusedError
from fabrika.events.codec import digest
from fabrika.journal.book import Book
from fabrika.journal.checkpoint import cosignatures, opened
from fabrika.journal.merkle import root_at
from fabrika.journal.note import COSIGNATURE, Note


def left_in(folder: BookFolder) -> Path:
    """The folder in which cosigned checkpoints wait."""
    return folder.folder / "cosigned"


def leave(folder: BookFolder, note: Note) -> None:
    """Leave a cosigned checkpoint to the server that writes the book.

    Raises:
        StorageRefusedError: the folder cannot be made or written.
    """
    place = left_in(folder)
    try:
        place.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageRefusedError(f"The folder {place} cannot be made ({error.strerror}).") from None
    write_durably(place / f"{digest(str(note).encode())[:16]}.note", str(note))


def take_in(folder: BookFolder, book: Book) -> int:
    """Check what was left and keep in the book what holds; returns how many were taken.

    Raises:
        StorageFailedError: the disk failed or is full; what was left stays.
    """
    taken, place = 0, left_in(folder)
    for path in sorted(place.glob("*.note")) if place.is_dir() else []:
        try:
            keep(folder, book, read_text(path))
        except (ProofRefusedError, StorageRefusedError):
            with suppress(OSError):
                path.replace(path.with_suffix(".refused"))
            continue
        taken += 1
        with suppress(OSError):
            path.unlink()
    return taken


def keep(folder: BookFolder, book: Book, text: str) -> None:
    """Add the lines of witnesses to the checkpoint that the book has kept.

    Raises:
        ProofRefusedError: it is no checkpoint of this book, or no trusted witness cosigned it.
        StorageFailedError: the disk failed or is full.
    """
    own = folder.signer(book.head().origin).verifier
    checkpoint, note = opened(text, own)
    fits = checkpoint.origin == own.name and checkpoint.size <= book.size
    if not fits or root_at(checkpoint.size, book.trees()) != checkpoint.root:
        raise ProofRefusedError("The checkpoint is of another book, or of another past.")
    trusted = [key for key in folder.trusted() if key.type == COSIGNATURE]
    if not cosignatures(note, trusted):
        raise ProofRefusedError("No witness whose key this folder trusts has cosigned the checkpoint.")
    kept = next(iter(book.storage.checkpoints(checkpoint.size - 1)), None)
    stored = kept is not None and kept[0] == checkpoint.size
    whole = Note.parse(kept[1]) if kept is not None and stored else note.without_others([own])
    for line in note.without_others(trusted).signatures:
        whole = whole.bearing(line)
    book.storage.keep_checkpoint(checkpoint.size, str(whole))
