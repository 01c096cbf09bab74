"""What a valid plant file means."""

from __future__ import annotations

import hashlib
from datetime import UTC, date

import pytest

from fabrika.errors import PlantFileError
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import (
    Belief,
    Campaign,
    Changeover,
    Distribution,
    Input,
    Lever,
    Mode,
    PlannedStop,
    Shift,
    Statement,
)
from fabrika.plant.read import read_plant
from plant.plantfiles import TEACHING, line_of, problems, read, zone_of

SMALLEST = """\
fabrika: 1
plant: {name: two machines}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: exponential(1 s)}
      - {id: b, kind: machine, cycle: exponential(1 s), buffer: 3}
"""


def teaching(name: str):
    path = next(path for path in TEACHING if path.stem == name)
    return read(path.read_text("utf-8"))


def station(plant, path: str):
    line, _, name = path.partition(".")
    return next(item for part in plant.lines if part.id == line for item in part.stations if item.id == name)


def test_the_smallest_plant() -> None:
    plant = read(SMALLEST)
    assert (plant.id, plant.name, plant.zone, plant.zone_name) == ("plant", "two machines", UTC, "UTC")
    first, second = plant.lines[0].stations
    assert first.cycle == second.cycle == Distribution("exponential", 1.0)
    assert first.inputs == ()
    assert second.inputs == (Input("line.a", 3),)
    assert plant.warm_up_s == 7 * 86400
    assert plant.sha256 == hashlib.sha256(SMALLEST.encode()).hexdigest()
    assert plant.contract is None


@pytest.mark.parametrize("path", TEACHING, ids=lambda path: path.stem)
def test_teaching_plants_are_valid(path) -> None:
    assert read_plant(path.read_bytes(), path.name, zone_of).lines


def test_the_teaching_plants_show_every_kind() -> None:
    used = {item.kind for path in TEACHING for line in read(path.read_text("utf-8")).lines for item in line.stations}
    assert used == set(KINDS)


@pytest.mark.parametrize(
    "change",
    [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text, lambda text: "---\n" + text + "...\n",
     lambda text: "# a comment: [{\n" + text + "# *the end\n"],
)  # fmt: skip
def test_line_ends_marks_and_comments_change_nothing(change) -> None:
    plain, changed = read(SMALLEST), read(change(SMALLEST))
    assert changed.lines == plain.lines


def test_block_and_flow_style_mean_the_same() -> None:
    block = line_of(
        "- id: a\n  kind: machine\n  cycle: 1 s\n- id: b\n  kind: machine\n  cycle: 1 s\n  buffer:\n    - 3"
    )
    flow = line_of("- {id: a, kind: machine, cycle: 1 s}\n- {id: b, kind: machine, cycle: 1 s, buffer: [3]}")
    assert read(block).lines == read(flow).lines


@pytest.mark.parametrize("word", ["NO", "1:30", "012", "true", "1e3", "0x1F", "2026-01-01", "yes", '"""', "it's"])
def test_words_stay_words(word: str) -> None:
    quoted = word.replace("'", "''")
    assert (
        read(f"fabrika: 1\nplant: {{name: '{quoted}'}}\n" + SMALLEST.partition("\n")[2].partition("\n")[2]).name == word
    )
    if '"' not in word:
        assert (
            read(f"fabrika: 1\nplant: {{name: {word}}}\n" + SMALLEST.partition("\n")[2].partition("\n")[2]).name == word
        )


def test_long_texts_keep_their_blanks() -> None:
    text = "one two three four five six seven eight nine ten, and [more] *of* it & so on: really"
    plant = read(SMALLEST.replace("two machines", f'"{text}"'))
    assert plant.name == text
    plain = 'one  two three four five six seven eight nine ten & it\'s "so" *fine*#really'
    assert read(SMALLEST.replace("{name: two machines}", f"\n  name: {plain}   # a comment")).name == plain
    folded = read(SMALLEST.replace("{name: two machines}", "\n  name: >-\n    " + "word " * 12 + "\n    - *end"))
    assert folded.name == "word " * 12 + " - *end"


