"""A station as whoever works there sees it: what production knows of it, and the instructions by which it is to be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from fabrika.operations.documents.state import DocumentsState
from fabrika.operations.documents.validity import in_force
from fabrika.operations.genealogy.state import GenealogyState
from fabrika.operations.production.work_pages import Work
from fabrika.operations.production.work_pages import work as station
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded


class Instruction(Struct, frozen=True, kw_only=True):
    """A document that is in force at the station.

    Attributes:
        titles: what it is called, by language.
        read: whether who asks has read and understood this revision, or wrote it; None if nobody asks.
    """

    document: str
    revision: int
    title: str
    titles: Mapping[str, str]
    since_us: int
    read: bool | None
    path: str


class AtWork(Work, frozen=True, kw_only=True):
    """A station; ``instructions`` are those in force there, what who asks has not read first; ``tool`` was put in last."""

    instructions: tuple[Instruction, ...]
    tool: str | None


def work(states: States, asked: Asked) -> AtWork:
    """Build the page of one station."""
    found = station(states, asked)
    rows = sorted(
        _instructions(states["documents"], asked, found.id), key=lambda row: (row.read is not False, row.document)
    )
    return AtWork(**structs.asdict(found), instructions=tuple(rows), tool=_tool(states["genealogy"], found.id))


def _tool(state: GenealogyState, path: str) -> str | None:
    mark = book.tool() if (book := state.stations.get(path)) is not None else None
    return mark.subject if mark is not None else None


def _instructions(state: DocumentsState, asked: Asked, path: str) -> Iterator[Instruction]:
    for row in in_force(state, path, asked.at_us):
        revision = row.revision
        known = asked.person in revision.readers or asked.person in revision.writers
        yield Instruction(
            document=row.document,
            revision=revision.number,
            title=revision.title,
            titles={revision.language: revision.title}
            | {language: told.title for language, told in revision.translations.items()},
            since_us=row.since_us,
            read=None if asked.person is None else known,
            path=f"/documents/{row.document}/{revision.number}",
        )


PAGES: tuple[Page, ...] = (
    Page(
        name="production.work",
        path="/work/{station}",
        title=Worded("At the station"),
        act="see_plant",
        kept=True,
        at_tablets=True,
        build=work,
        commands=(
            "production.sign_on",
            "production.sign_off",
            "production.report_units",
            "production.take_back",
            "production.say_stop",
            "production.code_stop",
            "production.say_running",
            "production.stop_for_safety",
            "production.end_safety_stop",
            "production.change_tool",
        ),
    ),
)
