"""Snapshots of a view in a folder: thrown away without harm, and never believed unless book, version and hash fit.

::

    DATA/snapshots/HOUSE-SIZE.snapshot   one for each state that is kept
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import msgspec

from fabrika.errors import BookError
from fabrika.events.fields import Key
from fabrika.journal.corrections import Notice
from fabrika.journal.view import Snapshot, View

SUFFIX = ".snapshot"


class _Stored(msgspec.Struct, array_like=True):
    name: str
    version: int
    size: int
    root: bytes
    state: bytes
    state_hash: bytes
    notices: list[tuple[Key, Key, Key | None]]


_decoder = msgspec.msgpack.Decoder(_Stored)


class Snapshots:
    """The snapshots of one view.

    Args:
        folder: made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, view: View[Any]) -> None:
        """Store the view's state and the states it could go back to, and drop what is stored beside them.

        A disk that is full or fails is no reason to stop: a snapshot saves time and nothing else.
        """
        try:
            found = view.snapshots()
            names = {f"{snapshot.name}-{snapshot.size}{SUFFIX}": snapshot for snapshot in found}
            newest = next(reversed(names))
            self.folder.mkdir(mode=0o700, exist_ok=True)
            notices = found[-1].notices
            for name, snapshot in names.items():
                # A state that is stored already with the same corrections needs not be written again.
                stored = None if name == newest else self._read(self.folder / name)
                if stored is None or stored.notices != notices or stored.state_hash != snapshot.state_hash:
                    self._write(self.folder / name, snapshot)
            for path in self.folder.iterdir():
                if path.name not in names and path.suffix in {SUFFIX, ".part"}:
                    path.unlink(missing_ok=True)
        except (OSError, BookError):
            return

    def resume(self, view: View[Any]) -> bool:
        """Let a view go on from the newest snapshot that fits; False if none does."""
        found = []
        if self.folder.is_dir():
            found = [self._read(path) for path in self.folder.iterdir() if path.suffix == SUFFIX]
        whole = sorted((snapshot for snapshot in found if snapshot is not None), key=lambda one: -one.size)
        return any(view.resume(snapshot, whole[place + 1 :]) for place, snapshot in enumerate(whole))

    def _write(self, path: Path, snapshot: Snapshot) -> None:
        notices = [(notice.key, notice.target, notice.replacement) for notice in snapshot.notices]
        stored = _Stored(*snapshot[:-1], notices)
        part = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part")
        with part.open("xb") as file:
            file.write(msgspec.msgpack.encode(stored))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def _read(self, path: Path) -> Snapshot | None:
        try:
            stored = _decoder.decode(path.read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
        notices = tuple(Notice(*notice) for notice in stored.notices)
        return Snapshot(stored.name, stored.version, stored.size, stored.root, stored.state, stored.state_hash, notices)
