"""Which nodes are worth looking at: only those around which something has changed since they were last advanced.

A node's next move hangs on nothing but its own state and the edges beside it, so a node that found nothing certain finds
nothing again until a neighbour has moved, the stop is later, or a decision has been made about it.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.fields import (
    E_DST,
    E_SRC,
    H_NODE_N,
    H_NODES,
    N_AWAKE,
    N_BEFORE,
    N_BEHIND,
    N_IN,
    N_NIN,
    N_NOUT,
    N_OUT,
    N_STALE,
    N_STRIDE,
    POSITIVE,
)


@jit
def wake(mem, n):
    """Wake a node: it is to be advanced, and its choice to be looked for anew."""
    mem[(n & POSITIVE) + N_AWAKE] = 1
    mem[(n & POSITIVE) + N_STALE] = 1


@jit
def wake_neighbours(mem, n):
    """A node has moved: wake those before and behind it."""
    mem[n + N_STALE] = 1
    if mem[n + N_BEHIND] != 0:
        # at most one neighbour each way, as almost everywhere
        wake(mem, mem[n + N_BEHIND])
        wake(mem, mem[n + N_BEFORE])
        return
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        wake(mem, mem[mem[ins + i] + E_SRC])
    outs = mem[n + N_OUT]
    for i in range(mem[n + N_NOUT]):
        wake(mem, mem[mem[outs + i] + E_DST])


@jit
def wake_all(mem):
    """Wake every node."""
    n = mem[H_NODES]
    for _ in range(mem[H_NODE_N]):
        wake(mem, n)
        n += N_STRIDE
