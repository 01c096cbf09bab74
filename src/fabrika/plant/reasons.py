"""Why a station stands and why units are scrapped, in the plant's own words: from the forms to the model, and what can be chosen where."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.plant.draft import Draft
from fabrika.plant.forms import ReasonForm, ReasonGroupForm
from fabrika.plant.model import Plant, Reason, Use


def reasons(draft: Draft) -> tuple[Reason, ...]:
    """The reasons of the file, each behind the group in which it stands, after noting what cannot be chosen."""
    form = draft.form.reasons
    if form is None:
        return ()
    draft.unique([reason for group in (*form.stop, *form.scrap) for reason in (group, *(group.reasons or ()))])
    found: list[Reason] = []
    for use, groups in (("stop", form.stop), ("scrap", form.scrap)):
        for group in groups:
            found += _group(draft, "stop" if use == "stop" else "scrap", group)
    _check_modes(draft, found)
    return tuple(found)


def _group(draft: Draft, use: Use, form: ReasonGroupForm) -> Iterator[Reason]:
    if form.reasons == []:
        wrong = f"The group `{form.id}` holds no reason."
        draft.findings.add(
            form.place("reasons"), wrong, "Name at least one, or remove `reasons`: then it is one itself."
        )
    at = _stations(draft, form)
    yield Reason(str(form.id), use, None, at, form.name, group=form.reasons is not None)
    for inner in form.reasons or ():
        own = _stations(draft, inner)
        if at and own and not set(own) <= set(at):
            wrong = f"`{inner.id}` is for stations for which its group `{form.id}` is not."
            draft.findings.add(inner.place("only_at"), wrong, "Name stations of the group, or none.")
        yield Reason(str(inner.id), use, str(form.id), own or at, inner.name)


def _stations(draft: Draft, form: ReasonForm) -> tuple[str, ...]:
    found = [draft.station(word, None) for word in form.only_at or ()]
    stations = tuple(station for station in found if station is not None)
    if len(set(stations)) < len(stations):
        draft.findings.add(form.place("only_at"), "A station is named twice.", "Name each once.")
    return stations


def _check_modes(draft: Draft, found: list[Reason]) -> None:
    """A mode of a station is a reason by itself; another of its id could not be told from it."""
    modes = {
        (path, str(stop.id)) for path, station in draft.stations.items() for stop in (*station.fails, *station.stops)
    }
    rare = {str(item.id) for item in (*draft.form.outages, *draft.form.supplies)}
    for reason in found:
        if reason.use != "stop":
            continue
        if reason.id in rare or any((path, reason.id) in modes for path in reason.stations or draft.stations):
            form = _form(draft, reason.id)
            wrong = f"`{reason.id}` is already a way in which a station stops; it can be chosen without standing here."
            draft.findings.add(form.place("id"), wrong, "Remove it here, or give it another id.")


def _form(draft: Draft, id_: str) -> ReasonForm:
    assert draft.form.reasons is not None, "there is a reason"
    groups = (*draft.form.reasons.stop, *draft.form.reasons.scrap)
    forms: list[ReasonForm] = [form for group in groups for form in (group, *(group.reasons or ()))]
    return next(form for form in forms if form.id == id_)


def reasons_at(plant: Plant, use: Use, station: str | None) -> tuple[tuple[str, tuple[Reason, ...]], ...]:
    """What can be chosen at a station (``line.station``), group by group: the group's name, empty for none, and its reasons.

    Without a station it is what can be chosen at any.
    """
    groups: dict[str | None, list[Reason]] = {None: []}
    names = {reason.id: reason.name or reason.id for reason in plant.reasons if reason.group}
    for reason in plant.reasons:
        if (
            reason.use == use
            and not reason.group
            and (station is None or not reason.stations or station in reason.stations)
        ):
            groups.setdefault(reason.above, []).append(reason)
    return tuple((names[above] if above else "", tuple(held)) for above, held in groups.items() if held)


def reason_name(plant: Plant, id_: str) -> str:
    """What a reason of the plant is called; the id itself where the plant has no such reason."""
    return next((reason.name for reason in plant.reasons if reason.id == id_ and reason.name), id_)


def stop_name(plant: Plant, station: str, id_: str) -> str:
    """What a way in which a station (``line.station``) stops is called: its own, what stops its area, or a reason of the plant."""
    line_id, _, own = station.partition(".")
    found = [item for line in plant.lines if line.id == line_id for item in line.stations if item.id == own]
    names = {supply.id: supply.name for supply in plant.supplies} | {outage.id: outage.name for outage in plant.outages}
    names |= {stop.id: stop.name for item in found for stop in item.stops}
    names |= {mode.id: mode.name for item in found for mode in item.fails}
    return names.get(id_) or reason_name(plant, id_)
