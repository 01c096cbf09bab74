"""From the forms of levers to the model; needs the finished plant, for a lever moves one of its parameters."""

from __future__ import annotations

from dataclasses import replace

from fabrika.plant.document import Word
from fabrika.plant.draft import Draft
from fabrika.plant.forms import LeverForm
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Lever, Plant
from fabrika.plant.parameters import read_as
from fabrika.plant.quantities import Unreadable
from fabrika.plant.slots import Slot, slots


def levers(draft: Draft, plant: Plant) -> Plant:
    """The plant with its beliefs and levers."""
    plant = replace(plant, beliefs=tuple(draft.beliefs))
    if not draft.form.levers or (draft.findings.problems and draft.lost.touched("stations", "lines")):
        return plant
    if any(str(station.kind) not in KINDS for station in draft.stations.values()):
        return plant
    places = {place.parameter.path: place for place in slots(plant)}
    found = [_lever(draft, form, places) for form in draft.form.levers]
    return replace(plant, levers=tuple(lever for lever in found if lever is not None))


def _lever(draft: Draft, form: LeverForm, places: dict[str, Slot]) -> Lever | None:
    path = str(form.change)
    place = places.get(path)
    if place is None:
        near = draft.findings.guesses.nearest(path, places)
        remedy = f"Write `{near[0]}`." if near else "Write a path such as `line.station.cycle` that the file has."
        if not draft.lost.keys and not draft.lost.ids:
            draft.findings.add(form.change, f"There is no parameter `{path[:80]}`.", remedy)
        return None
    if path.rpartition(".")[2] in draft.lost.names:
        # Today's value may be a stand-in for one that could not be read.
        return None
    ends = _ends(draft, form, place)
    if ends is None:
        return None
    step = _value(draft, form.step, place) if form.step is not None else None
    if step is None:
        step = 1.0 if place.parameter.dimension == "count" else 0.0
    return Lever(
        id=str(form.id),
        path=path,
        low=ends[0],
        high=ends[1],
        cost=form.cost.amount if form.cost else None,
        currency=form.cost.currency if form.cost else "",
        step=step,
        name=form.name,
    )


def _ends(draft: Draft, form: LeverForm, place: Slot) -> tuple[float, float] | None:
    today = place.parameter.value
    if (form.to is None) == (form.range is None):
        if not {f"{form.at.where}.to", f"{form.at.where}.range"} & draft.lost.keys:
            wrong = "A lever needs either `to` or `range`."
            draft.findings.add(form.at, wrong, f"Add `to:`, the far end; today's value is {place.parameter.text}.")
        return None
    if form.to is not None:
        far = _value(draft, form.to, place)
        if far == today:
            wrong = "The far end of the lever is today's value."
            draft.findings.add(form.to, wrong, f"Write another value than {place.parameter.text}.")
        return None if far is None or far == today else (min(far, today), max(far, today))
    low, high = (_value(draft, word, place) for word in form.range or ())
    if low is None or high is None:
        return None
    if not low < high or not low <= today <= high:
        wrong = "The range does not go from a lower to a higher value around today's."
        remedy = f"Write `[LOW, HIGH]` with today's {place.parameter.text} in it."
        draft.findings.add(form.place("range"), wrong, remedy)
        return None
    return low, high


def _value(draft: Draft, word: Word, place: Slot) -> float | None:
    try:
        stated = read_as(place, str(word))
    except Unreadable as error:
        draft.findings.add(word, error.wrong, error.remedy)
        return None
    if stated.doubt is not None or stated.law.family != "constant":
        remedy = "Write it without a distribution or belief."
        draft.findings.add(word, "A lever goes to a plain value.", remedy)
        return None
    if stated.dimension != place.parameter.dimension:
        remedy = f"Write it in the unit of {place.parameter.text}."
        draft.findings.add(word, "The lever is in another unit than its parameter.", remedy)
        return None
    return stated.law.mean
