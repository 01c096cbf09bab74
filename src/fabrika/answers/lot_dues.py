"""Lots that are due by the plant's rule: what the service records of it by itself, and what is shown until they are opened.

The rule is production's; what a material lot is of is known to stock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from fabrika.events.production import LotRequired
from fabrika.journal.entries import Fact
from fabrika.operations.inventory.records import InventoryState
from fabrika.operations.production.due_pages import DueRow, due_rows
from fabrika.operations.production.lot_rule import Told, due_after
from fabrika.operations.production.state import ProductionState
from fabrika.page import Asked, States
from fabrika.plant.model import Plant
from fabrika.wording import Worded

LOOKED_BACK_US = 7 * 24 * 3_600_000_000
"""A lot that was due and never opened is called for until so long after the lot before was closed."""


def follows(states: Mapping[str, Any], plant: Plant, fact: Fact) -> Sequence[LotRequired]:
    """A lot is due because of what was just told; as :func:`fabrika.app.reactions.following` asks.

    Args:
        states: what the rooms know, with this fact.
        plant: the edition in force.
        fact: what was told.
    """
    stock: InventoryState = states["inventory"]

    def material_of(subject: str) -> str | None:
        found = stock.lots.get(subject)
        return found.material if found is not None else None

    return due_after(states["production"], plant, Told(fact.event, fact.message.at_us, str(fact.key)), material_of)


class Forgotten(Struct, frozen=True, kw_only=True):
    """A lot that is due and not opened; ``is_open`` while the lot before still is."""

    lot: str
    is_open: bool
    row: DueRow


def waiting(states: States, asked: Asked) -> Iterator[Forgotten]:
    """The lots of late for which another is due, each with what has been due longest."""
    state: ProductionState = states["production"]
    for name, lot in state.lots.items():
        if not lot.dues or (lot.closed_us is not None and asked.at_us - lot.closed_us > LOOKED_BACK_US):
            continue
        rows = [row for row in due_rows(asked, name, lot) if row.settled_us is None and row.since_us <= asked.at_us]
        if rows:
            yield Forgotten(lot=name, is_open=lot.closed_us is None, row=rows[0])


def remedy(found: Forgotten) -> Worded:
    """What is to be done, and who can."""
    if not found.is_open:
        return Worded(
            "Split off what was made since then, or say why it need not be; these roles can: {roles}.",
            roles=found.row.roles,
        )
    if found.row.makes == "lot":
        return Worded("Open the next lot; these roles can: {roles}.", roles=found.row.roles)
    return Worded("Open a sub-lot; these roles can: {roles}.", roles=found.row.roles)
