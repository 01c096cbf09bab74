"""The page of balances, and how somebody accepts one: lots that are open or not accepted, and the shift that runs or ran last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from fabrika.answers.balance import (
    LotBalance,
    Part,
    lot_balance,
    witnesses,
)
from fabrika.answers.shift_balance import shift_parts
from fabrika.answers.ways import Ways, ways
from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.inventory import BalanceClosed
from fabrika.operations.genealogy.state import GenealogyState
from fabrika.page import Asked, Command, Page, States
from fabrika.plant.shifts import calendar_at, shift_at
from fabrika.wording import Worded

LATE_US = 35 * 86_400_000_000
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


class ShiftRow(Struct, frozen=True, kw_only=True):
    """A line in the shift that runs, or ran last; ``parts`` that do not fit."""

    line: str
    name: str
    shift: str | None
    from_us: int
    to_us: int
    compared: int
    fits: bool
    parts: tuple[PartRow, ...]
    reports: tuple[ReportRow, ...]


class Balances(Struct, frozen=True, kw_only=True):
    """Lots, the newest first, and lines."""

    position: int
    at_us: int
    lots: tuple[LotRow, ...]
    lines: tuple[ShiftRow, ...]


class CloseBalance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lot whose balance is accepted; and why, where units are unaccounted for."""

    lot: Id
    reason: Text | None = None


def balances(states: States, asked: Asked) -> Balances:
    """Build the page."""
    state: GenealogyState = states["genealogy"]
    plan = ways(asked.plant)
    rows = [_row(state, name, found) for name, found in due(state, plan, asked.at_us)]
    return Balances(
        position=asked.position,
        at_us=asked.at_us,
        lots=tuple(rows[:SHOWN]),
        lines=tuple(_shift(state, plan, asked, line.id) for line in asked.plant.lines),
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


def _shift(state: GenealogyState, plan: Ways, asked: Asked, name: str) -> ShiftRow:
    line = next(line for line in asked.plant.lines if line.id == name)
    shift = shift_at(calendar_at(asked.plant, line), asked.plant.zone, asked.at_us)
    to_us = min(shift.end_us, asked.at_us)
    parts = shift_parts(state, plan, name, shift.start_us, to_us)
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
        reports=tuple(report for report in reports if not report.fits),
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="answers.balance",
        path="/balance",
        title=Worded("Unit balance"),
        act="see_plant",
        build=balances,
        commands=("genealogy.close_balance",),
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
)
