"""What another edition of a plant file changes: things that came, went or got another id, and every value that differs.

Comments, notes and ways of writing do not count: only what the plant means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from fabrika.plant.model import Plant
from fabrika.plant.renaming import Names, under
from fabrika.plant.things import KINDS_OF_THINGS, MEMBERS, Thing, Value, things
from fabrika.wording import Worded

What = Literal["added", "removed", "renamed", "changed"]
Item = TypeVar("Item")

WHAT: dict[What, Worded] = {
    "added": Worded("added"),
    "removed": Worded("removed"),
    "renamed": Worded("renamed"),
    "changed": Worded("changed"),
}
"""What can happen to a thing or a value, in a word."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two editions.

    Attributes:
        what: whether a thing or an entry of a list came or went, a thing got another id, or a value is another.
        kind: what it is, in a word: station, role, day off; for a value, of what it is.
        path: a value's or a list's path, or the thing's own, under the ids of the new edition.
        old, new: what it was and is, as people write it; empty where it was or is nothing.
    """

    what: What
    kind: Worded
    path: str
    old: str = ""
    new: str = ""

    @property
    def sentence(self) -> Worded:
        """The change in one line."""
        kind, path, old, new = self.kind, self.path, self.old, self.new
        if self.what == "renamed":
            return Worded("renamed: {kind} {path}, until now {old}", kind=kind, path=path, old=old)
        if self.what == "changed":
            return _changed(path, old, new)
        if self.what == "added":
            if new:
                return Worded("added: {kind} {path}, {text}", kind=kind, path=path, text=new)
            return Worded("added: {kind} {path}", kind=kind, path=path)
        if old:
            return Worded("removed: {kind} {path}, {text}", kind=kind, path=path, text=old)
        return Worded("removed: {kind} {path}", kind=kind, path=path)


def _changed(path: str, old: str, new: str) -> Worded:
    if not old:
        return Worded("changed: {path} is {new} from now on", path=path, new=new)
    if not new:
        return Worded("changed: {path} is no longer {old}", path=path, old=old)
    return Worded("changed: {path} from {old} to {new}", path=path, old=old, new=new)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two editions and what lies between them.

    Attributes:
        old, new: the editions.
        changes: in the order of the file; what is removed stands where it was.
        names: what became of the old ids.
    """

    old: Plant
    new: Plant
    changes: tuple[Change, ...]
    names: Names

    def __bool__(self) -> bool:
        return bool(self.changes)


def difference(old: Plant, new: Plant) -> Difference:
    """What lies between two editions; nothing if only comments, notes or ways of writing differ."""
    names = Names(old, new)
    before, after = things(under(old, names)), things(new)
    renamed = {(kind, path): was for kind, was, path in names.renamed}
    unpaired = before.keys() ^ after.keys()
    changes: list[Change] = []
    for at, (was, now) in _merged(before, after).items():
        if any(above in unpaired for above in _above(at)):
            continue  # it came or went with what it belongs to
        if now is None and was is not None:
            changes.append(Change("removed", KINDS_OF_THINGS[was.kind], was.path, _called(was)))
        elif was is None and now is not None:
            changes.append(Change("added", KINDS_OF_THINGS[now.kind], now.path, "", _called(now)))
        elif was is not None and now is not None:
            former = renamed.get((now.kind, now.path))
            if former is not None:
                changes.append(Change("renamed", KINDS_OF_THINGS[now.kind], now.path, former, now.path))
            changes.extend(_within(was, now))
    return Difference(old, new, tuple(changes), names)


def _above(at: str) -> Iterator[str]:
    """The paths of what a path lies within."""
    while "." in at:
        at = at.rpartition(".")[0]
        yield at


def _called(thing: Thing) -> str:
    """What people call a thing; a station without a name by its kind."""
    name = thing.values.get(f"{thing.at}.name")
    if name is not None and name.text:
        return name.text
    kind = thing.values.get(f"{thing.at}.kind")
    return kind.text if kind is not None else ""


def _merged(before: dict[str, Item], after: dict[str, Item]) -> dict[str, tuple[Item | None, Item | None]]:
    """Old and new under each key, in the new order; what is gone stands behind what stood before it."""
    order: dict[str, tuple[Item | None, Item | None]] = {}
    gone: dict[str | None, list[str]] = {}
    last: str | None = None
    for key in before:
        if key in after:
            last = key
        else:
            gone.setdefault(last, []).append(key)
    order |= {lost: (before[lost], None) for lost in gone.get(None, ())}
    for key, now in after.items():
        order[key] = (before.get(key), now)
        order |= {lost: (before[lost], None) for lost in gone.get(key, ())}
    return order


def _within(was: Thing, now: Thing) -> Iterator[Change]:
    kind = KINDS_OF_THINGS[now.kind]
    rows = [row for row in _merged(was.values, now.values).items() if not _same(*row[1])]
    whole = {path for path, _ in rows if path in (f"{now.at}.sequence", f"{now.at}.feed")}
    for path, (old, new) in rows:
        if path not in whole and _told_by(whole, path, now.at) and (old is None or new is None or ".sequence." in path):
            continue
        yield Change("changed", kind, path, *_texts(old, new))
    for path, (gone, come) in _merged(was.members, now.members).items():
        key = path.rpartition(".")[2]
        yield from (Change("removed", MEMBERS[key], path, old=text) for text in gone or () if text not in (come or ()))
        yield from (Change("added", MEMBERS[key], path, new=text) for text in come or () if text not in (gone or ()))


def _told_by(whole: Iterable[str], path: str, at: str) -> bool:
    """Whether a number is told along with the list it belongs to: quantities with a sequence, places with a feed."""
    part = path.removeprefix(f"{at}.").partition(".")[0]
    return any(other == f"{at}.{'feed' if part in ('buffer', 'takes') else part}" for other in whole)


def _same(old: Value | None, new: Value | None) -> bool:
    if old is None or new is None:
        return not (old or new or Value(None, "")).text
    return bool(old.key == new.key)


def _texts(old: Value | None, new: Value | None) -> tuple[str, str]:
    """Both texts; where they are alike, with the digits beyond those that are told."""
    old, new = old or Value(None, ""), new or Value(None, "")
    if old.text == new.text:
        return f"{old.text} ({old.exact})", f"{new.text} ({new.exact})"
    return old.text, new.text
