"""What a source needs in order to speak: its next number and the digest of what it said before."""

from __future__ import annotations

from typing import Any

from fabrika.events.catalog import CATALOG, Catalog
from fabrika.events.codec import Written, digest, write
from fabrika.events.event import Event
from fabrika.events.fields import Key


class Pen:
    """Writes the messages of one source and epoch, each chained to the one before.

    Args:
        plant: the plant's id.
        next_key: identity of the next message.
        previous: digest of the message before, None if there is none.
        catalog: the kinds of event.
    """

    def __init__(self, plant: str, next_key: Key, previous: str | None = None, catalog: Catalog = CATALOG) -> None:
        self.plant, self.next_key, self.previous, self.catalog = plant, next_key, previous, catalog

    def write(self, event: Event, at_us: int, **fields: Any) -> Written:
        """An event as this source's next message.

        Args:
            event: what happened.
            at_us: when, microseconds since 1970 UTC.
            fields: actor, device, edge_at_us, cause, correction_of, files, request; see :func:`fabrika.events.codec.write`.

        Raises:
            EventRefusedError: a field has not the form it must have; the message does not count.
        """
        key = self.next_key
        written = write(
            event, key, plant=self.plant, at_us=at_us, previous=self.previous, catalog=self.catalog, **fields
        )
        self.next_key = Key(key.source, key.epoch, key.sequence + 1)
        self.previous = digest(written.data)
        return written
