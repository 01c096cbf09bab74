"""A clock that goes on steadily, whatever is done to the machine's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.served import Clock, new_folder
from fabrika.app.clock import STALE_US, STEP_US, SteadyClock, running_us
from fabrika.app.plant_service import PlantService
from fabrika.app.sitemap import page_at
from fabrika.journal.entries import fact_of
from fabrika.journal.verify import verify

HOUR = 3_600_000_000
TEN_YEARS = 3_652 * 24 * HOUR
TALKER = Path(__file__).with_name("clock_process.py")
LIBRARIES = ("/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime")


def test_time_goes_on_and_steps_are_told_once():
    wall, steady = Clock(1_000 * HOUR), Clock(7)
    clock = SteadyClock(wall, steady)
    assert (clock(), clock.step_us()) == (1_000 * HOUR, None)
    wall.now_us += 5_000_000
    steady.now_us += 5_000_000
    assert (clock(), clock.step_us()) == (1_000 * HOUR + 5_000_000, None)
    for step in (HOUR, -HOUR, TEN_YEARS, -TEN_YEARS, -2 * HOUR):
        wall.now_us += step
        assert (clock.step_us(), clock.step_us()) == (step, None)
        assert clock() == 1_000 * HOUR + 5_000_000
    for _ in range(3):  # seconds that are slipped in one by one are told when they are two
        wall.now_us += STEP_US // 2
    assert clock.step_us() == 3 * STEP_US // 2


def test_a_clock_before_the_book_or_long_behind_it_is_in_doubt():
    clock = SteadyClock(Clock(1_000 * HOUR), Clock(0))
    assert clock.doubt_us(1_000 * HOUR) is None
    assert clock.doubt_us(1_000 * HOUR + STEP_US) is None
    assert clock.doubt_us(1_001 * HOUR) == -HOUR
    assert clock.doubt_us(1_000 * HOUR - STALE_US - 1) == STALE_US + 1


def test_the_clock_that_nobody_sets_runs():
    first = running_us()
    assert 0 < first <= running_us()


@pytest.fixture(scope="module")
def faketime():
    """The library that lies to a process about the time."""
    for folder in LIBRARIES:
        if (library := Path(folder) / "libfaketime.so.1").exists():
            return library
    pytest.skip("no libfaketime here: install it (Debian: apt-get install faketime)")


def test_jumps_of_the_machines_clock_leave_order_and_intervals_and_are_told(faketime, tmp_path):
    """One hour on, one back, ten years on and back, under a service that counts go to."""
    folder = new_folder(tmp_path)
    offset = tmp_path / "offset"
    offset.write_text("+0")
    lies = {
        "LD_PRELOAD": str(faketime),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    steps = ("+3600", "+0", "+315532800", "+0", "-3600")
    with subprocess.Popen(
        [sys.executable, str(TALKER), str(folder.folder)],
        env=os.environ | lies,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert json.loads(process.stdout.readline())["alarms"] == []
        for told, step in enumerate(steps, 1):
            offset.with_suffix(".next").write_text(step)
            offset.with_suffix(".next").replace(offset)  # at once: half a file reads as another step
            process.stdin.write(f"{told}\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert len(answer["alarms"]) == told
            assert answer["path"] == "/"
        process.stdin.close()
        assert process.wait(60) == 0
    reader = folder.reader()
    facts = [fact_of(position, data) for position, data in enumerate(reader.read())]
    assert verify(reader, folder.content(), folder.trusted()).findings == []
    reader.close()
    times = [fact.journal_at_us for fact in facts]
    assert times == sorted(times)
    assert times[-1] - times[0] < HOUR  # the jumps are in no interval
    sums = [fact.event.detail for fact in facts if fact.message.type == "house.alarm_raised"]
    assert [detail.split(" by ")[1].split(" s")[0] for detail in sums] == [
        "+3,600",
        "-3,600",
        "+315,532,800",
        "-315,532,800",
        "-3,600",
    ]
    assert sum(fact.message.type == "production.units_counted" for fact in facts) == 10 * len(steps)


def test_a_start_with_a_wrong_clock_is_told(tmp_path):
    folder = new_folder(tmp_path)
    reader = folder.reader()
    last = [fact_of(position, data) for position, data in enumerate(reader.read())][-1].journal_at_us
    reader.close()
    for off, told in ((-HOUR, 1), (TEN_YEARS, 2), (TEN_YEARS + HOUR, 2)):
        service = PlantService.opened(folder, now_us=SteadyClock(Clock(last + off), Clock(0)))
        service.note_alarm("other", f"start {off}", "So that the service has begun.")
        alarms = [alarm for alarm in service.states()["watch"].open.values() if alarm.kind == "clock_stepped"]
        assert len(alarms) == told
        page, _ = page_at("/")
        items = [item.sentence for item in service.overlooked(page).attention if item.kind == "alarm"]
        service.close()
    behind, ahead = (sentence for sentence in items if "clock" in sentence)
    assert "was 60 min behind the book's last entry" in behind or "was 1 h behind the book's last entry" in behind
    assert re.search(r"was 365\d d ahead of the book's last entry", ahead)


@pytest.mark.parametrize(
    ("step_us", "said"),
    [
        (HOUR, "The server's clock was set forward by 1 h; the book goes on by the one before."),
        (-90_000_000, "The server's clock was set back by 90 s; the book goes on by the one before."),
        (7_260_000_000, "The server's clock was set forward by 2 h; the book goes on by the one before."),
    ],
)
def test_a_clock_that_is_set_is_told_in_words_that_can_be_translated(step_us, said, tmp_path):
    wall = Clock(1_800_000_000_000_000)
    service = PlantService.opened(new_folder(tmp_path), now_us=SteadyClock(wall, Clock(0)))
    wall.now_us += step_us
    page, _ = page_at("/")
    while not (items := [item for item in service.overlooked(page).attention if "was set" in item.sentence]):
        service.note_alarm("other", "a beat", "So that the service looks at its clock.")
    service.close()
    assert items[0].sentence == said
    assert items[0].sentence.template.count("{time}") == 1


def test_a_twins_time_runs_by_itself(tmp_path):
    """What it was told of may lie anywhere beside the machine's clock, and nobody is called for it."""
    folder = new_folder(tmp_path, "twin")
    reader = folder.reader()
    last = [fact_of(position, data) for position, data in enumerate(reader.read())][-1].journal_at_us
    reader.close()
    service = PlantService.opened(folder, now_us=SteadyClock(Clock(last + TEN_YEARS), Clock(0)))
    service.note_alarm("other", "start", "So that the service has begun.")
    assert [alarm.kind for alarm in service.states()["watch"].open.values()] == ["other"]
    service.close()
