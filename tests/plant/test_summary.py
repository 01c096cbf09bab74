"""The plant on one screen: rates by hand, warnings where something looks odd."""

from __future__ import annotations

import pytest

from fabrika.plant.summary import open_hours, rates, summary, warnings
from plant.plantfiles import TEACHING, line_of, read

PLANTS = {path.stem: read(path.read_text("utf-8")) for path in TEACHING}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_it_fits_a_screen_and_names_every_station(plant) -> None:
    lines = summary(plant)
    assert all(len(line) <= 100 for line in lines)
    text = "\n".join(lines)
    for line in plant.lines:
        for station in line.stations:
            assert f"{line.id}.{station.id}" in text


def rate(plant, path: str) -> float:
    return next(item.units_per_hour for item in rates(plant) if item.path == path)


def test_rates_alone() -> None:
    # 3600 s / 1 s; 50 units in 22 s; 40 units in 10 s; 200 units under way for 30 s
    assert rate(PLANTS["two-machines"], "line.a") == 3600
    plant = PLANTS["batch-and-packing"]
    assert rate(plant, "line.oven") == pytest.approx(50 / 22 * 3600)
    assert rate(plant, "line.carton") == pytest.approx(14400)
    assert rate(plant, "line.belt") == pytest.approx(24000)


def test_rates_alone_count_stops() -> None:
    # 1 s a cycle; 2 min every 600 cycles: 1.2 s a cycle; and an hour in 10 busy hours: 1.3 s
    plant = read(line_of("- {id: a, kind: machine, cycle: 1 s, fails: [{id: jam, after: 600 cycles, repair: 2 min}]}"))
    assert rate(plant, "line.a") == pytest.approx(3600 / 1.2)
    plant = read(line_of("- {id: a, kind: machine, cycle: 1 s, stops: [{id: clean, every: 10 h busy, takes: 1 h}]}"))
    assert rate(plant, "line.a") == pytest.approx(3600 / 1.1)


def test_rates_by_product_follow_the_mix() -> None:
    text = """\
fabrika: 1
plant: {name: x}
contract: {units_per_year: 1000, mix: {a: 75 %, b: 25 %}}
products: [{id: a}, {id: b, cycle_factor: 2}]
lines:
  - id: line
    sequence: [{product: a, quantity: 75}, {product: b, quantity: 25}]
    stations:
      - {id: m, kind: machine, cycle: 1 s}
      - {id: n, kind: machine, cycle: {a: 1 s, b: 3 s}, scrap: {a: 0 %, b: 4 %}}
"""
    plant = read(text)
    assert rate(plant, "line.m") == pytest.approx(3600 / 1.25)
    assert rate(plant, "line.n") == pytest.approx(3600 / 1.5)
    # 1 % is lost on the mix at the last station, so that 1 / 0.99 must come in
    assert [item.needed_share for item in rates(plant)] == pytest.approx([1 / 0.99, 1 / 0.99])


def test_open_hours() -> None:
    plant = PLANTS["contract"]
    # 2026 has 261 weekdays of 8 h
    assert open_hours(plant, "day") == 261 * 8
    assert open_hours(plant, None) == 8760


def test_needed_units_go_back_through_assembly_and_packing() -> None:
    found = {item.path: item for item in rates(PLANTS["assembly"])}
    assert found["box.look"].needed_share == pytest.approx(1 / 0.99)
    assert found["lid.press"].needed_share == pytest.approx(2 / 0.99 / 0.998)
    found = {item.path: item for item in rates(PLANTS["batch-and-packing"])}
    assert found["line.label"].needed_share == pytest.approx(1 / 40)
    assert found["line.label"].pieces == 40
    assert found["line.form"].needed_share == pytest.approx(1)


def test_a_station_slower_than_the_contract_is_told() -> None:
    contract = "contract: {units_per_year: 40000000}\n"
    plant = read(line_of("- {id: a, kind: machine, cycle: 1 s}", contract))
    told = warnings(plant)
    assert any(
        "line.a alone can take in 31,536,000 units a year; the contract needs 40,000,000" in text for text in told
    )
    assert any("Nothing ever fails" in text for text in told)


def test_idle_things_are_told() -> None:
    around = (
        'calendars: [{id: day, shifts: [{days: mon, from: "06:00", to: "14:00"}]}]\n'
        "crews: [{id: fitters, size: 1}]\ncontract: {units_per_year: 5}\nproducts: [{id: a}, {id: b}]\n"
    )
    text = line_of("- {id: a, kind: machine, cycle: 1 s}", around)
    text = text.replace("    stations:", "    sequence: [{product: a, quantity: 5}]\n    stations:")
    told = "\n".join(warnings(read(text)))
    assert "crew fitters" in told
    assert "calendar day" in told
    assert "product b" in told
    assert "2001" in told


LEVERS = """\
crews: [{id: fitters, size: 1}]
levers:
  - {id: faster, change: line.a.cycle, to: 0.95 s, cost: 40000 EUR}
  - {id: rarer, change: line.a.fails.jam.after, to: 4000 cycles}
  - {id: quicker, change: line.b.fails.wear.repair, range: [20 min, 10 h]}
  - {id: longer, change: line.b.fails.wear.after, to: 1000 h}
  - {id: less-scrap, change: line.b.scrap, to: 0.2 %}
  - {id: places, change: line.b.buffer, to: 120000}
  - {id: second, change: crews.fitters.size, to: 2}
"""


def test_levers_are_told_in_the_units_that_people_write() -> None:
    plant = read(
        line_of(
            "- {id: a, kind: machine, cycle: 1 s, fails: [{id: jam, after: exponential(2500 cycles), repair: 3 min}]}\n"
            "- {id: b, kind: machine, cycle: 1 s, scrap: 0.5 %, buffer: 500,"
            ' fails: [{id: wear, after: exponential(600 h busy), repair: "lognormal(6 h, cv 1)"}]}',
            LEVERS,
        )
    )
    assert [line for line in summary(plant) if line.startswith("lever")] == [
        "lever     faster: line.a.cycle from 1 to 0.95 s, 40,000 EUR",
        "lever     rarer: line.a.fails.jam.after from 2500 to 4000 cycles",
        "lever     quicker: line.b.fails.wear.repair from 20 min to 10 h, today 6 h",
        "lever     longer: line.b.fails.wear.after from 600 to 1000 h",
        "lever     less-scrap: line.b.scrap from 0.5 to 0.2 %",
        "lever     places: line.b.buffer from 500 to 120000",
        "lever     second: crews.fitters.size from 1 to 2",
    ]
