"""The book as it is: its entries, found by what they say; one entry with its proof; the head and who has seen it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from fabrika.errors import NotFoundError
from fabrika.events.house import ActRefused, ReportRefused
from fabrika.journal.entries import Fact, fact_of
from fabrika.journal.merkle import leaf_hash
from fabrika.page import Asked, BookLook, Page, States
from fabrika.wording import Worded, restored

SHOWN = 100
"""Entries on a page."""
LOOKED_AT = 5_000
STRIDE = 500
"""Entries that one search looks at; the page then says from where to go on. The first stride is what a page shows."""
FILTERS = ("type", "source", "person", "subject", "from", "to", "before")
"""What entries can be asked for: the beginning of the type or source, a person, anything that the event is about, instants
(us) and the position to begin below."""


class EntryRow(Struct, frozen=True, kw_only=True):
    """An entry in the list.

    Attributes:
        at_us: when it happened, by its source's clock.
        actor: who acted; None if a machine told it by itself.
        subject: what it is about: the first id that the event names.
        sentence: of what was refused: what the person was told; empty for anything else.
    """

    position: int
    at_us: int
    type: str
    source: str
    actor: str | None
    subject: str | None
    path: str
    sentence: str = ""


class JournalView(Struct, frozen=True, kw_only=True):
    """The newest entries that fit, and the head.

    Attributes:
        filter: what was asked for, of :data:`FILTERS`.
        before: ask again with this position for older entries; None if there are none.
        checkpoint: the last signed checkpoint as text; None if none was signed.
        cosigned: each witness's name, and when it saw the book.
    """

    position: int
    root: str
    origin: str
    entries: tuple[EntryRow, ...]
    filter: dict[str, str]
    before: int | None
    checkpoint: str | None
    cosigned: tuple[tuple[str, int], ...]


class EntryView(Struct, frozen=True, kw_only=True):
    """One entry.

    Attributes:
        envelope: indented JSON of the entry's canonical bytes.
        hash: the leaf's hash (RFC 6962) in hexadecimal.
        proof: as C2SP tlog-proof writes it; None if no checkpoint covers the entry yet.
        causes: what led to it: identity, and position if it is in this book.
        corrects: identity of what it is to replace or withdraw.
        corrected_by: positions of corrections of it.
    """

    position: int
    size: int
    at_us: int
    journal_at_us: int
    type: str
    key: str
    envelope: str
    hash: str
    proof: str | None
    causes: tuple[tuple[str, int | None], ...]
    corrects: str | None
    corrected_by: tuple[int, ...]


def journal(states: States, asked: Asked) -> JournalView:
    """Build the list of entries."""
    book: BookLook = states["book"]
    wanted = {name: asked.query[name] for name in FILTERS if asked.query.get(name)}
    start = min(_whole(wanted.get("before"), asked.position), asked.position)
    last = max(0, start - LOOKED_AT)
    rows: list[EntryRow] = []
    for fact in _backwards(book, start, last):
        if _fits(fact, wanted):
            rows.append(_row(fact))
            if len(rows) == SHOWN:
                last = fact.position
                break
    return JournalView(
        position=asked.position,
        root=book.root(),
        origin=book.origin,
        entries=tuple(rows),
        filter=wanted,
        before=last if last > 0 else None,
        checkpoint=book.checkpoint(),
        cosigned=tuple(sorted(book.cosigned().items())),
    )


def entry(states: States, asked: Asked) -> EntryView:
    """Build the page of one entry."""
    book: BookLook = states["book"]
    name = asked.names.get("position", "")
    if not (name.isascii() and name.isdigit() and len(name) <= 16 and int(name) < book.size):
        raise NotFoundError(Worded("The book has no entry {position}.", position=name))
    position = int(name)
    data = book.entry(position)
    fact = fact_of(position, data)
    message = fact.message
    target = getattr(fact.event, "target", None)
    return EntryView(
        position=position,
        size=book.size,
        at_us=message.at_us,
        journal_at_us=fact.journal_at_us,
        type=message.type,
        key=str(fact.key),
        envelope=msgspec.json.format(data, indent=2).decode(),
        hash=leaf_hash(data).hex(),
        proof=book.proof(position),
        causes=tuple((str(cause), book.find(str(cause))) for cause in message.cause),
        corrects=str(message.correction_of or target) if message.correction_of or target else None,
        corrected_by=book.corrections(str(fact.key)),
    )


def _backwards(book: BookLook, start: int, last: int) -> Iterator[Fact]:
    stop, stride = start, SHOWN
    while stop > last:
        begin = max(last, stop - stride)
        entries = book.read(begin, stop)
        for position in range(stop - 1, begin - 1, -1):
            yield fact_of(position, entries[position - begin])
        stop, stride = begin, STRIDE


def _fits(fact: Fact, wanted: dict[str, str]) -> bool:
    message = fact.message
    person = wanted.get("person")
    return (
        message.type.startswith(wanted.get("type", ""))
        and message.source.startswith(wanted.get("source", ""))
        and (person is None or person in {message.actor, getattr(fact.event, "person", None)})
        and ("subject" not in wanted or wanted["subject"] in subjects(fact))
        and ("from" not in wanted or message.at_us >= _whole(wanted["from"], 0))
        and ("to" not in wanted or message.at_us < _whole(wanted["to"], 0))
    )


ABOUT = (
    "station",
    "lot",
    "container",
    "order",
    "line",
    "person",
    "role",
    "proposal",
    "alarm",
    "product",
    "file",
    "key",
)
"""Fields of events that say what they are about, the most telling first."""


def subjects(fact: Fact) -> tuple[str, ...]:
    """What an event is about."""
    found = (getattr(fact.event, name, None) for name in ABOUT)
    return tuple(value for value in found if isinstance(value, str))


def _row(fact: Fact) -> EntryRow:
    about = subjects(fact)
    return EntryRow(
        position=fact.position,
        at_us=fact.message.at_us,
        type=fact.message.type,
        source=fact.message.source,
        actor=fact.message.actor,
        subject=about[0] if about else None,
        path=f"/journal/{fact.position}",
        sentence=_sentence(fact),
    )


def _sentence(fact: Fact) -> str:
    """What a person was told who was refused."""
    event = fact.event
    return (
        restored(event.worded, (event.problem, event.remedy))[0]
        if isinstance(event, ActRefused | ReportRefused)
        else ""
    )


def _whole(text: str | None, otherwise: int) -> int:
    if not text:
        return otherwise
    try:
        return int(text)
    except ValueError:
        raise NotFoundError(Worded("{text} is no whole number.", text=text)) from None


PAGES: tuple[Page, ...] = (
    Page(name="answers.journal", path="/journal", title=Worded("Journal"), act="see_journal", build=journal),
    Page(name="answers.entry", path="/journal/{position}", title=Worded("Entry"), act="see_journal", build=entry),
)
