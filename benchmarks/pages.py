"""``python -m benchmarks.pages FOLDER [SECONDS]``: how long people wait for a page of a plant with a year of history.

A year of the cartridge plant is told in FOLDER once and kept. ``fabrika serve`` serves it, the live twin goes on beside it at ten
times the plant's speed, and fifty people in several roles and languages click in another process: each thinks for 2 to 5 s, and every
page is followed as a browser does it. Then each page is asked for alone, for the processor time that it takes, and all fifty click
without thinking, for the highest rate.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.bars import Bar
from benchmarks.page_book import PASSWORD, PLANT, environment, made, persons
from benchmarks.page_people import PAGES
from benchmarks.tables import bar_table, table

SPEED, SECONDS, WARM_S, MOST_S = 10.0, 120.0, 20.0, 15.0
THINK_S = (2.0, 5.0)
ALONE = 40
WANTED_S = 0.050
TICK_HZ = os.sysconf("SC_CLK_TCK")
DAY_US = 86_400_000_000


@contextmanager
def copied(data: Path) -> Iterator[Path]:
    """A copy that goes on, so that every run begins at the same instant of the plant."""
    copy = data.with_name("served")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


@contextmanager
def served(data: Path) -> Iterator[tuple[int, int]]:
    """Process and port of a server of the year that goes on."""
    command = [sys.executable, "-m", "fabrika", "serve", "--data", str(data), "--port", "0", "--live", str(SPEED)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None
    try:
        port = None
        while port is None:
            line = process.stdout.readline()
            assert line, "the server did not begin"
            found = re.search(r"http://[^:]+:(\d+)/", line)
            port = int(found[1]) if found else None
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(120)


def processor_s(pid: int) -> float:
    """Processor time of a process so far, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK_HZ


