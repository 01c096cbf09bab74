"""A line is handed over by one person and taken over by another: what is open is gathered, both sign, nothing is lost."""

from __future__ import annotations

import pytest

from app.served import ADMIN, LEAD, do, machine, new_folder, see, staffed, started
from fabrika.errors import ActRefusedError, EventRefusedError, NotFoundError
from fabrika.events.production import ShiftHandedOver, StationHeld
from fabrika.operations.production.handed import KEPT
from operations.told import HOUR, MINUTE, at, changed

NOW = at(7) + 366 * 24 * HOUR
NEXT = "p-4"


@pytest.fixture
def service(tmp_path):
    found = staffed(started(new_folder(tmp_path), NOW))
    do(found, "personnel.enrol", ADMIN, person=NEXT)
    do(found, "personnel.grant", ADMIN, person=NEXT, role="operator")
    yield found
    found._view.check()
    found.close()


def page(service, **query):
    return see(service, "/handover/line", **query)


def prepared(service, remark="call the fitter", key=None, **more):
    do(service, "production.prepare_handover", LEAD, key=key, line="line", remark=remark, **more)
    return page(service).waiting


def test_what_is_open_is_written_down_and_signed_by_both(service):
    pen = machine(service)
    stopped = changed(NOW - 5 * MINUTE, "down", mode="jam")
    hold = StationHeld(station="line.finish", cause="repair", needs=("first_piece",), block=True)
    service.take([pen.write(event, at_us) for at_us, event in (stopped, (NOW - 4 * MINUTE, hold))])
    before = page(service)
    assert [(row.station, row.state, row.mode) for row in before.stops] == [("line.press", "down", "jam")]
    assert [row.station for row in before.held] == ["line.finish"]
    waiting = prepared(service, containers=("bin-7", "bin-8"))
    assert (waiting.person, waiting.stops, waiting.holds) == (LEAD, ("line.press",), ("line.finish",))
    assert (waiting.containers, waiting.shift, waiting.prepared_us) == (("bin-7", "bin-8"), "2027-03-03T06:00", NOW)
    with pytest.raises(ActRefusedError, match="Who hands over does not take over"):
        do(service, "production.take_over", LEAD, handover=waiting.handover)
    do(service, "production.take_over", NEXT, handover=waiting.handover, remark="seen")
    (done,) = page(service).past
    assert page(service).waiting is None
    assert (done.person, done.next_person, done.taken_us, done.answer) == (LEAD, NEXT, NOW, "seen")
    with pytest.raises(ActRefusedError, match="p-4 has taken this over already"):
        do(service, "production.take_over", NEXT, handover=waiting.handover)


def test_the_newest_counts(service):
    first = prepared(service)
    second = prepared(service, "and another thing")
    assert first.handover != second.handover
    with pytest.raises(ActRefusedError, match="written down later"):
        do(service, "production.take_over", NEXT, handover=first.handover)
    do(service, "production.take_over", NEXT, handover=second.handover)
    assert page(service).waiting is None


def test_a_handover_that_waits_is_called_for(service):
    prepared(service)
    kinds = [item.kind for item in see(service, "/attention", at=str(NOW + 31 * MINUTE)).items]
    assert kinds.count("handover") == 1
    assert "handover" not in [item.kind for item in see(service, "/attention").items]


def test_wrong_input_is_refused(service):
    with pytest.raises(ActRefusedError, match="named twice"):
        prepared(service, containers=("bin-7", "bin-7"))
    with pytest.raises(ActRefusedError, match="more than 50"):
        prepared(service, key="a key of its own", containers=tuple(f"bin-{n}" for n in range(51)))
    with pytest.raises(EventRefusedError):
        prepared(service, containers=("a bin",))
    with pytest.raises(NotFoundError, match="no line"):
        do(service, "production.prepare_handover", LEAD, line="none")
    with pytest.raises(NotFoundError, match="no handover"):
        do(service, "production.take_over", NEXT, handover="none")
    with pytest.raises(NotFoundError):
        see(service, "/handover/none")


def test_a_shift_that_changed_without_a_word_stands_among_the_others(service):
    pen = machine(service)
    told = [ShiftHandedOver(line="line", shift=f"day.{n}", person=LEAD, next_person=NEXT) for n in range(KEPT + 3)]
    service.take([pen.write(event, NOW + n) for n, event in enumerate(told)])
    past = page(service).past
    assert len(past) == KEPT
    assert (past[0].shift, past[0].prepared_us, past[0].next_person) == (f"day.{KEPT + 2}", None, NEXT)
