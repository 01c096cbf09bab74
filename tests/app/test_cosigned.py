"""A witness visits while a server writes the book: what it cosigned reaches the book, and nothing else does."""

from __future__ import annotations

import time

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.book_look import LATE, FolderLook
from fabrika.app.cosigned import keep, leave, left_in, take_in
from fabrika.app.plant_service import PlantService, adopt
from fabrika.app.witness_folder import WitnessFolder
from fabrika.errors import ProofRefusedError
from fabrika.faces.cli.app import call
from fabrika.journal.checkpoint import cosignatures
from fabrika.journal.merkle import root_at
from fabrika.journal.note import Note
from journal.books import BOOK_KEY, told
from operations.told import ROOT

NAME = "commission.example/witness"
PLANT = ROOT / "plants" / "teaching" / "two-machines.yaml"


@pytest.fixture
def folder(tmp_path):
    """A small book that is signed."""
    found = BookFolder(tmp_path / "data")
    book = found.create("kosovo", "plant")
    told(book, 1, 2, 3)
    book.sign(found.signer(book.head().origin))
    book.storage.close()
    return found


def visited(folder, stick, name=NAME):
    """What a witness cosigns of the book as it is."""
    reader = folder.reader()
    kept = reader.last_checkpoint()
    note = WitnessFolder(stick, name).visit(reader, kept[1], folder.signer(folder.origin()).verifier)
    reader.close()
    return note


def waiting(folder):
    return sorted(path.suffix for path in left_in(folder).iterdir())


def test_what_a_witness_left_is_kept_beside_what_others_cosigned(folder, tmp_path):
    book = folder.open()
    for name in ("a", "b"):
        note = visited(folder, tmp_path / name, name)
        folder.trust(WitnessFolder(tmp_path / name).signer.verifier)
        leave(folder, note)
        told(book, 4 if name == "a" else 5)
        assert take_in(folder, book) == 1
        assert waiting(folder) == []
    ((size, text),) = book.storage.checkpoints()
    assert size == 4
    assert sorted(cosignatures(Note.parse(text), folder.trusted())) == ["a", "b"]
    assert len(Note.parse(text).signatures) == 3
    assert take_in(folder, book) == 0
    book.storage.close()


def test_what_nobody_trusted_cosigned_is_refused_and_not_asked_again(folder, tmp_path):
    note = visited(folder, tmp_path / "stick")
    book = folder.open()
    leave(folder, note)
    assert take_in(folder, book) == 0
    assert waiting(folder) == [".refused"]
    with pytest.raises(ProofRefusedError, match="No witness"):
        keep(folder, book, str(note))
    folder.trust(WitnessFolder(tmp_path / "stick").signer.verifier)
    keep(folder, book, str(note))
    book.storage.close()


def test_a_checkpoint_of_another_book_or_past_is_refused(folder, tmp_path):
    other = BookFolder(tmp_path / "other")
    book = other.create("kosovo", "plant")
    told(book, 9, 8, 7)
    key = folder.signer("kosovo/plant")
    forged = Note(book.head().text()).signed(key)
    book.storage.close()
    witness = WitnessFolder(tmp_path / "stick", NAME).signer
    folder.trust(witness.verifier)
    mine = folder.open()
    for note in (forged, Note(mine.head().text()).signed(BOOK_KEY), Note("nothing\n").signed(key)):
        leave(folder, note)
    (left_in(folder) / "torn.note").write_bytes(b"\xff")
    assert take_in(folder, mine) == 0
    assert waiting(folder) == [".refused"] * 4
    mine.storage.close()


def test_a_witness_of_one_of_very_many_checkpoints_is_seen_and_those_are_not_all_read_again(folder, tmp_path):
    book, signer = folder.open(), folder.signer("kosovo/plant")
    folder.trust(WitnessFolder(tmp_path / "stick", NAME).signer.verifier)
    look = FolderLook(folder, tuple, lambda: book.size)
    for number in range(LATE + 30):
        if number == 5:
            leave(folder, visited(folder, tmp_path / "stick"))
        told(book, number)
        book.sign(signer)
    assert look.cosigned() == {}
    assert take_in(folder, book) == 1
    look.cosigned_anew()
    seen = look.cosigned()
    assert list(seen) == [NAME]
    told(book, 1)
    book.sign(signer)
    assert look.cosigned() == seen
    leave(folder, visited(folder, tmp_path / "stick"))
    take_in(folder, book)
    told(book, 2)
    book.sign(signer)
    assert look.cosigned()[NAME] >= seen[NAME]
    look.close()
    book.storage.close()


def test_the_server_takes_it_in_and_shows_it(tmp_path, capsys):
    folder = BookFolder(tmp_path / "data")
    adopt(folder, PLANT, "plant")
    assert call(["journal", "head", "--sign", "--data", str(folder.folder)]) == 0
    service = PlantService.opened(folder)
    try:
        assert service.states()["book"].cosigned() == {}
        words = ["journal", "witness", "--data", str(folder.folder), "--as", str(tmp_path / "stick"), "--name", NAME]
        assert call(words) == 0
        assert "takes the cosigned checkpoint in" in capsys.readouterr().err
        until = time.monotonic() + 60
        while not service.states()["book"].cosigned() and time.monotonic() < until:
            time.sleep(0.05)
        assert list(service.states()["book"].cosigned()) == [NAME]
        assert waiting(folder) == []
    finally:
        service.close()
    assert call(["journal", "verify", "--data", str(folder.folder)]) == 0
    assert f"{NAME}: witnessed the first 2 entries" in capsys.readouterr().out


def test_the_root_that_is_shown_is_of_the_entries_that_are_shown(folder):
    """While what was written a moment ago is not in the states yet, it is not in the root either."""
    book = folder.open()
    before = book.size
    told(book, 4, 5)
    known = before
    look = FolderLook(folder, tuple, lambda: known)
    assert (look.size, look.root()) == (before, root_at(before, book.trees()).hex())
    known = book.size
    assert (look.size, look.root()) == (before + 2, root_at(book.size, book.trees()).hex())
    look.close()
    book.storage.close()
