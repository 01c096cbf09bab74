"""SQLite: settings that are refused, faults of the disk, second writers, and every stored bit."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from fabrika.errors import BookDamagedError, BookError, BookInUseError, StorageFailedError, StorageRefusedError
from fabrika.journal.verify import verify
from fabrika.storage import place, sqlite, sqlite_form
from fabrika.storage.files import FolderFiles
from fabrika.storage.memory import MemoryFiles
from fabrika.storage.sqlite import SqliteReader, SqliteStorage
from journal.books import AT, BOOK_KEY, EPOCH, opened, told, units


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite"


@pytest.fixture
def storage(path):
    storage = SqliteStorage.created(path)
    yield storage
    storage.close()


def test_settings_are_made_and_read_back(storage):
    for name, _, expected in sqlite_form.SETTINGS:
        rows = storage._connection.execute(f"PRAGMA {name}").fetchall()
        assert rows == [(expected,)] or (rows == [] and expected == 0), name
    assert storage._connection.execute("PRAGMA application_id").fetchone() == (0x46616272,)


def test_a_setting_that_does_not_take_is_refused():
    connection = apsw.Connection(":memory:")  # a book in memory has no log of writes
    with pytest.raises(StorageRefusedError, match="journal_mode = WAL here; it says memory"):
        sqlite_form.set_and_read_back(connection, sqlite_form.SETTINGS)


@pytest.mark.parametrize(
    ("version", "safe"), [("3.40.1", False), ("3.51.2", False), ("3.51.3", True), ("3.54.1", True), ("4.0.0", True)]
)
def test_a_version_with_the_fault_of_the_log_of_writes_is_refused(version, safe):
    if safe:
        sqlite_form.check_version(version)
    else:
        with pytest.raises(StorageRefusedError, match="can lose commits"):
            sqlite_form.check_version(version)


def test_the_installed_version_is_safe():
    sqlite_form.check_version(apsw.sqlite_lib_version())


def test_an_sqlite_that_takes_no_arrays_is_refused():
    with pytest.raises(StorageRefusedError, match="takes no arrays"):
        sqlite_form.check_version(apsw.sqlite_lib_version(), options=("THREADSAFE=1",))


def test_a_connection_that_lost_its_flush_commits_nothing(storage):
    book = opened(storage)
    storage._connection.execute("PRAGMA synchronous = NORMAL")
    with pytest.raises(StorageFailedError, match="synchronous = FULL was lost"):
        told(book, 1)
    assert storage.size() == 1
    with pytest.raises(StorageFailedError, match="failed before"):
        storage.keep_checkpoint(1, "note")


def test_entries_and_tiles_cannot_be_changed_by_mistake(storage):
    opened(storage)
    for statement in (
        "UPDATE entry SET bytes = x'00'",
        "DELETE FROM entry",
        "UPDATE tile SET level = 9",
        "DELETE FROM tile",
    ):
        if "tile" in statement:
            storage._connection.execute("INSERT OR IGNORE INTO tile VALUES(0, 0, zeroblob(8192))")
        with pytest.raises(apsw.ConstraintError, match="append only"):
            storage._connection.execute(statement)


def test_a_reader_cannot_write_and_sees_what_is_committed(storage, path):
    book = opened(storage)
    reader = SqliteReader(path)
    told(book, 1, 2)
    assert reader.size() == 3
    with pytest.raises(apsw.ReadOnlyError):
        reader._connection.execute("DELETE FROM checkpoint")
    reader.close()


def test_a_second_writer_is_refused_in_this_process_and_another(storage, path):
    with pytest.raises(BookInUseError):
        SqliteStorage(path)
    script = "import sys, pathlib; from fabrika.storage.sqlite import SqliteStorage; SqliteStorage(pathlib.Path(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=False)
    assert "BookInUseError" in done.stderr
    with pytest.raises(StorageRefusedError, match="there already"):
        SqliteStorage.created(path)


def test_a_process_that_was_forked_off_writes_nothing(storage):
    book = opened(storage)
    message = book.pen("line-1", EPOCH).write(units(), AT)
    storage._process += 1
    with pytest.raises(StorageFailedError, match="forked"):
        book.append([message], AT)
    storage._process -= 1


def test_a_batch_that_does_not_follow_is_refused(storage):
    book = opened(storage)
    storage._connection.execute("INSERT INTO entry VALUES(1, x'00', 9, 9)")
    with pytest.raises(StorageFailedError, match="2 entries, not 1"):
        told(book, 1)


def test_start_up_says_why_a_file_is_no_journal(tmp_path, path, storage):
    opened(storage)
    storage.close()
    good = path.read_bytes()

    def refused(error, said, make):
        target = tmp_path / "other.sqlite"
        if target.is_dir():
            target.rmdir()
        target.unlink(missing_ok=True)
        make(target)
        for opening in (SqliteReader, SqliteStorage):
            with pytest.raises(error, match=said):
                opening(target)
        assert not (tmp_path / "other.sqlite").exists() or target.is_dir() or target.read_bytes() != good

    def database(target, **header):
        connection = apsw.Connection(str(target))
        connection.execute("CREATE TABLE lot(id)")
        for name, value in header.items():
            connection.execute(f"PRAGMA {name} = {value}")
        connection.close()

    refused(StorageRefusedError, "There is no journal", lambda target: None)
    refused(StorageRefusedError, "is no file", Path.mkdir)
    refused(StorageRefusedError, "is a link", lambda target: target.symlink_to(tmp_path / "nowhere"))
    refused(StorageRefusedError, "is no journal of Fabrika", Path.touch)
    refused(StorageRefusedError, "is no journal of Fabrika", database)
    newer = lambda target: database(target, application_id=sqlite_form.APPLICATION_ID, user_version=2)  # noqa: E731
    refused(StorageRefusedError, "has the form 2", newer)
    refused(BookDamagedError, "no sound database", lambda target: target.write_bytes(b"Lots of the week\n" * 500))
    refused(BookDamagedError, "no sound database", lambda target: target.write_bytes(bytes(len(good))))


def test_a_journal_is_never_made_over_the_rest_of_another(tmp_path, path):
    for name in ("journal.sqlite-wal", "journal.sqlite-shm", "journal.sqlite-journal"):
        rest = tmp_path / name
        rest.write_bytes(b"rest")
        with pytest.raises(StorageRefusedError, match="there already"):
            SqliteStorage.created(path)
        rest.unlink()
    with pytest.raises(StorageRefusedError, match="cannot be made"):
        SqliteStorage.created(tmp_path / "nowhere" / "journal.sqlite")


def test_a_file_that_may_only_be_read_is_refused(path, storage, monkeypatch):
    storage.close()
    monkeypatch.setattr(os, "access", lambda target, mode: mode != os.W_OK)
    with pytest.raises(StorageRefusedError, match="may not be written"):
        SqliteStorage(path)
    monkeypatch.setattr(os, "access", lambda target, mode: False)
    with pytest.raises(StorageRefusedError, match="may not be read"):
        SqliteReader(path)


MOUNTS = "/dev/vda1 / ext4 rw 0 0\nserver:/plant /srv nfs4 rw 0 0\n//s/p /mnt/my\\040share cifs rw 0 0\nshort\n/dev/x /srv/local xfs rw 0 0\n"


@pytest.mark.parametrize(
    ("folder", "name"),
    [("/srv/data", "nfs4"), ("/srv", "nfs4"), ("/srv/local/a", "xfs"), ("/srvx", "ext4"), ("/mnt/my share/a", "cifs")],
)
def test_the_file_system_of_a_folder_is_told_by_the_mounts(folder, name, tmp_path, monkeypatch):
    assert place.file_system_of(Path(folder), MOUNTS) == name
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    monkeypatch.setattr(place, "MOUNTS", table)
    if name in {"nfs4", "cifs"}:
        with pytest.raises(StorageRefusedError, match="network file system"):
            place.check_place(Path(folder))
    else:
        place.check_place(Path(folder))
    monkeypatch.setattr(place, "MOUNTS", tmp_path / "none")
    place.check_place(Path(folder))


def test_a_system_without_locks_is_refused(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(StorageRefusedError, match="no file locks"):
        place.WriterLock(path)


def test_a_lock_that_cannot_be_made_is_refused(tmp_path):
    with pytest.raises(StorageRefusedError, match="cannot be made"):
        place.WriterLock(tmp_path / "nowhere" / "lock")
    with pytest.raises(StorageFailedError, match="cannot be made durable"):
        place.sync_folder(tmp_path / "nowhere")


class FaultyFile(apsw.VFSFile):
    def __init__(self, vfs, name, flags):
        super().__init__("", name, flags)
        self.vfs = vfs

    def xSync(self, flags):  # noqa: N802 - apsw's name
        self.vfs.pass_by("sync")
        super().xSync(flags)

    def xWrite(self, data, offset):  # noqa: N802 - apsw's name
        self.vfs.pass_by("write")
        super().xWrite(data, offset)

    def xRead(self, amount, offset):  # noqa: N802 - apsw's name
        self.vfs.pass_by("read")
        return super().xRead(amount, offset)


class FaultyDisk(apsw.VFS):
    """The system's file system, with faults on demand."""

    def __init__(self):
        super().__init__("faulty", "")
        self.faults = {}

    def pass_by(self, deed):
        if deed in self.faults:
            raise self.faults[deed]

    def xOpen(self, name, flags):  # noqa: N802 - apsw's name
        return FaultyFile(self, name, flags)


