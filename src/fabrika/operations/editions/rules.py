"""When another plant file may be put in force."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fabrika.errors import ActRefusedError
from fabrika.events.event import Event
from fabrika.events.fields import Digest, Text
from fabrika.events.plant import Amended
from fabrika.operations.editions.state import EditionsState
from fabrika.page import Asked
from fabrika.plant.model import Plant
from fabrika.plant.open_work import Reason
from fabrika.wording import Worded, joined

MOST_TOLD = 5
"""Reasons that a refusal tells at most."""


class Amend(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The SHA-256 of a plant file that is in the content store already, and why it is put in force."""

    file: Digest
    reason: Text


def amend(state: EditionsState, asked: Asked, form: Amend, new: Plant, reasons: Sequence[Reason]) -> Sequence[Event]:
    """The plant file is replaced by a later edition of the same plant.

    Args:
        state: the editions so far.
        asked: who asks.
        form: what was asked.
        new: the plant that the file describes.
        reasons: what would break if the file were put in force.

    Raises:
        ActRefusedError: it is another plant's file, the one in force, or open work would break.
    """
    newest = state.newest
    if newest is None or new.id != asked.plant.id:
        raise ActRefusedError(
            Worded("This is a file of the plant {other}, not of {plant}.", other=new.id, plant=asked.plant.id),
            Worded("The plant's id is fixed for ever; write it as it is in the file in force."),
        )
    if newest.file == form.file:
        raise ActRefusedError(
            Worded("This is the file that is in force."), Worded("Choose a file that differs from it.")
        )
    if reasons:
        told = reasons[:MOST_TOLD]
        raise ActRefusedError(
            joined([reason.wrong for reason in told], " "),
            joined(list(dict.fromkeys(reason.remedy for reason in told)), " "),
        )
    return [
        Amended(
            file=form.file,
            edition=newest.number + 1,
            previous_file=newest.file,
            reason=form.reason,
            person=asked.actor,
        )
    ]
