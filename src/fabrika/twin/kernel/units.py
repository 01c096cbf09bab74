"""What became of every unit, written down one by one where that is asked for (``H_UNITS``): what went into a machine, what came out.

A unit has no number in the kernel: it is the ``j``-th that came into an edge. A row says of which edge and place a machine took it, or as
which it left; together they give every unit's way. Tiles say nothing of single units, so a run that writes them down has none.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.fields import (
    E_PUT,
    E_TOOK,
    H_UNITS,
    N_LEFT,
    N_NOUT,
    N_OUT,
    TELL_DRAWN,
    TELL_DROPPED,
    TELL_GONE,
    TELL_LOADED,
    TELL_PASSED,
)
from fabrika.twin.kernel.telling import tell_row


@jit
def unit_loaded(mem, m, e, count, instant):
    """Machine ``m`` is about to take the next unit of edge ``e``, or ``count`` units of raw material (edge 0)."""
    if mem[H_UNITS] == 1:
        tell_row(mem, TELL_LOADED, m, e, mem[e + E_TOOK] if e != 0 else 0, count, instant, 0)


@jit
def unit_gone(mem, n, m, instant, left):
    """A unit has left machine ``m`` (``left`` 1), or was scrapped (0); its place behind is the last that was taken there."""
    if mem[H_UNITS] == 1:
        place = mem[mem[mem[n + N_OUT]] + E_PUT] - 1 if mem[n + N_NOUT] != 0 else -1
        tell_row(mem, TELL_GONE, m, left, place, instant, mem[n + N_LEFT], 0)


@jit
def unit_passes(mem, n, e, o, instant):
    """The next unit of edge ``e`` is about to pass on to edge ``o`` (0: out of the plant, as the one after so many)."""
    if mem[H_UNITS] == 1:
        place = mem[o + E_PUT] if o != 0 else mem[n + N_LEFT]
        tell_row(mem, TELL_PASSED, n, e, mem[e + E_TOOK], o, place, instant)


@jit
def units_drawn(mem, n, e, ahead, count):
    """``count`` units of an edge are about to be withdrawn from behind ``ahead`` others, which move up."""
    if mem[H_UNITS] == 1:
        tell_row(mem, TELL_DRAWN, n, e, mem[e + E_TOOK], ahead, count, 0)


@jit
def units_dropped(mem, n, m):
    """What machine ``m`` had taken is withdrawn."""
    if mem[H_UNITS] == 1:
        tell_row(mem, TELL_DROPPED, n, m, 0, 0, 0, 0)
