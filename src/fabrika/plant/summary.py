"""The plant on one screen, as plain lines of at most 100 columns, with what looks odd about it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from fabrika.plant.acts import ACTS
from fabrika.plant.calendar import open_h, year_us
from fabrika.plant.composition import LotRule
from fabrika.plant.flow import Flow
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Lever, Line, Plant, Product, Start, Station
from fabrika.plant.quantities import number_text, text_of
from fabrika.plant.slots import slot
from fabrika.wording import English, Speech

WIDTH = 100
ENGLISH = English()


@dataclass(frozen=True, slots=True)
class StationRate:
    """What a station could do by itself.

    Attributes:
        path: ``line.station``.
        units_per_hour: units in per open hour at its cycle, with its own stops and planned stops, never starved or
            blocked, mix of products by its contract; infinite for a transport without limit.
        open_h: hours in which its calendar is open in the year.
        pieces: pieces in one unit that it takes in (more than 1 behind a packing station).
        needed_share: units that must pass for each good one of the contract, from scrap behind it, times what others
            in parallel leave to it; 0 where it cannot be told.
    """

    path: str
    units_per_hour: float
    open_h: float
    pieces: float
    needed_share: float


def open_hours(plant: Plant, calendar: str | None) -> float:
    """Open hours of a calendar in the year that is looked at; of the whole year without one."""
    start_us, end_us = year_us(plant)
    found = next((item for item in plant.calendars if item.id == calendar), None)
    return open_h(found, plant.zone, start_us, end_us)


def calendar_of(plant: Plant, line: Line, station: Station) -> str | None:
    """The calendar that holds for a station: its own, else its line's, its area's, the plant's."""
    area = next((item for item in plant.areas if item.id == (station.area or line.area)), None)
    return station.calendar or line.calendar or (area.calendar if area else None) or plant.calendar


def mean_cycle_s(plant: Plant, path: str, station: Station) -> float:
    """Mean cycle of a station over the products, weighted by the contract's mix (equally without one), in seconds."""
    if station.cycle is None:
        return 0.0
    if not plant.products:
        return station.cycle.mean
    mix = plant.contract.mix if plant.contract is not None and plant.contract.mix else {}
    total = weight_sum = 0.0
    for product in plant.products:
        weight = mix.get(product.id, 0.0 if mix else 1.0)
        total += weight * _cycle_of(product, path, station)
        weight_sum += weight
    return total / weight_sum if weight_sum else station.cycle.mean


def _cycle_of(product: Product, path: str, station: Station) -> float:
    if product.route and path not in product.route:
        return 0.0
    own = station.cycle_of.get(product.id)
    if own is not None:
        return own.mean
    return (station.cycle.mean if station.cycle is not None else 0.0) * product.cycle_factor


def stop_time_per_work(station: Station, cycle_s: float) -> float:
    """Seconds of stops for a second of work: the sum over its stops of mean duration over mean work between two."""
    share = 0.0
    laws = [(mode.after.mean, mode.clock, mode.repair.mean) for mode in station.fails]
    laws += [(stop.every, stop.clock, stop.takes.mean) for stop in station.stops]
    for between, clock, lasts in laws:
        share += lasts / (between * cycle_s if clock == "cycles" else between) if cycle_s else 0.0
    return share


def rate_alone(plant: Plant, path: str, station: Station) -> float:
    """Units in per open hour of a station by itself (see :class:`StationRate`)."""
    if KINDS[station.kind].primitive == "transport":
        return 3600.0 * station.capacity / station.time
    cycle_s = mean_cycle_s(plant, path, station)
    if cycle_s == 0:
        return float("inf")
    return 3600.0 * station.machines * station.size / (cycle_s * (1 + stop_time_per_work(station, cycle_s)))


def rates(plant: Plant) -> list[StationRate]:
    """Every station's rate alone, in the order of the file."""
    needed = _needed(plant)
    hours: dict[str | None, float] = {}
    found = []
    for line in plant.lines:
        for station in line.stations:
            path = f"{line.id}.{station.id}"
            calendar = calendar_of(plant, line, station)
            if calendar not in hours:
                hours[calendar] = open_hours(plant, calendar)
            share, pieces = needed.get(path, (0.0, 1.0))
            found.append(StationRate(path, rate_alone(plant, path, station), hours[calendar], pieces, share))
    return found


