"""Loading: units come into machines one by one; a product begins when all its needs are there; campaigns change."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.cycle import begin, change_over, settle
from fabrika.twin.kernel.edges import at_mark, head_at, last_taken, mark_at, release, tell, told, waited
from fabrika.twin.kernel.fields import (
    BUSY,
    CREW,
    E_LAST,
    E_LEVEL,
    E_LOADED,
    E_LPROD,
    E_MASK,
    E_MHEAD,
    E_NEED,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    E_ZERO,
    FINISHED,
    H_STOP,
    H_T0,
    IDLE,
    K_G,
    K_T,
    KEEPS_ALL,
    LOADING,
    M_FIN,
    M_FREE,
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
    N_CAMPAIGN,
    N_ENTERED,
    N_IN,
    N_KEEPS,
    N_LASTD,
    N_LIMIT,
    N_LOT_LEFT,
    N_M,
    N_NEXT_AT,
    N_NIN,
    N_NM,
    N_NOUT,
    N_OUT,
    N_PRODUCT,
    N_QHEAD,
    N_QTAIL,
    N_SEQ,
    N_SEQ_N,
    N_SIZE,
    N_SKIP,
    N_SURPLUS,
    N_TOLD,
    NEVER,
    POSITIVE,
    S_BIN,
    S_END,
    S_STRIDE,
    STARVED,
)
from fabrika.twin.kernel.leaving import within
from fabrika.twin.kernel.timeline import next_open, spend


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
    free = mem[w + M_FREE]
    delayed = at > max(ready, free)
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] != IDLE:
            bound = free_bound(mem, n, m)
            if delayed:
                if bound < at:
                    return False
            elif bound < free or (bound == free and m < w):
                return False
        m += M_STRIDE
    return True


@jit
def start_product(mem, flt, key, n, m, instant):
    """All needs are loaded at ``instant``: the product begins."""
    spend(mem, m, instant, STARVED)
    begin(mem, flt, key, n, m)


@jit
def take(mem, flt, n, e, m, instant):
    """Machine ``m`` takes the next unit of edge ``e``."""
    since = head_at(mem, e)
    mem[e + E_TOOK] += 1
    if mem[e + E_ZERO] == 0:
        waited(mem, flt, e, since, instant)
        release(mem, e, instant)
    mem[n + N_ENTERED] += within(mem, instant)
    mem[e + E_LAST] = instant
    if instant > mem[m + M_LOADT]:
        mem[m + M_LOADT] = instant


@jit
def assign(mem, n, w):
    """Give the next product to idle machine ``w``."""
    mem[w + M_STATE] = LOADING
    mem[w + M_LOADT] = 0
    mem[w + M_UNITS] = 0
    mem[w + M_LACK] = mem[n + N_NIN]
    mem[mem[n + N_ASG] + mem[n + N_ASSIGNED] % mem[n + N_NM]] = w
    mem[n + N_ASSIGNED] += 1


@jit
def completable(mem, n, e):
    """What the other inputs know of the product that edge ``e`` loads next: NEVER if it can be completed, the instant of the
    end of the campaign if one of them has told it, -1 if one of them knows nothing yet.
    """
    product = mem[e + E_LPROD]
    bound = NEVER
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        o = mem[ins + i]
        if o == e or mem[o + E_LPROD] > product:
            continue
        lack = (product - mem[o + E_LPROD] + 1) * mem[o + E_NEED] - mem[o + E_LOADED]
        mark = mark_at(mem, o)
        if min(mem[o + E_PUT], mark) - mem[o + E_TOOK] >= lack:
            continue
        if mark == NEVER:
            return -1
        bound = min(bound, max(told(mem, o, K_T), mem[n + N_TOLD]))
    return bound


@jit
def load_edge(mem, flt, key, n, e, sure_at):
    """Load units of one input as far as is certain (what is undecided is decided up to the instant ``sure_at``)."""
    moved = False
    while True:
        ready = ready_at(mem, n, e)
        if ready == NEVER:
            return moved
        fresh = mem[e + E_LPROD] == mem[n + N_ASSIGNED]
        if fresh:
            m = first_taker(mem, n, ready)
            if m == 0:
                return moved
        else:
            m = mem[mem[n + N_ASG] + mem[e + E_LPROD] % mem[n + N_NM]]
        at = next_open(mem, m, max(ready, mem[m + M_FREE]))
        if at >= mem[H_STOP]:
            return moved
        if fresh and at > sure_at and not certain_taker(mem, n, m, ready, at):
            return moved
        if mem[n + N_NIN] > 1 and mem[n + N_SEQ_N] > 1:
            bound = completable(mem, n, e)
            if at >= bound and not (bound < 0 and at <= sure_at):
                return moved
        if fresh:
            assign(mem, n, m)
        moved = True
        if mem[n + N_NIN] == 1 and mem[e + E_NEED] > 1 and mem[e + E_ZERO] == 0:
            load_many(mem, flt, n, e, m, at)
        load_unit(mem, flt, key, n, e, m, max(at, max(head_at(mem, e), last_taken(mem, e))))
        if mem[n + N_SKIP] == 1 and mem[n + N_NM] > 1:
            # what takes no time finishes before the next starts
            return moved


@jit
def load_many(mem, flt, n, e, m, at):
    """Take all units but one that the product still needs, as long as they are there and the machine stays open."""
    seg = mem[m + M_SEG] & POSITIVE
    while mem[seg + S_END] <= at:
        seg += S_STRIDE
    lim = min(mem[seg + S_END], mem[H_STOP])
    ring = mem[e + E_RING] & POSITIVE
    mask = mem[e + E_MASK] & POSITIVE
    took = mem[e + E_TOOK]
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
        flt[mem[e + E_LEVEL]] += stay


@jit
def load_unit(mem, flt, key, n, e, m, at):
    """Machine ``m`` takes a unit at ``at``; when that was the last that its product needs, the product begins."""
    take(mem, flt, n, e, m, at)
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
        if at >= mem[H_STOP] or (at > sure_at and not certain_taker(mem, n, m, ready, at)):
            break
        mem[m + M_UNITS] = mem[n + N_SIZE]
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
    if ended > 0:
        moved = end_campaign(mem, flt, key, n, ended, sure_at) or moved
    return moved


@jit
def quiet(mem, n):
    """Whether every machine has let go of everything."""
    if mem[n + N_QHEAD] != mem[n + N_QTAIL]:
        return False
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] != IDLE:
            return False
        m += M_STRIDE
    return True


@jit
def enter_campaign(mem, flt, key, n, campaign, instant):
    """The node turns to another campaign at ``instant``, sets its machines up and tells whom it feeds."""
    mem[n + N_CAMPAIGN] = campaign
    mem[n + N_PRODUCT] = mem[mem[n + N_SEQ] + 2 * (campaign % mem[n + N_SEQ_N])]
    mem[n + N_TOLD] = instant
    mem[n + N_LOT_LEFT] = 0
    settle(mem, flt, n)
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        change_over(mem, flt, key, n, m, instant)
        m += M_STRIDE
    for i in range(mem[n + N_NOUT]):
        tell(mem, mem[mem[n + N_OUT] + i], campaign, instant)


@jit
def latest_free(mem, n):
    """Instant since which every machine has been free."""
    at = mem[n + N_TOLD]
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        at = max(at, mem[m + M_FREE])
        m += M_STRIDE
    return at


@jit
def change_campaign(mem, flt, key, n):
    """A first station has started the campaign's quantity: when all has left, the next one begins."""
    if mem[n + N_NEXT_AT] >= mem[n + N_LIMIT] or not quiet(mem, n):
        return False
    at = latest_free(mem, n)
    enter_campaign(mem, flt, key, n, mem[n + N_CAMPAIGN] + 1, at)
    mem[n + N_NEXT_AT] += mem[mem[n + N_SEQ] + 2 * (mem[n + N_CAMPAIGN] % mem[n + N_SEQ_N]) + 1]
    return True


