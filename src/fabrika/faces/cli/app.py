"""The command line: its commands by name. A new command is one line in :data:`COMMANDS` and one module beside this."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fabrika import __version__
from fabrika.errors import FabrikaError, PlantFileError
from fabrika.faces.cli.exits import EXIT_INTERRUPTED, EXIT_PROBLEMS, EXIT_REFUSED
from fabrika.faces.cli.notices import interrupted, refuse, refuse_file
from fabrika.faces.language import say

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS = {
    "check": "Tell every problem of a plant file, or show the plant on one screen.",
    "schema": "Print the JSON Schema of plant files.",
    "simulate": "Run a plant unit by unit and report what it made and where its time went.",
    "prove": "Prove whether a plant meets its contract, what stands in the way, and what would help.",
    "journal": "Verify the plant's book, prove an entry, witness, export, back up and restore.",
    "demo": "Prove the cartridge plant and show the report.",
}
"""What each command does. Its function has the same name and stands in the module of that name beside this one; nothing
of it is imported before the command is used."""


def make_app() -> App:
    """The command line with all its commands, none of them loaded."""
    from cyclopts import App

    app = App(
        name="fabrika",
        version=__version__,
        help="A plant as one file: check it, run it unit by unit, prove its contract.",
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
    )
    for name, purpose in COMMANDS.items():
        app.command(f"fabrika.faces.cli.{name}:{name}", name=name, help=purpose)
    return app


def call(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code for the process.

    0: done; 1: the plant file has problems; 2: refused or misused; 130: interrupted. Every
    :class:`~fabrika.errors.FabrikaError` becomes its sentence and remedy.
    """
    words = list(arguments)
    if words == ["--version"]:
        print(__version__)
        return 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that this terminal cannot write is no failure
    try:
        code = _code(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone; nothing more can be said to it, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PROBLEMS
    return code


def _code(words: list[str]) -> int:
    from cyclopts import CycloptsError

    try:
        result: Any = make_app()(words)
    except PlantFileError as error:
        refuse_file(error)
        return EXIT_PROBLEMS
    except FabrikaError as error:
        refuse(error.problem, error.remedy)
        return EXIT_REFUSED
    except CycloptsError as error:
        refuse(" ".join(str(error).split()), say("See `fabrika --help`, or `fabrika COMMAND --help`."))
        return EXIT_REFUSED
    except KeyboardInterrupt:
        interrupted()
        return EXIT_INTERRUPTED
    return result if isinstance(result, int) else 0
