"""The proof: a first honest answer soon, then years, gradient and ways within a budget of seconds.

Random numbers are common: replication number i has the same luck with and without beliefs, in the first year and the
steady one, and with every change that is tried. So differences need few replications, and only the headline needs many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from fabrika.errors import RunRefusedError
from fabrika.plant.model import Plant
from fabrika.plant.parameters import parameters
from fabrika.plant.slots import Parameter
from fabrika.twin import bottleneck, contract, screening, sensitivity, ways
from fabrika.twin.chance import chance
from fabrika.twin.evidence import HEADLINE, STATED, Evidence, Findings, Kind, Question, Shell
from fabrika.twin.execution import Slope
from fabrika.twin.proof_result import ProofResult
from fabrika.wording import Worded

LEAST_BUDGET_S, MOST_BUDGET_S = 1.0, 7 * 86400.0
FIRST_YEARS, FIRST_ANSWER_YEARS, FIRST_ANSWER_S = 2, 8, 50.0
"""Pairs of years run first to learn their cost, those behind the first answer, and when it must be there."""
UNTIL = {"first": 0.35, "years": 0.54, "screening": 0.68, "gradient": 0.77, "ways": 0.97, "more": 0.99}
"""Share of the budget by whose end each part stops."""
MOST_YEARS, NARROW, ENOUGH_WITHOUT_CONTRACT = 2000, 0.01, 100
NARROW_FROM = 40
"""A fitted law alone says too much about the rare years: no chance counts as known from fewer years than this."""
LEAST_YEARS, LEAST_STEADY, STEADY_SHARE = 4, 2, 3
PATHS, PATH_WEEKS = 4, 0.3
PAIRS, MOST_PAIRS, STRONGEST, MOST_ROWS = 3, 8, 10, 400
FEWEST, FEW, MOST_FEW, MANY, MOST_MANY = 2, 1, 8, 4, 200
WAY_SHARE = 0.4
"""Share of the time for ways that goes into trying every lever at its end."""
FIXED_PAIRS = 4
STEADY: tuple[Kind, Kind] = (("steady_year", "belief"), ("steady_year", "luck"))


def prove(question: Question, shell: Shell) -> ProofResult:
    """Prove what the plant's contract promises, as sharply as the budget allows.

    An interruption after the second year ends the proof with what is known, marked as not complete.

    Raises:
        RunRefusedError: for a budget or a chance that cannot be.
        KeyboardInterrupt: interrupted before anything was known.
    """
    from fabrika.twin.proof_rows import assemble
    from fabrika.twin.replicate import layout

    check(question)
    names = layout(question.plant)
    bars = contract.promise(question.plant, names, question.contractual_ns)
    evidence = Evidence(question, shell, names, bars, begin_s=shell.clock())
    findings = Findings()
    known = {row.path: row for row in parameters(question.plant)}
    try:
        _first(evidence, findings)
        _years(evidence)
        _gradient(evidence, findings, known)
        _ways(evidence, findings, known)
        _more(evidence)
    except KeyboardInterrupt:
        if len(evidence.headline) < FIRST_YEARS:
            raise
        findings.complete = False
        findings.notes.append(Worded("Interrupted: everything known until then is shown."))
    return assemble(evidence, findings, known)


def check(question: Question) -> None:
    """Refuse a budget, a chance or a number of replications that cannot be."""
    if not LEAST_BUDGET_S <= question.budget_s <= MOST_BUDGET_S:
        raise RunRefusedError(f"A budget of {question.budget_s:g} s cannot be kept.", "Allow from 1 s to 7 days.")
    for share in (question.wanted, question.level):
        if not 0.5 <= share <= 0.9999:
            raise RunRefusedError(f"{share:g} is not a chance to ask for.", "Ask for 50 % to 99.99 %.")
    if question.replications is not None and not 2 <= question.replications <= MOST_YEARS:
        raise RunRefusedError(
            f"{question.replications} replications cannot be made.", f"Ask for 2 to {MOST_YEARS}, or leave it out."
        )


def _pairs(start: int, stop: int, kinds: Sequence[Kind] = (HEADLINE, STATED)) -> list[tuple[Kind, int]]:
    return [(kind, number) for number in range(start, stop) for kind in kinds]


def _first(evidence: Evidence, findings: Findings) -> None:
    """Two pairs to learn the cost, then as many years as the first answer's time holds."""
    question, shell = evidence.question, evidence.shell
    evidence.add(_pairs(0, FIRST_YEARS))
    fixed = question.replications
    if fixed is None:
        room = min(FIRST_ANSWER_S - shell.clock(), evidence.left_s(UNTIL["first"]))
        kinds = 2 if question.plant.beliefs else 1
        most = FIRST_YEARS + int(room / max(kinds * evidence.year_s, 1e-6))
        evidence.add(_pairs(FIRST_YEARS, max(FIRST_YEARS, min(FIRST_ANSWER_YEARS, most))))
    else:
        evidence.add(_pairs(FIRST_YEARS, fixed))
    if evidence.bars is not None:
        findings.first, _ = chance(evidence.margins(evidence.headline), question.level)
        shell.first_answer(findings.first)
    findings.first_s = shell.clock()


