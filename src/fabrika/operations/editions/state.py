"""Which plant file counts, and since when: folded from ``plant.adopted`` and ``plant.amended``."""

from __future__ import annotations

from typing import assert_never

import msgspec
from msgspec import Struct

from fabrika.events.plant import Adopted, Amended
from fabrika.journal.entries import Fact


class Edition(Struct, kw_only=True):
    """One edition of the plant file.

    Attributes:
        number: 1 for the first.
        file: its SHA-256 in the content store.
        at_us: since when it counts.
        position: the entry that put it in force.
    """

    number: int
    file: str
    at_us: int
    position: int
    person: str | None = None
    reason: str | None = None


class EditionsState(Struct):
    """All editions, the oldest first; the last counts."""

    editions: list[Edition] = []

    @property
    def newest(self) -> Edition | None:
        """The edition in force, None before a plant was adopted."""
        return self.editions[-1] if self.editions else None


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(EditionsState)


class Editions:
    """See :class:`fabrika.journal.view.Reducer`."""

    name = "editions"
    version = 1
    hears: tuple[type, ...] = (Adopted, Amended)

    def empty(self) -> EditionsState:
        """No edition."""
        return EditionsState()

    def apply(self, state: EditionsState, fact: Fact) -> None:
        """One more edition."""
        event = fact.event
        if not isinstance(event, Adopted | Amended):
            return
        found = Edition(number=event.edition, file=event.file, at_us=fact.message.at_us, position=fact.position)
        match event:
            case Adopted():
                pass
            case Amended():
                found.person, found.reason = event.person, event.reason
            case _:
                assert_never(event)
        state.editions.append(found)

    def dump(self, state: EditionsState) -> bytes:
        """Canonical JSON."""
        return _encoder.encode(state)

    def load(self, data: bytes) -> EditionsState:
        """What :meth:`dump` gave."""
        return _decoder.decode(data)


REDUCER = Editions()
