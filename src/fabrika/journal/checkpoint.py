"""Checkpoints: the size and root of a book in the form of C2SP tlog-checkpoint, signed, and cosigned by witnesses."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from fabrika.errors import ProofRefusedError
from fabrika.journal.note import COSIGNATURE, Note, Signature, Signer, Verifier, _bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says.

    Attributes:
        origin: the name of the book for ever: plant, kind and, after a restore, its generation.
        size: entries.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Three lines: origin, size, root (C2SP tlog-checkpoint, Note text)."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """What the text of a note says; extension lines are passed over.

        Raises:
            ProofRefusedError: it is no text of a checkpoint.
        """
        lines = text.split("\n")
        if len(lines) >= 4 and all(lines[:-1]) and lines[-1] == "" and lines[1].isascii() and lines[1].isdigit():
            size, root = lines[1], _bytes(lines[2])
            if len(root) == 32 and len(size) <= 19 and size == str(int(size)):
                return cls(lines[0], int(size), root)
        raise ProofRefusedError("This is no checkpoint.")


def origin_of(plant: str, kind: str, generation: int = 1) -> str:
    """The name of a book: ``plant/kind``, and from the first restore on ``plant/kind/2`` and so on."""
    return f"{plant}/{kind}" if generation == 1 else f"{plant}/{kind}/{generation}"


def opened(data: str | bytes, verifier: Verifier) -> tuple[Checkpoint, Note]:
    """The checkpoint of a note that this key has signed.

    Raises:
        ProofRefusedError: it is no checkpoint, or the key did not sign it.
    """
    note = Note.parse(data)
    if not note.signed_by([verifier]):
        raise ProofRefusedError(f"The checkpoint bears no signature of {verifier.name}.")
    return Checkpoint.parse(note.text), note


def cosigned(note: Note, witness: Signer, at_s: int) -> Note:
    """The note with a witness's line more: that at this second (POSIX) it was the largest it had seen of the book.

    Source: C2SP tlog-cosignature, Format and Ed25519 signed message.
    """
    if witness.verifier.type != COSIGNATURE:
        raise ProofRefusedError("This key is no witness's key.", "Use a key of type 4, made for a witness.")
    value = at_s.to_bytes(8, "big") + witness.sign(_cosigned_message(note.text, at_s))
    return note.bearing(Signature(witness.verifier.name, witness.verifier.key_id, value))


def cosignatures(note: Note, witnesses: Sequence[Verifier]) -> dict[str, int]:
    """Which of these witnesses cosigned, and when: seconds since 1970 UTC, by name.

    Raises:
        ProofRefusedError: a line names one of these keys and its signature is false.
    """
    found = {}
    for witness in witnesses:
        for line in note.signatures:
            if witness.type == COSIGNATURE and line.is_of(witness):
                at_s = int.from_bytes(line.value[:8], "big")
                message = _cosigned_message(note.text, at_s)
                if len(line.value) != 72 or at_s >= 2**63 or not witness.holds(message, line.value[8:]):
                    raise ProofRefusedError(f"The cosignature of {witness.name} is false.")
                found[witness.name] = at_s
    return found


def _cosigned_message(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()
