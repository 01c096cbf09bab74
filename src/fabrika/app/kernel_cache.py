"""Where the compiled twin is kept: a folder of the user's, named after the exact sources and the compiler.

The compiler's own cache does not notice a change in another module or in a constant, so the folder's name carries a hash
of the whole kernel. It has to be set before the compiler is imported.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
OURS = "FABRIKA_KERNEL_DIR"
"""Holds the folder that a Fabrika chose: whoever inherits it may be of another version and chooses anew."""
FIRST_USE = "first use: compiling the twin, about 20 s"
_COMPILED = ("stats", "twin/kernel")


def kernel_key() -> str:
    """Hash over every source file that is compiled, the compiler's version and Python's: 16 hex digits."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in _COMPILED:
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    for package in ("numba", "llvmlite", "numpy"):
        try:
            digest.update(f"{package} {version(package)}\0".encode())
        except PackageNotFoundError:
            digest.update(f"{package} absent\0".encode())
    digest.update(sys.version.encode())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """The user's cache folder: ``XDG_CACHE_HOME``, ``LOCALAPPDATA``, or ``~/.cache``."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        named = os.environ.get(variable)
        if named and Path(named).is_absolute():
            return Path(named)
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # no home at all
        return _temporary()


def _temporary() -> Path:
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"fabrika-{user}"


def prepare() -> bool:
    """Point the compiler at its folder; True if nothing is compiled there yet. A folder the user has set is kept.

    One that a server of an older version chose, before the program was brought up to date under it, is not: what was compiled of
    other sources must never run.

    Where neither the user's cache nor the temporary folder can be written, the compiler decides by itself and the twin
    is compiled at every start.
    """
    named = os.environ.get(VARIABLE)
    if named and named != os.environ.get(OURS):
        return not _holds_code(Path(named))
    os.environ.pop(VARIABLE, None)
    for root in (cache_root() / "fabrika", _temporary()):
        folder = root / "kernel" / kernel_key()
        if _writable(folder):
            os.environ[VARIABLE] = os.environ[OURS] = str(folder)
            return not _holds_code(folder)
    return True


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # What lies here is loaded as code: it must be ours alone.
        status = folder.stat()
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _holds_code(folder: Path) -> bool:
    try:
        return next(folder.rglob("*.nbc"), None) is not None
    except OSError:
        return False


def tell_if_cold(*, cold: bool) -> None:
    """Say on the error stream that the twin is being compiled."""
    if cold:
        print(FIRST_USE, file=sys.stderr, flush=True)  # noqa: T201 - a person waits
