"""The terminal's face; each command is a module that is loaded when it is asked for."""

from __future__ import annotations

import faulthandler
import sys
from contextlib import suppress


def main() -> None:
    """Run the command that the process was called with, and end the process with its exit code."""
    from fabrika.faces.cli.app import call

    # What breaks below Python is told with where each thread was, if there is an error stream to tell it on.
    with suppress(AttributeError, OSError, RuntimeError):
        faulthandler.enable()
    sys.exit(call(sys.argv[1:]))
