"""The balance of units, of a lot and of a shift: what came in is good, scrapped, sampled or still inside, or it is unaccounted for.

**What is compared.** Each pair of counters that count the same units one behind the other: a station and the one behind it, what
enters a station and what leaves it. Between them lies what the passage holds. It is nought at a lot's begin and end where the
lot went through station by station, each turning to it behind the one before; else it is anything from nothing to the most that
fits, and so much less sharp is the balance.

**The test.** A counter that is within a share ``u`` of its count ``n`` in 95 of 100 cases has the standard uncertainty ``u n / 2``
(JCGM 100:2008, 4.3.4 and 6.2, coverage factor 2); those of independent counters add up in quadrature (5.1.2). The difference of
two counters, less what the passage may hold, is compared with its standard uncertainty: the test of a normal mean of known
variance (Neyman & Pearson 1933, Phil. Trans. R. Soc. A 231, 289-337), two-sided. All ``m`` comparisons of a plant's shift together
cry wolf in no more than :data:`FALSE_ALARMS` of the shifts, each at ``1 - (1 - FALSE_ALARMS)^(1/m)`` (Sidak 1967, JASA 62, 626-633).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from fabrika.answers.ways import Link, Ways
from fabrika.operations.genealogy.series import Totals
from fabrika.operations.genealogy.state import GenealogyState, LotBook, StationBook
from fabrika.plant.kinds import KINDS
from fabrika.standing import Standing
from fabrika.stats.normal import normal_quantile
from fabrika.wording import Worded

FALSE_ALARMS = 0.0005
"""Share of shifts in which something is called missing though nothing is: half of what is allowed."""
COVERAGE = 2.0
"""A share that holds in 95 of 100 cases is so many standard uncertainties."""


MOST_SKIPPED = 5
"""Lots one behind the other that may skip a station."""


class Part(NamedTuple):
    """One comparison of a balance, in pieces of the line's first station.

    Attributes:
        before, behind: the stations whose counters are compared; the same for what enters and what leaves one.
        came, left: pieces that came in and left, by the counters.
        inside: pieces of them that are still inside, as far as they can be.
        unaccounted: came, less left, less inside; negative if there are too many.
        sigma: standard uncertainty of it.
        tolerated: how many may be missing, or too many.
    """

    before: str
    behind: str
    came: int
    left: int
    inside: int
    unaccounted: int
    sigma: float
    tolerated: int

    @property
    def fits(self) -> bool:
        """Whether no more is unaccounted for than the counters' uncertainty explains."""
        return abs(self.unaccounted) <= self.tolerated


class LotBalance(NamedTuple):
    """A lot's balance, in pieces of the line's first station.

    What lay in the line as the lot began, and was counted in it afterwards, has entered it, too.

    Attributes:
        good: units that left the line good; what was taken out behind its last station as samples is left out.
        apart: units that became good or scrap while their station was held: they belong to no lot, and none of the others counts them.
        parts: comparisons in the order of the line. They compare all that passed, held or not, as the counters did.
    """

    lot: str
    entered: int
    good: int
    scrapped: int
    sampled: int
    in_process: int
    apart: int
    unaccounted: int
    tolerated: int
    parts: tuple[Part, ...]

    @property
    def fits(self) -> bool:
        """Whether each of its comparisons does."""
        return all(part.fits for part in self.parts)


@lru_cache(maxsize=64)
def limit(comparisons: int) -> float:
    """How many standard uncertainties may be unaccounted for where so many comparisons are made in a shift."""
    alone = -math.expm1(math.log1p(-FALSE_ALARMS) / max(1, comparisons))
    return normal_quantile(alone / 2.0, upper=True)


