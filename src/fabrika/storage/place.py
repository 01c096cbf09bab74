"""Whether a folder can carry a book: a local disk, ours alone, where a write is durable once the disk says so."""

from __future__ import annotations

import os
from pathlib import Path

from fabrika.errors import BookInUseError, StorageFailedError, StorageRefusedError

REMOTE = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "gluster",
    "lustre",
    "fuse.sshfs",
    "fuse.glusterfs",
    "ncpfs",
    "davfs",
)
"""Beginnings of the names of file systems whose locks and flushes cannot be relied on."""

MOUNTS = Path("/proc/mounts")


def file_system_of(folder: Path, mounts: str) -> str:
    """The name of the file system that a folder lies on, by the system's table of mounts; empty if it is not told."""
    best, found = "", ""
    place = str(folder.resolve())
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 3:
            continue
        at = words[1].replace("\\040", " ")
        inside = place == at or place.startswith(at.rstrip("/") + "/")
        if inside and len(at) >= len(best):
            best, found = at, words[2]
    return found


def check_place(folder: Path) -> None:
    """Refuse a folder on a network file system.

    Raises:
        StorageRefusedError: it lies on one.
    """
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # a system without this table; nothing can be told of its file systems
    name = file_system_of(folder, mounts)
    if name.startswith(REMOTE):
        wrong = f"{folder} lies on a network file system ({name}), whose locks and flushes cannot be relied on."
        raise StorageRefusedError(wrong, "Keep the journal on a disk of this machine and back it up to the network.")


def check_file(path: Path) -> None:
    """Refuse what is not a plain file.

    Raises:
        StorageRefusedError: it is missing, a folder, a link or something else.
        StorageFailedError: the disk does not say.
    """
    try:
        _check_file(path)
    except OSError as error:
        raise StorageFailedError(f"{path} cannot be looked at ({error.strerror}).") from None


def _check_file(path: Path) -> None:
    if path.is_symlink():
        raise StorageRefusedError(f"{path} is a link.", "Put the file itself there; a link can be turned elsewhere.")
    if not path.exists():
        raise StorageRefusedError(f"There is no journal at {path}.", "Check the folder, or restore the journal there.")
    if not path.is_file():
        raise StorageRefusedError(f"{path} is no file.")
    if not os.access(path, os.R_OK):
        raise StorageRefusedError(f"{path} may not be read.", "Ask its owner for permission to read it.")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable.

    Raises:
        StorageFailedError: the disk refuses.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StorageFailedError(f"The folder {folder} cannot be made durable ({error.strerror}).") from None


class WriterLock:
    """The right to write a book, held by one process as long as it lives.

    Args:
        path: the lock file; it stays and means nothing by itself.

    Raises:
        BookInUseError: another process holds it.
        StorageRefusedError: the file cannot be made, or this system has no such locks.
    """

    def __init__(self, path: Path) -> None:
        try:
            import fcntl
        except ImportError:
            wrong = "This system has no file locks that Fabrika knows."
            raise StorageRefusedError(wrong, "Keep the journal on Linux or macOS.") from None
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StorageRefusedError(f"The lock {path} cannot be made ({error.strerror}).") from None
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise BookInUseError(f"Another process writes the journal beside {path}.") from None

    def release(self) -> None:
        """Give the right back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
