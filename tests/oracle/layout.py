"""The nodes and edges of a plant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import simpy

from fabrika.plant import model

from .crews import Crew
from .flow import Edge
from .junctions import Junction, Merge, PassThrough, Split
from .machine import Surroundings
from .outcome import OracleResult
from .stations import Assembly, Batch, Packing, Station, Transport

Node = Station | Transport | Junction
Taker = tuple[str, int]
"""Name of a station or store, and the number of its input."""
KINDS = {"assembly": Assembly, "batch": Batch, "packing": Packing}


@dataclass
class Door:
    """Where units come in: a node, and the places before it.

    Attributes:
        buffer: places between.
        own_places: places in the machines themselves, used where there is no buffer; 0 before a junction.
    """

    node: Node
    buffer: int
    own_places: int = 0


@dataclass
class StoreParts:
    """[merge ->] places [-> split or pass-through]; ``after`` is None if the places stand directly before a taker."""

    spec: model.Store
    merge: Merge | None = None
    after: Split | PassThrough | None = None


@dataclass
class Layout:
    """All nodes in the order that decides ties, the edges and the crews."""

    env: simpy.Environment
    plant: model.Plant
    around: Callable[[str], Surroundings]
    result: OracleResult
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    crews: list[Crew] = field(default_factory=list)
    doors: dict[Taker, Door] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    stores: dict[str, StoreParts] = field(default_factory=dict)
    takers: dict[str, list[Taker]] = field(default_factory=lambda: defaultdict(list))
    outlets: dict[str, dict[Taker, Edge]] = field(default_factory=lambda: defaultdict(dict))

    def build(self) -> None:
        """Make every node, then join them."""
        self._find_takers()
        for line in self.plant.lines:
            for spec in line.stations:
                self._add_station(line, spec)
        for store in self.plant.stores:
            self._add_store(store)
        for index, node in enumerate(self.nodes):
            node.index = index
        for line in self.plant.lines:
            for spec in line.stations:
                for i, given in enumerate(spec.inputs):
                    self._join(given.source, (f"{line.id}.{spec.id}", i))
        for store in self.plant.stores:
            self._join_store(self.stores[store.id])
        for node in [n for n in self.nodes if isinstance(n, Station | Transport)]:
            self._connect_output(node)

    # Nodes ------------------------------------------------------------------------------------------------------

    def _find_takers(self) -> None:
        """Note who takes from each source, in file order, stations before stores."""
        for line in self.plant.lines:
            for spec in line.stations:
                for i, given in enumerate(spec.inputs):
                    self.takers[given.source].append((f"{line.id}.{spec.id}", i))
        for store in self.plant.stores:
            for i, source in enumerate(store.inputs):
                self.takers[source].append((store.id, i))

    def _add_station(self, line: model.Line, spec: model.Station) -> None:
        name = f"{line.id}.{spec.id}"
        merge: Merge | None = None
        if len(spec.inputs) > 1 and spec.kind != "assembly":
            merge = Merge(self.env, f"{name}/merge", self.result.departures[f"{name}/merge"])
            self.nodes.append(merge)
        station = self._station(line, spec, name)
        self.nodes.append(station)
        if len(self.takers[name]) > 1:
            # A transport hands its units to its takers itself: one node, one list of departures.
            passings: list[int] = [] if spec.kind == "transport" else self.result.departures[f"{name}/split"]
            in_turn = spec.output == "round robin"
            self.splits[name] = Split(self.env, f"{name}/split", passings, in_turn=in_turn)
            self.nodes.append(self.splits[name])
        places = [need * spec.machines for need in needs(spec)] if spec.kind != "transport" else [spec.capacity]
        if merge:
            merge.outs.append(self._edge(merge.name, Door(station, 0, places[0])))
        for i, given in enumerate(spec.inputs):
            door = Door(merge, given.buffer) if merge else Door(station, given.buffer, places[i])
            self.doors[name, i] = door

    def _station(self, line: model.Line, spec: model.Station, name: str) -> Station | Transport:
        index = len(self.nodes)
        if spec.kind == "transport":
            return Transport(self.around(name), name, index, spec, self.result)
        station = KINDS.get(spec.kind, Station)(self.around(name), name, index, spec, self.result)
        station.need = needs(spec)
        if not spec.inputs:
            station.sequence = line.sequence
        # joined lines list the same products in the same order, so a campaign's number says its product everywhere
        told = [other.sequence for other in self.plant.lines if other.sequence]
        station.products_in_turn = [c.product for c in (line.sequence or (told[0] if told else ()))]
        return station

    def _add_store(self, store: model.Store) -> None:
        parts = self.stores[store.id] = StoreParts(store)
        if len(store.inputs) > 1:
            parts.merge = Merge(self.env, f"{store.id}/merge", self.result.departures[f"{store.id}/merge"])
            self.nodes.append(parts.merge)
        takers = self.takers[store.id]
        if len(takers) > 1:
            name = f"{store.id}/split"
            parts.after = Split(self.env, name, self.result.departures[name], in_turn=False)
            self.nodes.append(parts.after)
        elif self.doors[takers[0]].buffer > 0 or isinstance(self.doors[takers[0]].node, Transport):
            # a buffer, or the way itself, is a place of the taker's own behind the store's
            parts.after = PassThrough(self.env, store.id, self.result.departures[store.id])
            self.nodes.append(parts.after)

    # Edges ------------------------------------------------------------------------------------------------------

    def _edge(self, source: str, door: Door) -> Edge:
        name = f"{source} -> {door.node.name}"
        if door.buffer > 0:
            edge = Edge(self.env, name, door.buffer)
        elif door.own_places:
            edge = Edge(self.env, name, door.own_places, held=True)
        else:
            edge = Edge(self.env, name, 0, direct=True)
        door.node.ins.append(edge)
        self.edges.append(edge)
        return edge

    def _join(self, source: str, taker: Taker) -> None:
        """Make the edge before one input of a station; inputs are joined in their own order."""
        door = self.doors[taker]
        store = self.stores.get(source)
        if store is None or store.after is not None:
            self.outlets[source][taker] = self._edge(source, door)
            return
        places = Door(door.node, store.spec.capacity)
        if store.merge is not None:
            store.merge.outs.append(self._edge(store.merge.name, places))
        else:
            self.outlets[store.spec.inputs[0]][store.spec.id, 0] = self._edge(store.spec.inputs[0], places)

    def _join_store(self, store: StoreParts) -> None:
        """Join the parts of a store to each other, to its feeds and to its takers."""
        places = Door(store.after, store.spec.capacity) if store.after else None
        for i, source in enumerate(store.spec.inputs):
            if store.merge:
                self.outlets[source][store.spec.id, i] = self._edge(source, Door(store.merge, 0))
            elif places:
                self.outlets[source][store.spec.id, i] = self._edge(source, places)
        if store.merge and places:
            store.merge.outs.append(self._edge(store.merge.name, places))
        if store.after:
            store.after.outs.extend(self._outlets_in_order(store.spec.id))

    def _outlets_in_order(self, source: str) -> list[Edge]:
        return [self.outlets[source][taker] for taker in self.takers[source]]

    def _connect_output(self, station: Station | Transport) -> None:
        outs = self._outlets_in_order(station.name)
        split = self.splits.get(station.name)
        if split:
            split.outs.extend(outs)
            outs = [self._edge(station.name, Door(split, 0))]
        if outs:
            station.out = outs[0]
            outs[0].producer = station


def needs(spec: model.Station) -> list[int]:
    """Return how many units of each input one product takes."""
    if spec.kind == "assembly":
        return [given.count for given in spec.inputs]
    return [spec.size if spec.kind in ("batch", "packing") else 1]
