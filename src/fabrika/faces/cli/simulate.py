"""``fabrika simulate``: run a plant unit by unit."""

from __future__ import annotations

import json
from typing import Annotated

from cyclopts import Parameter

from fabrika.faces.cli.exits import ended
from fabrika.faces.cli.notices import ProgressLine


def simulate(  # noqa: PLR0913 - one argument for each option
    file: str,
    /,
    *,
    years: int | None = None,
    days: float | None = None,
    units: int | None = None,
    begin: Annotated[str | None, Parameter(name="--from")] = None,
    replications: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    levels: Annotated[bool, Parameter(negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Run a plant unit by unit and print its output, its stations' times and their key figures.

    Ctrl-C prints what is known so far (exit code 130).

    Args:
        file: A plant file, or a folder that holds a plant.yaml.
        years: How many years to run; one if no length is given.
        days: How many days to run instead.
        units: How many good units out of the last station to run for instead.
        begin: First day, such as 2026-01-01; by default 1 January after the contract's date.
        replications: How often to run; by default until the output is known within 1 %.
        seed: Seed of all random streams.
        workers: Worker processes; by default one a core. They change no figure.
        levels: Tell how long each buffer stood at which level, too.
        as_json: Print the result as JSON.
    """
    from fabrika.app.library import read

    with ProgressLine() as progress:
        result = read(file).simulate(
            years=years,
            days=days,
            units=units,
            from_date=begin,
            replications=replications,
            seed=seed,
            workers=workers,
            levels=levels,
            progress=progress,
        )
    if as_json:
        print(json.dumps(result.to_json(), indent=2, allow_nan=False))
    else:
        from rich.console import Console

        from fabrika.faces.cli.simulation_page import print_simulation

        print_simulation(Console(), result)
    return ended(complete=result.complete)
