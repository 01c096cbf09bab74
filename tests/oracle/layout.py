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
KINDS = {"assembly": Assembly, "batch": Batch, "packing": Packing}


@dataclass
class Door:
    """Where units come in: a node and the places before it."""

    node: Node
    name: str
    buffer: int
    own_places: int = 0

    def edge(self, env: simpy.Environment, source: str, buffer: int | None = None) -> Edge:
        """Return a new edge to this door, with its own places or those given."""
        cap = self.buffer if buffer is None else buffer
        name = f"{source} -> {self.name}"
        if cap > 0:
            edge = Edge(env, name, cap)
        elif self.own_places:
            edge = Edge(env, name, self.own_places, held=True)
        else:
            edge = Edge(env, name, 0, direct=True)
        self.node.ins.append(edge)
        return edge


@dataclass
class Layout:
    """All nodes in the order that decides ties, and the edges."""

    env: simpy.Environment
    around: Callable[[str], Surroundings]
    result: OracleResult
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    crews: list[Crew] = field(default_factory=list)

    def build(self, plant: model.Plant) -> None:
        """Make every node, then join them."""
        doors: dict[str, list[tuple[str, int, Door]]] = defaultdict(list)
        stations: dict[str, tuple[Station | Transport, Split | None]] = {}
        takers = _takers(plant)
        for line in plant.lines:
            for spec in line.stations:
                self._station(line, spec, takers, doors, stations)
        stores = [self._store(store, takers, doors) for store in plant.stores]
        # The inputs of a node must be joined in their own order, so edges are made input by input.
        source_edges: dict[str, dict[int, Edge]] = defaultdict(dict)
        for line in plant.lines:
            for spec in line.stations:
                for i, given in enumerate(spec.inputs):
                    self._join(given.source, f"{line.id}.{spec.id}", i, takers, doors, source_edges, stores)
        for store in plant.stores:
            for i, source in enumerate(store.inputs):
                self._join(source, store.id, i, takers, doors, source_edges, stores)
        for name, (station, split) in stations.items():
            self._outputs(name, station, split, source_edges[name])
        for parts in stores:
            parts.join(self.env, source_edges[parts.id], self.edges)
        for i, node in enumerate(self.nodes):
            node.index = i

    def _station(self, line, spec, takers, doors, stations) -> None:  # type: ignore[no-untyped-def]
        name = f"{line.id}.{spec.id}"
        merge: Merge | None = None
        if len(spec.inputs) > 1 and spec.kind != "assembly":
            merge = Merge(self.env, f"{name}/merge", self.result.departures[f"{name}/merge"])
            self.nodes.append(merge)
        station = self._node(line, spec, name)
        self.nodes.append(station)
        split: Split | None = None
        if len(takers[name]) > 1:
            in_turn = spec.output == "round robin"
            split = Split(self.env, f"{name}/split", self.result.departures[f"{name}/split"], in_turn=in_turn)
            self.nodes.append(split)
        stations[name] = station, split
        places = [n * spec.machines for n in _need(spec)] if spec.kind != "transport" else [spec.capacity]
        if merge:
            inner = Door(station, name, 0, places[0]).edge(self.env, merge.name)
            merge.outs.append(inner)
            self.edges.append(inner)
        for i, given in enumerate(spec.inputs):
            door = Door(merge, merge.name, given.buffer) if merge else Door(station, name, given.buffer, places[i])
            doors[given.source].append((name, i, door))

    def _node(self, line: model.Line, spec: model.Station, name: str) -> Station | Transport:
        index = len(self.nodes)
        if spec.kind == "transport":
            return Transport(self.around(name), name, index, spec, self.result)
        station = KINDS.get(spec.kind, Station)(self.around(name), name, index, spec, self.result)
        station.need = _need(spec)
        if not spec.inputs:
            station.sequence = line.sequence
        return station

    def _store(self, store: model.Store, takers, doors) -> StoreParts:  # type: ignore[no-untyped-def]
        parts = StoreParts(store.id, store.capacity)
        if len(store.inputs) > 1:
            parts.merge = Merge(self.env, f"{store.id}/merge", self.result.departures[f"{store.id}/merge"])
            self.nodes.append(parts.merge)
        followers = doors[store.id]
        if len(followers) > 1:
            name = f"{store.id}/split"
            parts.after = Split(self.env, name, self.result.departures[name], in_turn=False)
            self.nodes.append(parts.after)
        elif followers[0][2].buffer > 0:
            parts.after = PassThrough(self.env, store.id, self.result.departures[store.id])
            self.nodes.append(parts.after)
        inward = Door(parts.after, parts.after.name, store.capacity) if parts.after else followers[0][2]
        parts.inward = inward
        for i, source in enumerate(store.inputs):
            door = Door(parts.merge, parts.merge.name, 0) if parts.merge else inward
            doors[source].append((store.id, i, door))
        return parts

    def _join(self, source, taker, i, takers, doors, source_edges, stores) -> None:  # type: ignore[no-untyped-def]
        position = takers[source].index((taker, i))
        door = next(d for name, k, d in doors[source] if (name, k) == (taker, i))
        from_store = next((s for s in stores if s.id == source), None)
        to_store = next((s for s in stores if s.id == taker), None)
        if from_store and from_store.after is None:
            # The store's buffer stands directly before its only taker.
            if from_store.merge is None:
                edge = door.edge(self.env, source, from_store.capacity)
                feed = from_store.feed_edges
                feed.append(edge)
            else:
                edge = door.edge(self.env, from_store.merge.name, from_store.capacity)
                from_store.merge.outs.append(edge)
            self.edges.append(edge)
            return
        if to_store and to_store.merge is None:
            if to_store.after is None:
                source_edges[source][position] = to_store.feed_edges[0]
                return
            edge = door.edge(self.env, source, to_store.capacity)
        else:
            edge = door.edge(self.env, source)
        self.edges.append(edge)
        source_edges[source][position] = edge

    def _outputs(self, name: str, station: Station | Transport, split: Split | None, edges: dict[int, Edge]) -> None:
        outs = [edges[i] for i in sorted(edges)]
        if split:
            inner = Edge(self.env, f"{name} -> {split.name}", 0, direct=True)
            split.ins.append(inner)
            split.outs.extend(outs)
            outs = [inner]
        if outs:
            station.out = outs[0]
            outs[0].producer = station


