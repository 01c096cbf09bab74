"""All documents; one document with its revisions and readers; one revision's text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from fabrika.errors import NotFoundError
from fabrika.operations.documents.state import Document, DocumentsState, Revision, Translation
from fabrika.operations.documents.validity import current, in_force, lacking, span_of
from fabrika.page import Asked, Page, Shelf, States
from fabrika.wording import Worded

STANDS: Mapping[str, str] = MappingProxyType(
    {
        "draft": Worded("waits for approval"),
        "approved": Worded("approved"),
        "to_come": Worded("begins later"),
        "in_force": Worded("in force"),
        "replaced": Worded("replaced"),
        "withdrawn": Worded("withdrawn"),
    }
)
"""What a revision can be."""


class DocumentRow(Struct, frozen=True, kw_only=True):
    """One document.

    Attributes:
        kind: ``instruction`` or ``form``.
        in_force: the newest revision that is in force; None if there is none.
        stations: those that it is for; none for the whole plant.
        waiting: the newest revision if it is a draft that waits for approval.
        must_read: how many read an earlier revision and not the one in force.
        titles: what it is called in each language in which it is written, its own first.
    """

    document: str
    title: str
    kind: str
    language: str
    in_force: int | None
    since_us: int | None
    stations: tuple[str, ...]
    waiting: int | None
    waiting_since_us: int | None
    must_read: int
    path: str
    titles: Mapping[str, str]


class DocumentList(Struct, frozen=True, kw_only=True):
    """All documents, or those with a revision in force at the ``station`` that was asked for."""

    position: int
    at_us: int
    station: str | None
    documents: tuple[DocumentRow, ...]


class RevisionRow(Struct, frozen=True, kw_only=True):
    """One revision: who wrote and approved it, and when it was in force.

    Attributes:
        stands: ``draft``, ``approved``, ``to_come``, ``in_force``, ``replaced`` or ``withdrawn``; ``state`` is the same in words.
        from_us: from when on; None while that is not known.
        to_us: until when; None while nothing ends it.
    """

    revision: int
    title: str
    stands: str
    state: str
    language: str
    stations: tuple[str, ...]
    drafted_us: int
    drafted_by: str
    approved_us: int | None
    approved_by: str | None
    lot: str | None
    from_us: int | None
    to_us: int | None
    reason: str | None
    read_by: int
    position: int
    path: str


class Reader(Struct, frozen=True, kw_only=True):
    """Who has read and understood a revision, and when."""

    person: str
    revision: int
    at_us: int


class MustRead(Struct, frozen=True, kw_only=True):
    """Who has read an earlier revision and not this one, which is in force."""

    person: str
    revision: int


class DocumentView(Struct, frozen=True, kw_only=True):
    """One document, its newest revision first.

    Attributes:
        in_force: the revisions that are in force at some station, the newest first.
    """

    position: int
    at_us: int
    document: str
    title: str
    kind: str
    in_force: tuple[int, ...]
    revisions: tuple[RevisionRow, ...]
    readers: tuple[Reader, ...]
    must_read: tuple[MustRead, ...]


class Told(Struct, frozen=True, kw_only=True):
    """The text of a revision in one language, as it was written, and by whom."""

    language: str
    title: str
    text: str
    file: str
    person: str


class RevisionView(Struct, frozen=True, kw_only=True):
    """One revision with its text as it was written; ``is_newest`` if no later one was drafted.

    Attributes:
        texts: in each language in which it is written, its own first.
    """

    position: int
    at_us: int
    document: str
    kind: str
    file: str
    is_newest: bool
    row: RevisionRow
    readers: tuple[Reader, ...]
    text: str
    texts: tuple[Told, ...]


def documents(states: States, asked: Asked) -> DocumentList:
    """Build the page of all documents."""
    state: DocumentsState = states["documents"]
    station = asked.query.get("station") or None
    there = None if station is None else {found.document for found in in_force(state, station, asked.at_us)}
    return DocumentList(
        position=asked.position,
        at_us=asked.at_us,
        station=station,
        documents=tuple(row for row in rows(state, asked) if there is None or row.document in there),
    )


def rows(state: DocumentsState, asked: Asked) -> tuple[DocumentRow, ...]:
    """Every document in a row, by its id."""
    return tuple(_document(state, name, found, asked) for name, found in sorted(state.documents.items()))


def document(states: States, asked: Asked) -> DocumentView:
    """Build the page of one document."""
    state: DocumentsState = states["documents"]
    name = asked.names.get("document", "")
    found = _known(state, name)
    now = current(found, asked.at_us)
    shown = now[0] if now else found.revisions[-1]
    again = lacking(state, name, asked.at_us)
    return DocumentView(
        position=asked.position,
        at_us=asked.at_us,
        document=name,
        title=shown.title,
        kind=found.kind,
        in_force=tuple(revision.number for revision in now),
        revisions=tuple(_revision(name, found, revision, asked) for revision in reversed(found.revisions)),
        readers=tuple(reader for revision in now for reader in _readers(revision)),
        must_read=tuple(
            MustRead(person=person, revision=number) for number, persons in again.items() for person in persons
        ),
    )


def revision(states: States, asked: Asked) -> RevisionView:
    """Build the page of one revision."""
    state: DocumentsState = states["documents"]
    name, wanted = asked.names.get("document", ""), asked.names.get("revision", "")
    found = _known(state, name)
    revision = next((one for one in found.revisions if str(one.number) == wanted), None)
    if revision is None:
        raise NotFoundError(Worded("There is no revision {revision} of {document}.", revision=wanted, document=name))
    shelf: Shelf = states["shelf"]
    return RevisionView(
        position=asked.position,
        at_us=asked.at_us,
        document=name,
        kind=found.kind,
        file=revision.file,
        is_newest=revision is found.revisions[-1],
        row=_revision(name, found, revision, asked),
        readers=_readers(revision),
        text=shelf.text(revision.file),
        texts=tuple(_texts(revision, shelf)),
    )


def _texts(revision: Revision, shelf: Shelf) -> Iterator[Told]:
    own = Translation(title=revision.title, file=revision.file, person=revision.drafted_by)
    for language, found in ((revision.language, own), *sorted(revision.translations.items())):
        yield Told(
            language=language,
            title=found.title,
            text=shelf.text(found.file),
            file=found.file,
            person=found.person,
        )


def _known(state: DocumentsState, name: str) -> Document:
    found = state.documents.get(name)
    if found is None or not found.revisions:
        raise NotFoundError(Worded("There is no document {document}.", document=name))
    return found


def _document(state: DocumentsState, name: str, found: Document, asked: Asked) -> DocumentRow:
    now = current(found, asked.at_us)
    newest = found.revisions[-1]
    shown = now[0] if now else newest
    waits = newest.approved_us is None and newest.withdrawn_us is None
    return DocumentRow(
        document=name,
        title=shown.title,
        kind=found.kind,
        language=shown.language,
        in_force=now[0].number if now else None,
        since_us=now[0].begins_us if now else None,
        stations=shown.stations,
        waiting=newest.number if waits else None,
        waiting_since_us=newest.drafted_us if waits else None,
        must_read=len({person for persons in lacking(state, name, asked.at_us).values() for person in persons}),
        path=f"/documents/{name}",
        titles={shown.language: shown.title} | {code: told.title for code, told in sorted(shown.translations.items())},
    )


def _revision(name: str, document: Document, found: Revision, asked: Asked) -> RevisionRow:
    span, stands = span_of(document, found), _stands(document, found, asked.at_us)
    return RevisionRow(
        revision=found.number,
        title=found.title,
        stands=stands,
        state=STANDS[stands],
        language=found.language,
        stations=found.stations,
        drafted_us=found.drafted_us,
        drafted_by=found.drafted_by,
        approved_us=found.approved_us,
        approved_by=found.approved_by,
        lot=found.lot,
        from_us=span.begin_us if span else None,
        to_us=span.end_us if span else None,
        reason=found.reason,
        read_by=len(found.readers),
        position=found.entries[0],
        path=f"/documents/{name}/{found.number}",
    )


def _readers(found: Revision) -> tuple[Reader, ...]:
    return tuple(
        Reader(person=person, revision=found.number, at_us=at_us) for person, at_us in sorted(found.readers.items())
    )


def _stands(document: Document, found: Revision, at_us: int) -> str:
    """What a revision is at an instant, by its word in :data:`STANDS`."""
    span = span_of(document, found)
    if found.withdrawn_us is not None and found.withdrawn_us <= at_us:
        return "withdrawn"
    if span is not None and span.begin_us <= at_us:
        return "in_force" if span.end_us is None or at_us < span.end_us else "replaced"
    if found.ordered_by is not None:
        return "to_come"
    return "approved" if found.approved_us is not None else "draft"


PAGES: tuple[Page, ...] = (
    Page(
        name="documents.documents",
        path="/documents",
        title=Worded("Documents"),
        act="see_plant",
        build=documents,
        commands=("documents.draft",),
    ),
    Page(
        name="documents.document",
        path="/documents/{document}",
        title=Worded("Document"),
        act="see_plant",
        build=document,
        commands=("documents.read", "documents.approve", "documents.put_in_force", "documents.withdraw"),
    ),
    Page(
        name="documents.revision",
        path="/documents/{document}/{revision}",
        title=Worded("Revision"),
        act="see_plant",
        build=revision,
        commands=(
            "documents.draft",
            "documents.translate",
            "documents.read",
            "documents.approve",
            "documents.put_in_force",
            "documents.withdraw",
        ),
    ),
)
