"""The Merkle tree of RFC 6962 section 2.1 (the same in RFC 9162 section 2.1), growing, and its proofs.

Hashes are SHA-256, 32 bytes. A leaf is ``SHA-256(0x00 || data)``, a node ``SHA-256(0x01 || left || right)``. Sizes and
positions are counts of leaves from 0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from fabrika.errors import ProofRefusedError

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf, 32 bytes (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node over its two children, 32 bytes each (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes, straight from the definition of RFC 6962 section 2.1: the second way to the same value."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    middle = _split(len(hashes))
    return node_hash(root_of(hashes[:middle]), root_of(hashes[middle:]))


def joined(peaks: Sequence[bytes]) -> bytes:
    """Root over the roots of complete subtrees, the largest first; :data:`EMPTY_ROOT` for none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class Subtrees(Protocol):
    """Where the hashes of complete subtrees come from."""

    def subtree(self, height: int, index: int) -> bytes:
        """Hash over the leaves ``index * 2**height`` to ``(index + 1) * 2**height``, all of them in the tree."""
        ...


def root_at(size: int, trees: Subtrees) -> bytes:
    """Root of the tree as it was when it had ``size`` leaves."""
    return _range(0, size, trees) if size else EMPTY_ROOT


def inclusion_proof(position: int, size: int, trees: Subtrees) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1: the hashes beside the way from a leaf to the root, lowest first.

    Raises:
        ProofRefusedError: the tree of that size has no such position.
    """
    if not 0 <= position < size:
        raise ProofRefusedError(
            f"A book of {size:,} entries has no position {position:,}.", "Name an earlier position."
        )
    low, high, path = 0, size, list[bytes]()
    while high - low > 1:
        middle = low + _split(high - low)
        if position < middle:
            path.append(_range(middle, high, trees))
            high = middle
        else:
            path.append(_range(low, middle, trees))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, trees: Subtrees) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2: that the tree of size ``new`` begins with the tree of size ``old``.

    Raises:
        ProofRefusedError: ``old`` is larger than ``new``.
    """
    if not 0 <= old <= new:
        raise ProofRefusedError(f"A book of {new:,} entries cannot begin with {old:,}.", "Name a smaller size first.")
    if old in {0, new}:
        return []
    low, high, whole, path = 0, new, True, list[bytes]()
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(middle, high, trees))
            high = middle
        else:
            path.append(_range(low, middle, trees))
            low, whole = middle, False
    if not whole:
        path.append(_range(low, high, trees))
    return path[::-1]


def check_inclusion(position: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at a position below a root (RFC 9162 section 2.1.3.2).

    Raises:
        ProofRefusedError: it does not, or the proof has not the right form.
    """
    if not 0 <= position < size or any(len(part) != 32 for part in (leaf, root, *proof)):
        raise ProofRefusedError("The proof of inclusion has not the right form.")
    first, last, value = position, size - 1, leaf
    for part in proof:
        if last == 0:
            raise ProofRefusedError("The proof of inclusion is too long.")
        if first & 1 or first == last:
            value = node_hash(part, value)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            value = node_hash(value, part)
        first, last = first >> 1, last >> 1
    if last or value != root:
        raise ProofRefusedError(f"The entry at position {position:,} is not below this root.")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``new`` leaves begins with that of ``old`` (RFC 9162 section 2.1.4.2).

    Raises:
        ProofRefusedError: it does not, or the proof has not the right form.
    """
    if not 0 <= old <= new or any(len(part) != 32 for part in proof):
        raise ProofRefusedError("The proof of consistency has not the right form.")
    if old in {0, new}:
        # Nothing to prove: every book begins with the empty one, and a book is itself.
        if proof or (old == new and old_root != new_root):
            raise ProofRefusedError(f"Two different books have {old:,} entries.")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofRefusedError("The proof of consistency is empty.")
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = path[0]
    for part in path[1:]:
        if last == 0:
            raise ProofRefusedError("The proof of consistency is too long.")
        if first & 1 or first == last:
            before, after = node_hash(part, before), node_hash(part, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, part)
        first, last = first >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise ProofRefusedError(f"The book of {new:,} entries does not begin with that of {old:,}.")


def _split(count: int) -> int:
    """The largest power of two smaller than a count of 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _range(low: int, high: int, trees: Subtrees) -> bytes:
    """Hash over leaves ``low`` to ``high`` of the tree, cut as RFC 6962 cuts."""
    peaks = []
    while low < high:
        height = (high - low).bit_length() - 1
        peaks.append(trees.subtree(height, low >> height))
        low += 1 << height
    return joined(peaks)
