"""Surroundings of a process that shall not be traced for coverage, because nothing that is measured in it would count."""

from __future__ import annotations

import os

STARTS_TRACING = "COVERAGE_PROCESS_CONFIG"
"""Whoever inherits this measures itself, and writes down what it saw when it ends of its own accord."""


def unmeasured() -> dict[str, str]:
    """This process's environment without that: for one that is killed, or that only repeats what is measured here."""
    return {name: value for name, value in os.environ.items() if name != STARTS_TRACING}
