"""What some rules of the plant file mean for each station: those that name it or none, and when it counts as repaired."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar

from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Plant


class Named(Protocol):
    """A rule of the plant file that may name stations."""

    @property
    def stations(self) -> tuple[str, ...]:
        """``line.station``; empty for all that are no transports."""


RuleT = TypeVar("RuleT", bound=Named)


class Policy(NamedTuple, Generic[RuleT]):
    """What holds for a station.

    Attributes:
        rules: those that mean it.
        repairs: modes in which a crew repairs it.
    """

    rules: tuple[RuleT, ...]
    repairs: frozenset[str]


class ByStation(Generic[RuleT]):
    """What holds for the stations of a plant; that of the last plant is kept, as one edition is in force for long.

    Args:
        rules_of: the rules of a plant.
    """

    def __init__(self, rules_of: Callable[[Plant], tuple[RuleT, ...]]) -> None:
        self._rules_of = rules_of
        self._last: tuple[Plant, Mapping[str, Policy[RuleT]]] | None = None

    def __call__(self, plant: Plant) -> Mapping[str, Policy[RuleT]]:
        """By ``line.station``; those for which nothing holds are not in it."""
        last = self._last
        if last is None or last[0] is not plant:
            last = self._last = plant, self._made(plant)
        return last[1]

    def _made(self, plant: Plant) -> dict[str, Policy[RuleT]]:
        found: dict[str, Policy[RuleT]] = {}
        rules = self._rules_of(plant)
        for line in plant.lines if rules else ():
            for station in line.stations:
                path = f"{line.id}.{station.id}"
                meant = tuple(rule for rule in rules if not rule.stations or path in rule.stations)
                if meant and KINDS[station.kind].primitive != "transport":
                    repairs = frozenset(mode.id for mode in station.fails if mode.crew is not None)
                    found[path] = Policy(meant, repairs)
        return found
