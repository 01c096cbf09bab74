"""Trace against the truth of single units: whether what truly became of them lies in the ranges that trace and recall answer with.

A unit's truth is known in some stretches of the run (:mod:`fabrika.twin.units`). Questions begin with units of every lot that a
stretch has met, as the line's last station numbers them, and with units of the stations at which everything begins.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from fabrika.answers.passages import Span
from fabrika.answers.touched import beside
from fabrika.answers.trace import containers_of, runs_of
from fabrika.answers.unit_ways import UnitWays, Visit
from fabrika.answers.ways import Ways
from fabrika.operations.genealogy.state import GenealogyState, reading
from fabrika.twin.retold import Retold
from fabrika.twin.units import Units

QUESTIONS = 400
"""Units that each direction is asked about; fewer if fewer are known, and then all of them."""
NAMED = 10
"""Answers that do not hold the truth and are named; all are counted."""


class Widths(Struct, frozen=True, kw_only=True):
    """How wide ranges are, in units: the median, what 95 of 100 do not go beyond, the greatest, and the share that is one unit wide."""

    median: int
    most_of_95: int
    greatest: int
    ones: float


class Direction(Struct, frozen=True, kw_only=True):
    """Questions in one direction.

    Attributes:
        way: ``back`` or ``ahead``.
        units: how many were asked about.
        stations: at how many stations a unit's truth was known, over all of them.
        inside: of these, how often it lay in the range; strays count where the answer says that there may be some.
        strays: how often it lay only among those.
        widths: None if nothing was asked.
    """

    way: str
    units: int
    stations: int
    inside: int
    strays: int
    widths: Widths | None


class Miss(Struct, frozen=True, kw_only=True):
    """An answer that does not hold the truth: asked about a station's good unit, of what it was or became at another."""

    way: str
    asked: str
    unit: int
    station: str
    true: int


class TraceScore(Struct, frozen=True, kw_only=True):
    """Both directions.

    Attributes:
        hours: length of the stretches in which single units are known.
        whole: whether that is all of the period.
        units: steps of units that are known, one for each station that one went through.
        lots, lots_asked: lots of which something was made, and those of which units were asked about.
        beside, beside_inside: how often it is known which material, tool or container a unit met, and how often the answer names it.
        misses: the first :data:`NAMED`.
    """

    hours: float
    whole: bool
    units: int
    lots: int
    lots_asked: int
    back: Direction
    ahead: Direction
    beside: int
    beside_inside: int
    misses: tuple[Miss, ...]

    @property
    def holds(self) -> bool:
        """Whether the truth was in every answer."""
        asked = (self.back, self.ahead)
        return all(one.inside == one.stations for one in asked) and self.beside == self.beside_inside


class _Tally:
    """Counts the answers of one direction."""

    def __init__(self, way: str) -> None:
        self.way, self.units, self.stations, self.inside, self.strays = way, 0, 0, 0, 0
        self.widths: list[int] = []

    def direction(self) -> Direction:
        """As it is told."""
        return Direction(
            way=self.way,
            units=self.units,
            stations=self.stations,
            inside=self.inside,
            strays=self.strays,
            widths=widths_of(self.widths),
        )