def judged(
    before: str,
    behind: str,
    came: int,
    left: int,
    *,
    change: tuple[int, int],
    shares: tuple[float, float],
    comparisons: int,
) -> Part:
    """Compare two counters.

    Args:
        before, behind: whose they are.
        came, left: what they counted, in pieces.
        change: by how many the units inside can have become more: at least and at most.
        shares: within which share of its count each is, in 95 of 100 cases.
        comparisons: how many are made in the plant in a shift.
    """
    difference = came - left
    inside = min(max(difference, change[0]), change[1])
    sigma = math.hypot(shares[0] * came, shares[1] * left) / COVERAGE
    tolerated = math.floor(limit(comparisons) * sigma)
    return Part(before, behind, came, left, inside, difference - inside, sigma, tolerated)


class Chain(NamedTuple):
    """Two counters of a line, one behind the other.

    Attributes:
        before, behind: stations; the same for one station's own passage.
        hold: units that fit in between.
        per: units that the one behind takes for one that leaves it, if it is an assembly that does not count them apart; else 0.
        pieces: pieces of the line's first station in one unit.
    """

    before: str
    behind: str
    hold: int
    per: int
    pieces: int


def chains(plan: Ways, line: str) -> tuple[Chain, ...]:
    """The comparisons of a line; where its units part or meet there are none."""
    found: list[Chain] = []
    pieces, hold, last = 1, 0, ""
    stations = [path for path in plan.stations if path.partition(".")[0] == line]
    for path in stations:
        station, inside = plan.stations[path], plan.inside[path]
        link = _from_line(plan, path, stations)
        if link is None:
            last = ""
        hold = hold + link.hold if link is not None else 0
        if KINDS[station.kind].primitive == "transport":
            hold += inside.hold
            continue
        if last:
            assert link is not None, "a station behind another takes from a link"
            found.append(Chain(last, path, hold, link.per, pieces))
        pieces //= max(1, link.per) if link is not None else 1
        if KINDS[station.kind].primitive != "assembly":
            found.append(Chain(path, path, inside.hold, 0, pieces))
        pieces *= inside.per if KINDS[station.kind].primitive == "packing" else 1
        hold, last = 0, path
    return tuple(found)


def _from_line(plan: Ways, path: str, stations: list[str]) -> Link | None:
    """The link by which a station's units come from the line's station before; None if they come from elsewhere, too."""
    place = stations.index(path)
    if not place:
        return None
    before = stations[place - 1]
    links = [link for link in plan.behind[path] if link.sources == (before,) and link.takers == (path,)]
    return links[0] if len(links) == 1 and len(plan.ahead[before]) == 1 else None


def lot_balance(state: GenealogyState, plan: Ways, name: str) -> LotBalance | None:
    """The balance of a lot; None if nothing was counted in it."""
    lot = state.lots[name]
    known = [path for path in plan.stations if path in lot.runs]
    if not known:
        return None
    parts = tuple(
        part for chain in chains_of(plan, lot.line) if (part := _part(state, plan, name, lot, chain)) is not None
    )
    pieces = _pieces(plan, lot.line)
    entered = _entered(state, plan, name, known[0]) * pieces.get(known[0], 1)
    last = plan.counting.get(lot.line, known[-1])
    out = {path: pieces.get(f"{path} out", 1) for path in {*known, last}}
    drawn = {path: state.sampled(name, path) * out[path] for path in known}
    apart = {path: state.apart(name, path) for path in known}
    good = state.counted(name, last).good * out[last] - drawn.get(last, 0)
    scrapped = sum(state.counted(name, path).scrapped * out[path] for path in known)
    good_apart = apart[last].good * out[last] if last in apart else 0
    scrapped_apart = sum(found.scrapped * out[path] for path, found in apart.items())
    sampled, unaccounted = sum(drawn.values()), sum(part.unaccounted for part in parts)
    tolerated = math.floor(limit(comparisons_of(plan)) * math.hypot(*(part.sigma for part in parts)))
    inside = entered - good - scrapped - sampled - unaccounted
    taken_over = max(0, -inside)
    return LotBalance(
        lot=name,
        entered=entered + taken_over - good_apart - scrapped_apart,
        good=good - good_apart,
        scrapped=scrapped - scrapped_apart,
        sampled=sampled,
        in_process=inside + taken_over,
        apart=good_apart + scrapped_apart,
        unaccounted=unaccounted,
        tolerated=tolerated,
        parts=parts,
    )


