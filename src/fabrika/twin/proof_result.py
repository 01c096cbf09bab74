"""What a proof reports: plain frozen rows that the terminal page, the HTML report and the JSON are all made from."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from fabrika.plant.model import Statement
from fabrika.wording import Worded

Year = Literal["first_year", "steady_year"]
Knowledge = Literal["luck", "belief"]
Basis = Literal["contractual", "working"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its two-sided interval at the proof's ``interval_level``."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Header:
    """Which plant was proved, and everything needed to repeat it.

    Attributes:
        plant_id, plant_name: from the file.
        sha256: hex digest of the plant file's bytes; empty for a plant made in Python.
        changes: what-if changes made since the file was read, as ``path = text``.
        version: version of Fabrika.
        seed: seed of all random streams.
        budget_s, spent_s: time allowed and used, seconds.
        workers: worker processes used; they change the time, never a figure of one replication.
        wanted_chance: the confidence asked for, in (0, 1).
        interval_level: level of every interval, in (0, 1).
        period_from, period_to: the year proved, ISO dates in plant time; ``zone`` names the time zone.
    """

    plant_id: str
    plant_name: str
    sha256: str
    changes: tuple[str, ...]
    version: str
    seed: int
    budget_s: float
    spent_s: float
    workers: int
    wanted_chance: float
    interval_level: float
    period_from: str
    period_to: str
    zone: str


@dataclass(frozen=True, slots=True)
class Sharpness:
    """How sharp the answer is.

    Attributes:
        replications: simulated years behind the headline chance.
        years_simulated: simulated years of all parts of the proof together.
        width: width of the headline chance's interval.
        method: how the interval was made, one sentence.
        first_answer_s: seconds until the first honest answer.
        first_answer: that first answer.
        complete: False if the proof was interrupted, or the budget ended before every part was done.
        notes: what was left out or cut short, one sentence each.
        seconds_per_year: measured cost of one simulated year on one core.
    """

    replications: int
    years_simulated: int
    width: float
    method: str
    first_answer_s: float
    first_answer: Estimate
    complete: bool
    notes: tuple[str, ...]
    seconds_per_year: float


@dataclass(frozen=True, slots=True)
class Chances:
    """A chance with known parameters (``luck``) and with beliefs drawn (``belief``); equal where the file states no belief."""

    luck: Estimate
    belief: Estimate


@dataclass(frozen=True, slots=True)
class YearChances:
    """A chance in the contract's first year (with ramp-up) and in a steady year; equal where the plant has no ramp-up."""

    first_year: Chances
    steady_year: Chances


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing promised.

    Attributes:
        id: ``total`` or a product's id.
        promised: units a year as promised.
        needed: units a year after the tolerance.
        units: mean units a year in the first year with beliefs, contractual calendar.
        chance: chance that this alone is met, contractual calendar.
    """

    id: str
    promised: float
    needed: float
    units: Estimate
    chance: YearChances


@dataclass(frozen=True, slots=True)
class Output:
    """Good units a year as they came out of the replications.

    Attributes:
        year, knowledge, basis: which of the distributions this is.
        mean: mean units a year with its interval.
        sd: standard deviation from year to year, units.
        low, high: quantiles between which one year falls with probability ``interval_level`` (fitted distribution).
        sample: units of each replication, in replication order.
    """

    year: Year
    knowledge: Knowledge
    basis: Basis
    mean: Estimate
    sd: float
    low: float
    high: float
    sample: tuple[float, ...]


NOT_REACHED = Worded("gradient not reached")


@dataclass(frozen=True, slots=True)
class Unknown:
    """One belief and what it costs in certainty.

    Attributes:
        parameter: path of the uncertain parameter.
        value: today's value as text.
        belief: how uncertain, as written in the file.
        relative_sd: standard deviation of the belief's factor.
        sd_units: units a year of spread that it causes (gradient times standard deviation); 0 where it was not reached.
        share: share of the variance that comes from ignorance, of that of the beliefs reached, in [0, 1].
        method: ``gradient``, ``gradient not reached``, or a regression and how much it explains.
    """

    parameter: str
    value: str
    belief: str
    relative_sd: float
    sd_units: float
    share: float
    method: str

    @property
    def reached(self) -> bool:
        """Whether the proof learned what this belief costs."""
        return self.method != NOT_REACHED


@dataclass(frozen=True, slots=True)
class Variance:
    """Law of total variance of a year's units: total = luck + ignorance (first year, contractual calendar).

    Attributes:
        total_sd, luck_sd, ignorance_sd: standard deviations, units a year.
        luck_share, ignorance_share: shares of the total variance, adding up to 1.
        method: how the two were told apart.
    """

    total_sd: float
    luck_sd: float
    ignorance_sd: float
    luck_share: float
    ignorance_share: float
    method: str


@dataclass(frozen=True, slots=True)
class Loss:
    """Time the constraint did not turn into good units, mean a year.

    Attributes:
        station: the constraint, ``line.station``.
        cause: state name, ``scrap``, ``rejected lots``, ``surplus`` or a state's part such as ``down: jam``.
        what: the cause in words.
        hours: machine-hours a year at the constraint; 0 where the cause costs units, not time.
        units: good units a year that this time (or scrap) costs at the constraint's own pace.
    """

    station: str
    cause: str
    what: str
    hours: float
    units: float


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """How much a station holds the plant back.

    Attributes:
        station: ``line.station``.
        share: share of the weeks, all replications together, in which it was the constraint.
        active: mean share of its open time in which it was neither blocked nor starved.
        units_per_percent: good units a year gained if it were 1 % faster, if known.
    """

    station: str
    share: float
    active: float
    units_per_percent: float | None


Method = Literal["path", "paired", "weeks"]


@dataclass(frozen=True, slots=True)
class GradientRow:
    """Effect of one parameter on the year's good units.

    Attributes:
        parameter: its path.
        what: the parameter in words.
        value: today's value as text.
        method: ``path`` (derivative along the sample path), ``paired`` (paired difference of whole years on common random
            numbers) or ``weeks`` (likewise, of a few weeks that stand for the year).
        step: the change made, as text.
        units: good units a year gained by that step.
        units_per_percent: good units a year gained per 1 % more of the parameter; None for counts.
    """

    parameter: str
    what: str
    value: str
    method: Method
    step: str
    units: Estimate
    units_per_percent: Estimate | None


@dataclass(frozen=True, slots=True)
class Change:
    """One lever moved: from today's value to another, as text; ``relative`` is the size of the change."""

    lever: str
    name: str
    parameter: str
    value_from: str
    value_to: str
    relative: float


