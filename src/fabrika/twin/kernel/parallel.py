"""Several identical machines side by side: starts and departures in order of time, while nothing else can happen.

While a tile runs, each machine is a lane of a few numbers; clocks, states and counters are settled when it ends. A tile ends
before the first event that is not plain: a stop, scrap, an end of segment, a place or an arrival that is not known.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.edges import at_mark, head_at, last_taken, place_free_at, places, put
from fabrika.twin.kernel.fields import (
    E_NEED,
    E_PUT,
    E_TOOK,
    H_LONG,
    H_STOP,
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
    N_NIN,
    N_NM,
    N_QHEAD,
    N_QTAIL,
    N_SCRAPPED,
    N_SKIP,
    N_SURE,
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
from fabrika.twin.kernel.intake import inputs_ready, known_products, last_start, take_inputs
from fabrika.twin.kernel.lanes import close_lanes, first_lanes, open_lanes
from fabrika.twin.kernel.leaving import count_out, freed_by_start, held_back, log_departure, scrap_next, within
from fabrika.twin.kernel.rotation import rotate, rotates
from fabrika.twin.kernel.serial import draw_block
from fabrika.twin.kernel.ties import settled_until

GONE, SCRAPPED, HELD, STOPPED = 0, 1, 2, 3
"""What became of a product: it left, was scrapped, has no place ahead that is known, or the slow path has to see to it."""


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
            found, begun = rotate(mem, n, e, known)
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
def next_start(mem, n, e, several, known, w, b):
    """When lane ``w`` takes the first unit of the next product, and when that begins.

    NEVER, where no unit is known and lane ``b`` surely finishes before another can; -1, where the tile has to end.
    """
    base = max(mem[w + L_FREE], mem[n + N_TOLD])
    if known <= 0:
        # what is not known yet starts later than the last, and finishes later than what finishes before it could
        if e != 0 and mem[e + E_TOOK] > 0:
            base = max(base, last_taken(mem, e))
        if b < 0 or mem[b + L_FIN] >= base + max(mem[n + N_CYCLE], 0):
            return -1, -1
        return NEVER, NEVER
    if several:
        return inputs_ready(mem, n, base)
    if e != 0:
        base = max(base, head_at(mem, e))
    return base, base


@jit
def start_lane(mem, flt, key, n, e, several, w, begun):
    """Lane ``w`` takes in the next product, which begins at ``begun``; returns whether it did: not where a stop is near."""
    k = mem[n + N_BEGUN]
    x = next_work(mem, flt, key, n, k)
    if begun + x >= mem[w + L_LIM] or mem[w + L_ROOM] <= 0 or begun - mem[w + L_FREE] >= mem[H_LONG]:
        return False
    if mem[n + N_CYCLE] < 0:
        if mem[w + L_BUSY] < x:
            return False
        mem[w + L_BUSY] -= x
    free = mem[w + L_FREE]
    mem[w + L_ROOM] -= 1
    mem[w + L_DONE] += 1
    mem[w + L_COST] = mem[n + N_COST]
    mem[w + L_IDLE] += begun - free
    mem[w + L_FIN] = begun + x
    mem[w + L_FREE] = NEVER
    if e != 0 or several:
        take_inputs(mem, n, max(free, mem[n + N_TOLD]), mem[w + L_COUNTS])
    mem[n + N_BEGUN] = k + 1
    mem[n + N_ASSIGNED] += 1
    return True


@jit
def tied(mem, n, b, instant):
    """Whether another lane than ``b`` is free since ``instant``, or may be by scrap."""
    lane = mem[n + N_LANES] & POSITIVE
    for _ in range(mem[n + N_NM]):
        if mem[lane + L_FREE] == instant or (lane != b and mem[lane + L_FIN] == instant and mem[lane + L_COST] != 0):
            return True
        if mem[n + N_COST] != 0 and mem[n + N_CYCLE] >= 0 and mem[lane + L_FREE] + mem[n + N_CYCLE] <= instant:
            # it may still begin and be done until then
            return True
        lane += L_STRIDE
    return False


@jit
def end_lane(mem, flt, key, n, b):
    """The product of lane ``b`` is finished and leaves, or is scrapped: returns GONE, SCRAPPED, or HELD or STOPPED where not."""
    o = mem[n + N_EO] & POSITIVE
    fin = mem[b + L_FIN]
    cost = mem[b + L_COST]
    if cost < 0 or mem[n + N_BUDGET] < cost:
        mem[n + N_BUDGET] = scrap_next(mem, flt, key, n)
        mem[n + N_SCRAPPED] += within(mem, fin)
        log_departure(mem, n, fin)
        mem[b + L_FREE] = fin
        mem[b + L_FIN] = NEVER
        return SCRAPPED
    d = max(fin, mem[n + N_LASTD])
    if o != 0:
        if places(mem, o) <= 0:
            return HELD
        d = max(d, place_free_at(mem, o))
    near = mem[n + N_YIELDS] == YIELDS or mem[n + N_YIELDS] == YIELDS_BEYOND
    yields = o != 0 and near and freed_by_start(mem, n, d)
    if d >= mem[b + L_LIM] or d - fin >= mem[H_LONG] or (yields and mem[n + N_YIELDED] != d and tied(mem, n, b, d)):
        return STOPPED
    if yields:
        mem[n + N_YIELDED] = d
    mem[n + N_BUDGET] -= cost
    if o != 0:
        put(mem, o, d)
    else:
        count_out(mem, flt, key, n, d, 1)
    mem[b + L_BLOCKED] += d - fin
    mem[b + L_FREE] = d
    mem[b + L_FIN] = NEVER
    mem[n + N_LASTD] = d
    mem[n + N_LEFT] += within(mem, d)
    log_departure(mem, n, d)
    return GONE


@jit
def run_lanes(mem, flt, key, n, e, several, known, most):
    """At most ``most`` events; returns (how many, starts among them, False if only units or places ran out).

    Edge ``e`` is the one input of one unit a product, else 0; ``several`` says that a product takes in more than one unit.
    """
    count = mem[n + N_NM]
    lanes = mem[n + N_LANES] & POSITIVE
    stop = min(mem[H_STOP], settled_until(mem, n))
    ties = mem[n + N_TIES] == 1
    tied = last_start(mem, n) if ties else -1
    left = 0
    started = 0
    while started + left < most:
        w, free, b, fin = first_lanes(mem, lanes, count)
        if w >= 0:
            s, begun = next_start(mem, n, e, several, known - started, w, b)
            if s < 0:
                return started + left, started, False
            # at one instant finishing comes before starting; it makes no difference to one that has been idle before
            if s < fin or (s == fin and free < fin):
                # what comes before may start between two starts at one instant
                if s == tied or begun >= stop or not start_lane(mem, flt, key, n, e, several, w, begun):
                    break
                tied = s if ties else -1
                started += 1
                continue
        found = end_lane(mem, flt, key, n, b)
        if found == HELD:
            return started + left, started, False
        if found == STOPPED:
            break
        left += 1 if found == GONE else 0
    return started + left, started, True
