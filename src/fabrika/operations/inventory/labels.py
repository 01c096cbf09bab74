"""Labels as GS1 element strings: what stands on ours, and what a scanner sends of anybody's.

Application identifiers, lengths and check digits are those of the GS1 General Specifications (release 24, chapter 3 and
section 7.8). A material lot whose material has a GTIN bears ``(01)`` GTIN, ``(17)`` expiry and ``(10)`` lot; whatever has
none may not bear these (they qualify a trade item, section 4.14), and stands under the identifiers that every company may
use inside its own walls, 91 to 99.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import NamedTuple

from fabrika.errors import ActRefusedError
from fabrika.plant.calendar import EPOCH, MICROSECOND
from fabrika.plant.leaves import check_digit
from fabrika.wording import Worded

CONTAINER, MATERIAL_LOT, EXPIRY = "91", "92", "95"
"""Our own: a container's id, a material lot's number, its expiry as ``YYMMDD``."""

PREDEFINED: Mapping[str, int] = MappingProxyType(
    {"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2}
    | {f"{n}": 6 for n in range(11, 20)}
    | {f"{n}": 8 for n in range(31, 37)}
    | {"41": 14}
)
"""Signs behind the first two digits of an identifier that need no separator (figure 7.8.5-2)."""
LONGEST: Mapping[str, int] = MappingProxyType(
    {"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "90": 30} | {f"{n}": 90 for n in range(91, 100)}
)
"""Most signs of those identifiers of variable length that are read here."""
CHECKED = frozenset({"00", "01", "02"})
DATES = frozenset({"11", "12", "13", "15", "16", "17"})
PRINTABLE = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
"""The signs of the encodable set 82 (figure 7.11-1)."""
SEPARATORS = re.compile("\x1d|\u241d|<GS>|\\{GS\\}|\\^\\]|\\||~")
"""What keyboard-wedge scanners send for FNC1: the control sign itself, as it is drawn, or what they were set up to."""
AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
OF_GS1 = frozenset({"]d2", "]C1", "]Q3", "]e0", "]J1"})
"""Symbology identifiers (ISO/IEC 15424) that announce an element string."""


class Scan(NamedTuple):
    """What a scanner sent, or a person typed.

    Attributes:
        plain: the text without the scanner's additions.
        fields: by application identifier; empty where it is no element string.
    """

    plain: str
    fields: Mapping[str, str]


def read(text: str) -> Scan:
    """A label as it was scanned: with or without prefix, separators in whatever way, or typed as it is printed beside the code.

    Raises:
        ActRefusedError: it announces an element string and is none; it says what is wrong with it.
    """
    text = text.strip()
    prefix = AIM.match(text)
    said = prefix is not None and prefix[0] in OF_GS1
    if prefix is not None:
        text = text[3:]
    bare = SEPARATORS.sub("\x1d", text)
    said = said or "\x1d" in bare
    bare = bare.strip("\x1d\r\n\t ")
    if not bare:
        raise _unreadable(Worded("The label is empty."))
    if re.match(r"\([0-9]{2,4}\)", bare):
        return Scan(bare, _typed(bare))
    if said:
        return Scan(bare, _elements(bare))
    try:
        return Scan(bare, _elements(bare) if re.match(r"(01|00|9[1-9])", bare) else {})
    except ActRefusedError:
        return Scan(bare, {})  # a number of our own that happens to begin like one


def _typed(text: str) -> dict[str, str]:
    """``(01)09504000059101(10)AB``: as it is printed."""
    parts = re.split(r"\(([0-9]{2,4})\)", text)
    if parts[0]:
        raise _unreadable(Worded("{text} stands before the first field.", text=parts[0][:20]))
    found: dict[str, str] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        _take(found, key, value.strip("\x1d "))
    return found


def _elements(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    while text:
        head = text[:2]
        if not (head.isascii() and head.isdigit() and len(head) == 2):
            raise _unreadable(Worded("{text} is no field of a label.", text=text[:20]))
        if head in PREDEFINED:
            length = PREDEFINED[head]
            if len(text) < 2 + length or "\x1d" in text[: 2 + length]:
                raise _unreadable(Worded("The field ({key}) is too short.", key=head))
            key = head if head != "41" and not 31 <= int(head) <= 36 else text[: 3 if head == "41" else 4]
            _take(found, key, text[len(key) : 2 + length])
            text = text[2 + length :].removeprefix("\x1d")
            continue
        value, _, text = text.partition("\x1d")
        _take(found, head, value[2:])
    return found


def _take(found: dict[str, str], key: str, value: str) -> None:
    """Take down one field.

    Raises:
        ActRefusedError: it stands twice with two values, or is not what it must be.
    """
    if key in found and found[key] != value:
        raise _unreadable(Worded("The field ({key}) stands there twice.", key=key))
    longest = LONGEST.get(key)
    if not value or (longest is not None and len(value) > longest):
        raise _unreadable(Worded("The field ({key}) has not the length that it must have.", key=key))
    if not PRINTABLE.fullmatch(value):
        raise _unreadable(Worded("The field ({key}) holds signs that no label may hold.", key=key))
    if key in PREDEFINED and (len(value) != PREDEFINED[key] or not value.isdigit()):
        raise _unreadable(Worded("The field ({key}) has not the length that it must have.", key=key))
    if key in CHECKED and int(value[-1]) != check_digit(value[:-1]):
        raise _unreadable(Worded("The check digit of the field ({key}) is wrong.", key=key))
    if key in DATES:
        day_of(value, 2000)
    found[key] = value


def day_of(value: str, year: int) -> date:
    """The day of a field ``YYMMDD``; day 00 is the last of the month, and the century is the nearest to ``year`` (section 7.12).

    Raises:
        ActRefusedError: there is no such day.
    """
    short = int(value[:2]) - year % 100
    century = year // 100 - 1 if short >= 51 else year // 100 + 1 if short <= -50 else year // 100
    try:
        if value[4:] == "00":
            first = date(century * 100 + int(value[:2]), int(value[2:4]), 1)
            return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return date(century * 100 + int(value[:2]), int(value[2:4]), int(value[4:]))
    except ValueError:
        raise _unreadable(Worded("{text} is no day.", text=value)) from None


def end_of(day: date, zone: tzinfo) -> int:
    """The instant (us) at which a day ends on the plant's clock: what expires on it may be used until then."""
    end = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)
    return (end - EPOCH) // MICROSECOND


