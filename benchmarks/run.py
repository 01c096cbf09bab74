# ruff: noqa: E402 - run as a script, it first has to find the project
"""All engines side by side in one run: ``python benchmarks/run.py [--quick] [--only NAME] [--json OUT]``.

Every engine runs in a process of its own, pinned to one core, one after the other; rounds are interleaved (A B C, A B C,
...), so that a slow minute of the machine meets all of them. Nothing here is a test: no figure makes it fail.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from benchmarks import startup
from benchmarks.bars import OWN, bars
from benchmarks.peers import PEERS
from benchmarks.tables import WORKS, bar_table, work_table

BUSY = 0.5
"""A load average above this is told: the figures will be too low."""

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine on one work."""

    name: str
    module: str
    work: str

    def wanted(self, names: list[str]) -> bool:
        """Whether one of the names means it; no names mean all."""
        return not names or any(name.lower() in (self.name.lower(), self.module, self.work) for name in names)


@dataclass(slots=True)
class Results:
    """What was found, by engine and work; why others have no figures; what was measured apart."""

    rows: dict[tuple[str, str], list[Found]] = field(default_factory=lambda: defaultdict(list))
    checks: dict[str, Found] = field(default_factory=dict)
    why: dict[tuple[str, str], str] = field(default_factory=dict)
    apart: dict[str, Found] = field(default_factory=dict)


def engines() -> list[Engine]:
    """Every engine on every work it models: work by work, so that what is compared runs close together."""
    found = []
    for work in WORKS:
        found.append(Engine(OWN, "fabrika", work))
        found += [Engine(peer.name, peer.module, work) for peer in PEERS if work in peer.works]
    return found


def say(text: str) -> None:
    """Progress, on the error stream."""
    print(text, file=sys.stderr, flush=True)


def child(engine: Engine, *more: str, timeout_s: float = 900) -> Found:
    """Run one engine in a process of its own and take its answer."""
    command = [sys.executable, "-m", "benchmarks.child", engine.module, engine.work, *more]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"not finished after {timeout_s:g} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        return {"failed": f"ended with {done.returncode}: {last}"}
    found: Found = json.loads(lines[-1])
    return found


def why_not(found: Found) -> str:
    """Why an answer has no figures; empty if it has."""
    if "missing" in found:
        return f"missing: {found['missing']}"
    return f"failed: {found['failed']}" if "failed" in found else ""


def check_peers(chosen: list[Engine], results: Results) -> list[Engine]:
    """Feed every peer recorded draws first; what does not equal the recursion is not timed."""
    sound = []
    for engine in chosen:
        if engine.name == OWN:
            sound.append(engine)
            continue
        found = child(engine, "--check")
        reason = why_not(found)
        if not reason and found["difference_s"] != 0.0:
            reason = f"failed: differs from the recursion by {found['difference_s']:.3g} s"
        results.checks[f"{engine.name}, {engine.work}"] = found
        say(f"check  {engine.name:15} {engine.work:14} {reason or 'equal, unit by unit'}")
        if reason:
            results.why[engine.name, engine.work] = reason
        else:
            sound.append(engine)
    return sound


def measure(chosen: list[Engine], told: argparse.Namespace, results: Results) -> None:
    """Rounds over all engines, one process at a time."""
    for number in range(told.rounds):
        for engine in chosen:
            if (engine.name, engine.work) in results.why:
                continue
            options = ("--seconds", str(told.seconds), "--seed", str(number + 1), "--share", str(told.share))
            found = child(engine, *options, "--core", str(told.core))
            reason = why_not(found)
            if reason:
                results.why[engine.name, engine.work] = reason
                results.rows.pop((engine.name, engine.work), None)
            else:
                results.rows[engine.name, engine.work].append(found)
            rate = (
                "" if reason else f"{found['operations_per_s'] / 1e6:10.3f} M operations/s in {found['wall_s']:.2f} s"
            )
            say(f"round {number + 1}  {engine.name:15} {engine.work:14} {reason or rate}")


