"""What is told of work instructions and forms: drafted, approved, in force from when on, read, withdrawn."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta

from fabrika.events.event import Event
from fabrika.events.fields import MOST, Digest, Id, Instant, Text

Revision: TypeAlias = Annotated[int, Meta(ge=1, le=MOST)]
"""A document's revisions are counted 1, 2, ..."""

Kind = Literal["instruction", "form"]

Title: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]


class Drafted(Event, frozen=True, kw_only=True):
    """A revision of a document was written; nobody works by it yet.

    Attributes:
        revision: one more than the document's revision before, 1 for the first.
        file: SHA-256 of its text, which lies in the content store.
        language: in which the text is written, by its code (BCP 47), such as ``sq`` or ``sr-Latn``.
        stations: the stations ``line.station`` that it is for; none for the whole plant.
    """

    NAME: ClassVar[str] = "documents.drafted"
    document: Id
    revision: Revision
    kind: Kind
    title: Title
    language: Id
    file: Digest
    stations: tuple[Id, ...] = ()
    person: Id


class Translated(Event, frozen=True, kw_only=True):
    """A draft has its text in one more language; who approves the draft approves it in all of them.

    Attributes:
        language, title, file: as in :class:`Drafted`.
    """

    NAME: ClassVar[str] = "documents.translated"
    document: Id
    revision: Revision
    language: Id
    title: Title
    file: Digest
    person: Id


class Approved(Event, frozen=True, kw_only=True):
    """A second person read a draft and found it right."""

    NAME: ClassVar[str] = "documents.approved"
    document: Id
    revision: Revision
    person: Id


class EffectiveFrom(Event, frozen=True, kw_only=True):
    """An approved revision is in force from an instant on, or from the opening of a lot on; the one before ends there.

    Attributes:
        from_us: from when on; absent if a lot decides.
        lot: the lot with which it begins; absent if an instant decides.
        person: who put it in force.
    """

    NAME: ClassVar[str] = "documents.effective_from"
    document: Id
    revision: Revision
    from_us: Instant | None = None
    lot: Id | None = None
    person: Id


class ReadAndUnderstood(Event, frozen=True, kw_only=True):
    """A person says that they have read a revision and understood it."""

    NAME: ClassVar[str] = "documents.read_and_understood"
    document: Id
    revision: Revision
    person: Id


class Withdrawn(Event, frozen=True, kw_only=True):
    """A revision counts no more, and none takes its place by itself."""

    NAME: ClassVar[str] = "documents.withdrawn"
    document: Id
    revision: Revision
    reason: Text
    person: Id


KINDS: tuple[type[Event], ...] = (Drafted, Translated, Approved, EffectiveFrom, ReadAndUnderstood, Withdrawn)
