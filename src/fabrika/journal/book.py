"""The book itself: what is taken, under which identity, in which order; and its head.

A book has one writer. Messages are admitted to a :class:`Draft` and written together, so that many small appends share one
commit; the sequence of the book is decided here and nowhere else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from hashlib import sha256
from itertools import zip_longest
from typing import NamedTuple

from msgspec import Struct

from fabrika.errors import (
    BookDamagedError,
    EventRefusedError,
    IdentityConflictError,
    SequenceGapError,
    StorageFailedError,
)
from fabrika.events.catalog import CATALOG, Catalog
from fabrika.events.codec import Written, digest, entry_bytes
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened, BookRestored, Corrected
from fabrika.journal.checkpoint import Checkpoint, origin_of
from fabrika.journal.corrections import check_correction
from fabrika.journal.entries import Fact, entry_at, fact_of, message_of
from fabrika.journal.heads import Head, Heads, Source
from fabrika.journal.merkle import leaf_hash, root_at
from fabrika.journal.note import Note, Signer
from fabrika.journal.pen import Pen
from fabrika.journal.port import Batch, Files, Reader, Storage
from fabrika.journal.tiles import HASH, WIDTH, TiledTree, Tree

OWN_SOURCE = "journal"
"""The source that the book itself speaks as; the first message of each of its epochs opens or restores the book."""


_NOTHING = -1, None
"""The head of a source that has said nothing yet."""
_SPECIAL = frozenset({BookOpened, BookRestored, Corrected})
"""What is taken only after more than the look at plant, source and files that everything gets."""


class Receipt(Struct, frozen=True, gc=False):
    """Where a message stands in the book.

    Attributes:
        position: its position.
        fresh: False if it stood there already and was sent again.
    """

    position: int
    fresh: bool


class Opening(NamedTuple):
    """Which book this is.

    Attributes:
        plant: the plant's id.
        kind: ``plant`` or ``twin``.
        generation: 1, and one more with each restore.
        epoch: the epoch in which the book itself speaks now.
    """

    plant: str
    kind: str
    generation: int
    epoch: str

    @property
    def origin(self) -> str:
        """The book's name in its checkpoints."""
        return origin_of(self.plant, self.kind, self.generation)


