"""Loading: units come into machines one by one; a product begins when all its needs are there."""

from __future__ import annotations

from fabrika.twin.kernel.campaigns import (
    change_campaign,
    end_campaign,
    end_gathering,
    ended_at,
    gathers,
    lacks,
    unmarked,
)
from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.cycle import start_product
from fabrika.twin.kernel.edges import add_stay, at_mark, choose_place, head_at, last_taken, mark_at, release, waited
from fabrika.twin.kernel.fields import (
    BUSY,
    CREW,
    E_CHOSEN,
    E_CLAIM,
    E_CLAIM_N,
    E_LAST,
    E_LOADED,
    E_LPROD,
    E_MASK,
    E_NEED,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    E_ZERO,
    FINISHED,
    H_STOP,
    H_T0,
    H_UNITS,
    IDLE,
    LOADING,
    M_FIN,
    M_FREE,
    M_GIVEN,
    M_KNOWN,
    M_LACK,
    M_LOADT,
    M_REQ,
    M_SEG,
    M_STATE,
    M_STRIDE,
    M_UNITS,
    N_ASG,
    N_ASSIGNED,
    N_BEGUN,
    N_ENTERED,
    N_IN,
    N_LASTD,
    N_M,
    N_MEETS,
    N_NEXT_AT,
    N_NIN,
    N_NM,
    N_SEQ_N,
    N_SIZE,
    N_SKIP,
    N_SPLITS_N,
    N_TIES,
    N_TOLD,
    NEVER,
    POSITIVE,
    S_BIN,
    S_END,
    S_STRIDE,
)
from fabrika.twin.kernel.leaving import within
from fabrika.twin.kernel.ties import settled_until
from fabrika.twin.kernel.timeline import next_open, stays_open
from fabrika.twin.kernel.units import unit_loaded


@jit
def ready_at(mem, n, e):
    """Instant from which on the next unit of edge ``e`` (0: raw material) may be taken, if a machine is free; NEVER if not known."""
    at = mem[n + N_TOLD]
    if e != 0:
        if mem[e + E_TOOK] >= mem[e + E_PUT] or at_mark(mem, e):
            return NEVER
        at = max(at, head_at(mem, e), last_taken(mem, e))
    return at


@jit
def first_taker(mem, n, ready):
    """The idle machine that can take a unit first (ties: idle the longest, smaller number), 0 if none is idle."""
    w = 0
    first = NEVER
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] == IDLE:
            at = next_open(mem, m, max(ready, mem[m + M_FREE]))
            if w == 0 or at < first or (at == first and mem[m + M_FREE] < mem[w + M_FREE]):
                w = m
                first = at
        m += M_STRIDE
    return w


@jit
def free_bound(mem, n, m):
    """Earliest instant at which machine ``m``, which is not idle, can be free again."""
    state = mem[m + M_STATE]
    if state == BUSY:
        return mem[m + M_FIN]
    if state == FINISHED:
        return max(mem[m + M_FIN], mem[n + N_LASTD])
    if state == CREW:
        return mem[m + M_REQ]
    return max(mem[m + M_FREE], mem[m + M_LOADT])


@jit
def certain_taker(mem, n, w, ready, at):
    """Whether no other machine of the node can turn out to be free in time to take the unit before machine ``w`` does."""
    if mem[n + N_SKIP] == 1 and mem[n + N_MEETS] == 1:
        # it is there at the instant of its start, but after all passings of that instant
        return False
    free = mem[w + M_FREE]
    delayed = at > max(ready, free)
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] != IDLE:
            bound = free_bound(mem, n, m)
            if mem[n + N_SKIP] == 1 and bound <= at:
                # what takes no time queues before what begins at the same instant
                return False
            if delayed:
                if bound < at:
                    return False
            elif bound < free or (bound == free and m < w):
                return False
        m += M_STRIDE
    return True


