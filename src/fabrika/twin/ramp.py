"""The ramp-up as a staircase of daily steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fabrika.plant.model import RampUp

DAY_NS = 86_400 * 10**9
SETTLED = 1e-4
"""Steps end when less than this share of the distance is left."""


def distance(ramp_up: RampUp, after_s: float) -> float:
    """Share of the way still to go ``after_s`` seconds after the start."""
    if ramp_up.curve == "linear":
        return max(0.0, 1.0 - after_s / ramp_up.time_s)
    return math.exp(-after_s / ramp_up.time_s)


def steps(ramp_up: RampUp, year_start_ns: int, end_ns: int) -> list[tuple[int, float, float, float]]:
    """Daily steps: (from instant ns, factor of cycles, of scrap, of repair times).

    Step ``i`` begins ``i`` days after the year's start and holds the curve's value at the middle of its day; what lies
    before the start is like the first day. Factors are rounded to 2^-30, so that they are the same on every machine.
    """
    found = []
    for day in range(1 + max(0, (end_ns - year_start_ns) // DAY_NS)):
        left = distance(ramp_up, (day + 0.5) * DAY_NS / 1e9)
        if left < SETTLED:
            left = 0.0
        factors = (
            1.0 / (1.0 - (1.0 - ramp_up.rate) * left),
            1.0 + (ramp_up.scrap - 1.0) * left,
            1.0 + (ramp_up.repair - 1.0) * left,
        )
        cycle, scrap, repair = (round(factor * 2**30) / 2**30 for factor in factors)
        found.append((year_start_ns + day * DAY_NS if day else 0, cycle, scrap, repair))
        if left == 0.0:
            break
    return found
