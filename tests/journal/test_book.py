"""What a book takes, under which identity, and what it refuses."""

from __future__ import annotations

import pytest

from fabrika.errors import (
    BookDamagedError,
    CorrectionRefusedError,
    EventRefusedError,
    IdentityConflictError,
    SequenceGapError,
    StorageFailedError,
)
from fabrika.events.codec import read_envelope, write
from fabrika.events.fields import Key
from fabrika.events.house import BookOpened, BookRestored, Corrected, PersonEnrolled
from fabrika.journal.book import Book, Receipt
from fabrika.journal.checkpoint import Checkpoint
from fabrika.journal.checkpoint import opened as opened_note
from fabrika.journal.corrections import facts
from fabrika.journal.merkle import leaf_hash, root_of
from fabrika.journal.pen import Pen
from fabrika.storage.memory import MemoryFiles, MemoryStorage
from journal.books import AT, BOOK_KEY, EPOCH, OTHER_EPOCH, opened, told, units


def test_a_book_begins_with_its_plant_and_kind():
    plant, twin = opened(), opened(kind="twin")
    assert plant.opening == ("kosovo", "plant", 1, EPOCH)
    assert (plant.head().origin, twin.head().origin) == ("kosovo/plant", "kosovo/twin")
    assert plant.head().root != twin.head().root
    assert plant.head().root == leaf_hash(next(plant.storage.read()))


def test_an_empty_book_has_no_head_and_takes_nothing_but_its_opening():
    book = Book(MemoryStorage(), MemoryFiles())
    with pytest.raises(EventRefusedError, match="empty"):
        book.head()
    pen = Pen("kosovo", Key("journal", EPOCH, 0))
    for event in (units(), BookOpened(plant="other", kind="plant")):
        with pytest.raises(EventRefusedError):
            book.append([pen.write(event, AT)], AT)
        pen = Pen("kosovo", Key("journal", EPOCH, 0))
    with pytest.raises(EventRefusedError):
        book.append([Pen("kosovo", Key("line-1", EPOCH, 0)).write(BookOpened(plant="kosovo", kind="plant"), AT)], AT)
    assert book.size == 0


def test_a_book_is_opened_once():
    book = opened()
    with pytest.raises(EventRefusedError, match="opened once"):
        book.append(
            [Pen("kosovo", Key("journal", OTHER_EPOCH, 0)).write(BookOpened(plant="kosovo", kind="plant"), AT)], AT
        )
    with pytest.raises(EventRefusedError, match="opens or restores"):
        book.append([book.pen("journal", EPOCH).write(BookOpened(plant="kosovo", kind="plant"), AT)], AT)


def test_messages_are_taken_once_in_order_and_told_where_they_stand():
    book = opened()
    pen = book.pen("line-1", EPOCH)
    messages = [pen.write(units(number), AT) for number in range(3)]
    assert book.append(messages[:2], AT) == [Receipt(1, fresh=True), Receipt(2, fresh=True)]
    assert book.append(messages, AT) == [Receipt(1, fresh=False), Receipt(2, fresh=False), Receipt(3, fresh=True)]
    assert book.append([messages[0], messages[0]], AT) == [Receipt(1, fresh=False)] * 2
    assert book.size == 4


def test_one_message_twice_in_one_batch_is_taken_once():
    book = opened()
    message = book.pen("line-1", EPOCH).write(units(), AT)
    assert book.append([message, message], AT) == [Receipt(1, fresh=True), Receipt(1, fresh=False)]


@pytest.mark.parametrize("together", [True, False])
def test_the_same_identity_with_other_content_is_an_alarm(together):
    book = opened()
    first = book.pen("line-1", EPOCH).write(units(1), AT)
    forged = book.pen("line-1", EPOCH).write(units(2), AT)
    if not together:
        book.append([first], AT)
    with pytest.raises(IdentityConflictError, match="position 1"):
        book.append([first, forged], AT)
    assert list(book.alarms) == [forged]
    assert book.size == (1 if together else 2)


def test_a_source_with_another_past_is_an_alarm():
    book = opened()
    told(book, 1)
    stranger = Pen("kosovo", Key("line-1", EPOCH, 1), "0" * 64).write(units(2), AT)
    with pytest.raises(IdentityConflictError, match="another past"):
        book.append([stranger], AT)
    assert list(book.alarms) == [stranger]


def test_a_gap_is_refused_and_says_from_where_to_send_again():
    book = opened()
    pen = book.pen("line-1", EPOCH)
    messages = [pen.write(units(number), AT) for number in range(3)]
    with pytest.raises(SequenceGapError) as refused:
        book.append([messages[0], messages[2]], AT)
    assert "from 1 on" in refused.value.remedy
    assert book.size == 1
    assert book.append(messages, AT)[2] == Receipt(3, fresh=True)


