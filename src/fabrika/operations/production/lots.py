"""What may be done with orders and lots: each command with what it must know, and what a lot and an order hold.

An order wants pieces of its product; a lot holds units as the last station of its line counts them, such as boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Instant, Text
from fabrika.events.production import LotClosed, LotMerged, LotOpened, LotSplit, OrderClosed, OrderReleased
from fabrika.operations.production.lot_state import Lot, Order, root_of
from fabrika.operations.production.outline import outline
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Command, States
from fabrika.plant.calendar import EPOCH, MICROSECOND
from fabrika.plant.lot_numbers import number, stem
from fabrika.plant.model import Line, Plant
from fabrika.wording import Worded

OrderId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z", max_length=60)]
"""The number of an order: ASCII letters, digits and ``._-``, at most 60."""
Some = Annotated[int, Meta(ge=1, le=10**12)]
"""How many, one at least."""
MOST_OPEN = 20
"""Lots that may be open on a line; more is a mistake."""


class ReleaseOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many good pieces of a product, made on a line, wanted until an instant if that matters."""

    order: OrderId
    product: Id
    line: Id
    quantity: Some
    due_at_us: Instant | None = None


class CloseOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order of which nothing more is made, and why."""

    order: Id
    reason: Text


class OpenLot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The order of which the next lot is made; the lot gets its number by the plant's template."""

    order: Id


class OpenSubLot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lot of which a sub-lot begins: what is made from now on is told apart from it."""

    lot: Id


class SplitLot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many good units of a lot go their own way, and why."""

    lot: Id
    units: Some
    reason: Text


class MergeLot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lot that goes into another, and why."""

    lot: Id
    into: Id
    reason: Text


class CloseLot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lot in which nothing more is made."""

    lot: Id


def products_of(plant: Plant, line: Line) -> tuple[str, ...]:
    """Ids of the products that a line can make: those of its campaigns, else all whose route meets it, else the plant's own id."""
    campaigns = tuple(dict.fromkeys(campaign.product for campaign in line.sequence))
    if campaigns:
        return campaigns
    met = tuple(
        product.id
        for product in plant.products
        if not product.route or any(path.split(".")[0] == line.id for path in product.route)
    )
    return met or (plant.id,)


def good_of(plant: Plant, lot: Lot) -> int | None:
    """Good units of a lot: as it was closed, else as the line's last station counted them, or persons did where it has no counter; None if nobody has counted yet."""
    if lot.good is not None:
        return lot.good
    plan = outline(plant)
    line = plan.lines.get(lot.line)
    counted = lot.counted.get(plan.counting(line).path) if line is not None else None
    if counted is None and line is not None and plan.counting(line).path in lot.reported:
        return lot.reported[plan.counting(line).path][0] + lot.moved
    return lot.moved or None if counted is None else counted[1] + lot.moved


def scrapped_of(lot: Lot) -> int | None:
    """Units of a lot that its stations scrapped; None if nobody has counted yet."""
    if lot.scrapped is not None:
        return lot.scrapped
    by_hand = [told[1] for station, told in lot.reported.items() if station not in lot.counted]
    return sum(counted[2] for counted in lot.counted.values()) + sum(by_hand) if lot.counted or by_hand else None


def made_of(plant: Plant, order: Order, opened: Iterable[Lot]) -> int:
    """Good pieces of an order so far, in its closed lots and in those that are open."""
    units = order.made + sum(good_of(plant, lot) or 0 for lot in opened)
    return round(units * outline(plant).pieces.get(order.line, 1.0))


def next_number(state: ProductionState, plant: Plant, order: str, at_us: int) -> str:
    """The number that the next lot of an order gets."""
    found = state.orders[order]
    opened = (EPOCH + at_us * MICROSECOND).astimezone(plant.zone)
    before = stem(plant.lot_number, line=found.line, product=found.product, order=order, opened=opened)
    return number(plant.lot_number, before, state.numbers.get(before, 0) + 1)


