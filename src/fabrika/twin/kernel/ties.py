"""What must not run ahead of a split: choices behind it that may free a place at the very instant at which it chooses.

A split sends a unit to the output that has a place when it chooses; at the same instant passings come before starts, and
passings of nodes that stand earlier come first. So the choices behind a split, which free places before it, are only
certain up to the instant at which its next unit is there; from then on they are made in the order of all choices. The same
holds behind several machines with a product that takes no time there, for many of its starts fall on one instant.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.edges import at_mark, head_at
from fabrika.twin.kernel.fields import (
    E_GRANT,
    E_OFFER,
    E_PUT,
    E_TOOK,
    KIND_MACHINE,
    N_IN,
    N_KIND,
    N_LASTD,
    N_NIN,
    N_SKIP,
    N_SPLITS,
    N_SPLITS_N,
    N_TOLD,
    NEVER,
)


@jit
def next_unit_at(mem, s):
    """Earliest instant at which a split may choose next, or several machines start what takes no time."""
    if mem[s + N_KIND] == KIND_MACHINE:
        return mem[s + N_TOLD] if mem[s + N_SKIP] == 1 else NEVER
    at = max(mem[s + N_LASTD], mem[s + N_TOLD])
    first = NEVER
    for i in range(mem[s + N_NIN]):
        e = mem[mem[s + N_IN] + i]
        there = at
        if not at_mark(mem, e):
            if mem[e + E_GRANT] == 1:
                there = max(there, mem[e + E_OFFER])
            elif mem[e + E_TOOK] < mem[e + E_PUT]:
                there = max(there, head_at(mem, e))
        first = min(first, there)
    return first


@jit
def settled_until(mem, n):
    """Instant up to which no split before a node has anything left to choose."""
    at = NEVER
    for i in range(mem[n + N_SPLITS_N]):
        at = min(at, next_unit_at(mem, mem[mem[n + N_SPLITS] + i]))
    return at
