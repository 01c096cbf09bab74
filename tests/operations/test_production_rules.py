"""Coding stops and withdrawing facts: what is refused, and who can mend it."""

from __future__ import annotations

import pytest

from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.codec import entry_bytes
from fabrika.events.house import Corrected
from fabrika.events.production import StopCoded
from fabrika.operations.production.rules import CodeStop, Correct, code_stop, correct, standing
from fabrika.operations.production.state import REDUCER
from fabrika.operations.production.times import SILENT_US
from operations.told import asked, at, changed, counted, facts, folded, look, plant

STOP = CodeStop(station="line.press", from_us=at(6, 20), to_us=at(6, 50), mode="jam")


def states(*told):
    morning = [changed(at(6), "processing"), changed(at(6, 20), "down"), changed(at(6, 50), "processing")]
    counts = [counted(at(6) + n * 300_000_000, at(6, 5) + n * 300_000_000, 5) for n in range(12)]
    return {"production": folded(REDUCER, *morning, *counts, *told)}


def test_a_stop_is_coded_by_who_reports():
    (event,) = code_stop(states(), asked(at(7)), STOP)
    assert event == StopCoded(station="line.press", from_us=at(6, 20), to_us=at(6, 50), mode="jam", person="p-1")


@pytest.mark.parametrize(
    ("changes", "wrong", "remedy"),
    [
        ({"mode": "nothing"}, "does not stop in the mode nothing", "jam, drive, power, blanks"),
        ({"to_us": at(6, 20)}, "ends after it begins", "begin and end"),
        ({"to_us": at(9)}, "not in the future", "begin and end"),
        ({"from_us": at(6), "to_us": at(6, 20)}, "did not stand", "one of its stops"),
    ],
)
def test_a_stop_that_cannot_be_is_refused(changes, wrong, remedy):
    fields = {name: getattr(STOP, name) for name in STOP.__struct_fields__} | changes
    with pytest.raises(ActRefusedError, match=wrong) as refused:
        code_stop(states(), asked(at(7)), CodeStop(**fields))
    assert remedy in refused.value.remedy


def test_a_stop_that_was_coded_is_not_coded_again():
    (event,) = code_stop(states(), asked(at(7)), STOP)
    with pytest.raises(ActRefusedError, match="p-1 coded this stop already as jam") as refused:
        code_stop(states((at(7), event)), asked(at(7, 5), person="p-2"), STOP)
    assert "who may correct" in refused.value.remedy


def test_a_station_that_is_not_there_is_not_found():
    with pytest.raises(NotFoundError, match="no station"):
        code_stop(states(), asked(at(7)), CodeStop(station="line.oven", from_us=1, to_us=2, mode="jam"))


def test_a_role_of_another_area_does_not_code():
    with pytest.raises(ActRefusedError, match="other areas only") as refused:
        code_stop(states(), asked(at(7), within={"report_production": frozenset({"yard"})}), STOP)
    assert "Shift lead" in refused.value.remedy
    assert code_stop(states(), asked(at(7), within={"report_production": frozenset({"hall"})}), STOP)


def test_a_fact_of_production_is_withdrawn_by_its_identity():
    (fact,) = facts(counted(at(6), at(6, 5), 9))
    data = entry_bytes(fact_bytes(fact), at(7))
    book = look(find=lambda key: 4 if key == str(fact.key) else None, entry=lambda _: data)
    known = {**states(), "book": book}
    (event,) = correct(known, asked(at(7)), Correct(target=str(fact.key), reason="counted by hand"))
    assert event == Corrected(target=fact.key, reason="counted by hand", person="p-1")
    with pytest.raises(NotFoundError, match="no entry"):
        correct(known, asked(at(7)), Correct(target=f"line-9/{'0' * 16}/3", reason="r"))
    with pytest.raises(ActRefusedError, match="other areas only"):
        correct(known, asked(at(7), within={"correct": frozenset({"yard"})}), Correct(target=str(fact.key), reason="r"))


def fact_bytes(fact):
    import msgspec

    return msgspec.json.Encoder(order="sorted").encode(fact.message)


def test_a_station_that_is_heard_of_may_be_relied_on():
    state = states()["production"]
    found = standing(state, plant(), "line.press", at(7))
    assert (found.fit, found.until_us) == (True, at(7) + SILENT_US)
    silent = standing(state, plant(), "line.press", at(8))
    assert not silent.fit
    assert "checks its connection" in silent.reason
    assert not standing(state, plant(), "line.finish", at(7)).fit
    with pytest.raises(NotFoundError):
        standing(state, plant(), "line.oven", at(7))
