"""Stocktaking: what is counted now, what was found, what differs; who counts is not told what the book holds."""

from __future__ import annotations

from msgspec import Struct

from fabrika.operations.inventory.records import InventoryState, Stocktake
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded

SHOWN = 50
"""Closed stocktakings that are listed."""


class Counting(Struct, frozen=True, kw_only=True):
    """One thing that is counted.

    Attributes:
        counted: whether somebody has.
        expected, found, difference: in its unit; None while they are not known, or to who counts.
        by: who found it; ``before`` how often it was counted before that.
        adjusted: by how much the book was brought to it, and ``reason`` why it differed.
    """

    subject: str
    what: str
    counted: bool
    expected: int | None
    found: int | None
    difference: int | None
    by: str | None
    at_us: int | None
    before: int
    adjusted: int | None
    reason: str | None


class StocktakeView(Struct, frozen=True, kw_only=True):
    """A stocktaking; ``told`` is whether who looks is told what the book held and what was found."""

    stocktake: str
    location: str
    name: str
    begun_us: int
    begun_by: str
    closed_us: int | None
    closed_by: str | None
    left: int
    unsettled: int
    told: bool
    rows: tuple[Counting, ...]


class Stocktaking(Struct, frozen=True, kw_only=True):
    """Stocktakings that are going on, and those that were; ``free`` are locations that can be counted next."""

    position: int
    at_us: int
    going: tuple[StocktakeView, ...]
    closed: tuple[StocktakeView, ...]
    free: tuple[tuple[str, str], ...]


def stocktaking(states: States, asked: Asked) -> Stocktaking:
    """Build the page."""
    state: InventoryState = states["inventory"]
    going = [name for name, one in state.stocktakes.items() if one.closed_us is None]
    closed = [name for name, one in reversed(state.stocktakes.items()) if one.closed_us is not None][:SHOWN]
    return Stocktaking(
        position=asked.position,
        at_us=asked.at_us,
        going=tuple(_view(state, asked, name) for name in going),
        closed=tuple(_view(state, asked, name) for name in closed),
        free=tuple(
            (item.id, item.name or item.id) for item in asked.plant.locations if state.open_stocktake(item.id) is None
        ),
    )


def _told(one: Stocktake, asked: Asked) -> bool:
    """Whether who looks may know: all may of what is closed, else who answers for the book and does not still have to count."""
    if one.closed_us is not None:
        return True
    if "adjust_stock" in asked.may:
        return "count_stock" not in asked.may or not one.uncounted
    return "count_stock" not in asked.may and not one.uncounted


def _view(state: InventoryState, asked: Asked, name: str) -> StocktakeView:
    one = state.stocktakes[name]
    place = next((item for item in asked.plant.locations if item.id == one.location), None)
    told = _told(one, asked)
    return StocktakeView(
        stocktake=name,
        location=one.location,
        name=(place.name or place.id) if place is not None else one.location,
        begun_us=one.begun_us,
        begun_by=one.begun_by,
        closed_us=one.closed_us,
        closed_by=one.closed_by,
        left=len(one.uncounted),
        unsettled=len(one.unsettled) if told else 0,
        told=told,
        rows=tuple(_row(state, asked, one, subject, told) for subject in one.subjects),
    )


def _row(state: InventoryState, asked: Asked, one: Stocktake, subject: str, told: bool) -> Counting:
    found = one.found.get(subject)
    return Counting(
        subject=subject,
        what=_what(state, asked, subject),
        counted=found is not None,
        expected=one.expected.get(subject, 0) if told else None,
        found=found.quantity if told and found is not None else None,
        difference=one.difference(subject) if told else None,
        by=found.person if found is not None else None,
        at_us=found.at_us if found is not None else None,
        before=len(one.before.get(subject, [])),
        adjusted=one.adjusted.get(subject) if told else None,
        reason=one.reasons.get(subject) if told else None,
    )


def _what(state: InventoryState, asked: Asked, subject: str) -> str:
    """What a thing is called: a material, a kind of container, a product; its own id if nothing more is known."""
    if (lot := state.lots.get(subject)) is not None:
        return next((item.name or item.id for item in asked.plant.materials if item.id == lot.material), lot.material)
    if (box := state.containers.get(subject)) is not None:
        return next(
            (item.name or item.id for item in asked.plant.containers if item.id == box.kind), box.kind or subject
        )
    if (made := state.products.get(subject)) is not None:
        return next((item.name or item.id for item in asked.plant.products if item.id == made.product), made.product)
    return subject


PAGES: tuple[Page, ...] = (
    Page(
        name="inventory.stocktaking",
        path="/stocktaking",
        title=Worded("Stocktaking"),
        act="see_plant",
        build=stocktaking,
        commands=("inventory.begin_stocktake", "inventory.count", "inventory.adjust", "inventory.close_stocktake"),
        minds=("count_stock", "adjust_stock"),
    ),
)
