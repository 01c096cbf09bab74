"""How the sources of a simulated plant write; nothing here needs the compiled twin."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fabrika.events.fields import Key
from fabrika.journal.pen import Pen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fabrika.events.codec import Written
    from fabrika.twin.tell_station import Said

DAY_US = 86_400 * 1_000_000


def epoch_of(plant: str, seed: int, source: str) -> str:
    """The epoch in which a source of a simulated plant speaks: it has no memory but the seed."""
    return hashlib.blake2b(f"{plant}\0{seed}\0{source}".encode(), digest_size=8).hexdigest()


class Pens:
    """Writes what is told as the messages of its sources, each chained to the one before.

    Args:
        plant: the plant's id.
        seed: of what is told.
        heads: sequence and digest of the last message that the book holds of a source; what the book holds is not written again.
    """

    def __init__(self, plant: str, seed: int, heads: Mapping[str, tuple[int, str]] | None = None) -> None:
        self._plant, self._seed = plant, seed
        self._heads = dict(heads or {})
        self._known: dict[str, int] = {source: sequence + 1 for source, (sequence, _) in self._heads.items()}
        self._pens: dict[str, Pen] = {}

    def write(self, said: Said) -> Written | None:
        """The message; None if the book holds it."""
        source = said.source
        left = self._known.get(source, 0)
        if left:
            self._known[source] = left - 1
            return None
        pen = self._pens.get(source)
        if pen is None:
            sequence, previous = self._heads.get(source, (-1, None))
            key = Key(source, epoch_of(self._plant, self._seed, source), sequence + 1)
            pen = self._pens[source] = Pen(self._plant, key, previous)
        return pen.write(said.event, said.at_us, actor=said.actor, device=said.device, edge_at_us=said.edge_at_us)
