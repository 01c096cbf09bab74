"""What lay between two stations at some instants, for sure: the machines' own words, and what persons counted.

Between stations lie thousands of units, and no counter says how many. But a station that is starved proves that nothing lies before it,
and one that is blocked that nothing more fits behind it. At the end of a count in such a standstill, of which the count's own
times confirm that it lasted, both counters are known to the unit, and so is what lies between them. A person's count says so at
any instant; where the stations worked meanwhile, the counts around it bound their counters.

A transport on the way holds nothing once the station before it has stood for longer than the way takes.

What fits into a passage is the owner's round figure. So proofs that it was full are only compared with each other: between two
of them its content has not changed, whatever it is.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from typing import Literal, NamedTuple

from fabrika.answers.ways import Link, Ways
from fabrika.operations.genealogy.quiet import Quiet
from fabrika.operations.genealogy.state import GenealogyState, StationBook
from fabrika.plant.kinds import KINDS

SECOND_US = 1_000_000
SPARE_US = 30 * SECOND_US
"""So much longer than the way takes must a station have stood, as shorter work is not told as a change."""


class Passage(NamedTuple):
    """All that lies between one station and the next, transports on the way included.

    Attributes:
        before, behind: who gives, and who takes; nobody else does either.
        hold: units that fit in between at most.
        per: units in one product of ``behind``, if it is an assembly that does not count them apart; else 0.
        transit_us: how long transports on the way take; 0 without one.
        pieces: pieces of the line's first station in one unit.
    """

    before: str
    behind: str
    hold: int
    per: int
    transit_us: int
    pieces: int


class Proof(NamedTuple):
    """At an instant it is known what lay in a passage.

    Attributes:
        kind: ``empty`` or ``full`` by the machines' words, ``counted`` by a person.
        came: units that had come from the station before by then, at least and at most.
        gone: units that the station behind had taken, at least and at most.
        content: units that lay there, at least and at most; noughts for ``full``, as only differences count there.
    """

    at_us: int
    kind: Literal["empty", "full", "counted"]
    came: tuple[int, int]
    gone: tuple[int, int]
    content: tuple[int, int]

    @property
    def low(self) -> int:
        """The least that has come, is not in the passage, and was not taken."""
        return self.came[0] - self.gone[1] - self.content[1]

    @property
    def high(self) -> int:
        """The most of it."""
        return self.came[1] - self.gone[0] - self.content[0]


def passages(plan: Ways) -> tuple[Passage, ...]:
    """The passages of a plant between one station and one other; where several give or take there are none."""
    found = []
    pieces: dict[str, int] = {}
    for path in plan.stations:
        if KINDS[plan.stations[path].kind].primitive == "transport":
            continue
        for link in plan.behind[path]:
            one = _passage(plan, path, link, pieces)
            if one is not None:
                found.append(one)
                pieces.setdefault(path, one.pieces)
        inside = plan.inside[path].per if KINDS[plan.stations[path].kind].primitive == "packing" else 1
        pieces[f"{path} out"] = pieces.get(path, 1) * inside
    return tuple(found)


def _passage(plan: Ways, path: str, link: Link, pieces: dict[str, int]) -> Passage | None:
    hold, transit_s, per = link.hold, 0.0, link.per
    while True:
        if len(link.sources) != 1 or len(link.takers) != 1 or len(plan.ahead[link.sources[0]]) != 1:
            return None
        before = link.sources[0]
        station = plan.stations[before]
        if KINDS[station.kind].primitive != "transport":
            break
        transit_s += station.time
        if len(plan.behind[before]) != 1:
            return None
        link = plan.behind[before][0]
        hold += plan.inside[before].hold + link.hold
    transit_us = int(transit_s * SECOND_US)
    same = before.partition(".")[0] == path.partition(".")[0]
    return Passage(before, path, hold, per, transit_us, pieces.get(f"{before} out", 1) if same else 1)


def proofs(state: GenealogyState, passage: Passage, from_us: int, to_us: int) -> list[Proof]:
    """What is known of a passage within a time, its begin and end included, in the order of time."""
    before, behind = state.stations.get(passage.before), state.stations.get(passage.behind)
    if before is None or behind is None:
        return []
    found = [*_counted(passage, before, behind, from_us, to_us)]
    if not passage.per:
        found += _empty(passage, before, behind, from_us, to_us)
    found += _full(passage, before, behind, from_us, to_us)
    return sorted(found, key=lambda one: one.at_us)


def _within(quiet: list[Quiet], from_us: int, to_us: int) -> list[Quiet]:
    first = bisect.bisect_left(quiet, from_us, key=lambda one: one.at_us)
    return quiet[first : bisect.bisect_right(quiet, to_us, key=lambda one: one.at_us)]


def _empty(passage: Passage, before: StationBook, behind: StationBook, from_us: int, to_us: int) -> Iterator[Proof]:
    for one in _within(behind.quiet, from_us, to_us):
        if one.state != "starved":
            continue
        stands = _stands(before, one.at_us)
        stood_us = one.at_us - stands.since_us if stands is not None else 0
        if passage.transit_us and stood_us < passage.transit_us + SPARE_US:
            continue
        came = _came(before, one.at_us, stands)
        if came[0] == came[1]:
            yield Proof(one.at_us, "empty", came, (one.entered, one.entered), (0, 0))


def _full(passage: Passage, before: StationBook, behind: StationBook, from_us: int, to_us: int) -> Iterator[Proof]:
    for one in _within(before.quiet, from_us, to_us):
        if one.state == "blocked":
            gone = _gone(passage, behind, one.at_us)
            if gone[0] == gone[1]:
                yield Proof(one.at_us, "full", (one.good, one.good), gone, (0, 0))


def _counted(passage: Passage, before: StationBook, behind: StationBook, from_us: int, to_us: int) -> Iterator[Proof]:
    for laid in behind.laid:
        if laid.before == passage.before and from_us <= laid.at_us <= to_us:
            content = max(0, laid.units - laid.within), laid.units + laid.within
            came = _came(before, laid.at_us, _stands(before, laid.at_us))
            yield Proof(laid.at_us, "counted", came, _gone(passage, behind, laid.at_us), content)


def _stands(book: StationBook, at_us: int) -> Quiet | None:
    """The standstill of which it is known that it lasts at an instant."""
    place = bisect.bisect_left(book.quiet, at_us, key=lambda one: one.at_us)
    one = book.quiet[place] if place < len(book.quiet) else None
    return one if one is not None and one.since_us <= at_us else None


def _came(book: StationBook, at_us: int, stands: Quiet | None) -> tuple[int, int]:
    """Good units of a station until an instant, less its samples: at least and at most."""
    if stands is not None:
        least = most = stands.good
    else:
        around = book.series.at(at_us)
        least, most = around[0].good, around[1].good
    taken = sum(one.units for one in book.samples if one.to_us <= at_us)
    return least - taken, most - taken


def _gone(passage: Passage, book: StationBook, at_us: int) -> tuple[int, int]:
    """What a station had taken until an instant: at least and at most."""
    stands = _stands(book, at_us)
    if stands is not None:
        entered, left = (stands.entered,) * 2, (stands.good + stands.scrapped,) * 2
    else:
        around = book.series.at(at_us)
        entered, left = (around[0].entered, around[1].entered), (around[0].left, around[1].left)
    return (passage.per * left[0], passage.per * left[1]) if passage.per else entered
