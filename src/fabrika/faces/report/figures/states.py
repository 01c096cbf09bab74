"""Where the stations' open time went: one stacked bar a station, told apart by pattern, not by colour."""

from __future__ import annotations

from collections.abc import Sequence

from fabrika.faces.language import say
from fabrika.faces.report import numbers
from fabrika.faces.report.svg import ACCENT, INK, MID, PAPER, SOFT, WIDTH, Drawing, Scale
from fabrika.faces.report.terms import ordered_states, words
from fabrika.faces.report.words import tail
from fabrika.twin.proof_result import StationRow

LABELS, RIGHT, ROW, BAR, LEGEND_ROW = 212.0, 44.0, 16.0, 11.5, 17.0
MOST = 44
"""Stations in one figure, so that it fits on a page."""

SIZE = 5.0
_SLASH = f'<path d="M-1 1 1 -1 M0 5 5 0 M4 6 6 4" stroke="{INK}" stroke-width="1.1"/>'
_BACK = f'<path d="M-1 4 1 6 M0 0 5 5 M4 -1 6 1" stroke="{MID}" stroke-width="0.9"/>'
_BARS = f'<path d="M2.5 0V5" stroke="{INK}" stroke-width="2"/>'
_LINES = f'<path d="M0 2.5H5" stroke="{MID}" stroke-width="1.6"/>'
_DOTS = f'<circle cx="2.5" cy="2.5" r="1.1" fill="{INK}"/>'
_CROSS = f'<path d="M0 0 5 5 M0 5 5 0" stroke="{SOFT}" stroke-width="0.8"/>'
MARKS = {
    "setup": _DOTS,
    "planned": _LINES,
    "waiting": _BARS,
    "blocked": _SLASH,
    "starved": _BACK,
    "no_order": _CROSS,
}
"""Patterns of the states that are not drawn solid."""


def open_shares(row: StationRow) -> dict[str, float]:
    """Shares of the station's open time by state; empty for a station that is never open."""
    shares = {state: share for state, share in row.states.items() if state != "off_shift" and share > 0}
    total = sum(shares.values())
    return {state: share / total for state, share in shares.items()} if total > 0 else {}


def pages(rows: Sequence[StationRow]) -> list[Sequence[StationRow]]:
    """The stations in portions of equal size, each fit for one figure."""
    count = -(-len(rows) // MOST)
    size = -(-len(rows) // count) if count else 0
    return [rows[start : start + size] for start in range(0, len(rows), size)] if size else []


def draw(rows: Sequence[StationRow], constraint: str, key: str, *, person: bool) -> str:
    """The figure of these stations; ``person`` if somebody must see to the constraint."""
    found = ordered_states({state for row in rows for state in open_shares(row)})
    top = LEGEND_ROW * (-(-len(found) // 4)) + 10
    bottom = top + ROW * len(rows) + 2
    title = say("Share of open time by state, all stations")
    drawing = Drawing(key, title, _description(rows, constraint), bottom + 18)
    fills = {state: _fill(drawing, state) for state in found}
    _legend(drawing, fills)
    scale = Scale(0.0, 1.0, LABELS, WIDTH - RIGHT)
    drawing.axis(scale, bottom, [(share, numbers.percent(share)) for share in (0, 0.25, 0.5, 0.75, 1)], top=top)
    for index, row in enumerate(rows):
        _bar(drawing, row, top + ROW * index, scale, fills)
        mark = "" if row.id != constraint else ACCENT if person else INK
        _label(drawing, row, top + ROW * index, mark)
    return drawing.text()


def _fill(drawing: Drawing, state: str) -> str:
    if state in MARKS:
        return drawing.pattern(state, MARKS[state], SIZE)
    return {"processing": SOFT, "down": INK}.get(state, PAPER)


def _legend(drawing: Drawing, fills: dict[str, str]) -> None:
    for index, (state, fill) in enumerate(fills.items()):
        x, y = (index % 4) * (WIDTH / 4), (index // 4) * LEGEND_ROW
        drawing.rect((x + 0.5, y + 1, 22, 11), fill, stroke=MID)
        drawing.write((x + 28, y + 10.5), words(state))


def _bar(drawing: Drawing, row: StationRow, y: float, scale: Scale, fills: dict[str, str]) -> None:
    shares, begun = open_shares(row), 0.0
    for state, fill in fills.items():
        share = shares.get(state, 0.0)
        if share > 0:
            left, right = scale.at(begun), scale.at(begun + share)
            tip = f"{row.id}: {words(state)} {numbers.percent(share, 1)}"
            drawing.rect((left, y + 2, right - left, BAR), fill, tip=tip, stroke=MID)
        begun += share
    drawing.write((WIDTH - RIGHT + 6, y + 11.5), numbers.percent(shares.get("processing", 0.0)), fill=MID, size=10)


def _label(drawing: Drawing, row: StationRow, y: float, mark: str) -> None:
    if mark:
        drawing.path(f"M0 {y + 2.5} 8 {y + 7.5} 0 {y + 12.5}Z", mark)
    drawing.write((12, y + 11.5), tail(row.id, 30), fill=mark or INK, size=10.5, bold=bool(mark))


def _description(rows: Sequence[StationRow], constraint: str) -> str:
    parts = []
    for row in rows:
        shares = open_shares(row)
        listed = ", ".join(f"{words(s)} {numbers.percent(shares[s])}" for s in ordered_states(set(shares)))
        station = tail(row.id, 80)
        if row.id == constraint:
            station = say("{station} (the constraint)", station=station)
        parts.append(f"{station}: {listed or say('never open')}.")
    return " ".join(parts)
