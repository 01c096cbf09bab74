"""The secrets of the web face: made once, kept in ``DATA/keys`` for the owner alone, never in a backup."""

from __future__ import annotations

import secrets
from pathlib import Path

from fabrika.app.book_folder import read_text, write_durably
from fabrika.errors import StorageRefusedError


def kept_secret(path: Path) -> str:
    """The secret in a file; made if the file is missing.

    Raises:
        StorageRefusedError: others than its owner may read the file, or it cannot be read or written.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(path, secrets.token_urlsafe(48) + "\n", 0o600)
    check_private(path)
    return read_text(path).strip()


def check_private(path: Path) -> None:
    """Refuse a secret that others may read.

    Raises:
        StorageRefusedError: they may.
    """
    if path.stat().st_mode & 0o077:
        wrong = f"Others may read the secret {path}."
        raise StorageRefusedError(wrong, f"Take the file away, or `chmod 600 {path}` if nobody has read it.")
