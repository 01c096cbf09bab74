"""A station is held after a changeover, a repair or a long stop: what follows, what is refused and why, and whose the units are."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.served import ADMIN, BOSS, LEAD, Clock, do, machine, see
from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from fabrika.errors import ActRefusedError
from fabrika.events.production import (
    FirstPieceChecked,
    HoldOverridden,
    LineCleared,
    LotOpened,
    StationHeld,
    StopCoded,
)
from fabrika.journal.entries import fact_of
from fabrika.operations.production.holds import Hold, inside, wholly
from fabrika.operations.production.start_rules import require_start, start_standing
from fabrika.operations.production.starts import held_after, minds
from fabrika.operations.production.state import REDUCER, Count
from fabrika.plant.model import Start
from operations.told import HOUR, MINUTE, PLANT_FILE, agree, asked, at, changed, counted, facts, folded, plant

NOW = at(7) + 366 * 24 * HOUR
"""In the morning of 3 March 2027: a book's time does not go back behind the day on which it was opened."""
OTHER, PRESS = "p-4", "line.press"
STARTS = """starts:
  - {id: product, after: changeover, needs: [approval, first_piece, clearance]}
  - {id: mended, after: repair, lasting: 1 h, needs: first_piece, until_then: warn, stations: line.press}
  - {id: stood, after: long_stop, lasting: 4 h, needs: clearance}
lines:
"""
ALL = ("clearance", "first_piece", "approval")


@pytest.fixture
def service(tmp_path):
    file = tmp_path / "plant.yaml"
    file.write_text(PLANT_FILE.read_text(encoding="utf-8").replace("lines:\n", STARTS, 1), encoding="utf-8")
    adopt(BookFolder(tmp_path / "data"), file, "plant")
    found = PlantService.opened(BookFolder(tmp_path / "data"), now_us=Clock(NOW))
    found.first(ADMIN)
    for person, role in ((LEAD, "shift-lead"), (BOSS, "manager"), (OTHER, "quality-manager")):
        do(found, "personnel.enrol", ADMIN, person=person)
        do(found, "personnel.grant", ADMIN, person=person, role=role)
    yield found
    agree(found)
    found._view.check()
    found.close()


def lot(service):
    do(service, "production.release_order", BOSS, order="o-1", product=service.plant.id, line="line", quantity=1_000)
    do(service, "production.open_lot", LEAD, order="o-1")
    return see(service, "/orders").lots[0].lot


def tell(service, *pairs, source="plc-1"):
    pen = machine(service, source)
    service.take([pen.write(event, at_us) for at_us, event in pairs])


def held(service, station=PRESS, **query):
    return see(service, f"/starts/{station}", **query).hold


def setup(service, at_us=NOW - 30 * MINUTE, **more):
    tell(service, changed(at_us - 10 * MINUTE, "processing"), changed(at_us, "setup"), **more)


def test_a_machine_that_is_set_up_is_held_in_the_same_commit(service):
    setup(service)
    hold = held(service)
    assert (hold.cause, hold.missing, hold.block, hold.since_us) == ("changeover", ALL, True, NOW - 30 * MINUTE)
    size = service.size
    last = see(service, "/journal").entries[0]
    assert last.type == "production.station_held"
    entry = see(service, f"/journal/{size - 1}")
    assert "plc-1" in str(entry), "its cause is named"
    (item,) = (item for item in see(service, "/attention").items if item.kind == "held")
    assert (item.path, item.subject) == (f"/starts/{PRESS}", PRESS)
    assert "missing: line clearance, first piece, approval" in item.sentence
    assert "Operator" in item.remedy
    assert [row.station for row in see(service, "/lines/line").held] == [PRESS]
    assert see(service, f"/stations/{PRESS}").hold.missing == ALL


def test_what_comes_again_holds_nothing_again(service):
    pen = machine(service)
    said = [pen.write(event, at_us) for at_us, event in (changed(NOW - HOUR, "processing"), changed(NOW, "setup"))]
    service.take(said)
    size = service.size
    service.take(said)
    assert service.size == size


def test_a_station_without_a_policy_is_never_held(service):
    setup(service, source="plc-2")
    assert held(service, "line.finish") is None
    assert minds(service.plant, changed(NOW, "setup")[1])
    assert not minds(plant(), changed(NOW, "setup")[1])
    assert not minds(service.plant, changed(NOW, "down")[1])
    assert not minds(service.plant, counted(0, 1, 1)[1])


