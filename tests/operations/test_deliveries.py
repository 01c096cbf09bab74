"""What is called off of an order: what fills which call-off, and what is refused."""

from __future__ import annotations

import pytest

from app.served import BOSS, LEAD, do, see
from fabrika.errors import ActRefusedError, NotFoundError
from operations.test_lots import HOUR, NOW, lot_of, released, service, tell  # noqa: F401 - the fixture


def call(service, call_off, quantity, due_at_us):  # noqa: F811
    do(
        service,
        "production.schedule_call_off",
        BOSS,
        order="o-1",
        call_off=call_off,
        quantity=quantity,
        due_at_us=due_at_us,
    )


def closed(service, lot, units):  # noqa: F811
    """A lot of so many units that is closed, as it must be before any of it leaves."""
    tell(service, lot, units)
    do(service, "production.close_lot", LEAD, lot=lot)


def ship(service, lot, units, shipment):  # noqa: F811
    do(
        service,
        "inventory.ship",
        BOSS,
        shipment=shipment,
        order="o-1",
        lot=lot,
        units=units,
        receiver="The customer.",
        key=f"shipment {shipment}",
    )


def test_what_is_made_and_shipped_fills_the_call_offs_as_they_are_wanted(service):  # noqa: F811
    # The cumulative sums decide: 250 made cover 100 (first wanted) and 150 of 300, whatever the order in which they were entered.
    released(service, quantity=1_000)
    call(service, "march-b", 300, NOW + 3 * HOUR)
    call(service, "march-a", 100, NOW + HOUR)
    lot = lot_of(service)
    closed(service, lot, 250)
    ship(service, lot, 60, "s-1")
    view = see(service, "/orders/o-1")
    assert [(row.call_off, row.made, row.shipped, row.state) for row in view.call_offs] == [
        ("march-a", 100, 60, "ready"),
        ("march-b", 150, 0, "open"),
    ]
    assert (view.uncalled, view.shipped, [row.lot for row in view.lots]) == (600, 60, [lot])
    later = see(service, "/orders/o-1", at=str(NOW + 2 * HOUR))
    assert [row.state for row in later.call_offs] == ["late", "open"]
    (late,) = (
        item for item in see(service, "/attention", at=str(NOW + 2 * HOUR)).items if item.kind == "late_delivery"
    )
    assert "40 pieces are not shipped" in late.sentence
    assert (late.path, late.since_us) == ("/orders/o-1", NOW + HOUR)
    ship(service, lot, 40, "s-2")
    assert [row.state for row in see(service, "/orders/o-1", at=str(NOW + 2 * HOUR)).call_offs] == ["shipped", "open"]


def test_what_cannot_be_called_off_is_refused_with_a_way_on(service):  # noqa: F811
    released(service, quantity=1_000)
    call(service, "a", 900, NOW + HOUR)
    with pytest.raises(ActRefusedError, match="100 pieces are not called off yet"):
        call(service, "b", 101, NOW + HOUR)
    with pytest.raises(ActRefusedError, match="has a call-off a already"):
        call(service, "a", 1, NOW + HOUR)
    with pytest.raises(ActRefusedError, match="in the past"):
        call(service, "b", 1, NOW - 1)
    with pytest.raises(NotFoundError, match="no order o-9"):
        see(service, "/orders/o-9")
    with pytest.raises(ActRefusedError, match="roles do not allow"):
        do(service, "production.schedule_call_off", LEAD, order="o-1", call_off="c", quantity=1, due_at_us=NOW + 1)


def test_a_call_off_is_withdrawn_unless_some_of_it_was_shipped(service):  # noqa: F811
    released(service, quantity=1_000)
    call(service, "a", 100, NOW + HOUR)
    call(service, "b", 900, NOW + 2 * HOUR)
    lot = lot_of(service)
    closed(service, lot, 250)
    ship(service, lot, 1, "s-1")
    with pytest.raises(ActRefusedError, match="1 pieces of the call-off a were shipped"):
        do(service, "production.withdraw_call_off", BOSS, order="o-1", call_off="a", reason="Not wanted.")
    do(service, "production.withdraw_call_off", BOSS, order="o-1", call_off="b", reason="Not wanted.")
    assert [row.call_off for row in see(service, "/orders/o-1").call_offs] == ["a"]
    with pytest.raises(ActRefusedError, match="has no call-off b"):
        do(service, "production.withdraw_call_off", BOSS, order="o-1", call_off="b", reason="Again.", key="b once more")
    call(service, "b", 5, NOW + 2 * HOUR)
    do(service, "production.close_lot", LEAD, lot=lot)
    do(service, "production.close_order", BOSS, order="o-1", reason="The customer has enough.")
    shown = see(service, "/orders/o-1", at=str(NOW + 3 * HOUR))
    assert [row.state for row in shown.call_offs] == ["ready", "ready"]
    assert not [item for item in see(service, "/attention", at=str(NOW + 3 * HOUR)).items if "late" in item.kind]
