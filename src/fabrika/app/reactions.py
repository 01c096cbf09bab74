"""What the service itself records because of what it was told: pure functions of state, plant and fact, in the same commit.

See ``docs/decisions/0025-holds-are-reactions.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fabrika.events.event import Event
from fabrika.journal.entries import Fact
from fabrika.plant.model import Plant


class Reaction(NamedTuple):
    """Something that follows by itself.

    Attributes:
        minds: whether anything may follow of an event; it is asked of every message, and must be cheap.
        follows: what follows of a fact, on what the rooms know with it.
    """

    minds: Callable[[Plant, Event], bool]
    follows: Callable[[Mapping[str, Any], Plant, Fact], Sequence[Event]]


def awake(reactions: Iterable[Reaction], plant: Plant, events: Iterable[Event]) -> bool:
    """Whether something may follow of one of some events."""
    return any(reaction.minds(plant, event) for event in events for reaction in reactions)


def following(
    reactions: Iterable[Reaction], rooms: Mapping[str, Any], plant: Plant, facts: Iterable[Fact]
) -> Iterator[tuple[Fact, Event]]:
    """What follows of some facts, each with the fact that it follows of; to be folded one by one, as it comes."""
    for fact in facts:
        for reaction in reactions:
            if reaction.minds(plant, fact.event):
                for event in reaction.follows(rooms, plant, fact):
                    yield fact, event
