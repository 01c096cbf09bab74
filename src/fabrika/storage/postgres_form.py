"""The form of a journal in PostgreSQL: its tables, the settings without which it is refused.

Reasons are in ``docs/decisions/0024-postgresql.md``.
"""

from __future__ import annotations

from typing import Any

import psycopg

from fabrika.errors import StorageRefusedError

Connection = psycopg.Connection[tuple[Any, ...]]

APPLICATION, VERSION = 0x46616272, 1
"""What the table ``form`` says: whose the tables are ("Fabr") and which form they have."""

WRITER_LOCK = (APPLICATION, 1)
"""The advisory lock that the one writer of a database holds as long as its session lives."""

SCHEMA = (
    "CREATE SCHEMA fabrika",
    "CREATE TABLE fabrika.form(application integer NOT NULL, version integer NOT NULL)",
    f"INSERT INTO fabrika.form VALUES({APPLICATION}, {VERSION})",
    (
        'CREATE TABLE fabrika.source(id integer PRIMARY KEY, name text COLLATE "C" NOT NULL, '
        'epoch text COLLATE "C" NOT NULL, UNIQUE(name, epoch))'
    ),
    (
        "CREATE TABLE fabrika.entry(position bigint PRIMARY KEY CHECK(position >= 0), bytes bytea NOT NULL, "
        "source integer NOT NULL, sequence bigint NOT NULL, UNIQUE(source, sequence))"
    ),
    (
        "CREATE TABLE fabrika.tile(level integer NOT NULL, number bigint NOT NULL, "
        "hashes bytea NOT NULL CHECK(octet_length(hashes) = 8192), PRIMARY KEY(level, number))"
    ),
    "CREATE TABLE fabrika.checkpoint(size bigint PRIMARY KEY, note text NOT NULL)",
    (
        "CREATE FUNCTION fabrika.append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RAISE EXCEPTION ''append only''; END'"
    ),
    *(
        statement
        for table in ("form", "source", "entry", "tile")
        for statement in (
            (
                f"CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON fabrika.{table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION fabrika.append_only()"
            ),
            # Also for sessions that call themselves replicas, which pass over ordinary triggers.
            f"ALTER TABLE fabrika.{table} ENABLE ALWAYS TRIGGER never_changed",
        )
    ),
)
"""Only ``entry.bytes`` and ``checkpoint.note`` are truth; everything else follows from them and is checked against them."""

GRANTS = (
    "GRANT USAGE ON SCHEMA fabrika TO {role}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA fabrika TO {role}",
)
"""What a role needs in order to read a journal."""

WRITER_GRANTS = (
    *GRANTS,
    "GRANT INSERT ON fabrika.source, fabrika.entry, fabrika.tile, fabrika.checkpoint TO {role}",
    "GRANT UPDATE ON fabrika.checkpoint TO {role}",
)
"""What a role needs in order to write one; it can neither change nor delete an entry, nor take the guards away."""

SETTINGS: tuple[tuple[str, str], ...] = (
    ("synchronous_commit", "on"),
    ("client_encoding", "UTF8"),
    ("search_path", "pg_catalog"),
    ("lock_timeout", "5s"),
    ("statement_timeout", "0"),
    ("tcp_keepalives_idle", "10"),
)
"""Name, and what is set; the first three must read back."""

REQUIRED: tuple[tuple[str, str], ...] = (
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("zero_damaged_pages", "off"),
    ("ignore_checksum_failure", "off"),
    ("server_encoding", "UTF8"),
)
"""What the server must say of itself."""

_FORM = """
SELECT 'column', c.relname || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'fabrika'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'relation', relname,
       concat(relkind, relpersistence, CASE WHEN relrowsecurity OR relhasrules OR relhassubclass THEN ' altered' END)
  FROM pg_class WHERE relnamespace = 'fabrika'::regnamespace AND relkind <> 't'
UNION ALL
SELECT 'constraint', c.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.relnamespace = 'fabrika'::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT 'trigger', c.relname || '.' || t.tgname, concat_ws(' ', t.tgenabled, t.tgtype, p.proname)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE c.relnamespace = 'fabrika'::regnamespace
UNION ALL
SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'fabrika'::regnamespace
"""

