"""What follows in a twin's book, by the rules that the service has: a station is held, and people clear, check and approve; a lot is due.

Nobody forgets anything here: whoever is at work clears the station while it is set up, checks the first piece when it works again, and
somebody else approves. Out of shift it waits for the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.events.inventory import Consumed, Received
from fabrika.events.production import (
    FirstPieceChecked,
    LineCleared,
    LotClosed,
    LotOpened,
    SetupApproved,
    StationChanged,
    StationHeld,
    ToolChanged,
    UnitsCounted,
)
from fabrika.operations.production.holds import Hold, hold_at, tell
from fabrika.operations.production.lot_rule import Told, due_after
from fabrika.operations.production.lot_rule import rules_of as lot_rules_of
from fabrika.operations.production.lot_state import close_lot, feed, note_due, open_lot, settle
from fabrika.operations.production.starts import holds_of, policies
from fabrika.operations.production.state import Change, ProductionState, StationState
from fabrika.plant.model import Distribution
from fabrika.twin.tell_station import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.events.event import Event
    from fabrika.plant.model import Plant
    from fabrika.twin.rota import Rota
    from fabrika.twin.tell_people import People

OF_LOTS = LotOpened | LotClosed | Received
SERVER = "server"
"""The source that adopts the plant file, and records what follows by itself."""
CLEARS_AFTER = Distribution("lognormal", 600.0, 0.5)
CHECKS_AFTER = Distribution("lognormal", 150.0, 0.5)
APPROVES_AFTER = Distribution("lognormal", 180.0, 0.5)
KEPT = 50
"""Changes of a station that are remembered here."""


class Starts:
    """Hears what is told, in the order of time, and says what follows.

    Args:
        rota: who works when; it gets the person who approves.
        people: draw how long they take.
    """

    def __init__(self, plant: Plant, rota: Rota, people: People) -> None:
        self.plant, self.rota, self.people = plant, rota, people
        self.state = ProductionState()
        self.held = policies(plant)
        self.ruled = lot_rules_of(plant)
        self.material: dict[str, str] = {}
        self.approver = f"p-{len(rota.persons) + 1:03d}"
        self._waits: set[str] = set()
        self._changes = 0
        if any("approval" in start.needs for start in plant.starts):
            able = [role for role in plant.roles if "approve_starts" in role.may]
            rota.persons[self.approver] = min(able, key=lambda role: len(role.may)).id if able else None

    def hear(self, said: Said) -> Iterator[Said]:
        """What follows of something, at that instant or later."""
        event = said.event
        if type(event) is UnitsCounted:  # most of what is told
            if event.lot in self.state.lots and event.station in self.ruled:
                self.state.lots[event.lot].counted[event.station] = [1, 1, 0]  # only whether it did matters here
        elif type(event) is StationChanged:
            if event.station in self.held or event.station in self.ruled:
                yield from self._changed(event, said.at_us)
        elif isinstance(event, OF_LOTS):
            self._of_lots(event, said.at_us)
        elif isinstance(event, ToolChanged):
            yield from self._due(event, said.at_us, "")
        elif isinstance(event, Consumed):
            feed(self.state, event)
            yield from self._due(event, said.at_us, "")
        elif isinstance(event, LineCleared | FirstPieceChecked | SetupApproved) and event.station is not None:
            tell(self._station(event.station).holds, event, said.at_us, "", None)

    def _of_lots(self, event: Event, at_us: int) -> None:
        state = self.state
        match event:
            case LotOpened():
                open_lot(state, event.lot, event, at_us)
                for _ in settle(state, event.lot, at_us):
                    pass
            case LotClosed():
                close_lot(state, event.lot, at_us, event.good, event.scrapped)
            case Received():
                self.material[event.material_lot] = event.material

    def _due(self, event: Event, at_us: int, key: str) -> Iterator[Said]:
        for due in due_after(self.state, self.plant, Told(event, at_us, key), self.material.get):
            note_due(self.state, due, at_us, "")
            yield Said(at_us, SERVER, due)

    def _station(self, name: str) -> StationState:
        return self.state.stations.setdefault(name, StationState())

    def _changed(self, event: StationChanged, at_us: int) -> Iterator[Said]:
        station, key = self._station(event.station), str(self._changes)
        self._changes += 1
        station.changes.append(Change(at_us, event.state, event.mode, event.lot, key))
        del station.changes[:-KEPT]
        yield from self._held(event, at_us, station, key)
        yield from self._due(event, at_us, key)

    def _held(self, event: StationChanged, at_us: int, station: StationState, key: str) -> Iterator[Said]:
        for held in holds_of(self.state, self.plant, event, at_us, key):
            tell(station.holds, held, at_us, key, None)
            yield Said(at_us, SERVER, held)
            self._waits.add(event.station)
            yield from self._cleared(held, at_us)
        if event.state == "processing" and event.station in self._waits:
            self._waits.discard(event.station)
            hold = hold_at(station.holds, at_us)
            if hold is not None:
                yield from self._checked(event, hold, at_us)

    def _cleared(self, held: StationHeld, at_us: int) -> Iterator[Said]:
        if "clearance" in held.needs:
            line = held.station.partition(".")[0]
            person, begin_us = self.rota.at_work(line, at_us)
            begin_us += self.people.after_us(f"{held.station}/clears", CLEARS_AFTER)
            event = LineCleared(line=line, station=held.station, person=person)
            yield self.people.by_person(line, person, event, begin_us)

    def _checked(self, event: StationChanged, hold: Hold, at_us: int) -> Iterator[Said]:
        line, lot = event.station.partition(".")[0], event.lot or hold.lot
        person, begin_us = self.rota.at_work(line, at_us)
        if "clearance" in hold.missing:
            # It works sooner than expected: whoever is about to clear it does so before the first piece is looked at.
            begin_us += self.people.after_us(f"{event.station}/clears", CLEARS_AFTER)
            cleared = LineCleared(line=line, station=event.station, person=person)
            yield self.people.by_person(line, person, cleared, begin_us)
        if lot is None:
            return
        if "first_piece" in hold.needs:
            begin_us += self.people.after_us(f"{event.station}/checks", CHECKS_AFTER)
            checked = FirstPieceChecked(station=event.station, lot=lot, right=True, person=person)
            yield self.people.by_person(line, person, checked, begin_us)
        if "approval" in hold.needs:
            begin_us += self.people.after_us(f"{event.station}/approves", APPROVES_AFTER)
            approved = SetupApproved(station=event.station, lot=lot, person=self.approver)
            yield self.people.by_person(line, self.approver, approved, begin_us)
