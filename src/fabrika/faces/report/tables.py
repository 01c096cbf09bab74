"""The tables of the report: what each figure shows, once more in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from fabrika.faces.language import say
from fabrika.faces.report import numbers, terms
from fabrika.faces.report.figures.distribution import distinct, short_years
from fabrika.faces.report.figures.tornado import ranked
from fabrika.faces.report.sentences import basis_words, chance_rows, change_words, year_words
from fabrika.faces.report.words import name
from fabrika.twin.proof_result import CalendarRow, LeverRow, Output, ProofResult, Way

KPI_COLUMNS = 7
"""Key figures in one table, so that it fits the page."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, the first of each row being the row's heading.

    Attributes:
        caption: what the table shows, one line.
        columns: headings.
        rows: cells.
        worded: how many of the first columns hold words, not numbers.
        ends_in_words: True if the last column does, too.
        marked: indices of rows that need a person.
        dense: True if it is set in small type.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    worded: int = 1
    ends_in_words: bool = False
    marked: frozenset[int] = frozenset()
    dense: bool = False


def chances(proof: ProofResult) -> Table:
    """All chances, each with its interval, and what was asked for."""
    rows = []
    for year, calendar, both in chance_rows(proof):
        cells = [say("{year}, {calendar} calendar", year=year, calendar=calendar)]
        for chance in (both.belief, both.luck) if proof.has_beliefs else (both.luck,):
            cells += [numbers.chance(chance), numbers.chance_between(chance)]
        rows.append(tuple(cells))
    heads = (
        (say("beliefs and luck"), say("interval"), say("luck only"), say("interval"))
        if proof.has_beliefs
        else (say("luck only"), say("interval"))
    )
    return Table(say("Chance that the contract is met"), (say("year and calendar"), *heads), tuple(rows))


def criteria(proof: ProofResult) -> Table:
    """What was promised, one row each."""
    rows = tuple(
        (
            say("all products together") if row.id == "total" else name(row.id),
            numbers.grouped(row.promised),
            numbers.grouped(row.needed),
            numbers.units(row.units),
            numbers.units_between(row.units),
            numbers.chance_cell(row.chance.first_year.belief),
            numbers.chance_cell(row.chance.steady_year.belief),
        )
        for row in proof.criteria
    )
    heads = (
        say("promise"),
        say("promised"),
        say("needed"),
        say("first year, mean"),
        say("interval"),
        say("chance, first year"),
        say("chance, steady year"),
    )
    return Table(say("Each thing promised, by itself (units a year, contractual calendar, with beliefs)"), heads, rows)


def outputs(proof: ProofResult) -> Table:
    """The distributions simulated."""
    level = numbers.stated(proof.header.interval_level)
    rows = []
    for row in distinct(proof):
        cells = [
            _output_words(row, with_basis=proof.has_contract),
            numbers.units(row.mean),
            numbers.units_between(row.mean),
            numbers.about(row.sd),
            numbers.between(numbers.about(row.low), numbers.about(row.high)),
            numbers.grouped(len(row.sample)),
        ]
        rows.append((*cells, numbers.grouped(short_years(row, proof.needed))) if proof.has_contract else tuple(cells))
    heads = (
        say("year"),
        say("mean"),
        say("interval of the mean"),
        say("standard deviation"),
        say("one year in {level} of cases", level=level),
        say("years simulated"),
    )
    return Table(
        say("Good units a year"),
        (*heads, *((say("of these short"),) if proof.has_contract else ())),
        tuple(rows),
        dense=True,
    )


def acceptance(proof: ProofResult) -> Table:
    """Acceptance runs, each by the shortfall that it reveals."""
    rows = tuple(
        (
            numbers.percent(row.short),
            numbers.grouped(row.days),
            numbers.grouped(row.units),
            numbers.percent(row.stated_passes),
            numbers.percent(row.short_passes),
            numbers.grouped(row.stops),
        )
        for row in proof.acceptance
    )
    heads = (
        say("shortfall revealed"),
        say("working days"),
        say("good units to pass"),
        say("the plant as stated passes"),
        say("the lesser one passes"),
        say("stops allowed"),
    )
    return Table(say("Acceptance runs in a steady year"), heads, rows)


