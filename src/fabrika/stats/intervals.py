"""Intervals: means, several means at once, shares, differences, chances of exceeding a bar, and one long run.

How many replications? A fixed number gives the stated confidence exactly (for normal outputs). Looking again and again
and stopping as soon as the interval is narrow enough costs a little confidence; it is right in the limit of narrow
intervals (Chow & Robbins 1965; Glynn & Whitt 1992), and in practice when stopping is decided on fixed
batches of replications, in their order, and not before ten (Law 2015, chapter 9). :func:`precise_enough` is that rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from fabrika.stats.noncentral import noncentrality

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sample = Sequence[float] | NDArray[np.float64]


class Interval(NamedTuple):
    """An estimate between two bounds, in the unit of the data; ``low <= mean <= high``."""

    mean: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the distance between the bounds."""
        return 0.5 * (self.high - self.low)


class BatchMeans(NamedTuple):
    """What :func:`batch_means` finds.

    Attributes:
        interval: of the long-run mean.
        batch_size: observations in a batch.
        lag1: correlation of neighbouring batches, -1 to 1.
        independent: whether ``lag1`` is small enough for the interval to be trusted (see :func:`batch_means`).
    """

    interval: Interval
    batch_size: int
    lag1: float
    independent: bool


def _confidence(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be above 0 and below 1, not {confidence!r}")
    return float(confidence)


def _sample(sample: Sample, least: int = 2) -> NDArray[np.float64]:
    import numpy as np

    values = np.asarray(sample, dtype=np.float64)
    if values.ndim != 1 or values.size < least:
        raise ValueError(f"need one row of at least {least} values, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    return values


def _around(mean: float, standard_error: float, degrees: int, probability: float) -> Interval:
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, probability)) * standard_error
    return Interval(mean, mean - half, mean + half)


def mean_interval(sample: Sample, confidence: float = 0.95) -> Interval:
    """Student's t interval of the mean of independent values (Student 1908; ISO 2602:1980).

    Args:
        sample: shape (n,), n >= 2, finite.
        confidence: of the two-sided interval, in (0, 1).

    Raises:
        ValueError: for fewer than 2 values, values not finite, or a confidence outside (0, 1).
    """
    return simultaneous_intervals([sample], confidence)[0]


def simultaneous_intervals(samples: Sequence[Sample], confidence: float = 0.95) -> list[Interval]:
    """Student's t intervals that *all* hold together with at least ``confidence`` (Bonferroni; Miller 1981, chapter 2).

    Args:
        samples: k >= 1 samples of shape (n_i,), n_i >= 2; they may depend on each other.
        confidence: joint, in (0, 1); each interval has ``1 - (1 - confidence)/k``.

    Raises:
        ValueError: as :func:`mean_interval`, and for no sample at all.
    """
    if not samples:
        raise ValueError("need at least one sample")
    probability = 1.0 - (1.0 - _confidence(confidence)) / (2.0 * len(samples))
    intervals = []
    for sample in samples:
        values = _sample(sample)
        error = float(values.std(ddof=1)) / math.sqrt(values.size)
        intervals.append(_around(float(values.mean()), error, values.size - 1, probability))
    return intervals


def paired_difference(after: Sample, before: Sample, confidence: float = 0.95, *, comparisons: int = 1) -> Interval:
    """Student's t interval of the mean of ``after - before``, pair by pair, as with common random numbers (Law 2015,
    section 10.2.1).

    Args:
        after, before: shape (n,), n >= 2, in the same order.
        confidence: joint over all comparisons, in (0, 1).
        comparisons: how many such intervals must hold together (Bonferroni), >= 1.

    Raises:
        ValueError: as :func:`mean_interval`, for unequal lengths, and for no comparison.
    """
    first, second = _sample(after), _sample(before)
    if first.shape != second.shape:
        raise ValueError(f"pairs need equal lengths, got {first.size} and {second.size}")
    if comparisons < 1:
        raise ValueError(f"comparisons must be at least 1, not {comparisons}")
    return mean_interval(first - second, 1.0 - (1.0 - _confidence(confidence)) / comparisons)


def _counts(successes: int, trials: int) -> None:
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"need 0 <= successes <= trials and trials >= 1, got {successes} of {trials}")


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a share, never below its confidence (Clopper & Pearson 1934; NIST/SEMATECH 7.2.4.1).

    Args:
        successes, trials: counts, 0 <= successes <= trials, trials >= 1.
        confidence: two-sided, in (0, 1).

    Raises:
        ValueError: for impossible counts or a confidence outside (0, 1).
    """
    from scipy.special import betaincinv

    _counts(successes, trials)
    side = 0.5 * (1.0 - _confidence(confidence))
    failures = trials - successes
    low = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, side))
    high = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1.0 - side))
    return Interval(successes / trials, low, high)


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Score interval of a share, near its confidence on average (Wilson 1927; Newcombe 1998, method 3).

    Args and errors as :func:`clopper_pearson`.
    """
    from scipy.special import ndtri

    _counts(successes, trials)
    z = float(ndtri(0.5 * (1.0 + _confidence(confidence))))
    share = successes / trials
    weight = 1.0 + z * z / trials
    centre = (share + z * z / (2.0 * trials)) / weight
    half = z * math.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials)) / weight
    low = 0.0 if successes == 0 else centre - half
    return Interval(share, low, 1.0 if successes == trials else centre + half)


