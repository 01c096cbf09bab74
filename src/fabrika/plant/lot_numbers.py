"""Numbers of lots by the owner's template: ``{line}-{year}-{n:4}`` gives ``loading-2026-0007``.

A template ends with the running number, which begins at 1 for everything that can stand before it: with the year in the template, anew
every year.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from fabrika.plant.quantities import Unreadable, shown

USUAL: Final = "{line}-{year}-{n:4}"
"""The template of a plant whose file names none."""
PARTS: Final = ("line", "product", "order", "year", "month", "day", "n")
LONGEST: Final = 60
_PART = re.compile(r"\{([^{}]*)\}")
_RUNNING = re.compile(r"n(?::([1-9]))?")
_PLAIN = re.compile(r"[A-Za-z0-9._-]*")
_NUMBER = re.compile(r"(.*[^0-9])([0-9]{1,15})")


def checked(template: str) -> str:
    """A template that can be filled.

    Raises:
        Unreadable: it cannot; says what to write instead.
    """
    remedy = f"Write a template such as `{USUAL}`, of {', '.join(f'`{{{part}}}`' for part in PARTS)}, letters, digits and `. _ -`."
    if len(template) > LONGEST:
        raise Unreadable("The template of lot numbers is too long.", f"Write at most {LONGEST} characters.")
    parts = _PART.findall(template)
    if not parts or not template.endswith("}") or not _RUNNING.fullmatch(parts[-1]):
        raise Unreadable("The template of lot numbers does not end with the running number.", remedy)
    for part in parts[:-1]:
        if part not in PARTS[:-1]:
            raise Unreadable(f"{shown('{' + part + '}')} is no part of a lot's number here.", remedy)
    plain = _PART.sub("", template)
    if not _PLAIN.fullmatch(plain):
        raise Unreadable(f"{shown(template)} holds signs that a lot's number cannot have.", remedy)
    before = template[: template.rindex("{")]
    if not before or before[-1] not in "._-" or before[0] in "._-":
        raise Unreadable(
            "In the template of lot numbers one of `. _ -` stands before the running number, and something before that.",
            remedy,
        )
    return template


def stem(template: str, *, line: str, product: str, order: str, opened: datetime) -> str:
    """What stands before the running number.

    Args:
        template: as :func:`checked` gave it.
        line, product, order: ids.
        opened: when the lot is opened, in plant time.
    """
    values = {"line": line, "product": product, "order": order}
    values |= {"year": f"{opened:%Y}", "month": f"{opened:%m}", "day": f"{opened:%d}"}
    return _PART.sub(lambda found: re.sub(r"[^A-Za-z0-9._-]", "-", values[found[1]]), template[: template.rindex("{")])


def number(template: str, before: str, n: int) -> str:
    """The lot's number: what stands before, and the running number with as many digits as the template wants, or more."""
    width = _RUNNING.fullmatch(template[template.rindex("{") + 1 : -1])
    return f"{before}{n:0{int(width[1] or 1) if width else 1}d}"


def parted(lot: str) -> tuple[str, int] | None:
    """What stands before the running number of a lot, and that; None if it has none."""
    found = _NUMBER.fullmatch(lot)
    return (found[1], int(found[2])) if found else None
