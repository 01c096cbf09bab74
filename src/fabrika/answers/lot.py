"""Everything about a lot on one page: what production knows of it, the documents it was made by, and whether its units add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from fabrika.answers.balance import lot_balance, standing_of
from fabrika.answers.touched import presences
from fabrika.answers.ways import Ways, ways
from fabrika.operations.documents.state import DocumentsState
from fabrika.operations.documents.validity import InForce, in_force
from fabrika.operations.genealogy.state import GenealogyState, reading
from fabrika.operations.production.lot_pages import LotView
from fabrika.operations.production.lot_pages import lot as made
from fabrika.operations.production.outline import outline
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded


class BoundRevision(Struct, frozen=True, kw_only=True):
    """A revision by which the lot was made.

    Attributes:
        titles: what it is called, by language.
        stations: where it was in force, ``line.station``; none if at all stations of the line.
        from_us: since when, if it came into force while the lot was open; None if it was so at the lot's opening.
    """

    document: str
    revision: int
    title: str
    titles: Mapping[str, str]
    stations: tuple[str, ...]
    from_us: int | None
    path: str


class Worked(Struct, frozen=True, kw_only=True):
    """A person had signed on at a station while it counted in the lot; ``to_us`` None while they are there."""

    person: str
    station: str
    from_us: int
    to_us: int | None
    path: str


class LotPage(LotView, frozen=True, kw_only=True):
    """A lot.

    Attributes:
        persons: who worked at which station while it counted in the lot, by the stations' order, then by time.
        sampled: units taken out as samples.
        apart: units in no lot, as they became good or scrap while their station was held.
        documents: by which it was made, as they were in force at its line's stations; first those of its opening.
        balanced: whether its units add up, or their balance was accepted; None where nothing can be compared yet.
        balance: the same in words, with who can mend it.
    """

    persons: tuple[Worked, ...]
    sampled: int
    apart: int
    documents: tuple[BoundRevision, ...]
    balanced: bool | None
    balance: str


def lot(states: States, asked: Asked) -> LotPage:
    """Build the page of a lot."""
    found = made(states, asked)
    genealogy = reading(states["genealogy"])
    plan, name = ways(asked.plant), found.lot.lot
    compared = lot_balance(genealogy, plan, name) if name in genealogy.lots else None
    judged = standing_of(genealogy, name, compared) if found.counted else None
    return LotPage(
        **structs.asdict(found),
        persons=tuple(_persons(genealogy, plan, name)),
        sampled=compared.sampled if compared is not None else 0,
        apart=compared.apart if compared is not None else 0,
        documents=tuple(_documents(states["documents"], asked, found)),
        balanced=judged.fit if judged is not None and (judged.fit or (compared and compared.parts)) else None,
        balance=Worded("No station has counted in it yet.") if judged is None else judged.reason,
    )


def _persons(state: GenealogyState, plan: Ways, name: str) -> Iterator[Worked]:
    known = state.lots.get(name)
    for station in plan.stations if known is not None else ():
        seen = set[tuple[str, int]]()
        for place in known.runs.get(station, ()) if known is not None else ():
            book = state.stations[station]
            from_us = book.runs[place].from_us
            to_us = book.runs[place + 1].from_us if place + 1 < len(book.runs) else state.latest_us
            for one in presences(state, plan, station, from_us=from_us, to_us=to_us):
                begins = max(one.from_us, from_us)
                if one.kind != "person" or (one.subject, begins) in seen or (one.to_us or to_us) <= begins:
                    continue
                seen.add((one.subject, begins))
                yield Worked(
                    person=one.subject,
                    station=station,
                    from_us=begins,
                    to_us=one.to_us if one.to_us is None or one.to_us < to_us else to_us,
                    path=f"/recall?person={one.subject}",
                )


def _documents(state: DocumentsState, asked: Asked, found: LotView) -> Iterator[BoundRevision]:
    line = outline(asked.plant).lines.get(found.lot.line)
    if line is None:
        return
    stations = [f"{line.id}.{station.id}" for station in line.stations]
    until_us = asked.at_us if found.lot.closed_us is None else found.lot.closed_us
    first = _by_revision(state, stations, found.lot.opened_us)
    last = _by_revision(state, stations, until_us)
    later = {key: rows for key, rows in last.items() if key not in first}
    for rows, began in [*((rows, False) for rows in first.values()), *((rows, True) for rows in later.values())]:
        bound, revision = rows[0][1], rows[0][1].revision
        yield BoundRevision(
            document=bound.document,
            revision=revision.number,
            title=revision.title,
            titles={revision.language: revision.title}
            | {language: told.title for language, told in revision.translations.items()},
            stations=() if len(rows) == len(stations) else tuple(station for station, _ in rows),
            from_us=bound.since_us if began else None,
            path=f"/documents/{bound.document}/{revision.number}",
        )


def _by_revision(
    state: DocumentsState, stations: list[str], at_us: int
) -> dict[tuple[str, int], list[tuple[str, InForce]]]:
    found: dict[tuple[str, int], list[tuple[str, InForce]]] = {}
    for station in stations:
        for row in in_force(state, station, at_us):
            found.setdefault((row.document, row.revision.number), []).append((station, row))
    return found


PAGES: tuple[Page, ...] = (
    Page(
        name="answers.lot",
        path="/lots/{lot}",
        title=Worded("Lot"),
        act="see_plant",
        build=lot,
        commands=("production.close_lot", "production.open_sub_lot", "production.split_lot", "production.merge_lot"),
    ),
)