_known_chains: list[tuple[Ways, dict[str, tuple[Chain, ...]], dict[str, dict[str, int]]]] = []


def _kept(plan: Ways) -> tuple[Ways, dict[str, tuple[Chain, ...]], dict[str, dict[str, int]]]:
    if not _known_chains or _known_chains[0][0] is not plan:
        lines = [line.id for line in plan.plant.lines]
        of_line = {line: chains(plan, line) for line in lines}
        _known_chains[:] = [(plan, of_line, {line: _pieces_of(plan, line) for line in lines})]
    return _known_chains[0]


def chains_of(plan: Ways, line: str) -> tuple[Chain, ...]:
    """The comparisons of a line; kept from one question to the next."""
    return _kept(plan)[1].get(line, ())


def _pieces(plan: Ways, line: str) -> dict[str, int]:
    return _kept(plan)[2].get(line, {})


def comparisons_of(plan: Ways) -> int:
    """Comparisons of the whole plant; those from line to line, which only shifts make, are as many as there are lines at most."""
    found = _kept(plan)[1]
    return len(found) + sum(len(of_line) for of_line in found.values())


def _pieces_of(plan: Ways, line: str) -> dict[str, int]:
    """Pieces of a line's first station in a unit that comes into a station, and behind `` out`` in one that leaves it."""
    found, pieces = {}, 1
    for path in plan.stations:
        if path.partition(".")[0] == line:
            station = plan.stations[path]
            found[path] = pieces
            pieces *= plan.inside[path].per if KINDS[station.kind].primitive == "packing" else 1
            found[f"{path} out"] = pieces
    return found


def _entered(state: GenealogyState, plan: Ways, lot: str, path: str) -> int:
    """What came into a station of a lot; of an assembly, the products that left it."""
    counted = state.counted(lot, path)
    return counted.left if KINDS[plan.stations[path].kind].primitive == "assembly" else counted.entered


def _part(state: GenealogyState, plan: Ways, name: str, lot: LotBook, chain: Chain) -> Part | None:
    if chain.before not in lot.runs or chain.behind not in lot.runs:
        return None
    came, left = _compared(state.counted(name, chain.before), state.counted(name, chain.behind), chain, plan)
    if chain.before != chain.behind:
        came -= state.sampled(name, chain.before)
    change = _change(state, lot, chain)
    if change is None:
        return None
    return judged(
        chain.before,
        chain.behind,
        came * chain.pieces,
        left * chain.pieces,
        change=(change[0] * chain.pieces, change[1] * chain.pieces),
        shares=(within(plan, chain.before), within(plan, chain.behind)),
        comparisons=comparisons_of(plan),
    )


def _compared(before: Totals, behind: Totals, chain: Chain, plan: Ways) -> tuple[int, int]:
    if chain.before == chain.behind:
        return before.entered, behind.left * plan.inside[chain.behind].per
    return before.good, behind.left * chain.per if chain.per else behind.entered


def _change(state: GenealogyState, lot: LotBook, chain: Chain) -> tuple[int, int] | None:
    """By how many of the lot's units what is inside can have grown between the lot's begin and its end, or now.

    A lot that goes through station by station comes behind the same lot and before the same lot at both, and later at the one
    behind: nothing of it lay between before, or does after. Where both turned to it at one instant, anything that fits may have.
    None where they did not turn from lot to lot in the same order: then the two did not count the same units.
    """
    before, behind = state.stations[chain.before], state.stations[chain.behind]
    own, other = lot.runs[chain.before], lot.runs[chain.behind]
    if chain.before == chain.behind:
        return -chain.hold, chain.hold
    begins = before.runs[own[0]].from_us, behind.runs[other[0]].from_us
    ends = _end_us(before, own[-1]), _end_us(behind, other[-1])
    if len(own) != len(other) or begins[0] > begins[1] or not _alike(state, chain, own[0], other[0], -1):
        return None
    least = 0 if begins[0] < begins[1] else -chain.hold
    if ends[1] is None:
        return least, chain.hold
    if ends[0] is None or ends[0] > ends[1] or not _alike(state, chain, own[-1], other[-1], 1):
        return None
    return least, 0 if ends[0] < ends[1] else chain.hold


