"""The growing tree and its tiles: 256 hashes each, as C2SP tlog-tiles stores and serves them.

A tile of level l and index n holds the hashes of the complete subtrees of ``256**l`` leaves numbered ``256 n`` to
``256 n + 255``; a partial tile holds fewer. Only full tiles are stored; partial ones follow from them and from the last
entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

from fabrika.errors import BookDamagedError
from fabrika.journal.merkle import joined

WIDTH, HASH = 256, 32

FullTile = Callable[[int, int], bytes]
"""Gives the bytes of a full tile by level and index, 8 192 of them."""


class Tree:
    """A tree that grows: what is needed to go on, at most 256 hashes a level.

    Attributes:
        size: leaves.
    """

    def __init__(self) -> None:
        self.size = 0
        self._tails: list[list[bytes]] = []
        self._peaks: list[bytes] = []
        self._full: list[tuple[int, int, bytes]] = []

    @classmethod
    def resumed(cls, size: int, last_leaves: Iterable[bytes], full_tile: FullTile) -> Tree:
        """The tree of ``size`` leaves over stored tiles.

        Args:
            size: leaves.
            last_leaves: hashes of the last ``size % 256`` leaves.
            full_tile: gives the full tiles.
        """
        tree = cls()
        tree.size = size
        tree._tails = [list(last_leaves)]
        level = 1
        while size >> (8 * level):
            count = size >> (8 * level)
            tree._tails.append([_top(full_tile(level - 1, index)) for index in range(count & ~255, count)])
            level += 1
        for level in reversed(range(len(tree._tails))):
            tail, at = tree._tails[level], 0
            for bit in reversed(range(8)):
                if len(tail) >> bit & 1:
                    tree._peaks.append(_folded(tail[at : at + (1 << bit)]))
                    at += 1 << bit
        return tree

    def copy(self) -> Tree:
        """A tree that grows without this one; its new tiles are its own."""
        other = Tree()
        other.size, other._tails, other._peaks = self.size, [list(tail) for tail in self._tails], list(self._peaks)
        return other

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf."""
        self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of leaves, height by height: what is new at each, joined with the peak that waits there for its sibling."""
        nodes, first, height, low = list(leaves), self.size, 0, []
        self.size += len(nodes)
        while nodes:
            if not height & 7:
                self._place(height >> 3, nodes, first)
            if first & 1:
                nodes.insert(0, self._peaks.pop())
            if len(nodes) & 1:
                low.append(nodes[-1])
            # The hash of a node, written out: this runs once for each entry of the book.
            pairs = zip(nodes[::2], nodes[1::2], strict=False)
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            first, height = first >> 1, height + 1
        self._peaks += reversed(low)

    def root(self) -> bytes:
        """The root, 32 bytes."""
        return joined(self._peaks)

    def take_full(self) -> list[tuple[int, int, bytes]]:
        """The tiles that became full since this was last asked: level, index, bytes."""
        full, self._full = self._full, []
        return full

    def partial(self) -> Iterator[tuple[int, int, bytes]]:
        """The partial tiles: level, index, bytes of 1 to 255 hashes."""
        for level, tail in enumerate(self._tails):
            if tail:
                yield level, self.size >> (8 * (level + 1)), b"".join(tail)

    def _place(self, level: int, nodes: list[bytes], first: int) -> None:
        """Add the nodes from number ``first`` on to their level."""
        if level == len(self._tails):
            self._tails.append([])
        tail = [*self._tails[level], *nodes]
        whole = len(tail) // WIDTH * WIDTH
        for at in range(0, whole, WIDTH):
            self._full.append((level, (first >> 8) + at // WIDTH, b"".join(tail[at : at + WIDTH])))
        self._tails[level] = tail[whole:]


class TiledTree:
    """The hashes of all complete subtrees of a stored tree, see :class:`~fabrika.journal.merkle.Subtrees`.

    Args:
        tree: the tree as it stands; it must not grow meanwhile.
        full_tile: gives the full tiles.
    """

    KEPT = 64

    def __init__(self, tree: Tree, full_tile: FullTile) -> None:
        self.size = tree.size
        self._partial = {(level, index): data for level, index, data in tree.partial()}
        self._full_tile = full_tile
        self._seen: dict[tuple[int, int], bytes] = {}

    def tile(self, level: int, index: int) -> bytes:
        """A tile, full or partial.

        Raises:
            BookDamagedError: the storage has not the tile that it must have.
        """
        data = self._partial.get((level, index)) or self._seen.get((level, index))
        if data is None:
            data = self._full_tile(level, index)
            if len(data) != WIDTH * HASH:
                raise BookDamagedError(f"The tile {level}/{index} is missing or short.")
            if len(self._seen) >= self.KEPT:
                self._seen.clear()
            self._seen[level, index] = data
        return data

    def subtree(self, height: int, index: int) -> bytes:
        """Hash over the leaves ``index * 2**height`` to ``(index + 1) * 2**height``."""
        level, rest = divmod(height, 8)
        first = index << rest
        data = self.tile(level, first >> 8)
        begin = (first & 255) * HASH
        hashes = [data[at : at + HASH] for at in range(begin, begin + (HASH << rest), HASH)]
        if len(hashes[-1]) != HASH:
            raise BookDamagedError(f"The tile {level}/{first >> 8} is short.")
        return _folded(hashes)


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Where a tile lies below a log's address: ``tile/0/x001/x234/067.p/112`` (C2SP tlog-tiles)."""
    words = [f"{index % 1000:03}"]
    while index := index // 1000:
        words.append(f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(reversed(words))}" + (f".p/{width}" if width < WIDTH else "")


def _top(tile: bytes) -> bytes:
    if len(tile) != WIDTH * HASH:
        raise BookDamagedError("A tile of the tree is missing or short.")
    return _folded([tile[at : at + HASH] for at in range(0, len(tile), HASH)])


def _folded(hashes: list[bytes]) -> bytes:
    """Root over a power of two of hashes; the hash of a node is written out as in :meth:`Tree.extend`."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]
