"""The report as a document: whole, self-contained, escaped, and honest."""

from __future__ import annotations

import re
from dataclasses import replace

import html5lib
import pytest

from fabrika.faces.report import numbers
from fabrika.faces.report.html import render_report
from fabrika.twin.proof_result import Estimate, Ways, YearChances
from report.proofs import CONSTRAINT, HOSTILE, NEEDED, around, both, header, hostile, proof

ALLOWED_URLS = {"https://news.example/plant?a=1&b=2"}


def parsed(html: str):
    """The document as a tree; html5lib in strict mode refuses what is not well-formed HTML."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    for element in tree.iter():
        element.tag = str(element.tag).rsplit("}", 1)[-1]
        for key in list(element.attrib):
            element.attrib[str(key).rsplit("}", 1)[-1]] = element.attrib.pop(key)
    return tree


def words(html: str) -> str:
    """What a reader sees, thin spaces as spaces."""
    body = parsed(html).find("body")
    return " ".join("".join(body.itertext()).replace("\u202f", " ").split())


@pytest.fixture(scope="module")
def html() -> str:
    return render_report(proof())


SHAPES = {
    "whole": proof(),
    "hostile": hostile(),
    "long names": hostile("x" * 10_000),
    "empty names": hostile(""),
    "no contract": proof(has_contract=False, promised=0.0, needed=0.0, criteria=(), ways=Ways("cost", False, (), "")),
    "no beliefs": proof(has_beliefs=False, unknowns=(), beliefs=(), variance=None),
    "no ramp-up": proof(has_ramp_up=False),
    "bare": proof(
        outputs=(), unknowns=(), variance=None, bottlenecks=(), losses=(), gradient=(), stations=(), stops=(),
        beliefs=(), levers=(), calendars=(), facts=(), assumptions=(), criteria=(), constraint="", basis_text="",
        ways=Ways("smallest change", True, (), ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_proof_gives_well_formed_html(shape):
    tree = parsed(render_report(SHAPES[shape]))
    assert tree.get("lang") == "en"
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    named = [key for element in tree.iter() for key in element.get("aria-labelledby", "").split()]
    assert named
    assert set(named) <= set(ids)


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_run_and_nothing_is_loaded(shape):
    html = render_report(SHAPES[shape])
    for element in parsed(html).iter():
        assert element.tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "use", "image", "form"}
        for attribute, value in element.attrib.items():
            assert not attribute.lower().startswith("on")
            assert attribute not in {"src", "href", "xlink:href", "action", "srcset"}
            assert "url(" not in value or re.fullmatch(r"url\(#[\w-]+\)", value)
    style = parsed(html).find("head/style").text
    assert "url(" not in style
    assert "@import" not in style


def test_the_only_addresses_are_sources_as_plain_text(html):
    assert set(re.findall(r"https?://[^\s<\"]+", html.replace("&amp;", "&"))) == ALLOWED_URLS


def test_texts_of_the_file_stay_texts():
    html = render_report(hostile())
    tree = parsed(html)
    assert "alert('x')" in words(html)
    assert "{{ 7*7 }}" in words(html)
    assert "49" not in tree.find("head/title").text
    assert "\u202e" not in html
    assert "\u2066" not in html
    assert "[U+202E]txt.exe" in html
    assert len(tree.findall(".//style")) == 1
    assert HOSTILE not in html


def test_names_of_ten_kilobytes_are_cut_everywhere_they_are_names():
    html = render_report(hostile("x" * 10_000))
    runs = [len(run) for run in re.findall(r"x{100,}", html)]
    whole = [length for length in runs if length >= 9_999]
    assert all(length <= 200 for length in runs if length < 9_999)
    assert len(whole) <= 10, "only statements, the basis, methods and notes are shown in full"


def test_the_same_proof_gives_the_same_bytes(html):
    assert render_report(proof()) == html


def test_every_main_figure_stands_in_the_report(html):
    text, whole = words(html), proof()
    figures = {
        "seed": str(whole.header.seed),
        "version": whole.header.version,
        "sha256": whole.header.sha256,
        "period_from": whole.header.period_from,
        "promised": numbers.grouped(whole.promised),
        "mean units": numbers.units(whole.units_per_year),
        "interval of units": numbers.units_between(whole.units_per_year),
        "years": numbers.grouped(whole.sharpness.years_simulated),
        "luck": numbers.percent(whole.variance.luck_share),
    }
    for chances in (whole.chances, whole.chances_working):
        for year in (chances.first_year, chances.steady_year):
            for chance in (year.luck, year.belief):
                figures[str(chance)] = numbers.chance(chance)
                figures[f"{chance} interval"] = numbers.chance_between(chance)
    for row in whole.gradient:
        figures[row.parameter] = numbers.units_between(row.units)
    for loss in whole.losses:
        figures[loss.what] = numbers.about(loss.units)
    for way in whole.ways.found:
        figures[f"cost {way.cost}"] = numbers.grouped(way.cost)
        figures[f"after {way.cost}"] = numbers.chance_between(way.chance_after)
    for criterion in whole.criteria:
        figures[criterion.id] = numbers.units_between(criterion.units)
    for stop in whole.stops:
        figures[stop.id] = numbers.about(stop.per_year)
    missing = {key: value for key, value in figures.items() if value.replace("\u202f", " ") not in text}
    assert not missing


def test_every_word_of_the_file_stands_in_the_report(html):
    text, whole = words(html), proof()
    for row in (*whole.facts, *whole.assumptions):
        assert row.text in text
        assert row.source in text
    for belief in whole.beliefs:
        assert f"{belief.parameter}{belief.value}{belief.belief}" in text.replace(" ", "") or belief.belief in text
    for lever in whole.levers:
        for word in (lever.name or lever.lever, lever.parameter, lever.value_from, lever.value_to):
            assert word in text
    for calendar in whole.calendars:
        assert calendar.name or calendar.id in text
        assert calendar.shifts in text
        assert numbers.hours(calendar.hours).replace("\u202f", " ") in text
    for station in whole.stations:
        assert station.id in text
    assert "Tolerance: none." in text
    assert text.count("assumption ") >= len(whole.assumptions)


def test_tables_are_tables(html):
    tree = parsed(html)
    tables = tree.findall(".//table")
    assert len(tables) >= 12
    for table in tables:
        assert table.find("caption").text
        columns = table.findall("thead/tr/th")
        assert all(column.get("scope") == "col" for column in columns)
        for row in table.findall("tbody/tr"):
            assert len(row.findall("td")) + 1 == len(columns)
            assert row.find("th").get("scope") == "row"


def test_figures_have_words_for_who_cannot_see_them(html):
    figures = parsed(html).findall(".//figure")
    assert len(figures) >= 8
    for figure in figures:
        svg = figure.find("svg")
        assert svg.get("role") == "img"
        title, description = svg.find("title"), svg.find("desc")
        assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert len(title.text) > 10
        assert re.search(r"\d", description.text)
        assert figure.find("figcaption").text


def met(mean: float, low: float, high: float, **changes):
    chance = Estimate(mean, low, high)
    years = both(chance, chance)
    return proof(chance_met=chance, chances=YearChances(years, years), **changes)


@pytest.mark.parametrize(
    ("shape", "sentences", "box"),
    [
        (
            met(0.62, 0.56, 0.68),
            ["with a chance of 62 % (between 56 % and 68 %).", "The chance asked for, 90 %, is not reached."],
            "person",
        ),
        (met(0.95, 0.92, 0.97), ["The chance asked for, 90 %, is reached."], "calm"),
        (met(1.0, 0.9999, 1.0), ["in the first year with a chance above 99.9 %."], "calm"),
        (met(0.91, 0.88, 0.94), ["this proof cannot say yet", "the interval holds both answers"], "person"),
        (
            met(0.8, 0.61, 0.93),
            ["in the first year lies between 61 % and 93 %.", "The figure is not sharp", "(mean 80 %)"],
            "person",
        ),
        (met(0.95, 0.92, 0.97, has_ramp_up=False), ["20 000 000 good units in a year with a chance", "are the same."], "calm"),
        (
            met(0.95, 0.92, 0.97, sharpness=replace(proof().sharpness, complete=False)),
            ["This is an answer in part: the proof did not finish."],
            "person",
        ),
        (met(0.95, 0.92, 0.97, header=header(wanted_chance=0.995)), ["99.5 %, is not reached"], "person"),
        (SHAPES["no contract"], ["The plant makes 20 300 000 good units", "states no contract"], "calm"),
        (SHAPES["no beliefs"], ["holds only if all of them are right."], "person"),
    ],
)  # fmt: skip
def test_the_first_page_says_what_is_known_and_no_more(shape, sentences, box):
    html = render_report(shape)
    text = words(html)
    for sentence in sentences:
        assert sentence in text
    answer = next(element for element in parsed(html).iter("section") if "answer" in element.get("class", ""))
    assert answer.get("class") == f"answer {box}"


def test_what_does_not_differ_is_told_once():
    plain = words(
        render_report(proof(has_contract=False, has_beliefs=False, has_ramp_up=False, criteria=(), variance=None))
    )
    assert "contractual calendar" not in plain.split("7 · Words used")[0]
    assert "first year, luck only20 350 000" in plain
    assert "beliefs and luck" not in plain
    assert "steady year," not in plain


def test_a_plant_changed_since_the_file_says_so():
    html = render_report(proof(header=header(changes=("loading.load.cycle = 0.85 s",), sha256="")))
    assert "loading.load.cycle = 0.85 s" in words(html)
    assert "made in Python, no file" in words(html)


def test_red_is_used_only_where_a_person_is_needed():
    calm = met(0.97, 0.95, 0.98)
    red = "#a8201a"
    body = render_report(calm).split("</style>")[1]
    assert red not in body
    assert red in render_report(proof()).split("</style>")[1]


def test_the_constraint_is_marked_in_words_and_weight(html):
    rows = [row for row in parsed(html).iter("tr") if row.get("class") == "marked"]
    assert rows
    assert {"".join(row.find("th").itertext()) for row in rows} == {CONSTRAINT}


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2, definition of contrast ratio and relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_of_a_figure_can_be_read(html):
    fills = {element.get("fill") for element in parsed(html).iter("text")}
    assert fills
    assert all(contrast(fill, "#ffffff") >= 4.5 for fill in fills)


def test_colours_of_the_sheet_can_be_read(html):
    sheet = dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", html))
    for ink in ("ink", "mid", "accent"):
        assert contrast(sheet[ink], "#ffffff") >= 4.5
        assert contrast(sheet[ink], sheet["faint"]) >= 4.5


def test_the_needed_units_are_told_where_a_tolerance_is_given():
    text = words(render_report(proof(promised=NEEDED, needed=0.98 * NEEDED)))
    assert "19 600 000 after the tolerance" in text
    assert "promised 20 000 000" in text


def test_a_chance_that_was_not_simulated_is_not_shown_as_nought():
    nothing = around(0.0, 0.0)
    text = words(render_report(proof(chances=YearChances(both(nothing, around(0.6, 0.05)), both(nothing, nothing)))))
    assert "not simulated" in text
    assert "0 % to 0 %" not in text
