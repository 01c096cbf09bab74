"""The reference plants are what their README says: valid, sourced, on their calendar, sized for their contract."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fabrika.plant.calendar import intervals_us
from fabrika.plant.flow import Flow
from fabrika.plant.parameters import parameter
from fabrika.plant.read import read_plant
from fabrika.twin.period import days, year
from fabrika.twin.replicate import layout, replicate

FOLDER = Path(__file__).resolve().parents[2] / "plants"
NAMES = ("cartridge-20m", "bearings-6m")
PROMISED = {"cartridge-20m": 20_000_000, "bearings-6m": 6_000_000}
HOUR_US = 3_600_000_000


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def plant(name):
    path = FOLDER / name / "plant.yaml"
    return read_plant(path.read_bytes(), str(path), ZoneInfo)


@pytest.fixture(scope="module")
def readme(name):
    return (FOLDER / name / "README.md").read_text(encoding="utf-8")


def test_every_fact_has_a_source_and_what_is_assumed_is_said(plant):
    assert plant.facts
    assert all(fact.source for fact in plant.facts)
    said = " ".join(item.text for item in plant.assumptions)
    for assumed in (
        "Every number",
        "confidence",
        "two shifts",
        "campaigns",
        "ramp-up",
        "costs",
        "late",
        "batches|lots",
    ):
        assert re.search(assumed, said, re.IGNORECASE), assumed


def test_contract_is_the_one_of_the_readme(name, plant, readme):
    assert plant.contract.units_per_year == PROMISED[name]
    assert f"{PROMISED[name]:,}" in readme
    assert plant.contract.date.year + 1 == 2026
    assert re.search(r"\bassum", readme)


def test_open_time_is_239_days_of_two_shifts(plant, readme):
    # By hand: 261 weekdays of 2026 - 12 holidays on weekdays - 10 days of shutdown = 239; 239 x 2 x 7.25 h = 3,465.5 h.
    span = year(plant)
    opened = intervals_us(plant.calendars[0], plant.zone, span.start_us, span.end_us)
    assert int((opened[:, 1] - opened[:, 0]).sum()) == 239 * 2 * 29 * HOUR_US // 4
    first, last = date(2026, 1, 1).toordinal(), date(2026, 12, 31).toordinal()
    weekdays = sum(date.fromordinal(day).weekday() < 5 for day in range(first, last + 1))
    holidays = [day for day in plant.calendars[0].holidays if day.year == 2026]
    assert (weekdays, len(holidays)) == (261, 12)
    assert all(day.weekday() < 5 for day in holidays)
    assert "3,465.5 h" in readme


def test_every_machine_is_cleaned_two_hours_at_the_end_of_five_days(plant):
    # Five days of 14.5 h are 72.5 h: 70.5 h of work, 2 h of cleaning.
    for line in plant.lines:
        for station in line.stations:
            if station.kind != "transport":
                (clean,) = station.stops
                assert (clean.every, clean.clock, clean.takes.mean) == (70.5 * 3600, "shift", 2 * 3600), station.id


def test_five_rounds_of_campaigns_are_the_contract(plant):
    flow = Flow(plant)
    rejected = plant.lines[-1].lots.rejected
    for line in plant.lines:
        if not line.sequence:
            continue
        # Along the way of the first station's units: what is kept of them, and how many make one piece.
        at, kept, per_piece = f"{line.id}.{line.stations[0].id}", 1.0, 1
        while True:
            kept *= 1 - flow.stations[at].scrap
            if not flow.takers[at]:
                break
            (taker,) = flow.takers[at]
            per_piece *= next(item.count for item in flow.stations[taker].inputs if item.source == at)
            at = taker
        started = 5 * sum(campaign.quantity for campaign in line.sequence)
        assert started / per_piece * kept * (1 - rejected) == pytest.approx(plant.contract.units_per_year, rel=0.003), (
            line.id
        )
        for campaign in line.sequence:
            share = campaign.quantity / sum(other.quantity for other in line.sequence)
            assert share == pytest.approx(plant.contract.mix[campaign.product], rel=0.03)


def test_levers_move_known_parameters_and_cost_something(plant):
    assert len(plant.levers) >= 6
    for lever in plant.levers:
        assert lever.low <= parameter(plant, lever.path).value <= lever.high
        assert lever.currency == "EUR"
        assert lever.cost > 0


def test_majors_are_repaired_by_the_shared_fitters(plant):
    modes = [mode for line in plant.lines for station in line.stations for mode in station.fails]
    assert {mode.crew for mode in modes if mode.id == "breakdown"} == {"fitters"}
    assert {(mode.repair.family, mode.repair.shape) for mode in modes} == {("lognormal", 1.0)}


def test_a_day_conserves_units(plant):
    # From an empty plant: what a station gave and its taker has not taken lies in the places between.
    monday = replace(days(plant, 1, date(2026, 2, 2)), warm_up_us=0)
    run, names = replicate(plant, monday, 20_260_202, 0), layout(plant)
    counts = dict(zip(names.stations, run.counts, strict=True))
    flow = Flow(plant)
    for at, station in flow.stations.items():
        entered, left, scrapped, surplus = (int(number) for number in counts[at])
        before = [int(counts[item.source][1]) for item in station.inputs]
        if station.kind == "transport":
            assert 0 <= before[0] - left <= station.capacity, at
            continue
        taken = sum(item.count for item in station.inputs) if station.kind == "assembly" else 1
        made = station.size if station.kind == "packing" else taken
        assert 0 <= entered - made * (left + scrapped) - surplus <= station.machines * max(station.size, taken), at
        if before:
            assert 0 <= sum(before) - entered <= sum(item.buffer for item in station.inputs), at
    pieces = dict(zip(names.stations, names.pieces, strict=True))
    (last,) = flow.exits
    assert int(run.good.sum() + run.rejected.sum()) == int(counts[last][1]) * pieces[last]
    assert run.good.sum() > 0
    assert np.all(
        run.state_ns.sum(axis=1) == np.array(names.machines) * run.window_ns * ~np.isin(names.kinds, "transport")
    )
