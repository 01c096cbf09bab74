"""What may be done at a held station: clear it, check the first piece, approve, or let it run although something is missing.

One after the other: who approves sees what was cleared and checked, and is somebody else. A refusal names what is missing, and
the roles that can record it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.production import FirstPieceChecked, HoldOverridden, LineCleared, SetupApproved
from fabrika.operations.production.holds import Hold, hold_at
from fabrika.operations.production.outline import Place, outline
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.times import now
from fabrika.page import Asked, Command, States
from fabrika.plant.model import Plant
from fabrika.plant.roles import roles_of
from fabrika.standing import Standing
from fabrika.wording import Worded, joined

NEED_WORDS: Final[Mapping[str, Worded]] = {
    "clearance": Worded("line clearance"),
    "first_piece": Worded("first piece"),
    "approval": Worded("approval"),
    "lot": Worded("next lot"),
}
"""What each need is called."""

CAUSE_WORDS: Final[Mapping[str, Worded]] = {
    "changeover": Worded("changeover"),
    "repair": Worded("repair"),
    "long_stop": Worded("long stop"),
    "campaign": Worded("changeover"),
    "component_lot": Worded("change of the component lot"),
    "tool": Worded("change of tool"),
}
"""What each cause is called."""

ACT_OF: Final[Mapping[str, str]] = {
    "clearance": "report_production",
    "first_piece": "report_production",
    "approval": "approve_starts",
    "lot": "open_lots",
}
"""What a role must allow to record each need."""


class ClearLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station of a line at which nothing foreign is left; without one the whole line."""

    line: Id
    station: Id | None = None


