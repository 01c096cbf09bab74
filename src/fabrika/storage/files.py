"""The content store in a folder: each file under its SHA-256, written once, durable before it is told."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from fabrika.errors import BookDamagedError, StorageFailedError, StorageRefusedError
from fabrika.events.codec import digest
from fabrika.journal.port import Finding
from fabrika.storage.faults import FaultPoint, nothing
from fabrika.storage.place import sync_folder

_NAME = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"\.[0-9a-f]{16}\.part")


class FolderFiles:
    """See :class:`fabrika.journal.port.Files`.

    Args:
        folder: the folder; it is made if it is missing.
        writes: sweep away what a writer that died has left unfinished.
        at: called at every fault point.

    Raises:
        StorageRefusedError: it is no folder and cannot be made one.
    """

    def __init__(self, folder: Path, *, writes: bool = False, at: FaultPoint = nothing) -> None:
        self.folder, self._at = folder, at
        try:
            if writes and not folder.is_dir():
                folder.mkdir(mode=0o700)
                sync_folder(folder.parent)
            if writes:
                for path in folder.iterdir():
                    if _PART.fullmatch(path.name):
                        path.unlink()
        except OSError as error:
            raise StorageRefusedError(f"The folder {folder} cannot be used ({error.strerror}).") from None

    def put(self, data: bytes) -> str:
        """Keep these bytes and give their SHA-256; they are durable when this returns.

        Raises:
            StorageFailedError: the disk failed or is full.
            BookDamagedError: other bytes lie under their name.
        """
        name = digest(data)
        path = self.folder / name
        if self.has(name):
            self.get(name)
            return name
        part = self.folder / f".{secrets.token_hex(8)}.part"
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._at("file written, not in place")
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise StorageFailedError(f"A file cannot be kept in {self.folder} ({error.strerror}).") from None
        self._at("file in place, folder not durable")
        sync_folder(self.folder)
        self._at("file durable, not acknowledged")
        return name

    def get(self, digest: str) -> bytes:
        """The bytes of a SHA-256.

        Raises:
            BookDamagedError: they are missing or others.
        """
        if not self.has(digest):
            raise BookDamagedError(f"The file {digest} is missing.")
        data = self._bytes(digest)
        if data is None:
            raise BookDamagedError(f"The file {digest} has other bytes than its name says.")
        return data

    def has(self, digest: str) -> bool:
        """Whether a file is kept.

        Raises:
            StorageFailedError: the disk does not say.
        """
        path = self.folder / digest
        try:
            return _NAME.fullmatch(digest) is not None and path.is_file() and not path.is_symlink()
        except OSError as error:
            raise StorageFailedError(f"The folder {self.folder} cannot be read ({error.strerror}).") from None

    def digests(self) -> Iterator[str]:
        """Every file that is kept."""
        for path in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            if self.has(path.name):
                yield path.name

    def findings(self) -> Iterator[Finding]:
        """What lies in the folder and is no file of it, or not what its name says."""
        for path in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            if not self.has(path.name):
                if not _PART.fullmatch(path.name):
                    yield Finding(f"file {path.name}", "It is no file of the content store.")
            elif self._bytes(path.name) is None:
                yield Finding(f"file {path.name}", "It has other bytes than its name says.")

    def _bytes(self, name: str) -> bytes | None:
        """The file's bytes, None if they are others than the name says."""
        try:
            data = (self.folder / name).read_bytes()
        except OSError as error:
            raise StorageFailedError(f"The file {name} cannot be read ({error.strerror}).") from None
        return data if digest(data) == name else None
