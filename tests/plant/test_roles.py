"""Roles of a plant file, the usual ones, and what they must not be able to do."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from fabrika.plant.acts import ACTS, ALONE
from fabrika.plant.model import Role
from fabrika.plant.roles import FIRST_SCREENS, roles_of, screen_of, usual_roles
from fabrika.plant.schema import json_schema
from fabrika.plant.summary import summary
from fabrika.wording import Worded
from plant.plantfiles import line_of, read

STATION = "- {id: a, kind: machine, cycle: 1 s}"
CHANGES = {
    "report_production", "release_orders", "open_lots", "correct", "read_documents", "write_documents", "approve_documents",
    "amend_plant", "manage_people", "send_events", "try_changes",
}  # fmt: skip


def test_roles_are_read() -> None:
    around = (
        "roles:\n"
        "  - {id: office, name: The office, may: [manage_people, see_people], first: people}\n"
        "  - {id: watcher, may: see_plant}\n"
        "  - {id: head, was: boss, may: [amend_plant, correct, see_plant]}\n"
        "two_people: [amend_plant, correct]\n"
        "apart: [[office, watcher, head]]\n"
    )
    plant = read(line_of(STATION, around))
    assert plant.roles == (
        Role("office", frozenset({"manage_people", "see_people"}), "personnel.people", "The office"),
        Role("watcher", frozenset({"see_plant"}), "answers.board"),
        Role("head", frozenset({"amend_plant", "correct", "see_plant"}), "answers.board"),
    )
    assert plant.two_people == {"amend_plant", "correct"}
    assert plant.apart == (("office", "watcher"), ("office", "head"), ("watcher", "head"))
    assert [(item.kind, item.path, item.was) for item in plant.renames] == [("roles", "head", "boss")]
    assert roles_of(plant) is plant.roles
    assert [line for line in summary(plant) if "watcher" in line] == [
        "roles     office, watcher, head; two people for correct, amend_plant; 3 pairs apart"
    ]


def test_a_plant_without_roles_has_the_usual_ones() -> None:
    plant = read(line_of(STATION, "apart: [[operator, overseer]]\ntwo_people: [amend_plant]\n"))
    assert plant.roles == ()
    assert roles_of(plant) == usual_roles()
    assert plant.apart == (("operator", "overseer"),)


def test_the_usual_roles_are_whole() -> None:
    rows = tomllib.loads(files("fabrika.plant").joinpath("usual_roles.toml").read_text(encoding="utf-8"))
    assert len(rows) == len(usual_roles()) == 10
    for role in usual_roles():
        assert role.may
        assert role.may <= ACTS.keys()
        assert len(rows[role.id]["may"]) == len(role.may), "an act stands twice"
        assert isinstance(role.name, Worded)
        screen = FIRST_SCREENS[screen_of(role)]
        assert (screen.page, screen.act in role.may) == (role.first, True)
    assert {act for role in usual_roles() for act in role.may} == set(ACTS), "nobody may do an act"


def test_nobody_both_grants_roles_and_puts_the_plant_file_in_force() -> None:
    for role in usual_roles():
        assert not {"manage_people", "amend_plant"} <= role.may


def test_the_overseer_sees_everything_and_changes_nothing() -> None:
    (overseer,) = [role for role in usual_roles() if role.id == "overseer"]
    assert {act for act in ACTS if act.startswith("see_")} | {"witness"} == overseer.may
    assert not overseer.may & CHANGES


def test_the_schema_names_every_act_and_screen() -> None:
    schema = json_schema()
    role = schema["$defs"]["RoleForm"]["properties"]
    assert role["may"]["items"]["enum"] == list(ACTS)
    assert role["first"]["anyOf"][0]["enum"] == list(FIRST_SCREENS)
    assert set(schema["properties"]["two_people"]["items"]["enum"]) == set(ACTS) - ALONE


@pytest.mark.parametrize("act", ACTS)
def test_an_act_needs_two_people_only_where_there_is_something_to_approve(act: str) -> None:
    text = line_of(STATION, f"two_people: [{act}]\n")
    if act in ALONE:
        with pytest.raises(Exception, match="problem"):
            read(text)
    else:
        assert read(text).two_people == {act}
