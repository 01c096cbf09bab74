"""Reports of browsers that had no network: once, with their own time, and never lost."""

from __future__ import annotations

import json
from threading import Thread

import pytest

from app.served import ADMIN, LEAD, Clock, do, machine, new_folder, see, staffed
from fabrika.app.plant_service import PlantService
from fabrika.app.reports import AT_ONCE_US, CLOCK_US, OLD_US, Report
from fabrika.app.requests import filled
from fabrika.app.sitemap import COMMANDS
from fabrika.errors import ActRefusedError
from fabrika.journal.entries import fact_of
from operations import told
from operations.told import MINUTE, changed

BY_NAME = {command.name: command for command in COMMANDS}
BROWSER, EPOCH = "0123456789abcdef", "fedcba9876543210"
HOUR = 60 * MINUTE
YEARS = 1_000 * 7 * 24 * HOUR


def at(hour, minute=0):
    """On a Monday behind whatever the clock says that stamped the book's first entries."""
    return told.at(hour, minute) + YEARS


NOW = at(7)


@pytest.fixture
def folder(tmp_path):
    return new_folder(tmp_path)


@pytest.fixture
def service(folder):
    service = staffed(PlantService.opened(folder, now_us=Clock(NOW)))
    pen = machine(service)
    changes = [changed(at(6), "processing"), changed(at(6, 10), "down"), changed(at(6, 20), "processing")]
    changes += [changed(at(6, 30), "down"), changed(at(6, 40), "processing")]
    service.take([pen.write(event, at_us) for at_us, event in changes])
    yield service
    service.close()


def stop(sequence=1, *, minute=10, mode="jam", said_us=NOW - 30 * MINUTE, sent_us=NOW, person=LEAD, **more):
    """A report that the press stood for ten minutes."""
    form = {"station": "line.press", "from_us": at(6, minute), "to_us": at(6, minute + 10), "mode": mode}
    given = {
        "browser": BROWSER,
        "epoch": EPOCH,
        "sequence": sequence,
        "command": BY_NAME["production.code_stop"],
        "name": "production.code_stop",
        "entered": json.dumps({name: [str(value)] for name, value in form.items()}),
        "form": filled(BY_NAME["production.code_stop"], form),
        "wrong": None,
        "person": person,
        "device": "tablet-7",
        "said_us": said_us,
        "sent_us": sent_us,
        "at_once": False,
    }
    return Report(**(given | more))


def facts(service, beginning):
    book = service.states()["book"]
    found = [fact_of(place, entry) for place, entry in enumerate(book.read(0, service.size))]
    return [fact for fact in found if fact.message.type.startswith(beginning)]


def test_a_report_bears_the_time_at_which_it_was_pressed_and_the_book_its_own(service):
    service.report(stop())
    (fact,) = facts(service, "production.stop_coded")
    assert (fact.message.at_us, fact.journal_at_us) == (NOW - 30 * MINUTE, NOW)
    assert (fact.message.source, fact.message.actor, fact.message.device) == (f"tablet/{BROWSER}", LEAD, "tablet-7")
    assert facts(service, "house.report") == []


def test_a_report_is_taken_once_however_often_it_is_sent(service, folder):
    first = service.report(stop())
    size = service.size
    assert [service.report(stop(sent_us=NOW + n * HOUR)) for n in range(3)] == [first] * 3
    assert service.size == size


def test_it_is_taken_once_by_the_server_that_is_started_next(service, folder):
    first = service.report(stop())
    service.close()
    again = PlantService.opened(folder, now_us=Clock(NOW + HOUR))
    try:
        assert again.report(stop()).positions == first.positions
    finally:
        again.close()