def _needed(plant: Plant) -> dict[str, tuple[float, float]]:
    """For each station, units to take in for each good piece of the plant, and pieces a unit; from the exits back.

    Left out where several give to one or several exits share the contract: how the flow divides is not known before a
    run.
    """
    flow = Flow(plant)
    if len(flow.exits) != 1:
        return {}
    order = _from_exit(flow)
    out: dict[str, float] = {flow.exits[0]: 1.0}
    taken: dict[str, tuple[float, float]] = {}
    pieces = _pieces(flow, order)
    out[flow.exits[0]] = 1.0 / pieces[flow.exits[0]][1]
    for name in order:
        if name not in out:
            continue
        station = flow.stations.get(name)
        packed = station.size if station is not None and KINDS[station.kind].primitive == "packing" else 1
        loss = _loss(plant, station) if station is not None else 0.0
        take_in = out[name] / max(1e-9, 1 - loss) * packed
        if station is not None:
            taken[name] = (take_in, pieces[name][0])
        assembles = station is not None and KINDS[station.kind].primitive == "assembly"
        for index, source in enumerate(flow.sources[name]):
            if len(flow.takers[source]) > 1 or (len(flow.sources[name]) > 1 and not assembles):
                continue
            count = station.inputs[index].count if station is not None else 1
            out[source] = take_in * count
    return taken


def _from_exit(flow: Flow) -> list[str]:
    """All places, takers before their sources."""
    order: list[str] = []
    waiting = {name: len(takers) for name, takers in flow.takers.items()}
    ready = [name for name, number in waiting.items() if number == 0]
    while ready:
        name = ready.pop()
        order.append(name)
        for source in flow.sources[name]:
            waiting[source] -= 1
            if waiting[source] == 0:
                ready.append(source)
    return order


def _pieces(flow: Flow, order: list[str]) -> dict[str, tuple[float, float]]:
    """Pieces in a unit that comes in and in one that goes out, by place."""
    pieces: dict[str, tuple[float, float]] = {}
    for name in reversed(order):
        sources = flow.sources[name]
        station = flow.stations.get(name)
        primitive = KINDS[station.kind].primitive if station is not None else "single"
        come = pieces[sources[0]][1] if sources else 1.0
        packed = station.size if station is not None and primitive == "packing" else 1
        pieces[name] = (come, 1.0 if primitive == "assembly" else come * packed)
    return pieces


def _loss(plant: Plant, station: Station) -> float:
    if not station.scrap_of:
        return station.scrap
    mix = plant.contract.mix if plant.contract is not None else {}
    weights = {product: mix.get(product, 0.0) for product in station.scrap_of}
    total = sum(weights.values())
    if total == 0:
        return sum(station.scrap_of.values()) / len(station.scrap_of)
    return sum(station.scrap_of[product] * weight for product, weight in weights.items()) / total


def warnings(plant: Plant, speech: Speech = ENGLISH) -> list[str]:
    """Sentences about what is allowed but looks odd."""
    found = [*_slow(plant, speech), *_idle(plant, speech)]
    if plant.contract is not None and plant.contract.date is None and plant.calendars:
        found.append(speech.say("The contract has no date: holidays and the year are those of 2001."))
    if plant.contract is not None and not (plant.outages or plant.supplies or _has_modes(plant)):
        found.append(speech.say("Nothing ever fails in this plant: the chance of the contract will be 0 or 1."))
    return found


def _has_modes(plant: Plant) -> bool:
    return any(station.fails for line in plant.lines for station in line.stations)


def _slow(plant: Plant, speech: Speech) -> list[str]:
    if plant.contract is None:
        return []
    found = []
    for rate in rates(plant):
        possible = rate.units_per_hour * rate.open_h
        wanted = plant.contract.units_per_year * (1 - plant.contract.tolerance) * rate.needed_share
        if possible < wanted:
            found.append(
                speech.say(
                    "{station} alone can take in {possible} units a year; the contract needs {wanted} there.",
                    station=rate.path,
                    possible=speech.number(possible),
                    wanted=speech.number(wanted),
                )
            )
    return found


