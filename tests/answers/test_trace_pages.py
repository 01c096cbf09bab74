"""The pages of trace, recall and balance over a small told day: what they name, and what they refuse in plain words."""

from __future__ import annotations

import pytest

from fabrika.answers import balances, recall, trace
from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.inventory import BalanceClosed, Consumed, Received, Shipped
from fabrika.events.production import (
    ContainerFilled,
    LotClosed,
    LotOpened,
    Passed,
    PersonSignedOff,
    PersonSignedOn,
    ToolChanged,
)
from fabrika.operations.genealogy.state import REDUCER
from operations.told import asked, at, changed, counted, folded, plant

PRESS, PACK = (f"line.{station.id}" for station in (plant().lines[0].stations[0], plant().lines[0].stations[-1]))


@pytest.fixture
def states():
    def received(name):
        return Received(material_lot=name, material="wire", quantity=1, location="x", person="p-1")

    told = [
        (at(6), LotOpened(lot="L-1", order="o", product="p", line="line", edition=1)),
        (at(6), received("M-1")),
        (at(6), received("M-2")),
        (at(6), Consumed(subject="M-1", station=PRESS, quantity=1, passed=Passed(entered=0, good=0))),
        (at(6), PersonSignedOn(person="p-7", station=PRESS, role="operator", passed=Passed(entered=0, good=0))),
        (at(6), ToolChanged(station=PRESS, tool="T-1", person="p-7", passed=Passed(entered=0, good=0))),
    ]
    for hour in range(6, 10):
        told.append(counted(at(hour), at(hour + 1), 100, station=PRESS, lot="L-1"))
        if PACK != PRESS:
            told.append(counted(at(hour), at(hour + 1), 100, station=PACK, lot="L-1"))
    told += [
        (at(8), Consumed(subject="M-2", station=PRESS, quantity=1, passed=Passed(entered=200, good=200))),
        (at(8), PersonSignedOff(person="p-7", station=PRESS, passed=Passed(entered=200, good=200))),
        changed(at(8), "down", station=PRESS, mode="jam"),
        changed(at(9), "processing", station=PRESS),
        (
            at(8),
            ContainerFilled(container="C-1", lot="L-1", station=PACK, units=50, passed=Passed(entered=50, good=50)),
        ),
        (at(10), Shipped(shipment="S-1", lot="L-1", units=50, containers=("C-1",), receiver="R", person="p-1")),
    ]
    return {"genealogy": folded(REDUCER, *told)}


def test_a_unit_names_its_material_person_tool_and_container(states):
    found = trace.lot_trace(states, asked(at(11), names={"lot": "L-1"}, query={"unit": "30"}))
    assert found.units == 400
    stage = next(one for one in found.back if one.station == PRESS)
    subjects = {one.subject for one in stage.beside}
    assert {"M-1", "p-7", "T-1"} <= subjects
    assert "M-2" not in subjects
    assert "C-1" in found.back[0].containers
    late = trace.lot_trace(states, asked(at(11), names={"lot": "L-1"}, query={"unit": "399"}))
    last = next(one for one in late.back if one.station == PRESS)
    # What lies between the stations is not known here, so that the unit can have been one of some earlier ones.
    subjects = {one.subject for one in last.beside}
    assert {"M-2", "T-1"} <= subjects
    assert last.entered_from is not None
    assert ({"M-1", "p-7"} <= subjects) == (last.entered_from <= 200)


@pytest.mark.parametrize("unit", ["0", "401", "x", "-3", "9" * 30, "1.5", "²"])
def test_a_unit_that_is_not_there_is_refused(states, unit):
    with pytest.raises(NotFoundError, match="L-1"):
        trace.lot_trace(states, asked(at(11), names={"lot": "L-1"}, query={"unit": unit}))


@pytest.mark.parametrize(
    ("kind", "subject", "first"),
    [("material", "M-1", 1), ("material", "M-2", 150), ("person", "p-7", 1), ("tool", "T-1", 1), ("station", PRESS, 1)],
)
def test_a_recall_reaches_lot_and_shipment(states, kind, subject, first):
    found = recall.recall(states, asked(at(11), query={kind: subject}))
    assert [row.lot for row in found.lots] == ["L-1"]
    assert found.lots[0].from_unit is not None
    assert found.lots[0].from_unit <= max(first, 201 if subject == "M-2" else 1)
    assert [row.shipment for row in found.shipments] == ["S-1"]
    assert found.stations


def test_a_recall_of_a_time_ends_with_it(states):
    found = recall.recall(states, asked(at(11), query={"from": str(at(6)), "to": str(at(7))}))
    assert found.lots[0].from_unit == 1
    touched = next(row for row in found.stations if row.station == PRESS)
    assert (touched.good_from, touched.good_to) in {(1, 100), (1, 101)}


@pytest.mark.parametrize("query", [{"material": "M-9"}, {"lot": "none"}, {"station": "line.none"}, {"from": "soon"}])
def test_a_recall_of_nothing_is_refused(states, query):
    with pytest.raises(NotFoundError):
        recall.recall(states, asked(at(11), query=query))


def test_what_is_looked_for_is_found_by_its_beginning(states):
    found = trace.search(states, asked(at(11), query={"id": "M"}))
    assert [one.subject for one in found.found] == ["M-1", "M-2"]
    assert trace.search(states, asked(at(11))).lots == ("L-1",)


def test_a_balance_is_accepted_once_the_lot_is_closed(states):
    state = states["genealogy"]
    page = balances.balances(states, asked(at(11)))
    assert [(row.lot, row.open) for row in page.lots] == [("L-1", True)]
    with pytest.raises(ActRefusedError, match="still open"):
        balances.close_balance(states, asked(at(11)), balances.CloseBalance(lot="L-1"))
    from operations.told import facts

    for fact in facts((at(11), LotClosed(lot="L-1", good=400, scrapped=0, person="p-1"))):
        REDUCER.apply(state, fact)
    events = balances.close_balance(states, asked(at(12)), balances.CloseBalance(lot="L-1", reason="Looked into."))
    (closed,) = events
    assert isinstance(closed, BalanceClosed)
    assert closed.entered == closed.good + closed.scrapped + closed.sampled + closed.in_process + closed.unaccounted
    for fact in facts((at(12), closed)):
        REDUCER.apply(state, fact)
    with pytest.raises(ActRefusedError, match="accepted already"):
        balances.close_balance(states, asked(at(12)), balances.CloseBalance(lot="L-1"))
    with pytest.raises(ActRefusedError):
        balances.close_balance(states, asked(at(12), may=frozenset()), balances.CloseBalance(lot="L-1"))
    with pytest.raises(NotFoundError):
        balances.close_balance(states, asked(at(12)), balances.CloseBalance(lot="none"))
