"""The random streams, in plain Python integers: splitmix64 as a counter, one stream per purpose."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass

from fabrika.plant.model import Distribution

WORD = 2**64
GOLD = 0x9E3779B97F4A7C15

Quantile = Callable[[str, float, float], float]


def mix(z: int) -> int:
    """Return the splitmix64 output of the state before the step, as an unsigned 64-bit integer."""
    z = (z + GOLD) % WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % WORD
    return z ^ (z >> 31)


def nanoseconds(seconds: float) -> int:
    """Return seconds as whole nanoseconds, half rounded up."""
    return math.floor(seconds * 1e9 + 0.5)


@dataclass(frozen=True)
class Draws:
    """All streams of one replication."""

    seed: int
    rep: int
    quantile: Quantile

    def uniform(self, stream: str, n: int) -> float:
        """Return number ``n`` of the stream, in (0, 1)."""
        name = int.from_bytes(hashlib.blake2b(stream.encode(), digest_size=8).digest(), "little")
        key = mix((mix((mix(self.seed % WORD) + name) % WORD) + self.rep) % WORD)
        return ((mix((key + n * GOLD) % WORD) >> 12) + 0.5) * 2.0**-52

    def unit(self, law: Distribution, stream: str, n: int) -> float:
        """Return a draw of mean 1 of the law's family."""
        if law.family == "constant":
            return 1.0
        return self.quantile(law.family, law.shape, self.uniform(stream, n))

    def duration(self, law: Distribution, stream: str, n: int, *factors: float) -> int:
        """Return a duration in ns: the mean times the factors times a draw of mean 1, rounded once."""
        mean = law.mean * 1e9
        for factor in factors:
            mean *= factor
        return max(0, math.floor(mean * self.unit(law, stream, n) + 0.5))

    def ticks(self, law: Distribution, stream: str, n: int) -> int:
        """Return a number of cycles in ticks of 2^-20 cycle."""
        return max(0, math.floor(law.mean * self.unit(law, stream, n) * 2.0**20 + 0.5))
