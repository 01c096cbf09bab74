"""A small writer of static SVG: shapes, text, linear scales; everything escaped, nothing scripted, nothing loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Literal

from fabrika.faces.language import say
from fabrika.faces.report import numbers
from fabrika.faces.report.words import name, visible

INK, MID, SOFT, LINE, FAINT, PAPER = "#1f2328", "#57606a", "#8b949e", "#c4cad0", "#eceff1", "#ffffff"
"""Greys from dark to light; the first two carry text (contrast on white 15.8 and 6.4)."""

ACCENT = "#a8201a"
"""The one colour, for what needs a person (contrast on white 7.4)."""

WIDTH = 720.0
"""Width of every figure in user units; on paper it fills the text width."""

TIP_LENGTH = 200
"""Longest text shown by a browser on pointing, characters."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to coordinates."""

    value_from: float
    value_to: float
    at_from: float
    at_to: float

    def at(self, value: float) -> float:
        """The coordinate of a value, held within the drawing."""
        span = self.value_to - self.value_from
        share = (value - self.value_from) / span if span else 0.5
        return self.at_from + min(max(share, 0.0), 1.0) * (self.at_to - self.at_from)

    def ticks(self, count: int = 6) -> list[float]:
        """Round values within the scale, about ``count`` of them."""
        step = round_step((self.value_to - self.value_from) / max(count, 1))
        if step == 0:
            return [self.value_from]
        first, last = ceil(self.value_from / step - 1e-9), floor(self.value_to / step + 1e-9)
        return [index * step for index in range(first, last + 1)]


def round_step(rough: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is not below ``rough``; 0 for nothing."""
    if not isfinite(rough) or rough <= 0:
        return 0.0
    power = 10.0 ** floor(log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if rough <= power * factor * (1 + 1e-9))


@dataclass(slots=True)
class Drawing:
    """One figure: its parts are added, then :meth:`text` gives the SVG element.

    Attributes:
        id: unique in the document; ids inside the drawing start with it.
        title: what it shows, short.
        description: what a reader who cannot see it should know.
        height: in user units; the width is :data:`WIDTH`.
    """

    id: str
    title: str
    description: str
    height: float
    parts: list[str] = field(default_factory=list)

    def rect(self, box: tuple[float, float, float, float], fill: str, *, tip: str = "", stroke: str = "") -> None:
        """A rectangle ``(x, y, width, height)``; ``tip`` is shown by a browser on pointing."""
        x, y, width, height = box
        edge = f' stroke="{stroke}" stroke-width="0.75"' if stroke else ""
        self.parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(max(height, 0))}" '
            f'fill="{fill}"{edge}{_ending("rect", tip)}'
        )

    def line(
        self, ends: tuple[float, float, float, float], stroke: str = INK, width: float = 1, dash: str = ""
    ) -> None:
        """A line ``(x1, y1, x2, y2)``."""
        x1, y1, x2, y2 = ends
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{stroke}" '
            f'stroke-width="{_n(width)}"{dashes}/>'
        )

    def circle(
        self, centre: tuple[float, float], radius: float, fill: str, *, tip: str = "", stroke: str = INK
    ) -> None:
        """A circle around ``centre``."""
        self.parts.append(
            f'<circle cx="{_n(centre[0])}" cy="{_n(centre[1])}" r="{_n(radius)}" fill="{fill}" '
            f'stroke="{stroke}" stroke-width="1.5"{_ending("circle", tip)}'
        )

    def path(self, data: str, fill: str) -> None:
        """A filled path in SVG path language."""
        self.parts.append(f'<path d="{data}" fill="{fill}"/>')

    def write(
        self,
        at: tuple[float, float],
        words: str,
        anchor: Anchor = "start",
        *,
        fill: str = INK,
        size: float = 11,
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """Text whose baseline passes through ``at``; ``halo`` clears the lines behind it."""
        weight = ' font-weight="700"' if bold else ""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        if halo:
            place += f' paint-order="stroke" stroke="{PAPER}" stroke-width="4"'
        self.parts.append(
            f'<text x="{_n(at[0])}" y="{_n(at[1])}" font-size="{_n(size)}" fill="{fill}"{weight}{place}>'
            f"{escape(visible(words))}</text>"
        )

    def pattern(self, word: str, marks: str, size: float) -> str:
        """Define a fill pattern and return how to use it; ``marks`` is SVG drawn by us."""
        key = f"{self.id}-{word}"
        self.parts.append(
            f'<defs><pattern id="{key}" width="{_n(size)}" height="{_n(size)}" patternUnits="userSpaceOnUse">'
            f'<rect width="{_n(size)}" height="{_n(size)}" fill="{PAPER}"/>{marks}</pattern></defs>'
        )
        return f"url(#{key})"

    def whisker(self, scale: Scale, between: tuple[float, float], y: float, stroke: str = INK) -> None:
        """An interval as a horizontal line with two ends."""
        low, high = scale.at(between[0]), scale.at(between[1])
        self.line((low, y, high, y), stroke, 1.5)
        for end in (low, high):
            self.line((end, y - 3.5, end, y + 3.5), stroke, 1.25)

    def axis(self, scale: Scale, y: float, labels: Sequence[tuple[float, str]], *, top: float) -> None:
        """A horizontal axis at ``y`` with light lines up to ``top``."""
        for value, words in labels:
            x = scale.at(value)
            self.line((x, top, x, y), LINE, 0.6)
            self.write((x, y + 13), words, "middle", fill=MID, size=10)
        self.line((scale.at_from, y, scale.at_to, y), MID, 0.9)

    def text(self) -> str:
        """The SVG element."""
        key = self.id
        return (
            f'<svg viewBox="0 0 {_n(WIDTH)} {_n(self.height)}" role="img" aria-labelledby="{key}-title {key}-desc" '
            f'font-family="inherit"><title id="{key}-title">{escape(visible(self.title))}</title>'
            f'<desc id="{key}-desc">{escape(visible(self.description))}</desc>{"".join(self.parts)}</svg>'
        )


def unit_labels(ticks: Sequence[float]) -> tuple[str, list[tuple[float, str]]]:
    """Ticks of an axis in units: what they are counted in, and each with its label."""
    size = max((abs(tick) for tick in ticks), default=0.0)
    divisor, words = (1e6, say("millions")) if size >= 2e6 else (1e3, say("thousands")) if size >= 2e3 else (1.0, "")
    shares = [tick / divisor for tick in ticks]
    exact = (n for n in range(4) if all(abs(round(share, n) - share) < 1e-9 for share in shares))
    decimals = next(exact, 4)
    return words, [(tick, numbers.grouped(tick / divisor, decimals)) for tick in ticks]


def _n(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _ending(tag: str, tip: str) -> str:
    return f"><title>{escape(name(tip, TIP_LENGTH))}</title></{tag}>" if tip else "/>"