class Draft:
    """Messages that are admitted and not yet written; made by :meth:`Book.draft`."""

    def __init__(self, book: Book, now_us: int) -> None:
        self.book = book
        self.at_us = max(now_us, book.last_at_us)
        self.start = book.size
        self.entries: list[bytes] = []
        self.messages: list[Written] = []
        self.heads: dict[Source, Head] = {}
        self._places: dict[Key, int] = {}

    def admit(self, messages: Sequence[Written]) -> list[Receipt]:
        """Take messages, all or none.

        Args:
            messages: as :func:`fabrika.events.codec.write` or :func:`~fabrika.events.codec.read` gave them, in the order
                of their sources.

        Raises:
            EventRefusedError: a message is of another plant, or names a file that is not in the content store.
            SequenceGapError: a message came without the one before it.
            IdentityConflictError: an identity came with other content than before; also kept in :attr:`Book.alarms`.
            CorrectionRefusedError: a correction names nothing that can be corrected.
        """
        begin, receipts = len(self.entries), []
        before: dict[Source, Head | None] = {}
        opening, heads, entries = self.book.opening, self.heads, self.entries
        plant = opening.plant if opening is not None else None
        try:
            for written in messages:
                data, message, event = written
                source = message.source, message.epoch
                last = heads.get(source) or self.book.heads.get(source) or _NOTHING
                sequence = message.sequence
                if sequence != last[0] + 1 or message.previous != last[1]:
                    receipts.append(self._again(written, last[0]))
                    continue
                if type(event) in _SPECIAL or message.plant != plant or message.files or source[0] == OWN_SOURCE:
                    self._check(written)
                if source not in before:
                    before[source] = heads.get(source)
                receipts.append(Receipt(self.start + len(entries), True))
                entries.append(entry_bytes(data, self.at_us))
                self.messages.append(written)
                heads[source] = sequence, digest(data)
        except Exception:
            self._go_back(begin, before)
            raise
        return receipts

    def _go_back(self, begin: int, before: dict[Source, Head | None]) -> None:
        """Forget the messages from number ``begin`` on; ``before``: the heads of their sources as they were."""
        del self.entries[begin:], self.messages[begin:]
        self._places.clear()
        for source, head in before.items():
            if head is None:
                del self.heads[source]
            else:
                self.heads[source] = head

    def facts(self, begin: int = 0) -> list[Fact]:
        """The messages from number ``begin`` on as the facts that they will be, to be folded."""
        current, at_us = self.book.catalog.current, self.at_us
        return [
            Fact(position, written.message, current(written.event), at_us)
            for position, written in enumerate(self.messages[begin:], self.start + begin)
        ]

    def _place(self, key: Key) -> int | None:
        """Where in this draft an identity stands; asked for seldom, and put in order only then."""
        for number in range(len(self._places), len(self.messages)):
            self._places[self.messages[number].message.key] = number
        return self._places.get(key)

    def _again(self, written: Written, last: int) -> Receipt:
        """A message that does not follow on its source's last: known, or out of order."""
        if written.message.sequence > last:
            raise self._gap(written, last)
        return self._known(written)

    def _known(self, written: Written) -> Receipt:
        """An identity for the second time: the same content is a repetition, any other an alarm."""
        key = written.message.key
        number = self._place(key)
        if number is not None:
            position, data = self.start + number, self.messages[number].data
        else:
            found = self.book.storage.find(key)
            if found is None:
                raise BookDamagedError(f"The entry {key} is missing, though later ones of its source are there.")
            position, data = found, message_of(entry_at(self.book.storage, found))
        if data != written.data:
            self.book.alarms.append(written)
            raise IdentityConflictError(f"The entry {key} at position {position:,} came again with other content.")
        return Receipt(position, fresh=False)

    def _gap(self, written: Written, last: int) -> SequenceGapError | IdentityConflictError:
        key = written.message.key
        if written.message.sequence == last + 1:
            # The number fits and the past does not: the source remembers another predecessor than the book holds.
            self.book.alarms.append(written)
            return IdentityConflictError(f"The entry {key} follows on another past than the book holds of its source.")
        wrong = f"The entry {key} came, and {last + 1} is the next that the book lacks of its source."
        return SequenceGapError(wrong, f"Send the messages of {key.source}/{key.epoch} again from {last + 1} on.")

    def _check(self, written: Written) -> None:
        message, event = written.message, written.event
        opens = isinstance(event, (BookOpened, BookRestored))
        if opens or message.source == OWN_SOURCE:
            self._check_opening(written, opens=opens)
        opening = self.book.opening
        if opening is not None and message.plant != opening.plant:
            wrong = f"The event is of the plant {message.plant!r}, and this is the book of {opening.plant!r}."
            raise EventRefusedError(wrong, "Send it to the journal of its own plant.")
        if message.files:
            self._check_files(message.files)
        if isinstance(event, Corrected):
            check_correction(event, self._look)

    def _check_opening(self, written: Written, *, opens: bool) -> None:
        message, event = written.message, written.event
        if opens != (message.source == OWN_SOURCE and message.sequence == 0):
            wrong = f"The first message of the source {OWN_SOURCE!r}, and only that, opens or restores the book."
            raise EventRefusedError(wrong, "Choose another name for the source.")
        if isinstance(event, BookOpened) and (self.start or self.entries or event.plant != message.plant):
            raise EventRefusedError("A book is opened once, by its first entry.", "Open another book.")

    def _check_files(self, names: Sequence[str]) -> None:
        for name in names:
            if not self.book.files.has(name):
                wrong = f"The file {name} that the event rests on is not in the content store."
                raise EventRefusedError(wrong, "Put the file into the store first.")

    def _look(self, key: Key) -> Fact | None:
        number = self._place(key)
        if number is not None:
            written = self.messages[number]
            return Fact(self.start + number, written.message, self.book.catalog.current(written.event), self.at_us)
        found = self.book.storage.find(key)
        return None if found is None else fact_of(found, entry_at(self.book.storage, found), self.book.catalog)


