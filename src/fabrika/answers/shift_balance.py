"""The balance of a shift: what came into each passage was taken out of it, or still lies there, or it is unaccounted for.

**With proof.** Where it is known at two instants what a passage held (:mod:`fabrika.answers.proven`), what came in between, less what
was taken, less by how much its content has grown, is what is missing: exact, up to the counters. The last proof of a shift is compared
with the last before it and the first within it; no more, so that the limit holds for the shift. This is a cumulative-sum chart of the difference of two counters (Page 1954, Biometrika 41,
100-115; ISO 7870-4:2021), which restarts with each shift; the decision interval is the normal limit of :func:`.balance.limit`, as the
counters' errors are shares of their counts, not noise that averages out.

**Uncertainty.** A share ``u`` of ``n`` units, in 95 of 100 cases, is a standard uncertainty of ``u n / 2`` (JCGM 100:2008, 4.3.4);
a counter that shows whole units adds 1/sqrt(12) at each reading (F.2.2.1). Independent ones add up in quadrature (5.1.2). Some
units are always tolerated, as one that passes a counter at the very instant of a proof may be counted before or behind it.

**One word is no proof.** A machine may say once that it is starved when it is not. So a machine's word counts as far as the one before or
behind it agrees: in the middle the median of three, at the ends the weaker of two. What only grows is not distorted by that
(Tukey 1977, Exploratory Data Analysis, 7A), and a single wrong word is never an alarm. A person's count stands for itself.

**Without proof.** A passage may hold anything between nothing and the most that fits: what came in and was taken bounds what it held before
the shift, and only what goes beyond is unaccounted for. It is said that nothing was proven, and that somebody should count it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fabrika.answers.balance import COVERAGE, Chain, Part, chains_of, comparisons_of, judged, limit, within
from fabrika.answers.passages import between_rows, held, own_rows
from fabrika.answers.proven import Passage, Proof, passages, proofs
from fabrika.answers.ways import Ways
from fabrika.operations.genealogy.state import GenealogyState

THREE = 3
AT_INSTANTS = 3
"""Units that may be counted on either side of the two instants of a comparison, or be among those that a counter happens to miss."""
RESOLUTION = math.sqrt(4.0 / 12.0)
"""Standard uncertainty of a difference of two counters at two instants, as each shows whole units."""
BACK_US = 3 * 86_400_000_000
"""How far before a shift a proof may lie."""


class Balanced(NamedTuple):
    """A passage in a shift.

    Attributes:
        part: the comparison; None where nothing can be compared.
        begin, end: the proofs between which it was balanced; None if there are no two.
        last: the last proof of all, and None if there was none in the days before.
    """

    passage: Passage
    part: Part | None
    begin: Proof | None
    end: Proof | None
    last: Proof | None


class Level(NamedTuple):
    """What had come and neither lies in the passage nor was taken, at least and at most, at a proof, as far as others agree."""

    proof: Proof
    low: int
    high: int


def agreed(found: Sequence[Proof]) -> list[Level]:
    """Levels of proofs of one kind in the order of time; see the module for how far a single word counts."""
    levels = []
    for place, proof in enumerate(found):
        around = [proof, *found[max(0, place - 1) : place], *found[place + 1 : place + 2]]
        lows, highs = sorted(one.low for one in around), sorted(one.high for one in around)
        if proof.kind == "counted":
            levels.append(Level(proof, proof.low, proof.high))
        elif len(around) == THREE:
            levels.append(Level(proof, lows[1], highs[1]))
        elif len(around) > 1:
            levels.append(Level(proof, lows[0], highs[-1]))
    return levels


def proven(
    passage: Passage, found: Sequence[Proof], from_us: int, shares: tuple[float, float], comparisons: int
) -> tuple[Part, Proof, Proof] | None:
    """What is missing in a passage between two proofs of which the second lies in a shift: the pair that says most.

    Args:
        passage: where.
        found: its proofs up to the shift's end or now, in the order of time, some before the shift.
        from_us: the shift's begin.
        shares: within which share of its count the counters of both stations are, in 95 of 100 cases.
        comparisons: how many are made in the plant in a shift.
    """
    best: tuple[float, int, Level, Level] | None = None
    for kinds in (("empty", "counted"), ("full",)):
        of_kind = [proof for proof in found if proof.kind in kinds]
        before = sum(proof.at_us <= from_us for proof in of_kind)
        levels = agreed(of_kind[max(0, before - THREE) :])
        during = next((place for place, one in enumerate(levels) if one.proof.at_us > from_us), len(levels))
        for begin in levels[max(0, during - 1) : min(during + 1, len(levels) - 1)]:
            end = levels[-1]
            if end.proof.at_us <= max(begin.proof.at_us, from_us):
                continue
            low, high = end.low - begin.high, end.high - begin.low
            missing = low if low > 0 else min(0, high)
            weight = abs(missing) / (1 + _tolerated(passage, begin, end, shares, comparisons))
            if best is None or weight > best[0]:
                best = weight, missing, begin, end
    if best is None:
        return None
    _, missing, begin, end = best
    came, gone = end.proof.came[1] - begin.proof.came[0], end.proof.gone[0] - begin.proof.gone[1]
    part = Part(
        before=passage.before,
        behind=passage.behind,
        came=came * passage.pieces,
        left=gone * passage.pieces,
        inside=(came - gone - missing) * passage.pieces,
        unaccounted=missing * passage.pieces,
        sigma=_sigma(begin.proof, end.proof, shares) * passage.pieces,
        tolerated=_tolerated(passage, begin, end, shares, comparisons) * passage.pieces,
    )
    return part, begin.proof, end.proof


def _tolerated(passage: Passage, begin: Level, end: Level, shares: tuple[float, float], comparisons: int) -> int:
    """How many units between two proofs the counters explain."""
    unit = max(1, passage.per)
    sigma = math.hypot(_sigma(begin.proof, end.proof, shares), RESOLUTION * unit)
    return max(AT_INSTANTS * unit, math.floor(limit(comparisons) * sigma))


def _sigma(begin: Proof, end: Proof, shares: tuple[float, float]) -> float:
    """Standard uncertainty of the difference of two counters between two proofs, in units."""
    came, gone = end.came[1] - begin.came[0], end.gone[1] - begin.gone[0]
    return math.hypot(shares[0] * came, shares[1] * gone) / COVERAGE


def balanced(state: GenealogyState, plan: Ways, line: str, from_us: int, to_us: int) -> Iterator[Balanced]:
    """The passages into a line's stations over a shift, in the order of the line."""
    of_chain = {(chain.before, chain.behind): chain for chain in chains_of(plan, line)}
    for passage in kept_passages(plan):
        if passage.behind.partition(".")[0] != line:
            continue
        found = proofs(state, passage, from_us - BACK_US, to_us)
        shares = within(plan, passage.before), within(plan, passage.behind)
        judged_by = proven(passage, found, from_us, shares, comparisons_of(plan))
        chain = of_chain.get((passage.before, passage.behind))
        bounded = conserved(state, plan, chain, from_us, to_us) if chain is not None else None
        last = found[-1] if found else None
        if judged_by is not None and (bounded is None or bounded.fits or not judged_by[0].fits):
            yield Balanced(passage, *judged_by, last)
        else:
            yield Balanced(passage, bounded, None, None, last)