def test_a_tablet_that_sends_from_many_threads_doubles_nothing(service):
    answers = []
    threads = [Thread(target=lambda: answers.append(service.report(stop()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.positions for answer in answers}) == 1
    assert len(facts(service, "production.stop_coded")) == 1


def test_a_refusal_that_comes_late_is_kept_and_told_again(service):
    done = service.report(stop(mode="nonsense"))
    assert done.refused is not None
    assert "does not stop in the mode" in done.refused[0]
    (fact,) = facts(service, "house.report_refused")
    assert (fact.event.person, fact.event.command, fact.event.said_at_us) == (
        LEAD,
        "production.code_stop",
        NOW - 30 * MINUTE,
    )
    assert json.loads(fact.event.form)["mode"] == ["nonsense"]
    assert service.report(stop(mode="nonsense")) == done
    items = [item for item in see(service, "/attention").items if item.kind == "report"]
    assert [(item.priority, item.path) for item in items] == [("medium", "/attention/reports")]
    (row,) = see(service, "/attention/reports").reports
    assert (row.kind, row.device, row.entered["mode"]) == ("refused", "tablet-7", "nonsense")
    do(service, "watch.settle_report", LEAD, report=row.report, reason="coded by hand")
    assert see(service, "/attention/reports").reports == ()
    assert not [item for item in see(service, "/attention").items if item.kind == "report"]


def test_a_refusal_is_told_at_once_to_whoever_still_stands_there(service):
    size = service.size
    with pytest.raises(ActRefusedError):
        service.report(stop(mode="nonsense", said_us=NOW - AT_ONCE_US, at_once=True))
    assert service.size == size + 1, "what was refused leaves its trace, and nothing else"
    assert len(facts(service, "house.act_refused")) == 1
    # Whoever pressed longer ago has gone, whatever the browser says.
    assert service.report(stop(mode="nonsense", said_us=NOW - AT_ONCE_US - 1, at_once=True)).refused is not None


def test_who_may_no_more_is_refused_and_the_report_kept(service):
    do(service, "personnel.enrol", ADMIN, person="p-9")
    do(service, "personnel.grant", ADMIN, person="p-9", role="operator")
    assert service.report(stop(person="p-9")).refused is None
    do(service, "personnel.withdraw", ADMIN, person="p-9", role="operator", reason="moved")
    refused = service.report(stop(2, minute=30, person="p-9")).refused
    assert refused is not None
    assert "roles do not allow" in refused[0]
    assert facts(service, "house.report_refused")[0].message.actor == "p-9"


@pytest.mark.parametrize(("age_us", "why"), [(OLD_US, None), (OLD_US + MINUTE, "old")])
def test_what_is_older_than_72_hours_is_taken_and_looked_at(service, age_us, why):
    # The stop of the morning, coded by a person whose tablet found the network three days later.
    service._now_us.now_us = NOW + age_us
    service.report(stop(said_us=NOW, sent_us=NOW + age_us))
    assert [fact.message.at_us for fact in facts(service, "production.stop_coded")] == [NOW]
    assert [fact.event.why for fact in facts(service, "house.report_flagged")] == ([why] if why else [])
    items = [item for item in see(service, "/attention").items if item.kind == "report"]
    assert [item.priority for item in items] == (["low"] if why else [])


@pytest.mark.parametrize("off_us", [CLOCK_US + MINUTE, -CLOCK_US - HOUR])
def test_a_clock_that_stands_wrong_changes_no_time_and_is_told(service, off_us):
    service.report(stop(said_us=NOW + off_us - 30 * MINUTE, sent_us=NOW + off_us))
    (fact,) = facts(service, "production.stop_coded")
    assert fact.message.at_us == NOW - 30 * MINUTE
    (late,) = facts(service, "house.report_flagged")
    assert (late.event.why, late.event.off_s) == ("clock", off_us // 1_000_000)
    assert late.message.cause == (fact.key,)


def test_a_time_in_the_future_is_refused_and_kept(service):
    refused = service.report(stop(said_us=NOW + HOUR)).refused
    assert refused is not None
    assert "future" in refused[0]
    assert facts(service, "production.stop_coded") == []


def test_a_cloned_tablet_raises_an_alarm_and_loses_nothing(service):
    assert service.report(stop()).refused is None
    other = stop(minute=30, person=ADMIN)
    done = service.report(other)
    assert done.refused is not None
    assert service.report(other) == done
    (alarm,) = facts(service, "house.alarm_raised")
    assert alarm.event.kind == "identity_conflict"
    (kept,) = facts(service, "house.report_refused")
    assert json.loads(kept.event.form)["from_us"] == [str(at(6, 30))]
    assert len(facts(service, "production.stop_coded")) == 1


def test_text_that_may_not_stand_in_the_book_is_kept_in_plain_signs(service):
    done = service.report(
        stop(entered='{"remark":["a\u202eb"]}', wrong=ActRefusedError("It does not fit.", "Mend it."))
    )
    assert done.refused == ("It does not fit.", "Mend it.")
    (fact,) = facts(service, "house.report_refused")
    assert fact.event.form == '{"remark":["a?b"]}'


def test_what_cannot_be_sent_later_is_refused_and_kept(service):
    refused = service.report(stop(command=None, form=None, name="personnel.enrol")).refused
    assert refused is not None
    assert "cannot be sent later" in refused[0]
