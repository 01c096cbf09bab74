"""Documents and people of an order's readiness: what is in force at each station and who has not read it, who may work there and does."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.answers.readiness_row import Row
from fabrika.operations.documents.state import DocumentsState
from fabrika.operations.documents.validity import InForce, in_force
from fabrika.operations.inventory.lookups import roles_for
from fabrika.operations.personnel.rules import acts
from fabrika.operations.personnel.state import PersonnelState
from fabrika.operations.production.outline import Place
from fabrika.operations.production.presence import present
from fabrika.operations.production.starts import policies
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.page import Asked, States
from fabrika.plant.model import Start
from fabrika.plant.shifts import ShiftTime, shift_at
from fabrika.wording import Worded

HOUR_US = 3_600_000_000
AHEAD_H = 24 * 14
"""So far ahead the next shift is looked for."""


def documents(states: States, asked: Asked, way: tuple[Place, ...]) -> Iterator[Row]:
    """Stations without an instruction, and each document that is in force on the way, with who has not read it."""
    state: DocumentsState = states["documents"]
    known: dict[tuple[str, int], InForce] = {}
    bare = []
    for place in way:
        found = in_force(state, place.path, asked.at_us)
        if not any(state.documents[row.document].kind == "instruction" for row in found):
            bare.append(place.station.name or place.station.id)
        known |= {(row.document, row.revision.number): row for row in found}
    if bare:
        yield Row(
            state="not_ready",
            sentence=Worded("No work instruction is in force at: {names}.", names=", ".join(bare)),
            remedy=Worded(
                "Have one written and approved; these roles approve: {roles}.",
                roles=roles_for(asked.plant, "approve_documents"),
            ),
            path="/documents",
        )
    workers, here = _able(states, asked, "report_production", way), _here(states, asked, way)
    for row in known.values():
        yield _document(row, workers, here)


def _document(row: InForce, workers: tuple[str, ...], here: tuple[str, ...]) -> Row:
    revision, path = row.revision, f"/documents/{row.document}/{row.revision.number}"
    unread = tuple(person for person in workers if person not in revision.readers)
    languages = (revision.language, *revision.translations)
    words = {"title": revision.title, "n": revision.number}
    # Whoever works there must know it; if nobody has signed on yet, somebody who may must.
    lacking = tuple(person for person in here if person in unread) or (unread if len(unread) == len(workers) else ())
    if lacking:
        return Row(
            state="not_ready",
            sentence=Worded("{title}, revision {n}: not read and understood by those who work there.", **words),
            remedy=Worded("Each reads it and says so on its page."),
            persons=lacking,
            languages=languages,
            since_us=row.since_us,
            path=path,
        )
    sentence = (
        Worded("{title}, revision {n}: in force; not read yet by others who may work there.", **words)
        if unread
        else Worded("{title}, revision {n}: in force, and read by all who may work there.", **words)
    )
    return Row(state="ready", sentence=sentence, persons=unread, languages=languages, since_us=row.since_us, path=path)


def people(states: States, asked: Asked, line: str, way: tuple[Place, ...]) -> Iterator[Row]:
    """Who may work on the line, who has signed on, and who else a start needs."""
    workers, here = _able(states, asked, "report_production", way), _here(states, asked, way)
    path, people_page = f"/lines/{line}", "/people"
    if not workers:
        yield Row(
            state="not_ready",
            sentence=Worded("Nobody may report on this line."),
            remedy=Worded("Grant a role; these roles can: {roles}.", roles=roles_for(asked.plant, "manage_people")),
            path=people_page,
        )
        return
    if here:
        yield Row(state="ready", sentence=Worded("Signed on at the line:"), persons=here, path=path)
    else:
        yield Row(
            state="not_ready",
            sentence=Worded("Nobody has signed on at the line."),
            remedy=Worded("Whoever works there signs on at the station."),
            path="/work",
        )
    soon = _next_shift(way, asked.at_us)
    if soon is not None:
        # Who is on which shift is not kept here; who may work is.
        yield Row(
            state="ready",
            sentence=Worded("In the next shift, {shift}, these may work here:", shift=soon.name or line),
            persons=workers,
            since_us=soon.start_us,
            path=people_page,
        )
    if any("approval" in start.needs for place in way for start in _starts(asked, place)):
        yield _approval(_able(states, asked, "approve_starts", way), asked, workers)


def _approval(able: tuple[str, ...], asked: Asked, workers: tuple[str, ...]) -> Row:
    """A start is approved by somebody else than who clears and checks."""
    enough = bool(able) and len({*able, *workers}) > 1
    return Row(
        state="ready" if enough else "not_ready",
        sentence=Worded("A start is approved by a second person; these may:")
        if enough
        else Worded("Nobody could approve a start as a second person."),
        remedy=None
        if enough
        else Worded("Grant a role; these roles can: {roles}.", roles=roles_for(asked.plant, "manage_people")),
        persons=able,
        path="/people",
    )


def _starts(asked: Asked, place: Place) -> tuple[Start, ...]:
    policy = policies(asked.plant).get(place.path)
    return policy.rules if policy is not None else ()


def _able(states: States, asked: Asked, act: str, way: tuple[Place, ...]) -> tuple[str, ...]:
    """Who may do an act at some station of the way."""
    state: PersonnelState = states["personnel"]
    areas, found = {place.area for place in way}, []
    for person, known in state.persons.items():
        if known.left_us is None:
            may, within = acts(state, asked.plant, person)
            if act in may and (act not in within or areas & within[act]):
                found.append(person)
    return tuple(found)


def _here(states: States, asked: Asked, way: tuple[Place, ...]) -> tuple[str, ...]:
    state: ProductionState = states["production"]
    stints = [
        stint.person
        for place in way
        for stint in present(state.stations.get(place.path) or StationState(), place, asked.at_us)
    ]
    return tuple(dict.fromkeys(stints))


def _next_shift(way: tuple[Place, ...], at_us: int) -> ShiftTime | None:
    """The shift of the first station of the way that begins next; None if it always works, or never in two weeks."""
    if not way or way[0].hours.calendar is None:
        return None
    hours = way[0].hours
    for ahead in range(1, AHEAD_H):
        found = shift_at(hours.calendar, hours.zone, at_us + ahead * HOUR_US)
        if found.now and found.start_us > at_us:
            return found
    return None
