"""What ``benchmarks.pages`` serves: a year of the cartridge plant's twin, and fifty people with accounts; made once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLANT = ROOT / "plants" / "cartridge-20m"
BEGIN, DAYS, SEED = "2025-03-24", 365.46, 1
"""A year, to the forenoon of a Tuesday on which the plant works."""
PASSWORD = "seven quiet machines"  # of accounts on this machine that only the benchmark knows
ROLES = {
    "operator": 18,
    "shift-lead": 8,
    "maintenance-head": 5,
    "quality-manager": 5,
    "metrologist": 3,
    "technical-head": 3,
    "director": 2,
    "training-head": 2,
    "vendor-engineer": 2,
    "overseer": 1,
    "administrator": 1,
}
LANGUAGES = ("sq", "sq", "sq", "sr_Latn", "tr", "en")
"""What people read, one after the other."""


def environment() -> dict[str, str]:
    """The sources' own package, in English."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "FABRIKA_LANGUAGE": "en"}


def persons() -> dict[str, str]:
    """Fifty people: role by person's id."""
    return {f"{role}-{number}": role for role, count in ROLES.items() for number in range(1, count + 1)}


def made(folder: Path) -> Path:
    """The data folder with the year and the people in it; told and enrolled if they are not there."""
    data = folder / "data"
    if not (data / "journal.sqlite").exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / "unfinished"
        begin = time.process_time(), time.perf_counter()
        words = ["--data", str(unfinished), "--days", str(DAYS), "--seed", str(SEED), "--from", BEGIN]
        subprocess.run(
            [sys.executable, "-m", "fabrika", "twin", "tell", str(PLANT), *words], check=True, env=environment()
        )
        print(f"a year told in {time.perf_counter() - begin[1]:.0f} s")
        unfinished.rename(data)
    for work in (_enrol, _sign):
        mark = folder / f"done{work.__name__}"
        if not mark.exists():
            work(data)
            mark.touch()
    return data


def _sign(data: Path) -> None:
    """A checkpoint, as a book of a year has one of a minute ago; the first reads everything once more."""
    from fabrika.app.book_folder import BookFolder

    folder = BookFolder(data)
    book = folder.open()
    book.sign(folder.signer(book.head().origin))
    book.storage.close()


def _enrol(data: Path) -> None:
    from django.contrib.auth.hashers import make_password

    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService
    from fabrika.app.sitemap import COMMANDS
    from fabrika.faces.web.opening import site_of
    from fabrika.faces.web.settings import configure

    by_name = {command.name: command for command in COMMANDS}
    service = PlantService.opened(BookFolder(data))
    try:
        configure(site_of(service, data, host="127.0.0.1", port=0))
        from fabrika.faces.web.accounts.models import Account

        service.first("administrator-1")
        password = make_password(PASSWORD)
        for number, (person, role) in enumerate(persons().items()):
            if person != "administrator-1":
                form = {"person": person}
                service.do(by_name["personnel.enrol"], "administrator-1", form, key=f"enrol-{person}")
                grant = {"person": person, "role": role}
                service.do(by_name["personnel.grant"], "administrator-1", grant, key=f"grant-{person}")
            name = f"{role.replace('-', ' ').title()} {number}"
            language = LANGUAGES[number % len(LANGUAGES)]
            Account(person=person, password=password, name=name, language=language).save()
    finally:
        service.close()
