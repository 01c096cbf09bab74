"""Handing a line over from one shift to the next: what is open, what was noted, and both who sign it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.production import HandoverPrepared, ShiftHandedOver
from fabrika.operations.production.handed import Handover
from fabrika.operations.production.lots import good_of
from fabrika.operations.production.outline import Outline, outline
from fabrika.operations.production.pages import lot_of, made
from fabrika.operations.production.presence import present
from fabrika.operations.production.start_pages import HoldRow, held
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.stops import asked_stops, coding_of, short_us
from fabrika.operations.production.times import SAFETY, STOPPED, UNKNOWN, now
from fabrika.page import Asked, Command, Page, States
from fabrika.plant.calendar import EPOCH, MICROSECOND
from fabrika.plant.model import Line
from fabrika.plant.shifts import ShiftTime, shift_at
from fabrika.wording import Worded

OPEN = STOPPED | {SAFETY, "planned", UNKNOWN}
"""States of a station that the next shift must know of."""
NOTED = 50
"""Containers that may be named in one handover."""


class PrepareHandover(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The line that is left, the containers in hand, and what else the next shift must know."""

    line: Id
    containers: tuple[Id, ...] = ()
    remark: Text | None = None


class TakeOver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The handover that is taken over."""

    handover: Id
    remark: Text | None = None


class StopOpen(Struct, frozen=True, kw_only=True):
    """A station that stands, or of which nothing is known.

    Attributes:
        coded_by: who said why; None if nobody has.
    """

    station: str
    name: str
    state: str
    mode: str | None
    since_us: int | None
    coded_by: str | None
    path: str


class LotOpen(Struct, frozen=True, kw_only=True):
    """A lot that is being made."""

    lot: str
    product: str
    good: int | None
    path: str


class AtWork(Struct, frozen=True, kw_only=True):
    """Who signed on last at a station."""

    station: str
    name: str
    person: str


class HandoverRow(Struct, frozen=True, kw_only=True):
    """A handover; see :class:`fabrika.operations.production.handed.Handover`."""

    handover: str
    shift: str
    person: str
    prepared_us: int | None
    stops: tuple[str, ...]
    holds: tuple[str, ...]
    containers: tuple[str, ...]
    remark: str | None
    next_person: str | None
    taken_us: int | None
    answer: str | None
    key: str


class HandoverView(Struct, frozen=True, kw_only=True):
    """What the next shift of a line must know.

    Attributes:
        shift_from_us: begin of the shift that is, or of the last one.
        good, wanted: pieces of the shift so far, and what the contract wants by now; None if not known.
        uncoded: stops of this shift of which nobody said why.
        waiting: what was written down last and nobody has taken over yet.
        past: handovers that are over, the newest first.
    """

    position: int
    at_us: int
    line: str
    name: str
    shift: str | None
    shift_from_us: int
    product: str | None
    good: int | None
    wanted: int | None
    stops: tuple[StopOpen, ...]
    held: tuple[HoldRow, ...]
    uncoded: int
    lots: tuple[LotOpen, ...]
    at_work: tuple[AtWork, ...]
    waiting: HandoverRow | None
    past: tuple[HandoverRow, ...]


def handover(states: States, asked: Asked) -> HandoverView:
    """Build the page of a line's handover."""
    state: ProductionState = states["production"]
    plan, at_us = outline(asked.plant), asked.at_us
    line = plan.line(asked.names.get("line", ""))
    shift = _shift(plan, line, at_us)
    good, _ = made(state, plan, line, shift.start_us, at_us)
    wanted = plan.plan(line, shift.start_us, at_us)
    rows = [_row(name, found) for name, found in reversed(state.handovers.items()) if found.line == line.id]
    waiting = waiting_of(state, line.id)
    return HandoverView(
        position=asked.position,
        at_us=at_us,
        line=line.id,
        name=line.name or line.id,
        shift=shift.name if shift.now else None,
        shift_from_us=shift.start_us,
        product=lot_of(state, plan, line, at_us)[1],
        good=good,
        wanted=None if wanted is None else round(wanted),
        stops=stops_of(state, plan, line, at_us),
        held=held(state, plan, asked, line),
        uncoded=_uncoded(state, plan, line, shift.start_us, at_us),
        lots=_lots(state, asked, line),
        at_work=_at_work(state, plan, line, at_us),
        waiting=next((row for row in rows if row.handover == waiting), None),
        past=tuple(row for row in rows if row.handover != waiting),
    )


def waiting_of(state: ProductionState, line: str) -> str | None:
    """The handover of a line that was written down last, if nobody has taken it over; a later change of shifts ends it."""
    last = next((name for name in reversed(state.handovers) if state.handovers[name].line == line), None)
    return last if last is not None and state.handovers[last].taken_us is None else None


