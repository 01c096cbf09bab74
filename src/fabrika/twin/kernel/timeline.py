"""A machine's way along its timeline: accounting of states, and work that pauses in gaps.

A timeline is a row of segments, each open or a gap of one class; cuts (window, weeks, days, steps of the ramp-up) are
further ends of segments. ``M_SEG`` points at the segment that holds ``M_ACC``, the instant up to which the machine's time
is accounted for; every instant is accounted for once, so that a machine's times add up to the window exactly.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import entry, jit
from fabrika.twin.kernel.fields import (
    DOWN,
    M_ACC,
    M_CLOSED,
    M_MODE,
    M_OWED,
    M_OWED_STATE,
    M_SEG,
    M_STOP,
    M_T,
    M_TELL,
    M_THEN,
    M_THEN_STATE,
    OFF_SHIFT,
    OPEN,
    PLANNED,
    S_BIN,
    S_END,
    S_KIND,
    S_STRIDE,
    STATES_N,
    UNKNOWN,
    WAITING,
)
from fabrika.twin.kernel.telling import note


@entry
def spend(mem, m, until, state):
    """Account for the time from ``M_ACC`` until ``until`` as ``state``; in gaps the first class that applies holds.

    What stands still already, down or in a planned stop, stays that. Returns the time that counts as ``state``, ns.
    """
    acc = mem[m + M_ACC]
    counted = 0
    if until <= acc:
        return counted
    seg = mem[m + M_SEG]
    times = mem[m + M_T]
    while acc < until:
        end = mem[seg + S_END]
        kind = mem[seg + S_KIND]
        if kind == UNKNOWN:
            owe(mem, m, until, state)
            break
        to = end if end < until else until
        week = mem[seg + S_BIN]
        own = kind == OPEN or (kind > DOWN and state < kind)
        if own:
            kind = state
        if week >= 0:
            if own:
                counted += to - acc
            mem[times + week * STATES_N + kind] += to - acc
        if mem[m + M_TELL] != 0:
            note(mem, mem[m + M_TELL], kind, own_stop(mem, m, state) if own else 0, acc, to)
        acc = to
        if acc == end:
            seg += S_STRIDE
    mem[m + M_ACC] = acc
    mem[m + M_SEG] = seg
    return counted


@jit
def own_stop(mem, m, state):
    """The record of the stop because of which a machine is in a state by itself; 0 where it is no stop's."""
    if state == WAITING:
        return mem[m + M_MODE]
    return mem[m + M_STOP] if state in (DOWN, PLANNED) else 0


@jit
def owe(mem, m, until, state):
    """Note what a machine is from where its timeline is not known yet until ``until``, behind what is owed already."""
    if mem[m + M_OWED] == 0:
        mem[m + M_OWED] = until
        mem[m + M_OWED_STATE] = state
    else:
        mem[m + M_THEN] = until
        mem[m + M_THEN_STATE] = state


@jit
def work(mem, m, amount, state):
    """Spend ``amount`` ns of open time as ``state``, pausing in gaps; returns what is left where the timeline is not known yet.

    No amount of work is done in no time, even in a gap.
    """
    acc = mem[m + M_ACC]
    seg = mem[m + M_SEG]
    times = mem[m + M_T]
    while amount > 0:
        end = mem[seg + S_END]
        kind = mem[seg + S_KIND]
        if kind == UNKNOWN:
            break
        to = end
        if kind == OPEN:
            if acc + amount < end:
                to = acc + amount
            amount -= to - acc
        week = mem[seg + S_BIN]
        if week >= 0:
            mem[times + week * STATES_N + (state if kind == OPEN else kind)] += to - acc
        if mem[m + M_TELL] != 0:
            note(mem, mem[m + M_TELL], state if kind == OPEN else kind, 0, acc, to)
        acc = to
        if acc == end:
            seg += S_STRIDE
    mem[m + M_ACC] = acc
    mem[m + M_SEG] = seg
    return amount


@jit
def next_open(mem, m, instant):
    """First open instant at or after ``instant``, no later than it may turn out to be; none before ``M_ACC``, where all is done."""
    instant = max(instant, mem[m + M_ACC])
    seg = mem[m + M_SEG]
    while mem[seg + S_END] <= instant:
        seg += S_STRIDE
    while mem[seg + S_KIND] > OPEN:
        instant = mem[seg + S_END]
        seg += S_STRIDE
    return instant


@jit
def stays_open(mem, m, since, until):
    """Whether a machine is open from ``since`` (which must not lie before ``M_ACC``) until ``until``, both included."""
    seg = mem[m + M_SEG]
    while mem[seg + S_END] <= since:
        seg += S_STRIDE
    while mem[seg + S_KIND] == OPEN and mem[seg + S_END] <= until:
        seg += S_STRIDE
    return mem[seg + S_KIND] == OPEN


@jit
def shift_end(mem, m, instant, amount):
    """End of ``amount`` ns of calendar time (all but off shift) from ``instant`` on; accounts for nothing."""
    seg = mem[m + M_SEG]
    while mem[seg + S_END] <= instant:
        seg += S_STRIDE
    while amount > 0:
        end = mem[seg + S_END]
        kind = mem[seg + S_KIND]
        if kind == UNKNOWN:
            kind = mem[m + M_CLOSED]
        if kind == OFF_SHIFT:
            instant = end
        elif instant + amount < end:
            return instant + amount
        else:
            amount -= end - instant
            instant = end
        seg += S_STRIDE
    return instant
