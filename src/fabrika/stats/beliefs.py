"""The factor that a belief puts on a parameter, as a function of one uniform number: the same bits everywhere."""

from __future__ import annotations

from fabrika.stats.elementary import exp, log
from fabrika.stats.gamma import gamma_constant, gamma_log_tail, gamma_quantile
from fabrika.stats.normal import normal_quantile

Z_95 = 1.959963984540054
"""97.5 % quantile of the standard normal law: 95 % lie within as many standard deviations."""

LEAST_FACTOR = 0.05
"""A relative belief never goes below this factor: a parameter stays positive."""

MOST_EVENTS = 1_000_000


def normal_upper_tail(z: float) -> float:
    """``P(Z > z)`` of the standard normal law, relative error below 1e-12 for ``|z|`` <= 37.

    Half the tail of a chi-squared variable with one degree of freedom at ``z^2``, a gamma law of shape 1/2 (Abramowitz
    & Stegun 1964, section 26.4).
    """
    if z == 0.0:
        return 0.5
    tail = 0.5 * exp(gamma_log_tail(0.5, gamma_constant(0.5), log(z * z), True))
    return tail if z > 0.0 else 1.0 - tail


def relative_factor(low: float, high: float, u: float) -> float:
    """Normal factor, 95 % within ``1 - low`` and ``1 + high``, cut off below 0.05; rises with ``u``.

    Mean ``1 + (high - low)/2`` and standard deviation ``(high + low)/2/1.96``; the truncated law is inverted as by
    Johnson, Kotz & Balakrishnan (1994), chapter 13.
    """
    _check_u(u)
    if not (0.0 <= low < 1.0 and 0.0 <= high < float("inf") and low + high > 0.0):
        raise ValueError(f"a relative belief needs 0 <= low < 1, 0 <= high and one above 0, not {low!r} and {high!r}")
    mean = 1.0 + 0.5 * (high - low)
    deviation = 0.5 * (high + low) / Z_95
    above = (1.0 - u) * normal_upper_tail((LEAST_FACTOR - mean) / deviation)
    upper = above <= 0.5
    tail = above if upper else 1.0 - above
    return max(LEAST_FACTOR, mean + deviation * normal_quantile(tail, upper))


def between_factor(low: float, high: float, u: float) -> float:
    """Two-piece lognormal factor with median 1, 95 % within ``low`` and ``high``; rises with ``u``.

    The logarithm is two half-normal laws that meet at 0, of standard deviation ``-ln(low)/1.96`` below and
    ``ln(high)/1.96`` above, each with probability 1/2 (a split normal law; Johnson, Kotz & Balakrishnan 1994, chapter
    13, with the halves weighted equally).
    """
    _check_u(u)
    if not 0.0 < low < 1.0 < high < float("inf"):
        raise ValueError(f"a belief between bounds needs 0 < low < 1 < high, not {low!r} and {high!r}")
    if u < 0.5:
        return exp(-log(low) / Z_95 * normal_quantile(u, False))
    return exp(log(high) / Z_95 * normal_quantile(1.0 - u, True))


def observed_factor(events: int, u: float) -> float:
    """Factor of a mean time of which ``events`` were observed: ``events / G``; falls with ``u``.

    ``G`` is the ``u`` quantile of a gamma law of shape ``events + 1/2`` and scale 1, the posterior of a Poisson count's
    mean under Jeffreys' prior (Jeffreys 1961, chapter 3; Box & Tiao 1973, chapter 1).
    """
    _check_u(u)
    if not 1 <= events <= MOST_EVENTS:
        raise ValueError(f"events must be within 1 and {MOST_EVENTS}, not {events!r}")
    shape = events + 0.5
    upper = u >= 0.5
    return events / (shape * gamma_quantile(shape, gamma_constant(shape), 1.0 - u if upper else u, upper))


def belief_factor(kind: str, low: float, high: float, events: int, u: float) -> float:
    """Factor, above 0, that a belief of this kind puts on its parameter at ``u``.

    Args:
        kind: ``relative`` (:func:`relative_factor`), ``between`` (:func:`between_factor`), ``observed``
            (:func:`observed_factor`).
        low, high: relative deviations or bounding factors; unused for ``observed``.
        events: stops observed; unused otherwise.
        u: in (0, 1).

    Raises:
        ValueError: for an unknown kind, ``u`` outside (0, 1), or figures that the kind cannot have.
    """
    if kind == "relative":
        return relative_factor(low, high, u)
    if kind == "between":
        return between_factor(low, high, u)
    if kind == "observed":
        return observed_factor(events, u)
    raise ValueError(f"unknown kind of belief {kind!r}; known: relative, between, observed")


def _check_u(u: float) -> None:
    if not 0.0 < u < 1.0:
        raise ValueError(f"u must be above 0 and below 1, not {u!r}")
