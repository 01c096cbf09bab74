"""Trace, recall and balance in a year of 20 million units: ``python -m benchmarks.trace``.

The year is made up: 40 machines in a row, each counted every five minutes, day and night, with scrap now and then; a lot a day, a
material lot every eight hours, three persons a day. The figures are the slowest of many questions over the whole year.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC
from types import SimpleNamespace
from typing import Any

from fabrika.answers import balances, recall, trace
from fabrika.events.fields import Key
from fabrika.events.inventory import Consumed, Received
from fabrika.events.production import LotClosed, LotOpened, PersonSignedOn, UnitsCounted
from fabrika.operations.genealogy.state import REDUCER, GenealogyState
from fabrika.page import Asked
from fabrika.plant.read import read_plant

STATIONS, DAYS, UNITS_A_YEAR = 40, 365, 20_000_000
EVERY_US, DAY_US = 300_000_000, 86_400_000_000
BEGIN_US = 1_735_689_600_000_000  # 2025-01-01
QUESTIONS = 200
OPEN_LOTS = 20
BARS_MS = {"trace": 100.0, "recall": 100.0, "balance": 50.0}


def plant_text() -> bytes:
    """The plant file: one line of machines with small buffers."""
    rows = [f"      - {{id: s{n}, kind: machine, cycle: 1 s, scrap: 0.1 %, buffer: 40}}" for n in range(1, STATIONS)]
    head = ["fabrika: 1", "plant: {name: Forty in a row}", "lines:", "  - id: l", "    stations:"]
    return "\n".join([*head, "      - {id: s0, kind: machine, cycle: 1 s}", *rows]).encode()


def told(state: GenealogyState, event: Any, at_us: int) -> None:
    """Fold one event."""
    fact = SimpleNamespace(event=event, message=SimpleNamespace(at_us=at_us, key=Key("b", "0" * 16, 0)), position=0)
    REDUCER.apply(state, fact)  # type: ignore[arg-type]


def year() -> GenealogyState:
    """A year of counts, lots, material and persons."""
    state, rng = REDUCER.empty(), random.Random(1)
    flow = UNITS_A_YEAR // (DAYS * 288)
    for day in range(DAYS):
        day_us = BEGIN_US + day * DAY_US
        # The last day's lots are the open ones: each of a part of the line's day.
        parts = OPEN_LOTS if day == DAYS - 1 else 1
        for part in range(parts):
            told(state, LotOpened(lot=f"L-{day}-{part}", order="o", product="p", line="l", edition=1), day_us)
        for third in range(3):
            at_us = day_us + third * DAY_US // 3
            told(
                state,
                Received(material_lot=f"M-{day}-{third}", material="wire", quantity=1, location="x", person="p"),
                at_us,
            )
            told(state, Consumed(subject=f"M-{day}-{third}", station="l.s0", quantity=1), at_us)
            told(state, PersonSignedOn(person=f"p-{(day + third) % 9}", station="l.s0", role="operator"), at_us)
        for number in range(288):
            from_us = day_us + number * EVERY_US
            going = flow + rng.randint(-9, 9)
            for station in range(STATIONS):
                scrapped = int(rng.random() < 0.05) if station else 0
                told(
                    state,
                    UnitsCounted(
                        station=f"l.s{station}",
                        lot=f"L-{day}-{number * parts // 288}",
                        from_us=from_us,
                        to_us=from_us + EVERY_US,
                        entered=going,
                        good=going - scrapped,
                        scrapped=scrapped,
                    ),
                    from_us + EVERY_US,
                )
                going -= scrapped
        if day < DAYS - 1:
            told(state, LotClosed(lot=f"L-{day}-0", good=1, scrapped=0, person="p"), day_us + DAY_US)
    return state


def took(ask: Callable[[int], object], questions: int) -> tuple[list[float], list[float]]:
    """Time by the clock and processor time of so many questions, ms, ascending."""
    clock, own = [], []
    for number in range(questions):
        begin = time.perf_counter(), time.process_time()
        ask(number)
        clock.append(1000.0 * (time.perf_counter() - begin[0]))
        own.append(1000.0 * (time.process_time() - begin[1]))
    return sorted(clock), sorted(own)


def main() -> int:
    """Measure; 1 if a bar is missed."""
    plant = read_plant(plant_text(), "bench", lambda _name: UTC)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    state = year()
    made_s = time.perf_counter() - begin
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    begin = time.perf_counter()
    stored = REDUCER.dump(state)
    dumped_ms = 1000.0 * (time.perf_counter() - begin)
    begin = time.perf_counter()
    REDUCER.load(stored)
    loaded_ms = 1000.0 * (time.perf_counter() - begin)
    counts = DAYS * 288 * STATIONS
    print(
        f"{counts:,} counts of {STATIONS} stations made and folded in {made_s:.0f} s; memory grew by {grown_mb:.0f} MB"
    )
    print(f"snapshot {len(stored) / 1e6:.1f} MB, stored in {dumped_ms:.0f} ms, read in {loaded_ms:.0f} ms")
    states, rng = {"genealogy": state}, random.Random(2)

    def asked(names: dict[str, str], query: dict[str, str]) -> Asked:
        at_us = BEGIN_US + DAYS * DAY_US
        return Asked(at_us=at_us, position=0, plant=plant, edition=1, kind="plant", names=names, query=query)

    def unit(_number: int) -> object:
        day = rng.randrange(DAYS - 1)
        return trace.lot_trace(states, asked({"lot": f"L-{day}-0"}, {"unit": str(rng.randint(1, 50_000))}))

    def material(_number: int) -> object:
        return recall.recall(states, asked({}, {"material": f"M-{rng.randrange(DAYS)}-{rng.randrange(3)}"}))

    def all_open(_number: int) -> object:
        return list(balances.due(state, balances.ways(plant), BEGIN_US + 400 * DAY_US))

    missed = False
    for what, ask, questions in (
        ("trace", unit, QUESTIONS),
        ("recall", material, QUESTIONS),
        ("balance", all_open, 50),
    ):
        clock, own = took(ask, questions)
        missed |= clock[-1] > BARS_MS[what]
        print(
            f"{what}: median {clock[questions // 2]:.1f} ms, slowest {clock[-1]:.1f} ms of {questions}; processor "
            f"{own[questions // 2]:.1f} and {own[-1]:.1f} ms; bar {BARS_MS[what]:.0f} ms"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
