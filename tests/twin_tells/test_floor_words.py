"""The words in which the floor tells: short states only in counts, counters that begin anew, shifts, lots, stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fabrika.app.files import read_file
from fabrika.events.house import PersonEnrolled, RoleGranted, TwinStarted
from fabrika.events.production import (
    ContainerFilled,
    LotClosed,
    LotOpened,
    OrderReleased,
    PersonSignedOn,
    ShiftHandedOver,
    StationChanged,
    StopCoded,
    UnitsCounted,
)
from fabrika.plant import model
from fabrika.twin.period import days
from fabrika.twin.rota import Rota
from fabrika.twin.tell import Teller
from fabrika.twin.tell_station import DIGITS, shared
from twin.plants import mode, plant, serial, station
from twin_tells.told_plants import counts_of, states_of, told

SECOND = 10**6


def of_kind(said, kind):
    return [one for one in said if isinstance(one.event, kind)]


def told_days(plant, count, seed=1):
    """What a plant tells in so many days."""
    end_us = days(plant, count).end_us
    found = []
    for upto, said in Teller(plant, days(plant, count + 3), seed).tell():
        found += [one for one in said if one.at_us <= end_us]
        if upto >= end_us:
            return found
    raise AssertionError


@pytest.mark.parametrize(("repair_s", "is_told"), [(29, False), (30, True), (31, True)])
def test_states_shorter_than_half_a_minute_are_told_only_in_counts(repair_s, is_told):
    jam = mode(50, "cycles", repair_s)
    said = told(serial(station("a", 1, fails=(jam,))))
    down = [one.event for one in of_kind(said, StationChanged) if one.event.state == "down"]
    assert bool(down) is is_told
    assert all(event.mode == "jam" for event in down)
    in_counts = {part.state for count in counts_of(said)["l.a"] for part in count.times}
    assert in_counts == {"processing", "down"}


def test_a_standstill_is_told_with_its_first_and_last_instant():
    said = told(serial(station("a", 1, fails=(mode(100, "cycles", 40),))))
    spans = states_of(said, 10**18)["l.a"]
    stops = [(until - begin) for begin, until, state in spans[1:-1] if state == "down"]
    assert stops
    assert set(stops) == {40 * SECOND}


def test_the_controller_tells_half_a_minute_late_and_never_out_of_turn():
    said = told(serial(station("a", 1, fails=(mode(70, "cycles", 35),)), station("b", 1)))
    by_source = {}
    for one in said:
        if one.edge_at_us is not None:
            assert one.edge_at_us >= one.at_us + 30 * SECOND
            assert one.edge_at_us >= by_source.get(one.source, 0)
            by_source[one.source] = one.edge_at_us
    assert set(by_source) == {"controller/l.a", "controller/l.b"}


def test_a_counter_rolls_over_behind_its_last_digit():
    fast = serial(station("a", 0.0002))
    said = told(fast, every_s=60)
    own = counts_of(said)["l.a"]
    over = [count for count in own if count.counter_reset]
    assert over
    assert all(count.counter < DIGITS for count in own)
    assert sum(count.good for count in own) > DIGITS


def test_a_campaign_begins_a_lot_and_a_counter_and_ends_a_count():
    products = (model.Product("p"), model.Product("q"))
    sequence = (model.Campaign("p", 70), model.Campaign("q", 50))
    made = serial(station("a", 1), station("b", 1.5), sequence=sequence, products=products)
    said = told(made)
    opened = [one.event for one in of_kind(said, LotOpened)]
    assert [event.product for event in opened[:4]] in (["p", "q", "p", "q"], ["q", "p", "q", "p"])
    released = {one.event.order: one.event for one in of_kind(said, OrderReleased)}
    assert {event.order for event in opened} <= released.keys()
    for closed in of_kind(said, LotClosed)[1:]:
        counted = [count for count in counts_of(said)["l.b"] if count.lot == closed.event.lot]
        assert sum(count.good for count in counted) == closed.event.good
        first = [count for count in counts_of(said)["l.a"] if count.lot == closed.event.lot]
        assert sum(count.good for count in first) in {50, 70}
        assert first[0].counter_reset
        assert first[0].counter == first[0].good


def shifts_plant():
    calendar = model.Calendar(
        "two", (model.Shift((0, 1, 2, 3, 4), 360, 840, ((600, 645),)), model.Shift((0, 1, 2, 3, 4), 840, 1320))
    )
    a = station("a", 30, fails=(mode(40, "cycles", 1200, name="major"),))
    made = serial(a, station("b", 30), calendars=(calendar,), calendar="two")
    role = model.Role("operator", frozenset({"see_plant", "report_production"}))
    return replace(made, calendar="two", zone=ZoneInfo("Europe/Belgrade"), zone_name="Europe/Belgrade", roles=(role,))


def test_shifts_hand_over_and_people_code_stops_while_they_are_at_work():
    made = shifts_plant()
    said = told_days(made, 5)
    assert isinstance(said[0].event, TwinStarted)
    persons = {one.event.person for one in of_kind(said, PersonEnrolled)}
    assert persons == {"p-001", "p-002"}
    assert {one.event.role for one in of_kind(said, RoleGranted)} == {"operator"}
    assert {one.event.person for one in of_kind(said, PersonSignedOn)} == persons
    handed = of_kind(said, ShiftHandedOver)
    assert handed
    assert all(one.event.shift == "two.1" and one.event.person != one.event.next_person for one in handed)
    coded = of_kind(said, StopCoded)
    assert coded
    for one in coded:
        local = datetime.fromtimestamp(one.at_us / 1e6, ZoneInfo("Europe/Belgrade"))
        assert 6 <= local.hour < 24
        assert one.actor == one.event.person
        assert one.event.mode == "major"
        assert one.at_us > one.event.to_us


def test_counts_end_with_the_shifts_and_are_told_by_the_hour_while_nobody_works():
    said = told_days(shifts_plant(), 3)
    own = counts_of(said)["l.a"]
    ends = {datetime.fromtimestamp(count.to_us / 1e6, ZoneInfo("Europe/Belgrade")) for count in own}
    assert {(6, 0), (14, 0), (22, 0)} <= {(end.hour, end.minute) for end in ends}
    idle = [count for count in own if [part.state for part in count.times] == ["off_shift"]]
    assert max(count.to_us - count.from_us for count in idle) == 3600 * SECOND
    working = [count for count in own if count.entered]
    assert max(count.to_us - count.from_us for count in working) == 300 * SECOND


def test_people_who_are_off_shift_act_when_the_next_shift_begins():
    made = shifts_plant()
    saturday = int(datetime(2026, 1, 10, 12, tzinfo=UTC).timestamp()) * SECOND
    monday = datetime(2026, 1, 12, 6, tzinfo=ZoneInfo("Europe/Belgrade"))
    rota = Rota(made, saturday, saturday + 7 * 86_400 * SECOND)
    assert rota.at_work("l", saturday) == ("p-001", int(monday.timestamp()) * SECOND)


def test_containers_that_take_long_are_told_one_by_one():
    packed = serial(
        station("a", 1),
        station("pack", 40, kind="packing", size=30),
        products=(model.Product("p"),),
        sequence=(model.Campaign("p", 10_000),),
    )
    said = told(packed)
    filled = [one.event for one in of_kind(said, ContainerFilled)]
    good = sum(count.good for count in counts_of(said)["l.pack"])
    assert len(filled) == good > 0
    assert len({event.container for event in filled}) == good
    assert {event.units for event in filled} == {30}


def test_transports_are_switched_on_with_their_line_and_know_no_times():
    made = plant(
        model.Line(
            "l",
            (
                station("a", 1),
                model.Station("t", "transport", inputs=(model.Input("l.a"),), time=3.0, capacity=5),
                station("b", 1, ("l.t", 2)),
            ),
        ),
    )
    said = told(made)
    assert {count.times for count in counts_of(said)["l.t"]} == {()}
    assert {one.event.state for one in of_kind(said, StationChanged) if one.event.station == "l.t"} == {"processing"}


def test_every_reference_plant_can_tell(root):
    for file in sorted((root / "plants" / "teaching").glob("*.yaml")):
        said = told_days(read_file(file), 1)
        assert of_kind(said, UnitsCounted)


@pytest.mark.parametrize(
    ("carry", "total", "told_us"),
    [
        ([300_000, 0], 300, [300, 0]),
        ([1_500, 1_500], 3, [2, 1]),
        ([999, 999, 1_002], 3, [1, 1, 1]),
        ([-400, 2_400], 2, [0, 2]),
        ([5_000, -900, -900], 3, [3, 0, 0]),
    ],
)
def test_microseconds_are_shared_out_to_the_last(carry, total, told_us):
    left = list(carry)
    assert shared(left, total, 1_000) == told_us
    assert left == [before - 1_000 * part for before, part in zip(carry, told_us, strict=True)]
