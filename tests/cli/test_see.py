"""``fabrika see``: pages of a plant on the terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.served import machine, new_folder, staffed, started
from fabrika.app.book_folder import BookFolder
from fabrika.events.production import LotOpened
from fabrika.faces.cli.app import call
from operations.told import MINUTE, at, changed, counted


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setitem(os.environ, "COLUMNS", "240")


@pytest.fixture
def data(tmp_path):
    folder = new_folder(tmp_path)
    service = staffed(started(folder))
    pen = machine(service)
    pairs = [changed(at(6), "processing"), changed(at(6, 40), "down", mode="jam")]
    pairs += [counted(at_us, at_us + 5 * MINUTE, 290, scrapped=2) for at_us in range(at(6), at(7), 5 * MINUTE)]
    service.take([pen.write(event, at_us) for at_us, event in pairs])
    service.close()
    return str(folder.folder)


def seen(capsys, *words) -> str:
    assert call(["see", *words]) == 0
    return capsys.readouterr().out


def test_a_station_is_shown_with_its_shift(data, capsys):
    out = seen(capsys, "/stations/line.press", "--data", data, "--at", "2026-03-02T07:00")
    assert "state: down" in out
    assert "good_shift: 3480" in out
    assert "since_us: 2026-03-02 06:40:00" in out
    assert "shift_times: processing 0:40:00, down 0:20:00" in out
    assert "jam" in out


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "plant_name: a contract on one line"),
        ("/attention", "No witness has seen the book yet."),
        ("/people", "administrator"),
        ("/journal?type=house.book", "house.book_opened"),
        ("/journal/0", '"kind": "plant"'),
        ("/plant/1", "fabrika: 1"),
        ("/lines/line", "hours"),
    ],
)
def test_every_page_is_shown(data, capsys, path, expected):
    assert expected in seen(capsys, path, "--data", data, "--at", "2026-03-02T07:00")


def test_what_a_page_holds_whole_is_shown_in_lines_of_its_own(data, capsys):
    service = started(BookFolder(Path(data)))
    event = LotOpened(lot="l-1", order="o-1", product="plant", line="line", edition=1)
    service.take([machine(service, "desk-1").write(event, at(6))])
    service.close()
    out = seen(capsys, "/lots/l-1", "--data", data)
    assert "\norder: o-1\n" in out
    assert "\nopened_us: 2026-03-02 06:00:00\n" in out
    assert "LotRow" not in out


def test_unknown_is_shown_as_a_dash_and_not_as_nought(data, capsys):
    assert "good_shift: -" in seen(capsys, "/stations/line.finish", "--data", data, "--at", "2026-03-02T07:00")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["/nowhere"], "There is no page"),
        (["/stations/line.oven"], "no station"),
        (["/", "--at", "soon"], "no instant"),
    ],
)
def test_what_is_not_there_is_refused(data, capsys, words, said):
    assert call(["see", *words, "--data", data]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "->" in err


def test_a_folder_without_a_book_is_refused(tmp_path, capsys):
    assert call(["see", "/", "--data", str(tmp_path)]) == 2
    assert "no journal" in capsys.readouterr().err
