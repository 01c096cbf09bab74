"""The whole way from a file to an answer, on plants whose answer is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

import fabrika

SMALLEST = """\
fabrika: 1
plant: {name: two machines, warm_up: 1 d}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: exponential(1 s)}
      - {id: b, kind: machine, cycle: exponential(1 s), buffer: 3}
"""

LOTS = """\
fabrika: 1
plant: {{name: lots by chance alone, warm_up: 120.5 h}}
contract: {{units_per_year: {needed}, confidence: 90 %}}
lines:
  - id: line
    lots: {{size: 120, rejected: 10 %}}
    stations:
      - {{id: a, kind: machine, cycle: 1 h}}
"""

PACED = """\
fabrika: 1
plant: {name: one constant machine, warm_up: 2 h}
contract: {units_per_year: 8800, confidence: 90 %}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: 1 h, scrap: 5 %}
      - {id: b, kind: machine, cycle: 0.5 h, buffer: 10}
levers:
  - {id: faster, change: line.a.cycle, to: 0.8 h, cost: 1000 EUR}
"""


@pytest.fixture
def plant(tmp_path):
    def read(text):
        path = tmp_path / "plant.yaml"
        path.write_text(text)
        return fabrika.read(path)

    return read


def test_the_smallest_plant_gives_the_closed_form(plant):
    # Two exponential machines of equal rate with b places between: (b + 2)/(b + 3) of it (Hunt 1956).
    result = plant(SMALLEST).simulate(days=60, replications=5, workers=1)
    assert result.total.good_per_hour.mean == pytest.approx(3000, rel=0.002)
    assert result.total.good_per_hour.low < 3000 < result.total.good_per_hour.high
    rows = {row.id: row.fractions for row in result.stations}
    assert rows["line.a"]["processing"] == pytest.approx(5 / 6, rel=0.003)
    assert rows["line.a"]["blocked"] == pytest.approx(1 / 6, rel=0.02)
    assert rows["line.b"]["starved"] == pytest.approx(1 / 6, rel=0.02)


def test_units_end_the_run_where_they_should(plant):
    result = plant(SMALLEST).simulate(units=20_000, replications=1, workers=1)
    assert 20_000 <= result.total.good.mean <= 20_020
    assert result.total.good_per_hour.low < 3000 < result.total.good_per_hour.high


def test_output_that_is_chance_of_lots_alone_is_binomial(plant):
    # 8,760 pieces are 73 lots of 120, each rejected with 10 %: the contract is met with at most 7 rejected.
    years = 1000
    model = plant(LOTS.format(needed=8760 - 7 * 120 - 60))
    exact = binom.cdf(7, 73, 0.1)
    result = model.prove(replications=years, workers=1)
    sample = np.array(result.output("first_year", "luck").sample)
    assert set(np.unique(sample % 120)) <= {0}
    rejected = (8760 - sample) / 120
    assert rejected.mean() == pytest.approx(7.3, abs=4 * np.sqrt(73 * 0.09 / years))
    assert rejected.var() == pytest.approx(73 * 0.09, rel=0.2)
    met = int((sample >= 8760 - 7 * 120 - 60).sum())
    assert result.chance_met.mean == pytest.approx(met / years)
    assert binomtest(met, years, exact).pvalue > 1e-4


def test_the_gradient_and_the_way_of_a_constant_machine(plant):
    # 8,760 h at 1 h and 5 % of scrap: 8,322 good; 8,800 need 1 h / 1.0574 = 0.9457 h.
    result = plant(PACED).prove(replications=12, workers=1)
    assert result.units_per_year.mean == pytest.approx(8322, rel=0.005)
    rows = {row.parameter: row for row in result.gradient}
    assert rows["line.a.cycle"].units_per_percent.mean == pytest.approx(-83.2, rel=0.05)
    assert rows["line.b.cycle"].units.mean == pytest.approx(0, abs=1)
    assert rows["line.a.machines"].units.mean == pytest.approx(8322, rel=0.05)
    assert result.constraint == "line.a"
    (way,) = result.ways.found
    assert way.reaches
    value = float(way.changes[0].value_to.split()[0]) * (1 / 60 if "min" in way.changes[0].value_to else 1)
    assert 0.93 < value < 0.947
    assert way.cost == pytest.approx((1 - value) / 0.2 * 1000, rel=0.01)


def test_workers_change_no_figure(plant):
    model = plant(SMALLEST)
    one = model.simulate(days=3, replications=6, workers=1)
    assert one.hash() == model.simulate(days=3, replications=6, workers=2).hash()
