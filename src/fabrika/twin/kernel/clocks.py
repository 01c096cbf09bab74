"""A machine's clocks of cycles and of busy time, and the steps of the ramp-up: what may come before the next stop."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.fields import (
    CLOCK_CYCLES,
    F_CLOCK,
    F_LEFT,
    F_STRIDE,
    H_RAMP,
    H_RAMP_N,
    M_F,
    M_NF,
    N_RAMP,
    NEVER,
    R_STRIDE,
    R_T,
    TICK,
)


@jit
def clock_room(mem, m, x):
    """Products of work ``x`` before the first stop; with drawn work (negative) the clocks of busy time are not asked."""
    room = NEVER
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        left = mem[f + F_LEFT]
        if mem[f + F_CLOCK] == CLOCK_CYCLES:
            room = min(room, left // TICK)
        elif x > 0:
            room = min(room, left // x)
        f += F_STRIDE
    return room


@jit
def busy_left(mem, m):
    """Work until the first stop on a clock of busy time."""
    least = NEVER
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        if mem[f + F_CLOCK] != CLOCK_CYCLES:
            least = min(least, mem[f + F_LEFT])
        f += F_STRIDE
    return least


@jit
def wear(mem, m, products, worked):
    """Take ``products`` and the work in them off the clocks."""
    f = mem[m + M_F]
    for _ in range(mem[m + M_NF]):
        mem[f + F_LEFT] -= products * TICK if mem[f + F_CLOCK] == CLOCK_CYCLES else worked
        f += F_STRIDE


@jit
def ramp_step_of(mem, instant):
    """The step of the ramp-up that holds at ``instant``."""
    step = 0
    while step + 1 < mem[H_RAMP_N] and mem[mem[H_RAMP] + (step + 1) * R_STRIDE + R_T] <= instant:
        step += 1
    return step


@jit
def ramp_step_at(mem, n):
    """Instant of a node's next step of the ramp-up, NEVER without one."""
    step = mem[n + N_RAMP] + 1
    if step >= mem[H_RAMP_N]:
        return NEVER
    return mem[mem[H_RAMP] + step * R_STRIDE + R_T]
