"""Which replications are simulated at once: bundles of up to eight, where the plant allows it and it is quicker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from fabrika.plant.kinds import KINDS
from fabrika.twin.execution import Abreast, Run
from fabrika.twin.network import Node, network
from fabrika.twin.results import Replication

if TYPE_CHECKING:
    from fabrika.plant.model import Plant
    from fabrika.twin.execution import Executor
    from fabrika.twin.results import Period

MOST = 8
"""Replications in a bundle: as many as one vector holds."""
FEWEST = 4
"""Replications for which a bundle pays."""
COST = 1.5
"""What a bundle costs, full or not, in replications that run alone."""
WORTH_OPERATIONS = 1e9
"""Operations for which it pays to load what runs replications at once, or to compile it (4 s, once on a machine)."""
MOST_PLACES = 250
"""Places of a buffer up to which the starts behind it are near at hand for eight replications."""


def in_a_row(plant: Plant) -> bool:
    """Whether a plant is one row of single machines with constant cycles, buffers between them and nobody to wait for.

    Failures and planned stops on clocks of cycles and busy time, scrap and a ramp-up do not matter.
    """
    if plant.calendars or plant.outages or plant.supplies or len(plant.products) > 1:
        return False
    if any(line.sequence or line.lots is not None for line in plant.lines):
        return False
    net = network(plant)
    first = [node for node in net.nodes if not node.inputs]
    between = all(
        1 <= edge.cap <= MOST_PLACES and edge.need == 1 and edge.delay_s == 0 and not edge.zero and not edge.grant
        for edge in net.edges
    )
    return len(first) == 1 and between and all(_is_plain(node) for node in net.nodes)


def _is_plain(node: Node) -> bool:
    station = node.station
    if not node.machine or station is None or len(node.inputs) > 1 or len(node.outputs) > 1:
        return False
    if station.machines != 1 or KINDS[station.kind].primitive != "single":
        return False
    if station.cycle is None or station.cycle_of or station.cycle.family != "constant":
        return False
    clocks = {mode.clock for mode in station.fails} | {stop.clock for stop in station.stops}
    return clocks <= {"cycles", "busy"} and all(mode.crew is None for mode in station.fails)


def performed(executor: Executor, runs: Sequence[Run]) -> Iterator[Replication]:
    """The replications in the order of ``runs``, which differ in nothing but their numbers; closing gives up the rest."""
    for answer in executor.run(tasks(runs, executor.workers)):
        if isinstance(answer, tuple):
            yield from answer
        else:
            yield answer


def tasks(runs: Sequence[Run], workers: int) -> list[Run] | list[Abreast]:
    """The tasks to which ``runs`` lead: themselves, or bundles of them if so many workers are done with those sooner."""
    count = max(-(-len(runs) // MOST), min(workers, len(runs) // FEWEST))
    if not runs or COST * -(-count // workers) >= -(-len(runs) // workers) or not _pays(runs):
        return list(runs)
    one = runs[0]
    numbers = [run.number for run in runs]
    ends = [len(runs) * i // count for i in range(count + 1)]
    return [
        Abreast(one.plant, one.period, one.seed, tuple(numbers[begin:end]), one.draw_beliefs)
        for begin, end in pairwise(ends)
    ]


def _pays(runs: Sequence[Run]) -> bool:
    plant, period = runs[0].plant, runs[0].period
    if runs[0].with_levels:
        return False
    return in_a_row(plant) and _seldom_scraps(plant) and len(runs) * most_operations(plant, period) >= WORTH_OPERATIONS


def _seldom_scraps(plant: Plant) -> bool:
    """Whether on average a unit's operations outweigh the starts that are moved where one was scrapped before."""
    stations = [station for line in plant.lines for station in line.stations]
    places = sum(item.buffer for station in stations for item in station.inputs)
    return sum(station.scrap for station in stations) * places <= len(stations)


def most_operations(plant: Plant, period: Period) -> float:
    """Operations of one replication if no station of a plant :func:`in_a_row` ever waits, about."""
    cycles = [station.cycle.mean for line in plant.lines for station in line.stations if station.cycle is not None]
    seconds = (period.end_us - period.origin_us) / 1e6
    return len(cycles) * seconds / max(1e-9, *cycles)
