"""Who works on a floor: operators for a few stations each, and one person for each thing that only some may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fabrika.plant.model import Plant, Role
    from fabrika.twin.rota import Duty, Rota

SPAN = 4
"""Stations that one operator looks after."""
OFFICE = ("receive_stock", "release_stock", "adjust_stock", "count_stock", "release_orders", "ship_stock")
"""What is not done by operators of the lines; in this order persons are found for it."""
STORE = "move_stock"
"""Who brings material to the lines."""


class Staff:
    """Gives a rota everybody whom a floor needs; who is there already keeps their id.

    Args:
        rota: gets them.
        stations: of each line, ``(line, line.station)`` in the order of the file.

    Attributes:
        operators: everybody who works at a station, in the order of their ids.
    """

    def __init__(self, plant: Plant, rota: Rota, stations: Sequence[tuple[str, str]]) -> None:
        self.rota = rota
        self._group: dict[str, int] = {}
        self._mates: dict[tuple[str, int, int], str] = {}
        for line in plant.lines:
            own = [path for of_line, path in stations if of_line == line.id]
            for place, path in enumerate(own):
                self._group[path] = place // SPAN
            for slot in range(rota.slots(line.id)):
                for group in range(1, -(-len(own) // SPAN)):
                    self._mates[line.id, slot, group] = self._hire(rota.role_granted)
        self.operators = tuple(dict.fromkeys((*rota.of_lines(), *self._mates.values())))
        self._able = {act: self._person(plant, act) for act in OFFICE}
        self.store = self._hire(_least(plant, STORE)) if _least(plant, STORE) is not None else None

    def at(self, path: str, duty: Duty | None) -> str:
        """Who works at a station in a shift."""
        line, group = path.partition(".")[0], self._group[path]
        slot = duty.shift if duty is not None else 0
        return self._mates.get((line, slot, group)) or self.rota.person(line, duty)

    def able(self, act: str) -> str | None:
        """The person in the office who does something; None where no role may."""
        return self._able[act]

    def _person(self, plant: Plant, act: str) -> str | None:
        role = _least(plant, act)
        if role is None:
            return None
        there = next((p for p, own in self.rota.persons.items() if own == role and p not in self.operators), None)
        return there or self._hire(role)

    def _hire(self, role: str | None) -> str:
        person = f"p-{len(self.rota.persons) + 1:03d}"
        self.rota.persons[person] = role
        return person


def _least(plant: Plant, act: str) -> str | None:
    """The role that may do something and the least else."""
    able: list[Role] = [role for role in plant.roles if act in role.may]
    return min(able, key=lambda role: len(role.may)).id if able else None
