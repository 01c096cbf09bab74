"""What another edition changes is told value by value, and nothing else is."""

from __future__ import annotations

import re
from dataclasses import replace as copied
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabrika.errors import PlantFileError
from fabrika.plant.acts import ACTS
from fabrika.plant.difference import WHAT, difference
from fabrika.plant.open_work import OpenWork, breaks, reused
from fabrika.plant.parameters import parameters, replace
from fabrika.plant.read import read_plant
from fabrika.plant.renaming import Names, under
from fabrika.plant.roles import FIRST_SCREENS, usual_roles
from plant.plantfiles import TEACHING, read, zone_of

PLANTS = Path(__file__).resolve().parents[2] / "plants"
FILES = [PLANTS / "cartridge-20m" / "plant.yaml", PLANTS / "bearings-6m" / "plant.yaml", *TEACHING]
TEXTS = {path.parent.name if path.stem == "plant" else path.stem: path.read_text("utf-8") for path in FILES}
READ = {name: read(text) for name, text in TEXTS.items()}
CARTRIDGE = TEXTS["cartridge-20m"]

PLANT = """\
fabrika: 1
plant: {name: Works, zone: Europe/Belgrade, assumptions: [one, two]}
contract: {units_per_year: 5000, mix: {a: 60 %, b: 40 %}, basis: {excluded: [power]}}
calendars:
  - {id: day, shifts: [{days: mon-fri, from: "06:00", to: "14:00"}], holidays: [2026-01-01, 2026-05-01]}
areas: [{id: hall, calendar: day}]
products: [{id: a}, {id: b, cycle_factor: 1.2, route: [line.press, line.pack]}]
crews: [{id: fitters, size: 2}]
outages: [{id: power, area: hall, after: 500 h, lasts: 1 h}]
supplies: [{id: bar, stations: [line.press], after: 900 h, lasts: 5 h}]
levers: [{id: faster, change: line.press.cycle, to: 0.9 s, cost: 5 EUR}]
roles:
  - {id: office, name: Office, may: [see_plant, see_people, manage_people]}
  - {id: lead, name: Lead, may: [see_plant, correct, amend_plant], first: proof}
two_people: [amend_plant]
apart: [[office, lead]]
lines:
  - id: line
    area: hall
    sequence: [{product: a, quantity: 60}, {product: b, quantity: 40}]
    stations:
      - id: press
        name: Press
        kind: machine
        cycle: 1 s +- 3 %
        fails: [{id: jam, name: Jam, after: 50 cycles, repair: 1 min, repaired_by: fitters}]
        stops: [{id: clean, every: 8 h, takes: 10 min}]
        changeover: {default: 1 min, times: [{from: a, to: b, takes: 5 min}]}
      - {id: belt, kind: transport, time: 10 s, capacity: 40}
      - {id: pack, kind: inspection, cycle: {a: 1 s, b: 2 s}, rejects: 1 %, buffer: 7}
"""


def told(old: str, new: str) -> list[str]:
    return [str(change.sentence) for change in difference(read(old), read(new)).changes]


@pytest.mark.parametrize("plant", READ.values(), ids=READ)
def test_a_plant_does_not_differ_from_itself(plant) -> None:
    found = difference(plant, plant)
    assert not found
    assert found.changes == ()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_comments_and_ways_of_writing_change_nothing(text) -> None:
    other = "# said otherwise\n" + re.sub(r"(?m)^fabrika: 1", "fabrika: 1   # still", text)
    other = other.replace("time: 40 s", "time: 40000 ms").replace("takes: 2 h", "takes: 120 min")
    other = other.replace("note: ", "note: once more, ")
    assert other != text
    old, new = read(text), read(other)
    assert old.sha256 != new.sha256
    assert not difference(old, new)


