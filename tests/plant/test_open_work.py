"""What another edition would break is refused with who can mend it; ids are never used for anything else."""

from __future__ import annotations

import pytest

from fabrika.plant.difference import difference
from fabrika.plant.open_work import HeldRole, OpenLot, OpenWork, breaks, reused
from fabrika.plant.roles import acts_of, role_of
from plant.plantfiles import read

PLANT = """\
fabrika: 1
plant: {id: works, name: Works}
areas: [{id: hall}, {id: yard}]
products: [{id: a}, {id: b}]
roles:
  - {id: office, may: [see_plant, manage_people]}
  - {id: lead, may: [see_plant, report_production, amend_plant]}
  - {id: judge, may: [see_plant, correct]}
lines:
  - id: one
    area: hall
    sequence: [{product: a, quantity: 60}, {product: b, quantity: 40}]
    stations:
      - {id: press, kind: machine, cycle: 1 s}
      - {id: look, kind: machine, cycle: 1 s}
      - {id: pack, kind: machine, cycle: 1 s}
  - id: two
    sequence: [{product: a, quantity: 60}]
    stations: [{id: press, kind: machine, cycle: 1 s}]
"""
LOOK = "      - {id: look, kind: machine, cycle: 1 s}\n"
TWO = PLANT[PLANT.index("  - id: two") :]
WORK = OpenWork(
    lots=(OpenLot("lot-7", "b", "one"),),
    roles=(HeldRole("p-1", "office"), HeldRole("p-2", "lead", "hall"), HeldRole("p-2", "judge")),
)


def why(new: str, work: OpenWork = WORK, old: str = PLANT) -> list[tuple[str, str]]:
    return [(str(item.wrong), str(item.remedy)) for item in breaks(difference(read(old), read(new)), work)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cycle: 1 s", "cycle: 2 s"),
        (TWO, ""),  # nothing is open there
        ("{id: look,", "{id: check, was: look,"),
        ("id: one\n", "id: first\n    was: one\n"),
        ("{id: lead,", "{id: boss, was: lead,"),
        ("[{id: hall}, {id: yard}]", "[{id: hall}]"),
        ("lines:\n", "apart: [[office, lead]]\nlines:\n"),
        ("  - {id: judge, may: [see_plant, correct]}\n", "  - {id: judge, may: [see_plant]}\n"),
    ],
)
def test_what_touches_no_open_work_breaks_nothing(before: str, after: str) -> None:
    assert before in PLANT
    assert why(PLANT.replace(before, after)) == []


@pytest.mark.parametrize(
    ("before", "after", "wrong", "mends"),
    [
        (LOOK, "", "Lot lot-7 is open, and station one.look of its line goes.", "lead"),
        (
            "{id: look, kind: machine, cycle: 1 s}",
            "{id: look, kind: inspection, cycle: 1 s, rejects: 1 %}",
            "Lot lot-7 is open, and station one.look of its line becomes another kind, inspection.",
            "lead",
        ),
        ("{id: b}]", "{id: c}]", "Lot lot-7 is open with product b, which goes.", "lead"),
        ("id: one\n", "id: first\n", "Lot lot-7 is open on line one, which goes.", "lead"),
        ("{id: judge,", "{id: jury,", "p-2 holds the role judge, which goes.", "office"),
        ("{id: hall}, ", "", "p-2 holds the role lead in area hall, which goes.", "office"),
        (
            "lines:\n",
            "apart: [[judge, lead]]\nlines:\n",
            "p-2 holds judge and lead, which are to be kept apart.",
            "office",
        ),
        (
            "may: [see_plant, manage_people]}\n",
            "may: [see_plant]}\n  - {id: clerk, may: [manage_people]}\n",
            "Nobody who holds a role could manage people any more.",
            "clerk",
        ),
    ],
)
def test_what_would_break_is_told_with_who_can_mend_it(before: str, after: str, wrong: str, mends: str) -> None:
    new = PLANT.replace(before, after)
    if "{id: c}" in after:
        new = new.replace("{product: b,", "{product: c,")
    if before == "{id: hall}, ":
        new = new.replace("    area: hall\n", "")
    ((found, remedy),) = why(new)
    assert found == wrong
    assert f"({mends})" in remedy


