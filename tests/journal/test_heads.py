"""The last message of every source, read when it is asked for."""

from __future__ import annotations

import pytest

from fabrika.errors import BookDamagedError
from fabrika.events.catalog import CATALOG
from fabrika.journal.book import Book
from fabrika.journal.heads import Heads
from journal.books import EPOCH, opened, told


def test_heads_are_those_of_the_book_and_read_one_at_a_time(monkeypatch):
    book = opened()
    for name in ("one", "two", "three"):
        told(book, 1, 2, source=name)
    read = []
    original = book.storage.read
    monkeypatch.setattr(book.storage, "read", lambda *places: (read.append(places), original(*places))[1])
    heads = Heads(book.storage, CATALOG)
    assert len(heads) == 4
    assert ("two", EPOCH) in heads
    assert ("four", EPOCH) not in heads
    assert heads.get(("four", EPOCH)) is None
    assert not read
    assert heads["two", EPOCH] == book.heads["two", EPOCH]
    assert len(read) == 1
    assert heads == book.heads
    assert len(heads) == 4
    heads["four", EPOCH] = (0, "d" * 64)
    heads["one", EPOCH] = (7, "e" * 64)
    assert (len(heads), heads["one", EPOCH][0]) == (5, 7)
    del heads["four", EPOCH]
    assert ("four", EPOCH) not in heads


def test_a_source_beyond_the_end_is_damage():
    book = opened()
    told(book, 1)
    book.storage._entries.pop()
    with pytest.raises(BookDamagedError, match="position 1 is missing"):
        Heads(book.storage, CATALOG)
    with pytest.raises(BookDamagedError):
        Book(book.storage, book.files)
