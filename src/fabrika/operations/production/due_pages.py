"""What is due of a lot by the plant's rule, in words: since when, because of what, and who can open it."""

from __future__ import annotations

from msgspec import Struct

from fabrika.operations.production.lot_state import Due, Lot
from fabrika.operations.production.outline import outline
from fabrika.operations.production.start_rules import who_mends
from fabrika.page import Asked
from fabrika.wording import Worded


class DueRow(Struct, frozen=True, kw_only=True):
    """The next lot, or a sub-lot, is or was due.

    Attributes:
        station: ``line.station`` where the change happened; ``name`` what it is called.
        cause: which change; ``sentence`` says it, with what is due.
        subject: the material lot or tool that came; None for others.
        makes: ``lot`` or ``sub_lot``.
        block: whether units of the station belong to no lot until then.
        settled_us, by: when it was opened, and which; None while it is not.
        roles: who can open it.
        key: identity of the entry that says so.
    """

    since_us: int
    station: str
    name: str
    cause: str
    subject: str | None
    makes: str
    block: bool
    settled_us: int | None
    by: str | None
    roles: str
    sentence: str
    key: str


def due_rows(asked: Asked, lot: str, found: Lot) -> tuple[DueRow, ...]:
    """What was due of a lot, the oldest first."""
    return tuple(_row(asked, lot, due) for due in found.dues)


def _row(asked: Asked, lot: str, due: Due) -> DueRow:
    place = outline(asked.plant).places.get(due.station)
    name = (place.station.name if place is not None else "") or due.station
    return DueRow(
        since_us=due.since_us,
        station=due.station,
        name=name,
        cause=due.cause,
        subject=due.subject,
        makes=due.makes,
        block=due.block,
        settled_us=due.settled_us,
        by=due.by,
        roles=who_mends(asked.plant, "lot"),
        sentence=_sentence(lot, name, due),
        key=due.key,
    )


def _sentence(lot: str, name: str, due: Due) -> Worded:
    """One sentence: what is due, and because of what."""
    because = {
        "campaign": Worded("{station} was set up for another product", station=name),
        "component_lot": Worded(
            "{subject}, another component lot, went in at {station}", subject=due.subject, station=name
        ),
        "tool": Worded("the tool {subject} was put in at {station}", subject=due.subject, station=name),
        "repair": Worded("{station} was repaired", station=name),
        "long_stop": Worded("{station} stood long", station=name),
    }[due.cause]
    if due.makes == "lot":
        return Worded("Behind the lot {lot} the next lot is due: {because}.", lot=lot, because=because)
    return Worded("A sub-lot of {lot} is due: {because}.", lot=lot, because=because)
