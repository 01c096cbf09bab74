"""Several identical machines side by side: starts and departures in order of time, while nothing else can happen.

While a tile runs, each machine is a lane of a few numbers; clocks, states and counters are settled when it ends. A tile ends
before the first event that is not plain: a stop, scrap, an end of segment, a place or an arrival that is not known.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.edges import at_mark, last_taken, mark_at
from fabrika.twin.kernel.fields import (
    BLOCKED,
    BUSY,
    CLOCK_CYCLES,
    E_CAP,
    E_DELAY,
    E_LEVEL,
    E_LOADED,
    E_LPROD,
    E_MASK,
    E_NEED,
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
    N_IN,
    N_LANES,
    N_LASTD,
    N_LEFT,
    N_LOG,
    N_LOG_N,
    N_M,
    N_NEXT_AT,
    N_NIN,
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
    units = units_in(mem, n)
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
            mem[n + N_ENTERED] += done * units
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
    known = known_products(mem, n)
    if known < 0 or not open_lanes(mem, n):
        return 0, True
    e = mem[n + N_EI] & POSITIVE
    several = mem[n + N_NIN] > 1 or (e != 0 and mem[e + E_NEED] > 1)
    if several:
        e = 0
    done, more = run_lanes(mem, flt, key, n, e, several, known)
    close_lanes(mem, n)
    if not more:
        more = held_more(mem, n, e)
    return done, more


@jit
def held_more(mem, n, e):
    """Whether a tile that ran out of units or places leaves something for the slow path."""
    if e == 0 or at_mark(mem, e):
        return True
    return mem[e + E_TOOK] < mem[e + E_PUT] and not held_back(mem, n)


@jit
def known_products(mem, n):
    """How many products can be made of the units that have come, before a campaign ends; -1 if one is partly loaded."""
    if mem[n + N_NIN] == 0:
        return mem[n + N_NEXT_AT] - mem[n + N_BEGUN]
    known = NEVER
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        if mem[e + E_LOADED] > 0 or mem[e + E_LPROD] != mem[n + N_ASSIGNED]:
            return -1
        there = min(mem[e + E_PUT], mark_at(mem, e)) - mem[e + E_TOOK]
        known = min(known, there // mem[e + E_NEED])
    return known


@jit
def inputs_ready(mem, n, base):
    """When a machine free at ``base`` takes the first unit of the next product, and when the last, all having come."""
    first = NEVER
    last = base
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        took = mem[e + E_TOOK]
        ring = mem[e + E_RING]
        mask = mem[e + E_MASK]
        at = max(max(mem[ring + (took & mask)], last_taken(mem, e)), base)
        first = min(first, at)
        last = max(max(last, at), mem[ring + ((took + mem[e + E_NEED] - 1) & mask)])
    return first, last


@jit
def take_inputs(mem, flt, n, base, counts):
    """A machine free at ``base`` takes all units of the next product, each as it comes."""
    t0 = mem[H_T0]
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i] & POSITIVE
        took = mem[e + E_TOOK]
        need = mem[e + E_NEED]
        ring = mem[e + E_RING] & POSITIVE
        mask = mem[e + E_MASK] & POSITIVE
        at = max(base, last_taken(mem, e))
        stay = 0
        for q in range(need):
            p = ring + ((took + q) & mask)
            a = mem[p]
            at = a if a > at else at
            mem[p] = at
            stay += at - (a if a > t0 else t0)
        mem[e + E_TOOK] = took + need
        mem[e + E_REL] += need
        mem[e + E_LPROD] += 1
        if counts == 1:
            flt[mem[e + E_LEVEL]] += stay


@jit
def units_in(mem, n):
    """Units that one product takes in."""
    units = 0
    for i in range(mem[n + N_NIN]):
        units += mem[mem[mem[n + N_IN] + i] + E_NEED]
    return max(units, 1)


@jit
def run_lanes(mem, flt, key, n, e, several, known):
    """The events of a tile; returns (how many, False if it ended only because units or places ran out).

    Edge ``e`` is the one input of one unit a product, else 0; ``several`` says that a product takes in more than one unit.
    """
    o = mem[n + N_EO] & POSITIVE
    took = mem[e + E_TOOK] if e != 0 else 0
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
            if started >= known:
                more = False
                break
            base = free if free > told_at else told_at
            s = base
            begun = base
            if e != 0:
                a = mem[ri + ((took + started) & mi)]
                s = a if a > s else s
                begun = s
            elif several:
                s, begun = inputs_ready(mem, n, base)
            # at one instant finishing comes before starting; it makes no difference to one that has been idle before
            if s < fin or (s == fin and free < fin):
                x = next_work(mem, flt, key, n, k + started)
                f = begun + x
                if f >= mem[w + L_LIM] or begun >= stop or mem[w + L_ROOM] <= 0:
                    break
                if mem[n + N_CYCLE] < 0:
                    if mem[w + L_BUSY] < x:
                        break
                    mem[w + L_BUSY] -= x
                mem[w + L_ROOM] -= 1
                mem[w + L_DONE] += 1
                mem[w + L_COST] = cost_now
                mem[w + L_IDLE] += begun - free
                mem[w + L_FIN] = f
                mem[w + L_FREE] = NEVER
                if e != 0:
                    mem[ri + ((took + started) & mi)] = s
                    if mem[w + L_COUNTS] == 1:
                        stay += s - (a if a > t0 else t0)
                elif several:
                    take_inputs(mem, flt, n, base, mem[w + L_COUNTS])
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