def _years(evidence: Evidence) -> None:
    """The years of the headline and their pairs, then fewer steady years, which only have to show the difference."""
    question = evidence.question
    if question.replications is not None:
        evidence.add(_pairs(0, question.replications, STEADY))
        return
    ramped = question.plant.ramp_up is not None
    steady = (UNTIL["years"] - UNTIL["first"] / 2) / (1 + STEADY_SHARE) if ramped else 0.0
    _until(evidence, UNTIL["years"] - steady)
    evidence.add(_pairs(0, max(LEAST_STEADY, len(evidence.headline) // STEADY_SHARE), STEADY))


def _until(evidence: Evidence, share: float) -> None:
    """More years of the headline until a share of the budget is spent, in pieces short enough to keep the time.

    Every second one is run without beliefs too: that tells luck from ignorance, and the headline is what must be sharp.
    """
    cost = 1.5 if evidence.question.plant.beliefs else 1.0
    while (done := len(evidence.headline)) < MOST_YEARS:
        affordable = int(evidence.affordable(share) / cost)
        if done >= LEAST_YEARS and (affordable < 1 or _is_narrow(evidence)):
            return
        size = max(1, round(evidence.shell.executor.workers / cost), min(affordable // 4, 64))
        until = min(MOST_YEARS, done + size)
        stated = len(evidence.of(*STATED))
        evidence.add(_pairs(done, until, (HEADLINE,)) + _pairs(stated, max(stated, math.ceil(until / 2)), (STATED,)))


def _is_narrow(evidence: Evidence, kind: Kind = HEADLINE) -> bool:
    """Whether the chance is known as well as anyone will ask; without a contract, so many years."""
    runs = evidence.of(*kind)
    if evidence.bars is None:
        return len(runs) >= ENOUGH_WITHOUT_CONTRACT
    if len(runs) < NARROW_FROM:
        return False
    found, _ = chance(evidence.margins(runs), evidence.question.level)
    return found.high - found.low <= NARROW


def _gradient(evidence: Evidence, findings: Findings, known: dict[str, Parameter]) -> None:
    """Path derivatives for all parameters they reach, weeks for the rest; paired differences of years for the strongest first."""
    question = evidence.question
    fixed = question.replications
    slopes = [Slope(question.plant, question.first, question.seed, number, PATH_WEEKS) for number in range(PATHS)]
    paths = evidence.run(slopes, Worded("path derivatives"))
    before = evidence.units(evidence.of(*STATED))
    findings.path = sensitivity.path_rows(list(known.values()), paths, float(before.mean()), question.level)
    affordable = evidence.affordable(UNTIL["gradient"])
    if not fixed and affordable < PAIRS * len(known):
        reached = {row.parameter for row in findings.path}
        findings.weeks = screening.screen(evidence, known, reached, UNTIL["screening"])
        affordable = evidence.affordable(UNTIL["gradient"])
    pairs = (
        min(FIXED_PAIRS, len(before)) if fixed else min(len(before), MOST_PAIRS, max(PAIRS, affordable // len(known)))
    )
    rows = _candidates(evidence, findings, known)
    together = max(1, math.ceil(2 * evidence.shell.executor.workers / pairs))
    while rows:
        room = together if fixed else min(together, evidence.affordable(UNTIL["gradient"]) // pairs)
        if room < 1:
            left = len({row.path for row in rows} - {row.parameter for row in (*findings.path, *findings.weeks)})
            if left:
                findings.notes.append(
                    Worded("The budget ended before {left} parameters of the gradient were reached.", left=left)
                )
            break
        steps = [step for row in rows[:room] if (step := sensitivity.step(question.plant, row)) is not None]
        rows = rows[room:]
        tasks = [evidence.task(STATED, number, step.plant) for step in steps for number in range(pairs)]
        after = evidence.units(evidence.run(tasks, Worded("gradient")))
        for k, step in enumerate(steps):
            moved = list(after[k * pairs : (k + 1) * pairs])
            findings.paired.append(sensitivity.paired_row(step, moved, list(before[:pairs]), question.level))


def _candidates(evidence: Evidence, findings: Findings, known: dict[str, Parameter]) -> list[Parameter]:
    """Parameters for paired differences, the most promising first; after the strongest only those without a path row."""
    plant = evidence.question.plant
    found = [*findings.path, *findings.weeks]
    reached = {row.parameter for row in found}
    ranked = sorted(found, key=lambda row: -sensitivity.strength(row))
    order = [row.parameter for row in ranked[:STRONGEST]]
    order += [path for path in known if path not in reached and _plantwide(path)]
    order += [lever.path for lever in plant.levers if lever.path not in reached]
    order += [belief.path for belief in plant.beliefs if belief.path not in reached]
    often = bottleneck.bottlenecks(evidence.layout, evidence.of(*STATED), {})
    for row in often:
        order += [path for path in known if path.startswith(f"{row.station}.") and path not in reached]
    order += [path for path in known if path not in reached]
    wanted = [known[path] for path in dict.fromkeys(order) if path in known]
    return [parameter for parameter in wanted if sensitivity.can_move_output(parameter)][:MOST_ROWS]


def _plantwide(path: str) -> bool:
    """Whether a parameter belongs to the plant and not to one station."""
    return path.split(".", 1)[0] in {"crews", "outages", "supplies"} or path.endswith(".lots.rejected")


def _ways(evidence: Evidence, findings: Findings, known: dict[str, Parameter]) -> None:
    """Levers tried on the luck of the headline's years."""
    question = evidence.question
    if evidence.bars is None:
        return
    runs = evidence.headline
    base = ways.Base(question.plant, evidence.margins(runs), evidence.units(runs), question.wanted, question.level)
    fixed = question.replications
    afford = evidence.affordable(UNTIL["ways"])
    count = max(1, len(ways.pushes(question.plant, known)))
    few = min(FIXED_PAIRS, len(runs)) if fixed else min(len(runs), MOST_FEW, max(FEW, int(WAY_SHARE * afford) // count))
    trials = ways.MOST_FOUND * ways.TRIALS
    many = len(runs) if fixed else min(len(runs), MOST_MANY, max(MANY, (afford - few * count) // trials))
    cut = False

    def rerun(plants: Sequence[Plant], years: int) -> list[dict[int, tuple[float, float]]]:
        nonlocal cut
        kind = evidence.kind(*HEADLINE)
        together = max(1, math.ceil(2 * evidence.shell.executor.workers / years))
        found: list[dict[int, tuple[float, float]]] = []
        for i in range(0, len(plants), together):
            chunk = plants[i : i + together]
            fits = years if fixed else min(years, evidence.affordable(UNTIL["ways"]) // len(chunk))
            if fits < min(years, FEWEST):
                cut = True
                found += [{}] * len(chunk)
                continue
            tasks = [evidence.task(kind, number, plant) for plant in chunk for number in range(fits)]
            after = evidence.run(tasks, Worded("ways"))
            pairs = list(zip(evidence.margins(after).tolist(), evidence.units(after).tolist(), strict=True))
            found += [dict(enumerate(pairs[k * fits : (k + 1) * fits])) for k in range(len(chunk))]
        return found

    findings.ways = ways.search(base, known, rerun, few, many)
    if cut:
        findings.notes.append(Worded("The budget ended before every lever was followed to its end."))
        findings.ways = replace(
            findings.ways, statement=Worded("{statement} The search was cut short.", statement=findings.ways.statement)
        )


def _more(evidence: Evidence) -> None:
    """What time is left sharpens the headline, then the steady year."""
    if evidence.question.replications is not None:
        return
    _until(evidence, UNTIL["more"])
    steady, kinds = STEADY[0], 2 if evidence.question.plant.beliefs else 1
    while (done := len(evidence.of(*steady))) < MOST_YEARS and not _is_narrow(evidence, steady):
        affordable = evidence.affordable(UNTIL["more"]) // kinds
        if affordable < 1:
            return
        evidence.add(_pairs(done, min(MOST_YEARS, done + max(1, min(affordable // 4, 64))), STEADY))
