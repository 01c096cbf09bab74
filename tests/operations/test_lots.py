"""Orders and lots: what may be done, what is refused and why, and what a lot holds after it was split and merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.served import ADMIN, BOSS, LEAD, do, machine, new_folder, see, staffed, started
from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.production import LotOpened, OrderReleased
from fabrika.plant.lot_numbers import USUAL, checked, number, parted, stem
from fabrika.plant.quantities import Unreadable
from operations.told import at, counted
from plant.plantfiles import line_of, problems, read

HOUR = 3_600_000_000
NOW = at(7) + 366 * 24 * HOUR
"""In the morning of 3 March 2027: a book's time does not go back behind the day on which it was opened."""


@pytest.fixture
def service(tmp_path):
    found = staffed(started(new_folder(tmp_path), NOW))
    yield found
    found._view.check()
    found.close()


def released(service, order="o-1", quantity=1_000, **more):
    line = service.plant.lines[0]
    product = more.pop("product", service.plant.products[0].id if service.plant.products else service.plant.id)
    return do(
        service, "production.release_order", BOSS, order=order, product=product, line=line.id, quantity=quantity, **more
    )


def lot_of(service, order="o-1", key=None):
    before = see(service, "/orders").lots
    do(service, "production.open_lot", LEAD, order=order, key=key or f"the next lot of {order} after {len(before)}")
    (new,) = {row.lot for row in see(service, "/orders").lots} - {row.lot for row in before}
    return new


def tell(service, lot, good, *, begin=NOW - HOUR, scrapped=0, station=None):
    station = station or counting(service)
    at_us, event = counted(begin, begin + 300_000_000, good, station=station, scrapped=scrapped, lot=lot)
    service.take([machine(service, f"plc-{begin}").write(event, at_us)])


def counting(service):
    line = service.plant.lines[0]
    return f"{line.id}.{line.stations[-1].id}"


def test_an_order_is_made_in_lots_that_bear_the_plants_numbers(service):
    released(service, due_at_us=NOW + HOUR)
    first = lot_of(service)
    assert first == f"{service.plant.lines[0].id}-2027-0001"
    assert lot_of(service) == f"{service.plant.lines[0].id}-2027-0002"
    tell(service, first, 400, scrapped=3)
    shown = see(service, "/orders")
    (order,) = shown.orders
    assert (order.quantity, order.made, order.late, order.due_at_us) == (1_000, 400, False, NOW + HOUR)
    assert [row.good for row in shown.lots] == [None, 400]
    assert see(service, "/orders", at=str(NOW + 2 * HOUR)).orders[0].late
    (late,) = (item for item in see(service, "/attention", at=str(NOW + 2 * HOUR)).items if item.kind == "late")
    assert (late.subject, late.since_us) == ("o-1", NOW + HOUR)
    assert "600 pieces are missing" in late.sentence
    assert not [item for item in see(service, "/attention").items if item.kind == "late"]
    lot = see(service, f"/lots/{first}")
    assert (lot.lot.good, lot.lot.scrapped, lot.lot.edition) == (400, 3, 1)
    assert [(row.station, row.good) for row in lot.counted] == [(counting(service), 400)]


def test_a_lot_is_closed_with_what_was_counted_and_its_order_after_it(service):
    released(service)
    lot = lot_of(service)
    tell(service, lot, 400, scrapped=3)
    with pytest.raises(ActRefusedError, match=f"still open: {lot}"):
        do(service, "production.close_order", BOSS, order="o-1", reason="That is enough.")
    do(service, "production.close_lot", LEAD, lot=lot)
    with pytest.raises(ActRefusedError, match="is closed"):
        do(service, "production.close_lot", LEAD, lot=lot, key="closed once more")
    do(service, "production.close_order", BOSS, order="o-1", reason="That is enough.")
    (order,) = see(service, "/orders").orders
    assert (order.made, order.closed_us is None, order.next_lot) == (400, False, None)
    for name, form in (("open_lot", {}), ("close_order", {"reason": "Again."})):
        with pytest.raises(ActRefusedError, match="The order o-1 is closed"):
            do(
                service,
                f"production.{name}",
                LEAD if name == "open_lot" else BOSS,
                order="o-1",
                key=f"late {name}",
                **form,
            )