@pytest.fixture
def disk():
    disk = FaultyDisk()
    yield disk
    disk.unregister()


@pytest.mark.parametrize(
    ("deed", "fault"),
    [("sync", apsw.IOError), ("write", apsw.FullError), ("write", apsw.IOError), ("write", apsw.ReadOnlyError)],
)
def test_after_a_fault_of_the_disk_nothing_is_acknowledged_and_the_book_opens_again(path, disk, deed, fault):
    book = opened(SqliteStorage.created(path, vfs="faulty"))
    told(book, 1, 2, 3)
    disk.faults[deed] = fault("the disk says no")
    with pytest.raises(StorageFailedError, match="cannot be written"):
        told(book, 4)
    disk.faults.clear()
    with pytest.raises(StorageFailedError, match="failed before"):
        told(book, 4)
    book.storage.close()
    again = opened(SqliteStorage(path))
    assert again.size in {4, 5}
    assert verify(again.storage, again.files, []).findings == []
    told(again, 5)
    again.storage.close()


def test_a_disk_that_fails_while_the_log_is_folded_stops_the_next_append(path, disk, monkeypatch):
    monkeypatch.setattr(sqlite, "FOLD_PAGES", 5)
    book = opened(SqliteStorage.created(path, vfs="faulty"))

    def point(name):
        if name == "log of writes to be folded into the file":
            disk.faults["sync"] = apsw.IOError("the disk says no")

    book.storage._at = point
    told(book, *range(40))
    with pytest.raises(StorageFailedError, match="cannot be folded"):
        told(book, 41)
    disk.faults.clear()
    book.storage.close()
    again = opened(SqliteStorage(path))
    assert again.size == 41
    again.storage.close()


