"""What is told of the plant file: which one counts, and since when."""

from __future__ import annotations

from typing import ClassVar

from fabrika.events.event import Event
from fabrika.events.fields import Count, Digest, Id, Text


class Adopted(Event, frozen=True, kw_only=True):
    """The plant file that counts from the beginning.

    Attributes:
        file: SHA-256 of the plant file, which lies in the content store.
        edition: 1.
    """

    NAME: ClassVar[str] = "plant.adopted"
    file: Digest
    edition: Count


class Amended(Event, frozen=True, kw_only=True):
    """Another plant file counts from here on; lots keep the edition under which they were opened.

    Attributes:
        edition: one more than the edition before.
        person: who answers for the change.
    """

    NAME: ClassVar[str] = "plant.amended"
    file: Digest
    edition: Count
    previous_file: Digest
    reason: Text
    person: Id


KINDS: tuple[type[Event], ...] = (Adopted, Amended)
