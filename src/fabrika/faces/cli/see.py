"""``fabrika see``: any page of the plant, as lines and tables of the terminal."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabrika.faces.cli.notices import shown
from fabrika.faces.language import say, told

if TYPE_CHECKING:
    from msgspec import Struct
    from rich.console import Console
    from rich.table import Table

EARLIEST_US = 10**13
"""Microseconds from here on are an instant, and below a duration; 10**13 is in April 1970."""


def see(path: str = "/", /, *, data: Path, at: str | None = None) -> None:
    """Show a page of the plant: the board, a line, a station, people, the plant file, the journal.

    Whoever may read the data folder may see all of it; a role is asked for in the browser only.

    Args:
        path: The page's path, such as / or /stations/line.press, with ?name=value for what is asked beside it.
        data: The plant's data folder.
        at: The instant that the page is for, such as 2026-11-22T06:30 on the plant's clock; now by default.
    """
    from rich.console import Console

    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService
    from fabrika.app.sitemap import PAGES, page_at
    from fabrika.errors import NotFoundError

    place, _, asked_for = path.partition("?")
    found = page_at(place)
    if found is None:
        wrong = say("There is no page {path}.", path=place)
        raise NotFoundError(wrong, say("Name one of: {paths}.", paths=", ".join(page.path for page in PAGES)))
    query = dict(part.split("=", 1) for part in asked_for.split("&") if "=" in part)
    if at is not None:
        query["at"] = at
    service = PlantService.following(BookFolder(data))
    try:
        page, names = found
        context = service.overlooked(page, names, query)
        zone = service.plant.zone
    finally:
        service.close()
    console = Console(highlight=False)
    console.print(shown(told(page.title)), style="bold")
    show(console, context, zone)


def show(console: Console, context: Struct, zone: tzinfo) -> None:
    """A context: its plain values as lines, what it holds whole as lines of its own, its rows as tables, each under its name."""
    wholes = []
    for name in context.__struct_fields__:
        value = getattr(context, name)
        if hasattr(value, "__struct_fields__"):
            wholes.append((name, value))
        elif rows_of(value) is None:
            text = said(value, name, zone)
            if "\n" in text:
                console.print(f"\n{name}", style="bold")
                console.print(text, markup=False, soft_wrap=True)
            else:
                console.print(f"{name}: {text}", markup=False, soft_wrap=True)
    for name, whole in wholes:
        console.print(f"\n{name}", style="bold")
        show(console, whole, zone)
    for name in context.__struct_fields__:
        rows = rows_of(getattr(context, name))
        if rows:
            console.print(f"\n{name}", style="bold")
            console.print(_table(rows, zone))
            for row in rows:
                _below(console, row, name, zone)


def rows_of(value: Any) -> list[Any] | None:
    """The rows of a value that is shown as a table; None if it is a plain value."""
    if isinstance(value, tuple) and all(hasattr(row, "__struct_fields__") for row in value):
        return list(value)
    return None


def _table(rows: list[Any], zone: tzinfo) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    names = [name for name in rows[0].__struct_fields__ if not rows_of(getattr(rows[0], name))]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in names:
        number = isinstance(getattr(rows[0], name), int | float) and not name.endswith("_us")
        table.add_column(name.removesuffix("_us"), justify="right" if number else "left")
    for row in rows:
        table.add_row(*(shown(said(getattr(row, name), name, zone)) for name in names))
    return table


def _below(console: Console, row: Any, name: str, zone: tzinfo) -> None:
    """The rows that a row has of its own."""
    for field in row.__struct_fields__:
        rows = rows_of(getattr(row, field))
        if rows:
            console.print(f"\n{name} {shown(str(getattr(row, row.__struct_fields__[0])))}: {field}", style="bold")
            console.print(_table(rows, zone))


def said(value: Any, name: str, zone: tzinfo) -> str:
    """A plain value as text: instants on the plant's clock, durations as hours, minutes and seconds, unknown as a dash."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, int) and (name.endswith("_us") or name == "shift_times"):
        return _instant(value, zone) if value >= EARLIEST_US else _duration(value)
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {said(part, name, zone)}" for key, part in value.items()) or "-"
    if isinstance(value, tuple):
        return ", ".join(said(part, name, zone) for part in value) or "-"
    return _plain(told(value)) if isinstance(value, str) else str(value)


def _plain(text: str) -> str:
    return "\n".join(re.sub(r"[^\S ]", " ", line) for line in text.split("\n"))


def _instant(at_us: int, zone: tzinfo) -> str:
    try:
        return datetime.fromtimestamp(at_us // 1_000_000, zone).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{at_us} us"


def _duration(duration_us: int) -> str:
    seconds = duration_us // 1_000_000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
