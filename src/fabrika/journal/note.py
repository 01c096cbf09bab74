"""Signed notes of C2SP (signed-note v1): a text and, below an empty line, one line for each signature.

A signature line is an em dash, the key's name and the base64 of a key id of 4 bytes and the signature. A key is written as
``name+id+base64(type || public key)``. Two types are used: Ed25519 (1) for the book itself and the timestamped
cosignature of a witness (4). All signatures are Ed25519 (RFC 8032).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fabrika.errors import ProofRefusedError

ED25519, COSIGNATURE = 1, 4
MOST_SIGNATURES, LARGEST = 64, 1_000_000
_LINE = re.compile("\u2014 ([^ +\\s]+) ([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that a reader trusts for a name.

    Attributes:
        name: the key's name, without spaces and plus signs.
        type: :data:`ED25519` or :data:`COSIGNATURE`.
        public: 32 bytes.
    """

    name: str
    type: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256 over name, line feed, type and key (C2SP signed-note, Signatures)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """The key of a line ``name+id+base64``.

        Raises:
            ProofRefusedError: it is no such line, or the id is not the key's.
        """
        parts = text.strip().split("+", 2)
        key = _bytes(parts[2]) if len(parts) == 3 else b""
        if len(key) != 33 or key[0] not in {ED25519, COSIGNATURE} or not _is_name(parts[0]):
            raise ProofRefusedError(f"{text!r} is no verifier key.", "Give name+id+key as C2SP signed-note writes it.")
        verifier = cls(parts[0], key[0], key[1:])
        if verifier.key_id.hex() != parts[1]:
            raise ProofRefusedError(f"The id of the key {parts[0]} does not fit the key.", "Copy the whole key again.")
        return verifier

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature of 64 bytes is this key's over the message (RFC 8032)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key with its name.

    Args:
        name: see :class:`Verifier`.
        seed: the 32 random bytes that are the private key (RFC 8032 section 5.1.5).
        type: :data:`ED25519` or :data:`COSIGNATURE`.
    """

    def __init__(self, name: str, seed: bytes, type: int = ED25519) -> None:  # noqa: A002 - the standard's word
        if not _is_name(name):
            raise ProofRefusedError(f"{name!r} is no name of a key.", "Use letters, digits, points and slashes.")
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, type, self._key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Signer:
        """The key of a line ``PRIVATE+KEY+name+id+base64``.

        Raises:
            ProofRefusedError: it is no such line.
        """
        parts = text.strip().split("+", 4)
        key = _bytes(parts[4]) if len(parts) == 5 and parts[:2] == ["PRIVATE", "KEY"] else b""
        if len(key) != 33 or key[0] not in {ED25519, COSIGNATURE}:
            raise ProofRefusedError("This is no private key.", "Give PRIVATE+KEY+name+id+key on one line.")
        signer = cls(parts[2], key[1:], key[0])
        if signer.verifier.key_id.hex() != parts[3]:
            raise ProofRefusedError(f"The id of the key {parts[2]} does not fit the key.", "Copy the whole key again.")
        return signer

    def secret(self) -> str:
        """The private key as one line; for a file that only its owner reads."""
        name, key_id = self.verifier.name, self.verifier.key_id.hex()
        return f"PRIVATE+KEY+{name}+{key_id}+{_base64(bytes([self.verifier.type]) + self._seed)}"

    def sign(self, message: bytes) -> bytes:
        """The signature over a message, 64 bytes; the same every time (RFC 8032)."""
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the name and id of a key, and what it signed with."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"\u2014 {self.name} {_base64(self.key_id + self.value)}\n"

    def is_of(self, verifier: Verifier) -> bool:
        """Whether the line names this key."""
        return (self.name, self.key_id) == (verifier.name, verifier.key_id)


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures; nothing is trusted before a signature was checked.

    Attributes:
        text: ends in a line feed.
    """

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    @classmethod
    def parse(cls, data: str | bytes) -> Note:
        """The note that a text is.

        Raises:
            ProofRefusedError: it has not the form of a signed note.
        """
        try:
            whole = data if isinstance(data, str) else data.decode()
        except UnicodeDecodeError:
            raise ProofRefusedError("The note is not in UTF-8.") from None
        text, blank, lines = whole.rpartition("\n\n")
        if len(whole) > LARGEST or not blank or not lines.endswith("\n") or re.search("[\x00-\x09\x0b-\x1f]", whole):
            raise ProofRefusedError("This is no signed note.")
        found = [_LINE.fullmatch(line) for line in lines[:-1].split("\n")]
        blobs = [_bytes(match[2]) if match else b"" for match in found]
        if len(found) > MOST_SIGNATURES or any(len(blob) < 5 for blob in blobs):
            raise ProofRefusedError("The note has a line that is no signature.")
        pairs = zip(found, blobs, strict=True)
        return cls(text + "\n", tuple(Signature(match[1], blob[:4], blob[4:]) for match, blob in pairs if match))

    def signed(self, signer: Signer) -> Note:
        """This note with one Ed25519 signature more; a line of the same key is replaced."""
        verifier = signer.verifier
        line = Signature(verifier.name, verifier.key_id, signer.sign(self.text.encode()))
        return self.bearing(line)

    def bearing(self, line: Signature) -> Note:
        """This note with a signature line more; a line of the same key is replaced."""
        kept = [other for other in self.signatures if (other.name, other.key_id) != (line.name, line.key_id)]
        return Note(self.text, (*kept, line))

    def without_others(self, verifiers: Sequence[Verifier]) -> Note:
        """This note with the lines of these keys alone; whether they are true is not looked at."""
        return Note(self.text, tuple(line for line in self.signatures if any(map(line.is_of, verifiers))))

    def signed_by(self, verifiers: Sequence[Verifier]) -> list[Verifier]:
        """Which of these Ed25519 keys signed the text; lines of unknown keys are ignored.

        Raises:
            ProofRefusedError: a line names one of these keys and its signature is false.
        """
        signers = []
        for verifier in verifiers:
            for line in self.signatures:
                if verifier.type == ED25519 and line.is_of(verifier):
                    if len(line.value) != 64 or not verifier.holds(self.text.encode(), line.value):
                        raise ProofRefusedError(f"The signature of {verifier.name} is false.")
                    signers.append(verifier)
        return signers


def _is_name(text: str) -> bool:
    return bool(text) and "+" not in text and not re.search(r"[\s\x00-\x1f]", text)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    """The bytes of strict base64 (RFC 4648 section 4), none if it is not; each value has one spelling only."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if _base64(data) == text else b""
