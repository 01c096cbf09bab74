"""Finished products: scrap, the way out, the exit's count of good units and lots."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.draws import scaled, uniform
from fabrika.twin.kernel.edges import at_mark, head_at, last_taken, place_free_at, places, put, release
from fabrika.twin.kernel.fields import (
    BLOCKED,
    BUSY,
    CAMPAIGN_END,
    CHOICE_START,
    CREW,
    E_CAP,
    E_CHOSEN,
    E_DELAY,
    E_DST,
    E_GRANT,
    E_LOADED,
    E_LPROD,
    E_MASK,
    E_NEED,
    E_OFFER,
    E_PUT,
    E_RING,
    E_TOOK,
    E_ZERO,
    ERR_LOG,
    FINISHED,
    H_DAY_END,
    H_DAYS,
    H_ERROR,
    H_REJECTED,
    H_T0,
    H_T1,
    H_TARGET,
    H_TARGET_NS,
    H_TELL,
    HAZARD,
    IDLE,
    K_LOTS,
    K_SCRAP,
    KEEPS_ALL,
    LOADING,
    M_COST,
    M_FIN,
    M_FREE,
    M_LEFT,
    M_LOADT,
    M_REQ,
    M_STATE,
    M_STRIDE,
    M_UNITS,
    N_ASSIGNED,
    N_BEGUN,
    N_BUDGET,
    N_COST,
    N_CYCLE,
    N_DAY,
    N_EACH,
    N_GOOD,
    N_HELD,
    N_IN,
    N_JUDGED,
    N_KEEPS,
    N_KEY,
    N_LASTD,
    N_LEFT,
    N_LOG,
    N_LOG_N,
    N_LOT_BAD,
    N_LOT_LEFT,
    N_LOT_N,
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
    N_QUEUE,
    N_REJECT_P,
    N_SCRAPPED,
    N_SCRAPS,
    N_SEQ_N,
    N_SKIP,
    N_SURE,
    N_TOLD,
    N_YIELDED,
    N_YIELDS,
    NEVER,
    POSITIVE,
    TABLE_EXPONENTIAL,
    TELL_EACH,
    TELL_LEFT,
    TELL_SCRAPPED,
    YIELDS_BEYOND,
)
from fabrika.twin.kernel.telling import beyond, tell_row
from fabrika.twin.kernel.ties import makes_room
from fabrika.twin.kernel.timeline import next_open, spend
from fabrika.twin.kernel.units import unit_gone
from fabrika.twin.kernel.waking import wake


@jit
def log_departure(mem, n, instant):
    """Write a departure down, if the run keeps a trace."""
    if mem[n + N_LOG] > 0:
        at = mem[n + N_LOG] + mem[n + N_LOG_N]
        if mem[n + N_LOG_N] >= mem[mem[n + N_LOG] - 1]:
            mem[H_ERROR] = ERR_LOG
            return
        mem[at] = instant
        mem[n + N_LOG_N] += 1


@jit
def within(mem, instant):
    """1 if the instant lies in the window, else 0."""
    return 1 if mem[H_T0] <= instant < mem[H_T1] else 0


@jit
def scrapped(mem, flt, key, n, m):
    """Decide whether the product of machine ``m`` is scrapped: its cost is taken from the budget, or the budget is drawn anew."""
    cost = mem[m + M_COST]
    if cost == 0 or mem[n + N_SKIP] == 1:
        return False
    if cost > 0 and mem[n + N_BUDGET] >= cost:
        mem[n + N_BUDGET] -= cost
        return False
    mem[n + N_BUDGET] = scrap_next(mem, flt, key, n)
    return True


@jit
def scrap_next(mem, flt, key, n):
    """A product is scrapped: returns the budget until the next one."""
    mem[n + N_SCRAPS] += 1
    return scaled(flt, key[mem[n + N_KEY] + K_SCRAP], mem[n + N_SCRAPS], HAZARD * 1.0, TABLE_EXPONENTIAL)


@jit
def new_lot(mem, flt, key, n):
    """Open the next lot of an exit."""
    i = mem[n + N_LOT_N]
    mem[n + N_LOT_N] = i + 1
    mem[n + N_LOT_LEFT] = mem[n + N_LOT_SIZE]
    mem[n + N_LOT_BAD] = 1 if uniform(key[mem[n + N_KEY] + K_LOTS], i) < flt[mem[n + N_REJECT_P]] else 0


@jit
def count_out(mem, flt, key, n, instant, units):
    """Count units that leave the plant at ``instant``, all in one lot and one day."""
    pieces = mem[n + N_PIECES]
    bad = 0
    if mem[n + N_LOT_SIZE] > 0:
        if mem[n + N_LOT_LEFT] <= 0:
            new_lot(mem, flt, key, n)
        bad = mem[n + N_LOT_BAD]
        mem[n + N_LOT_LEFT] -= units * pieces
    if not within(mem, instant):
        return
    product = mem[n + N_PRODUCT]
    if bad == 1:
        mem[mem[H_REJECTED] + product] += units * pieces
        return
    while mem[mem[H_DAY_END] + mem[n + N_DAY]] <= instant:
        mem[n + N_DAY] += 1
    mem[mem[n + N_GOOD] + product * mem[H_DAYS] + mem[n + N_DAY]] += units * pieces
    if mem[H_TARGET] > 0:
        mem[H_TARGET] -= units * pieces
        if mem[H_TARGET] <= 0:
            mem[H_TARGET] = 0
            mem[H_TARGET_NS] = instant


@jit
def next_start_bound(mem, n):
    """Earliest instant at which a product not yet given to a machine might begin: NEVER if none can before all is quiet."""
    bound = mem[n + N_TOLD]
    if mem[n + N_NIN] == 0:
        return NEVER if mem[n + N_BEGUN] == mem[n + N_NEXT_AT] else bound
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        bound = max(bound, last_taken(mem, e))
        if at_mark(mem, e):
            if mem[e + E_LOADED] == 0 and mem[e + E_LPROD] == mem[n + N_ASSIGNED]:
                return NEVER
        elif mem[e + E_TOOK] < mem[e + E_PUT]:
            bound = max(bound, head_at(mem, e))
    return bound


@jit
def start_bound(mem, n, m, bound):
    """Earliest instant at which machine ``m``, which does not work, might begin, if new products can from ``bound`` on."""
    state = mem[m + M_STATE]
    if state == LOADING:
        return max(mem[m + M_LOADT], mem[m + M_FREE])
    if bound == NEVER:
        return NEVER
    free = max(mem[m + M_FIN], mem[n + N_LASTD]) if state == FINISHED else mem[m + M_FREE]
    return next_open(mem, m, max(bound, free))


@jit
def certain_finish(mem, n, b):
    """Whether no other machine of the node can finish before machine ``b`` does."""
    fin = mem[b + M_FIN]
    bound = next_start_bound(mem, n)
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        state = mem[m + M_STATE]
        if state == CREW:
            if mem[m + M_REQ] <= fin:
                return False
        elif state != BUSY and start_bound(mem, n, m, bound) < fin:
            return False
        m += M_STRIDE
    if mem[n + N_QHEAD] == mem[n + N_QTAIL] or not own_places(mem, n):
        return True
    # where the machines themselves are the places, a scrapped product must not free its place out of turn
    return mem[b + M_COST] >= 0 and mem[n + N_BUDGET] >= mem[b + M_COST]


@jit
def own_places(mem, n):
    """Whether the machines themselves are the places of some input."""
    own = 0
    for i in range(mem[n + N_NIN]):
        own += mem[mem[mem[n + N_IN] + i] + E_ZERO]
    return own > 0


@jit
def out_of_turn(mem, n, first, instant):
    """Whether, were machine ``first`` free at ``instant``, another might still free places of the machines before that."""
    if mem[n + N_NM] == 1 or mem[n + N_KEEPS] == KEEPS_ALL or mem[n + N_SURE] == first or not own_places(mem, n):
        return False
    ends = mem[n + N_NIN] > 1 and mem[n + N_SEQ_N] > 1
    late = instant > mem[first + M_FIN]
    bound = next_start_bound(mem, n)
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        state = mem[m + M_STATE]
        if state != FINISHED:
            if ends:
                return True
            if state == BUSY:
                if late and mem[m + M_FIN] < instant and mem[m + M_COST] != 0:
                    return True
            elif late and mem[n + N_COST] != 0:
                at = mem[m + M_REQ] if state == CREW else start_bound(mem, n, m, bound)
                if at < instant:
                    return True
        m += M_STRIDE
    return False


@jit
def freed_by_start(mem, n, instant):
    """Whether the place of the node's next unit is free at ``instant`` by a start behind on one of several machines."""
    e = mem[mem[n + N_OUT]]
    if mem[n + N_YIELDS] == 0 or place_free_at(mem, e) != instant:
        return False
    if mem[n + N_YIELDS] == YIELDS_BEYOND:
        return makes_room(mem, mem[e + E_DST], instant, max(0, places(mem, e) - 1) if mem[e + E_GRANT] == 1 else 0)
    place = mem[e + E_PUT] - mem[e + E_CAP]
    if mem[e + E_CHOSEN] == 0:
        # the first unit of a product is taken with its start, the others as soon as they come
        return (place - mem[e + E_TOOK] + mem[e + E_LOADED]) % mem[e + E_NEED] == 0
    return mem[mem[e + E_CHOSEN] + (place & mem[e + E_MASK])] == 1


