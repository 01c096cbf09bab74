"""A station's last day as one strip: its states told apart by pattern, not by colour; colour for what needs a person now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Protocol

from fabrika.faces.language import say
from fabrika.faces.report.figures.states import MARKS, SIZE
from fabrika.faces.report.svg import ACCENT, FAINT, INK, MID, PAPER, SOFT, WIDTH, Drawing, Scale
from fabrika.faces.report.terms import ordered_states
from fabrika.faces.report.words import name
from fabrika.faces.web import show

TOP, BAR, LEGEND_ROW = 4.0, 34.0, 17.0
MOST_SPANS = 1_500
"""Spans that are drawn; of more, neighbours are drawn as one where they are narrower than a pixel."""


class Span(Protocol):
    """A state from an instant to another, microseconds since 1970 UTC."""

    @property
    def state(self) -> str:
        """The state's key."""

    @property
    def mode(self) -> str | None:
        """Why it stood, where that is known."""

    @property
    def from_us(self) -> int:
        """Its begin."""

    @property
    def to_us(self) -> int:
        """Its end."""


def draw(spans: Sequence[Span], zone: tzinfo, key: str, *, calls: bool) -> Any:
    """The strip as markup; nothing where there are no spans.

    Args:
        spans: side by side, ascending.
        zone: the plant's.
        key: unique on the page.
        calls: whether the last span needs a person.
    """
    from markupsafe import Markup

    if not spans:
        return ""
    begin_us, end_us = spans[0].from_us, max(span.to_us for span in spans)
    found = ordered_states({span.state for span in spans})
    rows = -(-len(found) // 4)
    title = say("States from {begin} to {end}", begin=show.instant(begin_us, zone), end=show.instant(end_us, zone))
    drawing = Drawing(key, title, _description(spans), TOP + BAR + 20 + rows * LEGEND_ROW)
    fills = {state: _fill(drawing, state) for state in found}
    scale = Scale(float(begin_us), float(end_us), 1.0, WIDTH - 1)
    narrowest = (end_us - begin_us) / (2 * WIDTH) if len(spans) > MOST_SPANS else 0
    for number, span in enumerate(spans):
        last = number == len(spans) - 1
        if span.to_us - span.from_us < narrowest and not last:
            continue
        left, right = scale.at(span.from_us), scale.at(span.to_us)
        fill = ACCENT if last and calls else fills[span.state]
        drawing.rect((left, TOP, right - left, BAR), fill, tip=_tip(span, zone))
    drawing.rect((1.0, TOP, WIDTH - 2, BAR), "none", stroke=MID)
    _hours(drawing, scale, begin_us, end_us, zone)
    _legend(drawing, fills)
    return Markup(drawing.text())  # noqa: S704 (svg.py escapes all text)


def _fill(drawing: Drawing, state: str) -> str:
    if state in MARKS:
        return drawing.pattern(state, MARKS[state], SIZE)
    return {"processing": FAINT, "down": INK, "off_shift": SOFT}.get(state, PAPER)


def _tip(span: Span, zone: tzinfo) -> str:
    words = show.state(span.state)
    if span.mode:
        words = f"{words}: {name(span.mode)}"
    times = f"{show.clock(span.from_us, zone)}\u2013{show.clock(span.to_us, zone)}"
    return f"{words}, {times} ({show.duration(span.to_us - span.from_us)})"


def _hours(drawing: Drawing, scale: Scale, begin_us: int, end_us: int, zone: tzinfo) -> None:
    """Marks at whole hours of the plant's clock, about eight of them."""
    step = next((hours for hours in (1, 2, 3, 4, 6, 12, 24) if (end_us - begin_us) / show.HOUR_US <= 9 * hours), 48)
    at = begin_us - begin_us % show.HOUR_US
    for _ in range(int((end_us - begin_us) // show.HOUR_US) + 2):
        here = show.local(at, zone)
        if here is not None and begin_us <= at <= end_us and here.hour % step == 0 and here.minute == 0:
            x = scale.at(at)
            drawing.line((x, TOP + BAR, x, TOP + BAR + 4), MID, 0.9)
            anchor = "start" if x < 20 else "end" if x > WIDTH - 20 else "middle"
            drawing.write((x, TOP + BAR + 15), show.clock(at, zone), anchor, fill=MID, size=10)  # type: ignore[arg-type]
        at += show.HOUR_US


def _legend(drawing: Drawing, fills: dict[str, str]) -> None:
    for index, (state, fill) in enumerate(fills.items()):
        x, y = (index % 4) * (WIDTH / 4), TOP + BAR + 22 + (index // 4) * LEGEND_ROW
        drawing.rect((x + 0.5, y + 1, 22, 11), fill, stroke=MID)
        drawing.write((x + 28, y + 10.5), show.state(state))


def _description(spans: Sequence[Span]) -> str:
    """How long it was in each state, which is what the strip shows at a glance."""
    times: dict[str, int] = {}
    for span in spans:
        times[span.state] = times.get(span.state, 0) + span.to_us - span.from_us
    listed = [f"{show.state(state)} {show.duration(times[state])}" for state in ordered_states(set(times))]
    return "; ".join(listed) + "."