def open_order(state: ProductionState, name: str) -> Order:
    """The order of a number, of which more may be made.

    Raises:
        NotFoundError: there is none.
        ActRefusedError: it is closed.
    """
    order = state.orders.get(name)
    if order is None:
        raise NotFoundError(Worded("There is no order {order}.", order=name))
    if order.closed_us is not None:
        raise ActRefusedError(Worded("The order {order} is closed.", order=name), Worded("Release a new one."))
    return order


def release_order(states: States, asked: Asked, form: ReleaseOrder) -> Sequence[Event]:
    """An order may be made: its product is one of the line's, and its number was never given."""
    state: ProductionState = states["production"]
    line = outline(asked.plant).line(form.line)
    asked.require("release_orders", line.area)
    made = products_of(asked.plant, line)
    if form.product not in made:
        raise ActRefusedError(
            Worded("The line {line} does not make {product}.", line=form.line, product=form.product),
            Worded("Choose one of: {names}.", names=", ".join(made)),
        )
    if form.order in state.orders:
        raise ActRefusedError(
            Worded("There is an order {order} already.", order=form.order), Worded("Give the new one another number.")
        )
    if form.due_at_us is not None and form.due_at_us <= asked.at_us:
        raise ActRefusedError(
            Worded("An order cannot be wanted in the past."), Worded("Correct the instant until which it is wanted.")
        )
    return [
        OrderReleased(
            order=form.order, product=form.product, line=form.line, quantity=form.quantity, due_at_us=form.due_at_us
        )
    ]


def close_order(states: States, asked: Asked, form: CloseOrder) -> Sequence[Event]:
    """An order is closed once its lots are."""
    state: ProductionState = states["production"]
    order = open_order(state, form.order)
    asked.require("release_orders", _area(asked, order.line))
    opened = [name for name, lot in state.lots.items() if lot.order == form.order and lot.closed_us is None]
    if opened:
        raise ActRefusedError(
            Worded("Lots of the order {order} are still open: {names}.", order=form.order, names=", ".join(opened)),
            Worded("Have them closed first by somebody who may."),
        )
    return [OrderClosed(order=form.order, reason=form.reason, person=asked.actor)]


def open_lot(states: States, asked: Asked, form: OpenLot) -> Sequence[Event]:
    """The next lot of an order, numbered by the plant's template, under the edition of the plant file in force."""
    state: ProductionState = states["production"]
    order = open_order(state, form.order)
    line = outline(asked.plant).line(order.line)
    asked.require("open_lots", line.area)
    if len(state.open_lots(order.line)) >= MOST_OPEN:
        raise ActRefusedError(
            Worded("On the line {line} {n} lots are open already.", line=order.line, n=MOST_OPEN),
            Worded("Close those that are finished."),
        )
    lot = next_number(state, asked.plant, form.order, asked.at_us)
    return [LotOpened(lot=lot, order=form.order, product=order.product, line=order.line, edition=asked.edition)]


def open_sub_lot(states: States, asked: Asked, form: OpenSubLot) -> Sequence[Event]:
    """A sub-lot of a lot that is made: its number is that of the first of them with a running number behind, 2 for the second part."""
    state: ProductionState = states["production"]
    lot = _lot(state, asked, form.lot)
    if lot.closed_us is not None:
        raise ActRefusedError(
            Worded("The lot {lot} is closed.", lot=form.lot),
            Worded("Open the next lot of the order; what was made before is told apart by splitting it off."),
        )
    if len(state.open_lots(lot.line)) >= MOST_OPEN:
        raise ActRefusedError(
            Worded("On the line {line} {n} lots are open already.", line=lot.line, n=MOST_OPEN),
            Worded("Close those that are finished."),
        )
    root = root_of(state, form.lot)
    number = f"{root}.{max(1, state.numbers.get(f'{root}.', 0)) + 1}"
    return [
        LotOpened(lot=number, order=lot.order, product=lot.product, line=lot.line, edition=asked.edition, parent=root)
    ]