@jit
def take(mem, n, e, m, instant):
    """Machine ``m`` takes the next unit of edge ``e``."""
    since = head_at(mem, e)
    unit_loaded(mem, m, e, 1, instant)
    mem[e + E_TOOK] += 1
    mem[e + E_CLAIM] = max(since, mem[m + M_GIVEN])
    mem[e + E_CLAIM_N] = mem[e + E_TOOK]
    if mem[e + E_ZERO] == 0:
        waited(mem, e, since, instant)
        choose_place(mem, e, 1 if mem[e + E_LOADED] == 0 and instant == mem[m + M_GIVEN] else 0)
        release(mem, e, instant)
    mem[n + N_ENTERED] += within(mem, instant)
    mem[e + E_LAST] = instant
    if instant > mem[m + M_LOADT]:
        mem[m + M_LOADT] = instant


@jit
def assign(mem, n, w, instant):
    """Give the next product to idle machine ``w``."""
    mem[w + M_STATE] = LOADING
    mem[w + M_GIVEN] = instant
    mem[w + M_LOADT] = 0
    mem[w + M_UNITS] = 0
    mem[w + M_LACK] = mem[n + N_NIN]
    mem[mem[n + N_ASG] + mem[n + N_ASSIGNED] % mem[n + N_NM]] = w
    mem[n + N_ASSIGNED] += 1


@jit
def first_given(mem, n, e, m, at):
    """Whether machine ``m`` is given the next product for a unit of input ``e`` at ``at``, or before but all the same.

    The next unit of another input may be there earlier: then its instant decides which machine is open.
    """
    idle = max(mem[n + N_TOLD], mem[m + M_FREE])
    steady = at == max(head_at(mem, e), idle) and stays_open(mem, m, idle, at)
    o = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[o + M_STATE] == IDLE and (
            mem[o + M_FREE] < mem[m + M_FREE] or (mem[o + M_FREE] == mem[m + M_FREE] and o < m)
        ):
            steady = False
        o += M_STRIDE
    if steady:
        return True
    for i in range(mem[n + N_NIN]):
        o = mem[mem[n + N_IN] + i]
        if o != e and mem[o + E_LPROD] == mem[n + N_ASSIGNED]:
            ready = ready_at(mem, n, o)
            if ready == NEVER:
                return False
            w = first_taker(mem, n, ready)
            if next_open(mem, w, max(ready, mem[w + M_FREE])) < at:
                return False
    return True


@jit
def completable(mem, n, e, m, at):
    """When the product that edge ``e`` loads next is given up: NEVER if it can be completed, -1 if that is not known yet."""
    product = mem[e + E_LPROD]
    bound = NEVER
    unknown = False
    for i in range(mem[n + N_NIN]):
        o = mem[mem[n + N_IN] + i]
        if unmarked(mem, o) >= lacks(mem, o, product + 1):
            continue
        told_at = ended_at(mem, n, o)
        bound = min(bound, told_at)
        if told_at == NEVER and (o != e or at > max(head_at(mem, e), mem[m + M_GIVEN])):
            unknown = True
    return -1 if unknown and at < bound else bound


@jit
def givable(mem, n, e):
    """When no product is given to a machine any more: NEVER if that is not known and not yet so, -1 if it may be so already."""
    bound = NEVER
    unknown = False
    for i in range(mem[n + N_NIN]):
        o = mem[mem[n + N_IN] + i]
        if o != e:
            told_at = ended_at(mem, n, o)
            bound = min(bound, told_at)
            if told_at == NEVER and unmarked(mem, o) <= lacks(mem, o, mem[n + N_ASSIGNED]):
                unknown = True
    return -1 if unknown and bound == NEVER else bound


@jit
def start_at(mem, n, m, at):
    """Whether units were taken at ``at``, where machine ``m`` is to be given a product, or it may be sooner and at such an instant."""
    idle = max(mem[n + N_TOLD], mem[m + M_FREE])
    for i in range(mem[n + N_NIN]):
        o = mem[mem[n + N_IN] + i]
        if mem[o + E_TOOK] == 0:
            continue
        taken = last_taken(mem, o)
        if taken == at:
            return True
        if idle <= taken < at and mem[o + E_LPROD] == mem[n + N_ASSIGNED]:
            # the next unit may be taken at once, and the product be given for it
            ready = ready_at(mem, n, o)
            if ready == NEVER or ready <= taken:
                return True
    return False


