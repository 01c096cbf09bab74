"""Virtual time, a bad network and disks that forget: the same seed gives the same history, to the last bit."""

from __future__ import annotations

import heapq
import itertools
import random

MS, SECOND = 1_000, 1_000_000


class World:
    """What happens when; times in microseconds from the beginning.

    Attributes:
        now_us: virtual time.
        chance: the only source of chance.
        healed: whether nothing bad happens any more.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now_us = 0
        self.healed = False
        self.steps = 0
        self._agenda: list = []
        self._order = itertools.count()

    def later(self, delay_us: int, deed, *arguments) -> None:
        """Do something after a while."""
        heapq.heappush(self._agenda, (self.now_us + delay_us, next(self._order), deed, arguments))

    def run(self, until_us: int, done=lambda: False) -> None:
        """Let things happen until an instant, or until all is done."""
        while self._agenda and self._agenda[0][0] <= until_us and not done():
            self.now_us, _, deed, arguments = heapq.heappop(self._agenda)
            self.steps += 1
            deed(*arguments)
        self.now_us = max(self.now_us, until_us) if not done() else self.now_us

    def happens(self, share: float) -> bool:
        """Whether something bad happens now."""
        return not self.healed and self.chance.random() < share


class Network:
    """Carries messages late, twice, in another order, or not at all; pairs of places can be cut off from each other.

    Attributes:
        cut: pairs that do not reach each other, in one direction each.
    """

    LOST, TWICE = 0.05, 0.05

    def __init__(self, world: World) -> None:
        self.world = world
        self.cut: set[tuple[str, str]] = set()

    def send(self, sender: str, receiver, *message) -> None:
        """Perhaps deliver a message to a place, which has a ``name`` and is told by ``receive``."""
        copies = 0 if self.world.happens(self.LOST) else 2 if self.world.happens(self.TWICE) else 1
        for _ in range(copies):
            slow = self.world.chance.random() < 0.1
            delay = self.world.chance.randrange(MS, (400 if slow else 20) * MS)
            self.world.later(delay, self._deliver, sender, receiver, message)

    def _deliver(self, sender: str, receiver, message) -> None:
        if self.world.healed or (sender, receiver.name) not in self.cut:
            receiver.receive(*message)

    def trouble(self, names: list[str]) -> None:
        """Cut a pair, or all, or nobody, and go on doing so."""
        one, other = self.world.chance.sample(names, 2)
        kind = self.world.chance.choice(("none", "one way", "both ways", "all"))
        self.cut = {"none": set(), "one way": {(one, other)}, "both ways": {(one, other), (other, one)}}.get(
            kind, set(itertools.permutations(names, 2))
        )
        self.world.later(self.world.chance.randrange(100 * MS, 3 * SECOND), self.trouble, names)
