"""Who belongs to the plant and who may do what."""

from __future__ import annotations

from msgspec import Struct

from fabrika.operations.personnel.state import PersonnelState, Proposal
from fabrika.page import Asked, Page, States
from fabrika.wording import Worded


class PersonRow(Struct, frozen=True, kw_only=True):
    """A person: roles with their area (None is everywhere), since when, and when the person left."""

    person: str
    roles: tuple[tuple[str, str | None], ...]
    since_us: int
    left_us: int | None


class RoleRow(Struct, frozen=True, kw_only=True):
    """A role of the plant file: what it allows, and which roles nobody may hold beside it."""

    id: str
    name: str
    may: tuple[str, ...]
    apart: tuple[str, ...]


class ProposalRow(Struct, frozen=True, kw_only=True):
    """An act of two people.

    Attributes:
        form: the command's form as JSON text.
        outcome: ``open``, ``approved`` or ``rejected``.
        may_approve: whether the person who looks may approve it now.
        may_reject: likewise for rejecting or taking back.
    """

    proposal: str
    command: str
    act: str
    form: str
    person: str
    at_us: int
    outcome: str
    by: str | None
    reason: str | None
    may_approve: bool
    may_reject: bool


class People(Struct, frozen=True, kw_only=True):
    """The page of persons, roles and proposals; proposals with the newest first, open ones before the others."""

    position: int
    persons: tuple[PersonRow, ...]
    roles: tuple[RoleRow, ...]
    areas: tuple[str, ...]
    two_people: tuple[str, ...]
    proposals: tuple[ProposalRow, ...]


def people(states: States, asked: Asked) -> People:
    """Build it."""
    state: PersonnelState = states["personnel"]
    plant = asked.plant
    persons = tuple(
        PersonRow(
            person=person,
            roles=tuple((held.role, held.area) for held in found.roles),
            since_us=found.since_us,
            left_us=found.left_us,
        )
        for person, found in sorted(state.persons.items())
    )
    roles = tuple(
        RoleRow(
            id=role.id,
            name=role.name or role.id,
            may=tuple(sorted(role.may)),
            apart=tuple(sorted({other for pair in plant.apart if role.id in pair for other in pair} - {role.id})),
        )
        for role in plant.roles
    )
    return People(
        position=asked.position,
        persons=persons,
        roles=roles,
        areas=tuple(area.id for area in plant.areas),
        two_people=tuple(sorted(plant.two_people)),
        proposals=proposals(state, asked),
    )


def proposals(state: PersonnelState, asked: Asked) -> tuple[ProposalRow, ...]:
    """Proposals as one person sees them: open ones first, the newest first."""
    ordered = sorted(state.proposals.items(), key=lambda item: (item[1].outcome != "open", -item[1].position))
    return tuple(_row(name, found, asked) for name, found in ordered)


def _row(name: str, found: Proposal, asked: Asked) -> ProposalRow:
    is_open, own = found.outcome == "open", found.person == asked.person
    able = found.act in asked.may and found.act not in asked.within
    return ProposalRow(
        proposal=name,
        command=found.command,
        act=found.act,
        form=found.form,
        person=found.person,
        at_us=found.at_us,
        outcome=found.outcome,
        by=found.by,
        reason=found.reason,
        may_approve=is_open and able and not own,
        may_reject=is_open and (able or own),
    )


PAGES: tuple[Page, ...] = (
    Page(
        name="personnel.people",
        path="/people",
        title=Worded("People and roles"),
        act="see_people",
        build=people,
        commands=(
            "personnel.enrol",
            "personnel.grant",
            "personnel.withdraw",
            "personnel.leave",
            "personnel.approve",
            "personnel.reject",
        ),
    ),
)
