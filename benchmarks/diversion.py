"""How surely a diversion of a two-thousandth of the flow is found within its shift: ``python -m benchmarks.diversion``.

The twin tells some weeks of each reference plant; the book is folded as a real one is, and the proofs of what each passage held are
read from it. Then shift by shift is played again many times: every counter errs by a share of its count that is drawn anew
(normal, in 95 of 100 cases within the plant file's ``counts_within``), and in half of the plays units are taken out of one
passage, as many as a two-thousandth of what flows through it, evenly from the shift's begin to its end. What is called missing is
decided by the same function as on the page. Intervals are exact (Clopper & Pearson 1934, Biometrika 26, 404-413).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from fabrika.answers.balance import COVERAGE, comparisons_of, within
from fabrika.answers.proven import Passage, Proof, proofs
from fabrika.answers.shift_balance import BACK_US, kept_passages, proven
from fabrika.answers.ways import Ways
from fabrika.app.files import read_file
from fabrika.operations.genealogy.state import REDUCER, GenealogyState
from fabrika.plant.model import Plant
from fabrika.plant.shifts import calendar_at, shift_at
from fabrika.stats.intervals import clopper_pearson
from fabrika.twin.period import days
from fabrika.twin.tell_on import told

PLANTS = ("cartridge-20m", "bearings-6m")
ROOT = Path(__file__).resolve().parents[1] / "plants"
DIVERTED = 1 / 2_000
HOUR_US = 3_600_000_000
LOOKS = 4
"""Somebody looks so many times in a shift whether anything is missing."""
FOUND_BAR, ALARM_BAR = 0.99, 0.001


@dataclass(slots=True)
class Tally:
    """What was found of what was taken in one passage.

    Attributes:
        flow: units of each shift that was played.
        proven: shifts in which machines' words alone prove anything.
        taken: plays in which units were taken.
        alone, counted: those that were found by machines' words alone, and with a person's count at both ends of the shift.
    """

    flow: list[int] = field(default_factory=list)
    proven: int = 0
    taken: int = 0
    alone: int = 0
    counted: int = 0


Span = tuple[int, int]
LAST_US = 600_000_000
"""Counts of a shift have all come so long after it."""


def read(
    plant: Plant, length_days: float, shifts: list[Span]
) -> dict[Span, dict[Passage, tuple[list[Proof], list[Proof]]]]:
    """What a told book proves of each passage in each shift: by the machines' words, and if a person counts as it begins and ends."""
    state, period, found = REDUCER.empty(), days(plant, length_days, None), {}
    passages, wanted, zeros = kept_passages(Ways(plant)), list(shifts), dict[Passage, int]()
    for number, one in enumerate(one for _, said in told(plant, 1, period.start_us, length_days) for one in said):
        while wanted and one.at_us > wanted[0][1] + LAST_US:
            span = wanted.pop(0)
            words = {passage: proofs(state, passage, span[0] - BACK_US, span[1]) for passage in passages}
            zeros |= {passage: row.low for passage, rows in words.items() for row in rows if row.kind == "empty"}
            found[span] = {passage: (words[passage], counted(state, passage, span)) for passage in passages}
        if not wanted:
            break
        message = SimpleNamespace(at_us=one.at_us)
        REDUCER.apply(state, SimpleNamespace(event=one.event, message=message, position=number))  # type: ignore[arg-type]
    # What lay there as the book began is known wherever a passage was ever empty; elsewhere nothing hangs on it.
    return {
        span: {one: (words, [_less(row, zeros.get(one, 0)) for row in ends]) for one, (words, ends) in known.items()}
        for span, known in found.items()
    }


def _less(row: Proof, zero: int) -> Proof:
    return row._replace(content=(row.content[0] - zero, row.content[1] - zero))


def shifts_of(plant: Plant, from_us: int, to_us: int) -> list[tuple[int, int]]:
    """The working shifts of a plant's first line within a time."""
    found, at_us, calendar = [], from_us, calendar_at(plant, plant.lines[0])
    while at_us < to_us:
        shift = shift_at(calendar, plant.zone, at_us)
        if shift.now and shift.start_us >= from_us + 24 * HOUR_US and shift.end_us <= to_us:
            found.append((shift.start_us, shift.end_us))
        at_us = max(shift.end_us, at_us + HOUR_US)
    return sorted(set(found))


def played(found: list[Proof], errors: tuple[float, float], taken: int, span: tuple[int, int]) -> list[Proof]:
    """Proofs as erring counters would show them, if so many units were taken evenly over the shift."""
    if not found:
        return found
    shown, zero = [], found[0]
    for proof in found:
        gone_share = min(max((proof.at_us - span[0]) / (span[1] - span[0]), 0.0), 1.0)
        lost = round(taken * gone_share)
        came = zero.came[0] + round((proof.came[0] - zero.came[0]) * (1.0 + errors[0]))
        gone = zero.gone[0] + round((proof.gone[0] - lost - zero.gone[0]) * (1.0 + errors[1]))
        shown.append(proof._replace(came=(came, came), gone=(gone, gone)))
    return shown


