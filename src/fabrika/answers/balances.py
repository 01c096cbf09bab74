"""The page of balances: lots that are open or not accepted, and the shift that runs or ran last; how somebody accepts one.

It also takes in what a person counted between two stations, as that proves what no machine says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.answers.balance import (
    LotBalance,
    Part,
    lot_balance,
    witnesses,
)
from fabrika.answers.shift_balance import Balanced, balanced, kept_passages, own_parts
from fabrika.answers.ways import Ways, ways
from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Instant, Text
from fabrika.events.inventory import BalanceClosed, PassageCounted
from fabrika.operations.genealogy.state import GenealogyState, reading
from fabrika.page import Asked, Command, Page, States
from fabrika.plant.shifts import calendar_at, shift_at
from fabrika.wording import Worded

DAY_US = 86_400_000_000
OLDEST_US = 7 * DAY_US
"""What lay between two stations can be told so long after."""
AHEAD_US = 60_000_000
"""So far may a tablet's clock be ahead of the server's."""
LATE_US = 35 * DAY_US
"""Lots that were closed so long ago ask for nothing any more."""
SHOWN = 200
"""Lots that are listed, the newest."""


class PartRow(Struct, frozen=True, kw_only=True):
    """One comparison; see :class:`fabrika.answers.balance.Part`."""

    before: str
    behind: str
    came: int
    left: int
    inside: int
    unaccounted: int
    tolerated: int
    fits: bool


class LotRow(Struct, frozen=True, kw_only=True):
    """A lot's balance, in pieces of its line's first station.

    Attributes:
        open: whether the lot is.
        accepted_by: who accepted the balance; None if nobody has.
        apart: units that belong to no lot, as they were made while their station was held.
        compared: how many pairs of counters are compared.
        fits: whether every comparison is within the counters' uncertainty.
        worst: the comparison with the most beyond that; None if all fit.
    """

    lot: str
    line: str
    open: bool
    entered: int
    good: int
    scrapped: int
    sampled: int
    in_process: int
    apart: int
    unaccounted: int
    tolerated: int
    compared: int
    fits: bool
    worst: PartRow | None
    accepted_by: str | None
    path: str


class ReportRow(Struct, frozen=True, kw_only=True):
    """What a person counted beside what the machine did."""

    station: str
    from_us: int
    to_us: int
    person: str
    reported: int
    counted: int
    fits: bool


class PassageRow(Struct, frozen=True, kw_only=True):
    """What lies between two stations, in a shift.

    Attributes:
        proven: whether it was balanced between two instants at which it was known what lay there; else only by what fits in.
        from_us, from_kind: the first of them, and by what it is known: ``empty``, ``full``, ``counted``; None if there are no two.
        to_us, to_kind: the second.
        last_us, last_kind: the last of all in the days before; None if there was none.
        came, unaccounted, tolerated: units; None if nothing was compared.
        holds: units that fit in at most.
    """

    before: str
    behind: str
    name: str
    proven: bool
    from_us: int | None
    from_kind: str | None
    to_us: int | None
    to_kind: str | None
    last_us: int | None
    last_kind: str | None
    came: int | None
    unaccounted: int | None
    tolerated: int | None
    fits: bool
    holds: int


class ShiftRow(Struct, frozen=True, kw_only=True):
    """A line in the shift that runs, or ran last.

    Attributes:
        parts: comparisons that do not fit.
        passages: all that leads into its stations, in the order of the line.
        reports: counts of persons that the machine's count contradicts.
    """

    line: str
    name: str
    shift: str | None
    from_us: int
    to_us: int
    compared: int
    fits: bool
    parts: tuple[PartRow, ...]
    passages: tuple[PassageRow, ...]
    reports: tuple[ReportRow, ...]


class Balances(Struct, frozen=True, kw_only=True):
    """Lots, the newest first, and lines."""

    position: int
    at_us: int
    lots: tuple[LotRow, ...]
    lines: tuple[ShiftRow, ...]


class CountPassage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lay between two stations, as a person counted or weighed it.

    Attributes:
        before, station: who gives, and who takes.
        within: how far the number can be off, either way.
        at_us: as of when; now if absent.
    """

    before: Id
    station: Id
    quantity: Annotated[int, Meta(ge=0, le=10**9)]
    within: Annotated[int, Meta(ge=0, le=10**9)] = 0
    at_us: Instant | None = None


