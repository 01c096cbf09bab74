"""Counting stock by hand: begun and closed by one who answers for the book, counted by others who did not handle the stock."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.inventory import Adjusted, Counted, Expected, StocktakeBegun, StocktakeClosed
from fabrika.operations.inventory.lookups import (
    Maybe,
    Scanned,
    location,
    next_id,
    require_at,
    roles_for,
    subject_of,
)
from fabrika.operations.inventory.records import InventoryState, Stocktake
from fabrika.page import Asked, Command, States
from fabrika.wording import Worded


class BeginStocktake(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The location that is counted."""

    location: Id


class CountStock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much the person found of something; 0 where nothing was there."""

    stocktake: Id
    subject: Scanned
    quantity: Maybe


class AdjustStock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The difference that the book takes over, and what looking into it brought to light."""

    stocktake: Id
    subject: Id
    reason: Text


class CloseStocktake(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stocktaking that is over."""

    stocktake: Id


def begin(states: States, asked: Asked, form: BeginStocktake) -> Sequence[Event]:
    """What the book holds of a location is frozen, and stock stays there until it is counted."""
    state: InventoryState = states["inventory"]
    place = location(asked.plant, form.location)
    asked.require("adjust_stock", place.area)
    going = state.open_stocktake(place.id)
    if going is not None:
        raise ActRefusedError(
            Worded("{location} is being counted already.", location=place.name or place.id),
            Worded("Go on with {stocktake}.", stocktake=going[0]),
        )
    expected = tuple(
        Expected(subject=name, quantity=max(0, quantity)) for name, quantity in sorted(state.held_at(place.id).items())
    )
    name = next_id(state, "stocktake", "count-")
    return [StocktakeBegun(stocktake=name, location=place.id, expected=expected, person=asked.actor)]


def count(states: States, asked: Asked, form: CountStock) -> Sequence[Event]:
    """A person who did not handle the stock says what they found; a second count is another person's."""
    state: InventoryState = states["inventory"]
    found = _open(state, form.stocktake)
    require_at(asked, "count_stock", found.location)
    person, roles = asked.actor, roles_for(asked.plant, "count_stock")
    if person in state.hands.get(found.location, {}):
        raise ActRefusedError(
            Worded("You moved stock at {location} since it was counted last.", location=found.location),
            Worded("Somebody else counts it, in one of these roles: {roles}.", roles=roles),
        )
    if person == found.begun_by:
        raise ActRefusedError(
            Worded("Who began the stocktaking does not count in it."),
            Worded("Somebody else counts it, in one of these roles: {roles}.", roles=roles),
        )
    name = subject_of(state, asked.plant, form.subject)
    earlier = found.found.get(name)
    counters = {one.person for one in found.before.get(name, [])} | ({earlier.person} if earlier is not None else set())
    if person in counters:
        raise ActRefusedError(
            Worded("You have counted {name} already.", name=name),
            Worded("If it must be counted again, somebody else does, in one of these roles: {roles}.", roles=roles),
        )
    if name in found.adjusted:
        raise ActRefusedError(
            Worded("The book was brought to what was found of {name} already.", name=name),
            Worded("Count it in the next stocktaking."),
        )
    return [Counted(stocktake=form.stocktake, subject=name, quantity=form.quantity, person=person)]


def adjust(states: States, asked: Asked, form: AdjustStock) -> Sequence[Event]:
    """The book is brought to what was found, by somebody who did not count it, once all is counted."""
    state: InventoryState = states["inventory"]
    found = _open(state, form.stocktake)
    require_at(asked, "adjust_stock", found.location)
    _all_counted(asked, found)
    difference = found.difference(form.subject)
    if not difference or form.subject in found.adjusted:
        raise ActRefusedError(
            Worded("Of {name} there is no difference left.", name=form.subject), Worded("There is nothing to do.")
        )
    _not_a_counter(asked, found)
    return [
        Adjusted(
            stocktake=form.stocktake,
            subject=form.subject,
            difference=difference,
            reason=form.reason,
            person=asked.actor,
        )
    ]


def close(states: States, asked: Asked, form: CloseStocktake) -> Sequence[Event]:
    """A stocktaking is over once all was counted and no difference is left, and not by who counted."""
    state: InventoryState = states["inventory"]
    found = _open(state, form.stocktake)
    require_at(asked, "adjust_stock", found.location)
    _all_counted(asked, found)
    if found.unsettled:
        raise ActRefusedError(
            Worded("Differences are left: {names}.", names=", ".join(found.unsettled)),
            Worded("Have them counted again or look into them, and bring the book to what was found."),
        )
    _not_a_counter(asked, found)
    return [StocktakeClosed(stocktake=form.stocktake, person=asked.actor)]


def _open(state: InventoryState, name: str) -> Stocktake:
    found = state.stocktakes.get(name)
    if found is None:
        raise NotFoundError(Worded("There is no stocktaking {stocktake}.", stocktake=name))
    if found.closed_us is not None:
        raise ActRefusedError(
            Worded("The stocktaking {stocktake} is closed.", stocktake=name), Worded("Begin another one.")
        )
    return found


def _all_counted(asked: Asked, found: Stocktake) -> None:
    if found.uncounted:
        raise ActRefusedError(
            Worded("Not everything is counted yet: {n} are missing.", n=len(found.uncounted)),
            Worded(
                "Have it counted by somebody in one of these roles: {roles}; what is not there is counted as 0.",
                roles=roles_for(asked.plant, "count_stock"),
            ),
        )


def _not_a_counter(asked: Asked, found: Stocktake) -> None:
    if asked.person in {one.person for one in found.found.values()}:
        raise ActRefusedError(
            Worded("Who counted neither settles differences nor closes the stocktaking."),
            Worded("Ask another person in one of these roles: {roles}.", roles=roles_for(asked.plant, "adjust_stock")),
        )


COMMANDS: tuple[Command, ...] = (
    Command(
        name="inventory.begin_stocktake",
        title=Worded("Begin a stocktaking"),
        act="adjust_stock",
        form=BeginStocktake,
        decide=begin,
    ),
    Command(name="inventory.count", title=Worded("Found"), act="count_stock", form=CountStock, decide=count),
    Command(
        name="inventory.adjust",
        title=Worded("Bring the book to it"),
        act="adjust_stock",
        form=AdjustStock,
        decide=adjust,
    ),
    Command(
        name="inventory.close_stocktake",
        title=Worded("Close the stocktaking"),
        act="adjust_stock",
        form=CloseStocktake,
        decide=close,
    ),
)
