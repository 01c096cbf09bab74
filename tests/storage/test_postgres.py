"""PostgreSQL: settings that are refused, guards, second writers, and servers that are killed under load."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from fabrika.errors import BookInUseError, SetupError, StorageFailedError, StorageRefusedError
from fabrika.journal.verify import verify
from fabrika.storage import postgres_form
from fabrika.storage.faults import FAULT_POINTS
from fabrika.storage.memory import MemoryFiles
from fabrika.storage.postgres import PostgresReader, PostgresStorage, shown_address
from fabrika.storage.sqlite import SqliteReader
from journal.books import AT, BOOK_KEY, EPOCH, opened, told, units

WRITER, SOURCES = Path(__file__).with_name("postgres_writer.py"), 4


@pytest.fixture
def address(postgres):
    return postgres.database()


@pytest.fixture
def storage(address):
    storage = PostgresStorage.created(address)
    yield storage
    storage.close()


def asked(address, *statements):
    """What the server answers to its keeper."""
    with psycopg.connect(address, autocommit=True) as connection:
        return [connection.execute(statement) for statement in statements]


def test_settings_are_made_and_read_back(storage):
    for name, expected in (*postgres_form.SETTINGS[:3], *postgres_form.REQUIRED):
        assert storage._rows("SELECT current_setting(%s)", (name,)) == [(expected,)], name


@pytest.mark.parametrize(
    ("setting", "wrong"), [("fsync", "off"), ("full_page_writes", "off"), ("zero_damaged_pages", "on")]
)
def test_a_server_that_does_not_keep_what_it_acknowledged_is_refused(postgres, storage, setting, wrong):
    storage.close()
    database = storage.conninfo
    try:
        asked(database, f"ALTER SYSTEM SET {setting} = {wrong}", "SELECT pg_reload_conf()")
        for _ in range(200):
            with psycopg.connect(database) as connection:
                if connection.execute(f"SHOW {setting}").fetchone() == (wrong,):
                    break
            time.sleep(0.02)
        for opening in (PostgresReader, PostgresStorage, PostgresStorage.created):
            with pytest.raises(StorageRefusedError, match=f"has {setting} = {wrong}"):
                opening(database)
    finally:
        asked(database, f"ALTER SYSTEM RESET {setting}", "SELECT pg_reload_conf()")
    for _ in range(200):
        with psycopg.connect(database) as connection:
            if connection.execute(f"SHOW {setting}").fetchone() != (wrong,):
                break
        time.sleep(0.02)
    PostgresReader(database).close()


def test_a_role_that_was_told_to_commit_lazily_commits_durably(storage):
    """synchronous_commit = off may stand in the server's file, the role or the database: the session sets its own."""
    opened(storage)
    storage.close()
    asked(storage.conninfo, "ALTER ROLE keeper SET synchronous_commit = off")
    try:
        again = PostgresStorage(storage.conninfo)
        assert again._rows("SELECT current_setting('synchronous_commit')") == [("on",)]
        told(opened(again), 1)
        again.close()
    finally:
        asked(storage.conninfo, "ALTER ROLE keeper RESET synchronous_commit")


def test_a_session_that_lost_its_flush_commits_nothing(storage):
    book = opened(storage)
    storage._connection.execute("SET synchronous_commit = off")
    with pytest.raises(StorageFailedError, match="synchronous_commit = on was lost"):
        told(book, 1)
    assert storage.size() == 1
    with pytest.raises(StorageFailedError, match="failed before"):
        storage.keep_checkpoint(1, "note")


def test_a_proxy_that_exchanges_sessions_is_noticed(storage):
    book = opened(storage)
    storage._session += 1
    with pytest.raises(StorageFailedError, match="exchanged by a proxy"):
        told(book, 1)


def test_a_table_that_a_crash_would_empty_is_refused(storage):
    opened(storage)
    storage.close()
    asked(storage.conninfo, "ALTER TABLE fabrika.entry SET UNLOGGED")
    with pytest.raises(StorageRefusedError, match="not logged"):
        PostgresStorage(storage.conninfo)


@pytest.mark.parametrize("table", ["entry", "tile", "source", "form"])
def test_entries_tiles_and_sources_cannot_be_changed_even_by_their_owner(storage, table):
    opened(storage)
    for statement in (f"DELETE FROM fabrika.{table}", f"TRUNCATE fabrika.{table}"):
        for role in ("", "SET session_replication_role = replica; "):
            with pytest.raises(psycopg.errors.RaiseException, match="append only"):
                asked(storage.conninfo, role + statement)
    with pytest.raises(psycopg.errors.RaiseException, match="append only"):
        asked(storage.conninfo, "UPDATE fabrika.entry SET bytes = ''")