def test_a_disk_that_cannot_be_read_says_so(path, disk):
    storage = SqliteStorage.created(path, vfs="faulty")
    told(opened(storage), *range(300))
    storage.close()
    reader = SqliteReader(path, vfs="faulty")
    disk.faults["read"] = apsw.IOError("the disk says no")
    with pytest.raises(StorageFailedError, match="cannot be read"):
        list(reader.read())
    disk.faults.clear()
    reader.close()


def test_a_full_disk_takes_nothing_and_works_again_once_there_is_room(path, storage):
    book = opened(storage)
    pages = storage._connection.execute("PRAGMA page_count").fetchone()[0]
    storage._connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    taken = 0
    while storage.size() > taken:
        try:
            told(book, taken)
        except StorageFailedError as failure:
            assert "full" in failure.problem  # noqa: PT017 - when it comes is not known
            break
        taken += 1
    assert 50 < taken < 1_000
    storage.close()
    again = opened(SqliteStorage(path))
    assert again.size == taken + 1
    told(again, 1)
    assert verify(again.storage, again.files, []).findings == []
    again.storage.close()


def test_the_log_of_writes_is_folded_and_stays_short(path, storage, monkeypatch):
    monkeypatch.setattr(sqlite, "FOLD_PAGES", 50)
    book = opened(storage)
    for number in range(300):
        told(book, number)
    assert path.with_name("journal.sqlite-wal").stat().st_size < 120 * 4_200


