"""One machine: changeover, work on a product, stops on the way, repair.

Stops on clocks of cycles and busy time strike inside the product: position by position, each draws its next interval at
once, so that several may fall in one cycle; work resumes where it stopped.
"""

from __future__ import annotations

import numpy as np

from fabrika.twin.kernel.clocks import ramp_step_at, wear
from fabrika.twin.kernel.compiling import entry, jit
from fabrika.twin.kernel.draws import scaled, standard
from fabrika.twin.kernel.fields import (
    BUSY,
    CLOCK_CYCLES,
    CREW,
    DOWN,
    F_AFTER,
    F_AFTER_T,
    F_CLASS,
    F_CLOCK,
    F_CREW,
    F_KEY,
    F_LEFT,
    F_N,
    F_NS,
    F_REPAIR,
    F_REPAIR_T,
    F_SHIFTS,
    F_STRIDE,
    F_STRUCK,
    H_PRODUCTS,
    H_RAMP,
    H_RAMP_N,
    H_T0,
    H_T1,
    HALTED_SETUP,
    HALTED_WORK,
    HAZARD,
    IDLE,
    K_CYCLE,
    M_ACC,
    M_BEGAN,
    M_COST,
    M_DONE,
    M_F,
    M_FIN,
    M_FREE,
    M_HALTED,
    M_KEY,
    M_KNOWN,
    M_MODE,
    M_NF,
    M_NUMBER,
    M_OWED,
    M_PRODUCT,
    M_RAMP,
    M_REQ,
    M_SETUP,
    M_SETUPS,
    M_STATE,
    M_STOP,
    M_X,
    N_BEGUN,
    N_COST,
    N_CYCLE,
    N_DRAWN_TO,
    N_KEY,
    N_MEAN_EFF,
    N_NM,
    N_PRODUCT,
    N_PTAB,
    N_RAMP,
    N_SETUP,
    N_SKIP,
    N_TABLE,
    P_COST,
    P_MEAN,
    P_SKIP,
    P_STRIDE,
    P_TABLE,
    PROCESSING,
    R_F,
    R_STRIDE,
    SETUP,
    STARVED,
    TABLE_CONSTANT,
    TICK,
    WAITING,
)
from fabrika.twin.kernel.pointers import bare
from fabrika.twin.kernel.timeline import shift_end, spend, work

PER_TICK = 2.0**-20
RAMP_CYCLE, RAMP_SCRAP, RAMP_REPAIR = 0, 1, 2


@jit
def ramp_factor(mem, flt, step, which):
    """Factor of a step of the ramp-up; 1 without a ramp-up."""
    if mem[H_RAMP_N] == 0:
        return 1.0
    return flt[mem[mem[H_RAMP] + step * R_STRIDE + R_F] + which]


@entry
def settle(mem, flt, n):
    """Work out what the node's present product and step of the ramp-up mean: cycle, law, cost of scrap."""
    mem, flt = bare(mem), bare(flt)
    p = mem[n + N_PTAB] + mem[n + N_PRODUCT] * P_STRIDE
    mem[n + N_SKIP] = mem[p + P_SKIP]
    mem[n + N_TABLE] = mem[p + P_TABLE]
    mean = flt[mem[p + P_MEAN]] * ramp_factor(mem, flt, mem[n + N_RAMP], RAMP_CYCLE)
    flt[mem[n + N_MEAN_EFF]] = mean
    mem[n + N_DRAWN_TO] = 0
    least = 1 if mem[n + N_NM] > 1 else 0
    mem[n + N_CYCLE] = max(np.int64(np.floor(mean + 0.5)), least) if mem[n + N_TABLE] == TABLE_CONSTANT else -1
    share = flt[mem[p + P_COST]] * ramp_factor(mem, flt, mem[n + N_RAMP], RAMP_SCRAP)
    if share <= 0.0:
        mem[n + N_COST] = 0
    elif share >= 1.0:
        mem[n + N_COST] = -1
    else:
        mem[n + N_COST] = hazard(share)


