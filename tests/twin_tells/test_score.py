"""What the rooms know of a told period is what happened; and where somebody took a count away, the score says so."""

from __future__ import annotations

import json

import pytest

from app.served import ADMIN, do
from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService
from fabrika.app.twin_book import tell
from fabrika.events.production import UnitsCounted
from fabrika.faces.cli.app import call
from fabrika.journal.entries import checked_fact


@pytest.fixture(scope="module")
def plants(request):
    return request.config.rootpath / "plants" / "teaching"


def scored(capsys, *words):
    code = call(["score", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    "name", ["calendar-and-campaigns", "parallel-and-crew", "batch-and-packing", "assembly", "merge-split-store"]
)
def test_what_is_known_is_what_happened(name, plants, tmp_path, capsys):
    plant = plants / f"{name}.yaml"
    tell(plant, BookFolder(tmp_path / "data"), 1, 5)
    code, out, err = scored(capsys, plant, "--data", tmp_path / "data", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["exact"] == found["of"] == len(found["stations"])
    assert found["to_us"] - found["from_us"] == 24 * 3_600_000_000
    made = [row for row in found["stations"] if row["oee_true"] is not None]
    assert made
    for row in made:
        assert row["oee_told"] == pytest.approx(row["oee_true"], abs=1e-9)
        assert sum(part["true"] for part in row["times"]) == pytest.approx(24 * 3_600_000_000)
    assert sum(part["told"] for row in made for part in row["units"] if part["figure"] == "good") > 0
    check_ranges(found)
    code, out, _ = scored(capsys, plant, "--data", tmp_path / "data")
    assert code == 0
    assert "All is as it must be." in out
    assert f"{found['of']} of {found['of']} stations are exactly as the twin had them" in out


def check_ranges(found):
    """The truth is in everything that is a range, and something was asked."""
    assert found["sound"]
    assert all(row["exact"] for row in found["downtime"])
    assert all(row["exact"] and row["inside"] for row in found["balance"]["lots"])
    assert all(row["inside"] and row["told"] == row["true"] for row in found["balance"]["passages"])
    trace = found["trace"]
    assert trace["back"]["units"]
    assert trace["ahead"]["units"]
    assert trace["back"]["stations"]
    for row in (trace["back"], trace["ahead"]):
        assert row["inside"] == row["stations"]
        assert 1 <= row["widths"]["median"] <= row["widths"]["most_of_95"] <= row["widths"]["greatest"]
        assert 0 <= row["widths"]["ones"] <= 1
    assert trace["lots_asked"] <= trace["lots"]
    assert trace["beside_inside"] == trace["beside"]
    assert found["recall"]["inside"] == found["recall"]["units"]
    assert trace["misses"] == []


def test_a_count_that_somebody_took_away_is_missing_from_the_score(plants, tmp_path, capsys):
    plant, folder = plants / "two-machines.yaml", BookFolder(tmp_path / "data")
    tell(plant, folder, 0.2, 5)
    service = PlantService.opened(folder)
    reader = folder.reader()
    facts = [checked_fact(position, data) for position, data in enumerate(reader.read())]
    reader.close()
    counted = next(fact for fact in facts if isinstance(fact.event, UnitsCounted) and fact.event.good)
    service.first(ADMIN)
    do(service, "personnel.grant", ADMIN, person=ADMIN, role="shift-lead")
    do(service, "production.correct", ADMIN, target=str(counted.key), reason="It was told twice.")
    service.close()
    code, out, _ = scored(capsys, plant, "--data", tmp_path / "data", "--json")
    assert code == 1
    (row,) = (row for row in json.loads(out)["stations"] if row["station"] == counted.event.station)
    (good,) = (part for part in row["units"] if part["figure"] == "good")
    assert good["true"] - good["told"] == counted.event.good
    assert not good["exact"]


def test_what_cannot_be_scored_is_refused_with_a_way_on(plants, tmp_path, capsys):
    plant, folder = plants / "two-machines.yaml", tmp_path / "data"
    code, _, err = scored(capsys, plant, "--data", folder)
    assert code == 2
    assert "->" in err
    tell(plant, BookFolder(folder), 0.05, 5)
    code, _, err = scored(capsys, plants / "assembly.yaml", "--data", folder)
    assert code == 2
    assert "another plant file" in err
