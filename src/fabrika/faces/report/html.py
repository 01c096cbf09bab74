"""The proof as one HTML file: no script, nothing loaded from anywhere; the same proof gives the same bytes."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fabrika.faces import language
from fabrika.faces.formats import THIN
from fabrika.faces.language import say
from fabrika.faces.report import numbers, sentences, tables, terms
from fabrika.faces.report.figures import chances, distribution, losses, spread, states, tornado
from fabrika.faces.report.words import css_string, day, name, sentence, visible
from fabrika.twin.proof_result import ProofResult

if TYPE_CHECKING:
    from jinja2 import Environment

_PATH_DOT = re.compile(r"(?<=[\w-])\.(?=[a-z])")

HEADER_NAME = 60
"""Length of the plant's name in the header of each printed page."""


def render_report(proof: ProofResult) -> str:
    """The report as the text of one self-contained HTML file."""
    page = _environment().get_template("report.html.j2")
    return page.render(
        proof=proof,
        header=proof.header,
        language=language.tag(),
        direction=language.direction(),
        figures=_figures(proof),
        css=_style(proof),
        groups=terms.explained(),
        mtbf=proof.mtbf_formula,
        verdict=sentences.verdict(proof),
    )


@cache
def _environment() -> Environment:
    """The templates; everything that is not markup of ours is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("fabrika.faces.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        numbers=numbers, say=_said, say_many=_said_many, sentences=sentences, tables=tables, thin=THIN
    )
    environment.filters.update(name=name, visible=visible, breakable=_breakable, sentence=sentence, day=day, bdi=_bdi)
    return environment


def _said(text: str, /, **values: object) -> Any:
    """``text`` in the reader's language; values are escaped unless they are markup of ours."""
    from markupsafe import Markup

    ours = Markup(escape(language.template(text), quote=False))  # noqa: S704 (escaped here)
    return ours.format(**values)


def _said_many(one: str, many: str, n: int, /, **values: object) -> Any:
    """As :func:`_said`, with the form that ``n`` asks for."""
    from markupsafe import Markup

    ours = Markup(escape(language.template_many(one, many, n), quote=False))  # noqa: S704 (escaped here)
    return ours.format(n=numbers.grouped(n), **values)


def _bdi(text: str) -> Any:
    """A name of somebody else's, kept apart from the direction of the words around it."""
    from markupsafe import Markup

    return Markup("<bdi>{}</bdi>").format(text)


def _breakable(text: str) -> Any:
    """``text`` escaped; a path such as ``line.station.cycle`` may be broken after its dots."""
    from markupsafe import Markup, escape

    return Markup(_PATH_DOT.sub(".<wbr>", str(escape(text))))  # noqa: S704 (escaped here)


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
