"""One line of an order's readiness."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Row(Struct, frozen=True, kw_only=True):
    """Something that is ready, is not, or of which nothing is known.

    Attributes:
        sentence: what is so.
        remedy: what to do and who can; None if nothing need be done.
        persons: who is meant, by their ids.
        languages: in which a document is written, by their codes.
        since_us: since when it is so, if that is known.
        path: where it is looked after.
    """

    state: Literal["ready", "not_ready", "unknown"]
    sentence: str
    remedy: str | None = None
    persons: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since_us: int | None = None
    path: str | None = None
