"""The form of a journal in SQLite: its tables, the settings without which it is refused, the versions that may touch it.

Reasons and measurements are in ``docs/decisions/0018-sqlite-settings.md``.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import apsw

from fabrika.errors import StorageRefusedError

APPLICATION_ID, USER_VERSION = 0x46616272, 1
"""What the header of the file says: whose it is ("Fabr") and which form it has."""

SCHEMA = (
    "CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL, epoch TEXT NOT NULL, UNIQUE(name, epoch)) STRICT",
    (
        "CREATE TABLE entry(position INTEGER PRIMARY KEY CHECK(position >= 0), bytes BLOB NOT NULL, "
        "source INTEGER NOT NULL, sequence INTEGER NOT NULL, UNIQUE(source, sequence)) STRICT"
    ),
    (
        "CREATE TABLE tile(level INTEGER NOT NULL, number INTEGER NOT NULL, "
        "hashes BLOB NOT NULL CHECK(length(hashes) = 8192), PRIMARY KEY(level, number)) STRICT, WITHOUT ROWID"
    ),
    "CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
    "CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "CREATE TRIGGER tile_is_never_changed BEFORE UPDATE ON tile BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "CREATE TRIGGER tile_is_never_deleted BEFORE DELETE ON tile BEGIN SELECT RAISE(ABORT, 'append only'); END",
)
"""Only ``entry.bytes`` and ``checkpoint.note`` are truth; everything else follows from them and is checked against them."""

SETTINGS: tuple[tuple[str, int | str, int | str], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("fullfsync", 1, 1),
    ("checkpoint_fullfsync", 1, 1),
    ("foreign_keys", 1, 1),
    ("trusted_schema", 0, 0),
    ("mmap_size", 0, 0),
    ("cell_size_check", 1, 1),
    ("ignore_check_constraints", 0, 0),
    ("temp_store", 2, 2),
    ("wal_autocheckpoint", 0, 0),
)
"""Name, what is set, what must be read back."""

READ_SETTINGS: tuple[tuple[str, int | str, int | str], ...] = (
    ("query_only", 1, 1),
    ("trusted_schema", 0, 0),
    ("mmap_size", 0, 0),
    ("cell_size_check", 1, 1),
)
"""The same for those who only read."""

FIRST_SAFE = (3, 51, 3)
"""The first SQLite in which a reset of the log of writes cannot lose a commit (fault in 3.7.0 to 3.51.2)."""

INSTALL = "Install the version of apsw that requirements.lock names."


def check_version(version: str, options: Collection[str] = apsw.compile_options) -> None:
    """Refuse an SQLite that may corrupt a journal, or cannot write one.

    Args:
        version: of the SQLite.
        options: with which it was compiled.

    Raises:
        StorageRefusedError: it is older than :data:`FIRST_SAFE`, or takes no arrays.
    """
    if tuple(int(part) for part in version.split(".")[:3]) < FIRST_SAFE:
        wrong = f"SQLite {version} can lose commits when its log of writes begins anew (fixed in 3.51.3)."
        raise StorageRefusedError(wrong, INSTALL)
    if "ENABLE_CARRAY" not in options:
        raise StorageRefusedError(f"This SQLite {version} takes no arrays (SQLITE_ENABLE_CARRAY).", INSTALL)


def set_and_read_back(connection: apsw.Connection, settings: tuple[tuple[str, int | str, int | str], ...]) -> None:
    """Make a connection's settings, and refuse to go on if one did not take.

    Raises:
        StorageRefusedError: a setting reads back otherwise.
    """
    for name, value, expected in settings:
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
        row = connection.execute(f"PRAGMA {name}").fetchone()
        # A setting that this build leaves out altogether gives no row: mmap_size where memory maps are not compiled in.
        if row is None and expected == 0:
            continue
        if row is None or row[0] != expected:
            wrong = f"SQLite does not take {name} = {value} here; it says {row and row[0]}."
            raise StorageRefusedError(wrong, "Keep the journal on a local disk and use the installed apsw.")


def check_header(connection: apsw.Connection, name: str) -> None:
    """Refuse a database that is no journal, or one of a newer form.

    Raises:
        StorageRefusedError: it is not ours, or newer.
    """
    application = connection.execute("PRAGMA application_id").fetchone()
    version = connection.execute("PRAGMA user_version").fetchone()
    if application is None or application[0] != APPLICATION_ID:
        raise StorageRefusedError(f"{name} is no journal of Fabrika.", "Name the folder that holds the journal.")
    if version is None or version[0] != USER_VERSION:
        wrong = f"{name} has the form {version and version[0]}, and this version of Fabrika knows {USER_VERSION}."
        raise StorageRefusedError(wrong, "Use the version of Fabrika that wrote it, or a newer one.")


def make_tables(connection: apsw.Connection) -> None:
    """Write the tables and the header into an empty database, in one transaction."""
    connection.execute("BEGIN EXCLUSIVE")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")
    connection.execute("COMMIT")


@cache
def expected_schema() -> frozenset[tuple[str, ...]]:
    """What a journal's own table of definitions holds: type, name, table and statement of each, as text."""
    connection = apsw.Connection(":memory:")
    make_tables(connection)
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    connection.close()
    return frozenset(tuple(map(str, row)) for row in rows)
