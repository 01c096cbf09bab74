"""Numbers with units, as people write them: ``0.5 s``, ``5000 cycles``, ``0.1 %``.

A number is read as an exact decimal, scaled by its unit exactly, and rounded to a float once.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Dimension = Literal["time", "cycles", "share", "count", "factor"]

UNITS: Final[dict[str, tuple[Dimension, Decimal]]] = {
    "ns": ("time", Decimal("1e-9")),
    "us": ("time", Decimal("1e-6")),
    "ms": ("time", Decimal("1e-3")),
    "s": ("time", Decimal(1)),
    "min": ("time", Decimal(60)),
    "h": ("time", Decimal(3600)),
    "d": ("time", Decimal(86400)),
    "cycles": ("cycles", Decimal(1)),
    "cycle": ("cycles", Decimal(1)),
    "%": ("share", Decimal("0.01")),
}
LONGEST_S: Final = 10 * 365 * 86400.0
SHORTEST_S: Final = 1e-9
MOST_CYCLES: Final = 1e12
TEXT_LIMIT: Final = 200
NUMBER: Final = r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,9})?"
MEANT: Final[dict[str, str]] = {
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "minute": "min",
    "minutes": "min",
    "m": "min",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "percent": "%",
    "pct": "%",
    "msec": "ms",
    "usec": "us",
    "µs": "us",
    "H": "h",
    "S": "s",
    "D": "d",
    "Min": "min",
}
CALLED: Final[dict[Dimension, str]] = {
    "time": "a time",
    "cycles": "a number of cycles",
    "share": "a share",
    "count": "a count",
    "factor": "a factor",
}
EXAMPLE: Final[dict[Dimension, str]] = {
    "time": "`0.5 s`",
    "cycles": "`5000 cycles`",
    "share": "`2 %`",
    "count": "`50`",
    "factor": "`1.05`",
}

SHOWN_FROM_S: Final = {"d": 14 * 86400.0, "h": 7200.0, "min": 120.0, "s": 0.01, "ms": 1e-4, "us": 1e-7, "ns": 0.0}
TEXT_DIGITS: Final = 6
"""Digits of a time or a number of cycles in a text; nobody writes more, and a text with more was computed."""
WHOLE_FROM_CYCLES: Final = 100

_NUMBER = re.compile(NUMBER)
_QUANTITY = re.compile(rf"({NUMBER})[ \t]*([A-Za-z%µ]+)")
_SPECIAL = re.compile(r"[+-]?\.?(?:nan|inf|infinity)\b", re.IGNORECASE)


class Unreadable(ValueError):  # noqa: N818 - it is caught inside the plant floor and becomes a Problem
    """A word of the plant file that cannot be read as what its place asks for.

    Attributes:
        wrong: what is wrong, one sentence.
        remedy: what to write instead, one sentence in the imperative.
    """

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in SI units (seconds, cycles, fraction) and the unit it was written in."""

    value: float
    dimension: Dimension
    unit: str


def shown(text: str) -> str:
    """The text for a message: in backquotes, cut to 40 characters, without line breaks."""
    flat = " ".join(text.split())
    return f"`{flat if len(flat) <= 40 else flat[:37] + '...'}`"


def bounded(text: str) -> str:
    """The text without outer blanks.

    Raises:
        Unreadable: longer than any quantity needs.
    """
    if len(text) > TEXT_LIMIT:
        raise Unreadable(f"{shown(text)} is too long for a value.", f"Write at most {TEXT_LIMIT} characters.")
    return text.strip()


def number(text: str) -> Decimal:
    """An exact finite decimal number.

    Raises:
        Unreadable: not a number, or written in a way that is often misread.
    """
    text = bounded(text)
    if _NUMBER.fullmatch(text):
        exact = Decimal(text)
        if exact and not -320 < exact.adjusted() < 300:
            raise Unreadable(f"{shown(text)} is too large or too small a number.", "Write a number of ordinary size.")
        return exact
    raise Unreadable(*_not_a_number(text))


