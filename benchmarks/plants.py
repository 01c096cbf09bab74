"""Write the plant files of the benchmarks from the same figures that the peers' models use.

``python benchmarks/plants.py`` writes them; a test compares what is on disk.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.line import LINE_A, LINE_B, Line
from benchmarks.plant30 import BATCH, HOUR_NS, PARALLEL, SECOND_NS, Plant, Station, plant30

FOLDER = Path(__file__).resolve().parent / "plants"
SLOW = 5.7
"""With all its times so much longer, PLANT-30 needs about a calendar year for its 20 million units instead of nine weeks."""


def seconds(time_ns: int) -> str:
    """A time as the plant file writes it."""
    return f"{time_ns / SECOND_NS:.9f}".rstrip("0").rstrip(".") + " s"


def share(value: float) -> str:
    """A share as the plant file writes it."""
    return f"{100 * value:g} %"


def line_file(line: Line) -> str:
    """LINE-A or LINE-B."""
    law = "exponential" if line.exponential else "constant"
    rows = [
        f"# {line.name.upper()}: {line.stations} stations, {law} cycles, no repairers to wait for. By benchmarks/plants.py.",
        "fabrika: 1",
        f"plant: {{id: {line.name}, name: {line.name.upper()}, warm_up: 1 h}}",
        "lines:",
        "  - id: line",
        "    stations:",
    ]
    for number, cycle_s in enumerate(line.cycles_s):
        cycle = f"{cycle_s:g} s"
        rows += [
            f"      - id: s{number}",
            "        kind: machine",
            f"        cycle: {f'exponential({cycle})' if line.exponential else cycle}",
        ]
        if number:
            rows.append(f"        buffer: {line.places}")
        if number in line.scrapping:
            rows.append(f"        scrap: {share(line.scrap)}")
        after, repair = f"exponential({line.failing_every:g} cycles)", f"exponential({line.repair_s:g} s)"
        rows.append(f"        fails: [{{id: stop, after: {after}, repair: {repair}}}]")
    return "\n".join(rows) + "\n"


def _station(plant: Plant, station: Station) -> list[str]:
    cycle = seconds(station.cycle_ns)
    kind = {"serial": "machine", "assembly": "assembly", "batch": "batch", "parallel": "inspection"}[station.kind]
    rows = [f"      - id: {station.name.split('.')[1]}", f"        kind: {kind}"]
    if station.kind == "parallel":
        rows += [f"        machines: {PARALLEL}", f"        cycle: exponential({cycle})", "        rejects: 0 %"]
    else:
        rows.append(f"        cycle: {cycle}")
    if station.kind == "batch":
        rows.append(f"        size: {BATCH}")
    if station.kind == "assembly":
        makers = {other.output: other.name for other in plant.stations}
        needs = ", ".join(f"{{from: {makers[edge]}, buffer: {plant.places[edge]}}}" for edge in station.inputs)
        rows.append(f"        needs: [{needs}]")
    elif station.inputs:
        rows.append(f"        buffer: {plant.places[station.inputs[0]]}")
    if station.scrap:
        rows.append(f"        scrap: {share(station.scrap)}")
    if station.setup_ns:
        rows.append(f"        changeover: {seconds(station.setup_ns)}")
    if station.fails:
        after, repair = f"exponential({plant.failing_every:g} cycles)", f"exponential({seconds(plant.repair_ns)})"
        rows.append(f"        fails: [{{id: stop, after: {after}, repair: {repair}, repaired_by: fitters}}]")
    return rows


def plant30_file(plant: Plant, name: str) -> str:
    """PLANT-30 or PLANT-30 over a calendar year."""
    rows = [
        f"# {name.upper()}: two products in campaigns, two shared repairers, shifts. By benchmarks/plants.py.",
        "fabrika: 1",
        f"plant: {{id: {name}, name: {name.upper()}, calendar: shifts, warm_up: 1 h}}",
        "calendars:",
        "  - id: shifts",
        f'    shifts: [{{days: mon-sun, from: "00:00", to: "{plant.open_ns // HOUR_NS:02}:00"}}]',
        f"crews: [{{id: fitters, size: {plant.crew}}}]",
        "products: [{id: a}, {id: b}]",
        "lines:",
    ]
    for line in dict.fromkeys(station.name.split(".")[0] for station in plant.stations):
        rows.append(f"  - id: {line}")
        stations = [station for station in plant.stations if station.name.startswith(f"{line}.")]
        if not stations[0].inputs:
            rows.append("    sequence:")
            rows += [f"      - {{product: {product}, quantity: {plant.campaign}}}" for product in "ab"]
        rows.append("    stations:")
        for station in stations:
            rows += _station(plant, station)
    return "\n".join(rows) + "\n"


def files() -> dict[str, str]:
    """Every file by its name in :data:`FOLDER`."""
    return {
        "line-a.yaml": line_file(LINE_A),
        "line-b.yaml": line_file(LINE_B),
        "plant-30.yaml": plant30_file(plant30(), "plant-30"),
        "plant-30-year.yaml": plant30_file(plant30(SLOW), "plant-30-year"),
    }


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
