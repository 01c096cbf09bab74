"""Compile a plant for one replication: network, timelines and parameters as the kernel's memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Mode
from fabrika.twin import levels, telling
from fabrika.twin.kernel import fields as f
from fabrika.twin.kernel.calls import foresee
from fabrika.twin.kernel.cycle import draw_after, settle
from fabrika.twin.kernel.draws import scaled
from fabrika.twin.kernel.run import ready
from fabrika.twin.memory import Bins, Memory
from fabrika.twin.network import Edge, Network, Node, network
from fabrika.twin.ramp import steps
from fabrika.twin.timelines import Drawer, Timeline, called_by_clock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fabrika.plant.model import Distribution, PlannedStop, Plant
    from fabrika.twin.results import Period

WEEK_NS = 7 * 86_400 * 10**9
NO_BIN_NS = f.NEVER
TILE = {"single": f.TILE_SERIAL, "assembly": f.TILE_ASSEMBLY}
MARK_SPARE = 32
CLOCKS = {"cycles": f.CLOCK_CYCLES, "busy": f.CLOCK_BUSY, "clock": f.CLOCK_CALENDAR, "shift": f.CLOCK_SHIFT}
FEW, MUCH = 64, 256
"""Buffers in which nothing is saved by waiting until more has come together, and what is enough in any buffer; units."""
TIED = 64
"""Places of a buffer up to which several machines before it hold back the starts behind it: decision 0014."""


@dataclass(slots=True)
class Compiled:
    """A plant ready to run, and where its figures stand.

    Attributes:
        mem, flt, key: the kernel's memory.
        network: names of nodes and edges.
        node, edge: offset of each record.
        machines: machine records of each node.
        modes: stop records of each node by mode id, one a machine.
        stops_ns: instants at which the run pauses, for progress and interruption; the last is the end of the window.
    """

    mem: NDArray[np.int64]
    flt: NDArray[np.float64]
    key: NDArray[np.uint64]
    network: Network
    node: list[int]
    edge: list[int]
    machines: list[list[int]]
    modes: list[dict[str, list[int]]]
    stops_ns: list[int]
    weeks: int
    drawer: Drawer


def compile_plant(  # noqa: PLR0913 - what is asked for beside the figures has an argument each
    plant: Plant,
    period: Period,
    seed: int,
    number: int,
    *,
    day_ends_ns: NDArray[np.int64],
    log_cap: int = 0,
    target_pieces: int = 0,
    with_levels: bool = False,
    tell_ends_ns: NDArray[np.int64] | None = None,
    most_rows: int = telling.MOST_ROWS,
) -> Compiled:
    """Lay out one replication.

    Args:
        plant: with this replication's beliefs already drawn.
        period: what is simulated.
        seed, number: name the replication's streams.
        day_ends_ns: ends of the plant's days within the window, ns since the origin, ascending; the last is the window's end.
        log_cap: how many departures of each node to write down, 0 for none.
        target_pieces: note when so many good pieces have left, 0 for none.
        with_levels: sum up how long each buffer stands at each level.
        tell_ends_ns: tell what the floor would, and divide the window by these instants instead of by weeks; ns since the origin,
            ascending; the last is the window's end.
        most_rows: rows that can be told between two stops.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
    """
    ready()  # before any of its parts is asked for by itself
    compiler = _Compiler(plant, period, seed, number, day_ends_ns=day_ends_ns, tell_ends_ns=tell_ends_ns)
    return compiler.compiled(log_cap, target_pieces, with_levels, most_rows)


class _Compiler:
    """Lays records out one after the other."""

    def __init__(
        self,
        plant: Plant,
        period: Period,
        seed: int,
        number: int,
        *,
        day_ends_ns: NDArray[np.int64],
        tell_ends_ns: NDArray[np.int64] | None,
    ) -> None:
        self.plant, self.period = plant, period
        self.net = network(plant)
        self.memory = Memory(seed, number)
        self.t0 = period.warm_up_us * 1000
        self.t1 = self.t0 + period.window_ns
        self.day_ends = day_ends_ns
        self.products = [product.id for product in plant.products] or [""]
        self.ramp = self._ramp_steps()
        self.tells = tell_ends_ns is not None
        weeks = max(1, -(-period.window_ns // WEEK_NS))
        self.pieces = self.t0 + WEEK_NS * np.arange(1, weeks + 1) if tell_ends_ns is None else tell_ends_ns
        self.weeks = len(self.pieces)
        self.cuts = self._cuts()
        self.drawer = Drawer(
            plant,
            origin_us=period.origin_us,
            begin_ns=self.t0,
            end_ns=self.t1,
            seed=seed,
            number=number,
            repair_factor=self._repair_factor,
        )

    def _ramp_steps(self) -> list[tuple[int, float, float, float]]:
        if self.plant.ramp_up is None or self.period.steady:
            return []
        year_start = (self.period.year_start_us - self.period.origin_us) * 1000
        return steps(self.plant.ramp_up, year_start, self.t1)

    def _repair_factor(self, instant: int) -> float:
        factor = 1.0
        for at, _, _, repair in self.ramp:
            if at <= instant or at == 0:
                factor = repair
        return factor

    def _cuts(self) -> NDArray[np.int64]:
        before = np.arange(0, self.t0, WEEK_NS)
        ramp = np.array([at for at, *_ in self.ramp], dtype=np.int64)
        cuts = np.unique(np.concatenate([self.pieces, before, ramp, self.day_ends, [self.t0, self.t1]]))
        return cuts[(cuts > 0) & (cuts <= self.t1)].astype(np.int64)

    def compiled(self, log_cap: int, target_pieces: int, with_levels: bool, most_rows: int) -> Compiled:
        """Lay out everything."""
        memory = self.memory
        _, head = memory.take(f.H_SIZE)
        # one record more, for what lies before the first node and behind the last
        nodes, node_block = memory.take((len(self.net.nodes) + 1) * f.N_STRIDE)
        self.nobody = nodes + len(self.net.nodes) * f.N_STRIDE
        self.node_rows = node_block.reshape(-1, f.N_STRIDE)
        edges, edge_block = memory.take(len(self.net.edges) * f.E_STRIDE)
        self.edge_rows = edge_block.reshape(-1, f.E_STRIDE)
        self.node_at = [nodes + i * f.N_STRIDE for i in range(len(self.net.nodes))]
        self.edge_at = [edges + i * f.E_STRIDE for i in range(len(self.net.edges))]
        head[f.H_NODES], head[f.H_NODE_N] = nodes, len(self.net.nodes)
        head[f.H_T0], head[f.H_T1] = self.t0, self.t1
        head[f.H_PRODUCTS] = len(self.products)
        head[f.H_TARGET] = target_pieces
        head[f.H_LONG] = f.NEVER
        self._days(head)
        self._ramp(head)
        self._crews()
        for i, edge in enumerate(self.net.edges):
            self._edge(self.edge_rows[i], edge)
        if with_levels:
            head[f.H_LEVELS] = levels.lay_out(memory, self.edge_rows, self.net.edges, self.t0)
        self.machines: list[list[int]] = []
        self.machine_rows: list[tuple[int, NDArray[np.int64]]] = []
        self.modes: list[dict[str, list[int]]] = []
        for i, node in enumerate(self.net.nodes):
            self._node(self.node_rows[i], node, log_cap)
        if self.tells:
            telling.lay_out(memory, head, self.node_rows, self.net.nodes, self.machine_rows, most_rows=most_rows)
        mem, flt, key = memory.arrays()
        with np.errstate(over="ignore"):
            self._prime(mem, flt, key)
        stops = [int(cut) for cut in self.cuts if (cut - self.t0) % WEEK_NS == 0 or cut == self.t1]
        return Compiled(
            mem,
            flt,
            key,
            self.net,
            self.node_at,
            self.edge_at,
            self.machines,
            self.modes,
            stops,
            self.weeks,
            self.drawer,
        )

    def _days(self, head: NDArray[np.int64]) -> None:
        days = len(self.day_ends)
        head[f.H_DAYS] = days
        head[f.H_DAY_END], block = self.memory.take(days + 1)
        block[:days] = self.day_ends
        block[days] = f.NEVER
        head[f.H_REJECTED], _ = self.memory.take(len(self.products))

    def _ramp(self, head: NDArray[np.int64]) -> None:
        head[f.H_RAMP_N] = len(self.ramp)
        head[f.H_RAMP], block = self.memory.take(max(1, len(self.ramp)) * f.R_STRIDE)
        for i, (at, *factors) in enumerate(self.ramp):
            block[i * f.R_STRIDE + f.R_T] = at
            block[i * f.R_STRIDE + f.R_F] = self.memory.take_floats(factors)

    def _crews(self) -> None:
        self.crew_at = {}
        for crew in self.plant.crews:
            offset, block = self.memory.take(f.C_FREE + crew.size)
            block[f.C_SIZE] = crew.size
            self.crew_at[crew.id] = offset

    def _edge(self, row: NDArray[np.int64], edge: Edge) -> None:
        ring = 2
        passed = not self.net.nodes[self.net.at[edge.source]].machine and edge.cap <= TIED
        while ring < (edge.cap + 1 if not passed else 4 * edge.cap + 4):
            # behind a passing it is still asked for when places became free that have been taken again
            ring *= 2
        row[f.E_CAP] = edge.cap
        row[f.E_RING], _ = self.memory.take(ring)
        row[f.E_MASK] = ring - 1
        row[f.E_ZERO], row[f.E_GRANT], row[f.E_NEED] = int(edge.zero), int(edge.grant), edge.need
        row[f.E_OFFER] = -1
        row[f.E_DELAY] = int(edge.delay_s * 1e9 + 0.5)
        sequence = self.net.nodes[self.net.at[edge.source]].sequence
        marks = 2
        least = min((campaign.quantity for campaign in sequence), default=1)
        wanted = MARK_SPARE + min(edge.cap, 4 * (edge.cap // max(least // 4, 1))) if sequence else 1
        while marks < wanted:
            marks *= 2
        row[f.E_MARK], _ = self.memory.take(marks * f.MARK_STRIDE)
        row[f.E_MMASK] = marks - 1
        station = self.net.nodes[self.net.at[edge.target]].station
        several = station is not None and station.machines > 1 and edge.cap <= TIED
        if station is not None and several and KINDS[station.kind].primitive != "single":
            # not every unit is taken by a start there
            row[f.E_CHOSEN], _ = self.memory.take(ring)
        row[f.E_SRC] = self.node_at[self.net.at[edge.source]]
        row[f.E_DST] = self.node_at[self.net.at[edge.target]]

    def _node(self, row: NDArray[np.int64], node: Node, log_cap: int) -> None:
        memory = self.memory
        row[f.N_KIND] = f.KIND_MACHINE if node.machine else f.KIND_JUNCTION
        row[f.N_NIN], row[f.N_NOUT] = len(node.inputs), len(node.outputs)
        row[f.N_IN], block = memory.take(len(node.inputs) or 1)
        block[: len(node.inputs)] = [self.edge_at[e] for e in node.inputs]
        row[f.N_OUT], block = memory.take(len(node.outputs) or 1)
        block[: len(node.outputs)] = [self.edge_at[e] for e in node.outputs]
        if len(node.inputs) <= 1 and len(node.outputs) <= 1:
            row[f.N_BEFORE] = row[f.N_BEHIND] = self.nobody
            for e in node.inputs:
                row[f.N_BEFORE] = self.node_at[self.net.at[self.net.edges[e].source]]
            for e in node.outputs:
                row[f.N_BEHIND] = self.node_at[self.net.at[self.net.edges[e].target]]
        row[f.N_EI] = self.edge_at[node.inputs[0]] if len(node.inputs) == 1 else 0
        row[f.N_EO] = self.edge_at[node.outputs[0]] if len(node.outputs) == 1 else 0
        beside = [self.net.edges[e].cap for ends in (node.inputs, node.outputs) if len(ends) == 1 for e in ends]
        least = min([MUCH, *beside])
        row[f.N_WORTH] = least // 2 if least > FEW else 0
        row[f.N_RR] = int(node.round_robin and len(node.outputs) > 1)
        row[f.N_PIECES] = node.pieces
        row[f.N_LASTD] = 0
        row[f.N_HELD] = row[f.N_YIELDED] = -1
        splits = self._splits_before(node) if self._chooses(node) else []
        row[f.N_SPLITS_N] = len(splits)
        row[f.N_SPLITS], block = memory.take(len(splits) or 1)
        block[: len(splits)] = splits
        self._sequence(row, node)
        self._lots(row, node)
        if not node.outputs:
            row[f.N_GOOD], _ = memory.take(len(self.products) * len(self.day_ends))
        row[f.N_KEY] = memory.take_key(f"{node.name}/cycle")
        memory.take_key(f"{node.name}/scrap")
        memory.take_key(f"{node.name}/lots")
        self._laws(row, node)
        if log_cap:
            offset, block = memory.take(log_cap + 1)
            block[0] = log_cap
            row[f.N_LOG] = offset + 1
        self.machines.append([])
        self.modes.append({})
        if node.machine:
            self._machines(row, node)
        elif len(node.inputs) == len(node.outputs) == 1 and not any(
            self.net.edges[e].grant for e in node.inputs + node.outputs
        ):
            row[f.N_TILE] = f.TILE_TRANSPORT

    def _sequence(self, row: NDArray[np.int64], node: Node) -> None:
        # one campaign after the other of the only product are campaigns, too
        sequence = node.sequence * 2 if len(node.sequence) == 1 else node.sequence
        row[f.N_SEQ_N] = max(1, len(sequence))
        row[f.N_SEQ], block = self.memory.take(2 * max(1, len(sequence)))
        for i, campaign in enumerate(sequence):
            block[2 * i] = self.products.index(campaign.product)
            block[2 * i + 1] = campaign.quantity
        row[f.N_PRODUCT] = block[0]
        row[f.N_LIMIT] = f.NEVER
        row[f.N_NEXT_AT] = block[1] if sequence and not node.inputs else f.NEVER

    def _lots(self, row: NDArray[np.int64], node: Node) -> None:
        lots = node.line.lots if node.line is not None and not node.outputs else None
        row[f.N_LOT_SIZE] = lots.size if lots else 0
        row[f.N_REJECT_P] = self.memory.take_floats([lots.rejected if lots else 0.0])

    def _laws(self, row: NDArray[np.int64], node: Node) -> None:
        """What each product means at this node."""
        memory = self.memory
        count = len(self.products)
        row[f.N_PTAB], block = memory.take(count * f.P_STRIDE)
        row[f.N_MEAN_EFF] = memory.take_floats([0.0])
        row[f.N_SETUP], setups = memory.take(2 * count * count)
        setups.reshape(-1, 2)[:, 0] = -1
        factors = {product.id: product.cycle_factor for product in self.plant.products}
        routes = {product.id: product.route for product in self.plant.products}
        for i, product in enumerate(self.products):
            rec = block[i * f.P_STRIDE :]
            station = node.station
            if station is None or (station.cycle is None and not station.cycle_of):
                rec[f.P_COST] = rec[f.P_MEAN] = memory.take_floats([0.0])
                rec[f.P_TABLE] = f.TABLE_CONSTANT
                continue
            law, factor = station.cycle, factors.get(product, 1.0)
            if product in station.cycle_of:
                law, factor = station.cycle_of[product], 1.0
            if law is None:
                law = next(iter(station.cycle_of.values()))
            rec[f.P_MEAN] = memory.take_floats([law.mean * 1e9 * factor])
            rec[f.P_TABLE] = memory.law(law)
            rec[f.P_COST] = memory.take_floats([station.scrap_of.get(product, station.scrap)])
            route = routes.get(product, ())
            rec[f.P_SKIP] = int(bool(route) and node.name not in route)
        self._setups(setups, node)

    def _setups(self, block: NDArray[np.int64], node: Node) -> None:
        changeover = node.station.changeover if node.station is not None else None
        if changeover is None:
            return
        count = len(self.products)
        for i, before in enumerate(self.products):
            for j, after in enumerate(self.products):
                law: Distribution = changeover.times.get((before, after), changeover.default)
                if i != j and law.mean > 0:
                    at = 2 * (i * count + j)
                    block[at] = self.memory.take_floats([law.mean * 1e9])
                    block[at + 1] = self.memory.law(law)

    def _machines(self, row: NDArray[np.int64], node: Node) -> None:
        station, line = node.station, node.line
        assert station is not None
        assert line is not None
        memory = self.memory
        primitive = KINDS[station.kind].primitive
        row[f.N_NM] = station.machines
        row[f.N_SIZE] = station.size if primitive in {"batch", "packing"} else 1
        row[f.N_KEEPS] = f.KEEPS_ALL if primitive == "batch" else f.KEEPS_ONE
        row[f.N_QUEUE], _ = memory.take(station.machines)
        row[f.N_ASG], _ = memory.take(station.machines)
        for e in node.inputs:
            if primitive in {"batch", "packing"}:
                self.edge_rows[e][f.E_NEED] = station.size
        if primitive == "assembly":
            for item, e in zip(station.inputs, node.inputs, strict=True):
                self.edge_rows[e][f.E_NEED] = item.count
        row[f.N_TILE] = self._tile(node, primitive)
        row[f.N_TIES] = int(station.machines > 1 and self._ties(node))
        if station.machines > 1:
            self._yields(row, node)
        row[f.N_BLOCK], _ = memory.take(f.BLOCK)
        lanes = f.TILE_MAX if row[f.N_TILE] == f.TILE_ASSEMBLY else station.machines * (f.L_STRIDE + 2)
        row[f.N_LANES], _ = memory.take(lanes)
        row[f.N_FBLOCK] = memory.take_floats(np.zeros(f.BLOCK))
        base, block = memory.take(station.machines * f.M_STRIDE)
        row[f.N_M] = base
        for w in range(station.machines):
            rec = block[w * f.M_STRIDE : (w + 1) * f.M_STRIDE]
            timeline = self.drawer.timeline(line, station, w, self.cuts)
            rec[f.M_T], _ = memory.take(self.weeks * f.STATES_N)
            rec[f.M_PRODUCT] = -1
            rec[f.M_INDEX] = w
            rec[f.M_KEY] = memory.take_key(f"{node.name}/m{w}/changeover")
            self.machines[-1].append(base + w * f.M_STRIDE)
            self.machine_rows.append((self.machines[-1][-1], rec))
            self._stops(rec, node.name, w, list(station.fails), list(station.stops))
            self._calls(rec, node, w)
            self._timeline(rec, timeline)
        row[f.N_CALLS] = int(any(block[f.M_NC :: f.M_STRIDE]))

    def _timeline(self, rec: NDArray[np.int64], timeline: Timeline) -> None:
        bins = Bins(self.t0, self.t1, self.pieces, self.day_ends)
        if rec[f.M_NC]:
            self.memory.own_timeline(rec, timeline, bins)
        else:
            rec[f.M_SEG] = self.memory.timeline(timeline, bins)

    def _calls(self, rec: NDArray[np.int64], node: Node, w: int) -> None:
        """Stops of one machine that call a crew by a clock which runs whether it works or not."""
        assert node.station is not None
        assert node.line is not None
        rec[f.M_KNOWN] = f.NEVER
        calling = [mode for mode in node.station.fails if called_by_clock(mode)]
        rec[f.M_NC] = len(calling)
        base, block = self.memory.take(len(calling) * f.F_STRIDE)
        rec[f.M_C] = base
        calendar = self.drawer.calendar_of(node.line, node.station)
        for i, mode in enumerate(calling):
            row = block[i * f.F_STRIDE : (i + 1) * f.F_STRIDE]
            stream = f"{node.name}/m{w}/{mode.id}"
            self._stop(row, stream, mode, node.station.fails.index(mode))
            row[f.F_LEFT] = self.drawer.first_call(stream, mode, calendar)
            self.modes[-1].setdefault(mode.id, []).append(base + i * f.F_STRIDE)

    def _yields(self, row: NDArray[np.int64], node: Node) -> None:
        """What several machines must know of the way out: whose starts make room there, and where it meets other ways."""
        for e in node.outputs:
            edge = self.net.edges[e]
            after = self.net.nodes[self.net.at[edge.target]]
            row[f.N_MEETS] = int(not after.machine and self._chooses(after))
            direct = self._started(node, edge)
            if direct:
                row[f.N_YIELDS] = f.YIELDS if edge.cap <= TIED else f.YIELDS_FAR
            elif edge.cap <= TIED and self._started_beyond(node, after):
                row[f.N_YIELDS] = f.YIELDS_BEYOND

    def _started(self, node: Node, edge: Edge) -> bool:
        """Whether places of an edge become free by starts on several machines of a later node."""
        after = self.net.nodes[self.net.at[edge.target]]
        several = after.machine and after.station is not None and after.station.machines > 1
        return several and not edge.zero and self.net.at[edge.target] > self.net.at[node.name]

    def _started_beyond(self, node: Node, after: Node) -> bool:
        """Whether such starts let a later node let go of its units, and so the node."""
        if after.machine and after.station is not None and after.station.machines > 1:
            return False
        edges = [self.net.edges[e] for e in after.outputs]
        beyond = [self.net.nodes[self.net.at[edge.target]] for edge in edges]
        return any(
            edge.cap <= TIED and (self._started(node, edge) or self._started_beyond(node, b))
            for edge, b in zip(edges, beyond, strict=True)
        )

    @staticmethod
    def _chooses(node: Node) -> bool:
        """Whether it is a choice that frees places before a node: a start on one of several machines, or a passing."""
        if node.machine and node.station is not None:
            return node.station.machines > 1
        return len(node.inputs) > 1 or len(node.outputs) > 1

    def _splits_before(self, node: Node) -> list[int]:
        """Records of what comes before a node and chooses at an instant: splits, several machines that a product may skip."""
        routes = [product.route for product in self.plant.products if product.route]
        found: dict[int, None] = {}
        left = list(node.inputs)
        while left:
            i = self.net.at[self.net.edges[left.pop()].source]
            before = self.net.nodes[i]
            skipped = node.machine and any(before.name not in route for route in routes)
            several = before.machine and before.station is not None and before.station.machines > 1
            if (len(before.outputs) > 1 and not (before.round_robin and not self._rejoins(before))) or (
                skipped and several and i < self.net.at[node.name]
            ):
                found[self.node_at[i]] = None
            left.extend(before.inputs)
        return list(found)

    def _rejoins(self, node: Node) -> bool:
        """Whether units that part at a node may meet again, where those that came first go first."""
        beyond = [self.net.nodes[self.net.at[self.net.edges[e].target]] for e in node.outputs]
        return any((not after.machine and len(after.inputs) > 1) or self._rejoins(after) for after in beyond)

    def _ties(self, node: Node, *, through: bool = False) -> bool:
        """Whether it matters to what comes before in which order places become free at one instant.

        Several machines before a buffer see by themselves that a place was freed by a start, but not ``through`` a junction,
        and not all of it where a buffer is small.
        """
        for e in node.inputs:
            before = self.net.nodes[self.net.at[self.net.edges[e].source]]
            if before.machine and before.station is not None:
                if before.station.machines > 1 and (through or self.net.edges[e].cap <= TIED):
                    return True
            elif len(before.outputs) > 1 or self._ties(before, through=True):
                return True
        return False

    def _tile(self, node: Node, primitive: str) -> int:
        station = node.station
        assert station is not None
        edges = [self.net.edges[e] for e in node.inputs + node.outputs]
        if any(edge.zero or edge.grant for edge in edges) or primitive not in TILE:
            return f.TILE_NONE
        if primitive == "assembly":
            one_each = all(item.count == 1 for item in station.inputs)
            return f.TILE_ASSEMBLY if station.machines == 1 and one_each else f.TILE_PARALLEL
        return f.TILE_SERIAL if station.machines == 1 else f.TILE_PARALLEL

    def _stops(self, rec: NDArray[np.int64], name: str, w: int, fails: list[Mode], stops: list[PlannedStop]) -> None:
        """Stops on clocks of cycles and busy time of one machine."""
        every: tuple[Mode | PlannedStop, ...] = (*fails, *stops)
        own = [stop for stop in every if stop.clock in {"cycles", "busy"}]
        rec[f.M_NF] = len(own)
        base, block = self.memory.take(rec[f.M_NF] * f.F_STRIDE)
        rec[f.M_F] = base
        for i, stop in enumerate(own):
            row = block[i * f.F_STRIDE : (i + 1) * f.F_STRIDE]
            self._stop(row, f"{name}/m{w}/{stop.id}", stop, every.index(stop))
            self.modes[-1].setdefault(stop.id, []).append(base + i * f.F_STRIDE)

    def _stop(self, row: NDArray[np.int64], stream: str, stop: Mode | PlannedStop, order: int) -> None:
        memory = self.memory
        unit = f.TICK if stop.clock == "cycles" else 1e9
        row[f.F_CLOCK] = CLOCKS[stop.clock]
        row[f.F_ORDER] = order
        row[f.F_KEY] = memory.take_key(f"{stream}/after")
        if isinstance(stop, Mode):
            memory.take_key(f"{stream}/repair")
            row[f.F_CLASS] = f.DOWN
            row[f.F_AFTER], row[f.F_AFTER_T] = memory.take_floats([stop.after.mean * unit]), memory.law(stop.after)
            row[f.F_REPAIR], row[f.F_REPAIR_T] = memory.take_floats([stop.repair.mean * 1e9]), memory.law(stop.repair)
            row[f.F_CREW] = self.crew_at[stop.crew] if stop.crew is not None else 0
            row[f.F_SHIFTS] = int(stop.works == "shifts")
        else:
            memory.take_key(f"{stream}/takes")
            row[f.F_CLASS] = f.PLANNED
            row[f.F_AFTER], row[f.F_AFTER_T] = memory.take_floats([stop.every * unit]), f.TABLE_CONSTANT
            row[f.F_REPAIR], row[f.F_REPAIR_T] = memory.take_floats([stop.takes.mean * 1e9]), memory.law(stop.takes)

    def _prime(self, mem: NDArray[np.int64], flt: NDArray[np.float64], key: NDArray[np.uint64]) -> None:
        """First draws of every clock and scrap budget, and each node's first product."""
        for n, machines in zip(self.node_at, self.machines, strict=True):
            settle(mem, flt, n)
            mem[n + f.N_BUDGET] = scaled(flt, key[mem[n + f.N_KEY] + f.K_SCRAP], 0, f.HAZARD * 1.0, f.TABLE_EXPONENTIAL)
            for m in machines:
                for i in range(mem[m + f.M_NF]):
                    stop = mem[m + f.M_F] + i * f.F_STRIDE
                    mem[stop + f.F_LEFT] = draw_after(flt, mem, key, stop)
                if mem[m + f.M_NC]:
                    foresee(mem, m)
