"""Tables against the exact quantile, against the moments of the law, and compiled against uncompiled."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest

from fabrika.stats.quantile_table import BINADES, PER_BINADE, SEGMENTS, build_table, compiled_tables, evaluate
from fabrika.stats.quantiles import law, quantile

MODERATE = [
    ("exponential", 0.0),
    ("gamma", 0.02),
    ("gamma", 0.5),
    ("gamma", 2.0),
    ("lognormal", 0.3),
    ("lognormal", 4.0),
    ("weibull", 0.5),
    ("weibull", 5.0),
    ("erlang", 7.0),
]
EXTREME = [("gamma", 7.0), ("weibull", 0.1), ("lognormal", 30.0)]


@pytest.fixture(scope="module")
def compiled():
    functions = compiled_tables(numba.njit)
    exact, look_up = functions["unit_quantile"], functions["evaluate"]

    @numba.njit
    def errors(table, code, first, second, probabilities):
        relative, to_mean = 0.0, 0.0
        for u in probabilities:
            truth = exact(code, first, second, u, False) if u < 0.5 else exact(code, first, second, 1.0 - u, True)
            error = abs(look_up(table, u) - truth)
            to_mean = max(to_mean, error / max(truth, 1.0))
            if truth > 1e-290:
                relative = max(relative, error / truth)
        return relative, to_mean

    return {**functions, "errors": errors}


@pytest.fixture(scope="module")
def probabilities():
    rng = np.random.default_rng(11)
    tails = 2.0 ** rng.uniform(-53.0, -1.0, 40_000)
    u = np.concatenate([tails, 1.0 - tails, rng.uniform(size=20_000)])
    return u[u < 1.0]


@pytest.mark.parametrize(("family", "shape"), MODERATE)
def test_a_hundred_thousand_points_within_1e_minus_8(family, shape, compiled, probabilities):
    table = build_table(family, shape, fill=compiled["fill_table"])
    relative, _ = compiled["errors"](table, *law(family, shape), probabilities)
    assert relative < 1e-8


@pytest.mark.parametrize(("family", "shape"), EXTREME)
def test_extreme_laws_within_1e_minus_7_of_mean_or_value(family, shape, compiled, probabilities):
    table = build_table(family, shape, fill=compiled["fill_table"])
    _, to_mean = compiled["errors"](table, *law(family, shape), probabilities)
    assert to_mean < 1e-7


def _moments(table):
    """Mean and mean square of the piecewise cubic, exactly: Gauss-Legendre with 4 points per segment."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    t = 0.5 * (nodes + 1.0)
    values = table[:, :1] + t * (table[:, 1:2] + t * (table[:, 2:3] + t * table[:, 3:]))
    widths = np.repeat(2.0 ** -(np.arange(BINADES) + 2.0), PER_BINADE) / PER_BINADE
    width = np.concatenate([widths, widths])
    return float(width @ (values @ weights)) / 2.0, float(width @ (values**2 @ weights)) / 2.0


@pytest.mark.parametrize(
    ("family", "shape", "variance"),
    [
        ("exponential", 0.0, 1.0),
        ("gamma", 0.02, 0.02**2),
        ("gamma", 0.5, 0.25),
        ("gamma", 2.0, 4.0),
        ("lognormal", 0.3, 0.09),
        ("lognormal", 1.0, 1.0),
        ("erlang", 7.0, 1.0 / 7.0),
        ("weibull", 0.5, 5.0),  # Gamma(5)/Gamma(3)^2 - 1 = 24/4 - 1
        ("weibull", 2.0, 4.0 / math.pi - 1.0),  # Gamma(2)/Gamma(3/2)^2 - 1
    ],
)
def test_mean_and_variance_are_those_of_the_law(family, shape, variance, compiled):
    mean, square = _moments(build_table(family, shape, fill=compiled["fill_table"]))
    assert mean == pytest.approx(1.0, abs=1e-9)
    assert square - mean * mean == pytest.approx(variance, rel=1e-7, abs=1e-11)


@pytest.mark.parametrize(
    ("family", "shape"), [("exponential", 0.0), ("gamma", 0.5), ("lognormal", 1.0), ("weibull", 2.0)]
)
def test_compiled_gives_the_same_bits(family, shape, compiled, probabilities):
    table = build_table(family, shape)
    assert table.shape == (SEGMENTS, 4)
    assert (table == build_table(family, shape, fill=compiled["fill_table"])).all()
    some = probabilities[::33].tolist()
    assert [evaluate(table, u) for u in some] == [compiled["evaluate"](table, u) for u in some]


def test_the_ends_and_the_middle():
    table = build_table("exponential")
    assert evaluate(table, 0.5) == pytest.approx(math.log(2.0), rel=1e-8)
    assert evaluate(table, 0.0) == evaluate(table, 2.0**-53) == pytest.approx(2.0**-53, rel=1e-8)
    assert evaluate(table, 1.0) == evaluate(table, 1.0 - 2.0**-53) == pytest.approx(53.0 * math.log(2.0), rel=1e-8)


def test_every_segment_starts_where_the_formula_says():
    # The identity is its own quantile: a table of u itself must give u back, segment by segment.
    width = np.repeat(2.0 ** -(np.arange(BINADES) + 2.0), PER_BINADE) / PER_BINADE
    start = (32.0 + np.tile(np.arange(PER_BINADE), BINADES)) * width
    table = np.zeros((SEGMENTS, 4))
    table[:1664, 0], table[:1664, 1] = start, width
    table[1664:, 0], table[1664:, 1] = 1.0 - start, -width
    rng = np.random.default_rng(2)
    drawn = (rng.integers(0, 2**52, 2000) + 0.5) * 2.0**-52
    for u in [*drawn.tolist(), *start.tolist(), *(1.0 - start[:600]).tolist()]:
        if u != 0.5:
            assert evaluate(table, u) == pytest.approx(u, rel=1e-15)


def test_a_draw_of_52_bits_never_meets_an_end():
    least, greatest = 0.5 * 2.0**-52, (2.0**52 - 0.5) * 2.0**-52
    assert least > 0.0
    assert greatest < 1.0
    assert 1.0 - greatest == least


@pytest.mark.parametrize(("family", "shape"), [*MODERATE, *EXTREME])
def test_no_value_is_negative_or_falls_noticeably(family, shape, compiled, probabilities):
    table = build_table(family, shape, fill=compiled["fill_table"])
    values = np.array([compiled["evaluate"](table, u) for u in np.sort(probabilities)[::7].tolist()])
    assert (values >= 0.0).all()
    assert (np.diff(values) >= -1e-8 * np.maximum(values[1:], 1.0)).all()


def test_an_unknown_law_is_refused():
    with pytest.raises(ValueError, match="unknown family"):
        build_table("cauchy")


def test_table_and_quantile_agree_where_both_are_public():
    table = build_table("erlang", 3)
    for u in (1e-12, 0.02, 0.499999, 0.500001, 0.97, 1.0 - 1e-12):
        assert evaluate(table, u) == pytest.approx(quantile("erlang", 3, u), rel=1e-8)
