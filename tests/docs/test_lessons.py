"""The plants of the lessons make what the lessons work out on paper, and the commands shown there can be given."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import fabrika
from fabrika.app.library import PlantFile
from fabrika.errors import PlantFileError
from fabrika.faces.cli.app import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "docs" / "learn"
PLANTS = sorted((LESSONS / "plants").glob("*.yaml"))
MISTAKES = sorted((LESSONS / "plants" / "mistakes").glob("*.yaml"))
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def plant(number: int) -> PlantFile:
    (path,) = (LESSONS / "plants").glob(f"{number:02d}-*.yaml")
    return fabrika.read(path)


@pytest.mark.parametrize("path", PLANTS, ids=lambda path: path.stem)
def test_plant_of_a_lesson_is_good_and_shown(path):
    fabrika.read(path)
    assert [page for page in LESSONS.glob("*.md") if f"plants/{path.name}" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_mistake_of_a_lesson_is_one(path):
    with pytest.raises(PlantFileError) as told:
        fabrika.read(path)
    assert all(problem.remedy for problem in told.value.problems)


@pytest.mark.parametrize(
    ("number", "days", "per_hour"),
    [
        (1, 5, 3600 * 5 / 6),  # two exponential machines, 3 places: (b + 2) / (b + 3)
        (2, 5, 3600 * 10 / 11),  # the same with 8 places
        (3, 40, 720 * 90 / 101),  # two presses, one fitter: the machine repairman
        (4, 5, 3600 * 0.98 * 0.97),  # independent scrap at two stations
        (10, 1460, 36 * 400 / 410),  # renewal of power up and down
    ],
)
def test_plant_with_luck_makes_what_theory_says(number, days, per_hour):
    found = plant(number).simulate(days=days, replications=8).total.good_per_hour
    half = found.high - found.mean
    assert abs(found.mean - per_hour) < 2 * half  # twice the 95 % half-width: five such cases, one seed
    assert half < 0.02 * per_hour


@pytest.mark.parametrize(
    ("number", "days", "per_hour"),
    [
        (6, 1, 2400),  # four rounds of 6 h; each 14,400 units
        (7, 1, 3600),  # the slowest of what is joined
        (8, 1, 3000),  # 50 a minute
        (9, 0.1, 6480),  # 3600 + 2880
    ],
)
def test_plant_without_luck_makes_exactly_what_its_slowest_part_allows(number, days, per_hour):
    found = plant(number).simulate(days=days, replications=1).total.good.mean
    assert found == pytest.approx(per_hour * 24 * days, abs=50)  # one batch may be on either side of the end


def test_changeovers_take_a_sixth_of_the_time():
    (press,) = plant(6).simulate(days=1, replications=1).stations
    assert press.state_ns["setup"] * 6 == press.machine_ns


@pytest.mark.parametrize(
    ("days", "from_date", "units"), [(None, "2026-01-01", 5642 * 360), (1, "2026-03-29", 5220), (1, "2026-03-30", 5580)]
)
def test_shifts_are_counted_to_the_unit(days, from_date, units):
    assert plant(5).simulate(days=days, from_date=from_date, replications=1).good().sum() == units


@pytest.mark.parametrize(("number", "chance"), [(11, 0.789), (12, 0.671)])
def test_chance_of_the_contract_is_about_what_the_lesson_works_out(number, chance):
    proof = plant(number).prove(replications=20)
    assert proof.chance_met.low < chance < proof.chance_met.high
    spread = 2079 if number == 11 else math.hypot(2079, 3139)
    assert proof.output("first_year", "belief").sd == pytest.approx(spread, rel=0.45)


def test_one_percent_of_the_only_cycle_is_one_percent_of_the_year():
    (row,) = [row for row in plant(11).prove(replications=4).gradient if row.parameter == "line.press.cycle"]
    assert row.units_per_percent.mean == pytest.approx(-0.01 * 315_360 * 400 / 410, rel=0.05)


COMMAND = re.compile(r"^\./fabrika (.+?)(?: {2,}#.*)?$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_commands_shown_exist_and_name_files_that_exist(page):
    for line in COMMAND.findall(page.read_text(encoding="utf-8")):
        words = line.split()
        assert words[0] in {"test", "bench", "mutate", "python", *COMMANDS}, line
        for word in words[1:]:
            if "/" in word and not word.startswith("--"):
                assert (ROOT / word).exists(), line
