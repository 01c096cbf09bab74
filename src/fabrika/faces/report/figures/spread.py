"""Where the spread comes from: luck beside ignorance, and which unknown makes the ignorance."""

from __future__ import annotations

from collections.abc import Sequence

from fabrika.faces.language import say
from fabrika.faces.report import numbers
from fabrika.faces.report.svg import INK, MID, SOFT, WIDTH, Drawing, Scale
from fabrika.faces.report.words import tail
from fabrika.twin.proof_result import Unknown, Variance

LABELS, RIGHT, ROW, BAR = 250.0, 90.0, 22.0, 14.0
MOST = 10
"""Unknowns drawn; the table lists all."""


def draw(variance: Variance, unknowns: Sequence[Unknown], key: str) -> str:
    """The figure: shares of the variance as one bar, then standard deviations of the unknowns."""
    rows = sorted((row for row in unknowns if row.sd_units > 0), key=lambda unknown: -unknown.sd_units)[:MOST]
    height = 62 + (ROW * len(rows) + 26 if rows else 0)
    drawing = Drawing(
        key, say("Luck and ignorance in the spread of the year's output"), _description(variance, rows), height
    )
    scale = Scale(0.0, 1.0, 0.0, WIDTH)
    hatch = drawing.pattern("ignorance", f'<path d="M-1 1 1 -1 M0 6 6 0 M5 7 7 5" stroke="{INK}" stroke-width="1"/>', 6)
    split = scale.at(variance.luck_share)
    drawing.write((0, 11), say("luck: {share} of the variance", share=numbers.percent(variance.luck_share)), bold=True)
    drawing.write(
        (WIDTH, 11), say("ignorance: {share}", share=numbers.percent(variance.ignorance_share)), "end", bold=True
    )
    drawing.rect((0, 18, split, 18), SOFT, stroke=MID)
    drawing.rect((split, 18, scale.at(variance.luck_share + variance.ignorance_share) - split, 18), hatch, stroke=MID)
    if rows:
        _unknowns(drawing, rows, 62.0)
    return drawing.text()


def _unknowns(drawing: Drawing, rows: Sequence[Unknown], top: float) -> None:
    heading = say("What ignorance is made of: units a year of spread (one standard deviation)")
    drawing.write((0, top), heading, bold=True)
    largest = max(row.sd_units for row in rows)
    scale = Scale(0.0, largest or 1.0, LABELS, WIDTH - RIGHT)
    for index, row in enumerate(rows):
        y = top + 8 + ROW * index
        drawing.write((0, y + 14), tail(row.parameter, 42))
        tip = say(
            "{parameter}: {units}, {share} of the ignorance",
            parameter=row.parameter,
            units=numbers.about(row.sd_units),
            share=numbers.percent(row.share),
        )
        drawing.rect((LABELS, y + 3, scale.at(row.sd_units) - LABELS, BAR), SOFT, tip=tip)
        drawing.write((WIDTH - RIGHT + 8, y + 14), numbers.about(row.sd_units))


def _description(variance: Variance, rows: Sequence[Unknown]) -> str:
    shares = say(
        "Luck makes {luck} of the variance, ignorance {ignorance}.",
        luck=numbers.percent(variance.luck_share),
        ignorance=numbers.percent(variance.ignorance_share),
    )
    listed = (
        say("{parameter}: {units} units a year.", parameter=tail(row.parameter, 80), units=numbers.about(row.sd_units))
        for row in rows
    )
    return " ".join([shares, *listed])
