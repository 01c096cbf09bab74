"""From the forms of starts to the model: what a station is held for, after what, and who could ever approve it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, get_args

from fabrika.plant.authority import acts_lost
from fabrika.plant.document import Word
from fabrika.plant.draft import Draft
from fabrika.plant.forms import StartForm
from fabrika.plant.model import Need, Role, Start
from fabrika.plant.roles import usual_roles

NEEDS: Final[tuple[Need, ...]] = get_args(Need)
"""In the order in which they are recorded."""


def starts(draft: Draft, found: tuple[Role, ...]) -> tuple[Start, ...]:
    """The starts of the file, after noting those that could never be made, or that say nothing.

    Args:
        found: the roles of the file.
    """
    made = tuple(_start(draft, form) for form in draft.form.starts)
    allowed = frozenset(act for role in found or usual_roles() for act in role.may)
    for form in draft.form.starts:
        act = "approve_starts" if "approval" in form.needs else "report_production"
        if act not in allowed and not acts_lost(draft):
            wrong = f"No role may `{act}`, so that a station would be held for ever."
            draft.findings.add(form.place("needs"), wrong, f"Add `{act}` to the `may` of a role.")
    return made


def _start(draft: Draft, form: StartForm) -> Start:
    if len(set(form.needs)) < len(form.needs):
        draft.findings.add(form.place("needs"), "A need is named twice.", "Name each once.")
    stations = named_stations(draft, form.stations, "A transport carries what others make; it is never held.")
    if form.after == "long_stop" and form.lasting is None:
        draft.findings.add(
            form.place("after"), "Nothing says from when on a stop is long.", "Write `lasting: 2 h` beside it."
        )
    if form.after == "changeover" and form.lasting is not None:
        wrong = "A changeover counts however long it lasts."
        draft.findings.add(form.place("lasting"), wrong, "Remove `lasting`; it is for stops and repairs.")
    return Start(
        id=str(form.id),
        after=form.after,
        needs=tuple(need for need in NEEDS if need in form.needs),
        block=form.until_then == "block",
        lasting_s=form.lasting or 0.0,
        stations=stations,
        name=form.name,
    )


def named_stations(draft: Draft, words: Iterable[Word], carried: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """The stations that a rule names, behind those that are known, after noting transports and what is named twice.

    Args:
        draft: of the plant.
        words: as they stand in the file.
        carried: what is said of a transport, of which such a rule means nothing.
        known: ``line.station`` that it names in another way.
    """
    found = list(known)
    for word in words:
        station = draft.station(word, None)
        if station is None:
            continue
        if str(draft.stations[station].kind) == "transport":
            draft.findings.add(word, carried, "Remove it.")
        elif station in found:
            draft.findings.add(word, "A station is named twice.", "Name each once.")
        else:
            found.append(station)
    return tuple(dict.fromkeys(found))
