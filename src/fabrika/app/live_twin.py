"""The live twin: a process that goes on telling where a twin's book ends, one message a line on its standard output.

It runs the plant again from the begin of the book, which takes seconds, passes over what the book holds and goes on in the same
run; so it can be ended and started again at any time, and tells the same messages. It writes nothing.

Started by :mod:`fabrika.app.live_feed` as ``python -m fabrika.app.live_twin``; it ends when its standard input does, and so with
its parent, however that ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from fabrika.app.book_folder import BookFolder
from fabrika.app.twin_book import Begun, begun
from fabrika.app.twin_floor import Everybody
from fabrika.app.twin_starts import SERVER
from fabrika.app.warm import ready
from fabrika.errors import FabrikaError, RunRefusedError
from fabrika.events.codec import Written
from fabrika.twin.pens import DAY_US, Pens

MORE_DAYS = 30.0
"""How far beyond the book the run is laid out at first."""
SLOWEST, FASTEST = 1e-3, 1e6
NAP_S = 0.5
"""Longest time without looking whether somebody still listens."""


def live(folder: BookFolder, speed: float, out: BinaryIO, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Write messages as they come due, until nobody listens.

    Args:
        folder: of the twin's book.
        speed: seconds of the plant in a second of the wall, 0.001 to 1,000,000.
        out: takes the lines.
        goes_on: asked now and then.

    Raises:
        RunRefusedError: no such speed.
        StorageRefusedError: the folder holds no twin's book.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise RunRefusedError(f"The twin cannot run at {speed:g} times the plant's speed.", "Name 0.001 to 1000000.")
    first = begun(folder)
    ready()
    began = time.monotonic()
    for number, written in enumerate(coming(first)):
        if number == 0:
            began = time.monotonic()  # what came before was told already
        due = began + (written.message.at_us - first.reached_us) / 1e6 / speed
        if due > time.monotonic():
            out.flush()
        while (left := due - time.monotonic()) > 0 and goes_on():
            time.sleep(min(left, NAP_S))
        if not goes_on():
            return
        out.write(written.data + b"\n")


def coming(first: Begun) -> Iterator[Written]:
    """The messages that follow on a book, without an end."""
    from fabrika.twin.tell_on import told

    days = (first.reached_us - first.begin_us) / DAY_US + MORE_DAYS
    pens = Pens(first.plant.id, first.seed, first.heads)
    for _, said in told(first.plant, first.seed, first.begin_us, days, Everybody):
        for one in said:
            if one.source == SERVER:
                continue  # whoever serves the book records that by itself
            written = pens.write(one)
            if written is not None:
                yield written


def main() -> None:
    """Tell until the standard input ends; an interruption is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder, speed = BookFolder(Path(sys.argv[1])), float(sys.argv[2])
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Anything printed by mistake must not end up between the lines.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    ended = threading.Event()
    threading.Thread(target=_watch, args=(ended,), daemon=True).start()
    try:
        live(folder, speed, lines, goes_on=lambda: not ended.is_set())
    except BrokenPipeError:
        os._exit(0)
    except FabrikaError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def _watch(ended: threading.Event) -> None:
    """Notice that the parent has gone, even while the run is far from its next message."""
    while sys.stdin.buffer.read(1):
        pass
    ended.set()
    time.sleep(2 * NAP_S)
    os._exit(0)


if __name__ == "__main__":
    main()
