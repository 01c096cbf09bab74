"""From evidence to the rows of a proof."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fabrika.plant.calendar import open_h, text_of_calendar
from fabrika.plant.model import Calendar, Plant
from fabrika.plant.slots import Parameter, slot
from fabrika.twin import acceptance, bottleneck, contract, ignorance, kpi, sensitivity, study
from fabrika.twin.chance import chance, paired_chance
from fabrika.twin.evidence import HEADLINE, STATED, Evidence, Findings
from fabrika.twin.proof_result import (
    Basis,
    BeliefRow,
    CalendarRow,
    Chances,
    Criterion,
    Estimate,
    GradientRow,
    Header,
    Knowledge,
    LeverRow,
    Output,
    ProofResult,
    Sharpness,
    StationRow,
    StopRow,
    Ways,
    Year,
    YearChances,
)
from fabrika.twin.results import STATES, Replication
from fabrika.wording import Worded

if TYPE_CHECKING:
    from numpy.typing import NDArray

YEARS: tuple[Year, ...] = ("first_year", "steady_year")
KNOWLEDGE: tuple[Knowledge, ...] = ("luck", "belief")
NOTHING = Estimate(0.0, 0.0, 0.0)


def assemble(evidence: Evidence, findings: Findings, known: dict[str, Parameter]) -> ProofResult:
    """All rows of the proof from what was simulated."""
    question, plant = evidence.question, evidence.question.plant
    runs = evidence.headline
    gradient = sensitivity.merged(findings.weeks, findings.path, findings.paired)
    often = _bottlenecks(evidence, gradient)
    chances = _chances(evidence, "contractual")
    headline, method = (NOTHING, Worded("no contract")) if evidence.bars is None else _total(evidence)
    first = plant.contract
    luck, belief = _pairs(evidence)
    believes = bool(plant.beliefs) and len(belief) > 1
    return ProofResult(
        header=_header(evidence),
        sharpness=_sharpness(evidence, findings, headline, method),
        has_contract=first is not None,
        has_beliefs=bool(plant.beliefs),
        has_ramp_up=plant.ramp_up is not None,
        promised=first.units_per_year if first is not None else 0.0,
        needed=evidence.bars.needed[0] if evidence.bars is not None else 0.0,
        chance_met=headline,
        chances=chances,
        chances_working=_chances(evidence, "working"),
        units_per_year=study.student(evidence.units(runs), question.level),
        criteria=_criteria(evidence),
        outputs=_outputs(evidence),
        variance=ignorance.variance(evidence.units(luck), evidence.units(belief)) if believes else None,
        unknowns=_unknowns(evidence, known, gradient, luck, belief) if believes else (),
        constraint=often[0].station if often else "",
        moves=1.0 - often[0].share if often else 0.0,
        moves_basis="weeks",
        bottleneck_method=bottleneck.METHOD,
        bottlenecks=often,
        losses=bottleneck.losses(plant, evidence.layout, runs, often[0].station) if often else (),
        gradient=gradient,
        ways=findings.ways or _no_ways(evidence, findings),
        acceptance=acceptance.rows(
            evidence.bars,
            evidence.layout,
            evidence.of("steady_year", "luck"),
            often[0].station if often else "",
        ),
        stations=_stations(evidence, runs),
        stops=tuple(StopRow(row.id, row.station, row.mean) for row in study.stop_results(evidence.layout, runs)),
        beliefs=tuple(
            BeliefRow(row.path, known[row.path].text if row.path in known else "", row.text) for row in plant.beliefs
        ),
        levers=_levers(plant),
        calendars=_calendars(evidence),
        facts=plant.facts,
        assumptions=plant.assumptions,
        basis_text=contract.basis_text(plant),
        mtbf_formula=kpi.MTBF_TEXT[kpi.MTBF_FORMULA],
    )


def _header(evidence: Evidence) -> Header:
    question, plant = evidence.question, evidence.question.plant
    return Header(
        plant_id=plant.id,
        plant_name=plant.name,
        sha256=plant.sha256,
        changes=plant.changes,
        version=question.version,
        seed=question.seed,
        budget_s=question.budget_s,
        spent_s=evidence.shell.clock(),
        workers=evidence.shell.executor.workers,
        wanted_chance=question.wanted,
        interval_level=question.level,
        period_from=study.local_time(plant, question.first.start_us),
        period_to=study.local_time(plant, question.first.end_us),
        zone=plant.zone_name,
    )


def _sharpness(evidence: Evidence, findings: Findings, headline: Estimate, method: str) -> Sharpness:
    return Sharpness(
        replications=len(evidence.headline),
        years_simulated=evidence.simulated,
        width=headline.high - headline.low,
        method=method,
        first_answer_s=findings.first_s,
        first_answer=findings.first or NOTHING,
        complete=findings.complete,
        notes=tuple(findings.notes),
        seconds_per_year=evidence.year_s * evidence.shell.executor.workers,
    )


def _total(evidence: Evidence) -> tuple[Estimate, str]:
    return chance(evidence.margins(evidence.headline), evidence.question.level)


def _chance(evidence: Evidence, year: Year, knowledge: Knowledge, margins: dict[Any, NDArray[Any]]) -> Estimate:
    """Chance of one kind of year; a kind with fewer replications than the first year leans on the first year's luck."""
    level = evidence.question.level
    own = margins[evidence.kind(year, knowledge)]
    whole = margins[evidence.kind("first_year", knowledge)]
    if year == "steady_year" and 0 < len(own) < len(whole):
        return paired_chance(whole, dict(enumerate(own.tolist())), level)
    return chance(own, level)[0] if len(own) else NOTHING


