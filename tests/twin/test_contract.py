from __future__ import annotations

from datetime import UTC

import numpy as np
import pytest

from fabrika.plant.model import Contract, Line, Plant
from fabrika.twin import contract
from fabrika.twin.results import Layout, Replication

HOUR = 3_600_000_000_000
LAYOUT = Layout(
    stations=("line.s",),
    kinds=("machine",),
    machines=(1,),
    pieces=(1,),
    exits=(0,),
    products=("a", "b"),
    modes=(),
    mode_station=(),
    buffers=(),
    capacities=(),
    interruptions=("power", "late"),
)


def run(good, interruption_h=(0.0, 0.0)):
    empty = np.zeros((1, 9), dtype=np.int64)
    return Replication(
        seed=1,
        number=0,
        window_ns=8760 * HOUR,
        good=np.array(good),
        rejected=np.zeros(2, dtype=np.int64),
        good_by_day=np.array(good)[:, None],
        state_ns=empty,
        counts=np.zeros((1, 4), dtype=np.int64),
        stops=np.zeros(0, dtype=np.int64),
        stop_ns=np.zeros(0, dtype=np.int64),
        level=np.zeros(0),
        interruption_ns=np.array([[2 * h * HOUR, h * HOUR] for h in interruption_h], dtype=np.int64),
        open_ns=np.zeros(1, dtype=np.int64),
        factors={},
        operations=0,
        weekly_state_ns=empty[None],
    )


def bars(**stated):
    plant = Plant(
        "p", "p", UTC, "UTC", (Line("line", ()),), contract=Contract(1000.0, mix={"b": 0.25, "a": 0.75}, **stated)
    )
    return contract.promise(plant, LAYOUT, 4000 * HOUR)


def test_no_contract_is_no_promise():
    assert contract.promise(Plant("p", "p", UTC, "UTC", ()), LAYOUT, 1) is None


def test_met_means_the_total_and_each_product():
    made = bars(tolerance=0.02, mix_tolerance=0.1)
    assert made.ids == ("total", "a", "b")
    assert made.promised == (1000.0, 750.0, 250.0)
    assert made.needed == pytest.approx((980.0, 675.0, 225.0))
    assert contract.margin(made, run([800, 250]), "contractual") == pytest.approx(1050 / 980 - 1)
    assert contract.margin(made, run([880, 216]), "contractual") == pytest.approx(216 / 225 - 1)
    assert contract.margin(made, run([755, 225]), "contractual") == pytest.approx(0.0)
    assert contract.margin(made, run([754, 225]), "contractual") < 0


def test_excluded_time_is_credited_at_the_pace_of_the_rest():
    made = bars(excluded=("power",))
    # 80 of 4,000 contractual hours were lost to power; 980 units in 3,920 h are 1,000 in 4,000 h.
    year = run([740, 240], (80.0, 500.0))
    assert contract.units(made, year, "contractual") == pytest.approx(1000.0)
    assert contract.units(made, year, "working") == 980.0
    assert contract.criterion_units(made, year, "contractual") == pytest.approx([1000.0, 740 / 0.98, 240 / 0.98])


def test_the_credit_never_more_than_doubles():
    assert contract.credit(bars(excluded=("power",)), run([1, 1], (3999.0, 0.0))) == 2.0


def test_margins_come_in_order():
    made = bars()
    assert contract.margins(made, [run([750, 250]), run([600, 300])]) == pytest.approx([0.0, -0.2])


def test_the_basis_is_told():
    plant = Plant("p", "p", UTC, "UTC", (), contract=Contract(1.0, calendar="day", excluded=("power",)))
    assert "calendar day" in contract.basis_text(plant)
    assert "power" in contract.basis_text(plant)
    assert "No contract" in contract.basis_text(Plant("p", "p", UTC, "UTC", ()))
