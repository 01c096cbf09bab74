"""A twin's book: a simulated period written down, and what of it is known when somebody tells on.

The same file, days and seed give the same book, byte for byte: the book's own messages bear instants and epochs of the simulated
time, too. Only its signatures are of this machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fabrika.app.book_folder import BookFolder
from fabrika.app.files import read_bytes, zone_of
from fabrika.app.twin_floor import Everybody
from fabrika.app.twin_starts import SERVER
from fabrika.app.warm import ready
from fabrika.errors import RunRefusedError, StorageRefusedError
from fabrika.events.codec import Written, digest
from fabrika.events.event import Event
from fabrika.events.fields import Key
from fabrika.events.house import TwinStarted
from fabrika.events.inventory import Consumed
from fabrika.events.plant import Adopted
from fabrika.events.production import LotRequired, StationChanged, StationHeld, ToolChanged
from fabrika.journal.book import OWN_SOURCE, Book, opening_of
from fabrika.journal.entries import entry_at, fact_of, message_of
from fabrika.journal.note import Signer
from fabrika.journal.pen import Pen
from fabrika.journal.port import Reader
from fabrika.plant.model import Plant
from fabrika.plant.read import read_plant
from fabrika.twin.pens import DAY_US, Pens, epoch_of
from fabrika.twin.period import days as days_from

if TYPE_CHECKING:
    from fabrika.twin.results import Period
    from fabrika.twin.tell_station import Said

TOGETHER = 5_000
"""Messages that share a commit."""
HOUR_US = 3_600_000_000
LOOKED_AT = 2_000
"""Entries at the book's begin among which a twin's first word is looked for."""
MOST_SEED = 2**53 - 1


def ignore(done: int, total: int) -> None:
    """A listener that does nothing."""
    del done, total


class Told(NamedTuple):
    """What has been written.

    Attributes:
        size: entries in the book.
        root: its Merkle root.
        from_us, to_us: the period, microseconds since 1970 UTC.
        kinds: how many of each kind of event, by name.
        complete: False if it was interrupted; the book is sound and ends earlier.
    """

    size: int
    root: bytes
    from_us: int
    to_us: int
    kinds: dict[str, int]
    complete: bool


CHANGED_BY: dict[str, type[Event]] = {"tool": ToolChanged, "component_lot": Consumed}
"""What a lot that is due follows of, where it is no change of a station's state."""


def tell(
    plant_file: Path,
    folder: BookFolder,
    days: float,
    seed: int,
    *,
    from_date: date | None = None,
    together: int = TOGETHER,
    progress: Callable[[int, int], None] = ignore,
) -> Told:
    """Simulate a period and write it into a new twin's book.

    Args:
        plant_file: the plant file, or the folder that holds it.
        folder: where the book is made.
        days: length of the period; it ends with a whole hour.
        seed: names every draw, 0 to 2**53 - 1.
        from_date: first day; by default as :func:`fabrika.twin.period.first_day` has it.
        together: messages that share a commit, or a few more; they share the journal's time, too.
        progress: called with the plant's time that has been told, us, and all of it; may raise KeyboardInterrupt.

    Raises:
        PlantFileError: the file has problems.
        RunRefusedError: the plant, the period or the seed cannot be run.
        StorageRefusedError: there is a book already, or the folder is unfit.
        StorageFailedError: the disk failed or is full.
    """
    if not 0 <= seed <= MOST_SEED:
        raise RunRefusedError(f"The seed {seed} cannot be told.", f"Write one between 0 and {MOST_SEED}.")
    data = read_bytes(plant_file)
    plant = read_plant(data, str(plant_file), zone_of)
    begin_us, end_us = _whole_hours(days_from(plant, days, from_date))
    ready()
    from fabrika.twin.tell_on import told

    run = told(plant, seed, begin_us, (end_us - begin_us) / DAY_US, Everybody)
    first = next(run)  # a plant that cannot be run leaves no book behind
    book = _opened(folder, plant, data, seed, begin_us)
    try:
        own = book.pen(SERVER, epoch_of(plant.id, seed, SERVER))
        telling = _Telling(
            book, folder.signer(book.head().origin), Pens(plant.id, seed), own, begin_us=begin_us, end_us=end_us
        )
        return telling.write(chain([first], run), together, progress)
    finally:
        book.storage.close()