@jit
def starts_between(mem, n, instant):
    """Whether a place is free at ``instant`` by a start behind before which a machine of this node free since then may start."""
    if mem[n + N_YIELDED] == instant:
        # what was to start before it has started
        return False
    return another_free(mem, n, instant) and (mem[n + N_HELD] == instant or freed_by_start(mem, n, instant))


@jit
def another_free(mem, n, instant):
    """Whether a machine of the node is free since ``instant``, or may be by scrap."""
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        state = mem[m + M_STATE]
        if (state == IDLE and mem[m + M_FREE] == instant) or (
            state == BUSY and mem[m + M_FIN] == instant and mem[m + M_COST] != 0
        ):
            return True
        may_begin = (state == IDLE or state == LOADING) and mem[n + N_COST] != 0 and mem[n + N_CYCLE] >= 0
        if may_begin and mem[m + M_FREE] + mem[n + N_CYCLE] <= instant:
            # it may still begin and be done until then
            return True
        m += M_STRIDE
    return False


@jit
def waits_its_turn(mem, n):
    """Instant and kind of the choice that the first finished product leaves, if it is not certain yet that it is its turn.

    The instant is NEVER where nothing hinders it.
    """
    if mem[n + N_QHEAD] == mem[n + N_QTAIL] or mem[n + N_NM] == 1 or mem[n + N_KEEPS] == KEEPS_ALL:
        return NEVER, CAMPAIGN_END
    m = mem[mem[n + N_QUEUE] + mem[n + N_QHEAD] % mem[n + N_NM]]
    d = max(mem[m + M_FIN], mem[n + N_LASTD])
    if mem[n + N_NOUT] != 0:
        e = mem[mem[n + N_OUT]]
        if places(mem, e) <= 0:
            return NEVER, CAMPAIGN_END
        d = max(d, place_free_at(mem, e))
    if mem[n + N_NOUT] != 0 and mem[n + N_SURE] != m and starts_between(mem, n, d):
        return d, CHOICE_START
    return d if out_of_turn(mem, n, m, d) else NEVER, CAMPAIGN_END


