"""What all tests share: the compiled twin's folder, the way properties are searched, a real browser, and no skipping on
the build machine.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from fabrika.app import kernel_cache
from fabrika.faces import language

# Before anything imports the compiler, which would otherwise take stale code from beside the sources. The processes that
# tests start inherit it.
kernel_cache.prepare()

# Tests read English whatever this machine speaks; the tests of languages choose theirs.
os.environ["FABRIKA_LANGUAGE"] = "en"

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("FABRIKA_CI") == "1"

hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "house")


KERNEL = "this kernel does not allow it: "
"""Begins the one kind of skip that the build machine allows: what its kernel forbids, no package can bring."""


def _forbid_skip(report: Any) -> None:
    """A test that does not run on the build machine proves nothing: its skip counts as a failure there."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        if KERNEL in str(reason):
            return
        report.outcome = "failed"
        report.longrepr = f"skipped, but FABRIKA_CI=1 allows no skip: {reason}"


@pytest.fixture(autouse=True)
def the_language_is_nobodys() -> Iterator[None]:
    """A page that a test asks for in this process chooses its reader's language; the next test begins without one."""
    yield
    language.choose(None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that is installed on this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip(
        "no Chromium here: install it (Debian: apt-get install chromium) to run the tests of what a browser shows"
    )


@pytest.fixture
def page(chromium: str) -> Iterator[Any]:
    """A blank page of a real browser (Playwright's synchronous interface)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()
