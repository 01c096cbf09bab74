"""Layout of the kernel's memory: records in one int64 array.

The whole state of a run is three flat arrays: ``mem`` (int64: records, rings, segments), ``flt`` (float64: means, quantile
tables, scratch) and ``key`` (uint64: stream keys). A record is addressed by its base; ``mem[base + FIELD]`` is a
field. One flat array keeps calls cheap, makes a run a value that can be copied, hashed and resumed, and gives numba nothing
to miss: every constant here is part of the package whose hash keys the cache folder.
"""

from __future__ import annotations

NEVER = 1 << 62
POSITIVE = (1 << 62) - 1  # `x & POSITIVE` tells the compiler that an index is not negative
TICK = 1 << 20  # parts of a cycle on a clock of cycles
HAZARD = 1 << 40  # unit of the scrap budget
TILE_MAX = 1024
BLOCK = 512  # work contents drawn at once

# state classes, in the order of results.STATES
OFF_SHIFT, PLANNED, DOWN, WAITING, SETUP, PROCESSING, BLOCKED, STARVED, NO_ORDER = 0, 1, 2, 3, 4, 5, 6, 7, 8
STATES_N = 9
OPEN = -1
UNKNOWN = -2  # from the next call for a crew on: kernel/calls.py

# head of the memory
(
    H_NODES, H_NODE_N, H_STOP, H_T0, H_T1, H_DAYS, H_DAY_END, H_REJECTED, H_PRODUCTS, H_RAMP, H_RAMP_N, H_TARGET,
    H_TARGET_NS, H_GRANTS, H_ERROR, H_LEVELS, H_TELL, H_LONG, H_UNITS,
) = range(19)  # fmt: skip
H_SIZE = 32

# errors the kernel can meet
ERR_NONE, ERR_MARKS, ERR_LOG, ERR_STUCK = 0, 1, 2, 3
MOST_VAIN = 10_000  # decisions in a row after which nothing moved

# node record; WORTH: units that must wait for it to be looked at before others;
# AWAKE: something around it has changed since it was last advanced; STALE: so its choice is to be looked for anew
(
    N_KIND, N_NIN, N_NOUT, N_IN, N_OUT, N_NM, N_M, N_BEGUN, N_SIZE, N_KEEPS, N_PRODUCT, N_CAMPAIGN, N_NEXT_AT, N_SEQ,
    N_SEQ_N, N_TOLD, N_BUDGET, N_SCRAPS, N_COST, N_CYCLE, N_TABLE, N_RAMP, N_PTAB, N_SETUP, N_ENTERED, N_LEFT,
    N_SCRAPPED, N_SURPLUS, N_QUEUE, N_QHEAD, N_QTAIL, N_ASSIGNED, N_ASG, N_LASTD, N_LOT_SIZE, N_LOT_LEFT, N_LOT_BAD,
    N_LOT_N, N_PIECES, N_DAY, N_KEY, N_RR, N_RR_NEXT, N_SKIP, N_SURE, N_LOG, N_LOG_N, N_TILE, N_LIMIT, N_REJECT_P,
    N_GOOD, N_MEAN_EFF, N_JUDGED, N_EI, N_EO, N_ROOM, N_PASSED, N_WORKED, N_BLOCK, N_FBLOCK, N_DRAWN_FROM, N_DRAWN_TO,
    N_LANES, N_WORTH, N_AWAKE, N_STALE, N_CHOICE, N_CHOICE_M, N_CHOICE_AT, N_BEFORE, N_BEHIND, N_TIES, N_YIELDS, N_SPLITS,
    N_SPLITS_N, N_CALLS, N_CHOICE_CALL, N_EACH, N_MEETS, N_HELD, N_YIELDED,
) = range(81)  # fmt: skip
N_STRIDE = 88

# whose starts let go of what leaves several machines: those right behind a small buffer, those beyond what lies between, those
# behind a large buffer (tiles do not ask there)
YIELDS, YIELDS_BEYOND, YIELDS_FAR = 1, 2, 3

KIND_MACHINE, KIND_JUNCTION = 0, 1
# what a machine keeps of its units: one product out of its needs, or all of them again (batch)
KEEPS_ONE, KEEPS_ALL = 0, 1

# keys of a node, offsets into ``key``
K_CYCLE, K_SCRAP, K_LOTS = range(3)

# product record of a node
P_COST, P_SKIP, P_TABLE, P_MEAN = 0, 1, 2, 3
P_STRIDE = 4
TABLE_CONSTANT, TABLE_EXPONENTIAL = -1, -2