def test_the_log_of_an_ended_writer_is_written_again_byte_for_byte(path, storage, disk):
    told(opened(storage), *range(900))
    log = path.with_name("journal.sqlite-wal")
    before = log.read_bytes()
    assert len(before) > 200_000
    sqlite.rewrite_log(path, vfs="faulty")
    assert log.read_bytes() == before
    for deed in ("read", "write", "sync"):
        disk.faults[deed] = apsw.IOError("the disk says no")
        with pytest.raises(StorageFailedError, match="cannot be made durable"):
            sqlite.rewrite_log(path, vfs="faulty")
        disk.faults.clear()
    assert log.read_bytes() == before


def test_a_copy_is_whole_while_the_book_grows(path, storage, tmp_path):
    book = opened(storage)
    told(book, *range(500))
    book.sign(BOOK_KEY)
    copy = tmp_path / "copy.sqlite"
    storage.copy_to(copy)
    told(book, 1)
    reader = SqliteReader(copy)
    assert reader.size() == 501
    assert verify(reader, MemoryFiles(), [BOOK_KEY.verifier]).findings == []
    reader.close()
    with pytest.raises(StorageRefusedError, match="exists"):
        storage.copy_to(copy)
    with pytest.raises(StorageFailedError, match="cannot be made"):
        storage.copy_to(tmp_path / "nowhere" / "copy.sqlite")


def test_what_does_not_belong_into_the_file_is_named(storage):
    told(opened(storage), 1)
    connection = storage._connection
    for statement, said in (
        ("CREATE TABLE lot(id)", "CREATE TABLE lot"),
        ("DROP TRIGGER entry_is_never_deleted", "entry_is_never_deleted"),
        ("INSERT INTO tile VALUES(0, 7, zeroblob(8192))", "1 tiles are stored"),
        ("INSERT INTO source VALUES(9, 'nobody', 'x')", "'nobody' has no entry"),
    ):
        connection.execute("SAVEPOINT before")
        connection.execute(statement)
        assert any(said in finding.wrong for finding in storage.findings()), statement
        connection.execute("ROLLBACK TO before")
        connection.execute("RELEASE before")
    assert not list(storage.findings())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE entry SET sequence = 7700 WHERE position = 2", "not found by its identity"),
        ("UPDATE entry SET source = 1, sequence = 5 WHERE position = 2", "not found by its identity"),
        ("UPDATE entry SET position = 9900 WHERE position = 2", "is missing"),
        ("DELETE FROM entry WHERE position = 2", "is missing"),
        ("UPDATE source SET epoch = '0000000000000000' WHERE id = 2", "not found by its identity"),
        ("UPDATE tile SET hashes = zeroblob(8192)", "does not follow"),
        ("DELETE FROM tile", "does not follow"),
        ("UPDATE entry SET bytes = replace(bytes, 'kosovo', 'albania') WHERE position = 2", "another plant"),
        ("DELETE FROM entry", "empty"),
    ],
)
def test_whoever_goes_round_the_guards_is_found(storage, change, said):
    book = opened(storage)
    told(book, *range(300))
    for name in ("entry_is_never_changed", "entry_is_never_deleted", "tile_is_never_changed", "tile_is_never_deleted"):
        storage._connection.execute(f"DROP TRIGGER {name}")
    storage._connection.execute(
        change.replace(
            "replace(bytes, 'kosovo', 'albania')", "CAST(replace(CAST(bytes AS TEXT), 'kosovo', 'albania') AS BLOB)"
        )
    )
    assert any(said in finding.wrong for finding in verify(storage, MemoryFiles(), []).findings)


