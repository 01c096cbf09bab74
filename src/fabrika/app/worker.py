"""A worker process: reads tasks from its standard input, writes answers to its standard output, until the input ends.

Started by :mod:`fabrika.app.executors` as ``python -m fabrika.app.worker``, so that a user's script or notebook is not
imported again. Both ends are our own processes on one machine; what passes between them is pickled data.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from typing import Any, BinaryIO

from fabrika.errors import FabrikaError

LENGTH = struct.Struct("<Q")


def send(stream: BinaryIO, value: Any) -> None:
    """Write one value, its length first."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one value.

    Raises:
        EOFError: the other end is gone.
    """
    head = _exactly(stream, LENGTH.size)
    return pickle.loads(_exactly(stream, LENGTH.unpack(head)[0]))  # noqa: S301 - written by our own process


def _exactly(stream: BinaryIO, size: int) -> bytes:
    body = stream.read(size)
    if body is None or len(body) < size:
        raise EOFError
    return body


def main() -> None:
    """Work until the input ends; an interruption is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from fabrika.app import kernel_cache

    kernel_cache.prepare()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Anything printed by mistake must not end up between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    tasks = sys.stdin.buffer
    while True:
        try:
            task = receive(tasks)
        except EOFError:
            return
        try:
            send(answers, _answer(task))
        except BrokenPipeError:
            return


def _answer(task: Any) -> tuple[bool, Any]:
    from fabrika.twin.execution import perform

    try:
        return True, perform(task)
    except FabrikaError as error:
        return False, error
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it
        import traceback

        detail = "".join(traceback.format_exception(error))
        return False, RuntimeError(f"A worker met an error of our own:\n{detail}")


if __name__ == "__main__":
    main()
