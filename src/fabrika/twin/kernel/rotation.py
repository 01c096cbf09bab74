"""Rotation: identical machines with a constant cycle take turns, so that unit ``q`` follows unit ``q - c`` on its machine.

With constant service first come is first served and first gone, so the ``c`` machines form a ring (Kiefer & Wolfowitz, "On the
theory of queues with many servers", Trans. Amer. Math. Soc. 78, 1955, for the recursion; constant service keeps its vector
in order): a unit begins when it has come and the unit ``c`` before it has left. A chunk ends where turns are no longer certain:
two that finish at one instant out of the order of their numbers, a machine that is away with a longer product, and whatever
else ends a tile.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.edges import add_stay, head_at, places
from fabrika.twin.kernel.fields import (
    E_CAP,
    E_DELAY,
    E_LPROD,
    E_MASK,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    H_STOP,
    H_T0,
    H_TELL,
    L_BLOCKED,
    L_COST,
    L_COUNTS,
    L_DONE,
    L_FIN,
    L_FREE,
    L_IDLE,
    L_LIM,
    L_ROOM,
    L_STRIDE,
    N_ASSIGNED,
    N_BEGUN,
    N_BUDGET,
    N_COST,
    N_CYCLE,
    N_EO,
    N_LANES,
    N_LASTD,
    N_LEFT,
    N_LOG,
    N_NM,
    N_TIES,
    N_TOLD,
    N_YIELDED,
    N_YIELDS,
    NEVER,
    POSITIVE,
    TILE_MAX,
    YIELDS,
    YIELDS_BEYOND,
)
from fabrika.twin.kernel.intake import last_start
from fabrika.twin.kernel.leaving import log_departure
from fabrika.twin.kernel.ties import makes_room, settled_until


@jit
def sort_in(mem, ring, first, last, lane, by):
    """Put a lane into the ring's positions ``first`` to ``last``, sorted by the instant ``by``, then by number."""
    p = last
    while p > first:
        before = mem[ring + p - 1]
        if mem[before + by] < mem[lane + by] or (mem[before + by] == mem[lane + by] and before < lane):
            break
        mem[ring + p] = before
        p -= 1
    mem[ring + p] = lane


@jit
def line_up(mem, n, ring, a, x):
    """Fill the ring: idle lanes as they became free, then working ones as they finish, but those that are away for longer.

    Args:
        ring: where the ring stands in memory.
        a: instant from which on the next unit is there.
        x: the constant cycle.

    Returns:
        (idle lanes, lanes in the ring, earliest finish of one that is away).
    """
    count = mem[n + N_NM]
    lanes = mem[n + N_LANES]
    idle = 0
    busy_fin = NEVER
    for i in range(count):
        lane = lanes + i * L_STRIDE
        if mem[lane + L_FREE] != NEVER:
            sort_in(mem, ring, 0, idle, lane, L_FREE)
            idle += 1
        else:
            busy_fin = min(busy_fin, mem[lane + L_FIN])
    start = max(mem[mem[ring] + L_FREE] if idle > 0 else max(busy_fin, mem[n + N_LASTD]), a)
    active = idle
    away = NEVER
    for i in range(count):
        lane = lanes + i * L_STRIDE
        if mem[lane + L_FREE] == NEVER:
            if mem[lane + L_FIN] < start + x:
                sort_in(mem, ring, idle, active, lane, L_FIN)
                active += 1
            else:
                away = min(away, mem[lane + L_FIN])
    return idle, active, away


