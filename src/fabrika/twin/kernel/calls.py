"""Calls for a shared crew by a clock that runs whether the machine works or not.

Such a stop strikes at an instant that is known since the one before was over, but how long it lasts hangs on when a repairer
is free, and that is known only once everything before has happened. Until then the machine's timeline is known up to that
instant, ``M_KNOWN``: there stands a segment of kind ``UNKNOWN``, in which nothing begins, work pauses and no time is accounted
for; what is known to lie behind it (the wait for a place, a repair of another stop) is owed. Answering the call is an action
like any other, in its turn; it fills the timeline in, waiting and then down, up to the next call.
"""

from __future__ import annotations

from fabrika.twin.kernel.clocks import ramp_step_of
from fabrika.twin.kernel.compiling import entry, jit
from fabrika.twin.kernel.cycle import draw_after, proceed, repair_ns, set_up
from fabrika.twin.kernel.fields import (
    BLOCKED,
    BUSY,
    C_FREE,
    C_SIZE,
    CHOICE_GRANT,
    CHOICE_QUEUE,
    CLOCK_SHIFT,
    CREW,
    DOWN,
    F_CLOCK,
    F_CREW,
    F_LEFT,
    F_N,
    F_NS,
    F_SHIFTS,
    F_STRIDE,
    F_STRUCK,
    FINISHED,
    H_T0,
    H_T1,
    H_TELL,
    HALTED_SETUP,
    M_C,
    M_CLOSED,
    M_HALTED,
    M_KNOWN,
    M_LAST,
    M_NC,
    M_OWED,
    M_OWED_STATE,
    M_SEG,
    M_SPARE,
    M_STATE,
    M_STOP,
    M_STRIDE,
    M_THEN,
    M_THEN_STATE,
    M_TIMELINE,
    N_M,
    N_NM,
    NEVER,
    OPEN,
    PLANNED,
    S_BIN,
    S_END,
    S_KIND,
    S_STRIDE,
    STARVED,
    TELL_CALL,
    UNKNOWN,
    WAITING,
)
from fabrika.twin.kernel.pointers import bare
from fabrika.twin.kernel.telling import tell_row
from fabrika.twin.kernel.timeline import shift_end, spend

CUTS = 4
"""Segments that answering one call can add."""


@jit
def first_free(mem, crew):
    """The entry of a crew's repairer who is free the earliest."""
    first = crew + C_FREE
    for i in range(1, mem[crew + C_SIZE]):
        if mem[crew + C_FREE + i] < mem[first]:
            first = crew + C_FREE + i
    return first


@jit
def first_call(mem, m):
    """The stop of a machine that calls next; calls at one instant come in the order of the file."""
    first = mem[m + M_C]
    for i in range(1, mem[m + M_NC]):
        f = mem[m + M_C] + i * F_STRIDE
        if mem[f + F_LEFT] < mem[first + F_LEFT]:
            first = f
    return first


@jit
def next_call(mem, n):
    """The machine of a node that calls next, and the kind of the choice; 0 if none ever calls."""
    w = 0
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_KNOWN] < NEVER and (w == 0 or mem[m + M_KNOWN] < mem[w + M_KNOWN]):
            w = m
        m += M_STRIDE
    if w == 0:
        return 0, CHOICE_QUEUE
    free = mem[first_free(mem, mem[first_call(mem, w) + F_CREW])]
    return w, CHOICE_QUEUE if free > mem[w + M_KNOWN] else CHOICE_GRANT


@jit
def cut(mem, m, instant):
    """The segment of a machine that begins at ``instant``, which must not lie before its present one; made if need be."""
    seg = mem[m + M_SEG]
    while mem[seg + S_END] <= instant:
        seg += S_STRIDE
    if mem[seg - S_STRIDE + S_END] == instant:
        return seg
    at = mem[m + M_LAST] + S_STRIDE - 1
    while at >= seg:
        mem[at + S_STRIDE] = mem[at]
        at -= 1
    mem[seg + S_END] = instant
    mem[m + M_LAST] += S_STRIDE
    return seg + S_STRIDE