@pytest.mark.parametrize(
    ("after", "clock"), [("9 cycles", "cycles"), ("9 h busy", "busy"), ("9 h on shift", "shift"), ("9 h", "clock")]
)
def test_a_crew_may_be_called_by_every_clock(after: str, clock: str) -> None:
    fails = f"fails: [{{id: jam, after: exponential({after}), repair: 1 min, repaired_by: fitters}}]"
    plant = read(line_of(f"- {{id: a, kind: machine, cycle: 1 s, {fails}}}", "crews: [{id: fitters, size: 1}]\n"))
    (mode,) = plant.lines[0].stations[0].fails
    assert (mode.clock, mode.crew) == (clock, "fitters")


def test_stops_crews_and_parallel_machines() -> None:
    plant = teaching("parallel-and-crew")
    turn, grind = plant.lines[0].stations
    assert (turn.machines, turn.order, grind.order) == (3, "mixed", "fifo")
    assert turn.fails[0] == Mode(
        "chips", Distribution("exponential", 800.0), "cycles", Distribution("lognormal", 240.0, 1.0), "fitters", "plant"
    )
    assert turn.fails[1].clock == "busy"
    assert turn.stops == (PlannedStop("clean", 28800.0, "busy", Distribution("constant", 600.0)),)
    assert grind.fails[1].after == Distribution("exponential", 4120 * 3600 / 37)
    assert plant.beliefs[0] == Belief(
        "line.grind.fails.belt.after", "observed", 0.0, 0.0, 37, "37 stops in 4120 h busy"
    )


def test_assembly_batch_packing_and_transport() -> None:
    join = station(teaching("assembly"), "box.join")
    assert join.inputs == (Input("body.trim", 40), Input("lid.press", 200, 2))
    assert station(teaching("assembly"), "box.look").scrap == 0.01
    plant = teaching("batch-and-packing")
    assert station(plant, "line.oven").size == 50
    assert station(plant, "line.oven").order == "mixed"
    assert (station(plant, "line.belt").time, station(plant, "line.belt").capacity) == (30.0, 200)
    assert station(plant, "line.belt").cycle is None


def test_calendars_products_campaigns_and_changeovers() -> None:
    plant = teaching("calendar-and-campaigns")
    first = plant.calendars[0]
    assert first.shifts[0] == Shift((0, 1, 2, 3, 4), 360, 840, ((600, 645),))
    assert first.shutdowns == ((date(2026, 8, 1), date(2026, 8, 14)),)
    assert (first.warm_up_s, first.warm_up_after_s) == (1200.0, 28800.0)
    assert plant.zone_name == "Europe/Belgrade"
    line = plant.lines[0]
    assert line.sequence == (Campaign("a", 40000), Campaign("b", 10000))
    assert line.lots is not None
    assert (line.lots.size, line.lots.rejected) == (5000, 0.01)
    assert plant.products[1].route == ("line.cut", "line.pack")
    pack = line.stations[2]
    assert pack.cycle_of == {"a": Distribution("constant", 0.9), "b": Distribution("constant", 1.1)}
    assert pack.changeover == Changeover(
        Distribution("constant", 1800.0), {("a", "b"): Distribution("gamma", 2700.0, 0.3)}
    )
    assert line.stations[1].area == "furnace"


def test_merges_splits_and_stores() -> None:
    plant = teaching("merge-split-store")
    assert plant.stores[0].inputs == ("press-1.press", "press-2.press")
    assert station(plant, "sorting.sort").inputs == (Input("hopper"),)
    assert station(plant, "sorting.sort").output == "round robin"
    assert station(plant, "final.count").inputs == (Input("pack-1.pack", 20), Input("pack-2.pack", 20))


def test_contract_rare_losses_beliefs_and_levers() -> None:
    plant = teaching("contract")
    contract = plant.contract
    assert contract is not None
    assert (contract.units_per_year, contract.date, contract.tolerance) == (6e6, date(2025, 12, 17), 0.01)
    assert (contract.calendar, contract.excluded, contract.confidence) == ("day", ("power",), 0.8)
    assert plant.outages[0].restart_s == 2700
    assert (plant.outages[0].clock, plant.outages[0].area) == ("shift", "hall")
    assert plant.supplies[0].stations == ("line.press",)
    assert plant.ramp_up is not None
    assert (plant.ramp_up.time_s, plant.ramp_up.rate, plant.ramp_up.scrap, plant.ramp_up.repair) == (
        2592000,
        0.9,
        2,
        1.5,
    )
    assert plant.levers == (
        Lever("faster-press", "line.press.cycle", 0.95, 1.0, 40000, "EUR", 0.0, "servo drive"),
        Lever("more-places", "line.finish.buffer", 500, 4000, 5000, "EUR", 100),
        Lever("second-fitter", "crews.fitters.size", 1, 2, 30000, "EUR", 1),
    )
    assert [belief.path for belief in plant.beliefs] == [
        "line.press.cycle", "line.press.scrap", "line.press.fails.jam.after", "line.press.fails.jam.repair",
        "line.press.fails.drive.after",
    ]  # fmt: skip
    assert plant.facts == (Statement("The line was ordered in 2025", "made up for this lesson"),)
    assert plant.assumptions == (Statement("Stops as on a similar line"),)


