"""Several identical machines side by side: starts and finishes in order of time, while nothing else can happen."""

from __future__ import annotations

import numpy as np

from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.cycle import cycle_ns, ramp_to
from fabrika.twin.kernel.edges import at_mark, mark_at, place_free_at, places, put, waited
from fabrika.twin.kernel.fields import (
    BLOCKED,
    BUSY,
    CLOCK_CYCLES,
    E_LEVEL,
    E_LPROD,
    E_MASK,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    F_CLOCK,
    F_LEFT,
    F_STRIDE,
    H_RAMP_N,
    H_STOP,
    H_T0,
    H_TARGET,
    IDLE,
    M_ACC,
    M_COST,
    M_F,
    M_FIN,
    M_FREE,
    M_NF,
    M_PRODUCT,
    M_RAMP,
    M_SEG,
    M_STATE,
    M_STRIDE,
    M_T,
    M_UNITS,
    N_ASSIGNED,
    N_BEGUN,
    N_BUDGET,
    N_COST,
    N_CYCLE,
    N_ENTERED,
    N_IN,
    N_LASTD,
    N_LEFT,
    N_LOT_LEFT,
    N_LOT_SIZE,
    N_M,
    N_NEXT_AT,
    N_NIN,
    N_NM,
    N_NOUT,
    N_OUT,
    N_PIECES,
    N_PRODUCT,
    N_QHEAD,
    N_QTAIL,
    N_RAMP,
    N_SKIP,
    N_SURE,
    N_TOLD,
    NEVER,
    OPEN,
    PROCESSING,
    S_BIN,
    S_END,
    S_KIND,
    STARVED,
    STATES_N,
    TICK,
    TILE_MAX,
)
from fabrika.twin.kernel.leaving import count_out, held_back, log_departure, within
from fabrika.twin.kernel.timeline import spend


@jit_inline
def clocks_allow(mem, m, x):
    """Whether no stop strikes within a product of work ``x`` on this machine; if so, take the product off its clocks."""
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        left = mem[f + F_LEFT]
        if left < (TICK if mem[f + F_CLOCK] == CLOCK_CYCLES else x):
            return False
        f += F_STRIDE
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        mem[f + F_LEFT] -= TICK if mem[f + F_CLOCK] == CLOCK_CYCLES else x
        f += F_STRIDE
    return True


@jit_inline
def look(mem, n):
    """The idle machine free the longest and the working machine that finishes first (0: none); -1 if another state occurs."""
    w = 0
    b = 0
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        state = mem[m + M_STATE]
        if state == IDLE:
            if w == 0 or mem[m + M_FREE] < mem[w + M_FREE]:
                w = m
        elif state == BUSY:
            if b == 0 or mem[m + M_FIN] < mem[b + M_FIN]:
                b = m
        else:
            return -1, -1
        m += M_STRIDE
    return w, b


@jit_inline
def tile_start(mem, flt, key, n, w, e, s, product):
    """Start a product on idle machine ``w`` at ``s`` if nothing can happen to it; returns whether it was started."""
    seg = mem[w + M_SEG]
    if mem[seg + S_KIND] != OPEN or mem[w + M_PRODUCT] != product or s >= mem[H_STOP]:
        return False
    if mem[H_RAMP_N] > 0:
        ramp_to(mem, flt, n, s)
    k = mem[n + N_BEGUN]
    x = mem[n + N_CYCLE]
    if x < 0:
        x = cycle_ns(mem, flt, key, n, k)
    f = s + x
    if f >= mem[seg + S_END] or not clocks_allow(mem, w, x):
        return False
    week = mem[seg + S_BIN]
    if week >= 0:
        times = mem[w + M_T] + week * STATES_N
        mem[times + STARVED] += s - mem[w + M_ACC]
        mem[times + PROCESSING] += x
        mem[n + N_ENTERED] += 1
    mem[w + M_ACC] = f
    mem[w + M_FIN] = f
    mem[w + M_STATE] = BUSY
    mem[w + M_UNITS] = 1
    mem[w + M_COST] = mem[n + N_COST]
    mem[w + M_RAMP] = mem[n + N_RAMP]
    mem[n + N_BEGUN] = k + 1
    mem[n + N_ASSIGNED] += 1
    if e != 0:
        p = mem[e + E_RING] + (mem[e + E_TOOK] & mem[e + E_MASK])
        since = mem[p]
        if week >= 0:
            flt[mem[e + E_LEVEL]] += s - max(since, mem[H_T0])
        mem[p] = s
        mem[e + E_TOOK] += 1
        mem[e + E_REL] += 1
        mem[e + E_LPROD] += 1
    return True


