"""Several replications of a serial line at once, each with the figures that it has alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fabrika.twin.kernel import events, rows
from fabrika.twin.kernel import fields as f
from fabrika.twin.kernel.abreast import go_abreast, hand_back, ready, take_in
from fabrika.twin.kernel.vectors import MOST_ROWS, WIDTH
from fabrika.twin.replicate import advance_to, figures, laid_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fabrika.plant.model import Plant
    from fabrika.twin.compile import Compiled
    from fabrika.twin.network import Network
    from fabrika.twin.results import Period, Replication


def replicate_abreast(
    plant: Plant,
    period: Period,
    seed: int,
    numbers: Sequence[int],
    *,
    draw_beliefs: bool = False,
    progress: Callable[[float], None] | None = None,
) -> tuple[Replication, ...]:
    """Simulate up to eight replications of a plant that is :func:`fabrika.twin.bundle.in_a_row`, unit by unit.

    Args:
        plant, period, seed: as for :func:`fabrika.twin.replicate.replicate`.
        numbers: of the replications, 1 to 8 of them.
        draw_beliefs: multiply every uncertain parameter by a factor drawn from its belief.
        progress: called now and then with the share done, in [0, 1]; may raise to stop.

    Returns:
        The replications in the order of ``numbers``, each as it is alone.

    Raises:
        RunRefusedError: the plant cannot be run as it stands.
        TwinLimitError: the kernel met a limit of its own.
    """
    made = [laid_out(plant, period, seed, number, draw_beliefs=draw_beliefs) for number in numbers]
    ready()
    with np.errstate(over="ignore"):
        _Rows([compiled for _, compiled, _ in made]).run(progress)
    return tuple(figures(world, period, compiled, factors) for world, compiled, factors in made)


def _in_order(net: Network) -> list[int]:
    """Nodes in the order in which units pass them."""
    at = next(i for i, node in enumerate(net.nodes) if not node.inputs)
    found = [at]
    while net.nodes[at].outputs:
        at = net.at[net.edges[net.nodes[at].outputs[0]].target]
        found.append(at)
    return found


class _Rows:
    """Replications abreast, their memories and how far each has come."""

    def __init__(self, compiled: list[Compiled]) -> None:
        self.mems = np.stack([run.mem for run in compiled])
        self.flts = np.stack([run.flt for run in compiled])
        self.keys = np.stack([run.key for run in compiled])
        for r, run in enumerate(compiled):
            run.mem, run.flt, run.key = self.mems[r], self.flts[r], self.keys[r]
        self.compiled = compiled
        order = _in_order(compiled[0].network)
        self.plan = self._planned(order)
        stations = len(order)
        self.X = np.zeros(int(self.plan[-1, rows.PLAN_END]), dtype=np.int64)
        self.cell = np.zeros((rows.CELL_N, stations * WIDTH), dtype=np.int64)
        self.runs = np.zeros((rows.RUN_N, WIDTH), dtype=np.int64)
        self.cell[rows.CELL_EVENT] = self.runs[rows.RUN_UNTIL] = rows.FAR
        stops = max(int(self.mems[0, m + f.M_NF]) for m in self.plan[:-1, rows.PLAN_MACHINE])
        self.saved = np.zeros((stations * WIDTH, events.SAVED_N + stops * f.F_STRIDE), dtype=np.int64)
        self.first = int(self.plan[0, rows.PLAN_NODE])
        self.machine = int(self.plan[0, rows.PLAN_MACHINE])
        self.cuts = self._cuts()
        self.reached = [-1] * len(compiled)
        self.row = 0

    def _planned(self, order: list[int]) -> NDArray[np.int64]:
        """The stations' records and rings, shape (stations + 1, PLAN_N)."""
        one = self.compiled[0]
        plan = np.zeros((len(order) + 1, rows.PLAN_N), dtype=np.int64)
        at = len(order) * rows.X_STRIDE + MOST_ROWS * WIDTH
        for s, i in enumerate([*order, -1]):
            places = MOST_ROWS
            if 0 < s < len(order):
                edge = one.network.nodes[i].inputs[0]
                plan[s, rows.PLAN_EDGE] = one.edge[edge]
                plan[s, rows.PLAN_PLACES] = places = one.network.edges[edge].cap
            if s < len(order):
                plan[s, rows.PLAN_NODE], plan[s, rows.PLAN_MACHINE] = one.node[i], one.machines[i][0]
            plan[s, rows.PLAN_BEGIN] = plan[s, rows.PLAN_AT] = at
            at += places * WIDTH
            plan[s, rows.PLAN_END] = at
        return plan

    def _cuts(self) -> list[int]:
        """Ends of the pieces of the timeline that all machines share, up to the end of the window."""
        mem, end = self.mems[0], self.compiled[0].stops_ns[-1]
        seg = int(mem[self.machine + f.M_SEG])
        cuts: list[int] = []
        while not cuts or cuts[-1] < end:
            cuts.append(min(int(mem[seg + f.S_END]), end))
            seg += f.S_STRIDE
        return cuts

    def run(self, progress: Callable[[float], None] | None) -> None:
        """Run all replications to the end of their windows."""
        under_way = {r for r in range(len(self.compiled)) if self._carry(r)}
        while under_way:
            state = self.X, self.plan, self.cell, self.runs
            self.row = int(go_abreast(self.mems, self.flts, self.keys, *state, self.saved, self.row))
            for r in sorted(under_way):
                if self.runs[rows.RUN_DUE, r]:
                    hand_back(self.mems[r], *state, r, self.row)
                    if not self._carry(r):
                        under_way.remove(r)
            if progress is not None:
                reached = sum(self.cuts[k] for k in self.reached if k >= 0)
                progress(reached / self.cuts[-1] / len(self.reached))

    def _carry(self, r: int) -> bool:
        """Let the general kernel run a replication until it can be taken in; False: it came to the end of its window."""
        run, mem = self.compiled[r], self.mems[r]
        state = self.X, self.plan, self.cell, self.runs
        while True:
            if self.reached[r] >= 0 or mem[self.first + f.N_BEGUN] > 0:
                self._pass_cut(r)
                if self.reached[r] == len(self.cuts) - 1:
                    return False
            # one more unit begins behind the cut, and all that are under way go through to the end
            mem[self.first + f.N_NEXT_AT] = mem[self.first + f.N_LIMIT] = mem[self.first + f.N_BEGUN] + 1
            advance_to(run, self.cuts[-1])
            mem[self.first + f.N_NEXT_AT] = mem[self.first + f.N_LIMIT] = f.NEVER
            if take_in(mem, *state, r, self.row):
                return True

    def _pass_cut(self, r: int) -> None:
        """Run a replication to the end of the piece of the timeline in which its first machine stands."""
        acc = self.mems[r, self.machine + f.M_ACC]
        self.reached[r] += 1
        while self.cuts[self.reached[r]] <= acc and self.reached[r] < len(self.cuts) - 1:
            self.reached[r] += 1
        advance_to(self.compiled[r], self.cuts[self.reached[r]])
