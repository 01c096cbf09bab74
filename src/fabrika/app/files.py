"""Plant files from disk: the bytes, and in plain words why they cannot be had."""

from __future__ import annotations

import os
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fabrika.errors import PlantFileError, Problem
from fabrika.plant.model import Plant
from fabrika.plant.read import read_plant

FILE_NAME = "plant.yaml"
LARGEST_BYTES = 1_000_000
"""Bytes that are read at most, plus one: the reader refuses what is larger than its own limit."""


def read_file(path: str | os.PathLike[str]) -> Plant:
    """The plant in a file, or in the ``plant.yaml`` of a folder.

    Raises:
        PlantFileError: the file is missing, cannot be read, or has problems; all of them are listed.
    """
    return read_plant(read_bytes(path), os.fspath(path), zone_of)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a plant file, or of the ``plant.yaml`` of a folder, as far as the reader of plant files wants them.

    Raises:
        PlantFileError: the file is missing or cannot be read.
    """
    name = os.fspath(path)
    return _bytes(Path(name), name)


def zone_of(name: str) -> tzinfo | None:
    """The time zone of an IANA name, None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.is_dir():
            path /= FILE_NAME
            if not path.exists():
                wrong = f"The folder holds no {FILE_NAME}."
                raise _refused(name, wrong, f"Name a plant file, or put one named {FILE_NAME} into the folder.")
        if path.exists() and not path.is_file():
            raise _refused(name, "This is no file.", "Name a plant file, such as plants/line/plant.yaml.")
        with path.open("rb") as file:
            return file.read(2 * LARGEST_BYTES)
    except FileNotFoundError:
        raise _refused(name, "There is no such file.", "Check the name, or see `fabrika check --help`.") from None
    except PermissionError:
        raise _refused(name, "The file may not be read.", "Ask its owner for permission to read it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(name, f"The file cannot be read ({reason}).", "Check the name and the disk.") from None


def _refused(name: str, wrong: str, remedy: str) -> PlantFileError:
    return PlantFileError(name, [Problem(0, 0, "", wrong, remedy)])
