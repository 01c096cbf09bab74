"""``fabrika score``: what the rooms know of a twin's book against what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fabrika.faces import formats
from fabrika.faces.cli.exits import EXIT_PROBLEMS
from fabrika.faces.cli.notices import ProgressLine
from fabrika.faces.language import Reader, say, wanted

if TYPE_CHECKING:
    from fabrika.answers.score import Score, StationScore


def score(file: str, /, *, data: Path, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> int:
    """Compare what Fabrika knows of a twin's book with the truth of the run that told it.

    Units must be the same, times by state within a microsecond of the exact ones. Exit code 1 if anything is not.

    Args:
        file: The plant file that the book was told from, or the folder that holds it.
        data: The twin's data folder.
        as_json: Print the comparison as JSON.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.files import read_file
    from fabrika.app.scoring import scored

    plant = read_file(file)
    with ProgressLine() as progress:
        found = scored(plant, BookFolder(data), lambda share: progress(say("hours run"), round(100 * share), 100))
    if as_json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _print(found)
    return 0 if found.exact == found.of else EXIT_PROBLEMS


def _print(found: Score) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    reader = Reader()
    table = Table(box=SIMPLE_HEAD)
    table.add_column(say("Station"))
    for heading in (say("Good units"), say("Scrapped units"), say("Units off"), say("Time off, µs"), "OEE"):
        table.add_column(heading, justify="right")
    for row in found.stations:
        table.add_row(row.station, *_figures(row, reader))
    Console().print(table)
    print(
        say(
            "{exact} of {of} stations are exactly as the twin had them: units to the last one, times to the microsecond.",
            exact=reader.number(found.exact),
            of=reader.number(found.of),
        )
    )


def _figures(row: StationScore, reader: Reader) -> tuple[str, ...]:
    units = {part.figure: part for part in row.units}
    off = sum(abs(part.told - part.true) for part in row.units if part.told is not None)
    time_off = max((abs((part.told or 0) - part.true) for part in row.times), default=None)
    return (
        *("" if (told := units[name].told) is None else reader.number(told) for name in ("good", "scrapped")),
        reader.number(round(off)),
        "" if time_off is None else f"{time_off:.1f}",
        "" if row.oee_told is None else _percent(row.oee_told),
    )


def _percent(share: float) -> str:
    return formats.percent(f"{100 * share:.2f}", language=wanted()).replace(formats.THIN, " ")