def _idle(plant: Plant, speech: Speech) -> list[str]:
    found = []
    used_crews = {mode.crew for line in plant.lines for station in line.stations for mode in station.fails}
    found += [
        speech.say("Nobody calls the crew {crew}.", crew=crew.id) for crew in plant.crews if crew.id not in used_crews
    ]
    used = {calendar_of(plant, line, station) for line in plant.lines for station in line.stations}
    used |= {plant.calendar, plant.contract.calendar if plant.contract else None}
    found += [
        speech.say("Nothing uses the calendar {calendar}.", calendar=item.id)
        for item in plant.calendars
        if item.id not in used
    ]
    made = {campaign.product for line in plant.lines for campaign in line.sequence}
    found += [
        speech.say("No sequence makes product {product}.", product=item.id)
        for item in plant.products
        if item.id not in made
    ]
    return found


def summary(plant: Plant, speech: Speech = ENGLISH) -> list[str]:
    """The plant as lines of text, warnings last."""
    counts = wrap(speech.say("zone {zone}, {counts}", zone=plant.zone_name, counts=_counts(plant, speech)), WIDTH)
    lines = [f"{plant.name} ({plant.id})", *counts, ""]
    lines += _stations(plant, speech)
    lines += _contract(plant, speech)
    for item in plant.calendars:
        hours = speech.number(open_hours(plant, item.id), 1)
        lines.append(
            _row(
                speech.say("calendar"),
                speech.say("{calendar}: open {hours} h in the year", calendar=item.id, hours=hours),
            )
        )
    lines += [_row(speech.say("lever"), _lever(plant, lever, speech)) for lever in plant.levers]
    lines += _roles(plant, speech)
    lines += [_row(speech.say("start"), _start(start, speech)) for start in plant.starts]
    lines += [_row(speech.say("lot rule"), _lot_rule(rule, speech)) for rule in plant.lot_rule]
    lines += [_row(speech.say("changed"), change) for change in plant.changes]
    found = warnings(plant, speech)
    if found:
        lines += ["", *(speech.say("warning: {text}", text=text) for text in found)]
    return [line if len(line) <= WIDTH else line[: WIDTH - 3] + "..." for line in lines]


def _roles(plant: Plant, speech: Speech) -> list[str]:
    """The plant's own roles and how they are kept apart; nothing for the usual ones."""
    told = [", ".join(role.id for role in plant.roles)] if plant.roles else []
    if plant.two_people:
        acts = ", ".join(act for act in ACTS if act in plant.two_people)
        told.append(speech.say("two people for {acts}", acts=acts))
    if plant.apart:
        told.append(speech.say_many("{n} pair apart", "{n} pairs apart", len(plant.apart)))
    lines = wrap("; ".join(told), WIDTH - 10, break_on_hyphens=False)
    return [_row("" if number else speech.say("roles"), line) for number, line in enumerate(lines)]


def _start(start: Start, speech: Speech) -> str:
    """What a station is held for, in one line."""
    after = {
        "changeover": speech.say("after a changeover"),
        "repair": speech.say("after a repair"),
        "long_stop": speech.say("after a long stop"),
    }[start.after]
    words = {
        "clearance": speech.say("line clearance"),
        "first_piece": speech.say("first piece"),
        "approval": speech.say("approval"),
    }
    lasting = f" ({text_of(start.lasting_s, 'time')})" if start.lasting_s else ""
    until = speech.say("blocked until then") if start.block else speech.say("a warning until then")
    where = f"; {', '.join(start.stations)}" if start.stations else ""
    return f"{start.id}: {after}{lasting}: {', '.join(words[need] for need in start.needs)}; {until}{where}"


def _lot_rule(rule: LotRule, speech: Speech) -> str:
    """After which change a new lot is due, in one line."""
    after = {
        "campaign": speech.say("after a changeover"),
        "component_lot": speech.say("after another component lot"),
        "tool": speech.say("after another tool"),
        "repair": speech.say("after a repair"),
        "long_stop": speech.say("after a long stop"),
    }[rule.after]
    lasting = f" ({text_of(rule.lasting_s, 'time')})" if rule.lasting_s else ""
    makes = speech.say("a new lot") if rule.makes == "lot" else speech.say("a sub-lot")
    until = speech.say("blocked until then") if rule.block else speech.say("a warning until then")
    where = f"; {', '.join(rule.stations)}" if rule.stations else ""
    return f"{rule.id}: {after}{lasting}: {makes}; {until}{where}"


