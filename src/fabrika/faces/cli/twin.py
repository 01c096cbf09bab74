"""``fabrika twin``: a simulated period as a book, and the twin live."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from fabrika.faces.cli.exits import ended
from fabrika.faces.cli.notices import ProgressLine
from fabrika.faces.language import Reader, say

if TYPE_CHECKING:
    from fabrika.app.twin_book import Told

twin = App(name="twin", help="The twin in the plant's own words: a simulated period as a book, and live.")
HOUR_US = 3_600_000_000


@twin.command
def tell(
    file: str,
    /,
    *,
    data: Path,
    days: float = 30,
    seed: int = 1,
    begin: Annotated[str | None, Parameter(name="--from")] = None,
) -> int:
    """Simulate a period and write it into a new twin's book, in the words in which the floor tells it.

    The same file, days and seed give the same book. Ctrl-C leaves a sound book that ends earlier (exit code 130).

    Args:
        file: A plant file, or a folder that holds a plant.yaml.
        data: The folder in which the book is made; there must be none in it.
        days: How many days to tell.
        seed: Seed of all random streams.
        begin: First day, such as 2026-01-01; by default 1 January after the contract's date.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.library import day_of
    from fabrika.app.twin_book import tell as told

    with ProgressLine() as progress:

        def show(done: int, total: int) -> None:
            progress(say("hours told"), done // HOUR_US, total // HOUR_US)

        result = told(Path(file), BookFolder(data), days, seed, from_date=day_of(begin), progress=show)
    _print(result)
    return ended(complete=result.complete)


def _print(result: Told) -> None:
    reader = Reader()
    print(
        say(
            "{size} entries, root {root}: a simulated plant from {begin} to {end}",
            size=reader.number(result.size),
            root=result.root.hex(),
            begin=_instant(result.from_us),
            end=_instant(result.to_us),
        )
    )
    for kind, number in sorted(result.kinds.items(), key=lambda item: -item[1]):
        print(f"{reader.number(number):>12}  {kind}")


def _instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")


@twin.command
def live(*, data: Path, speed: float = 1.0) -> int:
    """Go on telling where a twin's book ends, one message a line on the standard output, until Ctrl-C.

    Nothing is written into the book; the plant's server does that with what it reads from here.

    Args:
        data: The folder of the twin's book.
        speed: Seconds of the plant in a second.
    """
    import sys

    from fabrika.app.book_folder import BookFolder
    from fabrika.app.live_twin import live as go_on

    go_on(BookFolder(data), speed, sys.stdout.buffer)
    return 0
