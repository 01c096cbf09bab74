"""Events of replications abreast: units that are stopped or scrapped on their way, met by the rules of the general kernel.

The clocks and the scrap budget of a station tell which of its next units that is. In the row of that unit its work is longer
by its stops, and where it is scrapped the stations behind do not see it: they stay as they were before the row.
"""

from __future__ import annotations

from fabrika.twin.kernel.clocks import wear
from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.cycle import draw_after, next_stop, repair_ns
from fabrika.twin.kernel.fields import (
    DOWN,
    F_CLASS,
    F_LEFT,
    F_N,
    F_NS,
    F_STRIDE,
    F_STRUCK,
    M_COST,
    M_F,
    M_NF,
    N_BUDGET,
    N_COST,
    N_CYCLE,
    N_PASSED,
    N_RAMP,
    N_ROOM,
    N_SCRAPS,
    N_WORKED,
)
from fabrika.twin.kernel.leaving import scrapped
from fabrika.twin.kernel.rows import (
    CELL_DOWN,
    CELL_EVENT,
    CELL_LEFT,
    CELL_LOST,
    CELL_MET,
    CELL_MISSED,
    CELL_OLDEST,
    CELL_PLANNED,
    CELL_SCRAPS,
    FAR,
    PLAN_AT,
    PLAN_MACHINE,
    PLAN_NODE,
    RUN_COUNTS,
    RUN_DUE,
    RUN_END,
    RUN_FALLEN,
    RUN_LONGEST,
    RUN_STOPPED,
    RUN_UNTIL,
    X_LEAVINGS,
    X_LEFT,
    X_STARTS,
    X_STRIDE,
    X_WORK,
    hold_back,
    pass_rows,
    row_before,
)
from fabrika.twin.kernel.serial import find_room, settle_tiles
from fabrika.twin.kernel.vectors import WIDTH

# what is put by before an event is met, behind which the stops of the machine stand
SAVED_ROOM, SAVED_BUDGET, SAVED_SCRAPS, SAVED_DOWN, SAVED_PLANNED = range(5)
SAVED_N = 5


@jit
def rows_left(X, runs, r, stations):
    """For how many rows no instant of a replication can reach the end of its piece of the timeline."""
    latest = 0
    for s in range(stations):
        latest = max(latest, X[s * X_STRIDE + X_LEFT + r])
    return (runs[RUN_END, r] - 1 - latest) // runs[RUN_LONGEST, r] - stations


@jit
def next_event(mem, plan, cell, r, s, row):
    """Look up which row has the next event of a station, if the next unit comes in ``row``."""
    n = plan[s, PLAN_NODE]
    room = min(find_room(mem, n, mem[n + N_CYCLE]), FAR)
    mem[n + N_ROOM] = room
    cell[CELL_EVENT, s * WIDTH + r] = row + room


@jit
def stop_unit(mem, flt, key, n, m, counts):
    """All stops that strike in the next unit of a machine, as :func:`fabrika.twin.kernel.cycle.proceed`; returns (ns down, ns planned)."""
    x = mem[n + N_CYCLE]
    down = 0
    planned = 0
    while True:
        f, _at = next_stop(mem, m, x)
        if f == 0:
            break
        mem[f + F_STRUCK] += counts
        length = repair_ns(mem, flt, key, mem[n + N_RAMP], f)
        mem[f + F_NS] += counts * length
        if mem[f + F_CLASS] == DOWN:
            down += length
        else:
            planned += length
        mem[f + F_N] += 1
        mem[f + F_LEFT] += draw_after(flt, mem, key, f)
    wear(mem, m, 1, x)
    return down, planned


@jit
def put_by(mem, plan, cell, saved, s, z):
    """Note what an event will change."""
    n = plan[s, PLAN_NODE]
    m = plan[s, PLAN_MACHINE]
    saved[z, SAVED_ROOM] = mem[n + N_ROOM]
    saved[z, SAVED_BUDGET] = mem[n + N_BUDGET]
    saved[z, SAVED_SCRAPS] = mem[n + N_SCRAPS]
    saved[z, SAVED_DOWN] = cell[CELL_DOWN, z]
    saved[z, SAVED_PLANNED] = cell[CELL_PLANNED, z]
    for i in range(mem[m + M_NF] * F_STRIDE):
        saved[z, SAVED_N + i] = mem[mem[m + M_F] + i]


@jit
def take_back(mem, X, plan, cell, saved, s, z):
    """Undo an event of a row that cannot pass."""
    n = plan[s, PLAN_NODE]
    m = plan[s, PLAN_MACHINE]
    mem[n + N_ROOM] = saved[z, SAVED_ROOM]
    mem[n + N_BUDGET] = saved[z, SAVED_BUDGET]
    mem[n + N_SCRAPS] = saved[z, SAVED_SCRAPS]
    cell[CELL_DOWN, z] = saved[z, SAVED_DOWN]
    cell[CELL_PLANNED, z] = saved[z, SAVED_PLANNED]
    for i in range(mem[m + M_NF] * F_STRIDE):
        mem[mem[m + M_F] + i] = saved[z, SAVED_N + i]
    cell[CELL_MET, z] = 0
    X[s * X_STRIDE + X_WORK + z - s * WIDTH] = mem[n + N_CYCLE]


