"""Views: what is true, folded from what counts; with snapshots that can be checked and thrown away.

A room gives a :class:`Reducer`. A :class:`View` applies the facts that count to its state, in place. When a correction
changes what counts, the view goes back to a state from before the corrected fact and folds again from there, so that the
state is at all times the one that folding from the beginning would give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from fabrika.errors import BookDamagedError
from fabrika.events.catalog import CATALOG, Catalog
from fabrika.events.fields import Key
from fabrika.journal.book import tree_of
from fabrika.journal.corrections import Notice, counting, is_correction, notices, verdicts
from fabrika.journal.entries import Fact
from fabrika.journal.merkle import root_at
from fabrika.journal.port import Reader
from fabrika.journal.tiles import TiledTree

S = TypeVar("S")


class Reducer(Protocol[S]):
    """How a state follows from facts. Deterministic: the same facts in the same order give the same bytes.

    Attributes:
        name: the name of the view.
        version: changes whenever the state that the same facts give changes.
    """

    name: str
    version: int

    def empty(self) -> S:
        """The state before the first fact."""
        ...

    def apply(self, state: S, fact: Fact) -> None:
        """Change the state, in place, by one fact."""
        ...

    def dump(self, state: S) -> bytes:
        """The state as bytes, the same for the same state."""
        ...

    def load(self, data: bytes) -> S:
        """The state of bytes that :meth:`dump` gave."""
        ...


class Snapshot(NamedTuple):
    """A state at a position, with what it takes to check it.

    Attributes:
        name, version: the reducer's.
        size: entries that are folded in.
        root: Merkle root of these entries.
        state: as :meth:`Reducer.dump` gave it.
        state_hash: SHA-256 over all others.
        notices: the corrections among these entries, so that they need not be looked for in the whole book.
    """

    name: str
    version: int
    size: int
    root: bytes
    state: bytes
    state_hash: bytes
    notices: tuple[Notice, ...] = ()

    @classmethod
    def sealed(
        cls, name: str, version: int, size: int, root: bytes, *, state: bytes, notices: Sequence[Notice] = ()
    ) -> Snapshot:
        """A snapshot with its hash."""
        unsealed = cls(name, version, size, root, state, b"", tuple(notices))
        return unsealed._replace(state_hash=unsealed.computed_hash())

    def computed_hash(self) -> bytes:
        """What :attr:`state_hash` must be."""
        lines = [f"{notice.key} {notice.target} {notice.replacement or '-'}\n" for notice in self.notices]
        head = f"{self.name}\n{self.version}\n{self.size}\n{self.root.hex()}\n{len(lines)}\n{''.join(lines)}".encode()
        return hashlib.sha256(head + self.state).digest()


class View(Generic[S]):
    """A state that follows a book.

    Args:
        reader: the book.
        reducer: how the state follows.
        catalog: the kinds of event.

    Attributes:
        size: entries that are folded in.
        state: for reading only.
    """

    RUNG = 32_768
    """Facts are folded in strides of so many entries; after each a state may be kept to go back to."""
    RUNGS = 12

    def __init__(self, reader: Reader, reducer: Reducer[S], catalog: Catalog = CATALOG) -> None:
        self.reader, self.reducer, self.catalog = reader, reducer, catalog
        self.size = 0
        self.state = reducer.empty()
        self._notices: list[Notice] = []
        self._found: dict[Key, Key | None] = {}
        self._rungs: list[tuple[int, bytes]] = []

    def follow(self) -> int:
        """Fold what is new in the book and return the size that is folded in."""
        stop = self.reader.size()
        known = {notice.key for notice in self._notices}
        found = notices(self.reader, self.size, stop, self.catalog)
        # A state to go back to may have been stored with corrections that stand behind it in the book.
        new = [notice for notice in found if notice.key not in known]
        if new:
            self._notices += new
            before, self._found = self._found, verdicts(self._notices)
            self._go_back(before)
        while self.size < stop:
            until = min(stop, (self.size // self.RUNG + 1) * self.RUNG)
            for fact in counting(self.reader, self.size, until, self._found, self.catalog):
                self.reducer.apply(self.state, fact)
            self.size = until
            if not until % self.RUNG:
                self._keep_rung()
        return stop

    def fold(self, new: Sequence[Fact]) -> None:
        """Fold what is about to be written, or was just written, without reading it.

        Args:
            new: the facts that follow on what is folded in; no correction among them, and none marked as one.
        """
        apply, state, at = self.reducer.apply, self.state, 0
        while at < len(new):
            stride = new[at : at + self.RUNG - self.size % self.RUNG]
            assert not any(map(is_correction, stride)), "a correction is followed, not folded"
            for position, fact in enumerate(stride, self.size):
                assert fact.position == position, "facts are folded in the order of the book"
                apply(state, fact)
            at, self.size = at + len(stride), self.size + len(stride)
            if not self.size % self.RUNG:
                self._keep_rung()

    @property
    def notices(self) -> Sequence[Notice]:
        """The corrections that are known, in the order of the book."""
        return self._notices

    def snapshot(self) -> Snapshot:
        """The state as it is, to be stored."""
        return self._sealed(self.size, self.reducer.dump(self.state), TiledTree(tree_of(self.reader), self.reader.tile))

    def snapshots(self) -> list[Snapshot]:
        """The states that are kept to go back to and the state as it is, the oldest first; to be stored together."""
        trees = TiledTree(tree_of(self.reader), self.reader.tile)
        rungs = [(size, state) for size, state in self._rungs if size < self.size]
        return [
            self._sealed(size, state, trees) for size, state in [*rungs, (self.size, self.reducer.dump(self.state))]
        ]

    def _sealed(self, size: int, state: bytes, trees: TiledTree) -> Snapshot:
        # Also an older state counts with the corrections that are known by now.
        name, version, root = self.reducer.name, self.reducer.version, root_at(size, trees)
        return Snapshot.sealed(name, version, size, root, state=state, notices=self._notices)

    def resume(self, snapshot: Snapshot, older: Sequence[Snapshot] = ()) -> bool:
        """Go on from a snapshot instead of from the beginning.

        Args:
            snapshot: the newest.
            older: those that were stored together with it, to go back to.

        Returns:
            whether it could be used; if it is of another version, another book or damaged, the state is as before.
        """
        trees = TiledTree(tree_of(self.reader), self.reader.tile)
        if not self._fits(snapshot, trees):
            return False
        self.state, self.size = self.reducer.load(snapshot.state), snapshot.size
        self._notices = list(snapshot.notices)
        self._found = verdicts(self._notices)
        before = sorted(
            (rung.size, rung.state)
            for rung in older
            if rung.size < snapshot.size and rung.notices == snapshot.notices and self._fits(rung, trees)
        )
        self._rungs = [*before, (snapshot.size, snapshot.state)]
        return True

    def _fits(self, snapshot: Snapshot, trees: TiledTree) -> bool:
        """Whether a snapshot is whole, of this reducer and of this book."""
        fits = (snapshot.name, snapshot.version) == (self.reducer.name, self.reducer.version)
        if not fits or snapshot.state_hash != snapshot.computed_hash() or snapshot.size > trees.size:
            return False
        return root_at(snapshot.size, trees) == snapshot.root

    def check(self) -> None:
        """Fold from the beginning and compare.

        Raises:
            BookDamagedError: the state is not what folding from the beginning gives.
        """
        again = View(self.reader, self.reducer, self.catalog)
        again.follow()
        self.follow()
        if again.size != self.size or self.reducer.dump(again.state) != self.reducer.dump(self.state):
            wrong = f"The view {self.reducer.name!r} differs from what the book gives when it is folded anew."
            raise BookDamagedError(wrong, "Throw its snapshots away and start again.")

    def _go_back(self, before: dict[Key, Key | None]) -> None:
        """To the last kept state from before the first fact that counts otherwise now."""
        changed = {
            key for key in before.keys() | self._found.keys() if before.get(key, key) != self._found.get(key, key)
        }
        places = [place for key in changed for place in self._places(key, before)]
        first = min(places, default=self.size)
        if first >= self.size:
            return
        self._rungs = [rung for rung in self._rungs if rung[0] <= first]
        self.size, state = self._rungs[-1] if self._rungs else (0, None)
        self.state = self.reducer.empty() if state is None else self.reducer.load(state)

    def _places(self, key: Key, before: dict[Key, Key | None]) -> list[int]:
        """Where a fact stands, and where those stand in whose place it counted or counts."""
        found = []
        todo = [key]
        while todo:
            at = todo.pop()
            position = self.reader.find(at)
            if position is not None:
                found.append(position)
            todo += [target for verdict in (before, self._found) for target, other in verdict.items() if other == at]
        return found

    def _keep_rung(self) -> None:
        """Keep the newest states densely and older ones ever more sparsely."""
        self._rungs.append((self.size, self.reducer.dump(self.state)))
        if len(self._rungs) > self.RUNGS:
            # The pair that lies closest together for its age loses its older half.
            gaps = range(1, len(self._rungs) - 1)
            spare = min(
                gaps,
                key=lambda at: (self._rungs[at + 1][0] - self._rungs[at - 1][0]) / (self.size - self._rungs[at][0] + 1),
            )
            del self._rungs[spare]
