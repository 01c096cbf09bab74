"""Board, attention and journal, as they follow from what was told."""

from __future__ import annotations

import msgspec
import pytest

from app.served import ADMIN, BOSS, LEAD, do, machine, new_folder, see, staffed, started
from fabrika.app.sitemap import COMMANDS, PAGES, page_at
from fabrika.errors import NotFoundError
from fabrika.events.production import ContainerFilled, LotOpened, OrderReleased
from fabrika.journal.note import Verifier
from fabrika.journal.proof_file import ProofFile
from fabrika.plant.acts import ACTS
from operations.told import MINUTE, at, changed, counted


@pytest.fixture
def service(tmp_path):
    service = staffed(started(new_folder(tmp_path)))
    yield service
    service.close()


def morning(service, until, *more, good=290):
    """The press tells every five minutes from 6 o'clock on."""
    pen = machine(service)
    pairs = [changed(at(6), "processing")]
    pairs += [counted(at_us, at_us + 5 * MINUTE, good) for at_us in range(at(6), until, 5 * MINUTE)]
    service.take([pen.write(event, at_us) for at_us, event in [*pairs, *more]])
    return pen


def attention(service, at_us, by=LEAD):
    return see(service, "/attention", by, at=str(at_us)).items


def kinds(service, at_us):
    return [(item.kind, item.priority) for item in attention(service, at_us) if item.kind != "witness"]


def test_the_board_shows_what_was_made_and_what_was_wanted(service):
    pairs = [counted(at(6) + n * 5 * MINUTE, at(6, 5) + n * 5 * MINUTE, 280, station="line.finish") for n in range(24)]
    opened = LotOpened(lot="l-1", order="o-1", product="a", line="line", edition=1)
    morning(service, at(8), *pairs, (at(6), opened))
    board = see(service, "/", at=str(at(8)))
    (line,) = board.lines
    assert (line.good_today, line.lot, line.product) == (24 * 280, "l-1", "a")
    # 6,000,000 a year over the open hours of 2026: 261 weekdays of 8 h.
    assert line.plan_today == pytest.approx(2 * 6_000_000 / (261 * 8), abs=1)
    assert line.plan_day == pytest.approx(6_000_000 / 261, abs=1)
    assert (board.shift, board.kind, board.coverage) == ("06:00 to 14:00", "plant", 1.0)
    assert [(tile.id, tile.state, tile.good) for tile in line.stations] == [
        ("line.press", "processing", 24 * 290),
        ("line.finish", "processing", 24 * 280),
    ]
    hours = see(service, "/lines/line", at=str(at(8))).hours
    assert [hour.good for hour in hours] == [None] * 6 + [12 * 280] * 2
    assert [hour.coverage for hour in hours] == [0.0] * 6 + [1.0] * 2
    assert hours[6].plan == pytest.approx(6_000_000 / (261 * 8))
    assert hours[0].plan == 0


def test_nothing_known_is_not_nought(service):
    (line,) = see(service, "/").lines
    assert line.good_today is None
    assert line.coverage == 0
    assert [(tile.good, tile.state, tile.silent, tile.calls) for tile in line.stations] == [
        (None, "unknown", True, False)
    ] * 2
    station = see(service, "/stations/line.press")
    assert (station.good_shift, station.scrapped_shift, station.coverage) == (None, None, 0)
    assert set(station.shift_times) == {"unknown"}
    assert kinds(service, at(7)) == []


def test_a_station_that_stands_is_called_for_by_age(service):
    morning(service, at(8), changed(at(7), "down", mode="jam"))
    assert kinds(service, at(7, 10)) == []
    assert kinds(service, at(7, 11)) == [("down", "medium")]
    assert kinds(service, at(7, 31)) == [("down", "high")]
    (item, _) = attention(service, at(7, 31))
    assert (item.subject, item.path, item.since_us) == ("line.press", "/stations/line.press", at(7))
    assert (item.sentence, item.remedy) == ("press stands: jam.", "Call fitters.")
    (stop,) = see(service, "/stations/line.press", at=str(at(7, 30))).stops[:1]
    assert (stop.from_us, stop.to_us, stop.mode, stop.coded_by) == (at(7), None, "jam", None)


def test_a_stop_that_was_coded_is_told_with_who_coded_it(service):
    morning(service, at(7), changed(at(6, 20), "down"), changed(at(6, 50), "processing"))
    form = {"station": "line.press", "from_us": at(6, 20), "to_us": at(6, 50), "mode": "drive", "remark": "belt"}
    done = do(service, "production.code_stop", LEAD, **form)
    stop = see(service, "/stations/line.press").stops[0]
    assert (stop.from_us, stop.to_us, stop.mode, stop.coded_by, stop.remark) == (
        at(6, 20),
        at(6, 50),
        "drive",
        LEAD,
        "belt",
    )
    do(service, "production.correct", LEAD, target=stop.key, reason="it was a jam")
    stop = see(service, "/stations/line.press").stops[0]
    assert (stop.mode, stop.coded_by) == (None, None)
    assert see(service, f"/journal/{done.positions[0]}").corrected_by == (service.size - 1,)


