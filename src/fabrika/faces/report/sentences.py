"""The answer in plain sentences: what a reader takes away who reads nothing else."""

from __future__ import annotations

from typing import Literal

from fabrika.faces.report import numbers
from fabrika.faces.report.words import name
from fabrika.twin.proof_result import Chances, Estimate, Loss, ProofResult, Way

Verdict = Literal["reached", "missed", "open", "no contract"]

WIDE = 0.2
"""Width of a chance's interval from which on the interval is told before the mean."""


def verdict(proof: ProofResult) -> Verdict:
    """How the headline chance stands to the wanted one; ``open`` where the interval holds both answers."""
    if not proof.has_contract:
        return "no contract"
    if proof.chance_met.low >= proof.header.wanted_chance:
        return "reached"
    return "missed" if proof.chance_met.high < proof.header.wanted_chance else "open"


def is_wide(chance: Estimate) -> bool:
    """Whether the interval is too wide for the mean to lead."""
    return chance.high - chance.low >= WIDE


def headline(proof: ProofResult) -> str:
    """The whole answer in one sentence."""
    if not proof.has_contract:
        return (
            f"The plant makes {numbers.units(proof.units_per_year)} good units in the year proved "
            f"({_level(proof)} interval: {numbers.units_between(proof.units_per_year)}); "
            "the plant file states no contract to compare this with."
        )
    promise = f"{numbers.grouped(proof.promised)} good units"
    year = "in the first year" if proof.has_ramp_up else "in a year"
    chance = proof.chance_met
    if is_wide(chance):
        return f"The chance that the plant meets its contract of {promise} {year} lies {numbers.chance_span(chance)}."
    told = numbers.chance_told(chance)
    return (
        f"The plant meets its contract of {promise} {year} with a chance "
        f"{told if told.startswith(('above', 'below')) else f'of {told}'}."
    )


def against_wanted(proof: ProofResult) -> str:
    """How the answer stands to the chance that was asked for; empty without a contract."""
    wanted = numbers.stated(proof.header.wanted_chance)
    return {
        "reached": f"The chance asked for, {wanted}, is reached.",
        "missed": f"The chance asked for, {wanted}, is not reached.",
        "open": f"Whether the chance asked for, {wanted}, is reached, this proof cannot say yet: "
        "the interval holds both answers.",
        "no contract": "",
    }[verdict(proof)]


def how_sure(proof: ProofResult) -> list[str]:
    """How sharp the answer is, and what would sharpen it."""
    sharp, lines = proof.sharpness, []
    behind = f"{numbers.grouped(sharp.replications)} simulated years"
    if not proof.has_contract:
        lines.append(f"The figure rests on {behind}.")
    elif is_wide(proof.chance_met):
        lines.append(
            f"The figure is not sharp: after {behind} the proof can only say that the chance lies "
            f"{numbers.chance_span(proof.chance_met)} (mean {numbers.chance(proof.chance_met)}). "
            "A longer budget makes it sharper."
        )
    else:
        lines.append(
            f"The figure rests on {behind}; with a confidence of {_level(proof)} the chance lies "
            f"{numbers.chance_span(proof.chance_met)}."
        )
    if not sharp.complete:
        lines.append("The proof did not finish: it was interrupted, or its time ended before every part was done.")
    return lines


def without_beliefs(proof: ProofResult) -> str:
    """What the answer would be if every value in the file were certain."""
    if not proof.has_beliefs:
        return "The plant file states no uncertainty about its values; this answer holds only if all of them are right."
    luck = proof.chances.first_year.luck
    year = "in the first year" if proof.has_ramp_up else "in a year"
    return f"If every value in the plant file were certain, the chance {year} would be {numbers.chance_told(luck)}."


def steady_year(proof: ProofResult) -> str:
    """The answer for a year after the ramp-up."""
    if not proof.has_ramp_up:
        return "The plant file states no ramp-up, so the first year and a steady year are the same."
    chance = proof.chances.steady_year.belief
    return f"In a steady year, after the ramp-up, the chance is {numbers.chance_told(chance)}."


def in_the_way(proof: ProofResult) -> str:
    """What holds the plant back, in one sentence."""
    if not proof.constraint:
        return "No single station could be named as the constraint."
    sentence = f"The constraint is {name(proof.constraint)}"
    if proof.moves > 0:
        place = "week" if proof.moves_basis == "weeks" else "simulated year"
        return f"{sentence}; in {numbers.percent(proof.moves)} of the {place}s another station was."
    return f"{sentence}, throughout."


def largest_losses(proof: ProofResult, count: int = 3) -> list[Loss]:
    """The largest losses within the working calendar."""
    rows = [row for row in proof.losses if row.cause != "off_shift" and row.units > 0]
    return sorted(rows, key=lambda row: -row.units)[:count]


def matters_most(proof: ProofResult) -> str:
    """Which unknown costs most certainty; empty where the file states none."""
    if not proof.unknowns:
        return ""
    first = max(proof.unknowns, key=lambda unknown: unknown.share)
    if first.share <= 0:
        return "Which unknown matters most, this proof did not reach."
    reached = sum(unknown.reached for unknown in proof.unknowns)
    if reached < len(proof.unknowns):
        return (
            f"Of the {reached} unknowns that this proof reached, of {len(proof.unknowns)}, {name(first.parameter)} matters "
            f"most: it accounts for {numbers.percent(first.share)} of what they add to the spread."
        )
    return (
        f"The unknown that matters most is {name(first.parameter)}: it accounts for {numbers.percent(first.share)} "
        "of what ignorance adds to the spread. Measuring it would help most to know better."
    )


def change_words(way: Way) -> str:
    """The changes of one way, as one clause."""
    return " and ".join(
        f"{name(change.name or change.parameter)} from {name(change.value_from)} to {name(change.value_to)}"
        for change in way.changes
    )


def way_words(way: Way) -> str:
    """One way with its chance and cost, as one sentence."""
    cost = "" if way.cost is None else f" for {numbers.grouped(way.cost)} {name(way.currency)}".rstrip()
    return (
        f"{change_words(way)}{cost}: the chance rises from {numbers.chance(way.chance_before)} to "
        f"{numbers.chance_told(way.chance_after)}."
    )


def chance_rows(proof: ProofResult) -> list[tuple[str, str, Chances]]:
    """The chances that differ from one another: year, calendar, chances."""
    rows = [("first year", "contractual", proof.chances.first_year)]
    if proof.has_ramp_up:
        rows.append(("steady year", "contractual", proof.chances.steady_year))
    rows.append(("first year", "working", proof.chances_working.first_year))
    if proof.has_ramp_up:
        rows.append(("steady year", "working", proof.chances_working.steady_year))
    return rows


def _level(proof: ProofResult) -> str:
    return numbers.stated(proof.header.interval_level)
