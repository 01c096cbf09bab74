"""A book from one storage into another: the bytes as they are, and so the same root."""

from __future__ import annotations

from fabrika.errors import BookDamagedError
from fabrika.journal.book import tree_of
from fabrika.journal.entries import fact_of
from fabrika.journal.merkle import leaf_hash
from fabrika.journal.port import Batch, Files, Reader, Storage
from fabrika.journal.tiles import Tree

STRIDE = 1_000


def copy_book(source: Reader, target: Storage) -> bytes:
    """Copy every entry and checkpoint into an empty storage.

    Returns:
        the root, 32 bytes, the same on both sides.

    Raises:
        BookDamagedError: the target is not empty, or the copy has another root.
    """
    if target.size():
        raise BookDamagedError("The storage to copy into is not empty.", "Name an empty one.")
    tree = Tree()
    size = source.size()
    for start in range(0, size, STRIDE):
        entries = list(source.read(start, min(start + STRIDE, size)))
        for data in entries:
            tree.append(leaf_hash(data))
        keys = [fact_of(position, data).key for position, data in enumerate(entries, start)]
        target.append(Batch(start, entries, keys, tree.take_full()))
    for at, note in source.checkpoints():
        target.keep_checkpoint(at, note)
    root = tree_of(target).root()
    if root != tree_of(source).root() or root != tree.root():
        raise BookDamagedError("The copy has another root than the book.")
    return root


def copy_files(source: Files, target: Files) -> int:
    """Copy every file that the target lacks; each is checked on the way.

    Returns:
        how many were copied.

    Raises:
        BookDamagedError: a file is not what its name says.
    """
    count = 0
    for name in source.digests():
        if not target.has(name):
            target.put(source.get(name))
            count += 1
    return count
