"""Which revision counts where and when, and who must read again.

Of each document one revision at most is in force at a station: the one that began last. Where a later revision is for
fewer stations, the one before goes on at the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fabrika.operations.documents.state import Document, DocumentsState, Revision


class InForce(NamedTuple):
    """A revision that is in force.

    Attributes:
        document: the document's id.
        since_us: from when on.
        because: positions of the entries that prove it, ascending.
    """

    document: str
    revision: Revision
    since_us: int
    because: tuple[int, ...]


class Span(NamedTuple):
    """When a revision is in force anywhere; ``end_us`` is absent while nothing ends it."""

    begin_us: int
    end_us: int | None


def in_force(state: DocumentsState, station: str, at_us: int) -> tuple[InForce, ...]:
    """Every document's revision that is in force at a station ``line.station`` at an instant, by the document's id."""
    found = []
    for name, document in sorted(state.documents.items()):
        revision = _governing(document, station, at_us)
        if revision is not None and revision.begins_us is not None:
            found.append(InForce(name, revision, revision.begins_us, tuple(revision.entries)))
    return tuple(found)


def current(document: Document, at_us: int) -> tuple[Revision, ...]:
    """The revisions of a document that are in force somewhere at an instant, the newest first."""
    found = []
    for revision in reversed(_begun(document)):
        span = span_of(document, revision)
        if span is not None and span.begin_us <= at_us and (span.end_us is None or at_us < span.end_us):
            found.append(revision)
    return tuple(found)


def lacking(state: DocumentsState, document: str, at_us: int) -> Mapping[int, tuple[str, ...]]:
    """Who has read an earlier revision and not the one in force, by the number of the one in force; who left is no more asked."""
    found = state.documents.get(document)
    if found is None:
        return {}
    asked: dict[int, tuple[str, ...]] = {}
    for revision in current(found, at_us):
        before = {
            person for earlier in found.revisions if earlier.number < revision.number for person in earlier.readers
        }
        persons = tuple(sorted(before - revision.readers.keys() - state.left))
        if persons:
            asked[revision.number] = persons
    return asked


def span_of(document: Document, revision: Revision) -> Span | None:
    """From when until when a revision is in force at one station at least; None if it never is, as far as is decided."""
    begun = _begun(document)
    if revision not in begun or revision.begins_us is None:
        return None
    ends = [] if revision.withdrawn_us is None else [revision.withdrawn_us]
    taken: set[str] = set()
    for later in begun[begun.index(revision) + 1 :]:
        taken.update(later.stations)
        if later.begins_us is not None and (
            not later.stations or (revision.stations and taken.issuperset(revision.stations))
        ):
            ends.append(later.begins_us)
            break
    return Span(revision.begins_us, min(ends, default=None))


def _governing(document: Document, station: str, at_us: int) -> Revision | None:
    last = None
    for revision in _begun(document):
        covers = not revision.stations or station in revision.stations
        if covers and revision.begins_us is not None and revision.begins_us <= at_us:
            last = revision
    if last is None or (last.withdrawn_us is not None and last.withdrawn_us <= at_us):
        return None
    return last


def _begun(document: Document) -> list[Revision]:
    """The revisions whose beginning is known, as they begin; one that was withdrawn before it began never does."""
    found = [
        (revision.begins_us, revision.number, revision)
        for revision in document.revisions
        if revision.begins_us is not None
        and (revision.withdrawn_us is None or revision.begins_us < revision.withdrawn_us)
    ]
    return [revision for *_, revision in sorted(found, key=lambda row: row[:2])]
