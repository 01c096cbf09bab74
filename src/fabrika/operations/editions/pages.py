"""The plant file: which edition counts, and what each one changed."""

from __future__ import annotations

from msgspec import Struct

from fabrika.errors import NotFoundError, PlantFileError
from fabrika.operations.editions.state import Edition, EditionsState
from fabrika.page import Asked, Page, Shelf, States
from fabrika.plant.difference import difference
from fabrika.plant.model import Plant
from fabrika.plant.summary import summary
from fabrika.wording import Worded


class EditionRow(Struct, frozen=True, kw_only=True):
    """One edition: since when, by whom, why, and the entry that put it in force."""

    edition: int
    file: str
    at_us: int
    person: str | None
    reason: str | None
    position: int
    path: str


class PlantView(Struct, frozen=True, kw_only=True):
    """The plant file in force and all editions, the newest first."""

    position: int
    edition: int
    file: str
    adopted_us: int
    name: str
    summary: str
    editions: tuple[EditionRow, ...]


class EditionView(Struct, frozen=True, kw_only=True):
    """One edition's text and what it changed.

    Attributes:
        difference: one line for every change from the edition before; empty for the first.
    """

    position: int
    edition: int
    file: str
    at_us: int
    person: str | None
    reason: str | None
    text: str
    difference: tuple[str, ...]


def plant(states: States, asked: Asked) -> PlantView:
    """Build the page of the file in force."""
    state: EditionsState = states["editions"]
    newest = state.newest
    assert newest is not None, "a served book has adopted a plant"
    return PlantView(
        position=asked.position,
        edition=newest.number,
        file=newest.file,
        adopted_us=newest.at_us,
        name=asked.plant.name,
        summary=_summary(asked.plant),
        editions=tuple(_row(edition) for edition in reversed(state.editions)),
    )


def edition(states: States, asked: Asked) -> EditionView:
    """Build the page of one edition."""
    state: EditionsState = states["editions"]
    wanted = asked.names.get("edition", "")
    found = next((item for item in state.editions if str(item.number) == wanted), None)
    if found is None:
        raise NotFoundError(Worded("The plant file has no edition {edition}.", edition=wanted))
    before = next((item for item in state.editions if item.number == found.number - 1), None)
    shelf: Shelf = states["shelf"]
    return EditionView(
        position=asked.position,
        edition=found.number,
        file=found.file,
        at_us=found.at_us,
        person=found.person,
        reason=found.reason,
        text=shelf.text(found.file),
        difference=_difference(shelf, before, found),
    )


_told: list[tuple[Plant, str]] = []


def _summary(plant: Plant) -> str:
    """The plant on one screen; the last one is kept, as a year of calendars is looked through for it."""
    if not _told or _told[0][0] is not plant:
        _told[:] = [(plant, "\n".join(summary(plant)))]
    return _told[0][1]


def _difference(shelf: Shelf, before: Edition | None, after: Edition) -> tuple[str, ...]:
    if before is None:
        return ()
    try:
        old, new = shelf.plant(before.file), shelf.plant(after.file)
    except PlantFileError:
        return (
            Worded("One of the two files was written for another version of Fabrika; their texts can be compared."),
        )
    return tuple(change.sentence for change in difference(old, new).changes)


def _row(found: Edition) -> EditionRow:
    return EditionRow(
        edition=found.number,
        file=found.file,
        at_us=found.at_us,
        person=found.person,
        reason=found.reason,
        position=found.position,
        path=f"/plant/{found.number}",
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="editions.plant",
        path="/plant",
        title=Worded("Plant file"),
        act="see_plant",
        build=plant,
        commands=("editions.amend",),
        minds=("see_journal",),
    ),
    Page(name="editions.edition", path="/plant/{edition}", title=Worded("Edition"), act="see_plant", build=edition),
)
