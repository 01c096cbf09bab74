"""Lines and stations as they are, or were at another instant."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.operations.production.holds import hold_at, wholly
from fabrika.operations.production.outline import Outline, Place, outline
from fabrika.operations.production.presence import present
from fabrika.operations.production.start_pages import HoldRow, held, hold_row
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.stops import Pool, Stop, codings_of, pools, short_us, stops_of, wants_reason
from fabrika.operations.production.sums import HOUR_US
from fabrika.operations.production.times import SAFETY, STOPPED, UNKNOWN, Span, now, spans
from fabrika.operations.production.units import Units, state_times, told_units, units
from fabrika.page import Asked, Page, States
from fabrika.plant.model import Line
from fabrika.plant.shifts import ShiftTime, day_us, shift_at
from fabrika.wording import Worded

DAY_US = 24 * HOUR_US


class Tile(Struct, frozen=True, kw_only=True):
    """A station at a glance.

    Attributes:
        id: ``line.station``.
        since_us: since when it is in its state; None if nothing was ever heard.
        good: good units since the shift began; None if unknown.
        silent: whether it ought to have told something by now.
        calls: whether it wants a person.
    """

    id: str
    name: str
    kind: str
    state: str
    since_us: int | None
    mode: str | None
    good: int | None
    silent: bool
    calls: bool
    path: str


class Hour(Struct, frozen=True, kw_only=True):
    """An hour of a line.

    Attributes:
        good: good pieces; None if unknown.
        plan: what the contract wants; None without a contract for this line.
        coverage: share of the hour so far of which there is a count, 0 to 1.
    """

    from_us: int
    to_us: int
    good: int | None
    plan: float | None
    coverage: float


class ShiftHour(Struct, frozen=True, kw_only=True):
    """An hour of a line's shift.

    Attributes:
        good, plan: as of an :class:`Hour`.
        good_so_far, plan_so_far: from the begin of the shift to the end of this hour, or to now.
        stood_us: how long the station that counts for the line stood in it.
        why: the cause that took the most of that; None if there is none, or nobody said.
    """

    from_us: int
    to_us: int
    good: int | None
    plan: float | None
    good_so_far: int | None
    plan_so_far: float | None
    coverage: float
    stood_us: int
    why: str | None


class LineView(Struct, frozen=True, kw_only=True):
    """A line: its lot, its shift and its day.

    Attributes:
        good, scrapped: pieces since the shift began, as its last station counted them, and what all its stations scrapped.
        coverage: share of the shift so far of which there is a count, 0 to 1.
        hours: the hours of the plant's day so far.
        shift_hours: the hours of the shift so far.
        counting: the station whose good units are the line's.
        held: stations that are held.
    """

    position: int
    at_us: int
    id: str
    name: str
    product: str | None
    lot: str | None
    shift: str | None
    shift_from_us: int
    good: int | None
    scrapped: int | None
    coverage: float
    hours: tuple[Hour, ...]
    shift_hours: tuple[ShiftHour, ...]
    counting: str
    stations: tuple[Tile, ...]
    held: tuple[HoldRow, ...] = ()


class LineRow(Struct, frozen=True, kw_only=True):
    """A line in the list of lines."""

    id: str
    name: str
    product: str | None
    lot: str | None
    good: int | None
    stations: tuple[Tile, ...]
    path: str


class Lines(Struct, frozen=True, kw_only=True):
    """All lines."""

    position: int
    at_us: int
    lines: tuple[LineRow, ...]


class CountRow(Struct, frozen=True, kw_only=True):
    """What was counted in an interval."""

    from_us: int
    to_us: int
    entered: int
    good: int
    scrapped: int
    lot: str | None
    key: str


class Edit(Struct, frozen=True, kw_only=True):
    """A reason that somebody gave, and that another has replaced."""

    mode: str
    person: str
    at_us: int


class StopRow(Struct, frozen=True, kw_only=True):
    """A time in which a station stood.

    Attributes:
        to_us: None while it lasts.
        mode: why: as a person coded it, else as the machine told it; None if nobody said.
        coded_by: who coded it, or ended a stop for safety.
        coded_us: when.
        asked: whether somebody is to say why.
        edits: what had been said of it before, the newest first.
        key: identity of what can be withdrawn: the coding if there is one, else the change of state.
    """

    from_us: int
    to_us: int | None
    state: str
    mode: str | None
    coded_by: str | None
    remark: str | None
    key: str | None
    coded_us: int | None = None
    asked: bool = False
    edits: tuple[Edit, ...] = ()


class OddityRow(Struct, frozen=True, kw_only=True):
    """Counts to look at.

    Attributes:
        kind: ``doubled`` (time that was counted before; it does not count) or ``missed`` (the machine's counter has more).
    """

    kind: str
    from_us: int
    to_us: int
    units: int
    key: str


class StationView(Struct, frozen=True, kw_only=True):
    """A station: its state, the last 24 hours and its shift.

    Attributes:
        strip: the last 24 hours, oldest first.
        counts: the shift's, newest first.
        shift_times: microseconds in each state since the shift began; they add up to the time since then.
        operators: who has signed on in the shift, and not off again.
        stops: of the last 24 hours, newest first.
        pools: the shift's short stops by their cause.
        reported_shift: good units that persons reported since the shift began; None if none did.
        modes: what a stop can be coded as.
        good_shift, entered_shift, scrapped_shift: units since the shift began; None if unknown.
        coverage: share of the shift so far of which there is a count, 0 to 1.
    """

    position: int
    at_us: int
    id: str
    name: str
    kind: str
    line: str
    state: str
    since_us: int | None
    mode: str | None
    silent: bool
    heard_us: int | None
    lot: str | None
    operators: tuple[str, ...]
    shift: str | None
    shift_from_us: int
    strip: tuple[Span, ...]
    counts: tuple[CountRow, ...]
    shift_times: dict[str, int]
    stops: tuple[StopRow, ...]
    modes: tuple[str, ...]
    entered_shift: int | None
    good_shift: int | None
    scrapped_shift: int | None
    coverage: float
    oddities: tuple[OddityRow, ...]
    pools: tuple[Pool, ...]
    reported_shift: int | None
    hold: HoldRow | None = None


def tile(state: ProductionState, place: Place, at_us: int) -> Tile:
    """A station at a glance."""
    known = state.stations.get(place.path)
    found = now(known, place.hours, at_us)
    shift = shift_at(place.hours.calendar, place.hours.zone, at_us)
    return Tile(
        id=place.path,
        name=place.station.name or place.station.id,
        kind=place.station.kind,
        state=found.state,
        since_us=found.since_us,
        mode=found.mode,
        good=units(known, shift.start_us, at_us).good,
        silent=found.silent,
        # What has told nothing yet is not connected, and nobody is called for it.
        calls=found.since_us is not None and (found.silent or found.state in STOPPED or found.state == SAFETY),
        path=f"/stations/{place.path}",
    )


def tiles(state: ProductionState, plan: Outline, line: Line, at_us: int) -> tuple[Tile, ...]:
    """All stations of a line."""
    return tuple(tile(state, plan.places[f"{line.id}.{station.id}"], at_us) for station in line.stations)


def made(state: ProductionState, plan: Outline, line: Line, from_us: int, to_us: int) -> tuple[int | None, float]:
    """Good pieces out of a line in an interval, None if unknown; and the share of the interval that is known."""
    found = units(state.stations.get(plan.counting(line).path), from_us, to_us)
    coverage = min(1.0, found.known_us / (to_us - from_us)) if to_us > from_us else 0.0
    return None if found.good is None else round(found.good * plan.pieces[line.id]), coverage


def lot_of(state: ProductionState, plan: Outline, line: Line, at_us: int) -> tuple[str | None, str | None]:
    """The lot that a line makes, and its product."""
    told = now(state.stations.get(plan.counting(line).path), plan.counting(line).hours, at_us).lot
    opened = [name for name in state.open_lots(line.id) if state.lots[name].opened_us <= at_us]
    lot = told or (opened[-1] if opened else None)
    known = state.lots.get(lot or "")
    return lot, known.product if known is not None else None


def lines(states: States, asked: Asked) -> Lines:
    """Build the list of lines."""
    state, plan, at_us = states["production"], outline(asked.plant), asked.at_us
    found = []
    for line in asked.plant.lines:
        lot, product = lot_of(state, plan, line, at_us)
        good, _ = made(state, plan, line, _shift(plan, line, at_us).start_us, at_us)
        found.append(
            LineRow(
                id=line.id,
                name=line.name or line.id,
                product=product,
                lot=lot,
                good=good,
                stations=tiles(state, plan, line, at_us),
                path=f"/lines/{line.id}",
            )
        )
    return Lines(position=asked.position, at_us=at_us, lines=tuple(found))


def line(states: States, asked: Asked) -> LineView:
    """Build the page of a line."""
    state, plan, at_us = states["production"], outline(asked.plant), asked.at_us
    found = plan.line(asked.names.get("line", ""))
    shift = _shift(plan, found, at_us)
    lot, product = lot_of(state, plan, found, at_us)
    good, coverage = made(state, plan, found, shift.start_us, at_us)
    lost = [
        units(state.stations.get(f"{found.id}.{station.id}"), shift.start_us, at_us).scrapped
        for station in found.stations
    ]
    known = [count for count in lost if count is not None]
    return LineView(
        position=asked.position,
        at_us=at_us,
        id=found.id,
        name=found.name or found.id,
        product=product,
        lot=lot,
        shift=shift.name if shift.now else None,
        shift_from_us=shift.start_us,
        good=good,
        scrapped=sum(known) if known else None,
        coverage=coverage,
        hours=_hours(state, plan, found, at_us),
        shift_hours=shift_hours(state, plan, found, shift, at_us),
        counting=plan.counting(found).path,
        stations=tiles(state, plan, found, at_us),
        held=held(state, plan, asked, found),
    )


def station(states: States, asked: Asked) -> StationView:
    """Build the page of a station."""
    state, at_us = states["production"], asked.at_us
    place = outline(asked.plant).place(asked.names.get("station", ""))
    known = state.stations.get(place.path) or StationState()
    found = now(known, place.hours, at_us)
    shift = shift_at(place.hours.calendar, place.hours.zone, at_us)
    strip = spans(known, place.hours, at_us - DAY_US, at_us)
    stops = stops_of(known, place.hours, at_us - DAY_US, at_us, short_us(asked.plant))
    counted: Units = units(known, shift.start_us, at_us)
    hold = hold_at(known.holds, at_us)
    return StationView(
        position=asked.position,
        at_us=at_us,
        id=place.path,
        name=place.station.name or place.station.id,
        kind=place.station.kind,
        line=place.line.id,
        state=found.state,
        since_us=found.since_us,
        mode=found.mode,
        silent=found.silent,
        heard_us=known.heard_us if known.changes or known.counts else None,
        lot=found.lot,
        operators=tuple(stint.person for stint in present(known, place, at_us)),
        shift=shift.name if shift.now else None,
        shift_from_us=shift.start_us,
        strip=tuple(strip),
        counts=_counts(known, shift, at_us),
        shift_times=state_times(known, place.hours, shift.start_us, at_us),
        stops=stop_rows(known, strip, stops, at_us),
        pools=pools([stop for stop in stops if stop.from_us >= shift.start_us]),
        reported_shift=told_units(known.crew, shift.start_us, at_us).good,
        modes=outline(asked.plant).modes(place.path),
        entered_shift=counted.entered,
        good_shift=counted.good,
        scrapped_shift=counted.scrapped,
        coverage=min(1.0, counted.known_us / (at_us - shift.start_us)) if at_us > shift.start_us else 0.0,
        oddities=_oddities(known, at_us),
        hold=hold_row(state, asked, place, hold) if hold is not None else None,
    )


def _shift(plan: Outline, found: Line, at_us: int) -> ShiftTime:
    hours = plan.counting(found).hours
    return shift_at(hours.calendar, hours.zone, at_us)


def _hours(state: ProductionState, plan: Outline, found: Line, at_us: int) -> tuple[Hour, ...]:
    begin_us, end_us = day_us(plan.plant.zone, at_us - 1)  # at midnight the day that ends
    rows = []
    for from_us in range(begin_us, min(end_us, at_us), HOUR_US):
        until_us = min(from_us + HOUR_US, at_us)
        good, coverage = made(state, plan, found, from_us, until_us)
        wanted = plan.plan(found, from_us, min(from_us + HOUR_US, end_us))
        rows.append(Hour(from_us=from_us, to_us=from_us + HOUR_US, good=good, plan=wanted, coverage=coverage))
    return tuple(rows)


def shift_hours(
    state: ProductionState, plan: Outline, found: Line, shift: ShiftTime, at_us: int
) -> tuple[ShiftHour, ...]:
    """The hours of a line's shift up to now: what was made and wanted in each and since its begin, and what it stood for."""
    place, rows = plan.counting(found), []
    known = state.stations.get(place.path) or StationState()
    end_us = min(shift.end_us, at_us)
    stops = stops_of(known, place.hours, shift.start_us, end_us, 0)
    for from_us in range(shift.start_us, end_us, HOUR_US):
        to_us = min(from_us + HOUR_US, shift.end_us)
        until_us = min(to_us, at_us)
        good, coverage = made(state, plan, found, from_us, until_us)
        lost: dict[str | None, int] = {}
        for stop in stops:
            stood_us = min(stop.to_us, until_us) - max(stop.from_us, from_us)
            if stood_us > 0:
                why = stop.coding.mode if stop.coding is not None else stop.mode
                lost[why] = lost.get(why, 0) + stood_us
        rows.append(
            ShiftHour(
                from_us=from_us,
                to_us=to_us,
                good=good,
                plan=plan.plan(found, from_us, to_us),
                good_so_far=made(state, plan, found, shift.start_us, until_us)[0],
                plan_so_far=plan.plan(found, shift.start_us, until_us),
                coverage=coverage,
                stood_us=sum(lost.values()),
                why=max(lost, key=lambda cause, of=lost: of[cause], default=None),  # type: ignore[misc]
            )
        )
    return tuple(rows)


def _counts(known: StationState, shift: ShiftTime, at_us: int) -> tuple[CountRow, ...]:
    return tuple(
        CountRow(
            from_us=count.from_us,
            to_us=count.to_us,
            entered=count.entered,
            good=count.good,
            scrapped=count.scrapped,
            lot=None if known.holds and wholly(known.holds, count) else count.lot,
            key=count.key,
        )
        for count in reversed(known.counts)
        if count.to_us > shift.start_us and count.from_us < at_us
    )


def stop_rows(known: StationState, strip: Sequence[Span], stops: Sequence[Stop], at_us: int) -> tuple[StopRow, ...]:
    """The states in which a station stood, the newest first, each with what was said of it."""
    rows = []
    for span in reversed(strip):
        if span.state not in STOPPED and span.state not in {"planned", UNKNOWN, SAFETY}:
            continue
        said = codings_of(known, span.from_us, span.to_us)
        coding = said[0] if said else None
        ended = next((stop.ended_by for stop in known.crew.safety if stop.key == span.key), None)
        lasts = span.to_us >= at_us
        rows.append(
            StopRow(
                from_us=span.from_us,
                to_us=None if lasts else span.to_us,
                state=span.state,
                mode=coding.mode if coding else span.mode,
                coded_by=coding.person if coding else ended,
                coded_us=coding.at_us if coding else None,
                remark=coding.remark if coding else None,
                key=coding.key if coding else span.key,
                asked=not lasts and coding is None and span.mode is None and wants_reason(span, stops),
                edits=tuple(Edit(mode=old.mode, person=old.person, at_us=old.at_us) for old in said[1:]),
            )
        )
    return tuple(rows)


def _oddities(known: StationState, at_us: int) -> tuple[OddityRow, ...]:
    rows = [
        OddityRow(kind=kind, from_us=odd.from_us, to_us=odd.to_us, units=odd.units, key=odd.key)
        for kind, found in (("doubled", known.doubled), ("missed", known.missed))
        for odd in found
        if at_us - DAY_US <= odd.to_us <= at_us
    ]
    return tuple(sorted(rows, key=lambda row: -row.to_us))


PAGES: tuple[Page, ...] = (
    Page(name="production.lines", path="/lines", title=Worded("Lines"), act="see_plant", build=lines),
    Page(name="production.line", path="/lines/{line}", title=Worded("Line"), act="see_plant", build=line),
    Page(
        name="production.station",
        path="/stations/{station}",
        title=Worded("Station"),
        act="see_plant",
        build=station,
        commands=("production.code_stop", "production.recode_stop", "production.correct"),
        kept=True,
    ),
)
