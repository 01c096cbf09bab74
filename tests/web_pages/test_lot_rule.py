"""A lot that is due, and an order's readiness, in a real browser on a tablet: what is missing, who can mend it, and that it is mended."""

from __future__ import annotations

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.demo_book import demo_persons
from fabrika.app.plant_service import PlantService
from fabrika.events.fields import Key
from fabrika.events.production import OrderReleased, StationChanged
from fabrika.journal.pen import Pen
from web_pages.conftest import ROOT, serve, touching
from web_pages.floor import MINUTE_US, NOW_US, OF_STOCK, handle_stock, made_book

DUE, LOT = "case.form-1", "26-0317"


@pytest.fixture(scope="module")
def floor_of_lots(tmp_path_factory):
    """The day on the floor, after which a station was set up and nobody opened the next lot."""
    data = tmp_path_factory.mktemp("lots") / "data"
    made_book(ROOT / "plants" / "cartridge-20m", data)
    service = PlantService.opened(BookFolder(data))
    pen, product = Pen(service.plant_id, Key("office-2", "1" * 16, 0)), service.plant.products[0].id
    events = [
        StationChanged(station=DUE, state="setup"),
        OrderReleased(order="o-pack", product=product, line="packing", quantity=100_000),
    ]
    service.take([pen.write(event, NOW_US + MINUTE_US) for event in events])
    demo_persons(service)
    steps: list[tuple[str, str, dict]] = []
    for lot, quantity in (("C-1", 500), ("C-2", 9_000)):
        form = {"material": "cartons", "material_lot": lot, "quantity": quantity, "location": "store"}
        released = {"subject": lot, "status": "released", "reason": "right"}
        steps += [("receive", "receives", form), ("set_status", "releases", released)]
    handle_stock(service, OF_STOCK, steps)
    service.close()
    yield from serve(data)


@pytest.fixture
def eyes_of(browser, floor_of_lots):
    """Makes the eyes of a role on a screen that is touched."""
    with touching(browser, floor_of_lots.base) as made:
        yield made


def wide(eyes) -> bool:
    """Whether the page is wider than the screen."""
    return eyes.tab.evaluate("() => document.documentElement.scrollWidth > window.innerWidth + 1")


@pytest.mark.parametrize(("width", "height"), [(1024, 600), (390, 844)])
def test_readiness_names_all_five_and_who_can_mend_what_is_missing(eyes_of, width, height, tmp_path):
    eyes = eyes_of("shift-lead", width, height)
    eyes.go("/orders/order-case/readiness")
    said = eyes.tab.locator("main").inner_text()
    for word in ("Material", "Tools", "Labels", "Documents", "People", "not ready", "Nobody told which tool is in at"):
        assert word in said
    assert not wide(eyes)


def test_a_tool_that_is_put_in_is_ready_then(eyes_of):
    eyes = eyes_of("shift-lead", 1024, 600)
    eyes.go("/orders/order-case/readiness")
    eyes.tab.locator("summary", has_text="Another tool was put in").tap()
    form = eyes.tab.locator('form[action="/do/production.change_tool"]')
    form.locator('[name="station"]').select_option(DUE)
    form.locator('[name="tool"]').fill("T-17")
    with eyes.tab.expect_navigation(wait_until="load"):
        form.locator("button").last.tap()
    assert "the tool T-17 is in" in eyes.tab.locator("main").inner_text()


@pytest.mark.parametrize(("width", "height"), [(1024, 600), (390, 844)])
def test_what_an_order_needs_beside_the_line_is_brought_lot_by_lot(eyes_of, width, height):
    eyes = eyes_of("operator", width, height)
    eyes.go("/orders/o-pack/readiness")
    row = eyes.tab.get_by_role("row").filter(has=eyes.tab.get_by_role("rowheader", name="Cartons"))
    left = {(1024, 600): ("C-1", 500, 0), (390, 844): ("C-2", 1_500, 500)}[width, height]
    lot, quantity, beside = left
    assert "from Main store to Beside packing" in row.inner_text()
    form = eyes.tab.locator("details", has=eyes.tab.locator("summary", has_text=lot))
    form.locator("summary").tap()
    assert form.locator("[name=quantity]").input_value() == str(quantity)
    with eyes.tab.expect_navigation(wait_until="load"):
        form.get_by_role("button", name="It is brought").tap()
    assert row.locator("td").nth(1).inner_text() == f"{beside + quantity:,}".replace(",", "\u202f")
    assert ("nothing more is needed" in row.inner_text()) == (lot == "C-2")
    assert not wide(eyes)


def test_a_lot_that_is_due_is_shown_blocks_its_station_and_is_settled_by_the_next(eyes_of):
    eyes = eyes_of("shift-lead", 1024, 600)
    eyes.go(f"/starts/{DUE}")
    assert "Next: next lot" in eyes.tab.locator("main").inner_text()
    eyes.tab.locator("section.step a.do").first.tap()
    eyes.tab.wait_for_load_state("load")
    said = eyes.tab.locator("main").inner_text()
    assert "the next lot is due" in said
    assert "can be opened by: Shift lead" in said
    eyes.go("/attention")
    assert "the next lot is due" in eyes.tab.locator("main").inner_text()
    eyes.go("/orders/order-case/readiness")
    form = eyes.tab.locator('form[action="/do/production.open_lot"]')
    with eyes.tab.expect_navigation(wait_until="load"):
        form.locator("button").last.tap()
    eyes.go(f"/starts/{DUE}")
    assert "Next: line clearance" in eyes.tab.locator("main").inner_text()
    eyes.go("/attention")
    assert "the next lot is due" not in eyes.tab.locator("main").inner_text()


def test_the_overseer_finds_nothing_to_press_on_readiness(eyes_of):
    eyes = eyes_of("overseer", 1024, 600)
    eyes.go("/orders/order-case/readiness")
    assert eyes.tab.locator('main form[action^="/do/"]').count() == 0
