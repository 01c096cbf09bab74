"""Edges: the places between two nodes, as rings of instants.

Ring cell ``j`` first holds the instant at which unit ``j`` came in and, once it has been read, the instant of the ``j``-th
release of a place. Unit ``j`` may come in when ``E_REL > j - E_CAP``, at the instant of release ``j - E_CAP``; the cells of
the first ``E_CAP`` are 0: the places were free from the start.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.fields import (
    E_CAP,
    E_CHOSEN,
    E_DELAY,
    E_LAST,
    E_MARK,
    E_MASK,
    E_MHEAD,
    E_MMASK,
    E_MTAIL,
    E_PUT,
    E_REL,
    E_RING,
    E_STAY,
    E_STAY_HIGH,
    E_TOOK,
    E_ZERO,
    ERR_MARKS,
    H_ERROR,
    H_T0,
    H_T1,
    K_AT,
    K_G,
    K_T,
    MARK_STRIDE,
    NEVER,
    STAY_BITS,
    STAY_LOW,
)


@jit
def places(mem, e):
    """Places known to be free for the next units."""
    return mem[e + E_REL] + mem[e + E_CAP] - mem[e + E_PUT]


@jit
def place_free_at(mem, e):
    """Instant at which the place of the next unit is free; valid if :func:`places` is positive."""
    return mem[mem[e + E_RING] + ((mem[e + E_PUT] - mem[e + E_CAP]) & mem[e + E_MASK])]


@jit
def put(mem, e, instant):
    """A unit comes in."""
    j = mem[e + E_PUT]
    mem[mem[e + E_RING] + (j & mem[e + E_MASK])] = instant + mem[e + E_DELAY]
    mem[e + E_PUT] = j + 1


@jit
def head_at(mem, e):
    """Instant at which the first waiting unit came in; valid if one waits."""
    return mem[mem[e + E_RING] + (mem[e + E_TOOK] & mem[e + E_MASK])]


@jit
def release(mem, e, instant):
    """A place becomes free."""
    j = mem[e + E_REL]
    mem[mem[e + E_RING] + (j & mem[e + E_MASK])] = instant
    mem[e + E_REL] = j + 1


@jit
def choose_place(mem, e, chosen):
    """Note whether the place that becomes free next does by a choice, where that is asked for: see :data:`E_CHOSEN`."""
    if mem[e + E_CHOSEN] != 0:
        mem[mem[e + E_CHOSEN] + (mem[e + E_REL] & mem[e + E_MASK])] = chosen


@jit
def last_taken(mem, e):
    """Instant at which the last unit was taken, 0 if none was."""
    if mem[e + E_ZERO] == 1:
        return mem[e + E_LAST]
    if mem[e + E_TOOK] == 0:
        return 0
    # a place between is free when its unit is taken, so the last release tells
    return mem[mem[e + E_RING] + ((mem[e + E_TOOK] - 1) & mem[e + E_MASK])]


@jit_inline
def add_stay(mem, e, stay):
    """Add unit-nanoseconds to the level sum of an edge; two words, for a year of a large store is more than one holds."""
    mem[e + E_STAY] += stay & STAY_LOW
    mem[e + E_STAY_HIGH] += stay >> STAY_BITS


@jit
def waited(mem, e, since, until):
    """Add a unit's stay in the edge, as far as it lies within the window, to the level sum."""
    if since < mem[H_T0]:
        since = mem[H_T0]
    if until > mem[H_T1]:
        until = mem[H_T1]
    if until > since:
        add_stay(mem, e, until - since)


@jit
def mark_at(mem, e):
    """Number of the unit from which the next campaign that was told holds, NEVER if none was."""
    head = mem[e + E_MHEAD]
    if head == mem[e + E_MTAIL]:
        return NEVER
    return mem[mem[e + E_MARK] + (head & mem[e + E_MMASK]) * MARK_STRIDE + K_AT]


@jit
def told(mem, e, field):
    """Field of the next mark."""
    return mem[mem[e + E_MARK] + (mem[e + E_MHEAD] & mem[e + E_MMASK]) * MARK_STRIDE + field]


@jit
def at_mark(mem, e):
    """Whether the next unit to be taken belongs to a later campaign that has been told."""
    return mark_at(mem, e) == mem[e + E_TOOK]


@jit
def tell(mem, e, campaign, instant):
    """Tell the taker that from the next unit on another campaign holds."""
    at = mem[e + E_PUT]
    tail = mem[e + E_MTAIL]
    head = mem[e + E_MHEAD]
    if tail - head > mem[e + E_MMASK]:
        mem[H_ERROR] = ERR_MARKS
        return
    slot = mem[e + E_MARK] + (tail & mem[e + E_MMASK]) * MARK_STRIDE
    mem[slot + K_AT] = at
    mem[slot + K_G] = campaign
    mem[slot + K_T] = instant
    mem[e + E_MTAIL] = tail + 1
