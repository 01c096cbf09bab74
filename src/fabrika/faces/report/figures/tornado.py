"""The gradient: what one stated step of each value brings, strongest first, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from fabrika.faces.language import say, told
from fabrika.faces.report import numbers
from fabrika.faces.report.svg import INK, MID, SOFT, WIDTH, Drawing, Scale, unit_labels
from fabrika.faces.report.words import name, tail
from fabrika.twin.proof_result import GradientRow

LABELS, RIGHT, TOP, ROW, BAR = 250.0, 96.0, 6.0, 31.0, 14.0
MOST = 16
"""Values drawn; the table lists all."""


def ranked(rows: Sequence[GradientRow]) -> list[GradientRow]:
    """Strongest effect first, whatever its direction; equal ones in the order given."""
    return sorted(rows, key=lambda row: -abs(row.units.mean) if isfinite(row.units.mean) else 0.0)


def draw(gradient: Sequence[GradientRow], key: str) -> str:
    """The figure; empty without any row."""
    rows = [row for row in ranked(gradient) if isfinite(row.units.mean)][:MOST]
    if not rows:
        return ""
    bounds = [
        value for row in rows for value in (row.units.mean, row.units.low, row.units.high, 0.0) if isfinite(value)
    ]
    low, high = min(bounds), max(bounds)
    if low == high:
        low, high = -1.0, 1.0
    scale = Scale(low, high, LABELS, WIDTH - RIGHT)
    bottom = TOP + ROW * len(rows)
    description = " ".join(
        f"{tail(row.parameter, 80)}, {name(row.step)}: {numbers.units(row.units)} ({numbers.units_between(row.units)})."
        for row in rows
    )
    title = say("Good units a year gained by one step of each value")
    drawing = Drawing(key, title, description, bottom + 32)
    words, labels = unit_labels(scale.ticks(6))
    drawing.axis(scale, bottom, labels, top=TOP)
    counted = ", ".join([say("good units a year gained"), *([words] if words else [])])
    drawing.write((WIDTH - RIGHT, bottom + 27), counted, "end", fill=MID)
    zero = scale.at(0.0)
    for index, row in enumerate(rows):
        _row(drawing, row, TOP + ROW * index, scale)
    drawing.line((zero, TOP, zero, bottom), INK, 1)
    return drawing.text()


def _row(drawing: Drawing, row: GradientRow, y: float, scale: Scale) -> None:
    drawing.write((0, y + 12), tail(row.parameter, 42))
    drawing.write(
        (0, y + 25), name(say("{step} (today {value})", step=row.step, value=row.value), 46), fill=MID, size=10
    )
    zero, end = scale.at(0.0), scale.at(row.units.mean)
    tip = f"{told(row.what)}: {numbers.units(row.units)} ({numbers.units_between(row.units)})"
    drawing.rect((min(zero, end), y + 8, abs(end - zero), BAR), SOFT, tip=tip)
    if isfinite(row.units.low) and isfinite(row.units.high):
        drawing.whisker(scale, (row.units.low, row.units.high), y + 15)
    drawing.write((WIDTH - RIGHT + 8, y + 19), numbers.signed(row.units.mean, numbers.units(row.units)))
