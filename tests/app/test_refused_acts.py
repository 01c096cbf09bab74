"""What a person wanted to do and was refused leaves a trace, once in a while; late refusals are told in each reader's language."""

from __future__ import annotations

import pytest

from fabrika.app.refused_acts import Attempt, kept
from fabrika.errors import ActRefusedError, NotFoundError, StorageFailedError
from fabrika.events.fields import Key
from fabrika.events.house import ActRefused
from fabrika.journal.entries import Fact
from fabrika.journal.pen import Pen
from fabrika.operations.watch.state import REDUCER, REFUSED_US, WatchState
from fabrika.wording import LONGEST_PARTS, Worded, joined, parts, restored

ATTEMPT = Attempt("inventory.fill_container", "p1", "bin-1", "tablet-7")


def refusal(lot="A-1"):
    return ActRefusedError(Worded("The lot {lot} is closed.", lot=lot), Worded("Name the lot that is being made now."))


def test_a_refusal_is_kept_with_whom_what_and_why():
    event = kept(WatchState(), ATTEMPT, refusal(), 0)
    assert event == ActRefused(
        command="inventory.fill_container",
        person="p1",
        subject="bin-1",
        problem="The lot A-1 is closed.",
        remedy="Name the lot that is being made now.",
        worded='[["The lot {lot} is closed.",{"lot":"A-1"}],["Name the lot that is being made now.",{}]]',
    )


@pytest.mark.parametrize(
    ("who", "why", "after_us", "again"),
    [
        ("p1", refusal(), REFUSED_US - 1, False),
        ("p1", refusal("A-2"), 1, False),
        ("p1", refusal(), REFUSED_US, True),
        ("p2", refusal(), 1, True),
        ("p1", NotFoundError("Nothing is known here."), 1, True),
    ],
)
def test_the_same_refusal_of_the_same_person_is_kept_once_in_ten_minutes(fact_of, who, why, after_us, again):
    state = REDUCER.empty()
    REDUCER.apply(state, fact_of(kept(state, ATTEMPT, refusal(), 5), 5))
    assert (kept(state, ATTEMPT._replace(person=who), why, 5 + after_us) is not None) is again
    assert REDUCER.load(REDUCER.dump(state)) == state


def test_what_is_forgotten_is_not_remembered_for_ever(fact_of):
    state = REDUCER.empty()
    for number in range(5):
        at_us = number * REFUSED_US
        REDUCER.apply(state, fact_of(kept(state, ATTEMPT, refusal(), at_us), at_us))
    assert len(state.refused) == 1


def test_a_failing_disk_is_no_refusal():
    assert kept(WatchState(), ATTEMPT, StorageFailedError("The disk is full."), 0) is None


def test_what_cannot_stand_as_an_id_is_left_out():
    found = kept(WatchState(), ATTEMPT._replace(subject="two words"), refusal(), 0)
    assert found is not None
    assert found.subject is None


@pytest.mark.parametrize(
    "text",
    [
        Worded("plain"),
        "not known by what it was made from",
        Worded("{n} of {what}", n=1_000, what=Worded("bins")),
        Worded("for {minutes:.0f} minutes", minutes=15.0),
        joined([Worded("one"), "two"], ", "),
        Worded("{{literal}} {brace}", brace="{x}"),
    ],
)
def test_texts_are_restored_with_what_they_were_made_from(text):
    (found,) = restored(parts([text]), ("?",))
    assert found == text
    assert getattr(found, "template", None) == getattr(text, "template", None)


@pytest.mark.parametrize(
    "written", ["", "[]", "{", '[["{a}",{}]]', '[["{a.b}",{"a":1}]]', '[["a"]]', "[[1,{}]]", '[["a",[]]]']
)
def test_what_cannot_be_restored_is_told_as_it_was(written):
    assert restored(written, ("plain",)) == ("plain",)


def test_texts_that_are_too_long_are_kept_plain():
    assert parts([Worded("{text}", text="a" * LONGEST_PARTS)]) == ""


@pytest.fixture
def fact_of():
    def made(event, at_us):
        written = Pen("plant", Key("server", "0" * 16, 0)).write(event, at_us)
        return Fact(0, written.message, event, at_us)

    return made
