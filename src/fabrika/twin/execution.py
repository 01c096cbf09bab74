"""The twin's work as data, and the port through which it is done: in this process, in others, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fabrika.plant.model import Plant
from fabrika.twin.results import Period, Replication


@dataclass(frozen=True, slots=True)
class Run:
    """One replication to be simulated; ``with_levels``: with the time at each level of every buffer."""

    plant: Plant
    period: Period
    seed: int
    number: int
    draw_beliefs: bool = False
    with_levels: bool = False


@dataclass(frozen=True, slots=True)
class Abreast:
    """Up to eight replications to be simulated at once, of a plant for which that is possible; each is as it is alone."""

    plant: Plant
    period: Period
    seed: int
    numbers: tuple[int, ...]
    draw_beliefs: bool = False


@dataclass(frozen=True, slots=True)
class Slope:
    """One sample path to be followed with its derivatives for so many weeks."""

    plant: Plant
    period: Period
    seed: int
    number: int
    weeks: float


Task = Run | Abreast | Slope


class Progress(Protocol):
    """Told how far the work is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` pieces of ``stage`` are finished; ``total`` may still grow."""
        ...


class Executor(Protocol):
    """Something that does tasks.

    A task is data and its answer depends on nothing but the task, so any number of workers gives the same answers.
    """

    @property
    def workers(self) -> int:
        """How many tasks run at once."""
        ...

    def run(self, tasks: Sequence[Task]) -> Iterator[Any]:
        """The answers in the order of ``tasks``; closing the iterator gives up the rest.

        Raises:
            WorkerLostError: a worker died.
        """
        ...

    def close(self) -> None:
        """Give up whatever still runs and let go of all workers."""
        ...


def perform(task: Task) -> Any:
    """Do one task: a :class:`Replication` for a :class:`Run`, a tuple of them for :class:`Abreast`, path derivatives for a :class:`Slope`."""
    if isinstance(task, Run):
        return _replicate(task)
    if isinstance(task, Abreast):
        return _replicate_abreast(task)
    from fabrika.twin.path import path_derivatives

    return path_derivatives(task.plant, task.period, task.seed, task.number, weeks=task.weeks)


def _replicate(task: Run) -> Replication:
    from fabrika.twin.replicate import replicate

    return replicate(
        task.plant,
        task.period,
        task.seed,
        task.number,
        draw_beliefs=task.draw_beliefs,
        with_levels=task.with_levels,
    )


def _replicate_abreast(task: Abreast) -> tuple[Replication, ...]:
    from fabrika.twin.abreast import replicate_abreast

    return replicate_abreast(task.plant, task.period, task.seed, task.numbers, draw_beliefs=task.draw_beliefs)


def ignore_progress(stage: str, done: int, total: int) -> None:
    """A listener that does nothing."""
