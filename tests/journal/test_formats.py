"""Every format that was ever released loads for ever, and says the same."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fabrika.errors import UnknownEventError
from fabrika.events.catalog import CATALOG
from fabrika.events.codec import digest
from fabrika.journal.book import Book
from fabrika.journal.checkpoint import Checkpoint, cosignatures
from fabrika.journal.corrections import facts
from fabrika.journal.entries import checked_fact
from fabrika.journal.merkle import leaf_hash
from fabrika.journal.note import Note, Signer
from fabrika.journal.port import Batch
from fabrika.journal.tiles import Tree
from fabrika.journal.verify import verify
from fabrika.storage.memory import MemoryFiles, MemoryStorage
from journal.books import WITNESS_KEY

FOLDER = Path(__file__).with_name("formats")
KEY = Signer("kosovo/plant/2", b"b" * 32)
STATES = {"1": "b16c407ae4432aa76dddf67a2e5703e10b3d5f924a65efd544cb9d0eb5f356d6"}
"""Digest of what each book says in the words of its own version; a change here rewrites the past."""


def loaded(version):
    """A released book in memory."""
    entries = (FOLDER / f"{version}.entries").read_bytes().splitlines()
    storage, files, tree = MemoryStorage(), MemoryFiles(), Tree()
    for data in entries:
        tree.append(leaf_hash(data))
    keys = [checked_fact(position, data).key for position, data in enumerate(entries)]
    storage.append(Batch(0, entries, keys, tree.take_full()))
    files.put(b"certificate\n")
    note = (FOLDER / f"{version}.checkpoint").read_text(encoding="utf-8")
    storage.keep_checkpoint(Checkpoint.parse(Note.parse(note).text).size, note)
    return Book(storage, files)


@pytest.mark.parametrize("version", STATES)
def test_a_released_book_is_whole_and_goes_on(version):
    book = loaded(version)
    result = verify(book.storage, book.files, [KEY.verifier, WITNESS_KEY.verifier])
    assert result.findings == []
    assert [row.size for row in result.coverage] == [book.size, book.size]
    ((_, text),) = book.storage.checkpoints()
    assert Checkpoint.parse(Note.parse(text).text) == book.head()
    assert cosignatures(Note.parse(text), [WITNESS_KEY.verifier]) == {WITNESS_KEY.verifier.name: 1_795_000_100}


@pytest.mark.parametrize("version", STATES)
def test_a_released_book_says_what_it_said(version):
    spoken = msgspec.json.Encoder(order="sorted").encode
    said = [spoken([fact.position, fact.message.type, fact.event]) for fact in facts(loaded(version).storage)]
    assert digest(b"\n".join(said)) == STATES[version]


def test_the_first_book_holds_every_kind_of_its_time():
    told = {fact.message.type for fact in facts(loaded("1").storage)} | {"house.corrected"}
    assert told <= {kind.NAME for kind in CATALOG.kinds}
    assert len(told) == 25


def test_an_older_program_refuses_a_newer_book():
    line = (FOLDER / "1.entries").read_bytes().splitlines()[0]
    with pytest.raises(UnknownEventError):
        checked_fact(0, line.replace(b'"version":1', b'"version":2'))
