"""Which change wants a new lot or a sub-lot, what is refused until it is opened, and whose the units are meanwhile."""

from __future__ import annotations

import pytest

from app.served import ADMIN, BOSS, LEAD, Clock, do, machine, see
from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from fabrika.errors import ActRefusedError
from fabrika.events.production import LotRequired, ToolChanged
from fabrika.journal.entries import fact_of
from operations.told import HOUR, MINUTE, PLANT_FILE, agree, at, changed, counted

NOW = at(12) + 366 * 24 * HOUR
"""At noon of 3 March 2027: a book's time does not go back behind the day on which it was opened."""
PRESS, STORE = "line.press", "quality-manager"
RULES = """materials: [{id: strip}, {id: oil}]
locations: [{id: in, holds: quarantine}, {id: side, holds: line}]
lot_rule:
  - {id: strip, after: component_lot, lines: line}
  - {id: tool, after: tool, then: block, stations: line.press}
  - {id: stood, after: long_stop, lasting: 1 h}
  - {id: product, after: campaign, then: block}
lines:
"""


@pytest.fixture
def clock():
    return Clock(NOW - 4 * HOUR)


def served(tmp_path, clock, rules):
    file = tmp_path / "plant.yaml"
    file.write_text(PLANT_FILE.read_text(encoding="utf-8").replace("lines:\n", rules, 1), encoding="utf-8")
    adopt(BookFolder(tmp_path / "data"), file, "plant")
    found = PlantService.opened(BookFolder(tmp_path / "data"), now_us=clock)
    found.first(ADMIN)
    for person, role in ((LEAD, "shift-lead"), (BOSS, "manager"), ("p-4", STORE)):
        do(found, "personnel.enrol", ADMIN, person=person)
        do(found, "personnel.grant", ADMIN, person=person, role=role)
    return found


@pytest.fixture
def service(tmp_path, clock):
    found = served(tmp_path, clock, RULES)
    yield found
    agree(found)
    found._view.check()
    found.close()


def lot_of(service, clock):
    do(service, "production.release_order", BOSS, order="o-1", product=service.plant.id, line="line", quantity=1_000)
    opened(service)
    clock.now_us = NOW
    return see(service, "/orders").lots[0].lot


@pytest.fixture
def lot(service, clock):
    return lot_of(service, clock)


def opened(service):
    do(service, "production.open_lot", LEAD, order="o-1", key=f"open-lot-{service.size}")


def good(service, lot):
    return see(service, f"/lots/{lot}").counted[0].good


def tell(service, *pairs, source="plc-1"):
    pen = machine(service, source)
    service.take([pen.write(event, at_us) for at_us, event in pairs])


def dues(service, lot):
    return see(service, f"/lots/{lot}").dues


def received(service, number, material="strip"):
    do(service, "inventory.receive", LEAD, material_lot=number, material=material, quantity=500, location="in")
    do(service, "inventory.set_status", "p-4", subject=number, status="released", reason="right")
    do(service, "inventory.move", LEAD, subject=number, location="side", origin="in", quantity=500)


def consumed(service, lot, number):
    do(
        service,
        "inventory.consume",
        LEAD,
        subject=number,
        origin="side",
        station=PRESS,
        lot=lot,
        quantity=10,
        reason="as it lies",
        key=f"consumes-{number}-{service.size}",
    )


def test_another_lot_of_the_same_material_makes_a_sub_lot_due_and_opening_it_settles_that(service, lot, clock):
    for number, material in (("s-1", "strip"), ("s-2", "strip"), ("oil-1", "oil")):
        received(service, number, material)
    consumed(service, lot, "s-1")
    tell(service, counted(NOW - HOUR, NOW - MINUTE, 100, lot=lot))
    consumed(service, lot, "oil-1")
    consumed(service, lot, "s-1")
    assert not dues(service, lot)
    clock.now_us += MINUTE
    consumed(service, lot, "s-2")
    (row,) = dues(service, lot)
    assert (row.cause, row.subject, row.makes, row.block, row.by) == ("component_lot", "s-2", "sub_lot", False, None)
    assert row.roles == "Shift lead"
    (item,) = [item for item in see(service, "/attention").items if item.kind == "lot_due"]
    assert (item.subject, item.priority, item.path) == (lot, "medium", f"/lots/{lot}")
    consumed(service, lot, "s-2")
    assert len(dues(service, lot)) == 1
    clock.now_us += MINUTE
    do(service, "production.open_sub_lot", LEAD, lot=lot)
    (row,) = dues(service, lot)
    assert (row.by, row.settled_us) == (f"{lot}.2", clock.now_us)
    assert not [item for item in see(service, "/attention").items if item.kind == "lot_due"]
    part = see(service, f"/lots/{lot}.2")
    assert (part.parent, part.sub, part.family) == (lot, True, (lot, f"{lot}.2"))
    assert see(service, f"/lots/{lot}").parts == (f"{lot}.2",)


def test_the_entry_names_what_it_follows_of(service, lot):
    tell(service, counted(NOW - HOUR, NOW - MINUTE, 100, lot=lot))
    tell(service, (NOW, ToolChanged(station=PRESS, tool="t-2", before="t-1", person=LEAD)), source="plc-2")
    book = service.states()["book"]
    due = fact_of(book.size - 1, book.entry(book.size - 1))
    cause = fact_of(book.size - 2, book.entry(book.size - 2))
    assert due.event == LotRequired(
        line="line", station=PRESS, lot=lot, cause="tool", subject="t-2", makes="sub_lot", block=True
    )
    assert due.message.cause == (cause.key,)


