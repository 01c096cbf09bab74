"""What a person reads goes through here, so that it can be said in another language.

Catalogues lie in ``faces/locale`` in gettext's form; a language without one is answered in English.
"""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path

DOMAIN = "fabrika"
LANGUAGES = ("en", "sq", "sr_Latn", "tr")
VARIABLES = ("FABRIKA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def wanted() -> str:
    """The language asked for by the environment, one of :data:`LANGUAGES`."""
    for variable in VARIABLES:
        named = os.environ.get(variable, "").split(".")[0]
        for language in LANGUAGES:
            if named == language or named.split("_")[0].split("@")[0] == language.split("_")[0]:
                return language
    return "en"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, Path(__file__).parent / "locale", [language], fallback=True)


def say(text: str, /, **values: object) -> str:
    """``text`` in the reader's language, with ``{names}`` filled in."""
    return _catalogue(wanted()).gettext(text).format(**values)
