"""A process that proves one plant or tries one change: reads the task, writes how far it is and then the answer.

Started by :mod:`fabrika.app.proofs` as ``python -m fabrika.app.proving``. Both ends are our own processes on one machine;
what passes between them is pickled data.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from fabrika.app.proof_tasks import ProofTask, Said, Task
from fabrika.app.worker import receive, send
from fabrika.errors import FabrikaError

GENTLE = 10
"""How far this process stands back behind the one that serves (nice)."""


def main() -> None:
    """Do the task that comes in, and end; end at once when the process that asked is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(GENTLE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Anything printed by mistake must not end up between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    task = receive(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def say(what: str, value: Any) -> None:
        send(answers, Said(what, value))

    try:
        say("answer", _done(task, say))
    except FabrikaError as error:
        say("error", error)
    except BrokenPipeError:
        return


def _end_with_parent() -> None:
    """The parent holds the other end of our input for as long as it lives."""
    sys.stdin.buffer.read()
    os._exit(0)


def _done(task: Task, say: Any) -> Any:
    from fabrika.app.executors import executor
    from fabrika.app.library import PlantFile
    from fabrika.app.warm import warm

    def progress(stage: str, done: int, total: int) -> None:
        say("progress", (stage, done, total))

    if isinstance(task, ProofTask):
        return PlantFile(task.plant).prove(
            budget_s=task.budget_s,
            seed=task.seed,
            workers=task.workers,
            progress=progress,
            first_answer=lambda first: say("first", first),
        )
    from fabrika.twin.trial import attempt

    warm()
    with executor(task.workers) as working:
        return attempt(
            task.plant,
            task.changed,
            seed=task.seed,
            years=task.years,
            executor=working,
            found=lambda trial: say("part", trial),
        )


if __name__ == "__main__":
    main()
