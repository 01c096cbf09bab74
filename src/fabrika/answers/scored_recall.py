"""Recall against the truth: what a material lot, a tool or a container truly touched must be among what its recall reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from msgspec import Struct

from fabrika.answers.recall import Recall, recall
from fabrika.answers.scored_trace import TraceScorer, in_force, spread
from fabrika.answers.trace import runs_of
from fabrika.page import Asked

SUBJECTS = 40
"""Things of which a recall is asked, evenly from all; of each so many units at most are looked for in the answer."""
ROWS = 4_000
"""Units of a station that are looked at for what they met."""
UNITS = 25


class RecallScore(Struct, frozen=True, kw_only=True):
    """Recalls of material lots, tools and containers.

    Attributes:
        subjects: how many recalls were asked.
        units: good units of lots that are known to be touched and were looked for.
        inside: of these, those in the ranges that the recall names; strays count where it says that there may be some.
        strays: those only among such.
    """

    subjects: int
    units: int
    inside: int
    strays: int


def scored_recall(
    scorer: TraceScorer, asked: Callable[[str, str], Asked], progress: Callable[[float], None] | None = None
) -> RecallScore:
    """Ask recalls and look for what was truly touched.

    Args:
        scorer: has the truth, and what genealogy knows.
        asked: what a page is asked for by kind and subject, as in ``/recall?material=M-1``.
        progress: called now and then with the share done, in [0, 1]; may raise to stop.
    """
    touched = _touched(scorer)
    numbers = _Numbers(scorer)
    subjects = sorted(touched)
    chosen = subjects[:: max(1, -(-len(subjects) // SUBJECTS))]
    units = inside = strays = 0
    for place, (kind, subject) in enumerate(chosen):
        answer = recall({"genealogy": scorer.state}, asked(kind, subject))
        ranges = {row.lot: (row.from_unit, row.to_unit) for row in answer.lots}
        for row in [row for _, row in spread([("", row) for row in touched[kind, subject]], UNITS)]:
            for station, lot, number in numbers.of(row):
                units += 1
                low, high = ranges.get(lot, (None, None))
                if low is not None and high is not None and low <= number <= high:
                    inside += 1
                elif _may_stray(answer, station):
                    inside, strays = inside + 1, strays + 1
        if progress is not None:
            progress((place + 1) / len(chosen))
    return RecallScore(subjects=len(chosen), units=units, inside=inside, strays=strays)


def _may_stray(answer: Recall, station: str) -> bool:
    return any(row.strays for row in answer.stations if row.station == station)


def _touched(scorer: TraceScorer) -> dict[tuple[str, str], list[int]]:
    """Rows of units that met something, by what the address of its recall calls it and its id."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    truth, units = scorer.truth, scorer.units
    for (station, what), marks in truth.went_in.items():
        kind = "tool" if what == "tool" else "material"
        for _, row in spread([("", row) for _, row in scorer.rows.get(station, ())], ROWS):
            if units.came_ns[row] >= 0:
                for subject in in_force(marks, scorer.origin_us + units.came_ns[row] // 1000):
                    found[kind, subject].append(row)
    for station in {station for station, _ in truth.filled}:
        for _, row in scorer.rows.get(station, ()):
            container = truth.filled.get((station, scorer.origin_us + units.left_ns[row] // 1000))
            if container is not None:
                found["container", container].append(row)
    return found


class _Numbers:
    """Which unit of which lot the counting station of a line made."""

    def __init__(self, scorer: TraceScorer) -> None:
        self.units, self.until_ns = scorer.units, (scorer.truth.until_us - scorer.origin_us) * 1000
        self.runs: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
        for name, lot in scorer.state.lots.items():
            station, so_far = scorer.plan.counting.get(lot.line, ""), 0
            for begin, end in runs_of(scorer.state, name, station):
                self.runs[station].append((begin, end, so_far, name))
                so_far += end - begin

    def of(self, row: int) -> Iterator[tuple[str, str, int]]:
        """Station, lot and number of what a unit was and became, where a line's lot numbers it."""
        for one in (row, *self.units.behind(row)):
            station, good = self.units.stations[self.units.station[one]], self.units.good[one]
            if good <= 0 or self.units.left_ns[one] >= self.until_ns:
                continue
            for begin, end, so_far, lot in self.runs.get(station, ()):
                if begin < good <= end:
                    yield station, lot, so_far + good - begin
