"""Balances, samples and a recall on paper, walked in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from web_pages.conftest import Eyes, Served, serve
from web_pages.floor import LOT
from web_pages.test_pages import look


@pytest.fixture(scope="module")
def shift(floor, tmp_path_factory) -> Iterator[Served]:
    """A server of its own, for what is done here stays."""
    folder = tmp_path_factory.mktemp("balances") / "data"
    shutil.copytree(floor, folder)
    yield from serve(folder)


@pytest.fixture(params=[(1280, 720), (390, 844)])
def tab(browser, shift, request) -> Iterator[Eyes]:
    """Somebody with a screen or a telephone."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    yield Eyes(context.new_page(), shift.base)
    context.close()


def test_what_lies_between_two_stations_is_counted_on_the_page_of_balances(tab):
    tab.become("shift-lead")
    look(tab, "/balance")
    page = tab.tab
    assert page.get_by_role("heading", name="Between the stations, in this shift").is_visible()
    page.locator("details.act > summary", has_text="Case line").click()
    page.locator("details.act > summary", has_text="case.form-1 to case.form-2").click()
    form = page.locator("details.act details.act[open] form")
    form.locator("[name=quantity]").fill("99000")
    form.locator("button.do").click()
    page.wait_for_load_state("load")
    assert "No more than" in page.inner_text("main")
    look(tab, "/balance")
    page.locator("details.act > summary", has_text="Case line").click()
    page.locator("details.act > summary", has_text="case.form-1 to case.form-2").click()
    page.locator("details.act details.act[open] form [name=quantity]").fill("1200")
    page.locator("details.act details.act[open] form button.do").click()
    page.get_by_text("Say what lies between two stations: done.").wait_for()
    row = page.locator("tr", has=page.locator("th", has_text="case.form-1")).filter(has_text="case.form-2")
    assert "counted" in row.last.inner_text()


def test_samples_are_reported_at_the_station(tab):
    tab.become("operator")
    look(tab, "/work/case.form-1")
    page = tab.tab
    if page.get_by_role("button", name="I work here now").count():
        page.get_by_role("button", name="I work here now").click()
        page.get_by_text("Sign on: done.").wait_for()
    page.locator("details.act > summary", has_text="Samples taken out").click()
    page.fill("#sampled", "5")
    page.get_by_role("button", name="Report samples").click()
    page.get_by_text("Report units: done.").wait_for()
    tab.become("shift-lead")
    look(tab, f"/lots/{LOT}")
    assert "Sampled" in page.inner_text("main")
    assert page.get_by_role("heading", name="Who worked on it").is_visible()


def test_a_recall_comes_on_paper_as_it_stands_with_a_place_to_sign(tab):
    tab.become("shift-lead")
    look(tab, f"/recall?lot={LOT}")
    page = tab.tab
    assert "answered in" in page.inner_text("main")
    rows = page.locator("main tbody tr").count()
    begun = page.locator("[name=begun]").input_value()
    page.locator("form.command button.do").click()
    page.wait_for_load_state("load")
    assert f"begun={begun}" in page.url
    page.emulate_media(media="print")
    assert page.locator("main tbody tr").count() == rows
    assert all(row.is_visible() for row in page.locator("main tbody tr").all())
    assert page.get_by_text("Signature").is_visible()
    assert not page.locator("nav").first.is_visible()
    assert not page.locator("form").first.is_visible()
    assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")
