"""Replications abreast: eight runs of a serial line, unit by unit in rows, over the memories of the general kernel.

A replication is *taken in* when all its stations have handled the same units: nothing waits, no machine works, and every
machine stands in one open piece of its timeline. Rows then pass without any check up to the next *event*, a unit that is
stopped or scrapped somewhere, whose number the clocks and the scrap budget tell. In its row the unit's work at that station
is longer by the stops, or its way ends there and the stations behind skip it. Before a piece of a timeline ends the
replication is *handed back*, and the general kernel carries it over the end. So all that is not plain work has its meaning
from the general kernel: clocks, draws, stops, scrap and what the end of a run cuts off.

No instant of a replication reaches the end of its piece: ``rows`` rows move the latest instant by at most ``rows + stations``
times the longest cycle, for on every way through the recursion a row or a station is passed with each cycle worked, and the
places ahead only ever lead back to an earlier row; every stop moves it by at most its length.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fabrika.twin.kernel.compiling import compile_whole, entry, jit
from fabrika.twin.kernel.edges import add_stay
from fabrika.twin.kernel.events import meet_all, next_event, pass_events, rows_left, take_all_back
from fabrika.twin.kernel.fields import (
    BLOCKED,
    DOWN,
    E_CAP,
    E_MASK,
    E_PUT,
    E_REL,
    E_RING,
    E_TOOK,
    H_T1,
    IDLE,
    M_ACC,
    M_FREE,
    M_SEG,
    M_STATE,
    M_T,
    N_BEGUN,
    N_CYCLE,
    N_ENTERED,
    N_LEFT,
    N_PASSED,
    N_PIECES,
    N_ROOM,
    N_SCRAPPED,
    N_WORKED,
    NEVER,
    OPEN,
    PLANNED,
    PROCESSING,
    S_BIN,
    S_END,
    S_KIND,
    S_STRIDE,
    STARVED,
    STATES_N,
)
from fabrika.twin.kernel.rows import (
    CELL_DOWN,
    CELL_EVENT,
    CELL_LOST,
    CELL_MISSED,
    CELL_N,
    CELL_PLANNED,
    CELL_SCRAPS,
    CELL_SINCE,
    FAR,
    PLAN_AT,
    PLAN_BEGIN,
    PLAN_EDGE,
    PLAN_END,
    PLAN_MACHINE,
    PLAN_NODE,
    PLAN_PLACES,
    RUN_COUNTS,
    RUN_DUE,
    RUN_END,
    RUN_FIRST,
    RUN_LONGEST,
    RUN_UNTIL,
    X_LEAVINGS,
    X_LEFT,
    X_STARTS,
    X_STRIDE,
    X_WORK,
    pass_rows,
)
from fabrika.twin.kernel.serial import count_out_tile, plain, settle_tiles
from fabrika.twin.kernel.vectors import WIDTH

WORTH = 64
"""Rows for which it pays to take a replication in."""


@jit
def ready_to_pass(mem, plan, runs, r):
    """Whether a replication stands between two rows, in one open piece of every machine's timeline; notes that piece."""
    end = mem[H_T1]
    longest = 1
    counts = -1
    for s in range(plan.shape[0] - 1):
        n = plan[s, PLAN_NODE]
        m = plan[s, PLAN_MACHINE]
        e = plan[s, PLAN_EDGE]
        acc = mem[m + M_ACC]
        if mem[m + M_STATE] != IDLE or mem[m + M_FREE] != acc or not plain(mem, n, m):
            return False
        if e != 0 and mem[e + E_PUT] != mem[e + E_TOOK]:
            return False
        seg = mem[m + M_SEG]
        while mem[seg + S_END] <= acc:
            seg += S_STRIDE
        mem[m + M_SEG] = seg
        counted = 1 if mem[seg + S_BIN] >= 0 else 0
        if mem[seg + S_KIND] != OPEN or mem[n + N_CYCLE] < 1 or (counts >= 0 and counted != counts):
            return False
        counts = counted
        end = min(end, mem[seg + S_END])
        longest = max(longest, mem[n + N_CYCLE])
    runs[RUN_END, r] = end
    runs[RUN_LONGEST, r] = longest
    runs[RUN_COUNTS, r] = counts
    return True


