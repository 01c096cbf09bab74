"""One engine on one work in a process of its own, pinned to one core; prints one JSON object.

``python -m benchmarks.child ENGINE WORK --seconds 8 --seed 1 --core 1``. An engine that is not installed answers
``{"missing": ...}``, one that fails ``{"failed": ...}``: neither is an exit code, so that the table can say so.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from typing import Any

from benchmarks.line import Outcome
from benchmarks.peers import PEERS

PILOT_SHARE = 0.1
"""A pilot run of this share of the wanted time is long enough to size the run by."""

Timed = tuple[Outcome, float, float]


def timed(run: Callable[[], Outcome]) -> Timed:
    """The outcome, wall seconds, CPU seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = run()
    return outcome, time.perf_counter() - wall, time.process_time() - cpu


def sized(run: Callable[[int], Outcome], size: int, seconds: float) -> Timed:
    """Run with growing sizes until a run is long enough to tell the rate, then once for about ``seconds``."""
    while True:
        outcome, wall_s, cpu_s = timed(lambda: run(size))  # noqa: B023 - called at once
        if wall_s >= 0.8 * seconds:
            return outcome, wall_s, cpu_s
        enough = wall_s >= PILOT_SHARE * seconds
        size = max(size + 1, int(size * (min(seconds / wall_s, 100.0) if enough else 4)))


def peak_mb() -> float:
    """Peak resident memory of this process so far, MB of 10^6 bytes (ru_maxrss is in KiB on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def answer(outcome: Outcome, wall_s: float, cpu_s: float) -> dict[str, Any]:
    """The figures of one run."""
    return asdict(outcome) | {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "operations_per_s": outcome.operations / wall_s,
        "good_per_simulated_s": outcome.good / outcome.simulated_s,
        "peak_mb": peak_mb(),
    }


def peer(module: str, work: str, seconds: float, seed: int) -> dict[str, Any]:
    """One peer; import and first run (cimba compiles in it) are timed apart."""
    begin = time.perf_counter()
    model = import_module(f"benchmarks.peers.{module}")
    imported = time.perf_counter()
    model.run(work, 20, seed)
    first = time.perf_counter()
    found = answer(*sized(lambda size: model.run(work, size, seed), 100, seconds))
    return found | {"import_s": imported - begin, "first_run_s": first - imported}


def check(module: str, work: str) -> dict[str, Any]:
    """Whether the peer's model makes what the recursion makes."""
    return {"difference_s": import_module(f"benchmarks.peers.{module}").check(work)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.child")
    parser.add_argument("engine")
    parser.add_argument("work")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--core", type=int)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def _packages() -> dict[str, str]:
    return {row.module: row.package for row in PEERS}


def _do(told: argparse.Namespace) -> dict[str, Any]:
    if told.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {told.core})
    if told.engine == "fabrika":
        from benchmarks.fabrika_runs import measure

        return measure(told.work, seconds=told.seconds, seed=told.seed, share=told.share, years=told.years)
    if told.check:
        return check(told.engine, told.work)
    found = peer(told.engine, told.work, told.seconds, told.seed)
    return found | {"version": version(_packages()[told.engine])}


def main() -> None:
    """Answer on standard output, whatever happens."""
    told = _arguments()
    try:
        found = _do(told)
    except ModuleNotFoundError as error:
        found = {"missing": f"no module {error.name!r}"}
    except Exception as error:  # noqa: BLE001 - the table says what failed
        traceback.print_exc()
        found = {"failed": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
