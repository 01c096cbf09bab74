"""What a plant tells in a short time, and what the same run gives untold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from fabrika.events.production import StationChanged, UnitsCounted
from fabrika.plant import model
from fabrika.twin.replicate import layout, replicate
from fabrika.twin.results import STATES, Period, Replication
from fabrika.twin.tell import Teller
from fabrika.twin.tell_station import Said
from twin.plants import ORIGIN_US

SECOND = 10**6
WARM_UP_US, LENGTH_US, BEYOND_US = 50 * SECOND, 480 * SECOND, 200 * SECOND


def period(length_us: int = LENGTH_US) -> Period:
    start_us = ORIGIN_US + WARM_UP_US
    return Period(start_us, start_us + length_us, WARM_UP_US, start_us, steady=False)


def told(
    plant: model.Plant, *, seed: int = 1, every_s: int = 20, length_us: int = LENGTH_US, beyond_us: int = BEYOND_US
) -> list[Said]:
    """All that is told up to the end of a time, by a run that goes on beyond it."""
    plant = replace(plant, warm_up_s=WARM_UP_US / 1e6)
    end_us = period(length_us).end_us
    found: list[Said] = []
    for upto, said in Teller(plant, period(length_us + beyond_us), seed, every_us=every_s * SECOND).tell():
        found += [one for one in said if one.at_us <= end_us]
        if upto >= end_us:
            return found
    raise AssertionError("the run was too short")


def untold(plant: model.Plant, *, seed: int = 1, length_us: int = LENGTH_US) -> Replication:
    return replicate(replace(plant, warm_up_s=WARM_UP_US / 1e6), period(length_us), seed, 0)


def counts_of(said: list[Said]) -> dict[str, list[UnitsCounted]]:
    found: dict[str, list[UnitsCounted]] = defaultdict(list)
    for one in said:
        if isinstance(one.event, UnitsCounted):
            found[one.event.station].append(one.event)
    return found


def states_of(said: list[Said], end_us: int) -> dict[str, list[tuple[int, int, str]]]:
    """Told states of each station as (from, to, state)."""
    begins: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for one in said:
        if isinstance(one.event, StationChanged):
            begins[one.event.station].append((one.at_us, one.event.state))
    return {
        station: [(at, until, state) for (at, state), (until, _) in pairwise([*rows, (end_us, "")])]
        for station, rows in begins.items()
    }


def check_totals(plant: model.Plant, said: list[Said], figures: Replication) -> None:
    """Counts and times by state sum up to the figures of the untold run: units exactly, times to the microsecond."""
    names = layout(plant)
    counts = counts_of(said)
    for row, station in enumerate(names.stations):
        own = counts[station]
        total = [sum(getattr(count, key) for count in own) for key in ("entered", "good", "scrapped")]
        assert total == figures.counts[row, :3].tolist(), station
        lasted = dict.fromkeys(STATES, 0)
        for count in own:
            for part in count.times:
                lasted[part.state] += part.duration_us
        for column, state in enumerate(STATES):
            exact_us = figures.state_ns[row, column] / 1000 / names.machines[row]
            assert abs(lasted[state] - exact_us) <= 1.0, (station, state)


def check_intervals(said: list[Said], begin_us: int, end_us: int) -> None:
    """Counts of a station follow on each other without a hole, and the times in each sum to its interval."""
    for station, own in counts_of(said).items():
        assert own[0].from_us == begin_us, station
        assert own[-1].to_us == end_us, station
        assert all(before.to_us == after.from_us for before, after in pairwise(own)), station
        for count in own:
            assert count.to_us > count.from_us, station
            if count.times:
                assert sum(part.duration_us for part in count.times) == count.to_us - count.from_us, station


def check_counters(said: list[Said]) -> None:
    """A machine's counter grows by what it made, unless it began anew or rolled over."""
    for station, own in counts_of(said).items():
        shown = 0
        for count in own:
            if count.counter is None:
                continue
            made = count.good + count.scrapped
            if count.counter_reset:
                assert count.counter in {made % 10**6, (shown + made) % 10**6}, station
            else:
                assert count.counter == shown + made, station
            shown = count.counter


def check_states(plant: model.Plant, said: list[Said], end_us: int) -> None:
    """Changes and the times in the counts tell the same story."""
    machines = dict(zip(layout(plant).stations, layout(plant).machines, strict=True))
    kinds = dict(zip(layout(plant).stations, layout(plant).kinds, strict=True))
    states = states_of(said, end_us)
    for station, own in counts_of(said).items():
        if kinds[station] == "transport":
            continue
        for begin, until, state in states[station]:
            assert until - begin >= 30 * SECOND - 1 or until == end_us, station
            for count in own:
                if begin <= count.from_us and count.to_us <= until and machines[station] == 1:
                    alone = count.times[0].state if len(count.times) == 1 else None
                    if state != "processing":
                        _mostly(count, state, until - begin)
                    elif count.to_us - count.from_us >= 30 * SECOND:
                        assert alone in {None, "processing"}, (station, count)


def _mostly(count: UnitsCounted, state: str, span_us: int) -> None:
    """A standstill is told as one even if less than half a minute of something else lies within it."""
    other = sum(part.duration_us for part in count.times if part.state != state)
    assert other < 30 * SECOND, (count, state, span_us)
