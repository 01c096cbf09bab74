"""One unit's or many units' way through the plant, station by station, backwards and forwards; see :mod:`passages`."""

from __future__ import annotations

from typing import NamedTuple

from fabrika.answers.passages import (
    Held,
    Span,
    arrivals,
    between_rows,
    departures,
    good_of,
    held,
    left_of,
    own_rows,
    steps_of,
)
from fabrika.answers.ways import Inside, Link, Ways
from fabrika.operations.genealogy.series import ENTERED, GOOD, LEFT, Counts, Series, Step
from fabrika.operations.genealogy.state import GenealogyState

LYING_US = 7 * 86_400_000_000
"""Units lie between two stations for no longer, where samples are taken out between them."""
BEFORE = 1 << 62
"""Before all units of a book."""
_NOTHING: Series = Series()


class Visit(NamedTuple):
    """Units at a station.

    Attributes:
        good: as which good units they left it.
        entered: as which units they came in.
        from_us: from when on they can have come in, us; None before the book's first count of the station.
        to_us: until when they have left; None if they have not yet, or nobody counted it.
        agrees: False if the counters around contradict what the station and what lies before it can hold.
    """

    station: str
    good: Span
    entered: Span
    from_us: int | None
    to_us: int | None
    agrees: bool


class UnitWays:
    """See the module.

    Args:
        state: what genealogy knows.
        plan: the ways of the plant.
    """

    def __init__(self, state: GenealogyState, plan: Ways) -> None:
        self.state, self.plan = state, plan
        self._betweens: dict[tuple[str, str, int, int, int, int], Held] = {}
        self._insides: dict[tuple[str, int], Held] = {}

    def series(self, station: str) -> Series:
        """A station's counts; none if it never told any."""
        book = self.state.stations.get(station)
        return book.series if book is not None else _NOTHING

    # Backwards

    def back(self, station: str, good: Span) -> list[Visit]:
        """Where good units of a station were before: that station first, then whatever gave to it, and so on."""
        found: dict[str, Visit] = {}
        wanted: list[tuple[str, Span]] = [(station, good)]
        while wanted:
            path, span = wanted.pop(0)
            known = found.get(path)
            if known is not None:
                if known.good.first <= span.first and span.last <= known.good.last:
                    continue
                span = both(known.good, span)
            visit = self._came(path, span)
            found[path] = visit
            if visit.entered.width:
                wanted += [pair for link in self.plan.behind.get(path, ()) for pair in self._given(path, link, visit)]
        return list(found.values())

    def _came(self, path: str, good: Span) -> Visit:
        """As what the good units of a station came into it, and when."""
        series, inside = self.series(path), self.plan.inside[path]
        first, last = steps_of(series, good, GOOD)
        if first is None or last is None:
            return Visit(path, good, Span(1, 0, 1, good.strays), None, None, agrees=True)
        left = Span(
            left_of(first, max(1, good.first))[0],
            left_of(last, min(series.good, good.last))[1],
            self._left_at_least(series, good.surely),
            good.strays,
        )
        start = self._inside(path, first)
        end = start if last == first else self._inside(path, last)
        came = arrivals(left, start, end, inside)
        if not inside.in_order:
            came = came._replace(surely=min(came.first, self._emptied(path, first, start)))
        came = came._replace(last=min(came.last, last.after.entered))
        begins, _ = steps_of(series, came, ENTERED)
        early = None if came.first < 1 or begins is None else begins.from_us
        return Visit(path, good, came, early, last.to_us, start.agrees and end.agrees)

    @staticmethod
    def _left_at_least(series: Series, good: int) -> int:
        step = series.of_unit(good, GOOD) if good > 0 else None
        return good if step is None else left_of(step, good)[0]

    def _inside(self, path: str, step: Step) -> Held:
        inside, series = self.plan.inside[path], self.series(path)
        key = (path, series.piece_at(step.from_us))
        if key not in self._insides:  # what is around a count is around all counts of its piece
            self._insides[key] = held(own_rows(series.around(step.from_us), inside.per), inside.hold)
        return self._insides[key]

    def _emptied(self, path: str, step: Step, start: Held) -> int:
        """The first unit that can be in a station out of order: behind the last instant at which it was surely empty."""
        book, per = self.state.stations[path], self.plan.inside[path].per
        surely = 1 - start.most if not book.series.blocks else -BEFORE
        counts = self.series(path).around(step.from_us).until(step.from_us)
        for entered, left in zip(counts.entered[1:], counts.left()[1:], strict=True):
            if start.most + entered - per * left <= 0:
                surely = max(surely, entered + 1)
        for mark in reversed(book.marks):
            if mark.kind == "cleared" and mark.at_us <= step.from_us:
                return max(surely, book.series.at(mark.at_us)[0].entered + 1)
        return surely

    def _given(self, path: str, link: Link, visit: Visit) -> list[tuple[str, Span]]:
        """Of which good units of the stations before a visit's units came through a link."""
        if len(link.sources) == 1 and link.in_order:
            return [(link.sources[0], self._in_turn(path, link, visit))]
        until_us = self._until(path, link, visit)
        return [(source, self._by_time(source, link, visit, until_us)) for source in link.sources]

    def _in_turn(self, path: str, link: Link, visit: Visit) -> Span:
        """Through a link in order: what came in, less what lay there when the counters stood at nought."""
        series = self.series(path)
        span = visit.entered if not link.per else self._left(path, visit.good)
        first, last = steps_of(series, span, LEFT if link.per else ENTERED)
        source = link.sources[0]
        if first is None or last is None:
            return Span(1, 0, 1, 0)
        start = self._between(source, path, link, first)
        end = start if last == first else self._between(source, path, link, last)
        found = arrivals(span, start, end, _in_turn(link))
        return found._replace(last=min(found.last, self.series(source).at(last.to_us)[1].good))

    def _left(self, path: str, good: Span) -> Span:
        """As which units, of all that left a station, its good units left."""
        series = self.series(path)
        first, last = steps_of(series, good, GOOD)
        if first is None or last is None:
            return Span(1, 0, 1, good.strays)
        low, high = left_of(first, max(1, good.first))[0], left_of(last, min(series.good, good.last))[1]
        return Span(low, high, self._left_at_least(series, good.surely), good.strays)

    def _between(self, source: str, path: str, link: Link, step: Step) -> Held:
        first, second = self.series(source), self.series(path)
        key = (source, path, link.hold, link.per, first.piece_at(step.from_us), second.piece_at(step.from_us))
        if key not in self._betweens:
            before, behind = first.around(step.from_us), second.around(step.from_us)
            found = held(between_rows(before, behind, link.per or None), link.hold)
            self._betweens[key] = self._sampled(source, before, found)
        return self._betweens[key]

    def _sampled(self, source: str, around: Counts, found: Held) -> Held:
        """What a passage held, where units are taken out behind its source as samples: nobody counts which of them, or when.

        Each sample that can have been taken while these counts, or the units that they tell of, passed shifts what follows it by one.
        """
        book = self.state.stations.get(source)
        if book is None or not book.samples or not around:
            return found
        begins_us, ends_us = around.begins[0], around.ends[-1] + LYING_US
        taken = sum(one.units for one in book.samples if begins_us <= one.to_us and one.from_us <= ends_us)
        agrees = found.agrees or found.most - found.least <= taken
        return Held(found.least - taken, found.most + taken, agrees)

    def _until(self, path: str, link: Link, visit: Visit) -> int | None:
        """Until when a visit's units came in; none that gave them let them go later."""
        series = self.series(path)
        span = self._left(path, visit.good) if link.per else visit.entered
        _, last = steps_of(series, span, LEFT if link.per else ENTERED)
        return None if last is None else last.to_us

    def _by_time(self, source: str, link: Link, visit: Visit, until_us: int | None) -> Span:
        """Where several give or take, or units overtake each other: whatever a source let go before, and what lay there at most.

        Where each source's units stay in order, those that lie in the link are the last that it let go. Elsewhere, of the units that lie in the link just before the first came in, at most ``hold`` in all, any may be it; all others
        that come later left their source later, too.
        """
        series = self.series(source)
        if until_us is None or visit.from_us is None:
            last = 0 if until_us is None else series.at(until_us)[1].good
            return Span(1, last, -BEFORE, link.hold)
        since = series.at(visit.from_us)[0].good
        last = series.at(until_us)[1].good
        first = since - link.hold + 1
        if link.lanes:
            return Span(first, max(first, last), first, visit.entered.strays)
        return Span(first, max(first, last), -BEFORE, visit.entered.strays + link.hold)

    # Forwards

    def ahead(self, station: str, good: Span) -> list[Visit]:
        """Where good units of a station went, without that station: whoever took them, and so on to the end of the way."""
        found: dict[str, Visit] = {}
        wanted = [(station, good)]
        while wanted:
            path, span = wanted.pop(0)
            for link in self.plan.ahead.get(path, ()):
                for taker in link.takers:
                    visit = self.went(taker, self.taken(path, taker, link, span))
                    known = found.get(taker)
                    if known is not None:
                        if _holds(known, visit):
                            continue
                        visit = _wider(known, visit)
                    found[taker] = visit
                    if visit.good.width:
                        wanted.append((taker, visit.good))
        return list(found.values())

    def taken(self, source: str, taker: str, link: Link, span: Span) -> Span:
        """As which units, of all that entered a taker, good units of a source came in; an assembly's products if it is one."""
        series = self.series(source)
        first, last = steps_of(series, span, GOOD)
        total = self.series(taker)
        if first is None or last is None:
            return Span(1, 0, 1, 0)
        if len(link.sources) == 1 and link.in_order:
            start = self._between(source, taker, link, first)
            end = start if last == first else self._between(source, taker, link, last)
            return departures(span, start, end, _in_turn(link))
        # Before a unit no more can lie in the link than it holds: it is among the next that each taker takes. Where units
        # overtake each other, no more than it holds can be taken later still.
        begins, ends = total.at(first.from_us)[0], total.at(last.to_us)[1]
        strays = span.strays + (0 if link.lanes else link.hold)
        if link.per:
            return Span(begins.left + 1, ends.left + link.hold // link.per + 1, begins.left + 1, strays)
        return Span(begins.entered + 1, ends.entered + link.hold + 1, begins.entered + 1, strays)

    def went(self, path: str, came: Span) -> Visit:
        """As which good units those that came into a station left it, and when; for an assembly ``came`` are its products."""
        series, inside = self.series(path), self.plan.inside[path]
        products = self.plan.stations[path].kind == "assembly"
        column = LEFT if products else ENTERED
        first, last = steps_of(series, came, column)
        if first is None or last is None:
            return Visit(path, Span(1, 0, 1, came.strays), came, None, None, agrees=True)
        start = self._inside(path, first)
        end = start if last == first else self._inside(path, last)
        left = came
        if not products:
            left = departures(came, start, end, inside)
        begin, finish = steps_of(series, left, LEFT)
        if begin is None or finish is None:
            return Visit(path, Span(1, 0, 1, left.strays), came, first.from_us, None, agrees=True)
        low = good_of(begin, max(1, left.first) - 1)[0] + 1
        total = series.totals
        high = good_of(finish, min(total.left, left.last))[1]
        until = finish.to_us if left.last <= total.left else None
        return Visit(path, Span(low, high, low, left.strays), came, first.from_us, until, start.agrees and end.agrees)


def _in_turn(link: Link) -> Inside:
    """A link in order as a passage."""
    return Inside(link.hold, link.per or 1, 1, in_order=True)


def both(one: Span, other: Span) -> Span:
    """The least span that holds two."""
    return Span(
        min(one.first, other.first),
        max(one.last, other.last),
        min(one.surely, other.surely),
        max(one.strays, other.strays),
    )


def _holds(known: Visit, other: Visit) -> bool:
    inside = known.good.first <= other.good.first and other.good.last <= known.good.last
    return inside or not other.good.width


def _wider(known: Visit, other: Visit) -> Visit:
    starts = [at_us for at_us in (known.from_us, other.from_us) if at_us is not None]
    ends = None if known.to_us is None or other.to_us is None else max(known.to_us, other.to_us)
    return Visit(
        known.station,
        both(known.good, other.good) if known.good.width else other.good,
        both(known.entered, other.entered),
        min(starts) if starts else None,
        ends,
        known.agrees and other.agrees,
    )
