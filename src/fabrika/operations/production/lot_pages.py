"""Orders with what was made of them, and a lot: where it comes from, what was counted in it, where it went."""

from __future__ import annotations

from msgspec import Struct

from fabrika.errors import NotFoundError
from fabrika.operations.production.due_pages import DueRow, due_rows
from fabrika.operations.production.lot_state import Lot, family_of
from fabrika.operations.production.lots import good_of, made_of, next_number, products_of, scrapped_of
from fabrika.operations.production.outline import outline
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded

SHOWN = 200
"""Open orders, closed orders and closed lots that are listed, the newest."""


class OrderRow(Struct, frozen=True, kw_only=True):
    """An order.

    Attributes:
        quantity, made: good pieces wanted, and made so far.
        late: whether it is open, wanted before now, and not made.
        next_lot: the number that its next lot gets; None if it is closed.
        lots: those of its lots that are known, the newest first.
    """

    order: str
    product: str
    line: str
    quantity: int
    made: int
    released_us: int
    due_at_us: int | None
    closed_us: int | None
    late: bool
    next_lot: str | None
    lots: tuple[str, ...]


class LineChoice(Struct, frozen=True, kw_only=True):
    """A line for which orders can be released, and what it makes."""

    line: str
    name: str
    products: tuple[str, ...]


class LotRow(Struct, frozen=True, kw_only=True):
    """A lot in a list.

    Attributes:
        good, scrapped: units; None if nobody has counted yet.
    """

    lot: str
    order: str
    product: str
    line: str
    edition: int
    opened_us: int
    closed_us: int | None
    good: int | None
    scrapped: int | None
    path: str


class Orders(Struct, frozen=True, kw_only=True):
    """Orders, those that are open first, and lots, the newest first."""

    position: int
    at_us: int
    orders: tuple[OrderRow, ...]
    lots: tuple[LotRow, ...]
    lines: tuple[LineChoice, ...]


class Counted(Struct, frozen=True, kw_only=True):
    """What a station counted in a lot."""

    station: str
    name: str
    entered: int
    good: int
    scrapped: int


class LotView(Struct, frozen=True, kw_only=True):
    """A lot.

    Attributes:
        moved: good units that came from other lots, less those that went to others.
        parent: the lot that it was split from.
        into: the lot that it was merged into.
        sub: whether it is a sub-lot of ``parent``.
        parts: lots that were split from it or merged into it, and its sub-lots.
        family: it and all parts and sub-lots of the lot that was opened first, the oldest first; none if it is alone.
        dues: when the next lot, or a sub-lot of it, was due by the plant's rule, the oldest first.
        alike: open or closed lots into which it may be merged.
        counted: by the line's stations, in their order.
    """

    position: int
    at_us: int
    lot: LotRow
    moved: int
    parent: str | None
    into: str | None
    sub: bool
    parts: tuple[str, ...]
    family: tuple[str, ...]
    dues: tuple[DueRow, ...]
    alike: tuple[str, ...]
    counted: tuple[Counted, ...]


def orders(states: States, asked: Asked) -> Orders:
    """Build the page of orders and lots."""
    state: ProductionState = states["production"]
    lots: dict[str, list[str]] = {}
    for name in reversed(state.lots):
        lots.setdefault(state.lots[name].order, []).append(name)
    found = [order_row(state, asked, name, lots.get(name, [])) for name in reversed(state.orders)]
    opened = [row for row in found if row.closed_us is None]
    closed = [row for row in found if row.closed_us is not None]
    rows = [lot_row(asked, name, state.lots[name]) for name in reversed(state.lots)]
    going = [row for row in rows if row.closed_us is None]
    return Orders(
        position=asked.position,
        at_us=asked.at_us,
        orders=(*opened[:SHOWN], *closed[:SHOWN]),
        lots=(*going, *[row for row in rows if row.closed_us is not None][:SHOWN]),
        lines=tuple(
            LineChoice(line=line.id, name=line.name or line.id, products=products_of(asked.plant, line))
            for line in asked.plant.lines
        ),
    )


def lot(states: States, asked: Asked) -> LotView:
    """Build the page of a lot."""
    state: ProductionState = states["production"]
    name = asked.names.get("lot", "")
    found = state.lots.get(name)
    if found is None:
        raise NotFoundError(Worded("There is no lot {lot} among those of late.", lot=name))
    kin = [other for other, known in state.lots.items() if name in {known.parent, known.into}]
    alike = [
        other
        for other, known in state.lots.items()
        if other != name
        and known.into is None
        and (known.product, known.line, known.edition) == (found.product, found.line, found.edition)
    ]
    return LotView(
        position=asked.position,
        at_us=asked.at_us,
        lot=lot_row(asked, name, found),
        moved=found.moved,
        parent=found.parent,
        into=found.into,
        sub=found.sub,
        parts=tuple(kin),
        family=kindred(state, name),
        dues=due_rows(asked, name, found),
        alike=tuple(reversed(alike[-SHOWN:])) if found.into is None else (),
        counted=_counted(asked, found),
    )


def kindred(state: ProductionState, name: str) -> tuple[str, ...]:
    """A lot with all parts and sub-lots of the lot that was opened first, the oldest first; none if it is alone."""
    family = family_of(state, name) if name in state.lots else ()
    return family if len(family) > 1 else ()


def order_row(state: ProductionState, asked: Asked, name: str, lots: list[str]) -> OrderRow:
    """The row of an order, whose known lots are given with the newest first."""
    found, is_open = state.orders[name], state.orders[name].closed_us is None
    opened = [lot for lot in map(state.lots.__getitem__, lots) if lot.closed_us is None]
    made = made_of(asked.plant, found, opened)
    overdue = found.due_at_us is not None and found.due_at_us < asked.at_us
    return OrderRow(
        order=name,
        product=found.product,
        line=found.line,
        quantity=found.quantity,
        made=made,
        released_us=found.released_us,
        due_at_us=found.due_at_us,
        closed_us=found.closed_us,
        late=is_open and overdue and made < found.quantity,
        next_lot=next_number(state, asked.plant, name, asked.at_us) if is_open else None,
        lots=tuple(lots[:SHOWN]),
    )


def lot_row(asked: Asked, name: str, found: Lot) -> LotRow:
    """The row of a lot."""
    return LotRow(
        lot=name,
        order=found.order,
        product=found.product,
        line=found.line,
        edition=found.edition,
        opened_us=found.opened_us,
        closed_us=found.closed_us,
        good=good_of(asked.plant, found),
        scrapped=scrapped_of(found),
        path=f"/lots/{name}",
    )


def _counted(asked: Asked, found: Lot) -> tuple[Counted, ...]:
    """In the order of the line; a station that the edition of today does not have stands behind."""
    places = outline(asked.plant).places
    known = [path for path in places if path in found.counted]
    gone = [path for path in found.counted if path not in places]
    return tuple(
        Counted(
            station=path,
            name=(places[path].station.name if path in places else "") or path,
            entered=found.counted[path][0],
            good=found.counted[path][1],
            scrapped=found.counted[path][2],
        )
        for path in [*known, *gone]
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="production.orders",
        path="/orders",
        title=Worded("Orders"),
        act="see_plant",
        build=orders,
        commands=("production.release_order", "production.open_lot", "production.close_order"),
    ),
)
