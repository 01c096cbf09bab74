from __future__ import annotations

import io
import os
import threading
import time
from datetime import UTC

import pytest

from fabrika.app.executors import Growing, InProcess, Processes, cores, executor
from fabrika.app.warm import warm
from fabrika.app.worker import receive, send
from fabrika.errors import FabrikaError, RunRefusedError, WorkerLostError
from fabrika.plant.model import Distribution, Line, Plant, Station
from fabrika.twin import period
from fabrika.twin.execution import Run


def plant(cycle_s=60.0):
    station = Station("s", "machine", cycle=Distribution("exponential", cycle_s))
    return Plant("p", "p", UTC, "UTC", (Line("line", (station,)),), warm_up_s=0.0)


def tasks(count, days=1.0):
    return [Run(plant(), period.days(plant(), days), 1, number) for number in range(count)]


def goods(answers):
    return [(run.number, int(run.good.sum())) for run in answers]


def test_what_is_sent_is_received():
    pipe = io.BytesIO()
    send(pipe, {"a": 1})
    send(pipe, tasks(1)[0])
    pipe.seek(0)
    assert receive(pipe) == {"a": 1}
    assert receive(pipe) == tasks(1)[0]
    with pytest.raises(EOFError):
        receive(pipe)


def test_answers_come_in_order_whoever_gives_them():
    alone = goods(InProcess().run(tasks(7)))
    pool = Processes(2)
    try:
        assert goods(pool.run(tasks(7))) == alone
        assert goods(pool.run(tasks(3))) == alone[:3]
    finally:
        pool.close()


def test_a_dead_worker_is_told():
    pool = Processes(1)
    try:
        assert len(list(pool.run(tasks(1)))) == 1
        pool._processes[0].process.kill()
        with pytest.raises(WorkerLostError, match="died"):
            list(pool.run(tasks(2)))
    finally:
        pool.close()


def test_a_worker_killed_at_work_is_told():
    pool = Processes(1)
    fast = Run(plant(0.002), period.days(plant(), 300), 1, 0)
    answers = pool.run([fast])

    def kill():
        while not pool._processes:
            time.sleep(0.01)
        time.sleep(0.5)
        pool._processes[0].process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(WorkerLostError):
            list(answers)
    finally:
        killer.join()
        pool.close()


def test_an_error_of_a_task_is_raised_here():
    pool = Processes(2)
    try:
        with pytest.raises((FabrikaError, RuntimeError), match=r"error of our own|cannot"):
            list(pool.run([Run(None, None, 1, 0)]))
    finally:
        pool.close()


def test_giving_up_ends_the_workers():
    pool = Processes(2)
    answers = pool.run(tasks(20))
    next(answers)
    started = [worker.process for worker in pool._processes]
    answers.close()
    assert all(process.poll() is not None for process in started)


def test_short_work_starts_no_processes():
    warm()  # loading the compiled twin is long work
    growing = Growing(4)
    assert goods(growing.run(tasks(5))) == goods(InProcess().run(tasks(5)))
    assert growing._pool is None


def test_executors_are_made_as_asked():
    with executor(1) as one:
        assert isinstance(one, InProcess)
    with executor(3) as three:
        assert three.workers == 3
    with executor() as every:
        assert every.workers == cores() <= (os.cpu_count() or 1)
    for count in (0, -1, 1000):
        with pytest.raises(RunRefusedError), executor(count):
            pass