@dataclass
class StoreParts:
    """[merge ->] places [-> split or pass-through]."""

    id: str
    capacity: int
    merge: Merge | None = None
    after: Split | PassThrough | None = None
    inward: Door | None = None
    feed_edges: list[Edge] = field(default_factory=list)

    def join(self, env: simpy.Environment, taken: dict[int, Edge], edges: list[Edge]) -> None:
        """Join the parts to each other and to what takes from the store."""
        if self.after is None:
            return
        self.after.outs.extend(taken[i] for i in sorted(taken))
        if self.merge:
            assert self.inward
            buffer = self.inward.edge(env, self.merge.name, self.capacity)
            self.merge.outs.append(buffer)
            edges.append(buffer)


def _takers(plant: model.Plant) -> dict[str, list[tuple[str, int]]]:
    """Return who takes from each source, in file order, stations before stores."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for line in plant.lines:
        for spec in line.stations:
            for i, given in enumerate(spec.inputs):
                found[given.source].append((f"{line.id}.{spec.id}", i))
    for store in plant.stores:
        for i, source in enumerate(store.inputs):
            found[source].append((store.id, i))
    return found


def _need(spec: model.Station) -> list[int]:
    """Return how many units of each input one product takes."""
    if spec.kind == "assembly":
        return [given.count for given in spec.inputs]
    return [spec.size if spec.kind in ("batch", "packing") else 1]