def of_container(container: str) -> tuple[tuple[str, str], ...]:
    """The fields of a container's label; none if its id has signs or a length that no label can hold."""
    fits = len(container) <= LONGEST[CONTAINER] and PRINTABLE.fullmatch(container)
    return ((CONTAINER, container),) if fits else ()


def of_material_lot(number: str, gtin: str, expires_at_us: int | None, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    """The fields of a material lot's label, those of predefined length first; none if its number fits on none."""
    if not PRINTABLE.fullmatch(number) or len(number) > LONGEST["10" if gtin else MATERIAL_LOT]:
        return ()
    last = None if expires_at_us is None else _last_day(expires_at_us, zone)
    if gtin:
        dated = () if last is None else (("17", last),)
        return (("01", gtin), *dated, ("10", number))
    return ((MATERIAL_LOT, number), *(() if last is None else ((EXPIRY, last),)))


def _last_day(expires_at_us: int, zone: tzinfo) -> str:
    """The last whole day on which something may be used, ``YYMMDD``."""
    end = (EPOCH + (expires_at_us + 1) * MICROSECOND).astimezone(zone) - timedelta(days=1)
    return f"{end:%y%m%d}"


def printed(fields: tuple[tuple[str, str], ...]) -> str:
    """The fields as they stand in plain text beside the code: ``(91)T-7``."""
    return "".join(f"({key}){value}" for key, value in fields)


def element_string(fields: tuple[tuple[str, str], ...]) -> str:
    """The fields one behind another, with the separator GS behind those of variable length that are not the last."""
    text = ""
    for place, (key, value) in enumerate(fields):
        text += key + value + ("\x1d" if key not in PREDEFINED and place + 1 < len(fields) else "")
    return text


def _unreadable(problem: str) -> ActRefusedError:
    return ActRefusedError(
        Worded("This label cannot be read: {problem}", problem=problem),
        Worded(
            "Scan it again, or type the number that stands in plain text on it; print a new label where it is damaged."
        ),
    )
