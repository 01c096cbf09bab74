"""Campaigns: a node turns from one product to the next when all that belongs to the old one has gone."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.cycle import change_over, settle, start_product
from fabrika.twin.kernel.edges import at_mark, head_at, last_taken, release, tell, told, waited
from fabrika.twin.kernel.fields import (
    E_LAST,
    E_LOADED,
    E_LPROD,
    E_MHEAD,
    E_NEED,
    E_PUT,
    E_TOOK,
    E_ZERO,
    H_STOP,
    IDLE,
    K_G,
    K_T,
    KEEPS_ALL,
    LOADING,
    M_FREE,
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
)
from fabrika.twin.kernel.leaving import within


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
