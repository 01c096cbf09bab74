"""Telling without an end, and telling on: the same run from its begin, for as long as somebody listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.twin.pens import DAY_US
from fabrika.twin.period import since
from fabrika.twin.tell import Teller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fabrika.plant.model import Plant
    from fabrika.twin.tell import Listening
    from fabrika.twin.tell_station import Said

MARGIN_US = 2 * DAY_US
"""A run is not told up to its very end: what begins there may be cut off."""


def told(
    plant: Plant, seed: int, begin_us: int, days: float, listening: Listening | None = None
) -> Iterator[tuple[int, list[Said]]]:
    """What a plant tells from an instant on, for ever: up to which instant (us) all is told, and what is told since the one before.

    Args:
        plant: what is run, with its parameters as stated.
        seed: names every draw.
        begin_us: begin of what is told, microseconds since 1970 UTC.
        days: how long it is probably listened to. Beyond, the run is begun anew for twice as long, which takes a while and
            changes nothing that is told.
        listening: as in :class:`fabrika.twin.tell.Teller`.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
        TwinLimitError: the kernel met a limit of its own.
    """
    length_us = max(int(days * DAY_US), 0) + 2 * MARGIN_US
    reached = begin_us - MARGIN_US
    while True:
        period = since(plant, begin_us, length_us)
        for upto, said in Teller(plant, period, seed, listening=listening).tell():
            if upto > period.end_us - MARGIN_US:
                break
            if upto > reached:
                reached = upto
                yield upto, said
        length_us *= 2
