"""What machines and people of a told run truly said, told once more: the truth that a book is scored against where it is more than sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from fabrika.events.inventory import Consumed, Received
from fabrika.events.production import ContainerFilled, StationChanged, StopCoded, ToolChanged, UnitsCounted
from fabrika.twin.tell_station import Said

STANDS = frozenset({"down", "waiting", "setup", "planned", "safety"})
"""States in which a station stands for a cause."""


class Stood(NamedTuple):
    """A station stood; ``cause`` is the mode that the machine names, else the state; us since 1970 UTC."""

    from_us: int
    to_us: int
    cause: str


class Retold:
    """Everything that is scored, until an instant.

    Args:
        from_us, until_us: the period, microseconds since 1970 UTC; what happens at its end or later is left out.

    Attributes:
        codings: why a station stood as people say: (from_us, to_us, reason), by station.
        counted: entered, good and scrapped by (lot, station), None for no lot, as far as whole counts lie in the period.
        went_in: (at_us, subject) of what began to go into a station, by (station, kind of material, or the word ``tool``).
        filled: the container by (station, at_us).
    """

    def __init__(self, from_us: int, until_us: int) -> None:
        self.from_us, self.until_us = from_us, until_us
        self.codings: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        self.counted: dict[tuple[str | None, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        self.went_in: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        self.filled: dict[tuple[str, int], str] = {}
        self._changes: dict[str, list[tuple[int, str | None, bool]]] = defaultdict(list)
        self._materials: dict[str, str] = {}

    def hear(self, said: Iterable[Said]) -> None:
        """Take in what is said, in the order of time."""
        for one in said:
            event = one.event
            if isinstance(event, UnitsCounted):
                if event.to_us <= self.until_us:
                    row = self.counted[event.lot, event.station]
                    row[0] += event.entered
                    row[1] += event.good
                    row[2] += event.scrapped
            elif one.at_us < self.until_us:
                self._hear(one.at_us, one)

    def _hear(self, at_us: int, said: Said) -> None:
        match said.event:
            case StationChanged() as event:
                cause = (event.mode or event.state) if event.state in STANDS else None
                if said.actor is None:
                    failed = event.state == "down" and event.mode is not None
                    self._changes[event.station].append((at_us, cause, failed))
            case StopCoded() as event:
                self.codings[event.station].append((event.from_us, event.to_us, event.mode))
            case Received() as event:
                self._materials[event.material_lot] = event.material
            case Consumed() as event:
                kind = self._materials.get(event.subject)
                if kind is not None:
                    self.went_in[event.station, kind].append((at_us, event.subject))
            case ToolChanged() as event:
                self.went_in[event.station, "tool"].append((at_us, event.tool))
            case ContainerFilled() as event:
                self.filled[event.station, at_us] = event.container
            case _:
                pass

    def stood(self, station: str, *, failed: bool = False) -> list[Stood]:
        """When a station stood and why, within the period, the first first; with ``failed`` only while it was down for a named mode."""
        found = []
        changes = self._changes.get(station, [])
        ends = [at_us for at_us, _, _ in changes[1:]]
        for (since, cause, down), until in zip(changes, [*ends, self.until_us], strict=bool(changes)):
            begin = max(since, self.from_us)
            if cause is not None and until > begin and (down or not failed):
                found.append(Stood(begin, min(until, self.until_us), cause))
        return found
