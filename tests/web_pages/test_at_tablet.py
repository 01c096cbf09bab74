"""A shared tablet at a station, in a real browser: who stands before it says so by badge or PIN, also without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from web.browsers import ADMINISTRATOR, Server, served
from web.browsers import Site as Served
from web.test_tablet import PIN, enrolled, with_pin
from web_pages.conftest import Eyes
from web_pages.floor import UNCODED

STATION = f"/work/{UNCODED}"
BADGES = {"ada": "0042 7711", "ben": "0042 7712"}


@pytest.fixture(scope="module")
def plant(floor, tmp_path_factory) -> Path:
    """The day on the floor with two operators who have badges, and a tablet; the tablet's cookie lies beside it."""
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService

    folder = Path(shutil.copytree(floor, tmp_path_factory.mktemp("tablet") / "data"))
    service = PlantService.opened(BookFolder(folder))
    try:
        site = Served(service, folder).configured()
        for person, role in ((ADMINISTRATOR, "administrator"), ("lead", "shift-lead")):
            site.do("personnel.enrol", by="demo-administrator", person=person)
            site.do("personnel.grant", by="demo-administrator", person=person, role=role)
            site.account(person)
        for person, badge in BADGES.items():
            with_pin(site, person, "operator", badge)
        device = enrolled(site).cookies["fabrika_device_8470"].value
        (folder.parent / "cookie").write_text(device)
    finally:
        service.close()
    return folder


@pytest.fixture
def server(plant, tmp_path) -> Iterator[Server]:
    """The plant, served to whoever signs in."""
    with served(Path(shutil.copytree(plant, tmp_path / "data"))) as found:
        yield found


@pytest.fixture
def tablet(plant, server, browser) -> Iterator[Eyes]:
    """A tablet of 7 inches before which nobody has said who they are."""
    context = browser.new_context(viewport={"width": 1024, "height": 600}, has_touch=True)
    port = server.base.rsplit(":", 1)[1]
    value = (plant.parent / "cookie").read_text()
    context.add_cookies([{"name": f"fabrika_device_{port}", "value": value, "url": server.base}])
    eyes = Eyes(context.new_page(), server.base)
    eyes.go(STATION)
    eyes.tab.wait_for_function("() => navigator.serviceWorker.controller !== null")
    yield eyes
    with suppress(Exception):
        context.close()


def identify(tablet: Eyes, badge: str, pin: str = "") -> None:
    if tablet.tab.locator("details#identify:not([open]) > summary").count():
        tablet.tab.locator("details#identify > summary").click()
    tablet.tab.fill("#badge", badge)
    tablet.tab.fill("#pin", pin)
    tablet.tab.locator("form.identify button").click()


def report(tablet: Eyes, count: int) -> None:
    tablet.tab.fill("#good", str(count))
    tablet.tab.get_by_role("button", name="Report good").click()


def unsent(tablet: Eyes, count: int) -> None:
    tablet.tab.wait_for_function(
        "n => { const e = document.querySelector('#unsent'); return e && (e.hidden ? 0 : +e.querySelector('strong').textContent) === n }",
        arg=count,
    )


def facts(server: Server, data: Path, *types: str) -> list:
    from fabrika.app.book_folder import BookFolder
    from fabrika.journal.entries import fact_of

    reader = BookFolder(data).reader()
    try:
        found = [fact_of(position, entry) for position, entry in enumerate(reader.read())]
    finally:
        reader.close()
    return [fact for fact in found if fact.message.type in types and fact.message.device == "tablet-7"]


def test_who_shows_a_badge_reports_until_somebody_else_does(tablet, server, tmp_path):
    assert tablet.tab.locator("#good").is_hidden()
    identify(tablet, BADGES["ada"])
    tablet.tab.wait_for_selector("#good:visible")
    report(tablet, 11)
    tablet.tab.wait_for_selector(".notice:has-text('done')")
    identify(tablet, "ben", PIN)
    tablet.tab.wait_for_selector("meta[name=fabrika-person][content=ben]", state="attached")
    report(tablet, 12)
    tablet.tab.wait_for_selector(".notice:has-text('done')")
    told = facts(server, tmp_path / "data", "production.person_signed_on", "production.units_reported")
    assert [(fact.message.actor, getattr(fact.event, "good", None)) for fact in told] == [
        ("ada", None),
        ("ada", 11),
        ("ben", None),
        ("ben", 12),
    ]
    tablet.tab.get_by_role("button", name="Sign off here").click()
    tablet.tab.wait_for_selector("section#identify")
    assert tablet.tab.locator("meta[name=fabrika-person]").count() == 0
    assert not [line for line in tablet.said if "Content Security" in line]


