"""Kills, by chance and at every named point: nothing that was acknowledged is lost, and nothing is there twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fabrika.journal.verify import verify
from fabrika.storage.faults import FAULT_POINTS
from fabrika.storage.files import FolderFiles
from fabrika.storage.sqlite import SqliteStorage
from journal.books import BOOK_KEY, EPOCH
from unmeasured import unmeasured

WRITER = Path(__file__).with_name("writer_process.py")
BATCH = 3


def killed(folder: Path, begin: int, *, after_s: float = 0.0, point: str = "") -> int:
    """Let the writer write from a message on until it is killed; how many messages it was told are durable."""
    command = [sys.executable, str(WRITER), str(folder), str(begin), *([point] if point else [])]
    # Without a buffer: what a first line brings along would not be among what is read at the end.
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, env=unmeasured())
    assert writer.stdout.readline() == b"ready\n", writer.stderr.read().decode()
    if not point:
        time.sleep(after_s)
        writer.kill()
    out, err = writer.communicate(timeout=60)
    assert writer.returncode == -signal.SIGKILL, err.decode()
    lines = out.split(b"\n")[:-1]  # a line that was cut was not told
    return int(lines[-1]) if lines else begin


def stored(folder: Path) -> int:
    """Messages of the source in the book, which must be whole."""
    storage = SqliteStorage(folder / "journal.sqlite")
    result = verify(storage, FolderFiles(folder / "files", writes=True), [BOOK_KEY.verifier])
    assert result.findings == []
    count = sum(b'"source":"line-1"' in data for data in storage.read())
    assert count == result.size - 1
    assert storage.heads().keys() == {("journal", EPOCH), ("line-1", EPOCH)}
    storage.close()
    return count


def test_a_writer_that_is_killed_again_and_again_loses_nothing_it_acknowledged(tmp_path):
    chance = random.Random(5)
    told = 0
    for _ in range(24):
        told = killed(tmp_path, told, after_s=chance.uniform(0.0, 0.06))
        there = stored(tmp_path)
        assert told <= there <= told + BATCH
    assert told > 24 * BATCH


@pytest.mark.parametrize("point", FAULT_POINTS)
def test_a_writer_that_dies_at_a_named_point_loses_nothing_it_acknowledged(point, tmp_path):
    told = 0
    for _ in range(2):
        before = told
        told = killed(tmp_path, told, point=point)
        there = stored(tmp_path)
        assert told <= there <= told + BATCH
        assert there > before or point in {"append begun", "entries written, not committed"}
        if point == "entries committed, not acknowledged":
            assert there == told + BATCH
