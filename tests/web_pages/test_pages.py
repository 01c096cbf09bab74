"""Every page in a real browser: whole, calm, within its screen, readable by everybody, asking nobody else."""

from __future__ import annotations

import re

import pytest

from fabrika.app.sitemap import COMMANDS
from fabrika.faces.web.forms import fields
from web_pages.floor import DOWN, LOT, SETUP, SILENT

PATHS = [
    "/", "/attention", "/lines", "/lines/case", "/orders", "/orders/order-case", "/orders/order-case/readiness", "/work", f"/work/{DOWN}", f"/lots/{LOT}", f"/stations/{DOWN}", f"/stations/{SILENT}", f"/starts/{SETUP}",
    "/handover/case", "/proof", "/journal",
    "/journal/0", "/journal/100", "/journal?type=production.stop", "/people", "/plant", "/plant/1", "/help", "/api",
    "/account", "/documents", "/documents/wi-0", "/documents/wi-0/1", "/stock", "/stock?scan=nothing", "/stock/M-1", "/containers/T-1", "/stocktaking", "/labels/containers/T-1", "/trace", "/trace?id=case", f"/lots/{LOT}/trace", f"/lots/{LOT}/trace?unit=7", f"/recall?lot={LOT}",
    "/attention/reports", "/attention/doubts", "/forms/shift/case", "/recall", "/balance", "/do/production.code_stop", "/nothing-here",
]  # fmt: skip
"""A page of every kind; a shift lead may see them all."""

OF_OTHERS = [
    ("administrator", "/people"), ("administrator", "/accounts"), ("administrator", "/accounts/devices"),
    ("administrator", "/do/personnel.enrol"), ("director", "/proof/try"),
    ("director", "/proof/try?path=loading.load.cycle&value=fast"), ("operator", "/journal"), ("overseer", "/journal"),
    ("training-head", "/stocktaking"), ("technical-head", "/stocktaking"), ("operator", "/containers/T-1"),
    ("quality-manager", "/stock/M-wait"), ("shift-lead", "/stock"), ("quality-manager", "/documents"), ("quality-manager", "/documents/wi-0/2"), ("director", "/documents/wi-0/2"),
    ("operator", f"/starts/{SETUP}"), ("operator", "/handover/loading"),
    ("director", "/documents/wi-0/1"), ("quality-manager", "/do/documents.draft"),
]  # fmt: skip
"""Pages that another role sees otherwise, or alone."""


