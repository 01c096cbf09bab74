from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from fabrika.twin.chance import COUNTED, EXACT, FITTED, chance, likely, paired_chance

LEVEL = 0.95


def normal_scores(n):
    """A sample of exactly mean 0 and standard deviation 1 (n - 1 in the denominator)."""
    scores = norm.ppf((np.arange(n) + 0.5) / n)
    return (scores - scores.mean()) / scores.std(ddof=1)


def test_a_few_years_are_fitted():
    found, method = chance(1.6448536269514722 + normal_scores(30), LEVEL)
    assert method == FITTED
    assert found.mean == pytest.approx(0.95, abs=1e-9)
    assert found.low < 0.95 < found.high


def test_many_years_are_counted():
    margins = np.where(np.arange(400) < 300, 0.01, -0.02)
    found, method = chance(margins, LEVEL)
    interval = binomtest(300, 400).proportion_ci(LEVEL, method="wilson")
    assert method == COUNTED
    assert (found.mean, found.low, found.high) == pytest.approx((0.75, interval.low, interval.high))


def test_a_margin_that_is_no_normal_law_is_counted_exactly():
    # One year in twenty loses everything: the fitted law would give 0.63 to what 19 of 20 years met.
    margins = np.array([0.01] * 57 + [-1.0] * 3)
    found, method = chance(margins, LEVEL)
    interval = binomtest(57, 60).proportion_ci(LEVEL, method="exact")
    assert method == EXACT
    assert (found.mean, found.low, found.high) == pytest.approx((0.95, interval.low, interval.high))


@pytest.mark.parametrize("margins", [[0.1], [-0.1], [0.02, 0.02, 0.02], [0.0, 0.0]])
def test_years_without_spread_leave_the_bounds_of_a_count(margins):
    found, _ = chance(np.array(margins), LEVEL)
    met = sum(margin >= 0 for margin in margins)
    interval = binomtest(met, len(margins)).proportion_ci(LEVEL, method="exact")
    assert (found.mean, found.low, found.high) == pytest.approx((met / len(margins), interval.low, interval.high))


@pytest.mark.parametrize("n", [1, 5, 60, 300])
def test_the_quick_estimate_is_the_same(n):
    for shift in (-3.0, -0.5, 0.0, 0.7, 4.0):
        margins = shift + np.random.default_rng(n).normal(size=n)
        assert likely(margins) == pytest.approx(chance(margins, LEVEL)[0].mean, abs=1e-12)


def test_a_change_that_moves_all_years_alike_needs_two_of_them():
    base = normal_scores(40)
    found = paired_chance(base, {0: base[0] + 1.0, 1: base[1] + 1.0}, LEVEL)
    exact, _ = chance(base + 1.0, LEVEL)
    assert (found.mean, found.low, found.high) == pytest.approx((exact.mean, exact.low, exact.high))
    assert found.mean == pytest.approx(norm.cdf(1.0), abs=1e-9)


def test_a_change_with_few_pairs_is_less_certain_than_with_all():
    rng = np.random.default_rng(5)
    base = normal_scores(60)
    after = base + 0.5 + 0.3 * rng.normal(size=60)
    few = paired_chance(base, {i: after[i] for i in range(3)}, LEVEL)
    whole = paired_chance(base, dict(enumerate(after)), LEVEL)
    assert few.high - few.low > whole.high - whole.low
    assert whole == chance(after, LEVEL)[0]
