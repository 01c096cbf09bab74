"""Ramp-up: how far the plant still is from its final state, day by day."""

from __future__ import annotations

from dataclasses import dataclass

from fabrika.plant import model

Step = tuple[int, float, float, float]


@dataclass(frozen=True)
class Learning:
    """Factors by which cycles, scrap and repairs are worse than in the end, at an instant in ns.

    ``steps``: (instant from which it holds, factor of cycles, of scrap, of repairs), in order of time.
    """

    steps: tuple[Step, ...] = ((0, 1.0, 1.0, 1.0),)

    def _at(self, at: int) -> Step:
        return [step for i, step in enumerate(self.steps) if i == 0 or step[0] <= at][-1]

    def cycle(self, at: int) -> float:
        """Return how many times as long a cycle takes."""
        return self._at(at)[1]

    def scrap(self, at: int) -> float:
        """Return how many times the final share is scrapped."""
        return self._at(at)[2]

    def repair(self, at: int) -> float:
        """Return how many times as long a repair takes."""
        return self._at(at)[3]


def learning_of(plant: model.Plant, year_start_ns: int, end_ns: int) -> Learning:
    """Return the steps of a plant's ramp-up, one a day from ``year_start_ns``: each holds the curve of its day's middle."""
    if plant.ramp_up is None:
        return Learning()
    from fabrika.twin.ramp import steps

    return Learning(
        tuple(
            (int(at), cycle, scrap, repair) for at, cycle, scrap, repair in steps(plant.ramp_up, year_start_ns, end_ns)
        )
    )
