"""Texts of others made fit to be shown: control characters visible, names cut to what a line holds."""

from __future__ import annotations

import re
import unicodedata

from fabrika.faces import formats
from fabrika.faces.language import told, wanted

NAME_LENGTH = 80
"""Longest name shown, characters; the plant file holds the whole of it."""

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_SPACES = re.compile(r"[ \t\n]+")
_MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00)?(?:[+-]\d\d:\d\d|Z)?)?$")
_KEPT = {"\n", "\t", "\u00ad", "\u200c", "\u200d"}


def visible(text: str) -> str:
    """``text`` in the reader's language, with every character that is not seen, or turns the writing direction, written as its code point."""
    words = told(text)
    if words.isprintable():  # none of the hidden is; most texts end here
        return words
    return "".join(
        f"[U+{ord(sign):04X}]" if unicodedata.category(sign) in _HIDDEN and sign not in _KEPT else sign
        for sign in words
    )


def name(text: str, length: int = NAME_LENGTH) -> str:
    """A name on one line of at most ``length`` characters; a longer one ends in an ellipsis."""
    line = _SPACES.sub(" ", visible(text)).strip()
    return line if len(line) <= length else f"{line[: length - 1]}\u2026"


def tail(text: str, length: int) -> str:
    """A path of at most ``length`` characters; of a longer one the end is shown, which tells most."""
    line = _SPACES.sub(" ", visible(text)).strip()
    return line if len(line) <= length else f"\u2026{line[1 - length :]}"


def sentence(text: str) -> str:
    """A remark as a sentence in the reader's language: begun with a capital, ended with a full stop."""
    line = visible(told(text)).strip()
    return line if not line else f"{_capital(line[0])}{line[1:]}{'' if line[-1] in '.!?' else '.'}"


def _capital(sign: str) -> str:
    return "\u0130" if sign == "i" and wanted() == "tr" else sign.upper()


def day(instant: str) -> str:
    """An ISO instant as the reader's day where it is midnight; the time zone is named elsewhere."""
    match = _MIDNIGHT.match(instant)
    return formats.day(match[1], language=wanted()) if match else name(instant)


def css_string(text: str) -> str:
    """``text`` as a quoted CSS string that can end neither the string nor the style element around it."""
    safe = "".join(sign if sign.isascii() and sign.isalnum() else f"\\{ord(sign):06x} " for sign in text)
    return f'"{safe}"'
