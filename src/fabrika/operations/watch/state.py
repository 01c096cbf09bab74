"""Alarms that nobody has looked after yet: folded from ``house.alarm_raised`` and ``house.alarm_cleared``."""

from __future__ import annotations

from typing import assert_never

import msgspec
from msgspec import Struct

from fabrika.events.house import AlarmCleared, AlarmRaised
from fabrika.journal.entries import Fact


class Alarm(Struct, kw_only=True):
    """An alarm that is open; the attributes are those of :class:`fabrika.events.house.AlarmRaised`."""

    kind: str
    subject: str
    detail: str
    at_us: int
    position: int
    off_s: int | None = None
    step_s: int | None = None


class WatchState(Struct):
    """Open alarms by their id, and how many were ever raised."""

    open: dict[str, Alarm] = {}
    raised: int = 0

    def knows(self, kind: str, subject: str) -> bool:
        """Whether an alarm of this kind about this subject is open already."""
        return any(alarm.kind == kind and alarm.subject == subject for alarm in self.open.values())


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(WatchState)


class Watch:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "watch"
    version = 2
    hears: tuple[type, ...] = (AlarmRaised, AlarmCleared)

    def empty(self) -> WatchState:
        """No alarm."""
        return WatchState()

    def apply(self, state: WatchState, fact: Fact) -> None:
        """An alarm more or less."""
        event = fact.event
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


REDUCER = Watch()