def _alike(state: GenealogyState, chain: Chain, own: int, other: int, step: int) -> bool:
    """Whether two stations had the same lot before a run of theirs (step -1) or behind it (1); lots that skip the second left out."""
    before, behind = state.stations[chain.before].runs, state.stations[chain.behind].runs
    place = other + step
    wanted = behind[place].lot if 0 <= place < len(behind) else None
    for _ in range(MOST_SKIPPED):
        own += step
        lot = before[own].lot if 0 <= own < len(before) else None
        if lot == wanted:
            return True
        known = state.lots.get(lot) if lot is not None else None
        if known is None or chain.behind in known.runs:
            return False
    return False


def _end_us(book: StationBook, place: int) -> int | None:
    return book.runs[place + 1].from_us if place + 1 < len(book.runs) else None


def within(plan: Ways, station: str) -> float:
    """Within which share of what it counts a station's counter is."""
    own = plan.stations[station].counts_within
    return plan.plant.counts_within if own is None else own


class Witness(NamedTuple):
    """A person's count beside the machine's, over the same time; ``fits`` if the machine's uncertainty explains the difference."""

    station: str
    from_us: int
    to_us: int
    person: str
    reported: int
    counted: int
    fits: bool


def witnesses(state: GenealogyState, plan: Ways, station: str, from_us: int, to_us: int) -> tuple[Witness, ...]:
    """What persons counted at a station in a time, each beside what its machine counted meanwhile."""
    book = state.stations.get(station)
    if book is None:
        return ()
    found = []
    last = -1
    for report in book.reports:
        since = report.from_us if report.from_us >= 0 else last
        last = report.to_us
        if since < 0 or report.to_us <= from_us or report.to_us > to_us:
            continue
        low, high = book.series.at(since), book.series.at(report.to_us)
        least, most = high[0].left - low[1].left, high[1].left - low[0].left
        told = report.good + report.scrapped
        slack = limit(comparisons_of(plan)) * within(plan, station) * most / COVERAGE
        counted = min(max(told, least), most)
        fits = least - slack <= told <= most + slack
        found.append(Witness(station, since, report.to_us, report.person, told, counted, fits))
    return tuple(found)


def standing(state: GenealogyState, plan: Ways, lot: str) -> Standing:
    """Whether a lot's units are accounted for: ``balance:<lot>``."""
    return standing_of(state, lot, lot_balance(state, plan, lot) if lot in state.lots else None)


def standing_of(state: GenealogyState, lot: str, found: LotBalance | None) -> Standing:
    """The same of a balance that was added up already; None if nothing was counted in the lot."""
    subject, closed = f"balance:{lot}", state.balances.get(lot)
    if closed is not None:
        reason = Worded("{person} accepted the balance of the lot {lot}.", person=closed.person, lot=lot)
        return Standing(subject=subject, fit=True, because=(closed.position,), reason=reason)
    if found is None:
        reason = Worded("Nothing was counted in the lot {lot}; whoever looks after its line has it counted.", lot=lot)
        return Standing(subject=subject, fit=False, reason=reason)
    if not found.parts:
        reason = Worded(
            "No two counters counted the same units of the lot {lot}; somebody who accepts balances looks into it.",
            lot=lot,
        )
        return Standing(subject=subject, fit=False, reason=reason)
    if not found.fits:
        worst = max(found.parts, key=lambda part: abs(part.unaccounted) - part.tolerated)
        reason = Worded(
            "{n} units of the lot {lot} are unaccounted for between {before} and {behind}; somebody who accepts balances looks into it.",
            n=worst.unaccounted,
            lot=lot,
            before=worst.before,
            behind=worst.behind,
        )
        return Standing(subject=subject, fit=False, reason=reason)
    return Standing(subject=subject, fit=True, reason=Worded("The units of the lot {lot} are accounted for.", lot=lot))
