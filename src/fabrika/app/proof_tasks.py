"""What the process that proves is asked, and what it says: data that passes between two of our own processes."""

from __future__ import annotations

from typing import Any, NamedTuple

from fabrika.plant.model import Plant


class ProofTask(NamedTuple):
    """Prove a plant within so many seconds."""

    plant: Plant
    budget_s: float
    seed: int
    workers: int


class TrialTask(NamedTuple):
    """Try a change on so many years."""

    plant: Plant
    changed: Plant
    years: int
    seed: int
    workers: int


Task = ProofTask | TrialTask


class Said(NamedTuple):
    """One message: ``progress`` (stage, done, total), ``first`` (an estimate), ``part`` (a result so far), ``answer`` or ``error``."""

    what: str
    value: Any
