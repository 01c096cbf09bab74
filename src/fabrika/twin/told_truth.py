"""What people truly did in a told run: everything that they said, what they counted against what was made, and their mistakes.

Whoever has the plant file, the seed and the begin of a told book can tell the run again and finds the same; the book itself holds only
what was said.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

MistakeKind = Literal["double", "wrong_lot", "late"]


class Mistake(Struct, frozen=True, kw_only=True):
    """Something that a person reported wrongly.

    Attributes:
        kind: ``double``, the same count a second time from another tablet; ``wrong_lot``, on a lot that is not made at the station then;
            ``late``, hours after it was counted.
        station: ``line.station``.
        at_us: when the wrong entry was said; with the station it names the entry in the book.
        to_us: the end of the time for which it was said to stand.
        good, scrapped: units in it.
        lot: the lot that was named.
    """

    kind: MistakeKind
    person: str
    station: str
    at_us: int
    to_us: int
    good: int
    scrapped: int
    lot: str | None = None


class SaidCount(Struct, frozen=True, kw_only=True):
    """A person's count, and what the station made in that time; ``at_us`` is when it was said."""

    person: str
    station: str
    at_us: int
    from_us: int
    to_us: int
    good: int
    scrapped: int
    true_good: int
    true_scrapped: int


class SaidFact(Struct, frozen=True, array_like=True):
    """Something that a person told: the name of its kind of event, who, of what, and when."""

    kind: str
    person: str
    subject: str
    at_us: int


class ToldTruth(Struct, frozen=True, kw_only=True):
    """All of it until an instant.

    Attributes:
        mistakes: in the order of time, each counted once.
        counts: all of people's counts, those of the mistakes included.
        facts: everything that a person told, counts included.
    """

    until_us: int
    mistakes: tuple[Mistake, ...]
    counts: tuple[SaidCount, ...]
    facts: tuple[SaidFact, ...]
