"""The pictures of the README, made anew: the board and the proof of the cartridge plant, as a browser shows them.

::

    ./fabrika python recipes/pictures.py    make docs/pictures/board.png and docs/pictures/proof.png

A few days of the plant's twin are told into a book in a folder that is thrown away; the proof takes some minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLANT = ROOT / "plants" / "cartridge-20m"
PICTURES = ROOT / "docs" / "pictures"
SERVER = ROOT / "tests" / "web_pages" / "demo_server.py"
BEGIN, DAYS, SEED = "2026-03-16", 2.375, 1
"""From a Monday to the Wednesday after it, nine in the morning, when a machine has stood since half past six."""
ROLE = "demo-shift-lead"
SCREEN = {"width": 1280, "height": 720}
LONGEST_S = 1_800
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def told(folder: Path) -> Path:
    """A book with some days of the twin."""
    data = folder / "data"
    words = ["twin", "tell", str(PLANT), "--data", str(data), "--days", str(DAYS), "--seed", str(SEED), "--from", BEGIN]
    subprocess.run([sys.executable, "-m", "fabrika", *words], check=True, env=environment())  # noqa: S603 - our own command
    return data


def environment() -> dict[str, str]:
    """The sources' own packages, and English."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    return {**os.environ, "PYTHONPATH": paths, "FABRIKA_LANGUAGE": "en"}


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of a server of the book."""
    command = [sys.executable, str(SERVER), str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())  # noqa: S603 - likewise
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=60)


@contextmanager
def browsing() -> Iterator[Any]:
    """A tab of a real browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        yield browser.new_context(viewport=SCREEN, locale="en-GB").new_page()
        browser.close()


def main() -> None:
    """Make both pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(told(Path(folder))) as base, browsing() as tab:
        tab.goto(f"{base}/account")
        tab.select_option("#as", ROLE)
        tab.locator("form:has(#as) button").click()
        tab.goto(f"{base}/")
        tab.wait_for_timeout(500)
        tab.screenshot(path=PICTURES / "board.png")
        until = time.monotonic() + LONGEST_S
        tab.goto(f"{base}/proof")
        while tab.locator(".report").count() == 0 and time.monotonic() < until:
            tab.wait_for_timeout(3_000)
            tab.goto(f"{base}/proof")
        tab.locator(".report").wait_for(timeout=5_000)
        tab.screenshot(path=PICTURES / "proof.png")


if __name__ == "__main__":
    main()