@pytest.mark.parametrize("plant", READ.values(), ids=READ)
def test_every_what_if_is_told_exactly(plant) -> None:
    rows = parameters(plant)
    for item in rows[:: 1 + len(rows) // 100]:
        value = "12" if item.dimension == "count" else "1.7" if item.dimension == "factor" else None
        text = value or {"share": "1.37 %", "time": "1234 s", "cycles": "77 cycles"}[item.dimension]
        if item.path == "ramp_up.rate":
            text = "45 %"
        changed = replace(plant, item.path, text)
        (change,) = difference(plant, changed).changes
        assert (change.what, change.path) == ("changed", item.path)
        believed = next((belief.text for belief in plant.beliefs if belief.path == item.path), item.text)
        new = next(other.text for other in parameters(changed) if other.path == item.path)
        assert (change.old, change.new) == (believed, new)
        (back,) = difference(changed, plant).changes
        assert (back.path, back.old, back.new) == (item.path, new, believed)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_several_what_ifs_are_told_each_in_the_order_of_the_file(data: st.DataObject) -> None:
    plant = READ["cartridge-20m"]
    rows = parameters(plant)
    chosen = data.draw(st.lists(st.sampled_from([row.path for row in rows if row.dimension == "time"]), unique=True))
    changed = plant
    for path in chosen:
        changed = replace(changed, path, "1234.5 s")
    found = [change.path for change in difference(plant, changed).changes]
    assert sorted(found) == sorted(chosen)
    stations = [f"{line.id}.{station.id}" for line in plant.lines for station in line.stations]
    places = [stations.index(where) for path in found if (where := ".".join(path.split(".")[:2])) in stations]
    assert places == sorted(places)


def test_a_difference_beyond_the_told_digits_is_told() -> None:
    plant = READ["two-machines"]
    (change,) = difference(plant, replace(plant, "line.a.cycle", "exponential(1.00000000000001 s)")).changes
    assert change.path == "line.a.cycle"
    assert change.old != change.new


SCALAR = re.compile(r"(?<=: )[A-Za-z0-9][^{}\[\],#\n\"]*|(?<=\[)[a-z0-9][a-z0-9-]*(?=[\],])")
WITHOUT_EFFECT = re.compile(r"\b(note|fabrika|was): $")


@pytest.mark.parametrize("name", ["cartridge-20m", "bearings-6m"])
def test_every_value_of_a_reference_plant_counts(name: str) -> None:
    """Each value of the file is written otherwise, in turn; wherever the file still reads, the difference tells."""
    text, old = TEXTS[name], READ[name]
    tried = 0
    for match in list(SCALAR.finditer(text))[::11]:
        line = text[: match.start()].rpartition("\n")[2]
        if WITHOUT_EFFECT.search(line) or "#" in line:
            continue
        value = match[0].rstrip()
        number = re.match(r"\d+(\.\d+)?", value)
        other = f"{value[: number.end()]}1{value[number.end() :]}" if number else f"{value}z"
        changed = text[: match.start()] + other + text[match.start() + len(value) :]
        try:
            new = read_plant(changed.encode(), "plant.yaml", zone_of)
        except PlantFileError:
            continue
        tried += 1
        assert difference(old, new), (value, other)
    assert tried >= 25


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        ("name: Works", "name: Mill", ["changed: plant.name from Works to Mill"]),
        ("zone: Europe/Belgrade", "zone: UTC", ["changed: plant.zone from Europe/Belgrade to UTC"]),
        ("[one, two]", "[two, three]", [
            "removed: assumption plant.assumptions, one", "added: assumption plant.assumptions, three",
        ]),
        ("{a: 60 %, b: 40 %}", "{a: 55 %, b: 45 %}", [
            "changed: contract.mix.a from 60 % to 55 %", "changed: contract.mix.b from 40 % to 45 %",
        ]),
        ("excluded: [power]", "excluded: [bar]", [
            "removed: exclusion contract.basis.excluded, power", "added: exclusion contract.basis.excluded, bar",
        ]),
        ('"14:00"}', '"14:00", breaks: [{from: "10:00", to: "10:30"}]}', [
            "changed: calendars.day.shifts from mon-fri 06:00-14:00 to mon-fri 06:00-14:00 (10:00-10:30)",
        ]),
        ("2026-05-01]", "2026-05-02]", [
            "removed: day off calendars.day.holidays, 2026-05-01", "added: day off calendars.day.holidays, 2026-05-02",
        ]),
        ("{id: hall, calendar: day}", "{id: hall}", ["changed: areas.hall.calendar is no longer day"]),
        ("{id: hall, calendar: day}", "{id: hall, name: Hall, calendar: day}", ["changed: areas.hall.name is Hall from now on"]),
        ("size: 2", "size: 3", ["changed: crews.fitters.size from 2 to 3"]),
        ("stations: [line.press], after", "stations: [line.pack], after", [
            "removed: station supplies.bar.stations, line.press", "added: station supplies.bar.stations, line.pack",
        ]),
        ("to: 0.9 s, cost: 5 EUR", "to: 0.8 s, cost: 6 EUR", [
            "changed: levers.faster.range from 0.9 s .. 1 s to 0.8 s .. 1 s", "changed: levers.faster.cost from 5 EUR to 6 EUR",
        ]),
        ("may: [see_plant, correct, amend_plant]", "may: [see_plant, amend_plant, try_changes]", [
            "removed: act roles.lead.may, correct", "added: act roles.lead.may, try_changes",
        ]),
        ("first: proof", "first: board", ["changed: roles.lead.first from proof to board"]),
        ("two_people: [amend_plant]", "two_people: [correct]", [
            "added: act of two people two_people, correct", "removed: act of two people two_people, amend_plant",
        ]),
        ("apart: [[office, lead]]\n", "", ["removed: pair of roles apart apart, lead + office"]),
        ("apart: [[office, lead]]", "apart: [[lead, office]]", []),
        ("repaired_by: fitters", "repaired_by: fitters, works: shifts", [
            "changed: line.press.fails.jam.works from plant to shifts",
        ]),
        ("name: Jam", "name: A jam", ["changed: line.press.fails.jam.name from Jam to A jam"]),
        ("cycle: 1 s +- 3 %", "cycle: 1 s +- 2 %", ["changed: line.press.cycle from 1 s +- 3 % to 1 s +- 2 %"]),
        ("cycle: 1 s +- 3 %", "cycle: 1 s", ["changed: line.press.cycle from 1 s +- 3 % to 1 s"]),
        ("cycle: 1 s +- 3 %", "cycle: 1.5 s +- 3 %", ["changed: line.press.cycle from 1 s +- 3 % to 1.5 s +- 3 %"]),
        ("every: 8 h", "every: 8 h busy", ["changed: line.press.stops.clean.every from 8 h to 8 h busy"]),
        ("takes: 5 min}]}", "takes: 6 min}]}", ["changed: line.press.changeover.a.b from 5 min to 6 min"]),
        ("buffer: 7", "buffer: 8", ["changed: line.pack.buffer from 7 to 8"]),
        ("        stops: [{id: clean, every: 8 h, takes: 10 min}]\n", "", ["removed: planned stop line.press.clean"]),
        ("{product: a, quantity: 60}, {product: b, quantity: 40}", "{product: a, quantity: 60}, {product: b, quantity: 41}", [
            "changed: line.sequence.1.quantity from 40 to 41",
        ]),
        ("{product: a, quantity: 60}, {product: b, quantity: 40}", "{product: b, quantity: 40}, {product: a, quantity: 60}", [
            "changed: line.sequence from a 60, b 40 to b 40, a 60",
        ]),
        ("      - {id: belt, kind: transport, time: 10 s, capacity: 40}\n", "", ["removed: station line.belt, transport"]),
        ("      - {id: belt,", "      - {id: label, kind: machine, cycle: 1 s, name: Labels}\n      - {id: belt,", [
            "added: station line.label, Labels",
        ]),
        ("kind: inspection, cycle: {a: 1 s, b: 2 s}, rejects: 1 %, buffer: 7", "kind: machine, cycle: 3 s, buffer: 5", [
            "changed: line.pack.kind from inspection to machine",
            "changed: line.pack.cycle is 3 s from now on",
            "changed: line.pack.scrap is 0 % from now on",
            "changed: line.pack.cycle.a is no longer 1 s",
            "changed: line.pack.cycle.b is no longer 2 s",
            "changed: line.pack.rejects is no longer 1 %",
            "changed: line.pack.buffer from 7 to 5",
        ]),
    ],
)  # fmt: skip
def test_what_is_told(before: str, after: str, sentences: list[str]) -> None:
    assert before in PLANT
    new = PLANT.replace(before, after)
    assert sorted(told(PLANT, new)) == sorted(sentences)


