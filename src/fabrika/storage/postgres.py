"""A book in a PostgreSQL database: one writer, group commits, every commit flushed before it is told.

The driver is an extra part of the installation; importing this module without it is a :class:`~fabrika.errors.SetupError`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from fabrika.errors import BookDamagedError, BookInUseError, SetupError, StorageFailedError, StorageRefusedError
from fabrika.events.fields import Key
from fabrika.journal.copying import copy_book
from fabrika.journal.port import Batch, Finding
from fabrika.storage.faults import FaultPoint, nothing
from fabrika.storage.sqlite import SqliteReader, SqliteStorage

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    from fabrika.storage.postgres_form import (
        WRITER_LOCK,
        Connection,
        check_form,
        check_server,
        form_differences,
        is_made,
        make_tables,
    )
except ImportError:
    raise SetupError(
        "A journal in PostgreSQL needs the driver psycopg, which is not installed.",
        "Install it beside Fabrika: `pip install --require-hashes -r requirements-postgres.lock`.",
    ) from None

STRIDE = 500
"""Entries that are fetched at once."""

CONNECT_S = 10

_INSERT = (
    "INSERT INTO fabrika.entry "
    "SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::integer[], %b::bigint[]) AS batch(at, bytes, source, sequence)"
)


def shown_address(conninfo: str) -> str:
    """A database's address without its password, for messages.

    Raises:
        StorageRefusedError: it is no address.
    """
    try:
        parts = conninfo_to_dict(conninfo)
    except psycopg.Error:
        remedy = "Write postgresql://user@host/database, or words such as `host=... dbname=...`."
        raise StorageRefusedError("This is no address of a PostgreSQL database.", remedy) from None
    words = [f"{name}={parts[name]}" for name in ("host", "port", "dbname", "user") if parts.get(name)]
    return f"PostgreSQL({' '.join(words)})"


def _connected(conninfo: str) -> tuple[Connection, str]:
    """A session that commits by itself, and the address as messages show it.

    Raises:
        StorageRefusedError: it is no address, or the server does not answer or refuses.
    """
    name = shown_address(conninfo)
    try:
        connection = psycopg.connect(
            conninfo, autocommit=True, connect_timeout=CONNECT_S, application_name="fabrika journal"
        )
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        remedy = "See that the server runs, that the address is right, and that this user may enter."
        raise StorageRefusedError(f"{name} cannot be opened ({reason}).", remedy) from None
    return connection, name


class PostgresReader:
    """A journal that is read while another process may write it; see :class:`fabrika.journal.port.Reader`.

    Args:
        conninfo: the database, as ``postgresql://...`` or in words, as libpq reads it.

    Raises:
        StorageRefusedError: there is no journal, it cannot be opened, or the server's settings are unfit.
    """

    _writes = False

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._connection, self.name = _connected(conninfo)
        try:
            check_server(self._connection, self.name, writes=self._writes)
            check_form(self._connection, self.name)
        except psycopg.Error as error:
            self._connection.close()
            raise StorageRefusedError(f"{self.name} cannot be opened ({_reason(error)}).") from None
        except BaseException:
            self._connection.close()
            raise

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values, binary=True).fetchall()
        except psycopg.OperationalError as error:
            raise StorageFailedError(f"{self.name} cannot be read ({_reason(error)}).") from None
        except psycopg.Error as error:
            raise BookDamagedError(f"{self.name} is damaged ({_reason(error)}).") from None

    def size(self) -> int:
        """Entries that are durable."""
        (last,) = self._rows("SELECT max(position) FROM fabrika.entry")[0]
        return 0 if last is None else int(last) + 1

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The entries from position ``start`` to before ``stop``, in order.

        Raises:
            BookDamagedError: an entry is missing.
        """
        end = self.size() if stop is None else min(stop, self.size())
        statement = "SELECT position, bytes FROM fabrika.entry WHERE position >= %s AND position < %s ORDER BY position"
        for begin in range(start, end, STRIDE):
            until = min(begin + STRIDE, end)
            rows = self._rows(statement, (begin, until))
            for expected, (position, data) in enumerate(rows, begin):
                if position != expected:
                    raise BookDamagedError(f"The entry at position {expected:,} is missing.")
                yield bytes(data)
            if len(rows) != until - begin:
                raise BookDamagedError(f"The entry at position {begin + len(rows):,} is missing.")

    def find(self, key: Key) -> int | None:
        """The position of an identity, None if it is not in the book."""
        statement = (
            "SELECT entry.position FROM fabrika.source JOIN fabrika.entry ON entry.source = source.id "
            "WHERE source.name = %s AND source.epoch = %s AND entry.sequence = %s"
        )
        rows = self._rows(statement, tuple(key))
        return int(rows[0][0]) if rows else None

    def heads(self, source: str | None = None) -> dict[tuple[str, str], int]:
        """The position of the last entry of every (source, epoch), or of every epoch of one source."""
        statement = (
            "SELECT name, epoch, (SELECT position FROM fabrika.entry WHERE source = id ORDER BY sequence DESC LIMIT 1) "
            "FROM fabrika.source"
        )
        rows = self._rows(statement) if source is None else self._rows(f"{statement} WHERE name = %s", (source,))
        if any(position is None for _, _, position in rows):
            raise BookDamagedError(f"A source in {self.name} has no entry.")
        return {(name, epoch): int(position) for name, epoch, position in rows}

    def tile(self, level: int, index: int) -> bytes:
        """A full tile, 8 192 bytes; empty if it is not stored."""
        rows = self._rows("SELECT hashes FROM fabrika.tile WHERE level = %s AND number = %s", (level, index))
        return bytes(rows[0][0]) if rows else b""

    def checkpoints(self, beyond: int | None = None) -> Iterator[tuple[int, str]]:
        """Every signed checkpoint that is kept, or those of more than so many entries, the smallest first."""
        which, values = ("", ()) if beyond is None else ("WHERE size > %s ", (beyond,))
        for size, note in self._rows(f"SELECT size, note FROM fabrika.checkpoint {which}ORDER BY size", values):  # noqa: S608 - our own words
            yield int(size), str(note)

    def last_checkpoint(self) -> tuple[int, str] | None:
        """The largest checkpoint that is kept."""
        rows = self._rows("SELECT size, note FROM fabrika.checkpoint ORDER BY size DESC LIMIT 1")
        return (int(rows[0][0]), str(rows[0][1])) if rows else None

    def findings(self) -> Iterator[Finding]:
        """What is wrong with all that the database holds of the journal beside entries, tiles and checkpoints."""
        try:
            differences = form_differences(self._connection)
        except psycopg.Error as error:
            raise StorageFailedError(f"{self.name} cannot be read ({_reason(error)}).") from None
        for line in differences:
            yield Finding("database", f"The definition of {line[:60]!r} is missing or not ours.")
        (tiles,) = self._rows("SELECT count(*) FROM fabrika.tile")[0]
        full = sum(self.size() >> shift for shift in range(8, 64, 8))
        if tiles != full:
            yield Finding("table tile", f"{tiles} tiles are stored, and the entries fill {full}.")
        lonely = "SELECT name FROM fabrika.source WHERE NOT EXISTS (SELECT FROM fabrika.entry WHERE source = id)"
        for (name,) in self._rows(lonely):
            yield Finding("table source", f"The source {name!r} has no entry.")

    def copy_to(self, path: Path) -> None:
        """Copy the whole book, as it stands at one instant, into a new SQLite file: entries byte for byte, the same root.

        Raises:
            StorageRefusedError: the file exists, or cannot be made.
            StorageFailedError: the server or the disk failed.
            BookDamagedError: what was read has another root than the book.
        """
        if path.exists():
            raise StorageRefusedError(f"{path} exists.", "Name a file that does not exist.")
        unfinished = path.with_name(path.name + ".copy")
        beside = [path.with_name(unfinished.name + end) for end in ("", "-wal", "-shm", ".lock")]
        for rest in beside:
            rest.unlink(missing_ok=True)
        try:
            target = SqliteStorage.created(unfinished)
            with self._one_instant():
                copy_book(self, target)
            target.close()
            copied = SqliteReader(unfinished)
            copied.copy_to(path)
            copied.close()
        finally:
            for rest in beside:
                rest.unlink(missing_ok=True)

    @contextmanager
    def _one_instant(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
            self._connection.execute("COMMIT")
        except psycopg.Error as error:
            raise StorageFailedError(f"{self.name} cannot be read ({_reason(error)}).") from None
        finally:
            with suppress(psycopg.Error):
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """End the session; what was acknowledged is durable already."""
        with suppress(psycopg.Error):
            self._connection.close()


class PostgresStorage(PostgresReader):
    """A journal, held by its one writer; see :class:`fabrika.journal.port.Storage`.

    Args:
        conninfo: the database.
        at: called at every fault point.

    Raises:
        StorageRefusedError: there is no journal, it cannot be opened or written, or the server's settings are unfit.
        BookInUseError: another process writes it.
    """

    _writes = True

    def __init__(self, conninfo: str, *, at: FaultPoint = nothing) -> None:
        super().__init__(conninfo)
        self._at, self._process, self._failure = at, os.getpid(), ""
        try:
            _take_lock(self._connection, self.name)
            ((self._session,),) = self._rows("SELECT pg_catalog.pg_backend_pid()")
            rows = self._rows("SELECT name, epoch, id FROM fabrika.source")
            self._sources = {(str(name), str(epoch)): int(id_) for name, epoch, id_ in rows}
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def created(cls, conninfo: str, *, at: FaultPoint = nothing) -> PostgresStorage:
        """A new, empty journal in a database that holds none.

        Raises:
            StorageRefusedError: there is a journal already, or the user may not make tables.
        """
        connection, name = _connected(conninfo)
        try:
            check_server(connection, name, writes=True)
            if is_made(connection):
                wrong = f"There is a journal in {name} already."
                raise StorageRefusedError(wrong, "Name an empty database; a journal is never made over another.")
            make_tables(connection)
        except psycopg.Error as error:
            raise StorageRefusedError(f"A journal cannot be made in {name} ({_reason(error)}).") from None
        finally:
            connection.close()
        return cls(conninfo, at=at)

    def close(self) -> None:
        """End the session, and with it the right to write."""
        if self._process == os.getpid():
            super().close()

    def append(self, batch: Batch) -> None:
        """Write a batch; it is durable when this returns.

        Raises:
            StorageFailedError: the batch is not acknowledged, and nothing more is taken before the journal is opened anew.
        """
        with self._writing():
            self._at("append begun")
            self._write(batch)
            self._at("entries written, not committed")
            self._connection.execute("COMMIT")
        self._at("entries committed, not acknowledged")

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint; one of the same size is replaced.

        Raises:
            StorageFailedError: it is not kept.
        """
        with self._writing():
            self._begin()
            self._connection.execute(
                "INSERT INTO fabrika.checkpoint VALUES(%s, %s) ON CONFLICT (size) DO UPDATE SET note = excluded.note",
                (size, note),
            )
            self._connection.execute("COMMIT")
        self._at("checkpoint kept, not acknowledged")

    def _begin(self) -> int:
        """Begin a transaction and tell how many entries there are.

        The setting belongs to the session; one statement anywhere could have undone it, and with it every promise. The
        lock belongs to it, too: a proxy that hands a transaction to another session has lost both.
        """
        with self._connection.pipeline():
            self._connection.execute("BEGIN")
            row = self._connection.execute(
                "SELECT coalesce(max(position) + 1, 0), pg_catalog.current_setting('synchronous_commit'), "
                "pg_catalog.pg_backend_pid() FROM fabrika.entry"
            ).fetchone()
        assert row is not None
        if row[1] != "on":
            raise StorageFailedError("The setting synchronous_commit = on was lost.")
        if row[2] != self._session:
            raise StorageFailedError("The session was exchanged by a proxy.", "Connect to the server itself.")
        return int(row[0])

    def _write(self, batch: Batch) -> None:
        size = self._begin()
        if size != batch.start:
            raise StorageFailedError(f"The book has {size:,} entries, not {batch.start:,}.")
        positions = list(range(batch.start, batch.start + len(batch.entries)))
        sources = [self._source(key) for key in batch.keys]
        with self._connection.pipeline():
            self._connection.execute(_INSERT, (positions, batch.entries, sources, [key.sequence for key in batch.keys]))
            for tile in batch.tiles:
                self._connection.execute("INSERT INTO fabrika.tile VALUES(%s, %s, %b)", tile)

    def _source(self, key: Key) -> int:
        source = key.source, key.epoch
        id_ = self._sources.get(source)
        if id_ is None:
            id_ = len(self._sources) + 1
            self._connection.execute("INSERT INTO fabrika.source VALUES(%s, %s, %s)", (id_, *source))
            self._sources[source] = id_
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
            with suppress(psycopg.Error):
                self._connection.execute("ROLLBACK")
            if isinstance(error, psycopg.Error):
                raise StorageFailedError(f"{self.name} cannot be written ({_reason(error)}).") from None
            raise


def _take_lock(connection: Connection, name: str) -> None:
    """Become the one writer for as long as the session lives.

    Raises:
        BookInUseError: another session is.
    """
    if connection.execute("SELECT pg_catalog.pg_try_advisory_lock(%s, %s)", WRITER_LOCK).fetchone() != (True,):
        raise BookInUseError(f"Another process writes the journal in {name}.")


def _reason(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
