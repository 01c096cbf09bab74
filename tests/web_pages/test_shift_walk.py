"""A whole shift in a real browser with fingers, at tablet and telephone size, with the network cut in the middle of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.demo_book import demo_persons
from fabrika.app.plant_service import PlantService
from fabrika.events.event import Event
from fabrika.events.fields import Key
from fabrika.events.production import LotOpened, OrderReleased, StationChanged
from fabrika.journal.entries import fact_of
from fabrika.journal.pen import Pen
from web_pages.conftest import ROOT, Eyes, Served, serve, touching
from web_pages.floor import MINUTE_US, NOW_US, OF_STOCK, made_book, stocked
from web_pages.test_offline import wait_for_unsent

NEXT = "26-0400"
"""The lot of another product, for which a station was set up."""
HERE, BREAKDOWN, BESIDE = "case.form-1", "case.form-3", "packing-side"
SIZES = {"tablet": (1024, 600), "telephone": (390, 844)}


@dataclass
class Shift:
    """Two persons at screens of the same size, and the server that they work with."""

    served: Served
    operator: Eyes
    lead: Eyes


@pytest.fixture(params=SIZES)
def shift(request, browser, tmp_path_factory) -> Iterator[Shift]:
    """The day on the floor, after which a station was set up; the lead before has handed the line over."""
    data = tmp_path_factory.mktemp("walk") / "data"
    made_book(ROOT / "plants" / "cartridge-20m", data)
    service = PlantService.opened(BookFolder(data))
    demo_persons(service)
    pen = Pen(service.plant_id, Key("office-2", "1" * 16, 0))
    product = service.plant.products[1].id
    events = (
        OrderReleased(order="o-b", product=product, line="case", quantity=1_000_000),
        LotOpened(lot=NEXT, order="o-b", product=product, line="case", edition=1),
        StationChanged(station=HERE, state="setup", lot=NEXT),
    )
    service.take([pen.write(event, NOW_US + MINUTE_US) for event in events])
    service.close()
    stocked(data, OF_STOCK)
    width, height = SIZES[request.param]
    for served in serve(data):
        with touching(browser, served.base) as eyes_of:
            yield Shift(served, eyes_of("operator", width, height), eyes_of("shift-lead", width, height))


def told(shift: Shift, name: str) -> list[Event]:
    """What the book holds of a type."""
    reader = BookFolder(shift.served.data).reader()
    try:
        facts = [fact_of(position, entry) for position, entry in enumerate(reader.read())]
    finally:
        reader.close()
    return [fact.event for fact in facts if fact.message.type == name]


def send(eyes: Eyes, form: str, button: str = "button", **fields: str) -> str:
    """Fill a form in and send it; what the page says then."""
    found = eyes.tab.locator(f"form[action='/do/{form}']").first
    closed = found.locator("xpath=ancestor::details[not(@open)]")
    for nth in range(closed.count()):
        closed.nth(nth).locator("summary").first.tap()
    for field, value in fields.items():
        entry = found.locator(f"[name={field}]")
        if entry.evaluate("e => e.localName") == "select":
            entry.select_option(value)
        else:
            entry.fill(value)
    with eyes.tab.expect_navigation(wait_until="load"):
        found.locator(button).first.tap()
    return eyes.tab.inner_text("main")


def take_over(shift: Shift) -> None:
    shift.lead.go("/handover/case")
    send(shift.lead, "production.prepare_handover", containers="T-1", remark="Forming 3 waits for a fitter.")
    shift.operator.go("/handover/case")
    assert "Forming 3 waits for a fitter." in shift.operator.tab.inner_text("main")
    send(shift.operator, "production.take_over")


def start_the_run(shift: Shift) -> None:
    shift.operator.go(f"/starts/{HERE}")
    for step in ("Next: line clearance", "Next: first piece"):
        assert shift.operator.tab.inner_text("#step-heading") == step
        with shift.operator.tab.expect_navigation(wait_until="load"):
            shift.operator.tab.locator("button.big").tap()
    assert shift.operator.tab.inner_text("#step-heading") == "Next: approval"
    shift.lead.go(f"/starts/{HERE}")
    with shift.lead.tab.expect_navigation(wait_until="load"):
        shift.lead.tab.locator("button.big").tap()
    assert "This station may run." in shift.lead.tab.inner_text("main")


def work_without_the_network(shift: Shift) -> None:
    """Good units, scrap and a stop's reason are pressed while it is cut, and one page is left for another and come back to."""
    tab = shift.operator.tab
    for station in (BREAKDOWN, HERE):
        shift.operator.go(f"/work/{station}")
        send(shift.operator, "production.sign_on")
    tab.wait_for_function("navigator.serviceWorker.controller !== null")
    tab.goto(f"{shift.served.base}/work/{BREAKDOWN}")
    tab.goto(f"{shift.served.base}/work/{HERE}")
    before = len(told(shift, "production.units_reported"))
    tab.context.set_offline(True)
    tab.get_by_role("button", name="+100").tap()
    tab.get_by_role("button", name="Report good").tap()
    wait_for_unsent(shift.operator, 1)
    tab.get_by_role("button", name="Dented or scratched").tap()
    wait_for_unsent(shift.operator, 2)
    tab.goto(f"{shift.served.base}/work/{BREAKDOWN}")
    tab.get_by_text("Another reason why it stands").tap()
    tab.get_by_role("button", name="Waiting for a check").tap()
    wait_for_unsent(shift.operator, 3)
    assert len(told(shift, "production.units_reported")) == before, "nothing can have come yet"
    tab.context.set_offline(False)
    tab.get_by_text("What was kept here has been sent.").wait_for()  # the page is loaded again by itself
    tab.locator("#unsent").wait_for(state="hidden")
    reports = told(shift, "production.units_reported")[before:]
    assert [(one.good, one.scrapped) for one in reports] == [(100, 0), (0, 1)]


