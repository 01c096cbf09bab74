"""Reports of people that somebody should look at: told twice, for a lot that was not at the station, or entered hours later.

Every report is taken as it is, for whoever counted knows best; what looks wrong is kept here until somebody withdraws the report or says that
it is right. A report that is withdrawn counts no longer, and so there is nothing to doubt any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from fabrika.operations.production.crew import Report

TWICE_US, MANY = 60_000_000, 10
"""The same number again within this time from another tablet or by another person, if it is not a small one, may be the same units."""
LATE_US = 3_600_000_000
"""What is entered so long after it was counted is looked at."""
KEPT = 500
"""Doubts that are remembered, the newest."""


class Counted(Protocol):
    """What a machine counted in an interval."""

    from_us: int
    to_us: int
    good: int
    scrapped: int
    lot: str | None


class Doubt(Struct, array_like=True, gc=False):
    """A report that somebody should look at.

    Attributes:
        kind: ``double``, ``wrong_lot`` or ``late``.
        station: ``line.station``.
        at_us: when it was said.
        to_us: the end of the time that it stands for.
        position: its entry in the book.
        other: identity of the report that it repeats.
    """

    kind: str
    station: str
    person: str
    at_us: int
    to_us: int
    good: int
    scrapped: int
    lot: str | None
    position: int
    other: str | None = None


def repeated(counts: Sequence[Report], found: Report) -> Report | None:
    """The report that another may repeat: the same numbers within a minute, from another tablet or by another person.

    Args:
        counts: the station's reports so far, by the end of their time.
        found: the other one.
    """
    if found.good + found.scrapped < MANY:
        return None
    for other in reversed(counts):
        if other.to_us < found.to_us - TWICE_US:
            return None
        same = (other.good, other.scrapped, other.reason) == (found.good, found.scrapped, found.reason)
        elsewhere = (other.person, other.device) != (found.person, found.device)
        if same and elsewhere and abs(other.said_us - found.said_us) <= TWICE_US:
            return other
    return None


def elsewhere(told: Report, line: str, named: tuple[str, int | None] | None, machine: Sequence[Counted]) -> bool:
    """Whether a report names a lot that was not at the station.

    Args:
        told: the report.
        line: the station's.
        named: the line of the lot that is named, and when it was closed; None if the lot is not known.
        machine: what the station's machine counted, in the order of time.
    """
    if told.lot is None or named is None:
        return False
    if named[0] != line or (named[1] is not None and named[1] <= told.from_us):
        return True
    if not machine or machine[-1].to_us < told.to_us:
        return False  # the machine has not told yet what it made
    made = set()
    for count in reversed(machine):
        if count.to_us <= told.from_us:
            break
        if count.from_us < told.to_us and count.good + count.scrapped:
            made.add(count.lot)
    return bool(made - {None}) and told.lot not in made


def look(
    doubts: dict[str, Doubt], station: str, told: Report, position: int, *, twice: Report | None, strange: bool
) -> None:
    """Keep what is to be looked at in a report, the first of what may be wrong.

    Args:
        doubts: by the report's identity; the oldest are forgotten.
        station: ``line.station``.
        told: the report.
        position: of its entry in the book.
        twice: the report that it may repeat.
        strange: whether its lot was not at the station.
    """
    kind = "double" if twice else "wrong_lot" if strange else "late"
    if kind == "late" and told.said_us - told.to_us < LATE_US:
        return
    doubts[told.key] = Doubt(
        kind, station, told.person, told.said_us, told.to_us, told.good, told.scrapped, told.lot, position,
        twice.key if twice else None,
    )  # fmt: skip
    for old in list(doubts)[:-KEPT]:
        del doubts[old]


def settle(doubts: dict[str, Doubt], report: str) -> None:
    """Somebody said that a report is right; ``report`` as :func:`settled_as` names it."""
    for key in [key for key, doubt in doubts.items() if settled_as(doubt) == report]:
        del doubts[key]


def settled_as(doubt: Doubt) -> str:
    """What a doubt's report is called when it is settled: by its place in the book, which fits into an id."""
    return f"entry/{doubt.position}"
