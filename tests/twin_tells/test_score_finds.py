"""Books in which one unit, one second or one boundary is false, written through the service: the score names what is not so."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService
from fabrika.app.twin_book import begun, tell
from fabrika.app.twin_floor import Everybody
from fabrika.app.twin_starts import SERVER
from fabrika.events.production import StationChanged, UnitsCounted
from fabrika.faces.cli.app import call
from fabrika.twin.pens import Pens
from fabrika.twin.tell_on import told

HOUR_US, SECOND_US = 3_600_000_000, 1_000_000
BEGUN_H, ENDS_H = 3, 14


@pytest.fixture
def plant(request):
    return request.config.rootpath / "plants" / "teaching" / "calendar-and-campaigns.yaml"


def go_on(folder, falsify):
    """Tell on in a book as the live twin does, each message as ``falsify`` gives it back."""
    first = begun(folder)
    pens = Pens(first.plant.id, first.seed, first.heads)
    service = PlantService.opened(folder, now_us=lambda: first.begin_us + 100 * HOUR_US)
    try:
        for upto, said in told(first.plant, first.seed, first.begin_us, 1, Everybody):
            written = [
                message
                for one in said
                if one.source != SERVER and (message := pens.write(falsify(one) if late(one, first) else one))
            ]
            if written:
                service.take(written)
            if upto > first.begin_us + ENDS_H * HOUR_US:
                return
    finally:
        service.close()


def late(one, first):
    """Whether something is told behind what the book begins with."""
    return one.at_us > first.begin_us + (BEGUN_H + 1) * HOUR_US


def scored(plant, folder, capsys):
    code = call(["score", str(plant), "--data", str(folder.folder), "--json"])
    out, err = capsys.readouterr()
    assert not err.startswith("fabrika:"), err
    return code, json.loads(out)


def book(plant, tmp_path, falsify):
    folder = BookFolder(tmp_path / "data")
    tell(plant, folder, BEGUN_H / 24, 5)
    go_on(folder, falsify)
    return folder


class Once:
    """Changes the first of what it is meant for, and keeps what it changed."""

    def __init__(self, change):
        self.change, self.changed = change, None

    def __call__(self, said):
        if self.changed is None and (found := self.change(said)) is not None:
            self.changed = said
            return found
        return said


def test_what_was_told_truly_is_sound(plant, tmp_path, capsys):
    code, found = scored(plant, book(plant, tmp_path, lambda said: said), capsys)
    assert code == 0
    assert found["sound"]
    assert found["to_us"] - found["from_us"] >= (ENDS_H - 1) * HOUR_US


def test_one_unit_too_many_is_found(plant, tmp_path, capsys):
    def one_more(said):
        event = said.event
        if isinstance(event, UnitsCounted) and event.good > 1 and event.lot is not None:
            return said._replace(event=structs.replace(event, good=event.good + 1))
        return None

    falsify = Once(one_more)
    code, found = scored(plant, book(plant, tmp_path, falsify), capsys)
    event = falsify.changed.event
    assert code == 1
    assert not found["sound"]
    (row,) = (row for row in found["stations"] if not all(part["exact"] for part in row["units"]))
    assert row["station"] == event.station
    (good,) = (part for part in row["units"] if part["figure"] == "good")
    assert good["told"] - good["true"] == 1
    (lot,) = (lot for lot in found["balance"]["lots"] if not lot["exact"])
    assert (lot["lot"], lot["good_told"] - lot["good_true"]) == (event.lot, 1)


def test_a_stop_that_began_a_second_later_is_found(plant, tmp_path, capsys):
    def a_second_later(said):
        event = said.event
        if isinstance(event, StationChanged) and said.actor is None and event.state in {"setup", "down", "planned"}:
            return said._replace(at_us=said.at_us + SECOND_US)
        return None

    falsify = Once(a_second_later)
    code, found = scored(plant, book(plant, tmp_path, falsify), capsys)
    event = falsify.changed.event
    assert code == 1
    assert found["exact"] == found["of"], "no unit and no time of the counts is false"
    (row,) = (row for row in found["downtime"] if not row["exact"])
    assert (row["station"], row["cause"]) == (event.station, event.mode or event.state)
    assert row["true_us"] - row["told_us"] == SECOND_US


def test_a_boundary_that_lies_one_unit_later_is_found(plant, tmp_path, capsys):
    """The last unit of a lot is counted as the first of the next: all sums are as they were."""
    moved = []

    def a_unit_on(said):
        event = said.event
        if not isinstance(event, UnitsCounted) or event.lot is None:
            return said
        if not moved and event.good > 1 and event.entered > 1:
            moved[:] = [event.station, event.lot]
            return said._replace(event=structs.replace(event, entered=event.entered - 1, good=event.good - 1))
        if len(moved) == 2 and moved[0] == event.station and moved[1] != event.lot:
            moved.append(event.lot)
            return said._replace(event=structs.replace(event, entered=event.entered + 1, good=event.good + 1))
        return said

    code, found = scored(plant, book(plant, tmp_path, a_unit_on), capsys)
    station, before, behind = moved
    assert code == 1
    assert found["exact"] == found["of"], "every station has its units"
    wrong = {lot["lot"]: lot["good_told"] - lot["good_true"] for lot in found["balance"]["lots"] if not lot["exact"]}
    assert wrong == {before: -1, behind: 1}, station
