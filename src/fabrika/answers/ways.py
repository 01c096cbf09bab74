"""The ways of the units through a plant, as trace needs them: what a station holds, and what lies between two stations."""

from __future__ import annotations

from typing import NamedTuple

from fabrika.plant.flow import Flow
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import FIFO, Plant, Station, Store


class Inside(NamedTuple):
    """What happens to units inside a station.

    Attributes:
        hold: units of its input that it may hold at once.
        per: units of its input in one unit that leaves it.
        group: units that go in and out together, in any order; 1 if each goes alone.
        in_order: whether units, or groups of them, leave in the order in which they came in.
    """

    hold: int
    per: int
    group: int
    in_order: bool


class Link(NamedTuple):
    """What lies between stations that give and stations that take: a buffer, or a store with several on either side.

    Attributes:
        sources, takers: stations, by ``line.station``.
        hold: units that may lie there at once.
        per: of an assembly's input, how many of them go into one product that leaves the assembly (what it holds is part of
            ``hold``, as it does not count its inputs apart); 0 where the taker counts them as they enter.
        in_order: whether they are taken in the order in which they came.
        lanes: whether those of each source are, though several give to it.
    """

    sources: tuple[str, ...]
    takers: tuple[str, ...]
    hold: int
    per: int
    in_order: bool
    lanes: bool


class Ways:
    """See the module.

    Args:
        plant: the edition in force.

    Attributes:
        inside: by station.
        behind: the links that a station takes from, in the order of its inputs.
        ahead: the links that a station gives to.
        counting: by line, the last station that is no transport: its good units are the line's.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.stations: dict[str, Station] = Flow(plant).stations
        self._flow = Flow(plant)
        self._stores: dict[str, Store] = {store.id: store for store in plant.stores}
        self.inside = {path: _inside(station) for path, station in self.stations.items()}
        self.behind: dict[str, list[Link]] = {path: self._links(path) for path in self.stations}
        self.ahead: dict[str, list[Link]] = {path: [] for path in self.stations}
        for links in self.behind.values():
            for link in links:
                for source in link.sources:
                    if link not in self.ahead[source]:
                        self.ahead[source].append(link)
        self.counting = {line.id: self._counting(line.id, line.stations) for line in plant.lines}

    def _counting(self, line: str, stations: tuple[Station, ...]) -> str:
        last = [station for station in stations if not _carries(station)]
        return f"{line}.{(last or stations)[-1].id}"

    def _links(self, path: str) -> list[Link]:
        station = self.stations[path]
        if KINDS[station.kind].primitive == "assembly":
            return [self._into_assembly(path, number) for number in range(len(station.inputs))]
        if not station.inputs:
            return []
        return [self._among(path)]

    def _into_assembly(self, path: str, number: int) -> Link:
        station = self.stations[path]
        given = station.inputs[number]
        store = self._stores.get(given.source)
        sources = store.inputs if store is not None else (given.source,)
        hold = given.buffer + 2 * given.count * station.machines + (store.capacity if store is not None else 0)
        alone = self._flow.takers[given.source] == [path] and station.machines == 1
        lanes = alone and (store is None or store.order == FIFO)
        lanes = lanes and all(self._flow.takers[source] == [given.source] for source in sources if store is not None)
        return Link(sources, (path,), hold, given.count, lanes and len(sources) == 1, lanes)

    def _among(self, path: str) -> Link:
        """All that gives to a station or takes from what it takes from."""
        sources, takers, stores = set[str](), {path}, set[str]()
        grown = True
        while grown:
            before = len(sources) + len(takers) + len(stores)
            for taker in (*takers, *stores):
                for source in self._flow.sources[taker]:
                    (stores if source in self._stores else sources).add(source)
            for source in (*sources, *stores):
                for taker in self._flow.takers[source]:
                    (stores if taker in self._stores else takers).add(taker)
            grown = len(sources) + len(takers) + len(stores) > before
        hold = sum(self._stores[store].capacity for store in stores)
        for taker in takers:
            station = self.stations[taker]
            # Where there is no buffer, a unit waits in the place of the machine that has not begun with it.
            own = self.inside[taker].hold if not _carries(station) else 0
            hold += sum(item.buffer for item in station.inputs) + own
        lanes = len(takers) == 1 and all(self._stores[store].order == FIFO for store in stores)
        order = list(self.stations)
        return Link(
            tuple(sorted(sources, key=order.index)),
            tuple(sorted(takers, key=order.index)),
            hold,
            0,
            lanes and len(sources) == 1,
            lanes,
        )


def _carries(station: Station) -> bool:
    return KINDS[station.kind].primitive == "transport"


def _inside(station: Station) -> Inside:
    primitive = KINDS[station.kind].primitive
    alone = station.machines == 1
    match primitive:
        case "transport":
            return Inside(station.capacity, 1, 1, station.order == FIFO)
        case "batch":
            return Inside(station.size * station.machines, 1, station.size, alone)
        case "packing":
            return Inside(station.size * station.machines, station.size, 1, alone)
        case "assembly":
            parts = sum(item.count for item in station.inputs)
            return Inside(parts * station.machines, parts, 1, alone)
        case _:
            return Inside(station.machines, 1, 1, alone and station.order == FIFO)


_last: list[Ways] = []


def ways(plant: Plant) -> Ways:
    """The ways of a plant; the last are kept, as one edition is in force for long."""
    if not _last or _last[0].plant is not plant:
        _last[:] = [Ways(plant)]
    return _last[0]
