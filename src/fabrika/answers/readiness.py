"""Whether the next lot of an order can be made: material, tools, labels, documents and people, each with who can mend what is missing.

What nobody told is not known, and neither ready nor missing. Material that is kept for another order, past its shelf life or in a place
for scrap does not count; what other open orders need is not taken off, as the plant file does not say which is made first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from fabrika.answers.kit import KitRow, kit, needs_of
from fabrika.answers.readiness_people import documents, people
from fabrika.answers.readiness_row import Row
from fabrika.errors import NotFoundError
from fabrika.operations.genealogy.state import GenealogyState, Mark, StationBook
from fabrika.operations.inventory.labels import LONGEST, PRINTABLE
from fabrika.operations.inventory.lookups import roles_for
from fabrika.operations.inventory.pages import COUNTS, blind_places
from fabrika.operations.inventory.records import InventoryState
from fabrika.operations.production.lot_state import Order
from fabrika.operations.production.lots import made_of, next_number
from fabrika.operations.production.outline import Place, outline
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, Page, States
from fabrika.plant.composition import Needed
from fabrika.plant.kinds import KINDS
from fabrika.wording import Worded

NAMED = 6
"""Stations that are named in a sentence."""


class Leg(Struct, frozen=True, kw_only=True):
    """One of the five things that must be there; ``state`` is the worst of its rows: not ready, then not known."""

    leg: Literal["material", "tools", "labels", "documents", "people"]
    state: Literal["ready", "not_ready", "unknown"]
    rows: tuple[Row, ...]


class Readiness(Struct, frozen=True, kw_only=True):
    """An order and what its next lot needs.

    Attributes:
        wanted: good pieces that are not made yet.
        next_lot: the number that the next lot gets; None if the order is closed.
        state: the worst of the five.
        stations: ``line.station`` of the way, and what each is called.
        kit: what lies beside the line of its material, and which lots are brought there next.
    """

    position: int
    at_us: int
    order: str
    product: str
    line: str
    wanted: int
    next_lot: str | None
    state: Literal["ready", "not_ready", "unknown"]
    legs: tuple[Leg, ...]
    stations: tuple[tuple[str, str], ...]
    kit: tuple[KitRow, ...]


def readiness(states: States, asked: Asked) -> Readiness:
    """Build the page."""
    state: ProductionState = states["production"]
    name = asked.names.get("order", "")
    order = state.orders.get(name)
    if order is None:
        raise NotFoundError(Worded("There is no order {order}.", order=name))
    opened = [lot for lot in state.lots.values() if lot.order == name and lot.closed_us is None]
    wanted = max(0, order.quantity - made_of(asked.plant, order, opened))
    way = way_of(asked, order)
    number = next_number(state, asked.plant, name, asked.at_us) if order.closed_us is None else None
    legs = (
        _leg("material", material(states["inventory"], asked, order, wanted, name)),
        _leg("tools", tools(states["genealogy"], order, way)),
        _leg("labels", labels(asked, number)),
        _leg("documents", documents(states, asked, way)),
        _leg("people", people(states, asked, order.line, way)),
    )
    return Readiness(
        position=asked.position,
        at_us=asked.at_us,
        order=name,
        product=order.product,
        line=order.line,
        wanted=wanted,
        next_lot=number,
        state=_worst([leg.state for leg in legs]),
        legs=legs,
        stations=tuple((place.path, place.station.name or place.station.id) for place in way),
        kit=kit(states["inventory"], asked, order, name, wanted) if order.closed_us is None else (),
    )


def way_of(asked: Asked, order: Order) -> tuple[Place, ...]:
    """The stations of a line that work on an order's product, in their order; none where the line is no more."""
    plan = outline(asked.plant)
    line = plan.lines.get(order.line)
    route = next((product.route for product in asked.plant.products if product.id == order.product), ())
    places = [plan.places[f"{line.id}.{station.id}"] for station in line.stations] if line is not None else []
    return tuple(
        place
        for place in places
        if KINDS[place.station.kind].primitive != "transport" and (not route or place.path in route)
    )


def material(state: InventoryState, asked: Asked, order: Order, wanted: int, name: str) -> Iterator[Row]:
    """What the plant file says that the product needs, against what may be used of it."""
    needs = needs_of(asked.plant, order)
    if not needs:
        product = next((found for found in asked.plant.products if found.id == order.product), None)
        yield Row(
            state="unknown",
            sentence=Worded(
                "The plant file does not say which materials {product} needs here.",
                product=(product.name if product is not None else "") or order.product,
            ),
            remedy=Worded(
                "Add `needs` to the product in the plant file, if there are any; these roles can: {roles}.",
                roles=roles_for(asked.plant, "amend_plant"),
            ),
            path="/plant",
        )
    for need in needs:
        yield _of_material(state, asked, need, wanted, name)


