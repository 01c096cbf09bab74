"""From ``was`` in the forms to the model: which things had another id in the edition before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fabrika.plant.draft import Draft
from fabrika.plant.forms import Named
from fabrika.plant.model import Rename

LISTS = (
    "calendars",
    "areas",
    "products",
    "crews",
    "stores",
    "outages",
    "supplies",
    "levers",
    "roles",
    "starts",
    "lot_rule",
    "lines",
    "materials", "locations", "containers",
)  # fmt: skip


def former_ids(draft: Draft) -> tuple[Rename, ...]:
    """Every thing with a former id, after noting ids that are still, or twice, in use."""
    return tuple(rename for kind, before, things in _lists(draft) for rename in _renamed(draft, kind, before, things))


def _lists(draft: Draft) -> Iterator[tuple[str, str, Sequence[Named]]]:
    """Lists of things with ids: what they are, what stands before their ids in a path, and the things."""
    form = draft.form
    for name in LISTS:
        yield name, "", getattr(form, name) or ()
    if form.reasons is not None:
        groups = (*form.reasons.stop, *form.reasons.scrap)
        yield "reasons", "", [reason for group in groups for reason in (group, *(group.reasons or ()))]
    for line in form.lines:
        yield "stations", f"{line.id}.", line.stations
        for station in line.stations:
            yield "fails", f"{line.id}.{station.id}.", station.fails
            yield "stops", f"{line.id}.{station.id}.", station.stops


def _renamed(draft: Draft, kind: str, before: str, things: Sequence[Named]) -> Iterator[Rename]:
    ids = {str(thing.id) for thing in things}
    taken: set[str] = set()
    for thing in things:
        if thing.was is None:
            continue
        was = str(thing.was)
        if was == thing.id:
            draft.findings.add(thing.was, f"`{was}` is its id today.", "Remove `was`, or write the id it had before.")
        elif was in ids:
            wrong = f"`{was}` is the id of another thing in this list, so that it cannot be a former one."
            draft.findings.add(thing.was, wrong, "Give the other its own id; an id is never used again.")
        elif was in taken:
            draft.findings.add(thing.was, f"Two things cannot both have been `{was}`.", "Keep `was` at one of them.")
        else:
            taken.add(was)
            yield Rename(kind, f"{before}{thing.id}", was)
