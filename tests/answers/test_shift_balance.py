"""The balance of a shift: proofs hold the truth, a diversion between two stations is found, and one wrong word is no alarm."""

from __future__ import annotations

from datetime import UTC
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from fabrika.answers.balance import lot_balance
from fabrika.answers.balances import CountPassage, count_passage, missing
from fabrika.answers.passages import Span
from fabrika.answers.proven import Passage, Proof, passages, proofs
from fabrika.answers.shift_balance import balanced, proven
from fabrika.answers.trace import lots_of, runs_of
from fabrika.answers.ways import Ways
from fabrika.errors import ActRefusedError, NotFoundError
from fabrika.events.inventory import PassageCounted
from fabrika.events.production import (
    LineCleared,
    LotOpened,
    SetupApproved,
    StationHeld,
    UnitsCounted,
    UnitsReported,
)
from fabrika.operations.genealogy.state import REDUCER, GenealogyState
from fabrika.operations.production.state import REDUCER as PRODUCTION
from fabrika.page import Asked
from fabrika.plant.read import read_plant
from fabrika.twin.period import days
from fabrika.twin.tell_on import told
from operations.told import MINUTE, at, changed, counted, folded

PLANT = read_plant(
    b"""
fabrika: 1
plant: {name: three in a row, counts_within: 0.01 %}
lines:
  - id: line
    stations:
      - {id: cut, kind: machine, cycle: 0.5 s, fails: [{id: jam, after: exponential(2000 cycles), repair: "lognormal(4 min, cv 1)"}]}
      - {id: belt, kind: transport, time: 40 s, capacity: 400}
      - {id: bend, kind: machine, cycle: 0.4 s, buffer: 900, fails: [{id: jam, after: exponential(4000 cycles), repair: "lognormal(4 min, cv 1)"}]}
      - {id: pack, kind: machine, cycle: 0.5 s, buffer: 300, fails: [{id: jam, after: exponential(2000 cycles), repair: "lognormal(4 min, cv 1)"}]}
""",
    "plant.yaml",
    lambda _name: UTC,
)
HOUR_US = 3_600_000_000
HOURS = 16


TAKEN_FROM = {"line.bend": ("line.bend", "line.pack"), "line.pack": ("line.pack",), "": ()}


def state_of(taken: int = 0, behind: str = "", from_us: int = 0) -> tuple[GenealogyState, int]:
    """Two shifts told by the twin; some units vanish before a station from an instant on, and are missed at all behind it."""
    state, period = REDUCER.empty(), days(PLANT, 2.0, None)
    until = period.start_us + HOURS * HOUR_US
    lost = dict.fromkeys(TAKEN_FROM[behind], 0)
    for number, one in enumerate(one for _, said in told(PLANT, 1, period.start_us, 2.0) for one in said):
        if one.at_us > until:
            break
        event = one.event
        if isinstance(event, UnitsCounted) and event.station in lost and event.from_us >= period.start_us + from_us:
            less = min(2, taken - lost[event.station], event.good, event.entered)
            lost[event.station] += less
            event = replace(event, entered=event.entered - less, good=event.good - less)
        message = SimpleNamespace(at_us=one.at_us)
        REDUCER.apply(state, SimpleNamespace(event=event, message=message, position=number))
    return state, period.start_us


def test_what_machines_prove_is_what_lies_there():
    state, start_us = state_of()
    found = {one.behind: proofs(state, one, start_us, start_us + HOURS * HOUR_US) for one in passages(Ways(PLANT))}
    before_bend, before_pack = found["line.bend"], found["line.pack"]
    assert before_bend
    assert before_pack
    # What lay there as the book began is one number, whatever the proof and its instant: empty holds nothing, full what fits.
    for rows, fits in ((before_bend, 1_300), (before_pack, 300)):
        assert all(one.low == one.high for one in rows)
        assert len({one.low - (fits if one.kind == "full" else 0) for one in rows}) == 1


def test_passages_hold_what_the_plant_file_says():
    one, other = passages(Ways(PLANT))
    assert (one.before, one.behind, one.hold, one.transit_us) == ("line.cut", "line.bend", 1301, 40_000_000)
    assert (other.before, other.behind, other.hold, other.transit_us) == ("line.bend", "line.pack", 301, 0)


