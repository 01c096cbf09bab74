"""A shift at a station, walked in a real browser as an operator does it: on a tablet and a telephone, in few taps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from web_pages.conftest import Eyes, Served, serve
from web_pages.test_pages import look

RUNS, STANDS, BREAKDOWN = "case.form-1", "case.blank", "case.form-3"
"""A station that runs, one that has just stopped without a reason, and one whose machine says why."""
SIZES = {"tablet": (1024, 600), "telephone": (390, 844)}
LEAST = 48
"""Pixels of a button that a glove hits."""

SMALL = """least => [...document.querySelectorAll("#do button, #do input, #do select, #do summary, #live a, .tile a")]
  .filter(found => found.type !== "hidden" && found.getBoundingClientRect().width)
  .filter(found => found.getBoundingClientRect().width < least || found.getBoundingClientRect().height < least)
  .map(found => found.innerText || found.name)"""


@pytest.fixture(scope="module", params=SIZES)
def shift(request, floor, tmp_path_factory) -> Iterator[tuple[Served, tuple[int, int]]]:
    """A server of its own, for what is done here stays; and the size of the screen."""
    folder = tmp_path_factory.mktemp(request.param) / "data"
    shutil.copytree(floor, folder)
    for served in serve(folder):
        yield served, SIZES[request.param]


@pytest.fixture
def hand(browser, shift) -> Iterator[Eyes]:
    """An operator with a touch screen."""
    served, (width, height) = shift
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
    eyes = Eyes(context.new_page(), served.base)
    eyes.become("operator")
    yield eyes
    context.close()


def at(eyes, station):
    look(eyes, f"/work/{station}")
    assert eyes.tab.evaluate(SMALL, LEAST) == []
    return eyes.tab


def signed_on(eyes, station):
    tab = at(eyes, station)
    if tab.get_by_role("button", name="I work here now").count():
        tab.get_by_role("button", name="I work here now").tap()
        tab.get_by_text("Sign on: done.").wait_for()
    return tab


def test_the_list_of_stations_is_where_an_operator_lands(hand):
    hand.go("/")
    look(hand, "/work")
    assert hand.tab.evaluate(SMALL, LEAST) == []
    hand.tab.get_by_role("link", name="Blanking").first.tap()
    hand.tab.wait_for_url(f"**/work/{STANDS}")


def test_units_are_reported_in_two_taps_and_scrap_in_one(hand):
    tab = signed_on(hand, RUNS)
    assert tab.locator(".next").count() == 1, "one thing is next"
    tab.get_by_role("button", name="+100").tap()
    tab.get_by_role("button", name="Report good").tap()
    tab.get_by_text("Report units: done.").wait_for()
    tab.get_by_role("button", name="Dented or scratched").tap()
    tab.locator(".told li").nth(1).wait_for(state="attached")
    tab.get_by_text("Reported in this shift").tap()
    told = tab.locator(".told li").all_inner_texts()
    assert "0 good, 1 scrapped (Dented or scratched)" in told[0]
    assert "100 good, 0 scrapped" in told[1]
    tab.get_by_role("button", name="Take back: 0 good, 1 scrapped").tap()
    tab.get_by_text("Take back: done.").wait_for()
    assert tab.locator(".told li").count() == 1


def test_a_number_that_cannot_be_has_a_plain_answer_and_is_kept(hand):
    tab = signed_on(hand, RUNS)
    tab.locator("#good").fill("9000000")
    tab.get_by_role("button", name="Report good").tap()
    alert = tab.locator("form .notice[role=alert]")
    alert.wait_for()
    assert "are more than Case forming 1 can make" in alert.inner_text()
    assert tab.locator("#good").input_value() == "9000000"


def test_a_stop_gets_its_reason_with_one_tap(hand):
    tab = signed_on(hand, BREAKDOWN)
    tab.get_by_text("Another reason why it stands").tap()
    tab.get_by_role("button", name="Waiting for a check").tap()
    tab.get_by_text("Say why it stands: done.").wait_for()
    assert "Waiting for a check" in tab.locator(".now").inner_text()


def test_a_stop_for_safety_is_ended_by_who_may(hand):
    tab = signed_on(hand, STANDS)
    tab.locator("details.safety summary").tap()
    tab.get_by_role("button", name="Stop for safety now").tap()
    tab.get_by_text("Stop for safety: done.").wait_for()
    assert "stopped for safety" in tab.locator(".now").inner_text()
    assert "Shift lead" in tab.locator(".next").first.inner_text()
    assert tab.get_by_role("button", name="End the stop for safety").count() == 0
    hand.become("shift-lead")
    tab = at(hand, STANDS)
    tab.locator(".next textarea").fill("The guard is closed again.")
    tab.get_by_role("button", name="End the stop for safety").tap()
    tab.get_by_text("End the stop for safety: done.").wait_for()
    assert "stopped for safety" not in tab.locator(".now").inner_text()
