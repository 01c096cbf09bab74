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
from fabrika.standing import Standing
from fabrika.wording import Worded


class Amend(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The SHA-256 of a plant file that is in the content store already, and why it is put in force."""

    file: Digest
    reason: Text


def amend(
    state: EditionsState, asked: Asked, form: Amend, new: Plant, open_work: Sequence[Standing]
) -> Sequence[Event]:
    """The plant file is replaced by a later edition of the same plant.

    Args:
        state: the editions so far.
        asked: who asks.
        form: what was asked.
        new: the plant that the file describes.
        open_work: for everything that the new file no longer has, whether open work needs it.

    Raises:
        ActRefusedError: it is another plant's file, the one in force, or open work would lose what it needs.
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
    for found in open_work:
        if not found.fit:
            raise ActRefusedError(found.reason, Worded("Close the lot first, or keep what it needs in the new file."))
    assert asked.person is not None, "who gives a command has signed in"
    return [
        Amended(
            file=form.file,
            edition=newest.number + 1,
            previous_file=newest.file,
            reason=form.reason,
            person=asked.person,
        )
    ]
