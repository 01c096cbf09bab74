"""An order: its call-offs with what is made and shipped of each, and its lots."""

from __future__ import annotations

from msgspec import Struct

from fabrika.errors import NotFoundError
from fabrika.operations.production.deliveries import CallOffRow, rows_of, shipped_of
from fabrika.operations.production.lot_pages import SHOWN, LotRow, OrderRow, lot_row, order_row
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded


class OrderView(Struct, frozen=True, kw_only=True):
    """An order.

    Attributes:
        shipped: good pieces that left the plant.
        call_offs: by when they are wanted.
        uncalled: good pieces of the order that nobody called off yet.
        lots: those that are known, the newest first.
    """

    position: int
    at_us: int
    order: OrderRow
    shipped: int
    call_offs: tuple[CallOffRow, ...]
    uncalled: int
    lots: tuple[LotRow, ...]


def order(states: States, asked: Asked) -> OrderView:
    """Build the page of an order."""
    state: ProductionState = states["production"]
    name = asked.names.get("order", "")
    found = state.orders.get(name)
    if found is None:
        raise NotFoundError(Worded("There is no order {order}.", order=name))
    lots = [lot for lot in reversed(state.lots) if state.lots[lot].order == name]
    return OrderView(
        position=asked.position,
        at_us=asked.at_us,
        order=order_row(state, asked, name, lots),
        shipped=shipped_of(asked.plant, found),
        call_offs=rows_of(state, asked, name),
        uncalled=found.quantity - sum(called.quantity for called in found.call_offs.values()),
        lots=tuple(lot_row(asked, lot, state.lots[lot]) for lot in lots[:SHOWN]),
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="production.order",
        path="/orders/{order}",
        title=Worded("Order"),
        act="see_plant",
        build=order,
        commands=(
            "production.open_lot",
            "production.schedule_call_off",
            "production.withdraw_call_off",
            "production.close_order",
        ),
    ),
)