def _row(heading: str, text: str) -> str:
    return f"{heading:<9} {text}"


def _lever(plant: Plant, lever: Lever, speech: Speech) -> str:
    place = slot(plant, lever.path)
    today = place.parameter.value
    ends = lever.ends(today)
    first, last = (today, ends[0]) if len(ends) == 1 else (lever.low, lever.high)
    (start, _, unit), end = place.text(first).partition(" "), place.text(last)
    begin = start if unit and end.endswith(f" {unit}") else place.text(first)
    text = speech.say("{lever}: {path} from {first} to {last}", lever=lever.id, path=lever.path, first=begin, last=end)
    if len(ends) > 1:
        text += speech.say(", today {value}", value=place.text(today))
    cost = f", {speech.number(lever.cost)} {lever.currency}" if lever.cost is not None else ""
    return f"{text}{cost}"


def _counts(plant: Plant, speech: Speech) -> str:
    stations = sum(len(line.stations) for line in plant.lines)
    parts = [
        (len(plant.lines), speech.say_many("{n} line", "{n} lines", len(plant.lines))),
        (stations, speech.say_many("{n} station", "{n} stations", stations)),
        (len(plant.products), speech.say_many("{n} product", "{n} products", len(plant.products))),
        (len(plant.stores), speech.say_many("{n} store", "{n} stores", len(plant.stores))),
        (len(plant.beliefs), speech.say_many("{n} belief", "{n} beliefs", len(plant.beliefs))),
        (len(plant.levers), speech.say_many("{n} lever", "{n} levers", len(plant.levers))),
        (len(plant.facts), speech.say_many("{n} fact", "{n} facts", len(plant.facts))),
        (len(plant.assumptions), speech.say_many("{n} assumption", "{n} assumptions", len(plant.assumptions))),
    ]
    return ", ".join(part for number, part in parts if number)


def _stations(plant: Plant, speech: Speech) -> list[str]:
    say = speech.say
    alone = {rate.path: rate for rate in rates(plant)}
    heads = (say("station"), say("kind"), say("machines"), say("cycle"), say("buffer"), say("alone, units/h"))
    kind_width, count_width, cycle_width = max(12, len(heads[1]) + 1), max(8, len(heads[2])), max(12, len(heads[3]))
    buffer_width, rate_width = max(10, len(heads[4])), max(14, len(heads[5]))
    width = WIDTH - 4 - kind_width - count_width - cycle_width - buffer_width - rate_width
    width = min(34, width)

    def row(cells: tuple[str, ...]) -> str:
        name, kind, count, cycle, buffer, rate = cells
        begin = f"{name:<{width}}{kind:<{kind_width}}{count:>{count_width}}  {cycle:<{cycle_width}}"
        return f"{begin}{buffer:>{buffer_width}}  {rate:>{rate_width}}"

    lines = [row(heads)]
    for line in plant.lines:
        for station in line.stations:
            path = f"{line.id}.{station.id}"
            cycle = text_of(station.cycle.mean if station.cycle is not None else station.time, "time")
            buffer = " + ".join(f"{item.buffer}" for item in station.inputs) or "-"
            if station.kind == "transport":
                buffer = f"({station.capacity})"
            per_hour = speech.number(alone[path].units_per_hour, 1)
            name = path if len(path) < width else path[: width - 4] + "..."
            lines.append(row((name, say(station.kind), str(station.machines), cycle, buffer, per_hour)))
    return [*lines, ""]


def _contract(plant: Plant, speech: Speech) -> list[str]:
    contract = plant.contract
    if contract is None:
        return [_row(speech.say("contract"), speech.say("none"))]
    mix = ", ".join(f"{product} {number_text(share * 100)} %" for product, share in contract.mix.items())
    line = speech.say("{units} units a year", units=speech.number(contract.units_per_year))
    if contract.date:
        line += speech.say(", signed {day}", day=speech.day(contract.date.isoformat()))
    wanted = speech.say("wanted with a chance of {share} %", share=number_text(contract.confidence * 100))
    return [_row(speech.say("contract"), f"{line}{', ' + mix if mix else ''}"), _row("", wanted)]
