"""What a page is, and what can be done from it. A face makes HTML, JSON and a terminal's table of the same page.

A page is a pure function of what the rooms know and of what was asked. A command decides: it returns the events that will
have happened, or refuses and says what is missing and who can mend it. Neither knows a browser, a clock or a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from fabrika.events.event import Event
from fabrika.plant.model import Plant

States = Mapping[str, Any]
"""What the rooms know, by the room's name; each is the state that the room's reducer folds."""


class Asked(Struct, frozen=True, kw_only=True):
    """Who asks for what, as of when.

    Attributes:
        at_us: the instant that the answer is for, microseconds since 1970 UTC.
        position: entries of the book that the states hold.
        plant: the edition of the plant file that is in force.
        edition: its number, 1 for the first.
        kind: ``plant`` or ``twin``, as the book is.
        person: the id of the person who asks; absent if nobody is signed in.
        may: the acts that this person's roles allow.
        names: what stands in the path in place of its ``{names}``.
        query: what was asked beside the path.
    """

    at_us: int
    position: int
    plant: Plant
    edition: int
    kind: str
    person: str | None = None
    may: frozenset[str] = frozenset()
    names: Mapping[str, str] = {}
    query: Mapping[str, str] = {}


_NAME = re.compile(r"\{([a-z_]+)\}")


class Page(Struct, frozen=True, kw_only=True):
    """One page of the plant.

    Attributes:
        name: its own name, ``room.page``; the face's template has the same.
        path: where it lies, with ``{names}``: ``/stations/{station}``. The same path with ``.json`` is for programs.
        title: a message; what the page is called.
        act: what a person's role must allow for it to be seen.
        build: makes its context, a struct of plain values; raises :class:`fabrika.errors.NotFoundError` for a name that
            stands for nothing.
        commands: names of the commands that can be given from it.
    """

    name: str
    path: str
    title: str
    act: str
    build: Callable[[States, Asked], Struct]
    commands: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names in its path."""
        return tuple(_NAME.findall(self.path))

    def at(self, **names: str) -> str:
        """Its path with the names filled in."""
        return self.path.format(**names)


class Command(Struct, frozen=True, kw_only=True):
    """Something a person can do.

    Attributes:
        name: ``room.verb``: ``production.code_stop``. It is given by POST to ``/do/<name>``.
        title: a message; the words on its button.
        act: what a person's role must allow; the plant file may want a second person for it.
        form: the struct of its fields; a face checks what was entered against it before it is decided.
        decide: the events that follow; raises :class:`fabrika.errors.ActRefusedError`.
    """

    name: str
    title: str
    act: str
    form: type[Struct]
    decide: Callable[[States, Asked, Any], Sequence[Event]]
