"""The live twin beside the server: a process of its own tells, a message a line, and the service takes what it tells."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from fabrika.app.plant_service import PlantService
from fabrika.errors import BookError
from fabrika.events.codec import read

MOST_BYTES = 1 << 20
"""Read at a time; what has come together is taken together."""
END_S = 10.0


class LiveFeed:
    """Tells on where a twin's book ends, until :meth:`close`.

    Args:
        service: serves the twin's book.
        data: its folder.
        speed: seconds of the plant in a second.
        ended: called with a sentence if it ends by itself.
    """

    def __init__(
        self, service: PlantService, data: Path, speed: float, ended: Callable[[str], None] = lambda _why: None
    ) -> None:
        self._service, self._ended = service, ended
        self._closing = False
        command = [sys.executable, "-m", "fabrika", "twin", "live", "--data", str(data), "--speed", str(speed)]
        # A group of its own: Ctrl-C in the terminal is for the server, which ends its feed itself.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._thread = threading.Thread(target=self._run, name="live feed", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        told, rest, why = self._process.stdout.fileno(), b"", ""
        try:
            while data := os.read(told, MOST_BYTES):
                *lines, rest = (rest + data).split(b"\n")
                self._service.take([read(line) for line in lines])
        except BookError as error:
            why = str(error)
        if not self._closing:
            self._process.kill()
            self._ended(why or self._process.stderr.read().decode(errors="replace").strip())

    def close(self) -> None:
        """End the process; what it told is in the book."""
        self._closing = True
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
