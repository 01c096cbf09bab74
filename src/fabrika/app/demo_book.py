"""The demonstration's book: a month of a twin told once into the user's cache, with a person for each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from fabrika.app import kernel_cache
from fabrika.app.book_folder import BookFolder, made_whole
from fabrika.app.files import read_bytes
from fabrika.app.plant_service import PlantService
from fabrika.app.sitemap import COMMANDS

DAYS, SEED = 32.3, 1
"""A month, and on to the morning of a working day, hours before its break, so that the plant runs when it is first seen."""
MARK = "demonstration"
"""The name of an empty file in a book that may be thrown away."""
MANAGES = "demo-administrator"


def demo_root() -> Path:
    """The part of the user's cache in which books of the demonstration are kept."""
    return kernel_cache.cache_root() / "fabrika" / "demo"


def demo_folder(plant_file: Path) -> Path:
    """Where the book of this plant file, as this program tells it, is kept."""
    file = sha256(read_bytes(plant_file)).hexdigest()[:12]
    return demo_root() / f"{file}-{kernel_cache.kernel_key()[:8]}"


def demo_book(plant_file: Path, folder: Path, progress: Callable[[int, int], None]) -> BookFolder:
    """The demonstration's book; told if it is not there.

    Args:
        plant_file: the plant file, or the folder that holds it.
        folder: where it is, or is made.
        progress: called with the plant's time that has been told, us, and all of it.

    Raises:
        StorageRefusedError: the folder holds something else, or cannot be made.
        KeyboardInterrupt: nothing is left of a month that was not told to its end.
    """
    from fabrika.app.twin_book import tell

    if (folder / "journal.sqlite").exists():
        return BookFolder(folder)
    _forget_older(folder)
    with made_whole(folder) as unfinished:
        told = tell(plant_file, BookFolder(unfinished), DAYS, SEED, progress=progress)
        if not told.complete:
            raise KeyboardInterrupt
        (unfinished / MARK).touch()
    return BookFolder(folder)


def _forget_older(folder: Path) -> None:
    """Books of the demonstration as older programs told it; only in the cache, and only those that bear the mark."""
    if folder.parent != demo_root() or not folder.parent.is_dir():
        return
    for old in folder.parent.iterdir():
        if (old / MARK).is_file():
            shutil.rmtree(old, ignore_errors=True)


def demo_persons(service: PlantService) -> dict[str, str]:
    """A person for each role of the plant, enrolled like anybody else: role by person, first who sees most of the board's pages."""
    by_name = {command.name: command for command in COMMANDS}
    managing = next(role.id for role in service.plant.roles if "manage_people" in role.may)
    present = service.states()["personnel"].persons
    if MANAGES not in present:
        service.first(MANAGES)
    persons = {MANAGES: managing}
    for role in service.plant.roles:
        if role.id == managing:
            continue
        person = f"demo-{role.id}"
        persons[person] = role.id
        if person not in present:
            service.do(by_name["personnel.enrol"], MANAGES, {"person": person}, key=f"enrol-{person}")
            form = {"person": person, "role": role.id}
            service.do(by_name["personnel.grant"], MANAGES, form, key=f"grant-{person}")
    at_board = [role for role in service.plant.roles if role.first == "answers.board"]
    widest = max(at_board, key=lambda role: len(role.may), default=None)
    first = [person for person, role in persons.items() if widest is not None and role == widest.id]
    return {person: persons[person] for person in [*first, *persons]}
