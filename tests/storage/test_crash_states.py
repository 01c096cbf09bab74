"""Power cuts, thousands of them: from every disk that one can leave, the book opens, is whole and holds all that was told.

Kills of a process show none of this: what it wrote survives it. Here a real workload runs once on a disk that remembers, and then
the real storage opens what could have been left of it.
"""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.errors import BookError, StorageFailedError
from fabrika.journal.verify import verify
from fabrika.storage import sqlite
from fabrika.storage.group_commit import GroupCommit
from fabrika.storage.memory import MemoryFiles
from fabrika.storage.sqlite import SqliteStorage
from journal.books import AT, BOOK_KEY, EPOCH, units
from storage.crash_disk import Deed, RecordingDisk, Replay
from storage.postgres_server import roomy

SEEDS, STATES = 10, 2_200
"""More than 20,000 states in all; each seed is a workload of its own."""

TABLES = ("source", "entry", "tile", "checkpoint", "sqlite_schema")


@pytest.fixture
def disk():
    disk = RecordingDisk()
    yield disk
    disk.unregister()


@pytest.fixture
def folder():
    with TemporaryDirectory(prefix="fabrika-cuts-", dir=roomy()) as name:
        yield Path(name)


class Recorded:
    """A workload on a disk that remembers: three writers through a group commit, checkpoints, the log folded often."""

    def __init__(self, disk, folder, seed):
        self.disk, self.chance = disk, random.Random(seed)
        self.data = BookFolder(folder / "recorded")
        self.data.create("kosovo", "plant").storage.close()
        self.files = {self.data.journal.name: self.data.journal.read_bytes()}
        self.entries, self.failures = {}, 0
        disk.begin()

    def run(self, rounds, *, is_killed=False):
        book = self.data.open()
        # Whoever is killed folds nothing at the end.
        book.storage._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(is_killed))
        group = GroupCommit(book, lambda: AT)
        pens = [book.pen(f"line-{line}", EPOCH) for line in range(3)]
        for _ in range(rounds):
            work = [(pen, self.chance.randrange(1, 4)) for pen in pens]
            threads = [threading.Thread(target=self.tell, args=(group, *one)) for one in work]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if self.chance.random() < 0.15 and not self.failures:
                group.close()
                self.sign(book)
                group = GroupCommit(book, lambda: AT)
        group.close()
        book.storage.close()
        return self

    def sign(self, book):
        try:
            self.disk.note(Deed("told", told=("checkpoint", str(book.sign(BOOK_KEY)))))
        except StorageFailedError:
            self.failures += 1

    def tell(self, group, pen, count):
        try:
            messages = [pen.write(units(self.chance.randrange(1_000)), AT) for _ in range(count)]
            for message, receipt in zip(messages, group.append(messages), strict=True):
                self.disk.note(Deed("told", told=(receipt.position, message.data)))
        except StorageFailedError:
            self.failures += 1

    def states(self, each):
        return Replay(self.files, self.disk.deeds).states(self.chance, each)


class Judge:
    """Opens disks with the real storage and says what they lost."""

    def __init__(self, folder):
        self.folder = folder / "judged"
        self.folder.mkdir()
        self.seen, self.verified, self.sizes = set(), set(), set()

    def lost(self, image):
        """How many acknowledged entries and checkpoints are not there; -1 if the book is not whole."""
        for rest in self.folder.iterdir():
            rest.unlink()
        for name, data in image.files.items():
            (self.folder / name).write_bytes(data)
        self.seen.add(hash(tuple(sorted(image.files.items()))))
        try:
            storage = SqliteStorage(self.folder / "journal.sqlite", vfs="unix")
        except BookError:
            return -1
        try:
            return self.judged(storage, image.told)
        except BookError:
            return -1
        finally:
            storage.close()

    def judged(self, storage, told_before):
        if list(storage.findings()):
            return -1
        dump = tuple(tuple(storage._rows(f"SELECT * FROM {table} ORDER BY 1, 2")) for table in TABLES)
        if hash(dump) not in self.verified:
            # Everything that can be read is in the dump; what has the same dump as one that verified, verifies.
            if not verify(storage, MemoryFiles(), [BOOK_KEY.verifier]).whole:
                return -1
            self.verified.add(hash(dump))
        self.sizes.add(storage.size())
        there = {position: data for position, data, _, _ in dump[1]}
        notes = {note for _, note in dump[3]}
        missing = 0
        for what, value in told_before:
            there_too = value in notes if what == "checkpoint" else value in there.get(what, b"")
            missing += not there_too
        return missing


