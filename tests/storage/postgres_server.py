"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, under a user who is not root.

It is a real cluster of Debian's ``postgresql`` with fsync on, which tests may kill and start again.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

MISSING = "no PostgreSQL server here: install it (Debian: apt-get install postgresql) to run the tests of the storage"


def programs() -> Path | None:
    """The folder of the newest server that is installed, None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).resolve().parent if there and shutil.which("postgres") else None


def roomy() -> str:
    """A folder for short-lived files: in memory if a gigabyte is free there."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else "/tmp"


class Server:
    """A cluster, running."""

    def __init__(self, bin_folder: Path) -> None:
        self.bin = bin_folder
        # Sockets have short names, and another user must be able to reach the folder. In memory where there is room: a
        # killed server proves nothing about the disk, and many small databases are slow to make on one.
        self.folder = Path(tempfile.mkdtemp(prefix="fabrika-pg-", dir=roomy()))
        self.data = self.folder / "data"
        self.user: dict[str, object] = {}
        if os.getuid() == 0:
            names = [entry.pw_name for entry in pwd.getpwall()]
            name = "postgres" if "postgres" in names else "nobody"
            entry = pwd.getpwnam(name)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self.made = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--auth=trust", "--username=keeper", "--encoding=UTF8", "--locale=C", "--no-sync", "data")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"listen_addresses=''\nunix_socket_directories='{self.folder}'\nmax_wal_size='64MB'\n")
            file.write("dynamic_shared_memory_type=mmap\n")
        self.start()

    def _run(self, program: str, *words: str) -> None:
        subprocess.run([self.bin / program, *words], cwd=self.folder, check=True, capture_output=True, **self.user)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", str(self.data)], cwd=self.folder, stdout=log, stderr=log, **self.user
        )
        log.close()
        for _ in range(600):
            done = subprocess.run(
                [self.bin / "pg_isready", "-q", "-h", self.folder, "-U", "keeper", "-d", "postgres"], check=False
            )
            if done.returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())

    def kill(self) -> None:
        """Kill the server and every process it made, as a power cut of the machine would end them."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in (self.process.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{pid}/cmdline").exists() and _alive(pid) for pid in children):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def address(self, database: str, user: str = "keeper") -> str:
        """The address of a database."""
        return f"host={self.folder} dbname={database} user={user}"

    def database(self) -> str:
        """The address of a new, empty database."""
        import psycopg

        self.made += 1
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE book_{self.made} TEMPLATE template0")
        return self.address(f"book_{self.made}")

    def stop(self) -> None:
        """End the server and sweep its folder away."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


def _alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
