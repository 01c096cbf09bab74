"""A witness in a folder: on another machine, in another office, on a stick.

::

    FOLDER/witness.key        the witness's private key, for its owner alone
    FOLDER/witness.pub        its verifier key, to be given to everybody
    FOLDER/books/NAME.key     the key of a book, as it was when the witness first saw it
    FOLDER/books/NAME.note    the largest checkpoint of the book that was seen, cosigned
"""

from __future__ import annotations

from pathlib import Path

from fabrika.app.book_folder import kept_key, read_keys, read_text, write_durably
from fabrika.app.clock import now_us
from fabrika.errors import ProofRefusedError, StorageRefusedError
from fabrika.journal.book import tree_of
from fabrika.journal.checkpoint import Checkpoint
from fabrika.journal.merkle import consistency_proof
from fabrika.journal.note import COSIGNATURE, Note, Signer, Verifier
from fabrika.journal.port import Reader
from fabrika.journal.tiles import TiledTree
from fabrika.journal.witness import witnessed


class WitnessFolder:
    """See the module.

    Args:
        folder: made if it is missing.
        name: the witness's name, such as ``commission.example/witness``; needed the first time.

    Raises:
        StorageRefusedError: it is new and has no name, or cannot be made.
    """

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self.folder, self.books = folder, folder / "books"
        path = folder / "witness.key"
        if name is None and not path.exists():
            raise StorageRefusedError(f"{folder} is no witness's folder yet.", "Give the witness a name with `--name`.")
        try:
            self.books.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageRefusedError(f"The folder {folder} cannot be made ({error.strerror}).") from None
        kept = Signer.parse(read_text(path)).verifier.name if path.exists() else None
        if name is not None and kept not in {None, name}:
            raise StorageRefusedError(f"The witness in {folder} is named {kept}.", "Leave out `--name`.")
        self.signer: Signer = kept_key(path, kept or name or "", COSIGNATURE)
        write_durably(folder / "witness.pub", f"{self.signer.verifier}\n")

    def visit(self, reader: Reader, note: str, book: Verifier) -> Note:
        """Check a book's last checkpoint against what was seen of it before, and cosign it.

        What is remembered is durable before the cosignature is given away.

        Args:
            reader: the book, for the proof that it only grew.
            note: its last checkpoint.
            book: the book's key; the first one that is seen counts for ever.

        Raises:
            ProofRefusedError: the book was cut or rewritten, or its key is another.
        """
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        name = checkpoint.origin.replace("/", "_")
        pinned, memory = self.books / f"{name}.key", self.books / f"{name}.note"
        if pinned.exists() and read_keys(pinned) != [book]:
            raise ProofRefusedError(
                f"The book {checkpoint.origin} shows another key than the one this witness knows.",
                "Ask its keeper; if the change is in order, replace the key in the witness's folder by hand.",
            )
        seen = Checkpoint.parse(Note.parse(read_text(memory)).text) if memory.exists() else None
        trees = TiledTree(tree_of(reader), reader.tile)
        old = min(seen.size if seen else 0, checkpoint.size)
        proof = consistency_proof(old, checkpoint.size, trees)
        _, cosigned = witnessed(seen, note, book=book, proof=proof, witness=self.signer, at_s=now_us() // 1_000_000)
        write_durably(pinned, f"{book}\n")
        write_durably(memory, str(cosigned))
        return cosigned