def change_a_container(shift: Shift) -> None:
    shift.lead.go("/stock")
    send(shift.lead, "inventory.register_container", container="T-2", kind="tote", location="metal-side")
    shift.operator.go("/containers/T-1")
    send(shift.operator, "inventory.take_back", good="26", scrapped="4", reason="brushed")
    send(shift.operator, "inventory.move", location=BESIDE)
    shift.operator.go("/containers/T-2")
    send(shift.operator, "inventory.fill_container", lot=NEXT, station=HERE, units="250")
    shift.operator.go("/containers/T-2")
    assert "250" in shift.operator.tab.inner_text(".lead.big")


def rework_a_bin(shift: Shift) -> None:
    """The bin is sent for rework while the network is cut, and comes back when it is there again."""
    tab = shift.operator.tab
    tab.goto(f"{shift.served.base}/containers/T-2")
    tab.wait_for_function("navigator.serviceWorker.controller !== null")
    tab.context.set_offline(True)
    tab.goto(f"{shift.served.base}/containers/T-2")
    form = tab.locator("form[action='/do/inventory.send']")
    tab.locator("details:has(form[action='/do/inventory.send']) > summary").tap()
    form.locator("[name=route]").select_option("rework")
    form.locator("[name=units]").fill("40")
    form.locator("[name=reason]").fill("A burr.")
    form.locator("button.do").tap()
    wait_for_unsent(shift.operator, 1)
    tab.context.set_offline(False)
    tab.get_by_text("What was kept here has been sent.").wait_for()
    shift.operator.go("/containers/T-2")
    send(shift.operator, "inventory.take_back", good="38", scrapped="2", reason="deburred")
    shift.operator.go("/containers/T-2")
    assert "248" in shift.operator.tab.inner_text(".lead.big")


def change_a_tool(shift: Shift) -> None:
    """Where the operator stands: what the book knows of it is filled in."""
    for tool, before in (("P-7", ""), ("P-8", "P-7")):
        shift.operator.go(f"/work/{HERE}")
        taken_out = shift.operator.tab.locator("form[action='/do/production.change_tool'] [name=taken_out]")
        assert taken_out.input_value() == before
        send(shift.operator, "production.change_tool", tool=tool)
    shift.operator.go(f"/work/{HERE}")
    assert "P-8" in shift.operator.tab.inner_text("dl.facts")


def hand_over(shift: Shift) -> None:
    shift.operator.go("/handover/case")
    send(shift.operator, "production.prepare_handover", containers="T-2", remark="All is clean.")
    shift.lead.go("/handover/case")
    text = shift.lead.tab.inner_text("main")
    assert "All is clean." in text
    assert "T-2" in text
    send(shift.lead, "production.take_over")
    assert "All is clean." in shift.lead.tab.locator("table").last.inner_text()


def test_a_shift_from_taking_over_to_handing_over(shift):
    take_over(shift)
    start_the_run(shift)
    work_without_the_network(shift)
    change_a_container(shift)
    change_a_tool(shift)
    rework_a_bin(shift)
    hand_over(shift)
    (stop,) = (event for event in told(shift, "production.stop_coded") if event.station == BREAKDOWN)
    assert stop.mode == "waits-for-check"
    handed = [(event.line, event.person, event.next_person) for event in told(shift, "production.shift_handed_over")]
    assert handed == [("case", "demo-shift-lead", "demo-operator"), ("case", "demo-operator", "demo-shift-lead")]
    (approved,) = told(shift, "production.setup_approved")
    assert (approved.station, approved.person) == (HERE, "demo-shift-lead")
    for eyes in (shift.operator, shift.lead):
        lost = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
        assert [text for text in eyes.said if not any(word in text for word in lost)] == []
        assert eyes.outside() == []