class CloseBalance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lot whose balance is accepted; and why, where units are unaccounted for."""

    lot: Id
    reason: Text | None = None


def balances(states: States, asked: Asked) -> Balances:
    """Build the page."""
    state = reading(states["genealogy"])
    plan = ways(asked.plant)
    rows = [_row(state, name, found) for name, found in due(state, plan, asked.at_us)]
    return Balances(
        position=asked.position,
        at_us=asked.at_us,
        lots=tuple(rows[:SHOWN]),
        lines=tuple(shift_of(state, plan, asked, line.id) for line in asked.plant.lines),
    )


def due(state: GenealogyState, plan: Ways, at_us: int) -> Iterator[tuple[str, LotBalance]]:
    """Balances of lots that are open, or closed of late and not accepted; the newest lot first."""
    for name, lot in reversed(state.lots.items()):
        if lot.closed_us is not None and (name in state.balances or at_us - lot.closed_us > LATE_US):
            continue
        found = lot_balance(state, plan, name)
        if found is not None:
            yield name, found


def close_balance(states: States, asked: Asked, form: CloseBalance) -> Sequence[Event]:
    """Somebody accepts the balance of a closed lot; with a reason if units are unaccounted for beyond what the counters explain."""
    state: GenealogyState = states["genealogy"]
    lot = state.lots.get(form.lot)
    if lot is None:
        raise NotFoundError(Worded("There is no lot {lot}.", lot=form.lot))
    line = next((line for line in asked.plant.lines if line.id == lot.line), None)
    asked.require("close_balances", line.area if line is not None else None)
    if form.lot in state.balances:
        raise ActRefusedError(
            Worded("The balance of the lot {lot} is accepted already.", lot=form.lot),
            Worded("Nothing is left to be done."),
        )
    if lot.closed_us is None:
        raise ActRefusedError(
            Worded("The lot {lot} is still open.", lot=form.lot),
            Worded("Have it closed first by somebody who may open and close lots."),
        )
    found = lot_balance(state, ways(asked.plant), form.lot)
    if found is None:
        raise ActRefusedError(
            Worded("Nothing was counted in the lot {lot}.", lot=form.lot),
            Worded("Have its units counted or reported first."),
        )
    if not (found.fits and found.parts) and form.reason is None:
        raise ActRefusedError(
            Worded("{n} units of the lot {lot} are unaccounted for.", n=found.unaccounted, lot=form.lot),
            Worded("Find out where they are, and say in the reason what was found."),
        )
    return [
        BalanceClosed(
            lot=form.lot,
            entered=found.entered,
            good=found.good,
            scrapped=found.scrapped,
            sampled=found.sampled,
            in_process=found.in_process,
            unaccounted=found.unaccounted,
            tolerated=found.tolerated,
            reason=form.reason,
            person=asked.actor,
        )
    ]


def count_passage(_states: States, asked: Asked, form: CountPassage) -> Sequence[Event]:
    """A person says what lies between two stations, or lay there of late."""
    found = next(
        (one for one in kept_passages(ways(asked.plant)) if (one.before, one.behind) == (form.before, form.station)),
        None,
    )
    if found is None:
        raise NotFoundError(
            Worded("Nothing goes straight from {before} to {behind}.", before=form.before, behind=form.station)
        )
    line = next(line for line in asked.plant.lines if line.id == form.station.partition(".")[0])
    asked.require("report_production", line.area)
    at_us = asked.at_us if form.at_us is None else form.at_us
    if not asked.at_us - OLDEST_US <= at_us <= asked.at_us + AHEAD_US:
        raise ActRefusedError(
            Worded("What lay there can be told of the last {n} days, and of no time to come.", n=OLDEST_US // DAY_US),
            Worded("Correct the time, or count it again now."),
        )
    if form.quantity - form.within > found.hold:
        raise ActRefusedError(
            Worded(
                "No more than {n} units fit between {before} and {behind}.",
                n=found.hold,
                before=form.before,
                behind=form.station,
            ),
            Worded("Count again. If the number is right, the buffer in the plant file is not: tell your shift lead."),
        )
    return [
        PassageCounted(
            before=form.before,
            station=form.station,
            quantity=form.quantity,
            within=form.within,
            counted_at_us=form.at_us,
            person=asked.actor,
        )
    ]


def _row(state: GenealogyState, name: str, found: LotBalance) -> LotRow:
    beyond = [part for part in found.parts if not part.fits]
    worst = max(beyond, key=lambda part: abs(part.unaccounted) - part.tolerated, default=None)
    closed = state.balances.get(name)
    return LotRow(
        lot=name,
        line=state.lots[name].line,
        open=state.lots[name].closed_us is None,
        entered=found.entered,
        good=found.good,
        scrapped=found.scrapped,
        sampled=found.sampled,
        in_process=found.in_process,
        apart=found.apart,
        unaccounted=found.unaccounted,
        tolerated=found.tolerated,
        compared=len(found.parts),
        fits=found.fits,
        worst=_part(worst) if worst is not None else None,
        accepted_by=closed.person if closed is not None else None,
        path=f"/lots/{name}",
    )


def _part(part: Part) -> PartRow:
    return PartRow(
        before=part.before,
        behind=part.behind,
        came=part.came,
        left=part.left,
        inside=part.inside,
        unaccounted=part.unaccounted,
        tolerated=part.tolerated,
        fits=part.fits,
    )


def shift_of(state: GenealogyState, plan: Ways, asked: Asked, name: str) -> ShiftRow:
    """A line in the shift that runs, or ran last."""
    line = next(line for line in asked.plant.lines if line.id == name)
    shift = shift_at(calendar_at(asked.plant, line), asked.plant.zone, asked.at_us)
    to_us = min(shift.end_us, asked.at_us)
    between = list(balanced(state, plan, name, shift.start_us, to_us))
    own = own_parts(state, plan, name, shift.start_us, to_us)
    parts = [*own, *(found.part for found in between if found.part is not None)]
    reports = [
        ReportRow(
            station=found.station,
            from_us=found.from_us,
            to_us=found.to_us,
            person=found.person,
            reported=found.reported,
            counted=found.counted,
            fits=found.fits,
        )
        for station in line.stations
        for found in witnesses(state, plan, f"{name}.{station.id}", shift.start_us, to_us)
    ]
    return ShiftRow(
        line=name,
        name=line.name or name,
        shift=shift.name,
        from_us=shift.start_us,
        to_us=to_us,
        compared=len(parts),
        fits=all(part.fits for part in parts) and all(report.fits for report in reports),
        parts=tuple(_part(part) for part in parts if not part.fits),
        passages=tuple(_passage(plan, found) for found in between),
        reports=tuple(report for report in reports if not report.fits),
    )


def missing(state: GenealogyState, asked: Asked) -> Iterator[PassageRow]:
    """What is between two stations, unaccounted for in the shift that runs or ran last, where it was proven."""
    plan = ways(asked.plant)
    for line in asked.plant.lines:
        shift = shift_at(calendar_at(asked.plant, line), asked.plant.zone, asked.at_us)
        for found in balanced(state, plan, line.id, shift.start_us, min(shift.end_us, asked.at_us)):
            if found.end is not None and found.part is not None and not found.part.fits:
                yield _passage(plan, found)


def _passage(plan: Ways, found: Balanced) -> PassageRow:
    part, begin, end, last = found.part, found.begin, found.end, found.last
    return PassageRow(
        before=found.passage.before,
        behind=found.passage.behind,
        name=plan.stations[found.passage.behind].name or found.passage.behind,
        proven=end is not None,
        from_us=begin.at_us if begin is not None else None,
        from_kind=begin.kind if begin is not None else None,
        to_us=end.at_us if end is not None else None,
        to_kind=end.kind if end is not None else None,
        last_us=last.at_us if last is not None else None,
        last_kind=last.kind if last is not None else None,
        came=part.came if part is not None else None,
        unaccounted=part.unaccounted if part is not None else None,
        tolerated=part.tolerated if part is not None else None,
        fits=part is None or part.fits,
        holds=found.passage.hold,
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="answers.balance",
        path="/balance",
        title=Worded("Unit balance"),
        act="see_plant",
        build=balances,
        commands=("genealogy.close_balance", "genealogy.count_passage"),
    ),
)

COMMANDS: tuple[Command, ...] = (
    Command(
        name="genealogy.close_balance",
        title=Worded("Accept the balance"),
        act="close_balances",
        form=CloseBalance,
        decide=close_balance,
    ),
    Command(
        name="genealogy.count_passage",
        title=Worded("Say what lies between two stations"),
        act="report_production",
        form=CountPassage,
        decide=count_passage,
    ),
)
