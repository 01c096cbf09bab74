"""Balances against the truth: of every lot what was counted in it, and of every passage of a line what came to lie in it.

Nothing is missing in a twin's plant. So of what a balance calls unaccounted nought is true, and it has to lie within what the balance
itself tolerates; and what it says of a passage has to lie as near to the twin's own counters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct

from fabrika.answers.balance import COVERAGE, Chain, chains, comparisons_of, limit, lot_balance, within
from fabrika.answers.ways import Ways
from fabrika.operations.genealogy.series import Totals
from fabrika.operations.genealogy.state import GenealogyState
from fabrika.twin.retold import Retold

Counts = Mapping[str, tuple[int, int, int]]
"""Units that entered, left good and were scrapped, by station."""


class LotScore(Struct, frozen=True, kw_only=True):
    """A lot's balance.

    Attributes:
        good_told, good_true: good units that its stations counted in it, all together.
        unaccounted, tolerated: what the balance says, in pieces; none is truly unaccounted for.
        exact: whether every station's units of the lot are known to the last one.
        inside: whether the truth lies within what the balance says.
    """

    lot: str
    good_told: int
    good_true: int
    unaccounted: int
    tolerated: int
    exact: bool
    inside: bool


class PassageScore(Struct, frozen=True, kw_only=True):
    """How many more units lie between two stations, or in one, at the end of the period than at its begin, in units of the first.

    Attributes:
        told: as the rooms' counters have it; None if one of them was never heard.
        true: as it was.
        tolerated: how far it may be off by the uncertainty of the two counters.
    """

    line: str
    before: str
    behind: str
    told: int | None
    true: int
    tolerated: int
    inside: bool


class BalanceScore(Struct, frozen=True, kw_only=True):
    """Lots in the order in which they were opened, and passages in the order of the plant file."""

    lots: tuple[LotScore, ...]
    passages: tuple[PassageScore, ...]


def scored_balance(state: GenealogyState, plan: Ways, truth: Retold, true: Counts) -> BalanceScore:
    """Compare the balances of a period with the truth.

    Args:
        state: what genealogy knows; the period is all that its book tells.
        plan: the plant's ways.
        truth: what was said; ends with the period.
        true: each station's counters over the period, as the twin has them.
    """
    told = {name: _until(state, name, truth.until_us) for name in plan.stations}
    rows = [_passage(plan, line.id, chain, told, true) for line in plan.plant.lines for chain in chains(plan, line.id)]
    return BalanceScore(lots=tuple(_lots(state, plan, truth)), passages=tuple(rows))


def _until(state: GenealogyState, station: str, until_us: int) -> tuple[int, int, int] | None:
    book = state.stations.get(station)
    if book is None:
        return None
    known = book.series.at(until_us)[0]
    return known.entered, known.good, known.scrapped


def _lots(state: GenealogyState, plan: Ways, truth: Retold) -> list[LotScore]:
    true: dict[str, dict[str, tuple[int, ...]]] = {}
    for (lot, station), row in truth.counted.items():
        if lot is not None and station in plan.stations:
            true.setdefault(lot, {})[station] = tuple(row)
    found = []
    for lot in dict.fromkeys([*state.lots, *true]):
        if lot in state.lots and state.lots[lot].opened_us >= truth.until_us:
            continue
        stations = dict.fromkeys([*(state.lots[lot].runs if lot in state.lots else ()), *true.get(lot, {})])
        told = {name: _counted(state, lot, name, truth.until_us) for name in stations}
        balance = lot_balance(state, plan, lot) if lot in state.lots else None
        found.append(
            LotScore(
                lot=lot,
                good_told=sum(row[1] for row in told.values()),
                good_true=sum(row[1] for row in true.get(lot, {}).values()),
                unaccounted=balance.unaccounted if balance is not None else 0,
                tolerated=balance.tolerated if balance is not None else 0,
                exact=all(told[name] == true.get(lot, {}).get(name, (0, 0, 0)) for name in stations),
                inside=balance is None or balance.fits,
            )
        )
    return found


def _counted(state: GenealogyState, lot: str, station: str, until_us: int) -> tuple[int, ...]:
    """What a station counted in a lot until an instant."""
    book, known = state.stations.get(station), state.lots.get(lot)
    total = [0, 0, 0]
    if book is None or known is None:
        return tuple(total)
    end = book.series.at(until_us)[0]
    for place in known.runs.get(station, ()):
        run = book.runs[place]
        after = book.runs[place + 1] if place + 1 < len(book.runs) else None
        last = end if after is None or after.from_us > until_us else Totals(after.entered, after.good, after.scrapped)
        for column, (begin, upto) in enumerate(zip((run.entered, run.good, run.scrapped), last, strict=True)):
            total[column] += max(0, upto - begin)
    return tuple(total)


def _passage(
    plan: Ways, line: str, chain: Chain, told: Mapping[str, tuple[int, int, int] | None], true: Counts
) -> PassageScore:
    before, behind = told.get(chain.before), told.get(chain.behind)
    came, left = _compared(plan, chain, true[chain.before], true[chain.behind])
    shares = within(plan, chain.before), within(plan, chain.behind)
    sigma = math.hypot(shares[0] * came, shares[1] * left) / COVERAGE
    tolerated = math.floor(limit(comparisons_of(plan)) * sigma)
    said = None
    if before is not None and behind is not None:
        came_told, left_told = _compared(plan, chain, before, behind)
        said = came_told - left_told
    return PassageScore(
        line=line,
        before=chain.before,
        behind=chain.behind,
        told=said,
        true=came - left,
        tolerated=tolerated,
        inside=said is not None and abs(said - (came - left)) <= tolerated,
    )


def _compared(plan: Ways, chain: Chain, before: tuple[int, int, int], behind: tuple[int, int, int]) -> tuple[int, int]:
    if chain.before == chain.behind:
        return before[0], (behind[1] + behind[2]) * plan.inside[chain.behind].per
    return before[1], (behind[1] + behind[2]) * chain.per if chain.per else behind[0]
