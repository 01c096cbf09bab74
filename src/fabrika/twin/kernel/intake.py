"""What a product takes in: one unit or several of each input, each as it comes, once the machine is free."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.edges import add_stay, last_taken, mark_at
from fabrika.twin.kernel.fields import (
    E_CHOSEN,
    E_LOADED,
    E_LPROD,
    E_MASK,
    E_NEED,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    H_T0,
    N_ASSIGNED,
    N_BEGUN,
    N_IN,
    N_NEXT_AT,
    N_NIN,
    NEVER,
    POSITIVE,
)


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
def last_start(mem, n):
    """Instant at which units were taken last, -1 if none were."""
    at = -1
    for i in range(mem[n + N_NIN]):
        e = mem[mem[n + N_IN] + i]
        if mem[e + E_TOOK] > 0:
            at = max(at, last_taken(mem, e))
    return at


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
def given_at(mem, n, base):
    """When a machine free at ``base`` is given the next product, where somebody asks for it."""
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        if mem[mem[ins + i] + E_CHOSEN] != 0:
            return inputs_ready(mem, n, base)[0]
    return base


@jit
def take_inputs(mem, n, base, counts):
    """A machine free at ``base`` takes all units of the next product, each as it comes."""
    t0 = mem[H_T0]
    ins = mem[n + N_IN]
    given = given_at(mem, n, base)
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i] & POSITIVE
        took = mem[e + E_TOOK]
        need = mem[e + E_NEED]
        ring = mem[e + E_RING] & POSITIVE
        mask = mem[e + E_MASK] & POSITIVE
        at = max(base, last_taken(mem, e))
        chosen = mem[e + E_CHOSEN]
        stay = 0
        for q in range(need):
            p = ring + ((took + q) & mask)
            a = mem[p]
            at = a if a > at else at
            mem[p] = at
            if chosen != 0:
                mem[chosen + ((took + q) & mask)] = 1 if q == 0 and at == given else 0
            stay += at - (a if a > t0 else t0)
        mem[e + E_TOOK] = took + need
        mem[e + E_REL] += need
        mem[e + E_LPROD] += 1
        if counts == 1:
            add_stay(mem, e, stay)


@jit
def units_in(mem, n):
    """Units that one product takes in."""
    units = 0
    for i in range(mem[n + N_NIN]):
        units += mem[mem[mem[n + N_IN] + i] + E_NEED]
    return max(units, 1)