def test_a_run_starts_step_by_step_by_two_persons(service):
    setup(service)
    number = lot(service)
    press = {"station": PRESS}
    with pytest.raises(ActRefusedError, match="before that: line clearance") as refused:
        do(service, "production.check_first_piece", LEAD, right=True, **press)
    assert "Operator" in refused.value.remedy
    do(service, "production.clear_line", LEAD, line="line", **press)
    with pytest.raises(ActRefusedError, match="p-2 recorded that already"):
        do(service, "production.clear_line", LEAD, line="line", key="once more, with another key", **press)
    with pytest.raises(ActRefusedError, match="says what is wrong"):
        do(service, "production.check_first_piece", LEAD, right=False, **press)
    do(service, "production.check_first_piece", LEAD, right=False, remark="a burr", **press)
    assert (held(service).wrong, held(service).wrong_by) == ("a burr", LEAD)
    with pytest.raises(ActRefusedError, match="before that: first piece"):
        do(service, "production.approve_start", OTHER, **press)
    do(service, "production.check_first_piece", LEAD, right=True, **press)
    with pytest.raises(ActRefusedError, match="does not approve") as refused:
        do(service, "production.approve_start", LEAD, **press)
    assert "Quality manager" in refused.value.remedy
    do(service, "production.approve_start", OTHER, **press)
    page = see(service, f"/starts/{PRESS}")
    assert page.hold is None
    assert [(step.need, step.person) for step in page.past[0].steps] == [
        ("clearance", LEAD), ("first_piece", LEAD), ("approval", OTHER),
    ]  # fmt: skip
    assert page.past[0].lot is None
    assert number
    with pytest.raises(ActRefusedError, match="not held"):
        do(service, "production.override_hold", BOSS, reason="in haste", **press)


def test_no_first_piece_without_a_lot(service):
    setup(service)
    do(service, "production.clear_line", LEAD, line="line")
    with pytest.raises(ActRefusedError, match="No lot is open") as refused:
        do(service, "production.check_first_piece", LEAD, station=PRESS, right=True)
    assert "Shift lead" in refused.value.remedy


def test_who_may_lets_it_run_and_says_why(service):
    setup(service)
    do(service, "production.clear_line", LEAD, line="line")
    with pytest.raises(ActRefusedError, match="do not allow"):
        do(service, "production.override_hold", OTHER, station=PRESS, reason="late")
    do(service, "production.override_hold", BOSS, station=PRESS, reason="the customer waits")
    (past,) = see(service, f"/starts/{PRESS}").past
    assert (past.overridden_by, past.reason, past.missing) == (BOSS, "the customer waits", ("first_piece", "approval"))


def test_units_made_meanwhile_belong_to_no_lot(service):
    number = lot(service)
    begin = NOW - 40 * MINUTE
    tell(
        service,
        changed(begin, "processing"),
        counted(begin, begin + 10 * MINUTE, 300, lot=number),
        changed(begin + 12 * MINUTE, "setup"),
        counted(begin + 10 * MINUTE, begin + 20 * MINUTE, 100, scrapped=10, lot=number),
        counted(begin + 20 * MINUTE, begin + 30 * MINUTE, 50, lot=number),
    )
    (row,) = see(service, f"/lots/{number}").counted
    assert (row.entered, row.good, row.scrapped) == (300 + 22, 300 + 20, 2)
    hold = held(service)
    assert (hold.entered, hold.good, hold.scrapped) == (88 + 50, 80 + 50, 8)
    assert [count.lot for count in see(service, f"/stations/{PRESS}").counts] == [None, number, number]
    do(service, "production.override_hold", BOSS, station=PRESS, reason="none")
    tell(service, counted(NOW, NOW + 5 * MINUTE, 7, lot=number), source="plc-9")
    (row,) = see(service, f"/lots/{number}").counted
    assert row.good == 300 + 20 + 7


def test_what_is_late_is_shared_out_anew():
    """A clearance that was entered later than the counts counts as of when it was done."""
    opened = (at(6), LotOpened(lot="l-1", order="o", product="a", line="line", edition=1))
    hold = (at(7), StationHeld(station=PRESS, cause="changeover", needs=("clearance",), block=True))
    counts = counted(at(7), at(7, 10), 100, lot="l-1")
    cleared = (at(7, 4), LineCleared(line="line", station=PRESS, person="p-1"))
    for order in ([hold, counts, cleared], [counts, hold, cleared], [hold, cleared, counts]):
        state = folded(REDUCER, opened, *order)
        assert state.lots["l-1"].counted[PRESS] == [60, 60, 0], order
        (found,) = state.stations[PRESS].holds
        assert (found.good, found.until_us) == (40, at(7, 4))


