"""Several identical machines side by side: starts and departures in order of time, while nothing else can happen.

While a tile runs, each machine is a lane of a few numbers; clocks, states and counters are settled when it ends. A tile ends
before the first event that is not plain: a stop, scrap, an end of segment, a place or an arrival that is not known.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.edges import at_mark, mark_at
from fabrika.twin.kernel.fields import (
    BLOCKED,
    BUSY,
    CLOCK_CYCLES,
    E_CAP,
    E_DELAY,
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
    H_RAMP,
    H_RAMP_N,
    H_STOP,
    H_T0,
    H_T1,
    IDLE,
    L_BLOCKED,
    L_BUSY,
    L_COST,
    L_COUNTS,
    L_DONE,
    L_FIN,
    L_FREE,
    L_IDLE,
    L_LIM,
    L_ROOM,
    L_STRIDE,
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
    N_BLOCK,
    N_BUDGET,
    N_COST,
    N_CYCLE,
    N_DRAWN_FROM,
    N_DRAWN_TO,
    N_EI,
    N_ENTERED,
    N_EO,
    N_LANES,
    N_LASTD,
    N_LEFT,
    N_LOG,
    N_LOG_N,
    N_M,
    N_NEXT_AT,
    N_NM,
    N_PRODUCT,
    N_QHEAD,
    N_QTAIL,
    N_RAMP,
    N_SKIP,
    N_SURE,
    N_TOLD,
    NEVER,
    OPEN,
    POSITIVE,
    PROCESSING,
    R_STRIDE,
    R_T,
    S_BIN,
    S_END,
    S_KIND,
    STARVED,
    STATES_N,
    TICK,
    TILE_MAX,
)
from fabrika.twin.kernel.leaving import count_out, held_back
from fabrika.twin.kernel.serial import draw_block


@jit
def lane_room(mem, m, x):
    """Products of work ``x`` (negative: drawn) before the first stop of a machine; 0 if drawn work meets a busy clock."""
    room = NEVER
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        left = mem[f + F_LEFT]
        if mem[f + F_CLOCK] == CLOCK_CYCLES:
            room = min(room, left // TICK)
        elif x > 0:
            room = min(room, left // x)
        elif x < 0:
            # drawn work: as many as surely fit, should each take a thousandth of what is left
            room = min(room, 1000) if left > 0 else 0
        f += F_STRIDE
    return room


@jit
def busy_left(mem, m):
    """Work until the first stop of a machine on a clock of busy time."""
    least = NEVER
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        if mem[f + F_CLOCK] != CLOCK_CYCLES:
            least = min(least, mem[f + F_LEFT])
        f += F_STRIDE
    return least


@jit
def open_lanes(mem, n):
    """Fill the lanes of a node's machines; returns whether all are idle or working in open time on the present product."""
    x = mem[n + N_CYCLE]
    m = mem[n + N_M] & POSITIVE
    lane = mem[n + N_LANES] & POSITIVE
    step_at = NEVER
    if mem[H_RAMP_N] > mem[n + N_RAMP] + 1:
        step_at = mem[mem[H_RAMP] + (mem[n + N_RAMP] + 1) * R_STRIDE + R_T]
    for _ in range(mem[n + N_NM]):
        state = mem[m + M_STATE]
        seg = mem[m + M_SEG]
        acc = mem[m + M_ACC]
        if (state != IDLE and state != BUSY) or mem[seg + S_KIND] != OPEN or acc >= step_at:
            return False
        if mem[m + M_PRODUCT] != mem[n + N_PRODUCT] or mem[seg + S_END] <= acc or acc >= mem[H_STOP]:
            return False
        idle = state == IDLE
        if idle and mem[m + M_FREE] != acc:
            return False
        mem[lane + L_FREE] = acc if idle else NEVER
        mem[lane + L_FIN] = NEVER if idle else mem[m + M_FIN]
        mem[lane + L_LIM] = mem[seg + S_END]
        mem[lane + L_ROOM] = lane_room(mem, m, x)
        mem[lane + L_COST] = mem[m + M_COST]
        mem[lane + L_DONE] = 0
        mem[lane + L_BUSY] = 0 if x >= 0 else busy_left(mem, m)
        mem[lane + L_IDLE] = 0
        mem[lane + L_BLOCKED] = 0
        mem[lane + L_COUNTS] = 1 if mem[seg + S_BIN] >= 0 else 0
        m += M_STRIDE
        lane += L_STRIDE
    return True


