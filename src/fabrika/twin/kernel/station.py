"""A machine station: advance it as far as is certain, by tiles where possible, product by product elsewhere."""

from __future__ import annotations

from fabrika.twin.kernel.assembly import assembly_tile
from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.fields import H_UNITS, N_NM, N_SURE, N_TILE, TILE_ASSEMBLY, TILE_NONE, TILE_PARALLEL
from fabrika.twin.kernel.leaving import certain_finish, finish, first_finish, held_back, leave
from fabrika.twin.kernel.loading import load
from fabrika.twin.kernel.parallel import parallel_tile
from fabrika.twin.kernel.serial import settle_tiles


@jit
def finish_next(mem, flt, key, n):
    """Finish the product that is finished first, if that is certain; returns whether one was."""
    b = first_finish(mem, n)
    if b == 0:
        return False
    if mem[n + N_NM] > 1 and mem[n + N_SURE] != b and (held_back(mem, n) or not certain_finish(mem, n, b)):
        return False
    finish(mem, flt, key, n, b)
    return True


@jit
def step(mem, flt, key, n):
    """One round of the slow path: leave, load, finish; returns whether anything moved."""
    moved = leave(mem, flt, key, n)
    moved = load(mem, flt, key, n, -1) or moved
    return finish_next(mem, flt, key, n) or moved


@jit
def advance_station(mem, flt, key, n):
    """Everything the station can certainly do now; returns whether anything moved (the main loop runs serial stations).

    A tile is tried as soon as what was finished has left: the slow path would take the next product at once.
    """
    moved = False
    tile = mem[n + N_TILE] if mem[H_UNITS] == 0 else TILE_NONE
    while True:
        found = leave(mem, flt, key, n)
        if tile == TILE_PARALLEL:
            done, more = parallel_tile(mem, flt, key, n)
            found = found or done > 0
            if not more:
                return moved or found
        elif tile == TILE_ASSEMBLY:
            found = assembly_tile(mem, flt, key, n) > 0 or found
            settle_tiles(mem, n)
        found = load(mem, flt, key, n, -1) or found
        found = finish_next(mem, flt, key, n) or found
        if not found:
            return moved
        moved = True
