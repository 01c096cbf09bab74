"""Which units can be which: from counters before and behind a passage to ranges of units, that hold the truth by proof.

**Conservation.** Let ``A(t)`` units have come into a passage and ``D(t)`` left it, each taking ``per`` of them along, as its
counters show; and let ``c`` be what it held when they stood at nought. It holds ``W(t) = c + A(t) - per D(t)``, and
``0 <= W(t) <= hold`` at every instant; so each instant at which both counters are known gives

    max over t of (per D(t) - A(t))  <=  c  <=  hold - max over t of (A(t) - per D(t)).

Any set of instants gives true bounds; those of about a day around the unit are taken, so that a miscount of last year does no
harm. This is the continuity equation behind Little's law (Little 1961, Operations Research 9, 383-387), read unit by unit.

**In order.** Where nothing overtakes, the ``j``-th that leaves is made of the units that came in at places ``per (j-1) + 1`` to
``per j`` counted from the first that was held; the counter of arrivals began ``c`` places later. So it is made of arrivals
``per (j-1) + 1 - c`` to ``per j - c``, whatever ``c`` is within its bounds: the range is ``per`` wide and as much wider as the
bounds of ``c`` lie apart, ``hold`` at most. Units that go in and out in groups widen it by a group less one, either way.

**Scrap.** In a count's interval with ``L`` units gone before it, ``G`` of them good, the ``g``-th good unit is one of those that
left as ``L + (g - G)`` to ``L + (g - G) + s``, ``s`` being scrapped in the interval; if each scrap has its ordinal, it is one.

**Out of order.** What leaves as the ``j``-th had come in before, and there was room for it:
``W <= hold`` just before gives ``A <= per (j-1) - c + hold``. That is the end of its range, for sure. Nothing keeps a unit from being overtaken for ever,
so its begin, for sure, is the last instant at which the passage was empty: cleared, or ``W = 0`` by the bounds above. Yet no more
than ``hold`` units lay in the passage just before the ``j``-th left, and whatever came in later has a number beyond
``per (j-1) - c - hold``: so of all that leave from then on, all but ``hold`` lie in the narrow range that begins there.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from operator import sub
from typing import NamedTuple

from fabrika.answers.ways import Inside
from fabrika.operations.genealogy.series import ENTERED, GOOD, LEFT, Counts, Series, Step


class Span(NamedTuple):
    """Some units by their ordinals at a counter, 1 for the first since the book's first count of its station.

    Attributes:
        first, last: the range; ``last < first`` if there is none.
        surely: where it begins for sure: before ``first`` where units overtake each other.
        strays: how many units, of all those that the plant made, can lie between ``surely`` and ``first``.
    """

    first: int
    last: int
    surely: int
    strays: int

    @property
    def width(self) -> int:
        """How many units it could be, strays left out."""
        return max(0, self.last - self.first + 1)


class Held(NamedTuple):
    """Bounds of what a passage held when its counters stood at nought; ``agrees`` is False if the counters contradict them."""

    least: int
    most: int
    agrees: bool = True


def held(rows: Sequence[tuple[int, int, int]], hold: int) -> Held:
    """What a passage held when its counters stood at nought.

    Args:
        rows: at some instants, arrivals at least, arrivals at most, and what of them had left.
        hold: the most that it may hold.
    """
    if not rows:
        return Held(0, hold)
    at_least, at_most, left = zip(*rows, strict=True)
    least, most = max(map(sub, left, at_most)), hold - max(map(sub, at_least, left))
    if least <= most:
        return Held(max(least, -(10**15)), most)
    return Held(most, least, agrees=False)


def own_rows(counts: Counts, per: int) -> list[tuple[int, int, int]]:
    """For :func:`held`: a station's own counters, units that entered and units that left."""
    if not counts:
        return []
    left = counts.left() if per == 1 else [per * units for units in counts.left()]
    return list(zip(counts.entered, counts.entered, left, strict=True))


