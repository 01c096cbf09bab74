"""When nothing is certain any more: the earliest undecided action is performed.

Every station has been advanced as far as it can go, starts included, so whatever is still unknown lies at or after the
earliest undecided instant; performing that one action is exact. Ties go by kind (finish, passing, repairer, start), then by
the order of the nodes, then of the machines.
"""

from __future__ import annotations

from fabrika.twin.kernel.calls import answer, first_call, first_free, next_call
from fabrika.twin.kernel.campaigns import end_at, end_gathering, gathers
from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.cycle import grant
from fabrika.twin.kernel.fields import (
    CAMPAIGN_END,
    CHOICE_FINISH,
    CHOICE_GRANT,
    CHOICE_PASS,
    CHOICE_QUEUE,
    CHOICE_START,
    CREW,
    E_LPROD,
    F_CREW,
    F_ORDER,
    H_GRANTS,
    H_NODE_N,
    H_NODES,
    H_STOP,
    KIND_JUNCTION,
    M_BEGAN,
    M_FIN,
    M_FREE,
    M_GIVEN,
    M_HALTED,
    M_KNOWN,
    M_MODE,
    M_NUMBER,
    M_REQ,
    M_STATE,
    M_STRIDE,
    N_ASSIGNED,
    N_BEGUN,
    N_CALLS,
    N_CHOICE,
    N_CHOICE_AT,
    N_CHOICE_CALL,
    N_CHOICE_M,
    N_IN,
    N_KIND,
    N_M,
    N_NEXT_AT,
    N_NIN,
    N_NM,
    N_QHEAD,
    N_QUEUE,
    N_STALE,
    N_STRIDE,
    N_SURE,
    N_TOLD,
    NEVER,
)
from fabrika.twin.kernel.junction import pass_unit, passing
from fabrika.twin.kernel.leaving import first_finish, held_back, waits_its_turn
from fabrika.twin.kernel.loading import first_taker, load, load_given, next_load
from fabrika.twin.kernel.ties import makes_room
from fabrika.twin.kernel.timeline import next_open
from fabrika.twin.kernel.waking import wake, wake_neighbours


@jit
def grant_kind(mem, n, m):
    """When at the instant of its request it is settled that a machine is the next to get a repairer.

    If one is free, at once, and a stop at a product's very beginning comes with its start; if none is, all that call at the
    same instant are known first.
    """
    if mem[first_free(mem, mem[mem[m + M_MODE] + F_CREW])] > mem[m + M_REQ]:
        return CHOICE_QUEUE
    if mem[m + M_REQ] != mem[m + M_BEGAN]:
        return CHOICE_GRANT
    if mem[n + N_NM] > 1:
        # what was given to the machine before begins with the last unit that comes, by no choice
        return CHOICE_START if mem[n + N_NIN] == 0 or mem[m + M_GIVEN] == mem[m + M_REQ] else CHOICE_GRANT
    # one that waits for a place that a start behind makes free begins after that
    freed = mem[m + M_FREE] == mem[m + M_REQ] and makes_room(mem, n, mem[m + M_REQ], 0)
    return CHOICE_START if freed else CHOICE_GRANT


@jit
def first_request(mem, n):
    """The machine of a node that is the next to get a repairer, and the kind of the choice; 0 if none waits."""
    w = 0
    kind = CHOICE_QUEUE
    m = mem[n + N_M]
    for _ in range(mem[n + N_NM]):
        if mem[m + M_STATE] == CREW and mem[m + M_HALTED] == 0 and (w == 0 or mem[m + M_REQ] <= mem[w + M_REQ]):
            k = grant_kind(mem, n, m)
            sooner = w == 0 or mem[m + M_REQ] < mem[w + M_REQ] or k < kind
            if sooner or (k == kind == CHOICE_START and mem[m + M_NUMBER] < mem[w + M_NUMBER]):
                w = m
                kind = k
        m += M_STRIDE
    return w, kind


@jit
def first_start(mem, n):
    """Instant and kind of the earliest start or load of a node that is undecided only because of what others may still do.

    What a product already given to a machine takes in is no choice.
    """
    if mem[n + N_NIN] == 0:
        if mem[n + N_BEGUN] >= mem[n + N_NEXT_AT]:
            return NEVER, CHOICE_START
        m = first_taker(mem, n, mem[n + N_TOLD])
        if m == 0:
            return NEVER, CHOICE_START
        at = next_open(mem, m, max(mem[n + N_TOLD], mem[m + M_FREE]))
        return at if at < mem[m + M_KNOWN] else NEVER, CHOICE_START
    first = NEVER
    kind = CHOICE_START
    for i in range(mem[n + N_NIN]):
        e = mem[mem[n + N_IN] + i]
        m, at, _certain = next_load(mem, n, e)
        if m == 0 or at >= mem[m + M_KNOWN]:
            # the call comes first
            continue
        # a single machine has no choice
        given = mem[e + E_LPROD] != mem[n + N_ASSIGNED] or mem[n + N_NM] == 1
        if at < first or (at == first and given):
            kind = CAMPAIGN_END if given else CHOICE_START
        first = min(first, at)
    return first, kind


