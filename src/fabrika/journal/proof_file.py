"""A proof that anyone can check offline: that an entry is in the book, as C2SP tlog-proof writes it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from fabrika.errors import ProofRefusedError
from fabrika.journal.checkpoint import Checkpoint, cosignatures, opened
from fabrika.journal.merkle import check_inclusion, inclusion_proof, leaf_hash
from fabrika.journal.note import Note, Verifier, _bytes
from fabrika.journal.tiles import TiledTree

FIRST_LINE = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class ProofFile:
    """An entry's position, its way to the root and the checkpoint that signs the root.

    Attributes:
        position: where the entry stands.
        path: hashes of 32 bytes, the leaf's neighbour first.
        note: the checkpoint with all its signatures.
    """

    position: int
    path: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        lines = [FIRST_LINE, f"index {self.position}", *(base64.b64encode(part).decode() for part in self.path)]
        return "\n".join(lines) + f"\n\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> ProofFile:
        """The proof that a text is; extra data is passed over.

        Raises:
            ProofRefusedError: it has not the form of a proof.
        """
        head, _, note = text.partition("\n\n")
        lines = head.split("\n")
        if len(lines) > 1 and lines[1].startswith("extra "):
            del lines[1]
        index = lines[1].removeprefix("index ") if len(lines) > 1 else ""
        path = tuple(_bytes(line) for line in lines[2:])
        well = lines[0] == FIRST_LINE and index.isascii() and index.isdigit() and len(index) <= 19 and len(path) <= 64
        if not well or index != str(int(index)) or any(len(part) != 32 for part in path):
            raise ProofRefusedError("This is no proof of a book's entry.", "Use the file as `journal prove` wrote it.")
        return cls(int(index), path, Note.parse(note))

    def check(
        self, entry: bytes, book: Verifier, witnesses: Sequence[Verifier] = ()
    ) -> tuple[Checkpoint, dict[str, int]]:
        """Check that this very entry is in the book.

        Args:
            entry: the canonical bytes of the entry.
            book: the key of the book.
            witnesses: the witnesses that are known.

        Returns:
            the checkpoint, and when which witness had seen it (seconds since 1970 UTC, by name).

        Raises:
            ProofRefusedError: a signature is false or missing, or the entry is not below the root.
        """
        checkpoint, note = opened(str(self.note), book)
        check_inclusion(self.position, checkpoint.size, leaf_hash(entry), self.path, checkpoint.root)
        return checkpoint, cosignatures(note, witnesses)


def proof_of(position: int, note: Note, trees: TiledTree) -> ProofFile:
    """The proof of an entry under a checkpoint.

    Raises:
        ProofRefusedError: the checkpoint is older than the entry, or larger than the book.
    """
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.size > trees.size:
        raise ProofRefusedError(f"The checkpoint has {checkpoint.size:,} entries and the book {trees.size:,}.")
    return ProofFile(position, tuple(inclusion_proof(position, checkpoint.size, trees)), note)
