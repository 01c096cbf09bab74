"""Verification: everything in place is accounted for, and everything out of place is named."""

from __future__ import annotations

import pytest

from fabrika.events.codec import entry_bytes
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened, BookRestored, PersonEnrolled
from fabrika.journal.checkpoint import cosigned
from fabrika.journal.note import Note, Signer
from fabrika.journal.pen import Pen
from fabrika.journal.port import Batch
from fabrika.journal.verify import MOST_FINDINGS, verify
from fabrika.storage.memory import MemoryStorage
from journal.books import AT, BOOK_KEY, EPOCH, OTHER_EPOCH, WITNESS_KEY, opened, told, units

KEYS = [BOOK_KEY.verifier, WITNESS_KEY.verifier]


@pytest.fixture
def book():
    book = opened()
    told(book, *range(300))
    certificate = book.files.put(b"certificate")
    book.append([book.pen("lab", EPOCH).write(units(), AT, files=(certificate,))], AT + 7)
    note = cosigned(book.sign(BOOK_KEY), WITNESS_KEY, 1_795_000_100)
    book.storage.keep_checkpoint(book.size, str(note))
    told(book, 1, 2)
    book.sign(BOOK_KEY)
    return book


def found(book, keys=KEYS):
    return [f"{finding.where}: {finding.wrong}" for finding in verify(book.storage, book.files, keys).findings]


def test_a_whole_book_is_whole_and_says_who_covers_it(book):
    seen = []
    result = verify(book.storage, book.files, KEYS, progress=lambda *step: seen.append(step))
    assert result.whole, result.findings
    assert (result.size, result.root, result.opening, result.files) == (304, book.head().root, book.opening, 1)
    own, witness = result.coverage
    assert own == ("kosovo/plant", False, 304, AT + 7, None)
    assert witness == ("witness.example/commission", True, 302, AT + 7, 1_795_000_100)
    assert seen == []


def test_a_restored_book_is_whole(book):
    restored = BookRestored(size=304, root=book.head().root.hex(), largest_known=304)
    book.append([Pen("kosovo", Key("journal", OTHER_EPOCH, 0)).write(restored, AT)], AT)
    book.sign(BOOK_KEY)
    result = verify(book.storage, book.files, KEYS)
    assert result.whole, result.findings
    assert result.opening == book.opening


def test_every_entry_that_is_changed_is_named(book):
    for position in (0, 5, 255, 256, 303):
        before = book.storage._entries[position]
        book.storage._entries[position] = before.replace(b'"at_us":179', b'"at_us":178')
        wrong = found(book)
        assert wrong, position
        book.storage._entries[position] = before.replace(b'"plant":"kosovo"', b'"plant": "kosovo"', 1)
        assert any(line.startswith(f"entry {position}:") for line in found(book))
        book.storage._entries[position] = before
    assert not found(book)


def test_what_was_removed_reordered_or_added_is_named(book):
    entries, positions = book.storage._entries, book.storage._positions
    entries[3], entries[4] = entries[4], entries[3]
    assert any("not the next in the chain" in line for line in found(book))
    entries[3], entries[4] = entries[4], entries[3]
    taken = entries.pop(9)
    assert found(book)[0].startswith("entry 9: It is not the next in the chain")
    entries.insert(9, taken)
    last = entries.pop()
    assert any("304" in line for line in found(book))
    entries.append(last)
    del positions[Key("line-1", EPOCH, 2)]
    assert found(book) == ["entry 3: It is not found by its identity."]


def test_tiles_heads_checkpoints_and_files_are_compared(book):
    storage = book.storage
    tile = storage._tiles[0, 0]
    storage._tiles[0, 0] = tile[:-1] + b"\0"
    assert found(book) == ["tile 0/0: It is missing, or does not follow from the entries."]
    storage._tiles[0, 0] = tile
    storage._tiles[0, 1] = tile
    assert found(book) == ["tiles: 2 are stored, and the entries fill 1."]
    del storage._tiles[0, 1]
    storage._heads["line-1", EPOCH] -= 1
    assert found(book) == ["book: The last entries of the sources are not found."]
    storage._heads["line-1", EPOCH] += 1
    name = next(iter(book.files.digests()))
    book.files._files[name] = b"other"
    assert found(book) == [f"file {name}: Its bytes are others than its name says."]
    del book.files._files[name]
    assert found(book) == [f"file {name}: An entry names it, and it is missing."]


def test_checkpoints_that_are_not_of_this_book_or_of_unknown_keys_are_named(book):
    storage = book.storage
    true = storage._checkpoints[302]
    assert "not given" in found(book, [BOOK_KEY.verifier])[0]
    assert "no signature of the book's own key" in found(book, [WITNESS_KEY.verifier])[1]
    for spoilt, said in (
        ("no note", "no signed note"),
        (true.replace("\n302\n", "\n301\n"), "false"),
        (str(Note(true.partition("\n\n")[0].replace("302", "301") + "\n").signed(BOOK_KEY)), "another root"),
        (str(Note("jordan/" + true.partition("\n\n")[0].partition("/")[2] + "\n").signed(BOOK_KEY)), "another book"),
    ):
        storage._checkpoints[302] = spoilt
        assert said in found(book)[0]
    del storage._checkpoints[302]
    storage._checkpoints[999] = true
    assert "checkpoint 999" in found(book)[0]


def forced(*messages, times=None):
    """A storage with entries that a book would never have taken."""
    storage = MemoryStorage()
    entries = [
        entry_bytes(written.data, at) for written, at in zip(messages, times or [AT] * len(messages), strict=True)
    ]
    storage.append(Batch(0, entries, [written.message.key for written in messages], []))
    return storage


def test_what_no_book_would_have_taken_is_named(book):
    pen = Pen("kosovo", Key("journal", EPOCH, 0))
    opening, person = pen.write(BookOpened(plant="kosovo", kind="plant"), AT), pen.write(PersonEnrolled(person="p"), AT)
    foreign = Pen("jordan", Key("x", EPOCH, 0)).write(units(), AT)
    second = Pen("kosovo", Key("x", EPOCH, 0)).write(BookOpened(plant="kosovo", kind="twin"), AT)
    unopened = Pen("kosovo", Key("x", EPOCH, 0)).write(units(), AT)
    silent = Pen("kosovo", Key("journal", OTHER_EPOCH, 0)).write(units(), AT)
    cases = [
        (forced(), "The book is empty."),
        (forced(opening, person, times=[AT, AT - 1]), "time is less"),
        (forced(opening, foreign), "another plant"),
        (forced(opening, second), "by no other"),
        (forced(unopened), "opened by its first entry"),
        (forced(opening, silent), "open or restore"),
    ]
    for storage, said in cases:
        assert any(said in finding.wrong for finding in verify(storage, book.files, KEYS).findings), said


def test_the_list_of_findings_is_bounded(book):
    book.storage._entries[:] = [b"{}"] * 304
    assert len(found(book)) == MOST_FINDINGS


def test_a_key_of_the_same_name_is_another_key(book):
    impostor = Signer("kosovo/plant", b"x" * 32)
    assert "not given" in found(book, [impostor.verifier, WITNESS_KEY.verifier])[0]
