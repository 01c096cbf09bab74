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

DAYS, SEED = 30.0, 1
MANAGES = "demo-administrator"


def demo_folder(plant_file: Path) -> Path:
    """Where the book of this plant file, as this program tells it, is kept."""
    file = sha256(read_bytes(plant_file)).hexdigest()[:12]
    return kernel_cache.cache_root() / "fabrika" / "demo" / f"{file}-{kernel_cache.kernel_key()[:8]}"


def demo_book(plant_file: Path, progress: Callable[[int, int], None]) -> BookFolder:
    """The demonstration's book; told if it is not there.

    Args:
        plant_file: the plant file, or the folder that holds it.
        progress: called with the plant's time that has been told, us, and all of it.

    Raises:
        StorageRefusedError: the cache cannot be written.
    """
    from fabrika.app.twin_book import tell

    target = demo_folder(plant_file)
    if not (target / "journal.sqlite").exists():
        for old in target.parent.glob("*") if target.parent.is_dir() else ():
            if (old / "demo").exists():
                shutil.rmtree(old, ignore_errors=True)
        with made_whole(target) as unfinished:
            tell(plant_file, BookFolder(unfinished), DAYS, SEED, progress=progress)
            (unfinished / "demo").touch()
    return BookFolder(target)


def demo_persons(service: PlantService) -> dict[str, str]:
    """A person for each role of the plant, enrolled like anybody else; role by person, who manages the plant first."""
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
    first = [person for person, role in persons.items() if role == "manager"]
    return {person: persons[person] for person in [*first, *persons]}
