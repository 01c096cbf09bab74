"""What follows when a machine tells a changeover, the end of a repair or of a long stop: its station is held.

The plant file's ``starts`` say after what, and what is needed. A machine is set up (or tells a lot of another product) for a
changeover; it was repaired if it stood in a mode of its own that a crew repairs; it stood long if it was stopped, and did not work
for at least the stated time. Being set up again in the same product, as after a warm-up, is no changeover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fabrika.events.event import Event
from fabrika.events.production import StationChanged, StationHeld
from fabrika.journal.entries import Fact
from fabrika.operations.production.by_station import ByStation
from fabrika.operations.production.holds import hold_at
from fabrika.operations.production.state import Change, ProductionState, StationState
from fabrika.operations.production.times import STOPPED
from fabrika.plant.model import Plant, Start
from fabrika.plant.starts import NEEDS

WORKING = frozenset({"processing", "setup"})
"""States in which a machine has begun again."""
STANDING = STOPPED | {"planned", "safety"}
"""States that make a time without work a stop."""
CAUSES = ("changeover", "repair", "long_stop")


policies: ByStation[Start] = ByStation(lambda plant: plant.starts)
"""What holds for each station of a plant before it may run; those that are never held are not in it."""


def minds(plant: Plant, event: Event) -> bool:
    """Whether something may follow of an event; asked of every message, so that it looks at little."""
    return type(event) is StationChanged and event.state in WORKING and event.station in policies(plant)


def held_after(states: Mapping[str, Any], plant: Plant, fact: Fact) -> Sequence[StationHeld]:
    """The station is held because of what was just told, once for all that it needs.

    Args:
        states: what the rooms know, with this fact.
        plant: the edition in force.
        fact: what was told.
    """
    event = fact.event
    if not isinstance(event, StationChanged):
        return ()
    return holds_of(states["production"], plant, event, fact.message.at_us, str(fact.key))


def holds_of(
    state: ProductionState, plant: Plant, event: StationChanged, at_us: int, key: str
) -> Sequence[StationHeld]:
    """As :func:`held_after`; the change, of this identity, is in the state already."""
    if not minds(plant, event):
        return ()
    known, policy = state.stations[event.station], policies(plant)[event.station]
    place = next((at for at in reversed(range(len(known.changes))) if known.changes[at].key == key), None)
    if not place:
        return ()  # the first that is told of a station begins nothing
    found = [start for start in policy.rules if fits(start, state, policy.repairs, known, place)]
    return _held(found, known, event, at_us)


def _held(found: Sequence[Start], known: StationState, event: StationChanged, at_us: int) -> Sequence[StationHeld]:
    if not found:
        return ()
    needs = {need for start in found for need in start.needs}
    block = any(start.block for start in found)
    current = hold_at(known.holds, at_us)
    if current is not None:
        if needs <= set(current.missing) and current.block >= block:
            return ()  # all that is wanted already
        needs |= {need for need in NEEDS if need in current.missing}
        block = block or current.block
    cause = min((start.after for start in found), key=CAUSES.index)
    wanted = tuple(need for need in NEEDS if need in needs)
    return (StationHeld(station=event.station, cause=cause, needs=wanted, block=block, lot=event.lot),)


def fits(start: Start, state: ProductionState, repairs: frozenset[str], known: StationState, place: int) -> bool:
    """Whether a change of a station, the ``place``-th that is known of it, is what a start is meant for.

    Args:
        repairs: modes in which a crew repairs the station.
    """
    own, stood = known.changes[place], stood_before(known.changes, place)
    if start.after == "changeover":
        return _changed_over(state, known.changes, place)
    if not any(change.state in STANDING for change in stood):
        return False
    lasting_us = round(start.lasting_s * 1_000_000)
    if start.after == "long_stop":
        return own.at_us - stood[0].at_us >= lasting_us
    repaired_us = _repaired_us([*stood, own], known, repairs)
    return repaired_us is not None and repaired_us >= lasting_us


def stood_before(changes: Sequence[Change], place: int) -> Sequence[Change]:
    """The changes between the last that worked and the one at ``place``."""
    begin = place
    while begin and changes[begin - 1].state not in WORKING:
        begin -= 1
    return changes[begin:place]


def _repaired_us(strip: Sequence[Change], known: StationState, repairs: frozenset[str]) -> int | None:
    """How long a crew repaired, as the machine told the mode or a person coded it; None if none did."""
    found = None
    for change, after in pairwise(strip):
        coded = any(
            coding.mode in repairs and coding.from_us < after.at_us and coding.to_us > change.at_us
            for coding in known.codings
        )
        if change.state in STOPPED and (change.mode in repairs or (change.mode is None and coded)):
            found = (found or 0) + after.at_us - change.at_us
    return found


def _changed_over(state: ProductionState, changes: Sequence[Change], place: int) -> bool:
    """Whether a machine turned to another product with this change."""
    own = changes[place]
    worked = next((change for change in reversed(changes[:place]) if change.state in WORKING), None)
    if worked is not None and worked.state == "setup" and worked.lot is None:
        return False  # that setup was the changeover
    before = next((change.lot for change in reversed(changes[:place]) if change.lot is not None), None)
    new, old = _product(state, own.lot), _product(state, before)
    if new is not None and old is not None:
        return new != old
    if own.lot is not None and own.lot == before:
        return False
    return own.state == "setup" and (worked is None or worked.state != "setup")


def _product(state: ProductionState, lot: str | None) -> str | None:
    found = state.lots.get(lot) if lot is not None else None
    return found.product if found is not None else None
