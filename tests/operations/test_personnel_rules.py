"""Persons, roles and acts of two people: what is refused says what is missing and who can mend it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.house import (
    ActApproved,
    ActProposed,
    ActRejected,
    PersonEnrolled,
    PersonLeft,
    RoleGranted,
    RoleWithdrawn,
)
from fabrika.operations.personnel import rules
from fabrika.operations.personnel.pages import people
from fabrika.operations.personnel.state import DECIDED, REDUCER
from operations.told import asked, at, folded, plant

PLANT = replace(plant(), apart=(("overseer", "manager"),))
BEGIN = [
    PersonEnrolled(person="p-1"),
    RoleGranted(person="p-1", role="administrator"),
    PersonEnrolled(person="p-2"),
    RoleGranted(person="p-2", role="manager"),
]
PROPOSED = ActProposed(proposal="a-1", command="editions.amend", act="amend_plant", form="{}", person="p-2")


def states(*events):
    return {"personnel": folded(REDUCER, *((at(6) + n, event) for n, event in enumerate([*BEGIN, *events])))}


def who(person, *acts):
    return asked(at(8), plant=PLANT, person=person, may=frozenset(acts))


ADMIN = who("p-1", "manage_people")


def test_persons_come_and_go():
    assert rules.enrol(states(), ADMIN, rules.Enrol(person="p-3")) == [PersonEnrolled(person="p-3")]
    with pytest.raises(ActRefusedError, match="enrolled already"):
        rules.enrol(states(), ADMIN, rules.Enrol(person="p-2"))
    assert rules.leave(states(), ADMIN, rules.Leave(person="p-2")) == [PersonLeft(person="p-2")]
    gone = states(PersonLeft(person="p-2"))
    assert gone["personnel"].held("p-2") == []
    with pytest.raises(ActRefusedError, match="not enrolled"):
        rules.leave(gone, ADMIN, rules.Leave(person="p-2"))
    back = states(PersonLeft(person="p-2"), PersonEnrolled(person="p-2"))
    assert back["personnel"].persons["p-2"].roles == []


def test_the_last_one_who_manages_people_stays():
    for refused in (
        lambda known: rules.leave(known, ADMIN, rules.Leave(person="p-1")),
        lambda known: rules.withdraw(
            known, ADMIN, rules.Withdraw(person="p-1", role="administrator", area=None, reason="r")
        ),
    ):
        with pytest.raises(ActRefusedError, match="last one who manages people") as error:
            refused(states())
        assert "Grant another person" in error.value.remedy
        assert refused(states(RoleGranted(person="p-2", role="administrator")))


@pytest.mark.parametrize(
    ("form", "wrong", "remedy"),
    [
        (rules.Grant(person="p-2", role="pilot"), "no role pilot", "administrator, manager"),
        (rules.Grant(person="p-9", role="operator"), "not enrolled", "Enrol the person"),
        (rules.Grant(person="p-2", role="manager"), "holds the role Plant manager already", "nothing"),
        (rules.Grant(person="p-2", role="operator", area="moon"), "no area moon", "hall"),
        (rules.Grant(person="p-2", role="administrator", area="hall"), "whole plant", "without an area"),
        (rules.Grant(person="p-2", role="overseer"), "together with Overseer", "another person"),
    ],
)
def test_grants_that_are_refused(form, wrong, remedy):
    with pytest.raises(ActRefusedError, match=wrong) as refused:
        rules.grant(states(), ADMIN, form)
    assert remedy in refused.value.remedy


def test_grants_and_withdrawals():
    assert rules.grant(states(), ADMIN, rules.Grant(person="p-2", role="operator", area="hall")) == [
        RoleGranted(person="p-2", role="operator", area="hall")
    ]
    known = states(RoleGranted(person="p-2", role="operator", area="hall"))
    may, within = rules.acts(known["personnel"], PLANT, "p-2")
    assert {"amend_plant", "report_production"} <= may
    assert within == dict.fromkeys(("report_production", "move_stock"), frozenset({"hall"}))
    assert rules.standing(known["personnel"], PLANT, "p-2", "report_production", "hall").because == (4,)
    assert not rules.standing(known["personnel"], PLANT, "p-2", "report_production").fit
    with pytest.raises(ActRefusedError, match="does not hold"):
        rules.withdraw(known, ADMIN, rules.Withdraw(person="p-2", role="operator", reason="r"))
    (event,) = rules.withdraw(known, ADMIN, rules.Withdraw(person="p-2", role="operator", area="hall", reason="r"))
    assert event == RoleWithdrawn(person="p-2", role="operator", area="hall", reason="r")
    assert rules.acts(states()["personnel"], PLANT, None) == (frozenset(), {})


def test_nobody_approves_what_they_proposed():
    known = states(PROPOSED)
    with pytest.raises(ActRefusedError, match="proposed this yourself") as refused:
        rules.approve(known, who("p-2", "amend_plant"), rules.Approve(proposal="a-1"))
    assert "another person" in refused.value.remedy


def test_who_approves_holds_the_act_that_was_proposed():
    known = states(PROPOSED)
    with pytest.raises(ActRefusedError, match="do not allow") as refused:
        rules.approve(known, who("p-1", "see_plant", "manage_people"), rules.Approve(proposal="a-1"))
    assert "Plant manager" in refused.value.remedy
    (event,) = rules.approve(known, who("p-1", "amend_plant"), rules.Approve(proposal="a-1"))
    assert event == ActApproved(proposal="a-1", person="p-1")
    with pytest.raises(ActRefusedError, match="decided already by p-1"):
        rules.approve(states(PROPOSED, event), who("p-3", "amend_plant"), rules.Approve(proposal="a-1"))
    with pytest.raises(NotFoundError, match="no proposal"):
        rules.approve(known, ADMIN, rules.Approve(proposal="a-9"))


def test_a_proposal_is_taken_back_by_its_proposer_or_rejected_by_another():
    known = states(PROPOSED)
    form = rules.Reject(proposal="a-1", reason="not now")
    assert rules.reject(known, who("p-2"), form) == [ActRejected(proposal="a-1", person="p-2", reason="not now")]
    assert rules.reject(known, who("p-1", "amend_plant"), form)
    with pytest.raises(ActRefusedError):
        rules.reject(known, who("p-1", "see_plant"), form)


def test_the_page_shows_what_each_person_may_decide():
    known = states(PROPOSED)
    rows = {
        person: people(known, who(person, *may)).proposals[0]
        for person, may in {"p-1": ["amend_plant"], "p-2": ["amend_plant"], "p-3": ["see_plant"]}.items()
    }
    assert [(row.may_approve, row.may_reject) for row in rows.values()] == [(True, True), (False, True), (False, False)]
    page = people(known, ADMIN)
    assert {row.person: row.roles for row in page.persons} == {
        "p-1": (("administrator", None),),
        "p-2": (("manager", None),),
    }
    assert {role.id: role.apart for role in page.roles}["overseer"] == ("manager",)


def test_decided_proposals_are_forgotten_in_the_end():
    events = []
    for number in range(DECIDED + 20):
        name = f"a-{number}"
        events.append(ActProposed(proposal=name, command="c.d", act="correct", form="{}", person="p-2"))
        events.append(ActApproved(proposal=name, person="p-1"))
    found = states(*events)["personnel"].proposals
    assert len(found) == DECIDED
    assert f"a-{DECIDED + 19}" in found
