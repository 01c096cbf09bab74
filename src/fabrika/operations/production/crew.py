"""What persons told of a station: who works there, what they counted, and when it was stopped for somebody's safety.

A person's count stands beside what the machine counted and is never added to it. It is kept in the same form, so that it can be asked
for over any interval, and so that it is the count of a station that has no counter.
"""

from __future__ import annotations

import bisect

from msgspec import Struct

from fabrika.operations.production.sums import HOUR_US, Sum, add, thin


class Stint(Struct, array_like=True, gc=False):
    """A person's time at a station; ``to_us`` is None until they sign off."""

    person: str
    role: str
    from_us: int
    to_us: int | None
    key: str


class Report(Struct, array_like=True, gc=False):
    """What a person counted in an interval; see :class:`fabrika.events.production.UnitsReported`.

    Attributes:
        entered: good and scrapped together.
        said_us: when it was said; ``device`` is the tablet on which.
    """

    from_us: int
    to_us: int
    entered: int
    good: int
    scrapped: int
    reason: str | None
    lot: str | None
    container: str | None
    person: str
    said_us: int
    key: str
    device: str | None = None


class Safety(Struct, array_like=True, gc=False):
    """A station was stopped for somebody's safety.

    Attributes:
        to_us: None while it lasts.
        ended_by: who let it run again.
    """

    from_us: int
    to_us: int | None
    person: str
    ended_by: str | None
    key: str


class Crew(Struct):
    """What persons told of one station; lists are in the order of time.

    Attributes:
        stints: who works, or worked of late, at the station.
        counts: their counts, as far as they are kept as they were told: from ``whole_us`` on.
        hours, days: sums of their counts, as of a machine's.
        safety: stops for somebody's safety.
    """

    stints: list[Stint] = []
    counts: list[Report] = []
    hours: list[Sum] = []
    days: list[Sum] = []
    safety: list[Safety] = []
    whole_us: int = -(2**53)


def sign_on(crew: Crew, stint: Stint) -> None:
    """A person begins to work at the station; whoever does so twice has done it once."""
    if stint.person in {found.person for found in at_station(crew, stint.from_us)}:
        sign_off(crew, stint.person, stint.from_us)
    bisect.insort(crew.stints, stint, key=lambda found: found.from_us)


def sign_off(crew: Crew, person: str, at_us: int) -> None:
    """A person works at the station no more."""
    for stint in crew.stints:
        if stint.person == person and stint.to_us is None and stint.from_us <= at_us:
            stint.to_us = at_us


def at_station(crew: Crew, at_us: int) -> list[Stint]:
    """Who had signed on and not off again at an instant."""
    return [stint for stint in crew.stints if stint.from_us <= at_us and (stint.to_us is None or stint.to_us > at_us)]


def report(crew: Crew, found: Report) -> None:
    """Take a count; where it overlaps the one before, its time begins at that one's end."""
    place = bisect.bisect_right(crew.counts, found.to_us, key=lambda other: other.to_us)
    if place:
        found.from_us = max(found.from_us, crew.counts[place - 1].to_us)
    found.from_us = min(found.from_us, found.to_us - 1)
    crew.counts.insert(place, found)
    add(crew.hours, HOUR_US, found, {})


def before(crew: Crew, at_us: int) -> Report | None:
    """The last count that ends at or before an instant."""
    place = bisect.bisect_right(crew.counts, at_us, key=lambda found: found.to_us)
    return crew.counts[place - 1] if place else None


def safety_at(crew: Crew, at_us: int) -> Safety | None:
    """The stop for somebody's safety that lasts at an instant."""
    for found in reversed(crew.safety):
        if found.from_us <= at_us and (found.to_us is None or found.to_us > at_us):
            return found
    return None


def forget(crew: Crew, limit_us: int) -> None:
    """Drop details before an instant; sums stay, and whoever has not signed off."""
    crew.whole_us = max(crew.whole_us, -(-limit_us // HOUR_US) * HOUR_US)
    crew.counts = [found for found in crew.counts if found.to_us > limit_us]
    crew.stints = [found for found in crew.stints if (found.to_us or found.from_us) > limit_us]
    crew.safety = [found for found in crew.safety if found.to_us is None or found.to_us > limit_us]
    thin(crew.hours, crew.days, limit_us)
