"""How well the rooms know a twin's plant: what they say of a told period against the truth of the run that told it.

The truth of units and times comes from the same run untold: the kernel's own totals, which no message passed through. Units must be the
same; times, which are told in whole microseconds a count, must lie within :data:`TIME_US` of the exact mean of a station's machines.
Why a station stood, what lots hold and what went in is true as the run told once more has it; single units are known from the run made
unit by unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from fabrika.answers.scored_balance import BalanceScore
from fabrika.answers.scored_mistakes import MistakeScore
from fabrika.answers.scored_recall import RecallScore
from fabrika.answers.scored_stops import Coded, Downtime
from fabrika.answers.scored_trace import TraceScore
from fabrika.operations.production.outline import outline
from fabrika.operations.production.state import ProductionState, StationState
from fabrika.operations.production.sums import DAY_US, HOUR_US
from fabrika.operations.production.units import state_times, units
from fabrika.twin.kpi import Totals, key_figures, planned_run_time_s
from fabrika.twin.results import STATES

if TYPE_CHECKING:
    from fabrika.plant.model import Plant
    from fabrika.twin.results import Layout, Replication

TIME_US = 1.0
"""Times by state may differ by so much: what is left over of a count is carried to the next."""
OEE = "overall_equipment_effectiveness_index"


class Compared(Struct, frozen=True, kw_only=True):
    """A figure of a station as the rooms know it and as it was.

    Attributes:
        figure: ``entered``, ``good``, ``scrapped`` in units, or a state's name in microseconds.
        told: None if the rooms say that it is unknown.
        exact: whether it is what it must be.
    """

    figure: str
    told: int | None
    true: float
    exact: bool


class StationScore(Struct, frozen=True, kw_only=True):
    """One station.

    Attributes:
        units, times: its counters, and its time by state.
        oee_told, oee_true: overall equipment effectiveness (ISO 22400-2) of each; None for a transport.
    """

    station: str
    units: tuple[Compared, ...]
    times: tuple[Compared, ...]
    oee_told: float | None
    oee_true: float | None

    @property
    def exact(self) -> bool:
        """Whether all of it is what it must be."""
        return all(row.exact for row in (*self.units, *self.times))


class Score(Struct, frozen=True, kw_only=True):
    """What the rooms say of a period against what happened.

    Attributes:
        from_us, to_us: the period, microseconds since 1970 UTC.
        sound: whether all that must be exact is, and the truth lies in every range.
        exact: stations of which everything is what it must be; ``of`` so many.
        downtime: each station's causes, the longest first.
        mistakes: by kind, what people entered wrongly.
    """

    from_us: int
    to_us: int
    sound: bool
    exact: int
    of: int
    stations: tuple[StationScore, ...]
    downtime: tuple[Downtime, ...]
    coded: Coded
    balance: BalanceScore
    trace: TraceScore
    recall: RecallScore
    mistakes: tuple[MistakeScore, ...]


class Truth(NamedTuple):
    """What happened.

    Attributes:
        from_us, to_us: from when on it was told, and the end of the comparison, a full hour; microseconds since 1970 UTC.
        figures: the same run, untold, of just this period.
        names: of its rows.
    """

    from_us: int
    to_us: int
    figures: Replication
    names: Layout


def told_until(state: ProductionState, plant: Plant) -> int | None:
    """The last full hour up to which every station has told its counts; None if one has told nothing."""
    last = []
    for path in outline(plant).places:
        known = state.stations.get(path)
        if known is None or not known.counts:
            return None
        last.append(known.counts[-1].to_us)
    return min(last) // HOUR_US * HOUR_US


def stations_score(state: ProductionState, plant: Plant, truth: Truth) -> tuple[StationScore, ...]:
    """Compare what production knows of a period of a plant's stations with the truth."""
    shares = _shares(truth)
    return tuple(_station(state.stations.get(path), plant, path, truth, shares) for path in truth.names.stations)


def counts_of(truth: Truth) -> dict[str, tuple[int, int, int]]:
    """Units that entered, left good and were scrapped, by station."""
    rows = truth.figures.counts.tolist()
    return {name: (row[0], row[1], row[2]) for name, row in zip(truth.names.stations, rows, strict=True)}


def sound(
    stations: Sequence[StationScore],
    downtime: Sequence[Downtime],
    balance: BalanceScore,
    trace: TraceScore,
    recall: RecallScore,
) -> bool:
    """Whether all that must be exact is, and the truth lies in every range; what people said or forgot does not count."""
    return (
        all(row.exact for row in stations)
        and all(row.exact for row in downtime)
        and all(row.exact and row.inside for row in balance.lots)
        and all(row.inside for row in balance.passages)
        and trace.holds
        and recall.inside == recall.units
    )


def _shares(truth: Truth) -> dict[str, float]:
    made = dict(zip(truth.names.products, truth.figures.good.tolist(), strict=True))
    total = sum(made.values())
    return {product: n / total for product, n in made.items()} if total else {}


def _station(
    known: StationState | None, plant: Plant, path: str, truth: Truth, shares: dict[str, float]
) -> StationScore:
    names, figures = truth.names, truth.figures
    row = names.stations.index(path)
    place = outline(plant).places[path]
    # Sums of days begin at midnight UTC; before the period nothing was told, so that it may begin there, too.
    begin_us = truth.from_us // DAY_US * DAY_US
    counted = units(known, begin_us, truth.to_us)
    said = (counted.entered, counted.good, counted.scrapped)
    exact = figures.counts[row].tolist()
    compared = tuple(
        Compared(figure=figure, told=told, true=true, exact=told == true)
        for figure, told, true in zip(("entered", "good", "scrapped"), said, exact, strict=False)
    )
    if names.kinds[row] == "transport":
        return StationScore(station=path, units=compared, times=(), oee_told=None, oee_true=None)
    machines = names.machines[row]
    lasted = state_times(known, place.hours, begin_us, truth.to_us)
    times = tuple(_time(state, lasted.get(state, 0), ns / (1000 * machines)) for state, ns in _by_state(figures, row))
    told_ns = tuple(1000 * machines * lasted.get(state, 0) for state in STATES)
    run_time_s = planned_run_time_s(plant, place.line.id, place.station, shares)
    of_said = Totals(told_ns, (*(n or 0 for n in said), 0), 0, run_time_s)
    of_truth = Totals(tuple(figures.state_ns[row].tolist()), tuple(exact), 0, run_time_s)
    return StationScore(
        station=path,
        units=compared,
        times=times,
        oee_told=key_figures(of_said)[OEE] if counted.known_us else None,
        oee_true=key_figures(of_truth)[OEE],
    )


def _by_state(figures: Replication, row: int) -> list[tuple[str, int]]:
    return list(zip(STATES, figures.state_ns[row].tolist(), strict=True))


def _time(state: str, told_us: int, true_us: float) -> Compared:
    return Compared(figure=state, told=told_us, true=true_us, exact=abs(told_us - true_us) <= TIME_US)
