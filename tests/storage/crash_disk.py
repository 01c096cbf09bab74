"""A disk that remembers, and every state in which a power cut could have left it.

:class:`RecordingDisk` is a file system of SQLite that passes everything on to the system's and writes down each write, truncation,
flush and deletion of a journal's files, and each acknowledgement. :class:`Replay` walks through that record: at any point it knows
what flushes promised and what was still on its way, and :meth:`Replay.states` makes the disks that a cut could leave there: what
was promised, and of the rest nothing, a beginning, any part, any part in another order, or sectors torn out or filled with
foreign bytes.

A flush that fails makes nothing durable, and no later flush makes up for it: the system drops what it could not write and forgets
that it was there. Whoever reads the file still sees it, until the power goes.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import apsw

SECTOR = 512
MODELS = ("nothing", "beginning", "part", "order", "torn", "foreign")


class Deed(NamedTuple):
    """One thing that happened: ``write``, ``truncate``, ``sync``, ``sync failed``, ``delete`` or ``told``."""

    kind: str
    file: str = ""
    at: int = 0
    data: bytes = b""
    told: Any = None


class _File(apsw.VFSFile):
    def __init__(self, disk: RecordingDisk, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self.disk = disk
        self.name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "").name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw's name
        self.disk.note(Deed("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - apsw's name
        self.disk.note(Deed("truncate", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's name
        if self.disk.fails(self.name):
            self.disk.note(Deed("sync failed", self.name))
            raise apsw.IOError("the disk says no")
        super().xSync(flags)
        self.disk.note(Deed("sync", self.name))


class RecordingDisk(apsw.VFS):
    """SQLite's file system while it is in use, in place of the ordinary one.

    Attributes:
        deeds: what happened since :meth:`begin`.
        failing: how many of the next flushes of a file succeed, and how many then fail (-1 for all), by its name.
    """

    def __init__(self) -> None:
        super().__init__("recording", "unix", makedefault=True)
        self.deeds: list[Deed] | None = None
        self.failing: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Write down everything from here on."""
        self.deeds = []

    def note(self, deed: Deed) -> None:
        """One thing more that happened."""
        with self._lock:
            if self.deeds is not None:
                self.deeds.append(deed)

    def fails(self, name: str) -> bool:
        """Whether this flush is to fail."""
        good, bad = self.failing.get(name, (0, 0))
        if good:
            self.failing[name] = good - 1, bad
            return False
        if bad > 0:
            self.failing[name] = 0, bad - 1
        return bad != 0

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - apsw's name
        return _File(self, name, flags)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802 - apsw's name
        super().xDelete(name, syncdir)
        self.note(Deed("delete", Path(name).name))
        if syncdir:
            self.note(Deed("sync", Path(name).name))


class Image(NamedTuple):
    """A disk after a cut.

    Attributes:
        model: what became of what was on its way.
        files: their bytes by name.
        told: everything that was acknowledged before the cut.
    """

    model: str
    files: dict[str, bytes]
    told: list[Any]