_EXPECTED = """
column checkpoint.note text not null
column checkpoint.size bigint not null
column entry.bytes bytea not null
column entry.position bigint not null
column entry.sequence bigint not null
column entry.source integer not null
column form.application integer not null
column form.version integer not null
column source.epoch text not null
column source.id integer not null
column source.name text not null
column tile.hashes bytea not null
column tile.level integer not null
column tile.number bigint not null
constraint checkpoint.checkpoint_pkey PRIMARY KEY (size)
constraint entry.entry_pkey PRIMARY KEY ("position")
constraint entry.entry_position_check CHECK (("position" >= 0))
constraint entry.entry_source_sequence_key UNIQUE (source, sequence)
constraint source.source_name_epoch_key UNIQUE (name, epoch)
constraint source.source_pkey PRIMARY KEY (id)
constraint tile.tile_hashes_check CHECK ((octet_length(hashes) = 8192))
constraint tile.tile_pkey PRIMARY KEY (level, number)
function append_only BEGIN RAISE EXCEPTION 'append only'; END
relation checkpoint rp
relation checkpoint_pkey ip
relation entry rp
relation entry_pkey ip
relation entry_source_sequence_key ip
relation form rp
relation source rp
relation source_name_epoch_key ip
relation source_pkey ip
relation tile rp
relation tile_pkey ip
trigger entry.never_changed A 58 append_only
trigger form.never_changed A 58 append_only
trigger source.never_changed A 58 append_only
trigger tile.never_changed A 58 append_only
"""


def check_server(connection: Connection, name: str, *, writes: bool) -> None:
    """Make a session's settings, read them back, and refuse a server that does not keep what it acknowledged.

    Raises:
        StorageRefusedError: a setting is not as it must be, or the server is a standby and the journal is to be written.
    """
    for setting, value in SETTINGS:
        connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", (setting, value))
    if not writes:
        connection.execute("SET default_transaction_read_only = on")
    for setting, value in (*SETTINGS[:3], *REQUIRED):
        row = connection.execute("SELECT pg_catalog.current_setting(%s)", (setting,)).fetchone()
        if row != (value,):
            wrong = f"The server of {name} has {setting} = {row and row[0]}; a journal needs {value}."
            raise StorageRefusedError(wrong, "Set it in postgresql.conf and start the server anew.")
    if writes and connection.execute("SELECT pg_catalog.pg_is_in_recovery()").fetchone() != (False,):
        raise StorageRefusedError(f"{name} is a standby, which can only be read.", "Name the primary server.")


def check_form(connection: Connection, name: str) -> None:
    """Refuse a database that holds no journal, one of a newer form, or one that a crash would empty.

    Raises:
        StorageRefusedError: it is not ours, newer, or its tables are not logged.
    """
    if not is_made(connection):
        raise StorageRefusedError(f"There is no journal in {name}.", "Check the address, or move a journal there.")
    rows = connection.execute("SELECT application, version FROM fabrika.form").fetchall()
    if rows != [(APPLICATION, VERSION)]:
        wrong = f"{name} holds a journal of the form {rows}, and this version of Fabrika knows {VERSION}."
        raise StorageRefusedError(wrong, "Use the version of Fabrika that wrote it, or a newer one.")
    statement = "SELECT relname FROM pg_class WHERE relnamespace = 'fabrika'::regnamespace AND relpersistence <> 'p'"
    for (table,) in connection.execute(statement):
        wrong = f"The table {table} in {name} is not logged: a crash of the server would empty it."
        raise StorageRefusedError(wrong, f"ALTER TABLE fabrika.{table} SET LOGGED, then verify the journal.")


def is_made(connection: Connection) -> bool:
    """Whether the database holds tables of ours."""
    return connection.execute("SELECT pg_catalog.to_regclass('fabrika.form')").fetchone() != (None,)


def make_tables(connection: Connection) -> None:
    """Write the tables into a database without a journal, in one transaction."""
    with connection.transaction():
        for statement in SCHEMA:
            connection.execute(statement)


def form_differences(connection: Connection) -> list[str]:
    """What the database's own catalogue holds of a journal that is not as it was made, or lacks."""
    there = {" ".join(map(str, row)) for row in connection.execute(_FORM)}
    return sorted(there ^ set(_EXPECTED.strip().splitlines()))
