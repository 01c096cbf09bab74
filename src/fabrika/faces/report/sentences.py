"""The answer in plain sentences: what a reader takes away who reads nothing else."""

from __future__ import annotations

from typing import Literal

from fabrika.faces.language import message, say
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
        return say(
            "The plant makes {units} good units in the year proved ({level} interval: {between}); the plant file states no "
            "contract to compare this with.",
            units=numbers.units(proof.units_per_year),
            level=_level(proof),
            between=numbers.units_between(proof.units_per_year),
        )
    units, chance = numbers.grouped(proof.promised), proof.chance_met
    if is_wide(chance):
        text = (
            message("The chance that the plant meets its contract of {units} good units in the first year lies {span}.")
            if proof.has_ramp_up
            else message("The chance that the plant meets its contract of {units} good units in a year lies {span}.")
        )
        return say(text, units=units, span=numbers.chance_span(chance))
    told = numbers.chance_told(chance)
    if numbers.bound(chance):
        text = (
            message("The plant meets its contract of {units} good units in the first year with a chance {bound}.")
            if proof.has_ramp_up
            else message("The plant meets its contract of {units} good units in a year with a chance {bound}.")
        )
        return say(text, units=units, bound=told)
    text = (
        message("The plant meets its contract of {units} good units in the first year with a chance of {chance}.")
        if proof.has_ramp_up
        else message("The plant meets its contract of {units} good units in a year with a chance of {chance}.")
    )
    return say(text, units=units, chance=told)


def against_wanted(proof: ProofResult) -> str:
    """How the answer stands to the chance that was asked for; empty without a contract."""
    text = {
        "reached": message("The chance asked for, {wanted}, is reached."),
        "missed": message("The chance asked for, {wanted}, is not reached."),
        "open": message(
            "Whether the chance asked for, {wanted}, is reached, this proof cannot say yet: the interval holds both answers."
        ),
        "no contract": "",
    }[verdict(proof)]
    return say(text, wanted=numbers.stated(proof.header.wanted_chance))


def how_sure(proof: ProofResult) -> list[str]:
    """How sharp the answer is, and what would sharpen it."""
    sharp, lines = proof.sharpness, []
    years = numbers.grouped(sharp.replications)
    if not proof.has_contract:
        lines.append(say("The figure rests on {years} simulated years.", years=years))
    elif is_wide(proof.chance_met):
        lines.append(
            say(
                "The figure is not sharp: after {years} simulated years the proof can only say that the chance lies {span} "
                "(mean {mean}). A longer budget makes it sharper.",
                years=years,
                span=numbers.chance_span(proof.chance_met),
                mean=numbers.chance(proof.chance_met),
            )
        )
    else:
        lines.append(
            say(
                "The figure rests on {years} simulated years; with a confidence of {level} the chance lies {span}.",
                years=years,
                level=_level(proof),
                span=numbers.chance_span(proof.chance_met),
            )
        )
    if not sharp.complete:
        lines.append(say("The proof did not finish: it was interrupted, or its time ended before every part was done."))
    return lines


def without_beliefs(proof: ProofResult) -> str:
    """What the answer would be if every value in the file were certain."""
    if not proof.has_beliefs:
        return say(
            "The plant file states no uncertainty about its values; this answer holds only if all of them are right."
        )
    text = (
        message("If every value in the plant file were certain, the chance in the first year would be {chance}.")
        if proof.has_ramp_up
        else message("If every value in the plant file were certain, the chance in a year would be {chance}.")
    )
    return say(text, chance=numbers.chance_told(proof.chances.first_year.luck))


def steady_year(proof: ProofResult) -> str:
    """The answer for a year after the ramp-up."""
    if not proof.has_ramp_up:
        return say("The plant file states no ramp-up, so the first year and a steady year are the same.")
    chance = proof.chances.steady_year.belief
    return say("In a steady year, after the ramp-up, the chance is {chance}.", chance=numbers.chance_told(chance))


def in_the_way(proof: ProofResult) -> str:
    """What holds the plant back, in one sentence."""
    if not proof.constraint:
        return say("No single station could be named as the constraint.")
    station = name(proof.constraint)
    if proof.moves > 0:
        text = (
            message("The constraint is {station}; in {share} of the weeks another station was.")
            if proof.moves_basis == "weeks"
            else message("The constraint is {station}; in {share} of the simulated years another station was.")
        )
        return say(text, station=station, share=numbers.percent(proof.moves))
    return say("The constraint is {station}, throughout.", station=station)


