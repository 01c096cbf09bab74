"""A book that moves from its folder into a database, and everything that is done with a book there."""

from __future__ import annotations

import stat

import pytest

from fabrika.app import book_move
from fabrika.app.book_copies import back_up, restore
from fabrika.app.book_folder import BookFolder
from fabrika.errors import BookDamagedError, BookInUseError, StorageRefusedError
from fabrika.faces.cli.app import call
from fabrika.journal.verify import verify
from fabrika.storage.postgres import PostgresReader
from journal.books import AT, EPOCH, told, units


@pytest.fixture
def data(tmp_path):
    folder = BookFolder(tmp_path / "data")
    book = folder.create("kosovo", "plant")
    told(book, *range(598))
    book.append([book.pen("lab", EPOCH).write(units(), AT, files=(book.files.put(b"certificate"),))], AT)
    book.sign(folder.signer(book.head().origin))
    book.storage.close()
    return folder


def test_a_book_that_moved_keeps_its_root_and_goes_on(data, postgres, capsys, tmp_path):
    book = data.open()
    before = book.head()
    book.storage.close()
    assert call(["journal", "move", "--data", str(data.folder), "--to", postgres.database()]) == 0
    assert before.root.hex() in capsys.readouterr().out
    assert not data.journal.exists()
    assert stat.S_IMODE(data.address.stat().st_mode) == 0o600
    assert call(["journal", "verify", "--data", str(data.folder)]) == 0
    assert "600 entries, 1 files" in capsys.readouterr().out
    for words in (
        ["head", "--sign"],
        ["prove", "17"],
        ["witness", "--as", str(tmp_path / "w"), "--name", "w.example/w"],
    ):
        assert call(["journal", *words, "--data", str(data.folder)]) == 0
    assert call(["journal", "export", "--data", str(data.folder), "--to", str(tmp_path / "log")]) == 0
    book = data.open()
    assert book.head() == before
    told(book, 7)
    with pytest.raises(BookInUseError):
        data.open()
    book.storage.close()
    with pytest.raises(StorageRefusedError, match="lies in a database already"):
        book_move.move(data, postgres.database())
    with pytest.raises(StorageRefusedError, match="names a journal already"):
        data.create("kosovo", "plant")


def test_a_backup_of_a_database_is_a_file_that_restores_anywhere(data, postgres, tmp_path):
    book_move.move(data, postgres.database())
    assert back_up(data, tmp_path / "backup").size == 600
    restored = restore(BookFolder(tmp_path / "backup"), tmp_path / "new", [])
    assert (restored.size, restored.missing) == (600, 0)
    again = BookFolder(tmp_path / "new")
    moved = book_move.move(again, postgres.database())
    assert (moved.origin, moved.size) == ("kosovo/plant/2", 601)
    reader = again.reader()
    assert isinstance(reader, PostgresReader)
    assert verify(reader, again.content(), again.trusted()).whole
    reader.close()


def test_a_move_that_fails_leaves_the_folder_as_it_was(data, postgres, monkeypatch):
    address = postgres.database()
    with monkeypatch.context() as patch:
        patch.setattr(book_move, "copy_book", lambda source, target: None)
        with pytest.raises(BookDamagedError, match="does not verify"):
            book_move.move(data, address)
    assert data.database() is None
    with pytest.raises(StorageRefusedError, match="already"):
        book_move.move(data, address)  # the half copy is in the way, and is told
    book_move.move(data, postgres.database())


def test_two_books_and_an_address_that_others_read_are_refused(data, postgres):
    address = postgres.database()
    data.address.write_text(address)
    data.address.chmod(0o600)
    with pytest.raises(StorageRefusedError, match="beside the address of another"):
        data.reader()
    data.address.unlink()
    book_move.move(data, address)
    data.address.chmod(0o640)
    with pytest.raises(StorageRefusedError, match="Others may read"):
        data.open()