LINES = """\
fabrika: 1
plant: {name: x}
lines:
  - {id: one, stations: [{id: a, kind: machine, cycle: 1 s}]}
  - {id: two, stations: [{id: a, kind: machine, cycle: 1 s}]}
  - {id: end, stations: [{id: pack, kind: machine, cycle: 1 s, feed: [one.a], buffer: 5}]}
"""


def test_another_feed_is_told_with_its_places() -> None:
    lines = LINES.replace("  - {id: two, stations: [{id: a, kind: machine, cycle: 1 s}]}\n", "")
    both = LINES.replace("[one.a], buffer: 5", "[one.a, two.a], buffer: [5, 6]")
    assert told(lines, both) == [
        "added: line two",
        "changed: end.pack.feed from one.a (5) to one.a (5) + two.a (6)",
    ]
    assert told(both, both.replace("[5, 6]", "[5, 7]")) == ["changed: end.pack.buffer.two.a from 6 to 7"]


def test_the_station_before_is_no_feed_that_was_written() -> None:
    new = PLANT.replace("      - {id: belt, kind: transport, time: 10 s, capacity: 40}\n", "")
    assert told(PLANT, new) == ["removed: station line.belt, transport"]


def test_a_whole_line_comes_and_goes_in_one_sentence() -> None:
    second = "  - id: second\n    stations:\n      - {id: a, kind: machine, cycle: 1 s, feed: line.pack}\n"
    assert told(PLANT, PLANT + second) == ["added: line second"]
    assert told(PLANT + second, PLANT) == ["removed: line second"]


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("id: line\n    area", "id: hot\n    was: line\n    area", "renamed: line hot, until now line"),
        ("id: press\n", "id: stamp\n        was: press\n", "renamed: station line.stamp, until now line.press"),
        ("products: [{id: a}", "products: [{id: aa, was: a}", "renamed: product aa, until now a"),
        ("{id: fitters,", "{id: menders, was: fitters,", "renamed: crew menders, until now fitters"),
        ("- {id: day,", "- {id: early, was: day,", "renamed: calendar early, until now day"),
        ("{id: hall,", "{id: shop, was: hall,", "renamed: area shop, until now hall"),
        ("{id: power,", "{id: mains, was: power,", "renamed: outage mains, until now power"),
        ("{id: bar,", "{id: bars, was: bar,", "renamed: supply bars, until now bar"),
        ("{id: faster,", "{id: quicker, was: faster,", "renamed: lever quicker, until now faster"),
        ("{id: lead,", "{id: boss, was: lead,", "renamed: role boss, until now lead"),
        ("{id: jam,", "{id: stuck, was: jam,", "renamed: mode of stopping line.press.stuck, until now line.press.jam"),
        ("{id: clean,", "{id: wipe, was: clean,", "renamed: planned stop line.press.wipe, until now line.press.clean"),
    ],
)
def test_a_rename_is_told_once_and_every_reference_follows(was: str, now: str, sentence: str) -> None:
    old_id = re.search(r"was: ([a-z]+)", now)[1]
    new_id = re.search(r"id: ([a-z]+)", now)[1]
    new = PLANT.replace(was, now)
    assert new != PLANT
    words = {
        "line": [("line.press", "hot.press"), ("line.pack", "hot.pack")],
        "press": [("line.press", "line.stamp")],
        "a": [("{a: ", "{aa: "), ("product: a,", "product: aa,"), ("from: a,", "from: aa,")],
    }.get(old_id, [(f"calendar: {old_id}", f"calendar: {new_id}"), (f"area: {old_id}", f"area: {new_id}"),
                   (f"_by: {old_id}", f"_by: {new_id}"), (f"excluded: [{old_id}]", f"excluded: [{new_id}]"),
                   (f", {old_id}]]", f", {new_id}]]")])  # fmt: skip
    for old, other in words:
        new = new.replace(old, other)
    assert told(PLANT, new) == [sentence]
    # In the edition after that, `was` stands there still and says nothing any more.
    assert told(new, new.replace("name: Works", "name: Mill")) == ["changed: plant.name from Works to Mill"]


