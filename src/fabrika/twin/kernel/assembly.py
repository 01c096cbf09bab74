"""Tiles of an assembly: many products at once while nothing can happen but work (see :mod:`fabrika.twin.kernel.serial`)."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.edges import add_stay, at_mark, mark_at
from fabrika.twin.kernel.fields import (
    BLOCKED,
    E_CAP,
    E_DELAY,
    E_LPROD,
    E_MASK,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    H_STOP,
    H_T0,
    H_T1,
    H_TARGET,
    IDLE,
    M_ACC,
    M_FREE,
    M_SEG,
    M_STATE,
    M_T,
    N_ASSIGNED,
    N_BEGUN,
    N_CYCLE,
    N_ENTERED,
    N_EO,
    N_IN,
    N_LANES,
    N_LASTD,
    N_LEFT,
    N_LOG,
    N_LOG_N,
    N_M,
    N_NIN,
    N_PASSED,
    N_PIECES,
    N_ROOM,
    N_WORKED,
    NEVER,
    OPEN,
    POSITIVE,
    PROCESSING,
    S_BIN,
    S_END,
    S_KIND,
    STARVED,
    STATES_N,
    TILE_MAX,
)
from fabrika.twin.kernel.serial import count_out_tile, drawn, find_room, plain
from fabrika.twin.kernel.timeline import spend


@jit
def certain_products(mem, n):
    """How many products all inputs and the places ahead certainly allow."""
    ins = mem[n + N_IN]
    run = TILE_MAX
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        if mem[e + E_LPROD] != mem[n + N_ASSIGNED] or at_mark(mem, e):
            return 0
        run = min(run, min(mem[e + E_PUT], mark_at(mem, e)) - mem[e + E_TOOK])
    eo = mem[n + N_EO]
    if eo != 0:
        run = min(run, mem[eo + E_REL] + mem[eo + E_CAP] - mem[eo + E_PUT])
    return run


@jit
def assembly_tile(mem, flt, key, n):
    """As many products as certain through a single machine that needs one unit of each of several inputs."""
    m = mem[n + N_M]
    seg = mem[m + M_SEG] & POSITIVE
    lim = mem[seg + S_END]
    since = mem[m + M_ACC]
    if mem[m + M_STATE] != IDLE or mem[m + M_FREE] != since or lim <= since or since >= mem[H_STOP]:
        return 0
    if mem[seg + S_KIND] != OPEN or not plain(mem, n, m) or (mem[n + N_EO] == 0 and mem[H_TARGET] > 0):
        return 0
    run = certain_products(mem, n)
    if run <= 0:
        return 0
    c = mem[n + N_CYCLE]
    room = mem[n + N_ROOM] if mem[n + N_ROOM] > 0 else find_room(mem, n, c)
    run = min(run, room)
    block = 0
    worn = NEVER
    if c < 0 and run > 0:
        run, block, worn = drawn(mem, flt, key, n, run)
    if run <= 0:
        return 0
    done, d, idle, busy = assembly_loop(mem, n, run, c, since, lim, block, worn)
    if done > 0:
        settle_assembly(mem, n, m, seg, done, d, idle, busy)
    return done


@jit
def settle_assembly(mem, n, m, seg, done, d, idle, busy):
    """Account for the machine time of a tile and count its units."""
    lim = mem[seg + S_END]
    end = d if d < lim else lim
    week = mem[seg + S_BIN]
    inside = 1 if mem[H_T0] <= d < mem[H_T1] else 0
    if week >= 0:
        times = (mem[m + M_T] + week * STATES_N) & POSITIVE
        mem[times + PROCESSING] += busy
        mem[times + STARVED] += idle
        mem[times + BLOCKED] += end - mem[m + M_ACC] - idle - busy
        mem[n + N_ENTERED] += done * mem[n + N_NIN]
        inside += done - 1
    mem[n + N_LEFT] += inside
    mem[m + M_ACC] = end
    mem[m + M_FREE] = d
    mem[n + N_LASTD] = d
    mem[n + N_ROOM] -= done
    mem[n + N_PASSED] += done
    mem[n + N_WORKED] += busy
    mem[n + N_BEGUN] += done
    mem[n + N_ASSIGNED] += done
    for i in range(mem[n + N_NIN]):
        e = mem[mem[n + N_IN] + i]
        mem[e + E_TOOK] += done
        mem[e + E_REL] += done
        mem[e + E_LPROD] += done
    if mem[n + N_LOG] > 0:
        mem[n + N_LOG_N] += done
    if mem[n + N_EO] != 0:
        mem[mem[n + N_EO] + E_PUT] += done
    elif week >= 0:
        count_out_tile(mem, n, seg, done * mem[n + N_PIECES])
    if d >= lim:
        spend(mem, m, d, BLOCKED)


@jit
def all_there(mem, n, run, scratch):
    """Write down, from ``scratch`` on, when the last of the units of each of the next products comes."""
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        ring = mem[e + E_RING] & POSITIVE
        mask = mem[e + E_MASK] & POSITIVE
        took = mem[e + E_TOOK]
        if i == 0:
            for q in range(run):
                mem[scratch + q] = mem[ring + ((took + q) & mask)]
        else:
            for q in range(run):
                a = mem[ring + ((took + q) & mask)]
                b = mem[scratch + q]
                mem[scratch + q] = a if a > b else b


@jit
def take_all(mem, n, run, scratch, w0, counted):
    """Take a unit of every input for each product, from the instants on that stand from ``scratch`` on."""
    ins = mem[n + N_IN]
    for i in range(mem[n + N_NIN]):
        e = mem[ins + i]
        ring = mem[e + E_RING] & POSITIVE
        mask = mem[e + E_MASK] & POSITIVE
        took = mem[e + E_TOOK]
        stay = 0
        for q in range(run):
            p = ring + ((took + q) & mask)
            a = mem[p]
            b = mem[scratch + q]
            b = a if a > b else b
            mem[p] = b
            stay += b - (a if a > w0 else w0)
        if counted:
            add_stay(mem, e, stay)


@jit
def assembly_loop(mem, n, run, c, d, lim, block, worn):
    """The recursion of an assembly: every input is taken when the machine is free, the product begins with the last."""
    eo = mem[n + N_EO]
    j = mem[eo + E_PUT] if eo != 0 else 0
    ro = mem[eo + E_RING] & POSITIVE if eo != 0 else 0
    mo = mem[eo + E_MASK] & POSITIVE if eo != 0 else 0
    back = j - mem[eo + E_CAP] if eo != 0 else 0
    delay = mem[eo + E_DELAY] if eo != 0 else 0
    t0 = mem[H_T0]
    w0 = t0 if d >= t0 else 0
    log = mem[n + N_LOG] + mem[n + N_LOG_N] if mem[n + N_LOG] > 0 else 0
    counted = mem[mem[mem[n + N_M] + M_SEG] + S_BIN] >= 0
    scratch = mem[n + N_LANES] & POSITIVE
    all_there(mem, n, run, scratch)
    idle = 0
    busy = 0
    q = 0
    while q < run:
        x = mem[block + q] if block != 0 else c
        a = mem[scratch + q]
        s = a if a > d else d
        f = s + x
        if f >= lim or busy + x > worn:
            break
        mem[scratch + q] = d
        idle += s - d
        busy += x
        d = f
        if eo != 0:
            r = mem[ro + ((back + q) & mo)]
            d = f if f > r else r
            mem[ro + ((j + q) & mo)] = d + delay
        if log != 0:
            mem[log + q] = d
        q += 1
    take_all(mem, n, q, scratch, w0, counted)
    return q, d, idle, busy
