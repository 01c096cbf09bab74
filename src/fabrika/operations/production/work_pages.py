"""What an operator sees: the stations at which somebody works, and one of them: my order, my machine, what is to be done next."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from fabrika.operations.production.crew import Report, before, safety_at
from fabrika.operations.production.lots import made_of
from fabrika.operations.production.outline import Place, outline
from fabrika.operations.production.pages import StopRow, lot_of, stop_rows
from fabrika.operations.production.presence import last_of, present
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.stops import Pool, Stop, asked_stops, pools, short_us, stops_of
from fabrika.operations.production.times import STOPPED, Now, now, spans
from fabrika.operations.production.units import told_units, units
from fabrika.page import Asked, Page, States
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Use
from fabrika.plant.reasons import reasons_at, stop_name
from fabrika.plant.shifts import ShiftTime, shift_at
from fabrika.wording import Worded

WIDE_SHARE, WIDE_UNITS = 0.02, 20
"""Counts of persons and machines that differ by more than this share, and by more than so many units, disagree."""
SHOWN = 12
"""Reports of the shift that are listed, the newest."""

Step = Literal["safety", "say_why", "runs_again", "reasons", "report"]


class Worker(Struct, frozen=True, kw_only=True):
    """Who works at a station, and since when."""

    person: str
    since_us: int


class WorkRow(Struct, frozen=True, kw_only=True):
    """A station in the list.

    Attributes:
        good: good units since the shift began; None if unknown.
        asked: stops of the shift that want a reason.
        persons: who has signed on.
    """

    id: str
    name: str
    line: str
    state: str
    since_us: int | None
    silent: bool
    good: int | None
    asked: int
    persons: tuple[str, ...]
    path: str


class Works(Struct, frozen=True, kw_only=True):
    """All stations at which somebody can work, in the order of the plant file."""

    position: int
    at_us: int
    stations: tuple[WorkRow, ...]


class Choice(Struct, frozen=True, kw_only=True):
    """A reason that can be chosen."""

    id: str
    name: str


class Group(Struct, frozen=True, kw_only=True):
    """Reasons that stand together; ``name`` is empty where they stand alone."""

    name: str
    choices: tuple[Choice, ...]


class ReportRow(Struct, frozen=True, kw_only=True):
    """What a person reported."""

    from_us: int
    to_us: int
    good: int
    scrapped: int
    reason: str | None
    lot: str | None
    person: str
    key: str


class Compared(Struct, frozen=True, kw_only=True):
    """What persons and a machine counted of the same time, good and scrapped together.

    Attributes:
        wide: whether they are farther apart than they may be.
    """

    from_us: int
    to_us: int
    people: int
    machine: int
    wide: bool


class Work(Struct, frozen=True, kw_only=True):
    """A station as whoever works there sees it.

    Attributes:
        machine: whether a machine tells of it.
        mode: why it stands: as somebody said, else as the machine tells; None if nobody said.
        safety_by: who stopped it for somebody's safety; None if it is not.
        quantity, made: pieces of the order that are wanted and made.
        good, scrapped: units since the shift began: the machine's count, or persons' where it has no counter.
        reported_good, reported_scrapped: what persons counted since then; None if nobody did.
        unreported: good units that the machine counted since the last report; None if unknown.
        compared: both counts of the time of which both tell.
        asked_stops: stops of the shift that want a reason, the newest first.
        step: what is to be done next, whoever looks.
        signed_on: whether who asks has signed on here.
        taken_back: the last report of who asks that they may still take back.
    """

    position: int
    at_us: int
    id: str
    name: str
    line: str
    line_name: str
    state: str
    since_us: int | None
    silent: bool
    machine: bool
    mode: str | None
    safety_by: str | None
    shift: str | None
    shift_from_us: int
    order: str | None
    product: str | None
    quantity: int | None
    made: int | None
    lot: str | None
    lots: tuple[str, ...]
    good: int | None
    scrapped: int | None
    reported_good: int | None
    reported_scrapped: int | None
    unreported: int | None
    compared: Compared | None
    workers: tuple[Worker, ...]
    reports: tuple[ReportRow, ...]
    asked_stops: tuple[StopRow, ...]
    pools: tuple[Pool, ...]
    stop_reasons: tuple[Group, ...]
    scrap_reasons: tuple[Group, ...]
    step: Step
    signed_on: bool
    taken_back: ReportRow | None


def works(states: States, asked: Asked) -> Works:
    """Build the list of stations."""
    state: ProductionState = states["production"]
    found = []
    for place in outline(asked.plant).places.values():
        if KINDS[place.station.kind].primitive == "transport":
            continue
        known = state.stations.get(place.path) or StationState()
        shift = shift_at(place.hours.calendar, place.hours.zone, asked.at_us)
        doing = now(known, place.hours, asked.at_us)
        stops = asked_stops(known, place.hours, shift.start_us, asked.at_us, short_us(asked.plant))
        found.append(
            WorkRow(
                id=place.path,
                name=place.station.name or place.station.id,
                line=place.line.name or place.line.id,
                state=doing.state,
                since_us=doing.since_us,
                silent=doing.silent,
                good=units(known, shift.start_us, asked.at_us).good,
                asked=len(stops),
                persons=tuple(stint.person for stint in present(known, place, asked.at_us)),
                path=f"/work/{place.path}",
            )
        )
    return Works(position=asked.position, at_us=asked.at_us, stations=tuple(found))


def work(states: States, asked: Asked) -> Work:
    """Build the page of a station for whoever works there."""
    state: ProductionState = states["production"]
    plan, at_us = outline(asked.plant), asked.at_us
    place = plan.place(asked.names.get("station", ""))
    known = state.stations.get(place.path) or StationState()
    shift = shift_at(place.hours.calendar, place.hours.zone, at_us)
    doing = now(known, place.hours, at_us)
    stops = stops_of(known, place.hours, shift.start_us, at_us, short_us(asked.plant))
    lasting = stops[-1] if stops and stops[-1].lasts else None
    safety = safety_at(known.crew, at_us)
    lot, _ = lot_of(state, plan, place.line, at_us)
    made_in = state.lots.get(lot or "")
    order = state.orders.get(made_in.order) if made_in is not None else None
    counted, reported = units(known, shift.start_us, at_us), told_units(known.crew, shift.start_us, at_us)
    mode = _why(lasting) or doing.mode
    workers = present(known, place, at_us)
    strip = spans(known, place.hours, shift.start_us, at_us)
    asked_stops = tuple(
        row for row in stop_rows(known, strip, stops, at_us) if row.asked and row.state in STOPPED and row.to_us
    )
    return Work(
        position=asked.position,
        at_us=at_us,
        id=place.path,
        name=place.station.name or place.station.id,
        line=place.line.id,
        line_name=place.line.name or place.line.id,
        state=doing.state,
        since_us=_since(doing, lasting, shift),
        silent=doing.silent and known.machine,
        machine=known.machine,
        mode=None if mode is None else stop_name(asked.plant, place.path, mode),
        safety_by=safety.person if safety is not None else None,
        shift=shift.name if shift.now else None,
        shift_from_us=shift.start_us,
        order=made_in.order if made_in is not None else None,
        product=made_in.product if made_in is not None else None,
        quantity=order.quantity if order is not None else None,
        made=_made(state, asked, made_in.order) if made_in is not None and order is not None else None,
        lot=lot,
        lots=tuple(state.open_lots(place.line.id)),
        good=counted.good,
        scrapped=counted.scrapped,
        reported_good=reported.good,
        reported_scrapped=reported.scrapped,
        unreported=_unreported(known, shift, at_us),
        compared=compared(known, shift.start_us, at_us),
        workers=tuple(Worker(person=stint.person, since_us=stint.from_us) for stint in workers),
        reports=_reports(known, shift, at_us),
        asked_stops=asked_stops,
        pools=pools(stops),
        stop_reasons=_stop_reasons(asked, place),
        scrap_reasons=_groups(asked, place, "scrap"),
        step=_step(
            known,
            doing.state,
            lasting,
            short=lasting is not None and at_us - lasting.from_us < short_us(asked.plant),
            safety=safety is not None,
            asked=bool(asked_stops),
        ),
        signed_on=asked.person in {stint.person for stint in workers},
        taken_back=_last(known, asked),
    )


def compared(known: StationState, from_us: int, to_us: int) -> Compared | None:
    """Both counts of the time of which persons and the machine tell within an interval; None if there is no such time."""
    if not known.counts or not known.crew.counts:
        return None
    heard_us = min(to_us, known.counts[-1].to_us)
    both = [found for found in known.crew.counts if found.from_us >= from_us and found.to_us <= heard_us]
    if not both:
        return None
    begin_us, end_us = both[0].from_us, both[-1].to_us
    machine = told_units(known, begin_us, end_us)
    if machine.good is None or machine.scrapped is None or 10 * machine.known_us < 9 * (end_us - begin_us):
        return None  # what the machine did not tell cannot disagree
    people, counted = sum(found.entered for found in both), machine.good + machine.scrapped
    apart = abs(people - counted)
    wide = apart > WIDE_UNITS and apart > WIDE_SHARE * max(people, counted)
    return Compared(from_us=begin_us, to_us=end_us, people=people, machine=counted, wide=wide)


def _why(stop: Stop | None) -> str | None:
    if stop is None:
        return None
    return stop.coding.mode if stop.coding is not None else stop.mode


def _since(doing: Now, lasting: Stop | None, shift: ShiftTime) -> int | None:
    """Since when the station does what it does; of a stop that began in this shift all its states are one."""
    if lasting is None or doing.since_us is None or doing.state not in STOPPED or lasting.from_us == shift.start_us:
        return doing.since_us
    return min(lasting.from_us, doing.since_us)


def _step(known: StationState, state: str, lasting: Stop | None, *, short: bool, safety: bool, asked: bool) -> Step:
    """What is to be done next: what keeps people safe, then what stands, then what was left open."""
    if safety:
        return "safety"
    if state in STOPPED and not known.machine:
        return "runs_again"
    if state in STOPPED and _why(lasting) is None and not short:
        return "say_why"
    return "reasons" if asked else "report"


def _made(state: ProductionState, asked: Asked, name: str) -> int:
    opened = [lot for lot in state.lots.values() if lot.order == name and lot.closed_us is None]
    return made_of(asked.plant, state.orders[name], opened)


def _unreported(known: StationState, shift: ShiftTime, at_us: int) -> int | None:
    """Good units by the machine since the last report of the shift."""
    if not known.machine:
        return None
    last = before(known.crew, at_us)
    from_us = max(shift.start_us, last.to_us if last is not None else shift.start_us)
    return told_units(known, from_us, at_us).good


def _reports(known: StationState, shift: ShiftTime, at_us: int) -> tuple[ReportRow, ...]:
    found = [report for report in known.crew.counts if shift.start_us < report.to_us <= at_us]
    return tuple(_row(report) for report in reversed(found[-SHOWN:]))


def _row(report: Report) -> ReportRow:
    return ReportRow(
        from_us=report.from_us,
        to_us=report.to_us,
        good=report.good,
        scrapped=report.scrapped,
        reason=report.reason,
        lot=report.lot,
        person=report.person,
        key=report.key,
    )


def _last(known: StationState, asked: Asked) -> ReportRow | None:
    found = last_of(known.crew, asked.person, asked.at_us)
    return None if found is None else _row(found)


def _stop_reasons(asked: Asked, place: Place) -> tuple[Group, ...]:
    """The station's own ways of stopping first, then the plant's reasons, group by group."""
    plan, told = outline(asked.plant), _groups(asked, place, "stop")
    others = {choice.id for group in told for choice in group.choices}
    own = tuple(
        Choice(id=mode, name=stop_name(asked.plant, place.path, mode))
        for mode in plan.modes(place.path)
        if mode not in others
    )
    return (Group(name="", choices=own), *told) if own else told


def _groups(asked: Asked, place: Place, use: Use) -> tuple[Group, ...]:
    return tuple(
        Group(name=name, choices=tuple(Choice(id=held.id, name=held.name or held.id) for held in group))
        for name, group in reasons_at(asked.plant, use, place.path)
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="production.works",
        path="/work",
        title=Worded("Work"),
        act="see_plant",
        at_tablets=True,
        build=works,
        kept=True,
    ),
)