@jit
def chunk(mem, n, ring, active, busy, run):
    """How many units may pass before a stop or scrap; 0 if the lanes in the ring are not alike."""
    cost = mem[n + N_COST]
    if cost < 0:
        return 0
    if cost > 0:
        run = min(run, mem[n + N_BUDGET] // cost - busy)
    counts = mem[mem[ring] + L_COUNTS]
    for i in range(active):
        lane = mem[ring + i]
        run = min(run, i + mem[lane + L_ROOM] * active)
        working = mem[lane + L_FREE] == NEVER
        if mem[lane + L_COUNTS] != counts or (working and mem[lane + L_COST] != cost):
            return 0
    return run


@jit
def first_limit(mem, ring, active):
    """The first end of a segment of the lanes in the ring."""
    limit = NEVER
    for i in range(active):
        limit = min(limit, mem[mem[ring + i] + L_LIM])
    return limit


@jit
def let_out(mem, n, ring, idle, active, limit):
    """The working lanes' products leave, one after the other; returns whether all could, in the order of the ring.

    Nothing has happened when they could not.
    """
    o = mem[n + N_EO]
    j = mem[o + E_PUT]
    last = mem[n + N_LASTD]
    before = mem[ring + idle - 1] if idle > 0 else 0
    free = mem[before + L_FREE] if idle > 0 else -1
    instants = ring + mem[n + N_NM]
    for i in range(idle, active):
        lane = mem[ring + i]
        place = mem[mem[o + E_RING] + ((j - mem[o + E_CAP]) & mem[o + E_MASK])]
        last = max(max(mem[lane + L_FIN], last), place)
        if last >= limit or last < free or (last == free and lane < before):
            return False
        mem[instants + i] = last
        before = lane
        free = last
        j += 1
    j = mem[o + E_PUT]
    for i in range(idle, active):
        lane = mem[ring + i]
        d = mem[instants + i]
        mem[lane + L_BLOCKED] += d - mem[lane + L_FIN]
        mem[lane + L_FREE] = d
        mem[lane + L_FIN] = NEVER
        mem[mem[o + E_RING] + (j & mem[o + E_MASK])] = d + mem[o + E_DELAY]
        log_departure(mem, n, d)
        j += 1
    mem[o + E_PUT] = j
    mem[n + N_LASTD] = last
    return True


@jit
def in_turn(mem, ring, active, pos, ri, mi, unit, most, least):
    """Whether units that begin at one instant, from ``unit`` on, finish in the order of the ring: numbers must ascend.

    Args:
        pos: whose turn it is.
        ri, mi, unit, most: the input's ring, its mask, the unit's number and that of the last known (later ones come no
            earlier); ``ri`` is 0 without an input.
        least: no unit begins earlier.
    """
    lane = mem[ring + pos]
    a = mem[ri + (unit & mi)] if ri != 0 else least
    start = max(max(mem[lane + L_FREE], least), a)
    for i in range(1, active):
        pos = pos + 1 if pos + 1 < active else 0
        after = mem[ring + pos]
        a = mem[ri + (min(unit + i, most) & mi)] if ri != 0 else least
        if max(max(mem[after + L_FREE], least), a) > start:
            return True
        if after < lane:
            return False
        lane = after
    return True


@jit_inline
def turns(mem, n, e, ring, active, run, known, limit, bound):
    """The recursion; returns (units, last leaving, stay in the buffer behind)."""
    o = mem[n + N_EO] & POSITIVE
    ri = mem[e + E_RING] & POSITIVE if e != 0 else 0
    mi = mem[e + E_MASK] & POSITIVE if e != 0 else 0
    took = mem[e + E_TOOK] if e != 0 else 0
    ro = mem[o + E_RING] & POSITIVE
    mo = mem[o + E_MASK] & POSITIVE
    j = mem[o + E_PUT]
    back = j - mem[o + E_CAP]
    delay = mem[o + E_DELAY]
    x = mem[n + N_CYCLE]
    least = mem[n + N_TOLD]
    stop = min(mem[H_STOP], settled_until(mem, n))
    t0 = mem[H_T0]
    last = mem[n + N_LASTD]
    w0 = t0 if mem[mem[ring] + L_COUNTS] == 1 else 0
    before = mem[ring + active - 1]
    log = mem[n + N_LOG] > 0
    ties = mem[n + N_TIES] == 1
    tied = last_start(mem, n) if ties else -1
    pos = 0
    stay = 0
    q = 0
    while q < run:
        lane = mem[ring + pos] & POSITIVE
        pos = pos + 1 if pos + 1 < active else 0
        free = mem[lane + L_FREE]
        p = ri + ((took + q) & mi)
        a = mem[p] if ri != 0 else least
        s = a if a > free else free
        s = s if s > least else least
        f = s + x
        r = mem[ro + ((back + q) & mo)]
        d = f if f > last else last
        d = d if d > r else r
        if f >= bound or s >= stop or d >= limit or s == tied:
            break
        after = mem[ring + pos] & POSITIVE
        if after != lane and mem[after + L_FREE] <= s:
            b = mem[ri + (min(took + q + 1, took + known - 1) & mi)] if ri != 0 else least
            here = pos - 1 if pos > 0 else active - 1
            if b <= s and not in_turn(mem, ring, active, here, ri, mi, took + q, took + known - 1, least):
                break
        tied = s if ties else -1
        if ri != 0:
            mem[p] = s
            stay += s - (a if a > w0 else w0)
        mem[lane + L_IDLE] += s - free
        mem[lane + L_BLOCKED] += d - f
        mem[lane + L_FREE] = d
        mem[ro + ((j + q) & mo)] = d + delay
        if log:
            log_departure(mem, n, d)
        q += 1
        if d == last and lane < before:
            # two that are free at one instant: the ring is to be sorted anew
            break
        last = d
        before = lane
    return q, last, stay


@jit
def rotate(mem, n, e, known):
    """Pass units through the node's lanes in turn, as many as certain; returns how many products left and how many began.

    Args:
        e: the one input of one unit a product, 0 without one.
        known: how many units are there.
    """
    o = mem[n + N_EO]
    ring = mem[n + N_LANES] + mem[n + N_NM] * L_STRIDE
    a = mem[n + N_TOLD]
    if e != 0:
        a = max(a, head_at(mem, e))
    idle, active, away = line_up(mem, n, ring, a, mem[n + N_CYCLE])
    busy = active - idle
    run = min(min(known, places(mem, o) - busy), TILE_MAX)
    if active == 0 or run <= 0:
        return 0, 0
    run = chunk(mem, n, ring, active, busy, run)
    limit = first_limit(mem, ring, active)
    if run <= 0 or not let_out(mem, n, ring, idle, active, limit):
        return 0, 0
    q, last, stay = turns(mem, n, e, ring, active, run, known, limit, min(limit, away))
    for i in range(active):
        lane = mem[ring + i]
        done = (q - i + active - 1) // active
        if done > 0:
            mem[lane + L_DONE] += done
            mem[lane + L_ROOM] -= done
            mem[lane + L_COST] = mem[n + N_COST]
    mem[n + N_LASTD] = last
    mem[n + N_BUDGET] -= (busy + q) * mem[n + N_COST]
    mem[n + N_BEGUN] += q
    mem[n + N_ASSIGNED] += q
    if mem[mem[ring] + L_COUNTS] == 1:
        mem[n + N_LEFT] += busy + q
        if e != 0:
            add_stay(mem, e, stay)
    if e != 0:
        mem[e + E_TOOK] += q
        mem[e + E_REL] += q
        mem[e + E_LPROD] += q
    mem[o + E_PUT] += q
    near = mem[n + N_YIELDS] == YIELDS or mem[n + N_YIELDS] == YIELDS_BEYOND
    if near and makes_room(mem, n, last, 0):
        mem[n + N_YIELDED] = last
    return busy + q, q


@jit_inline
def rotates(mem, n):
    """Whether the node's machines may take turns: constant cycles, departures that stay in the plant, and no telling."""
    return mem[n + N_CYCLE] > 0 and mem[n + N_EO] != 0 and mem[H_TELL] == 0
