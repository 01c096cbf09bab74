"""From the forms of levers to the model; needs the finished plant, for a lever moves one of its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fabrika.plant.document import Word
from fabrika.plant.draft import IN_LINE, Draft
from fabrika.plant.forms import Form, LeverForm, ModeForm, PlannedStopForm, StationForm
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Lever, Line, Plant, Station
from fabrika.plant.parameters import read_as
from fabrika.plant.quantities import Unreadable
from fabrika.plant.slots import Slot, slots

GROUPS: Final = ("products", "crews", "stores", "outages", "supplies")
WRITTEN: Final = {"takes": ("needs",), "buffer": ("buffer", "feed", "needs")}
"""Keys of a station in which a parameter stands, where that is not its own name."""


def levers(draft: Draft, plant: Plant) -> Plant:
    """The plant with its beliefs and levers."""
    plant = replace(plant, beliefs=tuple(draft.beliefs))
    if not draft.form.levers:
        return plant
    lines = tuple(replace(line, stations=tuple(_of_known_kind(line))) for line in plant.lines)
    places = {place.parameter.path: place for place in slots(replace(plant, lines=lines))}
    doubts = _Doubts(draft)
    found = [_lever(draft, form, places, doubts) for form in draft.form.levers]
    return replace(plant, levers=tuple(lever for lever in found if lever is not None))


def _of_known_kind(line: Line) -> list[Station]:
    return [station for station in line.stations if station.kind in KINDS]


class _Doubts:
    """Which parameters may have been lost, or are only guessed, because something in the file could not be read."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.damaged = draft.findings.places() | draft.lost.keys
        self.lacking = {problem.where for problem in draft.findings.problems}

    def about(self, path: str) -> bool:
        """Whether the file may mean something under this path that could not be read."""
        head, _, rest = path.partition(".")
        name, _, key = rest.partition(".")
        draft = self.draft
        if head in draft.lines:
            station = draft.stations.get(f"{head}.{name}")
            if station is not None:
                return str(station.kind) not in KINDS or self._station(station, key)
            return self._key(draft.lines[head], name) if name in IN_LINE else draft.lost.covers("stations", name)
        if head in ("ramp_up", "contract"):
            whole: Form | None = getattr(draft.form, head)
            return self._key(draft.form, head) if whole is None else self._key(whole, name)
        if head not in GROUPS:
            return draft.lost.covers("lines", head)
        thing = draft.ids[head].get(name)
        if thing is None:
            return draft.lost.covers(head, name) or self._key(draft.form, head)
        return self._key(thing, key)

    def _station(self, station: StationForm, key: str) -> bool:
        first, _, rest = key.partition(".")
        name, _, last = rest.partition(".")
        if first in ("fails", "stops"):
            things: list[ModeForm] | list[PlannedStopForm] = station.fails if first == "fails" else station.stops
            thing = next((item for item in things if item.id == name), None)
            if thing is not None:
                return self._key(thing, last)
            lost, where = self.draft.lost, station.at.where
            return lost.covers(first, name) or f"{where}.{first}" in lost.keys or lost.meant(where, first)
        return any(self._key(station, written) for written in WRITTEN.get(first, (first,)))

    def _key(self, form: Form, key: str) -> bool:
        """Whether a key of a mapping is bad, may stand there misspelt, or was noted to be missing."""
        where = form.at.where
        path = f"{where}.{key}" if where else key
        return (
            path in self.damaged
            or self.draft.lost.meant(where, key)
            or (key not in form.at and bool(where) and where in self.lacking)
        )


def _lever(draft: Draft, form: LeverForm, places: dict[str, Slot], doubts: _Doubts) -> Lever | None:
    path = str(form.change)
    place = places.get(path)
    doubtful = doubts.about(path)
    if place is None:
        near = draft.findings.guesses.nearest(path, places)
        remedy = f"Write `{near[0]}`." if near else "Write a path such as `line.station.cycle` that the file has."
        if not doubtful:
            draft.findings.add(form.change, f"There is no parameter `{path[:80]}`.", remedy)
        return None
    if doubtful:
        # Today's value may be a stand-in for one that could not be read; the lever's own are read all the same.
        for word in (form.to, *(form.range or ()), form.step):
            _value(draft, word, place, compared=False) if word is not None else None
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


def _value(draft: Draft, word: Word, place: Slot, *, compared: bool = True) -> float | None:
    """The plain value that a word states, None after noting what is wrong; ``compared``: with today's unit, too."""
    try:
        stated = read_as(place, str(word))
    except Unreadable as error:
        draft.findings.add(word, error.wrong, error.remedy)
        return None
    if stated.doubt is not None or stated.law.family != "constant":
        remedy = "Write it without a distribution or belief."
        draft.findings.add(word, "A lever goes to a plain value.", remedy)
        return None
    if compared and stated.dimension != place.parameter.dimension:
        remedy = f"Write it in the unit of {place.parameter.text}."
        draft.findings.add(word, "The lever is in another unit than its parameter.", remedy)
        return None
    return stated.law.mean
