"""Downtime by cause: when each station stood and why, as the rooms remember it, against what its machine did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec import Struct

from fabrika.operations.genealogy.state import GenealogyState
from fabrika.operations.production.state import ProductionState
from fabrika.operations.production.stops import coding_of
from fabrika.twin.retold import Retold, Stood

ASKED_US = 180 * 1_000_000
"""Stops that last as long as this, or longer, are those of which it is told whether somebody gave their cause."""


class Downtime(Struct, frozen=True, kw_only=True):
    """One cause for which a station stood, whether it was down or was being set up.

    Attributes:
        cause: the mode that the machine names, else the state.
        stops_told, stops_true: how many.
        told_us, true_us: how long in all.
        exact: whether each of them is known, to the microsecond, and no other.
    """

    station: str
    cause: str
    stops_told: int
    stops_true: int
    told_us: int
    true_us: int
    exact: bool


class Coded(Struct, frozen=True, kw_only=True):
    """What people said of longer stops that began since ``from_us``, the time of which rooms keep every word.

    Attributes:
        stops: how many there were.
        right: those of which somebody gave the true cause.
        otherwise: those of which somebody gave another.
        silent: those of which nobody said anything.
    """

    from_us: int
    stops: int
    right: int
    otherwise: int
    silent: int


def downtimes(state: GenealogyState, truth: Retold, stations: Sequence[str]) -> tuple[Downtime, ...]:
    """Every station's causes, the longest first."""
    found: list[Downtime] = []
    for station in stations:
        told, true = known_stops(state, station, truth.from_us, truth.until_us), truth.stood(station)
        wrong = {stop.cause for stop in (Counter(told) - Counter(true)) + (Counter(true) - Counter(told))}
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for place, stops in ((0, told), (1, true)):
            for stop in stops:
                sums[stop.cause][place] += 1
                sums[stop.cause][2 + place] += stop.to_us - stop.from_us
        rows = sorted(sums.items(), key=lambda row: (-row[1][3], row[0]))
        found += [
            Downtime(
                station=station,
                cause=cause,
                stops_told=row[0],
                stops_true=row[1],
                told_us=row[2],
                true_us=row[3],
                exact=cause not in wrong,
            )
            for cause, row in rows
        ]
    return tuple(found)


def known_stops(state: GenealogyState, station: str, from_us: int, to_us: int) -> list[Stood]:
    """When the rooms know a station to have stood within ``[from_us, to_us)``."""
    book = state.stations.get(station)
    if book is None:
        return []
    found = []
    for stop in book.stops.within(from_us, to_us):
        begin, end = max(stop.from_us, from_us), to_us if stop.to_us is None else min(stop.to_us, to_us)
        if begin < end:
            found.append(Stood(begin, end, stop.mode))
    return found


def coded(state: ProductionState, truth: Retold, stations: Sequence[str]) -> Coded:
    """Of the longer stops of which the rooms still know what people said: how many have the true cause."""
    since = max([truth.from_us, *(known.whole_us for known in state.stations.values())])
    stops = right = otherwise = 0
    for station in stations:
        known = state.stations.get(station)
        for stop in truth.stood(station, failed=True):
            if stop.from_us < since or stop.to_us - stop.from_us < ASKED_US or stop.to_us >= truth.until_us:
                continue
            coding = coding_of(known, stop.from_us, stop.to_us) if known is not None else None
            stops += 1
            right += coding is not None and coding.mode == stop.cause
            otherwise += coding is not None and coding.mode != stop.cause
    return Coded(from_us=since, stops=stops, right=right, otherwise=otherwise, silent=stops - right - otherwise)
