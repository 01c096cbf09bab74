"""The proof as one HTML file: no script, nothing loaded from anywhere; the same proof gives the same bytes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fabrika.faces import language, markup
from fabrika.faces.formats import THIN
from fabrika.faces.language import say
from fabrika.faces.report import numbers, sentences, tables, terms
from fabrika.faces.report.figures import chances, distribution, losses, spread, states, tornado
from fabrika.faces.report.words import css_string, day, name
from fabrika.twin.proof_result import ProofResult

if TYPE_CHECKING:
    from jinja2 import Environment

HEADER_NAME = 60
"""Length of the plant's name in the header of each printed page."""


def render_report(proof: ProofResult) -> str:
    """The report as the text of one self-contained HTML file."""
    page = _environment().get_template("report.html.j2")
    style = _style(proof)
    return page.render(language=language.tag(), direction=language.direction(), css=style, **_values(proof))


def render_body(proof: ProofResult) -> Any:
    """The same report without its frame and style, as markup to be shown within a page of the plant."""
    from markupsafe import Markup

    return Markup(_environment().get_template("body.html.j2").render(**_values(proof)))  # noqa: S704 (the templates escape)


def style_of(report: str) -> str:
    """The style sheet within a report, as the policy of a page that holds it must know it."""
    return report.partition("<style>")[2].partition("</style>")[0]


def _values(proof: ProofResult) -> dict[str, Any]:
    return {
        "proof": proof,
        "header": proof.header,
        "figures": _figures(proof),
        "groups": terms.explained(),
        "mtbf": proof.mtbf_formula,
        "verdict": sentences.verdict(proof),
    }


@cache
def _environment() -> Environment:
    """The templates; everything that is not markup of ours is escaped."""
    made = markup.environment("fabrika.faces.report")
    made.globals.update(sentences=sentences, tables=tables, thin=THIN)
    return made


def _figures(proof: ProofResult) -> dict[str, Any]:
    """All figures as markup of ours; those without data are empty."""
    from markupsafe import Markup

    drawn = {
        "answer": chances.draw_answer(proof, "answer"),
        "first_year": distribution.draw(proof, "first_year", "first-year"),
        "steady_year": distribution.draw(proof, "steady_year", "steady-year") if proof.has_ramp_up else "",
        "losses": losses.draw(proof.losses, "losses"),
        "gradient": tornado.draw(proof.gradient, "gradient"),
        "ways": chances.draw_ways(proof.ways.found, proof.header.wanted_chance, "ways") if proof.has_contract else "",
        "spread": spread.draw(proof.variance, proof.unknowns, "spread") if proof.variance else "",
    }
    shown: dict[str, Any] = {key: Markup(svg) for key, svg in drawn.items()}  # noqa: S704 (svg.py escapes all text)
    person = sentences.verdict(proof) in ("missed", "open")
    shown["states"] = [
        Markup(states.draw(rows, proof.constraint, f"states-{number}", person=person))  # noqa: S704 (likewise)
        for number, rows in enumerate(states.pages(proof.stations), 1)
    ]
    return shown


def _page_number() -> str:
    """The running page number as CSS content."""
    text = say("page {page} of {pages}", page="\0page\0", pages="\0pages\0")
    return " ".join(
        f"counter({part})" if part in {"page", "pages"} else css_string(part) for part in text.split("\0") if part
    )


def _style(proof: ProofResult) -> Any:
    """The style sheet, with the header that print repeats on each page."""
    from markupsafe import Markup

    header = proof.header
    left = f"Fabrika {header.version} \u00b7 {name(header.plant_name, HEADER_NAME)}"
    period = numbers.between(day(header.period_from), day(header.period_to))
    right = f"{period} \u00b7 {say('seed {seed}', seed=header.seed)}"
    file = (
        say("plant file SHA-256 {digest}", digest=header.sha256)
        if header.sha256
        else say("plant made in Python, no file")
    )
    margins = (
        f"@page{{@top-left{{content:{css_string(left)}}}@top-right{{content:{css_string(right)}}}"
        f"@bottom-left{{content:{css_string(file)}}}@bottom-right{{content:{_page_number()}}}}}"
    )
    sheet = files("fabrika.faces.report").joinpath("report.css").read_text(encoding="utf-8")
    return Markup(sheet + margins)  # noqa: S704 (the sheet is ours, the texts are escaped for CSS)
