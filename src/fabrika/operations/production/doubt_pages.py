"""Reports that somebody should look at: each with what is odd about it, and the two ways out: it is withdrawn, or it is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.errors import NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Text
from fabrika.events.house import ReportSettled
from fabrika.operations.production.doubts import Doubt, settled_as
from fabrika.operations.production.outline import outline
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Command, Notice, Page, States
from fabrika.wording import Worded

DOUBTS = "/attention/doubts"
HOUR_US = 3_600_000_000


class ConfirmReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report that is right as it stands, by its identity ``source/epoch/sequence``, and how that is known."""

    target: Annotated[str, Meta(pattern=r"\A.+/[0-9a-f]{16}/[0-9]{1,16}\Z", max_length=140)]
    reason: Text


class DoubtRow(Struct, frozen=True, kw_only=True):
    """A report that somebody should look at; see :class:`fabrika.operations.production.doubts.Doubt`.

    Attributes:
        name: the station's.
        key: the report's identity.
        path: its entry.
    """

    kind: str
    station: str
    name: str
    person: str
    said_at_us: int
    to_us: int
    good: int
    scrapped: int
    lot: str | None
    other: str | None
    key: str
    sentence: str
    path: str


class Doubts(Struct, frozen=True, kw_only=True):
    """All of them, the oldest first."""

    position: int
    at_us: int
    doubts: tuple[DoubtRow, ...]


def doubts(states: States, asked: Asked) -> Doubts:
    """Build the page."""
    state: ProductionState = states["production"]
    rows = tuple(
        DoubtRow(
            kind=found.kind,
            station=found.station,
            name=_name(asked, found.station),
            person=found.person,
            said_at_us=found.at_us,
            to_us=found.to_us,
            good=found.good,
            scrapped=found.scrapped,
            lot=found.lot,
            other=found.other,
            key=key,
            sentence=_sentence(asked, found),
            path=f"/journal/{found.position}",
        )
        for key, found in _known(state, asked)
    )
    return Doubts(position=asked.position, at_us=asked.at_us, doubts=rows)


def notices(states: States, asked: Asked) -> Iterator[Notice]:
    """What of it needs a person."""
    for _, found in _known(states["production"], asked):
        yield Notice(
            priority="low" if found.kind == "late" else "medium",
            kind=f"{found.kind}_report",
            subject=found.station,
            path=DOUBTS,
            since_us=found.at_us,
            sentence=_sentence(asked, found),
            remedy=Worded(
                "Somebody who may correct asks {person}, and withdraws the report or says that it is right.",
                person=found.person,
            ),
        )


def confirm(states: States, asked: Asked, form: ConfirmReport) -> Sequence[Event]:
    """A report that looked wrong is right, as somebody says who asked."""
    state: ProductionState = states["production"]
    found = state.doubts.get(form.target)
    if found is None:
        raise NotFoundError(
            Worded("Nothing is doubted about the report {key}.", key=form.target),
            Worded("Somebody may have withdrawn or confirmed it already."),
        )
    place = outline(asked.plant).places.get(found.station)
    asked.require("correct", place.area if place is not None else None)
    return [ReportSettled(report=settled_as(found), person=asked.actor, reason=form.reason)]


def _known(state: ProductionState, asked: Asked) -> list[tuple[str, Doubt]]:
    told = [(key, found) for key, found in state.doubts.items() if found.at_us <= asked.at_us]
    return sorted(told, key=lambda pair: (pair[1].at_us, pair[0]))


def _name(asked: Asked, station: str) -> str:
    place = outline(asked.plant).places.get(station)
    return station if place is None else place.station.name or station


def _sentence(asked: Asked, found: Doubt) -> Worded:
    name, units = _name(asked, found.station), found.good + found.scrapped
    if found.kind == "double":
        return Worded("{station}: {n} units were perhaps reported twice.", station=name, n=units)
    if found.kind == "wrong_lot":
        return Worded(
            "{station}: {n} units were reported for the lot {lot}, which was not at the station.",
            station=name,
            n=units,
            lot=found.lot or "",
        )
    return Worded(
        "{station}: {n} units were entered {hours} h after they were counted.",
        station=name,
        n=units,
        hours=round((found.at_us - found.to_us) / HOUR_US),
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="production.doubts",
        path=DOUBTS,
        title=Worded("Reports in doubt"),
        act="see_plant",
        build=doubts,
        commands=("production.correct", "production.confirm_report"),
    ),
)

COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.confirm_report",
        title=Worded("The report is right"),
        act="correct",
        form=ConfirmReport,
        decide=confirm,
    ),
)