@jit
def unload(mem, n, e, instant):
    """Take back the units of a product that will not be completed."""
    while mem[e + E_LPROD] < mem[n + N_ASSIGNED]:
        m = mem[mem[n + N_ASG] + mem[e + E_LPROD] % mem[n + N_NM]]
        if mem[e + E_LOADED] > 0:
            if within(mem, instant):
                mem[n + N_SURPLUS] += mem[e + E_LOADED]
            mem[m + M_UNITS] -= mem[e + E_LOADED]
            if mem[e + E_ZERO] == 1:
                for _ in range(mem[e + E_LOADED]):
                    release(mem, e, max(instant, last_taken(mem, e)))
            mem[e + E_LOADED] = 0
        mem[e + E_LPROD] += 1


@jit
def withdraw(mem, flt, n, told_at, sure_at):
    """Withdraw the old campaign's units that wait at an assembly one of whose inputs has ended; returns whether any did."""
    moved = False
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        while mem[e + E_TOOK] < mem[e + E_PUT] and not at_mark(mem, e):
            since = head_at(mem, e)
            at = max(since, told_at)
            # places are released in order
            at = max(at, last_taken(mem, e))
            # what comes after the end was told cannot be loaded any more, so its withdrawal is certain
            if (at > sure_at and since < told_at) or at >= mem[H_STOP]:
                break
            mem[e + E_TOOK] += 1
            mem[e + E_LAST] = at
            waited(mem, flt, e, since, at)
            release(mem, e, at)
            if within(mem, at):
                mem[n + N_SURPLUS] += 1
                mem[n + N_ENTERED] += 1
            moved = True
    return moved


