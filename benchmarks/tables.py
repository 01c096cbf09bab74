"""The figures as text."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.bars import OWN, Bar, Rows, ratio

WORKS = {
    "line-a": "LINE-A: 20 stations, constant cycles",
    "line-b": "LINE-B: 20 stations, exponential cycles",
    "line-a-8": "LINE-A, 8 replications on one core",
    "plant-30": "PLANT-30: 30 stations, shifts, 2 repairers, campaigns",
    "plant-30-year": "PLANT-30 slowed to a calendar year",
    "cartridge-20m": "cartridge-20m, a year",
    "bearings-6m": "bearings-6m, a year",
}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns; the first column is text, the others are figures."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (
            cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join([first, *rest]) + " |"

    rule = "|" + "|".join("-" * (w + 2) if n == 0 else "-" * (w + 1) + ":" for n, w in enumerate(widths)) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])


def figure(value: float | None) -> str:
    """Three significant digits, thousands apart; a dash where there is nothing."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def work_table(rows: Rows, work: str, engines: Sequence[tuple[str, str]]) -> str:
    """Every engine on one work, with what is missing.

    Args:
        rows: good answers by engine and work.
        work: the work.
        engines: name of each engine that was to run and why it has no figures (empty if it has).
    """
    head = (
        "engine",
        "version",
        "M operations/s",
        "min",
        "max",
        "Fabrika does",
        "good/simulated s",
        "wall s",
        "peak MB",
    )
    body, notes = [], []
    for engine, why in engines:
        found = rows.get((engine, work), [])
        if not found:
            body.append((engine, *["-"] * (len(head) - 1)))
            notes.append(f"* {engine}: {why or 'not run'}")
            continue
        rates = [row["operations_per_s"] / 1e6 for row in found]
        faster = None if engine == OWN else ratio(rows, work, engine)
        times = "-" if faster is None else f"{figure(faster)} x"
        middles = [median(row[name] for row in found) for name in ("good_per_simulated_s", "wall_s", "peak_mb")]
        spread = [figure(value) for value in (median(rates), min(rates), max(rates))]
        body.append((engine, found[0].get("version", "-"), *spread, times, *map(figure, middles)))
    return "\n\n".join([WORKS[work], table(head, body), *(["\n".join(notes)] if notes else [])])


def bar_table(bars: Sequence[Bar]) -> str:
    """Every bar and whether it is met."""
    words = {True: "met", False: "NOT MET", None: "not measured"}
    body = []
    for bar in bars:
        limit = f">= {figure(bar.at_least)}" if bar.at_least is not None else f"<= {figure(bar.at_most)}"
        body.append((bar.what, figure(bar.found), limit, bar.unit, words[bar.met]))
    return table(("bar", "measured", "wanted", "unit", ""), body)
