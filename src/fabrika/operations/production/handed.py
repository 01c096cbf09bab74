"""Handovers of a line from one shift to the next: what was written down, and both who signed it."""

from __future__ import annotations

from msgspec import Struct

from fabrika.events.production import HandoverPrepared, ShiftHandedOver

KEPT = 30
"""Handovers of a line that are remembered."""


class Handover(Struct, kw_only=True, omit_defaults=True):
    """A shift that was, or is to be, handed over.

    Attributes:
        person, prepared_us: who leaves, and when they signed; without a time it was not written down.
        stops, holds, containers: what was open.
        next_person, taken_us: who took over, and when; absent while nobody has.
        answer: what who took over remarked.
        key: identity of the event that told it first.
    """

    line: str
    shift: str
    person: str
    prepared_us: int | None = None
    stops: list[str] = []
    holds: list[str] = []
    containers: list[str] = []
    remark: str | None = None
    next_person: str | None = None
    taken_us: int | None = None
    answer: str | None = None
    key: str = ""


def prepare(
    handovers: dict[str, Handover], handed: dict[str, int], event: HandoverPrepared, at_us: int, key: str
) -> None:
    """A handover was written down."""
    handovers[event.handover] = Handover(
        line=event.line,
        shift=event.shift,
        person=event.person,
        prepared_us=at_us,
        stops=list(event.stops),
        holds=list(event.holds),
        containers=list(event.containers),
        remark=event.remark,
        key=key,
    )
    handed[event.line] = handed.get(event.line, 0) + 1
    _forget(handovers, event.line)


def hand_over(handovers: dict[str, Handover], event: ShiftHandedOver, at_us: int, key: str) -> None:
    """Somebody took over what was prepared, or a shift changed of which nothing was written down."""
    found = handovers.get(event.handover) if event.handover is not None else None
    if found is None:
        found = handovers[event.handover or key] = Handover(
            line=event.line, shift=event.shift, person=event.person, key=key
        )
        _forget(handovers, event.line)
    found.next_person, found.taken_us, found.answer = event.next_person, at_us, event.remark


def _forget(handovers: dict[str, Handover], line: str) -> None:
    own = [name for name, handover in handovers.items() if handover.line == line]
    for name in own[:-KEPT]:
        del handovers[name]
