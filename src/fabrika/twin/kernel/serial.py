"""Tiles: many units of a plain station at once, while nothing can happen but work.

A tile ends before the first unit that meets an end of segment, a stop, scrap, a change of campaign or of lot. The loop is the
published recursion of a line with blocking after service: a unit begins when it has come and the machine is free, and leaves
when it is done and the place ahead is free (Dallery & Gershwin, "Manufacturing flow line systems: a review of models and
analytical results", Queueing Systems 12, 1992, section 3; Ermakov & Krivulin 1995). When the places ahead are used up one
more unit begins, so that its own place behind is known to be free, and waits as finished.

What products take off scrap budgets, clocks and lots is added up and settled when the slow path next looks at them.
"""

from __future__ import annotations

import numpy as np

from fabrika.twin.kernel.clocks import busy_left, clock_room, ramp_step_at, wear
from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.draws import bits52, cubic, exponentials
from fabrika.twin.kernel.edges import add_stay, mark_at
from fabrika.twin.kernel.fields import (
    BLOCK,
    BLOCKED,
    E_CAP,
    E_DELAY,
    E_MASK,
    E_MHEAD,
    E_MTAIL,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    FINISHED,
    H_DAYS,
    H_LONG,
    H_REJECTED,
    H_STOP,
    H_T0,
    H_T1,
    H_TARGET,
    H_TELL,
    IDLE,
    K_CYCLE,
    M_ACC,
    M_FIN,
    M_FREE,
    M_PRODUCT,
    M_SEG,
    M_STATE,
    M_T,
    M_TELL,
    M_UNITS,
    N_BEGUN,
    N_BLOCK,
    N_BUDGET,
    N_COST,
    N_CYCLE,
    N_DRAWN_FROM,
    N_DRAWN_TO,
    N_EI,
    N_ENTERED,
    N_EO,
    N_FBLOCK,
    N_GOOD,
    N_KEY,
    N_LEFT,
    N_LOG,
    N_LOG_N,
    N_LOT_BAD,
    N_LOT_LEFT,
    N_LOT_SIZE,
    N_M,
    N_MEAN_EFF,
    N_NEXT_AT,
    N_PASSED,
    N_PIECES,
    N_PRODUCT,
    N_QHEAD,
    N_QTAIL,
    N_QUEUE,
    N_ROOM,
    N_SKIP,
    N_TABLE,
    N_TOLD,
    N_WORKED,
    NEVER,
    OPEN,
    POSITIVE,
    PROCESSING,
    S_BIN,
    S_DAY,
    S_END,
    S_KIND,
    STARVED,
    STATES_N,
    TABLE_EXPONENTIAL,
    TELL_LEFT,
    TILE_MAX,
)
from fabrika.twin.kernel.telling import beyond, note
from fabrika.twin.kernel.timeline import spend

WAIT, MOVED, SLOW, AGAIN = 0, 1, 2, 4
"""What a visit found: nothing more is certain; units moved; the slow path may go on; a tile was full (values add up)."""


@jit
def draw_block(mem, flt, key, n, k):
    """Draw the work contents of products ``k, k + 1, ...`` of a node, ns, into its block."""
    stream = key[mem[n + N_KEY] + K_CYCLE]
    mean = flt[mem[n + N_MEAN_EFF]]
    table = mem[n + N_TABLE]
    at = mem[n + N_BLOCK] & POSITIVE
    if table == TABLE_EXPONENTIAL:
        scratch = mem[n + N_FBLOCK] & POSITIVE
        exponentials(stream, k, BLOCK, flt, scratch)
        for i in range(BLOCK):
            mem[at + i] = np.int64(np.floor(mean * flt[scratch + i] + 0.5))
    else:
        for i in range(BLOCK):
            mem[at + i] = np.int64(np.floor(mean * cubic(flt, table, bits52(stream, k + i)) + 0.5))
    mem[n + N_DRAWN_FROM] = k
    mem[n + N_DRAWN_TO] = k + BLOCK


@jit
def settle_tiles(mem, n):
    """Take what tiles have passed off the clocks, the scrap budget and the lot of a single machine."""
    passed = mem[n + N_PASSED]
    mem[n + N_ROOM] = 0
    if passed == 0:
        return
    wear(mem, mem[n + N_M], passed, mem[n + N_WORKED])
    if mem[n + N_COST] > 0:
        mem[n + N_BUDGET] -= passed * mem[n + N_COST]
    if mem[n + N_LOT_SIZE] > 0:
        mem[n + N_LOT_LEFT] -= passed * mem[n + N_PIECES]
    mem[n + N_PASSED] = 0
    mem[n + N_WORKED] = 0


