"""Small plants that are served, in folders of their own."""

from __future__ import annotations

from fabrika.app.book_folder import BookFolder, new_epoch
from fabrika.app.plant_service import PlantService, adopt
from fabrika.app.sitemap import COMMANDS, page_at
from fabrika.events.fields import Key
from fabrika.journal.pen import Pen
from operations.told import PLANT_FILE, at

ADMIN, LEAD, BOSS = "p-1", "p-2", "p-3"
BY_NAME = {command.name: command for command in COMMANDS}


class Clock:
    """The plant's clock, set by hand."""

    def __init__(self, now_us: int) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us


def new_folder(tmp_path, kind="plant") -> BookFolder:
    folder = BookFolder(tmp_path / "data")
    adopt(folder, PLANT_FILE, kind)
    return folder


def started(folder: BookFolder, now_us: int | None = None) -> PlantService:
    """A service; its clock stands in the morning of 2 March 2026 unless it is told otherwise."""
    return PlantService.opened(folder, now_us=Clock(at(7) if now_us is None else now_us))


def do(service: PlantService, name: str, by: str, /, key: str | None = None, **form):
    return service.do(BY_NAME[name], by, form, key=key or f"{name} {by} {sorted(form.items())}")


def staffed(service: PlantService) -> PlantService:
    """With an administrator, a shift lead and a manager."""
    service.first(ADMIN)
    do(service, "personnel.enrol", ADMIN, person=LEAD)
    do(service, "personnel.grant", ADMIN, person=LEAD, role="shift-lead")
    do(service, "personnel.enrol", ADMIN, person=BOSS)
    do(service, "personnel.grant", ADMIN, person=BOSS, role="manager")
    return service


def see(service: PlantService, path: str, by: str = LEAD, /, **query):
    page, names = page_at(path)
    return service.see(page, by, names, query).context


def machine(service: PlantService, source: str = "plc-1") -> Pen:
    return Pen(service.plant_id, Key(source, new_epoch(), 0))
