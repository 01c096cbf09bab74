"""What the customer calls off of an order, until when, and how far it is made and shipped.

Parts of an order are not set aside for a call-off: what is made and what is shipped fills the call-offs in the order in which they are
wanted. So the sums up to each decide, as suppliers reckon with cumulative quantities (VDA 4905, DELFOR of UN/EDIFACT).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Instant, Text
from fabrika.events.production import CallOffScheduled, CallOffWithdrawn
from fabrika.operations.production.lot_state import Order
from fabrika.operations.production.lots import OrderId, Some, made_of, open_order
from fabrika.operations.production.outline import outline
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Command, States
from fabrika.plant.model import Plant
from fabrika.wording import Worded

MOST_CALL_OFFS = 500
"""Call-offs of an order; more is a mistake."""


class ScheduleCallOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many good pieces of an order, wanted until an instant; under a number that the order's call-offs do not have yet."""

    order: Id
    call_off: OrderId
    quantity: Some
    due_at_us: Instant


class WithdrawCallOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The call-off that counts no more, and why."""

    order: Id
    call_off: Id
    reason: Text


class CallOffRow(Struct, frozen=True, kw_only=True):
    """A call-off.

    Attributes:
        quantity: good pieces wanted.
        made, shipped: of them, after what was wanted earlier got its share.
        state: ``shipped``, ``late`` (wanted before now and not shipped), ``ready`` (made), or ``open``.
    """

    call_off: str
    quantity: int
    due_at_us: int
    made: int
    shipped: int
    state: Literal["shipped", "late", "ready", "open"]


def shipped_of(plant: Plant, order: Order) -> int:
    """Good pieces of an order that left the plant."""
    return round(order.shipped * outline(plant).pieces.get(order.line, 1.0))


def call_offs(order: Order, made: int, shipped: int, at_us: int) -> Iterator[CallOffRow]:
    """The call-offs of an order by when they are wanted.

    Args:
        order: the order.
        made, shipped: good pieces of it so far.
        at_us: now.
    """
    before = 0
    for name, found in sorted(order.call_offs.items(), key=lambda item: (item[1].due_at_us, item[0])):
        own_made, own_shipped = (min(found.quantity, max(0, total - before)) for total in (made, shipped))
        before += found.quantity
        state: Literal["shipped", "late", "ready", "open"] = "open"
        if own_shipped == found.quantity:
            state = "shipped"
        elif found.due_at_us < at_us and order.closed_us is None:
            state = "late"
        elif own_made == found.quantity:
            state = "ready"
        yield CallOffRow(
            call_off=name,
            quantity=found.quantity,
            due_at_us=found.due_at_us,
            made=own_made,
            shipped=own_shipped,
            state=state,
        )


def rows_of(state: ProductionState, asked: Asked, name: str) -> tuple[CallOffRow, ...]:
    """The call-offs of one order as of when it is asked."""
    order = state.orders[name]
    if not order.call_offs:
        return ()
    opened = [lot for lot in state.lots.values() if lot.order == name and lot.closed_us is None]
    made, shipped = made_of(asked.plant, order, opened), shipped_of(asked.plant, order)
    return tuple(call_offs(order, made, shipped, asked.at_us))


def schedule(states: States, asked: Asked, form: ScheduleCallOff) -> Sequence[Event]:
    """A part of an order is wanted until an instant; the call-offs together want no more than the order."""
    state: ProductionState = states["production"]
    order = open_order(state, form.order)
    found = outline(asked.plant).lines.get(order.line)
    asked.require("release_orders", found.area if found is not None else None)
    if form.call_off in order.call_offs or len(order.call_offs) >= MOST_CALL_OFFS:
        raise ActRefusedError(
            Worded("The order {order} has a call-off {call_off} already.", order=form.order, call_off=form.call_off)
            if form.call_off in order.call_offs
            else Worded("The order {order} has {n} call-offs already.", order=form.order, n=MOST_CALL_OFFS),
            Worded("Give the new one another number, or withdraw the old one first."),
        )
    left = order.quantity - sum(called.quantity for called in order.call_offs.values())
    if form.quantity > left:
        raise ActRefusedError(
            Worded("Of the order {order} {n} pieces are not called off yet.", order=form.order, n=left),
            Worded("Call off no more than that, or release another order for the rest."),
        )
    if form.due_at_us <= asked.at_us:
        raise ActRefusedError(
            Worded("A call-off cannot be wanted in the past."), Worded("Correct the instant until which it is wanted.")
        )
    return [
        CallOffScheduled(
            order=form.order,
            call_off=form.call_off,
            quantity=form.quantity,
            due_at_us=form.due_at_us,
            person=asked.actor,
        )
    ]


def withdraw(states: States, asked: Asked, form: WithdrawCallOff) -> Sequence[Event]:
    """A call-off counts no more, unless some of it was shipped."""
    state: ProductionState = states["production"]
    order = open_order(state, form.order)
    found = outline(asked.plant).lines.get(order.line)
    asked.require("release_orders", found.area if found is not None else None)
    row = next((row for row in rows_of(state, asked, form.order) if row.call_off == form.call_off), None)
    if row is None:
        raise ActRefusedError(
            Worded("The order {order} has no call-off {call_off}.", order=form.order, call_off=form.call_off),
            Worded("Choose one of those on the order's page."),
        )
    if row.shipped:
        raise ActRefusedError(
            Worded("{n} pieces of the call-off {call_off} were shipped.", n=row.shipped, call_off=form.call_off),
            Worded("Leave it as it is; call off less later."),
        )
    return [CallOffWithdrawn(order=form.order, call_off=form.call_off, reason=form.reason, person=asked.actor)]


COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.schedule_call_off",
        title=Worded("Enter a call-off"),
        act="release_orders",
        form=ScheduleCallOff,
        decide=schedule,
    ),
    Command(
        name="production.withdraw_call_off",
        title=Worded("Withdraw a call-off"),
        act="release_orders",
        form=WithdrawCallOff,
        decide=withdraw,
    ),
)
