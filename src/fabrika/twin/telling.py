"""The rows of the kernel's records for a run that tells: where it writes down, and what it does one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.plant.kinds import KINDS
from fabrika.twin.kernel import fields as f

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fabrika.twin.memory import Memory
    from fabrika.twin.network import Node

LONG_NS = 30 * 10**9
"""A state as long as that, or longer, is told as a change; shorter ones only as a part of the counts' times."""

MOST_ROWS = 1 << 16
"""Rows that a run can write down between two stops."""


def tells_each(node: Node) -> bool:
    """Whether each unit out of a node is told: a container that takes as long as a state that is told."""
    station = node.station
    if station is None or station.cycle is None or KINDS[station.kind].primitive != "packing":
        return False
    return station.cycle.mean * 1e9 >= LONG_NS * station.machines


def lay_out(
    memory: Memory,
    head: NDArray[np.int64],
    nodes: NDArray[np.int64],
    network_nodes: list[Node],
    machines: list[tuple[int, NDArray[np.int64]]],
    *,
    most_rows: int = MOST_ROWS,
) -> None:
    """Reserve what a run needs in order to tell, and write it into the records.

    Args:
        memory: the run's memory.
        head: the head of the memory.
        nodes: int64 (nodes, N_STRIDE), the nodes' rows.
        network_nodes: the nodes themselves.
        machines: offset and row of each machine.
        most_rows: rows that can be written down between two stops.
    """
    head[f.H_TELL], log = memory.take(f.T_ROWS + 1)
    head[f.H_LONG] = LONG_NS
    log[f.T_CAP] = most_rows
    log[f.T_LOOK], _ = memory.take(f.Q_STRIDE)
    log[f.T_ROWS], _ = memory.take(most_rows * f.T_STRIDE)
    for offset, row in machines:
        row[f.M_TELL], record = memory.take(f.Q_STRIDE)
        record[f.Q_KIND], record[f.Q_MACHINE] = f.PROCESSING, offset
    for row, node in zip(nodes, network_nodes, strict=False):
        row[f.N_EACH] = int(tells_each(node))
        # these go through the slow path, which writes down every unit and every wait
        if row[f.N_EACH] or row[f.N_TILE] == f.TILE_ASSEMBLY:
            row[f.N_TILE] = f.TILE_NONE