@given(
    begin=st.integers(0, 100), length=st.integers(1, 100), units=st.integers(0, 10**6),
    cuts=st.lists(st.integers(-10, 210), min_size=2, max_size=6, unique=True),
)  # fmt: skip
def test_holds_share_a_count_without_losing_a_unit(begin, length, units, cuts):
    """Holds that follow on each other, and what is free between them, add up to the count."""
    count = Count(begin, begin + length, units, units, 0, None, "k", {})
    edges = sorted(cuts)
    holds = [Hold(since_us=a, until_us=b, cause="repair", needs=[], block=True) for a, b in pairwise(edges)]
    held_units = sum(inside(hold, count)[1] for hold in holds)
    whole = Hold(since_us=edges[0], until_us=edges[-1], cause="repair", needs=[], block=True)
    assert held_units == inside(whole, count)[1]
    assert 0 <= held_units <= units
    assert wholly(holds, count) == (edges[0] <= begin and begin + length <= edges[-1])


def after(*told, starts=None, lots=()):
    """What follows of the last that is told."""
    policy = starts or (
        Start("mended", "repair", ("first_piece",), block=False, lasting_s=3600.0),
        Start("stood", "long_stop", ("clearance",), lasting_s=4 * 3600.0),
        Start("product", "changeover", ALL),
    )
    state = folded(REDUCER, *lots, *told)
    return held_after({"production": state}, replace(plant(), starts=policy), facts(*lots, *told)[-1])


def test_a_repair_holds_and_clearing_a_jam_does_not():
    began, run = changed(at(6), "processing"), changed(at(8, 30), "processing")
    (found,) = after(began, changed(at(7), "down", mode="drive"), run)
    assert (found.cause, found.needs, found.block) == ("repair", ("first_piece",), False)
    assert not after(began, changed(at(7), "down", mode="drive"), changed(at(7, 59), "processing"))
    assert not after(began, changed(at(7), "down", mode="unheard-of"), run)
    assert not after(began, changed(at(7), "starved", mode="drive"), run)
    coded = StopCoded(station=PRESS, from_us=at(7), to_us=at(8), mode="drive", person="p-1")
    assert after(began, changed(at(7), "down"), (at(8, 10), coded), run)
    assert not after(began, changed(at(7), "down"), run)


def test_a_long_stop_is_told_from_waiting_and_from_nights():
    began, run = changed(at(6), "processing"), changed(at(11), "processing")
    (found,) = after(began, changed(at(7), "planned"), changed(at(8), "off_shift"), run)
    assert (found.cause, found.needs) == ("long_stop", ("clearance",))
    assert not after(began, changed(at(7), "starved"), run)
    assert not after(began, changed(at(7), "off_shift"), run)
    assert not after(began, changed(at(7, 1), "planned"), run)
    (both,) = after(began, changed(at(7), "down", mode="drive"), run)
    assert (both.cause, both.needs, both.block) == ("repair", ("clearance", "first_piece"), True)


def opened(name, product):
    return at(5), LotOpened(lot=name, order="o", product=product, line="line", edition=1)


def named(at_us, state, lot):
    at_us, event = changed(at_us, state)
    return at_us, type(event)(station=event.station, state=state, lot=lot)


def test_another_product_is_a_changeover_and_a_warm_up_is_none():
    lots = (opened("l-1", "a"), opened("l-2", "a"), opened("l-3", "b"))
    began = named(at(6), "processing", "l-1")
    assert not after(began, named(at(7), "setup", "l-1"), lots=lots)
    assert not after(began, named(at(7), "setup", "l-2"), lots=lots)
    assert after(began, named(at(7), "setup", "l-3"), lots=lots)[0].lot == "l-3"
    assert after(began, named(at(7), "processing", "l-3"), lots=lots)
    assert not after(began, named(at(7), "setup", "l-3"), named(at(8), "processing", "l-3"), lots=lots)
    assert after(began, changed(at(7), "setup"), lots=lots)
    assert not after(began, changed(at(7), "setup"), named(at(8), "processing", "l-3"), lots=lots)
    assert not after(began, changed(at(7), "setup"), changed(at(7, 5), "down"), changed(at(7, 20), "setup"), lots=lots)
    assert not after(changed(at(7), "setup"), lots=lots), "the first that is told begins nothing"


