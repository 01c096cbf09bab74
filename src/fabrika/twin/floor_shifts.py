"""Shifts as people tell them: they sign on at their stations, sign off, write down what is open, and the next ones take over."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from fabrika.events.production import HandoverPrepared, PersonSignedOff, PersonSignedOn, ShiftHandedOver
from fabrika.plant.calendar import EPOCH, MICROSECOND
from fabrika.plant.model import Distribution
from fabrika.twin.tell_people import HANDS_OVER_AFTER, SIGNS_ON_AFTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fabrika.twin.floor_scene import Scene
    from fabrika.twin.rota import Duty
    from fabrika.twin.tell_station import Said

MINUTE_US = 60_000_000
PREPARED_BEFORE_US = 9 * MINUTE_US
"""So long before the end of a shift its people begin to write down what is open."""
WRITES_FOR = Distribution("lognormal", 90.0, 0.4)
SIGNS_OFF_AFTER = Distribution("lognormal", 60.0, 0.5)
NOTED_FROM = 4
"""Stops of a station in a shift that are worth a note."""
ON, PREPARE, OFF = range(3)


class Shifts:
    """The shifts of all lines.

    Args:
        scene: the floor.
        start_us: begin of what is told; a shift that lasts then signs on then.
        in_hand: the containers that people of a line have in hand.
    """

    def __init__(self, scene: Scene, start_us: int, in_hand: Callable[[str], tuple[str, ...]]) -> None:
        self.scene, self.in_hand = scene, in_hand
        self._paths: dict[str, list[str]] = {}
        for path, seen in scene.stations.items():
            self._paths.setdefault(seen.line.id, []).append(path)
        self._written: dict[str, int] = {}
        self._prepared: dict[str, tuple[str, str, str]] = {}
        self._due: list[tuple[int, int, str, int, Duty | None]] = []
        for line in self._paths:
            duties = [duty for duty in scene.rota.of_line(line) if duty.to_us > start_us]
            if not duties:
                self._due.append((start_us, ON, line, 0, None))
            for number, duty in enumerate(duties):
                self._due.append((max(duty.from_us, start_us), ON, line, number, duty))
                self._due.append((duty.to_us, OFF, line, number, duty))
                after = duties[number + 1] if number + 1 < len(duties) else None
                if after is not None and after.from_us == duty.to_us:
                    self._due.append((duty.to_us - PREPARED_BEFORE_US, PREPARE, line, number, duty))
        heapq.heapify(self._due)

    @property
    def next_us(self) -> int:
        """When something is to be done next."""
        return self._due[0][0] if self._due else 2**62

    def until(self, at_us: int) -> Iterator[Said]:
        """What is said of shifts until an instant."""
        while self._due and self._due[0][0] <= at_us:
            due_us, what, line, _, duty = heapq.heappop(self._due)
            if what == ON:
                yield from self._on(line, duty, max(due_us, at_us))
            elif duty is not None and what == PREPARE:
                yield self._prepare(line, duty, at_us)
            elif duty is not None:
                yield from self._off(line, duty, at_us)

    def _on(self, line: str, duty: Duty | None, at_us: int) -> Iterator[Said]:
        scene = self.scene
        signing: dict[str, int] = {}
        for path in self._paths[line]:
            scene.stations[path].stood = 0
            person = scene.staff.at(path, duty)
            if person not in signing:
                signing[person] = at_us + scene.people.after_us(f"{line}/signs-on", SIGNS_ON_AFTER)
            else:
                signing[person] += 5_000_000
            event = PersonSignedOn(person=person, station=path, role=scene.rota.role)
            yield scene.people.by_person(line, person, event, signing[person])
        if duty is not None and line in self._prepared:
            name, shift, leaving = self._prepared.pop(line)
            person = scene.rota.person(line, duty)
            handed = ShiftHandedOver(line=line, shift=shift, person=leaving, next_person=person, handover=name)
            taken_us = at_us + scene.people.after_us(f"{line}/hands-over", HANDS_OVER_AFTER)
            yield scene.people.by_person(line, person, handed, taken_us)

    def _prepare(self, line: str, duty: Duty, at_us: int) -> Said:
        scene = self.scene
        number = self._written[line] = self._written.get(line, 0) + 1
        person = scene.rota.person(line, duty)
        begun = (EPOCH + duty.from_us * MICROSECOND).astimezone(scene.plant.zone)
        event = HandoverPrepared(
            handover=f"{line}-handover-{number}",
            line=line,
            shift=begun.strftime("%Y-%m-%dT%H:%M"),
            stops=scene.standing(line),
            holds=scene.held(line),
            containers=self.in_hand(line),
            remark=self._note(line),
            person=person,
        )
        self._prepared[line] = event.handover, event.shift, person
        writes_us = min(scene.people.after_us(f"{line}/writes", WRITES_FOR), PREPARED_BEFORE_US // 3)
        return scene.people.by_person(line, person, event, at_us + writes_us)

    def _note(self, line: str) -> str | None:
        worst = max((self.scene.stations[path] for path in self._paths[line]), key=lambda seen: seen.stood)
        if worst.stood < NOTED_FROM:
            return None
        return f"{worst.station.name or worst.path}: {worst.stood} stops in this shift."

    def _off(self, line: str, duty: Duty, at_us: int) -> Iterator[Said]:
        scene = self.scene
        leaving: dict[str, int] = {}
        for path in self._paths[line]:
            person = scene.staff.at(path, duty)
            if person not in leaving:
                leaving[person] = at_us + scene.people.after_us(f"{line}/signs-off", SIGNS_OFF_AFTER)
            else:
                leaving[person] += 5_000_000
            yield scene.people.by_person(line, person, PersonSignedOff(person=person, station=path), leaving[person])
