"""Fabrika's side: what is measured is one call of ``replicate``, or of ``replicate_abreast`` for eight replications of a
line (arrays, timelines, kernel and figures by state).

Import, reading the file and compiling are outside and are told apart.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.child import answer, sized, timed
from benchmarks.line import Outcome

ROOT = Path(__file__).resolve().parents[1]
FILES = {
    "line-a": ROOT / "benchmarks/plants/line-a.yaml",
    "line-b": ROOT / "benchmarks/plants/line-b.yaml",
    "line-a-8": ROOT / "benchmarks/plants/line-a.yaml",
    "plant-30": ROOT / "benchmarks/plants/plant-30.yaml",
    "plant-30-year": ROOT / "benchmarks/plants/plant-30-year.yaml",
    "cartridge-20m": ROOT / "plants/cartridge-20m",
    "bearings-6m": ROOT / "plants/bearings-6m",
}
YEARS = ("plant-30-year", "cartridge-20m", "bearings-6m")
GOOD_UNITS = 20_000_000
"""A year's output of PLANT-30."""

REPLICATIONS = 8
HOURS_A_DAY = 24
PILOT_DAYS = 2


class Twin:
    """A plant file, ready to run."""

    def __init__(self, work: str, seed: int) -> None:
        begin = time.perf_counter()
        from fabrika.app.warm import warm

        warm()
        from fabrika import __version__, read
        from fabrika.twin import abreast, period, replicate

        self.ready_s = time.perf_counter() - begin
        self.version = __version__
        self.seed = seed
        self._period = period
        self._replicate = replicate.replicate
        self._abreast = abreast.replicate_abreast
        self.plant: Any = read(FILES[work]).plant
        # whatever is compiled or loaded on first use
        self.hours(1, REPLICATIONS if work.endswith("-8") else 1)

    def hours(self, hours: int, replications: int = 1) -> Outcome:
        """So many hours; several replications abreast on one core."""
        return self._over(self._period.days(self.plant, hours / HOURS_A_DAY), replications)

    def years(self, years: int) -> Outcome:
        """Whole calendar years."""
        return self._over(self._period.year(self.plant, years=years, steady=True), 1)

    def until(self, good: int) -> Outcome:
        """A period in which at least ``good`` good units come out, found by a pilot run; only the last run is timed."""
        pilot = self.hours(PILOT_DAYS * HOURS_A_DAY)
        hours = -(-good * PILOT_DAYS * HOURS_A_DAY // max(pilot.good, 1))
        while True:
            outcome, self.wall_s, self.cpu_s = timed(lambda: self.hours(hours))  # noqa: B023 - called at once
            if outcome.good >= good:
                return outcome
            hours += max(1, hours // 50)

    def _over(self, period: Any, replications: int) -> Outcome:
        if replications == 1:
            runs = [self._replicate(self.plant, period, self.seed, 0)]
        else:
            runs = self._abreast(self.plant, period, self.seed, range(replications))
        operations = sum(int(run.operations) for run in runs)
        good = sum(int(run.good.sum()) for run in runs)
        return Outcome(operations, good, sum(run.window_ns for run in runs) / 1e9)


def measure(work: str, *, seconds: float, seed: int, share: float, years: int) -> dict[str, Any]:
    """One timed run.

    Args:
        work: a key of :data:`FILES`.
        seconds: about how long a run of a line lasts.
        seed: of the run.
        share: share of PLANT-30's year's output that is made (a quick run makes less).
        years: simulated years of the works that run whole years.
    """
    if not FILES[work].exists():
        return {"missing": f"no plant {FILES[work].relative_to(ROOT)}"}
    twin = Twin(work, seed)
    if work in YEARS:
        run = timed(lambda: twin.years(years))
    elif work == "plant-30":
        outcome = twin.until(round(share * GOOD_UNITS))
        run = outcome, twin.wall_s, twin.cpu_s
    else:
        replications = REPLICATIONS if work.endswith("-8") else 1
        run = sized(lambda hours: twin.hours(hours, replications), 1, seconds)
    return answer(*run) | {"version": twin.version, "import_s": twin.ready_s, "first_run_s": 0.0}