def between_rows(before: Counts, behind: Counts, per: int | None) -> list[tuple[int, int, int]]:
    """For :func:`held`: good units of one station and what another took of them, at instants of the other's counts.

    Where the one was not counted at that instant, the counts around it say how many units it can have been.

    Args:
        before, behind: counts of the one and of the other.
        per: how many of the one's units each that leaves the other took along; None where what enters it is counted.
    """
    if not before or not behind:
        return []
    taken = behind.entered if per is None else [per * units for units in behind.left()]
    rows, place, last = [], 0, len(before)
    begins, ends, good = before.begins, before.ends, before.good
    for at_us, gone in zip((behind.begins[0], *behind.ends), taken, strict=True):
        while place < last and ends[place] < at_us:
            place += 1
        if place == last:
            break
        if begins[place] > at_us:
            continue
        least = good[place + 1] if ends[place] == at_us else good[place]
        most = good[place] if begins[place] == at_us else good[place + 1]
        rows.append((least, max(least, most), gone))
    return rows


def left_of(step: Step, good: int) -> tuple[int, int]:
    """As which, of all that left, the ``good``-th good unit left: at least and at most; it is told of by this count."""
    nth = good - step.before.good
    at = step.before.left + nth
    scrapped = step.after.scrapped - step.before.scrapped
    if not step.exact:
        return at, at + scrapped
    place = 0
    while place < scrapped and step.marks[place] <= nth + place:
        place += 1
    return at + place, at + place


def good_of(step: Step, left: int) -> tuple[int, int]:
    """How many good units there were among the first ``left`` that left: at least and at most; this count tells of the last."""
    gone = left - step.before.left
    if step.exact:
        marked = bisect.bisect_right(step.marks, gone)
        return step.before.good + gone - marked, step.before.good + gone - marked
    scrapped, good = step.after.scrapped - step.before.scrapped, step.after.good - step.before.good
    return step.before.good + max(0, gone - scrapped), step.before.good + min(good, gone)


def arrivals(left: Span, start: Held, end: Held, through: Inside) -> Span:
    """What came in of which some of what left was made.

    Args:
        left: what left.
        start, end: what the passage held, by the counts around the first and around the last of it.
        through: what it may hold, and in which order units leave.
    """
    hold, per, group, in_order = through
    if in_order:
        first = per * (left.first - 1) + 1 - start.most - (group - 1)
        last = per * left.last - end.least + (group - 1)
        surely = per * (left.surely - 1) + 1 - start.most - (group - 1)
        return Span(first, last, min(first, surely), left.strays * per)
    first = per * (left.first - 1) + 1 - start.most - hold
    last = per * (left.last - 1) - end.least + hold
    return Span(first, max(first, last), -(10**15), left.strays * per + hold)


def departures(came: Span, start: Held, end: Held, through: Inside) -> Span:
    """What left and was made of some of what came in; the same arithmetic the other way round.

    Out of order, a unit that is overtaken for ever leaves beyond the last; no more than ``strays`` do.
    """
    hold, per, group, in_order = through
    if in_order:
        first = -(-(came.first + start.least - (group - 1)) // per)
        last = -(-(came.last + end.most + (group - 1)) // per)
        return Span(first, last, first, came.strays)
    first = -(-(came.first + start.least - hold) // per)
    last = -(-(came.last + end.most + hold) // per)
    return Span(first, last, first, came.strays + hold)


def entered_at(series: Series, at_us: int, passed: int) -> tuple[int, int]:
    """After how many units that entered something happened, at least and at most: as it was told, else by the counts around."""
    if passed >= 0:
        return passed, passed
    least, most = series.at(at_us)
    return least.entered, most.entered


def steps_of(series: Series, span: Span, column: int) -> tuple[Step | None, Step | None]:
    """The counts that tell of the first and of the last of some units; None beyond what was counted."""
    total = {ENTERED: series.entered, GOOD: series.good, LEFT: series.good + series.scrapped}[column]
    first, last = max(1, span.first), min(total, span.last)
    if first > last:
        return None, None
    return series.of_unit(first, column), series.of_unit(last, column)
