"""What every event is: a frozen record with a type name and a version."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A fact that happened; never edited, and never something that could be computed.

    A field that may be absent has the default None and is then not written. A kind of event says its name and version:
    ``class UnitsCounted(Event, ...): NAME = "production.units_counted"``; the version is 1 unless the class says more.
    """

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A record inside an event."""