def test_a_former_id_and_notes_have_no_effect() -> None:
    plain = line_of("- {id: a, kind: machine, cycle: 1 s}")
    noted = line_of("- {id: a, was: b, note: moved, kind: machine, cycle: 1 s}")
    assert read(plain).lines == read(noted).lines


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("fri-mon", (0, 4, 5, 6)),
        ("sat", (5,)),
        ("[sun, mon]", (0, 6)),
        ("mon-sun", tuple(range(7))),
    ],
)
def test_days(words: str, days: tuple[int, ...]) -> None:
    around = f'calendars: [{{id: c, shifts: [{{days: {words}, from: 06:00, to: "24:00"}}]}}]\n'
    plant = read(line_of("- {id: a, kind: machine, cycle: 1 s}", around))
    assert plant.calendars[0].shifts == (Shift(days, 360, 1440),)


def test_problems_come_in_the_order_of_the_file_with_places() -> None:
    found = problems(line_of("- {id: a, kind: machine, cycle: 1 kg, colour: red}\n- {id: b, kind: bach, cycle: 1 s}"))
    assert [(item.line, item.column, item.where) for item in found] == [
        (6, 39, "lines[0].stations[0].cycle"),
        (6, 45, "lines[0].stations[0].colour"),
        (7, 23, "lines[0].stations[1].kind"),
    ]
    assert found[2].remedy == "Write `batch`."


def test_the_nearest_word_is_named() -> None:
    stations = "- {id: press, kind: machine, cycle: 1 s}\n- {id: pack, kind: machine, cycle: 1 s, feed: line.pres}"
    assert problems(line_of(stations))[0].remedy == "Write `line.press`."
    assert "`buffer`" in problems(line_of("- {id: a, kind: machine, cycle: 1 s, bufer: 3}"))[0].remedy


def test_the_error_names_the_file() -> None:
    with pytest.raises(PlantFileError, match=r"mine\.yaml: 1 problem found"):
        read_plant(b"", "mine.yaml", zone_of)


def test_a_split_may_feed_a_merge_over_places() -> None:
    lines = """\
fabrika: 1
plant: {name: x}
lines:
  - {id: one, stations: [{id: a, kind: machine, cycle: 1 s}]}
  - {id: two, stations: [{id: b, kind: machine, cycle: 1 s, feed: one}]}
  - {id: three, stations: [{id: c, kind: machine, cycle: 1 s, feed: [one, two], buffer: [1, 0]}]}
"""
    assert read(lines).lines[2].stations[0].inputs == (Input("one.a", 1), Input("two.b", 0))
    transport = lines.replace(
        "kind: machine, cycle: 1 s, feed: [one, two], buffer: [1, 0]",
        "kind: transport, time: 1 s, capacity: 2, feed: [one, two]",
    )
    assert "station between" in problems(transport)[0].remedy


def test_a_merge_of_lines_with_the_same_products() -> None:
    text = """\
fabrika: 1
plant: {name: x}
products: [{id: a}, {id: b}]
lines:
  - {id: one, sequence: [{product: a, quantity: 5}, {product: b, quantity: 5}], stations: [{id: m, kind: machine, cycle: 1 s}]}
  - {id: two, sequence: [{product: a, quantity: 9}, {product: b, quantity: 1}], stations: [{id: m, kind: machine, cycle: 1 s}]}
  - {id: alone, sequence: [{product: b, quantity: 9}], stations: [{id: m, kind: machine, cycle: 1 s}]}
  - {id: end, stations: [{id: m, kind: machine, cycle: 1 s, feed: [one, two]}]}
"""
    assert len(read(text).lines) == 4
