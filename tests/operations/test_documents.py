"""Work instructions and forms: what is refused says what is missing and who can mend it; what counts where; who reads again."""

from __future__ import annotations

import hashlib

import pytest

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.documents import Approved, Drafted, EffectiveFrom, ReadAndUnderstood, Translated, Withdrawn
from fabrika.events.house import PersonEnrolled, PersonLeft
from fabrika.events.production import LotOpened
from fabrika.operations.documents import rules
from fabrika.operations.documents.pages import document, documents
from fabrika.operations.documents.state import REDUCER
from fabrika.operations.documents.validity import in_force, lacking
from operations.told import HOUR, asked, at, facts, folded

PRESS, FINISH = "line.press", "line.finish"
NOW = at(8)


def drafted(revision=1, *, document="wi-1", text="Press it.", stations=(), title="Press", kind="instruction"):
    return Drafted(
        document=document,
        revision=revision,
        kind=kind,
        title=title,
        language="en",
        file=hashlib.sha256(text.encode()).hexdigest(),
        stations=stations,
        person="w-1",
    )


def translated():
    file = hashlib.sha256(b"Shtyp.").hexdigest()
    return Translated(document="wi-1", revision=1, language="sq", title="Shtypja", file=file, person="t-1")


def approved(revision=1):
    return Approved(document="wi-1", revision=revision, person="a-1")


def effective(revision=1, from_us=None, lot=None):
    return EffectiveFrom(document="wi-1", revision=revision, from_us=from_us, lot=lot, person="a-1")


def has_read(person, revision=1):
    return ReadAndUnderstood(document="wi-1", revision=revision, person=person)


def withdrawn(revision=1):
    return Withdrawn(document="wi-1", revision=revision, reason="wrong torque", person="a-1")


def opened(lot):
    return LotOpened(lot=lot, order="o-1", product="a", line="line", edition=1)


FIRST = [drafted(), approved(), effective(from_us=at(6, 30))]
SECOND = [*FIRST, has_read("p-7"), has_read("p-8"), drafted(2, text="Press it twice."), approved(2)]


def known(*events):
    """The room after these events, which are told from 6:00 on, one a microsecond unless a pair gives its instant."""
    told = [event if isinstance(event, tuple) else (at(6) + n, event) for n, event in enumerate(events)]
    return {"documents": folded(REDUCER, *told)}


def who(person="p-1", at_us=NOW):
    return asked(at_us, person=person)


def refused(rule, states, form, wrong, remedy, by="p-1"):
    with pytest.raises(ActRefusedError, match=wrong) as error:
        rule(states, who(by), form)
    assert remedy in error.value.remedy


def form(**fields):
    fields = {"document": "wi-1", "kind": "instruction", "title": "Press", "language": "en", **fields}
    return rules.DraftRevision(text=fields.pop("text", "Press it."), **fields)


def test_a_draft_is_the_next_revision_and_brings_its_text():
    (first,) = rules.draft(known(), who("w-1"), form(stations=(PRESS, PRESS)))
    assert first == drafted(stations=(PRESS,))
    assert rules.text_of(form()) == (b"Press it.",)
    (second,) = rules.draft(known(*FIRST), who("w-1"), form(text="Other."))
    assert (second.revision, second.file) == (2, hashlib.sha256(b"Other.").hexdigest())
    (again,) = rules.draft(known(drafted(), withdrawn()), who("w-1"), form())
    assert again.revision == 2


def test_drafts_that_are_refused():
    refused(rules.draft, known(), form(stations=("line.moon",)), "no station line.moon", "line.press")
    refused(rules.draft, known(drafted()), form(kind="form"), "is an instruction", "id of its own")
    refused(rules.draft, known(drafted(kind="form")), form(), "is a form", "id of its own")
    refused(rules.draft, known(drafted()), form(), "is revision 1 as it is", "Change")


def test_who_wrote_it_does_not_approve_it():
    one = rules.ApproveRevision(document="wi-1", revision=1)
    assert rules.approve(known(drafted()), who("a-1"), one) == [approved()]
    refused(rules.approve, known(drafted()), one, "does not approve", "Plant manager, Quality manager", by="w-1")
    refused(rules.approve, known(drafted(), approved()), one, "approved already", "put in force")
    refused(rules.approve, known(drafted(), withdrawn()), one, "is withdrawn", "next revision")
    for strange in (
        rules.ApproveRevision(document="wi-1", revision=2),
        rules.ApproveRevision(document="wi-9", revision=1),
    ):
        with pytest.raises(NotFoundError, match="no revision"):
            rules.approve(known(drafted()), who(), strange)


