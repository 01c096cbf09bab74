"""Tools are changed while a machine stands for it: at its planned stops once they are worn, and as it is set up for another product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.events.production import ToolChanged, UnitsCounted
from fabrika.plant.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.twin.floor_scene import Scene, Seen
    from fabrika.twin.tell_station import Said

WORN_UNITS = 300_000
"""A tool is changed at the next planned stop after so many units."""


class Tools:
    """The tools of all machines; inspections, assemblies and packing have none that are told."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._number: dict[str, int] = {}
        self._since: dict[str, int] = {}

    def count(self, seen: Seen, event: UnitsCounted) -> Iterator[Said]:
        """A count in which a machine only stood: somebody may have changed its tool."""
        if KINDS[seen.station.kind].name != "machine" or event.entered or event.good or event.scrapped:
            return
        made = seen.good + seen.scrapped - self._since.get(seen.path, 0)
        states = {part.state for part in event.times}
        if not ((states == {"setup"} and made) or (states == {"planned"} and made >= WORN_UNITS)):
            return
        number = self._number[seen.path] = self._number.get(seen.path, 1) + 1
        self._since[seen.path] = seen.good + seen.scrapped
        person, at_us = self.scene.rota.at_work(seen.line.id, event.to_us)
        if at_us > event.to_us:
            return
        changed = ToolChanged(
            station=seen.path,
            tool=f"{seen.path}-tool-{number}",
            before=f"{seen.path}-tool-{number - 1}",
            passed=seen.passed,
            person=person,
        )
        yield self.scene.people.by_person(seen.line.id, person, changed, event.to_us)