class Replay:
    """Walks through a record.

    Args:
        files: the files as they were durably when the record began.
        deeds: the record.
    """

    def __init__(self, files: dict[str, bytes], deeds: list[Deed]) -> None:
        self.durable: dict[str, bytearray | None] = {name: bytearray(data) for name, data in files.items()}
        self.deeds = deeds
        self.told: list[Any] = []
        self.underway: dict[str, list[Deed]] = {}
        self.lost: dict[str, list[tuple[Deed, list[Deed]]]] = {}

    def states(self, chance: random.Random, each: int) -> Iterator[Image]:
        """The disks after a cut at every point of the record where something was on its way, ``each`` times."""
        for deed in self.deeds:
            self._pass(deed)
            if deed.kind in {"write", "truncate", "delete", "told", "sync failed"}:
                yield from self._cuts(chance, each)
        yield from self._cuts(chance, each)

    def _pass(self, deed: Deed) -> None:
        if deed.kind == "told":
            self.told.append(deed.told)
        elif deed.kind == "sync":
            image = self.durable.get(deed.file)
            for earlier in self.underway.pop(deed.file, []):
                image = applied(image, earlier)
            self.durable[deed.file] = image
        elif deed.kind == "sync failed":
            # Dropped, and never made up for: what the flush was for may lie on the disk or not, in any part.
            self.lost.setdefault(deed.file, []).extend((one, []) for one in self.underway.pop(deed.file, []))
        else:
            self.underway.setdefault(deed.file, []).append(deed)
            for _, later in self.lost.get(deed.file, []):
                later.append(deed)

    def _cuts(self, chance: random.Random, each: int) -> Iterator[Image]:
        for _ in range(each):
            model = chance.choice(MODELS)
            files = {}
            for name in self.durable.keys() | self.underway.keys() | self.lost.keys():
                image = self._resurfaced(name, chance)
                for deed in left(self.underway.get(name, []), model, chance, image):
                    image = applied(image, deed)
                if image is not None:
                    files[name] = bytes(image)
            yield Image(model, files, list(self.told))

    def _resurfaced(self, name: str, chance: random.Random) -> bytearray | None:
        """What is durable, with any part of what a failed flush dropped, where nothing durable lies over it."""
        image = self.durable.get(name)
        image = None if image is None else bytearray(image)
        waiting = {id(deed) for deed in self.underway.get(name, [])}
        for deed, later in self.lost.get(name, []):
            covered = any(id(other) not in waiting and overlaps(deed, other) for other in later)
            if deed.kind == "write" and not covered and chance.random() < 0.5:
                image = applied(image, deed)
        return image


def overlaps(deed: Deed, other: Deed) -> bool:
    """Whether a later deed changes what this one wrote."""
    if other.kind != "write":
        return True
    return other.at < deed.at + len(deed.data) and deed.at < other.at + len(other.data)


def applied(image: bytearray | None, deed: Deed) -> bytearray | None:
    """A file after a deed; None where there is no file."""
    if deed.kind == "delete":
        return None
    image = bytearray() if image is None else image
    if deed.kind == "truncate":
        del image[deed.at :]
        image.extend(bytes(deed.at - len(image)))
    else:
        if len(image) < deed.at:
            image.extend(bytes(deed.at - len(image)))
        image[deed.at : deed.at + len(deed.data)] = deed.data
    return image


def sectors(deed: Deed) -> list[Deed]:
    """A write cut at the borders of sectors."""
    if deed.kind != "write":
        return [deed]
    parts, at, end = [], deed.at, deed.at + len(deed.data)
    while at < end:
        until = min(end, at // SECTOR * SECTOR + SECTOR)
        parts.append(Deed("write", deed.file, at, deed.data[at - deed.at : until - deed.at]))
        at = until
    return parts


def left(underway: list[Deed], model: str, chance: random.Random, image: bytearray | None) -> list[Deed]:
    """What a cut lets through of what was on its way to a file.

    A sector that is written with what it held already holds it, whether the write arrives or not.
    """
    if model == "nothing" or not underway:
        return []
    if model == "beginning":
        return underway[: chance.randrange(len(underway) + 1)]
    if model in {"part", "order"}:
        kept = [deed for deed in underway if chance.random() < 0.5]
        if model == "order":
            chance.shuffle(kept)
        return kept
    kept = [part for deed in underway for part in sectors(deed) if chance.random() < 0.7]
    changing = [at for at, part in enumerate(kept) if part.kind == "write" and not_there(image, part)]
    if model == "foreign" and changing:
        at = chance.choice(changing)
        kept[at] = kept[at]._replace(data=chance.randbytes(len(kept[at].data)))
    return kept


def not_there(image: bytearray | None, part: Deed) -> bool:
    """Whether a write changes the file."""
    return image is None or image[part.at : part.at + len(part.data)] != part.data
