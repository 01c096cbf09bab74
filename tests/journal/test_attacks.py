"""Twelve attacks by whoever holds the book's own machine, and who notices: verification, or a witness outside.

Two cannot be noticed, and the manual says so (docs/know/what-the-journal-proves.md): entries newer than the last checkpoint that
somebody outside holds, and what was never entered.
"""

from __future__ import annotations

import pytest

from fabrika.errors import ProofRefusedError
from fabrika.events.production import StopCoded
from fabrika.journal.book import Book
from fabrika.journal.checkpoint import Checkpoint, cosigned
from fabrika.journal.merkle import consistency_proof
from fabrika.journal.note import Note, Signer
from fabrika.journal.verify import verify
from fabrika.journal.witness import witnessed
from journal.books import AT, BOOK_KEY, EPOCH, WITNESS_KEY, opened, units

EVENTS = [units(number) for number in range(300)]
ANCHOR = 281
"""Size of the book when the witness came by."""


def written(events, *, key=BOOK_KEY, upto=None):
    """A book of these events, its first part witnessed if it is the honest one, signed at the end if there is a key."""
    book = opened()
    pen = book.pen("line-1", EPOCH)
    for number, event in enumerate(events):
        book.append([pen.write(event, AT + number)], AT + number)
        if book.size == upto:
            note = cosigned(book.sign(key), WITNESS_KEY, AT // 10**6)
            book.storage.keep_checkpoint(book.size, str(note))
    if key is not None:
        book.sign(key)
    return book


def honest():
    return written(EVENTS, upto=ANCHOR)


def seen():
    """What the witness remembers."""
    ((_, text), *_) = honest().storage.checkpoints()
    return Checkpoint.parse(Note.parse(text).text)


def with_checkpoints_of(book, other):
    """The book, with the other's signed checkpoints laid beside it."""
    for size, note in other.storage.checkpoints():
        book.storage.keep_checkpoint(size, note)
    return book


def edited(events):
    return [*events[:100], units(9_999), *events[101:]]


def edit_a_result():
    book = honest()
    book.storage._entries[101] = book.storage._entries[101].replace(b'"good":100', b'"good":101')
    return book


def edit_and_hash_anew():
    return with_checkpoints_of(written(edited(EVENTS), key=None), honest())


def delete_in_the_middle():
    book = honest()
    del book.storage._entries[101]
    return book


def reorder():
    book = honest()
    entries = book.storage._entries
    entries[101], entries[102] = entries[102], entries[101]
    return book


def insert_something_back_dated():
    stop = StopCoded(station="a", from_us=AT, to_us=AT + 1, mode="jam", person="p-7")
    return with_checkpoints_of(written([*EVENTS[:50], stop, *EVENTS[50:]], key=None), honest())


def cut_the_tail_before_the_anchor():
    return written(EVENTS[:200])


def roll_back_and_go_on():
    return written([*EVENTS[:200], *(units(7_000 + number) for number in range(150))])


def rewrite_all_without_the_key():
    return written(edited(EVENTS), key=Signer("kosovo/plant", b"x" * 32))


def rewrite_all_with_the_stolen_key():
    return written(edited(EVENTS))


def show_another_book():
    return written([units(number, station="b") for number in range(400)])


def cut_the_tail_after_the_anchor():
    return written(EVENTS[: ANCHOR - 1], upto=ANCHOR)


def never_enter_it():
    return written([event for event in EVENTS if event.good != 299], upto=ANCHOR)


def verification_notices(book):
    return not verify(book.storage, book.files, [BOOK_KEY.verifier, WITNESS_KEY.verifier]).whole


def witness_notices(book):
    """The witness comes by again and is shown the last checkpoint, with the best proof that the book can give."""
    memory = seen()
    size, note = book.storage.last_checkpoint()
    book = Book(book.storage, book.files)
    proof = consistency_proof(min(memory.size, size), size, book.trees()) if size <= book.size else []
    try:
        witnessed(memory, note, book=BOOK_KEY.verifier, proof=proof, witness=WITNESS_KEY, at_s=AT // 10**6 + 60)
    except ProofRefusedError:
        return True
    return False


BY_VERIFICATION = [
    edit_a_result,
    edit_and_hash_anew,
    delete_in_the_middle,
    reorder,
    insert_something_back_dated,
    rewrite_all_without_the_key,
]
BY_WITNESS = [cut_the_tail_before_the_anchor, roll_back_and_go_on, rewrite_all_with_the_stolen_key, show_another_book]
BY_NOBODY = [cut_the_tail_after_the_anchor, never_enter_it]


def test_an_honest_book_raises_no_alarm():
    assert not verification_notices(honest())
    assert not witness_notices(honest())


@pytest.mark.parametrize("attack", BY_VERIFICATION, ids=lambda attack: attack.__name__)
def test_verification_notices(attack):
    assert verification_notices(attack())


@pytest.mark.parametrize("attack", BY_WITNESS, ids=lambda attack: attack.__name__)
def test_only_a_witness_notices(attack):
    book = attack()
    assert not verification_notices(book)
    assert witness_notices(book)


@pytest.mark.parametrize("attack", BY_NOBODY, ids=lambda attack: attack.__name__)
def test_nobody_can_notice(attack):
    book = attack()
    assert not verification_notices(book)
    assert not witness_notices(book)


def test_the_twelve_are_twelve():
    assert len(BY_VERIFICATION + BY_WITNESS + BY_NOBODY) == 12
