"""The plant's server, killed two hundred times while people press: what was confirmed is there, once, and asking again tells it again."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from fabrika.app.book_folder import BookFolder
from fabrika.app.plant_service import PlantService
from fabrika.journal.entries import fact_of
from fabrika.journal.verify import verify
from unmeasured import unmeasured
from web.browsers import ADMINISTRATOR, PASSWORD, TOKEN, Browser

ROUNDS, KILLS, PEOPLE = 8, 25, 4
"""Two hundred kills in all."""
SERVING = Path(__file__).with_name("serving_again.py")


@pytest.fixture
def serving():
    """A process that forks off servers."""
    environment = unmeasured() | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        [sys.executable, str(SERVING)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process
        process.stdin.close()
        process.kill()


def free_port():
    """Below those that systems give to whoever connects: while the server is down, nobody else may get it."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


class Presser(threading.Thread):
    """A person who presses again and again, and sends what got no answer once more, as a page does that was loaded again."""

    def __init__(self, name, browser, token):
        super().__init__(daemon=True)
        self.who, self.browser = name, browser
        self.headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Fabrika-Password": PASSWORD}
        self.sent, self.answers, self.wrong = 0, {}, []
        self.pressing = threading.Event()
        self.start()

    def run(self):
        while True:
            self.pressing.wait()
            key = f"{self.who}-{self.sent}".ljust(20, "0")
            form = json.dumps({"person": key.lower()})
            try:
                answer = self.browser.ask("POST", "/do/personnel.enrol", form, self.headers | {"Idempotency-Key": key})
            except (OSError, http.client.HTTPException):
                time.sleep(0.005)  # the server is gone; the same again
                continue
            if answer.status == 200:
                self.answers[key] = tuple(answer.json["positions"])
                self.sent += 1
            elif answer.status < 500:
                self.wrong.append(answer.text[:500])
                return


def answers_at(browser):
    for _ in range(3_000):
        try:
            return browser.get("/account").status
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
    return None


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_server_that_is_killed_while_people_press_keeps_what_it_confirmed(seed, serving, data):
    port, chance = free_port(), random.Random(seed)
    pressers, kills = [], 0
    for round_ in range(KILLS):
        serving.stdin.write(f"{data} {port}\n")
        serving.stdin.flush()
        child = int(serving.stdout.readline())
        base = Browser(f"http://127.0.0.1:{port}")
        answered = answers_at(base)
        if answered is None:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            pytest.fail(f"the server did not answer after {kills} kills, and {serving.stdout.readline().strip()}")
        if not pressers:
            for number in range(PEOPLE):
                browser = Browser(base.base)
                assert browser.sign_in(ADMINISTRATOR, PASSWORD).status == 303
                pressers.append(Presser(f"p{number}", browser, TOKEN.search(browser.get("/account").text)[1]))
        for presser in pressers:
            presser.pressing.set()
        before = sum(len(presser.answers) for presser in pressers)
        while sum(len(presser.answers) for presser in pressers) < before + 1 + round_ % 7:
            assert not any(presser.wrong for presser in pressers), [presser.wrong for presser in pressers]
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        kills += 1
        assert serving.stdout.readline() == f"ended {-signal.SIGKILL}\n"
    for presser in pressers:
        presser.pressing.clear()
    told = {key: positions for presser in pressers for key, positions in presser.answers.items()}
    assert kills == KILLS
    assert len(told) > 3 * KILLS
    judged(data, told, pressers)


def judged(data, told, pressers):
    """All that was confirmed is in the book where it was said to be, once; what got no answer is there once or not."""
    folder = BookFolder(data)
    service = PlantService.opened(folder)
    service._view.check()
    service.close()
    reader = folder.reader()
    assert verify(reader, folder.content(), folder.trusted()).findings == []
    facts = [fact_of(position, entry) for position, entry in enumerate(reader.read())]
    reader.close()
    enrolled = [fact.event.person for fact in facts if fact.message.type == "house.person_enrolled"]
    assert len(enrolled) == len(set(enrolled))
    for key, positions in told.items():
        assert [facts[position].event.person for position in positions] == [key.lower()]
    unanswered = {f"{presser.who}-{presser.sent}".ljust(20, "0").lower() for presser in pressers}
    assert set(enrolled) - {key.lower() for key in told} <= unanswered | {ADMINISTRATOR}
