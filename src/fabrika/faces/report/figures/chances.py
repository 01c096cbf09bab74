"""Chances on one axis from 0 to 100 %: a point with its interval, against the chance asked for."""

from __future__ import annotations

from dataclasses import dataclass

from fabrika.faces.language import say
from fabrika.faces.report import numbers
from fabrika.faces.report.svg import ACCENT, INK, LINE, MID, PAPER, WIDTH, Drawing, Scale
from fabrika.faces.report.words import name
from fabrika.twin.proof_result import Estimate, ProofResult, Way

LABELS, RIGHT, TOP = 228.0, 132.0, 22.0


@dataclass(frozen=True, slots=True)
class Row:
    """One chance: its words, and whether the point is hollow (a comparison) or needs a person."""

    words: str
    chance: Estimate
    hollow: bool = False
    accent: bool = False


def draw_answer(proof: ProofResult, key: str) -> str:
    """The chances of the first and the steady year, with and without beliefs; empty without a contract."""
    if not proof.has_contract:
        return ""
    years = [(say("First year") if proof.has_ramp_up else say("A year"), proof.chances.first_year)]
    if proof.has_ramp_up:
        years.append((say("Steady year"), proof.chances.steady_year))
    rows = []
    wanted = proof.header.wanted_chance
    for words, chances in years:
        if proof.has_beliefs:
            rows.append(Row(f"{words}, {say('beliefs and luck')}", chances.belief, accent=chances.belief.low < wanted))
        rows.append(
            Row(
                f"{words}, {say('luck only')}",
                chances.luck,
                hollow=proof.has_beliefs,
                accent=not proof.has_beliefs and chances.luck.low < wanted,
            )
        )
    return _draw(key, say("Chance that the contract is met"), rows, wanted, 24.0)


def draw_ways(ways: tuple[Way, ...], wanted: float, key: str) -> str:
    """Before and after of each way; empty without any."""
    rows = []
    for number, way in enumerate(ways, 1):
        what = say(" and ").join(change.name or change.parameter for change in way.changes)
        rows.append(Row(f"{number}. {name(what, 32)}: {say('today')}", way.chance_before, hollow=True))
        rows.append(Row(f"\u2003 {say('with the change')}", way.chance_after))
    return _draw(key, say("Chance of the contract before and after each way"), rows, wanted, 22.0) if rows else ""


def _draw(key: str, title: str, rows: list[Row], wanted: float, height: float) -> str:
    rows = [row for row in rows if numbers.is_given(row.chance)]
    bottom = TOP + height * len(rows) + 2
    described = " ".join(
        f"{row.words.strip()}: {numbers.chance(row.chance)} ({numbers.chance_between(row.chance)})." for row in rows
    )
    asked = say("Chance asked for: {wanted}.", wanted=numbers.stated(wanted))
    drawing = Drawing(key, title, f"{described} {asked}", bottom + 20)
    scale = Scale(0.0, 1.0, LABELS, WIDTH - RIGHT)
    drawing.axis(scale, bottom, [(share / 10, numbers.percent(share / 10)) for share in range(0, 11, 2)], top=TOP)
    x = scale.at(wanted)
    drawing.line((x, TOP - 6, x, bottom), INK, 1.5, "5 3")
    mark = say("asked for: {wanted}", wanted=numbers.stated(wanted))
    drawing.write((x, TOP - 10), mark, "end" if wanted > 0.7 else "middle", fill=INK, size=10)
    for index, row in enumerate(rows):
        y = TOP + height * (index + 0.5)
        colour = ACCENT if row.accent else MID if row.hollow else INK
        drawing.write((0, y + 4), row.words, fill=MID if row.hollow else INK)
        drawing.line((LABELS, y, WIDTH - RIGHT, y), LINE, 0.5)
        drawing.whisker(scale, (row.chance.low, row.chance.high), y, colour)
        tip = f"{numbers.chance(row.chance)} ({numbers.chance_between(row.chance)})"
        drawing.circle((scale.at(row.chance.mean), y), 4, PAPER if row.hollow else colour, tip=tip, stroke=colour)
        drawing.write((WIDTH - RIGHT + 10, y + 4), numbers.chance(row.chance), bold=not row.hollow, fill=INK)
        drawing.write((WIDTH, y + 4), f"{numbers.chance_between(row.chance)}", "end", fill=MID, size=9.5)
    return drawing.text()
