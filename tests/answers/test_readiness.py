"""Whether the next lot of an order can be made: what is ready, missing or not known, and who can mend it."""

from __future__ import annotations

import pytest

from app.served import ADMIN, BOSS, LEAD, Clock, do, machine, see
from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.plant.composition import Needed
from operations.told import HOUR, MINUTE, PLANT_FILE, at, counted

NOW = at(12) + 366 * 24 * HOUR
PRESS, STORE = "line.press", "p-4"
MORE = """products: [{id: a, needs: [{material: strip, quantity: 3, per: 100, line: line}]}, {id: b}]
materials: [{id: strip, name: Strip, unit: kg}]
locations: [{id: in, holds: quarantine}, {id: side, holds: line}, {id: cage, holds: scrap}]
starts: [{id: product, after: changeover, needs: [approval]}]
lines:
"""
SEQUENCE = "  - id: line\n    sequence: [{product: a, quantity: 1000}, {product: b, quantity: 1000}]\n"


@pytest.fixture
def service(tmp_path):
    file = tmp_path / "plant.yaml"
    text = PLANT_FILE.read_text(encoding="utf-8").replace("lines:\n", MORE, 1).replace("  - id: line\n", SEQUENCE, 1)
    file.write_text(text, encoding="utf-8")
    adopt(BookFolder(tmp_path / "data"), file, "plant")
    found = PlantService.opened(BookFolder(tmp_path / "data"), now_us=Clock(NOW))
    found.first(ADMIN)
    for person, role in ((LEAD, "shift-lead"), (BOSS, "manager"), (STORE, "quality-manager")):
        do(found, "personnel.enrol", ADMIN, person=person)
        do(found, "personnel.grant", ADMIN, person=person, role=role)
    order(found, "o-1", "a")
    yield found
    found.close()


def order(service, name, product):
    do(service, "production.release_order", BOSS, order=name, product=product, line="line", quantity=10_000)


def page(service, name="o-1"):
    return see(service, f"/orders/{name}/readiness")


def leg(service, name, of="o-1"):
    return next(found for found in page(service, of).legs if found.leg == name)


def test_a_need_is_rounded_up_to_whole_units():
    assert [Needed("m", 1, 50).for_pieces(n) for n in (0, 1, 50, 51)] == [0, 1, 1, 2]
    assert Needed("m", 3, 100).for_pieces(10_001) == 301


def test_material_is_short_until_enough_of_it_is_released(service):
    (row,) = leg(service, "material").rows
    assert (row.state, str(row.sentence)) == (
        "not_ready", "Strip: 300 kg are missing; 300 are needed, 0 may be used.",
    )  # fmt: skip
    assert str(row.remedy) == "Receive more; these roles can: Shift lead."
    do(service, "inventory.receive", LEAD, material_lot="s-1", material="strip", quantity=299, location="in")
    (row,) = leg(service, "material").rows
    assert str(row.remedy) == "299 kg wait in quarantine; these roles can release them: Quality manager."
    do(service, "inventory.set_status", STORE, subject="s-1", status="released", reason="right")
    assert str(leg(service, "material").rows[0].sentence).startswith("Strip: 1 kg are missing; 300 are needed, 299")
    do(service, "inventory.receive", LEAD, material_lot="s-2", material="strip", quantity=1, location="in")
    do(service, "inventory.set_status", STORE, subject="s-2", status="reserved", reserved_for="o-1", reason="kept")
    assert leg(service, "material").state == "ready"
    order(service, "o-2", "a")
    assert str(leg(service, "material", "o-2").rows[0].sentence).startswith("Strip: 1 kg are missing")


def test_what_is_made_already_needs_no_material(service):
    do(service, "production.open_lot", LEAD, order="o-1")
    lot = see(service, "/orders").lots[0].lot
    told = counted(NOW - HOUR, NOW - MINUTE, 9_900, station="line.finish", lot=lot)
    pen = machine(service)
    service.take([pen.write(told[1], told[0])])
    assert page(service).wanted == 100
    assert "3 are needed" in leg(service, "material").rows[0].sentence


def test_a_product_without_needs_is_not_known(service):
    order(service, "o-b", "b")
    found = leg(service, "material", "o-b")
    assert (found.state, found.rows[0].path) == ("unknown", "/plant")


def test_tools_are_not_known_until_told_and_those_of_another_product_are_to_be_changed(service):
    assert leg(service, "tools").state == "unknown"
    for station in (PRESS, "line.finish"):
        do(service, "production.change_tool", LEAD, station=station, tool="t-1")
    assert [row.state for row in leg(service, "tools").rows] == ["ready", "ready"]
    do(service, "production.open_lot", LEAD, order="o-1")
    told = counted(NOW, NOW + MINUTE, 10, lot=see(service, "/orders").lots[0].lot)
    pen = machine(service)
    service.take([pen.write(told[1], told[0])])
    order(service, "o-b", "b")
    press = leg(service, "tools", "o-b").rows[0]
    assert (press.state, str(press.sentence)) == ("not_ready", "press: the tool t-1 was put in for a.")
    assert leg(service, "tools").state == "ready"


def test_a_tool_that_was_not_changed_is_refused(service):
    with pytest.raises(ActRefusedError, match="is the one that was put in"):
        do(service, "production.change_tool", LEAD, station=PRESS, tool="t-1", taken_out="t-1")


def test_the_next_lot_has_a_number_that_fits_on_labels(service):
    found = page(service)
    assert found.next_lot == "line-2027-0001"
    assert leg(service, "labels").state == "ready"
    do(service, "production.close_order", BOSS, order="o-1", reason="not wanted any more")
    assert (page(service).next_lot, leg(service, "labels").state) == (None, "not_ready")


def test_an_instruction_must_be_in_force_and_read_by_who_works_there(service):
    found = leg(service, "documents")
    assert (found.state, str(found.rows[0].sentence)) == (
        "not_ready", "No work instruction is in force at: press, finish.",
    )  # fmt: skip
    write = {"document": "wi-1", "kind": "instruction", "title": "Work", "language": "en", "text": "Do it."}
    do(service, "documents.draft", STORE, **write)
    do(service, "documents.approve", BOSS, document="wi-1", revision=1)
    do(service, "documents.put_in_force", BOSS, document="wi-1", revision=1)
    (row,) = leg(service, "documents").rows
    assert (row.state, row.persons, row.languages) == ("not_ready", (LEAD,), ("en",))
    do(service, "documents.read", LEAD, document="wi-1", revision=1)
    (row,) = leg(service, "documents").rows
    assert (row.state, row.persons) == ("ready", ())


def test_who_may_work_there_who_has_signed_on_and_who_approves(service):
    rows = leg(service, "people").rows
    assert [row.state for row in rows] == ["not_ready", "ready", "ready"]
    assert str(rows[0].sentence) == "Nobody has signed on at the line."
    assert (rows[1].persons, rows[1].since_us) == ((LEAD,), at(6, day=3) + 366 * 24 * HOUR)
    assert set(rows[2].persons) == {LEAD, STORE}
    do(service, "production.sign_on", LEAD, station=PRESS)
    assert leg(service, "people").rows[0].persons == (LEAD,)


def test_all_of_it_is_the_worst_of_it_and_an_unknown_order_is_nothing(service):
    found = page(service)
    assert [leg.leg for leg in found.legs] == ["material", "tools", "labels", "documents", "people"]
    assert found.state == "not_ready"
    with pytest.raises(NotFoundError):
        page(service, "o-9")
