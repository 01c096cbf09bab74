"""Ramp-up: how far the plant still is from its final state."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fabrika.plant import model


@dataclass(frozen=True)
class Learning:
    """Factors by which cycles, scrap and repairs are worse than in the end, at an instant in ns."""

    plant: model.Plant

    def _distance(self, at: int) -> float:
        ramp = self.plant.ramp_up
        if ramp is None:
            return 0.0
        t = max(0.0, at * 1e-9 - self.plant.warm_up_s)
        if ramp.curve == "linear":
            return max(0.0, 1.0 - t / ramp.time_s)
        return math.exp(-t / ramp.time_s)

    def cycle(self, at: int) -> float:
        """Return how many times as long a cycle takes."""
        ramp = self.plant.ramp_up
        return 1.0 if ramp is None else 1.0 / (1.0 - (1.0 - ramp.rate) * self._distance(at))

    def scrap(self, at: int) -> float:
        """Return how many times the final share is scrapped."""
        ramp = self.plant.ramp_up
        return 1.0 if ramp is None else 1.0 + (ramp.scrap - 1.0) * self._distance(at)

    def repair(self, at: int) -> float:
        """Return how many times as long a repair takes."""
        ramp = self.plant.ramp_up
        return 1.0 if ramp is None else 1.0 + (ramp.repair - 1.0) * self._distance(at)
