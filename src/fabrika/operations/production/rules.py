"""What a person may report and withdraw in production, and what others may rely on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Instant, Text
from fabrika.events.house import Corrected
from fabrika.events.production import StopCoded
from fabrika.journal.entries import fact_of
from fabrika.operations.production.outline import outline
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.times import SILENT_US, STOPPED, Span, now, spans
from fabrika.page import Asked, BookLook, Command, States
from fabrika.plant.model import Plant
from fabrika.standing import Standing
from fabrika.wording import Worded

LONGEST_US = 7 * 24 * 3_600_000_000
"""A stop that is coded is no longer than a week."""
CODABLE = STOPPED | {"planned", "unknown", "starved", "setup"}


class CodeStop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a station stood from one instant to another, microseconds since 1970 UTC."""

    station: Id
    from_us: Instant
    to_us: Instant
    mode: Id
    remark: Text | None = None


class Correct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fact that is withdrawn, by its identity ``source/epoch/sequence``, and why."""

    target: Annotated[str, Meta(pattern=r"\A.+/[0-9a-f]{16}/[0-9]{1,16}\Z", max_length=140)]
    reason: Text


def code_stop(states: States, asked: Asked, form: CodeStop) -> Sequence[Event]:
    """A stop that a station had is coded as one of its modes or reasons, once."""
    known = check_codable(states, asked, form)
    for coding in known.codings:
        if coding.from_us < form.to_us and coding.to_us > form.from_us:
            raise ActRefusedError(
                Worded("{person} coded this stop already as {mode}.", person=coding.person, mode=coding.mode),
                Worded("Have that withdrawn first by somebody who may correct."),
            )
    return [
        StopCoded(
            station=form.station,
            from_us=form.from_us,
            to_us=form.to_us,
            mode=form.mode,
            person=asked.actor,
            remark=form.remark,
        )
    ]


def check_codable(states: States, asked: Asked, form: CodeStop) -> StationState:
    """The station whose stop is coded: it stood then, and the reason is one of its own.

    Raises:
        NotFoundError: there is no such station.
        ActRefusedError: this cannot be coded so, or not by this person.
    """
    place = outline(asked.plant).place(form.station)
    asked.require("report_production", place.area)
    state: ProductionState = states["production"]
    known = state.stations.get(form.station) or StationState()
    outline(asked.plant).check_mode(form.station, form.mode)
    if not form.from_us < form.to_us <= max(asked.at_us, state.latest_us) or form.to_us - form.from_us > LONGEST_US:
        raise ActRefusedError(
            Worded("A stop ends after it begins, not in the future, and lasts a week at most."),
            Worded("Correct its begin and end."),
        )
    _check_stood(known, spans(known, place.hours, form.from_us, form.to_us), form)
    return known


def correct(states: States, asked: Asked, form: Correct) -> Sequence[Event]:
    """A fact of production is withdrawn; the book keeps it, and it counts no longer."""
    book: BookLook = states["book"]
    position = book.find(form.target)
    if position is None:
        raise NotFoundError(Worded("The book has no entry {key}.", key=form.target))
    fact = fact_of(position, book.entry(position))
    if not fact.message.type.startswith("production."):
        raise ActRefusedError(
            Worded("The entry {key} is not of production.", key=form.target),
            Worded("Withdraw it where it was entered."),
        )
    station = getattr(fact.event, "station", None)
    places = outline(asked.plant).places
    asked.require("correct", places[station].area if station in places else None)
    return [Corrected(target=fact.key, reason=form.reason, person=asked.actor)]


def standing(state: ProductionState, plant: Plant, station: str, at_us: int) -> Standing:
    """Whether what is known of a station at an instant may be relied on: it is heard of, or off shift as it said.

    Args:
        state: what production knows.
        plant: the edition in force.
        station: ``line.station``.
        at_us: the instant.

    Raises:
        NotFoundError: the plant has no such station.
    """
    place = outline(plant).place(station)
    known = state.stations.get(station)
    found = now(known, place.hours, at_us)
    subject, name = f"production:{station}", place.station.name or station
    if known is None or found.silent:
        reason = Worded("{station} is silent; whoever looks after the machine checks its connection.", station=name)
        return Standing(subject=subject, fit=False, reason=reason)
    until_us = None if found.state == "off_shift" else known.heard_us + SILENT_US
    return Standing(subject=subject, fit=True, until_us=until_us, reason=Worded("{station} is heard of.", station=name))


def _check_stood(known: StationState, strip: Sequence[Span], form: CodeStop) -> None:
    stood_us = sum(span.to_us - span.from_us for span in strip if span.state in CODABLE)
    if known.changes and stood_us * 2 < form.to_us - form.from_us:
        raise ActRefusedError(
            Worded("The station {station} did not stand in most of that time.", station=form.station),
            Worded("Choose one of its stops, with its begin and end."),
        )


COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.code_stop",
        title=Worded("Code the stop"),
        act="report_production",
        form=CodeStop,
        decide=code_stop,
        queues=True,
    ),
    Command(name="production.correct", title=Worded("Withdraw"), act="correct", form=Correct, decide=correct),
)
