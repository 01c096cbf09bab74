"""What people truly did in a told book's run, which is told once more for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.app.twin_floor import Everybody
from fabrika.twin.pens import DAY_US

if TYPE_CHECKING:
    from fabrika.app.twin_book import Begun
    from fabrika.plant.model import Plant
    from fabrika.twin.rota import Rota
    from fabrika.twin.tell_people import People
    from fabrika.twin.told_truth import ToldTruth


def truth_of(first: Begun, until_us: int) -> ToldTruth:
    """What people truly did in a told book's run until an instant; the run is told once more.

    Args:
        first: how the book was begun.
        until_us: microseconds since 1970 UTC.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
        TwinLimitError: the kernel met a limit of its own.
    """
    from fabrika.twin.tell_on import told

    heard: list[Everybody] = []

    def listening(plant: Plant, rota: Rota, people: People) -> Everybody:
        heard.append(Everybody(plant, rota, people))
        return heard[-1]

    days = (until_us - first.begin_us) / DAY_US
    for upto, _ in told(first.plant, first.seed, first.begin_us, days, listening):
        if upto >= until_us:
            break
    return heard[-1].floor.truth(until_us)