def queued_s(pid: int) -> float:
    """Time that a process's threads were ready and had no processor, so far: what others on the machine take from those who wait."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[1]) for task in tasks) / 1e9


def machine_s() -> tuple[float, float]:
    """Processor time of the whole machine so far: busy, and stolen by its host."""
    fields = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / TICK_HZ, fields[7] / TICK_HZ


class Clicked:
    """What came of some clicking, with what the machine did meanwhile."""

    def __init__(self, plan: dict[str, Any], pid: int) -> None:
        client = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.page_people"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(json.dumps(plan) + "\n")
        client.stdin.flush()
        self.cookies: dict[str, Any] = json.loads(client.stdout.readline())["cookies"]
        before, begun, machine, queued = processor_s(pid), time.time(), machine_s(), queued_s(pid)
        client.stdin.write("go\n")
        client.stdin.flush()
        told = json.loads(client.stdout.readline())
        self.seconds = time.time() - begun
        self.server_s, self.queued_s = processor_s(pid) - before, queued_s(pid) - queued
        busy_s, self.stolen_s = (now - then for now, then in zip(machine_s(), machine, strict=True))
        self.others_s = busy_s - self.server_s - told["processor_s"]
        client.wait(30)
        self.begun, self.messages, self.streams = begun, told["messages"], told["streams"]
        self.waited: list[tuple[str, float, float, int]] = told["waited"]
        assert not told["wrong"], told["wrong"][:5]

    def share(self, part: float, page: str | None = None, after_s: float = 0.0) -> float | None:
        """The time (s) in which this part of the clicks was answered."""
        found = sorted(s for name, at, s, _ in self.waited if page in (None, name) and at - self.begun >= after_s)
        return found[min(len(found) - 1, int(part * len(found)))] if found else None

    def count(self, page: str | None = None, after_s: float = 0.0) -> int:
        """Clicks."""
        return sum(page in (None, name) and at - self.begun >= after_s for name, at, _, _ in self.waited)


def plan_of(port: int, size: int, last_us: int) -> dict[str, Any]:
    """What everybody needs to know to click."""
    from fabrika.app.files import read_file

    plant = read_file(PLANT)
    may = {role.id: sorted(role.may) for role in plant.roles}
    return {
        "host": "127.0.0.1",
        "port": port,
        "password": PASSWORD,
        "people": {person: may[role] for person, role in persons().items()},
        "lines": [line.id for line in plant.lines],
        "stations": [f"{line.id}.{station.id}" for line in plant.lines for station in line.stations],
        "size": size,
        "year_us": (last_us - 365 * DAY_US, last_us),
        "seconds": 0.0,
        "think_s": THINK_S,
        "followed": 1.0,
        "seed": 1,
        "cookies": {},
        "only": None,
        "times": 0,
    }


def head_of(data: Path) -> tuple[int, int]:
    """Entries of the book, and the instant of the last (us)."""
    from fabrika.app.book_folder import BookFolder
    from fabrika.journal.entries import entry_at, fact_of

    reader = BookFolder(data).reader()
    try:
        size = reader.size()
        return size, fact_of(size - 1, entry_at(reader, size - 1)).message.at_us
    finally:
        reader.close()


def alive(data: Path, size: int) -> None:
    """Wait until the live twin goes on, which runs the year once more before."""
    until = time.monotonic() + 1_800
    while head_of(data)[0] <= size:
        assert time.monotonic() < until, "the live twin told nothing"
        time.sleep(2)


def ms(seconds: float | None) -> str:
    """Milliseconds as text."""
    return "-" if seconds is None else f"{1000 * seconds:.1f}"


def report(usual: Clicked, alone: dict[str, float], most: Clicked) -> None:
    """Print all of it."""
    rows = []
    for page in (*PAGES, None):
        shares = [ms(usual.share(part, page, WARM_S)) for part in (0.5, 0.95, 0.99)]
        rows.append([page or "all", f"{usual.count(page, WARM_S):,}", *shares, ms(alone.get(page) if page else None)])
    print(table(["page", "clicks", "p50 ms", "p95 ms", "p99 ms", "processor ms, alone"], rows))
    rate = usual.count() / usual.seconds
    print(
        f"\n50 people, {rate:.1f} pages/s, {usual.streams:,} of {usual.count():,} pages followed, {usual.messages:,} messages to them; "
        f"the server used {usual.server_s / usual.seconds:.2f} of a processor, {1000 * usual.server_s / usual.count():.1f} ms a page "
        f"with its messages, and waited {1000 * usual.queued_s / usual.count():.1f} ms a page for a processor; others used {usual.others_s / usual.seconds:.2f} processors of {os.cpu_count()}, the host took "
        f"{usual.stolen_s / usual.seconds:.2f}; load {os.getloadavg()[1]:.1f}"
    )
    print(
        f"without thinking: {most.count() / most.seconds:.1f} pages/s, p50 {ms(most.share(0.5))} ms, p95 {ms(most.share(0.95))} ms, "
        f"{1000 * most.server_s / most.count():.1f} ms of a processor a page; others used {most.others_s / most.seconds:.2f}\n"
    )
    found = usual.share(0.95, None, WARM_S)
    print(bar_table([Bar("a page, p95", "ms", None if found is None else 1000 * found, at_most=1000 * WANTED_S)]))


def main() -> None:
    """Make the year, serve it, click, report."""
    data = made(Path(sys.argv[1]))
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    size, last_us = head_of(data)
    print(f"{size:,} entries; load {os.getloadavg()[0]:.1f}", flush=True)
    with copied(data) as data, served(data) as (pid, port):
        alive(data, size)
        plan = plan_of(port, size, last_us)
        usual = Clicked({**plan, "seconds": seconds + WARM_S}, pid)
        plan["cookies"] = usual.cookies
        alone = {}
        for page in PAGES:
            clicked = Clicked({**plan, "only": page, "times": ALONE, "followed": 0.0, "people": _lead(plan)}, pid)
            alone[page] = clicked.server_s / ALONE
        most = Clicked({**plan, "seconds": MOST_S, "think_s": (0.0, 0.0), "followed": 0.0}, pid)
    report(usual, alone, most)


def _lead(plan: dict[str, Any]) -> dict[str, Any]:
    """Somebody who may see every page."""
    return {name: may for name, may in plan["people"].items() if name == "shift-lead-1"}


if __name__ == "__main__":
    main()
