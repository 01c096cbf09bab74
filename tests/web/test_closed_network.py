"""Where no way leads out, all works; and nothing ever tries to get out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WALK = Path(__file__).with_name("closed_walk.py")
KERNEL = "this kernel does not allow it: "


@pytest.fixture
def closed() -> tuple[str, ...]:
    """The words before a command that runs it in a network of its own."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("needs unshare and ip: install them (Debian: apt-get install util-linux iproute2)")
    if os.getuid() != 0:
        pytest.skip(f"{KERNEL}networks are root's")
    words = ("unshare", "--net")
    tried = subprocess.run(
        [*words, "ip", "link", "add", "name", "probe", "type", "veth"], check=False, capture_output=True, text=True
    )
    if tried.returncode:
        pytest.skip(f"{KERNEL}unshare ({tried.stderr.strip()})")
    return words


def test_a_plant_is_served_without_a_network_and_nothing_goes_out(data, closed):
    done = subprocess.run(
        [*closed, sys.executable, str(WALK), str(data)], check=True, capture_output=True, text=True, timeout=300
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found["walked"]) > 12
    assert any(path.endswith(".css") for path in found["walked"])
    assert found["after"] == found["before"], "something wanted to get out"
    assert found["control"] > found["after"], "what goes out is counted"
