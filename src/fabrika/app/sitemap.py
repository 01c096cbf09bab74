"""Every page, command and room of the plant, gathered from where they are made."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fabrika.answers import (
    amendment,
    at_work,
    attendance,
    attention,
    balances,
    board,
    journal,
    lot,
    lot_dues,
    proof,
    readiness,
    recall,
    trace,
)
from fabrika.app.reactions import Reaction
from fabrika.journal.view import Reducer
from fabrika.operations.documents import pages as documents_pages
from fabrika.operations.documents import rules as documents_rules
from fabrika.operations.documents.state import REDUCER as DOCUMENTS
from fabrika.operations.editions import pages as editions_pages
from fabrika.operations.editions.state import REDUCER as EDITIONS
from fabrika.operations.genealogy.state import REDUCER as GENEALOGY
from fabrika.operations.inventory import boxes, material, outward, stocktaking, stocktaking_pages
from fabrika.operations.inventory import pages as inventory_pages
from fabrika.operations.inventory.state import REDUCER as INVENTORY
from fabrika.operations.personnel import pages as personnel_pages
from fabrika.operations.personnel import rules as personnel_rules
from fabrika.operations.personnel.state import REDUCER as PERSONNEL
from fabrika.operations.production import (
    at_station,
    deliveries,
    doubt_pages,
    handover,
    lot_pages,
    lot_rule,
    lots,
    order_pages,
    sheets,
    start_pages,
    start_rules,
    starts,
    tools,
    work_pages,
)
from fabrika.operations.production import pages as production_pages
from fabrika.operations.production import rules as production_rules
from fabrika.operations.production.state import REDUCER as PRODUCTION
from fabrika.operations.watch import pages as watch_pages
from fabrika.operations.watch import rules as watch_rules
from fabrika.operations.watch.state import REDUCER as WATCH
from fabrika.page import Command, Page
from fabrika.wording import Worded

PAGES: tuple[Page, ...] = (
    *board.PAGES,
    *attention.PAGES,
    *watch_pages.PAGES,
    *doubt_pages.PAGES,
    *work_pages.PAGES,
    *at_work.PAGES,
    *production_pages.PAGES,
    *lot_pages.PAGES,
    *order_pages.PAGES,
    *readiness.PAGES,
    *lot.PAGES,
    *start_pages.PAGES,
    *handover.PAGES,
    *inventory_pages.PAGES,
    *stocktaking_pages.PAGES,
    *sheets.PAGES,
    *trace.PAGES,
    *recall.PAGES,
    *balances.PAGES,
    *documents_pages.PAGES,
    *proof.PAGES,
    *personnel_pages.PAGES,
    *editions_pages.PAGES,
    *journal.PAGES,
)
"""In the order in which a face offers them."""

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (Worded("Production"), ("production.lines", "production.orders")),
    (Worded("Stock"), ("inventory.stock", "inventory.stocktaking")),
    (Worded("Evidence"), ("answers.trace", "answers.recall", "answers.balance", "answers.journal")),
    (Worded("The plant"), ("documents.documents", "personnel.people", "answers.proof", "editions.plant")),
)
"""Pages of the first level that a face offers together, by their names; all others it offers by themselves, before these."""

COMMANDS: tuple[Command, ...] = (
    *production_rules.COMMANDS,
    *doubt_pages.COMMANDS,
    *attendance.COMMANDS,
    *at_station.COMMANDS,
    *lots.COMMANDS,
    *deliveries.COMMANDS,
    *start_rules.COMMANDS,
    *tools.COMMANDS,
    *handover.COMMANDS,
    *personnel_rules.COMMANDS,
    *amendment.COMMANDS,
    *balances.COMMANDS,
    *watch_rules.COMMANDS,
    *documents_rules.COMMANDS,
    *material.COMMANDS,
    *boxes.COMMANDS,
    *outward.COMMANDS,
    *stocktaking.COMMANDS,
)

REACTIONS: tuple[Reaction, ...] = (
    Reaction(starts.minds, starts.held_after),
    Reaction(lot_rule.minds, lot_dues.follows),
)
"""What the service records by itself because of what it was told."""

ROOMS: Mapping[str, Reducer[Any]] = MappingProxyType(
    {reducer.name: reducer for reducer in (DOCUMENTS, EDITIONS, GENEALOGY, INVENTORY, PERSONNEL, PRODUCTION, WATCH)}
)
"""The rooms' reducers by name, which is also the key of their states."""


def page_at(path: str) -> tuple[Page, dict[str, str]] | None:
    """The page that lies at a path, and what stands in place of its names; None if there is none."""
    words = path.strip("/").split("/")
    for page in PAGES:
        pattern = page.path.strip("/").split("/")
        if len(pattern) == len(words):
            pairs = list(zip(pattern, words, strict=True))
            if all(part.startswith("{") or part == word for part, word in pairs):
                return page, {part[1:-1]: word for part, word in pairs if part.startswith("{")}
    return None