def losses(proof: ProofResult) -> Table:
    """Losses at the constraint, largest first, time off shift last."""
    rows = sorted(proof.losses, key=lambda row: (row.cause == "off_shift", -row.units))
    cells = tuple(
        (name(row.what), numbers.hours(row.hours) if row.hours else "\u2013", numbers.about(row.units)) for row in rows
    )
    return Table(
        say("Losses at the constraint, mean a year"), (say("cause"), say("machine-hours"), say("good units")), cells
    )


def bottlenecks(proof: ProofResult) -> Table:
    """Stations by how often they hold the plant back."""
    rows = tuple(
        (
            name(row.station),
            numbers.percent(row.share),
            numbers.percent(row.active, 1),
            numbers.unknown() if row.units_per_percent is None else numbers.about(row.units_per_percent),
        )
        for row in proof.bottlenecks
    )
    heads = (
        say("station"),
        say("constraint in share of weeks")
        if proof.moves_basis == "weeks"
        else say("constraint in share of simulated years"),
        say("neither blocked nor starved"),
        say("good units a year if 1 % faster"),
    )
    return Table(say("Which stations hold the plant back"), heads, rows)


def gradient(proof: ProofResult) -> Table:
    """The effect of every value, strongest first."""
    methods = {
        "path": say("path derivative"),
        "paired": say("paired difference"),
        "weeks": say("paired, 4 weeks"),
    }
    rows = tuple(
        (
            name(row.parameter),
            name(row.what),
            name(row.value),
            name(row.step),
            numbers.signed(row.units.mean, numbers.units(row.units)),
            numbers.units_between(row.units),
            "\u2013" if row.units_per_percent is None else numbers.units(row.units_per_percent),
            methods[row.method],
        )
        for row in ranked(proof.gradient)
    )
    heads = (
        say("parameter"),
        say("what"),
        say("today"),
        say("step"),
        say("units a year"),
        say("interval"),
        say("per 1 % more"),
        say("method"),
    )
    return Table(
        say("Good units a year gained by one step of each value"), heads, rows, worded=4, ends_in_words=True, dense=True
    )


def unknowns(proof: ProofResult) -> Table:
    """What is not known exactly, and what it costs in certainty."""
    rows = tuple(
        (
            name(row.parameter),
            name(row.value),
            name(row.belief),
            numbers.percent(row.relative_sd, 1),
            numbers.about(row.sd_units) if row.reached else numbers.unknown(),
            numbers.percent(row.share) if row.reached else numbers.unknown(),
            name(row.method),
        )
        for row in sorted(proof.unknowns, key=lambda row: -row.share)
    )
    heads = (
        say("parameter"),
        say("today"),
        say("belief"),
        say("spread of the value"),
        say("spread in units a year"),
        say("share of ignorance"),
        say("method"),
    )
    return Table(say("Unknowns, by what they cost in certainty"), heads, rows, worded=3, ends_in_words=True, dense=True)


def ways(proof: ProofResult) -> Table:
    """The ways found."""
    rows = tuple(
        (
            f"{number}. {change_words(way)}",
            "\u2013" if way.cost is None else _cost(way),
            numbers.chance_cell(way.chance_before),
            numbers.chance_cell(way.chance_after),
            f"{numbers.signed(way.units_gained.mean, numbers.units(way.units_gained))} ({numbers.units_between(way.units_gained)})",
            say("yes") if way.reaches else say("no"),
            numbers.grouped(way.replications),
        )
        for number, way in enumerate(proof.ways.found, 1)
    )
    heads = (
        say("change"),
        say("cost"),
        say("chance today"),
        say("chance after"),
        say("units a year gained"),
        say("reaches what was asked"),
        say("pairs of years"),
    )
    return Table(say("Ways to a higher chance, each simulated again"), heads, rows)


def station_states(proof: ProofResult) -> Table:
    """Machine time by state, all stations, shares of the whole period."""
    states = terms.ordered_states({state for row in proof.stations for state in row.states})
    rows = tuple(
        (name(row.id, 40), *(numbers.percent(row.states.get(state, 0.0), 1) for state in states))
        for row in proof.stations
    )
    heads = (say("station"), *(terms.words(state) for state in states))
    return Table(say("Share of all machine time by state"), heads, rows, marked=_constraint(proof), dense=True)


