"""Rows: one unit of each of eight replications of a serial line goes through all its stations.

Replications share nothing, so the same step of the recursion (see :mod:`fabrika.twin.kernel.serial`) is done for eight of
them in one vector of integers. A *row* is the passage of unit ``i`` of every replication; the state of a line between two
rows is the instant of each station's last departure and the last starts behind each buffer, as many as it has places.
A *cell* is a station of one replication: number ``station * WIDTH + replication``.

The state lies in one array ``X``: for each station a block of vectors, then the departures of the rows in hand, then for
each buffer a ring with a vector for each place. The first station has a ring that nobody reads, and behind the last one lies
a ring of zeros: places that were always free.
"""

from __future__ import annotations

from fabrika.twin.kernel.compiling import jit
from fabrika.twin.kernel.vectors import MOST_ROWS, WIDTH, pass_station

# vectors of a station's block: last departure, sums of starts and of departures modulo 2^64, work of the next unit
X_LEFT, X_STARTS, X_LEAVINGS, X_WORK = 0, WIDTH, 2 * WIDTH, 3 * WIDTH
X_STRIDE = 4 * WIDTH

# station row of the plan; one row more for the ring of zeros: records in the replications' memories (the same in all),
# places before the station, its ring and where the next row stands in it
PLAN_NODE, PLAN_MACHINE, PLAN_EDGE, PLAN_PLACES, PLAN_BEGIN, PLAN_END, PLAN_AT = range(7)
PLAN_N = 7

FAR = 1 << 50
"""Rows that no run gets to."""

# a station of one replication: row of its next event; last departure before it was taken in; units that never came, as they
# were scrapped before; units scrapped here and the sum of their instants; ns stopped; and of the row in hand whether the
# event was met, the last departure and the oldest start before it
(
    CELL_EVENT, CELL_SINCE, CELL_MISSED, CELL_SCRAPS, CELL_LOST, CELL_DOWN, CELL_PLANNED, CELL_MET, CELL_LEFT,
    CELL_OLDEST,
) = range(10)  # fmt: skip
CELL_N = 10

# a replication: row from which it has to be looked at; first row; end of its piece of the timeline; longest cycle; 1 in the
# window; 1 to be handed back; and of the row in hand the station at which its unit is scrapped and the length of its stops
RUN_UNTIL, RUN_FIRST, RUN_END, RUN_LONGEST, RUN_COUNTS, RUN_DUE, RUN_FALLEN, RUN_STOPPED = range(8)
RUN_N = 8


@jit
def pass_rows(X, plan, rows):
    """All units of the next ``rows`` rows go through all stations: each works for what stands in its block."""
    last = plan.shape[0] - 1
    hand = last * X_STRIDE
    tile = MOST_ROWS
    for s in range(1, last):
        # a place ahead is known to be free for as many rows as the buffer has places
        tile = min(tile, plan[s, PLAN_PLACES])
    done = 0
    while done < rows:
        count = min(tile, rows - done)
        for i in range(hand, hand + count * WIDTH):
            X[i] = 0
        for s in range(last):
            pass_tile(X, plan, s, hand, count)
        done += count


@jit
def pass_tile(X, plan, s, hand, count):
    """The units in hand go through one station."""
    at = plan[s, PLAN_AT]
    end = plan[s, PLAN_END]
    ahead = plan[s + 1, PLAN_AT]
    ahead_end = plan[s + 1, PLAN_END]
    while count > 0:
        # rings end where they end: up to there in one go
        step = min(count, min(end - at, ahead_end - ahead) // WIDTH)
        pass_station(X, s * X_STRIDE, hand, at, ahead, step)
        count -= step
        hand += step * WIDTH
        at += step * WIDTH
        ahead += step * WIDTH
        if at == end:
            at = plan[s, PLAN_BEGIN]
        if ahead == ahead_end:
            ahead = plan[s + 1, PLAN_BEGIN]
    plan[s, PLAN_AT] = at


@jit
def row_before(plan, s):
    """Where the last row stands in a station's ring."""
    at = plan[s, PLAN_AT]
    return (plan[s, PLAN_END] if at == plan[s, PLAN_BEGIN] else at) - WIDTH


@jit
def hold_back(X, plan, s, r, oldest):
    """The last row had no unit of a replication for this station: its starts move on by one row.

    ``oldest`` is the start that the row has overwritten: it is still the one after which the next place is free.
    """
    last = row_before(plan, s)
    at = last
    while True:
        at += WIDTH
        if at == plan[s, PLAN_END]:
            at = plan[s, PLAN_BEGIN]
        kept = X[at + r]
        X[at + r] = oldest
        oldest = kept
        if at == last:
            return
