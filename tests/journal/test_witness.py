"""A witness cosigns what goes on from what it has seen, and nothing else; and proofs travel."""

from __future__ import annotations

import pytest

from fabrika.errors import ProofRefusedError
from fabrika.journal.book import Book
from fabrika.journal.checkpoint import cosignatures
from fabrika.journal.merkle import consistency_proof
from fabrika.journal.note import Note, Signer
from fabrika.journal.proof_file import ProofFile, proof_of
from fabrika.journal.witness import witnessed
from fabrika.storage.memory import MemoryFiles, MemoryStorage
from journal.books import AT, BOOK_KEY, WITNESS_KEY, opened, told


def visit(seen, book, note=None, proof=None):
    note = note or book.sign(BOOK_KEY)
    size = seen.size if seen else 0
    proof = consistency_proof(min(size, book.size), book.size, book.trees()) if proof is None else proof
    return witnessed(seen, str(note), book=BOOK_KEY.verifier, proof=proof, witness=WITNESS_KEY, at_s=AT // 10**6)


def grown(*numbers):
    book = opened()
    told(book, *numbers)
    return book


def test_a_book_that_grows_is_cosigned_again_and_again():
    book, seen = opened(), None
    for number in range(5):
        told(book, *range(number * 3))
        seen, note = visit(seen, book)
        assert seen == book.head()
        assert cosignatures(note, [WITNESS_KEY.verifier]) == {"witness.example/commission": AT // 10**6}
        assert note.signed_by([BOOK_KEY.verifier])


def test_a_book_that_was_rolled_back_is_noticed():
    book = grown(1, 2, 3)
    seen, _ = visit(None, book)
    with pytest.raises(ProofRefusedError, match="entries are gone"):
        visit(seen, grown(1, 2))


def test_a_book_that_was_rolled_back_and_continued_is_noticed():
    seen, _ = visit(None, grown(1, 2, 3))
    for other in (grown(1, 2, 9), grown(1, 2, 9, 10, 11), grown(9, 8, 7, 6)):
        with pytest.raises(ProofRefusedError, match="does not begin with the 4 entries"):
            visit(seen, other)


def test_another_key_another_book_and_another_proof_are_refused():
    book = grown(1, 2, 3)
    seen, _ = visit(None, book)
    told(book, 4, 5)
    stranger = Note(book.head().text()).signed(Signer("kosovo/plant", b"x" * 32))
    with pytest.raises(ProofRefusedError, match="no signature"):
        visit(seen, book, stranger)
    with pytest.raises(ProofRefusedError, match="does not begin"):
        visit(seen, book, proof=[])
    twin = opened(kind="twin")
    with pytest.raises(ProofRefusedError, match="kosovo/twin, not of kosovo/plant"):
        visit(seen, twin)


def test_a_proof_travels_as_text():
    book = grown(*range(300))
    note = book.sign(BOOK_KEY)
    _, note = witnessed(None, str(note), book=BOOK_KEY.verifier, proof=[], witness=WITNESS_KEY, at_s=5)
    entry = next(iter(book.storage.read(17, 18)))
    text = str(proof_of(17, note, book.trees()))
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 17\n")
    checkpoint, seen = ProofFile.parse(text).check(entry, BOOK_KEY.verifier, [WITNESS_KEY.verifier])
    assert (checkpoint.size, seen) == (301, {"witness.example/commission": 5})
    lines = text.split("\n")
    assert ProofFile.parse("\n".join([lines[0], "extra AAAA", *lines[1:]])).position == 17
    with pytest.raises(ProofRefusedError, match="not below this root"):
        ProofFile.parse(text).check(entry.replace(b"17", b"18"), BOOK_KEY.verifier)
    with pytest.raises(ProofRefusedError):
        ProofFile.parse(text.replace("index 17", "index 18")).check(entry, BOOK_KEY.verifier)
    for spoilt in (
        "",
        text.replace("index 17", "index 017"),
        text.replace("v1", "v2"),
        text.replace("index 17\n", "index 17\nAAAA\n"),
    ):
        with pytest.raises(ProofRefusedError):
            ProofFile.parse(spoilt)


def test_a_proof_needs_a_checkpoint_that_covers_the_entry():
    book = grown(1)
    note = book.sign(BOOK_KEY)
    told(book, 2)
    with pytest.raises(ProofRefusedError, match="no position 2"):
        proof_of(2, note, book.trees())
    smaller = Book(MemoryStorage(), MemoryFiles())
    with pytest.raises(ProofRefusedError, match="and the book 0"):
        proof_of(0, note, smaller.trees())