@pytest.mark.parametrize("behind", ["line.bend", "line.pack"])
def test_a_diversion_within_a_shift_is_found_between_its_two_stations(behind):
    plan = Ways(PLANT)
    state, start_us = state_of(30, behind, 8 * HOUR_US)
    shift = start_us + 8 * HOUR_US, start_us + HOURS * HOUR_US
    found = {one.passage.behind: one for one in balanced(state, plan, "line", *shift)}
    assert found[behind].part is not None
    assert (found[behind].part.fits, found[behind].part.unaccounted) == (False, 30)
    assert found[behind].end is not None
    others = [one for name, one in found.items() if name != behind]
    assert all(one.part is None or one.part.fits for one in others)
    calm, _ = state_of()
    assert all(one.part is None or one.part.unaccounted == 0 for one in balanced(calm, plan, "line", *shift))


PASSAGE = Passage("line.a", "line.b", 500, 0, 0, 1)


def empty(at_us: int, came: int, gone: int) -> Proof:
    return Proof(at_us, "empty", (came, came), (gone, gone), (0, 0))


def test_one_wrong_word_is_no_alarm_and_two_that_agree_are():
    calm = [empty(10 * n, 1_000 * n, 1_000 * n) for n in range(1, 8)]
    wrong = [*calm[:5], empty(60, 6_000, 5_900), calm[6]]
    found = proven(PASSAGE, wrong, 25, (0.0001, 0.0001), 10)
    assert found is not None
    assert found[0].unaccounted == 0
    # As the last word alone it is not believed; once the next says the same, it is.
    assert proven(PASSAGE, wrong[:6], 25, (0.0001, 0.0001), 10)[0].unaccounted == 0
    gone = [*calm[:5], empty(60, 6_000, 5_900), empty(70, 7_000, 6_900)]
    part, begin, end = proven(PASSAGE, gone, 25, (0.0001, 0.0001), 10)
    assert (part.unaccounted, part.fits, begin.at_us, end.at_us) == (100, False, 20, 70)


def test_full_is_compared_with_full_only_as_what_fits_is_a_round_figure():
    rows = [empty(10, 1_000, 1_000), empty(15, 1_100, 1_100)]
    rows += [
        Proof(at_us, "full", (came, came), (came - 488,) * 2, (0, 0)) for at_us, came in ((30, 3_000), (40, 4_000))
    ]
    found = proven(PASSAGE, rows, 25, (0.0, 0.0), 10)
    assert found is not None
    assert (found[0].unaccounted, found[1].kind, found[2].kind) == (0, "full", "full")


def test_a_persons_count_proves_alone_and_within_its_own_doubt():
    rows = [
        Proof(10, "counted", (1_000, 1_000), (800, 800), (200, 200)),
        Proof(50, "counted", (9_000, 9_000), (8_850, 8_850), (90, 110)),
    ]
    part, _, _ = proven(PASSAGE, rows, 10, (0.0, 0.0), 10)
    # 150 should lie there, and 110 at most do.
    assert (part.unaccounted, part.fits) == (40, False)


def test_nothing_is_proven_by_nothing():
    assert proven(PASSAGE, [], 0, (0.0, 0.0), 10) is None
    assert proven(PASSAGE, [empty(10, 1, 1)], 0, (0.0, 0.0), 10) is None


def asked(at_us: int, may=frozenset({"report_production"})) -> Asked:
    return Asked(at_us=at_us, position=0, plant=PLANT, edition=1, kind="plant", person="p-1", may=may)


def test_a_person_says_what_lies_between_two_stations():
    form = CountPassage(before="line.bend", station="line.pack", quantity=120, within=5)
    event, *more = count_passage({}, asked(at(12)), form)
    assert not more
    assert event == PassageCounted(before="line.bend", station="line.pack", quantity=120, within=5, person="p-1")
    state = folded(REDUCER, (at(12), event))
    assert [(one.at_us, one.units) for one in state.stations["line.pack"].laid] == [(at(12), 120)]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"before": "line.cut", "station": "line.pack"}, NotFoundError),
        ({"quantity": 400}, ActRefusedError),
        ({"at_us": at(13)}, ActRefusedError),
        ({"at_us": at(12) - 8 * 24 * 60 * MINUTE}, ActRefusedError),
    ],
)
def test_a_count_that_cannot_be_is_refused(form, error):
    given = {"before": "line.bend", "station": "line.pack", "quantity": 10} | form
    with pytest.raises(error):
        count_passage({}, asked(at(12)), CountPassage(**given))
    with pytest.raises(ActRefusedError):
        count_passage({}, asked(at(12), frozenset()), CountPassage(before="line.bend", station="line.pack", quantity=1))


