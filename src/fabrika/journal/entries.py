"""Stored bytes as facts: who said what, when, in the words of today."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from fabrika.errors import BookDamagedError, EventRefusedError
from fabrika.events.catalog import CATALOG, Catalog
from fabrika.events.codec import read, read_envelope
from fabrika.events.envelope import Envelope, Message
from fabrika.events.event import Event
from fabrika.events.fields import Key
from fabrika.journal.port import Reader


class Fact(Struct, frozen=True, gc=False):
    """One entry of the book, read.

    Attributes:
        position: where it stands.
        message: what the source said.
        event: the body in the version of today.
        journal_at_us: when the journal took it.
    """

    position: int
    message: Message
    event: Event
    journal_at_us: int

    @property
    def key(self) -> Key:
        """The identity of the entry."""
        return self.message.key


_envelope = msgspec.json.Decoder(Envelope)
_message = msgspec.json.Decoder(Message)


def fact_of(position: int, data: bytes, catalog: Catalog = CATALOG) -> Fact:
    """The fact of a stored entry.

    Bytes that were written through the book are canonical and are not checked for that again; see :func:`checked_fact`.

    Raises:
        BookDamagedError: the bytes are no entry.
        UnknownEventError: the event is of a kind that the catalog does not hold.
    """
    try:
        envelope = _envelope.decode(data)
        message = _message.decode(envelope.event)
        event = catalog.decode(message.type, message.version, message.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BookDamagedError(f"The entry at position {position:,} cannot be read ({error}).") from None
    return Fact(position, message, catalog.current(event), envelope.journal_at_us)


def checked_fact(position: int, data: bytes, catalog: Catalog = CATALOG) -> Fact:
    """The fact of a stored entry whose bytes are canonical, down to the last.

    Raises:
        BookDamagedError: they are not.
        UnknownEventError: the event is of a kind that the catalog does not hold.
    """
    try:
        envelope = read_envelope(data)
        written = read(bytes(envelope.event), catalog)
    except EventRefusedError as error:
        raise BookDamagedError(f"The entry at position {position:,} is no entry: {error.problem}") from None
    return Fact(position, written.message, catalog.current(written.event), envelope.journal_at_us)


def message_of(data: bytes) -> bytes:
    """The canonical bytes of the message in a stored entry."""
    return bytes(_envelope.decode(data).event)


def entry_at(reader: Reader, position: int) -> bytes:
    """One stored entry.

    Raises:
        BookDamagedError: the storage has none at that position.
    """
    for data in reader.read(position, position + 1):
        return data
    raise BookDamagedError(f"The entry at position {position:,} is missing.")


Look = Callable[[Key], Fact | None]
"""Finds a fact by its identity, None if the book has none."""
