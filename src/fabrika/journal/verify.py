"""Whether a stored book is what was written: every value accounted for, and what is covered by whose signature.

Every entry is read strictly and hashed again; the tree, the tiles, the chains of the sources, the checkpoints and the content
store follow from the entries and are compared. What the storage keeps beside them it accounts for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from fabrika.errors import BookError
from fabrika.events.catalog import CATALOG, Catalog
from fabrika.events.codec import digest
from fabrika.events.house import BookOpened, BookRestored
from fabrika.journal.book import OWN_SOURCE, Opening
from fabrika.journal.checkpoint import Checkpoint, cosignatures, origin_of
from fabrika.journal.entries import Fact, checked_fact, message_of
from fabrika.journal.merkle import leaf_hash
from fabrika.journal.note import ED25519, Note, Verifier
from fabrika.journal.port import Files, Finding, Reader
from fabrika.journal.tiles import Tree

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


class Coverage(NamedTuple):
    """What one key answers for.

    Attributes:
        name: the key's name.
        is_witness: whether it is a witness's; only what an outsider signed binds the keeper of the book.
        size: entries that it covers; 0 if none.
        until_us: the journal's time of the last of them, microseconds since 1970 UTC; None if there is none.
        at_s: when the witness cosigned, seconds since 1970 UTC; None for the book's own key.
    """

    name: str
    is_witness: bool
    size: int
    until_us: int | None
    at_s: int | None


@dataclass(slots=True)
class Verification:
    """What was found.

    Attributes:
        size: entries that were read.
        root: the root over them, 32 bytes.
        opening: which book it is; None if that cannot be told.
        findings: everything that is wrong, as far as it is listed; none if the book is whole.
        coverage: one row for each key that was asked for.
        files: files of the content store that were checked.
    """

    size: int = 0
    root: bytes = b""
    opening: Opening | None = None
    findings: list[Finding] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    files: int = 0

    @property
    def whole(self) -> bool:
        """Whether every stored value is accounted for."""
        return not self.findings


MOST_FINDINGS = 100


class _Walk:
    """One way through the book, from its first entry."""

    def __init__(self, storage: Reader, files: Files, catalog: Catalog) -> None:
        self.storage, self.files, self.catalog = storage, files, catalog
        self.result = Verification()
        self.tree = Tree()
        self.heads: dict[tuple[str, str], tuple[int, str]] = {}
        self.positions: dict[tuple[str, str], int] = {}
        self.roots: dict[int, tuple[bytes, int, str | None]] = {}
        self.needed: set[str] = set()
        self.last_us = -(2**53)

    def wrong(self, where: str, sentence: str) -> None:
        if len(self.result.findings) < MOST_FINDINGS:
            self.result.findings.append(Finding(where, sentence))

    def entry(self, position: int, data: bytes) -> None:
        where = f"entry {position}"
        self.tree.append(leaf_hash(data))
        for level, index, tile in self.tree.take_full():
            if self.storage.tile(level, index) != tile:
                self.wrong(f"tile {level}/{index}", "It is missing, or does not follow from the entries.")
        try:
            fact = checked_fact(position, data, self.catalog)
        except BookError as error:
            self.wrong(where, error.problem)
            return
        if fact.journal_at_us < self.last_us:
            self.wrong(where, "The journal's time is less than in the entry before.")
        self.last_us = fact.journal_at_us
        self._opening(fact, where)
        self._chain(fact, data, where)
        self.needed.update(fact.message.files)

    def _opening(self, fact: Fact, where: str) -> None:
        event, opening = fact.event, self.result.opening
        if isinstance(event, BookOpened) != (fact.position == 0):
            self.wrong(where, "A book is opened by its first entry and by no other.")
        if isinstance(event, BookOpened) and opening is None:
            self.result.opening = Opening(event.plant, event.kind, 1, fact.message.epoch)
        elif isinstance(event, BookRestored) and opening is not None:
            self.result.opening = Opening(opening.plant, opening.kind, opening.generation + 1, fact.message.epoch)
        now = self.result.opening
        if now is None or fact.message.plant != now.plant:
            self.wrong(where, "It is of another plant than the book.")
        opens = isinstance(event, (BookOpened, BookRestored))
        if opens != (fact.message.source == OWN_SOURCE and fact.message.sequence == 0):
            self.wrong(where, f"Only the first messages of the source {OWN_SOURCE!r} open or restore a book.")

    def _chain(self, fact: Fact, data: bytes, where: str) -> None:
        message = fact.message
        source = message.source, message.epoch
        sequence, previous = self.heads.get(source, (-1, None))
        if message.sequence != sequence + 1 or message.previous != previous:
            self.wrong(where, f"It is not the next in the chain of {message.source}/{message.epoch}.")
        self.heads[source] = message.sequence, digest(message_of(data))
        self.positions[source] = fact.position
        if self.storage.find(message.key) != fact.position:
            self.wrong(where, "It is not found by its identity.")

    def remember(self, position: int) -> None:
        opening = self.result.opening
        origin = origin_of(opening.plant, opening.kind, opening.generation) if opening else None
        self.roots[position] = self.tree.root(), self.last_us, origin

    def checkpoint(self, size: int, text: str, keys: Sequence[Verifier]) -> dict[str, int | None]:
        """Which keys cover a checkpoint that is true of the stored entries."""
        where = f"checkpoint {size}"
        try:
            note = Note.parse(text)
            checkpoint = Checkpoint.parse(note.text)
            signers: dict[str, int | None] = {key.name: None for key in note.signed_by(keys)}
            signers |= cosignatures(note, keys)
        except BookError as error:
            self.wrong(where, error.problem)
            return {}
        root, _, origin = self.roots.get(size, (b"", 0, None))
        if (checkpoint.size, checkpoint.root, checkpoint.origin, str(note)) != (size, root, origin, text):
            self.wrong(where, "The stored entries have another root, or it names another book.")
            return {}
        known = {(key.name, key.key_id) for key in keys}
        unknown = [line.name for line in note.signatures if (line.name, line.key_id) not in known]
        if unknown:
            self.wrong(where, f"The key of the signature of {unknown[0]} was not given, so that it cannot be checked.")
        if not any(at_s is None for at_s in signers.values()):
            self.wrong(where, "It bears no signature of the book's own key.")
        return signers


def verify(
    storage: Reader,
    files: Files,
    keys: Sequence[Verifier],
    *,
    catalog: Catalog = CATALOG,
    progress: Progress | None = None,
) -> Verification:
    """Account for every stored value of a book.

    Args:
        storage: the book.
        files: its content store.
        keys: the keys of the book and of the witnesses that are trusted; where they come from decides what is proven.
        catalog: the kinds of event.
        progress: told how far it is.
    """
    walk = _Walk(storage, files, catalog)
    try:
        _entries(walk, progress)
        _checkpoints(walk, keys)
    except BookError as error:
        walk.wrong("book", error.problem)
    for look in (storage.findings, files.findings):
        try:
            for finding in look():
                walk.wrong(*finding)
        except BookError as error:
            walk.wrong("book", error.problem)
    _files(walk)
    return walk.result


def _entries(walk: _Walk, progress: Progress | None) -> None:
    storage = walk.storage
    total = storage.size()
    sizes = {size for size, _ in storage.checkpoints()}
    position = 0
    for position, data in enumerate(storage.read(), 1):
        walk.entry(position - 1, data)
        if position in sizes:
            walk.remember(position)
        if progress is not None and not position % 10_000:
            progress("entries", position, total)
    if position != total:
        walk.wrong("book", f"{position:,} entries can be read, and the storage says {total:,}.")
    if not total:
        walk.wrong("book", "The book is empty.")
    if storage.heads() != walk.positions:
        walk.wrong("book", "The last entries of the sources are not found.")
    walk.result.size, walk.result.root = position, walk.tree.root()


def _checkpoints(walk: _Walk, keys: Sequence[Verifier]) -> None:
    best = {key.name: Coverage(key.name, key.type != ED25519, 0, None, None) for key in keys}
    for size, text in walk.storage.checkpoints():
        for name, at_s in walk.checkpoint(size, text, keys).items():
            best[name] = Coverage(name, best[name].is_witness, size, walk.roots[size][1], at_s)
    walk.result.coverage = list(best.values())


def _files(walk: _Walk) -> None:
    """Every file that an entry names is there, every file there is what its name says."""
    there = set(walk.files.digests())
    for name in sorted(walk.needed - there):
        walk.wrong(f"file {name}", "An entry names it, and it is missing.")
    walk.result.files = len(there)