@jit
def next_load(mem, n, e):
    """The machine that takes the next unit of input ``e``, when, and whether that is certain; NEVER if none is known to."""
    ready = ready_at(mem, n, e)
    if ready == NEVER:
        return 0, NEVER, False
    fresh = mem[e + E_LPROD] == mem[n + N_ASSIGNED]
    if fresh:
        m = first_taker(mem, n, ready)
        if m == 0:
            return 0, NEVER, False
    else:
        m = mem[mem[n + N_ASG] + mem[e + E_LPROD] % mem[n + N_NM]]
    at = next_open(mem, m, max(ready, mem[m + M_FREE]))
    certain = not fresh or certain_taker(mem, n, m, ready, at)
    several = mem[n + N_NIN] > 1
    if fresh and mem[n + N_SPLITS_N] > 0 and at >= settled_until(mem, n):
        certain = False
    if mem[n + N_TIES] == 1 and certain and fresh and start_at(mem, n, m, at):
        # what comes before may start between two starts of this node at one instant
        certain = False
    if fresh and certain and several and (mem[n + N_NM] > 1 or mem[n + N_SEQ_N] > 1):
        certain = first_given(mem, n, e, m, at)
    if gathers(mem, n):
        bound = givable(mem, n, e) if fresh else completable(mem, n, e, m, at)
        if at >= bound >= 0:
            return 0, NEVER, False
        # nothing may be withdrawn behind the back of what waits for a machine to open
        delayed = not fresh and several and mem[n + N_NM] > 1 and at > max(head_at(mem, e), mem[m + M_GIVEN])
        certain = certain and bound >= 0 and not delayed
    return m, at, certain


@jit
def load_edge(mem, flt, key, n, e, sure_at):
    """Load units of one input as far as is certain (what is undecided is decided up to the instant ``sure_at``)."""
    moved = False
    while True:
        m, at, certain = next_load(mem, n, e)
        if at >= mem[H_STOP] or at >= mem[m + M_KNOWN] or not (certain or at <= sure_at):
            return moved
        if mem[e + E_LPROD] == mem[n + N_ASSIGNED]:
            assign(mem, n, m, at)
            if not certain and mem[n + N_NM] > 1:
                # one choice at a time
                sure_at = -1
        elif at < mem[m + M_GIVEN]:
            mem[m + M_GIVEN] = at
        moved = True
        if mem[n + N_NIN] == 1 and mem[e + E_NEED] > 1 and mem[e + E_ZERO] == 0 and mem[H_UNITS] == 0:
            load_many(mem, n, e, m, at)
        load_unit(mem, flt, key, n, e, m, max(at, max(head_at(mem, e), last_taken(mem, e))))
        if mem[n + N_SKIP] == 1 and mem[n + N_NM] > 1:
            # what takes no time finishes before the next starts
            return moved


@jit
def load_given(mem, flt, key, n, until):
    """Load what products that have a machine take in up to ``until``."""
    for i in range(mem[n + N_NIN]):
        e = mem[mem[n + N_IN] + i]
        while mem[e + E_LPROD] != mem[n + N_ASSIGNED]:
            m, at, _certain = next_load(mem, n, e)
            if at > until or at >= mem[m + M_KNOWN]:
                break
            mem[m + M_GIVEN] = min(mem[m + M_GIVEN], at)
            load_unit(mem, flt, key, n, e, m, at)


