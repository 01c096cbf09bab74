"""LINE-A and LINE-B: twenty stations in series, their draws, and the plain recursion every model is checked against.

The first station is never starved, the last never blocked; a unit is held on the machine until the buffer ahead has a
place (blocking after service). A station fails in one of its cycles, on average every 5000th, and that cycle then lasts
a repair longer. Scrapped units are gone at once. LINE-A has constant cycles, LINE-B exponential ones of the same means.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat

Draw = tuple[float, bool]
"""One operation: how long it takes, repair included, in s; whether its unit is scrapped afterwards."""

Departures = list[list[float]]
"""Instants in s at which units leave, by station."""

STATIONS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A serial line; ``failing_every`` is a mean number of cycles, ``scrap`` a share."""

    name: str
    exponential: bool
    cycles_s: tuple[float, ...] = tuple(round(0.05 + 0.0001 * ((7 * m) % 20 - 10), 6) for m in range(STATIONS))
    places: int = 20
    failing_every: float = 5000.0
    repair_s: float = 120.0
    scrap: float = 0.001
    scrapping: tuple[int, ...] = (4, 9, 14)

    @property
    def stations(self) -> int:
        """Number of stations."""
        return len(self.cycles_s)


LINE_A = Line("line-a", exponential=False)
LINE_B = Line("line-b", exponential=True)
LINES = {line.name: line for line in (LINE_A, LINE_B)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: station-operations, good units out of the last station, simulated seconds."""

    operations: int
    good: int
    simulated_s: float


Simulate = Callable[[Line, int, Sequence[Iterator[Draw]], "Departures | None"], Outcome]


def eventful(line: Line) -> Line:
    """The same line with so many failures and scrapped units that a short run meets all of them."""
    return replace(line, failing_every=50.0, repair_s=1.2, scrap=0.01)


def geometric(uniform: Callable[[], float], mean: float) -> int:
    """Number of the trial that hits, 1, 2, ..., when each hits with chance ``1 / mean`` (inversion)."""
    return int(math.log(1.0 - uniform()) / math.log1p(-1.0 / mean)) + 1


def operations(line: Line, station: int, seed: int) -> Iterator[Draw]:
    """Endless operations of one station.

    Between two events (a failure or a scrapped unit) nothing is drawn for a constant cycle: the models in Python are
    then timed with hardly any cost for random numbers.
    """
    stream = random.Random(f"{seed}/{station}")
    cycle_s = line.cycles_s[station]
    rate = 1.0 / cycle_s
    scraps = station in line.scrapping
    to_failure = geometric(stream.random, line.failing_every)
    to_scrap = geometric(stream.random, 1.0 / line.scrap) if scraps else sys.maxsize
    while True:
        plain = min(to_failure, to_scrap) - 1
        if line.exponential:
            for _ in range(plain):
                yield stream.expovariate(rate), False
        else:
            yield from repeat((cycle_s, False), plain)
        to_failure -= plain + 1
        to_scrap -= plain + 1
        duration_s = stream.expovariate(rate) if line.exponential else cycle_s
        if to_failure == 0:
            duration_s += stream.expovariate(1.0 / line.repair_s)
            to_failure = geometric(stream.random, line.failing_every)
        scrapped = to_scrap == 0
        if scrapped:
            to_scrap = geometric(stream.random, 1.0 / line.scrap)
        yield duration_s, scrapped


def sources(line: Line, seed: int) -> list[Iterator[Draw]]:
    """Endless operations of every station."""
    return [operations(line, station, seed) for station in range(line.stations)]


def recorded(line: Line, units: int, seed: int) -> list[list[Draw]]:
    """The first ``units`` operations of every station, to feed several models with the same draws."""
    return [list(islice(source, units)) for source in sources(line, seed)]


def departures(line: Line, draws: Sequence[Sequence[Draw]], units: int) -> Departures:
    """Departures by the plain recursion: a unit leaves at the later of its finish and the moment the place is free."""
    left: Departures = [[] for _ in draws]
    started: Departures = [[] for _ in draws]
    for _ in range(units):
        arrival_s = 0.0
        for station, draw in enumerate(draws):
            number = len(left[station])
            start_s = max(arrival_s, left[station][-1]) if number else arrival_s
            duration_s, scrapped = draw[number]
            leaving_s = start_s + duration_s
            started[station].append(start_s)
            if not scrapped and station + 1 < len(draws):
                ahead = started[station + 1]
                if len(ahead) >= line.places:
                    leaving_s = max(leaving_s, ahead[len(ahead) - line.places])
            left[station].append(leaving_s)
            arrival_s = leaving_s
            if scrapped:
                break
    return left


def difference_s(simulate: Simulate, line: Line, units: int, seed: int = 7) -> float:
    """Largest difference in s between a model's departures and the recursion's on the same recorded draws.

    Raises:
        ValueError: the model made another number of departures at some station.
    """
    draws = recorded(line, units, seed)
    log: Departures = [[] for _ in draws]
    simulate(line, units, [iter(draw) for draw in draws], log)
    return largest_difference_s(log, departures(line, draws, units))


def largest_difference_s(found: Sequence[Sequence[float]], expected: Sequence[Sequence[float]]) -> float:
    """Largest difference, unit by unit; raises ValueError where the counts differ."""
    counts = [len(row) for row in found], [len(row) for row in expected]
    if counts[0] != counts[1]:
        raise ValueError(f"departures by station: {counts[0]}, expected {counts[1]}")
    return max(abs(a - b) for row, other in zip(found, expected, strict=True) for a, b in zip(row, other, strict=True))
