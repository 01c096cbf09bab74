"""Streams by name, and quantiles as the kernel computes them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fabrika.stats.quantile_table import build_table
from fabrika.twin.kernel import draws as kernel_draws
from fabrika.twin.kernel.fields import TABLE_CONSTANT, TABLE_EXPONENTIAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fabrika.plant.model import Distribution

_WRAP = (1 << 64) - 1
_GOLD = 0x9E3779B97F4A7C15


def _mixed(z: int) -> int:
    z = (z + _GOLD) & _WRAP
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WRAP
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WRAP
    return z ^ (z >> 31)


def stream_key(seed: int, number: int, stream: str) -> int:
    """Key of a stream: a hash of its name, so that adding a station leaves the others' draws alone.

    Args:
        seed: of the study, any integer (taken modulo 2^64).
        number: of the replication.
        stream: such as ``line.station/cycle``.
    """
    name = int.from_bytes(hashlib.blake2b(stream.encode(), digest_size=8).digest(), "little")
    first = _mixed(seed & _WRAP)
    return _mixed((_mixed((first + name) & _WRAP) + number) & _WRAP)


@lru_cache(maxsize=64)
def table(family: str, shape: float) -> NDArray[np.float64]:
    """Quantile table of a law of mean 1, flat; see :mod:`fabrika.stats.quantile_table`."""
    return np.ascontiguousarray(build_table(family, shape)).reshape(-1)


def is_exponential(law: Distribution) -> bool:
    """Whether a law is the exponential one, under whatever name."""
    return law.family == "exponential" or (law.family in {"weibull", "erlang", "gamma"} and law.shape == 1.0)


def is_constant(law: Distribution) -> bool:
    """Whether a law always gives its mean."""
    return law.family == "constant"


def standard(law: Distribution, key: int, n: int) -> float:
    """Draw number ``n`` of a stream from a law scaled to mean 1; the kernel's own arithmetic."""
    if is_constant(law):
        return 1.0
    with np.errstate(over="ignore"):
        if is_exponential(law):
            return float(kernel_draws.exponential(np.uint64(key), n))
        cells = table(law.family, law.shape)
        return float(kernel_draws.cubic(cells, 0, kernel_draws_bits(key, n)))


def kernel_draws_bits(key: int, n: int) -> int:
    """Draw number ``n`` as an integer of 52 bits."""
    return _mixed((key + n * _GOLD) & _WRAP) >> 12


def uniform(key: int, n: int) -> float:
    """Draw number ``n`` of a stream, in (0, 1)."""
    return (kernel_draws_bits(key, n) + 0.5) * 2.0**-52


def duration_ns(law: Distribution, key: int, n: int, factor: float = 1.0) -> int:
    """A drawn duration, ns, rounded once."""
    return int(np.floor(law.mean * 1e9 * factor * standard(law, key, n) + 0.5))


def quantile(family: str, shape: float, u: float) -> float:
    """Quantile of a law of mean 1 at a 52-bit ``u``, as the kernel computes it (for oracles)."""
    from fabrika.plant.model import Distribution

    law = Distribution(family, 1.0, shape)  # type: ignore[arg-type]
    if is_constant(law):
        return 1.0
    if is_exponential(law):
        return float(kernel_draws.exponential_of(u))
    return float(kernel_draws.cubic(table(family, shape), 0, int(u * 2.0**52)))


def law_code(law: Distribution) -> int:
    """:data:`TABLE_CONSTANT`, :data:`TABLE_EXPONENTIAL`, or 0 for a law that needs a table."""
    if is_constant(law):
        return TABLE_CONSTANT
    return TABLE_EXPONENTIAL if is_exponential(law) else 0