def test_what_is_wanted_already_is_not_wanted_twice():
    began, down, run = changed(at(6), "processing"), changed(at(7), "down", mode="drive"), changed(at(9), "processing")
    hold = StationHeld(station=PRESS, cause="changeover", needs=ALL, block=True)
    assert not after(began, down, (at(8), hold), run)
    cleared = LineCleared(line="line", person="p-1")
    (found,) = after(began, down, (at(8), replace_needs(hold, ("clearance", "approval"))), (at(8, 1), cleared), run)
    assert found.needs == ("first_piece", "approval"), "what is missing still goes on in the new one"
    assert found.block


def replace_needs(event, needs):
    return type(event)(station=event.station, cause=event.cause, needs=needs, block=event.block)


def test_a_blocked_station_takes_no_report(service):
    setup(service)
    states = service.states()
    standing = start_standing(states["production"], service.plant, PRESS, NOW)
    assert (standing.subject, standing.fit) == (f"production:start/{PRESS}", False)
    assert "held after a changeover" in standing.reason
    with pytest.raises(ActRefusedError, match="missing: line clearance, first piece, approval") as refused:
        require_start(states, asked(NOW, plant=service.plant), PRESS, NOW)
    assert "Plant manager" in refused.value.remedy
    require_start(states, asked(NOW, plant=service.plant), "line.finish", NOW)
    assert start_standing(states["production"], service.plant, "line.finish", NOW).fit


def test_a_hold_as_of_an_earlier_instant(service):
    setup(service)
    do(service, "production.override_hold", BOSS, station=PRESS, reason="none")
    assert held(service) is None
    before = held(service, at=str(NOW - 20 * MINUTE))
    assert (before.missing, before.overridden_by) == (ALL, None)
    assert [item.kind for item in see(service, "/attention", at=str(NOW - 20 * MINUTE)).items].count("held") == 1


def test_a_withdrawn_hold_never_was(service):
    setup(service)
    key = held(service).key
    do(service, "production.correct", LEAD, target=key, reason="it was only a test of the drive")
    assert held(service) is None
    assert HoldOverridden.NAME not in {row.type for row in see(service, "/journal").entries}


def test_what_is_told_oddly_breaks_nothing(service):
    """A hold that needs nothing, one of a station that is not there, a step that no hold wants, and a hold told in the past."""
    number = lot(service)
    piece = FirstPieceChecked(station=PRESS, lot=number, right=True, person=LEAD)
    tell(
        service,
        (NOW - HOUR, StationHeld(station=PRESS, cause="repair", needs=(), block=True)),
        (NOW - HOUR, StationHeld(station="line.none", cause="repair", needs=("approval",), block=True)),
        (NOW - HOUR, piece),
        (NOW - 10 * MINUTE, StationHeld(station=PRESS, cause="repair", needs=("first_piece",), block=False)),
        (NOW - 20 * MINUTE, StationHeld(station=PRESS, cause="changeover", needs=ALL, block=True)),
        (NOW - 5 * MINUTE, piece),
    )
    page = see(service, f"/starts/{PRESS}")
    assert page.hold is None
    assert [(row.cause, row.until_us, row.missing) for row in page.past] == [
        ("repair", NOW - 5 * MINUTE, ()),
        ("changeover", NOW - 10 * MINUTE, ALL),
    ]
    assert "held" not in [item.kind for item in see(service, "/attention").items]


@pytest.mark.parametrize("block", [True, False])
def test_a_report_at_a_held_station_is_refused_or_belongs_to_no_lot(service, block):
    name = lot(service)
    do(service, "production.sign_on", LEAD, station=PRESS)
    hold = StationHeld(station=PRESS, cause="repair", needs=("first_piece",), block=block)
    service.take([machine(service, "plc-h").write(hold, NOW - 5 * MINUTE)])
    form = {"station": PRESS, "good": 3, "from_us": NOW - 4 * MINUTE}
    if block:
        with pytest.raises(ActRefusedError, match="is held after a repair; missing: first piece") as refused:
            do(service, "production.report_units", LEAD, **form)
        assert "may override it" in refused.value.remedy
        do(service, "production.check_first_piece", LEAD, station=PRESS, right=True)
    done = do(service, "production.report_units", LEAD, key="after all of that", **form)
    (event,) = (fact_of(at, service.states()["book"].entry(at)).event for at in done.positions)
    assert event.lot == (name if block else None)
