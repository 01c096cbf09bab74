"""Scores a twin's book: the rooms follow the book, the run is made once more untold, and the two are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fabrika.app.plant_service import PlantService
from fabrika.app.twin_book import begun
from fabrika.app.warm import ready
from fabrika.errors import StorageRefusedError

if TYPE_CHECKING:
    from fabrika.answers.score import Score
    from fabrika.app.book_folder import BookFolder
    from fabrika.plant.model import Plant


def scored(plant: Plant, folder: BookFolder, progress: Callable[[float], None] | None = None) -> Score:
    """What the rooms know of a twin's book against the truth of its run.

    Args:
        plant: the plant file that the book was told from.
        folder: the twin's data folder; a server may be running on it.
        progress: called now and then with the share of the run that is done.

    Raises:
        StorageRefusedError: it is no twin's book, of another plant file, or less than an hour was told.
        RunRefusedError: the plant cannot be run as it stands.
    """
    told = begun(folder)
    if told.plant.sha256 != plant.sha256:
        raise StorageRefusedError(
            "The book was told from another plant file.",
            f"Name the file with the SHA-256 {told.plant.sha256[:16]}..., of which `files/` in the data folder has a copy.",
        )
    ready()
    from fabrika.answers.score import Truth, score, told_until
    from fabrika.twin.period import since
    from fabrika.twin.replicate import layout, replicate

    service = PlantService.following(folder)
    try:
        state = service.states()["production"]
    finally:
        service.close()
    until_us = told_until(state, told.plant)
    if until_us is None or until_us <= told.begin_us:
        raise StorageRefusedError(
            "Less than an hour of the plant was told.", "Tell a longer period with `fabrika twin tell --days`."
        )
    period = since(told.plant, told.begin_us, until_us - told.begin_us)
    figures = replicate(told.plant, period, told.seed, 0, progress=progress)
    return score(state, told.plant, Truth(told.begin_us, until_us, figures, layout(told.plant)))
