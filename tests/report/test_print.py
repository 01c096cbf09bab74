"""The report in a real browser, on screen and on paper."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from fabrika.faces.report.html import render_report
from report.proofs import hostile, proof

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-pdf-header-footer",
)  # fmt: skip


@pytest.fixture(scope="module")
def pages(chromium, tmp_path_factory) -> list[str]:
    """The text of each printed page."""
    if not (reader := shutil.which("pdftotext")):
        pytest.skip("no pdftotext here: install it (Debian: apt-get install poppler-utils) to read printed pages")
    folder = tmp_path_factory.mktemp("print")
    (folder / "report.html").write_text(render_report(proof()), encoding="utf-8")
    pdf = folder / "report.pdf"
    command = [chromium, *QUIET, f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf}", f"{folder}/report.html"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    done = subprocess.run([reader, "-layout", str(pdf), "-"], check=True, capture_output=True, text=True)
    return done.stdout.replace("\u202f", " ").split("\f")[:-1]


def test_each_page_says_what_it_belongs_to(pages):
    whole = proof()
    assert 8 <= len(pages) <= 16
    for number, page in enumerate(pages, 1):
        assert f"Fabrika {whole.header.version}" in page
        assert whole.header.plant_name in page
        assert f"seed {whole.header.seed}" in page
        assert whole.header.sha256 in page
        assert f"{whole.header.period_from} to {whole.header.period_to}" in page
        assert f"page {number} of {len(pages)}" in page


def test_the_answer_is_the_first_page(pages):
    first = " ".join(pages[0].split())
    for words in (
        "is not reached",
        "How sure is this?",
        "What stands in the way?",
        "What would help?",
        "Simulated years",
    ):
        assert words in first
    assert "The year's output" not in first
    assert "The year's output" in pages[1]


def test_no_page_is_left_nearly_empty(pages):
    lengths = [len([line for line in page.splitlines() if line.strip()]) for page in pages[:-1]]
    assert min(lengths) >= 12


@pytest.mark.parametrize("shown", [proof(), hostile("x" * 10_000)], ids=["whole", "long names"])
@pytest.mark.parametrize("width", [390, 1100])
def test_the_screen_is_never_wider_than_the_window(page, tmp_path, shown, width):
    file = tmp_path / "report.html"
    file.write_text(render_report(shown), encoding="utf-8")
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [file.as_uri()]
    assert said == []
