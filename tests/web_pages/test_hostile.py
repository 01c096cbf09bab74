"""Hostile text in every field that a page shows stays text: nothing runs, nothing is asked of others, nothing is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService
from fabrika.app.sitemap import COMMANDS
from fabrika.app.sitemap import PAGES as PAGES_OF_THE_PLANT
from fabrika.errors import FabrikaError
from web_pages.conftest import Eyes, Served, serve
from web_pages.floor import made_book, stocked, written
from web_pages.hostile import PAYLOADS, UNSEEN, hostile_plant

LIVING = (
    "img, iframe, object, embed, base, style, math, video, audio, script:not([src]), meta[http-equiv], link[href*='evil'],"
    " [onerror], [onload], [onclick], [onfocus], [onmouseover], [style], [srcdoc], [autofocus][onfocus], a[href^='javascript'],"
    " [href^='//'], [href^='http'], [action^='//'], [action^='http'], [hx-get*='evil'], [hx-on\\\\:load]"
)
"""Elements and attributes that no page of ours has; whichever is found was made out of a text."""
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060\ufeff\u0000-\u0008\u000b-\u001f\u007f-\u009f]")


def filled(service: PlantService) -> None:
    """Put texts into everything that a person can write."""
    commands, pages = {command.name: command for command in COMMANDS}, {page.name: page for page in PAGES_OF_THE_PLANT}
    manages, lead = "demo-administrator", "demo-shift-lead"

    def do(name: str, by: str, key: str, /, **form) -> bool:
        try:
            service.do(commands[name], by, form, key=f"hostile-{key:0>12}")
        except FabrikaError:
            return False
        return True

    stops = []
    for line in service.plant.lines:
        for station in line.stations:
            path = f"{line.id}.{station.id}"
            view = service.see(pages["production.station"], lead, {"station": path}).context
            stops += [(path, stop, view.modes[0]) for stop in view.stops if stop.to_us and view.modes]
    written = 0
    for number, (text, (path, stop, mode)) in enumerate(zip((*PAYLOADS, *UNSEEN), stops, strict=False)):
        person = f"p-{number}"
        do("personnel.enrol", manages, f"e{number}", person=person)
        do("personnel.grant", manages, f"g{number}", person=person, role="shift-lead")
        do("personnel.withdraw", manages, f"w{number}", person=person, role="shift-lead", reason=text)
        form = {"station": path, "from_us": stop.from_us, "to_us": stop.to_us, "mode": mode, "remark": text}
        written += do("production.code_stop", lead, f"c{number}", **form)
    assert written >= 20, "remarks stand in the book"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory) -> Iterator[Served]:
    """A plant whose every name and remark is an attack, served."""
    folder = tmp_path_factory.mktemp("attacked")
    made_book(hostile_plant(folder / "plant"), folder / "data")
    service = PlantService.opened(BookFolder(folder / "data"))
    try:
        from fabrika.app.demo_book import demo_persons

        demo_persons(service)
        filled(service)
    finally:
        service.close()
    written(folder / "data", "demo-writer", "demo-approver", PAYLOADS[:14])
    words = ("keeper", "keeper", "releaser", "counter", "bookkeeper")
    stocked(
        folder / "data",
        dict(
            zip(("receives", "moves", "releases", "counts", "answers"), [f"demo-{word}" for word in words], strict=True)
        ),
        PAYLOADS[:14],
    )
    yield from serve(folder / "data")


@pytest.fixture(scope="module")
def tab(browser, attacked) -> Iterator[Eyes]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    yield Eyes(context.new_page(), attacked.base)
    context.close()


@pytest.fixture
def victim(tab) -> Eyes:
    """One tab for all tests, which are many; what it met is forgotten before each."""
    for met in (tab.said, tab.asked, tab.dialogs):
        met.clear()
    return tab


def as_lead(eyes: Eyes) -> None:
    """Go on as shift lead, if the tab is not one already."""
    eyes.go("/account")
    if eyes.tab.locator("#as").input_value() != "demo-shift-lead":
        eyes.become("shift-lead")


def check(eyes: Eyes, path: str) -> None:
    """Nothing of a page is alive that is not ours."""
    tab = eyes.tab
    assert tab.evaluate("window.pwned") is None, path
    found = tab.evaluate(f"[...document.querySelectorAll(`{LIVING}`)].map(e => e.outerHTML.slice(0, 200))")
    assert not found, (path, found)
    assert not eyes.dialogs, path
    assert not eyes.outside(), (path, eyes.outside())
    complaints = [text for text in eyes.said if "with a status of 4" not in text]
    assert not complaints, (path, complaints)
    text = tab.evaluate(
        "document.documentElement.innerText + document.title + [...document.querySelectorAll('[title],[aria-label]')].map(e => e.title + e.getAttribute('aria-label')).join('')"
    )
    assert not TURNS.search(text), (path, TURNS.search(text))
    assert tab.locator(".simulated").is_visible(), path
    assert tab.locator("h1").count() == 1, path
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (path, wide)


PAGES = [
    "/", "/attention", "/lines", "/lines/one", "/lines/two", "/stations/one.s1", "/stations/one.s2", "/stations/two.s13",
    "/proof", "/journal", "/journal?before=60", "/people", "/work", "/stock", "/stock/M-1", "/stock/M-7", "/containers/T-1", "/stocktaking", "/labels/stock/M-1", "/documents", "/documents/wi-0", "/documents/wi-1", "/documents/wi-4/1", "/documents/wi-6/2", "/plant", "/plant/1", "/help", "/api", "/account",
    "/do/production.code_stop", "/do/production.correct",
]  # fmt: skip


@pytest.mark.parametrize("role", ["shift-lead", "administrator"])
def test_names_and_remarks_stay_text_on_every_page(victim, role):
    victim.become(role)
    for path in PAGES:
        victim.go(path)
        check(victim, path)
    assert "<script>window.pwned=1</script>" in victim.go("/plant").text().replace("&lt;", "<").replace("&gt;", ">")


def test_entries_of_the_book_stay_text(victim):
    as_lead(victim)
    size = int(victim.go("/journal.json").json()["position"])
    for position in range(size - 40, size, 3):
        victim.go(f"/journal/{position}")
        check(victim, f"/journal/{position}")


@pytest.mark.parametrize("text", [*PAYLOADS, *UNSEEN], ids=map(str, range(len(PAYLOADS) + len(UNSEEN))))
def test_what_is_asked_stays_text(victim, text):
    as_lead(victim)
    for path, names in (
        ("/journal", ("type", "source", "person", "subject", "from", "before")),
        ("/proof/try", ("path", "value")),
        ("/do/production.code_stop", ("station", "mode", "remark", "from_us", "next")),
        ("/", ("kiosk", "language", "at")),
    ):
        asked = urlencode(dict.fromkeys(names, text))
        victim.go(f"{path}?{asked}")
        check(victim, f"{path}?{asked}")
    victim.go(f"/stations/{urlencode({'': text})[1:]}")
    check(victim, "/stations/…")


@pytest.mark.parametrize("text", [*PAYLOADS, *UNSEEN], ids=map(str, range(len(PAYLOADS) + len(UNSEEN))))
def test_what_is_typed_into_a_form_stays_text(victim, text):
    as_lead(victim)
    victim.go("/do/production.code_stop")
    tab = victim.tab
    for field in ("station", "mode", "remark"):
        tab.evaluate(
            "([name, text]) => { const e = document.querySelector(`[name=${name}]`); e.removeAttribute('pattern'); e.removeAttribute('maxlength'); e.value = text; }",
            [field, text],
        )
    for field in ("from_us", "to_us"):
        tab.evaluate("name => { document.querySelector(`[name=${name}]`).type = 'text'; }", field)
        tab.evaluate("([name, text]) => { document.querySelector(`[name=${name}]`).value = text; }", [field, text])
    with tab.expect_navigation():
        tab.locator("form.command button.do").click()
    assert tab.locator("[role=alert]:visible").count() >= 1
    check(victim, "POST /do/production.code_stop")


def test_a_text_of_ten_megabytes_is_refused_and_breaks_nothing(victim, attacked):
    as_lead(victim)
    victim.go("/do/production.code_stop")
    status = victim.tab.evaluate(
        """async () => {
            const form = new URLSearchParams(new FormData(document.querySelector('form.command')));
            form.set('remark', 'W'.repeat(10 * 1024 * 1024));
            try { return (await fetch('/do/production.code_stop', {method: 'POST', body: form})).status; } catch (error) { return 0; }
        }"""
    )
    assert status in {0, 400, 413, 422}
    victim.said.clear()
    victim.go("/")
    check(victim, "/")
