"""A plant's data folder: the journal, its large files, its key and the keys it trusts.

::

    DATA/journal.sqlite   the book
    DATA/journal.postgres instead of it: the address of a PostgreSQL database that holds the book
    DATA/files/           the content store
    DATA/keys/journal.key the book's private key, for its owner alone; never in a backup
    DATA/keys/trusted     verifier keys, one a line: the book's own and its witnesses'
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fabrika.app.clock import now_us
from fabrika.errors import StorageRefusedError
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened
from fabrika.journal.book import OWN_SOURCE, Book, opening_of
from fabrika.journal.note import ED25519, Signer, Verifier
from fabrika.journal.pen import Pen
from fabrika.storage.files import FolderFiles
from fabrika.storage.place import sync_folder
from fabrika.storage.sqlite import SqliteReader, SqliteStorage

if TYPE_CHECKING:
    from fabrika.storage.postgres import PostgresReader, PostgresStorage


def new_epoch() -> str:
    """Eight random bytes in hexadecimal."""
    return secrets.token_hex(8)


class BookFolder:
    """See the module.

    Args:
        folder: the data folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal.sqlite"
        self.address = folder / "journal.postgres"
        self.files = folder / "files"
        self.keys = folder / "keys"

    def create(self, plant: str, kind: str, *, epoch: str | None = None, at_us: int | None = None) -> Book:
        """A new book for a plant, open for writing; its folder is made if it is missing.

        Args:
            plant: the plant's id.
            kind: ``plant`` or ``twin``.
            epoch: in which the book itself speaks; drawn if it is not given.
            at_us: when it is opened, microseconds since 1970 UTC; by default now.

        Raises:
            StorageRefusedError: there is a book already, or the folder is unfit.
        """
        if self.address.exists():
            raise StorageRefusedError(f"{self.folder} names a journal already.", "Name an empty folder.")
        self.make()
        opened_us = now_us() if at_us is None else at_us
        opening = BookOpened(plant=plant, kind=kind)  # type: ignore[arg-type]
        message = Pen(plant, Key(OWN_SOURCE, epoch or new_epoch(), 0)).write(opening, opened_us)
        book = Book(SqliteStorage.created(self.journal), FolderFiles(self.files, writes=True))
        book.append([message], opened_us)
        return book

    def make(self) -> None:
        """Make the folder for its owner alone, if it is missing.

        Raises:
            StorageRefusedError: it cannot be made.
        """
        try:
            for folder in (self.folder, self.keys):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageRefusedError(f"The folder {self.folder} cannot be made ({error.strerror}).") from None

    def open(self) -> Book:
        """The book, open for writing.

        Raises:
            StorageRefusedError: there is none, or it is unfit.
            BookInUseError: another process writes it.
            BookDamagedError: it is not the book that was signed.
        """
        return Book(self._storage(), FolderFiles(self.files, writes=True))

    def reader(self) -> SqliteReader | PostgresReader:
        """The book, for reading, also while another process writes it."""
        address = self.database()
        if address is None:
            return SqliteReader(self.journal)
        from fabrika.storage.postgres import PostgresReader

        return PostgresReader(address)

    def _storage(self) -> SqliteStorage | PostgresStorage:
        address = self.database()
        if address is None:
            return SqliteStorage(self.journal)
        from fabrika.storage.postgres import PostgresStorage

        return PostgresStorage(address)

    def database(self) -> str | None:
        """The address of the database that holds the book, None if it lies in the folder itself.

        Raises:
            StorageRefusedError: others may read the address, or there are two books.
        """
        if not self.address.exists():
            return None
        if self.journal.exists():
            wrong = f"{self.folder} holds a journal of its own beside the address of another, {self.address.name}."
            remedy = (
                f"If a move was interrupted, remove {self.address.name} and the schema `fabrika` in that database, "
                "and move again; else keep the one that verifies and the witness knows."
            )
            raise StorageRefusedError(wrong, remedy)
        if self.address.stat().st_mode & 0o077:
            wrong = f"Others may read the address of the database, {self.address}."
            raise StorageRefusedError(wrong, f"Make it private: `chmod 600 {self.address}`.")
        return read_text(self.address).strip()

    def content(self) -> FolderFiles:
        """The content store, for reading."""
        return FolderFiles(self.files)

    def signer(self, name: str) -> Signer:
        """The book's private key, made and trusted if there is none of this name.

        Args:
            name: the book's origin; a restored book has a new one, and so a new key.

        Raises:
            StorageRefusedError: others may read the file.
        """
        signer = kept_key(self.keys / "journal.key", name, ED25519)
        self.trust(signer.verifier)
        return signer

    def trusted(self) -> list[Verifier]:
        """The keys of this folder; what they prove, they prove to those who trust the folder.

        Raises:
            ProofRefusedError: a line is no key.
        """
        path = self.keys / "trusted"
        return read_keys(path) if path.exists() else []

    def trust(self, verifier: Verifier) -> None:
        """Add a key to those of this folder."""
        known = self.trusted()
        if verifier not in known:
            write_durably(self.keys / "trusted", "".join(f"{key}\n" for key in [*known, verifier]))

    def origin(self) -> str:
        """The book's name in its checkpoints."""
        reader = self.reader()
        try:
            return opening_of(reader).origin
        finally:
            reader.close()


def read_keys(path: Path) -> list[Verifier]:
    """Verifier keys, one a line; empty lines and those that begin with # are passed over.

    Raises:
        StorageRefusedError: the file cannot be read.
        ProofRefusedError: a line is no key.
    """
    lines = read_text(path).splitlines()
    return [Verifier.parse(line) for line in lines if line.strip() and not line.startswith("#")]


def read_text(path: Path) -> str:
    """A small file's text.

    Raises:
        StorageRefusedError: it cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise StorageRefusedError(f"{path} cannot be read ({reason}).", "Check the name of the file.") from None


def write_durably(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a small file whole or not at all.

    Raises:
        StorageRefusedError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise StorageRefusedError(f"{path} cannot be written ({error.strerror}).") from None
    sync_folder(path.parent)


def kept_key(path: Path, name: str, type: int) -> Signer:  # noqa: A002 - the standard's word
    """The private key in a file; made if the file is missing or its key has another name.

    Raises:
        StorageRefusedError: others than its owner may read the file.
        ProofRefusedError: it holds no key.
    """
    if path.exists():
        if path.stat().st_mode & 0o077:
            wrong = f"Others may read the private key {path}."
            raise StorageRefusedError(wrong, f"Make a new key, or `chmod 600 {path}` if nobody has read it.")
        signer = Signer.parse(read_text(path))
        if signer.verifier.name == name:
            return signer
    signer = Signer(name, secrets.token_bytes(32), type)
    write_durably(path, signer.secret() + "\n", 0o600)
    return signer


@contextmanager
def made_whole(target: Path) -> Iterator[Path]:
    """A folder to be filled, which gets its name at the end: it is there whole or not at all.

    Raises:
        StorageRefusedError: the target exists and is not empty, or cannot be made.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StorageRefusedError(f"{target} is not empty.", "Name an empty folder, or one that does not exist.")
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}.new")
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        yield unfinished
        for folder in (*(path for path in unfinished.iterdir() if path.is_dir()), unfinished):
            sync_folder(folder)
        unfinished.replace(target)
    except OSError as error:
        raise StorageRefusedError(f"{target} cannot be made ({error.strerror}).") from None
    finally:
        # Still under this name only if something went wrong.
        shutil.rmtree(unfinished, ignore_errors=True)
    sync_folder(target.parent)
