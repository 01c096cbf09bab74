"""The proof as one HTML file: no script, nothing loaded from anywhere; the same proof gives the same bytes."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

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
    environment.globals.update(numbers=numbers, say=sentences, tables=tables)
    environment.filters.update(name=name, visible=visible, breakable=_breakable, sentence=sentence, day=day)
    return environment


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


def _style(proof: ProofResult) -> Any:
    """The style sheet, with the header that print repeats on each page."""
    from markupsafe import Markup

    header = proof.header
    left = f"Fabrika {header.version} \u00b7 {name(header.plant_name, HEADER_NAME)}"
    right = f"{day(header.period_from)} to {day(header.period_to)} \u00b7 seed {header.seed}"
    file = f"plant file SHA-256 {header.sha256}" if header.sha256 else "plant made in Python, no file"
    margins = (
        f"@page{{@top-left{{content:{css_string(left)}}}@top-right{{content:{css_string(right)}}}"
        f"@bottom-left{{content:{css_string(file)}}}}}"
    )
    sheet = files("fabrika.faces.report").joinpath("report.css").read_text(encoding="utf-8")
    return Markup(sheet + margins)  # noqa: S704 (the sheet is ours, the texts are escaped for CSS)
