"""What a person does at a station in a shift: sign on and off, report units, say why it stands, stop it for somebody's safety."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Instant, Text
from fabrika.events.house import Corrected
from fabrika.events.production import PersonSignedOff, PersonSignedOn, StationChanged, StopCoded, UnitsReported
from fabrika.journal.entries import fact_of
from fabrika.operations.production.crew import before, safety_at
from fabrika.operations.production.holds import hold_at
from fabrika.operations.production.outline import Place, outline
from fabrika.operations.production.presence import EARLY_US, TAKEN_BACK_US, present
from fabrika.operations.production.reported import check_double, check_number, check_reason, check_time, lot_for
from fabrika.operations.production.rules import CodeStop, check_codable
from fabrika.operations.production.start_rules import require_start
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.stops import coding_of, stops_of
from fabrika.operations.production.times import STOPPED, change_at, now
from fabrika.operations.production.units import told_units
from fabrika.page import Asked, BookLook, Command, States
from fabrika.plant.shifts import shift_at
from fabrika.wording import Worded

MINUTE_US = 60_000_000
Units = Annotated[int, Meta(ge=0, le=10**9)]


class SignOn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station at which who sends this works from now on."""

    station: Id


class SignOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station at which who sends this works no more."""

    station: Id


class ReportUnits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was counted since the report before: good and scrapped units, and why these were scrapped.

    Attributes:
        to_us: until when they were made; now if absent.
        from_us: since when; since the report before, or the begin of the shift, if absent.
        again: that they are not those of a moment ago, reported twice.
        sampled: units that were taken out behind the station as samples; they are none of the others.
    """

    station: Id
    good: Units = 0
    scrapped: Units = 0
    sampled: Units = 0
    reason: Id | None = None
    lot: Id | None = None
    container: Id | None = None
    from_us: Instant | None = None
    to_us: Instant | None = None
    again: bool = False


class TakeBack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The own report that was wrong, by its identity ``source/epoch/sequence``."""

    target: Annotated[str, Meta(pattern=r"\A.+/[0-9a-f]{16}/[0-9]{1,16}\Z", max_length=140)]


class SayStop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the station stands now."""

    station: Id
    mode: Id


