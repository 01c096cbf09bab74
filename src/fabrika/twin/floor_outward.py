"""What leaves the plant: orders of the last lines are called off in parts, and their closed lots are shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.events.inventory import Shipped
from fabrika.events.production import CallOffScheduled, LotClosed, OrderReleased

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.twin.floor_scene import Scene
    from fabrika.twin.tell_station import Said

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
PARTS = 6
"""Call-offs of an order."""
SPARE_US = 21 * DAY_US
"""What is called off is wanted so much later than the contract's rate would have it made."""
RECEIVER = "Central depot"


class Outward:
    """Call-offs and shipments."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        feeding = {
            way.source.partition(".")[0]
            for line in scene.plant.lines
            for station in line.stations
            for way in station.inputs
            if way.source.partition(".")[0] != line.id
        }
        self.last = {line.id for line in scene.plant.lines} - feeding
        self._made_by_us: dict[str, int] = {}
        self._shipped = 0

    def ordered(self, event: OrderReleased, at_us: int) -> Iterator[Said]:
        """An order is called off in parts, as the contract's rate would make them."""
        person, contract = self.scene.staff.able("release_orders"), self.scene.plant.contract
        if event.line not in self.last or person is None or contract is None or event.quantity < PARTS:
            return
        begin_us = max(at_us, self._made_by_us.get(event.line, at_us))
        each = event.quantity // PARTS
        for number in range(1, PARTS + 1):
            quantity = each if number < PARTS else event.quantity - each * (PARTS - 1)
            due_us = begin_us + round(each * number / contract.units_per_year * 365 * DAY_US)
            self._made_by_us[event.line] = due_us
            called = CallOffScheduled(
                order=event.order,
                call_off=f"{event.order}-{number}",
                quantity=quantity,
                due_at_us=(due_us + SPARE_US) // HOUR_US * HOUR_US,
                person=person,
            )
            yield self.scene.people.by_person("office", person, called, at_us + number * 60_000_000)

    def closed(self, event: LotClosed, line: str, at_us: int) -> Iterator[Said]:
        """A closed lot is shipped, a day or so later and while people are there."""
        person = self.scene.staff.able("ship_stock")
        if line not in self.last or person is None or not event.good:
            return
        later_us = at_us + round((4 + 30 * self.scene.people.chance(f"{line}/ships")) * HOUR_US)
        _, when_us = self.scene.rota.at_work(line, later_us)
        self._shipped += 1
        shipped = Shipped(
            shipment=f"shipment-{self._shipped:04d}",
            order=self.scene.order.get(event.lot),
            lot=event.lot,
            units=event.good,
            receiver=RECEIVER,
            person=person,
        )
        yield self.scene.people.by_person("office", person, shipped, when_us)
