"""A plant as a list of things and what the file says of each, so that two editions can be compared value by value.

Numbers stand under the paths of :mod:`fabrika.plant.parameters`; whatever else there is, beside them: ``line.station.kind``,
``calendars.two-shift.shifts``. What is equal in effect is equal here, however it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from fabrika.plant.acts import ACTS
from fabrika.plant.lot_rules import need_texts
from fabrika.plant.lot_rules import said as lot_rule_said
from fabrika.plant.model import DAYS, Belief, Calendar, Contract, Lever, Line, Plant, Reason, Shift, Start, Station
from fabrika.plant.quantities import text_of
from fabrika.plant.roles import roles_of, screen_of
from fabrika.plant.slots import Slot, held, slot, slots
from fabrika.plant.stock import said
from fabrika.wording import Worded

KINDS_OF_THINGS: Final = {
    "plant": Worded("plant"),
    "contract": Worded("contract"),
    "calendars": Worded("calendar"),
    "areas": Worded("area"),
    "products": Worded("product"),
    "crews": Worded("crew"),
    "stores": Worded("store"),
    "outages": Worded("outage"),
    "supplies": Worded("supply"),
    "ramp_up": Worded("ramp-up"),
    "levers": Worded("lever"),
    "reasons": Worded("reason"),
    "roles": Worded("role"),
    "starts": Worded("start of a run"),
    "lot_rule": Worded("part of the lot rule"),
    "lines": Worded("line"),
    "materials": Worded("material"),
    "locations": Worded("location"),
    "containers": Worded("kind of container"),
    "routes": Worded("route"),
    "stations": Worded("station"),
    "fails": Worded("mode of stopping"),
    "stops": Worded("planned stop"),
}
"""What each list of the file holds, in a word."""

MEMBERS: Final = {
    "facts": Worded("fact"),
    "assumptions": Worded("assumption"),
    "excluded": Worded("exclusion"),
    "holidays": Worded("day off"),
    "shutdowns": Worded("shutdown"),
    "stations": Worded("station"),
    "may": Worded("act"),
    "two_people": Worded("act of two people"),
    "apart": Worded("pair of roles apart"),
    "needs": Worded("what is needed"),
}
"""What each list without ids holds, in a word, by its key."""


class Value(NamedTuple):
    """What the file says under one path.

    Attributes:
        key: what is compared.
        text: as people write it; empty if there is nothing.
        exact: a number with all its digits, in SI units, for two that read alike.
    """

    key: Any
    text: str
    exact: str = ""


class Range:
    """The ends of a lever; an end at today's value moves with the parameter, and is then no change of the lever."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, low: float, high: float, today: float) -> None:
        self.ends = (low, high)
        self.far = tuple(end for end in self.ends if end != today)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Range) and (self.ends == other.ends or self.far == other.far)


class Thing:
    """A thing of the plant.

    Attributes:
        kind: the list it stands in, a key of :data:`KINDS_OF_THINGS`.
        path: its own path, as an event would name it: ``line.station``, ``fitters``.
        at: the path under which its values stand: ``line.station``, ``crews.fitters``.
        values: by path, in the order of the file.
        members: by path, what a list without ids holds, as texts.
    """

    def __init__(self, kind: str, path: str, at: str | None = None) -> None:
        self.kind = kind
        self.path = path
        self.at = at or path
        self.values: dict[str, Value] = {}
        self.members: dict[str, tuple[str, ...]] = {}

    def says(self, key: str, value: Any, text: str | None = None) -> None:
        """Take down one value; its text is the value itself unless it is given."""
        self.values[f"{self.at}.{key}"] = Value(value, str(value) if text is None else text)

    def holds(self, key: str, texts: Iterable[str]) -> None:
        """Take down what a list holds."""
        self.members[f"{self.at}.{key}" if key else self.at] = tuple(texts)


def things(plant: Plant) -> dict[str, Thing]:
    """Everything in the plant by the path of its values, in the order of the file, with all that is said of it."""
    found = {thing.at: thing for thing in _things(plant)}
    beliefs = {belief.path: belief for belief in plant.beliefs}
    for place in slots(plant):
        path = place.parameter.path
        _owner(found, path).values[path] = _number(plant, place, beliefs.pop(path, None))
    for path, belief in beliefs.items():
        found["plant"].values[f"{path}.belief"] = Value(replace(belief, text=""), belief.text)
    return found


def _owner(found: dict[str, Thing], path: str) -> Thing:
    """The thing to which a parameter belongs: the longest beginning of its path that is one."""
    at = path
    while at not in found:
        at = at.rpartition(".")[0]
    return found[at]