def test_a_draft_is_translated_until_it_is_approved_and_who_translates_does_not_approve():
    def form(language="sq", revision=1):
        return rules.TranslateRevision(
            document="wi-1", revision=revision, language=language, title="Shtypja", text="Shtyp."
        )

    (told,) = rules.translate(known(drafted()), who("t-1"), form())
    assert told == translated()
    assert rules.text_of(form()) == (b"Shtyp.",)
    both = known(drafted(), translated())
    (row,) = documents(both, who()).documents
    assert row.titles == {"en": "Press", "sq": "Shtypja"}
    one = rules.ApproveRevision(document="wi-1", revision=1)
    assert rules.approve(both, who("a-1"), one) == [approved()]
    for writer in ("w-1", "t-1"):
        refused(rules.approve, both, one, "does not approve", "Quality manager", by=writer)
    refused(rules.translate, known(drafted()), form("en"), "is written in this language", "next revision")
    refused(rules.translate, known(drafted(), approved()), form(), "approved already", "translate that")
    refused(rules.translate, known(drafted(), withdrawn()), form(), "is withdrawn", "next revision")
    with pytest.raises(NotFoundError):
        rules.translate(known(drafted()), who("t-1"), form(revision=2))


def test_what_is_put_in_force_begins_now_later_or_with_a_lot():
    ready = known(drafted(), approved())

    def put(**fields):
        return rules.put_in_force(ready, who("a-1"), rules.PutInForce(document="wi-1", revision=1, **fields))

    assert put() == [effective(from_us=NOW)]
    assert put(from_us=NOW + HOUR) == [effective(from_us=NOW + HOUR)]
    assert put(lot="l-5") == [effective(lot="l-5")]


def test_what_may_not_be_put_in_force():
    put = rules.put_in_force
    one = rules.PutInForce(document="wi-1", revision=1)
    refused(put, known(drafted()), one, "not approved yet", "Plant manager, Quality manager")
    refused(put, known(drafted(), approved(), withdrawn()), one, "is withdrawn", "next revision")
    refused(put, known(*FIRST), one, "decided already", "withdraw revision 1")
    both = known(drafted(), approved(), drafted(2), approved(2), effective(2, from_us=at(7)))
    refused(put, both, one, "Revision 2, which is newer", "next revision")
    ready = known(drafted(), approved(), opened("l-1"))
    past = rules.PutInForce(document="wi-1", revision=1, from_us=NOW - 1)
    refused(put, ready, past, "cannot begin in the past", "none to begin now")
    two = rules.PutInForce(document="wi-1", revision=1, from_us=NOW, lot="l-2")
    refused(put, ready, two, "Both an instant and a lot", "Keep the one")
    old = rules.PutInForce(document="wi-1", revision=1, lot="l-1")
    refused(put, ready, old, "l-1 is open already", "still to come")


def test_a_revision_is_withdrawn_once():
    one = rules.WithdrawRevision(document="wi-1", revision=1, reason="wrong torque")
    assert rules.withdraw(known(*FIRST), who("a-1"), one) == [withdrawn()]
    refused(rules.withdraw, known(drafted(), withdrawn()), one, "is withdrawn", "next revision")


def test_what_is_read_is_in_force_and_read_once():
    one = rules.ReadRevision(document="wi-1", revision=1)
    assert rules.read(known(*FIRST), who("p-7"), one) == [has_read("p-7")]
    refused(rules.read, known(*FIRST, has_read("p-7")), one, "You have said already", "another revision", by="p-7")
    refused(rules.read, known(drafted()), one, "not in force", "Plant manager")
    replaced = known(*SECOND, effective(2, from_us=at(7)))
    refused(rules.read, replaced, one, "not in force", "revision 2")


def numbers(states, station, at_us):
    return [(found.document, found.revision.number) for found in in_force(states["documents"], station, at_us)]


def test_one_revision_is_in_force_at_a_station_at_a_time():
    states = known(*SECOND, effective(2, from_us=at(7)))
    assert numbers(states, PRESS, at(6, 30) - 1) == []
    assert numbers(states, PRESS, at(6, 30)) == numbers(states, PRESS, at(7) - 1) == [("wi-1", 1)]
    assert numbers(states, PRESS, at(7)) == [("wi-1", 2)]
    (found,) = in_force(states["documents"], PRESS, at(6, 45))
    assert (found.since_us, found.because) == (at(6, 30), (0, 1, 2))


