"""Canonical bytes: the same event has the same bytes, for ever and everywhere; all other bytes are refused.

The encoding is a part of JSON (RFC 8259): UTF-8 without a byte order mark, no space between tokens, keys in ASCII and in
ascending order, each once, no null, no floating point, integers within 2**53 - 1, at most 65 535 bytes an entry (what a
C2SP entry bundle can hold). For such values it gives the bytes of RFC 8785. Reading is strict because it writes again:
whatever is not, byte for byte, what this program would have written, is refused.
See ``docs/decisions/0016-canonical-bytes.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from fabrika.errors import EventRefusedError
from fabrika.events.catalog import CATALOG, Catalog
from fabrika.events.envelope import Envelope, Message
from fabrika.events.event import Event
from fabrika.events.fields import Key, what_is_wrong_with

LARGEST = 65_535
"""Bytes of an entry at most; what is larger lies in the content store."""

ROOM = 64
"""Bytes that the journal adds to a message at most."""

_encoder = msgspec.json.Encoder(order="sorted")
_message = msgspec.json.Decoder(Message)
_envelope = msgspec.json.Decoder(Envelope)


class Written(NamedTuple):
    """A message that is known to be in canonical form, with what it says.

    Attributes:
        data: its canonical bytes.
        message: the same, read.
        event: its body, in the version it was written in.
    """

    data: bytes
    message: Message
    event: Event


def write(  # noqa: PLR0913 - one argument for each field of the envelope
    event: Event,
    key: Key,
    *,
    plant: str,
    at_us: int,
    previous: str | None,
    actor: str | None = None,
    device: str | None = None,
    edge_at_us: int | None = None,
    cause: tuple[Key, ...] = (),
    correction_of: Key | None = None,
    files: tuple[str, ...] = (),
    request: str | None = None,
    catalog: Catalog = CATALOG,
) -> Written:
    """An event as the message of a source; see :class:`~fabrika.events.envelope.Message` for the arguments.

    Raises:
        EventRefusedError: a field has not the form it must have, or the whole is too large.
        UnknownEventError: the event's kind is in no catalog.
    """
    try:
        message = Message(
            actor=actor,
            at_us=at_us,
            body=msgspec.Raw(_encoder.encode(event)),
            cause=cause,
            correction_of=correction_of,
            device=device,
            edge_at_us=edge_at_us,
            epoch=key.epoch,
            files=files,
            plant=plant,
            previous=previous,
            request=request,
            sequence=key.sequence,
            source=key.source,
            type=event.NAME,
            version=event.VERSION,
        )
        data = _encoder.encode(message)
    except (TypeError, ValueError, OverflowError, msgspec.EncodeError) as error:
        raise EventRefusedError(f"The event {event.NAME} cannot be written: {error}.") from None
    written = _read(data, catalog)
    if written.event != event:
        raise EventRefusedError(f"The event {event.NAME} does not read back as it was written.")
    return written


def read(data: bytes, catalog: Catalog = CATALOG) -> Written:
    """The message that these bytes are, and its event.

    Raises:
        EventRefusedError: the bytes are no message in canonical form; the sentence names the field.
        UnknownEventError: the event is of a kind that the catalog does not hold.
    """
    written = _read(data, catalog)
    if _encoder.encode(written.event) != bytes(written.message.body) or _encoder.encode(written.message) != data:
        raise EventRefusedError(f"The event {written.message.type} is not in canonical form.", _CANONICAL)
    return written


def _read(data: bytes, catalog: Catalog) -> Written:
    if len(data) > LARGEST - ROOM:
        wrong = f"The event has {len(data):,} bytes; an entry holds at most {LARGEST:,} with what the journal adds."
        raise EventRefusedError(wrong, "Put what is large into the content store and name its SHA-256.")
    try:
        message = _message.decode(data)
        event = catalog.decode(message.type, message.version, message.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise EventRefusedError(f"The event is refused: {_sentence(error)}") from None
    _only_plain_text(data)
    return Written(data, message, event)


def entry_bytes(message: bytes, journal_at_us: int) -> bytes:
    """The canonical bytes of an entry: a message and when the journal took it, microseconds since 1970 UTC."""
    return b'{"event":%b,"format":1,"journal_at_us":%d}' % (message, journal_at_us)


def read_envelope(data: bytes) -> Envelope:
    """The envelope that these bytes are; its message is not looked into.

    Raises:
        EventRefusedError: the bytes are no entry in canonical form.
    """
    if len(data) > LARGEST:
        raise EventRefusedError(f"The entry has {len(data):,} bytes; {LARGEST:,} is the most.")
    try:
        envelope = _envelope.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise EventRefusedError(f"The entry is refused: {_sentence(error)}") from None
    if _encoder.encode(envelope) != data:
        raise EventRefusedError("The entry is not in canonical form.", _CANONICAL)
    return envelope


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal (FIPS 180-4): what a message's successor names, and what names a file."""
    return hashlib.sha256(data).hexdigest()


_CANONICAL = "Write keys in ascending order without spaces, each once, and leave out what has its default value."


def _sentence(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if text.endswith(".") else f"{text}."


def _only_plain_text(data: bytes) -> None:
    """Refuse text that could deceive a reader; without escapes and beyond ASCII there is nothing to look for."""
    if data.isascii() and b"\\" not in data and b"\x7f" not in data:
        return
    for where, text in _texts(msgspec.json.decode(data), ""):
        wrong = what_is_wrong_with(text)
        if wrong is not None:
            remedy = "Write plain text in Unicode normal form C; only line breaks may stand between the lines."
            raise EventRefusedError(f"The text at {where} {wrong}.", remedy)


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where or "the top", value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, f"{where}.{name}" if where else name)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _texts(part, f"{where}[{place}]")
