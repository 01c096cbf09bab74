"""A real file system that is cut off under a real writer, again and again: nothing that was told is lost.

Needs root and loop devices. The file system is shut down as ext4 itself offers it for tests, without flushing its journal; what had not
reached the device is gone, as in a power cut, except for what the device would have kept in a cache of its own.

What counts is what was acknowledged before the cut began. Nothing runs on after a power cut; this kernel does, and while a file system is being
shut down it may still say yes to a flush whose blocks it has just dropped.
"""

from __future__ import annotations

import fcntl
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.journal.verify import verify
from storage.loop_volume import mounted, run
from unmeasured import unmeasured

CUTS = 100
EXT4_IOC_SHUTDOWN, WITHOUT_THE_JOURNAL = 0x8004587D, 2
"""fs/ext4/ext4.h: _IOR('X', 125, __u32), EXT4_GOING_FLAGS_NOLOGFLUSH."""

WRITER = Path(__file__).with_name("cut_writer.py")


@pytest.fixture
def volume(tmp_path):
    """The device and folder of a small ext4."""
    with mounted(tmp_path, megabytes=64) as device_and_folder:
        yield device_and_folder


def cut(mount):
    """End the file system at once, and say when that began (ns, as the writer tells its times)."""
    handle = os.open(mount, os.O_RDONLY)
    try:
        begin_ns = time.monotonic_ns()
        fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, WITHOUT_THE_JOURNAL.to_bytes(4, sys.byteorder))
    finally:
        os.close(handle)
    return begin_ns


def unmounted(mount):
    for _ in range(200):
        if subprocess.run(["umount", mount], check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.01)
    run("umount", mount)


@pytest.fixture
def writer():
    """A process that writes until the disk fails, as often as it is asked."""
    with subprocess.Popen(
        [sys.executable, str(WRITER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=unmeasured()
    ) as process:
        yield process
        process.kill()


def test_a_file_system_that_is_cut_off_holds_all_that_was_acknowledged(volume, writer):
    device, mount = volume
    chance, done, cuts_under_load = random.Random(3), 0, 0
    data = BookFolder(mount / "data")
    data.create("kosovo", "plant").storage.close()
    for _ in range(CUTS):
        writer.stdin.write(f"{data.folder} {done}\n".encode())
        writer.stdin.flush()
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.005, 0.08))
        begin_ns = cut(mount)
        before, last = done, done
        while (line := writer.stdout.readline())[:1].isdigit():
            last, at_ns = (int(word) for word in line.split())
            done = last if at_ns < begin_ns else done
        assert line.startswith(b"failed "), line
        cuts_under_load += done > before
        unmounted(mount)
        run("mount", device, mount)
        reader = data.reader()
        result = verify(reader, data.content(), data.trusted())
        assert result.findings == []
        there = sum(b'"source":"line-1"' in entry for entry in reader.read())
        reader.close()
        assert done <= there <= last + 3
        done = there
    assert cuts_under_load > CUTS // 2
