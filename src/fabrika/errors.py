"""Everything that can go wrong, in one tree; each error tells what to do next.

::

    FabrikaError
    ├── PlantFileError        the plant file cannot be used; carries all its problems
    ├── UnknownParameterError a path such as ``line.station.cycle`` names nothing
    ├── ChangeRefusedError    a what-if value does not fit the parameter
    ├── RunRefusedError       the run that was asked for cannot be made (period, seed, workers)
    ├── TwinLimitError        the twin met a limit of its own; nothing was counted wrongly
    ├── SetupError            the installation lacks a part
    ├── WorkerLostError       a worker process died
    ├── NotFoundError         a name or path stands for nothing
    ├── ActRefusedError       what a person wants to do may not be done now, or not by this person
    └── BookError             everything about the journal
        ├── EventRefusedError     an event is not what the vocabulary allows; nothing was written
        ├── UnknownEventError     the event is of a type or version that this program does not know
        ├── SequenceGapError      a source's message came without the one before it
        ├── IdentityConflictError the same identity came with other content: an alarm
        ├── CorrectionRefusedError a correction names nothing that can be corrected
        ├── BookDamagedError      what is stored is not what was written
        ├── ProofRefusedError     a checkpoint, signature or proof does not hold
        ├── StorageRefusedError   the place, the file or its settings cannot carry a book
        ├── StorageFailedError    the disk failed or is full; nothing more is acknowledged
        └── BookInUseError        another process writes this book

Errors in a user's file are *data* first (:class:`Problem`), collected and shown together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in a user's file.

    Attributes:
        line: 1-based line, 0 if the file as a whole is meant.
        column: 1-based column, 0 likewise.
        where: path inside the document, such as ``lines[0].stations[2].cycle``.
        wrong: what is wrong, one sentence.
        remedy: what to write instead, one sentence in the imperative.
    """

    line: int
    column: int
    where: str
    wrong: str
    remedy: str


class FabrikaError(Exception):
    """A failure that a person can act on.

    Attributes:
        problem: what is wrong, one sentence.
        remedy: what the reader can do about it, one sentence in the imperative.
    """

    remedy = "Read the message above and correct the input."

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        if remedy is not None:
            self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"

    def __reduce__(self) -> tuple[type[FabrikaError], tuple[Any, ...]]:
        """What makes the error again in another process; an error with arguments of its own must say them here."""
        return type(self), (self.problem, self.remedy)


class PlantFileError(FabrikaError):
    """The plant file cannot be used; all problems are listed.

    Attributes:
        file: the name of the file as the user gave it.
        problems: everything that was found, in the order of the file.
    """

    remedy = "Correct the lines named above and run `fabrika check` again."

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = sorted(problems)
        count = len(self.problems)
        super().__init__(f"{file}: {count} problem{'s' if count != 1 else ''} found.")

    def __reduce__(self) -> tuple[type[PlantFileError], tuple[str, list[Problem]]]:
        return type(self), (self.file, self.problems)


class UnknownParameterError(FabrikaError):
    """A path names no parameter of this plant.

    Attributes:
        path: the path as the user gave it.
        near: parameters with a similar path, the nearest first; may be empty.
    """

    def __init__(self, path: str, near: list[str]) -> None:
        self.path, self.near = path, near
        hint = f"Use one of: {', '.join(near)}." if near else "List them with `fabrika check FILE --parameters`."
        super().__init__(f"The plant has no parameter {path!r}.", hint)

    def __reduce__(self) -> tuple[type[UnknownParameterError], tuple[str, list[str]]]:
        return type(self), (self.path, self.near)


class ChangeRefusedError(FabrikaError):
    """A what-if value does not fit the parameter."""


class RunRefusedError(FabrikaError):
    """The run that was asked for cannot be made."""


class TwinLimitError(FabrikaError):
    """The twin met a limit of its own and stopped; no figure of that run is given."""


class SetupError(FabrikaError):
    """The installation lacks a part."""


class WorkerLostError(FabrikaError):
    """A worker process died before it could answer."""

    remedy = "Run again with `--workers 1`; if it dies again, the machine may be short of memory."


class NotFoundError(FabrikaError):
    """A name or path stands for nothing."""

    remedy = "Go back to the page before and choose what is there."


class ActRefusedError(FabrikaError):
    """What a person wants to do may not be done now, or not by this person; the remedy says what is missing and who can mend it."""


class BookError(FabrikaError):
    """The journal cannot do what was asked."""


class EventRefusedError(BookError):
    """An event is not what the vocabulary allows; nothing was written."""

    remedy = "Correct the field that is named above and send the event again."


class UnknownEventError(BookError):
    """An event is of a type or version that this program does not know; it is never guessed at."""

    remedy = "Use the version of Fabrika that wrote the event, or a newer one."


class SequenceGapError(BookError):
    """A message came without the one before it in its source's chain; nothing was written."""

    remedy = "Send the source's messages again from the sequence number that is named above."


class IdentityConflictError(BookError):
    """One identity (source, epoch, sequence) came with two contents: a cloned disk, a fault or a forgery."""

    remedy = "Find out which device sent it, keep both messages, and give the device a new epoch."


class CorrectionRefusedError(BookError):
    """A correction names nothing that can be corrected."""

    remedy = "Name the identity of an earlier event of this book, and a replacement of the same type."


class BookDamagedError(BookError):
    """What is stored is not what was written; the sentence names the place."""

    remedy = "Stop writing, keep the files as they are, and restore the newest backup that verifies."


class ProofRefusedError(BookError):
    """A checkpoint, a signature or a proof does not hold."""

    remedy = "Ask for the checkpoint and the proof again, and compare the key's name with the one you were given."


class StorageRefusedError(BookError):
    """The place, the file or its settings cannot carry a book."""

    remedy = "Name a folder on a disk of this machine that holds this plant's journal, or an empty one."


class StorageFailedError(BookError):
    """The disk failed or is full; what was not acknowledged may not be in the book."""

    remedy = "Mend the disk or make room on it, start again, and send again what was not acknowledged."


class BookInUseError(BookError):
    """Another process writes this book; a book has one writer."""

    remedy = "Use the process that is running, or end it first."
