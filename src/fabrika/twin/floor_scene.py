"""What people on a floor see: the counters of the stations, their states and lots, and who is there.

Nothing here knows more than what was told until then; people read the machines' displays as counts end.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from fabrika.events.production import (
    FirstPieceChecked,
    LineCleared,
    LotClosed,
    LotOpened,
    Passed,
    SetupApproved,
    StationChanged,
    StationHeld,
    UnitsCounted,
)
from fabrika.plant.kinds import KINDS
from fabrika.twin.floor_staff import Staff

if TYPE_CHECKING:
    from fabrika.events.event import Event
    from fabrika.plant.model import Line, Plant, Station
    from fabrika.twin.rota import Rota
    from fabrika.twin.tell_people import People
    from fabrika.twin.tell_station import Said

STANDS = frozenset({"down", "waiting", "planned", "safety", "unknown"})
"""States of which the next shift is told."""


class Seen:
    """What people know of a station: ``line.station``, its counters since the begin of the book, its state and lot.

    Attributes:
        to_us: up to when it was counted.
        needs: what it is held for still.
        stood: how often it stood in this shift.
    """

    __slots__ = ("entered", "good", "line", "lot", "needs", "path", "scrapped", "state", "station", "stood", "to_us")

    def __init__(self, path: str, line: Line, station: Station) -> None:
        self.path, self.line, self.station = path, line, station
        self.entered = self.good = self.scrapped = 0
        self.to_us = 0
        self.lot: str | None = None
        self.state = "unknown"
        self.needs: set[str] = set()
        self.stood = 0

    @property
    def passed(self) -> Passed:
        """Its counters as its last count ended."""
        return Passed(entered=self.entered, good=self.good)


class Scene:
    """The floor.

    Args:
        rota: who works when; it gets everybody whom the floor needs.
        people: draw how long they take, and what they do.

    Attributes:
        stations: those at which somebody works, in the order of the file.
        opened, closed: lots of each line, the oldest first.
        order, line_of, product_of: of each lot.
    """

    def __init__(self, plant: Plant, rota: Rota, people: People) -> None:
        self.plant, self.rota, self.people = plant, rota, people
        self.stations = {
            f"{line.id}.{station.id}": Seen(f"{line.id}.{station.id}", line, station)
            for line in plant.lines
            for station in line.stations
            if KINDS[station.kind].primitive != "transport"
        }
        self.staff = Staff(plant, rota, [(seen.line.id, path) for path, seen in self.stations.items()])
        self.opened: dict[str, list[str]] = defaultdict(list)
        self.closed: dict[str, list[str]] = defaultdict(list)
        self.order: dict[str, str] = {}
        self.line_of: dict[str, str] = {}
        self.product_of: dict[str, str] = {}

    def see(self, said: Said) -> None:
        """Take in what was told; before anybody acts on it."""
        event = said.event
        kind = type(event)
        if kind is UnitsCounted:
            self._count(event)  # type: ignore[arg-type]
        elif kind is StationChanged:
            self._change(event)  # type: ignore[arg-type]
        elif kind in _RARE:
            self._rarer(event)

    def _count(self, event: UnitsCounted) -> None:
        seen = self.stations.get(event.station)
        if seen is not None:
            seen.entered += event.entered
            seen.good += event.good
            seen.scrapped += event.scrapped
            seen.to_us, seen.lot = event.to_us, event.lot

    def _change(self, event: StationChanged) -> None:
        seen = self.stations.get(event.station)
        if seen is not None:
            seen.state = event.state
            seen.stood += event.state in STANDS

    def _rarer(self, event: Event) -> None:
        if isinstance(event, LotOpened):
            self.opened[event.line].append(event.lot)
            self.order[event.lot], self.line_of[event.lot] = event.order, event.line
            self.product_of[event.lot] = event.product
        elif isinstance(event, LotClosed):
            for line, lots in self.opened.items():
                if event.lot in lots:
                    lots.remove(event.lot)
                    self.closed[line].append(event.lot)
        elif isinstance(event, StationHeld | LineCleared | FirstPieceChecked | SetupApproved):
            self._hold(event)

    def _hold(self, event: StationHeld | LineCleared | FirstPieceChecked | SetupApproved) -> None:
        seen = self.stations.get(event.station or "")
        if seen is None:
            return
        if isinstance(event, StationHeld):
            seen.needs = set(event.needs)
        elif isinstance(event, LineCleared):
            seen.needs.discard("clearance")
        elif isinstance(event, SetupApproved):
            seen.needs.discard("approval")
        elif event.right:
            seen.needs.discard("first_piece")

    def standing(self, line: str) -> tuple[str, ...]:
        """Stations of a line of which the next shift must know that they stand."""
        return tuple(path for path, seen in self.stations.items() if seen.line.id == line and seen.state in STANDS)

    def held(self, line: str) -> tuple[str, ...]:
        """Stations of a line that are held."""
        return tuple(path for path, seen in self.stations.items() if seen.line.id == line and seen.needs)


_RARE = frozenset({LotOpened, LotClosed, StationHeld, LineCleared, FirstPieceChecked, SetupApproved})
