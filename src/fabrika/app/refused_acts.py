"""What a person wanted to do and was refused: it leaves a trace in the book, once in a while for each reason.

Not kept are wrong passwords and what was only mistyped in a form, which never reach a rule; nor the same refusal of the same person
again within ten minutes, so that nobody can fill the book by pressing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec import Struct

from fabrika.app.requests import fit_text
from fabrika.errors import ActRefusedError, FabrikaError, NotFoundError
from fabrika.events.house import ActRefused
from fabrika.operations.watch.state import REFUSED_US, WatchState, refused_key
from fabrika.wording import parts

LONGEST_TEXT = 2_000
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}")
"""As :data:`fabrika.events.fields.Id`."""
SUBJECTS = ("station", "container", "subject", "material_lot", "lot", "order", "stocktake", "document")
"""Fields of forms that tell what an act is about, the first that is filled in."""


class Attempt(NamedTuple):
    """What a person wants to do.

    Attributes:
        command: the command's name.
        subject: what it is about, as it was entered; None if it names nothing.
        device: the tablet or terminal.
    """

    command: str
    person: str
    subject: str | None
    device: str | None

    @classmethod
    def of(cls, command: str, person: str, form: Struct | None, device: str | None) -> Attempt:
        """The attempt that a form stands for."""
        values = (getattr(form, name, None) for name in SUBJECTS)
        return cls(command, person, next((value for value in values if isinstance(value, str) and value), None), device)


def kept(watch: WatchState, attempt: Attempt, refusal: FabrikaError, at_us: int) -> ActRefused | None:
    """What the book keeps of a refusal; None if it is none of a rule's, or was kept a short while ago.

    Args:
        watch: what the room knows of refusals before.
        attempt: what was wanted.
        refusal: what the person is told.
        at_us: now.
    """
    if not isinstance(refusal, ActRefusedError | NotFoundError) or not (
        _fits(attempt.command) and _fits(attempt.person)
    ):
        return None
    worded = parts((refusal.problem, refusal.remedy))
    problem, remedy = fit_text(refusal.problem, LONGEST_TEXT), fit_text(refusal.remedy, LONGEST_TEXT)
    last_us = watch.refused.get(refused_key(attempt.person, attempt.command, problem, worded))
    if last_us is not None and 0 <= at_us - last_us < REFUSED_US:
        return None
    return ActRefused(
        command=attempt.command,
        person=attempt.person,
        subject=attempt.subject if _fits(attempt.subject) else None,
        problem=problem,
        remedy=remedy,
        worded=worded,
    )


def _fits(value: str | None) -> bool:
    """Whether a value may stand as an id."""
    return value is not None and ID.fullmatch(value) is not None
