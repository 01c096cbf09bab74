"""Which documents must be read, or approved."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.operations.documents.pages import rows
from fabrika.page import Asked, Notice, Source, States
from fabrika.wording import Worded

DAY_US = 86_400_000_000
UNAPPROVED_US = 7 * DAY_US
"""A draft of a document that waits for longer needs somebody who approves it."""


def _documents(states: States, asked: Asked) -> Iterator[Notice]:
    for row in rows(states["documents"], asked):
        if row.must_read:
            yield Notice(
                priority="low",
                kind="must_read",
                subject=row.document,
                path=row.path,
                since_us=row.since_us,
                sentence=Worded(
                    "{title}: persons who must read again what is in force now: {count}.",
                    title=row.title,
                    count=row.must_read,
                ),
                remedy=Worded("The document's page names them; each says there that they have read and understood it."),
            )
        if row.waiting_since_us is not None and asked.at_us - row.waiting_since_us > UNAPPROVED_US:
            yield Notice(
                priority="low",
                kind="unapproved",
                subject=row.document,
                path=row.path,
                since_us=row.waiting_since_us,
                sentence=Worded(
                    "{title}: revision {revision} waits for approval.", title=row.title, revision=row.waiting
                ),
                remedy=Worded("Somebody who may approve documents, and did not write it, approves or withdraws it."),
            )


NOTICES: tuple[Source, ...] = (_documents,)