def test_without_a_network_badge_and_pin_are_kept_sealed_and_checked_later(tablet, server, tmp_path):
    identify(tablet, BADGES["ada"])
    tablet.tab.wait_for_selector("#good:visible")
    tablet.tab.context.set_offline(True)
    identify(tablet, "ben", PIN)
    tablet.tab.wait_for_selector("#claimed:visible")
    unsent(tablet, 1)
    report(tablet, 7)
    unsent(tablet, 2)
    stored = tablet.tab.evaluate(
        """async () => { const db = await new Promise(r => { const q = indexedDB.open("fabrika"); q.onsuccess = () => r(q.result) });
        return JSON.stringify([localStorage, await new Promise(r => { const q = db.transaction("reports").objectStore("reports").getAll();
        q.onsuccess = () => r(q.result) })]) }"""
    )
    assert PIN not in stored.replace(str(tablet.tab.evaluate("Date.now()"))[:4], "")
    tablet.tab.reload()
    tablet.tab.wait_for_selector("#claimed:visible")
    tablet.tab.context.set_offline(False)
    tablet.tab.wait_for_selector("meta[name=fabrika-person][content=ben]", state="attached")
    unsent(tablet, 0)
    told = facts(server, tmp_path / "data", "production.person_signed_on", "production.units_reported")
    assert [(fact.message.actor, getattr(fact.event, "good", None)) for fact in told] == [
        ("ada", None),
        ("ben", None),
        ("ben", 7),
    ]


def test_what_was_reported_with_a_wrong_pin_is_kept_and_called_for(tablet, server, tmp_path):
    tablet.tab.context.set_offline(True)
    identify(tablet, "ben", "9999")
    tablet.tab.wait_for_selector("#good:visible")
    report(tablet, 8)
    unsent(tablet, 2)
    tablet.tab.context.set_offline(False)
    tablet.tab.wait_for_selector("#claim-refused:visible")
    assert tablet.tab.locator("section#identify").count() == 1
    assert facts(server, tmp_path / "data", "production.units_reported") == []
    kept = facts(server, tmp_path / "data", "house.report_refused")
    assert [(fact.event.command, fact.event.person) for fact in kept] == [
        ("production.sign_on", "ben"),
        ("production.report_units", "ben"),
    ]


def test_handovers_and_containers_wait_for_the_network(tablet, server, tmp_path):
    identify(tablet, BADGES["ada"])
    tablet.tab.wait_for_selector("#good:visible")
    for path in ("/handover/bullet", "/containers/T-1"):
        tablet.go(path)
    tablet.tab.context.set_offline(True)
    tablet.go("/handover/bullet")
    tablet.tab.locator("form[action='/do/production.prepare_handover'] button").click()
    unsent(tablet, 1)
    tablet.go("/containers/T-1")
    form = tablet.tab.locator("form[action='/do/inventory.find_container']")
    tablet.tab.locator("details:has(form[action='/do/inventory.find_container']) > summary").click()
    form.locator("[name=location]").select_option("packing-side")
    form.locator("[name=reason]").fill("it stands before me")
    form.locator("button").click()
    unsent(tablet, 2)
    tablet.tab.context.set_offline(False)
    unsent(tablet, 0)
    told = facts(server, tmp_path / "data", "production.handover_prepared", "inventory.moved", "house.report_refused")
    assert [(fact.message.type, fact.message.actor) for fact in told] == [
        ("production.handover_prepared", "ada"),
        ("inventory.moved", "ada"),
    ]


def test_a_tablet_that_nobody_touches_is_nobodys(tablet):
    identify(tablet, BADGES["ada"])
    tablet.tab.wait_for_selector("#good:visible")
    tablet.tab.evaluate("localStorage.setItem('fabrika-tap', '0')")
    tablet.tab.wait_for_selector("section#identify", timeout=15_000)
    assert tablet.tab.locator("#good").is_hidden()


def test_a_tablet_that_nobody_touches_without_a_network_is_nobodys(tablet):
    identify(tablet, BADGES["ada"])
    tablet.tab.wait_for_selector("#good:visible")
    tablet.tab.context.set_offline(True)
    tablet.tab.evaluate("localStorage.setItem('fabrika-tap', '0')")
    tablet.tab.wait_for_selector("#good", state="hidden", timeout=15_000)
    tablet.tab.reload()
    assert tablet.tab.locator("#good").is_hidden()
    tablet.tab.context.set_offline(False)
    tablet.tab.wait_for_selector("section#identify")
