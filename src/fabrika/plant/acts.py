"""Everything that a role can allow: the words after ``may:`` in a plant file. What is not listed there is refused."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fabrika.wording import Worded

ACTS: Mapping[str, str] = MappingProxyType(
    {
        "see_plant": Worded("see the board, lines, stations, the proof and the plant file"),
        "see_journal": Worded("read the journal, its entries and proofs"),
        "see_people": Worded("see persons and their roles"),
        "try_changes": Worded("try changes of the plant on the twin"),
        "report_production": Worded("report units and code stops"),
        "end_safety_stop": Worded("end a stop for somebody's safety"),
        "release_orders": Worded("release orders and close them"),
        "open_lots": Worded("open, split, merge and close lots"),
        "approve_starts": Worded("approve as a second person that a station may run"),
        "override_holds": Worded("let a held station run although something is missing"),
        "receive_stock": Worded("receive material and register containers"),
        "move_stock": Worded("move, consume and scrap stock, fill and empty containers, send units for rework"),
        "release_stock": Worded("release, block and reserve stock"),
        "destroy_stock": Worded("destroy scrap, and witness it when another person does"),
        "ship_stock": Worded("ship units and containers"),
        "count_stock": Worded("count stock by hand, where they did not move it"),
        "adjust_stock": Worded("begin and close stocktaking, and bring the book to what was found"),
        "correct": Worded("withdraw or replace what was reported"),
        "close_balances": Worded("accept the unit balance of a lot"),
        "read_documents": Worded("say that they have read and understood a document"),
        "write_documents": Worded("write work instructions and forms"),
        "approve_documents": Worded("approve work instructions and forms, put them in force and withdraw them"),
        "amend_plant": Worded("put another plant file in force"),
        "manage_people": Worded("enrol persons, grant and withdraw roles"),
        "send_events": Worded("send what machines and devices tell"),
        "witness": Worded("take and cosign checkpoints of the journal"),
    }
)
"""Each act and what it means."""

AT_STATION = frozenset({"see_plant", "report_production", "move_stock", "read_documents"})
"""An operator's acts: a badge or a PIN at a shared tablet is proof enough for them; any other needs the own password."""

ALONE = frozenset(
    {
        "see_plant",
        "see_journal",
        "see_people",
        "try_changes",
        "read_documents",
        "write_documents",
        "approve_starts",
        "send_events",
        "witness",
        "count_stock",
    }
)
"""Acts that no second person can approve: they change nothing that waits for an answer, or have an approval of their own."""
