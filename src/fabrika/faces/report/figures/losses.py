"""Losses at the constraint: each bar starts where the one before ended, so that the last one is their sum."""

from __future__ import annotations

from fabrika.faces.language import say, say_many, told
from fabrika.faces.report import numbers
from fabrika.faces.report.svg import INK, LINE, MID, SOFT, WIDTH, Drawing, Scale, unit_labels
from fabrika.faces.report.words import name
from fabrika.twin.proof_result import Loss

LABELS, RIGHT, TOP, ROW, BAR = 260.0, 92.0, 8.0, 24.0, 15.0
MOST = 14
"""Causes drawn one by one; the rest is one bar."""


def drawn(losses: tuple[Loss, ...]) -> list[tuple[str, float]]:
    """Causes within the working calendar, largest first, as words and units a year; time off shift is no loss of these."""
    rows = sorted(
        ((told(loss.what), loss.units) for loss in losses if loss.cause != "off_shift" and loss.units > 0),
        key=lambda row: -row[1],
    )
    if len(rows) > MOST:
        rest = rows[MOST - 1 :]
        rows = [
            *rows[: MOST - 1],
            (say_many("{n} smaller cause", "{n} smaller causes", len(rest)), sum(units for _, units in rest)),
        ]
    return rows


def draw(losses: tuple[Loss, ...], key: str) -> str:
    """The figure; empty if nothing is lost."""
    rows = drawn(losses)
    total = sum(units for _, units in rows)
    if not rows or total <= 0:
        return ""
    bottom = TOP + ROW * (len(rows) + 1) + 4
    largest = "; ".join(f"{name(what)}: {numbers.about(units)}" for what, units in rows[:3])
    description = say(
        "All causes together {units} good units a year. Largest: {largest}.",
        units=numbers.about(total),
        largest=largest,
    )
    title = say("Good units a year lost at the constraint, by cause")
    drawing = Drawing(key, title, description, bottom + 32)
    scale = Scale(0.0, total, LABELS, WIDTH - RIGHT)
    words, labels = unit_labels(scale.ticks(5))
    drawing.axis(scale, bottom, labels, top=TOP)
    counted = ", ".join([say("good units a year"), *([words] if words else [])])
    drawing.write((WIDTH - RIGHT, bottom + 27), counted, "end", fill=MID)
    begun = 0.0
    for index, (what, units) in enumerate(rows):
        y = TOP + ROW * index
        left, right = scale.at(begun), scale.at(begun + units)
        drawing.write((0, y + 15), name(what, 46))
        share = numbers.percent(units / total)
        drawing.rect((left, y + 4, right - left, BAR), SOFT, tip=f"{what}: {numbers.about(units)} ({share})")
        drawing.line((right, y + 4, right, y + ROW + 4), LINE, 0.8)
        drawing.write((WIDTH - RIGHT + 8, y + 15), numbers.about(units))
        begun += units
    y = TOP + ROW * len(rows)
    drawing.write((0, y + 15), say("all causes together"), bold=True)
    drawing.rect(
        (LABELS, y + 4, scale.at(total) - LABELS, BAR), INK, tip=say("all causes: {units}", units=numbers.about(total))
    )
    drawing.write((WIDTH - RIGHT + 8, y + 15), numbers.about(total), bold=True)
    return drawing.text()