@jit
def make_room(mem, m):
    """Forget segments that have passed if there is no room for further ones."""
    if mem[m + M_LAST] + (CUTS + 1) * S_STRIDE <= mem[m + M_SPARE]:
        return
    # the segment before the present one tells where that begins
    back = mem[m + M_SEG] - S_STRIDE - mem[m + M_TIMELINE]
    for at in range(mem[m + M_TIMELINE], mem[m + M_LAST] + S_STRIDE - back):
        mem[at] = mem[at + back]
    mem[m + M_SEG] -= back
    mem[m + M_LAST] -= back


@jit
def mark(mem, m, since, until, kind):
    """Let a machine be of class ``kind`` from ``since`` until ``until``, where no class before it applies; the time that counts, ns."""
    counted = 0
    if until <= since:
        return counted
    seg = cut(mem, m, since)
    end = cut(mem, m, until)
    while seg != end:
        if mem[seg + S_KIND] == OPEN or mem[seg + S_KIND] > kind:
            mem[seg + S_KIND] = kind
            if mem[seg + S_BIN] >= 0:
                counted += mem[seg + S_END] - mem[seg - S_STRIDE + S_END]
        seg += S_STRIDE
    return counted


@entry
def foresee(mem, m):
    """Let the timeline of a machine be known until its next call."""
    mem = bare(mem)
    due = mem[first_call(mem, m) + F_LEFT]
    seg = cut(mem, m, due)
    mem[m + M_KNOWN] = due
    mem[m + M_CLOSED] = mem[seg + S_KIND]
    mem[seg + S_KIND] = UNKNOWN


@jit
def until_then(mem, m):
    """What a machine is before it calls: everything that it does before is done."""
    state = mem[m + M_STATE]
    if state == CREW:
        return WAITING
    return BLOCKED if state in (FINISHED, BUSY) else STARVED


@jit
def pay_one(mem, m, until, state):
    """Account for one thing that is owed; the time of a stop is the last one's that the machine had."""
    counted = spend(mem, m, until, state)
    if state in (DOWN, PLANNED):
        mem[mem[m + M_STOP] + F_NS] += counted


@jit
def pay(mem, m):
    """Account for what is owed, as far as the timeline is known now."""
    until, state = mem[m + M_OWED], mem[m + M_OWED_STATE]
    then, then_state = mem[m + M_THEN], mem[m + M_THEN_STATE]
    mem[m + M_OWED] = 0
    mem[m + M_THEN] = 0
    if until > 0:
        pay_one(mem, m, until, state)
    if then > 0:
        pay_one(mem, m, then, then_state)


@jit
def answer(mem, flt, key, n, m):
    """The repairer who has been free the longest goes to machine ``m``, which calls by its clock."""
    at = mem[m + M_KNOWN]
    spend(mem, m, at, until_then(mem, m))
    while mem[mem[m + M_SEG] + S_END] <= at:
        mem[m + M_SEG] += S_STRIDE
    make_room(mem, m)
    mem[mem[m + M_SEG] + S_KIND] = mem[m + M_CLOSED]
    f = first_call(mem, m)
    first = first_free(mem, mem[f + F_CREW])
    since = max(mem[first], at)
    length = repair_ns(mem, flt, key, ramp_step_of(mem, at), f)
    until = shift_end(mem, m, since, length) if mem[f + F_SHIFTS] == 1 else since + length
    mem[first] = until
    if mem[H_TELL] != 0 and until > mem[H_T0]:
        tell_row(mem, TELL_CALL, m, f, at, since, until, 0)
    mark(mem, m, at, since, WAITING)
    mem[f + F_NS] += mark(mem, m, since, until, DOWN)
    if mem[H_T0] <= at < mem[H_T1]:
        mem[f + F_STRUCK] += 1
    mem[f + F_N] += 1
    wait = draw_after(flt, mem, key, f)
    mem[f + F_LEFT] = min(shift_end(mem, m, until, wait) if mem[f + F_CLOCK] == CLOCK_SHIFT else until + wait, NEVER)
    foresee(mem, m)
    pay(mem, m)
    halted = mem[m + M_HALTED]
    if halted != 0 and mem[m + M_OWED] == 0:
        mem[m + M_HALTED] = 0
        if halted == HALTED_SETUP:
            set_up(mem, m)
        else:
            proceed(mem, flt, key, n, m)
