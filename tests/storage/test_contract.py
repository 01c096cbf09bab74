"""What every storage must do; each runs through all of it."""

from __future__ import annotations

import pytest

from fabrika.errors import BookDamagedError, IdentityConflictError
from fabrika.events.codec import digest
from fabrika.events.fields import Key
from fabrika.journal.book import Book, Receipt
from fabrika.journal.copying import copy_book, copy_files
from fabrika.journal.merkle import leaf_hash, root_of
from fabrika.journal.pen import Pen
from fabrika.journal.verify import verify
from fabrika.storage.files import FolderFiles
from fabrika.storage.memory import MemoryFiles, MemoryStorage
from fabrika.storage.postgres import PostgresReader, PostgresStorage
from fabrika.storage.sqlite import SqliteReader, SqliteStorage
from journal.books import AT, BOOK_KEY, EPOCH, OTHER_EPOCH, opened, told, units

KINDS = ("memory", "sqlite", "postgres")


class Place:
    """Makes empty storages of one kind, and opens one again as if the process had ended."""

    def __init__(self, kind, folder, request):
        self.kind, self.folder, self.made = kind, folder, 0
        self.server = request.getfixturevalue("postgres") if kind == "postgres" else None

    def empty(self):
        self.made += 1
        if self.kind == "memory":
            return MemoryStorage(), MemoryFiles()
        folder = self.folder / str(self.made)
        folder.mkdir()
        files = FolderFiles(folder / "files", writes=True)
        if self.kind == "postgres":
            return PostgresStorage.created(self.server.database()), files
        return SqliteStorage.created(folder / "journal.sqlite"), files

    def again(self, storage):
        if self.kind == "memory":
            return storage
        storage.close()
        return PostgresStorage(storage.conninfo) if self.kind == "postgres" else SqliteStorage(storage.path)

    def follower(self, storage):
        if self.kind == "memory":
            return storage
        return PostgresReader(storage.conninfo) if self.kind == "postgres" else SqliteReader(storage.path)


@pytest.fixture(params=KINDS)
def place(request, tmp_path):
    return Place(request.param, tmp_path, request)


@pytest.fixture
def book(place):
    book = opened(*place.empty())
    yield book
    book.storage.close()


def test_an_empty_storage_is_empty(place):
    storage, files = place.empty()
    assert (storage.size(), list(storage.read()), storage.heads(), storage.tile(0, 0)) == (0, [], {}, b"")
    assert (list(storage.checkpoints()), storage.last_checkpoint(), list(storage.findings())) == ([], None, [])
    assert storage.find(Key("a", EPOCH, 0)) is None
    assert (list(files.digests()), list(files.findings())) == ([], [])
    storage.close()


def test_what_is_written_is_read_found_and_verified(place, book):
    for start in range(0, 1_100, 100):
        told(book, *range(start, start + 100))
    told(book, 5, 6, source="line-2")
    entries = list(book.storage.read())
    assert len(entries) == book.size == 1_103
    assert book.head().root == root_of([leaf_hash(data) for data in entries])
    assert list(book.storage.read(499, 502)) == entries[499:502]
    assert list(book.storage.read(1_100)) == entries[1_100:]
    assert list(book.storage.read(5, 5)) == list(book.storage.read(9_999)) == []
    assert list(book.storage.read(1_102, 9_999)) == entries[1_102:]
    assert book.storage.find(Key("line-1", EPOCH, 700)) == 701
    assert book.storage.find(Key("line-1", OTHER_EPOCH, 700)) is None
    assert book.storage.heads() == {("journal", EPOCH): 0, ("line-1", EPOCH): 1_100, ("line-2", EPOCH): 1_102}
    assert book.storage.heads("line-2") == {("line-2", EPOCH): 1_102}
    assert book.storage.heads("nobody") == {}
    assert book.storage.tile(0, 3) == b"".join(leaf_hash(data) for data in entries[768:1024])
    assert book.storage.tile(0, 4) == book.storage.tile(1, 0) == b""
    book.sign(BOOK_KEY)
    assert verify(book.storage, book.files, [BOOK_KEY.verifier]).findings == []
    follower = place.follower(book.storage)
    assert list(follower.read()) == entries
    assert verify(follower, book.files, [BOOK_KEY.verifier]).whole
    follower.close()


def test_a_storage_that_is_opened_again_goes_on(place, book):
    told(book, *range(300))
    head = book.head()
    again = Book(place.again(book.storage), book.files)
    assert again.head() == head
    assert told(again, 1, source="line-2")[0].message.sequence == 0
    assert told(again, 1)[0].message.sequence == 300
    book.storage = again.storage
    assert not list(again.storage.findings())


def test_repetitions_are_told_and_conflicts_raised_long_after(place, book):
    messages = told(book, *range(40))
    again = Book(place.again(book.storage), book.files)
    book.storage = again.storage
    assert again.append(messages[10:12], AT) == [Receipt(11, fresh=False), Receipt(12, fresh=False)]
    forged = Pen("kosovo", Key("line-1", EPOCH, 10), messages[9].message.previous).write(units(9), AT)
    with pytest.raises(IdentityConflictError):
        again.append([forged], AT)


def test_checkpoints_are_kept_and_one_of_the_same_size_is_replaced(place, book):
    first = str(book.sign(BOOK_KEY))
    book.storage.keep_checkpoint(1, first + "— w YWFhYWE=\n")
    told(book, 1)
    second = str(book.sign(BOOK_KEY))
    assert list(book.storage.checkpoints()) == [(1, first + "— w YWFhYWE=\n"), (2, second)]
    assert [size for beyond in (-1, 0, 1, 2) for size, _ in book.storage.checkpoints(beyond)] == [1, 2, 1, 2, 2]
    assert book.storage.last_checkpoint() == (2, second)


def test_large_entries_are_kept_byte_for_byte(place, book):
    names = tuple(sorted(book.files.put(bytes([number])) for number in range(256))) * 3
    book.append([book.pen("lab", EPOCH).write(units(), AT, files=names)], AT)
    (data,) = book.storage.read(1)
    assert len(data) > 50_000
    assert verify(book.storage, book.files, []).files == 256


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_has_the_same_root_bytes_and_checkpoints(place, book, kind, tmp_path, request):
    told(book, *range(2_100))
    told(book, *range(3), source="line-2")
    book.files.put(b"certificate")
    book.sign(BOOK_KEY)
    (tmp_path / "copy").mkdir()
    storage, files = Place(kind, tmp_path / "copy", request).empty()
    assert copy_book(book.storage, storage) == book.head().root
    assert (copy_files(book.files, files), copy_files(book.files, files)) == (1, 0)
    assert list(storage.read()) == list(book.storage.read())
    assert list(storage.checkpoints()) == list(book.storage.checkpoints())
    assert verify(storage, files, [BOOK_KEY.verifier]).findings == []
    with pytest.raises(BookDamagedError, match="not empty"):
        copy_book(book.storage, storage)
    storage.close()


def test_files_are_kept_under_their_digest(place):
    storage, files = place.empty()
    name = files.put(b"certificate")
    assert name == files.put(b"certificate") == digest(b"certificate")
    assert files.get(name) == b"certificate"
    assert files.has(name)
    assert not files.has("0" * 64)
    assert list(files.digests()) == [name]
    with pytest.raises(BookDamagedError, match="missing"):
        files.get("0" * 64)
    storage.close()
