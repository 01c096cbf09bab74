"""A shift at a station: who works there, what they report beside the machine, why it stands, and every plain answer to what cannot be."""

from __future__ import annotations

import pytest

from app.served import ADMIN, BOSS, BY_NAME, LEAD, Clock, do, machine, new_folder, see, staffed
from fabrika.app.plant_service import PlantService
from fabrika.errors import ActRefusedError, NotFoundError
from operations.told import HOUR, MINUTE, at, changed, counted

DAY = 366 * 24 * HOUR
"""A book's time does not go back behind the day on which it was opened: it is a morning of March 2027."""
SIX, SEVEN = at(6) + DAY, at(7) + DAY
HAND = "p-4"
PRESS, FINISH = "line.press", "line.finish"


class Floor:
    """A plant whose clock is set by hand, with an operator."""

    def __init__(self, folder) -> None:
        self.clock = Clock(SEVEN)
        self.service = staffed(PlantService.opened(folder, now_us=self.clock))
        self.keys = 0
        self.do("personnel.enrol", ADMIN, person=HAND)
        self.do("personnel.grant", ADMIN, person=HAND, role="operator")
        self.pen = machine(self.service)

    def do(self, name, by=HAND, **form):
        self.keys += 1
        return do(self.service, name, by, key=f"a form of this test, {self.keys}", **form)

    def refused(self, name, by=HAND, **form):
        """What is wrong, and the remedy."""
        with pytest.raises(ActRefusedError) as refusal:
            self.do(name, by, **form)
        return f"{refusal.value.problem} {refusal.value.remedy}"

    def tell(self, *pairs):
        self.service.take([self.pen.write(event, at_us) for at_us, event in pairs])

    def morning(self, station=PRESS, good=290, *more):
        """The machine runs from six to seven."""
        counts = [counted(SIX + n * 5 * MINUTE, SIX + (n + 1) * 5 * MINUTE, good, station=station) for n in range(12)]
        self.tell(*sorted([changed(SIX, "processing", station=station), *counts, *more], key=lambda pair: pair[0]))

    def work(self, station=PRESS, by=HAND):
        return see(self.service, f"/work/{station}", by)

    def stops(self, station=PRESS):
        return [row for row in see(self.service, f"/stations/{station}").stops if row.state != "unknown"]

    def kinds(self):
        return [item.kind for item in see(self.service, "/attention").items if item.kind != "witness"]


@pytest.fixture
def floor(tmp_path):
    found = Floor(new_folder(tmp_path))
    yield found
    found.service._view.check()
    found.service.close()


def test_persons_sign_on_and_off_and_several_may_be_at_one_station(floor):
    assert floor.work().workers == ()
    floor.do("production.sign_on", station=PRESS)
    floor.do("production.sign_on", LEAD, station=PRESS)
    floor.do("production.sign_on", station=FINISH)
    seen = floor.work()
    assert [row.person for row in seen.workers] == [HAND, LEAD]
    assert (seen.signed_on, floor.work(by=BOSS).signed_on) == (True, False)
    assert [row.persons for row in see(floor.service, "/work").stations] == [(HAND, LEAD), (HAND,)]
    assert "signed on at press already" in floor.refused("production.sign_on", station=PRESS)
    floor.do("production.sign_off", station=PRESS)
    assert [row.person for row in floor.work().workers] == [LEAD]
    assert see(floor.service, f"/stations/{PRESS}").operators == (LEAD,)
    assert "not signed on at press; p-2 has" in floor.refused("production.sign_off", station=PRESS)
    floor.clock.now_us = SIX + 24 * HOUR
    assert floor.work().workers == (), "a shift's end signs off"
    with pytest.raises(ActRefusedError):
        floor.do("production.sign_on", BOSS, station=PRESS)
    with pytest.raises(NotFoundError):
        floor.do("production.sign_on", station="line.oven")


