"""Lanes: what a machine of several identical ones is while a tile runs, a few numbers; settled when the tile ends."""

from __future__ import annotations

from fabrika.twin.kernel.clocks import busy_left, clock_room, ramp_step_at, wear
from fabrika.twin.kernel.compiling import jit, jit_inline
from fabrika.twin.kernel.fields import (
    BLOCKED,
    BUSY,
    H_STOP,
    IDLE,
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
    M_ACC,
    M_COST,
    M_FIN,
    M_FREE,
    M_PRODUCT,
    M_RAMP,
    M_SEG,
    M_STATE,
    M_STRIDE,
    M_T,
    M_TELL,
    M_UNITS,
    N_CYCLE,
    N_ENTERED,
    N_LANES,
    N_M,
    N_NM,
    N_PRODUCT,
    N_RAMP,
    NEVER,
    OPEN,
    POSITIVE,
    PROCESSING,
    S_BIN,
    S_END,
    S_KIND,
    STARVED,
    STATES_N,
)
from fabrika.twin.kernel.intake import units_in
from fabrika.twin.kernel.telling import note


@jit
def open_lanes(mem, n):
    """Fill the lanes of a node's machines; returns whether all are idle or working in open time on the present product."""
    x = mem[n + N_CYCLE]
    m = mem[n + N_M] & POSITIVE
    lane = mem[n + N_LANES] & POSITIVE
    step_at = ramp_step_at(mem, n)
    for _ in range(mem[n + N_NM]):
        state = mem[m + M_STATE]
        seg = mem[m + M_SEG]
        acc = mem[m + M_ACC]
        if (state != IDLE and state != BUSY) or mem[seg + S_KIND] != OPEN or acc >= step_at:
            return False
        if mem[m + M_PRODUCT] != mem[n + N_PRODUCT] or mem[seg + S_END] <= acc or acc >= mem[H_STOP]:
            return False
        idle = state == IDLE
        if idle and mem[m + M_FREE] != acc:
            return False
        mem[lane + L_FREE] = acc if idle else NEVER
        mem[lane + L_FIN] = NEVER if idle else mem[m + M_FIN]
        mem[lane + L_LIM] = mem[seg + S_END]
        mem[lane + L_ROOM] = clock_room(mem, m, x)
        mem[lane + L_COST] = mem[m + M_COST]
        mem[lane + L_DONE] = 0
        mem[lane + L_BUSY] = 0 if x >= 0 else busy_left(mem, m)
        mem[lane + L_IDLE] = 0
        mem[lane + L_BLOCKED] = 0
        mem[lane + L_COUNTS] = 1 if mem[seg + S_BIN] >= 0 else 0
        m += M_STRIDE
        lane += L_STRIDE
    return True


@jit
def close_lanes(mem, n):
    """Settle states, clocks and counters of a node's machines after a tile."""
    x = mem[n + N_CYCLE]
    units = units_in(mem, n)
    m = mem[n + N_M] & POSITIVE
    lane = mem[n + N_LANES] & POSITIVE
    for _ in range(mem[n + N_NM]):
        done = mem[lane + L_DONE]
        seg = mem[m + M_SEG]
        busy = done * x if x >= 0 else busy_left(mem, m) - mem[lane + L_BUSY]
        if mem[lane + L_FREE] != NEVER:
            mem[m + M_STATE] = IDLE
            mem[m + M_FREE] = mem[lane + L_FREE]
            end = mem[lane + L_FREE]
        else:
            mem[m + M_STATE] = BUSY
            mem[m + M_FIN] = mem[lane + L_FIN]
            end = mem[lane + L_FIN]
        if mem[seg + S_BIN] >= 0:
            times = mem[m + M_T] + mem[seg + S_BIN] * STATES_N
            mem[times + STARVED] += mem[lane + L_IDLE]
            mem[times + BLOCKED] += mem[lane + L_BLOCKED]
            mem[times + PROCESSING] += end - mem[m + M_ACC] - mem[lane + L_IDLE] - mem[lane + L_BLOCKED]
            mem[n + N_ENTERED] += done * units
        if mem[m + M_TELL] != 0:
            note(mem, mem[m + M_TELL], PROCESSING, 0, mem[m + M_ACC], end)
        mem[m + M_ACC] = end
        if done > 0:
            mem[m + M_COST] = mem[lane + L_COST]
            mem[m + M_RAMP] = mem[n + N_RAMP]
            mem[m + M_UNITS] = 1
            wear(mem, m, done, busy)
        m += M_STRIDE
        lane += L_STRIDE


@jit_inline
def first_lanes(mem, lanes, count):
    """The idle lane free the longest and the working lane that finishes first (ties: smaller number); -1 for none."""
    w = -1
    b = -1
    free = NEVER
    fin = NEVER
    lane = lanes
    for _ in range(count):
        if mem[lane + L_FREE] < free:
            free = mem[lane + L_FREE]
            w = lane
        if mem[lane + L_FIN] < fin:
            fin = mem[lane + L_FIN]
            b = lane
        lane += L_STRIDE
    return w, free, b, fin