class Book:
    """A journal, held by its one writer.

    Args:
        storage: holds the entries; an empty one becomes a book with its first message, a ``house.book_opened``.
        files: the content store.
        catalog: the kinds of event.

    Attributes:
        opening: which book it is; None while it is empty.
        heads: sequence and digest of the last message of every (source, epoch).
        last_at_us: the journal's time in the last entry.
        alarms: the last 1 000 messages that were refused because their identity is another's.
    """

    def __init__(self, storage: Storage, files: Files, catalog: Catalog = CATALOG) -> None:
        self.storage, self.files, self.catalog = storage, files, catalog
        self.alarms: deque[Written] = deque(maxlen=1_000)
        self.heads = Heads(storage, catalog)
        self.last_at_us = -(2**53)
        self._failed = False
        self._tree = tree_of(storage)
        if self.size:
            self.last_at_us = fact_of(self.size - 1, entry_at(storage, self.size - 1), catalog).journal_at_us
        self.opening = opening_of(storage, catalog) if self.size else None
        self._check_last_checkpoint()

    def _check_last_checkpoint(self) -> None:
        """A first look, in a few hashes, whether this is still the book that was signed; the whole is for verify."""
        kept = self.storage.last_checkpoint()
        if kept is None:
            return
        last = Checkpoint.parse(Note.parse(kept[1]).text)
        if last.size > self.size or root_at(last.size, self.trees()) != last.root:
            raise BookDamagedError(f"The book does not begin with its checkpoint of {last.size:,} entries.")

    @property
    def size(self) -> int:
        """Entries in the book."""
        return self._tree.size

    def head(self) -> Checkpoint:
        """Size and root as they are now.

        Raises:
            EventRefusedError: the book was not opened yet.
        """
        if self.opening is None:
            raise EventRefusedError("The book is empty.", "Open it with its plant's id and kind first.")
        return Checkpoint(self.opening.origin, self.size, self._tree.root())

    def draft(self, now_us: int) -> Draft:
        """An empty draft at an instant of the journal's clock, microseconds since 1970 UTC."""
        if self._failed:
            raise StorageFailedError("The storage failed before; nothing more is taken.")
        return Draft(self, now_us)

    def commit(self, draft: Draft) -> None:
        """Write a draft; when this returns, all of it is durable and may be acknowledged.

        Raises:
            StorageFailedError: it must not be acknowledged; the book must be opened anew, and tells then whether it is in.
        """
        if not draft.entries:
            return
        assert draft.start == self.size, "a draft is written before the next one is made"
        tree = self._tree.copy()
        tree.extend([sha256(b"\x00" + data).digest() for data in draft.entries])
        keys = [written.message.key for written in draft.messages]
        try:
            self.storage.append(Batch(draft.start, draft.entries, keys, tree.take_full()))
        except BaseException:
            self._failed = True
            raise
        self._tree = tree
        self.heads.update(draft.heads)
        self.last_at_us = draft.at_us
        if any(source == OWN_SOURCE for source, _ in draft.heads):
            self.opening = opening_of(self.storage, self.catalog)

    def pen(self, source: str, epoch: str) -> Pen:
        """What writes the next messages of a source of this process.

        After a refusal its messages are not in the book: take another pen.
        """
        assert self.opening is not None, "an empty book is opened first"
        sequence, previous = self.heads.get((source, epoch), (-1, None))
        return Pen(self.opening.plant, Key(source, epoch, sequence + 1), previous, self.catalog)

    def append(self, messages: Sequence[Written], now_us: int) -> list[Receipt]:
        """Admit and commit in one step; see :meth:`Draft.admit` and :meth:`commit`."""
        draft = self.draft(now_us)
        receipts = draft.admit(messages)
        self.commit(draft)
        return receipts

    def trees(self) -> TiledTree:
        """The hashes of the tree as it stands, for proofs."""
        return TiledTree(self._tree, self.storage.tile)

    def sign(self, signer: Signer) -> Note:
        """A checkpoint of the head, signed and kept.

        What is signed is what is stored: entries since the last checkpoint are read again and hashed, and the root is
        computed a second way. A log that signs what memory says signs a flipped bit, too.

        Raises:
            BookDamagedError: storage and memory differ, or the book does not begin with its last checkpoint.
        """
        head = self.head()
        kept = self.storage.last_checkpoint()
        last = Checkpoint.parse(Note.parse(kept[1]).text) if kept else None
        trees = TiledTree(tree_of(self.storage), self.storage.tile)
        self._check_stored((last.size if last else 0) // WIDTH, trees)
        if trees.size != head.size or root_at(head.size, trees) != head.root:
            raise BookDamagedError("The stored tree and the tree in memory have different roots.")
        if last is not None and (last.size > head.size or root_at(last.size, trees) != last.root):
            raise BookDamagedError(f"The book does not begin with its checkpoint of {last.size:,} entries.")
        note = Note(head.text()).signed(signer)
        self.storage.keep_checkpoint(head.size, str(note))
        return note

    def _check_stored(self, first: int, trees: TiledTree) -> None:
        """Read the entries from tile number ``first`` on again, and compare their hashes with those of the stored tree."""
        for index in range(first, -(-trees.size // WIDTH)):
            begin, tile = index * WIDTH, trees.tile(0, index)
            hashes = [leaf_hash(data) for data in self.storage.read(begin, min(begin + WIDTH, trees.size))]
            if b"".join(hashes) == tile:
                continue
            known = [tile[at : at + HASH] for at in range(0, len(tile), HASH)]
            wrong = next(place for place, pair in enumerate(zip_longest(hashes, known)) if pair[0] != pair[1])
            raise BookDamagedError(f"The entry at position {begin + wrong:,} is not the one that was written.")


def tree_of(reader: Reader, size: int | None = None) -> Tree:
    """The tree over the first ``size`` entries that are stored, by default over all, ready to grow."""
    size = reader.size() if size is None else size
    return Tree.resumed(size, (leaf_hash(data) for data in reader.read(size // WIDTH * WIDTH, size)), reader.tile)


def opening_of(reader: Reader, catalog: Catalog = CATALOG) -> Opening:
    """Which book this is: plant and kind from its first entry, and how often it was restored.

    Raises:
        BookDamagedError: the first entry opens no book.
    """
    first = fact_of(0, entry_at(reader, 0), catalog).event
    if not isinstance(first, BookOpened):
        raise BookDamagedError("The first entry opens no book.")
    epochs = [epoch for _, epoch in reader.heads(OWN_SOURCE)]
    if not epochs:
        raise BookDamagedError(f"The source {OWN_SOURCE!r}, which opened the book, is missing.")
    newest = max(epochs, key=lambda epoch: reader.find(Key(OWN_SOURCE, epoch, 0)) or 0)
    return Opening(first.plant, first.kind, len(epochs), newest)