def test_a_persons_count_stands_beside_the_machines_and_is_never_added(floor):
    floor.morning()
    floor.do("production.sign_on", station=PRESS)
    assert floor.work().unreported == 12 * 290
    floor.do("production.report_units", station=PRESS, good=3470)
    floor.do("production.report_units", station=PRESS, scrapped=9, reason="dent")
    seen = floor.work()
    assert (seen.good, seen.scrapped) == (12 * 290, 0), "the machine's count holds"
    assert (seen.reported_good, seen.reported_scrapped, seen.compared.wide) == (3470, 9, False)
    assert [(row.good, row.scrapped, row.reason) for row in seen.reports] == [(0, 9, "dent"), (3470, 0, None)]
    assert see(floor.service, "/").lines[0].stations[0].good == 12 * 290
    assert floor.kinds() == []


def test_counts_that_disagree_are_shown_and_called_for(floor):
    floor.morning()
    floor.do("production.sign_on", station=PRESS)
    floor.do("production.report_units", station=PRESS, good=3200)
    seen = floor.work().compared
    assert (seen.people, seen.machine, seen.wide) == (3200, 3480, True)
    assert floor.kinds() == ["disagree"]
    (item,) = (item for item in see(floor.service, "/attention").items if item.kind == "disagree")
    assert "persons counted 3200 units in this shift, the machine 3480" in item.sentence
    floor.do("production.take_back", target=floor.work().taken_back.key)
    assert (floor.work().compared, floor.work().reports, floor.work().taken_back) == (None, (), None)
    assert floor.kinds() == []


def test_where_no_machine_counts_a_persons_count_is_the_count(floor):
    floor.do("production.release_order", BOSS, order="o-1", product="plant", line="line", quantity=5_000)
    floor.do("production.open_lot", LEAD, order="o-1")
    floor.do("production.sign_on", station=FINISH)
    floor.do("production.report_units", station=FINISH, good=1_000)
    floor.clock.now_us = SEVEN + 10 * MINUTE
    floor.do("production.report_units", station=FINISH, good=500)
    floor.do("production.report_units", station=FINISH, scrapped=4, reason="dent")
    seen = floor.work(FINISH)
    assert (seen.good, seen.scrapped, seen.machine, seen.unreported) == (1_500, 4, False, None)
    assert (seen.order, seen.quantity, seen.made) == ("o-1", 5_000, 1_500)
    line = see(floor.service, "/lines/line")
    assert line.good == 1_500
    assert [hour.good for hour in line.shift_hours] == [1_000, 500]
    assert [hour.good_so_far for hour in line.shift_hours] == [1_000, 1_500]
    assert line.shift_hours[0].plan == pytest.approx(6_000_000 / (261 * 8))
    lot = see(floor.service, f"/lots/{seen.lot}")
    assert (lot.lot.good, lot.lot.scrapped) == (1_500, 4)
    assert floor.kinds() == [], "what no machine tells is not silent"


def test_what_cannot_have_been_counted_has_a_plain_answer(floor):
    floor.morning()
    report = "production.report_units"
    assert "not signed on at press. Sign on first" in floor.refused(report, station=PRESS, good=5)
    floor.do("production.sign_on", LEAD, station=PRESS)
    assert "not signed on at press; p-2 has. Sign on first" in floor.refused(report, station=PRESS, good=5)
    floor.do("production.sign_on", station=PRESS)
    told = floor.refused(report, station=PRESS, good=3_480_000)
    assert "3480000 units, after 0 reported before, are more than press can make in 90 minutes: 8110 at most" in told
    assert "a time that has not come" in floor.refused(report, station=PRESS, good=5, to_us=SEVEN + 2 * MINUTE)
    assert "ends after it begins" in floor.refused(report, station=PRESS, good=5, from_us=SEVEN, to_us=SEVEN - MINUTE)
    assert "Nothing was counted" in floor.refused(report, station=PRESS)
    assert "Scrap needs a reason. Choose one of: dent, burr." in floor.refused(report, station=PRESS, scrapped=2)
    assert "no reason of scrap" in floor.refused(report, station=PRESS, scrapped=2, reason="jam")
    assert "no reason for it" in floor.refused(report, station=PRESS, good=2, reason="dent")
    with pytest.raises(NotFoundError):
        floor.do(report, station=PRESS, good=5, lot="l-9")
    floor.do(report, station=PRESS, good=50)
    assert "reported a part of this time" in floor.refused(report, station=PRESS, good=5, from_us=SIX)
    floor.clock.now_us += 1_000_000
    assert "reported the same 1 seconds ago" in floor.refused(report, station=PRESS, good=50)


