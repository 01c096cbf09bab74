"""Several identical machines side by side: starts and departures in order of time, while nothing else can happen.

While a tile runs, each machine is a lane of a few numbers; clocks, states and counters are settled when it ends. A tile ends
before the first event that is not plain: a stop, scrap, an end of segment, a place or an arrival that is not known.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.edges import at_mark
from fabrika.twin.kernel.fields import (
    E_CAP,
    E_DELAY,
    E_LEVEL,
    E_LPROD,
    E_MASK,
    E_NEED,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    H_STOP,
    H_T0,
    H_T1,
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
    N_ASSIGNED,
    N_BEGUN,
    N_BLOCK,
    N_BUDGET,
    N_COST,
    N_CYCLE,
    N_DRAWN_FROM,
    N_DRAWN_TO,
    N_EI,
    N_EO,
    N_LANES,
    N_LASTD,
    N_LEFT,
    N_LOG,
    N_NIN,
    N_NM,
    N_QHEAD,
    N_QTAIL,
    N_SCRAPPED,
    N_SKIP,
    N_SURE,
    N_TIES,
    N_TOLD,
    NEVER,
    POSITIVE,
    TILE_MAX,
)
from fabrika.twin.kernel.intake import inputs_ready, known_products, last_start, take_inputs
from fabrika.twin.kernel.lanes import close_lanes, first_lanes, open_lanes
from fabrika.twin.kernel.leaving import count_out, held_back, log_departure, scrap_next, within
from fabrika.twin.kernel.rotation import rotate, rotates
from fabrika.twin.kernel.serial import draw_block
from fabrika.twin.kernel.ties import settled_until


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
    turns = rotates(mem, n) and not several
    done = 0
    more = True
    found = 1
    while more and found > 0 and done < 2 * TILE_MAX:
        found = 0
        if turns:
            found, begun = rotate(mem, flt, n, e, known)
            known -= begun
        # what ends a chunk of turns takes a few events
        passed, begun, more = run_lanes(
            mem, flt, key, n, e, several, known, 2 * mem[n + N_NM] if turns else 2 * TILE_MAX
        )
        known -= begun
        found += passed
        done += found
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
def run_lanes(mem, flt, key, n, e, several, known, most):
    """At most ``most`` events; returns (how many, starts among them, False if only units or places ran out).

    Edge ``e`` is the one input of one unit a product, else 0; ``several`` says that a product takes in more than one unit.
    """
    o = mem[n + N_EO] & POSITIVE
    took = mem[e + E_TOOK] if e != 0 else 0
    count = mem[n + N_NM]
    lanes = mem[n + N_LANES] & POSITIVE
    told_at = mem[n + N_TOLD]
    stop = min(mem[H_STOP], settled_until(mem, n))
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
    log = mem[n + N_LOG]
    left = 0
    inside = 0
    stay = 0
    started = 0
    lastd = mem[n + N_LASTD]
    more = True
    ties = mem[n + N_TIES] == 1
    tied = last_start(mem, n) if ties else -1
    while started + left < most:
        w, free, b, fin = first_lanes(mem, lanes, count)
        a = 0
        if w >= 0:
            base = free if free > told_at else told_at
            s = base
            begun = base
            if started >= known:
                # what is not known yet starts later than the last, and finishes later than what finishes before it could
                if e != 0 and took + started > 0:
                    s = max(s, mem[ri + ((took + started - 1) & mi)])
                if b < 0 or fin >= s + max(mem[n + N_CYCLE], 0):
                    more = False
                    break
                s = NEVER
            elif e != 0:
                a = mem[ri + ((took + started) & mi)]
                s = a if a > s else s
                begun = s
            elif several:
                s, begun = inputs_ready(mem, n, base)
            # at one instant finishing comes before starting; it makes no difference to one that has been idle before
            if s < fin or (s == fin and free < fin):
                if s == tied:
                    # what comes before may start between two starts at one instant
                    break
                x = next_work(mem, flt, key, n, k + started)
                f = begun + x
                if f >= mem[w + L_LIM] or begun >= stop or mem[w + L_ROOM] <= 0:
                    break
                if mem[n + N_CYCLE] < 0:
                    if mem[w + L_BUSY] < x:
                        break
                    mem[w + L_BUSY] -= x
                tied = s if ties else -1
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
        cost = mem[b + L_COST]
        if cost < 0 or budget < cost:
            budget = scrap_next(mem, flt, key, n)
            mem[n + N_SCRAPPED] += within(mem, fin)
            log_departure(mem, n, fin)
            mem[b + L_FREE] = fin
            mem[b + L_FIN] = NEVER
            continue
        if j >= limit:
            more = False
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
            log_departure(mem, n, d)
        left += 1
    mem[n + N_BUDGET] = budget
    mem[n + N_LASTD] = lastd
    mem[n + N_BEGUN] = k + started
    mem[n + N_ASSIGNED] += started
    mem[n + N_LEFT] += inside
    if e != 0:
        mem[e + E_TOOK] = took + started
        mem[e + E_REL] += started
        mem[e + E_LPROD] += started
        flt[mem[e + E_LEVEL]] += stay
    if o != 0:
        mem[o + E_PUT] = j
    return started + left, started, more
