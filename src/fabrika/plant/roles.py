"""Roles: those of a plant file, or the usual ones where it names none; and the screens on which they can land."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, NamedTuple

from fabrika.plant.model import Plant, Role
from fabrika.wording import Worded


class Screen(NamedTuple):
    """A screen on which a role can land.

    Attributes:
        page: the page's name.
        act: what it takes to see it.
    """

    page: str
    act: str


FIRST_SCREENS: Final[Mapping[str, Screen]] = MappingProxyType(
    {
        "board": Screen("answers.board", "see_plant"),
        "work": Screen("production.works", "see_plant"),
        "lines": Screen("production.lines", "see_plant"),
        "orders": Screen("production.orders", "see_plant"),
        "attention": Screen("answers.attention", "see_plant"),
        "proof": Screen("answers.proof", "see_plant"),
        "plant": Screen("editions.plant", "see_plant"),
        "journal": Screen("answers.journal", "see_journal"),
        "people": Screen("personnel.people", "see_people"),
    }
)
"""The words after ``first:`` in a plant file."""

SCREEN: Final = "board"
"""Where a role lands that says nothing."""


@cache
def usual_roles() -> tuple[Role, ...]:
    """The roles of a plant whose file names none, from ``usual_roles.toml`` of this package."""
    text = files("fabrika.plant").joinpath("usual_roles.toml").read_text(encoding="utf-8")
    return tuple(
        Role(id, frozenset(row["may"]), FIRST_SCREENS[row["first"]].page, Worded(row["name"]))
        for id, row in tomllib.loads(text).items()  # noqa: A001 - the file's word
    )


def roles_of(plant: Plant) -> tuple[Role, ...]:
    """The roles in force: the plant's own, else the usual ones."""
    return plant.roles or usual_roles()


def role_of(plant: Plant, id: str) -> Role | None:  # noqa: A002 - the file's word
    """The role of an id, or the one that had it before it was renamed; None if there is none."""
    known = {role.id: role for role in roles_of(plant)}
    if id in known:
        return known[id]
    return next((known[name.path] for name in plant.renames if (name.kind, name.was) == ("roles", id)), None)


def acts_of(plant: Plant, held: Iterable[str]) -> frozenset[str]:
    """Everything that a person may do who holds these roles; an id that stands for no role allows nothing."""
    roles = (role_of(plant, id) for id in held)  # noqa: A001 - the file's word
    return frozenset(act for role in roles if role is not None for act in role.may)


def screen_of(role: Role) -> str:
    """The word of the plant file for the page on which a role lands; the page's name if there is none."""
    return next((word for word, screen in FIRST_SCREENS.items() if screen.page == role.first), role.first)