def test_a_rename_with_a_change_tells_both() -> None:
    new = PLANT.replace("{id: belt, kind", "{id: conveyor, was: belt, kind").replace("capacity: 40", "capacity: 50")
    assert told(PLANT, new) == [
        "renamed: station line.conveyor, until now line.belt",
        "changed: line.conveyor.capacity from 40 to 50",
    ]


def test_without_was_it_is_another_thing() -> None:
    new = PLANT.replace("{id: belt, kind", "{id: conveyor, kind")
    assert told(PLANT, new) == ["removed: station line.belt, transport", "added: station line.conveyor, transport"]


def test_any_two_plants_can_be_compared() -> None:
    plants = [*READ.values(), read(PLANT), read(LINES)]
    for old in plants:
        for new in plants:
            found = difference(old, new)
            assert bool(found) == (old is not new)
            assert all(str(change.sentence) for change in found.changes)
            assert isinstance(breaks(found, OpenWork()), tuple)
    assert reused(plants[:-1], plants[-1]) is not None


def test_an_old_plant_under_its_own_names_is_itself() -> None:
    for plant in READ.values():
        assert under(plant, Names(plant, plant)) == plant


def test_the_usual_roles_written_out_are_no_difference() -> None:
    rows = "".join(
        f'  - {{id: {role.id}, name: "{role.name}", may: [{", ".join(sorted(role.may))}],'
        f" first: {next(word for word, screen in FIRST_SCREENS.items() if screen.page == role.first)}}}\n"
        for role in usual_roles()
    )
    text = TEXTS["two-machines"]
    assert told(text, text.replace("lines:", f"roles:\n{rows}lines:", 1)) == []


def test_fields_that_say_where_a_plant_came_from_are_no_difference() -> None:
    plant = READ["contract"]
    assert not difference(plant, copied(plant, sha256="0" * 64, changes=("a = b",)))


def test_every_word_of_a_change_is_known() -> None:
    assert set(WHAT) == {"added", "removed", "renamed", "changed"}
    assert all(ACTS.values())