def test_a_new_epoch_begins_anew_and_an_old_one_goes_on():
    book = opened()
    told(book, 1, 2)
    fresh = Pen("kosovo", Key("line-1", OTHER_EPOCH, 0)).write(units(1), AT)
    assert book.append([fresh], AT) == [Receipt(3, fresh=True)]
    assert told(book, 3)[0].message.sequence == 2


def test_a_refused_submission_leaves_the_others_of_its_draft():
    book = opened()
    one, two = book.pen("one", EPOCH), book.pen("two", EPOCH)
    draft = book.draft(AT)
    assert draft.admit([one.write(units(), AT)]) == [Receipt(1, fresh=True)]
    with pytest.raises(SequenceGapError):
        draft.admit([two.write(units(), AT), Pen("kosovo", Key("two", EPOCH, 5), "0" * 64).write(units(), AT)])
    assert draft.admit([one.write(units(), AT)]) == [Receipt(2, fresh=True)]
    book.commit(draft)
    assert book.size == 3
    assert ("two", EPOCH) not in book.heads


def test_events_of_another_plant_are_refused():
    with pytest.raises(EventRefusedError, match="'jordan'"):
        opened().append([Pen("jordan", Key("line-1", EPOCH, 0)).write(units(), AT)], AT)


def test_a_file_must_be_in_the_store_before_an_event_rests_on_it():
    book = opened()
    name = "6" * 64
    with pytest.raises(EventRefusedError, match="content store"):
        book.append([book.pen("line-1", EPOCH).write(units(), AT, files=(name,))], AT)
    kept = book.files.put(b"certificate")
    book.append([book.pen("line-1", EPOCH).write(units(), AT, files=(kept,))], AT)
    assert book.size == 2


def test_the_time_of_the_journal_never_runs_back():
    book = opened()
    for number, now in enumerate((AT + 50, AT - 10**12, AT + 60)):
        book.append([book.pen("line-1", EPOCH).write(units(number), AT)], now)
    times = [read_envelope(data).journal_at_us for data in book.storage.read()]
    assert times == [AT, AT + 50, AT + 50, AT + 60]
    assert Book(book.storage, book.files).draft(0).at_us == AT + 60


def test_a_book_that_is_opened_again_goes_on():
    book = opened()
    for start in range(0, 700, 100):
        told(book, *range(start, start + 100))
    again = Book(book.storage, book.files)
    assert again.head() == book.head()
    assert again.heads == book.heads
    assert told(again, 7)[0].message.sequence == 700
    assert again.head().root == root_of([leaf_hash(data) for data in again.storage.read()])


def test_a_restored_book_has_a_new_epoch_and_name():
    book = opened()
    told(book, 1)
    restored = BookRestored(size=2, root=book.head().root.hex(), largest_known=5, missing_from=2)
    book.append([Pen("kosovo", Key("journal", OTHER_EPOCH, 0)).write(restored, AT)], AT)
    assert book.opening == ("kosovo", "plant", 2, OTHER_EPOCH)
    assert book.head().origin == "kosovo/plant/2"
    assert Book(book.storage, book.files).opening == book.opening


def test_a_failed_storage_takes_nothing_more():
    book = opened()
    book.storage.append = lambda batch: (_ for _ in ()).throw(StorageFailedError("The disk is full."))
    with pytest.raises(StorageFailedError, match="full"):
        told(book, 1)
    with pytest.raises(StorageFailedError, match="failed before"):
        book.draft(AT)


def correct(book, target, replacement=None):
    pen = book.pen("office", EPOCH)
    event = Corrected(target=target, reason="counted twice", person="p-7", replacement=replacement)
    written = pen.write(event, AT)
    book.append([written], AT)
    return written.message.key


def replaced(book, target, number):
    written = book.pen("office", EPOCH).write(units(number), AT, correction_of=target)
    book.append([written], AT)
    return correct(book, target, written.message.key)


def goods(book, **times):
    return [fact.event.good for fact in facts(book.storage, **times) if hasattr(fact.event, "good")]


def test_a_fact_is_withdrawn_replaced_and_reinstated_and_both_questions_of_time_are_answered():
    book = opened()
    one, two, three = (written.message.key for written in told(book, 1, 2, 3))
    withdrawal = correct(book, two)
    assert goods(book) == [1, 3]
    replaced(book, one, 10)
    assert goods(book) == [10, 3]
    assert goods(book, known_at=5) == [1, 3]
    assert goods(book, known_at=4) == [1, 2, 3]
    correct(book, withdrawal)
    assert goods(book) == [10, 2, 3]
    assert goods(book, as_of_us=AT + 2) == [10, 2]
    correct(book, three)
    replaced(book, three, 30)
    assert goods(book) == [10, 2, 30]


