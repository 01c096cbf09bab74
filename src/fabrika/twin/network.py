"""Plant to network: stations, junctions and the edges between them, in the order that settles ties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fabrika.errors import RunRefusedError
from fabrika.plant.kinds import KINDS

if TYPE_CHECKING:
    from fabrika.plant.model import Campaign, Line, Plant, Station, Store


@dataclass(slots=True)
class Edge:
    """Places between two nodes.

    Attributes:
        cap: places; 0 if the place is granted by the junction behind (``grant``).
        zero: the machine behind is itself the place: it is free again when its product has left.
        need: units of this input in one product.
        delay_s: transit (into a transport).
        order: which input of its target it is.
    """

    source: str
    target: str
    cap: int
    zero: bool = False
    grant: bool = False
    need: int = 1
    delay_s: float = 0.0
    order: int = 0


@dataclass(slots=True)
class Node:
    """A station, or a junction of edges.

    Attributes:
        name: ``line.station``, ``…/merge``, ``…/split`` or a store's id.
        station: None for a junction.
        inputs, outputs: indices of edges.
        sequence: campaigns its units come in; empty if one product without a name.
        pieces: pieces in one unit that leaves.
    """

    name: str
    line: Line | None = None
    station: Station | None = None
    machine: bool = False
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    round_robin: bool = False
    sequence: tuple[Campaign, ...] = ()
    pieces: int = 1


@dataclass(slots=True)
class Network:
    """Nodes in order, edges, and the index of each node."""

    nodes: list[Node]
    edges: list[Edge]
    at: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Way:
    """One input of a station or store: where from, and what stands before it."""

    source: str
    target: str
    buffer: int
    count: int
    merged: bool
    order: int


def network(plant: Plant) -> Network:
    """Unfold a plant into nodes and edges.

    Raises:
        RunRefusedError: a split leads directly into a merge without a place, or a store is taken from by nobody.
    """
    built = _Builder(plant)
    built.place_nodes()
    for source, ways in built.ways.items():
        built.join(source, ways)
    for node in built.nodes:
        node.inputs.sort(key=lambda e: built.edges[e].order)
    built.follow_sequences()
    return Network(built.nodes, built.edges, built.at)


class _Builder:
    """Places nodes in order, then joins them source by source."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.at: dict[str, int] = {}
        self.stores = {store.id: store for store in plant.stores}
        self.ways: dict[str, list[_Way]] = {}
        self._collect()

    def _collect(self) -> None:
        """Who takes from whom, in the order of the file."""
        for line in self.plant.lines:
            for station in line.stations:
                self.ways.setdefault(f"{line.id}.{station.id}", [])
        for store in self.plant.stores:
            self.ways.setdefault(store.id, [])
        for line in self.plant.lines:
            for station in line.stations:
                merged = len(station.inputs) > 1 and KINDS[station.kind].primitive != "assembly"
                for order, item in enumerate(station.inputs):
                    way = _Way(item.source, f"{line.id}.{station.id}", item.buffer, item.count, merged, order)
                    self.ways[item.source].append(way)
        for store in self.plant.stores:
            for order, source in enumerate(store.inputs):
                self.ways[source].append(_Way(source, store.id, 0, 1, len(store.inputs) > 1, order))

    def _add(self, node: Node) -> int:
        self.at[node.name] = len(self.nodes)
        self.nodes.append(node)
        return self.at[node.name]

    def place_nodes(self) -> None:
        """Nodes in the order that settles ties."""
        for line in self.plant.lines:
            for station in line.stations:
                name = f"{line.id}.{station.id}"
                primitive = KINDS[station.kind].primitive
                if len(station.inputs) > 1 and primitive != "assembly":
                    self._add(Node(f"{name}/merge"))
                self._add(Node(name, line, station, machine=primitive != "transport"))
                if len(self.ways[name]) > 1:
                    robin = station.output == "round robin"
                    if primitive == "transport":
                        self.nodes[-1].round_robin = robin
                    else:
                        self._add(Node(f"{name}/split", round_robin=robin))
        for store in self.plant.stores:
            if len(store.inputs) > 1:
                self._add(Node(f"{store.id}/merge"))
            takers = self.ways[store.id]
            if not takers:
                raise RunRefusedError(f"Nobody takes from store {store.id!r}.", "Name it as a `feed`, or remove it.")
            if len(takers) > 1:
                self._add(Node(f"{store.id}/split"))
            elif self._needs_passing(takers[0]):
                self._add(Node(store.id))
        for node in self.nodes:
            name = node.name.removesuffix("/merge")
            if name != node.name and name in self.at and self.nodes[self.at[name]].station is not None:
                self._edge(node.name, name, self._inside(name))

    def _needs_passing(self, way: _Way) -> bool:
        """Whether the taker of a store keeps places of its own behind the store's."""
        return way.buffer > 0 or self._station(way.target).kind == "transport"

    def _station(self, name: str) -> Station:
        line_id, _, station_id = name.partition(".")
        line = next(line for line in self.plant.lines if line.id == line_id)
        return next(station for station in line.stations if station.id == station_id)

    def _edge(self, source: str, target: str, edge: Edge) -> None:
        edge.source, edge.target = source, target
        index = len(self.edges)
        self.edges.append(edge)
        self.nodes[self.at[source]].outputs.append(index)
        self.nodes[self.at[target]].inputs.append(index)

    def _inside(self, name: str, count: int = 1) -> Edge:
        """The edge into a station that has no buffer: the machines themselves, or the transport's belt."""
        station = self._station(name)
        if station.kind == "transport":
            return Edge("", "", station.capacity, delay_s=station.time)
        need = station.size if KINDS[station.kind].primitive in {"batch", "packing"} else count
        return Edge("", "", need * station.machines, zero=True, need=need)

    def _edge_for(self, way: _Way, places: int | None = None) -> tuple[str, Edge]:
        """Target node and edge of one way; ``places`` are a store's, if it stands there instead of a buffer."""
        target, edge = self._plain_edge_for(way, way.buffer if places is None else places)
        edge.order = way.order
        return target, edge

    def _plain_edge_for(self, way: _Way, buffer: int) -> tuple[str, Edge]:
        if way.target in self.stores:
            if way.merged:
                return f"{way.target}/merge", Edge("", "", 0, grant=True)
            return self._exit(way.target), Edge("", "", self.stores[way.target].capacity)
        if way.merged:
            target = f"{way.target}/merge"
            return target, Edge("", "", buffer) if buffer else Edge("", "", 0, grant=True)
        edge = self._inside(way.target, way.count)
        if buffer and edge.zero:
            edge.cap, edge.zero = buffer, False
        return way.target, edge

    def _exit(self, store_id: str) -> str:
        """The node behind a store's places."""
        for name in (f"{store_id}/split", store_id):
            if name in self.at:
                return name
        way = self.ways[store_id][0]
        return f"{way.target}/merge" if way.merged else way.target

    def join(self, source: str, ways: list[_Way]) -> None:
        """Edges from one source to all that take from it."""
        if source in self.stores:
            self._join_store(self.stores[source], ways)
            return
        if not ways:
            return
        start = source
        if len(ways) > 1 and self.nodes[self.at[source]].machine:
            start = f"{source}/split"
            self._edge(source, start, Edge("", "", 0, grant=True))
        for way in ways:
            self._join_way(start, way, len(ways) > 1)

    def _join_way(self, start: str, way: _Way, split: bool) -> None:
        target, edge = self._edge_for(way)
        if way.target in self.stores and not way.merged and target == self._behind_store(way.target):
            # the store's places lead straight into the taker, who has none of his own
            taker = self.ways[way.target][0]
            target, edge = self._edge_for(taker, self.stores[way.target].capacity)
        if split and edge.grant:
            raise RunRefusedError(
                f"{way.source} splits directly into the merge before {way.target}.",
                "Give that input a buffer of at least 1.",
            )
        self._edge(start, target, edge)

    def _behind_store(self, store_id: str) -> str:
        """The taker's node if no junction stands behind the store, else nothing."""
        if f"{store_id}/split" in self.at or store_id in self.at:
            return ""
        way = self.ways[store_id][0]
        return f"{way.target}/merge" if way.merged else way.target

    def _join_store(self, store: Store, ways: list[_Way]) -> None:
        behind = self._behind_store(store.id)
        if f"{store.id}/merge" in self.at:
            if behind:
                target, edge = self._edge_for(ways[0], store.capacity)
                self._edge(f"{store.id}/merge", target, edge)
            else:
                self._edge(f"{store.id}/merge", self._exit(store.id), Edge("", "", store.capacity))
        if behind:
            return
        for way in ways:
            target, edge = self._edge_for(way)
            if edge.grant and len(ways) > 1:
                raise RunRefusedError(
                    f"Store {store.id} splits directly into the merge before {way.target}.",
                    "Give that input a buffer of at least 1.",
                )
            self._edge(self._exit(store.id), target, edge)

    def follow_sequences(self) -> None:
        """Hand campaigns and pieces on from the first stations, node by node."""
        known: set[int] = set()
        left = list(range(len(self.nodes)))
        while left:
            ready = [i for i in left if all(self.at[self.edges[e].source] in known for e in self.nodes[i].inputs)]
            if not ready:
                raise RunRefusedError("The feeds go round in a circle.", "Remove one of the feeds.")
            for i in ready:
                self._follow(self.nodes[i])
                known.add(i)
            left = [i for i in left if i not in known]

    @staticmethod
    def _joins(node: Node) -> bool:
        return node.station is not None and KINDS[node.station.kind].primitive == "assembly"

    def _follow(self, node: Node) -> None:
        before = [self.nodes[self.at[self.edges[e].source]] for e in node.inputs]
        if before:
            node.sequence = before[0].sequence
            node.pieces = before[0].pieces
            if len({other.pieces for other in before}) > 1 and not self._joins(node):
                raise RunRefusedError(
                    f"Units of different size meet before {node.name}.", "Pack them after they have come together."
                )
        elif node.line is not None:
            node.sequence = node.line.sequence
        if node.station is not None:
            primitive = KINDS[node.station.kind].primitive
            if primitive == "packing":
                node.pieces *= node.station.size
            elif primitive == "assembly":
                node.pieces = 1
