"""``fabrika prove``: the chance that a plant's contract is met, and what would help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fabrika.errors import SetupError
from fabrika.faces.cli.exits import ended
from fabrika.faces.cli.notices import ProgressLine
from fabrika.faces.cli.words import duration_s, share
from fabrika.faces.language import say

if TYPE_CHECKING:
    from fabrika.twin.proof_result import ProofResult


def prove(  # noqa: PLR0913 - one argument for each option
    file: str,
    /,
    *,
    budget: str = "3min",
    confidence: str | None = None,
    begin: Annotated[str | None, Parameter(name="--from")] = None,
    replications: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    html: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Prove a plant's contract: the chance that it is met, what stands in the way and what would help.

    A first answer comes within a minute; the rest of the budget sharpens it. Ctrl-C prints what is known so far (exit
    code 130).

    Args:
        file: A plant file, or a folder that holds a plant.yaml.
        budget: Time allowed, such as 90s, 3min or 1h.
        confidence: The wanted chance, such as 95%; by default the contract's.
        begin: First day of the year proved, such as 2026-01-01; by default 1 January after the contract's date.
        replications: So many years of every kind, whatever the time; by default as the budget allows.
        seed: Seed of all random streams.
        workers: Worker processes; by default one a core.
        html: Also write the report to this HTML file.
        as_json: Print the result as JSON.
    """
    from fabrika.app.library import read

    wanted = None if confidence is None else share(confidence)
    budget_s = duration_s(budget)
    with ProgressLine() as progress:
        result = read(file).prove(
            budget_s=budget_s,
            confidence=wanted,
            from_date=begin,
            replications=replications,
            seed=seed,
            workers=workers,
            progress=progress,
            first_answer=progress.first_answer,
        )
    if html is not None:
        write_report(result, Path(html))
    if as_json:
        print(json.dumps(result.to_json(), indent=2, allow_nan=False))
    else:
        show(result)
    return ended(complete=result.sharpness.complete)


def show(result: ProofResult) -> None:
    """Print the proof as one page of the terminal."""
    from rich.console import Console

    from fabrika.faces.report.terminal import print_proof

    print_proof(Console(), result)


def write_report(result: ProofResult, path: Path) -> None:
    """Write the proof as one HTML file.

    Raises:
        SetupError: the file cannot be written.
    """
    from fabrika.faces.report.html import render_report

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_report(result), encoding="utf-8")
    except OSError as error:
        wrong = say("The report cannot be written to {path} ({reason}).", path=path, reason=error.strerror)
        raise SetupError(wrong, say("Name a file in a folder that you may write to.")) from None
