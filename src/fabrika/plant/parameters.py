"""The one way to name a number of the plant: ids joined with dots, such as ``line.station.fails.jam.repair``.

Beliefs, levers, gradients and what-if questions all go through here. A what-if is a new plant in which one number is
another.
"""

from __future__ import annotations

import math
from dataclasses import replace as copied
from typing import Final

from fabrika.errors import ChangeRefusedError
from fabrika.plant.distributions import (
    Stated,
    stated_factor,
    stated_share,
    stated_time,
    stated_work,
)
from fabrika.plant.model import Belief, Distribution, Plant
from fabrika.plant.quantities import Unreadable, count, shown, text_of
from fabrika.plant.slots import Parameter, Slot, put, slot, slots

MOST_PLACES: Final = 20_000_000
COUNT_SLACK: Final = 1e-6


def parameters(plant: Plant) -> list[Parameter]:
    """Every number of the plant that can be changed, in the order of the file."""
    return [slot.parameter for slot in slots(plant)]


def parameter(plant: Plant, path: str) -> Parameter:
    """One parameter.

    Raises:
        UnknownParameterError: the path names nothing.
    """
    return slot(plant, path).parameter


def replace(plant: Plant, path: str, text: str) -> Plant:
    """The plant with one parameter written anew in the syntax of the file; ``changes`` tells so.

    A belief about the parameter goes with its old value; a new one may be written behind the new value. ``sha256``
    stays that of the file it came from.

    Raises:
        UnknownParameterError: the path names nothing.
        ChangeRefusedError: the text does not fit.
    """
    place = slot(plant, path)
    try:
        stated = read_as(place, text)
    except Unreadable as error:
        raise ChangeRefusedError(f"{path}: {error.wrong}", error.remedy) from error
    value = stated.law.mean
    changed: Plant = put(plant, place.steps, lambda _: stated.law if place.law is not None else _fitting(place, value))
    if place.clocked and stated.clock is not None:
        changed = put(changed, place.clocked, lambda _: stated.clock)
    beliefs = tuple(belief for belief in plant.beliefs if belief.path != path)
    if stated.doubt is not None:
        doubt = stated.doubt
        beliefs += (Belief(path, doubt.kind, doubt.low, doubt.high, doubt.events, stated.text),)
    changed = copied(changed, beliefs=beliefs, changes=(*plant.changes, f"{path} = {text.strip()}"))
    _check_places(changed, path)
    return changed


def read_as(place: Slot, text: str) -> Stated:
    """A text read as the value of a parameter.

    Raises:
        Unreadable: it does not fit, or is out of bounds.
    """
    dimension = place.parameter.dimension
    if dimension == "count":
        value = float(count(text, int(place.low), int(place.high)))
        return Stated(Distribution("constant", value), "count", None, None, text.strip())
    if dimension == "share":
        stated = stated_share(text)
    elif dimension == "factor":
        stated = stated_factor(text, 0 if place.low < 1 else place.low, place.high)
    elif place.kind == "work":
        rare = place.steps[0] in ("outages", "supplies")
        stated = stated_work(text, laws=place.law is not None, working=not rare)
    else:
        stated = stated_time(text, laws=place.law is not None, zero=place.low == 0)
    wanted = stated.dimension
    low, high = (place.low, place.high) if wanted == dimension else (1.0, math.inf)
    if not low <= stated.law.mean <= high:
        ends = f"from {text_of(low, wanted)} to {text_of(high, wanted)}"
        raise Unreadable(f"{shown(text)} is out of bounds.", f"Write a value {ends}.")
    return stated


def with_value(plant: Plant, path: str, value_si: float) -> Plant:
    """The plant with one parameter set to a number in SI units; of a distribution only the mean changes.

    Counts must be whole. Neither beliefs nor ``changes`` are touched: this is the quick way for draws and gradients.

    Raises:
        UnknownParameterError: the path names nothing.
        ChangeRefusedError: the number is not finite or out of the parameter's bounds.
    """
    place = slot(plant, path)
    if not (math.isfinite(value_si) and place.low <= value_si <= place.high):
        dimension = place.parameter.dimension
        ends = f"from {text_of(place.low, dimension)} to {text_of(place.high, dimension)}"
        raise ChangeRefusedError(f"{path} cannot be {value_si!r}.", f"Give a value {ends}.")
    if place.law is not None:
        return put(plant, place.steps, lambda law: Distribution(law.family, value_si, law.shape))  # type: ignore[no-any-return]
    value = _fitting(place, value_si)
    return put(plant, place.steps, lambda _: value)  # type: ignore[no-any-return]


def _fitting(place: Slot, value: float) -> float | int:
    """The value as the model holds it: counts are integers, except the contract's."""
    if place.parameter.dimension != "count" or place.steps[0] == "contract":
        return value
    whole = round(value)
    if abs(whole - value) > COUNT_SLACK:
        raise ChangeRefusedError(f"{place.parameter.path} cannot be {value!r}.", f"Give a whole number, as {whole}.")
    return whole


def _check_places(plant: Plant, path: str) -> None:
    places = sum(store.capacity for store in plant.stores)
    for line in plant.lines:
        places += sum(station.capacity + sum(item.buffer for item in station.inputs) for station in line.stations)
    if places > MOST_PLACES:
        wrong = f"{path}: buffers, stores and transports would have {places:,} places."
        raise ChangeRefusedError(wrong, f"Keep them under {MOST_PLACES:,} in all.")


__all__ = ["Parameter", "parameter", "parameters", "read_as", "replace", "with_value"]
