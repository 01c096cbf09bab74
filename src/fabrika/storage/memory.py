"""A book in memory: for tests, for the twin's short books, and as the plainest example of a storage."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.errors import BookDamagedError
from fabrika.events.codec import digest
from fabrika.events.fields import Key
from fabrika.journal.port import Batch, Finding


class MemoryStorage:
    """See :class:`fabrika.journal.port.Storage`; nothing survives the process."""

    def __init__(self) -> None:
        self._entries: list[bytes] = []
        self._positions: dict[Key, int] = {}
        self._heads: dict[tuple[str, str], int] = {}
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._checkpoints: dict[int, str] = {}

    def size(self) -> int:
        """Entries."""
        return len(self._entries)

    def append(self, batch: Batch) -> None:
        """Take a batch."""
        assert batch.start == len(self._entries)
        for position, key in enumerate(batch.keys, batch.start):
            self._positions[key] = position
            self._heads[key.source, key.epoch] = position
        self._entries += batch.entries
        self._tiles.update({(level, index): tile for level, index, tile in batch.tiles})

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The entries from ``start`` to before ``stop``."""
        yield from self._entries[start:stop]

    def find(self, key: Key) -> int | None:
        """The position of an identity."""
        return self._positions.get(key)

    def heads(self, source: str | None = None) -> dict[tuple[str, str], int]:
        """The position of the last entry of every (source, epoch), or of every epoch of one source."""
        return {key: position for key, position in self._heads.items() if source is None or key[0] == source}

    def tile(self, level: int, index: int) -> bytes:
        """A full tile; empty if it is not stored."""
        return self._tiles.get((level, index), b"")

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint."""
        self._checkpoints[size] = note

    def checkpoints(self, beyond: int | None = None) -> Iterator[tuple[int, str]]:
        """Every checkpoint, or those of more than so many entries, the smallest first."""
        yield from sorted(pair for pair in self._checkpoints.items() if beyond is None or pair[0] > beyond)

    def last_checkpoint(self) -> tuple[int, str] | None:
        """The largest checkpoint."""
        return max(self._checkpoints.items(), default=None)

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the rest: tiles that no entries filled."""
        full = sum(len(self._entries) >> shift for shift in range(8, 64, 8))
        if len(self._tiles) != full:
            yield Finding("tiles", f"{len(self._tiles)} are stored, and the entries fill {full}.")

    def close(self) -> None:
        """Nothing is held."""


class MemoryFiles:
    """See :class:`fabrika.journal.port.Files`; nothing survives the process."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Keep these bytes and give their SHA-256."""
        name = digest(data)
        self._files[name] = data
        return name

    def get(self, digest: str) -> bytes:
        """The bytes of a SHA-256."""
        data = self._files.get(digest)
        if data is None:
            raise BookDamagedError(f"The file {digest} is missing.")
        return data

    def has(self, digest: str) -> bool:
        """Whether a file is kept."""
        return digest in self._files

    def digests(self) -> Iterator[str]:
        """Every file that is kept."""
        yield from self._files

    def findings(self) -> Iterator[Finding]:
        """Files that are not what their name says."""
        for name, data in self._files.items():
            if digest(data) != name:
                yield Finding(f"file {name}", "Its bytes are others than its name says.")
