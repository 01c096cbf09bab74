"""The floor: people who work in a told plant, each thing that they do in a file of its own.

It hears all that is told, in the order of time, and says what people say of it. Everything is drawn from the twin's own streams, so that a
seed tells the same again; what truly happened is kept beside (:mod:`fabrika.twin.told_truth`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.events.production import LotClosed, OrderReleased, UnitsCounted
from fabrika.twin.floor_boxes import Boxes
from fabrika.twin.floor_outward import Outward
from fabrika.twin.floor_reports import CARELESS, Reports
from fabrika.twin.floor_scene import Scene
from fabrika.twin.floor_shifts import Shifts
from fabrika.twin.floor_stock import stock_of
from fabrika.twin.floor_tools import Tools
from fabrika.twin.told_truth import SaidFact, ToldTruth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.events.event import Event
    from fabrika.plant.model import Plant
    from fabrika.twin.rota import Rota
    from fabrika.twin.tell_people import People
    from fabrika.twin.tell_station import Said

ABOUT = ("station", "line", "lot", "container", "material_lot", "subject", "shipment", "stocktake", "order")
"""Fields that say what an event is about, the most telling first."""


class Floor:
    """See :class:`fabrika.twin.tell.Listener`.

    Args:
        rota: who works when; it gets everybody whom the floor needs.
        people: draw how long they take, and what they do.
        careless: share of a careless person's reports that each kind of mistake gets.
    """

    def __init__(self, plant: Plant, rota: Rota, people: People, careless: float = CARELESS) -> None:
        self.scene = Scene(plant, rota, people)
        people.shifts_told_elsewhere = True
        self.reports = Reports(self.scene, careless)
        self.tools, self.boxes = Tools(self.scene), Boxes(self.scene)
        self.stock, self.outward = stock_of(self.scene), Outward(self.scene)
        self.shifts = Shifts(self.scene, people.start_us, self.boxes.in_hand)
        self._facts: list[SaidFact] = []

    def hear(self, said: Said) -> Iterator[Said]:
        """What people say of something, at that instant or later."""
        if said.actor is not None:
            self._facts.append(SaidFact(said.event.NAME, said.actor, _about(said.event), said.at_us))
        if said.at_us >= self.shifts.next_us:
            yield from self.shifts.until(said.at_us)
        self.scene.see(said)
        event = said.event
        if type(event) is UnitsCounted:
            seen = self.scene.stations.get(event.station)
            if seen is not None:
                yield from self.reports.count(seen, event)
                yield from self.tools.count(seen, event)
                yield from self.boxes.count(seen, event)
                if self.stock is not None:
                    yield from self.stock.count(seen, event)
        elif isinstance(event, OrderReleased):
            yield from self.outward.ordered(event, said.at_us)
        elif isinstance(event, LotClosed):
            yield from self.outward.closed(event, self.scene.line_of.get(event.lot, ""), said.at_us)

    def truth(self, until_us: int) -> ToldTruth:
        """What people truly did until an instant."""
        return ToldTruth(
            until_us=until_us,
            mistakes=tuple(sorted((m for m in self.reports.mistakes if m.at_us <= until_us), key=lambda m: m.at_us)),
            counts=tuple(sorted((c for c in self.reports.counts if c.at_us <= until_us), key=lambda c: c.at_us)),
            facts=tuple(fact for fact in self._facts if fact.at_us <= until_us),
        )


def _about(event: Event) -> str:
    return next((str(found) for name in ABOUT if (found := getattr(event, name, None)) is not None), "")
