"""The board: all lines and stations on one screen, and what needs a person."""

from __future__ import annotations

from msgspec import Struct

from fabrika.answers.attention import items
from fabrika.operations.production.outline import Outline, outline
from fabrika.operations.production.pages import Tile, lot_of, made, tiles
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Notice, Page, States
from fabrika.plant.model import Line
from fabrika.plant.shifts import day_us, shift_at
from fabrika.wording import Worded


class BoardLine(Struct, frozen=True, kw_only=True):
    """A line on the board.

    Attributes:
        good_today: good pieces since the plant's midnight; None if unknown.
        plan_today: what the contract wants by now; None without a contract for this line.
        plan_day: likewise of the whole day.
        coverage: share of the open time so far that was counted, 0 to 1.
    """

    id: str
    name: str
    product: str | None
    lot: str | None
    good_today: int | None
    plan_today: int | None
    plan_day: int | None
    coverage: float
    stations: tuple[Tile, ...]
    path: str


class Board(Struct, frozen=True, kw_only=True):
    """The whole plant.

    Attributes:
        shift: the shift of the plant's calendar that is on; None between shifts or without a calendar.
        attention: the most urgent first.
        coverage: share of the stations that are heard of, 0 to 1.
    """

    position: int
    at_us: int
    plant: str
    plant_name: str
    kind: str
    shift: str | None
    lines: tuple[BoardLine, ...]
    attention: tuple[Notice, ...]
    coverage: float


def board(states: States, asked: Asked) -> Board:
    """Build it."""
    state, plan = states["production"], outline(asked.plant)
    found = tuple(_line(state, plan, line, asked.at_us) for line in asked.plant.lines)
    heard = [not tile.silent for line in found for tile in line.stations]
    calendar = next((item for item in asked.plant.calendars if item.id == asked.plant.calendar), None)
    shift = shift_at(calendar, asked.plant.zone, asked.at_us)
    return Board(
        position=asked.position,
        at_us=asked.at_us,
        plant=asked.plant.id,
        plant_name=asked.plant.name,
        kind=asked.kind,
        shift=shift.name if shift.now else None,
        lines=found,
        attention=items(states, asked),
        coverage=sum(heard) / len(heard) if heard else 0.0,
    )


def _line(state: ProductionState, plan: Outline, line: Line, at_us: int) -> BoardLine:
    begin_us, end_us = day_us(plan.plant.zone, at_us - 1)  # at midnight the day that ends
    lot, product = lot_of(state, plan, line, at_us)
    good, coverage = made(state, plan, line, begin_us, at_us)
    so_far, day = plan.plan(line, begin_us, at_us), plan.plan(line, begin_us, end_us)
    return BoardLine(
        id=line.id,
        name=line.name or line.id,
        product=product,
        lot=lot,
        good_today=good,
        plan_today=None if so_far is None else round(so_far),
        plan_day=None if day is None else round(day),
        coverage=coverage,
        stations=tiles(state, plan, line, at_us),
        path=f"/lines/{line.id}",
    )


PAGES: tuple[Page, ...] = (Page(name="answers.board", path="/", title=Worded("Board"), act="see_plant", build=board),)
