"""Containers that carry units from one line to the next: filled at the last station of one, emptied at the first of the other.

They go round: registered when one more is needed, closed as soon as the next count would not fit, brought over, put in, and brought back.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from fabrika.events.inventory import Consumed, ContainerEmptied, ContainerRegistered, Moved
from fabrika.events.production import ContainerFilled, Passed, UnitsCounted
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.plant.model import ContainerKind, Plant
    from fabrika.twin.floor_scene import Scene, Seen
    from fabrika.twin.tell_station import Said

BROUGHT_AFTER = Distribution("lognormal", 420.0, 0.5)
COUNTS = 4
"""A container takes the units of so many counts at least, else nobody would note its filling by hand."""
COUNT_S = 300.0


class Passage:
    """From one line to the next.

    Args:
        scene: the floor.
        source, target: stations, ``line.station``.
        kind: of its containers.
        numbers: the last number given to a container of each kind in the plant.
    """

    def __init__(self, scene: Scene, source: str, target: str, kind: ContainerKind, numbers: dict[str, int]) -> None:
        self.scene, self.source, self.target, self.kind, self.numbers = scene, source, target, kind, numbers
        stations = scene.stations
        self.here = _beside(scene.plant, stations[source])
        self.there = _beside(scene.plant, stations[target]) or self.here
        self.per = next(i.count for i in stations[target].station.inputs if i.source == source)
        self.empty: deque[str] = deque()
        self.filling: tuple[str, str, int] | None = None
        self.waiting: deque[tuple[str, int, int]] = deque()
        self.going_in: tuple[str, int] | None = None
        self.largest = 0

    def filled(self, seen: Seen, event: UnitsCounted) -> Iterator[Said]:
        """The station before has counted."""
        self.largest = max(self.largest, event.good)
        if self.filling is not None and self.filling[1] != event.lot:
            before = Passed(entered=seen.entered - event.entered, good=seen.good - event.good)
            yield from self._close(event.to_us, before)
        if event.lot is None or not event.good:
            return
        if self.filling is None:
            name = self.empty.popleft() if self.empty else None
            if name is None:
                name = self._next()
                yield from self._register(name, event.to_us)
            self.filling = name, event.lot, 0
        name, lot, units = self.filling
        self.filling = name, lot, units + event.good
        if units + event.good + self.largest > self.kind.capacity:
            yield from self._close(event.to_us, seen.passed)

    def taken(self, seen: Seen, event: UnitsCounted) -> Iterator[Said]:
        """The station behind has counted."""
        scene, line = self.scene, seen.line.id
        left = (event.good + event.scrapped) * self.per
        if self.going_in is not None:
            name, units = self.going_in
            self.going_in, left = (name, units - left), max(0, left - units)
            if self.going_in[1] <= 0:
                person, at_us = scene.rota.at_work(line, event.to_us)
                yield scene.people.by_person(line, person, ContainerEmptied(container=name, person=person), at_us)
                if self.here is not None and self.there is not None and self.here != self.there:
                    back = Moved(subject=name, origin=self.there, target=self.here, person=person)
                    at_us += scene.people.after_us(f"{self.source}/back", BROUGHT_AFTER)
                    yield scene.people.by_person(line, person, back, at_us)
                self.empty.append(name)
                self.going_in = None
        made = event.good + event.scrapped
        if self.going_in is None and made and self.waiting and self.waiting[0][2] <= event.to_us:
            name, units, _ = self.waiting.popleft()
            person, at_us = scene.rota.at_work(line, event.to_us)
            self.going_in = name, units - left
            goes_in = Consumed(
                subject=name, station=self.target, lot=event.lot, quantity=units, passed=seen.passed, person=person
            )
            yield scene.people.by_person(line, person, goes_in, at_us)

    def in_hand(self, line: str) -> tuple[str, ...]:
        """Containers that people of a line have in hand."""
        found: list[str] = []
        if self.filling is not None and self.source.partition(".")[0] == line:
            found.append(self.filling[0])
        if self.target.partition(".")[0] == line:
            found += [self.going_in[0]] if self.going_in is not None else []
            found += [name for name, _, _ in self.waiting]
        return tuple(found)

    def _next(self) -> str:
        number = self.numbers[self.kind.id] = self.numbers.get(self.kind.id, 0) + 1
        return f"{self.kind.id}-{number:03d}"

    def _register(self, name: str, at_us: int) -> Iterator[Said]:
        person = self.scene.staff.able("receive_stock")
        if person is not None and self.here is not None:
            event = ContainerRegistered(container=name, kind=self.kind.id, location=self.here, person=person)
            yield self.scene.people.by_person("store", person, event, at_us)

    def _close(self, at_us: int, passed: Passed) -> Iterator[Said]:
        assert self.filling is not None, "a container is being filled"
        scene, (name, lot, units) = self.scene, self.filling
        self.filling = None
        if not units:
            self.empty.appendleft(name)
            return
        line = self.source.partition(".")[0]
        person, at_us = scene.rota.at_work(line, at_us)
        event = ContainerFilled(container=name, lot=lot, station=self.source, units=units, passed=passed)
        yield scene.people.by_person(line, person, event, at_us)
        at_us += scene.people.after_us(f"{self.source}/brought", BROUGHT_AFTER)
        if self.here is not None and self.there is not None and self.here != self.there:
            moved = Moved(subject=name, origin=self.here, target=self.there, person=person)
            yield scene.people.by_person(line, person, moved, at_us)
        self.waiting.append((name, units, at_us))


class Boxes:
    """All passages of a plant that have containers."""

    def __init__(self, scene: Scene) -> None:
        self.passages: list[Passage] = []
        numbers: dict[str, int] = {}
        for target, seen in scene.stations.items():
            for way in seen.station.inputs:
                before = scene.stations.get(way.source)
                kind = _kind(scene.plant, before) if before is not None else None
                if before is not None and kind is not None and before.line is not seen.line:
                    self.passages.append(Passage(scene, way.source, target, kind, numbers))
        self._from = {passage.source: passage for passage in self.passages}
        self._into: dict[str, list[Passage]] = {}
        for passage in self.passages:
            self._into.setdefault(passage.target, []).append(passage)

    def count(self, seen: Seen, event: UnitsCounted) -> Iterator[Said]:
        """A station has counted."""
        if seen.path in self._from:
            yield from self._from[seen.path].filled(seen, event)
        for passage in self._into.get(seen.path, ()):
            yield from passage.taken(seen, event)

    def in_hand(self, line: str) -> tuple[str, ...]:
        """Containers that people of a line have in hand."""
        return tuple(name for passage in self.passages for name in passage.in_hand(line))


def _kind(plant: Plant, seen: Seen) -> ContainerKind | None:
    """The smallest container that takes some counts of a station; none for what packs by itself."""
    station = seen.station
    if station.cycle is None or KINDS[station.kind].primitive == "packing":
        return None
    wanted = COUNTS * COUNT_S * station.machines / station.cycle.mean
    able = [kind for kind in plant.containers if kind.capacity >= wanted]
    return min(able, key=lambda kind: kind.capacity, default=None)


def _beside(plant: Plant, seen: Seen) -> str | None:
    """The location beside a station's line."""
    area = seen.station.area or seen.line.area
    lines = [place for place in plant.locations if place.holds == "line"]
    return next((place.id for place in lines if place.area == area), lines[0].id if lines else None)
