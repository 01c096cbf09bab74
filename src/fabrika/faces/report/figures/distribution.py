"""The year's output: every simulated year, against the line of the contract."""

from __future__ import annotations

from collections import Counter
from math import floor, isfinite

from fabrika.faces.language import message, say
from fabrika.faces.report import numbers
from fabrika.faces.report.svg import (
    ACCENT,
    INK,
    LINE,
    MID,
    SOFT,
    WIDTH,
    Anchor,
    Drawing,
    Scale,
    round_step,
    unit_labels,
)
from fabrika.twin.proof_result import Output, ProofResult, Year

LEFT, RIGHT, TOP, PANEL, COLUMNS, BINS = 12.0, 12.0, 40.0, 155.0, 84.0, 32
"""Margins, height of a panel, height of the tallest column, and about how many columns."""

ANCHORS: tuple[Anchor, Anchor] = ("start", "end")
PANEL_WORDS = {
    "belief": message("With beliefs and luck"),
    "luck": message("Luck only, every value certain"),
}


def panels(proof: ProofResult, year: Year) -> list[Output]:
    """The distributions shown for a year: beliefs first, luck below; only those that hold simulated years."""
    return [
        row
        for knowledge in (("belief", "luck") if proof.has_beliefs else ("luck",))
        for row in proof.outputs
        if (row.year, row.knowledge, row.basis) == (year, knowledge, "contractual") and _finite(row)
    ]


def distinct(proof: ProofResult) -> list[Output]:
    """The distributions that differ from one another: no beliefs, no ramp-up or no contract leave fewer of them."""
    rows = [
        row
        for row in proof.outputs
        if (proof.has_beliefs or row.knowledge == "luck")
        and (proof.has_ramp_up or row.year == "first_year")
        and (proof.has_contract or row.basis == "contractual")
    ]
    return sorted(rows, key=lambda row: (row.basis, row.year, row.knowledge))


def short_years(row: Output, needed: float) -> int:
    """Simulated years below the units needed."""
    return sum(units < needed for units in row.sample)


def draw(proof: ProofResult, year: Year, key: str) -> str:
    """The figure; empty if nothing was simulated for that year."""
    rows = panels(proof, year)
    if not rows:
        return ""
    scale = _scale(proof, rows)
    drawing = Drawing(
        key,
        say("Good units in each simulated year against the contract"),
        _description(proof, rows),
        TOP + PANEL * len(rows) + 18,
    )
    bottom = TOP + PANEL * len(rows) - 16
    words, labels = unit_labels(scale.ticks(7))
    drawing.axis(scale, bottom, labels, top=TOP)
    counted = ", ".join([say("good units a year"), *([words] if words else [])])
    drawing.write((WIDTH - RIGHT, bottom + 26), counted, "end", fill=MID)
    if proof.has_contract:
        _contract_line(drawing, proof, scale, bottom)
    for index, row in enumerate(rows):
        _panel(drawing, proof, row, scale, TOP + PANEL * index)
    return drawing.text()


def _finite(row: Output) -> bool:
    return bool(row.sample) and all(isfinite(units) for units in row.sample)


def _scale(proof: ProofResult, rows: list[Output]) -> Scale:
    values = [units for row in rows for units in row.sample]
    values += [bound for row in rows for bound in (row.low, row.high) if isfinite(bound)]
    values += [proof.needed, proof.promised] if proof.has_contract else []
    low, high = min(values), max(values)
    margin = (high - low) * 0.04 or max(abs(high) * 0.01, 1.0)
    return Scale(low - margin, high + margin, LEFT, WIDTH - RIGHT)


def _panel(drawing: Drawing, proof: ProofResult, row: Output, scale: Scale, top: float) -> None:
    """Columns, one tick a simulated year, and the range of one year with its mean below."""
    base = top + COLUMNS + 34
    needed = proof.needed if proof.has_contract else row.mean.mean
    step = round_step((scale.value_to - scale.value_from) / BINS)
    bins = Counter(floor((units - needed) / step + 1e-12) for units in row.sample)
    tallest = max(bins.values())
    chance = (proof.chances.first_year if row.year == "first_year" else proof.chances.steady_year).belief
    short_fill = ACCENT if chance.low < proof.header.wanted_chance else INK
    for index, count in sorted(bins.items()):
        left, right = scale.at(needed + index * step), scale.at(needed + (index + 1) * step)
        height = COLUMNS * count / tallest
        short = proof.has_contract and index < 0
        tip = say("{count} of {all} simulated years", count=count, all=len(row.sample))
        drawing.rect((left + 0.5, base - height, right - left - 1, height), short_fill if short else SOFT, tip=tip)
    for units in row.sample:
        x = scale.at(units)
        drawing.line((x, base + 2, x, base + 7), MID, 0.5)
    drawing.line((LEFT, base, WIDTH - RIGHT, base), LINE, 0.8)
    drawing.whisker(scale, (row.low, row.high), base + 13)
    drawing.circle(
        (scale.at(row.mean.mean), base + 13), 3.2, INK, tip=say("mean {units}", units=numbers.units(row.mean))
    )
    _panel_words(drawing, proof, row, scale, top)


def _panel_words(drawing: Drawing, proof: ProofResult, row: Output, scale: Scale, top: float) -> None:
    """What a panel shows and how many years are short, on the side where the contract's line is not."""
    is_left = not proof.has_contract or scale.at(proof.needed) > WIDTH * 0.35
    x, anchor = (LEFT, ANCHORS[0]) if is_left else (WIDTH - RIGHT, ANCHORS[1])
    drawing.write((x, top + 12), say(PANEL_WORDS[row.knowledge]), anchor, bold=True, halo=True)
    if proof.has_contract:
        count = short_years(row, proof.needed)
        short = say("{count} of {all} years short", count=count, all=len(row.sample))
        drawing.write((x, top + 27), short, anchor, fill=MID, halo=True)


def _contract_line(drawing: Drawing, proof: ProofResult, scale: Scale, bottom: float) -> None:
    x = scale.at(proof.needed)
    drawing.line((x, TOP - 14, x, bottom), INK, 1.75)
    before = x > WIDTH * 0.6
    at = x - 5 if before else x + 5
    if proof.needed != proof.promised:
        other = scale.at(proof.promised)
        drawing.line((other, TOP - 28, other, bottom), MID, 1, "4 3")
        drawing.write(
            (other + (-5 if before else 5), TOP - 21),
            say("promised {units}", units=numbers.grouped(proof.promised)),
            "end" if before else "start",
            fill=MID,
        )
    units = numbers.grouped(proof.needed)
    words = (
        say("needed {units}", units=units) if proof.needed != proof.promised else say("contract {units}", units=units)
    )
    drawing.write((at, TOP - 7), words, "end" if before else "start", bold=True, halo=True)


def _description(proof: ProofResult, rows: list[Output]) -> str:
    parts = []
    for row in rows:
        told = {
            "which": say("With beliefs and luck")
            if row.knowledge == "belief"
            else say("With luck only, every value certain"),
            "mean": numbers.units(row.mean),
            "low": numbers.about(row.low),
            "high": numbers.about(row.high),
        }
        if proof.has_contract:
            text = message(
                "{which}: mean {mean} good units; one year falls between {low} and {high}; {count} of {all} simulated years "
                "are short."
            )
            parts.append(say(text, **told, count=short_years(row, proof.needed), all=len(row.sample)))
        else:
            parts.append(say("{which}: mean {mean} good units; one year falls between {low} and {high}.", **told))
    return " ".join(parts)