def _by_kind(evidence: Evidence, measure: Any) -> dict[Any, NDArray[Any]]:
    import numpy as np

    kinds = {evidence.kind(year, knowledge) for year in YEARS for knowledge in KNOWLEDGE}
    return {kind: np.array([measure(run) for run in evidence.years.get(kind, [])], dtype=float) for kind in kinds}


def _year_chances(evidence: Evidence, measure: Any) -> YearChances:
    margins = _by_kind(evidence, measure)
    rows = {(year, knowledge): _chance(evidence, year, knowledge, margins) for year in YEARS for knowledge in KNOWLEDGE}
    return YearChances(
        Chances(rows["first_year", "luck"], rows["first_year", "belief"]),
        Chances(rows["steady_year", "luck"], rows["steady_year", "belief"]),
    )


def _chances(evidence: Evidence, basis: Basis) -> YearChances:
    bars = evidence.bars
    if bars is None:
        return YearChances(Chances(NOTHING, NOTHING), Chances(NOTHING, NOTHING))
    return _year_chances(evidence, lambda run: contract.margin(bars, run, basis))


def _criteria(evidence: Evidence) -> tuple[Criterion, ...]:
    bars = evidence.bars
    if bars is None:
        return ()

    def margin(run: Replication, i: int) -> float:
        return contract.criterion_units(bars, run, "contractual")[i] / bars.needed[i] - 1.0

    return tuple(
        Criterion(
            id=name,
            promised=bars.promised[i],
            needed=bars.needed[i],
            units=study.student(
                [contract.criterion_units(bars, run, "contractual")[i] for run in evidence.headline],
                evidence.question.level,
            ),
            chance=_year_chances(evidence, lambda run, i=i: margin(run, i)),
        )
        for i, name in enumerate(bars.ids)
    )


def _outputs(evidence: Evidence) -> tuple[Output, ...]:
    rows = []
    bases: tuple[Basis, ...] = ("contractual", "working")
    for year in YEARS:
        for knowledge in KNOWLEDGE:
            runs = evidence.of(year, knowledge)
            rows += [_output(evidence, runs, (year, knowledge), basis) for basis in bases if runs]
    return tuple(rows)


