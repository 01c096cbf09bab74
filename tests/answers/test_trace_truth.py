"""Trace against the truth of every unit: what the oracle knows of each must lie within what the counters of the twin say."""

from __future__ import annotations

import pytest

from answers.traced_runs import check_ahead, check_back
from twin.random_plants import random_plant

PLAIN = frozenset({"exponential", "scrap", "fails", "stops", "transport", "calendar", "outages", "supplies"})
MORE = PLAIN | {"parallel", "batch", "packing", "crews"}
PLANTS = {
    f"{kind} {seed}": random_plant(seed, features=features)
    for kind, features in (("plain", PLAIN), ("more", MORE))
    for seed in range(14)
}


@pytest.mark.parametrize("name", PLANTS)
def test_every_unit_is_within_its_range(name):
    check_back(PLANTS[name])


@pytest.mark.parametrize("name", PLANTS)
def test_what_became_of_every_unit_is_within_its_range(name):
    check_ahead(PLANTS[name])
