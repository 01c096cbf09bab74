"""Reports that look wrong are taken, kept until somebody looks at them, and gone once they are withdrawn or confirmed."""

from __future__ import annotations

import msgspec
import pytest

from app.served import BOSS, LEAD, do, machine, new_folder, see, staffed
from fabrika.app.plant_service import PlantService
from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.production import LotClosed, LotOpened, UnitsReported
from fabrika.journal.entries import Fact
from fabrika.operations.production.state import REDUCER
from operations.told import HOUR, MINUTE, at, counted, facts

PRESS = "line.press"
SECOND = 1_000_000
DAY = 366 * 24 * HOUR


def reported(to_us, good=500, *, said_us=None, person="p-4", scrapped=0, lot=None, from_us=None, station=PRESS):
    event = UnitsReported(
        station=station, lot=lot, from_us=from_us, to_us=to_us, good=good, scrapped=scrapped, person=person
    )
    return said_us or to_us, event


def opened(name, at_us, line="line"):
    return at_us, LotOpened(lot=name, order="o-1", product="p", line=line, edition=1)


def doubted(*told):
    """The doubts that follow: kind by the place of the report among what was told; each is said on the tablet named third."""
    state = REDUCER.empty()
    pairs = [pair[:2] for pair in told]
    for fact, (_, _, *tablet) in zip(facts(*pairs), told, strict=True):
        message = msgspec.structs.replace(fact.message, device=tablet[0] if tablet else "tablet-1")
        REDUCER.apply(state, Fact(fact.position, message, fact.event, fact.journal_at_us))
    assert REDUCER.dump(REDUCER.load(REDUCER.dump(state))) == REDUCER.dump(state)
    return {found.position: found.kind for found in state.doubts.values()}


NINE = at(9)


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        ((*reported(NINE + 30 * SECOND), "tablet-2"), "double"),
        ((*reported(NINE + 30 * SECOND, person="p-5"), "tablet-1"), "double"),
        ((*reported(NINE + 30 * SECOND), "tablet-1"), None),
        ((*reported(NINE + 30 * SECOND, 499), "tablet-2"), None),
        ((*reported(NINE + 61 * SECOND), "tablet-2"), None),
        ((*reported(NINE + 30 * SECOND, said_us=NINE + 300 * SECOND), "tablet-2"), None),
    ],
)
def test_the_same_number_within_a_minute_from_another_tablet_or_person_is_doubted(second, kind):
    assert doubted(reported(NINE), second) == ({} if kind is None else {1: kind})


def test_small_numbers_come_twice_by_chance():
    assert doubted(reported(NINE, 9), (*reported(NINE + SECOND, 9), "tablet-2")) == {}
    assert doubted(reported(NINE, 10), (*reported(NINE + SECOND, 10), "tablet-2")) == {1: "double"}


def test_a_lot_of_another_line_or_one_that_was_closed_before_is_doubted():
    before = [
        opened("a", at(6)),
        opened("b", at(6), "other"),
        (at(8), LotClosed(lot="a", good=1, scrapped=0, person="p")),
    ]
    assert doubted(*before, reported(NINE, lot="b")) == {3: "wrong_lot"}
    assert doubted(*before, reported(NINE, lot="a", from_us=at(8))) == {3: "wrong_lot"}
    assert doubted(*before, reported(NINE, lot="a", from_us=at(7, 59))) == {}
    assert doubted(*before, reported(NINE, lot="nobody-knows-it")) == {}
    assert doubted(*before, reported(NINE)) == {}


def test_a_lot_that_the_machine_did_not_make_meanwhile_is_doubted_as_soon_as_the_machine_has_told():
    lots = [opened("a", at(6)), opened("b", at(6))]
    told = [counted(at(8), at(8, 30), 100, lot="a"), counted(at(8, 30), NINE, 100, lot="a")]
    wrong = reported(NINE, 200, lot="b", from_us=at(8))
    assert doubted(*lots, *told, wrong) == {4: "wrong_lot"}
    assert doubted(*lots, *told[:1], wrong) == {}
    assert doubted(*lots, told[0], counted(at(8, 30), NINE, 100, lot="b"), wrong) == {}


def test_what_is_entered_an_hour_later_is_doubted():
    assert doubted(reported(NINE, said_us=NINE + HOUR)) == {0: "late"}
    assert doubted(reported(NINE, said_us=NINE + HOUR - 1)) == {}


@pytest.fixture
def floor(tmp_path):
    service = staffed(PlantService.opened(new_folder(tmp_path, "twin"), now_us=lambda: at(10) + DAY))
    pen = machine(service, "tablet/line")
    begun = at(8) + DAY
    late = reported(begun, 300, said_us=begun + 90 * MINUTE)
    service.take([pen.write(late[1], late[0], actor="p-4", device="tablet/line")])
    twice = [reported(at(9, 40) + DAY, 700), reported(at(9, 40) + DAY + 20 * SECOND, 700)]
    for number, (at_us, event) in enumerate(twice):
        service.take([pen.write(event, at_us, actor="p-4", device=f"tablet-{number}")])
    yield service
    service._view.check()
    service.close()


def kinds(service):
    return [(item.kind, item.path) for item in see(service, "/attention").items if item.kind.endswith("_report")]


def test_a_shift_lead_finds_them_and_withdraws_one_and_confirms_the_other(floor):
    assert kinds(floor) == [("double_report", "/attention/doubts"), ("late_report", "/attention/doubts")]
    late, double = see(floor, "/attention/doubts").doubts
    assert (late.kind, double.kind) == ("late", "double")
    assert see(floor, late.path).key == late.key
    assert double.other is not None
    do(floor, "production.confirm_report", LEAD, target=late.key, reason="It was written down on paper.")
    assert [row.kind for row in see(floor, "/attention/doubts").doubts] == ["double"]
    do(floor, "production.correct", LEAD, target=double.key, reason="It was sent twice.")
    assert see(floor, "/attention/doubts").doubts == ()
    assert kinds(floor) == []
    assert floor.states()["production"].stations[PRESS].crew.counts[-1].good == 700
    assert len(floor.states()["production"].stations[PRESS].crew.counts) == 2


def test_only_who_may_correct_confirms_and_only_what_is_doubted(floor):
    late = see(floor, "/attention/doubts").doubts[0]
    with pytest.raises(ActRefusedError):
        do(floor, "production.confirm_report", BOSS, target=late.key, reason="So it is.")
    do(floor, "production.confirm_report", LEAD, target=late.key, reason="So it is.")
    with pytest.raises(NotFoundError):
        do(floor, "production.confirm_report", LEAD, target=late.key, reason="So it is, again.")
    with pytest.raises(NotFoundError):
        do(floor, "production.confirm_report", LEAD, target=f"nobody/{'0' * 16}/1", reason="So it is.")