def test_a_writers_role_writes_a_book_and_can_take_no_guard_away(postgres, storage):
    opened(storage)
    storage.close()
    role = f"writer_{postgres.made}"
    asked(storage.conninfo, f"CREATE ROLE {role} LOGIN")
    asked(storage.conninfo, *(grant.format(role=role) for grant in postgres_form.WRITER_GRANTS))
    address = postgres.address(storage.conninfo.split("dbname=")[1].split()[0], role)
    book = opened(PostgresStorage(address))
    told(book, *range(300))
    book.sign(BOOK_KEY)
    book.sign(BOOK_KEY)
    assert verify(book.storage, book.files, [BOOK_KEY.verifier]).findings == []
    book.storage.close()
    for statement in (
        "UPDATE fabrika.entry SET bytes = ''",
        "DELETE FROM fabrika.entry",
        "TRUNCATE fabrika.entry",
        "DELETE FROM fabrika.checkpoint",
        "DROP TRIGGER never_changed ON fabrika.entry",
        "ALTER TABLE fabrika.entry DISABLE TRIGGER ALL",
        "DROP TABLE fabrika.entry",
        "CREATE TABLE fabrika.lot(id integer)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(address, statement)
    asked(storage.conninfo, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_reader_cannot_write_and_sees_what_is_committed(storage):
    book = opened(storage)
    reader = PostgresReader(storage.conninfo)
    told(book, 1, 2)
    assert reader.size() == 3
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader._connection.execute("INSERT INTO fabrika.checkpoint VALUES(9, 'x')")
    reader.close()


def test_a_second_writer_is_refused_until_the_first_ends(storage):
    with pytest.raises(BookInUseError, match="Another process"):
        PostgresStorage(storage.conninfo)
    storage.close()
    PostgresStorage(storage.conninfo).close()


def test_a_process_that_was_forked_off_writes_nothing(storage):
    book = opened(storage)
    message = book.pen("line-1", EPOCH).write(units(), AT)
    storage._process += 1
    with pytest.raises(StorageFailedError, match="forked"):
        book.append([message], AT)
    storage._process -= 1


def test_a_batch_that_does_not_follow_is_refused(storage):
    book = opened(storage)
    storage._connection.execute("INSERT INTO fabrika.entry VALUES(1, '', 9, 9)")
    with pytest.raises(StorageFailedError, match="2 entries, not 1"):
        told(book, 1)


def test_start_up_says_why_a_database_is_no_journal(postgres, storage, address):
    with pytest.raises(StorageRefusedError, match="already"):
        PostgresStorage.created(storage.conninfo)
    with pytest.raises(StorageRefusedError, match="no address"):
        PostgresReader("postgresql://[")
    with pytest.raises(StorageRefusedError, match="no-such"):
        PostgresReader(postgres.address("no-such"))
    with pytest.raises(StorageRefusedError, match="cannot be opened"):
        PostgresReader("host=/nowhere dbname=x")
    empty = postgres.database()
    for opening in (PostgresReader, PostgresStorage):
        with pytest.raises(StorageRefusedError, match="no journal"):
            opening(empty)
    asked(empty, "CREATE SCHEMA fabrika", "CREATE TABLE fabrika.form(application integer, version integer)")
    asked(empty, f"INSERT INTO fabrika.form VALUES({postgres_form.APPLICATION}, 2)")
    with pytest.raises(StorageRefusedError, match="of the form"):
        PostgresReader(empty)
    asked(empty, "DROP SCHEMA fabrika CASCADE", "CREATE ROLE visitor LOGIN", "CREATE SCHEMA fabrika")
    visitor = postgres.address(empty.split("dbname=")[1].split()[0], "visitor")
    with pytest.raises(StorageRefusedError, match="cannot be made"):
        PostgresStorage.created(visitor)


def test_a_password_is_not_shown():
    shown = shown_address("postgresql://fabrika:secret@server/plant")
    assert shown == "PostgreSQL(host=server dbname=plant user=fabrika)"


def test_without_the_driver_it_says_what_to_install():
    script = "import sys; sys.modules['psycopg'] = None\nimport fabrika.storage.postgres"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert SetupError.__name__ in done.stderr
    assert "requirements-postgres.lock" in done.stderr


def test_what_does_not_belong_into_the_database_is_named(storage):
    told(opened(storage), 1)
    for statement, said in (
        ("CREATE TABLE fabrika.lot(id integer)", "relation lot rp"),
        ("DROP TRIGGER never_changed ON fabrika.entry", "entry.never_changed"),
        ("ALTER TABLE fabrika.entry DISABLE TRIGGER never_changed", "entry.never_changed"),
        ("ALTER TABLE fabrika.entry ENABLE ROW LEVEL SECURITY", "relation entry rp"),
        ("CREATE RULE hide AS ON INSERT TO fabrika.entry DO INSTEAD NOTHING", "relation entry rp"),
        ("ALTER TABLE fabrika.entry DROP CONSTRAINT entry_source_sequence_key", "entry_source_sequence_key"),
        ("INSERT INTO fabrika.tile VALUES(0, 7, decode(repeat('00', 8192), 'hex'))", "1 tiles are stored"),
        ("INSERT INTO fabrika.source VALUES(9, 'nobody', 'x')", "'nobody' has no entry"),
    ):
        with storage._connection.transaction(force_rollback=True):
            storage._connection.execute(statement)
            assert any(said in finding.wrong for finding in storage.findings()), statement
    assert not list(storage.findings())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE fabrika.entry SET sequence = 7700 WHERE position = 2", "not found by its identity"),
        ("UPDATE fabrika.entry SET position = 9900 WHERE position = 2", "is missing"),
        ("DELETE FROM fabrika.entry WHERE position = 2", "is missing"),
        ("UPDATE fabrika.source SET epoch = '0000000000000000' WHERE id = 2", "not found by its identity"),
        ("UPDATE fabrika.tile SET hashes = set_byte(hashes, 100, get_byte(hashes, 100) # 1)", "does not follow"),
        ("DELETE FROM fabrika.tile", "does not follow"),
        ("UPDATE fabrika.entry SET bytes = set_byte(bytes, 300, get_byte(bytes, 300) # 1) WHERE position = 2", ""),
        ("DELETE FROM fabrika.entry", "empty"),
    ],
)
def test_whoever_goes_round_the_guards_is_found(storage, change, said):
    book = opened(storage)
    told(book, *range(300))
    book.sign(BOOK_KEY)
    for table in ("entry", "tile", "source"):
        storage._connection.execute(f"ALTER TABLE fabrika.{table} DISABLE TRIGGER never_changed")
    storage._connection.execute(change)
    for table in ("entry", "tile", "source"):
        storage._connection.execute(f"ALTER TABLE fabrika.{table} ENABLE ALWAYS TRIGGER never_changed")
    findings = verify(storage, MemoryFiles(), [BOOK_KEY.verifier]).findings
    assert findings
    assert any(said in finding.wrong for finding in findings)


