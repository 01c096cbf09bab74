"""A book in one SQLite file: one writer, group commits, every commit flushed to the disk before it is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from fabrika.errors import BookDamagedError, StorageFailedError, StorageRefusedError
from fabrika.events.fields import Key
from fabrika.journal.port import Batch, Finding
from fabrika.storage.faults import FaultPoint, nothing
from fabrika.storage.place import WriterLock, check_file, check_place, sync_folder
from fabrika.storage.sqlite_form import (
    READ_SETTINGS,
    SETTINGS,
    check_header,
    check_version,
    expected_schema,
    make_tables,
    set_and_read_back,
)

STRIDE = 500
"""Entries that are fetched at once; no statement stays open between strides."""

FOLD_PAGES = 4_000
"""Pages in the log of writes from which on it is folded into the file."""

LOG_HEADER, FRAME_HEADER = 32, 24
"""Bytes before the first frame of a log of writes, and before the page in each frame (SQLite's file format, section 4.1)."""

BUSY_MS = 5_000

INSERT = "INSERT INTO entry SELECT ? + rowid - 1, value, ?, ? + rowid - 1 FROM carray(?)"
"""Entries of one source without a break: the first position, the source, the first sequence, all bytes (SQLite's carray)."""


class SqliteReader:
    """A journal that is read while another process may write it; see :class:`fabrika.journal.port.Reader`.

    Args:
        path: the file.
        vfs: SQLite's name of a file system of its own, for tests.

    Raises:
        StorageRefusedError: there is no journal, or it cannot be opened.
        BookDamagedError: the file is no database any more.
    """

    _flags = apsw.SQLITE_OPEN_READONLY
    _settings = READ_SETTINGS

    def __init__(self, path: Path, *, vfs: str | None = None) -> None:
        self.path = path
        check_version(apsw.sqlite_lib_version())
        check_place(path.parent)
        check_file(path)
        with self._opening():
            self._connection = apsw.Connection(str(path), flags=self._flags, vfs=vfs)
            self._connection.set_busy_timeout(BUSY_MS)
            check_header(self._connection, str(path))
            set_and_read_back(self._connection, self._settings)

    @contextmanager
    def _opening(self) -> Iterator[None]:
        try:
            yield
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise BookDamagedError(f"{self.path} is no sound database ({error}).") from None
        except apsw.Error as error:
            raise StorageRefusedError(f"{self.path} cannot be opened ({error}).") from None

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except (apsw.IOError, apsw.BusyError, apsw.CantOpenError) as error:
            raise StorageFailedError(f"{self.path} cannot be read ({error}).") from None
        except (apsw.Error, UnicodeDecodeError, OverflowError) as error:
            raise BookDamagedError(f"{self.path} is damaged ({error}).") from None

    def _whole(self, value: Any, where: str) -> int:
        if not isinstance(value, int):
            raise BookDamagedError(f"{where} in {self.path} holds no whole number.")
        return value

    def size(self) -> int:
        """Entries that are durable."""
        (last,) = self._rows("SELECT max(position) FROM entry")[0]
        return 0 if last is None else self._whole(last, "A position") + 1

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The entries from position ``start`` to before ``stop``, in order.

        Raises:
            BookDamagedError: an entry is missing or holds no bytes.
        """
        end = self.size() if stop is None else min(stop, self.size())
        for begin in range(start, end, STRIDE):
            until = min(begin + STRIDE, end)
            rows = self._rows(
                "SELECT position, bytes FROM entry WHERE position >= ? AND position < ? ORDER BY position",
                (begin, until),
            )
            for expected, (position, data) in enumerate(rows, begin):
                if position != expected or not isinstance(data, bytes):
                    raise BookDamagedError(f"The entry at position {expected:,} is missing.")
                yield data
            if len(rows) != until - begin:
                raise BookDamagedError(f"The entry at position {begin + len(rows):,} is missing.")

    def find(self, key: Key) -> int | None:
        """The position of an identity, None if it is not in the book."""
        statement = (
            "SELECT entry.position FROM source JOIN entry ON entry.source = source.id "
            "WHERE source.name = ? AND source.epoch = ? AND entry.sequence = ?"
        )
        rows = self._rows(statement, tuple(key))
        return self._whole(rows[0][0], "A position") if rows else None

    def heads(self, source: str | None = None) -> dict[tuple[str, str], int]:
        """The position of the last entry of every (source, epoch), or of every epoch of one source."""
        statement = "SELECT name, epoch, (SELECT position FROM entry WHERE source = id ORDER BY sequence DESC LIMIT 1) FROM source"
        rows = self._rows(statement) if source is None else self._rows(f"{statement} WHERE name = ?", (source,))
        return {(str(name), str(epoch)): self._whole(position, "A source") for name, epoch, position in rows}

    def tile(self, level: int, index: int) -> bytes:
        """A full tile, 8 192 bytes; empty if it is not stored."""
        rows = self._rows("SELECT hashes FROM tile WHERE level = ? AND number = ?", (level, index))
        return rows[0][0] if rows and isinstance(rows[0][0], bytes) else b""

    def checkpoints(self, beyond: int | None = None) -> Iterator[tuple[int, str]]:
        """Every signed checkpoint that is kept, or those of more than so many entries, the smallest first."""
        which, values = ("", ()) if beyond is None else ("WHERE size > ? ", (beyond,))
        for size, note in self._rows(f"SELECT size, note FROM checkpoint {which}ORDER BY size", values):  # noqa: S608 - our own words
            yield self._whole(size, "A checkpoint"), str(note)

    def last_checkpoint(self) -> tuple[int, str] | None:
        """The largest checkpoint that is kept."""
        rows = self._rows("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1")
        return (self._whole(rows[0][0], "A checkpoint"), str(rows[0][1])) if rows else None

    def findings(self) -> Iterator[Finding]:
        """What is wrong with all that the file holds beside entries, tiles and checkpoints."""
        for (line,) in self._rows("PRAGMA integrity_check(20)"):
            if line != "ok":
                yield Finding("database", f"SQLite finds: {str(line).splitlines()[-1]}.")
        there = {tuple(map(str, row)) for row in self._rows("SELECT type, name, tbl_name, sql FROM sqlite_schema")}
        for row in sorted(there ^ expected_schema()):
            yield Finding("database", f"The definition of {' '.join(row)[:60]!r} is missing or not ours.")
        (tiles,) = self._rows("SELECT count(*) FROM tile")[0]
        full = sum(self.size() >> shift for shift in range(8, 64, 8))
        if tiles != full:
            yield Finding("table tile", f"{tiles} tiles are stored, and the entries fill {full}.")
        for (name,) in self._rows("SELECT name FROM source WHERE id NOT IN (SELECT source FROM entry)"):
            yield Finding("table source", f"The source {name!r} has no entry.")

    def copy_to(self, path: Path) -> None:
        """Copy the whole book to a new file, as it stands at one instant, by SQLite's own backup.

        Raises:
            StorageRefusedError: the file exists, or cannot be made.
            StorageFailedError: the disk failed or is full.
        """
        if path.exists():
            raise StorageRefusedError(f"{path} exists.", "Name a file that does not exist.")
        unfinished = path.with_name(path.name + ".new")
        unfinished.unlink(missing_ok=True)
        try:
            target = apsw.Connection(str(unfinished))
            with target.backup("main", self._connection, "main") as backup:
                while not backup.done:
                    backup.step(1_000)
            # A single file, without a log of writes beside it.
            target.execute("PRAGMA journal_mode = DELETE").fetchall()
            target.close()
            _sync(unfinished)
            unfinished.replace(path)
        except apsw.Error as error:
            raise StorageFailedError(f"The copy {path} cannot be made ({error}).") from None
        except OSError as error:
            raise StorageRefusedError(f"The copy {path} cannot be made ({error.strerror}).") from None
        sync_folder(path.parent)

    def close(self) -> None:
        """Close the file; what was acknowledged is durable already, whatever the disk says now."""
        with suppress(apsw.Error):
            self._connection.close()


class SqliteStorage(SqliteReader):
    """A journal, held by its one writer; see :class:`fabrika.journal.port.Storage`.

    Args:
        path: the file.
        at: called at every fault point.
        vfs: SQLite's name of a file system of its own, for tests.

    Raises:
        StorageRefusedError: there is no journal, it is not ours, the place or a setting is unfit, or it is read-only.
        BookInUseError: another process writes it.
        BookDamagedError: the file is no database any more.
    """

    _flags = apsw.SQLITE_OPEN_READWRITE
    _settings = SETTINGS

    def __init__(self, path: Path, *, at: FaultPoint = nothing, vfs: str | None = None) -> None:
        check_file(path)
        self._lock = WriterLock(path.with_name(path.name + ".lock"))
        try:
            rewrite_log(path, vfs)
            super().__init__(path, vfs=vfs)
            self._check_writable()
            with self._opening():
                self._sources = {
                    (str(name), str(epoch)): int(id_)
                    for id_, name, epoch in self._rows("SELECT id, name, epoch FROM source")
                }
        except BaseException:
            self._lock.release()
            raise
        self._at, self._process, self._failure, self._pages = at, os.getpid(), "", 0
        self._connection.set_wal_hook(self._count_pages)

    @classmethod
    def created(cls, path: Path, *, at: FaultPoint = nothing, vfs: str | None = None) -> SqliteStorage:
        """A new, empty journal; the file is whole or not there at all.

        Raises:
            StorageRefusedError: a file, or the rest of one, is there already.
        """
        check_version(apsw.sqlite_lib_version())
        check_place(path.parent)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            if path.with_name(name).exists():
                wrong = f"{path.with_name(name)} is there already."
                raise StorageRefusedError(wrong, "Name an empty folder; a journal is never made over another.")
        lock = WriterLock(path.with_name(path.name + ".lock"))
        unfinished = path.with_name(path.name + ".new")
        try:
            unfinished.unlink(missing_ok=True)
            connection = apsw.Connection(str(unfinished))
            make_tables(connection)
            connection.close()
            _sync(unfinished)
            unfinished.replace(path)
        except (OSError, apsw.Error) as error:
            raise StorageRefusedError(f"A journal cannot be made at {path} ({error}).") from None
        finally:
            lock.release()
        sync_folder(path.parent)
        return cls(path, at=at, vfs=vfs)

    def append(self, batch: Batch) -> None:
        """Write a batch; it is durable when this returns.

        Raises:
            StorageFailedError: the batch is not acknowledged, and nothing more is taken before the journal is opened anew.
        """
        with self._writing():
            self._at("append begun")
            self._connection.execute("BEGIN IMMEDIATE")
            if self.size() != batch.start:
                raise StorageFailedError(f"The book has {self.size():,} entries, not {batch.start:,}.")
            self._insert(batch)
            self._connection.executemany("INSERT INTO tile VALUES(?, ?, ?)", batch.tiles)
            self._at("entries written, not committed")
            self._commit()
        self._at("entries committed, not acknowledged")
        self._fold_log()

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint; one of the same size is replaced.

        Raises:
            StorageFailedError: it is not kept.
        """
        with self._writing():
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("INSERT OR REPLACE INTO checkpoint VALUES(?, ?)", (size, note))
            self._commit()
        self._at("checkpoint kept, not acknowledged")

    def close(self) -> None:
        """Fold the log of writes into the file and close it."""
        if self._process == os.getpid():
            super().close()
        self._lock.release()

    def _check_writable(self) -> None:
        if self._connection.readonly("main") or not os.access(self.path, os.W_OK):
            raise StorageRefusedError(f"{self.path} may not be written.", "Ask its owner for permission to write it.")

    def _commit(self) -> None:
        # The setting belongs to the connection; one statement anywhere could have undone it, and with it every promise.
        if self._connection.execute("PRAGMA synchronous").fetchall() != [(2,)]:
            raise StorageFailedError("The setting synchronous = FULL was lost.")
        self._connection.execute("COMMIT")

    def _insert(self, batch: Batch) -> None:
        """Write the entries; what one source said without a break goes in with one statement, in which no Python runs."""
        keys, begin = batch.keys, 0
        assert len(batch.entries) == len(keys), "every entry has an identity"
        while begin < len(keys):
            source, epoch, sequence = keys[begin]
            end = begin + 1
            while end < len(keys) and keys[end] == (source, epoch, sequence + end - begin):
                end += 1
            entries = apsw.carray(tuple(batch.entries[begin:end]))
            values = (batch.start + begin, self._source_id(source, epoch), sequence, entries)
            self._connection.execute(INSERT, values)
            begin = end

    def _source_id(self, source: str, epoch: str) -> int:
        """The number of a source; a new one is written down."""
        id_ = self._sources.get((source, epoch))
        if id_ is None:
            id_ = self._sources[source, epoch] = len(self._sources) + 1
            self._connection.execute("INSERT INTO source VALUES(?, ?, ?)", (id_, source, epoch))
        return id_

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._failure:
            raise StorageFailedError(f"The journal failed before: {self._failure}")
        if self._process != os.getpid():
            raise StorageFailedError("A process that was forked off cannot write the journal.", "Open it there anew.")
        try:
            yield
        except BaseException as error:
            self._failure = str(error) or type(error).__name__
            self._roll_back()
            if isinstance(error, apsw.Error):
                raise StorageFailedError(f"{self.path} cannot be written ({error}).") from None
            raise

    def _roll_back(self) -> None:
        # If even this fails, the transaction ends with the connection, which is used no more.
        with suppress(apsw.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _count_pages(self, connection: apsw.Connection, name: str, pages: int) -> int:
        del connection, name
        self._pages = pages
        return apsw.SQLITE_OK

    def _fold_log(self) -> None:
        """Fold the log of writes into the file once it is long; done here so that a failure is not swallowed.

        What was appended is durable already, so that a failure here stops the next append and not this one.
        """
        if self._pages < FOLD_PAGES:
            return
        self._at("log of writes to be folded into the file")
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            self._failure = f"The log of writes cannot be folded into {self.path} ({error})."


def rewrite_log(path: Path, vfs: str | None = None) -> None:
    """Write the log of writes that an earlier process left once more, byte for byte, and flush it.

    After a flush that failed the system goes on showing what it could not write, holds it for written, and no later flush makes
    up for that: what is appended behind it would be cut off with it when the power goes. Written again, it is durable,
    whatever became of it before; those who read the log meanwhile read the same bytes.

    It is written frame by frame, as SQLite wrote it: where a flush ended within a sector, one write over both sides of that end
    would put at risk, if the power goes just then, what had been durable before it.

    Raises:
        StorageFailedError: the disk says no; whoever tries again begins from the same bytes.
    """
    log = path.with_name(f"{path.name}-wal")
    if not log.is_file() or not os.access(log, os.W_OK) or not log.stat().st_size:
        return
    try:
        file = apsw.VFSFile(vfs or "", str(log), [apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_READWRITE, 0])
        size = file.xFileSize()
        header = file.xRead(min(LOG_HEADER, size), 0)
        # A header that is none says anything; the pieces are of a sane size all the same.
        frame = FRAME_HEADER + min(max(int.from_bytes(header[8:12], "big"), 1 << 9), 1 << 16)
        file.xWrite(header, 0)
        for begin in range(LOG_HEADER, size, frame):
            file.xWrite(file.xRead(min(frame, size - begin), begin), begin)
        file.xSync(apsw.SQLITE_SYNC_FULL)
        file.xClose()
    except apsw.Error as error:
        raise StorageFailedError(f"{log} cannot be made durable ({error}).") from None
    sync_folder(log.parent)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
