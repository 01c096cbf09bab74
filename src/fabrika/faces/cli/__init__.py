"""The terminal's face; each command is a module that is loaded when it is asked for."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the process was called with, and end the process with its exit code."""
    from fabrika.faces.cli.app import call

    sys.exit(call(sys.argv[1:]))