def stops_of(state: ProductionState, plan: Outline, line: Line, at_us: int) -> tuple[StopOpen, ...]:
    """The stations of a line that stand, or of which nothing is known, in the order of the line."""
    found = []
    for station in line.stations:
        place = plan.places[f"{line.id}.{station.id}"]
        known = state.stations.get(place.path)
        told = now(known, place.hours, at_us)
        if known is None or told.state not in OPEN or told.since_us is None:
            continue
        coding = coding_of(known, told.since_us, at_us)
        found.append(
            StopOpen(
                station=place.path,
                name=station.name or station.id,
                state=told.state,
                mode=coding.mode if coding else told.mode,
                since_us=told.since_us,
                coded_by=coding.person if coding else None,
                path=f"/stations/{place.path}",
            )
        )
    return tuple(found)


def prepare_handover(states: States, asked: Asked, form: PrepareHandover) -> Sequence[Event]:
    """Who leaves writes down what is open; the page gathers stops and holds, the person names containers and the rest."""
    state: ProductionState = states["production"]
    plan = outline(asked.plant)
    line = plan.line(form.line)
    asked.require("report_production", line.area)
    if len(form.containers) > NOTED or len(set(form.containers)) < len(form.containers):
        raise ActRefusedError(
            Worded("A container is named twice, or more than {n} are.", n=NOTED),
            Worded("Name each container in hand once."),
        )
    shift = _shift(plan, line, asked.at_us)
    begun = (EPOCH + shift.start_us * MICROSECOND).astimezone(asked.plant.zone)
    return [
        HandoverPrepared(
            handover=f"{line.id}-handover-{state.handed.get(line.id, 0) + 1}",
            line=line.id,
            shift=begun.strftime("%Y-%m-%dT%H:%M"),
            stops=tuple(stop.station for stop in stops_of(state, plan, line, asked.at_us)),
            holds=tuple(row.station for row in held(state, plan, asked, line)),
            containers=form.containers,
            remark=form.remark,
            person=asked.actor,
        )
    ]


def take_over(states: States, asked: Asked, form: TakeOver) -> Sequence[Event]:
    """The next person signs what was written down by another."""
    state: ProductionState = states["production"]
    found = state.handovers.get(form.handover)
    if found is None:
        raise NotFoundError(Worded("There is no handover {handover} among those of late.", handover=form.handover))
    line = outline(asked.plant).line(found.line)
    asked.require("report_production", line.area)
    if found.taken_us is not None:
        raise ActRefusedError(
            Worded("{person} has taken this over already.", person=found.next_person),
            Worded("Have a new handover written down when the shift changes again."),
        )
    if form.handover != waiting_of(state, found.line):
        raise ActRefusedError(
            Worded("Another handover of this line was written down later."),
            Worded("Open the line's handover again and take over the newest."),
        )
    if found.person == asked.actor:
        raise ActRefusedError(
            Worded("Who hands over does not take over."),
            Worded("The person who works next signs in and takes over."),
        )
    return [
        ShiftHandedOver(
            line=found.line,
            shift=found.shift,
            person=found.person,
            next_person=asked.actor,
            handover=form.handover,
            remark=form.remark,
        )
    ]


def _shift(plan: Outline, line: Line, at_us: int) -> ShiftTime:
    hours = plan.counting(line).hours
    return shift_at(hours.calendar, hours.zone, at_us)


def _uncoded(state: ProductionState, plan: Outline, line: Line, from_us: int, at_us: int) -> int:
    number = 0
    for station in line.stations:
        place = plan.places[f"{line.id}.{station.id}"]
        known = state.stations.get(place.path) or StationState()
        number += len(asked_stops(known, place.hours, from_us, at_us, short_us(plan.plant)))
    return number


def _lots(state: ProductionState, asked: Asked, line: Line) -> tuple[LotOpen, ...]:
    return tuple(
        LotOpen(
            lot=name,
            product=state.lots[name].product,
            good=good_of(asked.plant, state.lots[name]),
            path=f"/lots/{name}",
        )
        for name in state.open_lots(line.id)
    )


def _at_work(state: ProductionState, plan: Outline, line: Line, at_us: int) -> tuple[AtWork, ...]:
    places = [plan.places[f"{line.id}.{station.id}"] for station in line.stations]
    return tuple(
        AtWork(station=place.path, name=place.station.name or place.station.id, person=stint.person)
        for place in places
        if place.path in state.stations
        for stint in present(state.stations[place.path], place, at_us)
    )


def _row(name: str, found: Handover) -> HandoverRow:
    return HandoverRow(
        handover=name,
        shift=found.shift,
        person=found.person,
        prepared_us=found.prepared_us,
        stops=tuple(found.stops),
        holds=tuple(found.holds),
        containers=tuple(found.containers),
        remark=found.remark,
        next_person=found.next_person,
        taken_us=found.taken_us,
        answer=found.answer,
        key=found.key,
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="production.handover",
        path="/handover/{line}",
        title=Worded("Handover"),
        act="see_plant",
        build=handover,
        kept=True,
        commands=("production.prepare_handover", "production.take_over"),
    ),
)

COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.prepare_handover",
        title=Worded("Hand over"),
        act="report_production",
        form=PrepareHandover,
        decide=prepare_handover,
        queues=True,
    ),
    Command(
        name="production.take_over",
        title=Worded("Take over"),
        act="report_production",
        form=TakeOver,
        decide=take_over,
        queues=True,
    ),
)
