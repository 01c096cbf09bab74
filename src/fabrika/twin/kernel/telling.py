"""What a run tells beside its figures, if that is asked for: long runs of a state, and what lies beyond the instant it stands at.

A machine's present state is a record that grows while the state stays the same. When the state changes, a row is written if it
has lasted ``H_LONG`` or longer and was no work; without telling ``H_LONG`` is never reached and nothing is written. Tiles end
before a wait as long as that, so that it passes through :func:`fabrika.twin.kernel.timeline.spend`; all that a tile does counts
as work here, however short its waits. The figures are the same with and without.

A run that stands at a stop has decided everything before it, and some things after it: a unit taken before leaves after it. What is
counted and lies beyond the stop is written down with its instant, so that whoever reads the counters can take it off.
"""

from __future__ import annotations

from functools import cache

from fabrika.twin.kernel.compiling import entry, jit, optimised_once
from fabrika.twin.kernel.fields import (
    BLOCKED,
    BUSY,
    CREW,
    DOWN,
    ERR_LOG,
    FINISHED,
    H_ERROR,
    H_LONG,
    H_STOP,
    H_T0,
    H_T1,
    H_TELL,
    KIND_MACHINE,
    M_ACC,
    M_MODE,
    M_SEG,
    M_STATE,
    M_STRIDE,
    M_T,
    M_TELL,
    N_ENTERED,
    N_KIND,
    N_LEFT,
    N_M,
    N_NM,
    N_SCRAPPED,
    OPEN,
    PROCESSING,
    Q_KIND,
    Q_MACHINE,
    Q_MODE,
    Q_SINCE,
    Q_STRIDE,
    Q_UNTIL,
    R_A,
    R_B,
    R_C,
    R_D,
    R_E,
    R_WHAT,
    R_WHO,
    S_BIN,
    S_END,
    S_KIND,
    S_STRIDE,
    STARVED,
    STATES_N,
    T_CAP,
    T_LOOK,
    T_N,
    T_ROWS,
    T_STRIDE,
    TELL_CAMPAIGN,
    TELL_OPEN,
    TELL_RUN,
    TELL_TIME,
    WAITING,
)

SIGNATURE = "void(int64[::1], int64[::1], int64, int64, int64, int64[::1], int64[::1])"


@jit
def tell_row(mem, what, who, a, b, c, d, e):
    """Write a row down."""
    log = mem[H_TELL]
    if mem[log + T_N] >= mem[log + T_CAP]:
        mem[H_ERROR] = ERR_LOG
        return
    row = mem[log + T_ROWS] + mem[log + T_N] * T_STRIDE
    mem[row + R_WHAT] = what
    mem[row + R_WHO] = who
    mem[row + R_A] = a
    mem[row + R_B] = b
    mem[row + R_C] = c
    mem[row + R_D] = d
    mem[row + R_E] = e
    mem[log + T_N] += 1


@jit
def beyond(mem, what, n, count, instant):
    """Units of a node were counted at ``instant``: write them down if that lies beyond the stop."""
    log = mem[H_TELL]
    if log == 0 or instant < mem[H_STOP] or not mem[H_T0] <= instant < mem[H_T1]:
        return
    last = mem[log + T_ROWS] + (mem[log + T_N] - 1) * T_STRIDE
    if mem[log + T_N] > 0 and mem[last + R_WHAT] == what and mem[last + R_WHO] == n and mem[last + R_B] == instant:
        mem[last + R_A] += count
    else:
        tell_row(mem, what, n, count, instant, 0, 0, 0)


@jit
def note(mem, q, kind, mode, since, until):
    """A machine is of class ``kind`` from ``since`` until ``until``, because of the stop record ``mode`` (0: none)."""
    if until <= since:
        return
    if mem[q + Q_KIND] != kind or mem[q + Q_MODE] != mode or mem[q + Q_UNTIL] != since:
        end_run(mem, q, TELL_RUN)
        mem[q + Q_KIND] = kind
        mem[q + Q_MODE] = mode
        mem[q + Q_SINCE] = since
    mem[q + Q_UNTIL] = until


@jit
def end_run(mem, q, what):
    """Write the present state down if it is no work and has lasted long, as far as it lies within the window."""
    until = mem[q + Q_UNTIL]
    if mem[q + Q_KIND] == PROCESSING or until - mem[q + Q_SINCE] < mem[H_LONG] or until <= mem[H_T0]:
        return
    tell_row(mem, what, mem[q + Q_MACHINE], mem[q + Q_KIND], mem[q + Q_MODE], mem[q + Q_SINCE], until, 0)


