"""A run with every departure written down, for comparison with other models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fabrika.twin.compile import compile_plant
from fabrika.twin.kernel import fields as f
from fabrika.twin.replicate import day_ends_ns, figures, run
from fabrika.twin.results import STATES, Period, Replication

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fabrika.plant.model import Plant

MOST = 200_000
"""Departures of one node that a trace can hold."""


@dataclass(frozen=True, slots=True)
class TraceResult:
    """A run unit by unit.

    Attributes:
        departures: instants in ns since the origin at which products left each node, in the order in which they left (scrapped ones
            included, at the instant they were gone).
        good: pieces that left good in the window, by (exit, product).
        states: ns by state of each machine, by (station, machine number).
        replication: all other figures.
    """

    departures: dict[str, NDArray[np.int64]]
    good: dict[tuple[str, str], int]
    states: dict[tuple[str, int], dict[str, int]]
    replication: Replication


def departures(
    plant: Plant, *, end_ns: int, seed: int, rep: int, origin_us: int = 0, window: tuple[int, int] | None = None
) -> TraceResult:
    """Run a small plant from an empty start and keep every departure.

    Args:
        plant: what is run, with its parameters as stated.
        end_ns: no unit is taken at or after this instant; a multiple of 1000.
        seed, rep: name the draws.
        origin_us: instant of time 0.
        window: (begin, end) in ns of what counts in the figures; end must be ``end_ns``; default all.
    """
    begin = window[0] if window is not None else 0
    period = Period(origin_us + begin // 1000, origin_us + end_ns // 1000, begin // 1000, origin_us + begin // 1000)
    compiled = compile_plant(plant, period, seed, rep, day_ends_ns=day_ends_ns(plant, period), log_cap=MOST)
    run(compiled)
    mem = compiled.mem
    kept = {}
    for node, n in zip(compiled.network.nodes, compiled.node, strict=True):
        at = int(mem[n + f.N_LOG])
        kept[node.name] = mem[at : at + int(mem[n + f.N_LOG_N])].copy()
    replication = figures(plant, period, compiled, {})
    good = {}
    products, days = int(mem[f.H_PRODUCTS]), int(mem[f.H_DAYS])
    for node, n in zip(compiled.network.nodes, compiled.node, strict=True):
        if not node.outputs:
            sums = mem[mem[n + f.N_GOOD] : mem[n + f.N_GOOD] + products * days].reshape(products, days).sum(axis=1)
            names = [product.id for product in plant.products] or [""]
            good.update({(node.name, name): int(count) for name, count in zip(names, sums, strict=True)})
    states = {}
    for i, node in enumerate(compiled.network.nodes):
        for w, m in enumerate(compiled.machines[i]):
            at = int(mem[m + f.M_T])
            sums = mem[at : at + compiled.weeks * f.STATES_N].reshape(-1, f.STATES_N).sum(axis=0)
            states[node.name, w] = {state: int(ns) for state, ns in zip(STATES, sums, strict=True)}
    return TraceResult(kept, good, states, replication)
