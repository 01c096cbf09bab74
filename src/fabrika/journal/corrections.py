"""One rule for every room: which facts count when some were withdrawn or replaced.

Nothing is erased: a ``house.corrected`` names a fact, and from then on that fact does not count. If it names a replacement, an
earlier entry of the same type that is marked ``correction_of`` the fact, then that one counts in its place. A correction can
itself be withdrawn by a later one; then it is as if it had not been made. Of two corrections of one fact the later counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fabrika.errors import CorrectionRefusedError
from fabrika.events.catalog import CATALOG, Catalog
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened, BookRestored, CheckpointSigned, Corrected
from fabrika.journal.entries import Fact, Look, entry_at, fact_of
from fabrika.journal.port import Reader

FIXED = (BookOpened, BookRestored, CheckpointSigned)
"""What the book says of itself; no person reported it, and none corrects it."""

MARK = b'"type":"house.corrected"'
"""Stands in every correction and, as quotation marks in text are escaped, in no other entry."""


class Notice(NamedTuple):
    """A correction as it counts in the book.

    Attributes:
        key: the correction's own identity.
        target: what it corrects.
        replacement: what counts instead, None if nothing does.
    """

    key: Key
    target: Key
    replacement: Key | None


def check_correction(corrected: Corrected, look: Look) -> None:
    """Check that a correction names what can be corrected.

    Raises:
        CorrectionRefusedError: the target is not in the book or is fixed, or the replacement does not fit.
    """
    target = look(corrected.target)
    if target is None:
        raise CorrectionRefusedError(f"The book has no entry {corrected.target} that could be corrected.")
    if isinstance(target.event, FIXED):
        raise CorrectionRefusedError(f"The entry {corrected.target} is the book's own and stands.")
    if corrected.replacement is None:
        return
    replacement = look(corrected.replacement)
    if replacement is None or replacement.message.correction_of != corrected.target:
        wrong = f"The entry {corrected.replacement} is not in the book as a correction of {corrected.target}."
        raise CorrectionRefusedError(wrong)
    if replacement.message.type != target.message.type or isinstance(target.event, Corrected):
        raise CorrectionRefusedError(f"A {target.message.type} cannot be replaced by a {replacement.message.type}.")


def verdicts(notices: Iterable[Notice]) -> dict[Key, Key | None]:
    """What counts instead of each corrected fact, None if nothing does.

    Args:
        notices: in the order of the book.
    """
    found: dict[Key, Key | None] = {}
    # The last correction counts for certain; whether an earlier one does follows from those after it.
    for notice in reversed(list(notices)):
        if notice.key not in found and notice.target not in found:
            found[notice.target] = notice.replacement
    return found


def notices(reader: Reader, start: int, stop: int, catalog: Catalog = CATALOG) -> Iterator[Notice]:
    """The corrections among the entries from ``start`` to before ``stop``."""
    for position, data in enumerate(reader.read(start, stop), start):
        if MARK in data:
            fact = fact_of(position, data, catalog)
            if isinstance(fact.event, Corrected):
                yield Notice(fact.key, fact.event.target, fact.event.replacement)


def is_correction(fact: Fact) -> bool:
    """Whether a fact corrects another, or stands ready to replace one; it is then no fact of a room at its own place."""
    return type(fact.event) is Corrected or fact.message.correction_of is not None


def counting(
    reader: Reader, start: int, stop: int, found: dict[Key, Key | None], catalog: Catalog = CATALOG
) -> Iterator[Fact]:
    """The facts that count whose places lie from ``start`` to before ``stop``, in the order of their places.

    A replacement stands at the place of what it replaces. Corrections themselves are no facts of a room.

    Args:
        found: what :func:`verdicts` says.
    """
    for position, data in enumerate(reader.read(start, stop), start):
        fact: Fact | None = fact_of(position, data, catalog)
        assert fact is not None
        if is_correction(fact):
            continue
        while fact is not None and fact.key in found:
            fact = _instead(reader, found[fact.key], catalog)
        if fact is not None:
            yield fact


def _instead(reader: Reader, key: Key | None, catalog: Catalog) -> Fact | None:
    if key is None:
        return None
    position = reader.find(key)
    assert position is not None, "a correction is only taken once its replacement is in the book"
    return fact_of(position, entry_at(reader, position), catalog)


def facts(
    reader: Reader, *, as_of_us: int | None = None, known_at: int | None = None, catalog: Catalog = CATALOG
) -> Iterator[Fact]:
    """What counts, by both questions of time.

    Args:
        as_of_us: only what had happened by this instant, by the sources' clocks, however late it was told.
        known_at: only what stood in the book when it had so many entries, as it counted then.
    """
    stop = reader.size() if known_at is None else min(known_at, reader.size())
    found = verdicts(notices(reader, 0, stop, catalog))
    for fact in counting(reader, 0, stop, found, catalog):
        if as_of_us is None or fact.message.at_us <= as_of_us:
            yield fact