def _of_material(state: InventoryState, asked: Asked, need: Needed, wanted: int, order: str) -> Row:
    found = next((item for item in asked.plant.materials if item.id == need.material), None)
    scrap = {place.id for place in asked.plant.locations if place.holds == "scrap"}
    have = waits = 0
    for lot in state.lots.values():
        if lot.material == need.material:
            left = sum(max(0, quantity) for place, quantity in lot.at.items() if place not in scrap)
            if lot.for_order(order, asked.at_us):
                have += left
            elif lot.status == "quarantine" and not lot.expired(asked.at_us):
                waits += left
    needed, unit = need.for_pieces(wanted), found.unit if found is not None else "piece"
    words = {"material": (found.name if found is not None else "") or need.material, "unit": unit}
    blind = blind_places(state, asked)
    if any(lot.material == need.material and not blind.isdisjoint(lot.at) for lot in state.lots.values()):
        return Row(
            state="unknown",
            sentence=Worded("{material}: {n} {unit} are needed; it is being counted.", **words, n=needed),
            remedy=Worded("It is told once the stocktaking is closed."),
            path="/stock",
        )
    if have >= needed:
        return Row(
            state="ready",
            sentence=Worded("{material}: {n} {unit} are needed, {have} may be used.", **words, n=needed, have=have),
            path="/stock",
        )
    short = needed - have
    if waits:
        remedy = Worded(
            "{n} {unit} wait in quarantine; these roles can release them: {roles}.",
            n=waits,
            unit=unit,
            roles=roles_for(asked.plant, "release_stock"),
        )
    else:
        remedy = Worded("Receive more; these roles can: {roles}.", roles=roles_for(asked.plant, "receive_stock"))
    return Row(
        state="not_ready",
        sentence=Worded(
            "{material}: {short} {unit} are missing; {n} are needed, {have} may be used.",
            **words,
            short=short,
            n=needed,
            have=have,
        ),
        remedy=remedy,
        path="/stock",
    )


def tools(state: GenealogyState, order: Order, way: tuple[Place, ...]) -> Iterator[Row]:
    """Which tool is in at each station, as somebody told; and whether it was put in for another product."""
    untold: list[str] = []
    for place in way:
        book, name = state.stations.get(place.path) or StationBook(), place.station.name or place.station.id
        mark = book.tool()
        if mark is None:
            untold.append(name)
            continue
        other = _made_for(state, book, mark, order.product)
        if other is None:
            yield Row(
                state="ready",
                sentence=Worded("{station}: the tool {tool} is in.", station=name, tool=mark.subject),
                since_us=mark.at_us,
                path=f"/stations/{place.path}",
            )
        else:
            yield Row(
                state="not_ready",
                sentence=Worded(
                    "{station}: the tool {tool} was put in for {product}.",
                    station=name,
                    tool=mark.subject,
                    product=other,
                ),
                remedy=Worded("Change it, or say below that the same is put in again for this order."),
                since_us=mark.at_us,
                path=f"/stations/{place.path}",
            )
    if untold:
        yield Row(
            state="unknown",
            sentence=Worded("Nobody told which tool is in at: {names}.", names=_some(untold)),
            remedy=Worded("Whoever puts a tool in says so below; stations that have none need nothing."),
        )


def _made_for(state: GenealogyState, book: StationBook, mark: Mark, product: str) -> str | None:
    """The product for which a tool was put in, if it is another one than this."""
    products = []
    for place, run in enumerate(book.runs):
        lot = state.lots.get(run.lot) if run.lot is not None else None
        until_us = book.runs[place + 1].from_us if place + 1 < len(book.runs) else state.latest_us
        if lot is not None and until_us > mark.at_us:
            products.append(lot.product)
    return products[-1] if products and product not in products else None


def _some(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" (+{len(names) - NAMED})" if len(names) > NAMED else "")


def labels(asked: Asked, number: str | None) -> Iterator[Row]:
    """The number of the next lot, and whether it fits on a label (GS1 AI 10: 20 signs of the set 82)."""
    if number is None:
        yield Row(
            state="not_ready",
            sentence=Worded("The order is closed."),
            remedy=Worded(
                "Release a new one; these roles can: {roles}.", roles=roles_for(asked.plant, "release_orders")
            ),
        )
    elif len(number) > LONGEST["10"] or not PRINTABLE.fullmatch(number):
        yield Row(
            state="not_ready",
            sentence=Worded("The next lot gets the number {lot}, which fits on no label.", lot=number),
            remedy=Worded(
                "Shorten `lot_number` in the plant file to 20 signs; these roles can: {roles}.",
                roles=roles_for(asked.plant, "amend_plant"),
            ),
            path="/plant",
        )
    else:
        yield Row(
            state="ready",
            sentence=Worded("The next lot gets the number {lot}; it fits on labels.", lot=number),
        )


def _leg(leg: Literal["material", "tools", "labels", "documents", "people"], rows: Iterator[Row]) -> Leg:
    found = tuple(rows)
    return Leg(leg=leg, state=_worst([row.state for row in found]), rows=found)


def _worst(states: list[Literal["ready", "not_ready", "unknown"]]) -> Literal["ready", "not_ready", "unknown"]:
    if "not_ready" in states:
        return "not_ready"
    return "unknown" if "unknown" in states or not states else "ready"


PAGES: tuple[Page, ...] = (
    Page(
        name="answers.readiness",
        path="/orders/{order}/readiness",
        title=Worded("Readiness"),
        act="see_plant",
        build=readiness,
        commands=("production.open_lot", "production.change_tool", "inventory.move"),
        minds=COUNTS,
    ),
)
