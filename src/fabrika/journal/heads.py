"""The last message of every source, read when it is asked for: a book that has served for years has very many sources."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from fabrika.errors import BookDamagedError
from fabrika.events.catalog import Catalog
from fabrika.events.codec import digest
from fabrika.journal.entries import entry_at, fact_of, message_of
from fabrika.journal.port import Reader

Source = tuple[str, str]
"""Name and epoch."""
Head = tuple[int, str]
"""Sequence and digest of a message."""


class Heads(MutableMapping[Source, Head]):
    """Sequence and digest of the last message of every (source, epoch).

    Args:
        reader: the book; where its sources stand is read at once, what they said when it is asked for.
        catalog: the kinds of event.

    Raises:
        BookDamagedError: a source stands beyond the end of the book.
    """

    def __init__(self, reader: Reader, catalog: Catalog) -> None:
        self._reader, self._catalog = reader, catalog
        self._places: dict[Source, int] = reader.heads()
        self._known: dict[Source, Head] = {}
        last = max(self._places.values(), default=-1)
        if last >= reader.size():
            raise BookDamagedError(f"The entry at position {last:,} is missing.")

    def __getitem__(self, source: Source) -> Head:
        known = self._known.get(source)
        if known is None:
            position = self._places.pop(source)
            data = entry_at(self._reader, position)
            known = fact_of(position, data, self._catalog).message.sequence, digest(message_of(data))
            self._known[source] = known
        return known

    def __setitem__(self, source: Source, head: Head) -> None:
        self._places.pop(source, None)
        self._known[source] = head

    def __delitem__(self, source: Source) -> None:
        del self._known[source]

    def __contains__(self, source: object) -> bool:
        return source in self._known or source in self._places

    def __iter__(self) -> Iterator[Source]:
        return iter([*self._known, *self._places])

    def __len__(self) -> int:
        return len(self._known) + len(self._places)
