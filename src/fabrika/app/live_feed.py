"""Feeds a twin's book from the live twin: starts its process, reads its lines, hands them on, and starts it again if it dies."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from fabrika.app.book_folder import BookFolder
from fabrika.errors import FabrikaError
from fabrika.events.codec import Written, read
from fabrika.plant.model import Plant

AT_ONCE = 1 << 18
"""Bytes that are read at once at most; the messages in them are taken together."""
LONGEST_S = 30.0
"""Longest pause before the process is started again."""
PATIENCE_S = 5.0


class LiveFeed:
    """See the module.

    Args:
        folder: of the twin's book.
        plant: that is served; its live twin is of the file that the book adopted first.
        speed: seconds of the plant in a second.
        take: takes messages into the book; it is called from a thread of the feed's, in order, and may raise.
        pause_s: before the process is started again; doubled while it gets nowhere.
        most_vain: starts without a message taken, after which the feed gives up.

    Attributes:
        taken: messages taken so far.
        starts: how often the process was started.
        failure: why the feed gave up; None while it goes on.
    """

    def __init__(
        self,
        folder: BookFolder,
        plant: Plant,
        speed: float,
        take: Callable[[Sequence[Written]], object],
        *,
        pause_s: float = 0.5,
        most_vain: int = 8,
    ) -> None:
        self._pause_s, self._most_vain = pause_s, most_vain
        self._folder, self._plant, self._speed, self._take = folder, plant, speed, take
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name=f"live twin of {plant.id}", daemon=True)
        self.taken = self.starts = 0
        self.failure: FabrikaError | None = None

    def start(self) -> LiveFeed:
        """Begin; returns itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the process and the thread; what was handed on stays."""
        self._ending.set()
        self._end()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)

    def process_id(self) -> int | None:
        """The id of the process that tells now; None if there is none."""
        with self._lock:
            return self._process.pid if self._process is not None else None

    def _run(self) -> None:
        vain = 0
        while not self._ending.is_set() and vain < self._most_vain:
            before = self.taken
            try:
                self._listen()
            except FabrikaError as error:
                self.failure = error
            finally:
                self._end()
            vain = vain + 1 if self.taken == before else 0
            self._ending.wait(min(LONGEST_S, self._pause_s * 2**vain))
        if self.taken and vain == 0:
            self.failure = None

    def _listen(self) -> None:
        """Start the process and take what it tells until it ends."""
        command = [sys.executable, "-m", "fabrika.app.live_twin", str(self._folder.folder.resolve()), str(self._speed)]
        with self._lock:
            if self._ending.is_set():
                return
            self._process = process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
            self.starts += 1
        assert process.stdout is not None
        for lines in _lines(process.stdout):
            messages = [read(line) for line in lines]
            self._take(messages)
            self.taken += len(messages)
            self.failure = None

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _lines(stream: IO[bytes]) -> Iterator[list[bytes]]:
    """Whole lines as they come, those that came together at once; what a process that died left unfinished is dropped."""
    rest = b""
    while piece := stream.read1(AT_ONCE):  # type: ignore[attr-defined]
        *lines, rest = (rest + piece).split(b"\n")
        if lines:
            yield lines