@jit
def first_finish(mem, n):
    """The machine that finishes first (ties: smaller number), 0 if none works to a known end."""
    b = 0
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] == BUSY and (b == 0 or mem[m + M_FIN] < mem[b + M_FIN]):
            b = m
        m += M_STRIDE
    return b


@jit
def held_back(mem, n):
    """Whether the next products to finish can only wait for a place: none is known, and none of them will be scrapped."""
    if mem[n + N_NOUT] != 1 or mem[n + N_KEEPS] == KEEPS_ALL or mem[n + N_QHEAD] != mem[n + N_QTAIL]:
        return False
    if mem[n + N_SKIP] == 1:
        # what takes no time queues before what begins at the same instant
        return False
    e = mem[mem[n + N_OUT]]
    if mem[e + E_GRANT] == 1 or places(mem, e) > 0:
        return False
    m = mem[n + N_M]
    cost = 0
    for _ in range(mem[n + N_NM]):
        if mem[m + M_COST] < 0:
            return False
        cost += mem[m + M_COST]
        m += M_STRIDE
    return mem[n + N_BUDGET] >= cost


@jit
def let_go(mem, n, m, instant):
    """The product of machine ``m`` has left: the machine is free, and so are the places inside it."""
    mem[m + M_FREE] = instant
    mem[m + M_STATE] = IDLE
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        if mem[e + E_ZERO] == 1:
            loads = mem[m + M_UNITS] if mem[n + N_KEEPS] == KEEPS_ALL else mem[e + E_NEED]
            for _ in range(loads):
                release(mem, e, instant)


@jit
def finish(mem, flt, key, n, b):
    """Machine ``b`` has finished next: judge scrap, else queue for the way out."""
    mem[n + N_SURE] = 0
    fin = mem[b + M_FIN]
    if mem[n + N_KEEPS] != KEEPS_ALL:
        if scrapped(mem, flt, key, n, b):
            mem[n + N_SCRAPPED] += within(mem, fin)
            beyond(mem, TELL_SCRAPPED, n, 1, fin)
            log_departure(mem, n, fin)
            unit_gone(mem, n, b, fin, 0)
            let_go(mem, n, b, fin)
            return
    else:
        mem[b + M_LEFT] = mem[b + M_UNITS]
        mem[b + M_LOADT] = fin
    mem[b + M_STATE] = FINISHED
    mem[mem[n + N_QUEUE] + mem[n + N_QTAIL] % mem[n + N_NM]] = b
    mem[n + N_QTAIL] += 1


@jit
def offer(mem, e, ready):
    """A unit that stays where it is until a merge takes it is ready at ``ready``."""
    if mem[e + E_OFFER] != ready:
        mem[e + E_OFFER] = ready
        wake(mem, mem[e + E_DST])


