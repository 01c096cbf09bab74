"""What a person sends: a form and a key, and the identity that the events get which follow from it.

The source is the desk of the person; its epoch follows from the key, so that a key stands for one request for ever, also after a
restart; the digest of command and form lies in the messages, so that the same key with other content is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from fabrika.app.book_look import key_of as _key_of
from fabrika.errors import EventRefusedError, NotFoundError
from fabrika.events.codec import Written, digest
from fabrika.events.documents import Drafted
from fabrika.events.event import Event
from fabrika.events.fields import Key, what_is_wrong_with
from fabrika.events.house import ActProposed
from fabrika.events.plant import Amended
from fabrika.journal.pen import Pen
from fabrika.page import Command
from fabrika.plant.calendar import EPOCH, MICROSECOND
from fabrika.wording import Worded

_encoder = msgspec.json.Encoder(order="sorted")
LONGEST_KEY = 200


class Request(NamedTuple):
    """A person's request.

    Attributes:
        key: identity of the first event that follows from it.
        digest: SHA-256 of command and form.
        age_us: how long ago the person pressed; nothing for what comes at once.
        only: acts to which the person is confined, beside their roles; None for no other than their roles.
    """

    person: str
    key: Key
    digest: str
    age_us: int = 0
    only: frozenset[str] | None = None

    @classmethod
    def of(cls, plant: str, person: str, key: str, command: Command, form: Struct) -> Request:
        """The request that a person's idempotency key stands for."""
        if not 8 <= len(key) <= LONGEST_KEY:
            raise EventRefusedError(
                Worded("The form's key has {count} characters.", count=len(key)),
                Worded("Send a random key of 8 to 200 characters with each form."),
            )
        epoch = hashlib.sha256(f"{plant}\n{person}\n{key}".encode()).hexdigest()[:16]
        content = hashlib.sha256(command.name.encode() + b"\n" + _encoder.encode(form)).hexdigest()
        return cls(person, Key(f"desk/{person}", epoch, 0), content)


def said_us(kind: str, now_us: int, request: Request, said: dict[str, int]) -> int:
    """When a person pressed, by the book's time.

    A twin's time goes on in strides: what its person says is never before what that person said last.

    Args:
        kind: ``plant`` or ``twin``.
        now_us: now.
        request: who pressed, and how long ago.
        said: when each person spoke last; kept up to date.
    """
    found = now_us - request.age_us
    if kind == "twin":
        found = said[request.person] = max(found, said.get(request.person, found))
    return found


def filled(command: Command, form: Struct | Mapping[str, Any]) -> Struct:
    """A command's form, checked field by field.

    Raises:
        EventRefusedError: a field is missing, too much, or has not the form that it must have.
    """
    try:
        fields = msgspec.to_builtins(form) if isinstance(form, Struct) else dict(form)
        found: Struct = msgspec.convert(fields, command.form, strict=False)
    except (msgspec.ValidationError, TypeError) as error:
        raise EventRefusedError(
            Worded("A field of the form is not right: {reason}.", reason=str(error).rstrip(".")),
            Worded("Correct the field and send the form again."),
        ) from None
    for name, text in msgspec.to_builtins(found).items():
        if isinstance(text, str) and what_is_wrong_with(text) is not None:
            raise EventRefusedError(
                Worded("The text in {field} holds signs that may not stand in the book.", field=name),
                Worded("Write plain text, without invisible signs, and send the form again."),
            )
    return found


def proposed(request: Request, command: Command, form: Struct) -> ActProposed:
    """What waits for a second person; the form is kept as canonical JSON."""
    return ActProposed(
        proposal=request.key.epoch,
        command=command.name,
        act=command.act,
        form=_encoder.encode(form).decode(),
        person=request.person,
    )


def files_of(event: Event) -> tuple[str, ...]:
    """The files of the content store that an event rests on."""
    return (event.file,) if isinstance(event, Amended | Drafted) else ()


def written(pen: Pen, events: Sequence[Event], at_us: int, **of: Any) -> list[Written]:
    """What follows of a request as messages, each with the files that it rests on; ``of``: who gave it, through what, why."""
    return [pen.write(event, at_us, files=files_of(event), **of) for event in events]


def pen(plant: str, request: Request, after: Written | None = None) -> Pen:
    """What writes the events of a request, from its first or behind another."""
    if after is None:
        return Pen(plant, request.key)
    key = after.message.key
    return Pen(plant, key._replace(sequence=key.sequence + 1), digest(after.data))


def own_pen(plant: str, head: tuple[Key, str | None]) -> Pen:
    """What writes the next event of the server itself."""
    return Pen(plant, *head)


def key_of(text: str) -> Key:
    """The identity that a state holds as text."""
    found = _key_of(text)
    assert found is not None, "states hold whole identities"
    return found


def instant_of(text: str, zone: tzinfo) -> int:
    """An instant as it is asked for: microseconds since 1970 UTC, or ``2026-11-22T06:30`` on the plant's clock.

    Raises:
        NotFoundError: it is none.
    """
    try:
        if text.lstrip("-").isdigit():
            at_us = int(text)
            EPOCH + at_us * MICROSECOND
            return at_us
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        return (found - EPOCH) // MICROSECOND
    except (ValueError, OverflowError):
        raise NotFoundError(
            Worded("{text} is no instant.", text=text[:40]), Worded("Write it as 2026-11-22T06:30.")
        ) from None


def plain(text: str, longest: int) -> str:
    """Text as it may stand in an event, whatever it was."""
    kept = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in text)
    return kept[:longest] or "?"


def fit_text(text: str, longest: int) -> str:
    """A text as it may stand in an event: as it is where it may, else in plain signs."""
    kept = f"{text}"[:longest] or "?"
    return kept if what_is_wrong_with(kept) is None else plain(kept, longest)
