"""A simulation as a page of the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from fabrika.faces.cli.notices import shown
from fabrika.faces.language import say
from fabrika.twin.proof_result import Estimate
from fabrika.twin.simulation_result import MOST_LEVELS, ProductRow, SimulationResult, StationResult

WIDTH = 100
STATES = ("processing", "setup", "blocked", "starved", "down", "waiting", "planned", "off_shift")
HEADS = ("processing", "setup", "blocked", "starved", "down", "wait", "planned", "off")


def print_simulation(console: Console, result: SimulationResult) -> None:
    """Print output, stations, stops and buffers."""
    width = min(console.width, WIDTH)
    head = say(
        "{name}: {hours:,.1f} h from {begin}, {count} replications, seed {seed}",
        name=shown(result.plant_name),
        hours=result.hours,
        begin=result.period_from,
        count=result.replications,
        seed=result.seed,
    )
    console.print(head, markup=False, highlight=False, width=width)
    for heading, table in (
        ("Good units", _output(result)),
        ("Share of the period, %", _stations(result)),
        ("Counts (all replications) and key figures", _figures(result)),
        ("Stops in the period, mean", _stops(result)),
        ("Levels of the buffers, share of the period in %", _levels(result)),
    ):
        if table.row_count:
            console.print(f"\n{say(heading)}", style="bold", highlight=False, width=width)
            console.print(table, width=width)
    console.print()
    text = say("Intervals: {level:.0%}, {method}.", level=result.interval_level, method=result.interval_method)
    console.print(text, markup=False, highlight=False, width=width)
    console.print(say("Hash of all integers: {digest}", digest=result.hash()), highlight=False, soft_wrap=True)


def _table(heads: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(say(heads[0]), no_wrap=True)
    for head in heads[1:]:
        table.add_column(say(head), justify="right", no_wrap=True)
    return table


def _between(estimate: Estimate, digits: int = 1) -> str:
    return f"{estimate.mean:,.{digits}f} ({estimate.low:,.{digits}f} .. {estimate.high:,.{digits}f})"


def _output(result: SimulationResult) -> Table:
    table = _table(("product", "in the period", "an hour"))
    rows: tuple[ProductRow, ...] = (*result.products, result.total) if len(result.products) > 1 else (result.total,)
    for row in rows:
        table.add_row(shown(row.id), _between(row.good, 0), _between(row.good_per_hour))
    return table


def _stations(result: SimulationResult) -> Table:
    table = _table(("station", *HEADS))
    for row in result.stations:
        table.add_row(shown(row.id), *(f"{100 * row.fractions[state]:.1f}" for state in STATES))
    return table


def _figures(result: SimulationResult) -> Table:
    table = _table(("station", "in", "good", "scrapped", "OEE", "MTBF, h"))
    for row in result.stations:
        counts = (f"{row.counts[name]:,}" for name in ("entered", "left", "scrapped"))
        table.add_row(shown(row.id), *counts, _share(row, "overall_equipment_effectiveness_index"), _hours(row))
    return table


def _share(row: StationResult, name: str) -> str:
    value = row.kpis[name]
    return "-" if value is None else f"{value:.1%}"


def _hours(row: StationResult) -> str:
    value = row.kpis["mean_operating_time_between_failures_h"]
    return "-" if value is None else f"{value:,.1f}"


def _stops(result: SimulationResult) -> Table:
    table = _table(("mode", "times", "hours"))
    for row in result.stops:
        table.add_row(shown(row.id), f"{row.mean:,.1f}", f"{row.hours:,.1f}")
    return table


def _levels(result: SimulationResult) -> Table:
    """Levels not exceeded during 5, 50 and 95 % of the period; no rows if levels were not asked for."""
    table = _table(("buffer", "places", "mean", "empty", "full", "5 %", "50 %", "95 %"))
    table.columns[0].no_wrap = False  # large stores have wide figures
    for row in result.buffers:
        if row.levels is not None:
            shares = (f"{100 * share:.1f}" for share in (row.levels.empty, row.levels.full))
            points = (f"{level:,}" for level in (row.levels.p5, row.levels.p50, row.levels.p95))
            table.add_row(
                shown(row.id),
                f"{row.capacity:,}",
                f"{row.mean_level:,.{0 if row.capacity > MOST_LEVELS else 1}f}",
                *shares,
                *points,
            )
    return table
