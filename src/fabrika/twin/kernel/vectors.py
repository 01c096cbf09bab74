"""The innermost step of replications abreast, in vectors of eight integers.

The compiler finds no vectors in a loop over eight neighbours by itself, for it cannot tell that the places it reads are not
those it has just written; so the step is handed to it as vectors, in its own language. Uncompiled it is the same step in
plain arrays. A processor without such wide registers takes as many narrow ones.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

WIDTH = 8
"""Replications abreast."""
MOST_ROWS = 20
"""Rows in hand at once: with as many the state of a line of twenty stations fits into the fast memory of a core."""

_INTEGER = ir.IntType(64)
_VECTOR = ir.VectorType(_INTEGER, WIDTH)


def _passed_plainly(X, block, hand, at, ahead, count):
    left, starts, leavings = (X[block + i * WIDTH : block + (i + 1) * WIDTH] for i in range(3))
    work = X[block + 3 * WIDTH : block + 4 * WIDTH]
    for q in range(0, count * WIDTH, WIDTH):
        start = np.maximum(X[hand + q : hand + q + WIDTH], left)
        left[:] = np.maximum(start + work, X[ahead + q : ahead + q + WIDTH])
        X[at + q : at + q + WIDTH] = start
        X[hand + q : hand + q + WIDTH] = left
        starts += start
        leavings += left


class _Vectors:
    """Writes vector code over one array of integers."""

    def __init__(self, builder: ir.IRBuilder, data: ir.Value) -> None:
        self.builder, self.data = builder, data

    def _pointer(self, offset: ir.Value) -> ir.Value:
        return self.builder.bitcast(self.builder.gep(self.data, [offset]), _VECTOR.as_pointer())

    def load(self, offset: ir.Value, plus: ir.Value) -> ir.Value:
        return self.builder.load(self._pointer(self.builder.add(offset, plus)), align=8)

    def store(self, value: ir.Value, offset: ir.Value, plus: ir.Value) -> None:
        self.builder.store(value, self._pointer(self.builder.add(offset, plus)), align=8)

    def later(self, a: ir.Value, b: ir.Value) -> ir.Value:
        return self.builder.select(self.builder.icmp_signed(">", a, b), a, b)


def _written(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> ir.Value:
    array = context.make_array(signature.args[0])(context, builder, args[0])
    vectors = _Vectors(builder, array.data)
    block, hand, at, ahead, count = args[1:]
    parts = [ir.Constant(_INTEGER, i * WIDTH) for i in range(4)]
    held = []
    for part in parts[:3]:
        cell = cgutils.alloca_once(builder, _VECTOR)  # becomes a register
        builder.store(vectors.load(block, part), cell)
        held.append(cell)
    left, starts, leavings = held
    work = vectors.load(block, parts[3])
    with cgutils.for_range(builder, count) as loop:
        q = builder.mul(loop.index, parts[1])
        start = vectors.later(vectors.load(hand, q), builder.load(left))
        leaving = vectors.later(builder.add(start, work), vectors.load(ahead, q))
        vectors.store(start, at, q)
        vectors.store(leaving, hand, q)
        builder.store(leaving, left)
        builder.store(builder.add(builder.load(starts), start), starts)
        builder.store(builder.add(builder.load(leavings), leaving), leavings)
    for part, cell in zip(parts[:3], held, strict=True):
        vectors.store(builder.load(cell), block, part)
    return context.get_dummy_value()


def _pass_station(_typing: Any, X: Any, block: Any, hand: Any, at: Any, ahead: Any, count: Any) -> Any:
    return types.void(X, block, hand, at, ahead, count), _written


pass_station = _passed_plainly if numba.config.DISABLE_JIT else intrinsic(_pass_station)
"""``count`` units of each replication go through one station: ``pass_station(X, block, hand, at, ahead, count)``.

A unit begins when it has come (``hand``) and the machine is free, and leaves when it is done and the place ahead is free;
its start is written down behind (``at``), its departure in ``hand``. All are offsets in ``X``; ``block`` is the station's.
"""
