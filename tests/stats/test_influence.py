"""Shares of variance against exact designs and printed examples."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from fabrika.stats.influence import delta_shares, regression_shares, split_known_and_believed, split_variance

CORNERS = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))


def test_a_linear_output_is_explained_exactly():
    # Var(3a + 2b + c) over the corners of a cube is 9 + 4 + 1.
    found = regression_shares(CORNERS, CORNERS @ [3.0, -2.0, 1.0] + 7.0)
    assert found.shares == pytest.approx([9 / 14, 4 / 14, 1 / 14])
    assert found.explained == pytest.approx(1.0)


def test_units_do_not_matter():
    found = regression_shares(CORNERS * [1e-6, 1.0, 1e5] + [3.0, 0.0, 1e6], CORNERS @ [3.0, -2.0, 1.0])
    assert found.shares == pytest.approx([9 / 14, 4 / 14, 1 / 14], rel=1e-6)


def test_interactions_stay_unexplained():
    # Var(a + b + ab) over the corners is 3, of which ab has 1.
    found = regression_shares(CORNERS, CORNERS[:, 0] + CORNERS[:, 1] + CORNERS[:, 0] * CORNERS[:, 1])
    assert found.shares == pytest.approx([1 / 3, 1 / 3, 0.0], abs=1e-12)
    assert found.explained == pytest.approx(2 / 3)


def test_the_ishigami_function_is_linear_to_nineteen_percent():
    # Ishigami & Homma (1990) with a = 7, b = 0.1. E[x sin x] = 1 on (-pi, pi), so SRC1^2 is
    # (1 + b pi^4/5)^2 / (pi^2/3) / V with V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2; the others are even or 0 on
    # average.
    axis = (np.arange(40) + 0.5) / 40 * 2.0 * np.pi - np.pi
    x = np.array(list(itertools.product(axis, repeat=3)))
    y = np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    variance = 49.0 / 8.0 + 0.1 * math.pi**4 / 5.0 + 0.01 * math.pi**8 / 18.0 + 0.5
    expected = (1.0 + 0.1 * math.pi**4 / 5.0) ** 2 / (math.pi**2 / 3.0) / variance
    found = regression_shares(x, y)
    assert found.shares == pytest.approx([expected, 0.0, 0.0], abs=2e-3)
    assert found.explained == pytest.approx(0.19, abs=5e-3)


def test_inputs_and_outputs_that_stand_still_explain_nothing():
    still = CORNERS.copy()
    still[:, 1] = 0.7
    assert regression_shares(still, CORNERS[:, 0]).shares == pytest.approx([1.0, 0.0, 0.0])
    assert regression_shares(CORNERS, np.full(8, 2.0)).explained == 0.0
    assert regression_shares(np.ones((8, 2)), CORNERS[:, 0]).explained == 0.0


def test_the_gum_s_end_gauge():
    # GUM (JCGM 100:2008) H.1: u_c^2 = 25^2 + 9.7^2 + 2.9^2 + 16.6^2 = 1002 nm^2, u_c = 32 nm.
    length_nm, temperature, expansion = 50.000623e6, -0.1, 11.5e-6
    gradient = [1.0, 1.0, -length_nm * temperature, -length_nm * expansion]
    deviations = [25.0, 9.7, 0.58e-6, 0.029]
    found = delta_shares(gradient, deviations)
    assert found.explained == pytest.approx(1.0)
    assert found.shares * 1002.0 == pytest.approx([25.0**2, 9.7**2, 2.9**2, 16.6**2], rel=0.01)


def test_luck_takes_its_share_of_the_delta_method():
    found = delta_shares([2.0, -1.0], [1.5, 4.0], luck_variance=25.0)
    assert found.shares == pytest.approx([9 / 50, 16 / 50])
    assert found.explained == pytest.approx(0.5)
    assert delta_shares([0.0], [3.0]).explained == 0.0


def test_the_dyestuff_data():
    # Davies (1947), yields of six batches, five each; variance components 1764.05 and 2451.25 (Box & Tiao 1973; REML).
    groups = [
        [1545, 1440, 1440, 1520, 1580],
        [1540, 1555, 1490, 1560, 1495],
        [1595, 1550, 1605, 1510, 1560],
        [1445, 1440, 1595, 1465, 1545],
        [1595, 1630, 1515, 1635, 1625],
        [1520, 1455, 1450, 1480, 1445],
    ]
    found = split_variance(groups)
    assert found.luck == pytest.approx(2451.25)
    assert found.ignorance == pytest.approx(1764.05, abs=0.005)
    assert found.total == pytest.approx(2451.25 + 1764.05, abs=0.005)


def test_ignorance_is_never_negative():
    assert split_variance([[0.0, 2.0], [2.0, 0.0]]) == (2.0, 0.0)
    assert split_known_and_believed([0.0, 2.0], [1.0, 1.0]) == (2.0, 0.0)


def test_two_samples_split_by_their_variances():
    found = split_known_and_believed([1.0, 3.0], [0.0, 4.0])
    assert found == (2.0, 6.0)
    assert found.total == 8.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: regression_shares([1.0, 2.0], [1.0, 2.0]),
        lambda: regression_shares(CORNERS, [1.0] * 7),
        lambda: regression_shares(CORNERS[:4], [1.0] * 4),
        lambda: regression_shares(CORNERS, [math.nan] * 8),
        lambda: regression_shares(CORNERS[:, [0, 1, 0]], CORNERS[:, 0]),
        lambda: delta_shares([1.0], [1.0, 2.0]),
        lambda: delta_shares([1.0], [-1.0]),
        lambda: delta_shares([math.inf], [1.0]),
        lambda: delta_shares([1.0], [1.0], luck_variance=-1.0),
        lambda: split_variance([[1.0], [2.0]]),
        lambda: split_variance([1.0, 2.0]),
        lambda: split_variance([[1.0, math.nan], [2.0, 3.0]]),
        lambda: split_known_and_believed([1.0], [1.0, 2.0]),
        lambda: split_known_and_believed([1.0, 2.0], [1.0, math.inf]),
    ],
)
def test_what_cannot_be_split_is_refused(call):
    with pytest.raises(ValueError, match=r"need|must|combinations"):
        call()