def values(path):
    """Everything that can be read from the file by its own tables."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    tables = ("source", "entry", "tile", "checkpoint", "sqlite_schema")
    found = [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]
    connection.close()
    return found


@pytest.mark.parametrize("seed", range(10))
def test_every_flipped_bit_is_found_or_changes_nothing_that_can_be_read(seed, path, storage, tmp_path):
    """Three thousand in all. Harmless are those in the free rest of a page and in counters of the file's header."""
    book = opened(storage, FolderFiles(tmp_path / "files", writes=True))
    told(book, *range(270))
    book.append([book.pen("lab", EPOCH).write(units(), AT, files=(book.files.put(b"certificate" * 9),))], AT)
    book.sign(BOOK_KEY)
    storage.close()
    good, files = path.read_bytes(), book.files
    before, chance = values(path), random.Random(seed)
    harmless = 0
    flipped = tmp_path / "flipped" / "journal.sqlite"
    flipped.parent.mkdir()
    for _ in range(300):
        changed = bytearray(good)
        changed[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        flipped.write_bytes(changed)
        try:
            reader = SqliteReader(flipped)
            whole = verify(reader, files, [BOOK_KEY.verifier]).whole
            reader.close()
        except BookError:
            continue
        if whole:
            harmless += 1
            assert values(flipped) == before
        for rest in flipped.parent.glob("*-*"):
            rest.unlink()
    assert harmless < 120
    name = next(files.digests())
    kept = files.folder / name
    for bit in range(0, 8 * kept.stat().st_size, 37):
        data = bytearray(kept.read_bytes())
        data[bit // 8] ^= 1 << bit % 8
        kept.write_bytes(data)
        assert [finding.where for finding in files.findings()] == [f"file {name}"]
        data[bit // 8] ^= 1 << bit % 8
        kept.write_bytes(data)


def test_a_flipped_bit_in_the_table_of_definitions_is_found(path, storage, tmp_path):
    """Bits of the names of SQLite's own indexes, which no statement and no check of SQLite's notices, were missed once."""
    told(opened(storage), 1)
    storage.close()
    good = path.read_bytes()
    begin = good.index(b"indexsqlite_autoindex")
    flipped = tmp_path / "flipped.sqlite"
    for at in range(8 * begin, 8 * (begin + 30)):
        changed = bytearray(good)
        changed[at // 8] ^= 1 << at % 8
        flipped.write_bytes(changed)
        try:
            reader = SqliteReader(flipped)
            assert not verify(reader, MemoryFiles(), []).whole
            reader.close()
        except BookError:
            pass


def test_a_file_that_was_cut_or_swapped_is_found(path, storage, tmp_path):
    book = opened(storage)
    told(book, *range(600))
    book.sign(BOOK_KEY)
    storage.close()
    good = path.read_bytes()
    copy = tmp_path / "cut" / "journal.sqlite"
    copy.parent.mkdir()
    for size in range(4_096, len(good), 4_096 * 7):
        copy.write_bytes(good[:size])
        try:
            reader = SqliteReader(copy)
            assert not verify(reader, MemoryFiles(), [BOOK_KEY.verifier]).whole
            reader.close()
        except BookError:
            pass
    # The log of writes of another book beside ours.
    shutil.copy(path, copy)
    other = SqliteStorage.created(tmp_path / "other.sqlite")
    told(opened(other, kind="twin"), *range(600))
    shutil.copy(tmp_path / "other.sqlite-wal", copy.with_name("journal.sqlite-wal"))
    other.close()
    mixed = SqliteReader(copy)
    whole = verify(mixed, MemoryFiles(), [BOOK_KEY.verifier])
    assert not whole.whole or whole.root == book.head().root
    mixed.close()
