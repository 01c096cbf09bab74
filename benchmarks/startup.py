"""What a user waits for: ``--version``, first use with an empty cache, later starts, a proof; and memory over years."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TIMES = 5
SMALL_RUN = ("simulate", "benchmarks/plants/line-a.yaml", "--days", "0.1", "--replications", "1", "--workers", "1")

Found = dict[str, Any]


def _call(arguments: tuple[str, ...], cache: Path | None = None) -> tuple[float, str]:
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    if cache is not None:
        environment["XDG_CACHE_HOME"] = str(cache)
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "fabrika", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    wall_s = time.perf_counter() - begin
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise RuntimeError(f"fabrika {arguments[0]} ended with {done.returncode}: {last}")
    return wall_s, done.stderr


def _guarded(measure: Any) -> Found:
    try:
        found: Found = measure()
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return {"failed": str(error)}
    return found


def version_s() -> Found:
    """``fabrika --version``: median wall seconds of the whole process."""
    return _guarded(lambda: {"wall_s": median(_call(("--version",))[0] for _ in range(TIMES))})


def first_and_later_s() -> Found:
    """A small run with an empty cache, then again with what the first one left there; whole process."""

    def measure() -> Found:
        with tempfile.TemporaryDirectory() as folder:
            cache = Path(folder)
            first_s, told = _call(SMALL_RUN, cache)
            later = [_call(SMALL_RUN, cache)[0] for _ in range(TIMES)]
        return {"first_s": first_s, "told": "compil" in told, "later_s": median(later)}

    return _guarded(measure)


def proof_s(plant: str, budget: str = "3min") -> Found:
    """``fabrika prove`` on all cores: seconds to the first answer, by its own clock, and to the end of the process."""
    if not (ROOT / plant).exists():
        return {"missing": f"no plant {plant}"}
    begin = time.perf_counter()
    command = [sys.executable, "-u", "-m", "fabrika", "prove", plant, "--budget", budget, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    total_s = time.perf_counter() - begin
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        return {"failed": f"fabrika prove ended with {done.returncode}: {''.join(last)}"}
    return {"first_s": json.loads(done.stdout)["sharpness"]["first_answer_s"], "total_s": total_s}
