"""Which input's uncertainty matters most, and how much of the spread is luck and how much is ignorance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = Sequence[float] | NDArray[np.float64]
    Matrix = Sequence[Sequence[float]] | NDArray[np.float64]


class Shares(NamedTuple):
    """Shares of the variance of an output.

    Attributes:
        shares: shape (k,), by input; each within [0, 1].
        explained: share that all inputs explain together (R^2), within [0, 1].
    """

    shares: NDArray[np.float64]
    explained: float


class Split(NamedTuple):
    """Variance of an output in its two parts, in the square of its unit; ``total = luck + ignorance``.

    Attributes:
        luck: what remains if every parameter were known.
        ignorance: what knowing the parameters would take away.
    """

    luck: float
    ignorance: float

    @property
    def total(self) -> float:
        """Both parts together."""
        return self.luck + self.ignorance


def regression_shares(inputs: Matrix, output: Vector) -> Shares:
    """Share of an output's variance that each independent input explains, by squared standardised regression
    coefficients.

    ``y = b0 + sum b_i x_i`` by least squares; ``SRC_i^2 = (b_i s_i / s_y)^2`` equals the first-order index of input i
    as far as the output is linear in independent inputs, and the SRC^2 add up to R^2 (Saltelli et al. 2008, *Global
    Sensitivity Analysis: The Primer*, chapter 1). An R^2 well below 1 means luck, bends or interactions.

    Args:
        inputs: shape (n, k), n >= k + 2; an input that never varies gets share 0.
        output: shape (n,).

    Raises:
        ValueError: for shapes that do not match, too few rows, values not finite, or inputs that depend on each other.
    """
    import numpy as np

    x, y = np.asarray(inputs, dtype=np.float64), np.asarray(output, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ValueError(f"need inputs (n, k) and output (n,), got {x.shape} and {y.shape}")
    n, k = x.shape
    if n < k + 2:
        raise ValueError(f"{k} inputs need at least {k + 2} rows, got {n}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("values must be finite")
    x, y = x - x.mean(axis=0), y - y.mean()
    scale = np.sqrt((x * x).sum(axis=0))
    size = float(np.sqrt(y @ y))
    moving = scale > 1e-12 * np.maximum(1.0, np.abs(np.asarray(inputs, dtype=np.float64)).max(axis=0))
    shares = np.zeros(k)
    if size == 0.0 or not moving.any():
        return Shares(shares, 0.0)
    standard = x[:, moving] / scale[moving]
    coefficients, _, rank, _ = np.linalg.lstsq(standard, y / size, rcond=None)
    if rank < standard.shape[1]:
        raise ValueError("some inputs are combinations of others; their shares cannot be told apart")
    shares[moving] = np.minimum(coefficients * coefficients, 1.0)
    residual = y / size - standard @ coefficients
    return Shares(shares, min(1.0, max(0.0, 1.0 - float(residual @ residual))))


def delta_shares(gradient: Vector, standard_deviations: Vector, luck_variance: float = 0.0) -> Shares:
    """The same from a gradient: ``(c_i u_i)^2`` over the sum (GUM, JCGM 100:2008, eqs. 10 and 11a).

    Args:
        gradient: shape (k,), output's unit per input's unit, at the stated values.
        standard_deviations: shape (k,), of the independent inputs, >= 0.
        luck_variance: variance of the output with known inputs, >= 0, in the square of its unit.

    Raises:
        ValueError: for shapes that do not match, negative or not finite values.
    """
    import numpy as np

    c, u = np.asarray(gradient, dtype=np.float64), np.asarray(standard_deviations, dtype=np.float64)
    if c.ndim != 1 or c.shape != u.shape:
        raise ValueError(f"need two rows of equal length, got {c.shape} and {u.shape}")
    if not (np.isfinite(c).all() and np.isfinite(u).all() and (u >= 0.0).all() and 0.0 <= luck_variance < np.inf):
        raise ValueError("values must be finite, standard deviations and variance at least 0")
    parts = (c * u) ** 2
    total = float(parts.sum()) + luck_variance
    if total == 0.0:
        return Shares(parts, 0.0)
    return Shares(parts / total, float(parts.sum()) / total)


def split_variance(groups: Matrix) -> Split:
    """Luck and ignorance from a balanced design: each row one draw of the beliefs, each column one replication of it.

    Law of total variance, ``Var Y = E[Var(Y|belief)] + Var(E[Y|belief])``, estimated by the one-way random-effects
    analysis of variance: luck is the mean square within rows, ignorance ``(MS_between - MS_within)/r``, at least 0
    (Searle, Casella & McCulloch 1992, chapter 3).

    Args:
        groups: shape (m, r), m >= 2 draws of the beliefs, r >= 2 replications.

    Raises:
        ValueError: for another shape or values not finite.
    """
    import numpy as np

    y = np.asarray(groups, dtype=np.float64)
    if y.ndim != 2 or min(y.shape) < 2 or not np.isfinite(y).all():
        raise ValueError(f"need at least 2 x 2 finite values, got shape {y.shape}")
    replications = y.shape[1]
    within = float(y.var(axis=1, ddof=1).mean())
    between = replications * float(y.mean(axis=1).var(ddof=1))
    return Split(within, max(0.0, (between - within) / replications))


def split_known_and_believed(known: Vector, believed: Vector) -> Split:
    """Luck and ignorance from two samples: parameters at their stated values, and drawn from the beliefs.

    Luck is the variance of ``known``, ignorance what ``believed`` has more, at least 0 (law of total variance, Saltelli
    et al. 2008, chapter 1). It assumes that luck at the stated values is about what it is on average over the beliefs.

    Args:
        known, believed: shapes (n,) and (m,), at least 2 values each.

    Raises:
        ValueError: for fewer values or values not finite.
    """
    import numpy as np

    first, second = np.asarray(known, dtype=np.float64), np.asarray(believed, dtype=np.float64)
    if first.ndim != 1 or second.ndim != 1 or min(first.size, second.size) < 2:
        raise ValueError(f"need two rows of at least 2 values, got {first.shape} and {second.shape}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("values must be finite")
    luck = float(first.var(ddof=1))
    return Split(luck, max(0.0, float(second.var(ddof=1)) - luck))