@jit
def before(mem, w, k, kind, machine, at):
    """Whether the call by clock of machine ``w`` comes before another choice of the node; both may want a repairer."""
    t = mem[w + M_KNOWN]
    if t != at or k != kind:
        return t < at or (t == at and k < kind)
    if machine == 0 or mem[machine + M_STATE] != CREW or machine != w:
        return machine == 0 or w < machine
    return mem[first_call(mem, w) + F_ORDER] < mem[mem[machine + M_MODE] + F_ORDER]


@jit
def choose(mem, n):
    """Note a node's earliest undecided action: its kind, its machine (0 where none is meant) and its instant (NEVER: none)."""
    kind = CAMPAIGN_END
    machine = 0
    at = NEVER
    calls = 0
    if mem[n + N_KIND] == KIND_JUNCTION:
        e, _o, t, _certain = passing(mem, n)
        if e != 0:
            kind, at = CHOICE_PASS, t
    else:
        if mem[n + N_NM] > 1:
            b = first_finish(mem, n)
            if b != 0 and not held_back(mem, n):
                kind, machine, at = CHOICE_FINISH, b, mem[b + M_FIN]
        w, k = first_request(mem, n)
        if w != 0 and mem[w + M_REQ] < at:
            kind, machine, at = k, w, mem[w + M_REQ]
        if mem[n + N_NM] > 1 or mem[n + N_NIN] > 1 or gathers(mem, n):
            t, k = first_start(mem, n)
            if t < at or (t == at < NEVER and (kind == CHOICE_QUEUE or k < kind)):
                kind, machine, at = k, 0, t
        t, k = waits_its_turn(mem, n)
        if t < at or (t == at < NEVER and k < kind):
            kind, machine, at = k, mem[mem[n + N_QUEUE] + mem[n + N_QHEAD] % mem[n + N_NM]], t
        if gathers(mem, n):
            t = end_at(mem, n)
            if t < NEVER and t <= at:
                kind, machine, at = CAMPAIGN_END, 0, t
        if mem[n + N_CALLS] == 1:
            w, k = next_call(mem, n)
            if w != 0 and before(mem, w, k, kind, machine, at):
                kind, machine, at, calls = k, w, mem[w + M_KNOWN], 1
    mem[n + N_STALE] = 0
    mem[n + N_CHOICE] = kind
    mem[n + N_CHOICE_M] = machine
    mem[n + N_CHOICE_AT] = at
    mem[n + N_CHOICE_CALL] = calls


@jit
def earliest(mem):
    """The node with the earliest undecided action before the stop; 0 if there is none."""
    node = 0
    kind = CAMPAIGN_END
    at = mem[H_STOP]
    n = mem[H_NODES]
    for _ in range(mem[H_NODE_N]):
        if mem[n + N_STALE] == 1:
            choose(mem, n)
        t = mem[n + N_CHOICE_AT]
        if t < at or (t == at and kind > mem[n + N_CHOICE]):
            node, kind, at = n, mem[n + N_CHOICE], t
        n += N_STRIDE
    return node


@jit
def send_repairer(mem, flt, key, n, m):
    """The repairer who has been free the longest goes to machine ``m``."""
    if mem[n + N_CHOICE_CALL] == 1:
        answer(mem, flt, key, n, m)
    else:
        first = first_free(mem, mem[mem[m + M_MODE] + F_CREW])
        mem[first] = grant(mem, flt, key, n, m, max(mem[first], mem[m + M_REQ]))
    mem[H_GRANTS] += 1
    # whoever else calls may have to wait now
    o = mem[H_NODES]
    for _ in range(mem[H_NODE_N]):
        if mem[o + N_CHOICE] >= CHOICE_GRANT and mem[o + N_CHOICE_M] != 0:
            mem[o + N_STALE] = 1
        o += N_STRIDE


@jit
def resolve(mem, flt, key):
    """Perform the earliest undecided action before the stop; returns its node, 0 if there was none."""
    n = earliest(mem)
    if n == 0:
        return n
    kind = mem[n + N_CHOICE]
    at = mem[n + N_CHOICE_AT]
    m = mem[n + N_CHOICE_M]
    if m != 0 and mem[m + M_STATE] != CREW and mem[n + N_CHOICE_CALL] == 0:
        mem[n + N_SURE] = m
    elif kind == CHOICE_PASS:
        e, o, t, _certain = passing(mem, n)
        pass_unit(mem, flt, key, n, e, o, t)
    elif m != 0:
        send_repairer(mem, flt, key, n, m)
    elif kind == CAMPAIGN_END and mem[n + N_NM] > 1:
        load_given(mem, flt, key, n, at)
        end_gathering(mem, n, at)
    else:
        load(mem, flt, key, n, at)
    wake(mem, n)
    wake_neighbours(mem, n)
    return n
