"""What may be done about alarms, and about reports that were refused or came late."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.errors import NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.house import AlarmCleared, ReportSettled
from fabrika.operations.watch.state import WatchState
from fabrika.page import Asked, Command, States
from fabrika.wording import Worded


class ClearAlarm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The alarm, and what was found and done."""

    alarm: Id
    reason: Text


def clear_alarm(states: States, asked: Asked, form: ClearAlarm) -> Sequence[Event]:
    """An open alarm is cleared by a person who looked after it."""
    state: WatchState = states["watch"]
    if form.alarm not in state.open:
        raise NotFoundError(Worded("The alarm {alarm} is not open.", alarm=form.alarm))
    return [AlarmCleared(alarm=form.alarm, person=asked.actor, reason=form.reason)]


class SettleReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report, and what became of it."""

    report: Id
    reason: Text


def settle_report(states: States, asked: Asked, form: SettleReport) -> Sequence[Event]:
    """A report that was refused or came late is settled by a person who looked after it."""
    state: WatchState = states["watch"]
    if form.report not in state.reports:
        raise NotFoundError(
            Worded("No report {report} is open.", report=form.report), Worded("Somebody may have settled it already.")
        )
    return [ReportSettled(report=form.report, person=asked.actor, reason=form.reason)]


COMMANDS: tuple[Command, ...] = (
    Command(
        name="watch.clear_alarm", title=Worded("Clear the alarm"), act="correct", form=ClearAlarm, decide=clear_alarm
    ),
    Command(
        name="watch.settle_report",
        title=Worded("Settle the report"),
        act="correct",
        form=SettleReport,
        decide=settle_report,
    ),
)
