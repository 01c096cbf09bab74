"""Collect, then act: the loop over the instants of a run."""

from __future__ import annotations

import simpy

from fabrika.plant import model

from .crews import Crew, Request
from .draws import Draws, Quantile
from .exits import Exit
from .flow import Unit
from .layout import Layout
from .learning import learning_of
from .machine import Surroundings
from .outcome import OracleResult
from .stations import Station, Transport
from .timeline import Clocks


def run(
    plant: model.Plant,
    *,
    end_ns: int,
    seed: int = 1,
    rep: int = 0,
    window: tuple[int, int] | None = None,
    origin_us: int = 0,
    quantile: Quantile | None = None,
) -> OracleResult:
    """Run a plant over [0, end_ns) and return everything that happened before ``end_ns``.

    ``origin_us`` is the UTC instant of t = 0; the year, and with it the ramp-up, begins with the window; ``quantile(family, shape, u)`` gives draws of mean 1.
    """
    env = simpy.Environment()
    result = OracleResult()
    draws = Draws(seed, rep, quantile or _twins_quantile)
    window = window or (0, end_ns)
    clocks = Clocks(plant, draws, learning_of(plant, window[0], end_ns), origin_us, end_ns)
    layout = _build(plant, env, clocks, window, result)
    _settle(env, layout)
    while env.peek() < end_ns:
        env.step()
        _settle(env, layout)
    end = min(end_ns, window[1])
    for node in layout.nodes:
        if isinstance(node, Station):
            for machine in node.machines:
                result.states[node.name, machine.w] = machine.close_books(end)
    for edge in layout.edges:
        result.sizes[edge.name] = edge.integral(window[0], end)
        result.levels[edge.name] = edge.levels(window[0], end)
    return result


def _twins_quantile(family: str, shape: float, u: float) -> float:
    """Return the quantile that the compiled twin uses: its last bit may differ from that of the C library's log."""
    from fabrika.twin.draws import quantile

    return quantile(family, shape, u)


def _build(
    plant: model.Plant, env: simpy.Environment, clocks: Clocks, window: tuple[int, int], result: OracleResult
) -> Layout:
    crews: dict[str, Crew] = {}
    products = {p.id: p for p in plant.products}
    opened = {
        f"{line.id}.{spec.id}": clocks.open_time(clocks.calendar_id(line, spec))
        for line in plant.lines
        for spec in line.stations
    }

    def surroundings(name: str) -> Surroundings:
        return Surroundings(env, clocks.draws, clocks.learning, opened[name], crews, products, window)

    layout = Layout(env, plant, surroundings, result)
    layout.build()
    stations = {node.name: node for node in layout.nodes if isinstance(node, Station | Transport)}

    def sent(crew: str, request: Request) -> None:
        station = layout.nodes[request.node]
        assert isinstance(station, Station)
        mode = station.spec.fails[request.mode].id
        result.grants.append((env.now, crew, station.name, request.machine, mode))

    for crew in plant.crews:
        crews[crew.id] = Crew(env, crew.size, lambda r, c=crew.id: sent(c, r))  # type: ignore[misc]
    layout.crews = list(crews.values())
    for line in plant.lines:
        for spec in line.stations:
            node = stations[f"{line.id}.{spec.id}"]
            _exit(line, spec, node, clocks, window)
            if isinstance(node, Station):
                _start(line, spec, node, clocks)
    return layout


def _exit(
    line: model.Line, spec: model.Station, node: Station | Transport, clocks: Clocks, window: tuple[int, int]
) -> None:
    if node.out is None:
        exit_ = Exit(line.lots if spec is line.stations[-1] else None, clocks.draws, window, node.result)

        def leave(name: str, unit: Unit) -> None:
            exit_.leave(name, unit, node.env.now)

        node.leaves_plant = leave


def _start(line: model.Line, spec: model.Station, node: Station, clocks: Clocks) -> None:
    for machine in node.machines:
        node.env.process(machine.follow(clocks.gaps(line, spec, machine.w)))
        for index, mode in enumerate(spec.fails):
            if mode.clock in ("shift", "clock") and mode.crew is not None:
                node.env.process(machine.call_crew_by_clock(mode, index))


def _settle(env: simpy.Environment, layout: Layout) -> None:
    """At one instant: let everything happen that is no choice until nothing more can, make the first choice, repeat."""
    while True:
        while env.peek() == env.now:
            env.step()
        if any(node.act() for node in layout.nodes):
            continue
        choices = [c for chooser in (*layout.nodes, *layout.crews) for c in chooser.choices()]
        if not choices:
            return
        _, choose = min(choices, key=lambda choice: choice[0])
        choose()
