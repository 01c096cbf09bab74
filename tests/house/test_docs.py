"""The documentation builds offline without a warning, and its generated pages are those of the source."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from house.registries import ROOT
from unmeasured import unmeasured

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def test_generated_pages_are_up_to_date():
    # It calls every command for its help only, each in a process of its own: what those do is measured where they are tested.
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=unmeasured(),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as HTML, built with every warning an error."""
    folder = tmp_path_factory.mktemp("docs")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-d",
        folder / "trees",
        "docs",
        folder / "html",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=unmeasured())
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_documentation_builds_without_a_warning_and_names_no_other_host(built):
    pages = list(built.rglob("*.html"))
    assert len(pages) > len(DECISIONS)
    loads = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE)
    assert not [page.name for page in pages if loads.search(page.read_text(encoding="utf-8"))]


def test_documentation_opens_in_a_browser_and_asks_no_other_host(built, page):
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(error))  # noqa: PLW0108 - it marks what it is given
    page.goto((built / "index.html").as_uri())
    page.get_by_role("link", name="Glossary").first.click()
    assert page.get_by_role("heading", name="Glossary").first.is_visible()
    assert len(asked) > 2
    assert all(url.startswith(("file:", "data:")) for url in asked)
    assert not wrong


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.stem)
def test_decision_is_whole(path):
    text = path.read_text(encoding="utf-8")
    if path.stem == "0000-template":
        return
    for heading in ("Context and problem", "Considered options", "Decision", "Consequences"):
        assert f"## {heading}" in text
    assert re.search(r"^Status: (accepted|superseded by \d{4})", text, re.MULTILINE)


def test_decisions_have_numbers_of_their_own():
    numbers = [path.stem[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers)) > 1