@jit
def step_out(mem, flt, key, n, ready):
    """One unit goes the way out as soon as it can from ``ready`` on; returns the instant, -1 if that is not known yet."""
    if mem[n + N_NOUT] == 0:
        count_out(mem, flt, key, n, ready, 1)
        d = ready
    else:
        e = mem[mem[n + N_OUT]]
        if places(mem, e) <= 0:
            if mem[e + E_GRANT] == 1:
                offer(mem, e, ready)
            return -1
        d = place_free_at(mem, e)
        d = ready if ready > d else d
        put(mem, e, d)
    mem[n + N_LASTD] = d
    mem[n + N_LEFT] += within(mem, d)
    beyond(mem, TELL_LEFT, n, 1, d)
    if mem[n + N_EACH] == 1 and mem[H_T0] <= d:
        tell_row(mem, TELL_EACH, n, d, 0, 0, 0, 0)
    log_departure(mem, n, d)
    return d


@jit
def unload_many(mem, n, m):
    """Let units of a batch out while their places are known and none can be scrapped; returns whether any went."""
    cost = mem[m + M_COST]
    if mem[n + N_NOUT] == 0 or cost < 0 or mem[n + N_JUDGED] == 1 or mem[n + N_LOG] > 0 or mem[H_TELL] != 0:
        return False
    e = mem[mem[n + N_OUT]] & POSITIVE
    run = min(places(mem, e), mem[m + M_LEFT])
    if cost > 0:
        run = min(run, mem[n + N_BUDGET] // cost)
    if run <= 0 or mem[e + E_GRANT] == 1:
        return False
    ring = mem[e + E_RING] & POSITIVE
    mask = mem[e + E_MASK] & POSITIVE
    j = mem[e + E_PUT]
    back = j - mem[e + E_CAP]
    delay = mem[e + E_DELAY]
    d = max(mem[m + M_LOADT], mem[n + N_LASTD])
    t0 = mem[H_T0]
    t1 = mem[H_T1]
    inside = 0
    for q in range(run):
        r = mem[ring + ((back + q) & mask)]
        d = d if d > r else r
        mem[ring + ((j + q) & mask)] = d + delay
        inside += 1 if t0 <= d < t1 else 0
    mem[e + E_PUT] = j + run
    mem[m + M_LEFT] -= run
    mem[m + M_LOADT] = d
    mem[n + N_LASTD] = d
    mem[n + N_LEFT] += inside
    mem[n + N_BUDGET] -= run * cost
    return True


@jit
def leave(mem, flt, key, n):
    """The first finished product leaves, as far as its places are known; returns whether anything moved."""
    if mem[n + N_QHEAD] == mem[n + N_QTAIL]:
        return False
    m = mem[mem[n + N_QUEUE] + mem[n + N_QHEAD] % mem[n + N_NM]]
    moved = False
    if mem[n + N_KEEPS] == KEEPS_ALL:
        while mem[m + M_LEFT] > 0:
            if unload_many(mem, n, m):
                moved = True
                continue
            ready = max(mem[m + M_LOADT], mem[n + N_LASTD])
            if mem[n + N_JUDGED] == 0 and scrapped(mem, flt, key, n, m):
                mem[n + N_SCRAPPED] += within(mem, ready)
                beyond(mem, TELL_SCRAPPED, n, 1, ready)
                log_departure(mem, n, ready)
                unit_gone(mem, n, m, ready, 0)
                out = ready
            else:
                # the judgement stands while the unit waits for its place
                mem[n + N_JUDGED] = 1
                out = step_out(mem, flt, key, n, ready)
                if out < 0:
                    return moved
                mem[n + N_JUDGED] = 0
                unit_gone(mem, n, m, out, 1)
            mem[m + M_LOADT] = out
            mem[m + M_LEFT] -= 1
            moved = True
        d = mem[m + M_LOADT]
    else:
        due, kind = waits_its_turn(mem, n)
        if due < NEVER:
            if kind == CHOICE_START:
                mem[n + N_HELD] = due
            return False
        ready = max(mem[m + M_FIN], mem[n + N_LASTD])
        yields = mem[n + N_YIELDS] != 0 and places(mem, mem[mem[n + N_OUT]]) > 0
        if yields:
            yields = freed_by_start(mem, n, max(ready, place_free_at(mem, mem[mem[n + N_OUT]])))
        d = step_out(mem, flt, key, n, ready)
        if d < 0:
            return False
        unit_gone(mem, n, m, d, 1)
        if yields or mem[n + N_HELD] == d:
            mem[n + N_YIELDED] = d
        mem[n + N_SURE] = 0
    spend(mem, m, d, BLOCKED)
    mem[n + N_QHEAD] += 1
    let_go(mem, n, m, d)
    return True