@jit
def hazard(share):
    """Cost of one product in the scrap budget, -ln(1 - share), by the series of the inverse hyperbolic tangent."""
    # ln(1 - s) = -2 atanh(s / (2 - s)); shares above one half are halved first so that the series stays short
    halves = 0
    keep = 1.0 - share
    while keep < 0.5:
        keep = keep * 2.0
        halves += 1
    z = (1.0 - keep) / (1.0 + keep)
    q = z * z
    total = 0.0
    i = 31
    while i >= 1:
        total = total * q + 1.0 / i
        i -= 2
    return np.int64(np.floor((2.0 * z * total + halves * 0.6931471805599453) * HAZARD + 0.5))


@jit
def ramp_to(mem, flt, n, instant):
    """Move the node to the step of the ramp-up that holds at ``instant``."""
    moved = False
    while ramp_step_at(mem, n) <= instant:
        mem[n + N_RAMP] += 1
        moved = True
    if moved:
        settle(mem, flt, n)


@jit
def cycle_ns(mem, flt, key, n, k):
    """Work content of product number ``k`` of a node, ns."""
    if mem[n + N_SKIP] == 1:
        return 0
    if mem[n + N_CYCLE] >= 0:
        return mem[n + N_CYCLE]
    x = scaled(flt, key[mem[n + N_KEY] + K_CYCLE], k, flt[mem[n + N_MEAN_EFF]], mem[n + N_TABLE])
    return max(x, 1) if mem[n + N_NM] > 1 else x


@jit
def begin(mem, flt, key, n, m):
    """A loaded product begins at ``M_ACC``: work, as far as is certain."""
    ramp_to(mem, flt, n, mem[m + M_ACC])
    k = mem[n + N_BEGUN]
    mem[n + N_BEGUN] = k + 1
    if mem[n + N_SKIP] == 0:
        mem[m + M_PRODUCT] = mem[n + N_PRODUCT]
    mem[m + M_X] = cycle_ns(mem, flt, key, n, k)
    mem[m + M_COST] = mem[n + N_COST]
    mem[m + M_RAMP] = mem[n + N_RAMP]
    mem[m + M_DONE] = 0
    mem[m + M_BEGAN] = mem[m + M_ACC]
    mem[m + M_NUMBER] = k
    proceed(mem, flt, key, n, m)


@jit
def start_product(mem, flt, key, n, m, instant):
    """All needs are loaded at ``instant``: the product begins."""
    spend(mem, m, instant, STARVED)
    begin(mem, flt, key, n, m)


@jit
def change_over(mem, flt, key, n, m, instant):
    """Set a machine up for the node's campaign from ``instant`` on, if its kind differs; it is free afterwards."""
    product = mem[n + N_PRODUCT]
    before = mem[m + M_PRODUCT]
    if mem[n + N_SKIP] == 1 or before < 0 or before == product:
        return
    mem[m + M_PRODUCT] = product
    row = mem[n + N_SETUP] + 2 * (before * mem[H_PRODUCTS] + product)
    if mem[row] < 0:
        return
    setup = scaled(flt, key[mem[m + M_KEY]], mem[m + M_SETUPS], flt[mem[row]], mem[row + 1])
    mem[m + M_SETUPS] += 1
    spend(mem, m, instant, STARVED)
    mem[m + M_SETUP] = setup
    set_up(mem, m)


@jit
def set_up(mem, m):
    """Go on with what is left of a changeover, as far as the timeline is known; the machine is free afterwards."""
    if mem[m + M_OWED] == 0:
        mem[m + M_SETUP] = work(mem, m, mem[m + M_SETUP], SETUP)
    if mem[m + M_OWED] > 0 or mem[m + M_SETUP] > 0:
        halt(mem, m, HALTED_SETUP)
        return
    mem[m + M_FREE] = mem[m + M_ACC]
    mem[m + M_STATE] = IDLE


@jit
def halt(mem, m, what):
    """Pause where the timeline is not known yet."""
    mem[m + M_STATE] = CREW
    mem[m + M_REQ] = mem[m + M_KNOWN]
    mem[m + M_HALTED] = what


