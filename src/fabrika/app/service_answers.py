"""What the plant's service answers: a page as one person sees it, what became of a command, and its refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from fabrika.app.refused_acts import Attempt
from fabrika.errors import EventRefusedError, FabrikaError, StorageFailedError, StorageRefusedError
from fabrika.events.codec import Written
from fabrika.journal.book import Draft
from fabrika.page import Asked

MACHINES = "production."
"""What comes from outside is of these types; persons, roles and the plant file change by commands alone."""
STOCK = "inventory."
"""What the twin's people tell beside; in a plant's own book stock changes by commands alone."""
OURS = ("desk/", "journal", "server")
"""Beginnings of the names of sources that only this process speaks as."""
TABLETS = "tablet/"
"""Browsers, whose reports are decided here before they are written; in a twin's book also the twin's own people, who are told."""


class Request(NamedTuple):
    """What the service's thread is to do with the draft in hand, and where its answer goes.

    Attributes:
        told: nothing is decided on any state: messages are taken as they came.
        attempt: what a person wants; if it is refused the book keeps that.
    """

    work: Callable[[Draft], Any]
    answer: Future[Any]
    told: bool = False
    attempt: Attempt | None = None


class Seen(NamedTuple):
    """A page as one person sees it: who asked, and its context."""

    asked: Asked
    context: Struct


class Done(Struct, frozen=True, kw_only=True):
    """What became of a command.

    Attributes:
        positions: of the entries that were written.
        size: entries of the book behind the last of them; a page that shows this position shows what was done.
        proposal: the id of the proposal, if the act needs a second person.
        refused: problem and remedy, if a report came too late to be done; what was entered stands in the book.
    """

    positions: tuple[int, ...]
    size: int
    proposal: str | None = None
    refused: tuple[str, ...] | None = None


def check_outside(messages: Sequence[Written], kind: str) -> None:
    """Refuse what may not come from outside into a book of this kind.

    Raises:
        EventRefusedError: only commands, or this process itself, can say such a thing.
    """
    ours = OURS if kind == "twin" else (*OURS, TABLETS)
    for _, message, _ in messages:
        twins = kind == "twin" and message.source.startswith(TABLETS)
        if (
            message.type.startswith((MACHINES, STOCK) if twins else MACHINES)
            and message.request is None
            and message.correction_of is None
            and not message.source.startswith(ours)
        ):
            continue
        wrong = f"A {message.type} of the source {message.source!r} is not taken from outside."
        raise EventRefusedError(wrong, "Send what machines count and tell; everything else is done by commands.")


def nothing_adopted(folder: Path) -> StorageRefusedError:
    """The refusal of a book without a plant."""
    wrong = f"The book in {folder} has adopted no plant file."
    return StorageRefusedError(wrong, "Adopt one with `fabrika serve PLANT --data DIR`.")


def only_follows() -> StorageRefusedError:
    """The refusal of a process that only reads the book."""
    return StorageRefusedError("This process only reads the book.", "Send it to the process that serves the plant.")


def told(failure: Exception) -> FabrikaError:
    """What those who wait hear of a failure."""
    if isinstance(failure, FabrikaError):
        return failure
    return StorageFailedError(f"The server failed ({type(failure).__name__}: {failure}).")