@jit
def close_lanes(mem, n):
    """Settle states, clocks and counters of a node's machines after a tile."""
    x = mem[n + N_CYCLE]
    m = mem[n + N_M] & POSITIVE
    lane = mem[n + N_LANES] & POSITIVE
    for _ in range(mem[n + N_NM]):
        done = mem[lane + L_DONE]
        seg = mem[m + M_SEG]
        busy = done * x if x >= 0 else busy_left(mem, m) - mem[lane + L_BUSY]
        if mem[lane + L_FREE] != NEVER:
            mem[m + M_STATE] = IDLE
            mem[m + M_FREE] = mem[lane + L_FREE]
            end = mem[lane + L_FREE]
        else:
            mem[m + M_STATE] = BUSY
            mem[m + M_FIN] = mem[lane + L_FIN]
            end = mem[lane + L_FIN]
        if mem[seg + S_BIN] >= 0:
            times = mem[m + M_T] + mem[seg + S_BIN] * STATES_N
            mem[times + STARVED] += mem[lane + L_IDLE]
            mem[times + BLOCKED] += mem[lane + L_BLOCKED]
            mem[times + PROCESSING] += end - mem[m + M_ACC] - mem[lane + L_IDLE] - mem[lane + L_BLOCKED]
            mem[n + N_ENTERED] += done
        mem[m + M_ACC] = end
        if done > 0:
            mem[m + M_COST] = mem[lane + L_COST]
            mem[m + M_RAMP] = mem[n + N_RAMP]
            mem[m + M_UNITS] = 1
            f = mem[m + M_F]
            for _ in range(mem[m + M_NF]):
                mem[f + F_LEFT] -= done * TICK if mem[f + F_CLOCK] == CLOCK_CYCLES else busy
                f += F_STRIDE
        m += M_STRIDE
        lane += L_STRIDE


@jit_inline
def first_lanes(mem, lanes, count):
    """The idle lane free the longest and the working lane that finishes first (ties: smaller number); -1 for none."""
    w = -1
    b = -1
    free = NEVER
    fin = NEVER
    lane = lanes
    for _ in range(count):
        if mem[lane + L_FREE] < free:
            free = mem[lane + L_FREE]
            w = lane
        if mem[lane + L_FIN] < fin:
            fin = mem[lane + L_FIN]
            b = lane
        lane += L_STRIDE
    return w, free, b, fin


@jit_inline
def next_work(mem, flt, key, n, k):
    """Work content of product ``k``: the constant, or from the node's block of draws."""
    x = mem[n + N_CYCLE]
    if x < 0:
        if k < mem[n + N_DRAWN_FROM] or k >= mem[n + N_DRAWN_TO]:
            draw_block(mem, flt, key, n, k)
        x = max(mem[mem[n + N_BLOCK] + k - mem[n + N_DRAWN_FROM]], 1)
    return x


@jit
def parallel_tile(mem, flt, key, n):
    """Starts and departures in order of time; returns (how many, whether the slow path might do more)."""
    n = n & POSITIVE
    if mem[n + N_QHEAD] != mem[n + N_QTAIL] or mem[n + N_SKIP] == 1 or mem[n + N_SURE] != 0:
        return 0, True
    e = mem[n + N_EI] & POSITIVE
    o = mem[n + N_EO] & POSITIVE
    last = min(mem[e + E_PUT], mark_at(mem, e)) if e != 0 else mem[n + N_NEXT_AT]
    took = mem[e + E_TOOK] if e != 0 else mem[n + N_BEGUN]
    if not open_lanes(mem, n):
        return 0, True
    done, more = run_lanes(mem, flt, key, n, e, o, took, last)
    close_lanes(mem, n)
    if not more:
        more = held_more(mem, n, e, last)
    return done, more


