"""What may be done about alarms."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.errors import NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.house import AlarmCleared
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


COMMANDS: tuple[Command, ...] = (
    Command(
        name="watch.clear_alarm", title=Worded("Clear the alarm"), act="correct", form=ClearAlarm, decide=clear_alarm
    ),
)