def test_a_number_that_is_told_twice_counts_when_it_is_said_to_be_another(floor):
    floor.morning()
    floor.do("production.sign_on", station=PRESS)
    floor.do("production.report_units", station=PRESS, scrapped=1, reason="dent")
    floor.clock.now_us += 2_000_000
    floor.refused("production.report_units", station=PRESS, scrapped=1, reason="dent")
    floor.do("production.report_units", station=PRESS, scrapped=1, reason="dent", again=True)
    floor.clock.now_us += 4_000_000
    floor.do("production.report_units", station=PRESS, scrapped=1, reason="dent")
    assert floor.work().reported_scrapped == 3


def test_a_lot_that_is_closed_takes_nothing_more(floor):
    floor.do("production.release_order", BOSS, order="o-1", product="plant", line="line", quantity=5_000)
    floor.do("production.open_lot", LEAD, order="o-1")
    floor.do("production.open_lot", LEAD, order="o-1")
    first, second = floor.work().lots
    floor.do("production.sign_on", station=PRESS)
    floor.do("production.report_units", station=PRESS, good=7, lot=first)
    floor.do("production.close_lot", LEAD, lot=first)
    told = floor.refused("production.report_units", station=PRESS, good=5, lot=first)
    assert told == f"The lot {first} is closed. Choose one that is open here: {second}."
    assert floor.work().reports[0].lot == first


def test_only_the_own_report_is_taken_back_and_only_soon(floor):
    floor.do("production.sign_on", station=PRESS)
    done = floor.do("production.report_units", station=PRESS, good=7)
    target = floor.work().taken_back.key
    assert done.positions
    assert "report of your own" in floor.refused("production.take_back", LEAD, target=target)
    floor.clock.now_us += 16 * MINUTE
    assert floor.work().taken_back is None
    assert "more than 15 minutes ago" in floor.refused("production.take_back", target=target)


def test_a_stop_is_coded_with_one_tap_and_changed_where_all_see_it(floor):
    floor.morning(PRESS, 290, changed(SIX + 50 * MINUTE, "down"))
    assert floor.work().step == "say_why"
    floor.do("production.say_stop", station=PRESS, mode="no-blanks")
    seen = floor.work()
    assert (seen.mode, seen.step, seen.since_us) == ("No blanks at the press", "report", SIX + 50 * MINUTE)
    assert "already as no-blanks" in floor.refused("production.say_stop", station=PRESS, mode="no-blanks")
    floor.clock.now_us = SEVEN + 5 * MINUTE
    floor.do("production.say_stop", LEAD, station=PRESS, mode="jam")
    (stop,) = floor.stops()
    assert (stop.mode, stop.coded_by, stop.coded_us) == ("jam", LEAD, SEVEN + 5 * MINUTE)
    assert [(edit.mode, edit.person, edit.at_us) for edit in stop.edits] == [("no-blanks", HAND, SEVEN)]
    assert "does not stop in the mode oven" in floor.refused("production.say_stop", station=PRESS, mode="oven")
    form = {"station": PRESS, "from_us": stop.from_us, "to_us": SEVEN + 5 * MINUTE, "mode": "cleaning"}
    assert "p-2 coded this stop already as jam. That person" in floor.refused("production.recode_stop", **form)
    floor.clock.now_us += MINUTE
    floor.do("production.recode_stop", LEAD, **form)
    (stop,) = floor.stops()
    assert (stop.mode, len(stop.edits)) == ("cleaning", 2)