def _number(plant: Plant, place: Slot, belief: Belief | None) -> Value:
    parameter = place.parameter
    doubt = replace(belief, text="", path="") if belief is not None else None
    clock = held(plant, place.clocked) if place.clocked else None
    shape = f", {place.law.shape!r}" if place.law is not None and place.law.shape else ""
    key = (parameter.dimension, parameter.value, place.law, clock, doubt)
    return Value(key, belief.text if belief is not None else parameter.text, f"{parameter.value!r}{shape}")


def _things(plant: Plant) -> Iterator[Thing]:
    yield _head(plant)
    if plant.contract is not None:
        yield _contract(plant.contract)
    yield from (_calendar(item) for item in plant.calendars)
    yield from _around(plant)
    if plant.ramp_up is not None:
        thing = Thing("ramp_up", "ramp_up")
        thing.says("curve", plant.ramp_up.curve)
        yield thing
    yield from (_lever(plant, lever) for lever in plant.levers)
    yield from (_reason(item) for item in plant.reasons)
    yield from _roles(plant)
    yield from (_start(start) for start in plant.starts)
    for rule, values in lot_rule_said(plant):
        thing = _named("lot_rule", rule)
        for key, (value, text) in values.items():
            thing.says(key, value, text)
        thing.holds("stations", rule.stations)
        yield thing
    for line in plant.lines:
        yield _line(line)
        for number in range(len(line.stations)):
            yield from _station(line, number)


def _head(plant: Plant) -> Thing:
    thing = Thing("plant", "plant")
    thing.says("id", plant.id)
    thing.says("name", plant.name)
    thing.says("zone", plant.zone_name)
    thing.says("calendar", plant.calendar, plant.calendar or "")
    thing.says("warm_up", plant.warm_up_s, text_of(plant.warm_up_s, "time"))
    thing.says("lot_number", plant.lot_number)
    thing.says("short_stop", plant.short_stop_s, text_of(plant.short_stop_s, "time"))
    thing.says("counts_within", plant.counts_within, text_of(plant.counts_within, "share"))
    for key, statements in (("facts", plant.facts), ("assumptions", plant.assumptions)):
        thing.holds(key, (f"{item.text} ({item.source})" if item.source else item.text for item in statements))
    return thing


def _contract(contract: Contract) -> Thing:
    thing = Thing("contract", "contract")
    thing.says("date", contract.date, contract.date.isoformat() if contract.date else "")
    for product, share in contract.mix.items():
        thing.says(f"mix.{product}", share, text_of(share, "share"))
    thing.says("tolerance", contract.tolerance, text_of(contract.tolerance, "share"))
    thing.says("mix_tolerance", contract.mix_tolerance, text_of(contract.mix_tolerance, "share"))
    thing.says("basis.calendar", contract.calendar, contract.calendar or "")
    thing.holds("basis.excluded", contract.excluded)
    thing.says("basis.conforming", contract.conforming, contract.conforming)
    thing.says("confidence", contract.confidence, text_of(contract.confidence, "share"))
    return thing


def _calendar(calendar: Calendar) -> Thing:
    thing = Thing("calendars", calendar.id, f"calendars.{calendar.id}")
    thing.says("name", calendar.name)
    thing.says("shifts", calendar.shifts, ", ".join(_shift(shift) for shift in calendar.shifts))
    thing.holds("holidays", (day.isoformat() for day in calendar.holidays))
    thing.holds("shutdowns", (f"{first.isoformat()}..{last.isoformat()}" for first, last in calendar.shutdowns))
    if calendar.warm_up_s:
        thing.says("warm_up.takes", calendar.warm_up_s, text_of(calendar.warm_up_s, "time"))
        thing.says("warm_up.after_standing", calendar.warm_up_after_s, text_of(calendar.warm_up_after_s, "time"))
    return thing


def _shift(shift: Shift) -> str:
    """A shift as the file writes it: ``mon-fri 06:00-14:00 (10:00-10:45)``."""
    row = len(shift.days) > 2 and shift.days[-1] - shift.days[0] == len(shift.days) - 1
    days = (
        "-".join(DAYS[day] for day in (shift.days[0], shift.days[-1])) if row else "+".join(DAYS[d] for d in shift.days)
    )
    breaks = "".join(f" ({_clock(first)}-{_clock(last)})" for first, last in shift.breaks)
    return f"{days} {_clock(shift.start_min)}-{_clock(shift.end_min)}{breaks}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _around(plant: Plant) -> Iterator[Thing]:
    for area in plant.areas:
        thing = _named("areas", area)
        thing.says("calendar", area.calendar, area.calendar or "")
        yield thing
    for product in plant.products:
        thing = _named("products", product)
        thing.says("route", tuple(sorted(product.route)), " + ".join(product.route))
        thing.holds("needs", need_texts(product.needs))
        yield thing
    for crew in plant.crews:
        yield _named("crews", crew)
    for store in plant.stores:
        thing = _named("stores", store)
        thing.says("feed", store.inputs, " + ".join(store.inputs))
        thing.says("order", store.order)
        yield thing
    for outage in plant.outages:
        thing = _named("outages", outage)
        thing.says("area", outage.area, outage.area or "")
        yield thing
    for supply in plant.supplies:
        thing = _named("supplies", supply)
        thing.holds("stations", supply.stations)
        yield thing

    for kind, item, values in said(plant):
        thing = _named(kind, item)
        for key, (value, text) in values.items():
            thing.says(key, value, text)
        yield thing


