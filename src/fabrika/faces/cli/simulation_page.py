"""A simulation as a page of the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from fabrika.faces import formats
from fabrika.faces.cli.notices import shown
from fabrika.faces.language import Reader, message, say, say_many, wanted
from fabrika.faces.report.words import day
from fabrika.twin.proof_result import Estimate
from fabrika.twin.simulation_result import MOST_LEVELS, ProductRow, SimulationResult, StationResult

WIDTH = 100
STATES = ("processing", "setup", "blocked", "starved", "down", "waiting", "planned", "off_shift")
HEADS = message("processing | setup | blocked | starved | down | wait | planned | off")
"""Heads of the states, in short; parted by bars."""


def print_simulation(console: Console, result: SimulationResult) -> None:
    """Print output, stations, stops and buffers."""
    width = min(console.width, WIDTH)
    head = say(
        "{name}: {hours} h from {begin}, {runs}, seed {seed}",
        name=shown(result.plant_name),
        hours=_number(result.hours, 1),
        begin=result.period_from if wanted() == "en" else day(result.period_from),
        runs=say_many("{n} replication", "{n} replications", result.replications),
        seed=result.seed,
    )
    console.print(head, markup=False, highlight=False, width=width)
    for heading, table in (
        (say("Good units"), _output(result)),
        (say("Share of the period, %"), _stations(result)),
        (say("Counts (all replications) and key figures"), _figures(result)),
        (say("Stops in the period, mean"), _stops(result)),
        (say("Levels of the buffers, share of the period in %"), _levels(result)),
    ):
        if table.row_count:
            console.print(f"\n{heading}", style="bold", highlight=False, width=width)
            console.print(table, width=width)
    console.print()
    text = say("Intervals: {level}, {method}.", level=_percent(result.interval_level, 0), method=result.interval_method)
    console.print(text, markup=False, highlight=False, width=width)
    console.print(say("Hash of all integers: {digest}", digest=result.hash()), highlight=False, soft_wrap=True)


def _table(heads: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(heads[0], no_wrap=True)
    for head in heads[1:]:
        table.add_column(head, justify="right", no_wrap=True)
    return table


def _number(value: float, decimals: int = 0) -> str:
    return Reader().number(value, decimals)


def _percent(share: float, decimals: int) -> str:
    return formats.percent(_number(100 * share, decimals), language=wanted())


def _between(estimate: Estimate, digits: int = 1) -> str:
    mean, low, high = (_number(value, digits) for value in (estimate.mean, estimate.low, estimate.high))
    return f"{mean} ({low} .. {high})"


def _output(result: SimulationResult) -> Table:
    table = _table((say("product"), say("in the period"), say("an hour")))
    rows: tuple[ProductRow, ...] = (*result.products, result.total) if len(result.products) > 1 else (result.total,)
    for row in rows:
        table.add_row(shown(row.id), _between(row.good, 0), _between(row.good_per_hour))
    return table


def _stations(result: SimulationResult) -> Table:
    table = _table((say("station"), *say(HEADS).split(" | ")))
    for row in result.stations:
        table.add_row(shown(row.id), *(_number(100 * row.fractions[state], 1) for state in STATES))
    return table


def _figures(result: SimulationResult) -> Table:
    table = _table((say("station"), say("in"), say("good"), say("scrapped"), say("OEE"), say("MTBF, h")))
    for row in result.stations:
        counts = (_number(row.counts[name]) for name in ("entered", "left", "scrapped"))
        table.add_row(shown(row.id), *counts, _share(row, "overall_equipment_effectiveness_index"), _hours(row))
    return table


def _share(row: StationResult, name: str) -> str:
    value = row.kpis[name]
    return "-" if value is None else _percent(value, 1)


def _hours(row: StationResult) -> str:
    value = row.kpis["mean_operating_time_between_failures_h"]
    return "-" if value is None else _number(value, 1)


def _stops(result: SimulationResult) -> Table:
    table = _table((say("mode"), say("times"), say("hours")))
    for row in result.stops:
        table.add_row(shown(row.id), _number(row.mean, 1), _number(row.hours, 1))
    return table


def _levels(result: SimulationResult) -> Table:
    """Levels not exceeded during 5, 50 and 95 % of the period; no rows if levels were not asked for."""
    table = _table(
        (say("buffer"), say("places"), say("mean"), say("empty"), say("full"), say("5 %"), say("50 %"), say("95 %"))
    )
    table.columns[0].no_wrap = False  # large stores have wide figures
    for row in result.buffers:
        if row.levels is not None:
            shares = (_number(100 * share, 1) for share in (row.levels.empty, row.levels.full))
            points = (_number(level) for level in (row.levels.p5, row.levels.p50, row.levels.p95))
            table.add_row(
                shown(row.id),
                _number(row.capacity),
                _number(row.mean_level, 0 if row.capacity > MOST_LEVELS else 1),
                *shares,
                *points,
            )
    return table
