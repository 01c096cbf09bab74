"""All rooms as one state: one fold over the book, one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from fabrika.journal.entries import Fact
from fabrika.journal.view import Reducer


class House:
    """The reducer of all rooms together; see :class:`fabrika.journal.view.Reducer`.

    A fact is told only to the rooms that hear its kind, as a room's ``hears`` says.

    Args:
        rooms: the rooms' reducers by name.
    """

    name = "house"

    def __init__(self, rooms: Mapping[str, Reducer[Any]]) -> None:
        self.rooms = dict(sorted(rooms.items()))
        versions = "".join(f"{name} {room.version}\n" for name, room in self.rooms.items())
        self.version = int.from_bytes(sha256(versions.encode()).digest()[:4], "big")
        # Those who do not say what they hear are told everything.
        self._others = [(room.apply, name) for name, room in self.rooms.items() if not hasattr(room, "hears")]
        self._hearers: dict[type, list[tuple[Callable[[Any, Fact], None], str]]] = {}
        for name, room in self.rooms.items():
            for kind in getattr(room, "hears", ()):
                self._hearers.setdefault(kind, list(self._others)).insert(0, (room.apply, name))

    def empty(self) -> dict[str, Any]:
        """Every room before the first fact."""
        return {name: room.empty() for name, room in self.rooms.items()}

    def apply(self, state: dict[str, Any], fact: Fact) -> None:
        """Tell a fact to those who hear it."""
        for apply, name in self._hearers.get(type(fact.event), self._others):
            apply(state[name], fact)

    def dump(self, state: dict[str, Any]) -> bytes:
        """The rooms' own bytes, by name."""
        return msgspec.msgpack.encode([(name, room.dump(state[name])) for name, room in self.rooms.items()])

    def load(self, data: bytes) -> dict[str, Any]:
        """What :meth:`dump` gave."""
        found = dict(msgspec.msgpack.decode(data, type=list[tuple[str, bytes]]))
        return {name: room.load(found[name]) for name, room in self.rooms.items()}
