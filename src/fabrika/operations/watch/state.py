"""What nobody has looked after yet: alarms, and reports of tablets that were refused or came late; folded from ``house`` events."""

from __future__ import annotations

from typing import assert_never

import msgspec
from msgspec import Struct

from fabrika.events.house import ActRefused, AlarmCleared, AlarmRaised, ReportFlagged, ReportRefused, ReportSettled
from fabrika.journal.entries import Fact
from fabrika.wording import Worded, restored

REFUSED_US = 600_000_000
"""The same refusal of the same person is kept once in so long."""


def refused_key(person: str, command: str, problem: str, worded: str) -> str:
    """What two refusals have in common that are kept once: person, command, and the sentence without its figures."""
    told = restored(worded, (problem, ""))[0]
    return f"{person} {command} {told.template if isinstance(told, Worded) else told}"


class Alarm(Struct, kw_only=True):
    """An alarm that is open; the attributes are those of :class:`fabrika.events.house.AlarmRaised`."""

    kind: str
    subject: str
    detail: str
    at_us: int
    position: int
    off_s: int | None = None
    step_s: int | None = None


class Report(Struct, kw_only=True):
    """A report that somebody has to settle; the attributes are those of the events.

    Attributes:
        kind: ``refused``, ``old`` or ``clock``.
        taken_us: when the book took it.
    """

    kind: str
    command: str
    person: str
    said_at_us: int
    taken_us: int
    position: int
    device: str | None = None
    form: str = ""
    problem: str = ""
    remedy: str = ""
    worded: str = ""
    off_s: int = 0


class WatchState(Struct):
    """What waits for somebody.

    Attributes:
        open: alarms by their id.
        raised: how many there ever were.
        reports: those to be settled, by their id.
        refused: when each person was last refused each command for each reason, microseconds since 1970 UTC; of the last
            :data:`REFUSED_US` alone.
    """

    open: dict[str, Alarm] = {}
    raised: int = 0
    reports: dict[str, Report] = {}
    refused: dict[str, int] = {}

    def knows(self, kind: str, subject: str) -> bool:
        """Whether an alarm of this kind about this subject is open already."""
        return any(alarm.kind == kind and alarm.subject == subject for alarm in self.open.values())


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(WatchState)


class Watch:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "watch"
    version = 4
    hears: tuple[type, ...] = (AlarmRaised, AlarmCleared, ReportRefused, ReportFlagged, ReportSettled, ActRefused)

    def empty(self) -> WatchState:
        """Nothing to look after."""
        return WatchState()

    def apply(self, state: WatchState, fact: Fact) -> None:
        """An alarm or a report more or less."""
        event = fact.event
        if isinstance(event, ReportRefused | ReportFlagged | ReportSettled):
            _report(state, fact, event)
            return
        if isinstance(event, ActRefused):
            at_us = fact.message.at_us
            state.refused = {key: last_us for key, last_us in state.refused.items() if at_us - last_us < REFUSED_US}
            state.refused[refused_key(event.person, event.command, event.problem, event.worded)] = at_us
            return
        if not isinstance(event, AlarmRaised | AlarmCleared):
            return
        match event:
            case AlarmRaised():
                state.raised += 1
                state.open[event.alarm] = Alarm(
                    kind=event.kind,
                    subject=event.subject,
                    detail=event.detail,
                    at_us=fact.message.at_us,
                    position=fact.position,
                    off_s=event.off_s,
                    step_s=event.step_s,
                )
            case AlarmCleared():
                state.open.pop(event.alarm, None)
            case _:
                assert_never(event)

    def dump(self, state: WatchState) -> bytes:
        """Canonical JSON."""
        return _encoder.encode(state)

    def load(self, data: bytes) -> WatchState:
        """What :meth:`dump` gave."""
        return _decoder.decode(data)


def _report(state: WatchState, fact: Fact, event: ReportRefused | ReportFlagged | ReportSettled) -> None:
    match event:
        case ReportSettled():
            state.reports.pop(event.report, None)
        case ReportRefused():
            found = _begun(fact, event, "refused")
            found.form, found.problem, found.remedy = event.form, event.problem, event.remedy
            found.worded = event.worded
            state.reports[event.report] = found
        case ReportFlagged():
            found = _begun(fact, event, event.why)
            found.off_s = event.off_s
            state.reports[event.report] = found
        case _:
            assert_never(event)


def _begun(fact: Fact, event: ReportRefused | ReportFlagged, kind: str) -> Report:
    return Report(
        kind=kind,
        command=event.command,
        person=event.person,
        said_at_us=event.said_at_us,
        taken_us=fact.journal_at_us,
        position=fact.position,
        device=fact.message.device,
    )


REDUCER = Watch()