class CheckFirstPiece(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the first piece of a station is right; the lot is the one to be made there, unless another is named."""

    station: Id
    right: bool
    lot: Id | None = None
    remark: Text | None = None


class ApproveStart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station that may run."""

    station: Id


class OverrideHold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station that runs although something is missing, and why."""

    station: Id
    reason: Text


def named(needs: Sequence[str]) -> str:
    """Needs in words."""
    return joined([NEED_WORDS[need] for need in needs], ", ")


def who_mends(plant: Plant, need: str) -> str:
    """The roles that can record what is missing."""
    return joined([role.name or role.id for role in roles_of(plant) if ACT_OF[need] in role.may], ", ") or "-"


def next_lot(state: ProductionState, asked: Asked, place: Place, hold: Hold) -> str | None:
    """The lot that a held station makes next: the one that its machine told, else the line's, if it is open.

    Where the next lot was due it is one that was opened since, and none until then.
    """
    if "lot" in hold.needs:
        since = (
            name for name in reversed(state.open_lots(place.line.id)) if state.lots[name].opened_us >= hold.since_us
        )
        return None if "lot" in hold.missing else next(since, None)
    told = now(state.stations.get(place.path), place.hours, asked.at_us).lot
    for name in (hold.lot, told, *reversed(state.open_lots(place.line.id))):
        if name is not None and name in state.lots and state.lots[name].closed_us is None:
            return name
    return None


def start_standing(state: ProductionState, plant: Plant, station: str, at_us: int) -> Standing:
    """Whether something may be reported at a station: it is not held, or its hold is a warning only.

    Args:
        state: what production knows.
        plant: the edition in force.
        station: ``line.station``.
        at_us: the instant.

    Raises:
        NotFoundError: the plant has no such station.
    """
    place = outline(plant).place(station)
    hold = hold_at((state.stations.get(station) or StationState()).holds, at_us)
    subject, name = f"production:start/{station}", place.station.name or station
    if hold is None:
        return Standing(subject=subject, fit=True, reason=Worded("{station} may run.", station=name))
    missing = hold.missing_at(at_us)
    reason = Worded(
        "{station} is held after a {cause}; missing: {needs}. These roles can record it: {roles}.",
        station=name,
        cause=CAUSE_WORDS[hold.cause],
        needs=named(missing),
        roles=who_mends(plant, missing[0]),
    )
    return Standing(subject=subject, fit=not hold.blocked_at(at_us), reason=reason)


def require_start(states: States, asked: Asked, station: str, at_us: int) -> None:
    """Refuse a report at a station that is, or was, blocked at an instant.

    Raises:
        ActRefusedError: with what is missing, and who can record or override it.
    """
    standing = start_standing(states["production"], asked.plant, station, at_us)
    if not standing.fit:
        roles = [role.name or role.id for role in roles_of(asked.plant) if "override_holds" in role.may]
        raise ActRefusedError(
            standing.reason,
            Worded("Record what is missing; these roles may override it: {roles}.", roles=joined(roles, ", ") or "-"),
        )


def clear_line(states: States, asked: Asked, form: ClearLine) -> Sequence[Event]:
    """Nothing foreign is left at a held station, or at all held stations of a line."""
    plan, state = outline(asked.plant), states["production"]
    line = plan.line(form.line)
    if form.station is not None:
        place, hold = _held(state, asked, form.station, "report_production")
        if place.line is not line:
            raise ActRefusedError(
                Worded("{station} is not on the line {line}.", station=form.station, line=form.line),
                Worded("Choose a station of that line."),
            )
        _need(hold, "clearance", place)
        return [LineCleared(line=form.line, previous_lot=hold.before, station=form.station, person=asked.actor)]
    asked.require("report_production", line.area)
    found = [_hold_of(state, f"{line.id}.{station.id}", asked.at_us) for station in line.stations]
    holds = [hold for hold in found if hold is not None and "clearance" in hold.missing]
    if not holds:
        raise ActRefusedError(
            Worded("No station of the line {line} waits for clearance.", line=form.line),
            Worded("Nothing is left to be done."),
        )
    before = next((hold.before for hold in holds if hold.before is not None), None)
    return [LineCleared(line=form.line, previous_lot=before, person=asked.actor)]


def check_first_piece(states: States, asked: Asked, form: CheckFirstPiece) -> Sequence[Event]:
    """The first piece of a held station was looked at, once it is cleared; one that is wrong says why."""
    state: ProductionState = states["production"]
    place, hold = _held(state, asked, form.station, "report_production")
    _need(hold, "first_piece", place)
    _before(asked.plant, hold, "first_piece")
    lot = form.lot or next_lot(state, asked, place, hold)
    if lot is None or lot not in state.lots or state.lots[lot].closed_us is not None:
        raise ActRefusedError(
            Worded("No lot is open on the line {line}, to which the first piece could belong.", line=place.line.id),
            Worded("Have the next lot opened first: {roles}.", roles=_may(asked.plant, "open_lots")),
        )
    if state.lots[lot].line != place.line.id:
        raise ActRefusedError(
            Worded("The lot {lot} is made on another line.", lot=lot), Worded("Choose a lot of this line.")
        )
    if not form.right and not form.remark:
        raise ActRefusedError(
            Worded("A first piece that is not right says what is wrong with it."),
            Worded("Write what is wrong, so that whoever sets the machine can mend it."),
        )
    return [FirstPieceChecked(station=form.station, lot=lot, right=form.right, remark=form.remark, person=asked.actor)]


def approve_start(states: States, asked: Asked, form: ApproveStart) -> Sequence[Event]:
    """A second person lets a held station run, when all else is recorded by others."""
    state: ProductionState = states["production"]
    place, hold = _held(state, asked, form.station, "approve_starts")
    _need(hold, "approval", place)
    _before(asked.plant, hold, "approval")
    if asked.actor in {done.person for done in hold.done.values()}:
        raise ActRefusedError(
            Worded("Whoever cleared or checked it does not approve it."),
            Worded("Ask another person in one of these roles: {roles}.", roles=who_mends(asked.plant, "approval")),
        )
    lot = next_lot(state, asked, place, hold)
    if lot is None:
        raise ActRefusedError(
            Worded("No lot is open on the line {line} that could be made.", line=place.line.id),
            Worded("Have the next lot opened first: {roles}.", roles=_may(asked.plant, "open_lots")),
        )
    return [SetupApproved(station=form.station, lot=lot, person=asked.actor)]


def override_hold(states: States, asked: Asked, form: OverrideHold) -> Sequence[Event]:
    """Somebody who may lets a held station run; what is missing is recorded with the reason."""
    _, hold = _held(states["production"], asked, form.station, "override_holds")
    missing = [need for need in ("clearance", "first_piece", "approval", "lot") if need in hold.missing]
    return [HoldOverridden(station=form.station, missing=tuple(missing), reason=form.reason, person=asked.actor)]


def _held(state: ProductionState, asked: Asked, station: str, act: str) -> tuple[Place, Hold]:
    place = outline(asked.plant).place(station)
    asked.require(act, place.area)
    hold = _hold_of(state, station, asked.at_us)
    if hold is None:
        raise ActRefusedError(
            Worded("{station} is not held.", station=place.station.name or station),
            Worded("Nothing is left to be done."),
        )
    return place, hold


def _hold_of(state: ProductionState, station: str, at_us: int) -> Hold | None:
    known = state.stations.get(station)
    return hold_at(known.holds, at_us) if known is not None else None


def _need(hold: Hold, need: str, place: Place) -> None:
    if need not in hold.needs:
        raise ActRefusedError(
            Worded("{need} is not needed at {station}.", need=NEED_WORDS[need], station=place.path),
            Worded("Record what is missing: {needs}.", needs=named(hold.missing)),
        )
    if need in hold.done:
        done = hold.done[need]
        raise ActRefusedError(
            Worded("{person} recorded that already: {need}.", person=done.person, need=NEED_WORDS[need]),
            Worded("Record what is missing: {needs}.", needs=named(hold.missing)),
        )


def _before(plant: Plant, hold: Hold, need: str) -> None:
    """Refuse what is recorded before what comes first."""
    first = [found for found in hold.missing if found != need and hold.needs.index(found) < hold.needs.index(need)]
    if first:
        raise ActRefusedError(
            Worded("Something is missing before that: {needs}.", needs=named(first)),
            Worded("Have it recorded first; these roles can: {roles}.", roles=who_mends(plant, first[0])),
        )


def _may(plant: Plant, act: str) -> str:
    return joined([role.name or role.id for role in roles_of(plant) if act in role.may], ", ") or "-"


COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.clear_line",
        title=Worded("Nothing foreign is left"),
        act="report_production",
        form=ClearLine,
        decide=clear_line,
        queues=True,
    ),
    Command(
        name="production.check_first_piece",
        title=Worded("The first piece was looked at"),
        act="report_production",
        form=CheckFirstPiece,
        decide=check_first_piece,
        queues=True,
    ),
    Command(
        name="production.approve_start",
        title=Worded("It may run"),
        act="approve_starts",
        form=ApproveStart,
        decide=approve_start,
    ),
    Command(
        name="production.override_hold",
        title=Worded("Let it run all the same"),
        act="override_holds",
        form=OverrideHold,
        decide=override_hold,
    ),
)
