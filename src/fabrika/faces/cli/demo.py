"""``fabrika demo``: the cartridge plant in the browser, a month told and then live; or its proof as a report."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fabrika.errors import SetupError
from fabrika.faces.cli.exits import ended
from fabrika.faces.cli.notices import ProgressLine, tell
from fabrika.faces.cli.prove import show, write_report
from fabrika.faces.cli.words import duration_s
from fabrika.faces.language import say

if TYPE_CHECKING:
    import socket

    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService

PLANT = "cartridge-20m"
HOST, PORT = "127.0.0.1", 8750
SPEED = 60.0
HOUR_US = 3_600_000_000


def demo(  # noqa: PLR0913 - one argument for each option
    *,
    serve: bool = True,
    port: int = PORT,
    speed: float = SPEED,
    data: Path | None = None,
    open_browser: Annotated[bool, Parameter(name="--open")] = True,
    budget: str = "3min",
    seed: int = 1,
    workers: int | None = None,
) -> int:
    """Show the cartridge plant in the browser: a month of its twin, then the twin live, with the proof one click away.

    With --no-serve, prove the plant, write the report and end.

    Args:
        serve: Serve the plant to browsers of this machine until Ctrl-C.
        port: Port to serve on; any free one if it is taken.
        speed: Seconds of the plant in a second.
        data: Keep the twin's book here; by default in the user's cache, where it is told once.
        open_browser: Open a browser, where there is one.
        budget: Time allowed for the proof of --no-serve, such as 90s or 3min.
        seed: Seed of all random streams of --no-serve.
        workers: Worker processes of --no-serve; by default one a core.
    """
    plant = _plant()
    if not serve:
        return _proven(plant, budget, seed, workers)
    from fabrika.app.demo_book import demo_persons
    from fabrika.app.live_feed import LiveFeed
    from fabrika.app.plant_service import PlantService

    folder = _told(plant, data)
    with _listening(port) as at:
        service = PlantService.opened(folder)
        feed = LiveFeed(folder, service.plant, speed, service.take)
        try:
            persons = demo_persons(service)
            feed.start()
            _answer(service, at, folder.folder, persons, open_browser=open_browser)
        finally:
            feed.stop()
            service.close()
    tell(say("The book is closed; everything that was confirmed is in it."))
    return 0


def _told(plant: Path, data: Path | None) -> BookFolder:
    from fabrika.app.demo_book import demo_book, demo_folder

    folder = data or demo_folder(plant)
    if not (folder / "journal.sqlite").exists():
        tell(say("Telling a month of {plant} into {folder}, once.", plant=PLANT, folder=folder))
    with ProgressLine() as progress:
        return demo_book(
            plant, folder, lambda done, total: progress(say("hours told"), done // HOUR_US, total // HOUR_US)
        )


def _proven(plant: Path, budget: str, seed: int, workers: int | None) -> int:
    from fabrika.app.library import read

    budget_s = duration_s(budget)
    tell(say("Proving {plant}, up to {budget}.", plant=plant, budget=budget))
    with ProgressLine() as progress:
        result = read(plant).prove(
            budget_s=budget_s, seed=seed, workers=workers, progress=progress, first_answer=progress.first_answer
        )
    show(result)
    report = _reports() / f"{PLANT}.html"
    write_report(result, report)
    print(say("Report: {path}", path=report.resolve()), flush=True)
    return ended(complete=result.sharpness.complete)


def _listening(port: int) -> socket.socket:
    from fabrika.faces.web.server import listening

    try:
        return listening(HOST, port)
    except SetupError:
        return listening(HOST, 0)


def _answer(
    service: PlantService, at: socket.socket, data: Path, persons: dict[str, str], *, open_browser: bool
) -> None:
    from fabrika.faces.web.opening import open_to_browsers, site_of

    site = site_of(service, data, host=HOST, port=at.getsockname()[1], demo=persons)
    address = f"http://{HOST}:{site.port}/"

    def begun(*_: object) -> None:
        print(say("Serving {address} (Ctrl-C ends)", address=address), flush=True)
        if open_browser and _has_window():
            webbrowser.open(address)

    open_to_browsers(site, at, begun)


def _has_window() -> bool:
    """Whether a browser would open in a window; one that opens in the terminal would hide what is told here."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _plant() -> Path:
    """The reference plant's folder, beside the sources or in the current folder."""
    import fabrika

    source = Path(fabrika.__file__).resolve().parents[2]
    for root in (Path.cwd(), source):
        folder = root / "plants" / PLANT
        if (folder / "plant.yaml").is_file():
            return folder
    wrong = say("The reference plant plants/{plant} is not here.", plant=PLANT)
    raise SetupError(wrong, say("Run `./fabrika demo` in the project's folder."))


def _reports() -> Path:
    """``reports`` in the current folder if that may be written, else the current folder."""
    folder = Path("reports")
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return Path()
    return folder if os.access(folder, os.W_OK) else Path()
