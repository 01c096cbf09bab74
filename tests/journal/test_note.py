"""Signed notes and checkpoints against those that others signed."""

from __future__ import annotations

import pytest

from fabrika.errors import ProofRefusedError
from fabrika.journal.checkpoint import Checkpoint, cosignatures, cosigned, opened, origin_of
from fabrika.journal.note import COSIGNATURE, Note, Signature, Signer, Verifier

# The example of Go's package golang.org/x/mod/sumdb/note.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PROBLEM = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PROBLEM_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The key of Go's checksum database, and the checkpoint that C2SP tlog-checkpoint shows (there under an invented name).
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
SUMDB_NOTE = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
# C2SP tlog-cosignature, the example.
WITNESS_LINE = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
# Keys of transparency-dev/formats, note/note_cosigv1_test.go.
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
TEST = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"


@pytest.mark.parametrize("text", [NEUMANN, SUMDB, REMORA, TEST])
def test_keys_of_others_are_read_and_written(text):
    assert str(Verifier.parse(text)) == text
    assert Verifier.parse(text).type == (COSIGNATURE if text == REMORA else 1)


def test_our_signature_is_that_of_the_reference():
    signer = Signer.parse(NEUMANN_SECRET)
    assert str(signer.verifier) == NEUMANN
    assert signer.secret() == NEUMANN_SECRET
    assert str(Note(PROBLEM).signed(signer)) == PROBLEM + "\n" + PROBLEM_LINE


def test_a_checkpoint_of_a_real_log_is_verified():
    checkpoint, note = opened(SUMDB_NOTE, Verifier.parse(SUMDB))
    assert checkpoint.size == 20_852_163
    assert checkpoint.text() == note.text
    assert str(note) == SUMDB_NOTE
    for spoilt in (SUMDB_NOTE.replace("20852163", "20852164"), SUMDB_NOTE.replace("CsUY", "CsUZ")):
        with pytest.raises(ProofRefusedError, match="false"):
            opened(spoilt, Verifier.parse(SUMDB))
    with pytest.raises(ProofRefusedError, match="no signature of TEST"):
        opened(SUMDB_NOTE, Verifier.parse(TEST))


def test_the_time_in_a_cosignature_is_where_c2sp_puts_it():
    line = Note.parse(SUMDB_NOTE + WITNESS_LINE).signatures[1]
    assert (line.name, len(line.value)) == ("witness.example.com/w1", 72)
    assert int.from_bytes(line.value[:8], "big") == 1_679_315_147
    assert str(line) == WITNESS_LINE


WITNESS = Signer("witness.example/commission", b"w" * 32, COSIGNATURE)
BOOK = Signer("kosovo/plant", b"b" * 32)


def test_a_cosignature_covers_text_and_time():
    note = cosigned(Note(PROBLEM).signed(BOOK), WITNESS, 1_795_000_000)
    assert cosignatures(note, [WITNESS.verifier, BOOK.verifier]) == {"witness.example/commission": 1_795_000_000}
    assert note.signed_by([WITNESS.verifier, BOOK.verifier]) == [BOOK.verifier]
    value = note.signatures[1].value
    for spoilt in (b"\0" * 8 + value[8:], value[:-1], b"\xff" + value[1:], value[:8] + bytes(64)):
        with pytest.raises(ProofRefusedError, match="false"):
            cosignatures(
                note.bearing(Signature(WITNESS.verifier.name, WITNESS.verifier.key_id, spoilt)), [WITNESS.verifier]
            )
    again = cosigned(note, WITNESS, 1_795_000_001)
    assert len(again.signatures) == 2
    with pytest.raises(ProofRefusedError, match="no witness"):
        cosigned(note, BOOK, 0)


def test_a_false_signature_of_a_known_key_spoils_the_note_and_unknown_keys_do_not_matter():
    good = Note(PROBLEM).signed(BOOK)
    stranger = Note(PROBLEM).signed(Signer("kosovo/plant", b"x" * 32))
    assert good.bearing(stranger.signatures[0]).signed_by([BOOK.verifier]) == [BOOK.verifier]
    forged = Signature(BOOK.verifier.name, BOOK.verifier.key_id, bytes(64))
    with pytest.raises(ProofRefusedError, match="false"):
        good.bearing(forged).signed_by([BOOK.verifier])


NO_NOTES = {
    "nothing": "",
    "no signature": "text\n",
    "no blank line": "text\n— a YWFhYWE=\n",
    "no line feed": "text\n\n— a YWFhYWE=",
    "short": "text\n\n— a YWFh\n",
    "hyphen": "text\n\n- a YWFhYWE=\n",
    "no base64": "text\n\n— a ?\n",
    "loose base64": "text\n\n— a YWFhYWF=\n",
    "control": "te\x07xt\n\n— a YWFhYWE=\n",
    "name with a plus": "text\n\n— a+b YWFhYWE=\n",
    "too many": "text\n\n" + "— a YWFhYWE=\n" * 65,
    "too large": "t" * 1_000_001 + "\n\n— a YWFhYWE=\n",
}


@pytest.mark.parametrize("case", NO_NOTES)
def test_what_is_no_note_is_refused(case):
    with pytest.raises(ProofRefusedError):
        Note.parse(NO_NOTES[case])


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ProofRefusedError, match="UTF-8"):
        Note.parse(b"\xff")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b",
        "a+00000000+AAAA",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        "a b" + NEUMANN,
        NEUMANN.replace("ARpc", "ARp"),
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ProofRefusedError):
        Verifier.parse(text)


@pytest.mark.parametrize("text", ["", NEUMANN, NEUMANN_SECRET.replace("c74f20a3", "c74f20a4"), NEUMANN_SECRET[:-4]])
def test_what_is_no_private_key_is_refused(text):
    with pytest.raises(ProofRefusedError):
        Signer.parse(text)


def test_a_key_needs_a_name():
    with pytest.raises(ProofRefusedError, match="no name"):
        Signer("two words", b"b" * 32)


NO_CHECKPOINTS = {
    "two lines": "a\n1\n",
    "leading nought": "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "sign": "a\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "other digits": "a\n١\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "huge": f"a\n{10**19}\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "short root": "a\n1\nCsUY\n",
    "no origin": "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "empty line": "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nb\n",
    "no end": "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
}


@pytest.mark.parametrize("case", NO_CHECKPOINTS)
def test_what_is_no_checkpoint_is_refused(case):
    with pytest.raises(ProofRefusedError):
        Checkpoint.parse(NO_CHECKPOINTS[case])


def test_extension_lines_are_passed_over():
    assert Checkpoint.parse(SUMDB_NOTE.partition("\n\n")[0] + "\nmore\n").size == 20_852_163


def test_a_restored_book_has_a_name_of_its_own():
    assert [origin_of("kosovo", "plant", number) for number in (1, 2)] == ["kosovo/plant", "kosovo/plant/2"]
