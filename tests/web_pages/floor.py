"""A day on the floor made up by hand: what machines told of it, with everything in it that a page must show.

States and counts follow from the stations' names alone, so that a picture of a page is the same whenever it is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from fabrika.events.fields import Key
from fabrika.events.production import LotOpened, OrderReleased, StateTime, StationChanged, UnitsCounted
from fabrika.journal.pen import Pen
from fabrika.plant.shifts import calendar_at, shift_at

SECOND_US = 1_000_000
MINUTE_US, HOUR_US = 60 * SECOND_US, 3_600 * SECOND_US
COUNT_US = 5 * MINUTE_US
NOW_US = 1_773_839_100 * SECOND_US
"""2026-03-18 14:05 in Belgrade, a Wednesday; five minutes into the second shift."""
HOURS = 26
LOT = "26-0322"
"""What the line `case` makes."""
SILENT, DOWN, SETUP = "final.vision", "case.form-3", "loading.close"
UNCODED = "bullet.core"
"""A station that stands again and again for long, and nobody says why."""


def number(*words: object) -> float:
    """A number in [0, 1) that follows from words."""
    return int.from_bytes(hashlib.sha256(repr(words).encode()).digest()[:6]) / 2**48


@dataclass
class Stretch:
    """A state that lasted."""

    state: str
    mode: str | None
    from_us: int
    to_us: int


def stretches(station: str, modes: list[str], begin_us: int, now_us: int) -> Iterator[Stretch]:
    """States of a station one after the other."""
    at, turn = begin_us, 0
    while at < now_us:
        works = int((20 + 90 * number(station, turn, "works")) * MINUTE_US)
        yield Stretch("processing", None, at, min(at + works, now_us))
        at, turn = at + works, turn + 1
        kinds = ["down", "down", "starved", "blocked", "setup"] if modes else ["starved", "blocked"]
        state = kinds[int(number(station, turn, "kind") * len(kinds))]
        mode = modes[int(number(station, turn, "mode") * len(modes))] if state == "down" and turn % 3 else None
        stands = int((1 + 9 * number(station, turn, "stands") ** 2) * MINUTE_US)
        if station == UNCODED:
            state, mode, stands = "down", None, stands + 15 * MINUTE_US
        if at < now_us:
            yield Stretch(state, mode, at, min(at + stands, now_us))
        at += stands


def open_parts(plant, line, station, found: Stretch) -> Iterator[Stretch]:
    """A stretch without the time in which the station's calendar is closed; that is off shift."""
    calendar = calendar_at(plant, line, station)
    at = found.from_us
    while at < found.to_us:
        shift = shift_at(calendar, plant.zone, at)
        inside = shift.now or calendar is None
        step = min(found.to_us, shift.end_us if inside else (at // COUNT_US + 1) * COUNT_US)
        yield Stretch(found.state if inside else "off_shift", found.mode if inside else None, at, step)
        at = step


def last_state(station: str, now_us: int) -> Stretch | None:
    """What some stations do at the end, whatever went before."""
    ends = {DOWN: ("down", "breakdown", 42), SETUP: ("setup", None, 3), "bullet.size": ("starved", None, 2)}
    if station not in ends:
        return None
    state, mode, minutes = ends[station]
    return Stretch(state, mode, now_us - minutes * MINUTE_US, now_us)


def day_of(plant, line, station, now_us: int) -> list[Stretch]:
    """A station's whole day; neighbours of the same state are one."""
    name, modes = f"{line.id}.{station.id}", [mode.id for mode in station.fails]
    begin_us = (now_us - HOURS * HOUR_US) // COUNT_US * COUNT_US
    last = last_state(name, now_us)
    until_us = last.from_us if last else now_us
    pieces = [
        part for found in stretches(name, modes, begin_us, until_us) for part in open_parts(plant, line, station, found)
    ]
    rows: list[Stretch] = []
    for piece in [*pieces, *([last] if last else [])]:
        if rows and (rows[-1].state, rows[-1].mode) == (piece.state, piece.mode):
            rows[-1].to_us = piece.to_us
        else:
            rows.append(piece)
    return rows


def told_by(plant, line, station, now_us: int) -> Iterator[tuple[int, object]]:
    """What a station tells: changes of its state, and what it counted every five minutes."""
    name, rows = f"{line.id}.{station.id}", day_of(plant, line, station, now_us)
    heard_us = now_us - 25 * MINUTE_US if name == SILENT else now_us
    lot = f"26-0{318 + len(line.id)}"
    for row in rows:
        if row.from_us < heard_us:
            yield row.from_us, StationChanged(station=name, state=row.state, mode=row.mode, lot=lot)
    pace = 5.0 if station.kind != "packing" else 0.006
    for from_us in range(rows[0].from_us, heard_us - COUNT_US + 1, COUNT_US):
        to_us = from_us + COUNT_US
        times: dict[str, int] = {}
        for row in rows:
            lasts = min(row.to_us, to_us) - max(row.from_us, from_us)
            if lasts > 0:
                times[row.state] = times.get(row.state, 0) + lasts
        works = pace * 150 * times.get("processing", 0) / COUNT_US
        entered = int(works * (0.97 + 0.06 * number(name, from_us)) + number(name, from_us, "rest"))
        scrapped = int(entered * 0.004)
        spent = tuple(StateTime(state=state, duration_us=us) for state, us in sorted(times.items()))
        yield (
            to_us,
            UnitsCounted(
                station=name, from_us=from_us, to_us=to_us, entered=entered, good=entered - scrapped,
                scrapped=scrapped, lot=lot, times=spent,
            ),
        )  # fmt: skip


def orders(line, product: str, at_us: int) -> Iterator[tuple[int, object]]:
    """What the desk tells of a line before anything is made."""
    lot = f"26-0{318 + len(line.id)}"
    yield at_us, OrderReleased(order=f"order-{line.id}", product=product, line=line.id, quantity=2_400_000)
    yield at_us, LotOpened(lot=lot, order=f"order-{line.id}", product=product, line=line.id, edition=1)


def tell_day(service: PlantService, now_us: int = NOW_US) -> None:
    """Write the day into a book."""
    plant, begin_us = service.plant, now_us - (HOURS + 1) * HOUR_US
    product = plant.products[0].id if plant.products else "unit"
    said = [(at, "office", event) for line in plant.lines for at, event in orders(line, product, begin_us)]
    for line in plant.lines:
        for station in line.stations:
            if station.kind != "transport":
                source = f"controller/{line.id}.{station.id}"
                said += [(at, source, event) for at, event in told_by(plant, line, station, now_us)]
    pens: dict[str, Pen] = {}
    messages = []
    for at_us, source, event in sorted(said, key=lambda item: (item[0], item[1])):
        epoch = hashlib.sha256(source.encode()).hexdigest()[:16]
        pen = pens.setdefault(source, Pen(plant.id, Key(source, epoch, 0)))
        messages.append(pen.write(event, at_us))
    for start in range(0, len(messages), 2_000):
        service.take(messages[start : start + 2_000])


def made_book(plant: Path, folder: Path, kind: str = "twin") -> None:
    """A book of a plant with the day in it."""
    adopt(BookFolder(folder), plant, kind)
    service = PlantService.opened(BookFolder(folder))
    try:
        tell_day(service)
    finally:
        service.close()


def written(folder: Path, writes: str, approves: str, titles: Sequence[str] = ("Load by hand",)) -> None:
    """Work instructions in force, and for each a revision that waits for approval; who approved has read the first one."""
    from fabrika.app.demo_book import demo_persons
    from fabrika.app.sitemap import COMMANDS

    commands = {command.name: command for command in COMMANDS}
    service = PlantService.opened(BookFolder(folder))
    try:
        demo_persons(service)
        for number, title in enumerate(titles):
            document = f"wi-{number}"
            form = {"document": document, "kind": "instruction", "title": title, "language": "en"}
            one = {"document": document, "revision": 1}
            for name, by, fields in (
                ("draft", writes, {**form, "text": f"1. Look.\n2. {title}"}),
                ("approve", approves, one),
                ("put_in_force", approves, one),
                ("read", approves, one),
                ("draft", writes, {**form, "text": f"1. Look twice.\n2. {title}"}),
            ):
                command = commands[f"documents.{name}"]
                service.do(command, by, fields, key=f"{document} {name} {len(fields.get('text', ''))}")
    finally:
        service.close()


def stocked(folder: Path, persons: dict[str, str], names: Sequence[str] = ("Good Metal Ltd",)) -> None:
    """Material received and released, a container filled and scrap of it, a shipment in view, a location that is being counted.

    Args:
        folder: of a book with an open lot.
        persons: who receives, releases, moves and counts, and who answers for the book, by these words.
        names: suppliers, each of a lot of its own.
    """
    service = PlantService.opened(BookFolder(folder))
    plant = service.plant
    places = {item.holds: item.id for item in reversed(plant.locations)}
    line = plant.lines[0]
    station, lot = f"{line.id}.{line.stations[0].id}", f"26-0{318 + len(line.id)}"
    box = {"container": "T-1"}
    steps: list[tuple[str, str, dict]] = []
    for number, supplier in enumerate(names, 1):
        form = {
            "material": plant.materials[0].id,
            "quantity": 500,
            "location": places["quarantine"],
            "supplier": supplier,
        }
        steps += [
            ("receive", "receives", {**form, "material_lot": f"M-{number}", "supplier_lot": supplier[:90]}),
            ("set_status", "releases", {"subject": f"M-{number}", "status": "released", "reason": supplier}),
        ]
    steps += [
        ("receive", "receives", {**form, "material_lot": "M-wait", "expires_at_us": NOW_US + 90 * 24 * HOUR_US}),
        ("move", "moves", {"subject": "M-1", "location": places["line"], "quantity": 120}),
        ("consume", "moves", {"subject": "M-1", "origin": places["line"], "station": station, "lot": lot, "quantity": 20}),
        ("register_container", "receives", {**box, "kind": plant.containers[0].id, "location": places["line"]}),
        ("fill_container", "moves", {**box, "lot": lot, "station": station, "units": 400}),
        ("scrap", "moves", {"subject": "T-1", "quantity": 7, "location": places["scrap"], "reason": "dented"}),
        ("prepare_destruction", "releases", {"subject": lot, "location": places["scrap"], "quantity": 5}),
        ("send", "moves", {"route": "rework", "subject": "T-1", "units": 30, "reason": names[-1]}),
        ("begin_stocktake", "answers", {"location": places["quarantine"]}),
        ("count", "counts", {"stocktake": "count-1", "subject": "M-1", "quantity": 377}),
    ]  # fmt: skip
    try:
        handle_stock(service, persons, steps)
    finally:
        service.close()


def handle_stock(service: PlantService, persons: dict[str, str], steps: Sequence[tuple[str, str, dict]]) -> None:
    """What people do with stock, one after the other: the command's name in the room, who by a word of ``persons``, and its form."""
    from fabrika.app.sitemap import COMMANDS

    commands = {command.name: command for command in COMMANDS}
    for number, (name, who, form) in enumerate(steps):
        service.do(commands[f"inventory.{name}"], persons[who], form, key=f"stock {number:04} {name}")


OF_STOCK = {
    "receives": "demo-shift-lead",
    "moves": "demo-operator",
    "releases": "demo-quality-manager",
    "counts": "demo-training-head",
    "answers": "demo-technical-head",
}
"""Who does what with stock in the cartridge plant."""