def test_a_rule_that_blocks_keeps_units_out_of_the_lot_and_refuses_reports_until_it_is_opened(service, lot, clock):
    do(service, "production.sign_on", LEAD, station=PRESS)
    tell(service, counted(NOW - HOUR, NOW, 100, lot=lot))
    tell(service, (NOW, ToolChanged(station=PRESS, tool="t-2", person=LEAD)), source="plc-2")
    tell(service, counted(NOW, NOW + 10 * MINUTE, 50, lot=lot), source="plc-3")
    assert good(service, lot) == 100
    clock.now_us = NOW + 5 * MINUTE
    with pytest.raises(ActRefusedError) as refused:
        do(service, "production.report_units", LEAD, station=PRESS, good=20)
    assert "missing: next lot" in refused.value.problem
    assert "Shift lead" in refused.value.problem
    hold = see(service, f"/starts/{PRESS}").hold
    assert (hold.cause, hold.missing, hold.block, hold.before) == ("tool", ("lot",), True, lot)
    assert hold.lot is None
    do(service, "production.open_sub_lot", LEAD, lot=lot)
    assert see(service, f"/starts/{PRESS}").hold is None
    assert good(service, lot) == 125  # half of the count lies behind the opening
    (past,) = see(service, f"/starts/{PRESS}").past
    assert past.good == 25
    do(service, "production.report_units", LEAD, station=PRESS, good=20, lot=f"{lot}.2")


def test_a_long_stop_makes_a_sub_lot_due_and_a_short_one_does_not(service, lot):
    tell(service, changed(NOW - 3 * HOUR, "processing"), changed(NOW - 170 * MINUTE, "down"))
    tell(service, changed(NOW - 120 * MINUTE, "processing"), source="plc-2")
    assert not dues(service, lot)
    tell(service, changed(NOW - 110 * MINUTE, "down"), changed(NOW - 50 * MINUTE, "processing"), source="plc-3")
    (row,) = dues(service, lot)
    assert (row.cause, row.since_us, row.makes) == ("long_stop", NOW - 50 * MINUTE, "sub_lot")


def test_a_changeover_wants_the_next_lot_and_a_sub_lot_does_not_do(service, lot, clock):
    tell(service, changed(NOW - 3 * HOUR, "processing"), changed(NOW, "setup"))
    (row,) = dues(service, lot)
    assert (row.cause, row.makes, row.block) == ("campaign", "lot", True)
    clock.now_us += MINUTE
    do(service, "production.open_sub_lot", LEAD, lot=lot)
    assert dues(service, lot)[0].by is None
    opened(service)
    assert dues(service, lot)[0].by == "line-2027-0002"
    assert see(service, f"/starts/{PRESS}").hold is None


def test_a_changeover_that_needs_a_first_piece_too_is_one_hold_and_the_next_lot_is_its_lot(tmp_path, clock):
    starts = "starts: [{id: product, after: changeover, needs: first_piece, until_then: warn}]\n" + RULES
    found = served(tmp_path, clock, starts)
    opened_before = lot_of(found, clock)
    tell(found, changed(NOW - 3 * HOUR, "processing"), changed(NOW, "setup"))
    page = see(found, f"/starts/{PRESS}")
    assert (page.hold.missing, page.hold.block, page.hold.lot, page.past) == (("lot", "first_piece"), True, None, ())
    clock.now_us += MINUTE
    opened(found)
    page = see(found, f"/starts/{PRESS}")
    assert (page.hold.missing, page.hold.block, page.hold.lot) == (("first_piece",), False, "line-2027-0002")
    assert page.hold.before == opened_before
    found._view.check()
    found.close()


def test_a_lot_that_is_opened_while_the_station_stands_is_the_one_that_is_made_then(service, lot, clock):
    tell(service, changed(NOW - 3 * HOUR, "processing"), changed(NOW - 2 * HOUR, "down"))
    clock.now_us = NOW - HOUR
    opened(service)
    clock.now_us = NOW
    tell(service, changed(NOW, "processing"), source="plc-2")
    assert not dues(service, lot)


def test_what_is_told_late_of_a_time_before_the_next_lot_makes_nothing_due(service, lot, clock):
    tell(service, counted(NOW - 2 * HOUR, NOW - HOUR, 100, lot=lot))
    opened(service)
    tell(service, (NOW - HOUR, ToolChanged(station=PRESS, tool="t-2", person=LEAD)), source="plc-2")
    assert not dues(service, lot)


def test_a_closed_lot_has_no_sub_lot(service, lot):
    do(service, "production.close_lot", LEAD, lot=lot)
    with pytest.raises(ActRefusedError, match="is closed"):
        do(service, "production.open_sub_lot", LEAD, lot=lot)


def test_sub_lots_of_a_sub_lot_are_counted_from_the_first(service, lot):
    do(service, "production.open_sub_lot", LEAD, lot=lot)
    do(service, "production.open_sub_lot", LEAD, lot=f"{lot}.2")
    assert see(service, f"/lots/{lot}.3").parent == lot
    assert see(service, f"/lots/{lot}.2").family == (lot, f"{lot}.2", f"{lot}.3")


def test_somebody_who_may_overrides_it_and_the_lot_stays_due(service, lot, clock):
    tell(service, counted(NOW - HOUR, NOW, 100, lot=lot))
    tell(service, (NOW, ToolChanged(station=PRESS, tool="t-2", person=LEAD)), source="plc-2")
    clock.now_us += MINUTE
    do(service, "production.override_hold", BOSS, station=PRESS, reason="the same tool, ground anew")
    assert see(service, f"/starts/{PRESS}").hold is None
    assert see(service, f"/starts/{PRESS}").past[0].missing == ("lot",)
    assert dues(service, lot)[0].by is None
