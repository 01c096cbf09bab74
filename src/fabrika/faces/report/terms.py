"""The words of the report, taken from the project's glossary: states, key figures, and the terms explained at its end."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fabrika.faces.language import message, say
from fabrika.faces.report import numbers
from fabrika.faces.report.words import name

STATE_ORDER = (
    "processing", "setup", "planned", "down", "waiting", "blocked", "starved", "no_order", "off_shift",
)  # fmt: skip
"""States in the order in which bars and tables show them: work first, then stops, then waiting for others."""

GROUPS = {
    "proof": message("The proof"),
    "time": message("Time and contract"),
    "state": message("States of a machine"),
    "count": message("Counters of a station"),
    "kpi": message("Key figures (ISO 22400-2 names)"),
}
"""Groups of the glossary that the report explains, with their headings."""

ALSO = ("contract", "basis", "tolerance", "belief", "lever", "parameter", "assumption", "fact", "scrap", "lot", "campaign",
        "changeover", "buffer", "crew")  # fmt: skip
"""Terms of other groups that the report uses; explained under \u201cTime and contract\u201d."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the glossary."""

    term: str
    group: str
    means: str


@cache
def glossary() -> dict[str, Term]:
    """All terms of the project by their key."""
    text = files("fabrika").joinpath("glossary.toml").read_text(encoding="utf-8")
    return {key: Term(row["term"], row["group"], row["means"]) for key, row in tomllib.loads(text).items()}


def explained() -> list[tuple[str, list[Term]]]:
    """The glossary of the report in the reader's language; terms in alphabetical order but for the states."""
    rows = []
    for group, heading in GROUPS.items():
        found = [_said(term) for key, term in glossary().items() if _belongs(key, term, group)]
        rows.append((say(heading), found if group == "state" else sorted(found, key=lambda term: term.term.lower())))
    return rows


def explained_keys() -> list[str]:
    """Keys of all terms that the report explains."""
    return [key for key, term in glossary().items() if any(_belongs(key, term, group) for group in GROUPS)]


def _belongs(key: str, term: Term, group: str) -> bool:
    return term.group == group or (group == "time" and key in ALSO)


def _said(term: Term) -> Term:
    return Term(say(term.term), term.group, say(term.means))


def words(key: str) -> str:
    """A state, counter or key figure in words; one that the glossary lacks is shown by its own name."""
    term = glossary().get(key)
    return say(term.term) if term else name(key.replace("_", " "))


def means(key: str) -> str:
    """What a term means; empty where the glossary lacks it."""
    term = glossary().get(key)
    return say(term.means) if term else ""


def ordered_states(found: set[str]) -> list[str]:
    """The states found, in the order of :data:`STATE_ORDER`, any others last."""
    return [state for state in STATE_ORDER if state in found] + sorted(found.difference(STATE_ORDER))


def kpi_value(kpi: str, value: float | None) -> str:
    """A key figure as text: hours where its name ends so, else a share as percent; a dash where it is not defined."""
    if value is None:
        return "\u2013"
    return numbers.hours(value) if kpi.endswith("_h") else numbers.percent(value, 1)
