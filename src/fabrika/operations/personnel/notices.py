"""What somebody proposed and a second person must answer."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.operations.personnel.pages import proposals
from fabrika.operations.personnel.state import PersonnelState
from fabrika.page import Asked, Notice, Source, States
from fabrika.wording import Worded


def _proposals(states: States, asked: Asked) -> Iterator[Notice]:
    personnel: PersonnelState = states["personnel"]
    for row in proposals(personnel, asked):
        if row.outcome == "open":
            yield Notice(
                priority="medium" if row.may_approve else "low",
                kind="proposal",
                subject=row.proposal,
                path="/people",
                since_us=row.at_us,
                sentence=Worded("{person} proposed what needs a second person.", person=row.person),
                remedy=Worded("Approve or reject it.")
                if row.may_approve
                else Worded("Somebody else whose roles allow it approves or rejects it."),
            )


NOTICES: tuple[Source, ...] = (_proposals,)
