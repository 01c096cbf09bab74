"""While the disk takes its time: who may go on looking, and who must wait so that nobody sees what is not durable."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError

import apsw
import pytest

from app.served import ADMIN, do, machine, new_folder, see, staffed, started
from operations.told import at, counted

LONG_S, SHORT_S = 60.0, 0.5


class HeldFile(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        super().__init__("unix", name, flags)
        self.disk = disk

    def xSync(self, flags):  # noqa: N802 - apsw's name
        if self.disk.holding.is_set():
            self.disk.begun.set()
            assert self.disk.released.wait(LONG_S)
        super().xSync(flags)


class HeldDisk(apsw.VFS):
    """SQLite's file system, on which a flush lasts as long as one likes."""

    def __init__(self):
        super().__init__("held", "unix", makedefault=True)
        self.holding, self.begun, self.released = threading.Event(), threading.Event(), threading.Event()

    def xOpen(self, name, flags):  # noqa: N802 - apsw's name
        return HeldFile(self, name, flags)


@pytest.fixture
def disk() -> Iterator[HeldDisk]:
    found = HeldDisk()
    yield found
    found.released.set()
    found.unregister()


@pytest.fixture
def service(disk, tmp_path):
    found = staffed(started(new_folder(tmp_path)))
    yield found
    disk.released.set()
    found.close()


def test_pages_do_not_wait_while_what_machines_tell_is_flushed(disk, service):
    at_us, event = counted(at(6), at(6, 5), 80)
    before, messages = service.size, [machine(service).write(event, at_us)]
    with ThreadPoolExecutor(2) as crowd:
        disk.holding.set()
        taken = crowd.submit(service.take, messages)
        assert disk.begun.wait(LONG_S)
        shown = crowd.submit(see, service, "/stations/line.press", at=str(at(6, 6))).result(LONG_S)
        assert (shown.position, shown.counts) == (before, ()), "what is not durable is shown to nobody"
        assert crowd.submit(see, service, "/journal").result(LONG_S).position == before
        assert not taken.done()
        disk.released.set()
        assert [receipt.position for receipt in taken.result(LONG_S)] == [before]
    shown = see(service, "/stations/line.press", at=str(at(6, 6)))
    assert (shown.position, shown.counts[0].good) == (before + 1, 80)


def test_pages_wait_for_what_is_decided_until_it_is_durable(disk, service):
    """A command is decided on what was decided before it; the state that both made is not shown before it is durable."""
    before = service.size
    with ThreadPoolExecutor(2) as crowd:
        disk.holding.set()
        done = crowd.submit(do, service, "personnel.enrol", ADMIN, person="newcomer")
        assert disk.begun.wait(LONG_S)
        shown = crowd.submit(see, service, "/people")
        with pytest.raises(NotYetError):
            shown.result(SHORT_S)
        disk.released.set()
        assert done.result(LONG_S).size == before + 1
        assert "newcomer" in {row.person for row in shown.result(LONG_S).persons}
