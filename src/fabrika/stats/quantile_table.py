"""A piecewise cubic table of a quantile of mean 1, for one draw in a few nanoseconds.

The interval (0, 1) is cut by powers of two towards both ends, and each such binade into 32 equal segments, so that both
tails are resolved down to a probability of 2^-53. With ``w = u`` below 1/2 and ``w = 1 - u`` from 1/2 upwards::

    bits     = the 64 bits of w as an integer
    step     = (bits >> 47) & 31           which of the 32 segments: the leading bits of the mantissa
    segment  = half * 1664 + (1021 - (bits >> 52)) * 32 + step     half: 0 below 1/2, 1 from 1/2 upwards
    t        = (bits & (2^47 - 1)) * 2^-47                          place in the segment, 0 <= t < 1, exact
    value    = c0 + t (c1 + t (c2 + t c3)),  c = table[segment]

A kernel may inline this. Draw ``u = (k + 1/2) 2^-52`` with ``k`` of 52 bits: then ``u`` and ``1 - u`` are exact and no
draw meets an end. (With 53 bits ``k + 1/2`` needs 54 and rounds, in the worst case to ``u = 1``.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabrika.stats import quantiles
from fabrika.stats.compiling import compile_functions
from fabrika.stats.quantiles import law, unit_quantile

BINADES = 52
"""Powers of two on each side of 1/2: [2^-2, 2^-1) down to [2^-53, 2^-52)."""
PER_BINADE = 32
"""Equal segments in each."""
SEGMENTS = 2 * BINADES * PER_BINADE
"""Rows of a table."""

_SMALLEST_TAIL = 2.0**-53
_PLACE_UNIT = 2.0**-47
_BELOW_HALF = 0.5 - 2.0**-54
# Chebyshev nodes of degree 4 on [0, 1]: (1 - cos((2j + 1) pi / 8)) / 2.
_NODE_0, _NODE_1 = 0.03806023374435663, 0.3086582838174551
_NODE_2, _NODE_3 = 0.6913417161825448, 0.9619397662556434


def fill_table(code: int, first: float, second: float, table: NDArray[np.float64]) -> None:
    """Fill ``table``, shape (3328, 4), with the cubics of the law ``(code, first, second)``; plain scalar code.

    Each cubic goes through the quantile at the four Chebyshev nodes of its segment (Newton's divided differences,
    Abramowitz & Stegun 1964, section 25.2), expanded in powers of ``t``.
    """
    x0, x1, x2, x3 = _NODE_0, _NODE_1, _NODE_2, _NODE_3
    for half in range(2):
        upper = half == 1
        unit = 0.25 / PER_BINADE
        row = half * BINADES * PER_BINADE
        for _ in range(BINADES):
            for step in range(PER_BINADE):
                start = float(PER_BINADE + step)
                f0 = unit_quantile(code, first, second, (start + x0) * unit, upper)
                f1 = unit_quantile(code, first, second, (start + x1) * unit, upper)
                f2 = unit_quantile(code, first, second, (start + x2) * unit, upper)
                f3 = unit_quantile(code, first, second, (start + x3) * unit, upper)
                d01, d12, d23 = (f1 - f0) / (x1 - x0), (f2 - f1) / (x2 - x1), (f3 - f2) / (x3 - x2)
                d012, d123 = (d12 - d01) / (x2 - x0), (d23 - d12) / (x3 - x1)
                d0123 = (d123 - d012) / (x3 - x0)
                table[row, 0] = f0 - x0 * (d01 - x1 * (d012 - x2 * d0123))
                table[row, 1] = d01 - (x0 + x1) * d012 + (x0 * x1 + x0 * x2 + x1 * x2) * d0123
                table[row, 2] = d012 - (x0 + x1 + x2) * d0123
                table[row, 3] = d0123
                row += 1
            unit *= 0.5


def evaluate(table: NDArray[np.float64], u: float) -> float:
    """Quantile at ``u`` from a table of shape (3328, 4); plain scalar code.

    ``u`` within (0, 1); tails below 2^-53 give the value at 2^-53. The error is at most 1e-8 of the value while the
    law is not extreme: exponential, erlang, gamma up to cv 2, lognormal up to cv 4, weibull from shape 0.5. Beyond
    that, values far below the mean are less exact in relation to themselves; the error stays under 1e-7 of the mean or
    of the value, whichever is more.
    """
    half = 0
    w = u
    if u >= 0.5:
        half = BINADES * PER_BINADE
        w = 1.0 - u
    w = min(max(w, _SMALLEST_TAIL), _BELOW_HALF)
    bits = int(np.float64(w).view(np.int64))
    row = half + ((1021 - (bits >> 52)) << 5) + ((bits >> 47) & 31)
    t = (bits & 0x7FFFFFFFFFFF) * _PLACE_UNIT
    return float(table[row, 0] + t * (table[row, 1] + t * (table[row, 2] + t * table[row, 3])))


def build_table(
    family: str, shape: float = 0.0, *, fill: Callable[[int, float, float, NDArray[np.float64]], None] = fill_table
) -> NDArray[np.float64]:
    """Return the table of a law of mean 1: float64, shape (3328, 4), C order; 104 KiB.

    Args:
        family, shape: as in :func:`fabrika.stats.quantiles.law`.
        fill: :func:`fill_table` or its compiled twin; both give the same bits.

    Raises:
        ValueError: as :func:`fabrika.stats.quantiles.law`.
    """
    table = np.zeros((SEGMENTS, 4))
    fill(*law(family, shape), table)
    return table


def compiled_tables(jit: Callable[[Any], Any]) -> dict[str, Any]:
    """Return ``fill_table``, ``evaluate`` and all they call, by name, compiled; ``jit`` is such as ``numba.njit``."""
    return compile_functions((*quantiles.FUNCTIONS, fill_table, evaluate), jit)
