"""The compiled twin and the SimPy oracle, fed by the same draws, agree on every departure to the nanosecond."""

from __future__ import annotations

import os

import pytest
from oracle import OracleResult, run
from twin.plants import ORIGIN_US, named, random_plant

from fabrika.plant import model

END_NS = 480 * 10**9
WINDOW = (50 * 10**9, 450 * 10**9)
NAMED = named()
SEEDS = int(os.environ.get("FABRIKA_ORACLE_SEEDS", "150"))


def told_by_oracle(plant: model.Plant, seed: int) -> OracleResult:
    return run(plant, end_ns=END_NS, seed=seed, rep=1, window=WINDOW, origin_us=ORIGIN_US)


def assert_same(plant: model.Plant, seed: int) -> None:
    from fabrika.twin.trace import departures

    oracle = told_by_oracle(plant, seed)
    twin = departures(plant, end_ns=END_NS, seed=seed, rep=1, window=WINDOW, origin_us=ORIGIN_US)
    first = (END_NS, "", 0)
    for node in sorted({*oracle.departures, *twin.departures}):
        told = [at for at in oracle.departures.get(node, []) if at < END_NS]
        found = [int(at) for at in twin.departures.get(node, ()) if at < END_NS]
        if told != found:
            n = next((i for i, (a, b) in enumerate(zip(told, found, strict=False)) if a != b), min(len(told), len(found)))
            first = min(first, (min([*told[n : n + 1], *found[n : n + 1]]), node, n))
    assert not first[1], f"first difference at {first[0] / 1e9} s: unit {first[2]} of {first[1]}" + _around(
        oracle, twin, first[1], first[2]
    )
    states = {machine: {label: ns for label, ns in times.items() if ns} for machine, times in twin.states.items()}
    assert states == {machine: {label: ns for label, ns in times.items() if ns} for machine, times in oracle.states.items()}
    assert {key: n for key, n in twin.good.items() if n} == dict(oracle.good)


def _around(oracle, twin, node: str, n: int) -> str:
    near = slice(max(0, n - 2), n + 3)
    told, found = oracle.departures.get(node, []), [int(at) for at in twin.departures.get(node, ())]
    return f"\noracle {told[near]}\ntwin   {found[near]}"


@pytest.mark.parametrize("name", NAMED)
def test_named_plant(name):
    assert_same(NAMED[name], seed=1)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_plant(seed):
    assert_same(random_plant(seed), seed)


def test_the_random_plants_are_not_idle():
    # If few units came through, equality would say little.
    counts = [sum(map(len, told_by_oracle(random_plant(seed), seed).departures.values())) for seed in range(20)]
    assert sum(count > 50 for count in counts) >= 17
