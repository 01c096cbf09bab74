"""What a person reads goes through here, so that it can be said in another language.

Catalogues lie in ``faces/locale`` in gettext's form; a language without one is answered in English. ``recipes/messages.py``
gathers their messages from the source and compiles them.
"""

from __future__ import annotations

import gettext
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from fabrika.faces import formats
from fabrika.wording import Worded

DOMAIN = "fabrika"
LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("en", "sq", "sr_Latn", "tr")
VARIABLES = ("FABRIKA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ku_Arab", "ur"})

_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def known(named: str) -> str | None:
    """The one of :data:`LANGUAGES` that a name such as ``sq``, ``sr-Latn`` or ``tr_TR.UTF-8`` means, if any."""
    first = named.split(".", maxsplit=1)[0].split("@", maxsplit=1)[0].replace("-", "_").split("_")[0]
    return next((language for language in LANGUAGES if first == language.split("_")[0]), None)


def choose(language: str | None) -> None:
    """Use one of :data:`LANGUAGES` from now on in this run; None goes back to what the environment asks for."""
    _chosen.set(language)


def wanted() -> str:
    """The language chosen, else the one asked for by the environment; one of :data:`LANGUAGES`."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    for variable in VARIABLES:
        language = known(os.environ.get(variable, ""))
        if language is not None:
            return language
    return "en"


def tag() -> str:
    """The language as HTML names it, such as ``sr-Latn``."""
    return wanted().replace("_", "-")


def direction() -> str:
    """The direction of writing as HTML names it."""
    return "rtl" if wanted() in RIGHT_TO_LEFT else "ltr"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [language], fallback=True)


def message(text: str) -> str:
    """``text`` as it stands, noted for the catalogues; it is said later, where it is shown."""
    return text


def template(text: str) -> str:
    """``text`` in the reader's language, its ``{names}`` still open."""
    return _catalogue(wanted()).gettext(text) if text else ""


def template_many(one: str, many: str, n: int) -> str:
    """The form of ``one`` or ``many`` that the reader's language uses for ``n``, its ``{names}`` still open."""
    return _catalogue(wanted()).ngettext(one, many, n)


def say(text: str, /, **values: object) -> str:
    """``text`` in the reader's language, with ``{names}`` filled in."""
    return template(text).format(**{key: tell(value) for key, value in values.items()})


def say_many(one: str, many: str, n: int, /, **values: object) -> str:
    """``one`` or ``many`` of something as ``n`` asks for; ``{n}`` is the number as the reader writes it."""
    told = {"n": formats.number(n, language=wanted()), **values}
    return template_many(one, many, n).format(**{key: tell(value) for key, value in told.items()})


def tell(text: object) -> object:
    """A text of the floors below in the reader's language where it knows its template; anything else as it is."""
    return say(text.template, **text.values) if isinstance(text, Worded) else text


def told(text: str) -> str:
    """As :func:`tell`, of what is a text."""
    return str(tell(text))


class Reader:
    """The reader's words and figures, for pages of a terminal, also those that a lower floor lays out."""

    say = staticmethod(say)
    say_many = staticmethod(say_many)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with its thousands grouped, by a plain space where by one at all."""
        return formats.number(value, decimals, language=wanted()).replace(formats.THIN, " ")

    def day(self, iso: str) -> str:
        """A day ``YYYY-MM-DD`` in figures."""
        return formats.day(iso, language=wanted())
