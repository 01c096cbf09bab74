"""Proofs and tried changes of the plant that is served: computed one at a time in a process apart, kept as files.

::

    DATA/proofs/<digest>.json   a finished result; the digest is that of the plant file, the changes and how it was asked

Asking never waits: who asks gets what is known so far, and asks again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fabrika.answers.proof import Work
from fabrika.app import clock
from fabrika.app.executors import cores
from fabrika.app.kept_results import UnreadableResultError, dumped, loaded
from fabrika.app.proof_tasks import ProofTask, Said, Task, TrialTask
from fabrika.app.worker import receive, send
from fabrika.errors import FabrikaError, WorkerLostError
from fabrika.plant.model import Plant
from fabrika.twin.proof_result import ProofResult
from fabrika.twin.trial import Trial
from fabrika.wording import Worded

BUDGET_S = 120.0
TRIED_YEARS = 8
SEED = 1
MOST_WAITING = 20
MOST_KEPT = 200
"""Results that are remembered in this process; all finished ones are files."""
AGAIN_US = 30_000_000
"""What failed is tried again when it is asked for so much later."""


class Proofs:
    """See :class:`fabrika.answers.proof.Prover`.

    Args:
        folder: where finished results are kept.
        budget_s: seconds for a proof.
        years: years on which a change is tried.
        workers: processes; None: one less than there are cores, so that who serves is not disturbed.
        now_us: the clock.
    """

    def __init__(
        self,
        folder: Path,
        *,
        budget_s: float = BUDGET_S,
        years: int = TRIED_YEARS,
        workers: int | None = None,
        now_us: Callable[[], int] = clock.now_us,
    ) -> None:
        self.folder, self.budget_s, self.years = folder, budget_s, years
        self.workers = max(1, cores() - 1) if workers is None else workers
        self._now_us = now_us
        self._lock = threading.Lock()
        self._known: dict[str, Work] = {}
        self._waiting: dict[str, Task] = {}
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def proof(self, plant: Plant) -> Work:
        """The proof of a plant as far as it is known; begun if it was not."""
        return self._asked(ProofTask(plant, self.budget_s, SEED, self.workers), ProofResult)

    def trial(self, plant: Plant, changed: Plant) -> Work:
        """What a change does, as far as it is known; begun if it was not."""
        return self._asked(TrialTask(plant, changed, self.years, SEED, self.workers), Trial)

    def close(self) -> None:
        """End what still runs."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            process, thread = self._process, self._thread
        if process is not None:
            process.kill()
        if thread is not None:
            thread.join(timeout=10)

    def _asked(self, task: Task, kind: Any) -> Work:
        name = name_of(task)
        with self._lock:
            known = self._known.get(name)
            if known is not None and not self._stale(known):
                return known
            if known is None:
                kept = _kept(self.folder / f"{name}.json", kind)
                if kept is not None:
                    return self._know(name, Work(state="done", result=kept))
            if self._closed or len(self._waiting) >= MOST_WAITING:
                return Work(
                    state="failed",
                    problem=Worded("Too much waits to be computed."),
                    remedy=Worded("Ask again in some minutes."),
                )
            self._waiting[name] = task
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="proofs", daemon=True)
                self._thread.start()
            return self._know(name, Work(state="waiting", since_us=self._now_us()))

    def _stale(self, known: Work) -> bool:
        return known.state == "failed" and self._now_us() - (known.since_us or 0) > AGAIN_US

    def _know(self, name: str, work: Work) -> Work:
        self._known.pop(name, None)
        self._known[name] = work
        for old in [key for key, found in self._known.items() if found.state in ("done", "failed")][:-MOST_KEPT]:
            del self._known[old]
        return work

    def _work(self) -> None:
        """One after the other until nothing waits; changes go before proofs, for somebody waits for them."""
        while True:
            with self._lock:
                if not self._waiting or self._closed:
                    self._thread = None
                    return
                name = next((key for key, task in self._waiting.items() if isinstance(task, TrialTask)), "")
                name = name or next(iter(self._waiting))
                task = self._waiting.pop(name)
                self._know(name, Work(state="running", since_us=self._now_us()))
            self._perform(name, task)

    def _perform(self, name: str, task: Task) -> None:
        try:
            result = self._in_process(name, task)
        except Exception as error:  # noqa: BLE001 - whoever asks must hear of it
            told = error if isinstance(error, FabrikaError) else _of_ours(error)
            failed = Work(state="failed", since_us=self._now_us(), problem=told.problem, remedy=told.remedy)
            with self._lock:
                self._know(name, failed)
            return
        _keep(self.folder / f"{name}.json", result)
        with self._lock:
            self._know(name, Work(state="done", result=result))

    def _in_process(self, name: str, task: Task) -> Any:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        process = subprocess.Popen(
            [sys.executable, "-m", "fabrika.app.proving"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        with self._lock:
            self._process = process
            if self._closed:
                process.kill()
        try:
            send(process.stdin, task)  # type: ignore[arg-type]
            while True:
                said: Said = receive(process.stdout)  # type: ignore[arg-type]
                if said.what == "answer":
                    return said.value
                if said.what == "error":
                    raise said.value
                self._hear(name, said)
        except (EOFError, OSError) as error:
            raise WorkerLostError(Worded("The process that computes has died."), Worded("Ask again.")) from error
        finally:
            _ended(process)
            with self._lock:
                self._process = None

    def _hear(self, name: str, said: Said) -> None:
        with self._lock:
            known = self._known.get(name) or Work(state="running")
            if said.what == "part":
                trial: Trial = said.value
                work = replace(known, stage=Worded("years"), done=len(trial.years), total=trial.wanted, result=trial)
            elif said.what == "first":
                work = replace(known, first=said.value)
            else:
                stage, done, total = said.value
                work = replace(known, stage=stage, done=done, total=total)
            self._know(name, work)


def name_of(task: Task) -> str:
    """The digest of what is asked: the plant file, the changes and how; the workers change nothing."""
    from fabrika import __version__

    asked: dict[str, Any] = {"version": __version__, "seed": task.seed}
    if isinstance(task, ProofTask):
        asked |= {"proof": [task.plant.sha256, *task.plant.changes], "budget_s": task.budget_s}
    else:
        asked |= {"trial": [task.plant.sha256, *task.changed.changes], "years": task.years}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _of_ours(error: Exception) -> FabrikaError:
    wrong = Worded("The computation met an error of our own ({error}).", error=type(error).__name__)
    return WorkerLostError(wrong, Worded("Ask again; if it happens again, tell the vendor."))


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _kept(path: Path, kind: Any) -> Any:
    try:
        return loaded(path.read_text(encoding="utf-8"), kind)
    except (OSError, UnicodeDecodeError, UnreadableResultError):
        return None  # it is computed anew


def _keep(path: Path, result: ProofResult | Trial) -> None:
    """A result that cannot be kept is still known until this process ends."""
    complete = result.sharpness.complete if isinstance(result, ProofResult) else result.complete
    if not complete:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(dumped(result), encoding="utf-8")
        part.replace(path)
