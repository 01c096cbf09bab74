"""Texts as markup: what is said is escaped first, then filled in; nothing of somebody else's is ever taken as markup."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from string import Formatter
from typing import TYPE_CHECKING, Any

from fabrika.faces import language
from fabrika.faces.report import numbers
from fabrika.faces.report.words import day, name, sentence, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_PATH_DOT = re.compile(r"(?<=[\w-])\.(?=[a-z])")


def environment(package: str) -> Environment:
    """The templates of a package; everything that is not markup of ours is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(numbers=numbers, say=said, say_many=said_many)
    made.filters.update(name=name, visible=visible, breakable=breakable, sentence=sentence, day=day, bdi=bdi)
    return made


def said(text: str, /, **values: object) -> Any:
    """``text`` in the reader's language; values are escaped unless they are markup of ours."""
    ours, bare = _escaped(language.template(text))
    return _filled(ours, values, bare=bare) if values else ours


def said_many(one: str, many: str, n: int, /, **values: object) -> Any:
    """As :func:`said`, with the form that ``n`` asks for."""
    ours, bare = _escaped(language.template_many(one, many, n))
    return _filled(ours, {"n": numbers.grouped(n), **values}, bare=bare)


@lru_cache(maxsize=4_096)
def _escaped(template: str) -> tuple[Markup, bool]:
    """A template of ours as markup, and whether each of its fields is a name alone."""
    from markupsafe import Markup

    fields = [field for field in Formatter().parse(template) if field[1] is not None]
    bare = all(name and name.isidentifier() and not spec and not conversion for _, name, spec, conversion in fields)
    return Markup(escape(template, quote=False)), bare  # noqa: S704 (escaped here)


def _filled(ours: Markup, values: dict[str, object], *, bare: bool) -> Markup:
    """As ``Markup.format``; where there are names alone, by the quicker one of plain texts with escaped values."""
    from markupsafe import Markup
    from markupsafe import escape as safe

    if not bare or not values:
        return ours.format(**values)
    return Markup(str.format(ours, **{key: safe(value) for key, value in values.items()}))  # noqa: S704 (escaped here)


def bdi(text: str) -> Any:
    """A name of somebody else's, kept apart from the direction of the words around it."""
    from markupsafe import Markup
    from markupsafe import escape as safe

    return Markup(f"<bdi>{safe(text)}</bdi>")  # noqa: S704 (escaped here)


def breakable(text: str) -> Any:
    """``text`` escaped; a path such as ``line.station.cycle`` may be broken after its dots."""
    from markupsafe import Markup, escape

    return Markup(_PATH_DOT.sub(".<wbr>", str(escape(text))))  # noqa: S704 (escaped here)
