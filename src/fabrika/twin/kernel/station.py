"""A machine station: advance it as far as is certain, by tiles where possible, product by product elsewhere."""

from __future__ import annotations

from fabrika.twin.kernel.assembly import assembly_tile
from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.fields import N_NM, N_SURE, N_TILE, TILE_ASSEMBLY, TILE_PARALLEL
from fabrika.twin.kernel.leaving import certain_finish, finish, first_finish, held_back, leave
from fabrika.twin.kernel.loading import load
from fabrika.twin.kernel.parallel import parallel_tile
from fabrika.twin.kernel.serial import settle_tiles


@jit
def step(mem, flt, key, n):
    """One round of the slow path: leave, load, finish; returns whether anything moved."""
    moved = leave(mem, flt, key, n)
    if load(mem, flt, key, n, -1):
        moved = True
    b = first_finish(mem, n)
    if b != 0 and (mem[n + N_NM] == 1 or mem[n + N_SURE] == b or (not held_back(mem, n) and certain_finish(mem, n, b))):
        finish(mem, flt, key, n, b)
        moved = True
    return moved


@jit
def advance_station(mem, flt, key, n):
    """Everything the station can certainly do now; returns whether anything moved (the main loop runs serial stations)."""
    moved = False
    tile = mem[n + N_TILE]
    while True:
        if tile == TILE_PARALLEL:
            done, more = parallel_tile(mem, flt, key, n)
            moved = moved or done > 0
            if not more:
                return moved
        elif tile == TILE_ASSEMBLY:
            moved = assembly_tile(mem, flt, key, n) > 0 or moved
            settle_tiles(mem, n)
        if not step(mem, flt, key, n):
            return moved
        moved = True