@jit
def next_stop(mem, m, x):
    """The stop that strikes first in the product in hand: its record (0 if none) and its position, ns of work."""
    found = 0
    at = x
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        left = mem[f + F_LEFT]
        if mem[f + F_CLOCK] == CLOCK_CYCLES:
            if left < TICK:
                p = np.int64(np.floor(left * PER_TICK * x))
                if found == 0 or p < at:
                    found = f
                    at = p
        elif left < x and (found == 0 or left < at):
            found = f
            at = left
        f += F_STRIDE
    return found, at


@jit
def proceed(mem, flt, key, n, m):
    """Work on with the product in hand until it is finished, has to wait for a repairer, or nothing more is known."""
    x = mem[m + M_X]
    if mem[n + N_SKIP] == 1:
        mem[m + M_FIN] = mem[m + M_ACC]
        mem[m + M_STATE] = BUSY
        return
    while True:
        if mem[m + M_OWED] > 0:
            halt(mem, m, HALTED_WORK)
            return
        f, at = next_stop(mem, m, x)
        if f == 0:
            break
        # a stop drawn in this product may ask for a position that the work has passed by rounding only
        at = max(at, mem[m + M_DONE])
        left = work(mem, m, at - mem[m + M_DONE], PROCESSING)
        mem[m + M_DONE] = at - left
        if left > 0:
            halt(mem, m, HALTED_WORK)
            return
        now = mem[m + M_ACC]
        if mem[H_T0] <= now < mem[H_T1]:
            mem[f + F_STRUCK] += 1
        if mem[f + F_CREW] != 0:
            mem[m + M_STATE] = CREW
            mem[m + M_MODE] = f
            mem[m + M_REQ] = now
            return
        repair(mem, flt, key, m, f, now)
    left = work(mem, m, x - mem[m + M_DONE], PROCESSING)
    if left > 0:
        mem[m + M_DONE] = x - left
        halt(mem, m, HALTED_WORK)
        return
    wear(mem, m, 1, x)
    mem[m + M_FIN] = mem[m + M_ACC]
    mem[m + M_STATE] = BUSY


@jit
def repair_ns(mem, flt, key, step, f):
    """Length of the stop that has struck in a step of the ramp-up, ns."""
    mean = flt[mem[f + F_REPAIR]]
    if mem[f + F_CLASS] == DOWN:
        mean = mean * ramp_factor(mem, flt, step, RAMP_REPAIR)
    return scaled(flt, key[mem[f + F_KEY] + 1], mem[f + F_N], mean, mem[f + F_REPAIR_T])


@entry
def draw_after(flt, mem, key, f):
    """Next interval of a stop on its own clock, in ticks or ns."""
    flt, mem, key = bare(flt), bare(mem), bare(key)
    return np.int64(
        np.floor(flt[mem[f + F_AFTER]] * standard(flt, key[mem[f + F_KEY]], mem[f + F_N], mem[f + F_AFTER_T]) + 0.5)
    )


@jit
def repair(mem, flt, key, m, f, now):
    """Stand still from ``now`` on until the stop ``f`` is over, and draw when it strikes next; returns the end."""
    length = repair_ns(mem, flt, key, mem[m + M_RAMP], f)
    end = shift_end(mem, m, now, length) if mem[f + F_SHIFTS] == 1 else now + length
    mem[m + M_STOP] = f
    mem[f + F_NS] += spend(mem, m, end, mem[f + F_CLASS])
    mem[f + F_N] += 1
    mem[f + F_LEFT] += draw_after(flt, mem, key, f)
    return end


@jit
def grant(mem, flt, key, n, m, instant):
    """A repairer comes at ``instant`` to the machine that waits; returns the instant at which he is free again."""
    spend(mem, m, instant, WAITING)
    end = repair(mem, flt, key, m, mem[m + M_MODE], instant)
    proceed(mem, flt, key, n, m)
    return end