def test_the_one_before_goes_on_where_the_new_one_is_not_for():
    states = known(*FIRST, drafted(2, stations=(PRESS,)), approved(2), effective(2, from_us=at(7)))
    assert numbers(states, PRESS, NOW) == [("wi-1", 2)]
    assert numbers(states, FINISH, NOW) == [("wi-1", 1)]
    assert document(states, shown("wi-1")).in_force == (2, 1)
    apart = [drafted(1, stations=(PRESS, FINISH)), approved(), effective(from_us=at(6, 30))]
    for number, station in ((2, PRESS), (3, FINISH)):
        apart += [drafted(number, stations=(station,)), approved(number), effective(number, from_us=at(7) + number)]
    assert document(known(*apart), shown("wi-1")).in_force == (3, 2)
    first = document(known(*apart), shown("wi-1")).revisions[-1]
    assert (first.stands, first.to_us) == ("replaced", at(7) + 3)


def shown(name, at_us=NOW):
    return asked(at_us, names={"document": name})


def test_a_lot_begins_a_revision_when_it_is_opened():
    waits = [*SECOND, effective(2, lot="l-5")]
    assert numbers(known(*waits), PRESS, NOW) == [("wi-1", 1)]
    assert document(known(*waits), shown("wi-1")).revisions[0].stands == "to_come"
    begun = known(*waits, (at(7), opened("l-4")), (at(7, 30), opened("l-5")), (at(7, 45), opened("l-5")))
    assert numbers(begun, PRESS, at(7, 30) - 1) == [("wi-1", 1)]
    assert numbers(begun, PRESS, at(7, 30)) == [("wi-1", 2)]


def test_nothing_takes_the_place_of_what_was_withdrawn():
    states = known(*SECOND, effective(2, from_us=at(7)), (at(7, 30), withdrawn(2)))
    assert numbers(states, PRESS, at(7, 29)) == [("wi-1", 2)]
    assert numbers(states, PRESS, at(7, 30)) == []
    (row,) = documents(states, asked(NOW)).documents
    assert (row.in_force, row.waiting) == (None, None)
    # One that is withdrawn before it begins never began, and the one before goes on.
    assert numbers(known(*SECOND, effective(2, from_us=at(7)), withdrawn(2)), PRESS, NOW) == [("wi-1", 1)]


def test_a_change_asks_who_must_read_again():
    states = known(*SECOND, effective(2, from_us=at(7)))
    assert lacking(states["documents"], "wi-1", at(7) - 1) == {}
    assert lacking(states["documents"], "wi-1", NOW) == {2: ("p-7", "p-8")}
    assert lacking(states["documents"], "wi-9", NOW) == {}
    after = [*SECOND, effective(2, from_us=at(7)), has_read("p-8", 2), has_read("p-9", 2), PersonLeft(person="p-7")]
    assert lacking(known(*after)["documents"], "wi-1", NOW) == {}
    back = known(*after, PersonEnrolled(person="p-7"))
    assert lacking(back["documents"], "wi-1", NOW) == {2: ("p-7",)}
    view = document(back, shown("wi-1"))
    assert [(row.person, row.revision) for row in view.must_read] == [("p-7", 2)]
    assert [(row.person, row.revision) for row in view.readers] == [("p-8", 2), ("p-9", 2)]


def test_pages_of_documents_that_are_not_there():
    with pytest.raises(NotFoundError, match="no document wi-9"):
        document(known(), shown("wi-9"))
    assert documents(known(), asked(NOW)).documents == ()


def test_documents_of_one_station():
    other = drafted(1, document="wi-2", stations=(FINISH,))
    states = known(*FIRST, other)
    rows = documents(states, asked(NOW, query={"station": PRESS})).documents
    assert [row.document for row in rows] == ["wi-1"]
    rows = documents(states, asked(NOW)).documents
    assert [(row.document, row.in_force, row.waiting, row.stations) for row in rows] == [
        ("wi-1", 1, None, ()),
        ("wi-2", None, 1, (FINISH,)),
    ]


def test_what_is_said_of_nothing_changes_nothing():
    # A correction can take a draft away; what was said of it then stands for nothing.
    assert known(approved(), has_read("p-7"), effective(3, lot="l-1"), withdrawn())["documents"].documents == {}


def test_the_state_from_a_snapshot_goes_on_like_the_one_folded_from_nothing():
    events = [*SECOND, effective(2, lot="l-5"), opened("l-4"), opened("l-5"), has_read("p-7", 2), withdrawn(2)]
    told = facts(*((at(6) + n, event) for n, event in enumerate([*events, PersonLeft(person="p-8")])))
    whole = REDUCER.empty()
    for cut in range(len(told) + 1):
        state = REDUCER.empty()
        for fact in told[:cut]:
            REDUCER.apply(state, fact)
        state = REDUCER.load(REDUCER.dump(state))
        for fact in told[cut:]:
            REDUCER.apply(state, fact)
        whole = whole if cut else state
        assert state == whole
        assert REDUCER.dump(state) == REDUCER.dump(whole)
    assert {type(fact.event) for fact in told} <= set(REDUCER.hears)
