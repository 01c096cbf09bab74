"""Texts as markup: what is said is escaped first, then filled in; nothing of somebody else's is ever taken as markup."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from fabrika.faces import language
from fabrika.faces.report import numbers
from fabrika.faces.report.words import day, name, sentence, visible

if TYPE_CHECKING:
    from jinja2 import Environment

_PATH_DOT = re.compile(r"(?<=[\w-])\.(?=[a-z])")


def environment(package: str) -> Environment:
    """The templates of a package; everything that is not markup of ours is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.update(numbers=numbers, say=said, say_many=said_many)
    made.filters.update(name=name, visible=visible, breakable=breakable, sentence=sentence, day=day, bdi=bdi)
    return made


def said(text: str, /, **values: object) -> Any:
    """``text`` in the reader's language; values are escaped unless they are markup of ours."""
    from markupsafe import Markup

    ours = Markup(escape(language.template(text), quote=False))  # noqa: S704 (escaped here)
    return ours.format(**values)


def said_many(one: str, many: str, n: int, /, **values: object) -> Any:
    """As :func:`said`, with the form that ``n`` asks for."""
    from markupsafe import Markup

    ours = Markup(escape(language.template_many(one, many, n), quote=False))  # noqa: S704 (escaped here)
    return ours.format(**{"n": numbers.grouped(n), **values})


def bdi(text: str) -> Any:
    """A name of somebody else's, kept apart from the direction of the words around it."""
    from markupsafe import Markup

    return Markup("<bdi>{}</bdi>").format(text)


def breakable(text: str) -> Any:
    """``text`` escaped; a path such as ``line.station.cycle`` may be broken after its dots."""
    from markupsafe import Markup, escape

    return Markup(_PATH_DOT.sub(".<wbr>", str(escape(text))))  # noqa: S704 (escaped here)
