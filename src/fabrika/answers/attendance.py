"""Signing on at a station: what production allows, and in which role the person works."""

from __future__ import annotations

from collections.abc import Sequence

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.operations.personnel.state import PersonnelState
from fabrika.operations.production.at_station import SignOn, sign_on
from fabrika.page import Asked, Command, States
from fabrika.plant.roles import role_of
from fabrika.wording import Worded

ACT = "report_production"


def decide(states: States, asked: Asked, form: SignOn) -> Sequence[Event]:
    """Whoever asks signs on, in the first of their roles that reports.

    Raises:
        ActRefusedError: they may not, or have done so already.
        NotFoundError: there is no such station.
    """
    personnel: PersonnelState = states["personnel"]
    held = [found.role for found in personnel.held(asked.person)]
    reporting = [role for role in held if (known := role_of(asked.plant, role)) is not None and ACT in known.may]
    if not reporting:
        raise ActRefusedError(
            Worded("None of your roles reports production."), Worded("Ask somebody who grants roles.")
        )
    return sign_on(states["production"], asked, form, reporting[0])


COMMANDS: tuple[Command, ...] = (
    Command(name="production.sign_on", title=Worded("Sign on"), act=ACT, form=SignOn, decide=decide, queues=True),
)
