"""The way to every page of the first level: some by themselves, the rest in groups that are opened."""

from __future__ import annotations

from dataclasses import dataclass

from fabrika.app.sitemap import GROUPS, PAGES
from fabrika.faces.language import say


@dataclass(frozen=True)
class Entry:
    """A page, or a group of them.

    Attributes:
        words: what it is called.
        path: the page's; empty for a group.
        current: it is the present page, or holds it.
        below: the group's pages.
    """

    words: str
    path: str
    current: bool
    below: tuple[Entry, ...] = ()


def navigation(may: frozenset[str], path: str) -> list[Entry]:
    """What a person may see, in the order of the sitemap; a group of which they may see one page is that page.

    Args:
        may: the acts of who asks.
        path: the present page's; one that lies below a page of the first level counts as that one.
    """
    seen = {
        page.name: Entry(say(page.title), page.path, _within(path, page.path))
        for page in PAGES
        if page.path.count("/") == 1 and not page.names and page.act in may
    }
    grouped = {name for _, names in GROUPS for name in names}
    found = [entry for name, entry in seen.items() if name not in grouped]
    for title, names in GROUPS:
        below = tuple(seen[name] for name in names if name in seen)
        if len(below) > 1:
            found.append(Entry(say(title), "", any(entry.current for entry in below), below))
        else:
            found.extend(below)
    return found


def _within(path: str, first: str) -> bool:
    return path == first or (first != "/" and path.startswith(f"{first}/"))