# machine record
(
    M_STATE, M_FREE, M_FIN, M_ACC, M_SEG, M_LOADT, M_PRODUCT, M_SETUPS, M_F, M_NF, M_X, M_DONE, M_MODE, M_REQ,
    M_UNITS, M_LEFT, M_T, M_KEY, M_LACK, M_INDEX, M_COST, M_RAMP, M_BEGAN, M_NUMBER, M_GIVEN, M_SETUP, M_HALTED, M_C,
    M_NC, M_KNOWN, M_CLOSED, M_OWED, M_OWED_STATE, M_THEN, M_THEN_STATE, M_TIMELINE, M_LAST, M_SPARE, M_STOP, M_TELL,
) = range(40)  # fmt: skip
M_STRIDE = 40
IDLE, LOADING, BUSY, CREW, FINISHED = 0, 1, 2, 3, 4
# what a machine in state CREW has paused at a call by clock, if anything
HALTED_WORK, HALTED_SETUP = 1, 2

# stop (failure mode or planned stop of a machine on a clock of cycles or busy time)
(
    F_CLOCK, F_LEFT, F_N, F_CLASS, F_AFTER, F_AFTER_T, F_REPAIR, F_REPAIR_T, F_CREW, F_SHIFTS, F_KEY, F_STRUCK,
    F_ORDER, F_NS,
) = range(14)  # fmt: skip
F_STRIDE = 14
CLOCK_CYCLES, CLOCK_BUSY = 0, 1
# stops that call a crew by a clock of their own: F_LEFT is the instant of the next call
CLOCK_CALENDAR, CLOCK_SHIFT = 2, 3

# lane of a machine while a parallel tile runs; behind the lanes stand their ring and an instant each
(
    L_FREE, L_FIN, L_LIM, L_ROOM, L_COST, L_DONE, L_BUSY, L_IDLE, L_BLOCKED, L_COUNTS,
) = range(10)  # fmt: skip
L_STRIDE = 10

# edge record; CHOSEN: a ring as large as the edge's, 1 where a place became free with the start that gave a product to a
# machine; 0: every taking is such a start
(
    E_PUT, E_TOOK, E_REL, E_CAP, E_RING, E_MASK, E_ZERO, E_GRANT, E_OFFER, E_DELAY, E_MARK, E_MMASK, E_MHEAD, E_MTAIL,
    E_STAY, E_NEED, E_LOADED, E_LPROD, E_SRC, E_DST, E_LAST, E_CLAIM, E_CLAIM_N, E_CHOSEN,
    E_STAY_HIGH, E_LEVELS,
) = range(26)  # fmt: skip
E_STRIDE = 26

# the unit-nanoseconds of an edge stand in two words, the low one with so many bits
STAY_BITS = 40
STAY_LOW = (1 << STAY_BITS) - 1

# record of a buffer's levels, where they are asked for: how many arrivals and takings were copied and how many of them are
# in the sums, up to which instant; where the copies (rings as large as the edge's) and the sums, ns at each level, stand
V_PUT, V_REL, V_CAME, V_GONE, V_AT, V_ARRIVALS, V_TAKINGS, V_NS = range(8)
V_STRIDE = 8

# what is told, where that is asked for (telling.py): rows so far and at most, the record of a machine that is looked at, the rows
T_N, T_CAP, T_LOOK, T_ROWS = range(4)
R_WHAT, R_WHO, R_A, R_B, R_C, R_D, R_E = range(7)
T_STRIDE = 7
# what a row tells: a run of a state that is over, one that is not, units that left, were scrapped or came in beyond the stop,
# a campaign that begins and the time by state until then, a unit that left, a call by clock that was answered
TELL_RUN, TELL_OPEN, TELL_LEFT, TELL_SCRAPPED, TELL_ENTERED, TELL_CAMPAIGN, TELL_TIME, TELL_EACH, TELL_CALL = range(9)
# of single units (units.py): taken by a machine, gone from it, passed on, withdrawn from an edge, withdrawn from a machine
TELL_LOADED, TELL_GONE, TELL_PASSED, TELL_DRAWN, TELL_DROPPED = range(9, 14)
# record of a machine's present state: class, stop record (0: none), since, until, the machine
Q_KIND, Q_MODE, Q_SINCE, Q_UNTIL, Q_MACHINE = range(5)
Q_STRIDE = 5

# mark record: from unit number AT on, campaign G; told at the instant T
K_AT, K_G, K_T = 0, 1, 2
MARK_STRIDE = 3

# segment record of a timeline
S_END, S_KIND, S_BIN, S_DAY = 0, 1, 2, 3
S_STRIDE = 4

# crew record: number of repairers, then the instant each is free
C_SIZE, C_FREE = 0, 1

# ramp record: from instant T on; the factors stand in flt
R_T, R_F = 0, 1
R_STRIDE = 2

# how a node is run in tiles
TILE_NONE, TILE_SERIAL, TILE_ASSEMBLY, TILE_PARALLEL, TILE_TRANSPORT = 0, 1, 2, 3, 4

# kinds of choice, in the order in which they are made at one instant
CHOICE_FINISH, CHOICE_PASS, CHOICE_GRANT, CHOICE_START = 0, 1, 2, 3
CHOICE_QUEUE = 4  # the place in the queue before a crew that is busy: it hangs on all that call at the same instant
CAMPAIGN_END = -1  # no choice, but it waits until all that comes before it is known