def _whole_hours(period: Period) -> tuple[int, int]:
    """Begin and end of what is told: a count ends with every hour, whatever the stations do."""
    hours = -(-(period.end_us - period.start_us) // HOUR_US)
    return period.start_us, period.start_us + hours * HOUR_US


def _opened(folder: BookFolder, plant: Plant, data: bytes, seed: int, at_us: int) -> Book:
    """A new book that has adopted the plant file, all as of the begin of what is told."""
    book = folder.create(plant.id, "twin", epoch=epoch_of(plant.id, seed, OWN_SOURCE), at_us=at_us)
    try:
        name = book.files.put(data)
        pen = book.pen(SERVER, epoch_of(plant.id, seed, SERVER))
        book.append([pen.write(Adopted(file=name, edition=1), at_us, files=(name,))], at_us)
    except BaseException:
        book.storage.close()
        raise
    return book


class _Telling:
    """Writes what is told into a book, batch by batch, and signs it at the end."""

    def __init__(self, book: Book, signer: Signer, pens: Pens, own: Pen, *, begin_us: int, end_us: int) -> None:
        self.book, self.signer, self.pens, self.begin_us, self.end_us = book, signer, pens, begin_us, end_us
        self.kinds: Counter[str] = Counter()
        self.own = own
        self.changed: dict[tuple[type[Event], str], Key] = {}

    def write(self, run: Iterator[tuple[int, list[Said]]], together: int, progress: Callable[[int, int], None]) -> Told:
        """Write until the period ends, or somebody interrupts: what was written then is durable and a sound book."""
        complete = False
        try:
            batch: list[Written] = []
            for upto, said in run:
                batch += [written for one in said if one.at_us <= self.end_us and (written := self._written(one))]
                complete = upto >= self.end_us
                if len(batch) >= together or complete:
                    self._append(batch)
                    batch = []
                    progress(min(upto, self.end_us) - self.begin_us, self.end_us - self.begin_us)
                if complete:
                    break
        except KeyboardInterrupt:
            complete = False
        head = self.book.head()
        self.book.sign(self.signer)
        return Told(head.size, head.root, self.begin_us, self.end_us, dict(self.kinds), complete)

    def _written(self, one: Said) -> Written | None:
        """A message of its source; what the server records by itself names the change that it follows of."""
        if one.source == SERVER:
            assert isinstance(one.event, StationHeld | LotRequired), "the server records nothing else"
            kind = CHANGED_BY.get(one.event.cause, StationChanged)
            return self.own.write(one.event, one.at_us, cause=(self.changed[kind, one.event.station],))
        written = self.pens.write(one)
        if written is not None and isinstance(one.event, StationChanged | ToolChanged | Consumed):
            self.changed[type(one.event), one.event.station] = written.message.key
        return written

    def _append(self, batch: list[Written]) -> None:
        if batch:
            last = batch[-1].message
            self.book.append(batch, max(last.at_us, last.edge_at_us or last.at_us))
            self.kinds.update(written.message.type for written in batch)


class Begun(NamedTuple):
    """What a twin's book tells of the run that tells it.

    Attributes:
        plant: the plant file that was adopted first, which is the one that is run.
        seed, begin_us: name the run.
        heads: sequence and digest of the last message of each of the twin's sources.
        reached_us: the last instant that was told.
    """

    plant: Plant
    seed: int
    begin_us: int
    heads: dict[str, tuple[int, str]]
    reached_us: int


def begun(folder: BookFolder) -> Begun:
    """Read how a twin's book was begun and how far it has come.

    Raises:
        StorageRefusedError: there is no book, or nobody began to tell it from a run.
        BookDamagedError: the book or the plant file is not what was written.
    """
    reader = folder.reader()
    try:
        file, first = _first_words(reader)
        plant = read_plant(folder.content().get(file), file, zone_of)
        heads, reached_us = {}, first.start_us
        for (source, epoch), position in reader.heads().items():
            if epoch == epoch_of(plant.id, first.seed, source) and source not in (OWN_SOURCE, SERVER):
                data = entry_at(reader, position)
                message = fact_of(position, data).message
                heads[source] = message.sequence, digest(message_of(data))
                reached_us = max(reached_us, message.at_us)
        return Begun(plant, first.seed, first.start_us, heads, reached_us)
    finally:
        reader.close()


def _first_words(reader: Reader) -> tuple[str, TwinStarted]:
    """The plant file's SHA-256, and how the run was begun."""
    if opening_of(reader).kind != "twin":
        raise StorageRefusedError("This is the book of a plant, not of a twin.", "Name the folder of a twin's book.")
    file = None
    for position, data in enumerate(reader.read(0, LOOKED_AT)):
        event = fact_of(position, data).event
        if isinstance(event, Adopted):
            file = event.file
        elif isinstance(event, TwinStarted) and file is not None:
            return file, event
    raise StorageRefusedError("No run tells this book.", "Make one with `fabrika twin tell`.")
