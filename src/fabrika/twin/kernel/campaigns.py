"""Campaigns: a node turns from one product to the next when all that belongs to the old one has gone."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.cycle import change_over, settle, start_product
from fabrika.twin.kernel.edges import choose_place, head_at, last_taken, mark_at, release, tell, told, waited
from fabrika.twin.kernel.fields import (
    E_CLAIM,
    E_CLAIM_N,
    E_LAST,
    E_LOADED,
    E_LPROD,
    E_MASK,
    E_MHEAD,
    E_NEED,
    E_PUT,
    E_RING,
    E_TOOK,
    E_ZERO,
    H_STOP,
    H_TELL,
    IDLE,
    K_G,
    K_T,
    KEEPS_ALL,
    M_FREE,
    M_GIVEN,
    M_LOADT,
    M_STATE,
    M_STRIDE,
    M_UNITS,
    N_ASG,
    N_ASSIGNED,
    N_CAMPAIGN,
    N_ENTERED,
    N_IN,
    N_KEEPS,
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
    N_SURPLUS,
    N_TOLD,
    NEVER,
    TELL_ENTERED,
)
from fabrika.twin.kernel.leaving import within
from fabrika.twin.kernel.telling import beyond, tell_campaign
from fabrika.twin.kernel.units import units_drawn, units_dropped


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
    if mem[H_TELL] != 0:
        tell_campaign(mem, n, campaign, instant)
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
def gathers(mem, n):
    """Whether a product needs several units, so that some may be left over when a campaign ends."""
    if mem[n + N_NIN] == 0 or mem[n + N_KEEPS] == KEEPS_ALL or mem[n + N_SEQ_N] == 1:
        return False
    return mem[n + N_NIN] > 1 or mem[mem[mem[n + N_IN]] + E_NEED] > 1


@jit
def unmarked(mem, e):
    """Units of the present campaign that are known and not taken yet."""
    return min(mem[e + E_PUT], mark_at(mem, e)) - mem[e + E_TOOK]


@jit
def lacks(mem, e, products):
    """Units that products before number ``products`` still need from this input."""
    return (products - mem[e + E_LPROD]) * mem[e + E_NEED] - mem[e + E_LOADED]


@jit
def ended_at(mem, n, e):
    """Instant since which an input has told the end of the campaign, all its units belonging to products; NEVER if not known."""
    mark = mark_at(mem, e)
    if mark == NEVER:
        return NEVER
    left = mark - mem[e + E_TOOK]
    at = max(told(mem, e, K_T), mem[n + N_TOLD])
    if left == 0:
        return max(at, mem[e + E_CLAIM] if mem[e + E_CLAIM_N] == mem[e + E_TOOK] else last_taken(mem, e))
    if left > lacks(mem, e, mem[n + N_ASSIGNED]):
        return NEVER
    product = mem[e + E_LPROD] + (mem[e + E_LOADED] + left - 1) // mem[e + E_NEED]
    return max(at, mem[mem[mem[n + N_ASG] + product % mem[n + N_NM]] + M_GIVEN])


@jit
def first_told(mem, n):
    """Instant since which some input has told the end of the campaign: no product is given to a machine any more."""
    at = NEVER
    for i in range(mem[n + N_NIN]):
        at = min(at, ended_at(mem, n, mem[mem[n + N_IN] + i]))
    return at


@jit
def hopeless(mem, n):
    """The first product given to a machine that an ended input leaves incomplete, and when that is told; NEVER if there is none."""
    first = mem[n + N_ASSIGNED]
    at = NEVER
    for i in range(mem[n + N_NIN]):
        e = mem[mem[n + N_IN] + i]
        told_at = ended_at(mem, n, e)
        if told_at < NEVER:
            product = mem[e + E_LPROD] + (mem[e + E_LOADED] + unmarked(mem, e)) // mem[e + E_NEED]
            if product < mem[n + N_ASSIGNED] and (told_at < at or (told_at == at and product < first)):
                first = product
                at = told_at
    return first, at


@jit
def draw_back(mem, n, e, ahead, count, instant):
    """Withdraw ``count`` units that wait behind ``ahead`` others."""
    ring = mem[e + E_RING]
    mask = mem[e + E_MASK]
    took = mem[e + E_TOOK]
    units_drawn(mem, n, e, ahead, count)
    for q in range(ahead, ahead + count):
        waited(mem, e, mem[ring + ((took + q) & mask)], instant)
    for q in range(ahead):
        # those ahead move up into the cells of the last
        p = took + ahead - 1 - q
        mem[ring + ((p + count) & mask)] = mem[ring + (p & mask)]
    mem[e + E_TOOK] = took + count
    for _ in range(count):
        choose_place(mem, e, 0)
        release(mem, e, instant)
    if count > 0 and ahead == 0:
        mem[e + E_LAST] = instant
        mem[e + E_CLAIM] = instant
        mem[e + E_CLAIM_N] = mem[e + E_TOOK]
    if within(mem, instant):
        mem[n + N_SURPLUS] += count
        mem[n + N_ENTERED] += count
        beyond(mem, TELL_ENTERED, n, count, instant)


@jit
def undo(mem, n, e, first, instant):
    """Withdraw the units of one input that belong to products from number ``first`` on."""
    room = lacks(mem, e, mem[n + N_ASSIGNED])
    ahead = max(0, lacks(mem, e, first))
    here = 0
    known = unmarked(mem, e)
    while here < min(room, known) and mem[mem[e + E_RING] + ((mem[e + E_TOOK] + here) & mem[e + E_MASK])] <= instant:
        here += 1
    loaded = -lacks(mem, e, first)
    if loaded > 0:
        mem[e + E_LPROD] = first
        mem[e + E_LOADED] = 0
        if within(mem, instant):
            mem[n + N_SURPLUS] += loaded
        if mem[e + E_ZERO] == 1:
            for _ in range(loaded):
                release(mem, e, instant)
    if here > ahead:
        draw_back(mem, n, e, ahead, here - ahead, instant)


@jit
def dissolve(mem, n, first, instant):
    """Give up the products from number ``first`` on, which will not be completed; their machines are idle as before."""
    for i in range(mem[n + N_NIN]):
        undo(mem, n, mem[mem[n + N_IN] + i], first, instant)
    for product in range(first, mem[n + N_ASSIGNED]):
        m = mem[mem[n + N_ASG] + product % mem[n + N_NM]]
        units_dropped(mem, n, m)
        mem[m + M_STATE] = IDLE
        mem[m + M_UNITS] = 0
    mem[n + N_ASSIGNED] = first
    # until then the units lay in the machines: nothing else could come in
    mem[n + N_TOLD] = max(mem[n + N_TOLD], instant)


@jit
def surplus_at(mem, n, e, told_at):
    """When the next unit of an input is withdrawn, as no product needs it after ``told_at``; NEVER if none is known."""
    if mem[e + E_LPROD] != mem[n + N_ASSIGNED] or unmarked(mem, e) <= 0:
        return NEVER
    return max(max(head_at(mem, e), last_taken(mem, e)), told_at)


@jit
def withdraw(mem, n, told_at, sure_at):
    """Withdraw units that no product needs any more, up to ``sure_at``; returns whether there were any."""
    moved = False
    for i in range(mem[n + N_NIN]):
        e = mem[mem[n + N_IN] + i]
        while surplus_at(mem, n, e, told_at) <= sure_at:
            draw_back(mem, n, e, 0, 1, surplus_at(mem, n, e, told_at))
            moved = True
    return moved


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
    """Instant at which units are withdrawn next because some input has told the end of the campaign; NEVER if none are."""
    told_at = first_told(mem, n)
    if told_at == NEVER:
        return NEVER
    _first, at = hopeless(mem, n)
    for i in range(mem[n + N_NIN]):
        at = min(at, surplus_at(mem, n, mem[mem[n + N_IN] + i], told_at))
    return at


@jit
def end_gathering(mem, n, sure_at):
    """Give up products and units left over by ended inputs, up to ``sure_at``: something may still be loaded before."""
    told_at = first_told(mem, n)
    if told_at == NEVER:
        return False
    first, at = hopeless(mem, n)
    if at <= sure_at or (at < NEVER and mem[n + N_NIN] == 1):
        dissolve(mem, n, first, at)
        return True
    return withdraw(mem, n, told_at, min(sure_at, at))


@jit
def end_campaign(mem, flt, key, n):
    """All inputs have told the end of the campaign: when all has left, the next one begins; returns whether anything moved."""
    ins = mem[n + N_IN]
    nin = mem[n + N_NIN]
    last = 0
    campaign = NEVER
    for i in range(nin):
        e = mem[ins + i]
        last = max(last, ended_at(mem, n, e))
        campaign = min(campaign, told(mem, e, K_G))
    if mem[n + N_KEEPS] == KEEPS_ALL:
        if close_part(mem, flt, key, n, last):
            return True
        if mem[mem[ins] + E_LOADED] > 0:
            return False
    if not quiet(mem, n):
        return False
    at = max(latest_free(mem, n), last)
    for i in range(nin):
        e = mem[ins + i]
        if told(mem, e, K_G) == campaign:
            mem[e + E_MHEAD] += 1
    enter_campaign(mem, flt, key, n, campaign, at)
    return True