@jit
def dissolve(mem, n, instant):
    """Products that are not completely loaded when their campaign has ended are given up."""
    m = mem[n + N_M]
    found = False
    for _ in range(mem[n + N_NM]):
        found = found or mem[m + M_STATE] == LOADING
        m += M_STRIDE
    if not found:
        return False
    # until then the units lay in the machine: nothing else could come in
    mem[n + N_TOLD] = max(mem[n + N_TOLD], instant)
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        # loads complete for products that other inputs could not complete
        first = mem[n + N_ASSIGNED]
        m = mem[n + N_M]
        for _ in range(mem[n + N_NM]):
            first -= 1 if mem[m + M_STATE] == LOADING else 0
            m += M_STRIDE
        ready = mem[e + E_LPROD] - first
        for _ in range(ready * mem[e + E_NEED]):
            if mem[e + E_ZERO] == 1:
                release(mem, e, max(instant, last_taken(mem, e)))
            if within(mem, instant):
                mem[n + N_SURPLUS] += 1
        unload(mem, n, e, instant)
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] == LOADING:
            mem[m + M_STATE] = IDLE
            mem[m + M_UNITS] = 0
        m += M_STRIDE
    return True


@jit
def close_part(mem, flt, key, n, instant):
    """Start the part-filled batch, if there is one, when its campaign has ended; returns whether one was started."""
    e = mem[mem[n + N_IN]]
    if mem[e + E_LOADED] == 0:
        return False
    m = mem[mem[n + N_ASG] + mem[e + E_LPROD] % mem[n + N_NM]]
    at = max(mem[m + M_LOADT], instant)
    if at >= mem[H_STOP]:
        return False
    mem[e + E_LOADED] = 0
    mem[e + E_LPROD] += 1
    start_product(mem, flt, key, n, m, at)
    return True


@jit
def end_at(mem, n):
    """Instant of the next withdrawal at an assembly some of whose inputs have ended their campaign; NEVER if there is none."""
    ins = mem[n + N_IN]
    told_at = NEVER
    waiting = NEVER
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        if at_mark(mem, e):
            told_at = min(told_at, max(max(told(mem, e, K_T), mem[n + N_TOLD]), last_taken(mem, e)))
        elif mem[e + E_TOOK] < mem[e + E_PUT]:
            waiting = min(waiting, max(head_at(mem, e), last_taken(mem, e)))
    if told_at == NEVER:
        return NEVER
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] == LOADING:
            return told_at
        m += M_STRIDE
    return max(told_at, waiting)


@jit
def end_campaign(mem, flt, key, n, ended, sure_at):
    """Some inputs have told the end of the campaign: finish what can be finished, and turn to the next when all have.

    While others have not told, units are withdrawn up to ``sure_at`` only: something may still be loaded before.
    """
    ins = mem[n + N_IN]
    nin = mem[n + N_NIN]
    last = 0
    first_told = NEVER
    campaign = NEVER
    for i in range(nin):
        e = mem[ins + i]
        if at_mark(mem, e):
            ended_at = max(max(told(mem, e, K_T), mem[n + N_TOLD]), last_taken(mem, e))
            last = max(last, ended_at)
            first_told = min(first_told, ended_at)
            campaign = min(campaign, told(mem, e, K_G))
    if ended < nin:
        moved = first_told <= sure_at and dissolve(mem, n, first_told)
        return withdraw(mem, flt, n, first_told, sure_at) or moved
    if mem[n + N_KEEPS] == KEEPS_ALL:
        if close_part(mem, flt, key, n, last):
            return True
        if mem[mem[ins] + E_LOADED] > 0:
            return False
    elif dissolve(mem, n, first_told):
        return True
    if not quiet(mem, n):
        return False
    at = max(latest_free(mem, n), last)
    for i in range(nin):
        e = mem[ins + i]
        if told(mem, e, K_G) == campaign:
            mem[e + E_MHEAD] += 1
    enter_campaign(mem, flt, key, n, campaign, at)
    return True
