"""The documentation builds offline without a warning, and its generated pages are those of the source."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from house.registries import ROOT

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def test_generated_pages_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_documentation_builds_without_a_warning_and_asks_no_other_host(tmp_path):
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-d",
        tmp_path / "trees",
        "docs",
        tmp_path / "html",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "html").rglob("*.html"))
    assert pages
    loads = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE)
    assert not [page.name for page in pages if loads.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.stem)
def test_decision_is_numbered_whole_and_listed(path):
    text = path.read_text(encoding="utf-8")
    if path.stem == "0000-template":
        return
    for heading in ("Context and problem", "Considered options", "Decision", "Consequences"):
        assert f"## {heading}" in text
    assert re.search(r"^Status: (accepted|superseded by \d{4})", text, re.MULTILINE)
    assert path.stem in (ROOT / "docs" / "decisions" / "index.md").read_text(encoding="utf-8")


def test_decisions_have_numbers_of_their_own():
    numbers = [path.stem[:4] for path in DECISIONS]
    assert numbers == [f"{number:04d}" for number in range(len(numbers))]
