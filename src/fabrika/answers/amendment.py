"""Putting another plant file in force: what the editions allow, and what open lots need."""

from __future__ import annotations

from collections.abc import Sequence

from fabrika.errors import ActRefusedError, NotFoundError, PlantFileError
from fabrika.events.event import Event
from fabrika.operations.editions.removal import removed
from fabrika.operations.editions.rules import Amend, amend
from fabrika.operations.production.rules import standing
from fabrika.page import Asked, Command, Shelf, States
from fabrika.wording import Worded


def decide(states: States, asked: Asked, form: Amend) -> Sequence[Event]:
    """The plant file is replaced, if it is one and open work loses nothing.

    Raises:
        ActRefusedError: it may not be.
    """
    shelf: Shelf = states["shelf"]
    try:
        new = shelf.plant(form.file)
    except NotFoundError:
        raise ActRefusedError(
            Worded("The file is not in the content store."), Worded("Hand in the file first.")
        ) from None
    except PlantFileError as error:
        raise ActRefusedError(
            Worded("The file has {count} problems: it is no plant yet.", count=len(error.problems)),
            Worded("Run `fabrika check` with it and correct what it names."),
        ) from None
    lost = [standing(states["production"], subject) for subject in removed(asked.plant, new)]
    return amend(states["editions"], asked, form, new, lost)


COMMANDS: tuple[Command, ...] = (
    Command(name="editions.amend", title=Worded("Put in force"), act="amend_plant", form=Amend, decide=decide),
)