@jit
def held_more(mem, n, e, last):
    """Whether a tile that ran out of units or places leaves something for the slow path."""
    if e == 0 or at_mark(mem, e):
        return True
    return mem[e + E_TOOK] < last and not held_back(mem, n)


@jit
def run_lanes(mem, flt, key, n, e, o, took, last):
    """The events of a tile; returns (how many, False if it ended only because units or places ran out)."""
    lanes = mem[n + N_LANES] & POSITIVE
    count = mem[n + N_NM]
    told_at = mem[n + N_TOLD]
    stop = mem[H_STOP]
    t0 = mem[H_T0]
    t1 = mem[H_T1]
    cost_now = mem[n + N_COST]
    budget = mem[n + N_BUDGET]
    k = mem[n + N_BEGUN]
    ri = mem[e + E_RING] & POSITIVE if e != 0 else 0
    mi = mem[e + E_MASK] & POSITIVE if e != 0 else 0
    j = mem[o + E_PUT] if o != 0 else 0
    limit = mem[o + E_REL] + mem[o + E_CAP] if o != 0 else NEVER
    cap = mem[o + E_CAP] if o != 0 else 0
    ro = mem[o + E_RING] & POSITIVE if o != 0 else 0
    mo = mem[o + E_MASK] & POSITIVE if o != 0 else 0
    delay = mem[o + E_DELAY] if o != 0 else 0
    log = (mem[n + N_LOG] + mem[n + N_LOG_N]) & POSITIVE if mem[n + N_LOG] > 0 else 0
    left = 0
    inside = 0
    stay = 0
    started = 0
    lastd = mem[n + N_LASTD]
    more = True
    while started + left < 2 * TILE_MAX:
        w, free, b, fin = first_lanes(mem, lanes, count)
        s = NEVER
        a = 0
        if w >= 0:
            if took + started >= last:
                more = False
                break
            s = free if free > told_at else told_at
            if e != 0:
                a = mem[ri + ((took + started) & mi)]
                s = a if a > s else s
            if s <= fin:
                # two that are free or finish at one instant: the slow path settles who goes first
                if fin <= free:
                    break
                x = next_work(mem, flt, key, n, k + started)
                f = s + x
                if f >= mem[w + L_LIM] or s >= stop or mem[w + L_ROOM] <= 0:
                    break
                if mem[n + N_CYCLE] < 0:
                    if mem[w + L_BUSY] < x:
                        break
                    mem[w + L_BUSY] -= x
                mem[w + L_ROOM] -= 1
                mem[w + L_DONE] += 1
                mem[w + L_COST] = cost_now
                mem[w + L_IDLE] += s - free
                mem[w + L_FIN] = f
                mem[w + L_FREE] = NEVER
                if e != 0:
                    mem[ri + ((took + started) & mi)] = s
                    if mem[w + L_COUNTS] == 1:
                        stay += s - (a if a > t0 else t0)
                started += 1
                continue
        if b < 0:
            break
        cost = mem[b + L_COST]
        if j >= limit:
            more = False
            break
        if cost < 0 or budget < cost:
            break
        d = fin if fin > lastd else lastd
        if o != 0:
            r = mem[ro + ((j - cap) & mo)]
            d = d if d > r else r
        if d >= mem[b + L_LIM]:
            break
        budget -= cost
        if o != 0:
            mem[ro + (j & mo)] = d + delay
            j += 1
        else:
            count_out(mem, flt, key, n, d, 1)
        mem[b + L_BLOCKED] += d - fin
        mem[b + L_FREE] = d
        mem[b + L_FIN] = NEVER
        lastd = d
        inside += 1 if t0 <= d < t1 else 0
        if log != 0:
            mem[log + left] = d
        left += 1
    mem[n + N_BUDGET] = budget
    mem[n + N_LASTD] = lastd
    mem[n + N_BEGUN] = k + started
    mem[n + N_ASSIGNED] += started
    mem[n + N_LEFT] += inside
    if log != 0:
        mem[n + N_LOG_N] += left
    if e != 0:
        mem[e + E_TOOK] = took + started
        mem[e + E_REL] += started
        mem[e + E_LPROD] += started
        flt[mem[e + E_LEVEL]] += stay
    if o != 0:
        mem[o + E_PUT] = j
    return started + left, more
