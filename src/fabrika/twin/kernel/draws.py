"""Random numbers: counter-based streams and quantiles in plain arithmetic, the same bits on every machine.

The stream is SplitMix64 used as a counter-based generator: Steele, Lea, Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014, fig. 18 (constants of variant 13 of Stafford). ``log`` is the series of the inverse hyperbolic
tangent, log m = 2 atanh((m - 1) / (m + 1)), Abramowitz & Stegun 4.1.27 and 4.6.33.
"""

from __future__ import annotations

import numpy as np

from fabrika.twin.kernel.compiling import entry, jit, jit_inline
from fabrika.twin.kernel.fields import POSITIVE, TABLE_CONSTANT, TABLE_EXPONENTIAL
from fabrika.twin.kernel.pointers import as_integers, bare

GOLD = np.uint64(0x9E3779B97F4A7C15)
MUL1 = np.uint64(0xBF58476D1CE4E5B9)
MUL2 = np.uint64(0x94D049BB133111EB)
R30, R27, R31, R12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
UNIT = 2.0**-52
HALF = 1 << 51
FULL = (1 << 52) - 1
MANTISSA = (1 << 52) - 1
ONE_BITS = 1023 << 52
SQRT2 = 1.4142135623730951
LN2 = 0.6931471805599453
PLACE = (1 << 47) - 1
PLACE_UNIT = 2.0**-47
SIDE = 52 * 32


@jit_inline
def mixed(z):
    """Scramble 64 bits."""
    z = z + GOLD
    z = (z ^ (z >> R30)) * MUL1
    z = (z ^ (z >> R27)) * MUL2
    return z ^ (z >> R31)


@jit_inline
def bits52(key, n):
    """Draw number ``n`` of the stream ``key`` as an integer in [0, 2^52)."""
    return np.int64(mixed(key + np.uint64(n) * GOLD) >> R12)


@entry
def uniform(key, n):
    """Draw number ``n`` of the stream ``key``, in (0, 1)."""
    return (np.float64(bits52(key, n)) + 0.5) * UNIT


@jit_inline
def log_mantissa(m):
    """Natural logarithm of ``m`` in [sqrt(1/2), sqrt(2)]."""
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 1.0 / 21.0
    p = p * z + 1.0 / 19.0
    p = p * z + 1.0 / 17.0
    p = p * z + 1.0 / 15.0
    p = p * z + 1.0 / 13.0
    p = p * z + 1.0 / 11.0
    p = p * z + 1.0 / 9.0
    p = p * z + 1.0 / 7.0
    p = p * z + 1.0 / 5.0
    p = p * z + 1.0 / 3.0
    p = p * z + 1.0
    return 2.0 * s * p


@jit
def exponentials(key, first, count, out, at):
    """Fill ``out[at : at + count]`` with standard exponential draws ``first, first + 1, ...`` of a stream.

    Three loops without calls or branches, so that the compiler can take several draws at once. The float and integer
    views share their memory.
    """
    whole = as_integers(out)
    at = at & POSITIVE
    for q in range(count):
        out[at + q] = (np.float64(bits52(key, first + q)) + 0.5) * UNIT
    for q in range(count):
        i = at + q
        b = whole[i]
        e = (b >> 52) - 1023
        whole[i] = (b & MANTISSA) | ONE_BITS
        m = out[i]
        big = m > SQRT2
        m = 0.5 * m if big else m
        e = e + 1 if big else e
        out[i] = -(np.float64(e) * LN2 + log_mantissa(m))


@entry
def cubic(cells, base, k):
    """Quantile of the 52-bit draw ``k`` from a table of :mod:`fabrika.stats.quantile_table` laid out from ``cells[base]`` on."""
    cells = bare(cells)
    row = 0
    if k >= HALF:
        k = FULL - k
        row = SIDE
    bits = np.float64((np.float64(k) + 0.5) * UNIT).view(np.int64)
    i = base + 4 * (row + ((1021 - (bits >> 52)) << 5) + ((bits >> 47) & 31))
    t = np.float64(bits & PLACE) * PLACE_UNIT
    return cells[i] + t * (cells[i + 1] + t * (cells[i + 2] + t * cells[i + 3]))


@entry
def exponential_of(u):
    """Standard exponential quantile at ``1 - u``, that is -ln u."""
    e = 0
    while u < 0.5:
        u = u * 2.0
        e = e - 1
    # u in [1/2, 1]; its mantissa counted in [1, 2) as the block version does
    m = u * 2.0
    e = e - 1
    if m > SQRT2:
        m = 0.5 * m
        e = e + 1
    return -(np.float64(e) * LN2 + log_mantissa(m))


@entry
def exponential(key, n):
    """Draw number ``n`` of a standard exponential stream."""
    return exponential_of(uniform(key, n))


@jit
def standard(flt, key, n, table):
    """Draw number ``n``, mean 1, from a table (base in ``flt``), the exponential law, or the constant 1."""
    if table == TABLE_CONSTANT:
        return 1.0
    if table == TABLE_EXPONENTIAL:
        return exponential(key, n)
    return cubic(flt, table, bits52(key, n))


@entry
def scaled(flt, key, n, mean, table):
    """``mean`` times draw number ``n``, rounded once to an integer, at least 0."""
    flt = bare(flt)
    return np.int64(np.floor(mean * standard(flt, key, n, table) + 0.5))
