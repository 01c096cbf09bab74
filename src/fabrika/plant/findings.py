"""Problems of a plant file as they are found, each with its place."""

from __future__ import annotations

import re
from typing import Final, Protocol

from fabrika.errors import Problem
from fabrika.plant.nearness import Guesses

MOST_PROBLEMS: Final = 1000
_STEP = re.compile(r"[.\[]")


class Place(Protocol):
    """Anything in the file that knows where it stands: 1-based ``line`` and ``column``, path ``where``."""

    line: int
    column: int
    where: str


class Findings:
    """A list of problems that grows; after 1,000 it only counts, so that a hostile file cannot fill the memory."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.unlisted = 0
        self.guesses = Guesses()

    def add(self, place: Place, wrong: str, remedy: str) -> None:
        """Note one problem at its place."""
        self.at(place.line, place.column, place.where, wrong, remedy)

    def at(self, line: int, column: int, where: str, wrong: str, remedy: str) -> None:
        """Note one problem at a line and column (1-based; 0 for the file as a whole)."""
        if len(self.problems) >= MOST_PROBLEMS:
            self.unlisted += 1
            return
        self.problems.append(Problem(line, column, where, wrong, remedy))

    def places(self) -> set[str]:
        """The paths of all places at which, or inside which, a problem was found; "" for the file."""
        found = {""}
        for where in {problem.where for problem in self.problems}:
            found.update(where[: match.start()] for match in _STEP.finditer(where))
            found.add(where)
        return found

    def listed(self) -> list[Problem]:
        """All problems, without repetition, in the order of the file."""
        found = sorted(set(self.problems))
        if self.unlisted:
            last = found[-1]
            wrong = f"There are {self.unlisted} problems more."
            found.append(Problem(last.line, last.column + 1, "", wrong, "Correct those above first."))
        return found
