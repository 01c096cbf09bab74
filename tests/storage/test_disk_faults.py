"""Disks that are full, slow, or may not be written, and files that do not belong: told in plain words, and nothing lost."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import apsw
import pytest

from fabrika.app.book_copies import back_up
from fabrika.app.book_folder import BookFolder
from fabrika.errors import BookError, BookInUseError, StorageRefusedError
from fabrika.faces.cli.app import call
from fabrika.journal.verify import verify
from fabrika.storage.group_commit import GroupCommit
from fabrika.storage.memory import MemoryFiles
from fabrika.storage.sqlite import SqliteReader, SqliteStorage
from journal.books import AT, BOOK_KEY, EPOCH, opened, told, units
from storage.loop_volume import mounted, run

WRITER = Path(__file__).with_name("cut_writer.py")


def written_until_it_fails(data, limit=""):
    """How many messages a writer was told are durable, and why it ended."""
    command = [sys.executable, str(WRITER)]
    shell = f"{limit} exec {' '.join(command)}" if limit else f"exec {' '.join(command)}"
    done = subprocess.run(["sh", "-c", shell], input=f"{data.folder} 0\n", capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0] == "ready"
    return max([0, *(int(line.split()[0]) for line in lines[1:] if line[:1].isdigit())]), lines[-1]


def stored(data):
    reader = data.reader()
    result = verify(reader, data.content(), data.trusted())
    assert result.findings == []
    count = sum(b'"source":"line-1"' in entry for entry in reader.read())
    reader.close()
    return count


def test_a_disk_that_fills_up_loses_nothing_and_goes_on_once_there_is_room(tmp_path):
    with mounted(tmp_path, megabytes=16) as (_, mount):
        data = BookFolder(mount / "data")
        data.create("kosovo", "plant").storage.close()
        ballast = mount / "ballast"
        ballast.write_bytes(bytes(10 << 20))
        done, why = written_until_it_fails(data)
        assert why.startswith("failed Storage"), why
        assert done > 100
        assert done <= stored(data) <= done + 3
        ballast.write_bytes(bytes(9 << 20))
        before = stored(data)
        more, why = written_until_it_fails(data)
        assert why.startswith("failed Storage"), why
        assert more > before
        assert more <= stored(data) <= more + 3


def test_a_limit_on_the_size_of_files_is_a_full_disk(tmp_path):
    data = BookFolder(tmp_path / "data")
    data.create("kosovo", "plant").storage.close()
    done, why = written_until_it_fails(data, limit="ulimit -f 600;")
    assert why.startswith("failed Storage"), why
    assert 50 < done <= stored(data) <= done + 3
    book = data.open()
    told(book, 1, source="line-2")
    book.storage.close()


def test_a_folder_that_may_not_be_written_is_refused_and_a_backup_in_one_verifies(tmp_path):
    with mounted(tmp_path, megabytes=16) as (_, mount):
        data = BookFolder(mount / "data")
        book = data.create("kosovo", "plant")
        told(book, *range(300))
        book.sign(data.signer(book.head().origin))
        book.storage.close()
        back_up(data, mount / "backup")
        run("mount", "-o", "remount,ro", mount)
        with pytest.raises(StorageRefusedError, match="Read-only file system"):
            data.open()
        with pytest.raises(StorageRefusedError, match="cannot be made"):
            BookFolder(mount / "other").create("kosovo", "plant")
        assert call(["journal", "verify", "--data", str(mount / "backup")]) == 0


class SlowFile(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        super().__init__("unix", name, flags)
        self.disk = disk

    def xSync(self, flags):  # noqa: N802 - apsw's name
        self.disk.flushes += 1
        time.sleep(self.disk.flush_s)
        super().xSync(flags)


class SlowDisk(apsw.VFS):
    """A disk whose flushes take their time."""

    def __init__(self, flush_s):
        super().__init__("slow", "unix")
        self.flush_s, self.flushes = flush_s, 0

    def xOpen(self, name, flags):  # noqa: N802 - apsw's name
        return SlowFile(self, name, flags)


def test_a_slow_disk_makes_writers_wait_and_share_its_flushes(tmp_path):
    """Each flush takes as long as a hundred good ones; 24 writers are answered by a few, and none gives up or is lost."""
    disk = SlowDisk(flush_s=0.05)
    book = opened(SqliteStorage.created(tmp_path / "journal.sqlite", vfs="slow"))
    group, answered = GroupCommit(book, lambda: AT), []

    def work(line):
        pen = book.pen(f"line-{line}", EPOCH)
        for number in range(5):
            (receipt,) = group.append([pen.write(units(number), AT)])
            answered.append(receipt.position)

    before = disk.flushes
    threads = [threading.Thread(target=work, args=(line,)) for line in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.close()
    assert sorted(answered) == list(range(1, 121))
    assert disk.flushes - before < 60
    assert verify(book.storage, MemoryFiles(), []).findings == []
    book.storage.close()
    disk.unregister()


def files_beside(path):
    return {end: path.with_name(path.name + end) for end in ("", "-wal", "-shm")}


def killed(path):
    """The files of a book whose writer was killed, as bytes, and how many entries were acknowledged."""
    book = opened(SqliteStorage.created(path))
    told(book, *range(400))
    book.sign(BOOK_KEY)
    left = {end: file.read_bytes() for end, file in files_beside(path).items()}
    book.storage.close()
    return left, book.size


def laid(folder, left):
    folder.mkdir()
    path = folder / "journal.sqlite"
    for end, data in left.items():
        path.with_name(path.name + end).write_bytes(data)
    return path


def test_a_stale_index_of_the_log_is_not_believed(tmp_path):
    left, size = killed(tmp_path / "journal.sqlite")
    other, _ = killed(tmp_path / "other.sqlite")
    chance = random.Random(1)
    for number, stale in enumerate((other["-shm"], chance.randbytes(32_768), bytes(32_768), b"", b"short")):
        path = laid(tmp_path / str(number), left | {"-shm": stale})
        again = opened(SqliteStorage(path))
        assert again.size == size
        assert verify(again.storage, again.files, [BOOK_KEY.verifier]).findings == []
        again.storage.close()


def test_files_of_two_books_do_not_make_one(tmp_path):
    """The file of one book with the log of another, either way round: refused, or found by verify, and never an empty book."""
    left, _ = killed(tmp_path / "journal.sqlite")
    reader = SqliteReader(tmp_path / "journal.sqlite")
    root = verify(reader, MemoryFiles(), []).root
    reader.close()
    twin = opened(SqliteStorage.created(tmp_path / "twin.sqlite"), kind="twin")
    told(twin, *range(700))
    theirs = {end: file.read_bytes() for end, file in files_beside(tmp_path / "twin.sqlite").items()}
    twin.storage.close()
    for number, mixed in enumerate((left | {"-wal": theirs["-wal"]}, theirs | {"-wal": left["-wal"]})):
        path = laid(tmp_path / str(number), mixed)
        try:
            reader = SqliteReader(path)
            result = verify(reader, MemoryFiles(), [BOOK_KEY.verifier])
            reader.close()
        except BookError:
            continue
        assert result.size
        # The log of a young book holds all of it: then that is what there is, whatever file lies below.
        assert not result.whole or result.root in {twin.head().root, root}
    only_log = laid(tmp_path / "only-log", {"-wal": left["-wal"]})
    for opening in (SqliteStorage, SqliteReader):
        with pytest.raises(StorageRefusedError, match="no journal"):
            opening(only_log)
    with pytest.raises(StorageRefusedError, match="there already"):
        SqliteStorage.created(only_log)


def test_two_servers_on_one_journal_even_by_two_names(tmp_path):
    data = BookFolder(tmp_path / "data")
    book = data.create("kosovo", "plant")
    with pytest.raises(BookInUseError, match="Another process writes"):
        BookFolder(tmp_path / "data" / ".." / "data").open()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    with pytest.raises(BookInUseError):
        BookFolder(tmp_path / "link").open()
    book.storage.close()
