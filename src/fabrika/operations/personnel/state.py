"""Who belongs to the plant, who may do what, and what waits for a second person.

Only ids are known here; names and accounts lie elsewhere.
"""

from __future__ import annotations

from typing import assert_never

import msgspec
from msgspec import Struct

from fabrika.events.house import (
    ActApproved,
    ActProposed,
    ActRejected,
    PersonEnrolled,
    PersonLeft,
    RoleGranted,
    RoleWithdrawn,
)
from fabrika.journal.entries import Fact

DECIDED = 100
"""Proposals that are remembered after they were decided."""


class Held(Struct, kw_only=True):
    """A role that a person holds, everywhere or in one area."""

    role: str
    area: str | None = None
    since_us: int
    position: int


class Person(Struct, kw_only=True):
    """A person; who comes again after having left keeps the id and begins without roles."""

    since_us: int
    position: int
    left_us: int | None = None
    roles: list[Held] = []


class Proposal(Struct, kw_only=True):
    """An act that waits for a second person, or waited.

    Attributes:
        key: identity of the event that proposed it, ``source/epoch/sequence``.
        outcome: ``open``, ``approved`` or ``rejected``.
        by: who decided it.
    """

    command: str
    act: str
    form: str
    person: str
    at_us: int
    position: int
    key: str
    outcome: str = "open"
    by: str | None = None
    decided_us: int | None = None
    reason: str | None = None


class PersonnelState(Struct):
    """Persons and proposals by their ids."""

    persons: dict[str, Person] = {}
    proposals: dict[str, Proposal] = {}

    def held(self, person: str | None) -> list[Held]:
        """The roles that a person holds now; none of whom is unknown or has left."""
        found = self.persons.get(person or "")
        return found.roles if found is not None and found.left_us is None else []


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(PersonnelState)

Heard = PersonEnrolled | PersonLeft | RoleGranted | RoleWithdrawn | ActProposed | ActApproved | ActRejected


class Personnel:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "personnel"
    version = 1
    hears: tuple[type, ...] = Heard.__args__

    def empty(self) -> PersonnelState:
        """Nobody."""
        return PersonnelState()

    def apply(self, state: PersonnelState, fact: Fact) -> None:
        """One fact about persons."""
        event = fact.event
        if isinstance(event, ActProposed | ActApproved | ActRejected):
            _decide(state, fact, event)
        elif isinstance(event, PersonEnrolled | PersonLeft | RoleGranted | RoleWithdrawn):
            _change(state, fact, event)

    def dump(self, state: PersonnelState) -> bytes:
        """Canonical JSON."""
        return _encoder.encode(state)

    def load(self, data: bytes) -> PersonnelState:
        """What :meth:`dump` gave."""
        return _decoder.decode(data)


def _change(
    state: PersonnelState, fact: Fact, event: PersonEnrolled | PersonLeft | RoleGranted | RoleWithdrawn
) -> None:
    at_us = fact.message.at_us
    person = state.persons.get(event.person)
    match event:
        case PersonEnrolled():
            if person is None or person.left_us is not None:
                state.persons[event.person] = Person(since_us=at_us, position=fact.position)
        case PersonLeft():
            if person is not None:
                person.left_us, person.roles = at_us, []
        case RoleGranted():
            held = Held(role=event.role, area=event.area, since_us=at_us, position=fact.position)
            if person is not None and not any(_same(other, event.role, event.area) for other in person.roles):
                person.roles.append(held)
        case RoleWithdrawn():
            if person is not None:
                person.roles = [held for held in person.roles if not _same(held, event.role, event.area)]
        case _:
            assert_never(event)


def _same(held: Held, role: str, area: str | None) -> bool:
    return (held.role, held.area) == (role, area)


def _decide(state: PersonnelState, fact: Fact, event: ActProposed | ActApproved | ActRejected) -> None:
    at_us = fact.message.at_us
    match event:
        case ActProposed():
            state.proposals[event.proposal] = Proposal(
                command=event.command,
                act=event.act,
                form=event.form,
                person=event.person,
                at_us=at_us,
                position=fact.position,
                key=str(fact.key),
            )
        case ActApproved():
            _close(state, event.proposal, "approved", event.person, at_us)
        case ActRejected():
            _close(state, event.proposal, "rejected", event.person, at_us)
            if event.proposal in state.proposals:
                state.proposals[event.proposal].reason = event.reason
        case _:
            assert_never(event)


def _close(state: PersonnelState, proposal: str, outcome: str, by: str, at_us: int) -> None:
    found = state.proposals.get(proposal)
    if found is None or found.outcome != "open":
        return
    found.outcome, found.by, found.decided_us = outcome, by, at_us
    decided = [name for name, other in state.proposals.items() if other.outcome != "open"]
    for name in decided[:-DECIDED]:
        del state.proposals[name]


REDUCER = Personnel()