def split_lot(states: States, asked: Asked, form: SplitLot) -> Sequence[Event]:
    """Some good units of a lot become one of their own: its number is the lot's with a running number behind."""
    state: ProductionState = states["production"]
    lot = _lot(state, asked, form.lot)
    good = good_of(asked.plant, lot) or 0
    if form.units > good:
        raise ActRefusedError(
            Worded("The lot {lot} holds {n} good units.", lot=form.lot, n=good), Worded("Split off no more than that.")
        )
    part = f"{form.lot}.{state.numbers.get(f'{form.lot}.', 0) + 1}"
    return [LotSplit(lot=form.lot, new_lot=part, units=form.units, reason=form.reason, person=asked.actor)]


def merge_lot(states: States, asked: Asked, form: MergeLot) -> Sequence[Event]:
    """A lot goes into another that is like it: same product, line and edition of the plant file."""
    state: ProductionState = states["production"]
    lot, into = _lot(state, asked, form.lot), _lot(state, asked, form.into)
    if form.lot == form.into:
        raise ActRefusedError(Worded("A lot cannot go into itself."), Worded("Choose another lot."))
    if (lot.product, lot.line, lot.edition) != (into.product, into.line, into.edition):
        raise ActRefusedError(
            Worded("{lot} and {other} are not alike in product, line and edition.", lot=form.lot, other=form.into),
            Worded("Merge only lots that were made under the same conditions."),
        )
    units = max(0, good_of(asked.plant, lot) or 0)
    return [LotMerged(lot=form.lot, into=form.into, units=units, reason=form.reason, person=asked.actor)]


def close_lot(states: States, asked: Asked, form: CloseLot) -> Sequence[Event]:
    """A lot is closed with what its line counted."""
    state: ProductionState = states["production"]
    lot = _lot(state, asked, form.lot)
    if lot.closed_us is not None:
        raise ActRefusedError(Worded("The lot {lot} is closed.", lot=form.lot), Worded("Nothing is left to be done."))
    good, scrapped = max(0, good_of(asked.plant, lot) or 0), scrapped_of(lot) or 0
    return [LotClosed(lot=form.lot, good=good, scrapped=scrapped, person=asked.actor)]


def _lot(state: ProductionState, asked: Asked, name: str) -> Lot:
    """A lot with which something may be done by whoever asks."""
    lot = state.lots.get(name)
    if lot is None:
        raise NotFoundError(Worded("There is no lot {lot} among those of late.", lot=name))
    asked.require("open_lots", _area(asked, lot.line))
    if lot.into is not None:
        raise ActRefusedError(
            Worded("The lot {lot} went into {other}.", lot=name, other=lot.into), Worded("Do it with that one.")
        )
    return lot


def _area(asked: Asked, line: str) -> str | None:
    found = outline(asked.plant).lines.get(line)  # an edition later it may be gone
    return found.area if found is not None else None


COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.release_order",
        title=Worded("Release an order"),
        act="release_orders",
        form=ReleaseOrder,
        decide=release_order,
    ),
    Command(
        name="production.close_order",
        title=Worded("Close an order"),
        act="release_orders",
        form=CloseOrder,
        decide=close_order,
    ),
    Command(name="production.open_lot", title=Worded("Open a lot"), act="open_lots", form=OpenLot, decide=open_lot),
    Command(
        name="production.open_sub_lot",
        title=Worded("Open a sub-lot"),
        act="open_lots",
        form=OpenSubLot,
        decide=open_sub_lot,
    ),
    Command(
        name="production.split_lot", title=Worded("Split the lot"), act="open_lots", form=SplitLot, decide=split_lot
    ),
    Command(
        name="production.merge_lot",
        title=Worded("Merge the lot into another"),
        act="open_lots",
        form=MergeLot,
        decide=merge_lot,
    ),
    Command(
        name="production.close_lot", title=Worded("Close the lot"), act="open_lots", form=CloseLot, decide=close_lot
    ),
)
