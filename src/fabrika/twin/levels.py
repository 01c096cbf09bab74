"""Time at each level of every buffer: the rows of the kernel's records, and what is left when the window ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fabrika.twin.kernel import fields as f

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fabrika.twin.memory import Memory
    from fabrika.twin.network import Edge


def lay_out(memory: Memory, edges: NDArray[np.int64], network_edges: list[Edge], t0: int) -> int:
    """Reserve the records of all buffers and write their offsets into the edges' rows; returns how many there are.

    Args:
        memory: the run's memory.
        edges: int64 (edges, E_STRIDE), the edges' rows, rings included.
        network_edges: the edges themselves.
        t0: begin of the window, ns.
    """
    found = 0
    for row, edge in zip(edges, network_edges, strict=True):
        if edge.zero or edge.grant:
            continue
        row[f.E_LEVELS], record = memory.take(f.V_STRIDE)
        ring = int(row[f.E_MASK]) + 1
        record[f.V_ARRIVALS], _ = memory.take(ring)
        record[f.V_TAKINGS], _ = memory.take(ring)
        record[f.V_NS], _ = memory.take(edge.cap + 1)
        record[f.V_AT] = t0
        found += 1
    return found


def at_end(mem: NDArray[np.int64], edges: list[int]) -> tuple[NDArray[np.int64], ...]:
    """Time at each level of every buffer over the window, ns; one array a buffer, up to the highest level reached; none if not
    asked for.

    The kernel stops where arrivals and takings are not both known; at the window's end nothing more is to come.

    Args:
        mem: the kernel's memory after a run to the window's end.
        edges: offsets of the edges' records, in the order of the network.
    """
    if mem[f.H_LEVELS] == 0:
        return ()
    rows = []
    for e in edges:
        v = int(mem[e + f.E_LEVELS])
        if v == 0:
            continue
        times = mem[mem[v + f.V_NS] : mem[v + f.V_NS] + mem[e + f.E_CAP] + 1].copy()
        mask = mem[e + f.E_MASK]
        came = mem[mem[v + f.V_ARRIVALS] + (np.arange(mem[v + f.V_CAME], mem[v + f.V_PUT]) & mask)]
        gone = mem[mem[v + f.V_TAKINGS] + (np.arange(mem[v + f.V_GONE], mem[v + f.V_REL]) & mask)]
        begin, end = int(mem[v + f.V_AT]), int(mem[f.H_T1])
        instants = np.concatenate([came, gone])
        changes = np.repeat([1, -1], [len(came), len(gone)])
        order = np.argsort(instants, kind="stable")
        bounds = np.clip(np.concatenate([[begin], instants[order], [end]]), begin, end)
        level = mem[v + f.V_CAME] - mem[v + f.V_GONE] + np.concatenate([[0], np.cumsum(changes[order])])
        lasts = np.diff(bounds)
        # within one instant the order of coming and going may lead beyond the places, for no time
        real = lasts > 0
        np.add.at(times, level[real], lasts[real])
        rows.append(times[: int(np.flatnonzero(times)[-1]) + 1].copy())
    return tuple(rows)
