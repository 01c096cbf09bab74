"""Which revisions there are, who approved and who read them, and since when they count: folded from the room's events.

The room also hears when lots are opened, with which a revision may begin, and who left the plant and need read no more.
"""

from __future__ import annotations

from typing import assert_never

import msgspec
from msgspec import Struct

from fabrika.events.documents import (
    Approved,
    Drafted,
    EffectiveFrom,
    ReadAndUnderstood,
    Translated,
    Withdrawn,
)
from fabrika.events.house import PersonEnrolled, PersonLeft
from fabrika.events.production import LotOpened
from fabrika.journal.entries import Fact


class Translation(Struct, kw_only=True):
    """A revision's text in one more language, and who wrote it."""

    title: str
    file: str
    person: str


class Revision(Struct, kw_only=True):
    """One revision of a document.

    Attributes:
        number: 1 for the first.
        file: SHA-256 of its text in the content store.
        stations: those that it is for, ``line.station``; none for the whole plant.
        begins_us: from when on it counts; absent while that is not decided, or its lot is not opened yet.
        lot: the lot with which it begins, if one decides.
        withdrawn_us: from when on it counts no more.
        translations: its text in other languages, by their codes.
        readers: who has read and understood it, and when (us).
        entries: positions of the entries that made it what it is, ascending; those of its readers are not among them.
    """

    number: int
    title: str
    language: str
    file: str
    stations: tuple[str, ...]
    drafted_by: str
    drafted_us: int
    approved_by: str | None = None
    approved_us: int | None = None
    ordered_by: str | None = None
    begins_us: int | None = None
    lot: str | None = None
    withdrawn_by: str | None = None
    withdrawn_us: int | None = None
    reason: str | None = None
    translations: dict[str, Translation] = {}
    readers: dict[str, int] = {}
    entries: list[int] = []

    @property
    def writers(self) -> frozenset[str]:
        """Who wrote its text, in any language."""
        return frozenset({self.drafted_by, *(found.person for found in self.translations.values())})


class Document(Struct, kw_only=True):
    """A document: an ``instruction`` or a ``form``, with all its revisions, the oldest first."""

    kind: str
    revisions: list[Revision] = []

    def revision(self, number: int) -> Revision | None:
        """The revision of a number, None if there is none."""
        return next((found for found in self.revisions if found.number == number), None)


class DocumentsState(Struct):
    """Documents by their ids; when each lot was opened (us); who left the plant."""

    documents: dict[str, Document] = {}
    lots: dict[str, int] = {}
    left: set[str] = set()

    def revision(self, document: str, number: int) -> Revision | None:
        """A document's revision, None if there is none."""
        found = self.documents.get(document)
        return None if found is None else found.revision(number)


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(DocumentsState)

OfRevision = Translated | Approved | EffectiveFrom | ReadAndUnderstood | Withdrawn
Heard = Drafted | OfRevision | LotOpened | PersonEnrolled | PersonLeft


class Documents:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "documents"
    version = 2
    hears: tuple[type, ...] = Heard.__args__

    def empty(self) -> DocumentsState:
        """No document."""
        return DocumentsState()

    def apply(self, state: DocumentsState, fact: Fact) -> None:
        """One fact about documents, lots or persons."""
        event = fact.event
        if not isinstance(event, Heard):
            return
        match event:
            case Drafted():
                _draft(state, fact, event)
            case Translated() | Approved() | EffectiveFrom() | ReadAndUnderstood() | Withdrawn():
                # What was said of a draft that a correction took away stands for nothing.
                if (found := state.revision(event.document, event.revision)) is not None:
                    _change(state, found, fact, event)
            case LotOpened():
                _open(state, event.lot, fact.message.at_us)
            case PersonLeft():
                state.left.add(event.person)
            case PersonEnrolled():
                state.left.discard(event.person)
            case _:
                assert_never(event)

    def dump(self, state: DocumentsState) -> bytes:
        """Canonical JSON."""
        return _encoder.encode(state)

    def load(self, data: bytes) -> DocumentsState:
        """What :meth:`dump` gave."""
        return _decoder.decode(data)


def _draft(state: DocumentsState, fact: Fact, event: Drafted) -> None:
    found = state.documents.setdefault(event.document, Document(kind=event.kind))
    found.revisions.append(
        Revision(
            number=event.revision,
            title=event.title,
            language=event.language,
            file=event.file,
            stations=event.stations,
            drafted_by=event.person,
            drafted_us=fact.message.at_us,
            entries=[fact.position],
        )
    )


def _change(state: DocumentsState, found: Revision, fact: Fact, event: OfRevision) -> None:
    at_us = fact.message.at_us
    match event:
        case ReadAndUnderstood():
            found.readers.setdefault(event.person, at_us)
            return
        case Translated():
            found.translations[event.language] = Translation(title=event.title, file=event.file, person=event.person)
        case Approved():
            found.approved_by, found.approved_us = event.person, at_us
        case EffectiveFrom():
            found.ordered_by, found.lot = event.person, event.lot
            found.begins_us = event.from_us if event.lot is None else state.lots.get(event.lot)
        case Withdrawn():
            found.withdrawn_by, found.withdrawn_us, found.reason = event.person, at_us, event.reason
        case _:
            assert_never(event)
    found.entries.append(fact.position)


def _open(state: DocumentsState, lot: str, at_us: int) -> None:
    if lot in state.lots:
        return
    state.lots[lot] = at_us
    for document in state.documents.values():
        for revision in document.revisions:
            if revision.lot == lot and revision.begins_us is None:
                revision.begins_us = at_us


REDUCER = Documents()
