"""The main loop: advance nodes while anything certain moves, then decide the earliest undecided action."""

from __future__ import annotations

from functools import cache
from typing import Any

from fabrika.twin.kernel.calls import foresee
from fabrika.twin.kernel.compiling import compile_whole, entry, jit
from fabrika.twin.kernel.cycle import draw_after, settle
from fabrika.twin.kernel.draws import scaled
from fabrika.twin.kernel.edges import places
from fabrika.twin.kernel.fields import (
    E_PUT,
    E_TOOK,
    ERR_NONE,
    ERR_STUCK,
    H_ERROR,
    H_LEVELS,
    H_NODE_N,
    H_NODES,
    H_STOP,
    H_UNITS,
    KIND_MACHINE,
    MOST_VAIN,
    N_AWAKE,
    N_EI,
    N_EO,
    N_KIND,
    N_STRIDE,
    N_TILE,
    N_WORTH,
    TILE_SERIAL,
)
from fabrika.twin.kernel.junction import advance_junction
from fabrika.twin.kernel.levels import note_levels
from fabrika.twin.kernel.pointers import bare
from fabrika.twin.kernel.resolve import resolve
from fabrika.twin.kernel.serial import AGAIN, MOVED, SLOW, settle_tiles, visit
from fabrika.twin.kernel.station import advance_station, step
from fabrika.twin.kernel.waking import wake_all, wake_neighbours


@jit
def advance_node(mem, flt, key, n):
    """Everything a node can certainly do now; returns whether anything moved."""
    if mem[n + N_TILE] == TILE_SERIAL and mem[H_UNITS] == 1:
        settle_tiles(mem, n)
    elif mem[n + N_TILE] == TILE_SERIAL:
        moved = False
        more = True
        while more:
            found = visit(mem, flt, key, n)
            moved = moved or found & MOVED != 0
            more = found & SLOW != 0
            if more:
                settle_tiles(mem, n)
                more = step(mem, flt, key, n)
                moved = moved or more
            elif found & AGAIN != 0:
                mem[n + N_AWAKE] = 1
        return moved
    if mem[n + N_KIND] == KIND_MACHINE:
        return advance_station(mem, flt, key, n)
    return advance_junction(mem, flt, key, n)


@jit
def worthwhile(mem, n):
    """Whether so much waits to be done that looking at the node now is better than later, when more has come together."""
    worth = mem[n + N_WORTH]
    if worth == 0:
        return True
    e = mem[n + N_EI]
    if e != 0 and mem[e + E_PUT] - mem[e + E_TOOK] < worth:
        return False
    e = mem[n + N_EO]
    return e == 0 or places(mem, e) >= worth


@entry
def advance(mem, flt, key, stop):
    """Run until no unit can be taken, passed or repaired before ``stop`` (ns); can be called again with a later stop.

    Args:
        mem, flt, key: the run's memory, see :mod:`fabrika.twin.kernel.fields`.
        stop: instant, ns; must be a cut of every timeline.

    Returns:
        0, or an error code of :mod:`fabrika.twin.kernel.fields`.
    """
    mem, flt, key = bare(mem), bare(flt), bare(key)
    mem[H_STOP] = stop
    wake_all(mem)
    noting = mem[H_LEVELS] != 0
    vain = 0
    picky = True
    while mem[H_ERROR] == ERR_NONE:
        looked = False
        n = mem[H_NODES]
        for _ in range(mem[H_NODE_N]):
            if mem[n + N_AWAKE] == 1 and (not picky or worthwhile(mem, n)):
                looked = True
                mem[n + N_AWAKE] = 0
                if advance_node(mem, flt, key, n):
                    wake_neighbours(mem, n)
                    if noting:
                        note_levels(mem, n)
                    vain = 0
            n += N_STRIDE
        if looked:
            picky = True
        elif picky:
            picky = False
        else:
            vain += 1
            if vain > MOST_VAIN:
                mem[H_ERROR] = ERR_STUCK
            else:
                n = resolve(mem, flt, key)
                if n == 0:
                    break
                if noting:
                    note_levels(mem, n)
    return mem[H_ERROR]


@cache
def ready() -> None:
    """Load the compiled kernel, or compile it, as a whole."""
    functions: tuple[tuple[Any, str], ...] = (
        (advance, "int64(int64[::1], float64[::1], uint64[::1], int64)"),
        (settle, "void(int64[::1], float64[::1], int64)"),
        (draw_after, "int64(float64[::1], int64[::1], uint64[::1], int64)"),
        (foresee, "void(int64[::1], int64)"),
        (scaled, "int64(float64[::1], uint64, int64, float64, int64)"),
    )
    compile_whole(functions)
