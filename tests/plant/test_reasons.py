"""Reasons of stops and scrap: what the file may say, where each can be chosen, and what is wrong with it by line and column."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fabrika.plant.difference import difference
from fabrika.plant.open_work import reused
from fabrika.plant.reasons import reason_name, reasons_at, stop_name
from plant.plantfiles import problems, read

HEAD = """fabrika: 1
plant: {name: two machines}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: 1 s, fails: [{id: jam, name: Jammed, after: 5000 cycles, repair: 2 min}]}
      - {id: b, kind: machine, cycle: 1 s, buffer: 3}
"""
TEXT = (
    HEAD
    + """short_stop: 90 s
reasons:
  stop:
    - id: material
      name: Material
      reasons:
        - {id: empty, name: Nothing to work with}
        - {id: wrong, only_at: line.b}
    - {id: cleaning, name: Cleaning}
  scrap:
    - {id: dent, name: Dented, only_at: [line.a, line.b]}
"""
)


def ids(plant, use, station):
    return [(name, [held.id for held in group]) for name, group in reasons_at(plant, use, station)]


def test_reasons_are_chosen_group_by_group_where_they_belong():
    plant = read(TEXT)
    assert plant.short_stop_s == 90
    assert ids(plant, "stop", "line.a") == [("", ["cleaning"]), ("Material", ["empty"])]
    assert ids(plant, "stop", "line.b") == [("", ["cleaning"]), ("Material", ["empty", "wrong"])]
    assert ids(plant, "scrap", "line.a") == [("", ["dent"])]
    assert (reason_name(plant, "empty"), reason_name(plant, "wrong")) == ("Nothing to work with", "wrong")
    assert [stop_name(plant, "line.a", found) for found in ("jam", "empty", "other")] == [
        "Jammed", "Nothing to work with", "other",
    ]  # fmt: skip


def test_a_plant_that_names_none_has_none():
    plant = read(HEAD)
    assert (plant.reasons, plant.short_stop_s, ids(plant, "stop", "line.a")) == ((), 0.0, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("id: empty, name", "id: cleaning, name", 16, "used twice"),
        ("{id: cleaning, name: Cleaning}", "{id: jam, name: Jam}", 16, "already a way in which a station stops"),
        ("only_at: line.b", "only_at: line.c", 15, "no station `line.c`"),
        ("[line.a, line.b]", "[line.a, line.a]", 18, "named twice"),
        ("short_stop: 90 s", "short_stop: 90 kg", 8, "`kg` is not a unit"),
        ("  scrap:", "  waste:", 17, "not a key here"),
        ("{id: dent, name: Dented, only_at: [line.a, line.b]}", "{id: dent, reasons: []}", 18, "holds no reason"),
        ("      name: Material", "      only_at: line.a", 15, "for which its group"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, line, wrong):
    found = problems(TEXT.replace(old, new))
    assert [problem for problem in found if problem.line == line and wrong in problem.wrong], found


def test_editions_are_compared_by_what_they_mean():
    plant = read(TEXT)
    assert not difference(plant, read(TEXT))
    renamed = read(TEXT.replace("{id: cleaning,", "{id: tidying, was: cleaning,"))
    (change,) = difference(plant, renamed).changes
    assert (change.what, change.path, change.old) == ("renamed", "tidying", "cleaning")
    longer = replace(plant, short_stop_s=120.0)
    assert [change.path for change in difference(plant, longer).changes] == ["plant.short_stop"]
    gone = replace(plant, reasons=plant.reasons[:-1])
    assert [(change.what, change.path) for change in difference(plant, gone).changes] == [("removed", "dent")]
    assert not reused([plant], renamed)
