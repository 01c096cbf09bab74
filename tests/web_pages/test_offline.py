"""Without the network, in a real browser: what is pressed is kept, said to be kept, sent once, and pages are there meanwhile."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ports import free_port
from web_pages.conftest import ROOT, Eyes
from web_pages.floor import UNCODED

SERVER = Path(__file__).parent / "demo_server.py"
STATION = f"/stations/{UNCODED}"


class Plant:
    """A server that is killed and started again under the same address."""

    def __init__(self, data: Path) -> None:
        self.data, self.process = data, None
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
        words = [sys.executable, str(SERVER), str(self.data), "1", str(self.port)]
        environment = {**os.environ, "PYTHONPATH": paths}
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout.readline().startswith("http")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate(timeout=60)
            self.process = None

    def entries(self, beginning: str) -> list[dict]:
        """What the book holds of a type, as it was written."""
        from fabrika.app.book_folder import BookFolder
        from fabrika.journal.entries import fact_of

        reader = BookFolder(self.data).reader()
        try:
            facts = [fact_of(position, entry) for position, entry in enumerate(reader.read())]
        finally:
            reader.close()
        return [fact for fact in facts if fact.message.type.startswith(beginning)]


@pytest.fixture
def plant(floor, tmp_path) -> Iterator[Plant]:
    found = Plant(Path(shutil.copytree(floor, tmp_path / "data")))
    found.start()
    yield found
    found.kill()


@pytest.fixture
def tablet(browser, plant) -> Iterator[Eyes]:
    """A tablet of 7 inches at which an operator has signed in, at the page of a station with stops."""
    context = browser.new_context(viewport={"width": 1024, "height": 600}, has_touch=True)
    eyes = Eyes(context.new_page(), plant.base)
    eyes.become("operator")
    eyes.go(STATION)
    eyes.tab.wait_for_function("navigator.serviceWorker.controller !== null")
    yield eyes
    with suppress(Exception):
        context.close()


def unsent(eyes: Eyes) -> int:
    return int(
        eyes.tab.evaluate(
            "document.querySelector('#unsent').hidden ? 0 : +document.querySelector('#unsent strong').textContent"
        )
    )


def wait_for_unsent(eyes: Eyes, count: int) -> None:
    eyes.tab.wait_for_function(
        "n => { const e = document.querySelector('#unsent'); return e && (e.hidden ? 0 : +e.querySelector('strong').textContent) === n }",
        arg=count,
    )


def stops(eyes: Eyes):
    return eyes.tab.locator("#why form[data-queues]")


def press(eyes: Eyes, number: int) -> None:
    stops(eyes).nth(number).locator("button").first.click()


def test_a_tap_with_the_network_is_done_at_once(tablet, plant):
    before, coded = stops(tablet).count(), len(plant.entries("production.stop_coded"))
    with tablet.tab.expect_navigation():
        press(tablet, 0)
    assert unsent(tablet) == 0
    assert tablet.tab.locator(".notice[role=status]").filter(has_text="done").count() == 1
    assert stops(tablet).count() == before - 1 or before == 8
    assert len(plant.entries("production.stop_coded")) == coded + 1
    assert not [line for line in tablet.said if "Content Security" in line]


def test_what_is_pressed_offline_is_kept_through_a_reload_and_sent_once(tablet, plant):
    coded = len(plant.entries("production.stop_coded"))
    tablet.tab.context.set_offline(True)
    press(tablet, 0)
    wait_for_unsent(tablet, 1)
    press(tablet, 1)
    wait_for_unsent(tablet, 2)
    assert stops(tablet).nth(0).locator("button").first.is_disabled()
    assert len(plant.entries("production.stop_coded")) == coded
    tablet.tab.reload()
    wait_for_unsent(tablet, 2)
    assert tablet.tab.locator("h1").first.inner_text().strip()
    assert tablet.tab.evaluate("getComputedStyle(document.querySelector('.head')).display") == "flex", (
        "drawn without style"
    )
    assert stops(tablet).nth(0).locator("button").first.is_disabled(), "what is kept could be pressed again"
    tablet.tab.context.set_offline(False)
    wait_for_unsent(tablet, 0)
    facts = plant.entries("production.stop_coded")[coded:]
    assert len(facts) == 2
    assert all(fact.message.source.startswith("tablet/") and fact.message.actor == "demo-operator" for fact in facts)
    assert len({fact.event.from_us for fact in facts}) == 2


def test_a_server_that_is_killed_meanwhile_loses_and_doubles_nothing(tablet, plant):
    coded = len(plant.entries("production.stop_coded"))
    plant.kill()
    for number in range(2):
        press(tablet, number)
        wait_for_unsent(tablet, number + 1)
    tablet.go(STATION)
    wait_for_unsent(tablet, 2)
    plant.start()
    wait_for_unsent(tablet, 0)
    assert len(plant.entries("production.stop_coded")) == coded + 2


def test_an_answer_that_is_lost_is_asked_for_again(tablet, plant):
    coded = len(plant.entries("production.stop_coded"))
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            route.fetch()  # the server has it, and the answer goes nowhere
            lost.append(route.request.post_data)
            route.abort()
        else:
            route.continue_()

    tablet.tab.context.route("**/reports", lose)
    press(tablet, 0)
    wait_for_unsent(tablet, 1)
    wait_for_unsent(tablet, 0)
    assert lost
    assert len(plant.entries("production.stop_coded")) == coded + 1


def test_two_tabs_have_one_queue(tablet, plant):
    coded = len(plant.entries("production.stop_coded"))
    other = Eyes(tablet.tab.context.new_page(), plant.base)
    other.go(STATION)
    tablet.tab.context.set_offline(True)
    press(tablet, 0)
    wait_for_unsent(other, 1)
    assert stops(other).nth(0).locator("button").first.is_disabled()
    press(other, 1)
    wait_for_unsent(tablet, 2)
    tablet.tab.context.set_offline(False)
    wait_for_unsent(tablet, 0)
    wait_for_unsent(other, 0)
    assert len(plant.entries("production.stop_coded")) == coded + 2
    assert not plant.entries("house.report_refused")


def test_a_second_person_at_the_tablet_takes_nothing_of_the_first(tablet, plant):
    coded = len(plant.entries("production.stop_coded"))
    posted = []
    tablet.tab.context.route("**/reports", lambda route: (posted.append(1), route.abort()))
    press(tablet, 0)
    wait_for_unsent(tablet, 1)
    tablet.become("shift-lead")
    tablet.go(STATION)
    wait_for_unsent(tablet, 1)
    assert posted
    press(tablet, 1)
    wait_for_unsent(tablet, 2)
    tablet.tab.context.unroute("**/reports")
    tablet.tab.evaluate("window.dispatchEvent(new Event('online'))")
    wait_for_unsent(tablet, 0)
    facts = plant.entries("production.stop_coded")[coded:]
    assert [fact.message.actor for fact in facts] == ["demo-operator", "demo-shift-lead"]
    assert [fact.event.person for fact in facts] == ["demo-operator", "demo-shift-lead"]


def test_pages_of_another_person_are_forgotten(tablet, plant):
    tablet.become("shift-lead")
    plant.kill()
    tablet.go(STATION)
    assert tablet.tab.locator("h1").inner_text().strip() == "No network"
    assert tablet.tab.locator("#kept-pages a").count() == 0


def test_a_page_that_was_not_kept_names_those_that_were(tablet, plant):
    tablet.tab.context.set_offline(True)
    press(tablet, 0)
    wait_for_unsent(tablet, 1)
    tablet.go("/orders")
    assert tablet.tab.locator("h1").inner_text().strip() == "No network"
    assert "demo-" not in tablet.tab.content()
    wait_for_unsent(tablet, 1)
    tablet.tab.locator(f"#kept-pages a[href$='{STATION}']").click()
    tablet.tab.wait_for_url(f"**{STATION}")
    wait_for_unsent(tablet, 1)


def test_a_browser_that_is_closed_keeps_what_was_pressed(chromium, browser, plant, tmp_path):
    """In a profile on the disk, as a tablet has it; the browser's process ends in between."""
    coded = len(plant.entries("production.stop_coded"))
    launcher, words = browser.browser_type, {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu"]}
    context = launcher.launch_persistent_context(str(tmp_path / "profile"), **words)
    eyes = Eyes(context.pages[0], plant.base)
    eyes.become("operator")
    eyes.go(STATION)
    context.set_offline(True)
    press(eyes, 0)
    wait_for_unsent(eyes, 1)
    context.close()
    context = launcher.launch_persistent_context(str(tmp_path / "profile"), **words)
    eyes = Eyes(context.pages[0], plant.base)
    eyes.go("/")
    wait_for_unsent(eyes, 0)
    context.close()
    facts = plant.entries("production.stop_coded")[coded:]
    assert [fact.message.actor for fact in facts] == ["demo-operator"]


def test_what_cannot_be_taken_any_more_calls_somebody(tablet, plant):
    other = Eyes(tablet.tab.context.browser.new_context().new_page(), plant.base)
    other.become("shift-lead")
    other.go(STATION)
    tablet.tab.context.set_offline(True)
    press(tablet, 0)
    wait_for_unsent(tablet, 1)
    with other.tab.expect_navigation():
        press(other, 0)
    tablet.tab.context.set_offline(False)
    tablet.tab.wait_for_selector("#unsent-refused:not([hidden])")
    wait_for_unsent(tablet, 0)
    (fact,) = plant.entries("house.report_refused")
    assert fact.event.command == "production.code_stop"
    assert json.loads(fact.event.form)["station"] == [UNCODED]
    assert re.search("coded this stop already", fact.event.problem)
    other.go("/attention")
    assert other.tab.locator('.item a[href="/attention/reports"]').count() == 1
    other.go("/attention/reports")
    other.tab.locator("textarea[name=reason]").fill("it was coded by the shift lead already")
    with other.tab.expect_navigation():
        other.tab.locator(".acts form.command button").click()
    other.go("/attention/reports")
    assert other.tab.locator("main .calm").count() == 1
    other.tab.context.close()


def test_an_operator_reports_scrap_and_a_stop_while_the_network_is_cut(browser, plant):
    context = browser.new_context(viewport={"width": 1024, "height": 600}, has_touch=True)
    eyes = Eyes(context.new_page(), plant.base)
    eyes.become("operator")
    eyes.go("/work/case.form-3")
    eyes.tab.get_by_role("button", name="I work here now").tap()
    eyes.tab.get_by_text("Sign on: done.").wait_for()
    eyes.tab.wait_for_function("navigator.serviceWorker.controller !== null")
    eyes.go("/work/case.form-3")
    before = len(plant.entries("production.units_reported"))
    context.set_offline(True)
    eyes.tab.get_by_role("button", name="Dented or scratched").tap()
    wait_for_unsent(eyes, 1)
    eyes.tab.reload()  # the page is there, though the plant is not
    wait_for_unsent(eyes, 1)
    eyes.tab.locator("#good").fill("120")
    eyes.tab.get_by_role("button", name="Report good").tap()
    wait_for_unsent(eyes, 2)
    eyes.tab.get_by_text("Another reason why it stands").tap()
    eyes.tab.get_by_role("button", name="Waiting for a check").tap()
    wait_for_unsent(eyes, 3)
    assert len(plant.entries("production.units_reported")) == before
    context.set_offline(False)
    wait_for_unsent(eyes, 0)
    reported = [fact.event for fact in plant.entries("production.units_reported")[before:]]
    assert [(event.good, event.scrapped) for event in reported] == [(0, 1), (120, 0)]
    assert plant.entries("house.report_refused") == []
    context.close()
