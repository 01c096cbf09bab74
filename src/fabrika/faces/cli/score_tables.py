"""What ``fabrika score`` prints on a terminal: a table for each thing that is compared, and a sentence of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fabrika.faces import formats
from fabrika.faces.language import Reader, say, wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fabrika.answers.score import Score, StationScore
    from fabrika.answers.scored_trace import Direction

LISTED = 15
"""Causes, lots and passages that a table lists; those that are not as they must be come first, the rest is counted."""
SECOND_US = 1_000_000


def show(found: Score) -> None:
    """Print all of a comparison."""
    reader = Reader()
    _stations(found, reader)
    _downtime(found, reader)
    _balance(found, reader)
    _trace(found, reader)
    _mistakes(found, reader)
    print(
        say("All is as it must be.")
        if found.sound
        else say("Not all is as it must be: see above what is not exact or outside.")
    )


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> None:
    """Print a table of which the first columns are texts, the others numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < texts else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _stations(found: Score, reader: Reader) -> None:
    headings = (say("Station"), say("Good units"), say("Scrapped units"), say("Units off"), say("Time off, µs"), "OEE")
    _table(headings, [(row.station, *_figures(row, reader)) for row in found.stations])
    print(
        say(
            "{exact} of {of} stations are exactly as the twin had them: units to the last one, times to the microsecond.",
            exact=reader.number(found.exact),
            of=reader.number(found.of),
        )
    )


def _figures(row: StationScore, reader: Reader) -> tuple[str, ...]:
    units = {part.figure: part for part in row.units}
    off = sum(abs(part.told - part.true) for part in row.units if part.told is not None)
    time_off = max((abs((part.told or 0) - part.true) for part in row.times), default=None)
    return (
        *("" if (told := units[name].told) is None else reader.number(told) for name in ("good", "scrapped")),
        reader.number(round(off)),
        "" if time_off is None else f"{time_off:.1f}",
        "" if row.oee_told is None else _percent(row.oee_told),
    )


def _downtime(found: Score, reader: Reader) -> None:
    rows = sorted(found.downtime, key=lambda row: (row.exact, -row.true_us))
    if rows:
        headings = (say("Station"), say("Cause"), say("Stops"), say("true"), say("Time, s"), say("true"))
        _table(
            headings,
            [
                (
                    row.station,
                    row.cause,
                    reader.number(row.stops_told),
                    reader.number(row.stops_true),
                    reader.number(row.told_us / SECOND_US),
                    reader.number(row.true_us / SECOND_US),
                )
                for row in rows[:LISTED]
            ],
            texts=2,
        )
    print(
        say(
            "{exact} of {of} causes of downtime are known exactly, each stop to the microsecond.",
            exact=reader.number(sum(row.exact for row in rows)),
            of=reader.number(len(rows)),
        )
    )
    coded = found.coded
    if coded.stops:
        print(
            say(
                "People gave the true cause of {right} of {stops} longer stops of the last days, another of {otherwise}, none of {silent}.",
                right=reader.number(coded.right),
                stops=reader.number(coded.stops),
                otherwise=reader.number(coded.otherwise),
                silent=reader.number(coded.silent),
            )
        )


def _balance(found: Score, reader: Reader) -> None:
    lots = sorted(found.balance.lots, key=lambda row: row.exact and row.inside)
    if lots:
        headings = (say("Lot"), say("Good units"), say("true"), say("Unaccounted for"), say("tolerated"))
        _table(
            headings,
            [
                (row.lot, *map(reader.number, (row.good_told, row.good_true, row.unaccounted, row.tolerated)))
                for row in lots[:LISTED]
            ],
        )
    print(
        say(
            "{exact} of {of} lots are known to the last unit; the balance of {inside} holds the truth.",
            exact=reader.number(sum(row.exact for row in lots)),
            of=reader.number(len(lots)),
            inside=reader.number(sum(row.inside for row in lots)),
        )
    )
    passages = found.balance.passages
    outside = [row for row in passages if not row.inside]
    if outside:
        headings = (say("Before"), say("Behind"), say("More units inside"), say("true"), say("tolerated"))
        told = [
            (
                row.before,
                row.behind,
                "" if row.told is None else reader.number(row.told),
                reader.number(row.true),
                reader.number(row.tolerated),
            )
            for row in outside[:LISTED]
        ]
        _table(headings, told, texts=2)
    print(
        say(
            "What lies in {inside} of {of} passages between two counters is known within their uncertainty.",
            inside=reader.number(len(passages) - len(outside)),
            of=reader.number(len(passages)),
        )
    )


def _trace(found: Score, reader: Reader) -> None:
    trace, recall = found.trace, found.recall
    headings = (
        say("Direction"), say("Units"), say("Answers"), say("True"), say("Median width"), say("95 % up to"), say("Greatest"), say("One unit")
    )  # fmt: skip
    names = {"back": say("back"), "ahead": say("ahead")}
    _table(headings, [(names[row.way], *_direction(row, reader)) for row in (trace.back, trace.ahead)])
    whole = say("all of the period") if trace.whole else say("stretches of it, before the middle of lots")
    print(
        say(
            "Single units were followed for {hours} h: {whole}; units of {asked} of {of} lots were asked about.",
            hours=reader.number(trace.hours),
            whole=whole,
            asked=reader.number(trace.lots_asked),
            of=reader.number(trace.lots),
        )
    )
    print(
        say(
            "{named} of {met} materials, tools and containers that such a unit met are named in its trace; recalls of {subjects} of them reach {inside} of {units} units.",
            named=reader.number(trace.beside_inside),
            met=reader.number(trace.beside),
            subjects=reader.number(recall.subjects),
            inside=reader.number(recall.inside),
            units=reader.number(recall.units),
        )
    )
    for miss in trace.misses:
        print(
            say(
                "Outside: unit {unit} of {asked} was unit {true} of {station}.",
                unit=reader.number(miss.unit),
                asked=miss.asked,
                true=reader.number(miss.true),
                station=miss.station,
            )
        )


def _direction(row: Direction, reader: Reader) -> tuple[str, ...]:
    widths = row.widths
    counts = [reader.number(n) for n in (row.units, row.stations, row.inside)]
    if widths is None:
        return (*counts, "", "", "", "")
    return (*counts, *map(reader.number, (widths.median, widths.most_of_95, widths.greatest)), _percent(widths.ones))


def _mistakes(found: Score, reader: Reader) -> None:
    names = {"double": say("reported twice"), "wrong_lot": say("reported for a wrong lot"), "late": say("entered late")}
    for row in found.mistakes:
        print(
            say(
                "{kind}: {found} of {made} found, {in_vain} doubted in vain.",
                kind=names.get(row.kind, row.kind),
                found=reader.number(row.found),
                made=reader.number(row.made),
                in_vain=reader.number(row.in_vain),
            )
        )


def _percent(share: float) -> str:
    return formats.percent(f"{100 * share:.2f}", language=wanted()).replace(formats.THIN, " ")
