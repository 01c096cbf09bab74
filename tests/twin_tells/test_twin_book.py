"""A told period as a real book: the same bytes for the same seed, verified, and gone on with by the live twin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.clock import now_us
from fabrika.app.files import read_file
from fabrika.app.live_feed import LiveFeed
from fabrika.app.live_twin import coming, live
from fabrika.app.plant_service import PlantService
from fabrika.app.twin_book import begun, tell
from fabrika.errors import BookError, RunRefusedError, StorageRefusedError
from fabrika.events.codec import read
from fabrika.events.house import TwinStarted
from fabrika.events.plant import Adopted
from fabrika.events.production import LotRequired, StationHeld
from fabrika.faces.cli.app import call
from fabrika.journal.entries import checked_fact, message_of
from fabrika.journal.verify import verify

OWN = {StationHeld.NAME, LotRequired.NAME}
PLANT = "plants/teaching/calendar-and-campaigns.yaml"


@pytest.fixture
def plant_file(root):
    return root / PLANT


@pytest.fixture
def folder(tmp_path, plant_file):
    made = BookFolder(tmp_path / "data")
    tell(plant_file, made, 1, 7)
    return made


def entries(folder):
    reader = folder.reader()
    try:
        return list(reader.read())
    finally:
        reader.close()


def of_sources(data):
    """The messages of some entries, without what the server records by itself; whoever goes on leaves that to the server."""
    facts = [checked_fact(0, one) for one in data]
    return [message_of(one) for one, fact in zip(data, facts, strict=True) if fact.event.NAME not in OWN]


def test_the_same_seed_tells_the_same_book_byte_for_byte(tmp_path, plant_file, folder):
    again, other = BookFolder(tmp_path / "again"), BookFolder(tmp_path / "other")
    told = tell(plant_file, again, 1, 7)
    assert entries(again) == entries(folder)
    assert told.complete
    assert tell(plant_file, other, 1, 8).root != told.root


def test_a_longer_period_begins_with_the_shorter(tmp_path, plant_file, folder):
    longer = BookFolder(tmp_path / "longer")
    tell(plant_file, longer, 2, 7)
    mine, theirs = ([checked_fact(0, data).message for data in entries(book)] for book in (folder, longer))
    assert [message.body for message in theirs[: len(mine)]] == [message.body for message in mine]


def test_a_told_book_verifies_is_signed_to_its_end_and_begins_with_its_plant_file(folder, plant_file):
    reader = folder.reader()
    found = verify(reader, folder.content(), folder.trusted())
    assert found.whole
    assert [(row.name, row.size) for row in found.coverage] == [(folder.origin(), found.size)]
    reader.close()
    facts = [checked_fact(position, data) for position, data in enumerate(entries(folder))]
    assert isinstance(facts[1].event, Adopted)
    assert folder.content().get(facts[1].event.file) == plant_file.read_bytes()
    assert isinstance(facts[2].event, TwinStarted)
    assert facts[2].event.seed == 7


def test_a_book_is_never_told_over_another(folder, plant_file):
    with pytest.raises(StorageRefusedError):
        tell(plant_file, folder, 1, 7)


def test_a_seed_and_a_length_that_cannot_be_told_leave_no_folder_behind(tmp_path, plant_file):
    for days, seed in ((1, -1), (1, 2**53), (0, 1), (10**6, 1)):
        with pytest.raises(RunRefusedError):
            tell(plant_file, BookFolder(tmp_path / "none"), days, seed)
    assert not (tmp_path / "none").exists()


def test_an_interrupted_period_is_a_sound_book_that_can_be_gone_on_with(tmp_path, plant_file):
    cut, whole = BookFolder(tmp_path / "cut"), BookFolder(tmp_path / "whole")

    def interrupt(done, total):
        if done > total // 3:
            raise KeyboardInterrupt

    told = tell(plant_file, cut, 1, 7, together=200, progress=interrupt)
    assert not told.complete
    tell(plant_file, whole, 1, 7, together=200)
    mine, theirs = entries(cut), entries(whole)
    assert 100 < len(mine) < len(theirs)
    assert mine == theirs[: len(mine)]
    rest = of_sources(theirs[len(mine) :])
    assert [one.data for one in islice(coming(begun(cut)), len(rest))] == rest


def test_the_live_twin_goes_on_where_the_book_ends(tmp_path, plant_file, folder):
    longer = BookFolder(tmp_path / "longer")
    tell(plant_file, longer, 2, 7)
    rest = of_sources(entries(longer)[len(entries(folder)) :])
    assert [one.data for one in islice(coming(begun(folder)), len(rest))] == rest


def test_the_live_twin_started_anew_tells_the_same_messages(folder):
    first = [one.data for one in islice(coming(begun(folder)), 300)]
    book = folder.open()
    book.append([read(data) for data in first[:111]], now_us())
    book.storage.close()
    assert [one.data for one in islice(coming(begun(folder)), 189)] == first[111:]


def test_the_live_twin_keeps_to_the_speed(folder):
    out, clock = BytesIO(), time.monotonic()
    live(folder, 1e5, out, goes_on=lambda: len(out.getvalue().splitlines()) < 50)
    lines = [read(line) for line in out.getvalue().splitlines()]
    assert time.monotonic() > clock
    assert len(lines) >= 50
    assert [one.message.at_us for one in lines] == sorted(one.message.at_us for one in lines)
    with pytest.raises(RunRefusedError):
        live(folder, 0, out)


def test_no_run_goes_on_with_a_book_that_none_began(tmp_path):
    empty = BookFolder(tmp_path / "empty")
    empty.create("p", "twin").storage.close()
    with pytest.raises(StorageRefusedError):
        begun(empty)
    plants = BookFolder(tmp_path / "plant")
    plants.create("p", "plant").storage.close()
    with pytest.raises(StorageRefusedError):
        begun(plants)


class Server:
    """A book that takes what it is fed."""

    def __init__(self, folder):
        self.book, self.lock, self.size = folder.open(), threading.Lock(), threading.Condition()

    def take(self, messages):
        with self.lock:
            self.book.append(messages, now_us())
        with self.size:
            self.size.notify_all()

    def wait(self, entries, timeout_s=120):
        with self.size:
            assert self.size.wait_for(lambda: self.book.size >= entries, timeout_s)

    def close(self):
        self.book.storage.close()


def test_the_feed_survives_the_death_of_its_process_and_loses_and_doubles_nothing(folder, plant_file, tmp_path):
    server, before = Server(folder), len(entries(folder))
    feed = LiveFeed(folder, read_file(plant_file), 20_000, server.take).start()
    try:
        server.wait(before + 50)
        os.kill(feed.process_id(), signal.SIGKILL)
        server.wait(server.book.size + 200)
    finally:
        feed.stop()
        server.close()
    assert feed.starts == 2
    assert feed.failure is None
    longer = BookFolder(tmp_path / "longer")
    tell(plant_file, longer, 4, 7)
    mine, theirs = (of_sources(entries(book)) for book in (folder, longer))
    assert mine == theirs[: len(mine)]


def test_the_process_ends_with_the_feed(folder, plant_file):
    server = Server(folder)
    feed = LiveFeed(folder, read_file(plant_file), 20_000, server.take).start()
    server.wait(server.book.size + 10)
    process = feed.process_id()
    feed.stop()
    server.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


PARENT = """
import sys, threading
from pathlib import Path
from fabrika.app.book_folder import BookFolder
from fabrika.app.files import read_file
from fabrika.app.live_feed import LiveFeed
feed = LiveFeed(BookFolder(Path(sys.argv[1])), read_file(sys.argv[2]), 1.0, print).start()
while feed.process_id() is None:
    pass
