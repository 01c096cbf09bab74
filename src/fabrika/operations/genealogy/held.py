"""When a station was held, and which of its units therefore belong to no lot.

A hold lasts until all that it needs is recorded, or somebody overrides it, or another takes its place: the same rule as in
production, read from the same facts. Units of a count that a hold cuts are shared out by time, in whole units that add up, so that
both rooms say the same of every lot.
"""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from msgspec import Struct

from fabrika.events.production import (
    FirstPieceChecked,
    HoldOverridden,
    LineCleared,
    LotRequired,
    SetupApproved,
    StationHeld,
)
from fabrika.operations.genealogy.series import Series, Totals

if TYPE_CHECKING:
    from collections.abc import Sequence

Told = StationHeld | LotRequired | LineCleared | FirstPieceChecked | SetupApproved | HoldOverridden
NEED_OF: dict[type, str] = {LineCleared: "clearance", FirstPieceChecked: "first_piece", SetupApproved: "approval"}
"""What each kind of event records."""


class HeldTime(Struct, array_like=True, gc=False):
    """A time in which a station is held.

    Attributes:
        until_us: its end, None while it lasts.
        needs: what was not recorded when it began; ``lot`` where the next one is due.
        done: when each of them was recorded.
    """

    since_us: int
    until_us: int | None
    needs: list[str]
    done: dict[str, int]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is needed and not recorded yet."""
        return tuple(need for need in self.needs if need not in self.done)

    def covers(self, at_us: int) -> bool:
        """Whether it lasts at an instant."""
        return self.since_us <= at_us and (self.until_us is None or at_us < self.until_us)


def tell(held: list[HeldTime], event: Told, at_us: int) -> None:
    """Take in what was told of a station's holds; what meets no hold changes nothing."""
    if isinstance(event, StationHeld):
        if event.needs:
            _begin(held, list(event.needs), at_us)
        return
    if isinstance(event, LotRequired):
        if event.block:
            _begin(held, ["lot"], at_us)
        return
    last = next((one for one in reversed(held) if one.covers(at_us)), None)
    if last is None:
        return
    if isinstance(event, HoldOverridden):
        last.until_us = at_us
        return
    need = NEED_OF[type(event)]
    if isinstance(event, FirstPieceChecked) and not event.right:
        last.done.pop(need, None)
        return
    last.done[need] = at_us
    if not last.missing:
        last.until_us = max(last.done.values())


def lot_opened(held: Sequence[HeldTime], at_us: int) -> None:
    """The lot that was due is opened: a hold that waits for it has what it needs of that."""
    last = next((one for one in reversed(held) if one.covers(at_us)), None)
    if last is None or "lot" not in last.missing:
        return
    last.done["lot"] = at_us
    if not last.missing:
        last.until_us = max(last.done.values())


def _begin(held: list[HeldTime], needs: list[str], at_us: int) -> None:
    """A hold begins; one that lasts gives way to it, and what it still needs of a lot that is due, or of a change, is joined."""
    last = next((one for one in reversed(held) if one.covers(at_us)), None)
    if last is not None:
        last.until_us = at_us
        if needs == ["lot"]:
            needs = ["lot", *(need for need in last.missing if need != "lot")]
        elif "lot" in last.missing:
            needs = ["lot", *needs]
        if last.since_us == at_us:
            held.remove(last)
    place = bisect.bisect_right(held, at_us, key=lambda one: one.since_us)
    until_us = held[place].since_us if place < len(held) else None
    held.insert(place, HeldTime(at_us, until_us, needs, {}))


def between(series: Series, held: Sequence[HeldTime], from_us: int, to_us: int | None) -> list[tuple[Totals, Totals]]:
    """A station's counters at begin and end of each stretch of a time in which it was held; stretches without units left out.

    Args:
        series: its counts.
        held: its holds, in the order of time.
        from_us, to_us: the time; None for as long as there are counts.
    """
    found = []
    for one in held:
        begin_us = max(one.since_us, from_us)
        ends = [end for end in (one.until_us, to_us) if end is not None]
        if ends and min(ends) <= begin_us:
            continue
        begin = shared(series, begin_us)
        end = shared(series, min(ends)) if ends else series.totals
        if end != begin:
            found.append((begin, end))
    return found


def shared(series: Series, at_us: int) -> Totals:
    """The counters at an instant; those of a count that is cut as if its units had come evenly, in whole units."""
    step = series.covering(at_us)
    if step is None:
        return series.at(at_us)[0]
    length, gone = step.to_us - step.from_us, at_us - step.from_us
    pairs = zip(step.before, step.after, strict=True)
    return Totals._make(before + (after - before) * gone // length for before, after in pairs)