def exceedance(sample: Sample, threshold: float, confidence: float = 0.95, *, sides: int = 2) -> Interval:
    """Chance that one more value of a normal law is at least ``threshold``, with its exact interval.

    ``sqrt(n) (mean - threshold)/s`` is noncentral t with ``n - 1`` degrees of freedom around ``sqrt(n) z`` where the
    chance is ``Phi(z)``; its distribution is inverted for ``z`` (Johnson & Welch 1940; Owen 1968). The estimate is
    ``Phi((mean - threshold)/s)``.

    Args:
        sample: shape (n,), n >= 2, independent values of a normal law.
        threshold: in the unit of the sample.
        confidence: in (0, 1).
        sides: 2 for an interval with both bounds, 1 where each bound alone has the confidence.

    Returns:
        Chances in [0, 1]. A sample without spread gives 0 or 1 and the bounds of a counted
        share (:func:`clopper_pearson`).

    Raises:
        ValueError: as :func:`mean_interval`, and for ``sides`` other than 1 or 2.
    """
    from scipy.special import ndtr

    values = _sample(sample)
    if sides not in (1, 2):
        raise ValueError(f"sides must be 1 or 2, not {sides!r}")
    side = (1.0 - _confidence(confidence)) / sides
    n = values.size
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    if spread <= 1e-14 * abs(mean):
        return clopper_pearson(n if mean >= threshold else 0, n, 1.0 - 2.0 * side)
    root = math.sqrt(n)
    z = (mean - threshold) / spread
    low = noncentrality(root * z, n - 1, 1.0 - side) / root
    high = noncentrality(root * z, n - 1, side) / root
    return Interval(float(ndtr(z)), float(ndtr(low)), float(ndtr(high)))


def margin_exceedance(outcome: Sample, required: Sample | float, confidence: float = 0.95) -> Interval:
    """Chance that an outcome reaches what is required, both varying: :func:`exceedance` of the margin above 0.

    The margin ``outcome - required`` takes the mixture of luck and belief as one normal law, fitted by its mean and
    standard deviation: a first answer from few replications; a counted share (:func:`wilson`) needs no such law.

    Args:
        outcome: shape (n,), n >= 2.
        required: shape (n,), replication by replication, or one value.
        confidence: two-sided, in (0, 1).

    Raises:
        ValueError: as :func:`exceedance`, and for unequal lengths.
    """
    import numpy as np

    values, bar = _sample(outcome), np.asarray(required, dtype=np.float64)
    if bar.shape not in ((), values.shape):
        raise ValueError(f"required needs one value or {values.size}, got shape {bar.shape}")
    return exceedance(values - bar, 0.0, confidence)


def batch_means(series: Sample, batches: int = 20, confidence: float = 0.95) -> BatchMeans:
    """Interval of the long-run mean from one steady run, cut into equal batches (Schmeiser 1982; Law 2015, chapter 9).

    The first observations that do not fill a batch are left out. Batches count as independent while von Neumann's
    ratio, which is near normal with mean 2 and variance ``4 (b - 2)/(b^2 - 1)`` for ``b`` independent batches (von
    Neumann 1941; Fishman 1978), stays above its 5 % point; otherwise the run is too short for the interval.

    Args:
        series: shape (n,), in time order, warm-up removed, n >= 2 batches.
        batches: how many, >= 4; 10 to 30 is usual.
        confidence: two-sided, in (0, 1).

    Raises:
        ValueError: as :func:`mean_interval`, and for too few batches or values.
    """
    if batches < 4:
        raise ValueError(f"need at least 4 batches, not {batches}")
    values = _sample(series, 2 * batches)
    size = values.size // batches
    means = values[values.size - size * batches :].reshape(batches, size).mean(axis=1)
    interval = mean_interval(means, confidence)
    deviations = means - means.mean()
    squares = float(deviations @ deviations)
    if squares == 0.0:
        return BatchMeans(interval, size, 0.0, True)
    steps = deviations[1:] - deviations[:-1]
    ratio = batches / (batches - 1) * float(steps @ steps) / squares
    lag1 = float(deviations[1:] @ deviations[:-1]) / squares
    limit = 2.0 - 1.6448536269514722 * math.sqrt(4.0 * (batches - 2) / (batches * batches - 1.0))
    return BatchMeans(interval, size, lag1, ratio >= limit)


def precise_enough(interval: Interval, relative: float) -> bool:
    """Whether the true mean is known within ``relative`` of itself (Law & Kelton 1982; Law 2015, chapter 9).

    The half-width over the estimate must not exceed ``relative/(1 + relative)``, since the estimate, not the truth, is
    in the denominator. An estimate of 0 is never precise unless the interval is a point.

    Raises:
        ValueError: if ``relative`` is not above 0.
    """
    if not relative > 0.0:
        raise ValueError(f"relative must be above 0, not {relative!r}")
    return interval.half_width <= relative / (1.0 + relative) * abs(interval.mean)
