"""What a station is held for: what is recorded of it, until when it lasts, and the units that belong to no lot meanwhile.

A count that lies partly in a hold is shared out by time as :func:`fabrika.operations.production.sums.share` does it, so that what
belongs to the lot and what does not add up to what was counted. Facts may come late: whenever the begin or end of a hold becomes
known, the counts around it are shared out anew.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from fabrika.events.production import (
    FirstPieceChecked,
    HoldOverridden,
    LineCleared,
    LotRequired,
    SetupApproved,
    StationHeld,
)
from fabrika.operations.production.sums import Counted, share

HOLDS = 20
"""Holds of a station that are remembered."""

Told = StationHeld | LotRequired | LineCleared | FirstPieceChecked | SetupApproved | HoldOverridden
NEED_OF: dict[type, str] = {LineCleared: "clearance", FirstPieceChecked: "first_piece", SetupApproved: "approval"}
"""What each kind of event records."""

Units = tuple[int, int, int]
"""Units that entered, were good and were scrapped."""


class Recorded(Struct, array_like=True, gc=False):
    """Who recorded something, and when."""

    person: str
    at_us: int
    remark: str | None
    key: str


class Hold(Struct, kw_only=True, omit_defaults=True):
    """A time in which a station is held.

    Attributes:
        needs: what is needed, in the order in which it is recorded; ``lot`` where the next one is due.
        block: whether the plant's starts forbid reports meanwhile; see :meth:`blocked_at`.
        lot: the lot that is to be made next, if it is known.
        before: the lot that was made before, if it is known.
        done: what was recorded, by need.
        wrong: the last first piece that was not right, since the last one that was.
        overridden: who let it run although ``lacked`` was missing; the remark is the reason.
        until_us: its end, None while it lasts.
        entered, good, scrapped: units counted meanwhile.
        key: identity of the event that began it.
    """

    since_us: int
    cause: str
    needs: list[str]
    block: bool
    lot: str | None = None
    before: str | None = None
    done: dict[str, Recorded] = {}
    wrong: Recorded | None = None
    overridden: Recorded | None = None
    lacked: list[str] = []
    until_us: int | None = None
    entered: int = 0
    good: int = 0
    scrapped: int = 0
    key: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What is needed and not recorded yet."""
        return tuple(need for need in self.needs if need not in self.done)

    def missing_at(self, at_us: int) -> tuple[str, ...]:
        """What was needed and not recorded at an instant."""
        return tuple(need for need in self.needs if need not in self.done or self.done[need].at_us > at_us)

    def blocked_at(self, at_us: int) -> bool:
        """Whether nothing may be reported at an instant: by the plant's word, or as there is no lot to which it would belong."""
        return self.block or "lot" in self.missing_at(at_us)

    def covers(self, at_us: int) -> bool:
        """Whether it lasts at an instant."""
        return self.since_us <= at_us and (self.until_us is None or at_us < self.until_us)


def hold_at(holds: Sequence[Hold], at_us: int) -> Hold | None:
    """The hold that lasts at an instant, None if the station is free."""
    return next((hold for hold in reversed(holds) if hold.covers(at_us)), None)


def reaches(hold: Hold, from_us: int) -> bool:
    """Whether a hold lasts beyond an instant; if a station's last one does not, none does."""
    return hold.until_us is None or hold.until_us > from_us


def inside(hold: Hold, count: Counted) -> Units:
    """The units of a count that fall into a hold."""
    begin_us = max(hold.since_us, count.from_us)
    end_us = count.to_us if hold.until_us is None else min(hold.until_us, count.to_us)
    if begin_us >= end_us:
        return 0, 0, 0
    if begin_us == count.from_us and end_us == count.to_us:
        return count.entered, count.good, count.scrapped
    return (
        share(count.entered, begin_us, end_us, count),
        share(count.good, begin_us, end_us, count),
        share(count.scrapped, begin_us, end_us, count),
    )


