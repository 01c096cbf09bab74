"""The proof as one page of the terminal, 80 to 100 columns; nothing on it depends on colour."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from fabrika.faces.formats import THIN
from fabrika.faces.language import say
from fabrika.faces.report import numbers, sentences
from fabrika.faces.report.figures.distribution import distinct, short_years
from fabrika.faces.report.figures.tornado import ranked
from fabrika.faces.report.words import day, name, tail
from fabrika.twin.proof_result import ProofResult

NARROWEST, WIDEST, BAR = 60, 100, 16
"""Widths of the page in columns, and of a bar."""

LOSSES, VALUES, UNKNOWNS = 6, 8, 4
"""Rows shown of each list; the HTML report and the JSON hold all."""


def print_proof(console: Console, proof: ProofResult) -> None:
    """Print the proof as one page."""
    width = max(min(console.width, WIDEST), NARROWEST)
    full = "#" if console.options.ascii_only else "\u2588"
    console.print(_answer(proof), width=width)
    for heading, body in _sections(proof, full):
        console.print(Text(f"\n{heading}", style="bold"))
        console.print(Padding(body, (0, 0, 0, 2)), width=width)


def _plain(text: str) -> str:
    return text.replace(THIN, " ")


def _line(text: str, style: str = "") -> Text:
    return Text(_plain(text), style=style)


def _answer(proof: ProofResult) -> Panel:
    """The answer in a frame; what needs a person is marked by ``!`` as well as by colour."""
    person = sentences.verdict(proof) in {"missed", "open"} or not proof.sharpness.complete
    style = "red" if person else ""
    lines = [_line(sentences.headline(proof), "bold")]
    if judgement := sentences.against_wanted(proof):
        lines.append(_line(f"{'! ' if person else ''}{judgement}", style))
    if not proof.sharpness.complete:
        lines.append(_line(f"! {say('An answer in part: the proof did not finish.')}", style))
    title = _line(say("Proof of output: {plant}", plant=name(proof.header.plant_name, 50)))
    return Panel(Group(*lines), title=title, title_align="left", border_style=style)


def _sections(proof: ProofResult, full: str) -> Iterable[tuple[str, RenderableType]]:
    if proof.has_contract:
        yield say("Chance that the contract is met"), _chances(proof)
    yield say("Good units a year"), _output(proof)
    yield say("How sure is this"), _sure(proof)
    yield say("What stands in the way"), _way(proof, full)
    if proof.gradient:
        yield say("What each value is worth (good units a year)"), _gradient(proof)
    yield say("What would help"), _ways(proof)
    yield say("To repeat"), _repeat(proof)


def _grid(columns: str, heads: tuple[str, ...] = ()) -> Table:
    """A table without lines; ``columns`` is one letter each: ``l`` words, ``r`` numbers, ``b`` bar."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=bool(heads), header_style="", pad_edge=False)
    for index, kind in enumerate(columns):
        head = heads[index] if heads else ""
        table.add_column(Text(head, style="dim"), justify="right" if kind == "r" else "left", no_wrap=kind != "l")
    return table


def _fill(table: Table, *cells: str) -> None:
    table.add_row(*(_line(cell) for cell in cells))


def _chances(proof: ProofResult) -> Table:
    heads = (say("year, calendar"), *((say("beliefs and luck"),) if proof.has_beliefs else ()), say("luck only"))
    table = _grid("l" + "r" * (len(heads) - 1), heads)
    for year, calendar, both in sentences.chance_rows(proof):
        shown = (both.belief, both.luck) if proof.has_beliefs else (both.luck,)
        _fill(table, f"{year}, {calendar}", *(numbers.chance_cell(chance) for chance in shown))
    return table


def _output(proof: ProofResult) -> Table:
    heads = (
        say("contractual calendar") if proof.has_contract else "",
        say("mean"),
        say("interval of the mean"),
        say("years short") if proof.has_contract else "",
    )
    table = _grid("lrrr", heads)
    for row in distinct(proof):
        if row.basis != "contractual":
            continue
        knowledge = say("with beliefs") if row.knowledge == "belief" else say("luck only")
        words, count = f"{sentences.year_words(row.year)}, {knowledge}", short_years(row, proof.needed)
        short = say("{count} of {all}", count=count, all=len(row.sample)) if proof.has_contract else ""
        _fill(table, words, numbers.units(row.mean), numbers.units_between(row.mean), short)
    return table


def _sure(proof: ProofResult) -> Group:
    lines = sentences.how_sure(proof)
    if proof.variance:
        lines.append(
            say(
                "Of the variance, luck makes {luck} and what is not known about the plant {ignorance}.",
                luck=numbers.percent(proof.variance.luck_share),
                ignorance=numbers.percent(proof.variance.ignorance_share),
            )
        )
    lines += [sentence for sentence in (sentences.matters_most(proof),) if sentence]
    if not proof.has_beliefs:
        lines.append(sentences.without_beliefs(proof))
    lines += [sentence for sentence in (sentences.acceptance_run(proof),) if sentence]
    lines += [say("Note: {note}", note=name(note, 300)) for note in proof.sharpness.notes]
    return Group(*(_line(line) for line in lines))


def _way(proof: ProofResult, full: str) -> Group:
    """The constraint, then its losses with bars in proportion."""
    rows = sentences.largest_losses(proof, LOSSES)
    table = _grid("lrb", (say("lost at the constraint"), say("good units a year"), ""))
    for row in rows:
        length = max(round(BAR * row.units / rows[0].units), 1)
        _fill(table, name(row.what, 60), numbers.about(row.units), full * length)
    return Group(_line(sentences.in_the_way(proof)), *([table] if rows else []))


def _gradient(proof: ProofResult) -> Table:
    table = _grid("llrr", (say("value"), say("step"), say("gain"), say("interval")))
    for row in ranked(proof.gradient)[:VALUES]:
        gain = numbers.signed(row.units.mean, numbers.units(row.units))
        _fill(table, tail(row.parameter, 32), name(row.step, 16), gain, numbers.units_between(row.units))
    return table


def _ways(proof: ProofResult) -> Group:
    lines = [_line(name(proof.ways.statement, 300))]
    for number, way in enumerate(proof.ways.found, 1):
        falls_short = "" if way.reaches else f" {say('This does not reach what was asked.')}"
        lines.append(_line(f"{number}. {sentences.way_words(way)}{falls_short}"))
    return Group(*lines)


def _repeat(proof: ProofResult) -> Group:
    header, sharp = proof.header, proof.sharpness
    lines = [
        f"SHA-256 {header.sha256}" if header.sha256 else say("plant made in Python, no file"),
        say(
            "{first} to {last} ({zone}), seed {seed}, Fabrika {version}, {years} simulated years in {spent}, intervals {level}",
            first=day(header.period_from),
            last=day(header.period_to),
            zone=name(header.zone, 40),
            seed=header.seed,
            version=header.version,
            years=numbers.grouped(sharp.years_simulated),
            spent=numbers.seconds(header.spent_s),
            level=numbers.stated(header.interval_level),
        ),
        *(say("changed: {change}", change=name(change, 120)) for change in header.changes),
    ]
    return Group(*(_line(line) for line in lines))
