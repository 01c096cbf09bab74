"""The book as pages read it, on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

import msgspec

from fabrika.app.book_folder import BookFolder
from fabrika.errors import FabrikaError, NotFoundError, ProofRefusedError
from fabrika.events.fields import Key
from fabrika.journal.book import opening_of, tree_of
from fabrika.journal.checkpoint import cosignatures
from fabrika.journal.corrections import Notice
from fabrika.journal.entries import entry_at
from fabrika.journal.merkle import leaf_hash
from fabrika.journal.note import Note
from fabrika.journal.proof_file import proof_of
from fabrika.journal.tiles import TiledTree, Tree
from fabrika.wording import Worded

LATE = 100
"""So many of the last checkpoints are looked at again for lines of witnesses, whenever there is a new one."""


class FolderLook:
    """See :class:`fabrika.page.BookLook`.

    Args:
        folder: the book's.
        notices: the corrections that are known by now.
        known: entries that the states hold; what was written a moment ago is not looked at before it is in them.
    """

    def __init__(self, folder: BookFolder, notices: Callable[[], Sequence[Notice]], known: Callable[[], int]) -> None:
        self._folder, self._notices, self._known = folder, notices, known
        self._reader = folder.reader()
        self._lock = threading.RLock()
        self._tree: Tree | None = None
        self._cosigned: tuple[str, dict[str, int]] = ("", {})
        self._looked_to: int | None = None
        self.origin = opening_of(self._reader).origin
        self.failure: str | None = None

    @property
    def size(self) -> int:
        """Entries of the book."""
        with self._lock:
            return min(self._reader.size(), self._known())

    def entry(self, position: int) -> bytes:
        """The canonical bytes of an entry."""
        with self._lock:
            if not 0 <= position < self.size:
                raise NotFoundError(Worded("The book has no entry {position}.", position=position))
            return entry_at(self._reader, position)

    def read(self, start: int, stop: int) -> list[bytes]:
        """The entries from position ``start`` to before ``stop``."""
        with self._lock:
            return list(self._reader.read(start, stop))

    def find(self, key: str) -> int | None:
        """The position of an identity."""
        found = key_of(key)
        if found is None:
            return None
        with self._lock:
            return self._reader.find(found)

    def corrections(self, key: str) -> tuple[int, ...]:
        """The positions of the corrections of an entry."""
        keys = [notice.key for notice in self._notices() if str(notice.target) == key]
        with self._lock:
            places = [self._reader.find(found) for found in keys]
        return tuple(place for place in places if place is not None)

    def root(self) -> str:
        """The Merkle root of all entries."""
        with self._lock:
            return self._grown().root().hex()

    def checkpoint(self) -> str | None:
        """The last signed checkpoint."""
        with self._lock:
            kept = self._reader.last_checkpoint()
        return kept[1] if kept else None

    def cosigned(self) -> Mapping[str, int]:
        """When which witness cosigned the last checkpoint that it saw."""
        with self._lock:
            kept = self._reader.last_checkpoint()
            if kept is None or self._cosigned[0] == kept[1]:
                return self._cosigned[1]
            trusted, found = self._folder.trusted(), dict(self._cosigned[1])
            newer = list(self._reader.checkpoints(self._looked_to))
            for _, note in newer:
                if note.count("\n\u2014 ") < 2:
                    continue  # the book's own line alone, as nearly all have
                try:
                    seen = cosignatures(Note.parse(note), trusted)
                except ProofRefusedError:
                    continue
                found |= {name: at_s * 1_000_000 for name, at_s in seen.items()}
            # A witness adds its line to one of the last; whoever adds one to an older says so.
            if len(newer) > LATE:
                self._looked_to = newer[-LATE - 1][0]
            self._cosigned = kept[1], found
            return found

    def cosigned_anew(self) -> None:
        """A witness's line was added, to whichever checkpoint."""
        with self._lock:
            self._looked_to, self._cosigned = None, ("", {})

    def proof(self, position: int) -> str | None:
        """The proof that an entry is in the book."""
        with self._lock:
            kept = self._reader.last_checkpoint()
            if kept is None or kept[0] <= position:
                return None
            return str(proof_of(position, Note.parse(kept[1]), TiledTree(self._grown(), self._reader.tile)))

    def _grown(self) -> Tree:
        """The tree over all entries; it grows with the book and is not made anew."""
        tree = self._tree = self._tree or tree_of(self._reader, self.size)
        for data in self._reader.read(tree.size, self.size):
            tree.append(leaf_hash(data))
        tree.take_full()
        return tree

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._reader.close()


def key_of(text: str) -> Key | None:
    """The identity that ``source/epoch/sequence`` names; None if it names none."""
    parts = text.rsplit("/", 2)
    try:
        return msgspec.convert((parts[0], parts[1], int(parts[2])), Key)
    except (IndexError, ValueError, FabrikaError):
        return None