def held_day():
    """Three hours in one lot; the station is held for the second half of the second."""
    return (
        (at(6), LotOpened(lot="L-1", order="o", product="a", line="line", edition=1)),
        counted(at(6), at(7), 100, station="line.pack", lot="L-1"),
        (at(7, 30), StationHeld(station="line.pack", cause="repair", needs=("clearance", "approval"), block=False)),
        counted(at(7), at(8), 101, station="line.pack", lot="L-1", scrapped=1),
        (at(8), LineCleared(line="line", person="p-1")),
        (at(8), SetupApproved(station="line.pack", lot="L-1", person="p-2")),
        counted(at(8), at(9), 100, station="line.pack", lot="L-1"),
    )


def test_what_is_made_while_a_station_is_held_is_in_no_lot_as_production_says():
    state, other = folded(REDUCER, *held_day()), folded(PRODUCTION, *held_day())
    apart, whole = state.apart("L-1", "line.pack"), state.counted("L-1", "line.pack")
    assert [whole[n] - apart[n] for n in range(3)] == other.lots["L-1"].counted["line.pack"]
    assert apart == (51, 51, 1)
    assert runs_of(state, "L-1", "line.pack") == [(0, 150), (201, 301)]
    assert lots_of(state, "line.pack", Span(160, 190, 160, 0)) == ()
    assert lots_of(state, "line.pack", Span(190, 210, 190, 0)) == ("L-1",)
    found = lot_balance(state, Ways(PLANT), "L-1")
    assert (found.good, found.scrapped, found.apart) == (250, 0, 52)
    assert found.entered == found.good + found.scrapped + found.sampled + found.in_process + found.unaccounted


def test_samples_are_neither_good_nor_missing():
    rows = [
        (at(6), LotOpened(lot="L-1", order="o", product="a", line="line", edition=1)),
        counted(at(6), at(7), 100, station="line.bend", lot="L-1"),
        counted(at(6), at(7), 95, station="line.pack", lot="L-1"),
        (at(7), UnitsReported(station="line.bend", lot="L-1", to_us=at(7), good=0, scrapped=0, sampled=5, person="p")),
        (at(7), UnitsReported(station="line.pack", lot="L-1", to_us=at(7), good=0, scrapped=0, sampled=2, person="p")),
    ]
    state = folded(REDUCER, *rows)
    found = lot_balance(state, Ways(PLANT), "L-1")
    assert (found.entered, found.good, found.sampled, found.in_process, found.unaccounted) == (100, 93, 7, 0, 0)
    assert not state.stations["line.bend"].reports
    assert not folded(PRODUCTION, *rows).stations["line.bend"].crew.counts


def test_a_word_that_the_counts_own_times_contradict_proves_nothing():
    rows = [
        changed(at(6, 58), "starved", station="line.pack"),
        counted(at(6, 55), at(7), 10, station="line.pack", times={"processing": 4 * MINUTE, "starved": MINUTE}),
        counted(at(7), at(7, 5), 0, station="line.pack", times={"starved": 5 * MINUTE}),
    ]
    quiet = folded(REDUCER, *rows).stations["line.pack"].quiet
    assert [(one.at_us, one.state, one.since_us) for one in quiet] == [(at(7, 5), "starved", at(7))]


def test_what_is_missing_in_a_shift_needs_attention():
    state, start_us = state_of(30, "line.pack", 8 * HOUR_US)
    asking = Asked(at_us=start_us + HOURS * HOUR_US, position=0, plant=PLANT, edition=1, kind="plant")
    rows = list(missing(state, asking))
    assert [(row.before, row.behind, row.unaccounted) for row in rows] == [("line.bend", "line.pack", 30)]
