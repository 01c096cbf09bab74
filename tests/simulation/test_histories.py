"""Three hundred histories of a plant with bad luck: crashes, replaced disks, lost and doubled messages, partitions, at virtual time.

Each seed is a history of its own, and always the same one. Bugs that are switched on show that these histories find them.
"""

from __future__ import annotations

import pytest

from simulation.history import lived
from simulation.places import BUGS

SEEDS, TOGETHER = 300, 15


@pytest.mark.parametrize("first", range(0, SEEDS, TOGETHER))
def test_nothing_is_lost_doubled_reordered_or_rewritten(first):
    for seed in range(first, first + TOGETHER):
        history = lived(seed)
        assert history.faults == [], f"seed {seed}"
        assert history.events > 100
        assert history.crashes > 3
        assert history.visits >= 1


def test_one_seed_is_one_history():
    one, other, another = lived(7), lived(7), lived(8)
    assert one == other
    assert one.root != another.root


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_that_is_switched_on_is_found_on_nearly_every_seed(bug):
    found = sum(bool(lived(seed, bug).faults) for seed in range(12))
    assert found >= 10
