"""What needs a person, by priority and age: one plain sentence each, and who can mend it.

Each room says what of its own needs somebody (``notices.py``); here they are put together with what several rooms know.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from fabrika.answers.balances import due, missing
from fabrika.answers.lot_dues import remedy, waiting
from fabrika.answers.ways import ways
from fabrika.operations.documents import notices as documents
from fabrika.operations.genealogy.state import reading
from fabrika.operations.inventory import notices as inventory
from fabrika.operations.personnel import notices as personnel
from fabrika.operations.production import notices as production
from fabrika.operations.watch import notices as watch
from fabrika.page import Asked, BookLook, Notice, Page, Source, States
from fabrika.wording import Worded

DAY_US = 86_400_000_000
WITNESS_US = 7 * DAY_US
"""A book that no witness has seen for longer needs one."""
RANK = {"high": 0, "medium": 1, "low": 2}


class Attention(Struct, frozen=True, kw_only=True):
    """Everything that needs attention, the most urgent first."""

    position: int
    at_us: int
    items: tuple[Notice, ...]


def attention(states: States, asked: Asked) -> Attention:
    """Build the page."""
    return Attention(position=asked.position, at_us=asked.at_us, items=items(states, asked))


def items(states: States, asked: Asked) -> tuple[Notice, ...]:
    """What needs a person: the most urgent first, and of those the oldest."""
    found = [item for source in SOURCES for item in source(states, asked)]
    return tuple(sorted(found, key=lambda item: (RANK[item.priority], item.since_us or 0, item.subject)))


def _book(states: States, asked: Asked) -> Iterator[Notice]:
    book: BookLook = states["book"]
    if book.failure is not None:
        yield Notice(
            priority="high",
            kind="read_only",
            subject=book.origin,
            path="/journal",
            since_us=None,
            sentence=Worded("The book cannot be written any more; nothing that happens is recorded."),
            remedy=Worded("Have the disk looked after and the server started again: {reason}", reason=book.failure),
        )
    seen = max(book.cosigned().values(), default=None)
    if asked.kind == "plant" and (seen is None or asked.at_us - seen > WITNESS_US):
        yield Notice(
            priority="low",
            kind="witness",
            subject=book.origin,
            path="/journal",
            since_us=seen,
            sentence=Worded("No witness has seen the book yet.")
            if seen is None
            else Worded("No witness has seen the book for more than a week."),
            remedy=Worded("Have a witness take and cosign a checkpoint."),
        )


def _balances(states: States, asked: Asked) -> Iterator[Notice]:
    state = reading(states["genealogy"])
    for name, found in due(state, ways(asked.plant), asked.at_us):
        if found.fits:
            continue
        worst = max(found.parts, key=lambda part: abs(part.unaccounted) - part.tolerated)
        yield Notice(
            priority="high",
            kind="unaccounted",
            subject=name,
            path="/balance",
            since_us=state.lots[name].closed_us,
            sentence=Worded(
                "{n} units of the lot {lot} are unaccounted for between {before} and {behind}.",
                n=worst.unaccounted,
                lot=name,
                before=worst.before,
                behind=worst.behind,
            ),
            remedy=Worded("Find out where they are; somebody who may accept balances says what was found."),
        )
    for lost in missing(state, asked):
        yield Notice(
            priority="high",
            kind="unaccounted",
            subject=lost.behind,
            path="/balance",
            since_us=lost.from_us,
            sentence=Worded(
                "{n} units are unaccounted for in this shift between {before} and {behind}.",
                n=lost.unaccounted,
                before=lost.before,
                behind=lost.behind,
            ),
            remedy=Worded("Find out where they are, and count what lies between the two."),
        )


def _lots_due(states: States, asked: Asked) -> Iterator[Notice]:
    for found in waiting(states, asked):
        blocked = found.is_open and found.row.block
        yield Notice(
            priority="high" if blocked else "medium" if found.is_open else "low",
            kind="lot_due",
            subject=found.lot,
            path=f"/lots/{found.lot}",
            since_us=found.row.since_us,
            sentence=found.row.sentence,
            remedy=remedy(found),
        )


SOURCES: tuple[Source, ...] = (
    _book,
    *watch.NOTICES,
    *production.NOTICES,
    *personnel.NOTICES,
    *documents.NOTICES,
    *inventory.NOTICES,
    _balances,
    _lots_due,
)
"""All that say what needs a person; a new one is put here."""

PAGES: tuple[Page, ...] = (
    Page(
        name="answers.attention",
        path="/attention",
        title=Worded("Needs attention"),
        act="see_plant",
        build=attention,
        commands=("watch.clear_alarm",),
    ),
)
