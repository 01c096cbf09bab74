"""Junctions: merges, splits, stores and transports; no time and no place of their own.

A unit passes when it has come and a place ahead is free. A merge takes the head that came first, a split the output whose
place is free first; ties go by the order of the file. Where a head or a place is not known yet, the passing is undecided and
waits for :mod:`fabrika.twin.kernel.resolve`.
"""

from __future__ import annotations

from fabrika.twin.kernel.campaigns import enter_campaign
from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.edges import (
    add_stay,
    at_mark,
    head_at,
    mark_at,
    place_free_at,
    places,
    put,
    release,
    told,
    waited,
)
from fabrika.twin.kernel.fields import (
    E_CAP,
    E_DELAY,
    E_GRANT,
    E_MASK,
    E_MHEAD,
    E_OFFER,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    H_STOP,
    H_T0,
    H_T1,
    H_UNITS,
    K_G,
    K_T,
    N_BEGUN,
    N_EI,
    N_ENTERED,
    N_EO,
    N_IN,
    N_LASTD,
    N_LEFT,
    N_LOG,
    N_LOG_N,
    N_NIN,
    N_NOUT,
    N_OUT,
    N_RR,
    N_RR_NEXT,
    N_TILE,
    N_TOLD,
    NEVER,
    POSITIVE,
    TILE_TRANSPORT,
)
from fabrika.twin.kernel.leaving import count_out, log_departure, offer, within
from fabrika.twin.kernel.ties import settled_until
from fabrika.twin.kernel.units import unit_passes


@jit
def first_head(mem, n):
    """The input whose head came first, when it came, and whether that is certain; edge 0 if no head is known."""
    found = 0
    first = NEVER
    certain = True
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        if at_mark(mem, e):
            continue
        if mem[e + E_GRANT] == 1:
            at = mem[e + E_OFFER]
            known = at >= 0
        else:
            known = mem[e + E_TOOK] < mem[e + E_PUT]
            at = head_at(mem, e) if known else 0
        if not known:
            certain = False
        elif at < first:
            found = e
            first = at
    return found, first, certain


@jit
def first_place(mem, n, ready):
    """The output a unit ready at ``ready`` goes to, when, and whether that is certain; edge 0 if no place is known.

    A node without outputs lets its units out of the plant: edge 0, at ``ready``, certain.
    """
    outs = mem[n + N_OUT]
    if mem[n + N_RR] == 1:
        e = mem[outs + mem[n + N_RR_NEXT]]
        if places(mem, e) <= 0:
            return 0, NEVER, True
        return e, max(ready, place_free_at(mem, e)), True
    found = 0
    first = NEVER
    unknown_before = False
    unknown = False
    for i in range(mem[n + N_NOUT]):
        e = mem[outs + i]
        if places(mem, e) <= 0:
            unknown = True
            if found == 0:
                unknown_before = True
            continue
        at = max(ready, place_free_at(mem, e))
        if at < first:
            found = e
            first = at
            unknown_before = unknown
    return found, first, not unknown_before and not (unknown and first > ready)


@jit
def passing(mem, n):
    """The next passing: input, output, instant, certain; input 0 if none is known."""
    e, ready, sure_in = first_head(mem, n)
    if e == 0:
        return 0, 0, NEVER, False
    if mem[n + N_TOLD] > ready:
        ready = mem[n + N_TOLD]
    if mem[n + N_NOUT] == 0:
        return e, 0, ready, sure_in
    o, at, sure_out = first_place(mem, n, ready)
    if o == 0:
        return 0, 0, NEVER, False
    return e, o, at, sure_in and sure_out


@jit
def pass_unit(mem, flt, key, n, e, o, at):
    """One unit passes from edge ``e`` to edge ``o`` (0: out of the plant) at the instant ``at``."""
    unit_passes(mem, n, e, o, at)
    if mem[e + E_GRANT] == 1:
        # the unit still sits in the machine before: it is given this place, and leaves at this instant
        mem[e + E_OFFER] = -1
        release(mem, e, at)
    else:
        waited(mem, e, head_at(mem, e) - mem[e + E_DELAY], at)
    mem[e + E_TOOK] += 1
    if mem[e + E_GRANT] == 0:
        release(mem, e, at)
    if o == 0:
        count_out(mem, flt, key, n, at, 1)
    else:
        put(mem, o, at)
        if mem[n + N_RR] == 1:
            mem[n + N_RR_NEXT] = (mem[n + N_RR_NEXT] + 1) % mem[n + N_NOUT]
    mem[n + N_LASTD] = at
    mem[n + N_BEGUN] += 1
    inside = within(mem, at)
    mem[n + N_ENTERED] += inside
    mem[n + N_LEFT] += inside
    log_departure(mem, n, at)


