"""A day on the floor, served by the real server in a process of its own, and a real browser that watches what it is told to do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from web_pages.floor import OF_STOCK, made_book, stocked, written

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 3_600
"""A server that many tests share lives as long as they take, on a slow machine, too; one that was forgotten ends then."""
LOOKED_AT_S = 15
"""A proof that a test only comes past does not take the processor from all others for minutes."""
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass
class Served:
    """A server; ``base`` is its address, without a slash at the end."""

    base: str
    data: Path


def serve(data: Path, *budget_s: float) -> Iterator[Served]:
    """The demonstration's server on a free port, until it is let go; a proof may take so many seconds, if any are named."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "demo_server.py"), str(data), *map(str, budget_s)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    watch = threading.Timer(LONGEST_S, process.kill)
    watch.start()
    try:
        base = process.stdout.readline().strip()
        assert base.startswith("http"), "the server did not begin"
        yield Served(base, data)
    finally:
        watch.cancel()
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def floor(tmp_path_factory) -> Path:
    """A data folder of the cartridge plant with a day on the floor in it."""
    folder = tmp_path_factory.mktemp("floor") / "data"
    made_book(ROOT / "plants" / "cartridge-20m", folder)
    written(folder, "demo-quality-manager", "demo-director")
    stocked(folder, OF_STOCK)
    return folder


@pytest.fixture(scope="session")
def served(floor) -> Iterator[Served]:
    """That day, served."""
    yield from serve(floor, LOOKED_AT_S)


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Any]:
    """A real browser; gone with its module, for it keeps a loop in this thread, in which Django would not work."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield found
        found.close()


@dataclass
class Eyes:
    """A tab of the browser as one role, with what it met.

    Attributes:
        tab: Playwright's page.
        base: the server's address.
        said: errors and warnings of the browser's console, violations of the policy among them.
        asked: every address that was asked for.
        dialogs: texts of dialogs that a script opened.
    """

    tab: Any
    base: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("dialog", self._dialog)

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(message.text)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def go(self, path: str) -> Any:
        """Open a page; the answer."""
        return self.tab.goto(self.base + path, wait_until="load")

    def become(self, role: str) -> None:
        """Go on in another role."""
        self.go("/account")
        value = f"demo-{role}"
        self.tab.select_option("#as", value)
        self.tab.locator("form:has(#as) button").click()
        self.tab.wait_for_load_state("load")

    def outside(self) -> list[str]:
        """What was asked of anybody but the server."""
        return [url for url in self.asked if not url.startswith((self.base + "/", "about:", "blob:"))]


@contextmanager
def touching(browser, base: str) -> Iterator[Callable[[str, int, int], Eyes]]:
    """Makes eyes of a role on a screen of so many pixels that is touched; their windows are closed at the end."""
    contexts = []

    def made(role: str, width: int, height: int) -> Eyes:
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, locale="en-GB")
        contexts.append(context)
        eyes = Eyes(context.new_page(), base)
        eyes.become(role)
        return eyes

    try:
        yield made
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def eyes(browser, served) -> Iterator[Eyes]:
    """A tab on a screen of 1280 x 720 pixels."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    yield Eyes(context.new_page(), served.base)
    context.close()


@pytest.fixture
def telephone(browser, served) -> Iterator[Eyes]:
    """A tab on a telephone, which is touched."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield Eyes(context.new_page(), served.base)
    context.close()
