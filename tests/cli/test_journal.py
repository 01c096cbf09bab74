"""The book on the command line: verified, proven, witnessed, copied, restored; and every attempt on it told."""

from __future__ import annotations

import json
import stat

import apsw
import pytest

from fabrika.app.book_folder import BookFolder, write_durably
from fabrika.errors import StorageRefusedError
from fabrika.faces.cli.app import call
from fabrika.journal.merkle import check_inclusion, leaf_hash
from fabrika.journal.note import Verifier
from fabrika.journal.proof_file import ProofFile
from fabrika.journal.verify import verify
from fabrika.storage.files import FolderFiles
from journal.books import AT, EPOCH, told, units


def said(capsys, *words):
    code = call(["journal", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def data(tmp_path):
    """A plant's data with 600 entries, one file and a checkpoint."""
    folder = BookFolder(tmp_path / "data")
    book = folder.create("kosovo", "plant")
    told(book, *range(598))
    book.append([book.pen("lab", EPOCH).write(units(), AT, files=(book.files.put(b"certificate"),))], AT)
    book.sign(folder.signer(book.head().origin))
    book.storage.close()
    return folder.folder


def grown(data, *numbers):
    folder = BookFolder(data)
    book = folder.open()
    told(book, *numbers)
    book.sign(folder.signer(book.head().origin))
    book.storage.close()


def test_verify_of_a_whole_book(data, capsys):
    code, out, err = said(capsys, "verify", "--data", data)
    assert (code, err) == (0, "")
    assert "kosovo/plant: 600 entries, 1 files" in out
    assert "kosovo/plant: signed the first 600 entries, until 20" in out
    assert "the folder's own" in out
    assert "Every stored value is accounted for." in out
    code, out, _ = said(capsys, "verify", "--data", data, "--json")
    assert code == 0
    assert {name: json.loads(out)[name] for name in ("whole", "size", "findings")} == {
        "whole": True,
        "size": 600,
        "findings": [],
    }


def test_one_digit_of_one_event_that_is_changed_is_found_and_named(data, capsys):
    connection = apsw.Connection(str(data / "journal.sqlite"))
    connection.execute("DROP TRIGGER entry_is_never_changed")
    (entry,) = connection.execute("SELECT bytes FROM entry WHERE position = 417").fetchone()
    connection.execute(
        "UPDATE entry SET bytes = ? WHERE position = 417", (entry.replace(b'"good":416', b'"good":417'),)
    )
    connection.close()
    code, out, err = said(capsys, "verify", "--data", data)
    assert code == 1
    assert "tile 0/1: It is missing, or does not follow from the entries." in err
    assert "entry 418: It is not the next in the chain" in err
    assert "Not accounted for" in out
    assert json.loads(said(capsys, "verify", "--data", data, "--json")[1])["whole"] is False


def test_verify_by_keys_of_ones_own(data, capsys, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("# the commission's\n" + (data / "keys" / "trusted").read_text())
    code, out, _ = said(capsys, "verify", "--data", data, "--keys", keys)
    assert code == 0
    assert "the folder's own" not in out
    keys.write_text("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n")
    code, out, err = said(capsys, "verify", "--data", data, "--keys", keys)
    assert code == 1
    assert "The key of the signature of kosovo/plant was not given" in err
    assert "PeterNeumann: has signed nothing" in out


def test_head_shows_and_signs(data, capsys):
    code, out, _ = said(capsys, "head", "--data", data)
    assert code == 0
    assert out.startswith("kosovo/plant: 600 entries, root ")
    assert "\nkosovo/plant\n600\n" in out
    folder = BookFolder(data)
    book = folder.open()
    told(book, 1)
    code, _, err = said(capsys, "head", "--data", data, "--sign")
    assert code == 2
    assert "Another process" in err
    book.storage.close()
    assert "\nkosovo/plant\n601\n" in said(capsys, "head", "--data", data, "--sign")[1]


def test_a_proof_is_checked_by_nothing_but_the_printed_text(data, capsys, tmp_path):
    code, out, _ = said(capsys, "prove", 300, "--data", data, "--entry", tmp_path / "entry.json")
    assert code == 0
    key = Verifier.parse((data / "keys" / "trusted").read_text())
    checkpoint, _ = ProofFile.parse(out).check((tmp_path / "entry.json").read_bytes(), key)
    assert checkpoint.size == 600
    assert b'"good":299' in (tmp_path / "entry.json").read_bytes()
    assert said(capsys, "prove", 600, "--data", data)[0] == 2
    assert said(capsys, "prove", 3, "--data", data, "--entry", tmp_path / "no" / "entry")[0] == 2


def test_what_needs_a_checkpoint_says_so(tmp_path, capsys):
    BookFolder(tmp_path / "new").create("kosovo", "twin").storage.close()
    for words in (
        ("prove", 0),
        ("export", "--to", tmp_path / "out"),
        ("witness", "--as", tmp_path / "w", "--name", "w"),
    ):
        code, _, err = said(capsys, *words, "--data", tmp_path / "new")
        assert code == 2
        assert "no checkpoint yet" in err
    assert "No checkpoint was signed yet" in said(capsys, "head", "--data", tmp_path / "new")[1]


def test_a_witness_cosigns_and_verify_says_what_it_covers(data, capsys, tmp_path):
    stick = tmp_path / "stick"
    code, _, err = said(capsys, "witness", "--data", data, "--as", stick)
    assert code == 2
    assert "Give the witness a name" in err
    code, out, _ = said(capsys, "witness", "--data", data, "--as", stick, "--name", "commission.example/witness")
    assert code == 0
    assert "— commission.example/witness " in out
    assert stat.S_IMODE((stick / "witness.key").stat().st_mode) == 0o600
    grown(data, 1, 2)
    code, out, _ = said(capsys, "verify", "--data", data)
    assert code == 0
    assert "commission.example/witness: witnessed the first 600 entries on 20" in out
    assert "; 2 are newer" in out
    assert said(capsys, "witness", "--data", data, "--as", stick)[0] == 0
    code, _, err = said(capsys, "witness", "--data", data, "--as", stick, "--name", "other")
    assert "is named commission.example/witness" in err


def test_a_witness_keeps_its_note_while_the_book_is_written(data, capsys, tmp_path):
    book = BookFolder(data).open()
    code, out, err = said(capsys, "witness", "--data", data, "--as", tmp_path / "w", "--name", "w")
    assert code == 0
    assert "being written" in err
    assert (tmp_path / "w" / "books" / "kosovo_plant.note").read_text() == out
    book.storage.close()


def test_yesterdays_copy_is_noticed_by_the_witness(data, capsys, tmp_path):
    yesterday = tmp_path / "yesterday"
    said(capsys, "backup", "--data", data, "--to", yesterday)
    grown(data, 1, 2, 3)
    said(capsys, "witness", "--data", data, "--as", tmp_path / "w", "--name", "w")
    (data / "journal.sqlite").write_bytes((yesterday / "journal.sqlite").read_bytes())
    code, _, err = said(capsys, "witness", "--data", data, "--as", tmp_path / "w")
    assert code == 2
    assert "entries are gone" in err
    grown(data, 9, 9, 9, 9)
    code, _, err = said(capsys, "witness", "--data", data, "--as", tmp_path / "w")
    assert code == 2
    assert "does not begin with the 603 entries" in err


def test_a_book_that_shows_another_key_is_noticed(data, capsys, tmp_path):
    said(capsys, "witness", "--data", data, "--as", tmp_path / "w", "--name", "w")
    (data / "keys" / "journal.key").unlink()
    grown(data, 1)
    code, _, err = said(capsys, "witness", "--data", data, "--as", tmp_path / "w")
    assert code == 2
    assert "shows another key" in err


def test_an_export_is_a_log_of_plain_files(data, capsys, tmp_path):
    grown(data, 1)
    code, out, _ = said(capsys, "export", "--data", data, "--to", tmp_path / "out")
    assert code == 0
    assert "601 entries of kosovo/plant" in out
    log = tmp_path / "out"
    names = {str(path.relative_to(log)) for path in log.rglob("*") if path.is_file() and path.parent.name != "files"}
    tiles = {"tile/0/000", "tile/0/001", "tile/0/002.p/89", "tile/1/000.p/2"}
    assert names == {"checkpoint"} | tiles | {"tile/entries/000", "tile/entries/001", "tile/entries/002.p/89"}
    bundle, entries = (log / "tile/entries/002.p/89").read_bytes(), []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert b"".join(map(leaf_hash, entries)) == (log / "tile/0/002.p/89").read_bytes()
    assert len(list(FolderFiles(log / "files").digests())) == 1
    code, _, err = said(capsys, "export", "--data", data, "--to", log)
    assert code == 2
    assert "not empty" in err


def test_a_backup_is_verified_and_holds_no_private_key(data, capsys, tmp_path):
    book = BookFolder(data).open()
    code, out, _ = said(capsys, "backup", "--data", data, "--to", tmp_path / "copies" / "monday")
    assert code == 0
    assert "600 entries and 1 files" in out
    book.storage.close()
    assert said(capsys, "verify", "--data", tmp_path / "copies" / "monday")[0] == 0
    assert not list((tmp_path / "copies").rglob("*.key"))
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["monday"]


def test_a_backup_that_does_not_verify_leaves_nothing(data, capsys, tmp_path):
    (data / "files" / next(BookFolder(data).content().digests())).write_bytes(b"forged")
    code, _, err = said(capsys, "backup", "--data", data, "--to", tmp_path / "monday")
    assert code == 2
    assert "other bytes" in err
    (data / "keys" / "trusted").write_text("")
    for path in (data / "files").iterdir():
        path.unlink()
    code, _, err = said(capsys, "backup", "--data", data, "--to", tmp_path / "monday")
    assert code == 2
    assert "does not verify" in err
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_restore_opens_a_new_epoch_and_says_what_is_missing(data, capsys, tmp_path):
    said(capsys, "backup", "--data", data, "--to", tmp_path / "monday")
    grown(data, 1, 2, 3)
    said(capsys, "witness", "--data", data, "--as", tmp_path / "w", "--name", "w.example/w")
    note = tmp_path / "w" / "books" / "kosovo_plant.note"
    words = ("restore", "--from", tmp_path / "monday", "--data", tmp_path / "new", "--known", note)
    code, out, _ = said(capsys, *words, "--keys", tmp_path / "w" / "witness.pub")
    assert code == 0
    assert "named kosovo/plant/2 from here on" in out
    assert "Missing: 3 entries, from position 600 on." in out
    assert f"line-1/{EPOCH} is to send again from 598 on." in out
    folder = BookFolder(tmp_path / "new")
    reader = folder.reader()
    result = verify(reader, folder.content(), folder.trusted())
    reader.close()
    assert result.findings == []
    assert result.size == 601
    assert said(capsys, "witness", "--data", tmp_path / "new", "--as", tmp_path / "w")[0] == 0
    assert said(capsys, "verify", "--data", tmp_path / "new")[0] == 0
    again = folder.open()
    assert told(again, 1)[0].message.sequence == 598
    again.storage.close()


def test_a_restore_from_another_history_is_refused(data, capsys, tmp_path):
    said(capsys, "backup", "--data", data, "--to", tmp_path / "monday")
    other = BookFolder(tmp_path / "other")
    book = other.create("kosovo", "plant")
    told(book, 7, 8)
    note = tmp_path / "note"
    note.write_text(str(book.sign(other.signer("kosovo/plant"))))
    book.storage.close()
    words = ("restore", "--from", tmp_path / "monday", "--data", tmp_path / "new", "--known", note)
    code, _, err = said(capsys, *words)
    assert code == 2
    assert "signed by no key that is trusted" in err
    code, _, err = said(capsys, *words, "--keys", tmp_path / "other" / "keys" / "trusted")
    assert code == 2
    assert "does not hold the first 3 entries" in err
    twin = BookFolder(tmp_path / "twin")
    book = twin.create("kosovo", "twin")
    note.write_text(str(book.sign(twin.signer("kosovo/twin"))))
    book.storage.close()
    code, _, err = said(capsys, *words, "--keys", tmp_path / "twin" / "keys" / "trusted")
    assert "of kosovo/twin, and the backup of kosovo/plant" in err
    assert not (tmp_path / "new").exists()
    code, out, _ = said(capsys, *words[:-2])
    assert code == 0
    assert "is not known" in out


def test_folders_and_keys_that_are_unfit_are_refused(data, capsys, tmp_path):
    assert "There is no journal" in said(capsys, "verify", "--data", tmp_path / "nowhere")[2]
    assert "cannot be read" in said(capsys, "verify", "--data", data, "--keys", tmp_path / "nowhere")[2]
    (data / "keys" / "journal.key").chmod(0o644)
    assert "Others may read" in said(capsys, "head", "--data", data, "--sign")[2]
    (tmp_path / "file").write_text("x")
    assert (
        "cannot be made" in said(capsys, "witness", "--data", data, "--as", tmp_path / "file" / "w", "--name", "w")[2]
    )
    assert "not empty" in said(capsys, "backup", "--data", data, "--to", tmp_path / "file")[2]
    assert "cannot be made" in said(capsys, "backup", "--data", data, "--to", tmp_path / "file" / "a" / "b")[2]
    with pytest.raises(StorageRefusedError, match="cannot be made"):
        BookFolder(tmp_path / "file" / "data").make()
    with pytest.raises(StorageRefusedError, match="cannot be written"):
        write_durably(tmp_path / "nowhere" / "note", "x")


def test_the_root_of_an_export_is_that_of_the_proof(data, capsys):
    code, out, _ = said(capsys, "prove", 5, "--data", data)
    assert code == 0
    proof = ProofFile.parse(out)
    reader = BookFolder(data).reader()
    (entry,) = reader.read(5, 6)
    checkpoint = verify(reader, BookFolder(data).content(), BookFolder(data).trusted())
    reader.close()
    check_inclusion(5, 600, leaf_hash(entry), proof.path, checkpoint.root)