def measure_apart(told: argparse.Namespace, results: Results) -> None:
    """Start-up always; memory over years and proofs only in a full run."""
    jobs: dict[str, Any] = {"version": startup.version_s, "start": startup.first_and_later_s}
    if not told.quick:
        year = Engine(OWN, "fabrika", "plant-30-year")
        for years in (1, 4):
            words = f"memory {years} year{'s' if years > 1 else ''}"
            jobs[words] = lambda years=years: child(year, "--years", str(years), "--core", str(told.core))
        for plant in ("cartridge-20m", "bearings-6m"):
            jobs[f"prove {plant}"] = lambda plant=plant: startup.proof_s(f"plants/{plant}")
    for name, job in jobs.items():
        results.apart[name] = found = job()
        shown = {key: round(value, 3) for key, value in found.items() if isinstance(value, float)}
        say(f"apart  {name:30} {why_not(found) or shown}")


def machine() -> Found:
    """What it ran on."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = models[0] if models else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    parser = argparse.ArgumentParser(prog="python benchmarks/run.py", description="Fabrika beside its peers.")
    parser.add_argument("--quick", action="store_true", help="one short round; figures are rough")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="an engine, its module or a work")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every single answer there")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (3; quick: 1)")
    parser.add_argument("--seconds", type=float, help="length of one run of a line (8; quick: 1)")
    parser.add_argument("--core", type=int, default=cores[-1], help="the core everything is pinned to")
    told = parser.parse_args(arguments)
    told.rounds = told.rounds or (1 if told.quick else 3)
    told.seconds = told.seconds or (1.0 if told.quick else 8.0)
    told.share = 0.05 if told.quick else 1.0
    return told


def report(results: Results, chosen: list[Engine], told: argparse.Namespace) -> str:
    """All tables."""
    parts = []
    for work in WORKS:
        names = [engine.name for engine in chosen if engine.work == work]
        if names:
            parts.append(work_table(results.rows, work, [(name, results.why.get((name, work), "")) for name in names]))
    parts.append("Bars\n\n" + bar_table(bars(results.rows, results.apart, full=told.share == 1.0)))
    failed = [f"{name}: {why_not(found)}" for name, found in results.apart.items() if why_not(found)]
    if failed:
        parts.append("Not measured:\n\n" + "\n".join(f"* {line}" for line in failed))
    if "told" in results.apart.get("start", {}):
        parts.append(f"First use {'tells' if results.apart['start']['told'] else 'DOES NOT tell'} that it compiles.")
    return "\n\n".join(parts)


def main(arguments: list[str] | None = None) -> None:
    """Check, measure, report."""
    told = _arguments(arguments)
    chosen = [engine for engine in engines() if engine.wanted(told.only)]
    unknown = [name for name in told.only if not any(engine.wanted([name]) for engine in engines())]
    if unknown:
        names = sorted({engine.name for engine in engines()} | {engine.work for engine in engines()})
        raise SystemExit(f"Nothing is called {', '.join(unknown)}. Use one of: {', '.join(names)}.")
    where = machine()
    say(", ".join(f"{name} {value}" for name, value in where.items()))
    if where["load"] > BUSY:
        say("This machine is busy: the figures will be too low.")
    results = Results()
    measure(check_peers(chosen, results), told, results)
    if not told.only:
        measure_apart(told, results)
    print(report(results, chosen, told))
    if told.json:
        rows = [{"engine": a, "work": b, "answers": found} for (a, b), found in results.rows.items()]
        why = [{"engine": a, "work": b, "why": reason} for (a, b), reason in results.why.items()]
        settings = {name: value for name, value in vars(told).items() if name != "json"}
        judged = [asdict(bar) | {"met": bar.met} for bar in bars(results.rows, results.apart, full=told.share == 1.0)]
        whole = {"machine": where, "settings": settings, "results": rows, "without figures": why}
        whole |= {"checks": results.checks, "apart": results.apart, "bars": judged}
        told.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
