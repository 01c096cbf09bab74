"""Which tool works at a station: a person says that another was put in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.events.fields import Id
from fabrika.events.production import ToolChanged
from fabrika.operations.production.outline import outline
from fabrika.page import Asked, Command, States
from fabrika.plant.kinds import KINDS
from fabrika.wording import Worded

ToolId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z", max_length=60)]
"""The number of a tool as it stands on it: ASCII letters, digits and ``._-``, at most 60."""


class ChangeTool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The station, the tool that works there from now on, and the one that was taken out, if one was."""

    station: Id
    tool: ToolId
    taken_out: ToolId | None = None


def change_tool(_states: States, asked: Asked, form: ChangeTool) -> Sequence[Event]:
    """Another tool works at a station from now on."""
    place = outline(asked.plant).place(form.station)
    asked.require("report_production", place.area)
    if KINDS[place.station.kind].primitive == "transport":
        raise ActRefusedError(
            Worded("{station} carries what others make; it has no tool.", station=place.station.name or form.station),
            Worded("Choose a station that works."),
        )
    if form.tool == form.taken_out:
        raise ActRefusedError(
            Worded("The tool that was taken out is the one that was put in."),
            Worded("Leave the one before out if it is the same tool again."),
        )
    return [ToolChanged(station=form.station, tool=form.tool, before=form.taken_out, person=asked.actor)]


COMMANDS: tuple[Command, ...] = (
    Command(
        name="production.change_tool",
        title=Worded("Another tool was put in"),
        act="report_production",
        form=ChangeTool,
        decide=change_tool,
        queues=True,
    ),
)
