"""One replication of a plant: compile, run, read the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fabrika.errors import TwinLimitError
from fabrika.plant.parameters import parameters, with_value
from fabrika.stats.beliefs import belief_factor
from fabrika.twin import levels
from fabrika.twin.compile import Compiled, compile_plant
from fabrika.twin.draws import stream_key, uniform
from fabrika.twin.kernel import fields as f
from fabrika.twin.kernel.run import advance
from fabrika.twin.network import network
from fabrika.twin.results import Layout, Period, Replication

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fabrika.plant.model import Mode, Outage, PlannedStop, Plant, Supply

DAY_US = 86_400 * 1_000_000
ERRORS = {
    f.ERR_MARKS: "More campaigns than can be kept apart lie in one buffer.",
    f.ERR_LOG: "The trace is full.",
    f.ERR_STUCK: "The twin can neither go on nor end.",
}


def layout(plant: Plant) -> Layout:
    """Names of the rows of every replication of a plant."""
    net = network(plant)
    nodes = [node for node in net.nodes if node.station is not None]
    modes: list[str] = []
    mode_station: list[int] = []
    for i, node in enumerate(nodes):
        station = node.station
        assert station is not None
        for group, stops in (("fails", station.fails), ("stops", station.stops)):
            for stop in stops:
                modes.append(f"{node.name}.{group}.{stop.id}")
                mode_station.append(i)
    buffers = [edge for edge in net.edges if not edge.zero and not edge.grant]
    rare: tuple[Outage | Supply, ...] = (*plant.outages, *plant.supplies)
    return Layout(
        stations=tuple(node.name for node in nodes),
        kinds=tuple(node.station.kind for node in nodes if node.station is not None),
        machines=tuple(node.station.machines for node in nodes if node.station is not None),
        pieces=tuple(node.pieces for node in nodes),
        exits=tuple(i for i, node in enumerate(nodes) if not node.outputs),
        products=tuple(product.id for product in plant.products) or ("",),
        modes=tuple(modes),
        mode_station=tuple(mode_station),
        buffers=tuple(f"{edge.source} > {edge.target}" for edge in buffers),
        capacities=tuple(edge.cap for edge in buffers),
        interruptions=tuple(item.id for item in rare),
    )


def day_ends_ns(plant: Plant, period: Period) -> NDArray[np.int64]:
    """Ends of the plant's local days within the window, ns since the origin; the last is the window's end."""
    from fabrika.plant.calendar import EPOCH, MICROSECOND, instant_us

    day = (EPOCH + period.start_us * MICROSECOND).astimezone(plant.zone).date()
    ends: list[int] = []
    minute = 24 * 60
    while True:
        at = instant_us(day, minute, plant.zone)
        minute += 24 * 60
        if at <= period.start_us:
            continue
        ends.append(min(at, period.end_us))
        if at >= period.end_us:
            break
    return (np.array(ends, dtype=np.int64) - period.origin_us) * 1000


def drawn_factors(plant: Plant, seed: int, number: int) -> dict[str, float]:
    """One factor for each belief of a plant, as this replication draws it."""
    found = {}
    for belief in plant.beliefs:
        u = uniform(stream_key(seed, number, f"belief/{belief.path}"), 0)
        found[belief.path] = float(belief_factor(belief.kind, belief.low, belief.high, belief.events, u))
    return found


def with_factors(plant: Plant, factors: dict[str, float]) -> Plant:
    """The plant with parameters multiplied by factors."""
    values = {parameter.path: parameter.value for parameter in parameters(plant)}
    for path, factor in factors.items():
        plant = with_value(plant, path, values[path] * factor)
    return plant


def advance_to(compiled: Compiled, stop: int) -> None:
    """Run a compiled replication until nothing can happen before ``stop``, ns, a cut of all its timelines.

    Raises:
        TwinLimitError: the kernel met a limit of its own.
    """
    code = int(advance(compiled.mem, compiled.flt, compiled.key, stop))
    if code:
        raise TwinLimitError(ERRORS[code], "Simulate larger campaigns or a shorter time.")


def run(compiled: Compiled, progress: Callable[[float], None] | None = None) -> None:
    """Run a compiled replication to the end of its window, pausing every week.

    Raises:
        TwinLimitError: the kernel met a limit of its own.
    """
    end = compiled.stops_ns[-1]
    with np.errstate(over="ignore"):
        for stop in compiled.stops_ns:
            advance_to(compiled, stop)
            if progress is not None:
                progress(stop / end)


def laid_out(
    plant: Plant, period: Period, seed: int, number: int, *, draw_beliefs: bool, with_levels: bool = False
) -> tuple[Plant, Compiled, dict[str, float]]:
    """A replication that is ready to run: its plant with beliefs drawn, its memory, and the factors drawn by path.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
    """
    factors = drawn_factors(plant, seed, number) if draw_beliefs else {}
    world = with_factors(plant, factors)
    days = day_ends_ns(plant, period)
    return world, compile_plant(world, period, seed, number, day_ends_ns=days, with_levels=with_levels), factors


def replicate(
    plant: Plant,
    period: Period,
    seed: int,
    number: int,
    *,
    draw_beliefs: bool = False,
    with_levels: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Replication:
    """Simulate one replication, unit by unit.

    Args:
        plant: what is run.
        period: the time that counts, and the warm-up before.
        seed, number: name every draw; the same pair gives the same figures on every machine.
        draw_beliefs: multiply every uncertain parameter by a factor drawn from its belief.
        with_levels: sum up how long each buffer stands at each level, too; changes nothing else.
        progress: called now and then with the share done, in [0, 1]; may raise to stop.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
        TwinLimitError: the kernel met a limit of its own.
    """
    world, compiled, factors = laid_out(plant, period, seed, number, draw_beliefs=draw_beliefs, with_levels=with_levels)
    run(compiled, progress)
    return figures(world, period, compiled, factors)


def figures(plant: Plant, period: Period, compiled: Compiled, factors: dict[str, float]) -> Replication:
    """Read the figures of a finished run."""
    mem = compiled.mem
    close(compiled)
    head = mem
    products, days = int(head[f.H_PRODUCTS]), int(head[f.H_DAYS])
    by_day = np.zeros((products, days), dtype=np.int64)
    for node, n in zip(compiled.network.nodes, compiled.node, strict=True):
        if not node.outputs:
            by_day += mem[mem[n + f.N_GOOD] : mem[n + f.N_GOOD] + products * days].reshape(products, days)
    rejected = mem[head[f.H_REJECTED] : head[f.H_REJECTED] + products].copy()
    stations = [i for i, node in enumerate(compiled.network.nodes) if node.station is not None]
    weekly = np.zeros((compiled.weeks, len(stations), f.STATES_N), dtype=np.int64)
    counts = np.zeros((len(stations), 4), dtype=np.int64)
    open_ns = np.zeros(len(stations), dtype=np.int64)
    stops: list[int] = []
    stop_ns: list[int] = []
    operations = 0
    t0, t1 = int(head[f.H_T0]), int(head[f.H_T1])
    for row, i in enumerate(stations):
        node, n = compiled.network.nodes[i], compiled.node[i]
        station = node.station
        assert station is not None
        for m in compiled.machines[i]:
            at = mem[m + f.M_T]
            weekly[:, row] += mem[at : at + compiled.weeks * f.STATES_N].reshape(compiled.weeks, f.STATES_N)
        counts[row] = mem[n + f.N_ENTERED], mem[n + f.N_LEFT], mem[n + f.N_SCRAPPED], mem[n + f.N_SURPLUS]
        operations += int(mem[n + f.N_BEGUN]) * int(mem[n + f.N_SIZE]) if node.machine else int(mem[n + f.N_BEGUN])
        if not node.machine and len(node.inputs) == 1:
            # a unit gets on a transport at the instant it leaves the station before
            before = compiled.network.nodes[compiled.network.at[compiled.network.edges[node.inputs[0]].source]]
            if len(before.outputs) == 1:
                counts[row, 0] = mem[compiled.node[compiled.network.at[before.name]] + f.N_LEFT]
        if node.line is not None and node.machine:
            open_time, _ = compiled.drawer.open_and_warm_up(compiled.drawer.calendar_of(node.line, station))
            clipped = np.clip(open_time, t0, t1)
            open_ns[row] = int((clipped[:, 1] - clipped[:, 0]).sum())
        both: tuple[Mode | PlannedStop, ...] = (*station.fails, *station.stops)
        for stop in both:
            by_clock = sum(t0 <= due < t1 for due in compiled.drawer.struck.get((node.name, stop.id), []))
            by_work = [int(mem[s + f.F_STRUCK]) for s in compiled.modes[i].get(stop.id, [])]
            stops.append(by_clock + sum(by_work))
            worked = [int(mem[s + f.F_NS]) for s in compiled.modes[i].get(stop.id, [])]
            stop_ns.append(compiled.drawer.stopped_ns.get((node.name, stop.id), 0) + sum(worked))
    mean_levels = [
        stay_ns(mem, e) / period.window_ns
        for e, edge in zip(compiled.edge, compiled.network.edges, strict=True)
        if not edge.zero and not edge.grant
    ]
    return Replication(
        seed=compiled.drawer.seed,
        number=compiled.drawer.number,
        window_ns=period.window_ns,
        good=by_day.sum(axis=1),
        rejected=rejected,
        good_by_day=by_day,
        state_ns=weekly.sum(axis=0),
        counts=counts,
        stops=np.array(stops, dtype=np.int64),
        stop_ns=np.array(stop_ns, dtype=np.int64),
        level=np.array(mean_levels, dtype=np.float64),
        interruption_ns=_interruptions(plant, compiled, t0, t1),
        open_ns=open_ns,
        factors=factors,
        operations=operations,
        weekly_state_ns=weekly,
        level_ns=levels.at_end(mem, compiled.edge),
    )


def stay_ns(mem: NDArray[np.int64], edge: int) -> int:
    """Unit-nanoseconds that units have lain in an edge within the window."""
    return (int(mem[edge + f.E_STAY_HIGH]) << f.STAY_BITS) + int(mem[edge + f.E_STAY])


def close(compiled: Compiled) -> None:
    """Account for what is under way at the end of the window: machine states and units still in buffers."""
    mem = compiled.mem
    t0, t1 = int(mem[f.H_T0]), int(mem[f.H_T1])
    from fabrika.twin.kernel.timeline import spend

    ending = {f.FINISHED: f.BLOCKED, f.BUSY: f.BLOCKED, f.CREW: f.WAITING}
    for machines in compiled.machines:
        for m in machines:
            spend(mem, m, t1, ending.get(int(mem[m + f.M_STATE]), f.STARVED))
    for e, edge in zip(compiled.edge, compiled.network.edges, strict=True):
        if edge.zero or edge.grant:
            continue
        waiting = np.arange(mem[e + f.E_TOOK], mem[e + f.E_PUT])
        came = mem[mem[e + f.E_RING] + (waiting & mem[e + f.E_MASK])] - mem[e + f.E_DELAY]
        stays = np.maximum(t1 - np.maximum(came, t0), 0)
        mem[e + f.E_STAY] += int((stays & f.STAY_LOW).sum())
        mem[e + f.E_STAY_HIGH] += int((stays >> f.STAY_BITS).sum())


def _interruptions(plant: Plant, compiled: Compiled, t0: int, t1: int) -> NDArray[np.int64]:
    """How long each outage and late supply lasted in the window: around the clock, and on the contractual calendar."""
    drawer = compiled.drawer
    contract = plant.contract.calendar if plant.contract is not None else None
    open_time, _ = drawer.open_and_warm_up(contract)
    rows = []
    for intervals in (*drawer.outages.values(), *drawer.supplies.values()):
        clipped = np.clip(intervals, t0, t1)
        whole = int((clipped[:, 1] - clipped[:, 0]).sum())
        begin = np.maximum(clipped[:, None, 0], open_time[None, :, 0])
        end = np.minimum(clipped[:, None, 1], open_time[None, :, 1])
        rows.append((whole, int(np.maximum(end - begin, 0).sum())))
    return np.array(rows, dtype=np.int64).reshape(-1, 2)