@jit
def turn_campaign(mem, flt, key, n):
    """When every input has told the end of its campaign, tell the outputs; returns whether it did."""
    ins = mem[n + N_IN]
    last = mem[n + N_LASTD]
    campaign = NEVER
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        if not at_mark(mem, e):
            return False
        campaign = min(campaign, told(mem, e, K_G))
        last = max(last, told(mem, e, K_T))
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        if told(mem, e, K_G) == campaign:
            mem[e + E_MHEAD] += 1
    enter_campaign(mem, flt, key, n, campaign, last)
    return True


@jit
def offer_on(mem, n):
    """A transport before a merge without places offers its first unit there; returns whether it could."""
    if mem[n + N_NOUT] != 1:
        return False
    o = mem[mem[n + N_OUT]]
    if mem[o + E_GRANT] == 0 or places(mem, o) > 0:
        return False
    e, ready, certain = first_head(mem, n)
    if e == 0 or not certain:
        return False
    offer(mem, o, max(ready, mem[n + N_LASTD]))
    return True


@jit
def transport_tile(mem, n):
    """Units of a transport with one taker, as many as certain; returns how many."""
    ei = mem[n + N_EI] & POSITIVE
    eo = mem[n + N_EO] & POSITIVE
    took = mem[ei + E_TOOK]
    j = mem[eo + E_PUT]
    run = min(min(mem[ei + E_PUT], mark_at(mem, ei)) - took, mem[eo + E_REL] + mem[eo + E_CAP] - j)
    if run <= 0:
        return 0
    ri = mem[ei + E_RING] & POSITIVE
    mi = mem[ei + E_MASK] & POSITIVE
    ro = mem[eo + E_RING] & POSITIVE
    mo = mem[eo + E_MASK] & POSITIVE
    back = j - mem[eo + E_CAP]
    transit = mem[ei + E_DELAY]
    delay = mem[eo + E_DELAY]
    log = (mem[n + N_LOG] + mem[n + N_LOG_N]) & POSITIVE if mem[n + N_LOG] > 0 else 0
    told_at = mem[n + N_TOLD]
    t0 = mem[H_T0]
    t1 = mem[H_T1]
    stop = mem[H_STOP]
    inside = 0
    stay = 0
    last = mem[n + N_LASTD]
    q = 0
    while q < run:
        p = ri + ((took + q) & mi)
        a = mem[p]
        d = a if a > told_at else told_at
        r = mem[ro + ((back + q) & mo)]
        d = d if d > r else r
        if d >= stop:
            break
        mem[p] = d
        mem[ro + ((j + q) & mo)] = d + delay
        if d >= t0 and d < t1:
            inside += 1
            on = a - transit
            stay += d - (on if on > t0 else t0)
        if log != 0:
            mem[log + q] = d
        last = d
        q += 1
    mem[ei + E_TOOK] = took + q
    mem[ei + E_REL] = took + q
    mem[eo + E_PUT] = j + q
    mem[n + N_LASTD] = last
    mem[n + N_BEGUN] += q
    mem[n + N_ENTERED] += inside
    mem[n + N_LEFT] += inside
    add_stay(mem, ei, stay)
    if log != 0:
        mem[n + N_LOG_N] += q
    return q


@jit
def advance_junction(mem, flt, key, n):
    """Let everything pass that certainly passes; returns whether anything moved."""
    moved = False
    if mem[n + N_TILE] == TILE_TRANSPORT and mem[H_UNITS] == 0:
        moved = transport_tile(mem, n) > 0
        if not at_mark(mem, mem[n + N_EI]):
            return moved
    while True:
        e, o, at, certain = passing(mem, n)
        if e != 0 and certain and at < mem[H_STOP] and at < settled_until(mem, n):
            pass_unit(mem, flt, key, n, e, o, at)
            moved = True
        elif e == 0 and offer_on(mem, n):
            return moved
        elif turn_campaign(mem, flt, key, n):
            moved = True
        else:
            return moved
