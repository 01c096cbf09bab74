from __future__ import annotations

from datetime import UTC

import pytest

from fabrika.plant.model import Distribution, Line, Plant, Product, Station
from fabrika.twin import kpi
from fabrika.twin.results import COUNTS, STATES

HOUR = 3_600_000_000_000


def totals(hours, counts, failures=0, run_time_s=None):
    state_ns = tuple(int(hours.get(state, 0) * HOUR) for state in STATES)
    return kpi.Totals(state_ns, tuple(counts.get(count, 0) for count in COUNTS), failures, run_time_s)


def test_a_shift_by_hand():
    # 168 h: 48 closed, 8 planned stops, so PBT 112. 80 h production at 6 s an item would be 48,000; 45,000 were made.
    hours = {
        "off_shift": 48,
        "planned": 8,
        "processing": 80,
        "setup": 4,
        "blocked": 6,
        "starved": 10,
        "down": 9,
        "waiting": 3,
    }
    figures = kpi.key_figures(totals(hours, {"left": 44_100, "scrapped": 900}, failures=20, run_time_s=6.0))
    assert figures == {
        "availability": pytest.approx(80 / 112),
        "effectiveness": pytest.approx(75 / 80),
        "quality_ratio": pytest.approx(0.98),
        "overall_equipment_effectiveness_index": pytest.approx(80 / 112 * 75 / 80 * 0.98),
        "net_equipment_effectiveness_index": pytest.approx(84 / 112 * 75 / 80 * 0.98),
        "allocation_efficiency": pytest.approx(100 / 112),
        "utilization_efficiency": pytest.approx(0.8),
        "technical_efficiency": pytest.approx(80 / 96),
        "setup_ratio": pytest.approx(4 / 84),
        "scrap_ratio": pytest.approx(0.02),
        "corrective_maintenance_ratio": pytest.approx(9 / 17),
        "mean_operating_time_between_failures_h": pytest.approx(4.0),
        "mean_time_to_repair_h": pytest.approx(0.6),
    }


def test_the_other_reading_of_mtbf_is_a_setting():
    figures = kpi.key_figures(totals({"processing": 80, "down": 12}, {}, failures=19), "per failure plus one")
    assert figures["mean_operating_time_between_failures_h"] == pytest.approx(4.0)
    assert figures["mean_time_to_repair_h"] == pytest.approx(0.6)


def test_a_station_that_stood_still_has_no_figures_rather_than_zeros():
    figures = kpi.key_figures(totals({"off_shift": 168}, {}))
    assert set(figures.values()) == {None}


def test_effectiveness_above_one_is_shown_not_cut():
    figures = kpi.key_figures(totals({"processing": 1}, {"left": 720}, run_time_s=6.0))
    assert figures["effectiveness"] == pytest.approx(1.2)


def plant(station, products=()):
    return Plant("p", "p", UTC, "UTC", (Line("line", (station,)),), products=products)


def test_planned_run_time_is_the_mean_over_the_products_made():
    station = Station(
        "s", "machine", cycle=Distribution("gamma", 2.0, 0.3), cycle_of={"c": Distribution("constant", 5.0)}
    )
    products = (Product("a"), Product("b", cycle_factor=1.5), Product("c"), Product("d", route=("line.other",)))
    share = {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}
    assert kpi.planned_run_time_s(plant(station, products), "line", station, share) == pytest.approx(0.8 + 0.9 + 1.0)


def test_planned_run_time_of_a_batch_is_by_unit_and_of_a_transport_nothing():
    batch = Station("s", "batch", cycle=Distribution("constant", 22.0), size=50)
    assert kpi.planned_run_time_s(plant(batch), "line", batch, {}) == pytest.approx(0.44)
    belt = Station("s", "transport", time=30.0, capacity=5)
    assert kpi.planned_run_time_s(plant(belt), "line", belt, {}) is None
