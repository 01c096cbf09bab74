"""A run is started and a line handed over in a real browser, with fingers, on a tablet and on a telephone, by two persons."""

from __future__ import annotations

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService
from fabrika.events.fields import Key
from fabrika.events.production import LotOpened, OrderReleased, StationChanged, UnitsCounted
from fabrika.journal.pen import Pen
from web_pages.conftest import ROOT, serve, touching
from web_pages.floor import MINUTE_US, NOW_US, made_book

HELD, LOT = "case.form-1", "26-0400"
PAGE = f"/starts/{HELD}"


@pytest.fixture(scope="module")
def shift(tmp_path_factory):
    """The day on the floor, after which a station of the case line was set up for another product."""
    data = tmp_path_factory.mktemp("start") / "data"
    made_book(ROOT / "plants" / "cartridge-20m", data)
    service = PlantService.opened(BookFolder(data))
    pen, product = Pen(service.plant_id, Key("office-2", "1" * 16, 0)), service.plant.products[1].id
    begun, told = NOW_US + MINUTE_US, NOW_US + 2 * MINUTE_US
    counted = UnitsCounted(station=HELD, lot=LOT, from_us=begun, to_us=told, entered=60, good=57, scrapped=3)
    events = (
        (NOW_US, OrderReleased(order="o-b", product=product, line="case", quantity=1_000)),
        (NOW_US, LotOpened(lot=LOT, order="o-b", product=product, line="case", edition=1)),
        (begun, StationChanged(station=HELD, state="setup", lot=LOT)),
        (told, counted),
    )
    service.take([pen.write(event, at_us) for at_us, event in events])
    service.close()
    yield from serve(data)


@pytest.fixture
def eyes_of(browser, shift):
    """Makes the eyes of a role on a screen that is touched."""
    with touching(browser, shift.base) as made:
        yield made


def send(eyes, button) -> None:
    """Send a form, and wait for the page that follows."""
    with eyes.tab.expect_navigation(wait_until="load"):
        button.tap()


def press(eyes) -> str:
    """Press the one next step; what the page says then."""
    button = eyes.tab.locator("button.big")
    assert button.bounding_box()["height"] >= 48
    send(eyes, button)
    return eyes.tab.locator("main").inner_text()


def next_step(eyes) -> str:
    return eyes.tab.locator("#step-heading").inner_text()


def small(eyes) -> list[str]:
    """What is to be touched and is smaller than a gloved finger wants."""
    return eyes.tab.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main summary')].filter(found => {
            const box = found.getBoundingClientRect();
            return box.width > 0 && (box.width < 48 || box.height < 48);
        }).map(found => found.textContent)"""
    )


def test_a_run_is_started_and_handed_over_by_two_persons(eyes_of):
    operator, lead = eyes_of("operator", 1024, 600), eyes_of("shift-lead", 390, 844)
    operator.go(PAGE)
    assert next_step(operator) == "Next: line clearance"
    box = operator.tab.locator("button.big").bounding_box()
    assert box["y"] + box["height"] <= 600, "the next step is seen without scrolling"
    assert "57 good, 3 scrapped" in operator.tab.locator("main").inner_text()
    assert not small(operator)
    press(operator)
    assert next_step(operator) == "Next: first piece"
    operator.tab.locator("main summary").first.tap()
    operator.tab.fill("textarea[name=remark]", "a burr")
    send(operator, operator.tab.locator("details[open] button.do"))
    assert "The last first piece was not right: a burr" in operator.tab.locator("main").inner_text()
    press(operator)
    assert next_step(operator) == "Next: approval"
    assert operator.tab.locator("button.big").count() == 0, "who checked does not approve"
    lead.go(PAGE)
    assert not small(lead)
    assert "This station may run." in press(lead)

    operator.go("/handover/case")
    operator.tab.fill("textarea[name=remark]", "Form 2 runs warm.")
    operator.tab.fill("textarea[name=containers]", "bin-17\nbin-18")
    send(operator, operator.tab.locator("details[open] button.do"))
    assert "You handed over" in operator.tab.locator("main").inner_text()
    lead.go("/handover/case")
    text = lead.tab.locator("main").inner_text()
    assert "Form 2 runs warm." in text
    assert "bin-17, bin-18" in text
    assert not small(lead)
    press(lead)
    assert "Form 2 runs warm." in lead.tab.locator("table").last.inner_text()
    assert not operator.said
    assert not lead.said
