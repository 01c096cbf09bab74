"""Stock: what is refused says what is missing and who can mend it; what lies where, may be used, was counted and left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.inventory import (
    Adjusted,
    Consumed,
    ContainerEmptied,
    ContainerRegistered,
    Counted,
    Destroyed,
    DestructionPrepared,
    Expected,
    Moved,
    Received,
    Routed,
    Scrapped,
    Shipped,
    StatusChanged,
    StocktakeBegun,
    StocktakeClosed,
)
from fabrika.events.production import (
    ContainerFilled,
    LotClosed,
    LotMerged,
    LotOpened,
    LotSplit,
    OrderClosed,
    OrderReleased,
)
from fabrika.operations.inventory import boxes, limits, material, outward, stocktaking
from fabrika.operations.inventory.notices import notices
from fabrika.operations.inventory.pages import one_container, one_lot, stock
from fabrika.operations.inventory.state import KEPT_ACTS, REDUCER
from fabrika.operations.inventory.stocktaking_pages import stocktaking as stocktaking_page
from fabrika.plant.model import ContainerKind, Location, Material, Reason, Route
from operations.told import HOUR, asked, at, facts, folded

NOW, DAY = at(8), 24 * HOUR
PRESS = "line.press"
PLACES = (
    Location("in", "quarantine"),
    Location("store", count=1000, mass_kg=50.0, hazards={"flammable": 10.0}),
    Location("side", "line", containers=1),
    Location("far", "line", count=100),
    Location("cage", "scrap", count=50),
    Location("gate", "dispatch"),
)
MATERIALS = (
    Material("blank", unit_kg=0.01),
    Material("glue", "kg", 30 * 86_400.0, "flammable", 1.0),
    Material("ink", "l"),
)


def who(person="p-1", at_us=NOW, **fields):
    found = asked(at_us, person=person, **fields)
    plant = replace(
        found.plant,
        materials=MATERIALS,
        locations=PLACES,
        containers=(ContainerKind("tray", 100),),
        routes=(Route("rework", 40, 1), Route("sorting")),
    )
    return structs_replace(found, plant=plant)


def structs_replace(found, **fields):
    from msgspec.structs import replace as changed

    return changed(found, **fields)


def received(number="m-1", *, kind="blank", quantity=500, place="in", expires=None, person="r-1"):
    return Received(
        material_lot=number, material=kind, quantity=quantity, location=place, expires_at_us=expires, person=person
    )


def status(subject="m-1", word="released", order=None):
    return StatusChanged(subject=subject, status=word, reserved_for=order, reason="looked at", person="q-1")


def moved(subject, origin, target, quantity=None, person="p-9"):
    return Moved(subject=subject, origin=origin, target=target, quantity=quantity, person=person)


def registered(name="t-1", place="store"):
    return ContainerRegistered(container=name, kind="tray", location=place, person="r-1")


def filled(name="t-1", units=80, lot="l-1"):
    return ContainerFilled(container=name, lot=lot, station=PRESS, units=units)


OPEN = (
    OrderReleased(order="o-1", product="a", line="line", quantity=1000),
    LotOpened(lot="l-1", order="o-1", product="a", line="line", edition=1),
)
CLOSED = (*OPEN, LotClosed(lot="l-1", good=200, scrapped=3, person="p-9"))


def known(*events):
    told = [event if isinstance(event, tuple) else (at(6) + n, event) for n, event in enumerate(events)]
    return {"inventory": folded(REDUCER, *told)}


def refused(rule, states, form, wrong, remedy, by="p-1", error=ActRefusedError):
    with pytest.raises(error, match=wrong) as caught:
        rule(states, who(by), form)
    assert remedy in caught.value.remedy, caught.value.remedy


def receive(**fields):
    return material.ReceiveMaterial(**{"material": "blank", "quantity": 100, "location": "in", **fields})


def test_material_is_received_into_quarantine_with_a_number_and_a_shelf_life():
    (event,) = material.receive(known(), who(), receive(material="glue", quantity=9))
    assert (event.material_lot, event.expires_at_us) == ("M000001", NOW + 30 * DAY)
    states = known(event)
    assert states["inventory"].lots["M000001"].status == "quarantine"
    (event,) = material.receive(states, who(), receive(expires_at_us=NOW + HOUR, supplier="Good"))
    assert (event.material_lot, event.expires_at_us, event.supplier) == ("M000002", NOW + HOUR, "Good")


def test_receipts_that_are_refused():
    refused(material.receive, known(), receive(material="moon"), "no material moon", "blank, glue, ink")
    refused(material.receive, known(), receive(location="moon"), "no location moon", "in, store")
    refused(material.receive, known(received()), receive(material_lot="m-1"), "given already", "next one")
    refused(material.receive, known(), receive(location="cage"), "does not take what comes in", "waits for its release")
    refused(material.receive, known(), receive(expires_at_us=NOW), "expired before", "send the goods back")
    # a thousand times too much: no location may hold it
    refused(
        material.receive, known(), receive(location="store", quantity=100_000), "may hold 1000 pieces", "bring less"
    )


def test_limits_are_kept_by_count_mass_and_hazard_class():
    glue = {"material": "glue", "location": "store"}
    (event,) = material.receive(known(), who(), receive(**glue, quantity=10))
    assert event.quantity == 10
    refused(
        material.receive, known(), receive(**glue, quantity=11), "10 kg of the hazard class flammable", "bring less"
    )
    held = [received("g", kind="glue", quantity=10, place="store"), received("b", quantity=1000, place="store")]
    load = limits.held(known(*held)["inventory"], who().plant, "store")
    assert load == limits.Load(1000, 0, 20.0, (("flammable", 10.0),))
    refused(material.receive, known(*held), receive(**glue, quantity=1), "hazard class", "bring less")
    more = [received(f"b-{n}", quantity=1000, place="store") for n in range(5)]
    place = replace(PLACES[1], count=None)
    assert limits.passed(place, limits.held(known(*more)["inventory"], who().plant, "store")) is None
    over = limits.held(known(*more, received("b-9", quantity=1, place="store"))["inventory"], who().plant, "store")
    assert "50 kg; it would hold 50.01 kg" in limits.passed(place, over)


def set_status(**fields):
    return material.SetStatus(**{"subject": "m-1", "status": "released", "reason": "looked at", **fields})


def test_who_received_it_does_not_release_it():
    states = known(*OPEN, received())
    assert material.set_status(states, who("q-1"), set_status()) == [status()]
    refused(material.set_status, states, set_status(), "does not release", "Quality manager", by="r-1")
    assert material.set_status(states, who("r-1"), set_status(status="blocked"))
    refused(material.set_status, known(received(), status()), set_status(), "this status already", "nothing to do")
    refused(material.set_status, states, set_status(status="reserved"), "names the order", "for an order")
    refused(material.set_status, states, set_status(reserved_for="o-1"), "names the order", "leave the order empty")
    strange = set_status(status="reserved", reserved_for="o-9")
    refused(material.set_status, states, strange, "no open order o-9", "released and not closed")
    gone = known(*OPEN, OrderClosed(order="o-1", reason="done", person="p-9"), received())
    refused(material.set_status, gone, set_status(status="reserved", reserved_for="o-1"), "no open order", "Name")
    old = known(received(expires=NOW))
    refused(material.set_status, old, set_status(), "past its shelf life", "scrapped or sent back")
    refused(material.set_status, known(*OPEN), set_status(subject="l-1"), "is a lot", "material lot or a container")


def move(**fields):
    return material.MoveStock(**{"subject": "m-1", "location": "store", **fields})


def test_stock_is_moved_from_where_it_lies():
    states = known(received(), status())
    assert material.move(states, who(), move(quantity=20)) == [moved("m-1", "in", "store", 20, "p-1")]
    assert material.move(states, who(), move()) == [moved("m-1", "in", "store", 500, "p-1")]
    apart = known(received(), status(), moved("m-1", "in", "store", 20))
    refused(material.move, apart, move(), "more than one location", "in, store")
    refused(material.move, apart, move(origin="gate"), "does not lie at gate", "in, store")
    refused(material.move, apart, move(origin="store"), "at store already", "scanned twice")
    refused(material.move, apart, move(origin="in", quantity=481), "480 are at in, and not 481", "stocktaking")
    refused(material.move, states, move(location="cage"), "takes scrap only", "with its reason")
    refused(material.move, known(received()), move(location="far"), "nobody has released", "Quality manager")
    refused(material.move, known(received(quantity=0)), move(), "Nothing is left", "stocktaking")
    with pytest.raises(NotFoundError, match="Nothing is known here under m-9"):
        material.move(states, who(), move(subject="m-9"))
    refused(material.move, known(*OPEN), move(subject="l-1"), "is a lot", "containers in which it lies")


def test_a_container_is_in_one_place_only():
    states = known(*OPEN, registered(), filled())
    assert material.move(states, who(), move(subject="t-1", location="side")) == [
        moved("t-1", "store", "side", person="p-1")
    ]
    there = known(*OPEN, registered(), filled(), moved("t-1", "store", "side"))
    refused(material.move, there, move(subject="t-1", location="side"), "already; p-9 brought it", "scanned twice")
    refused(material.move, there, move(subject="t-1", location="far", origin="store"), "two places", "it is here")
    refused(material.move, there, move(subject="t-1", location="far", quantity=3), "moves whole", "empty")
    here = boxes.FindContainer(container="t-1", location="gate", reason="nobody said so")
    (event,) = boxes.find(there, who(), here)
    assert (event.origin, event.target, event.reason) == ("side", "gate", "nobody said so")
    found = known(*OPEN, registered(), filled(), event)
    assert found["inventory"].containers["t-1"].location == "gate"
    assert "side" not in found["inventory"].hands
    refused(boxes.find, found, here, "at gate already", "nothing to do")
    full = known(registered(), registered("t-2", "side"))
    refused(material.move, full, move(subject="t-1", location="side"), "may hold 1 containers", "room: far")
    refused(material.move, known(filled("x-1")), move(subject="x-1"), "Nobody has said yet", "it is here")
    gone = known(*CLOSED, registered(), filled(), shipped())
    refused(material.move, gone, move(subject="t-1"), "left with the shipment s-1", "it is here")


def consume(**fields):
    return material.ConsumeStock(**{"subject": "m-1", "station": PRESS, "lot": "l-1", "quantity": 10, **fields})


def test_only_released_stock_goes_into_a_station():
    states = known(*OPEN, received(), status())
    (event,) = material.consume(states, who(), consume())
    assert event == Consumed(subject="m-1", origin="in", station=PRESS, lot="l-1", quantity=10, person="p-1")
    lot = known(*OPEN, received(), status(), event)["inventory"].lots["m-1"]
    assert (lot.left, lot.consumed) == (490, 10)
    refused(material.consume, known(*OPEN, received()), consume(), "in quarantine", "Quality manager")
    blocked = known(*OPEN, received(), status(word="blocked"))
    refused(material.consume, blocked, consume(), "is blocked", "Quality manager")
    kept = known(*OPEN, received(), status(word="reserved", order="o-2"))
    refused(material.consume, kept, consume(), "kept for the order o-2", "Take another lot")
    assert material.consume(known(*OPEN, received(), status(word="reserved", order="o-1")), who(), consume())
    old = known(*OPEN, received(expires=NOW), status())
    refused(material.consume, old, consume(), "past its shelf life", "blocked by somebody")
    refused(material.consume, states, consume(quantity=10_000), "500 are at in, and not 10000", "Correct")
    refused(material.consume, states, consume(station="line.moon"), "no station line.moon", "line.")
    refused(material.consume, known(*CLOSED, received(), status()), consume(), "l-1 is closed", "made now")
    refused(material.consume, states, consume(lot="l-9"), "no lot l-9", "", error=NotFoundError)
    refused(material.consume, states, consume(subject="l-1"), "go into itself", "another lot")
    other = LotOpened(lot="l-2", order="o-2", product="a", line="far", edition=1)
    refused(
        material.consume, known(*OPEN, other, received(), status()), consume(lot="l-2"), "the line far", "this station"
    )


def test_what_expires_first_goes_first_or_the_reason_is_told():
    soon = [received("m-0", expires=NOW + DAY), status("m-0")]
    states = known(*OPEN, received(expires=NOW + 2 * DAY), status(), *soon)
    refused(material.consume, states, consume(), "m-0 expires before m-1", "write why not")
    (event,) = material.consume(states, who(), consume(reason="m-0 is behind it"))
    assert event.reason == "m-0 is behind it"
    assert material.consume(states, who(), consume(subject="m-0"))
    forever = known(*OPEN, received(), status(), *soon)
    refused(material.consume, forever, consume(), "expires before", "why not")
    # What is used up, expired, not released or kept for others takes no turn.
    for idle in (
        [received("m-0", expires=NOW + DAY)],
        [received("m-0", expires=NOW), status("m-0")],
        [received("m-0", expires=NOW + DAY, quantity=0), status("m-0")],
        [received("m-0", expires=NOW + DAY), status("m-0", "reserved", "o-2")],
        [received("m-0", kind="ink", expires=NOW + DAY), status("m-0")],
    ):
        assert material.consume(known(*OPEN, received(), status(), *idle), who(), consume())


def test_consumption_out_of_a_container():
    states = known(*OPEN, registered(), filled())
    (event,) = material.consume(states, who(), consume(subject="t-1", quantity=80))
    assert event.origin is None
    box = known(*OPEN, registered(), filled(), event)["inventory"].containers["t-1"]
    assert (box.lot, box.units) == (None, 0)
    refused(material.consume, states, consume(subject="t-1", quantity=81), "holds 80 units", "Correct")
    refused(material.consume, known(*OPEN, registered()), consume(subject="t-1"), "is empty", "was opened")
    way = known(*OPEN, registered(), filled(), routed())
    refused(material.consume, way, consume(subject="t-1"), "way of their own", "what came of them")


def test_standing_of_a_material_lot():
    state = known(*OPEN, received(expires=NOW + DAY), status())["inventory"]
    found = material.standing(state, who().plant, "m-1", NOW)
    assert (found.fit, found.until_us, found.because) == (True, NOW + DAY, (2, 3))
    unfit = material.standing(known(received())["inventory"], who().plant, "m-1", NOW)
    assert not unfit.fit
    assert "Quality manager" in unfit.reason


def test_containers_are_registered_once_and_filled_when_empty():
    form = boxes.RegisterContainer(container="t-1", kind="tray", location="store")
    assert boxes.register(known(), who("r-1"), form) == [registered()]
    refused(boxes.register, known(registered()), form, "given already", "Scan it")
    refused(boxes.register, known(), structs_replace(form, kind="moon"), "no kind of container moon", "tray")
    # A machine filled it before anybody registered it: it gets its kind, and keeps what is in it.
    state = known(*OPEN, filled(), registered())["inventory"]
    assert (state.containers["t-1"].units, state.containers["t-1"].kind) == (80, "tray")
    fill = boxes.FillContainer(container="t-1", lot="l-1", station=PRESS, units=80)
    assert boxes.fill(known(*OPEN, registered()), who(), fill) == [filled()]
    refused(boxes.fill, known(*OPEN, registered(), filled()), fill, "holds 80 units of the lot l-1", "scanned twice")
    refused(
        boxes.fill, known(*OPEN, registered()), structs_replace(fill, units=101), "100 units fit", "another container"
    )
    refused(
        boxes.fill,
        known(*OPEN, filled(), ContainerEmptied(container="t-1", person="p-9")),
        fill,
        "not registered",
        "first",
    )
    refused(boxes.fill, known(*OPEN, registered(), status("t-1", "blocked")), fill, "is blocked", "Quality manager")
    refused(boxes.fill, known(*CLOSED, registered()), fill, "is closed", "made now")
    refused(boxes.fill, known(*OPEN, received()), structs_replace(fill, container="m-1"), "no container", "own label")


def test_a_container_is_emptied_once():
    form = boxes.EmptyContainer(container="t-1", left_over=2)
    (event,) = boxes.empty(known(*OPEN, registered(), filled()), who(), form)
    assert event.left_over == 2
    refused(boxes.empty, known(*OPEN, registered(), filled(), event), form, "is empty", "scanned twice")
    many = boxes.EmptyContainer(container="t-1", left_over=5_000)
    refused(boxes.empty, known(*OPEN, registered(), filled()), many, "holds 80 units", "what was left")
    refused(boxes.empty, known(*OPEN, registered(), filled(), routed()), form, "way of their own", "first")


def routed(**fields):
    form = {"routing": "way-1", "route": "rework", "lot": "l-1", "container": "t-1", "units": 30, "reason": "burr"}
    return Routed(**{**form, "person": "p-9", **fields})


def send(**fields):
    return outward.SendUnits(**{"route": "rework", "subject": "t-1", "units": 30, "reason": "burr", **fields})


def test_rework_has_counts_and_limits():
    states = known(*OPEN, registered(), filled())
    assert outward.send(states, who("p-9"), send()) == [routed()]
    gone = known(*OPEN, registered(), filled(), routed())
    refused(outward.send, gone, send(), "way of their own", "way-1")
    refused(outward.send, states, send(units=81), "there are 80 units, and not 81", "Correct")
    refused(outward.send, states, send(units=41), "41 units would be on this way at once; 40", "Plant manager")
    back = outward.TakeBack(routing="way-1", good=25, scrapped=5, reason="brushed")
    (event,) = outward.take_back(gone, who("p-9"), back)
    assert (event.good, event.scrapped, event.units) == (25, 5, 30)
    again = known(*OPEN, registered(), filled(), routed(), event)
    assert again["inventory"].containers["t-1"].units == 75
    refused(outward.take_back, again, back, "said already by p-9", "nothing to do")
    refused(outward.take_back, gone, structs_replace(back, good=24), "30 units were sent, and 29 come back", "missing")
    refused(outward.send, again, send(), "1 times already", "as scrap")
    assert outward.send(again, who(), send(route="sorting"))
    assert outward.send(again, who(), send(route="return"))
    refused(outward.take_back, states, back, "Nothing was sent", "", error=NotFoundError)
    refused(outward.send, known(received()), send(subject="m-1"), "is material", "as scrap")
    refused(outward.send, known(registered()), send(), "is empty", "was opened")
    assert outward.send(known(*CLOSED), who(), send(subject="l-1", units=40))[0].container is None
    refused(outward.send, known(*CLOSED), send(subject="l-1", units=201, route="sorting"), "there are 200", "Correct")


def scrap(**fields):
    return outward.ScrapStock(**{"subject": "t-1", "quantity": 5, "location": "cage", "reason": "dent", **fields})


def test_scrap_lies_where_scrap_is_kept_until_two_people_destroyed_it():
    states = known(*OPEN, registered(), filled())
    (event,) = outward.scrap(states, who("p-9"), scrap())
    after = known(*OPEN, registered(), filled(), event)["inventory"]
    assert (after.containers["t-1"].units, after.scrap) == (75, {"cage": {"l-1": 5}})
    refused(outward.scrap, states, scrap(location="store"), "no place for scrap", "cage")
    refused(outward.scrap, states, scrap(quantity=81), "there are 80", "Correct")
    refused(outward.scrap, known(received()), scrap(subject="m-1", quantity=51), "may hold 50 pieces", "bring less")
    (stuff,) = outward.scrap(known(received()), who(), scrap(subject="m-1"))
    assert stuff.origin == "in"
    assert known(received(), stuff)["inventory"].lots["m-1"].left == 495

    ready = outward.PrepareDestruction(subject="l-1", location="cage", quantity=4)
    kept = [*OPEN, registered(), filled(), event]
    (prepared,) = outward.prepare(known(*kept), who("p-9"), ready)
    assert prepared == DestructionPrepared(
        destruction="destruction-1", subject="l-1", location="cage", quantity=4, person="p-9"
    )
    refused(outward.prepare, known(*kept), structs_replace(ready, quantity=6), "5 are kept as scrap", "what else")
    seen = outward.WitnessDestruction(destruction="destruction-1")
    refused(outward.witness, known(*kept, prepared), seen, "does not witness it", "Quality manager", by="p-9")
    (destroyed,) = outward.witness(known(*kept, prepared), who("w-1"), seen)
    assert (destroyed.person, destroyed.witness, destroyed.quantity) == ("p-9", "w-1", 4)
    done = known(*kept, prepared, destroyed)
    assert done["inventory"].scrap["cage"] == {"l-1": 1}
    refused(outward.witness, done, seen, "w-1 has witnessed it", "nothing to do")
    refused(outward.witness, known(), seen, "no destruction", "", error=NotFoundError)
    anew = [prepared, structs_replace(prepared, destruction="destruction-2", quantity=5)]
    assert list(known(*kept, *anew)["inventory"].destructions) == ["destruction-2"]


def shipped(**fields):
    form = {"shipment": "s-1", "order": "o-1", "lot": "l-1", "units": 80, "containers": ("t-1",), "receiver": "Client"}
    return Shipped(**{**form, "person": "p-1", **fields})


def ship(**fields):
    return outward.ShipUnits(
        **{"shipment": "s-1", "lot": "l-1", "receiver": "Client", "containers": ("t-1",), **fields}
    )


def test_what_leaves_is_there_and_leaves_once():
    states = known(*CLOSED, registered(), filled())
    assert outward.ship(states, who(), ship()) == [shipped()]
    assert outward.ship(states, who(), ship(containers=("]d291t-1", "t-1"))) == [shipped()]
    gone = known(*CLOSED, registered(), filled(), shipped())
    assert (gone["inventory"].products["l-1"].shipped, gone["inventory"].containers["t-1"].location) == (80, None)
    refused(outward.ship, gone, ship(), "left with the shipment s-1", "stands before you")
    refused(outward.ship, gone, ship(containers=(), units=121), "there are 120 units, and not 121", "Correct")
    refused(outward.ship, gone, ship(containers=(), units=1, receiver="Other"), "goes to Client", "number of its own")
    refused(outward.ship, known(*OPEN, registered(), filled()), ship(), "still open", "Shift lead")
    refused(outward.ship, states, ship(units=79), "hold 80 units, and not 79", "empty")
    refused(outward.ship, states, ship(containers=()), "Neither units nor containers", "Scan")
    refused(outward.ship, known(*CLOSED, registered()), ship(), "is empty", "off the list")
    refused(outward.ship, known(*CLOSED, registered(), filled(lot="l-2")), ship(), "holds the lot l-2", "off the list")
    blocked = known(*CLOSED, registered(), filled(), status("t-1", "blocked"))
    refused(outward.ship, blocked, ship(), "may not leave", "Quality manager")
    back = known(*CLOSED, registered(), filled(), shipped(), moved("t-1", "unknown", "gate"))
    assert back["inventory"].containers["t-1"].shipment is None


TAKE = stocktaking.BeginStocktake(location="store")
HELD = [*OPEN, received(place="store"), registered(), filled()]


def count(subject="m-1", quantity=500):
    return stocktaking.CountStock(stocktake="count-1", subject=subject, quantity=quantity)


def begun(person="a-1"):
    expected = (Expected(subject="m-1", quantity=500), Expected(subject="t-1", quantity=80))
    return StocktakeBegun(stocktake="count-1", location="store", expected=expected, person=person)


def found(subject, quantity, person="c-1"):
    return Counted(stocktake="count-1", subject=subject, quantity=quantity, person=person)


def test_stock_is_counted_by_somebody_who_did_not_handle_it():
    assert stocktaking.begin(known(*HELD), who("a-1"), TAKE) == [begun()]
    states = known(*HELD, begun())
    refused(stocktaking.begin, states, TAKE, "being counted already", "count-1")
    assert stocktaking.count(states, who("c-1"), count()) == [found("m-1", 500)]
    refused(stocktaking.count, states, count(), "You moved stock at store", "Head of training", by="r-1")
    refused(stocktaking.count, states, count(), "Who began", "Head of training", by="a-1")
    again = known(*HELD, begun(), found("m-1", 490))
    refused(stocktaking.count, again, count(), "counted m-1 already", "somebody else", by="c-1")
    assert stocktaking.count(again, who("c-2"), count())
    twice = known(*HELD, begun(), found("m-1", 490), found("m-1", 495, "c-2"))
    refused(stocktaking.count, twice, count(), "counted m-1 already", "somebody else", by="c-1")
    refused(stocktaking.count, known(), count(), "no stocktaking count-1", "", error=NotFoundError)


def test_stock_stays_while_it_is_counted():
    states = known(*HELD, status(), begun())
    for rule, form in (
        (material.move, move(location="in")),
        (material.consume, consume()),
        (material.receive, receive(location="store")),
        (boxes.empty, boxes.EmptyContainer(container="t-1")),
        (boxes.find, boxes.FindContainer(container="t-1", location="in", reason="seen")),
        (outward.scrap, scrap()),
    ):
        refused(rule, states, form, "store is being counted", "count-1")


def test_differences_are_looked_into_and_adjusted_with_authority():
    adjust = stocktaking.AdjustStock(stocktake="count-1", subject="m-1", reason="ten fell out of the box")
    close = stocktaking.CloseStocktake(stocktake="count-1")
    some = known(*HELD, begun(), found("m-1", 490))
    refused(stocktaking.adjust, some, adjust, "1 are missing", "counted as 0", by="a-1")
    refused(stocktaking.close, some, close, "1 are missing", "counted as 0", by="a-1")
    counted = [*HELD, begun(), found("m-1", 490), found("t-1", 80)]
    refused(stocktaking.close, known(*counted), close, "Differences are left: m-1", "look into them", by="a-1")
    refused(stocktaking.adjust, known(*counted), adjust, "Who counted neither", "Plant manager", by="c-1")
    (event,) = stocktaking.adjust(known(*counted), who("a-1"), adjust)
    assert event == Adjusted(
        stocktake="count-1", subject="m-1", difference=-10, reason="ten fell out of the box", person="a-1"
    )
    states = known(*counted, event)
    assert states["inventory"].lots["m-1"].left == 490
    refused(stocktaking.adjust, states, adjust, "no difference left", "nothing to do", by="a-1")
    refused(stocktaking.count, states, count(), "brought to what was found", "next", by="c-2")
    refused(stocktaking.close, states, close, "Who counted neither", "Plant manager", by="c-1")
    assert stocktaking.close(states, who("a-1"), close) == [StocktakeClosed(stocktake="count-1", person="a-1")]
    over = known(*counted, event, StocktakeClosed(stocktake="count-1", person="a-1"))
    refused(stocktaking.close, over, close, "is closed", "another one")
    assert "store" not in over["inventory"].hands
    box = [*HELD, begun(), found("m-1", 500), found("t-1", 78), Adjusted(
        stocktake="count-1", subject="t-1", difference=-2, reason="two on the floor", person="a-1")]  # fmt: skip
    assert known(*box)["inventory"].containers["t-1"].units == 78


def test_who_counts_is_not_told_what_the_book_holds():
    states = known(*HELD, begun(), found("m-1", 490))
    counter = frozenset({"see_plant", "count_stock"})
    (view,) = stocktaking_page(states, who(may=counter)).going
    assert [(row.counted, row.expected, row.found, row.difference) for row in view.rows] == [
        (True, None, None, None),
        (False, None, None, None),
    ]
    assert stock(states, who(may=counter)).lots[0].left is None
    assert one_lot(states, who(may=counter, names={"material_lot": "m-1"})).row.lying[0].quantity is None
    assert one_container(states, who(may=counter, names={"container": "t-1"})).row.units is None
    (view,) = stocktaking_page(states, who(may=frozenset({"see_plant", "adjust_stock"}))).going
    assert [(row.expected, row.found, row.difference) for row in view.rows] == [(500, 490, -10), (80, None, None)]
    both = frozenset({"see_plant", "adjust_stock", "count_stock"})
    assert not stocktaking_page(states, who(may=both)).going[0].told
    assert stocktaking_page(known(*HELD, begun(), found("m-1", 490), found("t-1", 80)), who(may=both)).going[0].told


def test_pages_tell_what_is_there_and_what_comes_next():
    states = known(*HELD, status(), filled("x-1"), Scrapped(
        subject="m-1", quantity=3, location="cage", origin="store", reason="dent", person="p-9"))  # fmt: skip
    view = stock(states, who(query={"scan": "]d291t-1"}))
    assert view.scanned.path == "/containers/t-1"
    assert [(row.lot, row.left, row.turn) for row in view.lots] == [("m-1", 497, True)]
    assert {row.location: [(limit.what, limit.held) for limit in row.limits] for row in view.places}["cage"] == [
        ("pieces", 3)
    ]
    assert "Nothing is known" in stock(states, who(query={"scan": "zzz"})).scanned.wrong
    steps = {"t-1": "use", "x-1": "register"}
    for name, step in steps.items():
        assert one_container(states, who(names={"container": name})).next == step
    assert one_container(known(registered()), who(names={"container": "t-1"})).next == "fill"
    assert one_container(known(*HELD, routed()), who(names={"container": "t-1"})).next == "take_back"
    for build, names in ((one_lot, {"material_lot": "m-9"}), (one_container, {"container": "t-9"})):
        with pytest.raises(NotFoundError):
            build(states, who(names=names))


def test_what_needs_attention():
    late = NOW - 5 * DAY
    told = [(late, event) for event in (*OPEN, received(), received("m-2", expires=NOW - 1, place="store"))]
    told += [(late, status("m-2")), (late, begun()), (late, filled("x-1")), (late, moved("x-1", "in", "far"))]
    told += [(late, registered("t-1", "side")), (late, registered("t-2", "side"))]
    told += [(late, Consumed(subject="m-2", origin="gate", station=PRESS, quantity=5))]
    told += [(late, DestructionPrepared(destruction="d", subject="m-1", location="cage", quantity=1, person="p-9"))]
    kinds = sorted(one.kind for one in notices(known(*told)["inventory"], who()))
    assert kinds == [
        "below_nought", "counting", "expired", "over_limit", "strange_container", "unreleased", "unwitnessed",
    ]  # fmt: skip
    assert list(notices(known(*HELD)["inventory"], who())) == []


def test_lots_that_split_merge_and_close_keep_their_units():
    split = LotSplit(lot="l-1", new_lot="l-1.1", units=50, reason="half", person="p-9")
    state = known(*CLOSED, split)["inventory"]
    assert (state.products["l-1"].good, state.products["l-1.1"].good) == (150, 50)
    merged = LotMerged(lot="l-1.1", into="l-1", units=50, reason="back", person="p-9")
    state = known(*CLOSED, split, merged)["inventory"]
    assert (state.products["l-1"].good, state.products["l-1.1"].good) == (200, 0)


def test_what_is_over_is_forgotten_in_the_end():
    shipments = [shipped(shipment=f"s-{n}", containers=(), units=0) for n in range(KEPT_ACTS + 5)]
    state = known(*CLOSED, *shipments)["inventory"]
    assert len(state.shipments) == KEPT_ACTS
    assert "s-0" not in state.shipments
    told = [event for n in range(2500) for event in [filled(f"x-{n}")]]
    assert len(known(*OPEN, registered(), *told)["inventory"].containers) < 2400


def test_what_is_said_of_nothing_changes_nothing():
    # A correction can take away what other facts rest on.
    state = known(
        status(), moved("m-1", "in", "store", 5), Consumed(subject="m-1", station=PRESS, quantity=1),
        ContainerEmptied(container="t-1", person="p-9"), found("m-1", 3), StocktakeClosed(stocktake="count-1", person="p"),
        Destroyed(subject="m-1", location="cage", quantity=1, witness="w", person="p"), LotClosed(lot="l", good=1, scrapped=0, person="p"),
    )["inventory"]  # fmt: skip
    assert (state.lots, state.stocktakes, state.products) == ({}, {}, {})


def test_the_state_from_a_snapshot_goes_on_like_the_one_folded_from_nothing():
    events = [*CLOSED, received(), status(), registered(), filled(), routed(), routed(good=20, scrapped=10), shipped(units=5),
              begun(), found("m-1", 3), found("m-1", 4, "c-2"), StocktakeClosed(stocktake="count-1", person="a-1")]  # fmt: skip
    told = facts(*((at(6) + n, event) for n, event in enumerate(events)))
    whole = folded(REDUCER, *((at(6) + n, event) for n, event in enumerate(events)))
    for cut in range(len(told) + 1):
        state = REDUCER.empty()
        for fact in told[:cut]:
            REDUCER.apply(state, fact)
        state = REDUCER.load(REDUCER.dump(state))
        for fact in told[cut:]:
            REDUCER.apply(state, fact)
        assert state == whole
        assert REDUCER.dump(state) == REDUCER.dump(whole)
    assert {type(fact.event) for fact in told} <= set(REDUCER.hears)


def test_scrap_has_one_of_the_plants_own_reasons_where_it_names_any():
    reasons = (
        Reason("surface", "scrap", group=True),
        Reason("dent", "scrap", above="surface"),
        Reason("short", "scrap", stations=("line.finish",)),
        Reason("wait", "stop"),
    )
    states, form = known(*OPEN, registered(), filled()), scrap(station="line.press")
    somebody = who()
    asked_by = structs_replace(somebody, plant=replace(somebody.plant, reasons=reasons))
    assert outward.scrap(states, asked_by, form)[0].reason == "dent"
    for other in ("short", "surface", "wait", "burr"):
        with pytest.raises(ActRefusedError, match=f"{other} is no reason of scrap here") as caught:
            outward.scrap(states, asked_by, structs_replace(form, reason=other))
        assert caught.value.remedy == "Choose one of: dent."
    assert outward.scrap(states, asked_by, scrap(reason="short"))