@jit
def meet(mem, flt, key, X, plan, cell, runs, saved, s, r):
    """The event of a station in the row in hand: what it does to its unit."""
    z = s * WIDTH + r
    n = plan[s, PLAN_NODE]
    m = plan[s, PLAN_MACHINE]
    put_by(mem, plan, cell, saved, s, z)
    mem[n + N_PASSED] = mem[n + N_ROOM]
    mem[n + N_WORKED] = mem[n + N_ROOM] * mem[n + N_CYCLE]
    settle_tiles(mem, n)
    down, planned = stop_unit(mem, flt, key, n, m, runs[RUN_COUNTS, r])
    mem[m + M_COST] = mem[n + N_COST]
    if scrapped(mem, flt, key, n, m):
        runs[RUN_FALLEN, r] = s
    cell[CELL_DOWN, z] += down
    cell[CELL_PLANNED, z] += planned
    cell[CELL_MET, z] = 1
    X[s * X_STRIDE + X_WORK + r] += down + planned
    runs[RUN_STOPPED, r] += down + planned


@jit
def meet_all(mems, flts, keys, X, plan, cell, runs, saved, row):
    """Meet the events of a row; returns whether all its replications stay clear of the ends of their pieces."""
    stations = plan.shape[0] - 1
    for r in range(WIDTH):
        runs[RUN_FALLEN, r] = stations
        runs[RUN_STOPPED, r] = 0
    for s in range(stations):
        for r in range(WIDTH):
            # a unit that was scrapped before does not come: the event meets the next one
            if cell[CELL_EVENT, s * WIDTH + r] == row and runs[RUN_FALLEN, r] == stations:
                meet(mems[r], flts[r], keys[r], X, plan, cell, runs, saved, s, r)
    clear = True
    for r in range(WIDTH):
        stopped = runs[RUN_STOPPED, r]
        if stopped > 0:
            cost = -(-stopped // runs[RUN_LONGEST, r])
            if row + cost >= runs[RUN_UNTIL, r]:
                runs[RUN_UNTIL, r] = row + rows_left(X, runs, r, stations)
            runs[RUN_UNTIL, r] -= cost
            if runs[RUN_UNTIL, r] <= row:
                runs[RUN_DUE, r] = 1
                clear = False
    return clear


@jit
def take_all_back(mems, X, plan, cell, saved):
    """Undo all events of a row that cannot pass; that a replication's rows were counted anew does no harm."""
    for s in range(plan.shape[0] - 1):
        for r in range(WIDTH):
            if cell[CELL_MET, s * WIDTH + r] == 1:
                take_back(mems[r], X, plan, cell, saved, s, s * WIDTH + r)


@jit
def drop(X, plan, cell, runs, r):
    """The unit of the row that has just passed was scrapped on its way: it leaves there when done, and nothing behind sees it."""
    stations = plan.shape[0] - 1
    fallen = runs[RUN_FALLEN, r]
    block = fallen * X_STRIDE + r
    z = fallen * WIDTH + r
    done = X[row_before(plan, fallen) + r] + X[block + X_WORK]
    X[block + X_LEAVINGS] += done - X[block + X_LEFT]
    X[block + X_LEFT] = done
    cell[CELL_SCRAPS, z] += 1
    cell[CELL_LOST, z] += done
    for s in range(fallen + 1, stations):
        block += X_STRIDE
        z += WIDTH
        X[block + X_STARTS] -= X[row_before(plan, s) + r]
        X[block + X_LEAVINGS] -= X[block + X_LEFT]
        X[block + X_LEFT] = cell[CELL_LEFT, z]
        hold_back(X, plan, s, r, cell[CELL_OLDEST, z])
        cell[CELL_MISSED, z] += 1
        cell[CELL_EVENT, z] += 1


@jit
def pass_events(mems, X, plan, cell, runs, row):
    """Pass a row whose events have been met."""
    stations = plan.shape[0] - 1
    for r in range(WIDTH):
        for s in range(runs[RUN_FALLEN, r] + 1, stations):
            cell[CELL_LEFT, s * WIDTH + r] = X[s * X_STRIDE + X_LEFT + r]
            cell[CELL_OLDEST, s * WIDTH + r] = X[plan[s, PLAN_AT] + r]
    pass_rows(X, plan, 1)
    for r in range(WIDTH):
        if runs[RUN_FALLEN, r] < stations:
            drop(X, plan, cell, runs, r)
    for s in range(stations):
        for r in range(WIDTH):
            z = s * WIDTH + r
            if cell[CELL_MET, z] == 1:
                cell[CELL_MET, z] = 0
                next_event(mems[r], plan, cell, r, s, row + 1)
                X[s * X_STRIDE + X_WORK + r] = mems[r][plan[s, PLAN_NODE] + N_CYCLE]
