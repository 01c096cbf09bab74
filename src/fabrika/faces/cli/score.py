"""``fabrika score``: what the rooms know of a twin's book against what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fabrika.faces.cli.exits import EXIT_PROBLEMS
from fabrika.faces.cli.notices import ProgressLine
from fabrika.faces.language import say

if TYPE_CHECKING:
    from fabrika.app.scoring import Phase


def score(file: str, /, *, data: Path, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> int:
    """Compare what Fabrika knows of a twin's book with the truth of the run that told it.

    Counts, stops and lots must be the same to the last unit, times by state within a microsecond of the exact ones, and what truly became
    of single units must lie in every range that trace and recall give. Exit code 1 if anything is not so. Ctrl-C ends it.

    Args:
        file: The plant file that the book was told from, or the folder that holds it.
        data: The twin's data folder.
        as_json: Print the comparison as JSON.
    """
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.files import read_file
    from fabrika.app.scoring import scored

    plant = read_file(file)
    stages = {
        "run": say("run made once more, %"),
        "told": say("run told once more, %"),
        "units": say("units followed one by one, %"),
        "asked": say("questions asked, %"),
    }
    with ProgressLine() as progress:

        def show(phase: Phase, share: float) -> None:
            progress(stages[phase], round(100 * share), 100)

        found = scored(plant, BookFolder(data), show)
    if as_json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        from fabrika.faces.cli.score_tables import show as shown

        shown(found)
    return 0 if found.sound else EXIT_PROBLEMS