print(feed.process_id(), flush=True)
threading.Event().wait()
"""


def test_the_process_ends_with_a_parent_that_is_killed(folder, plant_file):
    command = [sys.executable, "-c", PARENT, str(folder.folder), str(plant_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        time.sleep(0.1)


def test_a_feed_that_gets_nowhere_gives_up_and_says_why(folder, plant_file):

    def refuse(messages):
        raise BookError("The book is closed.", "Open it.")

    feed = LiveFeed(folder, read_file(plant_file), 1e6, refuse, pause_s=0.0, most_vain=2).start()
    feed._thread.join(120)
    assert feed.starts == 2
    assert isinstance(feed.failure, BookError)


def test_the_command_line_tells_and_refuses(tmp_path, plant_file, capsys):
    data = tmp_path / "told"
    assert call(["twin", "tell", str(plant_file), "--days", "0.2", "--seed", "3", "--data", str(data)]) == 0
    assert "production.units_counted" in capsys.readouterr().out
    assert call(["journal", "verify", "--data", str(data)]) == 0
    assert call(["twin", "tell", str(plant_file), "--data", str(data)]) == 2
    assert call(["twin", "tell", str(plant_file), "--data", str(data / "x"), "--from", "soon"]) == 2
    assert call(["twin", "live", "--data", str(tmp_path / "nothing")]) == 2
    assert call(["twin", "live", "--data", str(data), "--speed", "-1"]) == 2


def test_a_service_that_is_told_the_same_holds_the_same_stations(folder, plant_file, tmp_path):
    from fabrika.app.plant_service import PlantService, adopt

    def held(book):
        facts = [checked_fact(position, data) for position, data in enumerate(entries(book))]
        return [(fact.message.at_us, fact.message.body) for fact in facts if isinstance(fact.event, StationHeld)]

    other = BookFolder(tmp_path / "other")
    adopt(other, plant_file, "twin")
    messages = [read(data) for data in of_sources(entries(folder))]
    told = [one for one in messages if one.message.source.startswith(("controller/", "tablet/"))]
    service = PlantService.opened(other)
    for begin in range(0, len(told), 7):
        service.take(told[begin : begin + 7])
    service._view.check()
    service.close()
    assert held(folder)
    assert held(other) == held(folder)


def test_a_told_book_follows_the_lot_rule_but_for_what_somebody_forgot(tmp_path, plant_file):
    folder = BookFolder(tmp_path / "lots")
    told = tell(plant_file, folder, 20, 1)
    service = PlantService.following(folder)
    try:
        lots = service.states()["production"].lots
    finally:
        service.close()
    dues = [(lot, due) for lot in lots.values() for due in lot.dues]
    assert len(dues) == told.kinds[LotRequired.NAME] > 20
    late = [due for _, due in dues if due.by is None or due.settled_us - due.since_us > 15 * 60_000_000]
    assert 0 < len(late) < 0.2 * len(dues)
    parts = [lot for lot in lots.values() if lot.sub]
    assert len(parts) > 10
    assert all(lot.parent in lots and name.startswith(f"{lot.parent}.") for name, lot in lots.items() if lot.sub)
