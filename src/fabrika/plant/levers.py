"""From the forms of levers to the model; needs the finished plant, for a lever moves one of its parameters."""

from __future__ import annotations

from dataclasses import replace

from fabrika.plant.model import Plant
from fabrika.plant.draft import Draft


def levers(draft: Draft, plant: Plant) -> Plant:
    """The plant with its beliefs and levers."""
    return replace(plant, beliefs=tuple(draft.beliefs))
