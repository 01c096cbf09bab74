"""The kernel's draws: published numbers of the generator, the logarithm, the tables, and blocks equal to single draws."""

from __future__ import annotations

import hashlib

import numba
import numpy as np
import pytest
from scipy import stats

from fabrika.plant.model import Distribution
from fabrika.stats.quantile_table import build_table, evaluate
from fabrika.twin import draws
from fabrika.twin.kernel import draws as kernel
from fabrika.twin.kernel.pointers import bare

FULL = (1 << 52) - 1
# SplitMix64 from seed 0: the first outputs, as its authors' reference code prints them.
SPLITMIX = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B)
EDGES = (0, 1, 2, (1 << 51) - 1, 1 << 51, FULL - 1, FULL)


@numba.njit
def block(key, first, count, out, at):
    kernel.exponentials(key, first, count, bare(out), at)


@numba.njit
def singles(key, first, count, out):
    for q in range(count):
        out[q] = kernel.exponential(key, first + q)


def test_the_generator_gives_its_published_numbers():
    with np.errstate(over="ignore"):
        for n, number in enumerate(SPLITMIX):
            assert draws.kernel_draws_bits(0, n) == number >> 12
            assert kernel.uniform(np.uint64(0), n) == ((number >> 12) + 0.5) * 2.0**-52


def test_a_streams_key_is_a_hash_of_its_name_and_seed():
    def mixed(z):
        z = (z + 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    name = int.from_bytes(hashlib.blake2b(b"l.a/cycle", digest_size=8).digest(), "little")
    assert mixed(0) == SPLITMIX[0]
    assert draws.stream_key(7, 3, "l.a/cycle") == mixed((mixed((mixed(7) + name) % 2**64) + 3) % 2**64)
    assert draws.stream_key(7, 3, "l.a/cycle") != draws.stream_key(7, 3, "l.b/cycle")


@pytest.mark.parametrize("at", [0, 5])
def test_a_block_of_exponentials_equals_single_draws_bit_for_bit(at):
    key, count = np.uint64(draws.stream_key(11, 2, "l.a/cycle")), 100_000
    one, many = np.zeros(count), np.zeros(count + 8)
    with np.errstate(over="ignore"):
        singles(key, 17, count, one)
        block(key, 17, count, many, at)
    assert one.view(np.int64).tolist() == many[at : at + count].view(np.int64).tolist()
    assert not many[at + count :].any()


def test_exponentials_are_the_logarithm():
    key = np.uint64(draws.stream_key(1, 1, "l.a/cycle"))
    found = np.zeros(50_000)
    with np.errstate(over="ignore"):
        block(key, 0, found.size, found, 0)
        uniforms = np.array([draws.uniform(int(key), n) for n in range(found.size)])
    np.testing.assert_allclose(found, -np.log(uniforms), rtol=1e-15 * 4, atol=0)
    for k in EDGES:
        u = (k + 0.5) * 2.0**-52
        assert kernel.exponential_of(u) == pytest.approx(-np.log(u), rel=1e-15 * 4)


LAWS = [("gamma", 0.5), ("gamma", 1.7), ("lognormal", 0.8), ("weibull", 1.5), ("erlang", 3.0)]


@pytest.mark.parametrize(("family", "shape"), LAWS)
def test_the_kernels_cubics_are_those_of_the_table(family, shape):
    table = build_table(family, shape)
    cells = np.concatenate([np.full(12, np.nan), table.reshape(-1)])  # laid out somewhere in a larger array
    for k in (*EDGES, *np.random.default_rng(5).integers(0, 1 << 52, 3_000).tolist()):
        assert kernel.cubic(cells, 12, k) == evaluate(table, (k + 0.5) * 2.0**-52)


@pytest.mark.parametrize(("family", "shape"), [("exponential", 0.0), *LAWS])
def test_draws_follow_their_law(family, shape):
    laws = {
        "exponential": stats.expon,
        "gamma": lambda: stats.gamma(shape**-2, scale=shape**2),
        "lognormal": lambda: stats.lognorm(np.sqrt(np.log1p(shape**2)), scale=1 / np.sqrt(1 + shape**2)),
        "weibull": lambda: stats.weibull_min(shape, scale=1 / stats.weibull_min(shape).mean()),
        "erlang": lambda: stats.gamma(shape, scale=1 / shape),
    }
    key = draws.stream_key(1, 0, f"{family}{shape}")
    sample = [draws.standard(Distribution(family, 1.0, shape), key, n) for n in range(20_000)]
    assert stats.kstest(sample, laws[family]().cdf).pvalue > 1e-3
    assert np.mean(sample) == pytest.approx(1, abs=5 * laws[family]().std() / np.sqrt(20_000))


def test_a_duration_is_rounded_once_to_the_nearest_nanosecond():
    for seconds, rounded in [(1.0, 10**9), (1.4e-9, 1), (1.5e-9, 2), (2.5e-9, 3), (0.1 + 0.2, 300_000_000)]:
        assert draws.duration_ns(Distribution("constant", seconds), 0, 0) == rounded