def test_a_replacement_that_no_correction_names_does_not_count():
    book = opened()
    (one,) = told(book, 1)
    book.append([book.pen("office", EPOCH).write(units(9), AT, correction_of=one.message.key)], AT)
    assert goods(book) == [1]


def test_what_cannot_be_corrected_is_refused():
    book = opened()
    (one,) = (written.message.key for written in told(book, 1))
    with pytest.raises(CorrectionRefusedError, match="has no entry"):
        correct(book, Key("line-1", EPOCH, 99))
    with pytest.raises(CorrectionRefusedError, match="book's own"):
        correct(book, Key("journal", EPOCH, 0))
    with pytest.raises(CorrectionRefusedError, match="not in the book as a correction"):
        correct(book, one, Key("line-1", EPOCH, 99))
    with pytest.raises(CorrectionRefusedError, match="not in the book as a correction"):
        correct(book, one, one)
    person = book.pen("office", EPOCH).write(PersonEnrolled(person="p"), AT, correction_of=one)
    book.append([person], AT)
    with pytest.raises(CorrectionRefusedError, match=r"production\.units_counted cannot be replaced by a house"):
        correct(book, one, person.message.key)


def test_a_correction_may_stand_in_the_same_batch_as_what_it_corrects():
    book = opened()
    pen = book.pen("line-1", EPOCH)
    count = pen.write(units(4), AT)
    book.append([count, pen.write(Corrected(target=count.message.key, reason="wrong lot", person="p-7"), AT)], AT)
    assert goods(book) == []


def test_a_checkpoint_is_signed_over_what_is_stored():
    book = opened()
    first = book.sign(BOOK_KEY)
    for start in range(0, 600, 100):
        told(book, *range(start, start + 100))
    note = book.sign(BOOK_KEY)
    checkpoint, _ = opened_note(str(note), BOOK_KEY.verifier)
    assert (
        checkpoint
        == book.head()
        == Checkpoint("kosovo/plant", 601, root_of([leaf_hash(d) for d in book.storage.read()]))
    )
    assert list(book.storage.checkpoints()) == [(1, str(first)), (601, str(note))]
    assert book.storage.last_checkpoint() == (601, str(note))


@pytest.mark.parametrize("position", [0, 255, 300, 600])
def test_nothing_is_signed_that_is_not_what_was_written(position):
    book = opened()
    for start in range(0, 600, 100):
        told(book, *range(start, start + 100))
    book.storage._entries[position] = book.storage._entries[position].replace(b'"at_us":1', b'"at_us":2')
    with pytest.raises(BookDamagedError):
        book.sign(BOOK_KEY)


def test_nothing_is_signed_that_does_not_begin_with_the_last_checkpoint():
    book, other = opened(), opened()
    told(book, 1)
    book.sign(BOOK_KEY)
    told(other, 2, 3)
    for size, note in book.storage.checkpoints():
        other.storage.keep_checkpoint(size, note)
    with pytest.raises(BookDamagedError, match="begin with its checkpoint"):
        other.sign(BOOK_KEY)
    with pytest.raises(BookDamagedError, match="begin with its checkpoint"):
        Book(other.storage, other.files)


def test_a_book_that_does_not_begin_as_a_book_is_refused():
    storage = MemoryStorage()
    book = opened(storage)
    told(book, 1)
    storage._entries[0] = storage._entries[1]
    with pytest.raises(BookDamagedError, match="opens no book"):
        Book(storage, book.files)
    storage._entries[1] = b"{}"
    with pytest.raises(BookDamagedError, match="cannot be read"):
        Book(storage, book.files)
    storage._entries.pop()
    storage._positions.clear()
    with pytest.raises(BookDamagedError, match="is missing"):
        Book(storage, book.files)


def test_a_lost_entry_of_a_known_source_is_damage():
    book = opened()
    messages = told(book, 1, 2)
    del book.storage._positions[messages[0].message.key]
    with pytest.raises(BookDamagedError, match="missing"):
        book.append([messages[0]], AT)


def test_an_empty_draft_writes_nothing():
    book = opened()
    book.commit(book.draft(AT))
    assert book.size == 1


def test_a_message_is_refused_by_its_field_before_it_has_a_number():
    pen = opened().pen("line-1", EPOCH)
    with pytest.raises(EventRefusedError):
        pen.write(units(station="two words"), AT)
    assert pen.write(units(), AT).message.sequence == 0
    assert (
        write(units(), Key("line-1", EPOCH, 0), plant="kosovo", at_us=AT, previous=None).data
        == opened().pen("line-1", EPOCH).write(units(), AT).data
    )
