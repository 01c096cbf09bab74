"""Material as people handle it: received, released by another person, brought beside the line, put in, and counted by a third.

What goes in is what the plant file says that the products need; it is topped up about once an hour, to the unit that was used since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from fabrika.events.inventory import (
    Adjusted,
    Consumed,
    Counted,
    Expected,
    Moved,
    Received,
    StatusChanged,
    StocktakeBegun,
    StocktakeClosed,
)
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Distribution
from fabrika.twin.network import network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.events.event import Event
    from fabrika.events.production import UnitsCounted
    from fabrika.plant.model import Plant
    from fabrika.twin.floor_scene import Scene, Seen
    from fabrika.twin.tell_station import Said

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
EVERY_US, SPREAD_US = 55 * MINUTE_US, 15 * MINUTE_US
BRINGS_DAYS, BUYS_DAYS = 0.5, 5.0
"""Material for so many days is brought beside a line, and bought, at a time."""
RELEASED_AFTER = Distribution("lognormal", 7200.0, 0.5)
MOVED_AFTER = Distribution("lognormal", 1800.0, 0.5)
STOCKTAKE_US = 14 * DAY_US
"""The store is counted every two weeks."""
WRONG = 0.2
"""Share of what is counted in the store that is not as the book has it."""


@dataclass(slots=True)
class MaterialLot:
    """A lot of material as the store keeps it: how much is where, and from when on it may be used."""

    name: str
    material: str
    ready_us: int
    at: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Use:
    """A station that uses a material: of each product so many units of it for so many units of the station.

    Attributes:
        fed: units of the station that were put in for, and the part of a unit of material that is left of them.
    """

    material: str
    station: str
    beside: str
    for_product: dict[str, tuple[int, int]]
    due_us: int = 0
    used: int = 0
    rest: float = 0.0
    ready_us: int = 0


class Hands(NamedTuple):
    """Who handles material, and where it comes in and is kept."""

    receives: str
    releases: str
    brings: str
    goods_in: str
    store: str


def stock_of(scene: Scene) -> Stock | None:
    """The material of a plant; None where its file names no places, nobody who may, or nothing that products need."""
    places = scene.plant.locations
    goods_in = next((place.id for place in places if place.holds == "quarantine"), None)
    store = next((place.id for place in places if place.holds == "stock"), None)
    receives, releases = scene.staff.able("receive_stock"), scene.staff.able("release_stock")
    if not (goods_in and store and receives and releases and scene.staff.store) or receives == releases:
        return None
    uses = _uses(scene.plant)
    return Stock(scene, Hands(receives, releases, scene.staff.store, goods_in, store), uses) if uses else None


class Stock:
    """The material of a plant."""

    def __init__(self, scene: Scene, hands: Hands, uses: list[Use]) -> None:
        self.scene, self.hands, self.uses = scene, hands, uses
        self.lots: list[MaterialLot] = []
        self._numbers: dict[str, int] = {}
        self._counted_us: int | None = None
        self._shut_until_us = 0
        self._at: dict[str, list[Use]] = {}
        for use in self.uses:
            self._at.setdefault(use.station, []).append(use)

    def count(self, seen: Seen, event: UnitsCounted) -> Iterator[Said]:
        """A station has counted: what it used is put in, about once an hour."""
        for use in self._at.get(seen.path, ()):
            quantity, per = use.for_product.get(self.scene.product_of.get(event.lot or "", ""), (0, 1))
            use.rest += (event.good + event.scrapped) * quantity / per
            if event.to_us >= use.due_us and self.scene.rota.duty_at(seen.line.id, event.to_us - 1) is not None:
                use.due_us = event.to_us + EVERY_US + int(self.scene.people.chance(f"{use.station}/fills") * SPREAD_US)
                yield from self._fill(use, seen, event)
        if event.to_us >= (self._counted_us or 0) and self.uses:
            yield from self._stocktake(event.to_us)

    def _fill(self, use: Use, seen: Seen, event: UnitsCounted) -> Iterator[Said]:
        """Put in what was used since the last time, the oldest lot first; and have more brought before it runs out."""
        scene, at_us = self.scene, event.to_us
        person = scene.staff.at(seen.path, scene.rota.duty_at(seen.line.id, at_us - 1))
        wanted = int(use.rest)
        for lot in self._of(use.material):
            there = lot.at.get(use.beside, 0) if lot.ready_us <= at_us else 0
            taken = min(wanted, there)
            if taken:
                lot.at[use.beside] = there - taken
                wanted, use.rest = wanted - taken, use.rest - taken
                put_in = Consumed(
                    subject=lot.name,
                    origin=use.beside,
                    station=use.station,
                    lot=event.lot,
                    quantity=taken,
                    passed=seen.passed,
                    person=person,
                )
                yield scene.people.by_person(seen.line.id, person, put_in, at_us)
        self.lots = [lot for lot in self.lots if any(lot.at.values())]
        yield from self._bring(use, at_us)

    def _bring(self, use: Use, at_us: int) -> Iterator[Said]:
        """What lies beside the line lasts for half a day, and what lies in the store for some days; else there is more."""
        a_day = self._a_day(use)
        beside = sum(lot.at.get(use.beside, 0) for lot in self._of(use.material))
        if beside < a_day * BRINGS_DAYS / 2 and at_us >= max(use.ready_us, self._shut_until_us):
            missing = ceil(a_day * BRINGS_DAYS)
            for lot in self._of(use.material):
                there = lot.at.get(self.hands.store, 0) if lot.ready_us <= at_us else 0
                part = min(there, missing)
                if part:
                    lot.at[self.hands.store], lot.at[use.beside] = there - part, lot.at.get(use.beside, 0) + part
                    missing -= part
                    moved = Moved(
                        subject=lot.name,
                        origin=self.hands.store,
                        target=use.beside,
                        quantity=part,
                        person=self.hands.brings,
                    )
                    yield self.scene.people.by_person("store", self.hands.brings, moved, at_us)
        stored = sum(sum(lot.at.values()) for lot in self._of(use.material))
        if stored < a_day * BUYS_DAYS / 2:
            yield from self._receive(use, ceil(a_day * BUYS_DAYS), at_us)

    def _receive(self, use: Use, quantity: int, at_us: int) -> Iterator[Said]:
        """Somebody takes it in, somebody else releases it, and a third brings it into the store."""
        scene, people = self.scene, self.scene.people
        number = self._numbers[use.material] = self._numbers.get(use.material, 0) + 1
        name = f"{use.material}-{number:04d}"
        shelf_s = next(item.shelf_life_s for item in scene.plant.materials if item.id == use.material)
        received = Received(
            material_lot=name,
            material=use.material,
            quantity=quantity,
            location=self.hands.goods_in,
            supplier_lot=f"S{10_000 + int(people.chance('stock/supplier') * 89_999)}",
            expires_at_us=None if shelf_s is None else at_us + round(shelf_s) * 1_000_000,
            person=self.hands.receives,
        )
        yield people.by_person("store", self.hands.receives, received, at_us)
        at_us += people.after_us("stock/releases", RELEASED_AFTER)
        released = StatusChanged(
            subject=name, status="released", reason="Papers and goods agree.", person=self.hands.releases
        )
        yield people.by_person("office", self.hands.releases, released, at_us)
        at_us = max(at_us + people.after_us("stock/moves", MOVED_AFTER), self._shut_until_us)
        moved = Moved(
            subject=name,
            origin=self.hands.goods_in,
            target=self.hands.store,
            quantity=quantity,
            person=self.hands.brings,
        )
        yield people.by_person("store", self.hands.brings, moved, at_us)
        self.lots.append(MaterialLot(name, use.material, at_us, {self.hands.store: quantity}))

    def _stocktake(self, at_us: int) -> Iterator[Said]:
        """The store is counted by somebody who does not handle it; differences are adjusted by who answers for the book."""
        begins, counts = self.scene.staff.able("adjust_stock"), self.scene.staff.able("count_stock")
        first = self._counted_us is None
        self._counted_us = at_us + STOCKTAKE_US // (2 if first else 1)
        if first or begins is None or counts is None or begins == counts:
            return
        lots = sorted(
            (lot for lot in self.lots if lot.at.get(self.hands.store) and lot.ready_us <= at_us), key=lambda l: l.name
        )
        if not lots:
            return
        number = self._numbers["stocktake"] = self._numbers.get("stocktake", 0) + 1
        name, people = f"count-{number}", self.scene.people
        expected = tuple(Expected(subject=lot.name, quantity=lot.at[self.hands.store]) for lot in lots)
        told: list[tuple[str, Event]] = [
            (begins, StocktakeBegun(stocktake=name, location=self.hands.store, expected=expected, person=begins))
        ]
        found = [self._found(lot) for lot in lots]
        told += [
            (counts, Counted(stocktake=name, subject=lot.name, quantity=quantity, person=counts))
            for lot, quantity in zip(lots, found, strict=True)
        ]
        for lot, quantity in zip(lots, found, strict=True):
            difference = quantity - lot.at[self.hands.store]
            if difference:
                lot.at[self.hands.store] = quantity
                why = "Counted again, and it was so."
                told.append(
                    (
                        begins,
                        Adjusted(stocktake=name, subject=lot.name, difference=difference, reason=why, person=begins),
                    )
                )
        told.append((begins, StocktakeClosed(stocktake=name, person=begins)))
        for place, (person, event) in enumerate(told):
            yield people.by_person("office", person, event, at_us + 12 * MINUTE_US * place)
        self._shut_until_us = at_us + 12 * MINUTE_US * len(told)

    def _found(self, lot: MaterialLot) -> int:
        there = lot.at[self.hands.store]
        if self.scene.people.chance("stock/wrong") >= WRONG:
            return there
        return max(0, there - 1 - int(self.scene.people.chance("stock/missing") * there * 0.002))

    def _of(self, material: str) -> list[MaterialLot]:
        """The lots of a material, the oldest first."""
        return [lot for lot in self.lots if lot.material == material]

    def _a_day(self, use: Use) -> float:
        """How much a station uses on a day at most."""
        station = self.scene.stations[use.station].station
        units = 86_400 * station.machines / station.cycle.mean if station.cycle is not None else 0.0
        return units * max(quantity / per for quantity, per in use.for_product.values())


def _uses(plant: Plant) -> list[Use]:
    """Which station uses which material, and how much: where it comes late by the file, else where a line packs, else its first."""
    beside = {place.area: place.id for place in reversed(plant.locations) if place.holds == "line"}
    pieces = {node.name: node.pieces for node in network(plant).nodes}
    found: dict[tuple[str, str], Use] = {}
    for product in plant.products:
        for need in product.needs:
            for line in plant.lines:
                if need.line != line.id and (need.line is not None or not line.sequence):
                    continue
                stations = [s for s in line.stations if KINDS[s.kind].primitive != "transport"]
                late = {path for supply in plant.supplies if supply.id == need.material for path in supply.stations}
                packs = [s for s in stations if KINDS[s.kind].primitive == "packing"]
                own = next((s for s in stations if f"{line.id}.{s.id}" in late), (packs or stations)[0])
                path, place = f"{line.id}.{own.id}", beside.get(own.area or line.area)
                if place is not None:
                    use = found.setdefault((need.material, path), Use(need.material, path, place, {}))
                    use.for_product[product.id] = need.quantity * pieces[path], need.per
    return list(found.values())