@contextmanager
def often_folded(monkeypatch, pages):
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "FOLD_PAGES", pages)
        yield


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_disk_that_a_cut_can_leave_holds_what_was_acknowledged(seed, disk, folder, monkeypatch):
    with often_folded(monkeypatch, pages=25):
        recorded = Recorded(disk, folder, seed).run(rounds=25)
    disk.deeds, deeds = None, disk.deeds
    judge, count = Judge(folder), 0
    points = sum(deed.kind != "sync" for deed in deeds) + 1
    for image in Replay(recorded.files, deeds).states(random.Random(seed), each=STATES // points + 1):
        assert judge.lost(image) == 0, f"{image.model} after {len(image.told)} answers"
        count += 1
    assert count >= STATES
    assert len(judge.seen) > STATES // 3
    assert len(judge.sizes) > 20


WRONG = {
    "flushed at checkpoints only": {"synchronous": ("NORMAL", 1)},
    "never flushed": {"synchronous": ("OFF", 0)},
    "SQLite's own defaults": {"journal_mode": ("DELETE", "delete")},
}


@pytest.mark.parametrize("name", WRONG)
def test_settings_that_lose_what_was_acknowledged_are_noticed(name, disk, folder, monkeypatch):
    """The proof that the record finds what it is made for: each of these passes every test that only kills processes."""
    settings = [(setting, *WRONG[name].get(setting, (value, expected))) for setting, value, expected in sqlite.SETTINGS]
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "FOLD_PAGES", 25)
        patch.setattr(sqlite, "SETTINGS", settings)
        patch.setattr(SqliteStorage, "_settings", settings)
        patch.setattr(SqliteStorage, "_commit", lambda storage: storage._connection.execute("COMMIT"))
        recorded = Recorded(disk, folder, 1).run(rounds=8)
    disk.deeds, deeds = None, disk.deeds
    judge = Judge(folder)
    found = [judge.lost(image) for image in Replay(recorded.files, deeds).states(random.Random(1), each=1)]
    assert any(lost > 0 for lost in found)
    assert -1 in found or name != "never flushed"


def test_a_disk_that_lies_about_its_flushes_is_noticed_by_whoever_holds_a_checkpoint(disk, folder):
    """No setting helps against it; what helps is that somebody else remembers how large the book was."""
    recorded = Recorded(disk, folder, 2).run(rounds=8)
    disk.deeds, deeds = None, [deed for deed in disk.deeds if deed.kind != "sync"]
    judge = Judge(folder)
    found = [judge.lost(image) for image in Replay(recorded.files, deeds).states(random.Random(2), each=1)]
    assert sum(lost != 0 for lost in found) > len(found) // 2


@pytest.mark.parametrize("name", ["journal.sqlite-wal", "journal.sqlite"])
@pytest.mark.parametrize("times", [1, -1])
@pytest.mark.parametrize("seed", range(4))
def test_a_flush_that_fails_ends_all_answers_and_loses_none(name, times, seed, disk, folder, monkeypatch):
    """Once or for ever, of the log or of the file: nothing is acknowledged after it, and each cut leaves a whole book."""
    with often_folded(monkeypatch, pages=25):
        recorded = Recorded(disk, folder, 100 + seed).run(rounds=6)
        deaf, disk.failing = len(disk.deeds), {name: (seed % 2, times)}
        recorded.run(rounds=30)
    disk.deeds, deeds = None, disk.deeds
    failed = [at for at, deed in enumerate(deeds) if deed.kind == "sync failed"]
    assert recorded.failures
    assert failed
    assert failed[0] >= deaf
    judge = Judge(folder)
    after = [deed for deed in deeds[failed[0] :] if deed.kind == "told"]
    # A fold of the log that fails comes after the commit; its answer was true already, and is the last.
    assert not after or name == "journal.sqlite"
    assert len(after) <= 3 * 3
    for image in Replay(recorded.files, deeds).states(random.Random(seed), each=1):
        assert judge.lost(image) == 0, image.model


@pytest.mark.parametrize("seed", range(8))
def test_a_journal_that_is_opened_anew_after_a_failed_flush_does_not_build_on_what_was_dropped(
    seed, disk, folder, monkeypatch
):
    """The system still shows what it could not write; entries behind it would go with it at the next cut."""
    with often_folded(monkeypatch, pages=25):
        recorded = Recorded(disk, folder, 200 + seed).run(rounds=2)
        disk.failing = {"journal.sqlite-wal": (3 + seed, 1)}
        recorded.run(rounds=12, is_killed=True)
        assert recorded.failures
        recorded.failures = 0
        recorded.run(rounds=3)
    assert not recorded.failures
    disk.deeds, deeds = None, disk.deeds
    judge = Judge(folder)
    for image in Replay(recorded.files, deeds).states(random.Random(seed), each=3):
        assert judge.lost(image) == 0, image.model
