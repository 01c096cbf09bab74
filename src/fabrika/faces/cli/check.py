"""``fabrika check``: all problems of a plant file, or the plant on one screen."""

from __future__ import annotations

import json
from typing import Annotated

from cyclopts import Parameter

from fabrika.errors import PlantFileError
from fabrika.faces.cli.exits import EXIT_PROBLEMS
from fabrika.faces.cli.notices import refuse_file, shown
from fabrika.faces.language import Reader


def check(
    file: str,
    /,
    *,
    parameters: Annotated[bool, Parameter(negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Check a plant file: every problem with its line, column and remedy, or the plant on one screen.

    Exit code 0 if the file is good, 1 if it has problems.

    Args:
        file: A plant file, or a folder that holds a plant.yaml.
        parameters: List every number that can be changed, with its path and value, instead of the summary.
        as_json: Print the answer as JSON.
    """
    from fabrika.app.library import read
    from fabrika.plant.summary import summary

    try:
        model = read(file)
    except PlantFileError as error:
        if as_json:
            print(json.dumps({"file": file, "valid": False, "problems": _problems(error)}, indent=2))
        refuse_file(error)
        return EXIT_PROBLEMS
    if as_json:
        rows = [
            {"path": row.path, "value": row.value, "dimension": row.dimension, "text": row.text, "about": row.about}
            for row in model.parameters()
        ]
        plant = {"id": model.plant.id, "name": model.plant.name, "sha256": model.plant.sha256}
        whole = {"file": file, "valid": True, "problems": [], "plant": plant}
        print(json.dumps(whole | ({"parameters": rows} if parameters else {}), indent=2, allow_nan=False))
    elif parameters:
        for row in model.parameters():
            print(f"{row.path} = {row.text}")
    else:
        for line in summary(model.plant, Reader()):
            print(shown(line))
    return 0


def _problems(error: PlantFileError) -> list[dict[str, object]]:
    return [
        {
            "line": problem.line,
            "column": problem.column,
            "where": problem.where,
            "wrong": problem.wrong,
            "remedy": problem.remedy,
        }
        for problem in error.problems
    ]
