"""Telling without an end, and telling on: the same run from its begin, for as long as somebody listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.events.fields import Key
from fabrika.journal.pen import Pen
from fabrika.twin.period import since
from fabrika.twin.tell import Teller, epoch_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fabrika.events.codec import Written
    from fabrika.plant.model import Plant
    from fabrika.twin.tell_station import Said

DAY_US = 86_400 * 1_000_000
MARGIN_US = 2 * DAY_US
"""A run is not told up to its very end: what begins there may be cut off."""


def told(plant: Plant, seed: int, begin_us: int, days: float) -> Iterator[tuple[int, list[Said]]]:
    """What a plant tells from an instant on, for ever: up to which instant (us) all is told, and what is told since the one before.

    Args:
        plant: what is run, with its parameters as stated.
        seed: names every draw.
        begin_us: begin of what is told, microseconds since 1970 UTC.
        days: how long it is probably listened to. Beyond, the run is begun anew for twice as long, which takes a while and
            changes nothing that is told.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
        TwinLimitError: the kernel met a limit of its own.
    """
    length_us = max(int(days * DAY_US), 0) + 2 * MARGIN_US
    reached = begin_us - MARGIN_US
    while True:
        period = since(plant, begin_us, length_us)
        for upto, said in Teller(plant, period, seed).tell():
            if upto > period.end_us - MARGIN_US:
                break
            if upto > reached:
                reached = upto
                yield upto, said
        length_us *= 2


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