@entry
def take_in(mem, X, plan, cell, runs, r, row):
    """Take replication ``r`` in before ``row``, if it stands between two rows and enough of them are sure to come.

    Args:
        mem: the replication's memory, see :mod:`fabrika.twin.kernel.fields`.
        X, plan: state and stations, see :mod:`fabrika.twin.kernel.rows`.
        cell: int64 (CELL_N, stations * WIDTH).
        runs: int64 (RUN_N, WIDTH).

    Returns:
        Whether it was taken in; if not, nothing has changed.
    """
    if not ready_to_pass(mem, plan, runs, r):
        return False
    stations = plan.shape[0] - 1
    for s in range(stations):
        X[s * X_STRIDE + X_LEFT + r] = mem[plan[s, PLAN_MACHINE] + M_ACC]
    rows = rows_left(X, runs, r, stations)
    if rows < WORTH:
        return False
    for s in range(stations):
        n = plan[s, PLAN_NODE]
        e = plan[s, PLAN_EDGE]
        z = s * WIDTH + r
        block = s * X_STRIDE + r
        for field in range(CELL_N):
            cell[field, z] = 0
        cell[CELL_SINCE, z] = X[block + X_LEFT]
        X[block + X_STARTS] = 0
        X[block + X_LEAVINGS] = 0
        X[block + X_WORK] = mem[n + N_CYCLE]
        next_event(mem, plan, cell, r, s, row)
        at = plan[s, PLAN_AT]
        for q in range(plan[s, PLAN_PLACES]):
            X[at + r] = mem[mem[e + E_RING] + ((mem[e + E_TOOK] - mem[e + E_CAP] + q) & mem[e + E_MASK])]
            at += WIDTH
            if at == plan[s, PLAN_END]:
                at = plan[s, PLAN_BEGIN]
    runs[RUN_FIRST, r] = row
    runs[RUN_UNTIL, r] = row + rows
    runs[RUN_DUE, r] = 0
    return True


@jit
def leave_out(cell, runs, r):
    """Nothing of replication ``r`` is to happen any more: what is computed for it means nothing."""
    runs[RUN_UNTIL, r] = FAR
    runs[RUN_DUE, r] = 0
    for z in range(r, cell.shape[1], WIDTH):
        cell[CELL_EVENT, z] = FAR


@jit
def hand_back_times(mem, X, plan, cell, r, s, units):
    """Account for a station's time while its replication was taken in, and count its units."""
    z = s * WIDTH + r
    block = s * X_STRIDE + r
    n = plan[s, PLAN_NODE]
    m = plan[s, PLAN_MACHINE]
    e = plan[s, PLAN_EDGE]
    seg = mem[m + M_SEG]
    left = X[block + X_LEFT]
    since = cell[CELL_SINCE, z]
    busy = units * mem[n + N_CYCLE]
    # sums of instants are modulo 2^64, their differences are not that long
    idle = X[block + X_STARTS] - (X[block + X_LEAVINGS] - left + since)
    down = cell[CELL_DOWN, z]
    planned = cell[CELL_PLANNED, z]
    times = mem[m + M_T] + mem[seg + S_BIN] * STATES_N
    mem[times + PROCESSING] += busy
    mem[times + STARVED] += idle
    mem[times + DOWN] += down
    mem[times + PLANNED] += planned
    mem[times + BLOCKED] += left - since - idle - busy - down - planned
    out = units - cell[CELL_SCRAPS, z]
    mem[n + N_ENTERED] += units
    mem[n + N_SCRAPPED] += cell[CELL_SCRAPS, z]
    mem[n + N_LEFT] += out
    if e != 0:
        came = X[block - X_STRIDE + X_LEAVINGS] - cell[CELL_LOST, z - WIDTH]
        add_stay(mem, e, X[block + X_STARTS] - came)
    if s == plan.shape[0] - 2:
        count_out_tile(mem, n, seg, out * mem[n + N_PIECES])


