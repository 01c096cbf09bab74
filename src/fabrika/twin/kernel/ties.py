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
    E_CAP,
    E_CHOSEN,
    E_DST,
    E_GRANT,
    E_MASK,
    E_OFFER,
    E_PUT,
    E_RING,
    E_TOOK,
    E_ZERO,
    H_NODE_N,
    KIND_MACHINE,
    N_IN,
    N_KIND,
    N_LASTD,
    N_NIN,
    N_NM,
    N_NOUT,
    N_OUT,
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
def last_place(mem, n, instant):
    """The way out on which a node last put a unit into a place that was free from ``instant`` on, and its number; edge 0 if none."""
    for i in range(mem[n + N_NOUT]):
        e = mem[mem[n + N_OUT] + i]
        if place_of(mem, e, mem[e + E_PUT] - 1) == instant or (mem[e + E_GRANT] == 1 and mem[e + E_PUT] > 0):
            return e, mem[e + E_PUT] - 1
    return 0, -1


@jit
def place_of(mem, e, unit):
    """Instant from which on the place of a unit that came in lately was free, -1 if it always was."""
    place = unit - mem[e + E_CAP]
    return mem[mem[e + E_RING] + (place & mem[e + E_MASK])] if place >= 0 else -1


@jit
def makes_room(mem, n, instant, back):
    """Whether what a node let out at ``instant``, ``back`` units ago, went into a place made free by a start on one of several machines.

    Nothing that waits between hinders: a passing, the end of a transport, the one machine of a station.
    """
    unit = mem[mem[mem[n + N_OUT]] + E_PUT] - 1 - back if mem[n + N_NOUT] == 1 else -1
    for _ in range(mem[H_NODE_N]):
        if unit >= 0 and mem[n + N_NOUT] == 1:
            e = mem[mem[n + N_OUT]]
            if mem[e + E_GRANT] == 0 and place_of(mem, e, unit) != instant:
                return False
        else:
            e, unit = last_place(mem, n, instant)
            if e == 0:
                return False
        place = unit - mem[e + E_CAP]
        n = mem[e + E_DST]
        if mem[n + N_KIND] == KIND_MACHINE and mem[n + N_NM] > 1 and mem[e + E_ZERO] == 0:
            return mem[e + E_CHOSEN] == 0 or mem[mem[e + E_CHOSEN] + (place & mem[e + E_MASK])] == 1
        # what passes one by one keeps its number
        unit = place if mem[n + N_KIND] != KIND_MACHINE and mem[n + N_NIN] == 1 else -1
    return False


@jit
def settled_until(mem, n):
    """Instant up to which no split before a node has anything left to choose."""
    at = NEVER
    for i in range(mem[n + N_SPLITS_N]):
        at = min(at, next_unit_at(mem, mem[mem[n + N_SPLITS] + i]))
    return at