def _not_a_number(text: str) -> tuple[str, str]:
    if _SPECIAL.match(text):
        return f"{shown(text)} is not a finite number.", "Write a finite number such as `0.5`."
    if re.fullmatch(r"[+-]?[0-9]*,[0-9]+.*", text):
        return f"{shown(text)} has a comma.", "Write a decimal point, and nothing between thousands."
    if re.fullmatch(r"[+-]?[0-9]+_[0-9_]+.*", text):
        return f"{shown(text)} has an underscore.", f"Write `{text.replace('_', '')}`."
    if re.match(r"[+-]?0[0-9]", text):
        return f"{shown(text)} begins with 0, which other readers take for an octal number.", "Remove the leading 0."
    if re.fullmatch(r"[0-9]+:[0-9]+.*", text):
        return f"{shown(text)} is a word here, not a number.", "Write a number and a unit, such as `90 s`."
    if not text:
        return "The value is empty.", "Write a value, or remove the key."
    return f"{shown(text)} is not a number.", "Write a number such as `0.5` or `20`."


def quantity(text: str, wanted: tuple[Dimension, ...] = ("time",)) -> Quantity:
    """A number with a unit of one of the wanted dimensions.

    Raises:
        Unreadable: no number, no unit, unknown unit or wrong dimension.
    """
    text = bounded(text)
    example = " or ".join(EXAMPLE[dimension] for dimension in wanted)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise Unreadable(*_not_a_quantity(text, wanted, example))
    unit = match[2]
    if unit not in UNITS:
        meant = MEANT.get(unit)
        known = ", ".join(name for name, (dimension, _) in UNITS.items() if dimension in wanted)
        hint = f"Write `{match[1]} {meant}`." if meant and UNITS[meant][0] in wanted else f"Use one of: {known}."
        raise Unreadable(f"`{unit[:20]}` is not a unit of this file.", hint)
    dimension, scale = UNITS[unit]
    if dimension not in wanted:
        asked = " or ".join(CALLED[name] for name in wanted)
        raise Unreadable(f"{shown(text)} is {CALLED[dimension]}, not {asked}.", f"Write {asked} such as {example}.")
    return Quantity(float(number(match[1]) * scale), dimension, unit)


def _not_a_quantity(text: str, wanted: tuple[Dimension, ...], example: str) -> tuple[str, str]:
    asked = " or ".join(CALLED[name] for name in wanted)
    if _NUMBER.fullmatch(text):
        if wanted == ("share",):
            stated = number(text)
            percent = stated * 100 if 0 <= stated < 1 else stated
            if 0 <= percent <= 100:
                meant = format(percent.normalize(), "f")
                return f"{shown(text)} has no unit.", f"Write `{meant} %` if that is the share that is meant."
        return f"{shown(text)} has no unit.", f"Write {asked} such as {example}."
    if not text or _SPECIAL.match(text) or text[0].isdigit() or text[0] in "+-":
        wrong, remedy = _not_a_number(text)
        if "is not a number" not in wrong:
            return wrong, remedy
    return f"{shown(text)} is not {asked}.", f"Write a number and a unit, such as {example}."


def time_s(text: str, *, zero: bool = False) -> float:
    """A time in seconds, up to ten years.

    Raises:
        Unreadable: not a time, negative, zero where that is not allowed, or out of bounds.
    """
    value = quantity(text, ("time",)).value
    check_time(value, text, zero=zero)
    return value


def check_time(value: float, text: str, *, zero: bool = False) -> None:
    """Refuse a time that is negative, zero (unless ``zero``), under 1 ns or over ten years.

    Raises:
        Unreadable: so.
    """
    if value < 0 or (value == 0 and not zero):
        raise Unreadable(f"{shown(text)} is not longer than nothing.", "Write a time above 0, such as `0.5 s`.")
    if 0 < value < SHORTEST_S:
        raise Unreadable(f"{shown(text)} is shorter than a nanosecond.", "Write at least `1 ns`.")
    if value > LONGEST_S:
        raise Unreadable(f"{shown(text)} is longer than ten years.", "Write at most `3650 d`.")


def check_cycles(value: float, text: str) -> None:
    """Refuse a number of cycles under 1 or over 10^12.

    Raises:
        Unreadable: so.
    """
    if value < 1:
        raise Unreadable(f"{shown(text)} is less than one cycle.", "Write at least `1 cycle`.")
    if value > MOST_CYCLES:
        raise Unreadable(f"{shown(text)} is more than a million million cycles.", "Write at most `1e12 cycles`.")