@entry
def hand_back(mem, X, plan, cell, runs, r, row):
    """Write replication ``r``, which has passed all rows before ``row``, back to its memory; arguments as :func:`take_in`."""
    for s in range(plan.shape[0] - 1):
        z = s * WIDTH + r
        n = plan[s, PLAN_NODE]
        m = plan[s, PLAN_MACHINE]
        e = plan[s, PLAN_EDGE]
        units = row - runs[RUN_FIRST, r] - cell[CELL_MISSED, z]
        if runs[RUN_COUNTS, r] == 1:
            hand_back_times(mem, X, plan, cell, r, s, units)
        passed = mem[n + N_ROOM] - (cell[CELL_EVENT, z] - row)
        mem[n + N_PASSED] = passed
        mem[n + N_WORKED] = passed * mem[n + N_CYCLE]
        settle_tiles(mem, n)
        mem[n + N_BEGUN] += units
        mem[m + M_ACC] = X[s * X_STRIDE + X_LEFT + r]
        mem[m + M_FREE] = mem[m + M_ACC]
        if e != 0:
            took = mem[e + E_TOOK] + units
            mem[e + E_PUT] = took
            mem[e + E_TOOK] = took
            mem[e + E_REL] = took
            at = plan[s, PLAN_AT]
            for q in range(plan[s, PLAN_PLACES]):
                mem[mem[e + E_RING] + ((took - mem[e + E_CAP] + q) & mem[e + E_MASK])] = X[at + r]
                at += WIDTH
                if at == plan[s, PLAN_END]:
                    at = plan[s, PLAN_BEGIN]
    leave_out(cell, runs, r)


@jit
def next_row(cell, runs):
    """The next row that needs a look, and whether a replication asks for it."""
    row = NEVER
    for r in range(WIDTH):
        row = min(row, runs[RUN_UNTIL, r])
    until = row
    for z in range(cell.shape[1]):
        row = min(row, cell[CELL_EVENT, z])
    return row, row == until


@entry
def go_abreast(mems, flts, keys, X, plan, cell, runs, saved, row):
    """Pass rows until a replication has to be handed back.

    Args:
        mems, flts, keys: memories of the replications, (WIDTH, size) each.
        X, plan, cell, runs: see :func:`take_in`.
        saved: int64 (stations * WIDTH, SAVED_N + words of a machine's stops).
        row: number of the next row.

    Returns:
        Number of the next row; ``runs[RUN_DUE]`` is 1 for those to be handed back before it.
    """
    stations = plan.shape[0] - 1
    while True:
        at, look = next_row(cell, runs)
        if at >= FAR:
            return row
        pass_rows(X, plan, at - row)
        row = at
        due = False
        if look:
            for r in range(WIDTH):
                if runs[RUN_UNTIL, r] == row:
                    rows = rows_left(X, runs, r, stations)
                    runs[RUN_UNTIL, r] = row + rows
                    if rows < WORTH:
                        runs[RUN_DUE, r] = 1
                        due = True
        elif meet_all(mems, flts, keys, X, plan, cell, runs, saved, row):
            pass_events(mems, X, plan, cell, runs, row)
            row += 1
        else:
            take_all_back(mems, X, plan, cell, saved)
            due = True
        if due:
            return row


STATE = "int64[::1], int64[:, ::1], int64[:, ::1], int64[:, ::1]"
"""Types of ``X``, ``plan``, ``cell`` and ``runs``."""


@cache
def ready() -> None:
    """Load what runs replications abreast, or compile it, as a whole."""
    memories = "int64[:, ::1], float64[:, ::1], uint64[:, ::1]"
    functions: tuple[tuple[Any, str], ...] = (
        (take_in, f"boolean(int64[::1], {STATE}, int64, int64)"),
        (hand_back, f"void(int64[::1], {STATE}, int64, int64)"),
        (go_abreast, f"int64({memories}, {STATE}, int64[:, ::1], int64)"),
    )
    compile_whole(functions)
