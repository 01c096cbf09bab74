"""The kit of an order: which lots are brought beside the line, in which turn, and how much of them."""

from __future__ import annotations

import pytest

from app.served import ADMIN, BOSS, LEAD, Clock, do, see
from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService, adopt
from operations.told import HOUR, PLANT_FILE, at

NOW = at(12) + 366 * 24 * HOUR
DAY = 24 * HOUR
STORE, COUNTS = "p-4", "p-5"
MORE = """products: [{id: a, needs: [{material: strip, quantity: 3, per: 100, line: line}, {material: boxes, per: 10}]}]
materials: [{id: strip, name: Strip, unit: kg}, {id: boxes, name: Boxes}]
locations:
  - {id: store, holds: stock}
  - {id: in, holds: quarantine}
  - {id: side, holds: line, area: hall, name: Beside, count: 400, mass: 120 kg}
  - {id: far, holds: line, area: yard}
  - {id: cage, holds: scrap}
lines:
"""


@pytest.fixture
def service(tmp_path):
    file = tmp_path / "plant.yaml"
    text = (
        PLANT_FILE.read_text(encoding="utf-8")
        .replace("lines:\n", MORE, 1)
        .replace("[{id: hall}]", "[{id: hall}, {id: yard}]")
    )
    text = text.replace("  - id: line\n", "  - id: line\n    sequence: [{product: a, quantity: 1000}]\n", 1)
    file.write_text(text, encoding="utf-8")
    adopt(BookFolder(tmp_path / "data"), file, "plant")
    found = PlantService.opened(BookFolder(tmp_path / "data"), now_us=Clock(NOW))
    found.first(ADMIN)
    for person, role in (
        (LEAD, "shift-lead"),
        (BOSS, "manager"),
        (STORE, "quality-manager"),
        (COUNTS, "training-head"),
    ):
        do(found, "personnel.enrol", ADMIN, person=person)
        do(found, "personnel.grant", ADMIN, person=person, role=role)
    do(found, "production.release_order", BOSS, order="o-1", product="a", line="line", quantity=10_000)
    yield found
    found.close()


def lot(service, name, quantity, place="store", *, material="strip", days=None, **status):
    expires = {} if days is None else {"expires_at_us": NOW + days * DAY}
    do(
        service,
        "inventory.receive",
        LEAD,
        material_lot=name,
        material=material,
        quantity=quantity,
        location=place,
        **expires,
    )
    said = {"status": "released"} | status
    do(service, "inventory.set_status", STORE, subject=name, reason="right", **said)


def row(service, material="strip"):
    return next(found for found in see(service, "/orders/o-1/readiness").kit if found.material == material)


def picks(service):
    return [(pick.lot, pick.origin, pick.quantity) for pick in row(service).picks]


def test_what_is_kept_goes_first_then_what_expires_first_then_what_keeps(service):
    lot(service, "keeps", 10)
    lot(service, "soon", 10, days=5)
    lot(service, "later", 10, days=9)
    lot(service, "kept", 10, days=30, status="reserved", reserved_for="o-1")
    do(service, "inventory.receive", LEAD, material_lot="waits", material="strip", quantity=10, location="in")
    lot(service, "blocked", 10, days=1, status="blocked")
    assert picks(service) == [(name, "store", 10) for name in ("kept", "soon", "later", "keeps")]
    assert row(service).picks[0].kept
    assert (row(service).needed, row(service).beside, row(service).missing) == (300, 0, 260)


def test_no_more_is_brought_than_fits_and_is_needed(service):
    lot(service, "s-1", 100)
    lot(service, "s-2", 250)
    lot(service, "b-1", 5_000, material="boxes")
    assert (row(service).target, row(service).room) == ("side", 120), (
        "120 kg may lie beside this line, and the yard is not beside it"
    )
    assert picks(service) == [("s-1", "store", 100), ("s-2", "store", 20)]
    assert (row(service, "boxes").needed, row(service, "boxes").room) == (1_000, 400)
    pick = row(service).picks[0]
    do(service, "inventory.move", LEAD, subject=pick.lot, origin=pick.origin, location="side", quantity=pick.quantity)
    assert row(service).beside == 100
    assert picks(service) == [("s-2", "store", 20)]
    do(service, "inventory.move", LEAD, subject="s-2", origin="store", location="side", quantity=20)
    assert (row(service).target, picks(service), row(service).missing) == (None, [], 0)


def test_an_order_that_is_closed_wants_nothing_more(service):
    assert row(service).needed == 300
    do(service, "production.close_order", BOSS, order="o-1", reason="done")
    assert see(service, "/orders/o-1/readiness").kit == ()


def test_who_counts_is_told_no_quantities(service):
    lot(service, "s-1", 100, days=5)
    lot(service, "b-1", 5_000, place="in", material="boxes")
    do(service, "inventory.begin_stocktake", BOSS, location="store")
    seen = see(service, "/orders/o-1/readiness", COUNTS)
    strip, boxes = seen.kit
    assert (strip.needed, strip.beside, strip.room, strip.picks) == (300, None, 0, ())
    assert [(pick.origin, pick.quantity) for pick in boxes.picks] == [("in", 400)], "what lies elsewhere is told"
    (said, _) = next(found for found in seen.legs if found.leg == "material").rows
    assert (said.state, str(said.sentence)) == ("unknown", "Strip: 300 kg are needed; it is being counted.")
    assert picks(service) == [("s-1", "store", 100)]
