"""Somebody else's program, Go's packages for transparency logs, verifies our checkpoints, proofs and tiles, and refuses forged ones."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from fabrika.app.book_copies import export
from fabrika.app.book_folder import BookFolder
from fabrika.journal.book import tree_of
from fabrika.journal.checkpoint import cosigned
from fabrika.journal.merkle import consistency_proof, inclusion_proof, root_at
from fabrika.journal.note import Signer
from fabrika.journal.tiles import TiledTree
from journal.books import BOOK_KEY, WITNESS_KEY, opened, told

SOURCES = Path("/usr/share/gocode")


class Verifier:
    """A process of the verifier."""

    def __init__(self, process):
        self.process = process

    def refuses(self, do, **words):
        """What it says against a request; empty if it agrees."""
        request = {"Do": do} | {name.title().replace("_", ""): encoded(value) for name, value in words.items()}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer == "ok" or answer.startswith("refused: "), answer
        return answer.removeprefix("ok").removeprefix("refused: ")


def encoded(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return [encoded(part) for part in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def verifier(tmp_path_factory):
    if not shutil.which("go") or not (SOURCES / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("no Go here: install it (Debian: apt-get install golang-go golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    program = folder / "verifier"
    settings = {
        "GO111MODULE": "off",
        "GOPATH": str(SOURCES),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    source = Path(__file__).with_name("go_verifier") / "main.go"
    done = subprocess.run(
        ["go", "build", "-o", program, source],
        env=os.environ | settings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Verifier(process)
        process.stdin.close()


@pytest.fixture(scope="module")
def book():
    book = opened()
    for start in range(0, 1_500, 100):
        told(book, *range(start, start + 100))
    return book


def test_checkpoints_are_accepted_with_the_books_key_only(verifier, book):
    note, key = book.sign(BOOK_KEY), str(BOOK_KEY.verifier)
    head = book.head()
    words = {"keys": [key], "signers": [BOOK_KEY.verifier.name], "size": head.size, "root": head.root}
    assert not verifier.refuses("checkpoint", note=str(note), **words)
    witnessed = str(cosigned(note, WITNESS_KEY, 1_795_000_000))
    assert not verifier.refuses("checkpoint", note=witnessed, **words)  # lines of unknown keys are passed over
    for forged in (
        str(note).replace(str(head.size), str(head.size - 1)),
        str(note).replace("kosovo/plant\n", "kosovo/twin\n", 1),
        str(note)[:-6] + ("A" if str(note)[-6] != "A" else "B") + str(note)[-5:],
        note.text + "\n",
    ):
        assert verifier.refuses("checkpoint", note=forged, keys=[key])
    other = Signer(BOOK_KEY.verifier.name, b"o" * 32)
    assert verifier.refuses("checkpoint", note=str(note), keys=[str(other.verifier)])


def test_proofs_of_inclusion_are_accepted_and_forged_ones_refused(verifier, book):
    trees, entries, chance = book.trees(), list(book.storage.read()), random.Random(1)
    for _ in range(200):
        size = chance.randrange(1, book.size + 1)
        position = chance.randrange(size)
        proof = inclusion_proof(position, size, trees)
        words = {"proof": proof, "size": size, "root": root_at(size, trees), "position": position}
        assert not verifier.refuses("inclusion", entry=entries[position], **words)
        forged = bytearray(entries[position])
        forged[chance.randrange(len(forged))] ^= 1 << chance.randrange(8)
        assert verifier.refuses("inclusion", entry=bytes(forged), **words)
        assert verifier.refuses("inclusion", entry=entries[position], **words | {"root": bytes(32)})
        if proof:
            assert verifier.refuses("inclusion", entry=entries[position], **words | {"proof": proof[:-1]})
            assert verifier.refuses("inclusion", entry=entries[position], **words | {"position": position ^ 1})


def test_proofs_of_consistency_are_accepted_and_forged_ones_refused(verifier, book):
    trees, chance = book.trees(), random.Random(2)
    for _ in range(200):
        new = chance.randrange(2, book.size + 1)
        old = chance.randrange(1, new)
        proof = consistency_proof(old, new, trees)
        words = {"size": new, "root": root_at(new, trees), "old": old, "old_root": root_at(old, trees)}
        assert not verifier.refuses("consistency", proof=proof, **words)
        for wrong in ({"root": bytes(32)}, {"old_root": root_at(old - 1, trees)}, {"old": old % (new - 1) + 1}):
            if wrong != {"old": old}:
                assert verifier.refuses("consistency", proof=proof, **words | wrong)
        forged = [*proof]
        forged[chance.randrange(len(forged))] = bytes(32)
        assert verifier.refuses("consistency", proof=forged, **words)


def test_an_exported_book_is_read_tile_by_tile_and_a_changed_tile_refused(verifier, tmp_path):
    data = BookFolder(tmp_path / "data")
    book = data.create("kosovo", "plant")
    for start in range(0, 1_500, 500):
        told(book, *range(start, start + 500))
    signer = data.signer(book.head().origin)
    book.sign(signer)
    entries = list(book.storage.read())
    assert tree_of(book.storage).root() == root_at(book.size, TiledTree(tree_of(book.storage), book.storage.tile))
    book.storage.close()
    export(data, tmp_path / "log")
    words = {"folder": str(tmp_path / "log"), "keys": [str(signer.verifier)]}
    for position in (0, 255, 256, 1_000, 1_499, 1_500):
        assert not verifier.refuses("tiles", position=position, entry=entries[position], **words)
        assert verifier.refuses("tiles", position=position, entry=entries[position] + b" ", **words)
    tile = tmp_path / "log" / "tile" / "0" / "003"
    changed = bytearray(tile.read_bytes())
    changed[40] ^= 1
    tile.write_bytes(changed)
    assert verifier.refuses("tiles", position=1_000, entry=entries[1_000], **words)