def taken(holds: Sequence[Hold], count: Counted, sign: int = 1) -> Units:
    """Let the holds take their units of a count, or give them back with ``sign`` -1; returns how many they are in all."""
    entered = good = scrapped = 0
    for hold in holds:
        part = inside(hold, count)
        hold.entered += sign * part[0]
        hold.good += sign * part[1]
        hold.scrapped += sign * part[2]
        entered, good, scrapped = entered + part[0], good + part[1], scrapped + part[2]
    return entered, good, scrapped


def wholly(holds: Sequence[Hold], count: Counted) -> bool:
    """Whether all of a count's time was held."""
    held_us = 0
    for hold in holds:
        end_us = count.to_us if hold.until_us is None else min(hold.until_us, count.to_us)
        held_us += max(0, end_us - max(hold.since_us, count.from_us))
    return held_us == count.to_us - count.from_us


def tell(holds: list[Hold], event: Any, at_us: int, key: str, before: str | None) -> None:
    """Take in what was told of a station's holds; what meets no hold changes nothing.

    Args:
        holds: the station's, in the order of time.
        event: one of :data:`Told`.
        at_us: when it happened.
        key: its identity.
        before: the lot that the station made before, for one that begins.
    """
    if isinstance(event, StationHeld):
        if event.needs:  # what needs nothing holds nothing
            needs: list[str] = list(event.needs)
            _begin(
                holds,
                Hold(
                    since_us=at_us,
                    cause=event.cause,
                    needs=needs,
                    block=event.block,
                    lot=event.lot,
                    before=before,
                    key=key,
                ),
            )
        return
    if isinstance(event, LotRequired):
        if event.block:
            _begin(
                holds,
                Hold(since_us=at_us, cause=event.cause, needs=["lot"], block=False, before=event.lot, key=key),
            )
        return
    hold = hold_at(holds, at_us)
    if hold is None:
        return
    if isinstance(event, HoldOverridden):
        hold.overridden = Recorded(event.person, at_us, event.reason, key)
        hold.lacked, hold.until_us = list(event.missing), at_us
        return
    remark = event.remark if isinstance(event, FirstPieceChecked) else None
    recorded = Recorded(event.person, at_us, remark, key)
    if isinstance(event, FirstPieceChecked) and not event.right:
        hold.wrong = recorded
        hold.done.pop("first_piece", None)
        return
    need = NEED_OF[type(event)]
    hold.done[need] = recorded
    if need == "first_piece":
        hold.wrong = None
    if not hold.missing:
        hold.until_us = max(done.at_us for done in hold.done.values())


def lot_opened(holds: Sequence[Hold], at_us: int, person: str | None, key: str) -> None:
    """The lot that was due is opened: a hold that waits for it has what it needs of that."""
    hold = hold_at(holds, at_us)
    if hold is None or "lot" not in hold.missing:
        return
    hold.done["lot"] = Recorded(person or "", at_us, None, key)
    if not hold.missing:
        hold.until_us = max(done.at_us for done in hold.done.values())


def _begin(holds: list[Hold], new: Hold) -> None:
    """A hold begins; one that lasts gives way to it, as its needs stand in the new one.

    Of what a machine's change needs the event says so itself (:mod:`fabrika.operations.production.starts`); a lot that is due
    is told by itself, before it or after it, so that it is joined here.
    """
    last = hold_at(holds, new.since_us)
    if last is not None:
        last.until_us = new.since_us
        new.before = last.before or new.before
        if new.needs == ["lot"]:
            new.cause, new.lot, new.block = last.cause, last.lot, last.block
            new.needs = ["lot", *(need for need in last.missing if need != "lot")]
        elif "lot" in last.missing:
            new.needs = ["lot", *new.needs]
        if last.since_us == new.since_us:
            holds.remove(last)  # told twice of one change: it is one hold
    bisect.insort(holds, new, key=lambda hold: hold.since_us)
    later = holds[holds.index(new) + 1 :]
    if later:
        new.until_us = later[0].since_us
    del holds[:-HOLDS]
