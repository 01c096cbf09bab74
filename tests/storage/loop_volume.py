"""A small ext4 on a loop device, for tests that need a disk of their own. Needs root and a kernel that gives loop devices."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

KERNEL = "this kernel does not allow it: "
"""See the tests' conftest: a skip that begins so is allowed on the build machine, too."""


def run(*words: object) -> str:
    """What a program says; it must succeed."""
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[tuple[str, Path]]:
    """The device and the folder where it is mounted."""
    if not shutil.which("losetup") or not shutil.which("mkfs.ext4"):
        pytest.skip("needs losetup and mkfs.ext4: install them (Debian: apt-get install e2fsprogs mount)")
    if os.getuid() != 0:
        pytest.skip(f"{KERNEL}loop devices are root's")
    image, mount = folder / "disk.img", folder / "mount"
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    mount.mkdir()
    device = allowed("losetup", "--find", "--show", image)
    try:
        run("mkfs.ext4", "-q", "-F", device)
        allowed("mount", device, mount)
        yield device, mount
    finally:
        subprocess.run(["umount", "-l", mount], check=False, capture_output=True)
        subprocess.run(["losetup", "--detach", device], check=False, capture_output=True)


def allowed(*words: object) -> str:
    """As :func:`run`; a kernel that says no makes the test skip."""
    try:
        return run(*words)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"{KERNEL}{words[0]} ({error.stderr.strip()})")
