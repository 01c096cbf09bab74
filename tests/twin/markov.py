"""Exact throughput of small lines from the stationary law of a Markov chain, written apart from the twin."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

State = tuple[int, ...]


def stationary(start: Hashable, moves: Callable[[Hashable], Iterable[tuple[Hashable, float]]]) -> dict[Hashable, float]:
    """Stationary law over all states reached from ``start``; ``moves`` gives (next state, rate or probability)."""
    number, queue, entries = {start: 0}, [start], []
    for state in queue:
        for target, rate in moves(state):
            if target not in number:
                number[target] = len(queue)
                queue.append(target)
            # balance: what flows into a state equals what flows out of it
            entries += [(number[target], number[state], rate), (number[state], number[state], -rate)]
    rows, columns, rates = (np.array(part) for part in zip(*entries, strict=True))
    size = len(queue)
    # One balance equation follows from the others: the last gives way to "probabilities add up to 1".
    kept = rows != size - 1
    rows, columns = np.append(rows[kept], np.full(size, size - 1)), np.append(columns[kept], np.arange(size))
    matrix = coo_matrix((np.append(rates[kept], np.ones(size)), (rows, columns)), shape=(size, size)).tocsc()
    right = np.zeros(size)
    right[-1] = 1.0
    return dict(zip(queue, spsolve(matrix, right), strict=True))


def blocked(state: State, buffers: Sequence[int]) -> list[bool]:
    """Which stations hold a finished unit that cannot leave.

    ``state[i]`` counts the units that station i has finished and station i + 1 has not. They stand in the buffer between,
    one in machine i + 1 unless that is taken by a finished unit of its own, and one in machine i if it is blocked.
    """
    found = [False] * (len(buffers) + 1)
    for i in reversed(range(len(buffers))):
        found[i] = state[i] == buffers[i] + (1 if found[i + 1] else 2)
    return found


def exponential_line(rates: Sequence[float], buffers: Sequence[int]) -> tuple[float, int]:
    """Throughput of a line with exponential cycles and blocking after service, and the number of states of its chain.

    Args:
        rates: units a second of each station while it works.
        buffers: places between neighbours, one fewer than stations.
    """

    def busy(state: State, i: int) -> bool:
        return not blocked(state, buffers)[i] and (i == 0 or state[i - 1] > 0)

    def moves(state: State) -> Iterable[tuple[State, float]]:
        for i, rate in enumerate(rates):
            if busy(state, i):
                after = list(state)
                if i > 0:
                    after[i - 1] -= 1
                if i < len(buffers):
                    after[i] += 1
                yield tuple(after), rate

    law = stationary((0,) * len(buffers), moves)
    last = len(rates) - 1
    return rates[last] * sum(chance for state, chance in law.items() if busy(state, last)), len(law)


def gershwin_line(p: Sequence[float], r: Sequence[float], capacity: int) -> tuple[float, float]:
    """Parts a cycle and mean buffer of two unreliable machines with equal constant cycles, in discrete time.

    Gershwin (1994), *Manufacturing Systems Engineering*, chapter 3. A machine that is down comes up with ``r``; one that is up
    and neither starved nor blocked fails with ``p``; afterwards each machine that is up, by the contents before the cycle,
    makes a part.
    """

    def moves(state: tuple[int, bool, bool]) -> Iterable[tuple[tuple[int, bool, bool], float]]:
        n, *up = state
        able = (n < capacity, n > 0)
        for first in (False, True):
            for second in (False, True):
                chance = 1.0
                for i, after in enumerate((first, second)):
                    rises = r[i] if not up[i] else 1.0 - p[i] if able[i] else 1.0
                    chance *= rises if after else 1.0 - rises
                if chance > 0.0:
                    yield (n + (first and able[0]) - (second and able[1]), first, second), chance

    law = stationary((0, True, True), moves)
    made = sum(chance * rises for (n, _, up), chance in law.items() if n for rises in [1.0 - p[1] if up else r[1]])
    return made, sum(chance * state[0] for state, chance in law.items())
