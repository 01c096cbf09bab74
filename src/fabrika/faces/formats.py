"""How each language writes numbers, percent and days.

Taken from the Unicode CLDR 47 (locales sq_XK, sr_Latn_XK, tr; a test compares them); a space between thousands is a narrow
one that breaks no line. English has commas on the terminal and, in the report, the thin spaces of ISO 80000-1.
"""

from __future__ import annotations

from dataclasses import dataclass

THIN = "\u202f"
"""Narrow no-break space: between thousands, and between a number and its unit."""


@dataclass(frozen=True, slots=True)
class Format:
    """Decimal sign, sign between thousands, and the patterns of a percentage and of a day."""

    decimal: str
    group: str
    percent: str
    day: str


FORMATS = {
    "en": Format(".", ",", "{}%", "{year:04}-{month:02}-{day:02}"),
    "sq": Format(",", THIN, "{}%", "{day}.{month}.{year}"),
    "sr_Latn": Format(",", ".", "{}%", "{day}. {month}. {year}."),
    "tr": Format(",", ".", "%{}", "{day:02}.{month:02}.{year}"),
}
"""By language; English is that of the terminal."""

REPORT = Format(".", THIN, f"{{}}{THIN}%", "{year:04}-{month:02}-{day:02}")
"""English in the report."""


def number(value: float, decimals: int = 0, *, language: str, english: Format = FORMATS["en"]) -> str:
    """A finite number with its thousands grouped; ``english`` is how it is written in English."""
    return digits(f"{value:,.{decimals}f}", language=language, english=english)


def digits(text: str, *, language: str, english: Format = FORMATS["en"]) -> str:
    """``text``, a number with commas between thousands and a point, as the language writes it."""
    if "," not in text and "." not in text:
        return text
    form = english if language == "en" else FORMATS[language]
    return text.translate({ord(","): form.group, ord("."): form.decimal})


def percent(text: str, *, language: str, english: Format = FORMATS["en"]) -> str:
    """``text``, a number already written, as percent."""
    return (english if language == "en" else FORMATS[language]).percent.format(text)


def day(iso: str, *, language: str) -> str:
    """A day ``YYYY-MM-DD`` as the language writes it in figures."""
    year, month, number_of_day = (int(part) for part in iso.split("-"))
    return FORMATS[language].day.format(year=year, month=month, day=number_of_day)
