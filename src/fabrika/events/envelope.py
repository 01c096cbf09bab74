"""What every event bears on its way: who said it, when, in which order, and because of what."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, Struct

from fabrika.events.fields import Count, Digest, Epoch, Id, Instant, Key

FORMAT: Final = 1
"""Version of the envelope; the body's version is its kind's."""


class Message(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What a source says: the part of an entry that is made and chained where the event happens.

    Attributes:
        actor: the id of the person who acted; absent if a machine told it by itself.
        at_us: when it happened, by the source's clock.
        body: the canonical bytes of the event.
        cause: identities of the events that led to this one.
        correction_of: identity of the fact that this one is to replace; it counts only once a correction names it.
        device: the tablet, gauge or controller it came through.
        edge_at_us: when the connector near the source took it; absent if the source speaks for itself.
        epoch, sequence, source: the identity, see :class:`~fabrika.events.fields.Key`.
        files: SHA-256 of every file of the content store that the event rests on.
        plant: the plant's id.
        request: SHA-256 of the command and the form that a person gave; absent if nobody asked for the event. Who sends
            the same request again is answered by it.
        previous: SHA-256 of the message before in the same epoch; absent in the first.
        type, version: the kind of event.
    """

    actor: Id | None = None
    at_us: Instant
    body: Raw
    cause: tuple[Key, ...] = ()
    correction_of: Key | None = None
    device: Id | None = None
    edge_at_us: Instant | None = None
    epoch: Epoch
    files: tuple[Digest, ...] = ()
    plant: Id
    previous: Digest | None = None
    request: Digest | None = None
    sequence: Count
    source: Id
    type: Annotated[str, Meta(pattern=r"\A[a-z]+\.[a-z_]+\Z", max_length=60)]
    version: Annotated[int, Meta(ge=1, le=1_000)]

    @property
    def key(self) -> Key:
        """The identity of this message for ever."""
        return Key(self.source, self.epoch, self.sequence)


class Envelope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One entry of the book as it is hashed: the source's message and when the journal took it.

    Attributes:
        event: the canonical bytes of the :class:`Message`.
        journal_at_us: when the journal took it; never less than in the entry before.
    """

    event: Raw
    format: Literal[1] = FORMAT
    journal_at_us: Instant