@jit
def find_room(mem, n, x):
    """How many products of work ``x`` (negative: drawn) can pass before scrap, a stop or a lot's end."""
    settle_tiles(mem, n)
    run = clock_room(mem, mem[n + N_M], x)
    cost = mem[n + N_COST]
    if cost != 0:
        run = min(run, mem[n + N_BUDGET] // cost) if cost > 0 else 0
    if mem[n + N_LOT_SIZE] > 0:
        run = min(run, mem[n + N_LOT_LEFT] // mem[n + N_PIECES])
    mem[n + N_ROOM] = run
    return run


@jit_inline
def plain(mem, n, m):
    """Whether the machine can take the next product without changeover, ramp-up step or anything else but work."""
    if mem[m + M_PRODUCT] != mem[n + N_PRODUCT] or mem[n + N_SKIP] == 1 or mem[n + N_TOLD] > mem[m + M_ACC]:
        return False
    return ramp_step_at(mem, n) > mem[m + M_ACC]


@jit_inline
def constant_loop(mem, ei, took, eo, j, run, c, d, lim):
    """Constant cycle ``c``, all units came within the window or none counts.

    Returns (units, last leaving, starved ns, stay in the buffer behind, busy ns).
    """
    ri = mem[ei + E_RING] & POSITIVE
    mi = mem[ei + E_MASK] & POSITIVE
    ro = mem[eo + E_RING] & POSITIVE
    mo = mem[eo + E_MASK] & POSITIVE
    back = j - mem[eo + E_CAP]
    delay = mem[eo + E_DELAY]
    # no unit can be late for the segment's end if the last to come and the last place to be free are early enough
    latest = max(max(d, mem[ri + ((took + run - 1) & mi)]), mem[ro + ((back + run - 1) & mo)])
    if latest + run * c >= lim:
        return 0, d, 0, 0, 0
    idle = 0
    stay = 0
    for q in range(run):
        p = ri + ((took + q) & mi)
        a = mem[p]
        s = a if a > d else d
        mem[p] = s
        idle += s - d
        stay += s - a
        f = s + c
        r = mem[ro + ((back + q) & mo)]
        d = f if f > r else r
        mem[ro + ((j + q) & mo)] = d + delay
    return run, d, idle, stay, run * c


@jit_inline
def drawn_loop(mem, ei, took, eo, j, run, block, d, lim, worn):
    """Drawn cycles, from ``block`` on; otherwise as :func:`constant_loop`."""
    ri = mem[ei + E_RING] & POSITIVE
    mi = mem[ei + E_MASK] & POSITIVE
    ro = mem[eo + E_RING] & POSITIVE
    mo = mem[eo + E_MASK] & POSITIVE
    block = block & POSITIVE
    back = j - mem[eo + E_CAP]
    delay = mem[eo + E_DELAY]
    idle = 0
    stay = 0
    busy = 0
    q = 0
    while q < run:
        x = mem[block + q]
        p = ri + ((took + q) & mi)
        a = mem[p]
        s = a if a > d else d
        f = s + x
        if f >= lim or busy + x > worn:
            break
        mem[p] = s
        idle += s - d
        stay += s - a
        busy += x
        r = mem[ro + ((back + q) & mo)]
        d = f if f > r else r
        mem[ro + ((j + q) & mo)] = d + delay
        q += 1
    return q, d, idle, stay, busy


@jit
def any_loop(mem, ei, took, eo, j, run, c, d, lim, block, worn, log):
    """Any cycle (from ``block`` if it is not 0), input and output optional; departures written down from ``log`` on."""
    ri = mem[ei + E_RING] & POSITIVE if ei != 0 else 0
    mi = mem[ei + E_MASK] & POSITIVE if ei != 0 else 0
    ro = mem[eo + E_RING] & POSITIVE if eo != 0 else 0
    mo = mem[eo + E_MASK] & POSITIVE if eo != 0 else 0
    back = j - mem[eo + E_CAP] if eo != 0 else 0
    delay = mem[eo + E_DELAY] if eo != 0 else 0
    t0 = mem[H_T0]
    w0 = t0 if d >= t0 else 0
    long = mem[H_LONG]
    idle = 0
    stay = 0
    busy = 0
    q = 0
    while q < run:
        x = mem[block + q] if block != 0 else c
        p = ri + ((took + q) & mi)
        a = mem[p] if ei != 0 else d
        s = a if a > d else d
        f = s + x
        r = mem[ro + ((back + q) & mo)] if eo != 0 else f
        if f >= lim or busy + x > worn or s - d >= long or r - f >= long:
            break
        busy += x
        if ei != 0:
            mem[p] = s
            stay += s - (a if a > w0 else w0)
        idle += s - d
        d = f
        if eo != 0:
            d = f if f > r else r
            mem[ro + ((j + q) & mo)] = d + delay
        if log != 0:
            mem[log + q] = d
        q += 1
    return q, d, idle, stay, busy


@jit_inline
def count_out_tile(mem, n, seg, pieces):
    """Count pieces of one tile that left the plant in a segment of the window."""
    if mem[n + N_LOT_SIZE] > 0 and mem[n + N_LOT_BAD] == 1:
        mem[mem[H_REJECTED] + mem[n + N_PRODUCT]] += pieces
    else:
        mem[mem[n + N_GOOD] + mem[n + N_PRODUCT] * mem[H_DAYS] + mem[seg + S_DAY]] += pieces


@jit_inline
def visit(mem, flt, key, n):
    """Move as many units as certain through a single machine with at most one input and output.

    Returns the sum of what was found: :data:`WAIT`, :data:`MOVED`, :data:`SLOW`, :data:`AGAIN`.
    """
    n = n & POSITIVE
    m = mem[n + N_M] & POSITIVE
    state = mem[m + M_STATE]
    ei = mem[n + N_EI] & POSITIVE
    eo = mem[n + N_EO] & POSITIVE
    j = 0
    space = NEVER
    if eo != 0:
        j = mem[eo + E_PUT]
        space = mem[eo + E_REL] + mem[eo + E_CAP] - j
        if state == FINISHED and space <= 0:
            return WAIT
    elif mem[H_TARGET] > 0:
        return SLOW
    seg = mem[m + M_SEG] & POSITIVE
    lim = mem[seg + S_END]
    since = mem[m + M_ACC]
    if (state != IDLE and (state != FINISHED or eo == 0)) or lim <= since or mem[seg + S_KIND] != OPEN:
        return SLOW
    d = since
    left = 0
    log = mem[n + N_LOG] + mem[n + N_LOG_N] if mem[n + N_LOG] > 0 else 0
    if state == FINISHED:
        r = mem[mem[eo + E_RING] + ((j - mem[eo + E_CAP]) & mem[eo + E_MASK])]
        if r - d >= mem[H_LONG]:
            return SLOW
        d = d if d > r else r
        mem[mem[eo + E_RING] + (j & mem[eo + E_MASK])] = d + mem[eo + E_DELAY]
        j += 1
        space -= 1
        left = 1
        mem[m + M_STATE] = IDLE
        mem[n + N_QHEAD] += 1
        if log > 0:
            mem[log] = d
            log += 1
    elif mem[m + M_FREE] != since:
        return SLOW
    took = mem[ei + E_TOOK] if ei != 0 else 0
    avail = supply(mem, n, ei, took)
    done = 0
    idle = 0
    stay = 0
    busy = 0
    held = 0
    more = SLOW
    if avail > 0 and d < lim and d < mem[H_STOP] and plain(mem, n, m):
        c = mem[n + N_CYCLE]
        room = mem[n + N_ROOM]
        if room <= 0:
            room = find_room(mem, n, c)
        run = min(min(avail, space), min(room, TILE_MAX))
        block = 0
        worn = NEVER
        if c < 0 and room > 0:
            run, block, worn = drawn(mem, flt, key, n, run)
        if run > 0:
            if ei != 0 and eo != 0 and log == 0 and mem[H_TELL] == 0 and unclipped(mem, ei, took, d):
                if block == 0:
                    done, d, idle, stay, busy = constant_loop(mem, ei, took, eo, j, run, c, d, lim)
                else:
                    done, d, idle, stay, busy = drawn_loop(mem, ei, took, eo, j, run, block, d, lim, worn)
            if done == 0:
                done, d, idle, stay, busy = any_loop(mem, ei, took, eo, j, run, c, d, lim, block, worn, log)
            left += done
            j += done
        if done == run and run == avail and (ei != 0 or room > run):
            more = at_end(mem, ei, took + done)
        elif done == run and run == TILE_MAX:
            more = AGAIN
        elif done == run and run == space and room > run and d < lim:
            x = mem[block + done] if block != 0 else c
            a = mem[mem[ei + E_RING] + ((took + done) & mem[ei + E_MASK])] if ei != 0 else d
            s = a if a > d else d
            if s + x < lim and busy + x <= worn and s - d < mem[H_LONG]:
                held = s + x
                more = WAIT
                hold(mem, n, m, ei, took + done, s, held)
                w0 = mem[H_T0] if d >= mem[H_T0] else 0
                stay += s - (a if a > w0 else w0)
                idle += s - d
                busy += x
                done += 1
    elif avail <= 0:
        more = at_end(mem, ei, took)
    write_back(mem, n, m, ei, eo, seg, took, j, d, done, left, idle, stay, busy, held)
    return (MOVED if done + left > 0 else WAIT) + more


@jit_inline
def unclipped(mem, ei, took, d):
    """Whether the stays of the next units need no clipping at the window's begin."""
    return d < mem[H_T0] or mem[mem[ei + E_RING] + (took & mem[ei + E_MASK])] >= mem[H_T0]


@jit_inline
def supply(mem, n, ei, took):
    """Units that can be taken before the campaign ends."""
    if ei == 0:
        return mem[n + N_NEXT_AT] - mem[n + N_BEGUN]
    put = mem[ei + E_PUT]
    if mem[ei + E_MHEAD] != mem[ei + E_MTAIL]:
        put = min(put, mark_at(mem, ei))
    return put - took


@jit_inline
def at_end(mem, ei, took):
    """Whether a station without units has to turn to another campaign."""
    if ei == 0:
        return SLOW
    return SLOW if mem[ei + E_MHEAD] != mem[ei + E_MTAIL] and mark_at(mem, ei) == took else WAIT


@jit
def drawn(mem, flt, key, n, run):
    """Make sure that work contents are drawn; returns (units they are enough for, where they stand, work until a stop)."""
    k = mem[n + N_BEGUN]
    if k < mem[n + N_DRAWN_FROM] or k + min(run + 1, 64) > mem[n + N_DRAWN_TO]:
        draw_block(mem, flt, key, n, k)
    return (
        min(run, mem[n + N_DRAWN_TO] - k - 1),
        mem[n + N_BLOCK] + k - mem[n + N_DRAWN_FROM],
        busy_left(mem, mem[n + N_M]) - mem[n + N_WORKED],
    )


@jit_inline
def hold(mem, n, m, ei, unit, start, finish):
    """One more product begins whose place ahead is not known yet: its start frees a place behind; it waits as finished."""
    if ei != 0:
        mem[mem[ei + E_RING] + (unit & mem[ei + E_MASK])] = start
    mem[m + M_UNITS] = 1
    mem[m + M_FIN] = finish
    mem[m + M_STATE] = FINISHED
    mem[mem[n + N_QUEUE]] = m
    mem[n + N_QTAIL] += 1


@jit_inline
def write_back(mem, n, m, ei, eo, seg, took, j, d, done, left, idle, stay, busy, held):
    """Account for the machine time of a visit and count its units."""
    since = mem[m + M_ACC]
    lim = mem[seg + S_END]
    end = held if held > 0 else (d if d < lim else lim)
    week = mem[seg + S_BIN]
    if week >= 0:
        times = (mem[m + M_T] + week * STATES_N) & POSITIVE
        mem[times + PROCESSING] += busy
        mem[times + STARVED] += idle
        mem[times + BLOCKED] += end - since - idle - busy
        mem[n + N_ENTERED] += done
    if mem[m + M_TELL] != 0:
        note(mem, mem[m + M_TELL], PROCESSING, 0, since, end)
        if left > 0:
            beyond(mem, TELL_LEFT, n, 1, d)
    mem[m + M_ACC] = end
    if left > 0:
        mem[m + M_FREE] = d
        inside = 1 if mem[H_T0] <= d < mem[H_T1] else 0
        mem[n + N_LEFT] += left - 1 + inside if week >= 0 else inside
        if mem[n + N_LOG] > 0:
            mem[n + N_LOG_N] += left
        if eo != 0:
            mem[eo + E_PUT] = j
        elif week >= 0:
            count_out_tile(mem, n, seg, left * mem[n + N_PIECES])
    if done > 0:
        mem[n + N_ROOM] -= done
        mem[n + N_PASSED] += done
        mem[n + N_WORKED] += busy
        mem[n + N_BEGUN] += done
        if ei != 0:
            mem[ei + E_TOOK] = took + done
            mem[ei + E_REL] = took + done
            if week >= 0:
                add_stay(mem, ei, stay)
    if d >= lim and held == 0:
        spend(mem, m, d, BLOCKED)