def _output(evidence: Evidence, runs: list[Replication], kind: tuple[Year, Knowledge], basis: Basis) -> Output:
    from scipy.special import stdtrit

    units, level = evidence.units(runs, basis), evidence.question.level
    n, mean = len(units), float(units.mean())
    sd = float(units.std(ddof=1)) if n > 1 else 0.0
    # Prediction interval of one more year (ISO 16269-8, normal law with both parameters estimated).
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * sd * math.sqrt(1 + 1 / n) if n > 1 else 0.0
    return Output(*kind, basis, study.student(units, level), sd, mean - half, mean + half, tuple(units.tolist()))


def _pairs(evidence: Evidence) -> tuple[list[Replication], list[Replication]]:
    """Years with the same luck, as stated and with beliefs drawn."""
    luck, belief = evidence.of(*STATED), evidence.of(*HEADLINE)
    n = min(len(luck), len(belief))
    return luck[:n], belief[:n]


def _unknowns(
    evidence: Evidence,
    known: dict[str, Parameter],
    gradient: Sequence[GradientRow],
    luck: list[Replication],
    belief: list[Replication],
) -> tuple[Any, ...]:
    shifts = evidence.units(belief) - evidence.units(luck)
    return ignorance.unknowns(evidence.question.plant.beliefs, known, gradient, belief, shifts)


def _bottlenecks(evidence: Evidence, gradient: Sequence[GradientRow]) -> tuple[Any, ...]:
    faster = {
        row.parameter.removesuffix(".cycle"): -row.units_per_percent.mean
        for row in gradient
        if row.parameter.endswith(".cycle") and row.units_per_percent is not None
    }
    return bottleneck.bottlenecks(evidence.layout, evidence.headline, faster)


def _no_ways(evidence: Evidence, findings: Findings) -> Ways:
    if evidence.bars is None:
        text = Worded("The plant file states no contract, so there is nothing to reach.")
    elif not findings.complete:
        text = Worded("Interrupted before the ways were tried.")
    else:
        text = Worded("No ways were tried.")
    return Ways("smallest change", False, (), text)


def _levers(plant: Plant) -> tuple[LeverRow, ...]:
    rows = []
    for lever in plant.levers:
        place = slot(plant, lever.path)
        ends = [place.text(end) for end in lever.ends(place.parameter.value)]
        to = Worded("{low} to {high}", low=ends[0], high=ends[1]) if len(ends) == 2 else ends[0]
        rows.append(LeverRow(lever.id, lever.name, lever.path, place.parameter.text, to, lever.cost, lever.currency))
    return tuple(rows)


def _calendars(evidence: Evidence) -> tuple[CalendarRow, ...]:
    """The calendars in the year proved, and the time around the clock where the contract counts by that."""
    plant, first = evidence.question.plant, evidence.question.first
    counted = plant.contract.calendar if plant.contract is not None else ""

    def hours(calendar: Calendar | None) -> float:
        return open_h(calendar, plant.zone, first.start_us, first.end_us)

    rows = [
        CalendarRow(item.id, item.name, text_of_calendar(item), hours(item), item.id == counted)
        for item in plant.calendars
    ]
    if rows and counted is None:
        rows.append(CalendarRow("", "", Worded("around the clock"), hours(None), contractual=True))
    return tuple(rows)


def _stations(evidence: Evidence, runs: list[Replication]) -> tuple[StationRow, ...]:
    n = len(runs)
    return tuple(
        StationRow(
            id=row.id,
            kind=row.kind,
            machines=row.machines,
            states=row.fractions,
            hours={state: row.state_ns[state] / 3.6e12 / n for state in STATES},
            counts={count: value / n for count, value in row.counts.items()},
            kpis=row.kpis,
        )
        for row in study.station_results(evidence.question.plant, evidence.layout, runs)
    )