def widths_of(widths: Sequence[int]) -> Widths | None:
    """Figures of some widths; None of none."""
    if not widths:
        return None
    rows, n = sorted(widths), len(widths)
    return Widths(
        median=rows[(n - 1) // 2],
        most_of_95=rows[-(-95 * n // 100) - 1],
        greatest=rows[-1],
        ones=sum(width == 1 for width in rows) / n,
    )


class TraceScorer:
    """Asks and compares; see the module.

    Args:
        state: what genealogy knows.
        plan: the plant's ways.
        units: the truth.
        truth: what was said, for what was at the stations meanwhile.
        origin_us: instant of time 0 of the run, microseconds since 1970 UTC.
        progress: called now and then with the share done, in [0, 1]; may raise to stop.
    """

    def __init__(
        self,
        state: GenealogyState,
        plan: Ways,
        units: Units,
        truth: Retold,
        *,
        origin_us: int,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.state, self.plan, self.units, self.truth = reading(state), plan, units, truth
        self.origin_us, self.progress = origin_us, progress or (lambda _share: None)
        self.finder = UnitWays(self.state, plan)
        self.misses: list[Miss] = []
        self.met = self.named = 0
        self.marked: dict[str, list[list[tuple[int, str]]]] = defaultdict(list)
        for (station, _), marks in truth.went_in.items():
            self.marked[station].append(marks)
        self.rows: dict[str, list[tuple[int, int]]] = defaultdict(list)
        last_ns = (truth.until_us - origin_us) * 1000
        for row, good in enumerate(units.good):
            if good > 0 and units.left_ns[row] < last_ns:
                self.rows[units.stations[units.station[row]]].append((good, row))
        for found in self.rows.values():
            found.sort()

    def score(self, hours: float, *, whole: bool) -> TraceScore:
        """Ask both ways."""
        lots = [name for name, lot in self.state.lots.items() if lot.runs.get(self.plan.counting.get(lot.line, ""))]
        of_lots = {name: found for name in lots if (found := list(self._of_lot(name)))}
        each = max(1, QUESTIONS // max(1, len(of_lots)))
        all_of = sum(map(len, of_lots.values())) <= QUESTIONS
        ends = [pair for found in of_lots.values() for pair in (found if all_of else spread(found, each))]
        if not ends:
            # a plant without lots: whatever its last stations let go
            last = [path for path in self.plan.stations if not self.plan.ahead[path]]
            ends = spread([(path, row) for path in last for _, row in self.rows[path]], QUESTIONS)
        first = [path for path in self.plan.stations if not self.plan.behind[path]]
        begins = spread([(path, row) for path in first for _, row in self.rows[path]], QUESTIONS)
        back, ahead, asked = _Tally("back"), _Tally("ahead"), 0
        for tally, pairs in ((back, ends), (ahead, begins)):
            for station, row in pairs:
                self._ask(tally, station, row)
                asked += 1
                self.progress(asked / max(1, len(ends) + len(begins)))
        return TraceScore(
            hours=hours,
            whole=whole,
            units=len(self.units),
            lots=len(lots),
            lots_asked=len(of_lots),
            back=back.direction(),
            ahead=ahead.direction(),
            beside=self.met,
            beside_inside=self.named,
            misses=tuple(self.misses[:NAMED]),
        )

    def _of_lot(self, lot: str) -> Iterator[tuple[str, int]]:
        """Units of a lot that are known at its line's last station."""
        station = self.plan.counting.get(self.state.lots[lot].line, "")
        known = self.rows.get(station, [])
        for begin, end in runs_of(self.state, lot, station):
            low, high = (bisect.bisect_left(known, (n, 0)) for n in (begin + 1, end + 1))
            yield from ((station, row) for _, row in known[low:high])

    def _ask(self, tally: _Tally, station: str, row: int) -> None:
        """One unit: where it was, or where it went, against where the truth has it."""
        good = self.units.good[row]
        span = Span(good, good, good, 0)
        backwards = tally.way == "back"
        visits = self.finder.back(station, span) if backwards else self.finder.ahead(station, span)
        answers = {visit.station: visit for visit in visits}
        tally.units += 1
        tally.widths += [visit.good.width for visit in visits if visit.good.width]
        known = self.units.before(row) if backwards else self.units.behind(row)
        named: dict[str, frozenset[str]] = {}
        for one in known:
            place, true = self.units.stations[self.units.station[one]], self.units.good[one]
            if true <= 0 or self.units.left_ns[one] >= (self.truth.until_us - self.origin_us) * 1000:
                continue
            tally.stations += 1
            visit = answers.get(place)
            narrow = visit is not None and visit.good.first <= true <= visit.good.last
            held = narrow or (visit is not None and strays_hold(visit, true, backwards=backwards))
            if held and visit is not None and backwards and visit.to_us is not None:
                held = self._us(self.units.left_ns[one]) <= visit.to_us
            tally.inside += held
            tally.strays += held and not narrow
            if not held:
                self.misses.append(Miss(way=tally.way, asked=station, unit=good, station=place, true=true))
            elif visit is not None and backwards and narrow:
                self._beside(visit, one, named)

    def _us(self, ns: int) -> int:
        return self.origin_us + ns // 1000

    def _beside(self, visit: Visit, row: int, said: dict[str, frozenset[str]]) -> None:
        """Whether what a unit met at a station is among what the answer names, which ``said`` keeps by station."""
        came, left = self._us(self.units.came_ns[row]), self._us(self.units.left_ns[row])
        marked = self.marked.get(visit.station, ()) if self.units.came_ns[row] >= 0 else ()
        met = {subject for marks in marked for subject in in_force(marks, came)}
        if met:
            if visit.station not in said:
                around = beside(self.state, self.plan, visit)
                said[visit.station] = frozenset(one.subject for one in around)
            self.met += len(met)
            self.named += len(met & said[visit.station])
        container = self.truth.filled.get((visit.station, left))
        if container is not None:
            self.met += 1
            self.named += container in containers_of(self.state, visit.station, visit.good, visit.from_us)


def strays_hold(visit: Visit, true: int, *, backwards: bool) -> bool:
    """Whether a unit outside the narrow range is one of those that the answer says can lie there: before it, or forwards behind it."""
    if not visit.good.strays:
        return False
    return visit.good.surely <= true <= visit.good.last if backwards else true >= visit.good.first


def in_force(marks: Sequence[tuple[int, str]], at_us: int) -> list[str]:
    """What went in last before an instant; nothing if that was at this very instant, as it is not known then which came first."""
    place = bisect.bisect_right(marks, at_us, key=lambda mark: mark[0])
    if not place or marks[place - 1][0] == at_us:
        return []
    return [marks[place - 1][1]]


def spread(rows: Sequence[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    """At most so many of some rows, evenly from all of them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[(2 * n + 1) * len(rows) // (2 * most)] for n in range(most)]
