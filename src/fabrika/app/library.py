"""The library: ``fabrika.read``, ``fabrika.simulate``, ``fabrika.prove``. The command line uses nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from fabrika.app.clock import stopwatch
from fabrika.app.files import read_file
from fabrika.errors import RunRefusedError
from fabrika.plant import parameters as change
from fabrika.plant.model import Plant
from fabrika.plant.slots import Parameter
from fabrika.twin.execution import Progress, ignore_progress

if TYPE_CHECKING:
    from fabrika.twin.proof_result import Estimate, ProofResult
    from fabrika.twin.simulation_result import SimulationResult

DEFAULT_BUDGET_S = 180.0
DEFAULT_SEED = 1

PathLike = str | os.PathLike[str]


def _no_answer_yet(answer: Estimate) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True)
class PlantFile:
    """A plant that was read, ready to be asked.

    Attributes:
        plant: the plant as data.
        file: the name it was read from; empty for a plant made in Python.
    """

    plant: Plant
    file: str = ""

    def parameters(self) -> list[Parameter]:
        """Every number of the plant that can be changed, with its path, value and text."""
        return change.parameters(self.plant)

    def replace(self, path: str, text: str) -> PlantFile:
        """The same plant with one number written anew, such as ``replace("load-1.close.cycle", "0.45 s")``.

        Raises:
            UnknownParameterError: the path names nothing.
            ChangeRefusedError: the text does not fit.
        """
        return replace(self, plant=change.replace(self.plant, path, text))

    def simulate(  # noqa: PLR0913 - one argument for each option
        self,
        *,
        years: int | None = None,
        days: float | None = None,
        units: int | None = None,
        from_date: date | str | None = None,
        replications: int | None = None,
        seed: int = DEFAULT_SEED,
        workers: int | None = None,
        levels: bool = False,
        progress: Progress = ignore_progress,
    ) -> SimulationResult:
        """Run the plant unit by unit.

        Args:
            years, days, units: how long, at most one of them; ``units`` counts good units out of the last station. A year
                if none is given.
            from_date: first day in plant time; 1 January after the contract's date if None.
            replications: how often; None: until the output is known within 1 %.
            seed: of all random streams, 0 to 2^63 - 1.
            workers: processes; None: one a core. They change no figure.
            levels: whether to sum up how long each buffer stood at each level; changes nothing else.
            progress: told how far the run is.

        Raises:
            RunRefusedError: the run cannot be made as asked.
        """
        from fabrika import __version__
        from fabrika.app.executors import executor
        from fabrika.app.warm import warm
        from fabrika.twin import period, study

        if sum(given is not None for given in (years, days, units)) > 1:
            raise RunRefusedError("More than one length was asked for.", "Give one of years, days and units.")
        study.check_seed(seed)
        begin = day_of(from_date)
        with executor(workers) as working:
            if units is not None:
                warm()
                span = study.period_of_units(self.plant, units, seed, working, begin)
            elif days is not None:
                span = period.days(self.plant, days, begin)
            else:
                span = period.year(self.plant, begin, years=1 if years is None else years)
            asked = study.Study(
                self.plant, span, seed, replications, units=units, version=__version__, with_levels=levels
            )
            warm()
            return study.simulate(asked, working, progress)

    def prove(
        self,
        *,
        budget_s: float = DEFAULT_BUDGET_S,
        confidence: float | None = None,
        seed: int = DEFAULT_SEED,
        workers: int | None = None,
        replications: int | None = None,
        from_date: date | str | None = None,
        progress: Progress = ignore_progress,
        first_answer: Callable[[Estimate], None] = _no_answer_yet,
    ) -> ProofResult:
        """Prove what the plant's contract promises.

        Args:
            budget_s: seconds allowed; a first answer comes within a minute, the rest of the time sharpens it.
            confidence: the wanted chance, in [0.5, 0.9999]; the contract's if None.
            seed, workers, from_date: as in :meth:`simulate`.
            replications: so many years of every kind, whatever the time; None: as the budget allows.
            progress: told how far the proof is; ``first_answer`` is told the first honest answer.

        Raises:
            RunRefusedError: the proof cannot be made as asked.
        """
        from fabrika import __version__
        from fabrika.app.executors import executor
        from fabrika.app.warm import warm
        from fabrika.twin import evidence, period, proof, study

        study.check_seed(seed)
        plant, clock = self.plant, stopwatch()
        wanted = plant.contract.confidence if confidence is None and plant.contract is not None else confidence
        first = period.year(plant, day_of(from_date))
        question = evidence.Question(
            plant=plant,
            first=first,
            steady=period.year(plant, day_of(from_date), steady=True),
            seed=seed,
            budget_s=budget_s,
            wanted=study.LEVEL if wanted is None else wanted,
            level=study.LEVEL,
            contractual_ns=period.contractual_ns(plant, first),
            replications=replications,
            version=__version__,
        )
        proof.check(question)
        with executor(workers) as working:
            warm()
            return proof.prove(question, evidence.Shell(working, clock, progress, first_answer))


def read(path: PathLike) -> PlantFile:
    """Read a plant file; a folder means its ``plant.yaml``.

    Raises:
        PlantFileError: with every problem found, each with its line, column and remedy.
    """
    return PlantFile(read_file(path), os.fspath(path))


def simulate(  # noqa: PLR0913 - one argument for each option
    plant: PathLike | PlantFile,
    *,
    years: int | None = None,
    days: float | None = None,
    units: int | None = None,
    from_date: date | str | None = None,
    replications: int | None = None,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    levels: bool = False,
) -> SimulationResult:
    """Read and run a plant in one step, see :meth:`PlantFile.simulate`."""
    return _plant_file(plant).simulate(
        years=years,
        days=days,
        units=units,
        from_date=from_date,
        replications=replications,
        seed=seed,
        workers=workers,
        levels=levels,
    )


def prove(
    plant: PathLike | PlantFile,
    *,
    budget_s: float = DEFAULT_BUDGET_S,
    confidence: float | None = None,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    replications: int | None = None,
    from_date: date | str | None = None,
) -> ProofResult:
    """Read and prove a plant in one step, see :meth:`PlantFile.prove`."""
    return _plant_file(plant).prove(
        budget_s=budget_s,
        confidence=confidence,
        seed=seed,
        workers=workers,
        replications=replications,
        from_date=from_date,
    )


def _plant_file(plant: PathLike | PlantFile) -> PlantFile:
    return plant if isinstance(plant, PlantFile) else read(plant)


def day_of(day: date | str | None) -> date | None:
    """A day that was named as a date or as ``2026-01-31``; None if none was.

    Raises:
        RunRefusedError: it is not a date.
    """
    if isinstance(day, str):
        try:
            return date.fromisoformat(day)
        except ValueError:
            raise RunRefusedError(f"{day!r} is not a date.", "Write it as 2026-01-31.") from None
    return day
