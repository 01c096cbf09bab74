"""The tree against the numbers of others: the reference vectors of Certificate Transparency and the C2SP example."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabrika.errors import BookDamagedError, ProofRefusedError
from fabrika.journal.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    root_of,
)
from fabrika.journal.tiles import TiledTree, Tree, tile_path

# Leaves, roots and proofs of the reference tests of Certificate Transparency (transparency-dev/merkle, proof/verify_test.go).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C, D = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
)
E_, F, G = (
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
)
INCLUSION = [(0, 8, [A, B, C]), (5, 8, [D, E_, ROOTS[3]]), (2, 3, [ROOTS[1]]), (1, 5, [ROOTS[0], B, D])]
CONSISTENCY = [
    (1, 8, [A, B, C]),
    (6, 8, [F, E_, ROOTS[3]]),
    (2, 5, [B, D]),
    (6, 7, [F, G, ROOTS[3]]),
]


def grown(leaves):
    """A tree over leaf hashes, its full tiles, and the stored tree for proofs."""
    tree, full = Tree(), {}
    for leaf in leaves:
        tree.append(leaf)
        full |= {(level, index): data for level, index, data in tree.take_full()}
    return tree, full, TiledTree(tree, lambda level, index: full.get((level, index), b""))


HASHES = [leaf_hash(data) for data in LEAVES]
EIGHT = grown(HASHES)[2]


def test_the_empty_root_is_the_hash_of_nothing():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Tree().root() == root_of([]) == root_at(0, EIGHT) == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size):
    assert grown(HASHES[:size])[0].root().hex() == ROOTS[size - 1]
    assert root_at(size, EIGHT).hex() == root_of(HASHES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("position", "size", "published"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(position, size, published):
    assert [part.hex() for part in inclusion_proof(position, size, EIGHT)] == published


@pytest.mark.parametrize(("old", "new", "published"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old, new, published):
    assert [part.hex() for part in consistency_proof(old, new, EIGHT)] == published


def refused(check, *arguments):
    try:
        check(*arguments)
    except ProofRefusedError:
        return True
    return False


def flipped(proof):
    """Proofs with something wrong: a bit, a part more, a part less."""
    some = leaf_hash(b"some")
    for at, part in enumerate(proof):
        yield [*proof[:at], bytes([part[0] ^ 8]) + part[1:], *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
    yield [*proof, some]
    yield [some, *proof]
    yield [*proof, b""]


def test_every_proof_up_to_70_holds_and_no_spoilt_one_does():
    leaves = [leaf_hash(bytes([number])) for number in range(70)]
    _, _, trees = grown(leaves)
    roots = [root_of(leaves[:size]) for size in range(71)]
    for size in range(1, 71):
        for position in range(size):
            proof = inclusion_proof(position, size, trees)
            check_inclusion(position, size, leaves[position], proof, roots[size])
            assert refused(check_inclusion, position ^ 1, size, leaves[position], proof, roots[size])
            for wrong in flipped(proof):
                assert refused(check_inclusion, position, size, leaves[position], wrong, roots[size])
        for old in range(size + 1):
            proof = consistency_proof(old, size, trees)
            check_consistency(old, size, roots[old], roots[size], proof)
            if 0 < old < size:
                assert refused(check_consistency, old, size, roots[old - 1], roots[size], proof)
                assert refused(check_consistency, old, size, roots[old], roots[size - 1], proof)
                for wrong in flipped(proof):
                    assert refused(check_consistency, old, size, roots[old], roots[size], wrong)


def test_proofs_of_impossible_things_are_refused():
    root, some = bytes.fromhex(ROOTS[7]), leaf_hash(b"")
    assert refused(inclusion_proof, 8, 8, EIGHT)
    assert refused(inclusion_proof, -1, 8, EIGHT)
    assert refused(consistency_proof, 9, 8, EIGHT)
    assert refused(check_inclusion, 8, 8, some, [], root)
    assert refused(check_inclusion, 0, 1, b"short", [], b"short")
    assert refused(check_consistency, 2, 1, root, root, [])
    assert refused(check_consistency, 8, 8, root, some, [])
    assert refused(check_consistency, 0, 8, EMPTY_ROOT, root, [some])
    assert refused(check_consistency, 3, 8, root, root, [])


@given(st.integers(0, 140_000), st.data())
@settings(max_examples=25, deadline=None)
def test_a_tree_of_any_size_resumes_from_its_tiles(size, data):
    tree, full, trees = BIG
    cut = data.draw(st.integers(0, size))
    size = min(size, tree.size)
    cut = min(cut, size)
    resumed = Tree.resumed(size, LONG[size // 256 * 256 : size], lambda level, index: full[level, index])
    assert resumed.root() == root_at(size, trees)
    check_consistency(cut, size, root_at(cut, trees), resumed.root(), consistency_proof(cut, size, trees))
    if size < len(LONG):
        resumed.append(LONG[size])
        assert resumed.root() == root_at(size + 1, trees)
        assert all(full[level, index] == tile for level, index, tile in resumed.take_full())


LONG = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]
BIG = grown(LONG)


def test_tiles_are_those_of_the_example_of_c2sp():
    # C2SP tlog-tiles, Partial Tiles: the tree of 70,000 entries.
    tree, full, _ = BIG
    assert sorted(level for level, _ in full) == [0] * 273 + [1]
    assert [(level, index, len(data) // 32) for level, index, data in tree.partial()] == [
        (0, 273, 112),
        (1, 1, 17),
        (2, 0, 1),
    ]
    assert full[1, 0][:32] == root_of(LONG[:256])
    assert tree.root() == root_of(LONG)
    tree, full, _ = grown(LONG[:256])
    assert list(full) == [(0, 0)]
    assert [(level, index, len(data) // 32) for level, index, data in tree.partial()] == [(1, 0, 1)]


def test_paths_of_tiles_are_those_of_c2sp():
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(2, 0, 1) == "tile/2/000.p/1"
    assert tile_path("entries", 273, 112) == "tile/entries/273.p/112"


def test_a_missing_or_short_tile_is_damage():
    tree, _, _ = grown(LONG[:600])
    trees = TiledTree(tree, lambda level, index: b"")
    with pytest.raises(BookDamagedError, match="0/0"):
        trees.subtree(0, 3)
    with pytest.raises(BookDamagedError, match="short"):
        trees.subtree(0, 700)
    with pytest.raises(BookDamagedError):
        Tree.resumed(600, LONG[512:600], lambda level, index: b"")


def test_leaves_and_nodes_cannot_be_mistaken_for_each_other():
    assert leaf_hash(HASHES[0] + HASHES[1]) != node_hash(HASHES[0], HASHES[1])


@given(st.lists(st.integers(0, 700), max_size=8))
@settings(max_examples=40, deadline=None)
def test_leaves_that_come_together_grow_the_same_tree_as_one_by_one(parts):
    leaves = [number.to_bytes(32) for number in range(sum(parts))]
    tree, at, full = Tree(), 0, {}
    for part in parts:
        tree.extend(leaves[at : at + part])
        at += part
        full |= {(level, index): data for level, index, data in tree.take_full()}
    single, tiles, _ = grown(leaves)
    assert (tree.size, tree.root(), full) == (single.size, single.root(), tiles)
    assert list(tree.partial()) == list(single.partial())
    assert tree.root() == root_of(leaves)