def counted(state: GenealogyState, passage: Passage, span: tuple[int, int]) -> list[Proof]:
    """A person counts what lies in a passage as the shift begins and as it ends, to the unit."""
    before, behind = state.stations[passage.before].series, state.stations[passage.behind].series
    shown = []
    for at_us in span:
        came, other = before.at(at_us)[0].good, behind.at(at_us)[0]
        gone = passage.per * other.left if passage.per else other.entered
        shown.append(Proof(at_us, "counted", (came, came), (gone, gone), (came - gone, came - gone)))
    return shown


def play(plant: Plant, length_days: float, plays: int, rng: np.random.Generator) -> tuple[dict[str, Tally], int, int]:
    """Play the shifts of a plant; what was found by passage, plays with nothing taken, and how many of them cried wolf."""
    plan, period = Ways(plant), days(plant, length_days, None)
    passages, comparisons = kept_passages(plan), comparisons_of(plan)
    shares = {one: (within(plan, one.before), within(plan, one.behind)) for one in passages}
    names = sorted({name for one in passages for name in (one.before, one.behind)})
    tallies = {one: Tally() for one in passages}
    shifts = shifts_of(plant, period.start_us, period.end_us)
    known = read(plant, length_days, shifts)
    flows = {
        (one, span): known[span][one][1][1].came[0] - known[span][one][1][0].came[0]
        for one in passages
        for span in shifts
    }
    usual = {one: sum(flows[one, span] for span in shifts) / len(shifts) for one in passages}

    def cries(one: Passage, rows: list[Proof], errors: dict[str, float], taken: int, looks: tuple[int, ...]) -> bool:
        shown = played(rows, (errors[one.before], errors[one.behind]), taken, span)
        for at_us in looks:
            found = proven(one, [row for row in shown if row.at_us <= at_us], span[0], shares[one], comparisons)
            if found is not None and not found[0].fits:
                return True
        return False

    alarms = 0
    for span in shifts:
        words = {one: known[span][one][0] for one in passages}
        both = {one: sorted([*words[one], *known[span][one][1]], key=lambda proof: proof.at_us) for one in passages}
        quarters = tuple(span[0] + (span[1] - span[0]) * part // LOOKS for part in range(1, LOOKS + 1))
        working = [one for one in passages if flows[one, span] >= max(usual[one] / 2, 1 / DIVERTED)]
        for one in working:
            tallies[one].flow.append(flows[one, span])
            tallies[one].proven += proven(one, words[one], span[0], shares[one], comparisons) is not None
        for _ in range(plays):
            errors = {name: rng.normal(0.0, within(plan, name) / COVERAGE) for name in names}
            alarms += any(cries(one, both[one], errors, 0, quarters) for one in passages)
            if working:
                one = working[int(rng.integers(len(working)))]
                tally, taken = tallies[one], ceil(flows[one, span] * DIVERTED)
                tally.taken += 1
                tally.alone += cries(one, words[one], errors, taken, quarters[-1:])
                tally.counted += cries(one, both[one], errors, taken, quarters[-1:])
    return {f"{one.before} - {one.behind}": tally for one, tally in tallies.items()}, plays * len(shifts), alarms


def main() -> int:
    """Play and print; 1 if a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=float, default=42.0)
    parser.add_argument("--plays", type=int, default=200)
    options = parser.parse_args()
    missed = False
    for name in PLANTS:
        plant = read_file(ROOT / name / "plant.yaml")
        tallies, quiet, alarms = play(plant, options.days, options.plays, np.random.default_rng(1))
        print(f"\n{name}: {options.days:.0f} days told, each shift played {options.plays} times")
        print(f"{'passage':40s}{'units a shift':>14s}{'shifts proven':>15s}{'words alone':>16s}{'counted, too':>16s}")
        for passage, tally in tallies.items():
            flow = int(np.mean(tally.flow)) if tally.flow else 0
            print(
                f"{passage:40s}{flow:14,d}{f'{tally.proven} of {len(tally.flow)}':>15s}"
                f"{f'{tally.alone} of {tally.taken}':>16s}{f'{tally.counted} of {tally.taken}':>16s}"
            )
        taken = sum(one.taken for one in tallies.values())
        for what in ("alone", "counted"):
            found = sum(getattr(one, what) for one in tallies.values())
            low = clopper_pearson(found, taken, 0.95)
            print(f"found, {what}: {found:,} of {taken:,}: {found / taken:.3%}, {low.low:.3%} to {low.high:.3%}")
        missed |= low.low < FOUND_BAR
        wolf = clopper_pearson(alarms, quiet, 0.95)
        print(f"false alarms: {alarms} in {quiet:,} shifts, {wolf.low:.4%} to {wolf.high:.4%}")
        missed |= wolf.high > ALARM_BAR
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
