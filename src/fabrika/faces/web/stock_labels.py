"""Labels of material lots and containers, drawn and as ZPL II for a label printer; and what forms about stock let choose."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

from fabrika.faces.web.datamatrix import matrix
from fabrika.page import Asked
from fabrika.plant.kinds import KINDS
from fabrika.plant.model import Held
from fabrika.plant.reasons import reasons_at

QUIET = 2
"""Empty modules around the symbol; ISO/IEC 16022 asks for one."""
DOTS = 8
"""Printer's dots a module: 1 mm at 203 dpi, which a hand scanner reads from half a metre; and one byte of a graphic field."""
MARGIN = 40
"""Printer's dots around the symbol."""
Choices = list[tuple[str, str]]


@lru_cache(maxsize=256)
def draw(elements: str, title: str) -> Any:
    """A GS1 DataMatrix as markup; nothing for fields that do not fit into one.

    Args:
        elements: the element string, without FNC1 in front.
        title: what a reader who cannot see it should know.
    """
    from markupsafe import Markup

    try:
        rows = matrix(elements)
    except ValueError:
        return ""
    steps = [f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    side = len(rows) + 2 * QUIET
    return Markup(  # noqa: S704 (the title is escaped, the rest are numbers)
        f'<svg class="code" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges"><title>{escape(title)}'
        f'</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(steps)}"/></svg>'
    )


def zpl(elements: str, lines: list[str]) -> str:
    """A label in ZPL II: the symbol as a graphic field, dot by dot, and lines of plain text beside it.

    The printer draws what the browser draws, so that one symbol is proved for both. ``^GFA`` takes rows of bits in hexadecimal,
    and ``:`` for a row like the one before (ZPL II Programming Guide, "Alternative data compression scheme").

    Args:
        elements: the element string, without FNC1 in front.
        lines: what stands beside it, the largest first.

    Raises:
        ValueError: the elements fit into no symbol.
    """
    rows = matrix(elements)
    side, octets = len(rows), len(rows) * len(rows) * DOTS
    dots = "".join("".join("FF" if dark else "00" for dark in row) + ":" * (DOTS - 1) for row in rows)
    beside = MARGIN + side * DOTS + MARGIN
    text = "".join(
        f"^FO{beside},{MARGIN + 60 * place}^A0N,{40 if place == 0 else 28},{40 if place == 0 else 28}^FH|^FD{_plain(line)}^FS"
        for place, line in enumerate(lines)
    )
    return f"^XA^CI28^FO{MARGIN},{MARGIN}^GFA,{octets},{octets},{side},{dots}^FS{text}^XZ\n"


def _plain(line: str) -> str:
    """Text that gives the printer no orders: its signs for them go in hexadecimal."""
    kept = "".join(sign if sign.isprintable() else " " for sign in line[:60])
    return "".join(f"|{ord(sign):02X}" if sign in "^~|" else sign for sign in kept)


def choices(asked: Asked, view: Any, *holds: Held) -> dict[str, Choices]:
    """What can be chosen in the fields of forms about stock.

    Args:
        asked: with the plant.
        view: the page's context; its ``open_lots`` and ``orders`` are offered where it has them.
        holds: what the locations are for that are offered; all without any.
    """
    plant = asked.plant
    lots, orders = getattr(view, "open_lots", ()), getattr(view, "orders", ())
    return {
        "location": [(item.id, item.name or item.id) for item in plant.locations if not holds or item.holds in holds],
        "material": [(item.id, item.name or item.id) for item in plant.materials],
        "kind": [(item.id, item.name or item.id) for item in plant.containers],
        "station": [
            (f"{line.id}.{found.id}", f"{line.name or line.id} · {found.name or found.id}")
            for line in plant.lines
            for found in line.stations
            if KINDS[found.kind].primitive != "transport"
        ],
        "lot": [(name, name) for name in lots],
        "reserved_for": [(name, name) for name in orders],
        "reason": [
            (reason.id, reason.name or reason.id) for _, group in reasons_at(plant, "scrap", None) for reason in group
        ],
    }