def test_short_stops_are_pooled_and_nobody_is_asked(floor):
    stops = [(2, 3, "jam"), (10, 12, "jam"), (20, 21, "drive"), (30, 31, None), (40, 47, None), (50, 57, "jam")]
    states = [
        pair
        for begin, end, mode in stops
        for pair in (changed(SIX + begin * MINUTE, "down", mode=mode), changed(SIX + end * MINUTE, "processing"))
    ]
    floor.morning(PRESS, 290, *states)
    seen = floor.work()
    assert [(pool.mode, pool.stops, pool.duration_us // MINUTE) for pool in seen.pools] == [
        ("jam", 2, 3), (None, 1, 1), ("drive", 1, 1),
    ]  # fmt: skip
    assert [(row.from_us - SIX) // MINUTE for row in seen.asked_stops] == [40], "long, and nobody said why"
    assert seen.step == "reasons"
    assert floor.kinds() == ["uncoded"]
    station = see(floor.service, f"/stations/{PRESS}")
    assert [stop.asked for stop in floor.stops()] == [False, True, False, False, False, False]
    assert station.pools == seen.pools
    (row,) = seen.asked_stops
    floor.do("production.code_stop", station=PRESS, from_us=row.from_us, to_us=row.to_us, mode="bad-blanks")
    assert (floor.work().asked_stops, floor.work().step, floor.kinds()) == ((), "report", [])
    hour = see(floor.service, "/lines/line").shift_hours[0]
    assert hour.stood_us == 0, "the line's last station did not stand"


def test_a_stop_for_safety_holds_whatever_the_machine_tells_until_somebody_who_may_ends_it(floor):
    floor.morning()
    floor.do("production.stop_for_safety", station=PRESS)
    floor.clock.now_us = SEVEN + 10 * MINUTE
    floor.tell(
        changed(SEVEN + MINUTE, "down"),
        changed(SEVEN + 2 * MINUTE, "processing"),
        counted(SEVEN, SEVEN + 5 * MINUTE, 200, times={"processing": 5 * MINUTE}),
    )
    seen = floor.work()
    assert (seen.state, seen.since_us, seen.safety_by, seen.step) == ("safety", SEVEN, HAND, "safety")
    assert floor.kinds() == ["safety"]
    assert see(floor.service, f"/stations/{PRESS}").shift_times["safety"] == 10 * MINUTE
    assert "stopped for somebody's safety, by p-4" in floor.refused("production.say_stop", station=PRESS, mode="jam")
    assert "Shift lead, Head of maintenance" in floor.refused("production.stop_for_safety", station=PRESS)
    assert "do not allow" in floor.refused("production.end_safety_stop", station=PRESS, reason="It is clear.")
    floor.do("production.end_safety_stop", LEAD, station=PRESS, reason="The guard is closed again.")
    assert (floor.work().state, floor.work().safety_by) == ("processing", None)
    told = floor.refused("production.end_safety_stop", LEAD, station=PRESS, reason="Once more.")
    assert "is not stopped" in told
    floor.clock.now_us += MINUTE
    (stop,) = floor.stops()
    assert (stop.state, stop.coded_by, stop.to_us) == ("safety", LEAD, SEVEN + 10 * MINUTE)


def test_a_station_without_a_machine_is_told_by_persons(floor):
    floor.do("production.say_stop", station=FINISH, mode="cleaning")
    seen = floor.work(FINISH)
    assert (seen.state, seen.mode, seen.step, seen.silent) == ("down", "Cleaning", "runs_again", False)
    floor.clock.now_us = SEVEN + 30 * MINUTE
    assert floor.kinds() == ["down"]
    floor.do("production.say_running", station=FINISH)
    assert floor.work(FINISH).state == "processing"
    assert "runs already" in floor.refused("production.say_running", station=FINISH)
    floor.clock.now_us += MINUTE
    (stop,) = floor.stops(FINISH)
    assert (stop.mode, stop.to_us - stop.from_us) == ("cleaning", 30 * MINUTE)
    floor.clock.now_us = SEVEN + 6 * HOUR
    assert floor.kinds() == []


def test_what_machines_tell_by_themselves_persons_do_not_tell(floor):
    floor.morning()
    told = floor.refused("production.say_stop", station=PRESS, mode="jam")
    assert "does not stand, its machine tells" in told
    assert "tells by itself" in floor.refused("production.say_running", station=PRESS)


def test_the_same_form_twice_is_one_report(floor):
    floor.do("production.sign_on", station=PRESS)
    command, form = BY_NAME["production.report_units"], {"station": PRESS, "good": 40}
    first = floor.service.do(command, HAND, form, key="pressed with a glove")
    assert floor.service.do(command, HAND, form, key="pressed with a glove") == first
    assert floor.work().reported_good == 40
