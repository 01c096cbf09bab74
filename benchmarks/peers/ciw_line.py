# ruff: noqa: ARG002 - Ciw names the arguments
# mypy: disable-error-code="import-not-found, import-untyped, misc, no-untyped-call, no-any-unimported"
"""Ciw: a network of nodes with one server, limited queues and its own blocking, which is blocking after service.

All units arrive at the first node at time 0. Ciw keeps a record of every visit, so its memory grows with the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ciw

from benchmarks.line import LINES, Departures, Draw, Line, Outcome, difference_s, eventful, sources


class Station(ciw.dists.Distribution):
    """Service times of one node; remembers for the router whether the unit in service is scrapped."""

    def __init__(self, draws: Iterator[Draw]) -> None:
        self.draws = draws
        self.scrapped = False

    def __deepcopy__(self, memo: Any) -> Station:
        """Ciw copies its distributions; the router must see the one that is used."""
        return self

    def sample(self, t: Any = None, ind: Any = None) -> float:
        """Duration of the next service, s."""
        duration_s, self.scrapped = next(self.draws)
        return duration_s


class Onward(ciw.routing.NodeRouting):
    """To the next node, or out where the unit is scrapped or the line ends."""

    def __init__(self, station: Station, ahead: int) -> None:
        self.station = station
        self.ahead = ahead

    def next_node(self, ind: Any) -> Any:
        """The node the unit goes to."""
        return self.simulation.nodes[-1 if self.station.scrapped else self.ahead]


class AtOnce(ciw.dists.Distribution):
    """Arrival of ``units`` units at time 0, none afterwards."""

    def __init__(self, units: int) -> None:
        self.left = units

    def sample(self, t: Any = None, ind: Any = None) -> float:
        """Time to the next arrival, s."""
        self.left -= 1
        return 0.0 if self.left >= 0 else float("inf")


def simulate(line: Line, units: int, draws: Sequence[Iterator[Draw]], log: Departures | None = None) -> Outcome:
    """Run until all ``units`` units are out."""
    stations = [Station(source) for source in draws]
    aheads = [number + 2 for number in range(line.stations - 1)] + [-1]
    network = ciw.create_network(
        arrival_distributions=[AtOnce(units)] + [None] * (line.stations - 1),
        service_distributions=stations,
        number_of_servers=[1] * line.stations,
        queue_capacities=[float("inf")] + [line.places] * (line.stations - 1),
        routing=ciw.routing.NetworkRouting(
            routers=[Onward(station, ahead) for station, ahead in zip(stations, aheads, strict=True)]
        ),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(units, method="Finish")
    records = simulation.get_all_records()
    if log is not None:
        for row in sorted(records, key=lambda row: row.exit_date):
            log[row.node - 1].append(row.exit_date)
    good = sum(row.node == line.stations for row in records)
    return Outcome(len(records), good, max(row.exit_date for row in records))


def run(work: str, units: int, seed: int) -> Outcome:
    """A timed run with draws of its own."""
    return simulate(LINES[work], units, sources(LINES[work], seed))


def check(work: str) -> float:
    """Largest difference from the recursion, s."""
    return difference_s(simulate, eventful(LINES[work]), 1000)
