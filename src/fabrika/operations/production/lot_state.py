"""Orders and lots as they are folded: opened, made of, due by the plant's rule, split, merged, closed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from fabrika.events.inventory import Consumed
from fabrika.events.production import LotMerged, LotOpened, LotRequired, LotSplit
from fabrika.plant.lot_numbers import parted

LOTS = 500
"""Closed lots that are remembered; of orders all are, so that no number is given twice."""
DUES = 20
"""Times at which a lot was due that are remembered of the lot before, the newest."""
FED = 20
"""Material lots that are remembered of a lot at a station, the newest."""


class Due(Struct, kw_only=True, omit_defaults=True):
    """The next lot, or a sub-lot, was due; see :class:`fabrika.events.production.LotRequired`.

    Attributes:
        settled_us: when it was opened; None while it is not.
        by: the lot that was opened.
        key: identity of the event.
    """

    since_us: int
    station: str
    cause: str
    makes: str
    block: bool
    key: str
    subject: str | None = None
    settled_us: int | None = None
    by: str | None = None


class Lot(Struct, kw_only=True, omit_defaults=True):
    """A lot, and what each station counted in it: entered, good, scrapped by ``line.station``.

    Attributes:
        reported: what persons counted in it: good, scrapped by ``line.station``.
        moved: good units that came from other lots, less those that went to others.
        parent: the lot that it was split from, or of which it is a sub-lot; ``sub`` says that it is one.
        into: the lot that it was merged into.
        dues: when the next lot, or a sub-lot of it, was due by the plant's rule, the newest last.
        fed: material lots that went into it, the newest last, by ``line.station``.
    """

    order: str
    product: str
    line: str
    edition: int
    opened_us: int
    closed_us: int | None = None
    good: int | None = None
    scrapped: int | None = None
    counted: dict[str, list[int]] = {}
    reported: dict[str, list[int]] = {}
    moved: int = 0
    parent: str | None = None
    into: str | None = None
    sub: bool = False
    dues: list[Due] = []
    fed: dict[str, list[str]] = {}


class CallOff(Struct, array_like=True):
    """So many good pieces of an order are wanted until an instant."""

    quantity: int
    due_at_us: int


class Order(Struct, kw_only=True, omit_defaults=True):
    """An order that may be made, until it is closed.

    Attributes:
        made: good units of its lots that were closed.
        shipped: units of its lots that left the plant.
        call_offs: parts of it that are wanted until an instant each.
    """

    product: str
    line: str
    quantity: int
    due_at_us: int | None = None
    released_us: int = 0
    closed_us: int | None = None
    made: int = 0
    shipped: int = 0
    call_offs: dict[str, CallOff] = {}


class Books(Struct):
    """Lots and orders by their ids, and the last running number of lots by what stands before it."""

    lots: dict[str, Lot] = {}
    orders: dict[str, Order] = {}
    numbers: dict[str, int] = {}

    def open_lots(self, line: str) -> list[str]:
        """Lots that are made on a line, the oldest first."""
        return [name for name, lot in self.lots.items() if lot.line == line and lot.closed_us is None]


def root_of(books: Books, name: str) -> str:
    """The lot of which a lot is a part or sub-lot in the end; itself if of none that is known."""
    seen = {name}
    while (found := books.lots.get(name)) is not None and found.parent in books.lots and found.parent not in seen:
        name = found.parent
        seen.add(name)
    return name


def family_of(books: Books, name: str) -> tuple[str, ...]:
    """The lots that a lot has its root in common with, itself included, the oldest first; only itself if it has no kin."""
    root = root_of(books, name)
    return tuple(other for other in books.lots if root_of(books, other) == root)


def open_lot(books: Books, name: str, like: LotOpened | Lot, at_us: int) -> None:
    """A lot begins; one that is known already stays as it is."""
    books.lots.setdefault(
        name, Lot(order=like.order, product=like.product, line=like.line, edition=like.edition, opened_us=at_us)
    )
    if isinstance(like, LotOpened) and like.parent is not None:
        books.lots[name].parent, books.lots[name].sub = like.parent, True
    numbered = parted(name)
    if numbered is not None:
        before, n = numbered
        books.numbers[before] = max(n, books.numbers.get(before, 0))


def split_lot(books: Books, event: LotSplit, at_us: int) -> None:
    """Part of a lot goes its own way; of a lot that is not known nothing does."""
    parent = books.lots.get(event.lot)
    if parent is None:
        return
    open_lot(books, event.new_lot, parent, at_us)
    books.lots[event.new_lot].parent = event.lot
    _move(books, event.lot, event.new_lot, event.units)


def merge_lot(books: Books, event: LotMerged, at_us: int) -> None:
    """A lot goes into another, if both are known."""
    lot = books.lots.get(event.lot)
    if lot is None or event.into not in books.lots:
        return
    _move(books, event.lot, event.into, event.units)
    lot.into = event.into
    if lot.closed_us is None:
        close_lot(books, event.lot, at_us, 0, lot.scrapped or 0)


def _move(books: Books, origin: str, target: str, units: int) -> None:
    """Good units go from one lot to another, also where one is closed."""
    for name, moved in ((origin, -units), (target, units)):
        lot = books.lots[name]
        lot.moved += moved
        if lot.good is not None:
            lot.good += moved
            if lot.order in books.orders:
                books.orders[lot.order].made += moved


def close_lot(books: Books, name: str, at_us: int, good: int, scrapped: int) -> None:
    """Nothing more is made in a lot; the oldest of those that are closed are forgotten."""
    lot = books.lots.get(name)
    if lot is None:
        return
    order = books.orders.get(lot.order)
    if order is not None:
        order.made += good - (lot.good or 0)
    lot.closed_us, lot.good, lot.scrapped = at_us, good, scrapped
    closed = [name for name, other in books.lots.items() if other.closed_us is not None]
    for old in closed[:-LOTS]:
        del books.lots[old]


def feed(books: Books, event: Consumed) -> None:
    """A material lot, or a container, went into a lot at a station; without one it is the newest that is open on its line."""
    name = event.lot or next(reversed(books.open_lots(event.station.partition(".")[0])), None)
    lot = books.lots.get(name) if name is not None else None
    if lot is None:
        return
    fed = lot.fed.setdefault(event.station, [])
    if not fed or fed[-1] != event.subject:
        fed.append(event.subject)
        del fed[:-FED]


def note_due(books: Books, event: LotRequired, at_us: int, key: str) -> None:
    """The next lot is due, or a sub-lot of this one."""
    lot = books.lots.get(event.lot)
    if lot is not None:
        due = Due(
            since_us=at_us, station=event.station, cause=event.cause, makes=event.makes, block=event.block,
            key=key, subject=event.subject,
        )  # fmt: skip
        lot.dues.append(due)
        del lot.dues[:-DUES]


def settle(books: Books, opened: str, at_us: int) -> Iterator[Due]:
    """A lot was opened, or split off: what was due of it until then is settled, each given as it is."""
    new = books.lots.get(opened)
    if new is None:
        return
    root = root_of(books, opened)
    for name, lot in books.lots.items():
        if not lot.dues or lot.line != new.line or name == opened:
            continue
        kin = new.parent is not None and root_of(books, name) == root
        for due in lot.dues:
            # A part of the same lot is no other lot; a whole new lot tells apart what a sub-lot would have, too.
            fits = new.parent is None or (kin and due.makes == "sub_lot")
            if fits and due.settled_us is None and due.since_us <= at_us:
                due.settled_us, due.by = at_us, opened
                yield due