def test_a_copy_is_whole_while_the_book_grows(storage, tmp_path):
    book = opened(storage)
    told(book, *range(500))
    book.sign(BOOK_KEY)
    copy = tmp_path / "copy.sqlite"
    reader = PostgresReader(storage.conninfo)
    read = reader.read

    def grown(start=0, stop=None):
        told(book, 1)
        yield from read(start, stop)

    reader.read = grown
    reader.copy_to(copy)
    assert storage.size() > 501
    copied = SqliteReader(copy)
    assert copied.size() == 501
    assert verify(copied, MemoryFiles(), [BOOK_KEY.verifier]).findings == []
    copied.close()
    with pytest.raises(StorageRefusedError, match="exists"):
        reader.copy_to(copy)
    reader.close()
    assert [path.name for path in tmp_path.iterdir()] == ["copy.sqlite"]


def test_the_named_points_are_passed_in_order(address):
    passed = []
    storage = PostgresStorage.created(address, at=passed.append)
    opened(storage).sign(BOOK_KEY)
    assert passed == list(FAULT_POINTS[:4])
    storage.close()


@pytest.mark.parametrize("point", ["append begun", "entries written, not committed"])
def test_a_failure_before_the_commit_leaves_nothing_and_stops_the_journal(address, point):
    def at(name):
        if armed and name == point:
            raise OSError(5, "Input/output error")

    armed = []
    storage = PostgresStorage.created(address, at=at)
    book = opened(storage)
    armed.append(True)
    with pytest.raises(OSError, match="Input/output"):
        told(book, 1)
    assert storage.size() == 1
    with pytest.raises(StorageFailedError, match="failed before"):
        told(book, 1)
    storage.close()


def test_a_session_that_the_server_ended_fails_and_a_new_one_goes_on(storage):
    book = opened(storage)
    asked(storage.conninfo, f"SELECT pg_terminate_backend({storage._session})")
    with pytest.raises(StorageFailedError, match="cannot be"):
        told(book, 1)
    again = opened(PostgresStorage(storage.conninfo))
    told(again, 1)
    assert again.size == 2
    again.storage.close()


def test_a_server_that_is_killed_under_load_loses_nothing_it_acknowledged(postgres, storage):
    """Kills of the whole server, again and again, while four sources write through one group commit."""
    opened(storage)
    storage.close()
    chance, done = random.Random(11), [0] * SOURCES
    for _ in range(10):
        command = [sys.executable, str(WRITER), storage.conninfo, *map(str, done)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        assert writer.stdout.readline() == b"ready\n", writer.stderr.read().decode()
        time.sleep(chance.uniform(0.02, 0.3))
        postgres.kill()
        out, err = writer.communicate(timeout=60)
        assert writer.returncode == 3, err.decode()
        lines = out.decode().splitlines()
        assert lines[-1] == "failed"
        for line in lines[:-1]:
            source, number = map(int, line.split())
            done[source] = max(done[source], number)
        postgres.start()
        reader = PostgresReader(storage.conninfo)
        assert verify(reader, MemoryFiles(), []).findings == []
        for source, told_so_far in enumerate(done):
            there = sum(b'"source":"line-%d"' % source in data for data in reader.read())
            assert told_so_far <= there <= told_so_far + 1
        reader.close()
    assert sum(done) > 100
