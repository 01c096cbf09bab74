"""The pages in four languages: every word of ours, the language's own signs, and ready for writing from right to left."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest

from fabrika.faces import language
from fabrika.faces.web import forms, show
from web_pages.floor import DOWN, LOT, NOW_US

ZONE = ZoneInfo("Europe/Belgrade")
PATHS = (
    "/",
    "/attention",
    "/lines/case",
    "/orders",
    f"/lots/{LOT}",
    f"/stations/{DOWN}",
    "/journal",
    "/people",
    "/plant",
    "/help",
    "/proof",
)
TAGS = {"sq": "sq", "sr_Latn": "sr-Latn", "tr": "tr"}


@pytest.fixture(autouse=True)
def english():
    yield
    language.choose(None)


WORDS = ":is(h1, h2, nav a, dt, th, button, .asof, .key):not(.report *)"
"""What is the house's own on a page; a report is full of the plant's names, and has tests of its own words."""


@pytest.mark.parametrize("code", TAGS)
def test_page_speaks_the_language_that_was_chosen(eyes, code):
    eyes.become("shift-lead")
    english = {}
    for path in PATHS:
        eyes.go(path)
        english[path] = {text.strip() for text in eyes.tab.locator(WORDS).all_inner_texts()}
    eyes.go(f"/?language={code}")
    for path in PATHS:
        eyes.go(path)
        assert eyes.tab.locator("html").get_attribute("lang") == TAGS[code]
        said = {text.strip() for text in eyes.tab.locator(WORDS).all_inner_texts()}
        same = {text for text in said & english[path] if re.search(r"[A-Za-z]{4,}", text)}
        own = {
            text
            for text in same
            if not re.search(r"SHA-256|JSON|OpenAPI|Variant|Alarm|demo|Parameter|Lot\b|Plan\b", text)
        }
        named = {
            name
            for name in own
            if re.search(r"line|Loading|Final|Packing|forming|jam|breakdown|clean|power|engineer|head|lead", name)
        }
        assert not own - named - eyes_names(eyes), (path, own - named)
    eyes.go("/?language=en")


def eyes_names(eyes) -> set[str]:
    """Names out of the plant file, which are nobody's to translate."""
    return {text.strip() for text in eyes.tab.locator("bdi").all_inner_texts()}


def test_numbers_days_and_times_are_the_languages_own(eyes):
    eyes.become("shift-lead")
    expected = {
        "en": "2026-03-18 14:05:00",
        "sq": "18.3.2026 14:05:00",
        "sr_Latn": "18. 3. 2026. 14:05:00",
        "tr": "18.03.2026 14:05:00",
    }
    thousands = {"en": "\u202f", "sq": "\u202f", "sr_Latn": ".", "tr": "."}
    for code, instant in expected.items():
        eyes.go(f"/?language={code}")
        line = eyes.tab.locator(".asof").inner_text()
        assert instant in line
        assert re.search(rf"\d{re.escape(thousands[code])}\d\d\d", line)
    eyes.go("/?language=en")


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (None, "not known"), (0, "0\u202fs"), (59_999_999, "59\u202fs"), (61_000_000, "1\u202fmin 1\u202fs"),
        (600_000_000, "10\u202fmin"), (3_600_000_000, "1\u202fh"), (11_520_000_000, "3\u202fh 12\u202fmin"),
        (187_200_000_000, "2\u202fd 4\u202fh"),
    ],
)  # fmt: skip
def test_durations_are_told_in_their_two_largest_units(us, text):
    assert show.duration(us) == text


def test_what_is_not_known_is_said_and_never_shown_as_nought():
    assert show.count(None) == show.share(None) == show.instant(None, ZONE) == show.clock(None, ZONE) == "not known"
    assert show.units(None) == "units not known"
    assert show.ratio(None, 5) is show.ratio(5, None) is show.ratio(5, 0) is None
    assert show.count(0) == "0"


def test_instants_are_on_the_plants_clock_also_on_the_night_of_the_change():
    assert show.instant(NOW_US, ZONE) == "2026-03-18 14:05"
    first = 1_792_886_400_000_000  # 2026-10-25 00:00 UTC, 02:00 in summer
    assert [show.clock(first + hour * 3_600_000_000, ZONE) for hour in range(3)] == ["02:00", "02:00", "03:00"]


@pytest.mark.parametrize("at_us", [-(2**62), 2**62, -(2**53) * 100])
def test_instants_beyond_every_calendar_are_not_known(at_us):
    assert show.instant(at_us, ZONE) == "not known"
    assert show.machine_time(at_us) == ""
    assert show.for_input(str(at_us), ZONE) == str(at_us)


def test_every_field_of_every_command_has_words():
    from msgspec.structs import fields

    from fabrika.app.sitemap import COMMANDS

    named = {field.name for command in COMMANDS for field in fields(command.form)}
    assert named <= set(forms.LABELS), named - set(forms.LABELS)


def test_every_page_and_first_screen_has_its_template_and_help():
    from fabrika.app.sitemap import PAGES
    from fabrika.faces.web.help_page import SHOWS
    from fabrika.faces.web.render import environment
    from fabrika.plant.roles import FIRST_SCREENS

    templates = set(environment().list_templates())
    assert {f"{page.name}.html.j2" for page in PAGES} <= templates
    assert {screen.page for screen in FIRST_SCREENS.values()} <= set(SHOWS)


def test_sheet_holds_no_left_and_no_right(root):
    """A language written from right to left needs no sheet of its own."""
    sheet = (root / "src/fabrika/faces/web/static/fabrika.css").read_text(encoding="utf-8")
    assert not re.search(r"(margin|padding|border|inset)?-?\b(left|right)\b\s*:", sheet)
    assert not re.search(r"text-align:\s*(left|right)|float:", sheet)
    assert not re.search(r"url\(|@import|@font-face", sheet)


def test_pages_hold_from_right_to_left(eyes):
    eyes.become("shift-lead")
    for path in PATHS:
        eyes.go(path)
        eyes.tab.evaluate("document.documentElement.dir = 'rtl'")
        wide = eyes.tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        assert eyes.tab.evaluate("document.querySelector('.brand').getBoundingClientRect().right > innerWidth / 2"), (
            path
        )


def test_templates_take_nothing_for_safe(root):
    for path in (root / "src/fabrika/faces/web/templates").rglob("*.j2"):
        text = path.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), path
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\son\w+=|javascript:", text), path
        assert "autoescape" not in text, path
