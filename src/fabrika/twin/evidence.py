"""What a proof has simulated so far: years by kind, number by number, and the margins and units they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fabrika.plant.model import Plant
from fabrika.twin import contract
from fabrika.twin.contract import Promise
from fabrika.twin.execution import Executor, Progress, Run, Slope, ignore_progress
from fabrika.twin.proof_result import Basis, Estimate, GradientRow, Knowledge, Ways, Year
from fabrika.twin.results import Layout, Period, Replication
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = tuple[Year, Knowledge]
HEADLINE: Kind = ("first_year", "belief")
STATED: Kind = ("first_year", "luck")


YEARS = Worded("years")
"""The stage in which whole years are simulated."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be proved.

    Attributes:
        first, steady: the contract's first year, with ramp-up, and the same year without.
        budget_s: seconds allowed.
        wanted: chance asked for, in (0, 1); ``level`` the level of all intervals.
        replications: None: as many as the budget allows; otherwise so many of every kind, whatever the time.
        contractual_ns: length of the contractual calendar in the year.
    """

    plant: Plant
    first: Period
    steady: Period
    seed: int
    budget_s: float
    wanted: float
    level: float
    contractual_ns: int
    replications: int | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """What the world lends to a proof: workers, a clock (seconds since the beginning) and listeners."""

    executor: Executor
    clock: Callable[[], float]
    progress: Progress = ignore_progress
    first_answer: Callable[[Estimate], None] = lambda _: None


@dataclass(slots=True)
class Evidence:
    """Years simulated so far, in the order of their numbers.

    Attributes:
        years: replications by kind; number i stands at place i.
        simulated: whole years simulated, all purposes together.
        year_s: wall time a year cost lately, all workers together, seconds; the first years also load the twin.
        begin_s: seconds already spent when the first year was begun, such as for compiling.
    """

    question: Question
    shell: Shell
    layout: Layout
    bars: Promise | None
    years: dict[Kind, list[Replication]] = field(default_factory=dict)
    simulated: int = 0
    year_s: float = 1.0
    begin_s: float = 0.0

    def kind(self, year: Year, knowledge: Knowledge) -> Kind:
        """The kind that is really run: without beliefs or ramp-up two kinds are one."""
        plant = self.question.plant
        return (
            year if plant.ramp_up is not None else "first_year",
            knowledge if plant.beliefs else "luck",
        )

    def of(self, year: Year, knowledge: Knowledge) -> list[Replication]:
        """The replications of a kind, in order."""
        return self.years.get(self.kind(year, knowledge), [])

    @property
    def headline(self) -> list[Replication]:
        """First year, beliefs drawn."""
        return self.of(*HEADLINE)

    def units(self, runs: Iterable[Replication], basis: Basis = "contractual") -> NDArray[Any]:
        """Units a year, shape (n,)."""
        import numpy as np

        return np.array([contract.units(self.bars, run, basis) for run in runs])

    def margins(self, runs: list[Replication], basis: Basis = "contractual") -> NDArray[Any]:
        """Margins over the contract, shape (n,); only where there is a contract."""
        assert self.bars is not None
        return contract.margins(self.bars, runs, basis)

    def task(self, kind: Kind, number: int, plant: Plant | None = None) -> Run:
        """The task of one year."""
        question = self.question
        period = question.first if kind[0] == "first_year" else question.steady
        return Run(plant or question.plant, period, question.seed, number, kind[1] == "belief")

    def run(self, tasks: list[Run] | list[Slope], stage: str) -> list[Any]:
        """Answers of tasks, timed."""
        begin = self.shell.clock()
        answers = []
        self.shell.progress(stage, 0, len(tasks))
        for answer in self.shell.executor.run(tasks):
            answers.append(answer)
            self.shell.progress(stage, len(answers), len(tasks))
        if tasks and isinstance(tasks[0], Run) and tasks[0].period in (self.question.first, self.question.steady):
            self._spent(begin, len(answers))
        return answers

    def _spent(self, begin_s: float, years: int) -> None:
        self.simulated += years
        if years:
            self.year_s = (self.shell.clock() - begin_s) / years

    def add(self, wanted: list[tuple[Kind, int]], stage: str = YEARS) -> None:
        """Simulate years that are not there yet, and keep each as soon as it is there."""
        distinct = list(dict.fromkeys((self.kind(*kind), number) for kind, number in wanted))
        todo = [(kind, number) for kind, number in distinct if number >= len(self.years.get(kind, []))]
        begin = self.shell.clock()
        self.shell.progress(stage, 0, len(todo))
        tasks = [self.task(kind, number) for kind, number in todo]
        done = 0
        try:
            for (kind, _), answer in zip(todo, self.shell.executor.run(tasks), strict=False):
                self.years.setdefault(kind, []).append(answer)
                done += 1
                self.shell.progress(stage, done, len(todo))
        finally:
            self._spent(begin, done)

    def left_s(self, share: float = 1.0) -> float:
        """Seconds until ``share`` of what the budget held at the first year is spent."""
        return self.begin_s + share * (self.question.budget_s - self.begin_s) - self.shell.clock()

    def affordable(self, share: float = 1.0) -> int:
        """Whole years that fit until ``share`` of the budget is spent."""
        return max(0, int(self.left_s(share) / max(self.year_s, 1e-6)))


@dataclass(slots=True)
class Findings:
    """What is found beside the years themselves."""

    first: Estimate | None = None
    first_s: float = 0.0
    path: list[GradientRow] = field(default_factory=list)
    weeks: list[GradientRow] = field(default_factory=list)
    paired: list[GradientRow] = field(default_factory=list)
    ways: Ways | None = None
    notes: list[str] = field(default_factory=list)
    complete: bool = True
