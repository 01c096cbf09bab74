"""A witness: remembers the largest checkpoint of a book that it has seen, and cosigns only what goes on from it.

It needs no journal, only one line of memory for each book and the few hashes of a consistency proof; it may be another
machine, another office or a stick in a drawer.
"""

from __future__ import annotations

from collections.abc import Sequence

from fabrika.errors import ProofRefusedError
from fabrika.journal.checkpoint import Checkpoint, cosigned, opened
from fabrika.journal.merkle import EMPTY_ROOT, check_consistency
from fabrika.journal.note import Note, Signer, Verifier


def witnessed(
    seen: Checkpoint | None,
    data: str | bytes,
    *,
    book: Verifier,
    proof: Sequence[bytes],
    witness: Signer,
    at_s: int,
) -> tuple[Checkpoint, Note]:
    """Cosign a checkpoint, if the book only grew since the last one.

    Args:
        seen: what the witness remembers of this book; None if it sees it for the first time.
        data: the checkpoint as the book signed it.
        book: the book's key.
        proof: that the checkpoint's tree begins with the one that was seen.
        witness: the witness's key, of type 4.
        at_s: now, seconds since 1970 UTC.

    Returns:
        what to remember, durably, before the note is given away; and the note with the cosignature.

    Raises:
        ProofRefusedError: the book's signature is false, it is another book, or it was cut or rewritten.
    """
    checkpoint, note = opened(data, book)
    old = seen or Checkpoint(checkpoint.origin, 0, EMPTY_ROOT)
    if checkpoint.origin != old.origin:
        raise ProofRefusedError(f"This is a checkpoint of {checkpoint.origin}, not of {old.origin}.")
    if checkpoint.size < old.size:
        wrong = f"The book has {checkpoint.size:,} entries, and this witness has seen {old.size:,}: entries are gone."
        raise ProofRefusedError(
            wrong, "The book was rolled back or is a copy; ask its keeper for the entries after that."
        )
    try:
        check_consistency(old.size, checkpoint.size, old.root, checkpoint.root, proof)
    except ProofRefusedError as error:
        wrong = f"The book does not begin with the {old.size:,} entries that this witness has seen. {error.problem}"
        raise ProofRefusedError(wrong, "The book was rewritten, or the proof is of another one.") from None
    return checkpoint, cosigned(note, witness, at_s)
