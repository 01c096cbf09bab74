"""People in a told plant: what they report is what the machine shows, material and containers go round, and every mistake is found."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.files import read_file
from fabrika.app.plant_service import PlantService
from fabrika.app.service_answers import check_outside
from fabrika.app.twin_book import begun, tell
from fabrika.app.twin_floor import Everybody
from fabrika.app.twin_truth import truth_of
from fabrika.errors import EventRefusedError
from fabrika.events.house import PersonEnrolled
from fabrika.events.inventory import (
    Consumed,
    ContainerEmptied,
    ContainerRegistered,
    Counted,
    Moved,
    Received,
    Shipped,
    StatusChanged,
    StocktakeBegun,
)
from fabrika.events.production import (
    ContainerFilled,
    HandoverPrepared,
    LotClosed,
    PersonSignedOff,
    PersonSignedOn,
    ShiftHandedOver,
    ToolChanged,
    UnitsCounted,
    UnitsReported,
)
from fabrika.journal.entries import Fact
from fabrika.operations.inventory.notices import notices
from fabrika.operations.inventory.state import REDUCER as INVENTORY
from fabrika.operations.production.state import REDUCER as PRODUCTION
from fabrika.page import Asked
from fabrika.plant.model import Plant
from fabrika.twin.pens import Pens
from fabrika.twin.period import days
from fabrika.twin.tell import Teller
from fabrika.twin.tell_station import Said
from fabrika.twin.told_truth import ToldTruth

DAYS, SEED = 20, 3


@dataclass
class Run:
    """What a plant told."""

    plant: Plant
    truth: ToldTruth
    said: list[Said] = field(default_factory=list)

    def of(self, *kinds):
        return [one for one in self.said if isinstance(one.event, kinds)]

    def facts(self):
        pens = Pens(self.plant.id, SEED)
        for position, one in enumerate(self.said):
            written = pens.write(one)
            yield Fact(position, written.message, written.event, one.at_us)


def run_of(file, count, careless):
    plant, heard = read_file(file), []

    def listening(*given):
        heard.append(partial(Everybody, careless=careless)(*given))
        return heard[-1]

    end_us = days(plant, count).end_us
    said = []
    for upto, more in Teller(plant, days(plant, count + 3), SEED, listening=listening).tell():
        said += [one for one in more if one.at_us <= end_us]
        if upto >= end_us:
            return Run(plant, heard[-1].floor.truth(end_us), said)
    raise AssertionError


@pytest.fixture(scope="module")
def month(request):
    """Most of a month of a reference plant, with somebody very careless."""
    return run_of(request.config.rootpath / "plants" / "cartridge-20m", DAYS, 0.1)


def test_what_is_told_stays_in_the_order_of_time(month):
    assert [one.at_us for one in month.said] == sorted(one.at_us for one in month.said)


def test_people_report_what_the_machine_showed_but_for_a_few_that_are_a_little_off(month):
    ends = defaultdict(lambda: [(0, 0, 0)])
    for one in month.of(UnitsCounted):
        event, so_far = one.event, ends[one.event.station]
        so_far.append((event.to_us, so_far[-1][1] + event.good, so_far[-1][2] + event.scrapped))
    at = {station: {to_us: (good, scrapped) for to_us, good, scrapped in rows} for station, rows in ends.items()}
    at_first = {station: min(rows) for station, rows in at.items()}
    assert len(month.truth.counts) > 2000
    off = 0
    for told in month.truth.counts:
        if told.true_good + told.true_scrapped == 0:
            continue  # told twice
        begin = at[told.station].get(told.from_us, at[told.station][at_first[told.station]])
        end = at[told.station][told.to_us]
        assert (told.true_good, told.true_scrapped) == (end[0] - begin[0], end[1] - begin[1])
        assert told.scrapped == told.true_scrapped
        assert abs(told.good - told.true_good) <= 6
        off += told.good != told.true_good
    assert 0.02 < off / len(month.truth.counts) < 0.09


def test_reports_are_never_older_than_the_plant_was_and_have_the_plants_own_reasons(month):
    known = {reason.id for reason in month.plant.reasons if reason.use == "scrap"}
    for one in month.of(UnitsReported):
        assert one.actor == one.event.person
        assert one.at_us >= one.event.to_us
        assert (one.event.reason in known) == bool(one.event.scrapped)


def test_every_mistake_is_doubted_and_nothing_else(month):
    state = PRODUCTION.empty()
    for fact in month.facts():
        PRODUCTION.apply(state, fact)
    made = Counter((one.kind, one.station, one.at_us) for one in month.truth.mistakes)
    assert Counter((one.kind, one.station, one.at_us) for one in state.doubts.values()) == made
    assert {kind for kind, _, _ in made} == {"double", "wrong_lot", "late"}
    assert len({one.person for one in month.truth.mistakes}) == 1


def test_shifts_sign_on_where_they_work_and_hand_over_what_they_wrote_down(month):
    there = defaultdict(set)
    for one in month.of(PersonSignedOn, PersonSignedOff, UnitsReported):
        event = one.event
        if isinstance(event, PersonSignedOn):
            there[event.station].add(event.person)
        elif isinstance(event, PersonSignedOff):
            assert event.person in there[event.station]
            there[event.station].discard(event.person)
    prepared = {one.event.handover: one for one in month.of(HandoverPrepared)}
    handed = month.of(ShiftHandedOver)
    assert len(handed) == len(prepared) > 40
    assert any(one.event.containers for one in prepared.values())
    assert any(one.event.remark for one in prepared.values())
    assert any(one.event.stops for one in prepared.values())
    for one in handed:
        before = prepared[one.event.handover]
        assert before.at_us < one.at_us
        assert (before.event.person, before.event.shift) == (one.event.person, one.event.shift)
        assert one.actor == one.event.next_person != one.event.person


def test_containers_go_round_and_are_in_one_place(month):
    full, registered = {}, set()
    where = {}
    for one in month.of(ContainerRegistered, ContainerFilled, Moved, Consumed, ContainerEmptied):
        event = one.event
        match event:
            case ContainerRegistered():
                registered.add(event.container)
                where[event.container] = event.location
            case ContainerFilled() if event.container in registered:
                assert event.container not in full
                assert 0 < event.units <= 5_000
                full[event.container] = event.units
            case Moved() if event.subject in registered:
                assert where[event.subject] == event.origin
                where[event.subject] = event.target
            case Consumed() if event.subject in registered:
                assert event.quantity == full[event.subject]
            case ContainerEmptied():
                del full[event.container]
    assert 10 < len(registered) < 60


def test_material_is_released_by_another_and_goes_in_as_it_is_used(month):
    received = {one.event.material_lot: one for one in month.of(Received)}
    released = {one.event.subject: one for one in month.of(StatusChanged)}
    used = Counter()
    for one in month.of(Consumed):
        if one.event.subject in received:
            assert released[one.event.subject].at_us < one.at_us
            used[received[one.event.subject].event.material] += one.event.quantity
    assert all(released[name].actor != one.actor for name, one in received.items() if name in released)
    left = sum(
        one.event.good + one.event.scrapped for one in month.of(UnitsCounted) if one.event.station == "loading.load"
    )
    assert used["components"] == pytest.approx(left, rel=0.02)
    assert used["components"] <= left
    assert used["cartons"] > 0


def test_stock_is_never_below_nought_nor_over_a_limit_and_is_counted_by_another(month):
    state = INVENTORY.empty()
    for fact in month.facts():
        INVENTORY.apply(state, fact)
        assert not any(quantity < 0 for lot in state.lots.values() for quantity in lot.at.values())
    asked = Asked(at_us=month.said[-1].at_us, position=0, plant=month.plant, edition=1, kind="twin")
    assert {found.kind for found in notices(state, asked)} <= {"strange_container"}
    begun_by = {one.event.stocktake: one.actor for one in month.of(StocktakeBegun)}
    moved = {one.actor for one in month.of(Moved)}
    counted = month.of(Counted)
    assert counted
    assert all(one.actor not in moved | {begun_by[one.event.stocktake]} for one in counted)
    assert state.open_stocktake("store") is None


def test_tools_are_changed_while_the_machine_stands_at_the_counters_that_it_had(month):
    totals, before = defaultdict(lambda: [0, 0]), {}
    for one in month.of(UnitsCounted, ToolChanged):
        event = one.event
        if isinstance(event, UnitsCounted):
            totals[event.station][0] += event.entered
            totals[event.station][1] += event.good
        else:
            assert [event.passed.entered, event.passed.good] == totals[event.station]
            assert event.before == before.get(event.station, f"{event.station}-tool-1")
            before[event.station] = event.tool
    assert before


def test_closed_lots_of_the_last_line_are_shipped(month):
    closed = {one.event.lot: one.event.good for one in month.of(LotClosed) if one.event.lot.startswith("packing")}
    shipped = {one.event.lot: one.event.units for one in month.of(Shipped)}
    assert shipped
    assert shipped.items() <= closed.items()


def test_everybody_who_tells_is_enrolled(month):
    enrolled = {one.event.person for one in month.of(PersonEnrolled)}
    assert {one.actor for one in month.said if one.actor is not None} <= enrolled


@pytest.mark.parametrize("name", ["calendar-and-campaigns", "two-machines", "assembly"])
def test_the_truth_can_be_told_again_from_the_book(root, tmp_path, name):
    folder = BookFolder(tmp_path / "data")
    told = tell(root / "plants" / "teaching" / f"{name}.yaml", folder, 5, 7)
    truth = truth_of(begun(folder), told.to_us)
    assert Counter(fact.kind for fact in truth.facts)["production.units_reported"] == told.kinds.get(
        "production.units_reported", 0
    )
    service = PlantService.following(folder)
    try:
        doubts = service.states()["production"].doubts.values()
        assert {(one.kind, one.at_us) for one in doubts} == {(one.kind, one.at_us) for one in truth.mistakes}
    finally:
        service.close()


def test_a_twins_people_may_tell_of_stock_in_a_twins_book_and_nowhere_else(month):
    moved = Pens(month.plant.id, SEED).write(month.of(Moved)[0])
    check_outside([moved], "twin")
    with pytest.raises(EventRefusedError):
        check_outside([moved], "plant")