@jit
def load_many(mem, n, e, m, at):
    """Take all units but one that the product still needs, as long as they are there and the machine stays open."""
    seg = mem[m + M_SEG] & POSITIVE
    while mem[seg + S_END] <= at:
        seg += S_STRIDE
    lim = min(mem[seg + S_END], mem[H_STOP])
    ring = mem[e + E_RING] & POSITIVE
    mask = mem[e + E_MASK] & POSITIVE
    took = mem[e + E_TOOK]
    chosen = mem[e + E_CHOSEN]
    run = min(min(mem[e + E_PUT], mark_at(mem, e)) - took, mem[e + E_NEED] - mem[e + E_LOADED]) - 1
    t0 = mem[H_T0]
    w0 = t0 if at >= t0 else 0
    stay = 0
    q = 0
    while q < run:
        p = ring + ((took + q) & mask)
        a = mem[p]
        s = a if a > at else at
        # the unit behind must come in before the segment ends, too
        b = mem[ring + ((took + q + 1) & mask)]
        if s >= lim or b >= lim:
            break
        mem[p] = s
        if chosen != 0:
            mem[chosen + ((took + q) & mask)] = 1 if mem[e + E_LOADED] + q == 0 and s == mem[m + M_GIVEN] else 0
        stay += s - (a if a > w0 else w0)
        at = s
        q += 1
    if q == 0:
        return
    mem[e + E_TOOK] = took + q
    mem[e + E_REL] = took + q
    mem[e + E_LOADED] += q
    mem[m + M_UNITS] += q
    mem[m + M_LOADT] = max(mem[m + M_LOADT], at)
    if mem[seg + S_BIN] >= 0:
        mem[n + N_ENTERED] += q
        add_stay(mem, e, stay)


@jit
def load_unit(mem, flt, key, n, e, m, at):
    """Machine ``m`` takes a unit at ``at``; when that was the last that its product needs, the product begins."""
    take(mem, n, e, m, at)
    mem[e + E_LOADED] += 1
    mem[m + M_UNITS] += 1
    if mem[e + E_LOADED] == mem[e + E_NEED]:
        mem[e + E_LOADED] = 0
        mem[e + E_LPROD] += 1
        mem[m + M_LACK] -= 1
        if mem[m + M_LACK] == 0:
            start_product(mem, flt, key, n, m, mem[m + M_LOADT])


@jit
def load_raw(mem, flt, key, n, sure_at):
    """Start products of a first station without a feed."""
    moved = False
    while mem[n + N_BEGUN] < mem[n + N_NEXT_AT]:
        ready = mem[n + N_TOLD]
        m = first_taker(mem, n, ready)
        if m == 0:
            break
        at = next_open(mem, m, max(ready, mem[m + M_FREE]))
        if at >= mem[H_STOP] or at >= mem[m + M_KNOWN] or (at > sure_at and not certain_taker(mem, n, m, ready, at)):
            break
        mem[m + M_UNITS] = mem[n + N_SIZE]
        unit_loaded(mem, m, 0, mem[n + N_SIZE], at)
        if within(mem, at):
            mem[n + N_ENTERED] += mem[n + N_SIZE]
        mem[n + N_ASSIGNED] += 1
        start_product(mem, flt, key, n, m, at)
        moved = True
        if mem[n + N_SKIP] == 1 and mem[n + N_NM] > 1:
            return moved
    return moved


@jit
def load(mem, flt, key, n, sure_at):
    """Load and start whatever is certain, and what is undecided up to ``sure_at``; returns whether anything moved."""
    if mem[n + N_NIN] == 0:
        moved = load_raw(mem, flt, key, n, sure_at)
        if mem[n + N_BEGUN] == mem[n + N_NEXT_AT]:
            moved = change_campaign(mem, flt, key, n) or moved
        return moved
    moved = False
    ins = mem[n + N_IN]
    ended = 0
    for i in range(mem[n + N_NIN]):
        moved = load_edge(mem, flt, key, n, mem[ins + i], sure_at) or moved
        ended += at_mark(mem, mem[ins + i])
    if gathers(mem, n):
        moved = end_gathering(mem, n, sure_at) or moved
    if ended == mem[n + N_NIN]:
        moved = end_campaign(mem, flt, key, n) or moved
    return moved
