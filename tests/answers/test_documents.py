"""Documents in a served book: the text lies in the content store, the pages show it, attention asks for who is missing."""

from __future__ import annotations

import hashlib

import pytest

from app import served
from app.served import ADMIN, BOSS, LEAD, do, new_folder, staffed
from fabrika.app.plant_service import PlantService
from fabrika.errors import ActRefusedError, EventRefusedError, NotFoundError
from fabrika.journal.entries import fact_of
from operations.told import HOUR

QUALITY = "p-4"
DAY = 24 * HOUR
TEXT = "1. Look.\n2. Press.\n<script>alert(1)</script>\n"
FORM = {"document": "wi-press", "kind": "instruction", "title": "Press", "language": "en", "text": TEXT}


@pytest.fixture
def service(tmp_path):
    service = staffed(PlantService.opened(new_folder(tmp_path)))
    do(service, "personnel.enrol", ADMIN, person=QUALITY)
    do(service, "personnel.grant", ADMIN, person=QUALITY, role="quality-manager")
    yield service
    service.close()


def see(service, path, at_us=None):
    return served.see(service, path, LEAD, **({} if at_us is None else {"at": str(at_us)}))


def put(service, revision=1):
    do(service, "documents.approve", BOSS, document="wi-press", revision=revision)
    do(service, "documents.put_in_force", QUALITY, document="wi-press", revision=revision)


def calls(service, at_us=None):
    return [item for item in see(service, "/attention", at_us).items if item.subject == "wi-press"]


def test_a_document_from_its_draft_to_its_readers(service):
    done = do(service, "documents.draft", QUALITY, **FORM)
    message = fact_of(done.positions[0], service.states()["book"].entry(done.positions[0])).message
    assert message.files == (hashlib.sha256(TEXT.encode()).hexdigest(),)
    (row,) = see(service, "/documents").documents
    assert (row.waiting, row.in_force, row.path) == (1, None, "/documents/wi-press")
    view = see(service, "/documents/wi-press/1")
    assert (view.text, view.row.state, view.is_newest) == (TEXT, "waits for approval", True)
    put(service)
    do(service, "documents.read", LEAD, document="wi-press", revision=1)
    view = see(service, "/documents/wi-press")
    assert [(row.person, row.revision) for row in view.readers] == [(LEAD, 1)]
    assert (view.in_force, view.must_read, view.revisions[0].stands) == ((1,), (), "in_force")
    do(service, "documents.draft", QUALITY, **{**FORM, "text": "New."})
    put(service, 2)
    view = see(service, "/documents/wi-press")
    assert [row.person for row in view.must_read] == [LEAD]
    (item,) = calls(service)
    assert (item.kind, item.priority, item.path) == ("must_read", "low", "/documents/wi-press")
    assert item.sentence == "Press: persons who must read again what is in force now: 1."
    do(service, "documents.read", LEAD, document="wi-press", revision=2)
    assert calls(service) == []
    assert see(service, "/documents/wi-press/1").text == TEXT, "every revision stays readable"


def test_a_draft_that_waits_for_a_week_needs_attention(service):
    do(service, "documents.draft", QUALITY, **FORM)
    since_us = see(service, "/documents").documents[0].waiting_since_us
    assert calls(service, since_us + 7 * DAY) == []
    (item,) = calls(service, since_us + 7 * DAY + 1)
    assert (item.kind, item.priority, item.path) == ("unapproved", "low", "/documents/wi-press")
    assert item.sentence == "Press: revision 1 waits for approval."


def test_acts_are_asked_for(service):
    with pytest.raises(ActRefusedError, match="do not allow") as refused:
        do(service, "documents.draft", LEAD, **FORM)
    assert "Quality manager" in refused.value.remedy
    do(service, "documents.draft", QUALITY, **FORM)
    with pytest.raises(ActRefusedError, match="do not allow"):
        do(service, "documents.approve", LEAD, document="wi-press", revision=1)
    with pytest.raises(ActRefusedError, match="does not approve"):
        do(service, "documents.approve", QUALITY, document="wi-press", revision=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "x" * 40_001},
        {"text": ""},
        {"text": "turned \u202e round"},
        {"document": "a/b"},
        {"kind": "poem"},
        {"language": "English"},
        {"title": ""},
        {"stations": ["no station!"]},
    ],
)
def test_forms_that_do_not_fit_write_nothing(service, wrong):
    size = service.size
    with pytest.raises(EventRefusedError):
        do(service, "documents.draft", QUALITY, **{**FORM, **wrong})
    assert service.size == size


def test_the_same_form_again_is_one_draft(service):
    first = do(service, "documents.draft", QUALITY, key="one key for one form", **FORM)
    assert do(service, "documents.draft", QUALITY, key="one key for one form", **FORM) == first
    assert len(see(service, "/documents/wi-press").revisions) == 1


@pytest.mark.parametrize("path", ["/documents/none", "/documents/wi-press/2", "/documents/wi-press/x"])
def test_what_is_not_there(service, path):
    do(service, "documents.draft", QUALITY, **FORM)
    with pytest.raises(NotFoundError):
        see(service, path)


def test_what_a_restarted_service_knows_is_what_it_knew(service):
    do(service, "documents.draft", QUALITY, **FORM)
    put(service)
    do(service, "documents.read", LEAD, document="wi-press", revision=1)
    before = service.states()["documents"]
    service.close()
    again = PlantService.following(service.folder)
    assert again.states()["documents"] == before
    again.close()


def test_a_lot_shows_the_revisions_by_which_it_is_made(service):
    from app.served import machine
    from fabrika.events.production import LotOpened

    do(service, "documents.draft", QUALITY, key="draft for the press", **{**FORM, "stations": ["line.press"]})
    put(service)
    line = service.plant.lines[0]
    pen, opened = machine(service), LotOpened(lot="l-1", order="o-1", product="p", line=line.id, edition=1)
    service.take([pen.write(opened, service._now_us())])
    other = {"document": "wi-all", "kind": "form", "title": "All", "language": "sq", "text": "Te gjitha."}
    do(service, "documents.draft", QUALITY, key="draft of all", **other)
    do(service, "documents.approve", BOSS, document="wi-all", revision=1)
    do(service, "documents.put_in_force", QUALITY, document="wi-all", revision=1)
    page = see(service, "/lots/l-1")
    assert [(row.document, row.revision, row.stations, row.from_us is None) for row in page.documents] == [
        ("wi-press", 1, ("line.press",), True),
        ("wi-all", 1, (), False),
    ]
    assert (page.balanced, page.balance) == (None, "No station has counted in it yet.")
