"""What may stand in a field of an event: identifiers, instants, text, whole numbers; and what may not.

Hashed values hold no floating point and no null. Numbers lie within 2**53 - 1, which every JSON reader keeps exactly
(RFC 8259 section 6). Text is in Unicode normal form C (UAX #15) without control characters, without the characters
that turn the direction of what follows (UAX #9) and without those that are invisible, so that what a person reads is
what was signed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, NamedTuple, TypeAlias

from msgspec import Meta, Struct

MOST = 2**53 - 1

Id: TypeAlias = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._:/#-]*\Z", max_length=100)]
"""An identifier that never changes: ASCII letters, digits and ``._:/#-``, at most 100."""

Epoch: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
"""Eight random bytes in hexadecimal, drawn when a source's memory is first used."""

Digest: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""A SHA-256 in hexadecimal."""

Instant: TypeAlias = Annotated[int, Meta(ge=-MOST, le=MOST)]
"""Microseconds since 1970-01-01 UTC, without leap seconds (POSIX)."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=MOST)]
"""How many."""

Whole: TypeAlias = Annotated[int, Meta(ge=-MOST, le=MOST)]
"""A whole number of either sign."""

Duration: TypeAlias = Annotated[int, Meta(ge=0, le=MOST)]
"""Microseconds."""

Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2_000)]
"""What a person wrote or reads; it may have several lines."""


class Key(NamedTuple):
    """The identity of an event for ever.

    Attributes:
        source: who speaks: a device, a connector, a process.
        epoch: which memory of that source counts; a replaced disk begins a new one.
        sequence: 0 for the first message of the epoch, then one more each time.
    """

    source: Id
    epoch: Epoch
    sequence: Count

    def __str__(self) -> str:
        return f"{self.source}/{self.epoch}/{self.sequence}"


class Scaled(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measured value without rounding: ``value * 10**exponent`` in ``unit``.

    Attributes:
        value: the digits as the instrument gave them.
        exponent: power of ten of the last digit, -18 to 18.
        unit: the unit's UCUM code, such as ``mm`` or ``N``.
    """

    value: Whole
    exponent: Annotated[int, Meta(ge=-18, le=18)]
    unit: Annotated[str, Meta(pattern=r"\A[!-~]{1,30}\Z")]


INVISIBLE = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
"""Marks of direction, zero widths, line and paragraph separators: what is drawn as nothing or turns what follows."""


def what_is_wrong_with(text: str) -> str | None:
    """Why this text may stand in no event, or None if it may."""
    if text.isascii():
        return _control(text)
    if INVISIBLE.search(text):
        return "holds a character that is invisible or turns the direction of what follows"
    if not unicodedata.is_normalized("NFC", text):
        return "is not in Unicode normal form C"
    for sign in text:
        if unicodedata.category(sign) in {"Cs", "Co", "Cn"}:
            return f"holds U+{ord(sign):04X}, which is no assigned character"
    return _control(text)


def _control(text: str) -> str | None:
    for sign in text:
        if (sign < " " and sign != "\n") or "\x7f" <= sign < "\xa0":
            return f"holds the control character U+{ord(sign):04X}"
    return None
