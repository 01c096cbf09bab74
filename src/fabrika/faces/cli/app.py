"""The command line: its commands by name. A new command is one line in :data:`COMMANDS` and one module beside this."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fabrika import __version__
from fabrika.errors import FabrikaError

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS = {
    "check": "Tell every problem of a plant file, or show the plant on one screen.",
    "schema": "Print the JSON Schema of plant files.",
    "simulate": "Run a plant unit by unit and report what it made and where its time went.",
    "prove": "Prove whether a plant meets its contract, what stands in the way, and what would help.",
    "demo": "Prove the cartridge plant and show the report.",
}
"""What each command does. Its function has the same name and stands in the module of that name beside this one; nothing
of it is imported before the command is used."""

EXIT_REFUSED, EXIT_MISUSED, EXIT_INTERRUPTED = 1, 2, 130
"""Exit codes: the input was refused; the command line was used wrongly; someone pressed Ctrl-C."""


def make_app() -> App:
    """The command line with all its commands, none of them loaded."""
    from cyclopts import App

    app = App(
        name="fabrika",
        version=__version__,
        help="A plant as one file: check it, run it unit by unit, prove its contract.",
        exit_on_error=False,
        result_action="return_value",
    )
    for name, purpose in COMMANDS.items():
        app.command(f"fabrika.faces.cli.{name}:{name}", name=name, help=purpose)
    return app


def call(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code for the process.

    A command returns its own code, or None for 0. Every :class:`FabrikaError` becomes its sentence and remedy.
    """
    if list(arguments) == ["--version"]:
        print(__version__)
        return 0
    from cyclopts import CycloptsError

    try:
        code = make_app()(arguments)
    except CycloptsError:
        return EXIT_MISUSED
    except FabrikaError as error:
        print(f"fabrika: {error}", file=sys.stderr)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        print("fabrika: interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else 0
