"""Many writers, one commit: a thread gathers what came in while the disk was busy and writes it together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from fabrika.errors import BookError, StorageFailedError
from fabrika.events.codec import Written
from fabrika.journal.book import Book, Receipt
from fabrika.storage.gathering import Gathering

MOST_TOGETHER = 2_000
"""Submissions that share a commit at most."""

_Submission = tuple[Sequence[Written], "Future[list[Receipt]]"]


class GroupCommit:
    """Appends for many threads; an answer comes only once it is durable.

    Args:
        book: used by this object's thread alone from here on.
        now_us: the clock, microseconds since 1970 UTC.
    """

    def __init__(self, book: Book, now_us: Callable[[], int]) -> None:
        self._book, self._now_us = book, now_us
        self._waiting: Gathering[_Submission | None] = Gathering()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal writer", daemon=True)
        self._thread.start()

    def submit(self, messages: Sequence[Written]) -> Future[list[Receipt]]:
        """Hand in messages that are taken all or none; the future holds their receipts, or the refusal."""
        future: Future[list[Receipt]] = Future()
        if self._closed.is_set():
            future.set_exception(StorageFailedError("The journal is closed."))
        else:
            self._waiting.put((messages, future))
        return future

    def append(self, messages: Sequence[Written]) -> list[Receipt]:
        """Append and wait until it is durable; see :meth:`fabrika.journal.book.Draft.admit` for the refusals."""
        return self.submit(messages).result()

    def close(self) -> None:
        """Write what was handed in and end; the book is the caller's again."""
        self._closed.set()
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            together = self._waiting.take(MOST_TOGETHER)
            going = None not in together
            self._write([submission for submission in together if submission is not None])
        while rest := self._waiting.take(MOST_TOGETHER, 0):
            self._write([submission for submission in rest if submission is not None])

    def _write(self, together: list[_Submission]) -> None:
        accepted: list[tuple[Future[list[Receipt]], list[Receipt]]] = []
        begun_s = time.monotonic()
        try:
            draft = self._book.draft(self._now_us())
            for messages, future in together:
                try:
                    accepted.append((future, draft.admit(messages)))
                except BookError as refusal:
                    future.set_exception(refusal)
            self._book.commit(draft)
        except Exception as failure:  # noqa: BLE001 - whoever waits must hear of it
            for _, future in together:
                if not future.done():
                    future.set_exception(failure)
            return
        self._waiting.answered(len(together), time.monotonic() - begun_s)
        for future, receipts in accepted:
            future.set_result(receipts)
