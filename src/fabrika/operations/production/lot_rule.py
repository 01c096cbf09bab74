"""When the next lot, or a sub-lot, is due by the plant's rule: another product, component lot or tool, a repair, a long stop.

Whether a station turned to another product, was repaired or stood long is told as for the start of a run
(:mod:`fabrika.operations.production.starts`). Another tool, or another lot of the same material, counts once the station has counted
something in the lot: what is put in before that is what the lot is made of. Nothing is due where somebody opened a lot at that
instant or later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from fabrika.events.event import Event
from fabrika.events.inventory import Consumed
from fabrika.events.production import LotRequired, StationChanged, ToolChanged
from fabrika.operations.production.by_station import ByStation, Policy
from fabrika.operations.production.lot_state import Lot
from fabrika.operations.production.starts import WORKING, fits, stood_before
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.plant.composition import CHANGES, LotRule, Makes
from fabrika.plant.model import Cause, Plant, Start

AS_START: Mapping[str, Cause] = {"campaign": "changeover", "repair": "repair", "long_stop": "long_stop"}
"""What a station's own change is called among the starts of runs."""
MaterialOf = Callable[[str], str | None]
"""The material of a material lot, by its number; None for a container, and where it is not known."""


class Told(NamedTuple):
    """Something that was told, at an instant and under an identity."""

    event: Event
    at_us: int
    key: str


rules_of: ByStation[LotRule] = ByStation(lambda plant: plant.lot_rule)
"""What of the lot rule holds for each station of a plant; those for which nothing does are not in it."""


def minds(plant: Plant, event: Event) -> bool:
    """Whether a lot may be due because of an event; asked of every message, so that it looks at little."""
    if type(event) is StationChanged:
        return event.state in WORKING and bool(plant.lot_rule) and event.station in rules_of(plant)
    return isinstance(event, ToolChanged | Consumed) and event.station in rules_of(plant)


def due_after(state: ProductionState, plant: Plant, told: Told, material_of: MaterialOf) -> Sequence[LotRequired]:
    """What is due because of something that was told, once for all that wants it.

    Args:
        state: what production knows, with this fact.
        plant: the edition in force.
        told: what was told.
        material_of: the material of a material lot.
    """
    event, at_us, key = told
    if not minds(plant, event) or not isinstance(event, StationChanged | ToolChanged | Consumed):
        return ()
    station, line = event.station, event.station.partition(".")[0]
    known, held = state.stations.get(station) or StationState(), rules_of(plant)[station]
    # Of all that machines tell little is such a change, so that this is asked before anything else.
    changed = _of_change(state, held, known, event, key) if isinstance(event, StationChanged) else None
    name = made_at(state, known, event, line, at_us) if changed != [] else None
    if name is None or any(lot.opened_us >= at_us for lot in state.lots.values() if lot.line == line):
        return ()
    lot, subject = state.lots[name], None
    if not isinstance(event, StationChanged):
        subject = event.subject if isinstance(event, Consumed) else event.tool
        changed = _of_what_went_in(held, lot, event, material_of)
    found = [rule for rule in changed or () if not _told(lot, station, rule, subject)]
    if not found:
        return ()
    first = min(found, key=lambda rule: CHANGES.index(rule.after))
    makes: Makes = "lot" if any(rule.makes == "lot" for rule in found) else "sub_lot"
    block = any(rule.block for rule in found)
    return [
        LotRequired(line=line, station=station, lot=name, cause=first.after, subject=subject, makes=makes, block=block)
    ]


def made_at(
    state: ProductionState, known: StationState, event: StationChanged | ToolChanged | Consumed, line: str, at_us: int
) -> str | None:
    """The open lot that a station made until a change: as it told last, else the newest of its line."""
    opened = [name for name in state.open_lots(line) if state.lots[name].opened_us < at_us]
    if not opened:
        return None
    if isinstance(event, Consumed) and event.lot is not None:
        return event.lot if event.lot in opened else None
    told = [
        (change.at_us, change.lot) for change in known.changes[-20:] if change.lot in opened and change.at_us < at_us
    ]
    told += [(count.to_us, count.lot) for count in known.counts[-1:] if count.lot in opened]
    if told:
        last_us, lot = max(told, key=lambda found: found[0])
        later = [name for name in opened if state.lots[name].opened_us > last_us]
        if lot is not None and not any(state.lots[name].order == state.lots[lot].order for name in later):
            return lot
    return opened[-1]


def _of_change(
    state: ProductionState, held: Policy[LotRule], known: StationState, event: StationChanged, key: str
) -> list[LotRule]:
    place = next((at for at in reversed(range(len(known.changes))) if known.changes[at].key == key), None)
    if not place:
        return []  # the first that is told of a station changes nothing
    stood = stood_before(known.changes, place)
    found = []
    for rule in held.rules:
        after = AS_START.get(rule.after)
        if after is None or not fits(
            Start(rule.id, after, (), lasting_s=rule.lasting_s), state, held.repairs, known, place
        ):
            continue
        if rule.after == "campaign":
            told = state.lots.get(event.lot) if event.lot is not None else None
            if told is not None and told.closed_us is None:
                continue  # it works in a lot of that product already
        elif stood and _began_within(state, event, stood[0].at_us):
            continue
        found.append(rule)
    return found


def _began_within(state: ProductionState, event: StationChanged, since_us: int) -> bool:
    """Whether a lot was opened on the line while the station stood: what it makes now is that lot."""
    line = event.station.partition(".")[0]
    return any(lot.opened_us >= since_us for lot in state.lots.values() if lot.line == line)


def _of_what_went_in(
    held: Policy[LotRule], lot: Lot, event: ToolChanged | Consumed, material_of: MaterialOf
) -> list[LotRule]:
    counted, reported = lot.counted.get(event.station), lot.reported.get(event.station)
    if not any(counted or ()) and not any(reported or ()):
        return []
    if isinstance(event, ToolChanged):
        return [rule for rule in held.rules if rule.after == "tool"] if event.tool != event.before else []
    material, fed = material_of(event.subject), lot.fed.get(event.station, [])
    before = next((other for other in reversed(fed[:-1]) if material_of(other) == material), None)
    if material is None or before is None or before == event.subject or fed[-1] != event.subject:
        return []
    return [rule for rule in held.rules if rule.after == "component_lot"]


def _told(lot: Lot, station: str, rule: LotRule, subject: str | None) -> bool:
    """Whether that is due already, or was because of the same material lot."""
    return any(
        due.station == station
        and due.cause == rule.after
        and (due.settled_us is None or (rule.after == "component_lot" and due.subject == subject))
        for due in lot.dues
    )