def test_silence_and_odd_counts_are_called_for(service):
    morning(service, at(7), counted(at(6, 2), at(6, 4), 5))
    assert kinds(service, at(7, 5)) == [("doubled", "medium")]
    assert kinds(service, at(7, 30)) == [("silent", "high"), ("doubled", "medium")]
    board = see(service, "/", at=str(at(7, 30)))
    assert [item.kind for item in board.attention[:2]] == ["silent", "doubled"]
    assert board.lines[0].stations[0].calls


def test_a_book_without_a_witness_asks_for_one(service):
    items = [item for item in attention(service, at(7)) if item.kind == "witness"]
    assert [(item.priority, item.sentence) for item in items] == [("low", "No witness has seen the book yet.")]


def test_a_witness_is_seen_and_a_proof_holds(service, tmp_path):
    from fabrika.app.witness_folder import WitnessFolder

    service.sign()
    folder = service.folder
    visitor = WitnessFolder(tmp_path / "stick", "commission.example/witness")
    kept = service._book.storage.last_checkpoint()
    own = next(key for key in folder.trusted() if key.name == folder.origin())
    note = visitor.visit(service._book.storage, kept[1], own)
    folder.trust(visitor.signer.verifier)
    service._book.storage.keep_checkpoint(kept[0], str(note))
    page = see(service, "/journal")
    assert [name for name, _ in page.cosigned] == ["commission.example/witness"]
    entry = see(service, "/journal/3")
    proof = ProofFile.parse(entry.proof)
    checkpoint, seen = proof.check(service._look.entry(3), own, [Verifier.parse(str(visitor.signer.verifier))])
    assert checkpoint.root.hex() == page.root
    assert set(seen) == {"commission.example/witness"}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"type": "production.station"}, [("production.station_changed", "plc-1")]),
        ({"source": "desk/"}, [("house.role_granted", "desk/p-1"), ("house.person_enrolled", "desk/p-1")] * 2),
        ({"subject": "line.press"}, [("production.station_changed", "plc-1"), ("production.units_counted", "plc-1")]),
        ({"person": "p-3"}, [("house.role_granted", "desk/p-1"), ("house.person_enrolled", "desk/p-1")]),
        ({"from": str(at(5)), "to": str(at(6, 2)), "type": "production."}, [("production.station_changed", "plc-1")]),
        ({"before": "1"}, [("house.book_opened", "journal")]),
    ],
)
def test_entries_are_found_by_what_they_say(service, query, wanted):
    pen = machine(service)
    pairs = [counted(at(6), at(6, 5), 3), changed(at(6, 1), "down")]
    service.take([pen.write(event, at_us) for at_us, event in pairs])
    page = see(service, "/journal", **query)
    assert [(row.type, row.source) for row in page.entries] == wanted
    assert page.filter == query


def test_many_entries_are_turned_page_by_page(service):
    morning(service, at(16))
    first = see(service, "/journal")
    assert len(first.entries) == 100
    second = see(service, "/journal", before=str(first.before))
    assert [row.position for row in second.entries] == list(range(first.before - 1, -1, -1))
    assert second.before is None


@pytest.mark.parametrize("path", ["/journal/99999", "/journal/x", "/journal/-1", "/plant/9", "/stations/line.oven"])
def test_a_name_that_stands_for_nothing_is_not_found(service, path):
    with pytest.raises(NotFoundError):
        see(service, path)


def test_every_page_is_plain_values_and_every_command_has_its_page():
    offered = {name for page in PAGES for name in page.commands}
    assert offered == {command.name for command in COMMANDS}
    assert {page.act for page in PAGES} | {command.act for command in COMMANDS} <= ACTS.keys()
    for group in (PAGES, COMMANDS):
        names = [item.name for item in group]
        assert len(names) == len(set(names))
    assert page_at("/stations/line.press")[1] == {"station": "line.press"}
    assert page_at("/") is not None
    assert page_at("/nowhere/at/all") is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_shown_of_a_plant_that_made_nothing_and_as_json(service, page):
    names = {"line": "line", "station": "line.press", "edition": "1", "position": "0", "lot": "l-1"} | {
        "order": "o-1",
        "document": "w",
        "revision": "1",
        "material_lot": "m-1",
        "container": "t-1",
    }
    pen = machine(service)
    ordered = OrderReleased(order="o-1", product="plant", line="line", quantity=5)
    opened = LotOpened(lot="l-1", order="o-1", product="plant", line="line", edition=1)
    filled = ContainerFilled(container="t-1", lot="l-1", station="line.press", units=4)
    service.take([pen.write(event, at(6)) for event in (ordered, opened, filled)])
    if "material_lot" in page.names:  # this plant names no location at which anything could be received
        with pytest.raises(NotFoundError, match="no material lot m-1"):
            service.see(page, LEAD, names)
        return
    if "document" in page.names:
        do(service, "personnel.grant", ADMIN, person=BOSS, role="vendor-engineer")
        do(service, "documents.draft", BOSS, document="w", kind="form", title="W", language="en", text="Write here.")
    context = service.see(page, ADMIN if page.act == "see_people" else LEAD, names).context
    assert msgspec.json.decode(msgspec.json.encode(context, enc_hook=str))["position"] >= 0
