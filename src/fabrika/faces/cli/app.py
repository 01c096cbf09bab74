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
from fabrika.faces.language import LANGUAGES, choose, known, message, say, told

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS = {
    "check": message("Tell every problem of a plant file, or show the plant on one screen."),
    "schema": message("Print the JSON Schema of plant files."),
    "simulate": message("Run a plant unit by unit and report what it made and where its time went."),
    "prove": message("Prove whether a plant meets its contract, what stands in the way, and what would help."),
    "see": message("Show a page of the plant: the board, a line, a station, people, the plant file, the journal."),
    "plant": message("Put another plant file in force, and show the editions of a book."),
    "twin": message("Tell a simulated period as a book of the plant, and let the twin go on live."),
    "score": message("Compare what is known of a twin's book with what happened in the run that told it."),
    "journal": message("Verify the plant's book, prove an entry, witness, export, back up and restore."),
    "serve": message("Serve a plant to browsers, with its book, its people and its board."),
    "demo": message("Show the cartridge plant in the browser, or prove it and write the report."),
}
"""What each command does. Its function has the same name and stands in the module of that name beside this one; nothing
of it is imported before the command is used."""


def make_app() -> App:
    """The command line with all its commands, none of them loaded."""
    from cyclopts import App

    app = App(
        name="fabrika",
        version=__version__,
        help=say("A plant as one file: check it, run it unit by unit, prove its contract."),
        help_epilogue=say(
            "Every command takes `--language en`, `sq`, `sr_Latn` or `tr`; without it, FABRIKA_LANGUAGE or the system's language "
            "is used."
        ),
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
    )
    for name, purpose in COMMANDS.items():
        app.command(f"fabrika.faces.cli.{name}:{name}", name=name, help=say(purpose))
    return app


def call(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code for the process.

    0: done; 1: the plant file has problems; 2: refused or misused; 130: interrupted. Every
    :class:`~fabrika.errors.FabrikaError` becomes its sentence and remedy.
    """
    choose(None)
    words = list(arguments)
    if words == ["--version"]:
        print(__version__)
        return 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that this terminal cannot write is no failure
    try:
        code = _code(_in_language(words))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone; nothing more can be said to it, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PROBLEMS
    return code


def _in_language(words: list[str]) -> list[str]:
    """The words without ``--language``, which holds from here on; one that is not spoken here is left to be refused."""
    for index, word in enumerate(words):
        option, _, value = word.partition("=")
        if option == "--":
            break
        if option == "--language":
            rest = words[index + 1 :]
            value, rest = (value, rest) if "=" in word else (rest[0] if rest else "", rest[1:])
            language = known(value)
            if language is None:
                return ["--language"]
            choose(language)
            return [*words[:index], *rest]
    return words


def _code(words: list[str]) -> int:
    from cyclopts import CycloptsError

    if words == ["--language"]:
        refuse(
            say("This language is not spoken here."), say("Write one of: {languages}.", languages=", ".join(LANGUAGES))
        )
        return EXIT_REFUSED

    try:
        result: Any = make_app()(words)
    except PlantFileError as error:
        refuse_file(error)
        return EXIT_PROBLEMS
    except FabrikaError as error:
        refuse(told(error.problem), told(error.remedy))
        return EXIT_REFUSED
    except CycloptsError as error:
        refuse(" ".join(str(error).split()), say("See `fabrika --help`, or `fabrika COMMAND --help`."))
        return EXIT_REFUSED
    except KeyboardInterrupt:
        interrupted()
        return EXIT_INTERRUPTED
    return result if isinstance(result, int) else 0