@jit
def pending_state(mem, m):
    """What a machine is from the instant up to which its time is accounted for, if it stands still since."""
    state = mem[m + M_STATE]
    if state == CREW:
        return WAITING
    return BLOCKED if state in (FINISHED, BUSY) else STARVED


@jit
def look_at(mem, m, since, until, bin_, times, row):
    """Add a machine's time by state between two stops to ``times[row:]``, and tell the state that it is in at the second."""
    at = mem[m + M_T] + bin_ * STATES_N
    for kind in range(STATES_N):
        times[row + kind] += mem[at + kind]
    q = mem[mem[H_TELL] + T_LOOK]
    for i in range(Q_STRIDE):
        mem[q + i] = mem[mem[m + M_TELL] + i]
    acc = mem[m + M_ACC]
    seg = mem[m + M_SEG]
    state = pending_state(mem, m)
    while acc < until:
        end = mem[seg + S_END]
        kind = mem[seg + S_KIND]
        seg += S_STRIDE
        to = end if end < until else until
        if to > acc:
            mode = 0
            if kind == OPEN or (kind > DOWN and state < kind):
                kind = state
                mode = mem[m + M_MODE] if state == WAITING else 0
            times[row + kind] += max(0, to - max(acc, since))
            note(mem, q, kind, mode, acc, to)
            acc = to
    end_run(mem, q, TELL_OPEN)


@jit
def tell_campaign(mem, n, campaign, instant):
    """A node, all of whose machines are idle, turns to another campaign: what it has counted, and its time since the stop before."""
    if not mem[H_T0] <= instant < mem[H_T1]:
        return
    tell_row(mem, TELL_CAMPAIGN, n, campaign, instant, mem[n + N_ENTERED], mem[n + N_LEFT], mem[n + N_SCRAPPED])
    if mem[n + N_KIND] != KIND_MACHINE:
        return
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        for kind in range(STATES_N):
            lasted = time_before(mem, m, instant, kind)
            if lasted > 0:
                tell_row(mem, TELL_TIME, n, instant, kind, lasted, 0, 0)
        m += M_STRIDE


@jit
def time_before(mem, m, instant, kind):
    """Time of an idle machine in a state, from the begin of the piece of the window that holds ``instant`` until then, ns."""
    seg = mem[m + M_SEG]
    while mem[seg + S_END] <= instant:
        seg += S_STRIDE
    piece = mem[seg + S_BIN]
    if piece < 0:
        return 0
    lasted = mem[mem[m + M_T] + piece * STATES_N + kind]
    acc = mem[m + M_ACC]
    seg = mem[m + M_SEG]
    while acc < instant:
        end = mem[seg + S_END]
        what = mem[seg + S_KIND]
        to = end if end < instant else instant
        if to > acc:
            if what == OPEN:
                what = STARVED
            if what == kind and mem[seg + S_BIN] == piece:
                lasted += to - acc
            acc = to
        seg += S_STRIDE
    return lasted


@entry
def look(mem, nodes, since, until, bin_, counts, times):
    """Read a run that stands at a stop, without touching its figures.

    Args:
        mem: the run's memory.
        nodes: offsets of the nodes' records, (n,).
        since, until: the stop before and this one, ns; ``bin_`` is the number of the time between them.
        counts: 3 a node, filled: units that came in, left and were scrapped in the window so far, what lies beyond included.
        times: 9 a node, filled: machine time by state between the stops, ns.
    """
    for i in range(len(nodes)):
        n = nodes[i]
        counts[3 * i] = mem[n + N_ENTERED]
        counts[3 * i + 1] = mem[n + N_LEFT]
        counts[3 * i + 2] = mem[n + N_SCRAPPED]
        row = STATES_N * i
        for kind in range(STATES_N):
            times[row + kind] = 0
        if mem[n + N_KIND] == KIND_MACHINE:
            m = mem[n + N_M]
            for _ in range(mem[n + N_NM]):
                look_at(mem, m, since, until, bin_, times, row)
                m += M_STRIDE


@cache
def ready() -> None:
    """Load the compiled reading, or compile it; needed by runs that tell, and by no others."""
    if hasattr(look, "compile"):  # plain Python otherwise
        with optimised_once():
            look.compile(SIGNATURE)
