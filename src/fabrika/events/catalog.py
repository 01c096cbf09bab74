"""Every kind of event there is, by its type and version; the journal can hold nothing else.

A room's kinds stand in a file of its own and are listed in its ``KINDS``. A kind that changes gets a new version: its
new class takes the name, the old class stays beside it, and an :class:`Upcast` makes the new out of the old when it is
read. Stored bytes are never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from fabrika.errors import UnknownEventError
from fabrika.events import documents, house, inventory, plant, production
from fabrika.events.event import Event


class Upcast(NamedTuple):
    """How an event of an older version becomes one of the next.

    Attributes:
        old: the class of the older version, with its own ``VERSION``.
        new: makes the next version's event out of it; total, and of nothing but its argument.
    """

    old: type[Event]
    new: Callable[[Any], Event]


class Catalog:
    """The kinds of event that a program knows.

    Args:
        kinds: the current class of every type.
        upcasts: one for every older version that was ever released.

    Raises:
        ValueError: a type is listed twice, or a version between an old and the current one has no upcast.
    """

    def __init__(self, kinds: Iterable[type[Event]], upcasts: Iterable[Upcast] = ()) -> None:
        self.kinds = tuple(kinds)
        self._decoders: dict[tuple[str, int], msgspec.json.Decoder[Event]] = {}
        self._upcasts: dict[tuple[str, int], Callable[[Any], Event]] = {}
        self._older: dict[type[Event], Callable[[Any], Event]] = {}
        for kind in self.kinds:
            self._add(kind)
        for upcast in upcasts:
            self._add(upcast.old)
            self._upcasts[upcast.old.NAME, upcast.old.VERSION] = upcast.new
            self._older[upcast.old] = upcast.new
        for kind in self.kinds:
            older = [version for version in range(1, kind.VERSION) if (kind.NAME, version) not in self._upcasts]
            if older:
                raise ValueError(f"{kind.NAME} {older[0]} has no upcast")

    def _add(self, kind: type[Event]) -> None:
        if "." not in kind.NAME or (kind.NAME, kind.VERSION) in self._decoders:
            raise ValueError(f"{kind.__name__} has no type name of its own")
        self._decoders[kind.NAME, kind.VERSION] = msgspec.json.Decoder(kind)

    def decode(self, name: str, version: int, body: bytes | msgspec.Raw) -> Event:
        """The event of a body as it was written, in its own version.

        Raises:
            UnknownEventError: the type or version is not in this catalog.
            msgspec.ValidationError: the body has not the fields of its kind.
        """
        decoder = self._decoders.get((name, version))
        if decoder is None:
            raise UnknownEventError(f"The event type {name!r} in version {version} is not known.")
        return decoder.decode(body)

    def current(self, event: Event) -> Event:
        """The event in the version that the rooms speak today."""
        while (upcast := self._older.get(type(event))) is not None:
            event = upcast(event)
        return event


CATALOG = Catalog([*house.KINDS, *plant.KINDS, *production.KINDS, *documents.KINDS, *inventory.KINDS])
"""The kinds of event of this version of Fabrika."""
