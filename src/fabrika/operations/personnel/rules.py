"""What may be done about persons and roles, and who approves what another has proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.event import Event
from fabrika.events.fields import Id, Text
from fabrika.events.house import (
    ActApproved,
    ActRejected,
    PersonEnrolled,
    PersonLeft,
    RoleGranted,
    RoleWithdrawn,
)
from fabrika.operations.personnel.state import Held, PersonnelState, Proposal
from fabrika.page import Asked, Command, States
from fabrika.plant.model import Plant, Role
from fabrika.standing import Standing
from fabrika.wording import Worded

PersonId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z", max_length=60)]
"""The id of a person: ASCII letters, digits and ``._-``, at most 60; it stands in the names of sources."""

WHOLE_PLANT = frozenset(
    {"amend_plant", "manage_people", "write_documents", "approve_documents", "send_events", "witness"}
)
"""Acts that have no area."""


class Enrol(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new person's id."""

    person: PersonId


class Leave(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who leaves the plant."""

    person: PersonId


class Grant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may act in which role, and in which area if not everywhere."""

    person: PersonId
    role: Id
    area: Id | None = None


class Withdraw(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may act no longer in which role."""

    person: PersonId
    role: Id
    area: Id | None = None
    reason: Text


class Approve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The proposal that is approved."""

    proposal: Id


class Reject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The proposal that is not to be done, and why."""

    proposal: Id
    reason: Text


def roles_of(plant: Plant) -> dict[str, Role]:
    """The plant's roles by id, also by the id that a role had before it was renamed."""
    known = {role.id: role for role in plant.roles}
    former = {name.was: known[name.path] for name in plant.renames if name.kind == "roles"}
    return former | known


def acts(
    state: PersonnelState, plant: Plant, person: str | None
) -> tuple[frozenset[str], Mapping[str, frozenset[str]]]:
    """What a person may do: all acts, and the areas of those that are allowed only there."""
    roles = roles_of(plant)
    everywhere: set[str] = set()
    areas: dict[str, set[str]] = {}
    for held in state.held(person):
        for act in roles[held.role].may if held.role in roles else ():
            if held.area is None:
                everywhere.add(act)
            else:
                areas.setdefault(act, set()).add(held.area)
    within = {act: frozenset(found) for act, found in areas.items() if act not in everywhere}
    return frozenset(everywhere | areas.keys()), within


def standing(state: PersonnelState, plant: Plant, person: str, act: str, area: str | None = None) -> Standing:
    """Whether a person may do an act in an area, because of which grants."""
    roles = roles_of(plant)
    because = tuple(
        held.position
        for held in state.held(person)
        if held.role in roles and act in roles[held.role].may and held.area in {None, area}
    )
    if because:
        reason: str = Worded("{person} holds a role that allows it.", person=person)
    else:
        reason = Worded("{person} holds no role that allows it; who manages people can grant one.", person=person)
    return Standing(subject=f"personnel:{person}:{act}", fit=bool(because), because=because, reason=reason)


def enrol(states: States, _asked: Asked, form: Enrol) -> Sequence[Event]:
    """A person gets an id that nobody has or had."""
    state: PersonnelState = states["personnel"]
    found = state.persons.get(form.person)
    if found is not None and found.left_us is None:
        raise ActRefusedError(
            Worded("{person} is enrolled already.", person=form.person), Worded("Choose another id for a new person.")
        )
    return [PersonEnrolled(person=form.person)]


def leave(states: States, asked: Asked, form: Leave) -> Sequence[Event]:
    """A person leaves with all roles; the last one who manages people stays."""
    state: PersonnelState = states["personnel"]
    _present(state, form.person)
    _keep_one(state, asked.plant, form.person, ())
    return [PersonLeft(person=form.person)]


def grant(states: States, asked: Asked, form: Grant) -> Sequence[Event]:
    """A person gets a role of the plant file; roles that the file keeps apart are never held by one person."""
    state: PersonnelState = states["personnel"]
    _present(state, form.person)
    role = roles_of(asked.plant).get(form.role)
    if role is None:
        names = ", ".join(known.id for known in asked.plant.roles)
        raise ActRefusedError(
            Worded("The plant has no role {role}.", role=form.role), Worded("Choose one of: {names}.", names=names)
        )
    _check_area(asked.plant, role, form.area)
    held = state.held(form.person)
    if any((other.role, other.area) == (form.role, form.area) for other in held):
        raise ActRefusedError(
            Worded("{person} holds the role {role} already.", person=form.person, role=role.name or role.id),
            Worded("There is nothing to be done."),
        )
    _check_apart(asked.plant, form.person, role.id, held)
    return [RoleGranted(person=form.person, role=role.id, area=form.area)]


def withdraw(states: States, asked: Asked, form: Withdraw) -> Sequence[Event]:
    """A person loses a role; the last one who manages people keeps it."""
    state: PersonnelState = states["personnel"]
    held = state.held(form.person)
    rest = [other for other in held if (other.role, other.area) != (form.role, form.area)]
    if len(rest) == len(held):
        raise ActRefusedError(
            Worded("{person} does not hold the role {role}.", person=form.person, role=form.role),
            Worded("Look at the roles that the person holds."),
        )
    _keep_one(state, asked.plant, form.person, rest)
    return [RoleWithdrawn(person=form.person, role=form.role, area=form.area, reason=form.reason)]


def approve(states: States, asked: Asked, form: Approve) -> Sequence[Event]:
    """A second person with the same act approves; what was proposed is then decided anew and done."""
    found = _open(states, form.proposal)
    if found.person == asked.actor:
        raise ActRefusedError(
            Worded("You proposed this yourself, and it needs two people."),
            Worded("Ask another person whose role allows it to approve."),
        )
    asked.require(found.act)
    return [ActApproved(proposal=form.proposal, person=asked.actor)]


def reject(states: States, asked: Asked, form: Reject) -> Sequence[Event]:
    """Another person with the same act rejects what was proposed, or the proposer takes it back."""
    found = _open(states, form.proposal)
    if found.person != asked.actor:
        asked.require(found.act)
    return [ActRejected(proposal=form.proposal, person=asked.actor, reason=form.reason)]


def first(state: PersonnelState, plant: Plant, person: str) -> Sequence[Event]:
    """The first person of all, with a role that manages people, while nobody does."""
    if any("manage_people" in acts(state, plant, name)[0] for name in state.persons):
        raise ActRefusedError(Worded("Somebody manages people already."), Worded("Ask that person to enrol others."))
    role = next((role for role in plant.roles if "manage_people" in role.may), None)
    if role is None:
        raise ActRefusedError(
            Worded("No role of this plant manages people."), Worded("Add `manage_people` to a role in the plant file.")
        )
    return [PersonEnrolled(person=person), RoleGranted(person=person, role=role.id)]


def _present(state: PersonnelState, person: str) -> None:
    found = state.persons.get(person)
    if found is None or found.left_us is not None:
        raise ActRefusedError(
            Worded("{person} is not enrolled.", person=person), Worded("Enrol the person first, or check the id.")
        )


def _check_area(plant: Plant, role: Role, area: str | None) -> None:
    if area is None:
        return
    if area not in {found.id for found in plant.areas}:
        names = ", ".join(found.id for found in plant.areas) or "-"
        raise ActRefusedError(
            Worded("The plant has no area {area}.", area=area), Worded("Choose one of: {names}.", names=names)
        )
    if role.may & WHOLE_PLANT:
        raise ActRefusedError(
            Worded("The role {role} allows what concerns the whole plant.", role=role.name or role.id),
            Worded("Grant it without an area."),
        )


def _check_apart(plant: Plant, person: str, role: str, held: Sequence[Held]) -> None:
    names = {found.id: found.name or found.id for found in plant.roles}
    roles = roles_of(plant)
    holds = {roles[found.role].id for found in held if found.role in roles}
    for pair in plant.apart:
        other = pair[1] if pair[0] == role else pair[0]
        if role in pair and other != role and other in holds:
            raise ActRefusedError(
                Worded(
                    "{person} holds the role {other}; nobody may hold it together with {role}.",
                    person=person,
                    other=names.get(other, other),
                    role=names.get(role, role),
                ),
                Worded("Withdraw the one first, or grant the other to another person."),
            )


def _keep_one(state: PersonnelState, plant: Plant, person: str, rest: Sequence[Held]) -> None:
    """Refuse to leave nobody who manages people."""
    roles = roles_of(plant)

    def manages(held: Sequence[Held]) -> bool:
        return any("manage_people" in roles[found.role].may for found in held if found.role in roles)

    if not manages(state.held(person)) or manages(rest):
        return
    if not any(manages(state.held(other)) for other in state.persons if other != person):
        raise ActRefusedError(
            Worded("{person} is the last one who manages people.", person=person),
            Worded("Grant another person a role that manages people first."),
        )


def _open(states: States, proposal: str) -> Proposal:
    state: PersonnelState = states["personnel"]
    found = state.proposals.get(proposal)
    if found is None:
        raise NotFoundError(Worded("There is no proposal {proposal}.", proposal=proposal))
    if found.outcome != "open":
        raise ActRefusedError(
            Worded("The proposal was decided already by {person}.", person=found.by or "-"),
            Worded("Propose it anew if it is still wanted."),
        )
    return found


APPROVE = Command(name="personnel.approve", title=Worded("Approve"), act="see_plant", form=Approve, decide=approve)
"""What it needs beyond that is the act of what was proposed."""


def needs_two(state: PersonnelState, plant: Plant, command: Command) -> bool:
    """Whether a second person has to approve; the only one who manages people does that alone, for nobody else could."""
    if command.act not in plant.two_people or command.name == APPROVE.name:
        return False
    able = sum(command.act in acts(state, plant, person)[0] for person in state.persons)
    return command.act != "manage_people" or able > 1


COMMANDS: tuple[Command, ...] = (
    Command(name="personnel.enrol", title=Worded("Enrol a person"), act="manage_people", form=Enrol, decide=enrol),
    Command(name="personnel.leave", title=Worded("The person leaves"), act="manage_people", form=Leave, decide=leave),
    Command(name="personnel.grant", title=Worded("Grant a role"), act="manage_people", form=Grant, decide=grant),
    Command(
        name="personnel.withdraw",
        title=Worded("Withdraw the role"),
        act="manage_people",
        form=Withdraw,
        decide=withdraw,
    ),
    APPROVE,
    Command(name="personnel.reject", title=Worded("Reject"), act="see_plant", form=Reject, decide=reject),
)
