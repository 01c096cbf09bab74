"""Backup, restore and export of a book: copies that are checked before they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fabrika.app.book_folder import BookFolder, made_whole, new_epoch, write_durably
from fabrika.app.clock import now_us
from fabrika.errors import BookDamagedError, ProofRefusedError
from fabrika.events.fields import Key
from fabrika.events.house import BookRestored
from fabrika.journal.book import OWN_SOURCE, Book
from fabrika.journal.checkpoint import Checkpoint, cosignatures
from fabrika.journal.copying import copy_files
from fabrika.journal.merkle import leaf_hash, root_at
from fabrika.journal.note import Note, Verifier
from fabrika.journal.pen import Pen
from fabrika.journal.port import Reader
from fabrika.journal.tiles import WIDTH, Tree, tile_path
from fabrika.journal.verify import Verification, verify
from fabrika.storage.files import FolderFiles


def back_up(data: BookFolder, target: Path) -> Verification:
    """Copy a book into a new folder, also while it is written; the copy is verified before it gets its name.

    The private key is not copied.

    Raises:
        StorageRefusedError: the target is not empty.
        BookDamagedError: the copy does not verify.
    """
    with made_whole(target) as folder:
        _copied(data, BookFolder(folder))
        return _verified(BookFolder(folder))


def _copied(source: BookFolder, target: BookFolder) -> None:
    target.make()
    reader = source.reader()
    # Files are durable before the entries that name them: copied after the book, none is missing.
    reader.copy_to(target.journal)
    reader.close()
    copy_files(source.content(), FolderFiles(target.files, writes=True))
    for key in source.trusted():
        target.trust(key)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore gave.

    Attributes:
        size: entries that the backup held.
        largest_known: the largest size that anybody is known to have seen.
        origin: the book's name from here on.
        next_sequences: the number from which on each (source, epoch) is to send again.
    """

    size: int
    largest_known: int
    origin: str
    next_sequences: dict[tuple[str, str], int]

    @property
    def missing(self) -> int:
        """Entries that are known to be lost until their sources send them again."""
        return self.largest_known - self.size


def restore(backup: BookFolder, target: Path, known: Sequence[str], trusted: Sequence[Verifier] = ()) -> Restored:
    """Make a book out of a backup: the same entries, then one that says what is missing, in a new epoch.

    Args:
        backup: the folder of the backup.
        target: the data folder to be made.
        known: checkpoints that others hold: of witnesses, edges, or printed on paper.
        trusted: the keys that those may be signed with, beside the backup's own.

    Raises:
        StorageRefusedError: the target is not empty.
        BookDamagedError: the backup does not verify.
        ProofRefusedError: a checkpoint is not signed by a known key, or is of another history.
    """
    with made_whole(target) as folder:
        return _restored(backup, BookFolder(folder), known, trusted)


def _restored(
    backup: BookFolder, unfinished: BookFolder, known: Sequence[str], trusted: Sequence[Verifier]
) -> Restored:
    _copied(backup, unfinished)
    for key in trusted:
        unfinished.trust(key)
    _verified(unfinished)
    book = unfinished.open()
    before = book.head()
    seen = [_known(book, before, text, unfinished.trusted()) for text in known]
    largest = max([before.size, *(checkpoint.size for checkpoint in seen)])
    event = BookRestored(
        size=before.size,
        root=before.root.hex(),
        largest_known=largest,
        missing_from=before.size if largest > before.size else None,
    )
    book.append([Pen(book.opening.plant, Key(OWN_SOURCE, new_epoch(), 0)).write(event, now_us())], now_us())  # type: ignore[union-attr]
    origin = book.head().origin
    book.sign(unfinished.signer(origin))
    heads = {source: sequence + 1 for source, (sequence, _) in book.heads.items() if source[0] != OWN_SOURCE}
    book.storage.close()
    return Restored(before.size, largest, origin, heads)


def _known(book: Book, head: Checkpoint, text: str, keys: Sequence[Verifier]) -> Checkpoint:
    note = Note.parse(text)
    checkpoint = Checkpoint.parse(note.text)
    if not note.signed_by(keys) and not cosignatures(note, keys):
        raise ProofRefusedError("A checkpoint that was named is signed by no key that is trusted.")
    if checkpoint.origin != head.origin:
        raise ProofRefusedError(f"The checkpoint is of {checkpoint.origin}, and the backup of {head.origin}.")
    if checkpoint.size <= head.size and root_at(checkpoint.size, book.trees()) != checkpoint.root:
        wrong = f"The backup does not hold the first {checkpoint.size:,} entries that were signed."
        raise ProofRefusedError(wrong, "The backup is of another history; find one that holds the signed entries.")
    return checkpoint


def _verified(folder: BookFolder) -> Verification:
    reader = folder.reader()
    result = verify(reader, folder.content(), folder.trusted())
    reader.close()
    if not result.whole:
        where, wrong = result.findings[0]
        raise BookDamagedError(f"The copy in {folder.folder} does not verify: {where}: {wrong}")
    return result


def export(data: BookFolder, target: Path) -> Checkpoint:
    """Write a book as plain files in the layout of C2SP tlog-tiles, up to its last checkpoint.

    Any web server can serve the folder, and any reader of such logs can check it.

    Raises:
        StorageRefusedError: the target is not empty.
        ProofRefusedError: there is no checkpoint yet.
    """
    reader = data.reader()
    kept = reader.last_checkpoint()
    if kept is None:
        reader.close()
        raise ProofRefusedError("The book has no checkpoint yet.", "Sign one with `fabrika journal head --sign`.")
    size, note = kept
    with made_whole(target) as folder:
        _tiles(reader, size, folder)
        reader.close()
        copy_files(data.content(), FolderFiles(folder / "files", writes=True))
        write_durably(folder / "checkpoint", note)
    return Checkpoint.parse(Note.parse(note).text)


def _tiles(reader: Reader, size: int, folder: Path) -> None:
    leaves = (leaf_hash(entry) for entry in reader.read(size // WIDTH * WIDTH, size))
    tree = Tree.resumed(size, leaves, reader.tile)
    for shift in range(8, 64, 8):
        for index in range(size >> shift):
            _write(folder / tile_path(shift // 8 - 1, index), reader.tile(shift // 8 - 1, index))
    for level, index, tile in tree.partial():
        _write(folder / tile_path(level, index, len(tile) // 32), tile)
    for start in range(0, size, WIDTH):
        entries = list(reader.read(start, min(start + WIDTH, size)))
        bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
        _write(folder / tile_path("entries", start // WIDTH, len(entries)), bundle)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
