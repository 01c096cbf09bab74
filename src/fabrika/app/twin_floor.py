"""Everybody in a told plant: the service's own rule of holds and those who answer it, and all others on the floor."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from fabrika.app.twin_starts import Starts
from fabrika.events.production import UnitsCounted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.plant.model import Plant
    from fabrika.twin.rota import Rota
    from fabrika.twin.tell_people import People
    from fabrika.twin.tell_station import Said


class Everybody:
    """See :class:`fabrika.twin.tell.Listener`.

    Args:
        careless: share of a careless person's reports that each kind of mistake gets; None for the usual.

    Attributes:
        floor: the people beside those who clear, check and approve.
    """

    def __init__(self, plant: Plant, rota: Rota, people: People, careless: float | None = None) -> None:
        # they bring the compiler in, whose folder has to be chosen before
        from fabrika.twin.floor import Floor
        from fabrika.twin.floor_reports import CARELESS

        self.starts = Starts(plant, rota, people)
        self.floor = Floor(plant, rota, people, CARELESS if careless is None else careless)

    def hear(self, said: Said) -> Iterator[Said]:
        """What follows of something, at that instant or later; of most of what is told, which is counts, nothing is held."""
        if type(said.event) is UnitsCounted:
            return self.floor.hear(said)
        return chain(self.starts.hear(said), self.floor.hear(said))
