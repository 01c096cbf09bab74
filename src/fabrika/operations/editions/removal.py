"""What a plant file no longer has that the one before it had."""

from __future__ import annotations

from fabrika.plant.model import Plant


def removed(old: Plant, new: Plant) -> tuple[str, ...]:
    """What the new file no longer has, as ``line:id``, ``station:line.id`` and ``product:id``."""
    return tuple(sorted(_subjects(old) - _subjects(new)))


def _subjects(plant: Plant) -> set[str]:
    return (
        {f"line:{line.id}" for line in plant.lines}
        | {f"station:{line.id}.{station.id}" for line in plant.lines for station in line.stations}
        | {f"product:{product.id}" for product in plant.products}
    )
