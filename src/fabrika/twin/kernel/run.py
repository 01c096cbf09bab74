"""The main loop: sweep all nodes while anything certain moves, then decide the earliest undecided action."""

from __future__ import annotations

from fabrika.twin.kernel.compiling import entry
from fabrika.twin.kernel.fields import (
    ERR_NONE,
    ERR_STUCK,
    H_ERROR,
    H_NODE_N,
    H_NODES,
    H_STOP,
    KIND_MACHINE,
    MOST_VAIN,
    N_KIND,
    N_STRIDE,
    N_TILE,
    TILE_SERIAL,
)
from fabrika.twin.kernel.junction import advance_junction
from fabrika.twin.kernel.resolve import resolve
from fabrika.twin.kernel.serial import MOVED, SLOW, settle_tiles, visit
from fabrika.twin.kernel.station import advance_station, step


@entry
def advance(mem, flt, key, stop):
    """Run until no unit can be taken, passed or repaired before ``stop`` (ns); can be called again with a later stop.

    Args:
        mem, flt, key: the run's memory, see :mod:`fabrika.twin.kernel.fields`.
        stop: instant, ns; must be a cut of every timeline.

    Returns:
        0, or an error code of :mod:`fabrika.twin.kernel.fields`.
    """
    mem[H_STOP] = stop
    count = mem[H_NODE_N]
    vain = 0
    while mem[H_ERROR] == ERR_NONE:
        moved = False
        n = mem[H_NODES]
        for _ in range(count):
            if mem[n + N_TILE] == TILE_SERIAL:
                more = True
                while more:
                    found = visit(mem, flt, key, n)
                    moved = moved or found & MOVED != 0
                    more = found & SLOW != 0
                    if more:
                        settle_tiles(mem, n)
                        more = step(mem, flt, key, n)
                        moved = moved or more
            elif mem[n + N_KIND] == KIND_MACHINE:
                if advance_station(mem, flt, key, n):
                    moved = True
            elif advance_junction(mem, flt, key, n):
                moved = True
            n += N_STRIDE
        vain = 0 if moved else vain + 1
        if vain > MOST_VAIN:
            mem[H_ERROR] = ERR_STUCK
        elif not moved and not resolve(mem, flt, key):
            break
    return mem[H_ERROR]
