"""Standing: whether something is fit to be relied on now, until when, and because of which entries of the book."""

from __future__ import annotations

from msgspec import Struct


class Standing(Struct, frozen=True, kw_only=True):
    """What one room promises the others of one subject.

    Attributes:
        subject: what is judged, ``room:id``.
        fit: whether it may be relied on at the instant that was asked about.
        until_us: end of validity, microseconds since 1970 UTC; absent if it has none, or is not fit.
        because: positions of the entries that prove it, ascending.
        reason: one sentence that a person reads; where the subject is unfit it says who can mend it.
    """

    subject: str
    fit: bool
    until_us: int | None = None
    because: tuple[int, ...] = ()
    reason: str
