"""Intervals against printed examples and tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from fabrika.stats.intervals import (
    Interval,
    batch_means,
    clopper_pearson,
    exceedance,
    margin_exceedance,
    mean_interval,
    paired_difference,
    precise_enough,
    simultaneous_intervals,
    wilson,
)

# Student (1908), hours of sleep gained under two drugs, ten patients; R's data set `sleep`.
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def _sample(n, mean, deviation):
    """n values with exactly that mean and standard deviation."""
    values = np.linspace(-1.0, 1.0, n)
    return mean + deviation * values / values.std(ddof=1)


def test_student_s_sleep_data():
    # t.test(extra ~ group, paired = TRUE) as printed in R's documentation: 0.7001142 to 2.4598858.
    interval = paired_difference(DRUG_2, DRUG_1)
    assert interval.mean == pytest.approx(1.58, abs=1e-12)
    assert interval.low == pytest.approx(0.7001142, abs=5e-8)
    assert interval.high == pytest.approx(2.4598858, abs=5e-8)
    assert interval == pytest.approx(mean_interval(np.subtract(DRUG_2, DRUG_1)))


def test_nist_zarr13_confidence_limits():
    # NIST/SEMATECH e-Handbook 1.3.5.2: n = 195, mean 9.261460, s = 0.02278881; 95 % limits 9.258242 and 9.264679,
    # 99 % limits 9.257214 and 9.265707 (table of confidence levels there, rounded).
    sample = _sample(195, 9.261460, 0.02278881)
    assert mean_interval(sample)[1:] == pytest.approx((9.258242, 9.264679), abs=1.5e-6)
    assert mean_interval(sample, 0.99).half_width == pytest.approx(2.6012 * 0.001632, abs=5e-6)


def test_bonferroni_uses_the_printed_point_of_t():
    # t(0.995, 10) = 3.1693 and t(0.995, 20) = 2.8453 (Fisher & Yates); five intervals at 95 % together.
    samples = [_sample(11, 4.0, math.sqrt(11.0)), _sample(21, -3.0, math.sqrt(21.0)), *[_sample(11, 0.0, 1.0)] * 3]
    first, second, *_ = simultaneous_intervals(samples, 0.95)
    assert first.half_width == pytest.approx(3.1693, abs=6e-5)
    assert second.half_width == pytest.approx(2.8453, abs=6e-5)
    assert second.mean == pytest.approx(-3.0)


def test_paired_differences_share_their_confidence():
    wide = paired_difference(_sample(11, 4.0, math.sqrt(11.0)), np.zeros(11), comparisons=5)
    assert wide.half_width == pytest.approx(3.1693, abs=6e-5)


@pytest.mark.parametrize(
    ("successes", "trials", "exact", "score"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: methods 5 and 3.
        (81, 263, (0.2527, 0.3676), (0.2553, 0.3662)),
        (15, 148, (0.0578, 0.1617), (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1684), (0.0, 0.1611)),
        (1, 29, (0.0009, 0.1776), (0.0061, 0.1718)),
    ],
)
def test_newcombe_s_table(successes, trials, exact, score):
    assert clopper_pearson(successes, trials)[1:] == pytest.approx(exact, abs=5.1e-5)
    assert wilson(successes, trials)[1:] == pytest.approx(score, abs=5.1e-5)
    assert clopper_pearson(successes, trials).mean == successes / trials == wilson(successes, trials).mean


@pytest.mark.parametrize("method", [clopper_pearson, wilson])
def test_shares_mirror(method):
    share, mirrored = method(3, 40, 0.9), method(37, 40, 0.9)
    assert share.low == pytest.approx(1.0 - mirrored.high, abs=1e-14)
    assert share.high == pytest.approx(1.0 - mirrored.low, abs=1e-14)
    assert method(7, 7).high == 1.0
    assert method(7, 7).low < 1.0


def test_all_successes_has_a_closed_form():
    # (low)^n = alpha/2 where every trial succeeded.
    assert clopper_pearson(59, 59, 0.9).low == pytest.approx(0.05 ** (1.0 / 59.0), rel=1e-12)


@pytest.mark.parametrize(
    ("n", "chance", "factor"),
    [
        # One-sided tolerance factors at 95 % confidence, Natrella (1963), NBS Handbook 91, table A-7.
        (5, 0.90, 3.407),
        (5, 0.99, 5.741),
        (10, 0.90, 2.355),
        (10, 0.95, 2.911),
        (10, 0.99, 3.981),
        (20, 0.95, 2.396),
        (30, 0.90, 1.777),
    ],
)
def test_exceedance_inverts_printed_tolerance_factors(n, chance, factor):
    # A factor printed to 0.001 fixes the bound to 0.001 times the density there.
    slack = 0.0012 * stats.norm.pdf(stats.norm.ppf(chance))
    interval = exceedance(_sample(n, 100.0 + 7.0 * factor, 7.0), 100.0, 0.95, sides=1)
    assert interval.low == pytest.approx(chance, abs=slack)
    assert interval.mean == pytest.approx(stats.norm.cdf(factor), abs=1e-12)
    assert exceedance(_sample(n, 100.0 + 7.0 * factor, 7.0), 100.0, 0.90).low == pytest.approx(interval.low, abs=1e-12)
    below = exceedance(_sample(n, 100.0 - 7.0 * factor, 7.0), 100.0, 0.95, sides=1)
    assert below.high == pytest.approx(1.0 - chance, abs=slack)


def test_nist_tolerance_example():
    # NIST/SEMATECH e-Handbook 7.2.6.3: n = 43, 90 % of the population with 99 % confidence, k = 1.8740 by noncentral t.
    interval = exceedance(_sample(43, 1.8740, 1.0), 0.0, 0.99, sides=1)
    assert interval.low == pytest.approx(0.90, abs=1e-5)


def test_exceedance_of_the_mean_is_a_half_and_symmetric():
    interval = exceedance(_sample(12, 5.0, 2.0), 5.0)
    assert interval.mean == pytest.approx(0.5, abs=1e-12)
    assert interval.low == pytest.approx(1.0 - interval.high, abs=1e-10)
    assert interval.low < 0.4


def test_exceedance_of_far_bars_stays_in_order():
    for distance in (-40.0, -6.0, 6.0, 40.0):
        interval = exceedance(_sample(6, 0.0, 1.0), distance, 0.99)
        assert 0.0 <= interval.low <= interval.mean <= interval.high <= 1.0


def test_exceedance_covers_as_stated():
    rng = np.random.default_rng(31)
    truth = stats.norm.sf(-1.0)
    hits = sum(low <= truth <= high for _, low, high in (exceedance(rng.normal(size=8), -1.0, 0.9) for _ in range(600)))
    # Binomial(600, 0.9): four standard deviations.
    assert abs(hits / 600 - 0.9) < 4.0 * math.sqrt(0.09 / 600)


def test_without_spread_the_sample_is_a_count():
    assert exceedance([3.0] * 9, 3.0, 0.9) == clopper_pearson(9, 9, 0.9)
    assert exceedance([3.0] * 9, 3.1, 0.95, sides=1) == clopper_pearson(0, 9, 0.9)


def test_a_margin_takes_a_bar_that_varies():
    outcome, required = _sample(10, 50.0, 3.0), _sample(10, 40.0, 1.0)
    assert margin_exceedance(outcome, required) == pytest.approx(exceedance(outcome - required, 0.0))
    assert margin_exceedance(outcome, 41.0) == pytest.approx(exceedance(outcome, 41.0))
    # margin: mean 10, deviation 2 and 10/2 = 5
    assert margin_exceedance(outcome, required).mean == pytest.approx(stats.norm.cdf(5.0), abs=1e-12)


def test_batch_means_by_hand():
    # Batches of three with means 1 to 5 in mixed order; the first two values fill none. t(0.975, 4) = 2.776445.
    series = [99.0, -99.0]
    for mean in (3.0, 5.0, 1.0, 4.0, 2.0):
        series += [mean - 1.0, mean, mean + 1.0]
    found = batch_means(series, batches=5)
    assert found.batch_size == 3
    assert found.interval.mean == pytest.approx(3.0)
    assert found.interval.half_width == pytest.approx(2.776445 * math.sqrt(2.5 / 5.0), abs=1e-6)
    assert found.lag1 == pytest.approx((0 * 2 + 2 * -2 + -2 * 1 + 1 * -1) / 10.0)
    assert found.independent


def test_a_drifting_run_is_told():
    assert not batch_means(np.arange(200.0)).independent
    assert batch_means(np.arange(200.0)).lag1 > 0.8
    assert batch_means(np.ones(40)) == (Interval(1.0, 1.0, 1.0), 2, 0.0, True)


def test_von_neumann_s_test_refuses_one_in_twenty():
    rng = np.random.default_rng(7)
    refused = sum(not batch_means(rng.normal(size=40)).independent for _ in range(2000))
    assert abs(refused / 2000 - 0.05) < 4.0 * math.sqrt(0.05 * 0.95 / 2000) + 0.005  # the law is near normal only


def test_precise_enough_has_the_truth_in_the_denominator():
    # 10 +- 1: the truth may be 9, of which the error 1 is 11.1 %.
    interval = Interval(10.0, 9.0, 11.0)
    assert precise_enough(interval, 0.1112)
    assert not precise_enough(interval, 0.1110)
    assert not precise_enough(Interval(0.0, -1e-9, 1e-9), 0.5)
    assert precise_enough(Interval(-10.0, -11.0, -9.0), 0.1112)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mean_interval([1.0]),
        lambda: mean_interval([1.0, math.nan]),
        lambda: mean_interval([[1.0, 2.0]]),
        lambda: mean_interval([1.0, 2.0], 1.0),
        lambda: mean_interval([1.0, 2.0], 0.0),
        lambda: simultaneous_intervals([]),
        lambda: paired_difference([1.0, 2.0], [1.0, 2.0, 3.0]),
        lambda: paired_difference([1.0, 2.0], [1.0, 3.0], comparisons=0),
        lambda: clopper_pearson(3, 2),
        lambda: clopper_pearson(-1, 2),
        lambda: wilson(0, 0),
        lambda: exceedance([1.0, 2.0], 0.0, sides=3),
        lambda: margin_exceedance([1.0, 2.0], [1.0, 2.0, 3.0]),
        lambda: batch_means([1.0] * 100, batches=3),
        lambda: batch_means([1.0] * 30, batches=20),
        lambda: precise_enough(Interval(1.0, 0.9, 1.1), 0.0),
    ],
)
def test_what_has_no_interval_is_refused(call):
    with pytest.raises(ValueError, match=r"need|must"):
        call()