def own_parts(state: GenealogyState, plan: Ways, line: str, from_us: int, to_us: int) -> list[Part]:
    """What entered and left each of a line's stations over a shift, compared."""
    return [
        part
        for chain in chains_of(plan, line)
        if chain.before == chain.behind and (part := conserved(state, plan, chain, from_us, to_us)) is not None
    ]


def conserved(state: GenealogyState, plan: Ways, chain: Chain, from_us: int, to_us: int) -> Part | None:
    """A comparison by what a passage may hold at all.

    What it held as the shift began is bounded by the counts before; that, and what came and left since, may at no count of the
    shift be less than nothing or more than fits.
    """
    before, behind = state.stations.get(chain.before), state.stations.get(chain.behind)
    if before is None or behind is None:
        return None
    per = plan.inside[chain.behind].per
    counts, other = before.series.around(to_us).until(to_us), behind.series.around(to_us).until(to_us)
    rows = own_rows(counts, per) if chain.before == chain.behind else between_rows(counts, other, chain.per or None)
    ends = [counts.begins[0] if counts else 0, *other.ends]
    cut = sum(at_us <= from_us for at_us in ends)
    start = held(rows[:cut], chain.hold)
    during = rows[max(0, cut - 1) :]
    if not during or not start.agrees:
        return None
    came, left = during[-1][1] - during[0][1], during[-1][2] - during[0][2]
    most, least = start.most, start.least
    beyond = max((most_came - gone + least - chain.hold for most_came, _, gone in during), default=0)
    short = min((most_came - gone + most for _, most_came, gone in during), default=0)
    unaccounted = beyond if beyond > 0 else min(0, short)
    change = (came - left - unaccounted) * chain.pieces
    return judged(
        chain.before,
        chain.behind,
        came * chain.pieces,
        left * chain.pieces,
        change=(change, change),
        shares=(within(plan, chain.before), within(plan, chain.behind)),
        comparisons=comparisons_of(plan),
    )


_known: list[tuple[Ways, tuple[Passage, ...]]] = []


def kept_passages(plan: Ways) -> tuple[Passage, ...]:
    """The passages of a plant; the last are kept, as one edition is in force for long."""
    if not _known or _known[0][0] is not plan:
        _known[:] = [(plan, passages(plan))]
    return _known[0][1]