def _named(kind: str, item: Any) -> Thing:
    thing = Thing(kind, item.id, f"{kind}.{item.id}")
    thing.says("name", item.name, item.name)
    return thing


def _lever(plant: Plant, lever: Lever) -> Thing:
    thing = _named("levers", lever)
    place = slot(plant, lever.path)
    thing.says("change", lever.path)
    ends = Range(lever.low, lever.high, place.parameter.value)
    thing.says("range", ends, " .. ".join(place.text(end) for end in ends.ends))
    cost = (lever.cost, lever.currency)
    thing.says("cost", cost, f"{lever.cost:.15g} {lever.currency}" if lever.cost is not None else "")
    thing.says("step", lever.step, place.text(lever.step) if lever.step else "")
    return thing


def _reason(reason: Reason) -> Thing:
    thing = _named("reasons", reason)
    thing.says("use", reason.use)
    thing.says("above", reason.above, reason.above or "")
    thing.says("group", reason.group, "group" if reason.group else "")
    thing.holds("stations", reason.stations)
    return thing


def _roles(plant: Plant) -> Iterator[Thing]:
    for role in roles_of(plant):
        thing = _named("roles", role)
        thing.says("first", screen_of(role))
        thing.holds("may", (act for act in ACTS if act in role.may))
        yield thing
    policy = Thing("plant", "two_people")
    policy.holds("", (act for act in ACTS if act in plant.two_people))
    yield policy
    policy = Thing("plant", "apart")
    policy.holds("", (" + ".join(sorted(pair)) for pair in plant.apart))
    yield policy


def _start(start: Start) -> Thing:
    thing = _named("starts", start)
    thing.says("after", start.after)
    thing.says("lasting", start.lasting_s, text_of(start.lasting_s, "time") if start.lasting_s else "")
    thing.says("until_then", start.block, "block" if start.block else "warn")
    thing.holds("needs", start.needs)
    thing.holds("stations", start.stations)
    return thing


def _line(line: Line) -> Thing:
    thing = Thing("lines", line.id)
    thing.says("name", line.name)
    thing.says("area", line.area, line.area or "")
    thing.says("calendar", line.calendar, line.calendar or "")
    made = tuple(campaign.product for campaign in line.sequence)
    thing.says("sequence", made, ", ".join(f"{item.product} {item.quantity}" for item in line.sequence))
    return thing


def _station(line: Line, number: int) -> Iterator[Thing]:
    station = line.stations[number]
    thing = Thing("stations", f"{line.id}.{station.id}")
    thing.says("kind", station.kind)
    thing.says("name", station.name)
    thing.says("area", station.area, station.area or "")
    thing.says("calendar", station.calendar, station.calendar or "")
    before = f"{line.id}.{line.stations[number - 1].id}" if number else None
    feed = tuple("" if item.source == before else item.source for item in station.inputs)
    thing.says("feed", feed, _feed(station))
    thing.says("output", station.output)
    thing.says("order", station.order)
    if station.counts_within is not None:
        thing.says("counts_within", station.counts_within, text_of(station.counts_within, "share"))
    yield thing
    for mode in station.fails:
        thing = Thing("fails", f"{line.id}.{station.id}.{mode.id}", f"{line.id}.{station.id}.fails.{mode.id}")
        thing.says("name", mode.name)
        thing.says("repaired_by", mode.crew, mode.crew or "")
        thing.says("works", mode.works)
        yield thing
    for stop in station.stops:
        thing = Thing("stops", f"{line.id}.{station.id}.{stop.id}", f"{line.id}.{station.id}.stops.{stop.id}")
        thing.says("name", stop.name)
        yield thing


def _feed(station: Station) -> str:
    return " + ".join(
        f"{item.count} x {item.source} ({item.buffer})" if item.count > 1 else f"{item.source} ({item.buffer})"
        for item in station.inputs
    )