def audit(eyes) -> list[str]:
    """What axe-core finds wrong with a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(eyes.tab).response["violations"]
    return [f"{row['id']}: {node['target']} {node['failureSummary']}" for row in found for node in row["nodes"]]


def look(eyes, path: str) -> None:
    """Open a page and check what holds of every page."""
    answer = eyes.go(path)
    assert answer.status == (
        404 if path == "/nothing-here" else 403 if path == "/journal" and answer.status == 403 else 200
    )
    assert eyes.tab.locator("h1").count() == 1, path
    assert eyes.tab.locator(".simulated").is_visible(), "what is simulated is said on every page"
    wide = eyes.tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{path} is wider than its screen by {wide} pixels"
    assert not audit(eyes), path


def quiet(eyes) -> list[str]:
    """What the browser complained of, without the answers that were meant to be refusals."""
    return [text for text in eyes.said if "the server responded with a status of 40" not in text]


@pytest.mark.parametrize("path", PATHS)
def test_page_is_whole_and_readable_by_everybody(eyes, path):
    eyes.become("shift-lead")
    look(eyes, path)
    assert not quiet(eyes)
    assert not eyes.outside()


@pytest.mark.parametrize(("role", "path"), OF_OTHERS)
def test_page_of_another_role_is_whole(eyes, role, path):
    eyes.become(role)
    look(eyes, path)
    assert not quiet(eyes)
    assert not eyes.outside()


@pytest.mark.parametrize(
    "path",
    ["/", f"/stations/{DOWN}", "/journal", "/people", "/plant", "/attention", "/orders", f"/lots/{LOT}", "/help"],
)
def test_page_fits_a_telephone_and_a_finger(telephone, path):
    telephone.become("shift-lead")
    look(telephone, path)
    small = telephone.tab.evaluate("""() => [...document.querySelectorAll('button, select, input:not([type=hidden]):not([type=checkbox]), a.act, a.do, .tile a, nav a')]
        .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5)).map(([html, box]) => `${html} ${box.width}x${box.height}`)""")
    assert not small


def test_board_shows_the_whole_plant_on_one_screen(eyes):
    eyes.become("shift-lead")
    eyes.go("/")
    inside = """() => [...document.querySelectorAll('.tile, .line, .attention')].filter(e => {
        const box = e.getBoundingClientRect();
        return box.bottom > innerHeight || box.right > innerWidth || box.top < 0;
    }).length"""
    assert eyes.tab.locator(".tile").count() == 38
    assert eyes.tab.evaluate(inside) == 0
    assert eyes.tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert eyes.tab.evaluate("[...document.querySelectorAll('.lines')].every(e => e.scrollHeight <= e.clientHeight)")


def test_colour_stands_only_where_a_person_is_needed(eyes):
    eyes.become("shift-lead")
    eyes.go("/")
    coloured = eyes.tab.evaluate("""() => [...document.querySelectorAll('.tile')].filter(e => {
        const style = getComputedStyle(e);
        return [style.backgroundColor, style.borderTopColor].some(text => {
            const [r, g, b] = text.match(/\\d+/g).map(Number);
            return Math.max(r, g, b) - Math.min(r, g, b) > 30;
        });
    }).map(e => e.querySelector('a').getAttribute('href'))""")
    assert sorted(coloured) == [f"/stations/{DOWN}", f"/stations/{SILENT}"]
    named = eyes.tab.locator(".attention .item a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert sorted(path for path in named if path.startswith("/stations/")) == sorted(coloured)


def test_what_is_not_known_is_never_a_nought(eyes):
    eyes.become("shift-lead")
    eyes.go("/")
    tile = eyes.tab.locator(f".tile:has(a[href='/stations/{SILENT}'])")
    assert tile.locator(".n").inner_text() == "not known"
    assert "silent" in tile.inner_text()
    eyes.go(f"/stations/{SILENT}")
    assert eyes.tab.locator("dd", has_text="units not known").count() == 2


def test_every_page_says_as_of_when(eyes):
    eyes.become("shift-lead")
    for path in ("/", f"/stations/{DOWN}", "/journal", "/plant"):
        eyes.go(path)
        assert "As of 2026-03-18 14:05:00" in eyes.tab.locator(".asof").inner_text()


def test_strip_has_a_text_for_each_span_and_one_for_the_whole(eyes):
    eyes.become("shift-lead")
    eyes.go(f"/stations/{DOWN}")
    strip = eyes.tab.locator(".strip svg")
    assert strip.locator("rect > title").count() >= 10
    last = strip.locator("rect > title").last.text_content()
    assert re.fullmatch(r"down: breakdown, 13:23–14:05 \(42\u202fmin\)", last)
    assert "off shift 8\u202fh" in strip.locator("desc").text_content()


def test_without_javascript_everything_can_be_read_and_done(browser, served):
    from web_pages.conftest import Eyes

    context = browser.new_context(java_script_enabled=False)
    eyes = Eyes(context.new_page(), served.base)
    eyes.go("/account")
    eyes.tab.select_option("#as", "demo-shift-lead")
    eyes.tab.locator("form:has(#as) button").click()
    eyes.go(f"/stations/{DOWN}")
    assert eyes.tab.locator("text=Look again").is_visible()
    before = eyes.tab.locator(".reasons li").count()
    assert before >= 1
    eyes.tab.locator(".reasons li").first.locator("button", has_text="jam").click()
    assert eyes.tab.locator(".notice:visible").inner_text().strip().endswith("done.")
    assert eyes.tab.url == f"{served.base}/stations/{DOWN}"
    assert eyes.tab.locator(".reasons li").count() == before - 1
    assert eyes.tab.locator("text=coded by").count() == 1
    context.close()


def test_overseer_finds_nothing_that_changes_anything(eyes):
    eyes.become("overseer")
    for path in PATHS:
        if path.startswith(("/do/", "/account")):
            continue
        eyes.go(path)
        forms = eyes.tab.evaluate(
            "[...document.querySelectorAll('form[method=post]')].map(f => f.getAttribute('action'))"
        )
        assert set(forms) <= {"/sign-out"}, path
        assert eyes.tab.locator("a[href^='/do/']").count() == 0, path


def test_kiosk_shows_the_board_and_nothing_to_press(eyes):
    eyes.become("operator")
    eyes.go("/?kiosk=1")
    assert eyes.tab.locator(".tile").count() == 38
    assert eyes.tab.locator("nav, form, button").count() == 0
    assert not audit(eyes)


def test_page_moves_with_the_book(eyes, served):
    eyes.become("shift-lead")
    eyes.go("/journal")
    entries = eyes.tab.locator("dd", has_text=re.compile(r"^[\d\u202f]+$")).first
    before = entries.inner_text()
    other = eyes.tab.context.new_page()
    other.goto(f"{served.base}/stations/case.blank")
    other.locator(".reasons button").first.click()
    eyes.tab.wait_for_function("text => !document.body.innerText.includes(text)", arg=f"\n{before}\n", timeout=20_000)
    assert entries.inner_text() != before
    assert not quiet(eyes)


def test_page_is_followed_though_a_script_comes_late(eyes):
    """Whichever of the scripts comes last, the page is heard of."""
    for late in ("htmx-4.min.js", "hx-sse-4.min.js", "fabrika.js"):
        slow = re.compile(rf"/static/.*{re.escape(late)}$")
        eyes.tab.route(slow, lambda route: (eyes.tab.wait_for_timeout(400), route.continue_()))
        with eyes.tab.expect_request("**/follow?*", timeout=5_000):
            eyes.go("/")
        eyes.tab.unroute(slow)


def test_page_that_is_never_heard_of_says_so(eyes):
    eyes.tab.clock.install()
    eyes.tab.route("**/static/**/hx-sse-4.min.js", lambda route: route.abort())
    eyes.go("/")
    assert not eyes.tab.locator("#stale").is_visible()
    eyes.tab.clock.run_for(10_001)
    eyes.tab.locator("#stale").wait_for()


def test_browsers_understand_what_the_fields_of_forms_must_look_like(eyes):
    """A pattern that is none is no pattern: the browser complains and lets everything pass."""
    found = sorted({field.pattern for command in COMMANDS for field in fields(command.form)[0] if field.pattern})
    assert len(found) > 3
    eyes.go("/")
    wrong = """patterns => patterns.filter(one => { try { new RegExp(`^(?:${one})$`, "v"); return false } catch { return true } })"""
    assert eyes.tab.evaluate(wrong, found) == []


def test_every_page_is_two_presses_away(eyes):
    from fabrika.app.sitemap import PAGES

    eyes.become("shift-lead")
    nav = eyes.tab.locator("header nav")
    assert nav.locator(":scope > ul > li").count() <= 7
    first = {page.path for page in PAGES if page.path.count("/") == 1 and not page.names}
    assert {link.get_attribute("href") for link in nav.locator("a").all()} == first
    nav.get_by_text("Evidence").click()
    assert nav.get_by_role("link", name="Recall").is_visible()
    nav.get_by_text("Stock").first.click()
    assert not nav.get_by_role("link", name="Recall").is_visible(), "one group at a time"
    eyes.tab.keyboard.press("Escape")
    assert nav.locator("details[open]").count() == 0
    nav.get_by_text("Evidence").click()
    nav.get_by_role("link", name="Recall").click()
    eyes.tab.wait_for_url("**/recall")
    assert nav.locator("details.current summary").inner_text() == "Evidence"
    assert not audit(eyes)