def test_every_reason_is_told() -> None:
    new = PLANT.replace(LOOK, "").replace("{id: judge,", "{id: jury,")
    assert len(why(new)) == 2


def test_the_renamed_line_is_followed_to_its_stations() -> None:
    new = PLANT.replace("id: one\n", "id: first\n    was: one\n").replace(LOOK, "")
    assert [wrong for wrong, _ in why(new)] == ["Lot lot-7 is open, and station one.look of its line goes."]


def test_another_plant_is_told_alone() -> None:
    ((wrong, remedy),) = why(PLANT.replace("id: works", "id: mill").replace(LOOK, ""))
    assert wrong == "This is the plant mill, and the book is that of works."
    assert "`id: works`" in remedy


def test_nobody_holds_a_role_yet() -> None:
    assert why(PLANT.replace("{id: judge,", "{id: jury,"), OpenWork()) == []


def test_a_role_is_found_under_its_former_id() -> None:
    plant = read(PLANT.replace("{id: lead,", "{id: boss, was: lead,"))
    assert role_of(plant, "lead").id == "boss"
    assert role_of(plant, "chief") is None
    assert acts_of(plant, ["lead", "chief"]) == {"see_plant", "report_production", "amend_plant"}


def again(*texts: str) -> list[str]:
    *earlier, new = [read(text) for text in texts]
    return [str(reason.wrong) for reason in reused(earlier, new)]


def test_ids_that_stay_come_and_go_are_no_reuse() -> None:
    without = PLANT.replace(LOOK, "")
    assert again(PLANT, PLANT) == []
    assert again(PLANT, without) == []
    assert again(PLANT, without, PLANT) == [], "the same thing comes back"
    assert again(PLANT, without, without, PLANT.replace("name: Works", "name: Mill")) == []


def test_an_id_that_comes_back_as_another_kind_is_refused() -> None:
    without = PLANT.replace(LOOK, "")
    other = PLANT.replace(
        "{id: look, kind: machine, cycle: 1 s}", "{id: look, kind: transport, time: 1 s, capacity: 5}"
    )
    assert again(PLANT, without, other) == ["The id one.look (station) meant something else in an earlier edition."]
    store = PLANT.replace(TWO, "").replace("lines:", "stores: [{id: two, capacity: 5, feed: one.pack}]\nlines:")
    store += "  - {id: three, stations: [{id: a, kind: machine, cycle: 1 s, feed: two}]}\n"
    assert again(PLANT, PLANT.replace(TWO, ""), store) == [
        "The id two (store) meant something else in an earlier edition."
    ]
    assert again(PLANT, store) == ["The id two (store) meant something else in an earlier edition."]


def test_an_id_that_was_renamed_away_is_never_given_to_another() -> None:
    renamed = PLANT.replace("{id: look,", "{id: check, was: look,")
    settled = renamed.replace("was: look, ", "")
    both = settled.replace("      - {id: check,", f"{LOOK}      - {{id: check,")
    assert again(PLANT, renamed, settled) == []
    assert again(PLANT, renamed, settled, both) == [
        "The id one.look (station) meant something else in an earlier edition."
    ]
    back = settled.replace("{id: check,", "{id: look, was: check,")
    assert again(PLANT, renamed, settled, back) == [], "it gets its own old id back"
    stolen = settled.replace("{id: pack,", "{id: look, was: pack,")
    assert again(PLANT, renamed, settled, stolen) == [
        "The id one.look (station) meant something else in an earlier edition."
    ]


def test_a_role_and_a_product_that_share_a_word_are_two_things() -> None:
    assert again(PLANT, PLANT.replace("{id: yard}", "{id: lead}")) == []
