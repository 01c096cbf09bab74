"""The points at which a test may break the storage: each is named once here, passed by the code, and fired by a test."""

from __future__ import annotations

from collections.abc import Callable

FAULT_POINTS = (
    "append begun",
    "entries written, not committed",
    "entries committed, not acknowledged",
    "checkpoint kept, not acknowledged",
    "log of writes to be folded into the file",
    "file written, not in place",
    "file in place, folder not durable",
    "file durable, not acknowledged",
)
"""In the order in which an append and a file pass them."""

FaultPoint = Callable[[str], None]
"""Called with the name of the point that is passed."""


def nothing(point: str) -> None:
    """Pass on; what happens at a fault point outside of tests."""
    assert point in FAULT_POINTS