def share(text: str) -> float:
    """A share written in per cent, as a fraction in [0, 1].

    Raises:
        Unreadable: no per cent sign, or outside 0 to 100 %.
    """
    value = quantity(text, ("share",)).value
    if not 0 <= value <= 1:
        raise Unreadable(f"{shown(text)} is outside 0 % to 100 %.", "Write a share from `0 %` to `100 %`.")
    return value


def count(text: str, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, digits only.

    Raises:
        Unreadable: not digits only, or out of range.
    """
    text = bounded(text)
    if not re.fullmatch(r"-?(?:0|[1-9][0-9]*)", text):
        if _NUMBER.fullmatch(text):
            raise Unreadable(f"{shown(text)} is not a whole number written in digits.", "Write digits only, as `50`.")
        if re.fullmatch(r"[0-9]+[ \t]*[A-Za-z%]+", text):
            digits = re.match(r"[0-9]+", text)
            raise Unreadable(f"{shown(text)} has a unit.", f"Write the bare number `{digits[0] if digits else 50}`.")
        wrong, remedy = _not_a_number(text)
        raise Unreadable(wrong, remedy if "word here" not in wrong else "Write a whole number such as `50`.")
    value = int(text)
    if not low <= value <= high:
        raise Unreadable(f"{shown(text)} is outside {low} to {high}.", f"Write a whole number from {low} to {high}.")
    return value


def number_text(value: float) -> str:
    """A float as people write it: up to 12 significant digits, no exponent between 1e-6 and 1e15."""
    exact = Decimal(repr(value))
    plain = _rounded(exact, 12).normalize()
    if exact and not -7 < exact.adjusted() < 15:
        return f"{plain:e}".replace("e+", "e")
    return format(plain, "f")


def text_of(value: float, dimension: Dimension, *, hours: bool = False) -> str:
    """A value in SI units as people write it, readable by this module again.

    Times stand in the largest unit in which they take few digits, else in the unit of their size, rounded to
    :data:`TEXT_DIGITS` digits (``hours``: no unit above hours); cycles are whole from :data:`WHOLE_FROM_CYCLES` on.
    """
    if dimension == "time":
        unit = _fitting_unit(value, hours=hours)
        return f"{number_text(float(_rounded(_in(value, unit), TEXT_DIGITS)))} {unit}"
    if dimension == "share":
        return f"{number_text(float(Decimal(repr(value)) * 100))} %"
    if dimension == "cycles":
        whole = abs(value) >= WHOLE_FROM_CYCLES
        return f"{number_text(float(round(value)) if whole else float(_rounded(Decimal(repr(value)), TEXT_DIGITS)))} cycles"
    return number_text(value)


def grain(value: float, dimension: Dimension) -> float:
    """The step, in SI units, in which people would set a value of this size: its fourth digit, in the unit of its size.

    Cycles and counts go in whole ones.

    Args:
        value: not 0.
    """
    if dimension in ("cycles", "count"):
        return max(1.0, _fourth_digit(value))
    unit = UNITS[_units_of_size(value, hours=True)[0]][1] if dimension == "time" else Decimal(1)
    return float(Decimal(repr(_fourth_digit(float(Decimal(repr(value)) / unit)))) * unit)


def _fourth_digit(value: float) -> float:
    return 10.0 ** (math.floor(math.log10(abs(value))) - 3)


def _in(value: float, unit: str) -> Decimal:
    return (Decimal(repr(value)) / UNITS[unit][1]).normalize()


def _rounded(exact: Decimal, digits: int) -> Decimal:
    return round(exact, digits - 1 - exact.adjusted()) if exact else Decimal(0)


def _units_of_size(value: float, *, hours: bool) -> list[str]:
    """The units in which a time is not tiny, the largest first."""
    units = [unit for unit, least in SHOWN_FROM_S.items() if abs(value) >= least and not (hours and unit == "d")]
    return units if value else ["s"]


def _fitting_unit(value: float, *, hours: bool) -> str:
    """The largest unit in which the time takes few digits and is not tiny; else the largest in which it is not tiny."""
    units = _units_of_size(value, hours=hours)
    return next((unit for unit in units if len(_in(value, unit).as_tuple().digits) <= TEXT_DIGITS), units[0])