class SayRunning(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station that runs again."""

    station: Id


class StopForSafety(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station that must stand for somebody's safety."""

    station: Id
    remark: Text | None = None


class EndSafetyStop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station that may run again, and what was found and done."""

    station: Id
    reason: Text


def sign_on(state: ProductionState, asked: Asked, form: SignOn, role: str) -> Sequence[Event]:
    """Whoever asks works at a station; several may at one, and one at several.

    Args:
        state: what production knows.
        asked: who asks.
        form: the station.
        role: the id of the role in which they work.
    """
    place, known = _at(state, asked, form.station)
    if asked.actor in {stint.person for stint in present(known, place, asked.at_us)}:
        raise ActRefusedError(
            Worded("You have signed on at {station} already.", station=_name(place)),
            Worded("Nothing is left to be done."),
        )
    return [PersonSignedOn(person=asked.actor, station=form.station, role=role)]


def sign_off(states: States, asked: Asked, form: SignOff) -> Sequence[Event]:
    """Whoever asks works at a station no more."""
    place, known = _at(states["production"], asked, form.station)
    _check_present(known, place, asked, asked.at_us)
    return [PersonSignedOff(person=asked.actor, station=form.station)]


def report_units(states: States, asked: Asked, form: ReportUnits) -> Sequence[Event]:
    """A person's count: in a lot that is open on the line, of a time that is over, and no more than the station can make in it."""
    state: ProductionState = states["production"]
    place, known = _at(state, asked, form.station)
    to_us = asked.at_us if form.to_us is None else form.to_us
    shift = shift_at(place.hours.calendar, place.hours.zone, to_us)
    last = before(known.crew, to_us)
    from_us = form.from_us
    if from_us is None:
        from_us = max(shift.start_us, last.to_us if last is not None else shift.start_us)
        from_us = min(from_us, to_us - 1)
    check_time(asked, from_us, to_us, last if form.from_us is not None else None)
    _check_present(known, place, asked, to_us)
    require_start(states, asked, form.station, to_us)
    held = hold_at(known.holds, to_us) is not None
    # What is made where a hold warns only belongs to no lot, as in the machine's own counts.
    lot = None if held and form.lot is None else lot_for(state, asked.plant, place, form.lot, to_us)
    if form.good or form.scrapped or not form.sampled:
        check_reason(asked.plant, place, form.good, form.scrapped, form.reason)
    if not form.again and (form.good or form.scrapped):
        check_double(known.crew, asked.actor, (form.good, form.scrapped, form.reason), to_us)
    since_us = min(from_us, shift.start_us) - EARLY_US
    told = told_units(known.crew, since_us, to_us)
    check_number(asked.plant, place, form.good + form.scrapped, told.entered or 0, to_us - since_us)
    check_number(asked.plant, place, form.sampled, 0, to_us - since_us)
    return [
        UnitsReported(
            station=form.station,
            lot=lot,
            from_us=from_us,
            to_us=to_us,
            good=form.good,
            scrapped=form.scrapped,
            reason=form.reason,
            container=form.container,
            sampled=form.sampled,
            person=asked.actor,
        )
    ]


def take_back(states: States, asked: Asked, form: TakeBack) -> Sequence[Event]:
    """A person's own report is withdrawn shortly after it; the book keeps it, and it counts no longer."""
    book: BookLook = states["book"]
    position = book.find(form.target)
    if position is None:
        raise NotFoundError(Worded("The book has no entry {key}.", key=form.target))
    fact = fact_of(position, book.entry(position))
    event = fact.event
    if not isinstance(event, UnitsReported) or event.person != asked.actor:
        raise ActRefusedError(
            Worded("Only a report of your own can be taken back here."),
            Worded("Have somebody who may correct withdraw it."),
        )
    if asked.at_us - fact.message.at_us > TAKEN_BACK_US:
        raise ActRefusedError(
            Worded("This was reported more than {n} minutes ago.", n=TAKEN_BACK_US // MINUTE_US),
            Worded("Have somebody who may correct withdraw it."),
        )
    if book.corrections(form.target):
        raise ActRefusedError(Worded("This was withdrawn already."), Worded("Nothing is left to be done."))
    return [Corrected(target=fact.key, reason="taken back by who reported it", person=asked.actor)]


def say_stop(states: States, asked: Asked, form: SayStop) -> Sequence[Event]:
    """Why a station stands now; where no machine tells, that it stands. Said again it takes the place of what was said before."""
    state: ProductionState = states["production"]
    place, known = _at(state, asked, form.station)
    _check_running_free(known, place, asked)
    outline(asked.plant).check_mode(form.station, form.mode)
    found = now(known, place.hours, asked.at_us)
    if found.state not in STOPPED:
        if known.machine and not found.silent:
            raise ActRefusedError(
                Worded("{station} does not stand, its machine tells.", station=_name(place)),
                Worded("Stop it at the machine if it must stand; the reason of an earlier stop is said at that stop."),
            )
        if not known.machine:
            return [StationChanged(station=form.station, state="down", mode=form.mode)]
    shift = shift_at(place.hours.calendar, place.hours.zone, asked.at_us)
    stops = stops_of(known, place.hours, shift.start_us - 2 * 24 * 60 * MINUTE_US, asked.at_us, 0)
    from_us = stops[-1].from_us if stops and stops[-1].lasts else found.since_us
    if from_us is None or from_us >= asked.at_us:
        raise ActRefusedError(
            Worded("Nothing is known of how long {station} has stood.", station=_name(place)),
            Worded("Wait a moment and say it again."),
        )
    stop = CodeStop(station=form.station, from_us=from_us, to_us=asked.at_us, mode=form.mode)
    _check_may_change(known, asked, stop)
    return [_coded(stop, asked.actor)]


def recode_stop(states: States, asked: Asked, form: CodeStop) -> Sequence[Event]:
    """Another reason takes the place of what was said of a stop: by who said that, or who may correct. Both stay visible."""
    state: ProductionState = states["production"]
    _, known = _at(state, asked, form.station)
    check_codable(states, asked, form)
    _check_may_change(known, asked, form)
    return [_coded(form, asked.actor)]


def say_running(states: States, asked: Asked, form: SayRunning) -> Sequence[Event]:
    """A station of which no machine tells runs again."""
    place, known = _at(states["production"], asked, form.station)
    _check_running_free(known, place, asked)
    if known.machine:
        raise ActRefusedError(
            Worded("The machine of {station} tells by itself when it runs.", station=_name(place)),
            Worded("Start it; if it runs and is shown to stand, have its connection checked."),
        )
    last = change_at(known, asked.at_us)
    if last is not None and last.state == "processing":
        raise ActRefusedError(
            Worded("{station} runs already.", station=_name(place)), Worded("Nothing is left to be done.")
        )
    return [StationChanged(station=form.station, state="processing")]


def stop_for_safety(states: States, asked: Asked, form: StopForSafety) -> Sequence[Event]:
    """A station stands for somebody's safety, whatever its machine tells, until somebody who may ends it."""
    place, known = _at(states["production"], asked, form.station)
    _check_running_free(known, place, asked)
    return [StationChanged(station=form.station, state="safety", remark=form.remark)]


def end_safety_stop(states: States, asked: Asked, form: EndSafetyStop) -> Sequence[Event]:
    """A stop for somebody's safety is over; the station is again in the state that its machine tells, else it stands."""
    state: ProductionState = states["production"]
    place = outline(asked.plant).place(form.station)
    asked.require("end_safety_stop", place.area)
    known = state.stations.get(form.station) or StationState()
    if safety_at(known.crew, asked.at_us) is None:
        raise ActRefusedError(
            Worded("{station} is not stopped for somebody's safety.", station=_name(place)),
            Worded("Nothing is left to be done."),
        )
    last = change_at(known, asked.at_us) if known.machine else None
    told = last.state if last is not None else "down"
    mode = last.mode if last is not None else None
    event = StationChanged(station=form.station, state=told, mode=mode, remark=form.reason)  # type: ignore[arg-type]
    return [event]


def _at(state: ProductionState, asked: Asked, station: str) -> tuple[Place, StationState]:
    """A station at which whoever asks may report, and what is known of it."""
    place = outline(asked.plant).place(station)
    asked.require("report_production", place.area)
    return place, state.stations.get(station) or StationState()


def _name(place: Place) -> str:
    return place.station.name or place.station.id


def _check_present(known: StationState, place: Place, asked: Asked, at_us: int) -> None:
    """Whoever reports has signed on: so that a tablet that two people use never counts for the other."""
    persons = [stint.person for stint in present(known, place, at_us)]
    if asked.actor in persons:
        return
    if persons:
        wrong = Worded(
            "You have not signed on at {station}; {names} has.", station=_name(place), names=", ".join(persons)
        )
    else:
        wrong = Worded("You have not signed on at {station}.", station=_name(place))
    raise ActRefusedError(
        wrong, Worded("Sign on first; if this is another person's tablet, let that person do it, or sign in yourself.")
    )


def _check_running_free(known: StationState, place: Place, asked: Asked) -> None:
    stopped = safety_at(known.crew, asked.at_us)
    if stopped is not None:
        roles = ", ".join(role.name or role.id for role in asked.plant.roles if "end_safety_stop" in role.may)
        raise ActRefusedError(
            Worded(
                "{station} is stopped for somebody's safety, by {person}.", station=_name(place), person=stopped.person
            ),
            Worded("Somebody who may end it does so first: {roles}.", roles=roles or "-"),
        )


def _check_may_change(known: StationState, asked: Asked, stop: CodeStop) -> None:
    """What somebody said of a stop is changed by themselves, or by who may correct."""
    coding = coding_of(known, stop.from_us, stop.to_us)
    if coding is None:
        return
    if coding.mode == stop.mode:
        raise ActRefusedError(
            Worded("{person} coded this stop already as {mode}.", person=coding.person, mode=coding.mode),
            Worded("Nothing is left to be done."),
        )
    if coding.person != asked.actor and "correct" not in asked.may:
        raise ActRefusedError(
            Worded("{person} coded this stop already as {mode}.", person=coding.person, mode=coding.mode),
            Worded("That person changes it, or somebody who may correct."),
        )


def _coded(stop: CodeStop, person: str) -> StopCoded:
    return StopCoded(
        station=stop.station, from_us=stop.from_us, to_us=stop.to_us, mode=stop.mode, person=person, remark=stop.remark
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.sign_off",
        title=Worded("Sign off"),
        act="report_production",
        form=SignOff,
        decide=sign_off,
        queues=True,
    ),
    Command(
        name="production.report_units",
        title=Worded("Report units"),
        act="report_production",
        form=ReportUnits,
        decide=report_units,
        queues=True,
    ),
    Command(
        name="production.take_back", title=Worded("Take back"), act="report_production", form=TakeBack, decide=take_back
    ),
    Command(
        name="production.say_stop",
        title=Worded("Say why it stands"),
        act="report_production",
        form=SayStop,
        decide=say_stop,
        queues=True,
    ),
    Command(
        name="production.recode_stop",
        title=Worded("Change the reason"),
        act="report_production",
        form=CodeStop,
        decide=recode_stop,
    ),
    Command(
        name="production.say_running",
        title=Worded("It runs again"),
        act="report_production",
        form=SayRunning,
        decide=say_running,
        queues=True,
    ),
    Command(
        name="production.stop_for_safety",
        title=Worded("Stop for safety"),
        act="report_production",
        form=StopForSafety,
        decide=stop_for_safety,
        queues=True,
    ),
    Command(
        name="production.end_safety_stop",
        title=Worded("End the stop for safety"),
        act="end_safety_stop",
        form=EndSafetyStop,
        decide=end_safety_stop,
    ),
)
