"""The report and the terminal page in every language: no English heading is left, and figures are the reader's."""

from __future__ import annotations

import io
from dataclasses import replace

import html5lib
import pytest
from rich.cells import cell_len
from rich.console import Console

from fabrika.faces import language
from fabrika.faces.report.html import render_report
from fabrika.faces.report.terminal import print_proof
from fabrika.twin.proof_result import Ways
from fabrika.wording import Worded
from report.proofs import NEEDED, header, hostile, proof

OTHERS = ("sq", "sr_Latn", "tr")
SHAPES = {
    "whole": proof(),
    "no contract": proof(has_contract=False, ways=Ways("cost", False, (), "")),
    "no beliefs": proof(has_beliefs=False, unknowns=(), variance=None),
    "no ramp-up": proof(has_ramp_up=False),
    "bare": proof(outputs=(), losses=(), gradient=(), constraint="", unknowns=(), variance=None),
    "tolerance": proof(promised=NEEDED, needed=0.98 * NEEDED),
    "in part": proof(sharpness=replace(proof().sharpness, complete=False), header=header(changes=("a.b = 1 s",))),
}
HEADINGS = {"h2", "h3", "caption", "th", "dt", "dd", "figcaption", "p", "li"}
THE_SAME = {"Fabrika", "OEE", "interval", "lot", "parametar", "transport", "loti", "period"}


@pytest.fixture(params=OTHERS)
def spoken(request):
    language.choose(request.param)
    yield request.param
    language.choose(None)


def parsed(text):
    return html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)


def own_words(text: str) -> set[str]:
    """Whole texts of headings, table heads, sentences and notes; not the names in the cells of the fixture."""
    found = set()
    for element in parsed(text).iter():
        if element.tag in HEADINGS and element.get("scope") != "row" and not element.findall(".//bdi"):
            words = " ".join("".join(element.itertext()).split()).lstrip("1234567 ·")
            if any(sign.isalpha() for sign in words) and "class" not in element.attrib:
                found.add(words)
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_no_english_heading_is_left(shape, spoken):
    said = own_words(render_report(SHAPES[shape]))
    language.choose("en")
    english = own_words(render_report(SHAPES[shape]))
    assert len(english) > 150
    allowed = THE_SAME | {SHAPES[shape].ways.statement, *(f"{note}" for note in SHAPES[shape].sharpness.notes)}
    left = {words for words in said & english if words not in allowed}
    assert not left


def test_the_page_names_its_language_and_direction(spoken):
    root = parsed(render_report(proof()))
    assert (root.get("lang"), root.get("dir")) == (spoken.replace("_", "-"), "ltr")


def test_a_language_from_right_to_left_turns_the_page(monkeypatch):
    monkeypatch.setattr(language, "RIGHT_TO_LEFT", frozenset({"sq"}))
    language.choose("sq")
    try:
        text = render_report(proof())
    finally:
        language.choose(None)
    assert parsed(text).get("dir") == "rtl"
    sheet = text.split("<style>")[1].split("@page")[0]
    for side in ("left", "right"):
        assert f"-{side}:" not in sheet
        assert f":{side}" not in sheet


@pytest.mark.parametrize(
    ("spoken", "figures"),
    [
        ("sq", ("62%", "20\u202f300\u202f000", "2,9\u202fmin", "1.1.2027")),
        ("sr_Latn", ("62%", "20.300.000", "2,9\u202fmin", "1. 1. 2027.")),
        ("tr", ("%62", "20.300.000", "2,9\u202fmin", "01.01.2027")),
    ],
    indirect=["spoken"],
)
def test_figures_are_written_as_the_reader_writes_them(spoken, figures):
    text = render_report(proof())
    for figure in figures:
        assert figure in text


@pytest.mark.parametrize("shape", SHAPES)
def test_terminal_page_keeps_its_width_and_holds_no_english_heading(shape, spoken):
    out = io.StringIO()
    print_proof(Console(file=out, width=80), SHAPES[shape])
    lines = out.getvalue().splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    language.choose("en")
    out = io.StringIO()
    print_proof(Console(file=out, width=80), SHAPES[shape])
    english = {line.strip() for line in out.getvalue().splitlines() if line and line[0].isalpha()}
    assert not english & {line.strip() for line in lines}


def test_a_text_of_the_floors_below_is_said_with_its_values(spoken):
    note = Worded("The budget ended before {left} parameters of the gradient were reached.", left=31)
    text = render_report(proof(sharpness=replace(proof().sharpness, notes=(note,))))
    assert "31" in text
    assert str(note) not in text


def test_hostile_names_stay_inert(spoken):
    text = render_report(hostile())
    assert "<script" not in text
    assert not [element for element in parsed(text).iter() if any(name.startswith("on") for name in element.attrib)]