@dataclass(frozen=True, slots=True)
class Way:
    """A change that raises the chance, simulated again on the same luck.

    Attributes:
        changes: one lever or two.
        cost: in ``currency``; None if the file states none.
        chance_before, chance_after: chance that the contract is met in the first year with beliefs.
        units_gained: good units a year gained.
        reaches: True if the chance after reaches the wanted chance.
        replications: paired replications behind it.
    """

    changes: tuple[Change, ...]
    cost: float | None
    currency: str
    chance_before: Estimate
    chance_after: Estimate
    units_gained: Estimate
    reaches: bool
    replications: int


@dataclass(frozen=True, slots=True)
class Ways:
    """The cheapest ways found, best first.

    Attributes:
        ranked_by: ``cost``, or ``smallest change`` where the file states no costs.
        needed: False if today's plant already reaches the wanted chance.
        found: at most three; if none reaches the wanted chance, the best found, each with ``reaches`` False.
        statement: one sentence for the reader.
    """

    ranked_by: Literal["cost", "smallest change"]
    needed: bool
    found: tuple[Way, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class AcceptanceRow:
    """An acceptance run that tells the plant as the file states it, in a steady year, from one that falls short.

    Attributes:
        short: share of what is needed by which the other plant falls short, in (0, 1).
        days: working days that the run must last at least.
        units: good units that must come out within them.
        stated_passes: chance that the plant as stated passes.
        short_passes: chance that the plant which falls short passes.
        stops: stops of the constraint in such a run that the plant as stated exceeds no more often than it fails the run.
    """

    short: float
    days: int
    units: int
    stated_passes: float
    short_passes: float
    stops: int


@dataclass(frozen=True, slots=True)
class BeliefRow:
    """A belief of the file: parameter, today's value and how uncertain it is, as text."""

    parameter: str
    value: str
    belief: str


@dataclass(frozen=True, slots=True)
class LeverRow:
    """A lever of the file: what may be changed.

    Attributes:
        lever, name, parameter: as in the file.
        value_from: today's value as text.
        value_to: the other end of its range as text; both ends where today's value lies between them.
        cost: cost of the whole way in ``currency``; None if the file states none.
    """

    lever: str
    name: str
    parameter: str
    value_from: str
    value_to: str
    cost: float | None
    currency: str


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar of the file; an empty ``id`` is the time around the clock.

    Attributes:
        shifts: its shifts, days off and warm-up in words.
        hours: open hours in the year proved.
        contractual: whether the contract counts by it.
    """

    id: str
    name: str
    shifts: str
    hours: float
    contractual: bool


@dataclass(frozen=True, slots=True)
class StationRow:
    """One station over the year, mean of the replications.

    Attributes:
        id, kind, machines: as in the file.
        states: share of machine time by state; adds up to 1.
        hours: machine-hours a year by state.
        counts: ``entered``, ``left``, ``scrapped``, ``surplus`` a year.
        kpis: key figures by their ISO 22400-2 names; None where the plant does not define one.
    """

    id: str
    kind: str
    machines: int
    states: dict[str, float]
    hours: dict[str, float]
    counts: dict[str, float]
    kpis: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class StopRow:
    """How often a mode or planned stop struck in a year."""

    id: str
    station: str
    per_year: float


@dataclass(frozen=True, slots=True)
class ProofResult:
    """The whole answer.

    Attributes:
        chance_met: the headline: chance that the contract is met in its first year, beliefs included, contractual calendar.
        chances: the same for both years, with and without ignorance.
        chances_working: the same counted on the working calendar (nothing credited).
        units_per_year: mean good units of the first year, beliefs included, contractual calendar.
        has_contract: False if the file states none; then chances are not given (all zero) and only the output is.
        has_beliefs, has_ramp_up: whether the file states any.
        promised: units a year promised; ``needed`` after the tolerance.
        constraint: the station that most often holds the plant back, ``line.station``.
        moves: share of the weeks in which another station was the constraint.
        moves_basis: ``weeks``.
        acceptance: runs that tell this plant from a lesser one; empty without a contract, or if none can.
    """

    header: Header
    sharpness: Sharpness
    has_contract: bool
    has_beliefs: bool
    has_ramp_up: bool
    promised: float
    needed: float
    chance_met: Estimate
    chances: YearChances
    chances_working: YearChances
    units_per_year: Estimate
    criteria: tuple[Criterion, ...]
    outputs: tuple[Output, ...]
    variance: Variance | None
    unknowns: tuple[Unknown, ...]
    constraint: str
    moves: float
    moves_basis: str
    bottleneck_method: str
    bottlenecks: tuple[Bottleneck, ...]
    losses: tuple[Loss, ...]
    gradient: tuple[GradientRow, ...]
    ways: Ways
    acceptance: tuple[AcceptanceRow, ...]
    stations: tuple[StationRow, ...]
    stops: tuple[StopRow, ...]
    beliefs: tuple[BeliefRow, ...]
    levers: tuple[LeverRow, ...]
    calendars: tuple[CalendarRow, ...]
    facts: tuple[Statement, ...]
    assumptions: tuple[Statement, ...]
    basis_text: str
    mtbf_formula: str

    def output(self, year: Year, knowledge: Knowledge, basis: Basis = "contractual") -> Output:
        """The distribution of output named; raises ``KeyError`` if it was not simulated."""
        for row in self.outputs:
            if (row.year, row.knowledge, row.basis) == (year, knowledge, basis):
                return row
        raise KeyError((year, knowledge, basis))

    def to_json(self) -> dict[str, Any]:
        """The result as plain dictionaries, lists, numbers and text; keys are the fields' names, ``fabrika_proof`` the schema's version.

        ``ways`` is the list of ways found; what else is known about them stands in ``ways_ranked_by``, ``ways_needed`` and
        ``ways_statement``.
        """
        whole = {"fabrika_proof": SCHEMA_VERSION, **_plain_fields(self)}
        ways = whole["ways"]
        whole["ways"] = ways["found"]
        return whole | {f"ways_{name}": ways[name] for name in ("ranked_by", "needed", "statement")}


def _plain_fields(row: Any) -> dict[str, Any]:
    return {field.name: plain(getattr(row, field.name)) for field in fields(row)}


def plain(value: Any) -> Any:
    """Dataclasses, tuples and dictionaries as JSON-ready values."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value