@pytest.mark.parametrize("closed", [False, True])
def test_what_is_split_and_merged_is_neither_lost_nor_doubled(closed, service):
    released(service)
    lot, other = lot_of(service), lot_of(service)
    tell(service, lot, 400)
    tell(service, other, 50, begin=NOW - HOUR // 2)
    if closed:
        do(service, "production.close_lot", LEAD, lot=lot)
    do(service, "production.split_lot", LEAD, lot=lot, units=150, reason="Scratched in the chute.")
    do(service, "production.split_lot", LEAD, lot=lot, units=100, reason="To be looked at again.")
    held = {row.lot: row.good for row in see(service, "/orders").lots}
    assert held == {lot: 150, f"{lot}.1": 150, f"{lot}.2": 100, other: 50}
    assert see(service, f"/lots/{lot}.1").parent == lot
    assert set(see(service, f"/lots/{lot}").parts) == {f"{lot}.1", f"{lot}.2"}
    do(service, "production.merge_lot", LEAD, lot=f"{lot}.2", into=other, reason="Nothing was found.")
    held = {row.lot: row.good for row in see(service, "/orders").lots}
    assert held == {lot: 150, f"{lot}.1": 150, f"{lot}.2": 0, other: 150}
    assert see(service, f"/lots/{lot}.2").into == other
    assert see(service, "/orders").orders[0].made == 450
    with pytest.raises(ActRefusedError, match=f"went into {other}"):
        do(service, "production.split_lot", LEAD, lot=f"{lot}.2", units=1, reason="Once more.")
    for name in (lot, f"{lot}.1", other):
        if see(service, f"/lots/{name}").lot.closed_us is None:
            do(service, "production.close_lot", LEAD, lot=name)
    do(service, "production.close_order", BOSS, order="o-1", reason="Made.")
    assert see(service, "/orders").orders[0].made == 450


def test_an_order_that_is_told_again_with_another_quantity_keeps_what_was_made(service):
    released(service)
    lot = lot_of(service)
    tell(service, lot, 400)
    do(service, "production.close_lot", LEAD, lot=lot)
    line = service.plant.lines[0].id
    event = OrderReleased(order="o-1", product=service.plant.id, line=line, quantity=2_000)
    service.take([machine(service, "desk-2").write(event, NOW)])
    (order,) = see(service, "/orders").orders
    assert (order.quantity, order.made) == (2_000, 400)


def test_more_than_a_lot_holds_cannot_be_split_off(service):
    released(service)
    lot = lot_of(service)
    with pytest.raises(ActRefusedError, match="holds 0 good units"):
        do(service, "production.split_lot", LEAD, lot=lot, units=1, reason="Too soon.")
    tell(service, lot, 10)
    with pytest.raises(ActRefusedError, match="holds 10 good units"):
        do(service, "production.split_lot", LEAD, lot=lot, units=11, reason="Too many.")


def test_lots_that_are_not_alike_stay_apart(service):
    released(service)
    lot = lot_of(service)
    with pytest.raises(ActRefusedError, match="into itself"):
        do(service, "production.merge_lot", LEAD, lot=lot, into=lot, reason="A slip.")
    line = service.plant.lines[0].id
    event = LotOpened(lot="l-9", order="o-1", product="another", line=line, edition=1)
    service.take([machine(service, "desk-2").write(event, NOW)])
    with pytest.raises(ActRefusedError, match="not alike"):
        do(service, "production.merge_lot", LEAD, lot=lot, into="l-9", reason="A slip.")
    assert see(service, f"/lots/{lot}").alike == ()


def test_what_is_not_known_or_not_right_is_refused_in_plain_words(service):
    released(service)
    with pytest.raises(ActRefusedError, match="an order o-1 already"):
        released(service, quantity=5)
    with pytest.raises(ActRefusedError, match="does not make silk"):
        released(service, "o-2", product="silk")
    with pytest.raises(ActRefusedError, match="in the past"):
        released(service, "o-2", due_at_us=NOW - 1)
    with pytest.raises(NotFoundError, match="no line"):
        do(service, "production.release_order", BOSS, order="o-2", product="x", line="nowhere", quantity=5)
    with pytest.raises(NotFoundError, match="no order o-7"):
        do(service, "production.open_lot", LEAD, order="o-7")
    with pytest.raises(NotFoundError, match="no lot l-7"):
        do(service, "production.close_lot", LEAD, lot="l-7")
    with pytest.raises(NotFoundError, match="no lot l-7"):
        see(service, "/lots/l-7")


@pytest.mark.parametrize(
    ("command", "by", "form"),
    [
        ("release_order", LEAD, {"order": "o", "product": "p", "line": "line", "quantity": 1}),
        ("close_order", LEAD, {"order": "o-1", "reason": "No."}),
        ("open_lot", BOSS, {"order": "o-1"}),
        ("close_lot", ADMIN, {"lot": "l"}),
    ],
)
def test_who_may_not_is_told_who_may(command, by, form, service):
    released(service)
    with pytest.raises(ActRefusedError):
        do(service, f"production.{command}", by, **form)


def test_too_many_open_lots_are_a_mistake(service):
    released(service)
    for number_ in range(20):
        lot_of(service, key=f"lot number {number_}")
    with pytest.raises(ActRefusedError, match="20 lots are open already"):
        do(service, "production.open_lot", LEAD, order="o-1", key="and one more")


def test_a_new_year_begins_to_count_anew_where_the_template_says_so(service):
    released(service)
    assert lot_of(service).endswith("-2027-0001")
    service._now_us.now_us = NOW + 366 * 24 * HOUR
    assert lot_of(service).endswith("-2028-0001")


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (USUAL, "line-2026-0042"),
        ("{n}", None),
        ("{product}.{year}{month}{day}-{n:3}", "fine-one.20260302-042"),
        ("L_{order}_{n:1}", "L_o-7_42"),
        ("{line}{n}", None),
        ("-{n}", None),
        ("{line}-{n:0}", None),
        ("{line}-{n} a", None),
        ("{shift}-{n}", None),
        ("{n}-{line}", None),
        ("l/{n}", None),
        ("{line-{n}", None),
        ("l-" * 40 + "{n}", None),
        ("", None),
        ("a}", None),
        ("{}", None),
        ("{n}}", None),
        ("{{n}", None),
    ],
)
def test_templates_of_lot_numbers(template, told):
    if told is None:
        with pytest.raises(Unreadable):
            checked(template)
        return
    opened = datetime(2026, 3, 2, tzinfo=UTC)
    before = stem(checked(template), line="line", product="fine one", order="o-7", opened=opened)
    assert number(template, before, 42) == told
    assert parted(told) == (before, 42)


def test_a_plant_file_names_its_own_template_and_a_wrong_one_is_told_with_its_line():
    text = line_of("- {id: a, kind: machine, cycle: 1 s}", "")
    named = text.replace("plant: {", 'plant: {lot_number: "{product}.{n:5}", ', 1)
    assert read(named).lot_number == "{product}.{n:5}"
    assert read(text).lot_number == USUAL
    (problem,) = problems(named.replace("{n:5}", "5"))
    assert "running number" in problem.wrong
    assert problem.line == 2


def test_an_edition_with_another_template_differs_in_that(service):
    from fabrika.plant.difference import difference

    assert difference(service.plant, replace(service.plant, lot_number="L-{n}"))
