"""How a command ends: its exit codes, and what is said when it was interrupted."""

from __future__ import annotations

from fabrika.faces.cli.notices import tell
from fabrika.faces.language import say

EXIT_PROBLEMS = 1
"""Exit code when a plant file has problems."""
EXIT_REFUSED = 2
"""Exit code when anything else was refused, a wrong use of the command line included."""
EXIT_INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def ended(*, complete: bool) -> int:
    """The exit code of a run whose answer has been printed; of one that was interrupted, that is said, too."""
    if complete:
        return 0
    tell(say("fabrika: interrupted; this is what was known by then."))
    return EXIT_INTERRUPTED
