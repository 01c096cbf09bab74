"""The normal quantile against printed tables and 50 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from fabrika.stats.normal import normal_quantile


@pytest.mark.parametrize(
    ("tail", "z"),
    [
        # Wichura (1988), test values of AS 241: p = 0.25, 0.001, 1e-20.
        (0.25, 0.6744897501960817),
        (0.001, 3.090232306167814),
        (1e-20, 9.262340089798408),
        # Abramowitz & Stegun (1964), table 26.5 and 26.6.
        (0.025, 1.959963984540054),
        (0.05, 1.644853626951472),
        (0.5, 0.0),
    ],
)
def test_printed_values(tail, z):
    assert normal_quantile(tail, upper=True) == pytest.approx(z, rel=1e-15)
    assert normal_quantile(tail, upper=False) == pytest.approx(-z, rel=1e-15)


def test_it_inverts_the_tail():
    # d ln(tail) = -hazard dz, so an error in z of 1e-15 z shows as hazard z 1e-15 in the tail.
    rng = np.random.default_rng(5)
    with mpmath.workdps(50):
        for tail in np.exp(rng.uniform(-690.0, np.log(0.49), 400)).tolist():
            z = mpmath.mpf(normal_quantile(tail, upper=True))
            back = mpmath.erfc(z / mpmath.sqrt(2)) / 2
            density = mpmath.npdf(z)
            assert abs((back - tail) / (density * z)) < 3e-15
