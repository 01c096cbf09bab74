"""The plant files of a book's content store, read once each."""

from __future__ import annotations

import threading
from dataclasses import replace

from fabrika.app.files import zone_of
from fabrika.errors import BookDamagedError, NotFoundError
from fabrika.journal.port import Files
from fabrika.plant.model import Plant
from fabrika.plant.read import read_plant
from fabrika.plant.roles import roles_of
from fabrika.wording import Worded

KEPT = 32
"""Plants that are kept read."""


class PlantFiles:
    """See :class:`fabrika.page.Shelf`.

    Args:
        files: the content store.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._plants: dict[str, Plant] = {}
        self._lock = threading.Lock()

    def text(self, sha256: str) -> str:
        """The file's text.

        Raises:
            NotFoundError: it is not in the store.
        """
        return self._data(sha256).decode("utf-8", "replace")

    def plant(self, sha256: str) -> Plant:
        """The plant that the file describes, with the usual roles if it names none.

        Raises:
            NotFoundError: the file is not in the store.
            PlantFileError: it is no plant.
        """
        with self._lock:
            found = self._plants.get(sha256)
        if found is None:
            found = read_plant(self._data(sha256), f"{sha256[:12]}.yaml", zone_of)
            found = replace(found, roles=roles_of(found))
            with self._lock:
                self._plants[sha256] = found
                for old in list(self._plants)[:-KEPT]:
                    del self._plants[old]
        return found

    def _data(self, sha256: str) -> bytes:
        if not self._files.has(sha256):
            raise NotFoundError(Worded("The file {file} is not in the content store.", file=sha256[:12]))
        try:
            return self._files.get(sha256)
        except BookDamagedError:
            raise NotFoundError(Worded("The file {file} is damaged in the content store.", file=sha256[:12])) from None
