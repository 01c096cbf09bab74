"""What a storage must be able to do. One suite of tests in ``tests/storage`` runs over every one there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from fabrika.events.fields import Key


class Batch(NamedTuple):
    """What is written at once, all or nothing.

    Attributes:
        start: position of the first entry; the number of entries before.
        entries: canonical bytes, in order.
        keys: the identity of each.
        tiles: tiles that these entries filled: level, index, 8 192 bytes.
    """

    start: int
    entries: list[bytes]
    keys: list[Key]
    tiles: list[tuple[int, int, bytes]]


class Finding(NamedTuple):
    """One thing that is not as it was written.

    Attributes:
        where: the place: ``entry 17``, ``tile 0/3``, ``checkpoint 400``, ``file 3a...``, ``table event``.
        wrong: what is wrong, one sentence.
    """

    where: str
    wrong: str


class Reader(Protocol):
    """A book that can be read while another process writes it."""

    def size(self) -> int:
        """Entries that are durable."""
        ...

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The entries from position ``start`` to before ``stop``, in order."""
        ...

    def find(self, key: Key) -> int | None:
        """The position of an identity, None if it is not in the book."""
        ...

    def heads(self, source: str | None = None) -> dict[tuple[str, str], int]:
        """The position of the last entry of every (source, epoch), or of every epoch of one source."""
        ...

    def tile(self, level: int, index: int) -> bytes:
        """A full tile, 8 192 bytes; empty if it is not stored."""
        ...

    def checkpoints(self, beyond: int | None = None) -> Iterator[tuple[int, str]]:
        """Every signed checkpoint that is kept, or those of more than so many entries: size and note, the smallest first."""
        ...

    def last_checkpoint(self) -> tuple[int, str] | None:
        """The largest checkpoint that is kept, None if there is none."""
        ...

    def findings(self) -> Iterator[Finding]:
        """What is wrong with all that is stored beside entries, tiles and checkpoints."""
        ...

    def close(self) -> None:
        """Give back what is held; nothing more can be asked."""
        ...


class Storage(Reader, Protocol):
    """A book's storage, held by its one writer."""

    def append(self, batch: Batch) -> None:
        """Write a batch; it is durable when this returns.

        Raises:
            StorageFailedError: the batch is not durable and must not be acknowledged; the storage must be opened anew,
                and tells then whether the batch is in the book.
        """
        ...

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint; one of the same size is replaced."""
        ...


class Files(Protocol):
    """The content store: what is too large for an entry, by its SHA-256 in hexadecimal."""

    def put(self, data: bytes) -> str:
        """Keep these bytes and give their SHA-256; they are durable when this returns."""
        ...

    def get(self, digest: str) -> bytes:
        """The bytes of a SHA-256.

        Raises:
            BookDamagedError: they are missing or others.
        """
        ...

    def has(self, digest: str) -> bool:
        """Whether a file is kept."""
        ...

    def digests(self) -> Iterator[str]:
        """Every file that is kept."""
        ...

    def findings(self) -> Iterator[Finding]:
        """What lies in the store and is no file of it, or not what its name says."""
        ...