def largest_losses(proof: ProofResult, count: int = 3) -> list[Loss]:
    """The largest losses within the working calendar."""
    rows = [row for row in proof.losses if row.cause != "off_shift" and row.units > 0]
    return sorted(rows, key=lambda row: -row.units)[:count]


def acceptance(proof: ProofResult) -> str:
    """What the table of acceptance runs says."""
    return say(
        "A run shows the plant's luck as well as the plant: the smaller the shortfall that it must reveal, the longer it lasts. Each run "
        "is the shortest in a steady year that passes the plant as the file states it and refuses one that "
        "falls short by so much; only working days count, and the stops are those of {station}.",
        station=name(proof.constraint),
    )


def acceptance_run(proof: ProofResult) -> str:
    """The acceptance run that reveals a middling shortfall, in one sentence; empty where none can."""
    if not proof.acceptance:
        return ""
    row = proof.acceptance[len(proof.acceptance) // 2]
    return say(
        "An acceptance run of {days} working days and {units} good units passes the plant as stated in {stated} of cases, and one "
        "that falls {short} short in {lesser}.",
        days=numbers.grouped(row.days),
        units=numbers.grouped(row.units),
        stated=numbers.percent(row.stated_passes),
        short=numbers.percent(row.short),
        lesser=numbers.percent(row.short_passes),
    )


def matters_most(proof: ProofResult) -> str:
    """Which unknown costs most certainty; empty where the file states none."""
    if not proof.unknowns:
        return ""
    first = max(proof.unknowns, key=lambda unknown: unknown.share)
    if first.share <= 0:
        return say("Which unknown matters most, this proof did not reach.")
    reached = sum(unknown.reached for unknown in proof.unknowns)
    if reached < len(proof.unknowns):
        return say(
            "Of the {reached} unknowns that this proof reached, of {all}, {parameter} matters most: it accounts for {share} "
            "of what they add to the spread.",
            reached=reached,
            all=len(proof.unknowns),
            parameter=name(first.parameter),
            share=numbers.percent(first.share),
        )
    return say(
        "The unknown that matters most is {parameter}: it accounts for {share} of what ignorance adds to the spread. "
        "Measuring it would help most to know better.",
        parameter=name(first.parameter),
        share=numbers.percent(first.share),
    )


def change_words(way: Way) -> str:
    """The changes of one way, as one clause."""
    changes = (
        say(
            "{what} from {first} to {last}",
            what=name(change.name or change.parameter),
            first=name(change.value_from),
            last=name(change.value_to),
        )
        for change in way.changes
    )
    return say(" and ").join(changes)


def way_words(way: Way) -> str:
    """One way with its chance and cost, as one sentence."""
    before, after = numbers.chance(way.chance_before), numbers.chance_told(way.chance_after)
    if way.cost is None:
        return say(
            "{change}: the chance rises from {before} to {after}.", change=change_words(way), before=before, after=after
        )
    return say(
        "{change} for {cost}: the chance rises from {before} to {after}.",
        change=change_words(way),
        cost=f"{numbers.grouped(way.cost)} {name(way.currency)}".rstrip(),
        before=before,
        after=after,
    )


def year_words(year: str) -> str:
    """``first_year`` or ``steady_year`` in words."""
    return say("first year") if year == "first_year" else say("steady year")


def basis_words(basis: str) -> str:
    """``contractual`` or ``working``, the calendar counted by, in words."""
    return say("contractual") if basis == "contractual" else say("working")


def chance_rows(proof: ProofResult) -> list[tuple[str, str, Chances]]:
    """The chances that differ from one another: year, calendar, chances."""
    rows = [(year_words("first_year"), basis_words("contractual"), proof.chances.first_year)]
    if proof.has_ramp_up:
        rows.append((year_words("steady_year"), basis_words("contractual"), proof.chances.steady_year))
    rows.append((year_words("first_year"), basis_words("working"), proof.chances_working.first_year))
    if proof.has_ramp_up:
        rows.append((year_words("steady_year"), basis_words("working"), proof.chances_working.steady_year))
    return rows


def _level(proof: ProofResult) -> str:
    return numbers.stated(proof.header.interval_level)
