"""The pages of trace, recall and balance over a small told day: what they name, and what they refuse in plain words."""

from __future__ import annotations

import pytest

from fabrika.answers import balances, recall, trace
from fabrika.answers.passages import Span
from fabrika.answers.recall import joined, met
from fabrika.answers.touched import FURTHEST, Touches
from fabrika.answers.unit_ways import Visit
from fabrika.answers.ways import ways
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
from operations.told import HOUR, asked, at, changed, counted, folded, plant

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


@pytest.mark.parametrize(("taken", "ends"), [(50, at(8)), (30, FURTHEST)])
def test_what_was_in_a_container_is_gone_when_it_is_filled_again_unless_some_was_left(taken, ends):
    told = [counted(at(6), at(10), 400, station=PRESS, lot="L-1")]
    for begin in (at(7), at(8)):
        passed = Passed(entered=100, good=100)
        told += [
            (begin, ContainerFilled(container="C-1", lot="L-1", station=PRESS, units=50, passed=passed)),
            (begin + HOUR // 2, Consumed(subject="C-1", station=PACK, quantity=taken, passed=passed)),
        ]
    touches = Touches(folded(REDUCER, *sorted(told, key=lambda one: one[0])), ways(plant()))
    assert touches.emptied_us("C-1", at(7)) == ends
    assert touches.emptied_us("C-1", at(8)) == FURTHEST


def test_units_that_lie_side_by_side_are_followed_as_one():
    spans = [Span(50, 60, 45, 2), Span(1, 10, 1, 0), Span(11, 20, 9, 3), Span(5, 8, 5, 0), Span(22, 30, 22, 0)]
    assert joined(spans) == [Span(1, 20, 1, 3), Span(22, 30, 22, 0), Span(50, 60, 45, 2)]
    visits = [Visit(PACK, span, Span(1, 0, 1, 0), at(7), None, agrees=True) for span in spans]
    assert [visit.good for visit in met(visits)] == joined(spans)
