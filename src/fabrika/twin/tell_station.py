"""What one station tells: counts with the time in each state, and changes of state that last.

A count covers five minutes, and ends early where a shift or a campaign begins or ends. While nobody works, nothing is made and
the station is off shift, it is told once an hour.

**Times.** The twin counts in ns, the floor in µs. Each interval's µs are shared out among the states so that they sum to it
exactly, the largest remainders first; what is left over is carried to the next count, so that a sum over any number of counts
is within 1 µs of the twin's. A station of several machines tells the mean of its machines.

**Changes.** A station works as long as none of its machines' waits lasts half a minute; a standstill is told as of its begin. A
station of several machines stands when all of them do, and is then in the state that comes first in the order of ISO 22400-2 as
the twin has it. The controller waits half a minute before it tells anything, so that it knows what lasts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from fabrika.events.production import StateTime, StationChanged, UnitsCounted
from fabrika.twin.kernel.fields import PROCESSING, STATES_N
from fabrika.twin.results import STATES
from fabrika.twin.telling import LONG_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fabrika.events.event import Event
    from fabrika.twin.network import Node
    from fabrika.twin.told_run import Standstill, Turn, Window

DIGITS = 1_000_000
"""A machine's counter shows six digits and begins anew behind the last."""


class Said(NamedTuple):
    """Something that a source tells.

    Attributes:
        at_us: when it happened.
        source: who tells it.
        event: what.
        actor, device: as in :class:`fabrika.events.envelope.Message`.
        edge_at_us: when the connector near the source took it; None where the source speaks for itself.
    """

    at_us: int
    source: str
    event: Event
    actor: str | None = None
    device: str | None = None
    edge_at_us: int | None = None