@jit_inline
def tile_leave(mem, flt, key, n, b, o):
    """The product of machine ``b`` finishes next and leaves at once as far as its place is known; returns whether it did."""
    cost = mem[b + M_COST]
    if cost != 0 and (cost < 0 or mem[n + N_BUDGET] < cost):
        return False
    f = mem[b + M_FIN]
    d = f
    if o != 0:
        if places(mem, o) <= 0:
            return False
        r = place_free_at(mem, o)
        d = r if r > f else f
        if mem[n + N_LASTD] > d:
            d = mem[n + N_LASTD]
        put(mem, o, d)
    else:
        d = max(f, mem[n + N_LASTD])
        count_out(mem, flt, key, n, d, 1)
    if cost > 0:
        mem[n + N_BUDGET] -= cost
    seg = mem[b + M_SEG]
    if d < mem[seg + S_END] and mem[seg + S_KIND] == OPEN:
        if mem[seg + S_BIN] >= 0:
            mem[mem[b + M_T] + mem[seg + S_BIN] * STATES_N + BLOCKED] += d - f
        mem[b + M_ACC] = d
    else:
        spend(mem, b, d, BLOCKED)
    mem[b + M_FREE] = d
    mem[b + M_STATE] = IDLE
    mem[n + N_LASTD] = d
    mem[n + N_LEFT] += within(mem, d)
    log_departure(mem, n, d)
    return True


@jit
def parallel_tile(mem, flt, key, n):
    """Starts and departures in order of time; returns (how many, whether the slow path might do more)."""
    if mem[n + N_QHEAD] != mem[n + N_QTAIL] or mem[n + N_SKIP] == 1 or mem[n + N_SURE] != 0:
        return 0, True
    e = mem[mem[n + N_IN]] if mem[n + N_NIN] == 1 else 0
    o = mem[mem[n + N_OUT]] if mem[n + N_NOUT] == 1 else 0
    product = mem[n + N_PRODUCT]
    told_at = mem[n + N_TOLD]
    last = min(mem[e + E_PUT], mark_at(mem, e)) if e != 0 else mem[n + N_NEXT_AT]
    done = 0
    more = True
    while done < 2 * TILE_MAX:
        w, b = look(mem, n)
        if w < 0:
            break
        s = NEVER
        if w != 0:
            if (mem[e + E_TOOK] if e != 0 else mem[n + N_BEGUN]) >= last:
                # idle, and nobody knows when the next unit comes: no finish is certain either
                more = e == 0 or at_mark(mem, e)
                break
            s = max(mem[w + M_FREE], told_at)
            if e != 0:
                a = mem[mem[e + E_RING] + (mem[e + E_TOOK] & mem[e + E_MASK])]
                s = a if a > s else s
        if w != 0 and (b == 0 or s <= mem[b + M_FIN]):
            if b != 0 and mem[b + M_FIN] <= mem[w + M_FREE]:
                break
            if not tile_start(mem, flt, key, n, w, e, s, product):
                break
        elif b == 0 or not tile_leave(mem, flt, key, n, b, o):
            more = w != 0 or b == 0 or not held_back(mem, n)
            break
        done += 1
    return done, more
