"""The start of a run at a station: what is recorded, what is missing and who can mend it, one step at a time."""

from __future__ import annotations

from msgspec import Struct

from fabrika.operations.production.holds import Hold, Recorded, hold_at
from fabrika.operations.production.outline import Outline, Place, outline
from fabrika.operations.production.start_rules import next_lot, who_mends
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.times import now
from fabrika.page import Asked, Page, States
from fabrika.plant.model import Line
from fabrika.wording import Worded


class Step(Struct, frozen=True, kw_only=True):
    """Something that a hold needs.

    Attributes:
        need: ``clearance``, ``first_piece``, ``approval`` or ``lot``.
        person, done_us: who recorded it, and when; None while it is missing.
        roles: who can record it.
    """

    need: str
    person: str | None
    done_us: int | None
    roles: str


class HoldRow(Struct, frozen=True, kw_only=True):
    """A hold, that lasts or is over.

    Attributes:
        station: ``line.station``; ``name`` what it is called.
        missing: what is not recorded, or was not when it was overridden.
        wrong, wrong_by, wrong_us: what was wrong with the last first piece, who found it and when; None if none was.
        overridden_by, reason: who let it run although something was missing, and why.
        entered, good, scrapped: units counted meanwhile; they belong to no lot.
        key: identity of the entry that began it.
    """

    station: str
    name: str
    cause: str
    block: bool
    since_us: int
    until_us: int | None
    lot: str | None
    before: str | None
    steps: tuple[Step, ...]
    missing: tuple[str, ...]
    wrong: str | None
    wrong_by: str | None
    wrong_us: int | None
    overridden_by: str | None
    reason: str | None
    entered: int
    good: int
    scrapped: int
    key: str
    path: str


class StartView(Struct, frozen=True, kw_only=True):
    """The start of a run at a station.

    Attributes:
        hold: what it is held for; None if it may run.
        next: the step that comes next; None if the station is free.
        past: holds that are over, the newest first.
    """

    position: int
    at_us: int
    id: str
    name: str
    line: str
    state: str
    since_us: int | None
    hold: HoldRow | None
    next: Step | None
    past: tuple[HoldRow, ...]


def start(states: States, asked: Asked) -> StartView:
    """Build the page of a station's start."""
    state: ProductionState = states["production"]
    place = outline(asked.plant).place(asked.names.get("station", ""))
    known = state.stations.get(place.path) or StationState()
    found, told = hold_at(known.holds, asked.at_us), now(known, place.hours, asked.at_us)
    hold = hold_row(state, asked, place, found) if found is not None else None
    past = [old for old in reversed(known.holds) if old is not found and old.since_us <= asked.at_us]
    return StartView(
        position=asked.position,
        at_us=asked.at_us,
        id=place.path,
        name=place.station.name or place.station.id,
        line=place.line.id,
        state=told.state,
        since_us=told.since_us,
        hold=hold,
        next=next((step for step in hold.steps if step.person is None), None) if hold is not None else None,
        past=tuple(hold_row(state, asked, place, old) for old in past),
    )


def held(state: ProductionState, plan: Outline, asked: Asked, line: Line | None = None) -> tuple[HoldRow, ...]:
    """The stations that are held now, of a line or of the whole plant, in the order of the file."""
    found = []
    for place in plan.places.values():
        known = state.stations.get(place.path)
        hold = hold_at(known.holds, asked.at_us) if known is not None and known.holds else None
        if hold is not None and line in (None, place.line):
            found.append(hold_row(state, asked, place, hold))
    return tuple(found)


def hold_row(state: ProductionState, asked: Asked, place: Place, hold: Hold) -> HoldRow:
    """A hold of a station, as pages show it."""
    wrong, overridden = hold.wrong, hold.overridden
    lasts = hold.covers(asked.at_us)
    return HoldRow(
        station=place.path,
        name=place.station.name or place.station.id,
        cause=hold.cause,
        block=hold.blocked_at(asked.at_us if lasts else hold.since_us),
        since_us=hold.since_us,
        until_us=None if lasts else hold.until_us,
        lot=next_lot(state, asked, place, hold) if lasts else hold.lot,
        before=hold.before,
        steps=tuple(_step(asked, hold, need) for need in hold.needs),
        missing=hold.missing_at(asked.at_us) if lasts else tuple(hold.lacked) or hold.missing,
        wrong=wrong.remark or "" if wrong is not None else None,
        wrong_by=_who(wrong),
        wrong_us=wrong.at_us if wrong is not None else None,
        overridden_by=None if lasts else _who(overridden),
        reason=overridden.remark if overridden is not None and not lasts else None,
        entered=hold.entered,
        good=hold.good,
        scrapped=hold.scrapped,
        key=hold.key,
        path=f"/starts/{place.path}",
    )


def _who(recorded: Recorded | None) -> str | None:
    return recorded.person if recorded is not None else None


def _step(asked: Asked, hold: Hold, need: str) -> Step:
    done = None if need in hold.missing_at(asked.at_us) else hold.done[need]
    return Step(
        need=need,
        person=done.person if done is not None else None,
        done_us=done.at_us if done is not None else None,
        roles=who_mends(asked.plant, need),
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="production.start",
        path="/starts/{station}",
        title=Worded("Start of a run"),
        act="see_plant",
        build=start,
        kept=True,
        commands=(
            "production.clear_line",
            "production.check_first_piece",
            "production.approve_start",
            "production.override_hold",
            "production.correct",
        ),
    ),
)