def shared(carry: list[int], total: int, unit: int) -> list[int]:
    """Share ``total`` out among states whose time is ``carry``, in parts of ``unit``; ``carry`` keeps what is left over.

    The largest remainders get one more. No share is negative.
    """
    told = [amount // unit if amount > 0 else 0 for amount in carry]
    rest = total - sum(told)
    while rest:
        beyond = [part * unit - amount for part, amount in zip(told, carry, strict=True)]
        order = sorted(range(len(carry)), key=beyond.__getitem__)
        if rest < 0:
            order = [k for k in reversed(order) if told[k]]
        step = 1 if rest > 0 else -1
        for k in order[: abs(rest)]:
            told[k] += step
        rest = total - sum(told)
    carry[:] = [amount - part * unit for part, amount in zip(told, carry, strict=True)]
    return told


def times_before(window: Window, times: list[int], turns: Sequence[Turn], machines: int) -> list[list[int]]:
    """Time by state in a window before each of a station's turns, ns.

    Where a call for a crew was not answered yet when the station turned, the kernel cannot know it; what is left of the window
    is then divided in proportion.
    """
    found: list[list[int]] = []
    spent, since, known = [0] * len(times), window.since, True
    for turn in turns:
        known = known and sum(turn.times) == machines * (turn.at - window.since)
        if known:
            spent = turn.times
        else:
            passed, left = turn.at - since, window.until - since
            spent = [own + (whole - own) * passed // left for own, whole in zip(spent, times, strict=True)]
        since = turn.at
        found.append(spent)
    return found


class Station:
    """One station's voice.

    Args:
        node: its node.
        start_us: begin of what is told.
        late_us: how long its messages are on the way to the connector.
    """

    def __init__(self, node: Node, start_us: int, late_us: int) -> None:
        assert node.station is not None
        self.node, self.name = node, node.name
        self.source = f"controller/{node.name}"
        self.machines = node.station.machines if node.machine else 0
        self.late_us = late_us + LONG_NS // 1000
        self.lot: str | None = None
        self.from_us = start_us
        self.counted = (0, 0, 0)
        self.counter = 0
        self.reset = False
        self.times = [0] * STATES_N
        self.states = States(self.machines)
        self.switched: int | None = None

    def say(self, event: Event, at_us: int) -> Said:
        """Something that this station's controller tells."""
        return Said(at_us, self.source, event, edge_at_us=at_us + self.late_us)

    def lasted(self, times: Sequence[int], less: Sequence[int] = ()) -> None:
        """More machine time has passed, ns by state; ``less`` of it was told already."""
        self.times = [own + new for own, new in zip(self.times, times, strict=True)]
        for k, old in enumerate(less):
            self.times[k] -= old

    def count(self, until_us: int, counts: Sequence[int]) -> Said:
        """Tell what was counted since the last time; ``counts``: units in, good and scrapped since the begin."""
        before = self.counted
        entered, good, scrapped = counts[0] - before[0], counts[1] - before[1], counts[2] - before[2]
        shown, reset = None, False
        if self.machines:
            total = self.counter + good + scrapped
            shown, reset = total % DIGITS, self.reset or total >= DIGITS
            self.counter = shown
        lasts = until_us - self.from_us
        times: tuple[StateTime, ...] = ()
        if self.machines:
            told = shared(self.times, lasts, 1000 * self.machines)
            times = tuple(StateTime(state=STATES[k], duration_us=part) for k, part in enumerate(told) if part)  # type: ignore[arg-type]
        event = UnitsCounted(
            station=self.name,
            lot=self.lot,
            from_us=self.from_us,
            to_us=until_us,
            entered=entered,
            good=good,
            scrapped=scrapped,
            counter=shown,
            counter_reset=reset,
            times=times,
        )
        self.from_us, self.counted, self.reset = until_us, tuple(counts), False  # type: ignore[assignment]
        return self.say(event, until_us)

    def clear_counter(self) -> None:
        """The counter begins anew, as the machine is set up for another campaign."""
        self.reset = self.reset or self.counter > 0
        self.counter = 0

    def change(self, at_us: int, kind: int, mode: str | None, lot: str | None) -> Said:
        """Tell another state."""
        event = StationChanged(station=self.name, state=STATES[kind], lot=lot, mode=mode)  # type: ignore[arg-type]
        return self.say(event, at_us)


class States:
    """From the standstills of a station's machines to the changes that are told, as far as they are certain.

    Args:
        machines: how many there are.
    """

    def __init__(self, machines: int) -> None:
        self.runs: list[list[Standstill]] = [[] for _ in range(machines)]
        self.reached: int | None = None
        self.raw: list[tuple[int, int, str | None]] = []
        self.told: tuple[int, str | None] | None = None
        self._next: float = -math.inf
        self.quiet_until: float = -math.inf if machines else math.inf

    def learn(self, found: Standstill) -> bool:
        """Take in what has become known; whether it is the end of a standstill that was not known before."""
        runs = self.runs[found.machine]
        if runs and found.since < runs[-1].since:
            return False
        ended = found.until is not None
        if not runs or found.since > runs[-1].since:
            runs.append(found)
        elif runs[-1].until is None and ended:
            runs[-1] = found
        else:
            return False
        self._next = self.quiet_until = -math.inf
        return ended

    def changes(self, horizon: int) -> list[tuple[int, int, str | None]]:
        """Changes that lasted, as of ``horizon`` ns, before which all standstills are known: (ns, class, mode)."""
        if self.quiet_until > horizon:
            return []
        self._follow(horizon)
        found = []
        while self.raw:
            at, kind, mode = self.raw[0]
            until = self.raw[1][0] if len(self.raw) > 1 else horizon
            lasts = until - at >= LONG_NS
            if lasts and (kind, mode) != self.told:
                self.told = kind, mode
                found.append((at, kind, mode))
            if len(self.raw) == 1:
                break
            del self.raw[0]
        if len(self.raw) == 1 and self.raw[0][1:] == self.told:
            self.quiet_until = self._next
        return found

    def _follow(self, horizon: int) -> None:
        """Add the state at every begin and end of a standstill up to the horizon."""
        if self.reached is None:
            return
        edges = {edge for runs in self.runs for run in runs for edge in (run.since, run.until) if edge is not None}
        for at in sorted(edge for edge in edges if self.reached < edge <= horizon):
            self._see(at)
        self.reached = max(self.reached, horizon)
        self._next = min((edge for edge in edges if edge > self.reached), default=math.inf)
        for runs in self.runs:
            while len(runs) > 1 and (runs[0].until or 0) <= self.reached:
                del runs[0]

    def begin(self, at: int) -> None:
        """The state at the begin of what is told."""
        self.reached = at
        self._see(at)

    def _see(self, at: int) -> None:
        now = self._state_at(at)
        if not self.raw or self.raw[-1][1:] != now:
            self.raw.append((at, *now))

    def _state_at(self, at: int) -> tuple[int, str | None]:
        standing = []
        for runs in self.runs:
            run = next((run for run in reversed(runs) if run.since <= at), None)
            if run is None or (run.until is not None and run.until <= at):
                return PROCESSING, None
            standing.append((run.kind, run.mode))
        return min(standing, key=lambda state: (state[0], state[1] or ""))