def station_counts(proof: ProofResult) -> Table:
    """Units counted at every station."""
    counts = list(dict.fromkeys(count for row in proof.stations for count in row.counts))
    rows = tuple(
        (name(row.id, 40), terms.words(row.kind), numbers.grouped(row.machines),
         *(numbers.grouped(row.counts.get(count, 0.0)) for count in counts))
        for row in proof.stations
    )  # fmt: skip
    heads = (
        say("station"),
        say("kind"),
        say("machines"),
        *(say("{count} a year", count=terms.words(count)) for count in counts),
    )
    caption = say("Units counted at each station, mean a year, in the station's own units")
    return Table(caption, heads, rows, worded=2, marked=_constraint(proof), dense=True)


def station_kpis(proof: ProofResult) -> list[Table]:
    """Key figures of every station, a few columns at a time."""
    kpis = list(dict.fromkeys(kpi for row in proof.stations for kpi in row.kpis))
    size = -(-len(kpis) // -(-len(kpis) // KPI_COLUMNS)) if kpis else 1
    tables = []
    for start in range(0, len(kpis), size):
        shown = kpis[start : start + size]
        rows = tuple(
            (name(row.id, 40), *(terms.kpi_value(kpi, row.kpis.get(kpi)) for kpi in shown)) for row in proof.stations
        )
        part = f" ({start // size + 1})" if len(kpis) > size else ""
        heads = (say("station"), *(terms.words(kpi) for kpi in shown))
        tables.append(
            Table(f"{say('Key figures of each station')}{part}", heads, rows, marked=_constraint(proof), dense=True)
        )
    return tables


def stops(proof: ProofResult) -> Table:
    """How often each mode struck."""
    rows = tuple((name(row.id), name(row.station), numbers.about(row.per_year)) for row in proof.stops)
    return Table(
        say("Stops, mean a year"), (say("stop"), say("station"), say("times a year")), rows, worded=2, dense=True
    )


def beliefs(proof: ProofResult) -> Table:
    """The uncertain values as the file states them."""
    rows = tuple((name(row.parameter), name(row.value), name(row.belief)) for row in proof.beliefs)
    return Table(say("Beliefs of the plant file"), (say("parameter"), say("today"), say("belief")), rows, worded=3)


def may_be_changed(proof: ProofResult) -> Table:
    """The levers of the plant file; the cost is that of the whole way."""
    rows = tuple(
        (
            name(row.name or row.lever),
            name(row.parameter),
            name(row.value_from),
            name(row.value_to),
            "\u2013" if row.cost is None else _cost(row),
        )
        for row in proof.levers
    )
    return Table(
        say("Levers of the plant file"),
        (say("lever"), say("parameter"), say("from"), say("to"), say("cost")),
        rows,
        worded=4,
    )


def calendars(proof: ProofResult) -> Table:
    """The calendars with their open hours in the year proved; the contractual one is marked."""
    rows = tuple(
        (
            _calendar_words(row),
            name(row.shifts, 200),
            numbers.hours(row.hours),
        )
        for row in proof.calendars
    )
    return Table(
        say("Calendars of the plant file"),
        (say("calendar"), say("shifts"), say("open in the year proved")),
        rows,
        worded=2,
    )


def levers(proof: ProofResult) -> Table:
    """Each change of the ways found; the cost is that of the whole way."""
    rows = tuple(
        (
            name(change.name or change.lever),
            name(change.parameter),
            name(change.value_from),
            name(change.value_to),
            numbers.signed_percent(change.relative),
            "\u2013" if way.cost is None else say("{cost} (way {number})", cost=_cost(way), number=number),
        )
        for number, way in enumerate(proof.ways.found, 1)
        for change in way.changes
    )
    heads = (say("lever"), say("parameter"), say("from"), say("to"), say("change"), say("cost of the way"))
    return Table(say("Levers moved by the ways found"), heads, rows, worded=4)


def _constraint(proof: ProofResult) -> frozenset[int]:
    return frozenset(index for index, row in enumerate(proof.stations) if row.id == proof.constraint)


def _output_words(row: Output, *, with_basis: bool) -> str:
    knowledge = say("beliefs and luck") if row.knowledge == "belief" else say("luck only")
    words = f"{year_words(row.year)}, {knowledge}"
    if not with_basis:
        return words
    return say("{year}, {calendar} calendar", year=words, calendar=basis_words(row.basis))


def _calendar_words(row: CalendarRow) -> str:
    calendar = name(row.name or row.id) or say("none")
    return say("{calendar} (contractual)", calendar=calendar) if row.contractual else calendar


def _cost(of: Way | LeverRow) -> str:
    return f"{numbers.grouped(of.cost or 0)} {name(of.currency)}"
