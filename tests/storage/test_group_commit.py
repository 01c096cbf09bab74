"""Many threads, one commit: each gets its own answer, and refusals touch nobody else."""

from __future__ import annotations

import threading

import pytest

from fabrika.errors import SequenceGapError, StorageFailedError
from fabrika.events.fields import Key
from fabrika.journal.pen import Pen
from fabrika.journal.verify import verify
from fabrika.storage.group_commit import GroupCommit
from fabrika.storage.sqlite import SqliteStorage
from journal.books import AT, EPOCH, opened, units


@pytest.fixture
def book(tmp_path):
    book = opened(SqliteStorage.created(tmp_path / "journal.sqlite"))
    yield book
    book.storage.close()


def test_sixteen_writers_are_all_answered_and_share_commits(book):
    commits = []
    append = book.storage.append
    book.storage.append = lambda batch: (commits.append(len(batch.entries)), append(batch))
    group = GroupCommit(book, lambda: AT)
    positions = []

    def write(name):
        pen = Pen("kosovo", Key(name, EPOCH, 0))
        for number in range(40):
            (receipt,) = group.append([pen.write(units(number), AT)])
            positions.append(receipt.position)

    threads = [threading.Thread(target=write, args=(f"line-{number}",)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.close()
    assert sorted(positions) == list(range(1, 641))
    assert sum(commits) == 640
    assert len(commits) < 640
    assert verify(book.storage, book.files, []).findings == []


def test_a_refusal_is_the_answer_of_its_own_writer_only(book):
    group = GroupCommit(book, lambda: AT)
    good = group.submit([Pen("kosovo", Key("a", EPOCH, 0)).write(units(), AT)])
    gap = group.submit([Pen("kosovo", Key("b", EPOCH, 4), "0" * 64).write(units(), AT)])
    assert good.result().pop().fresh
    with pytest.raises(SequenceGapError):
        gap.result()
    group.close()
    with pytest.raises(StorageFailedError, match="closed"):
        group.append([])


def test_a_failed_commit_is_told_to_all_who_wait_and_to_all_who_come(book):
    def fail(batch):
        raise StorageFailedError("The disk is full.")

    book.storage.append = fail
    group = GroupCommit(book, lambda: AT)
    for said in ("full", "failed before"):
        with pytest.raises(StorageFailedError, match=said):
            group.append([Pen("kosovo", Key("a", EPOCH, 0)).write(units(), AT)])
    group.close()


def test_what_was_handed_in_before_the_end_is_written(book):
    group = GroupCommit(book, lambda: AT)
    pen = Pen("kosovo", Key("a", EPOCH, 0))
    futures = [group.submit([pen.write(units(number), AT)]) for number in range(200)]
    group.close()
    assert [future.result()[0].position for future in futures] == list(range(1, 201))
