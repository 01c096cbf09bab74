"""Doing the twin's tasks: in this process, in worker processes, or in this one until others are worth their start."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from typing import Any

from fabrika.app.worker import receive, send
from fabrika.errors import RunRefusedError, WorkerLostError
from fabrika.twin.execution import Executor, Task, perform

MOST_WORKERS = 256
WORTH_STARTING_S = 3.0
"""Work left, in seconds of one core, from which worker processes (about 1 s each to start) pay."""


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class InProcess:
    """Does the tasks here, one after the other."""

    workers = 1

    def run(self, tasks: Sequence[Task]) -> Iterator[Any]:
        """The answers in order."""
        for task in tasks:
            yield perform(task)

    def close(self) -> None:
        """Nothing to let go of."""


class _Worker:
    """One worker process and the pipe to it."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fabrika.app.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def do(self, task: Task) -> tuple[bool, Any]:
        """One task's answer; a dead process is an answer too."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            send(self.process.stdin, task)  # type: ignore[arg-type]
            answer: tuple[bool, Any] = receive(self.process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, ValueError):
            code = self.process.poll()
            return False, WorkerLostError(f"A worker process died before it could answer (exit code {code}).")
        return answer

    def kill(self) -> None:
        """End the process and its pipes."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class Processes:
    """Does the tasks in worker processes, which are started at the first use."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._processes: list[_Worker] = []

    def run(self, tasks: Sequence[Task]) -> Iterator[Any]:
        """The answers in order; raises what a task raised, ``WorkerLostError`` if a worker died."""
        waiting = iter(enumerate(tasks))
        lock = threading.Lock()
        answers: SimpleQueue[tuple[int, bool, Any]] = SimpleQueue()
        stop = threading.Event()

        def serve(worker: _Worker) -> None:
            while not stop.is_set():
                with lock:
                    number, task = next(waiting, (-1, None))
                if task is None:
                    return
                done, value = worker.do(task)
                answers.put((number, done, value))
                if not done:
                    return

        while len(self._processes) < min(self.workers, len(tasks)):
            self._processes.append(_Worker())
        threads = [threading.Thread(target=serve, args=(worker,), daemon=True) for worker in self._processes]
        for thread in threads:
            thread.start()
        finished = False
        try:
            yield from _in_order(answers, len(tasks))
            finished = True
        finally:
            stop.set()
            if not finished:
                self.close()
            for thread in threads:
                thread.join()

    def close(self) -> None:
        """End all worker processes at once."""
        for worker in self._processes:
            worker.kill()
        self._processes.clear()


def _in_order(answers: SimpleQueue[tuple[int, bool, Any]], count: int) -> Iterator[Any]:
    early: dict[int, Any] = {}
    for number in range(count):
        while number not in early:
            found, done, value = answers.get()
            if not done:
                raise value
            early[found] = value
        yield early.pop(number)


class Growing:
    """Does the first tasks here, which also compiles the twin once, and starts workers when enough work is left."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: Processes | None = None
        self._task_s: float | None = None

    def run(self, tasks: Sequence[Task]) -> Iterator[Any]:
        """The answers in order."""
        done = 0
        while self._pool is None and done < len(tasks):
            if self._task_s is not None and self._task_s * (len(tasks) - done) > WORTH_STARTING_S:
                self._pool = Processes(self.workers)
                break
            begin = time.perf_counter()
            answer = perform(tasks[done])
            # The first task may hold the compiler's time; later ones correct it.
            spent = time.perf_counter() - begin
            self._task_s = spent if self._task_s is None else min(self._task_s, spent)
            done += 1
            yield answer
        if self._pool is not None and done < len(tasks):
            yield from self._pool.run(tasks[done:])

    def close(self) -> None:
        """End the workers, if any were started."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None


@contextlib.contextmanager
def executor(workers: int | None = None) -> Iterator[Executor]:
    """An executor with so many workers (None: as many as there are cores), closed at the end.

    Raises:
        RunRefusedError: ``workers`` is not between 1 and 256.
    """
    count = cores() if workers is None else workers
    if not 1 <= count <= MOST_WORKERS:
        raise RunRefusedError(f"{count} workers cannot be started.", f"Ask for 1 to {MOST_WORKERS}.")
    made: Executor = InProcess() if count == 1 else Growing(count)
    try:
        yield made
    finally:
        made.close()
