"""A text as a square code that a telephone reads (QR, ISO/IEC 18004), drawn without colour and without inline style."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

QUIET = 4
"""Empty modules around the code, as the standard asks for."""


@lru_cache(maxsize=16)
def draw(text: str, title: str) -> Any:
    """The code as markup, kept for those who look a moment later; nothing for a text that does not fit into one.

    Args:
        text: what it says.
        title: what a reader who cannot see it should know.
    """
    import segno
    from markupsafe import Markup

    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        return ""
    steps = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            width = 1
            if row[x]:
                while x + width < len(row) and row[x + width]:
                    width += 1
                steps.append(f"M{x + QUIET} {y + QUIET}h{width}v1h-{width}z")
            x += width
    side = len(code.matrix) + 2 * QUIET
    return Markup(  # noqa: S704 (the title is escaped, the rest are numbers)
        f'<svg class="code" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges"><title>{escape(title)}'
        f'</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(steps)}"/></svg>'
    )
