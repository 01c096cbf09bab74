"""How long each buffer stood at each level, if that is asked for.

A ring cell first holds when a unit came in and then when one was taken, and is soon used again; so whatever a node has taken
and put is copied right after its visit, before a neighbour can write over it. Units come and go in order, so both copies are
sorted, and they are merged as far as both are known: what lies behind the earlier of the last arrival and the last taking
is never more than the buffer holds, however long the run.

Which unit is taken does not matter to the level. So units that are withdrawn from behind others are takings like any other.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.fields import (
    E_DELAY,
    E_LEVELS,
    E_MASK,
    E_PUT,
    E_REL,
    E_RING,
    H_T1,
    N_IN,
    N_NIN,
    N_NOUT,
    N_OUT,
    POSITIVE,
    V_ARRIVALS,
    V_AT,
    V_CAME,
    V_GONE,
    V_NS,
    V_PUT,
    V_REL,
    V_TAKINGS,
)


@jit
def note_levels(mem, n):
    """Note what a node has taken and put since it was noted last."""
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        note_edge(mem, mem[ins + i])
    outs = mem[n + N_OUT]
    for i in range(mem[n + N_NOUT]):
        note_edge(mem, mem[outs + i])


@jit
def note_edge(mem, e):
    """Copy an edge's new arrivals and takings, and add up the levels between them as far as both are known."""
    v = mem[e + E_LEVELS]
    if v == 0:
        return
    ring = mem[e + E_RING] & POSITIVE
    mask = mem[e + E_MASK] & POSITIVE
    arrivals = mem[v + V_ARRIVALS] & POSITIVE
    takings = mem[v + V_TAKINGS] & POSITIVE
    times = mem[v + V_NS] & POSITIVE
    delay = mem[e + E_DELAY]
    put = mem[e + E_PUT]
    rel = mem[e + E_REL]
    for j in range(mem[v + V_PUT], put):
        # on a transport from when it was put there, not from when it can be taken
        mem[arrivals + (j & mask)] = mem[ring + (j & mask)] - delay
    for j in range(mem[v + V_REL], rel):
        mem[takings + (j & mask)] = mem[ring + (j & mask)]
    mem[v + V_PUT] = put
    mem[v + V_REL] = rel
    came = mem[v + V_CAME]
    gone = mem[v + V_GONE]
    at = mem[v + V_AT]
    end = mem[H_T1]
    while came < put and gone < rel:
        until = mem[arrivals + (came & mask)]
        taken = mem[takings + (gone & mask)]
        level = came - gone
        # at one instant a place is freed before it is filled, but nothing is taken before it has come
        if taken <= until and level > 0:
            until = taken
            gone += 1
        else:
            came += 1
        until = min(until, end)
        if until > at:  # it begins at the window's begin
            mem[times + level] += until - at
            at = until
    mem[v + V_CAME] = came
    mem[v + V_GONE] = gone
    mem[v + V_AT] = at
