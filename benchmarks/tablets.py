"""``python -m benchmarks.tablets [TABLETS [REPORTS [FOLDER]]]``: tablets that report at once, lose answers, and a server that is killed meanwhile.

Each tablet is a person who has signed in, and codes stops of one minute. First all press at the same instant, again and again, and wait
for the answer as at a page. Then all come back at once from a time without a network, each with as many reports as before, while one answer
in five is thrown away unread and the server is killed and started again: each sends until it has all answers. At the end the book must
hold every report once, under its tablet, with the instant at which it was pressed.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLANT = ROOT / "plants" / "cartridge-20m"
AGENT = "Mozilla/5.0 (benchmark)"
MINUTE_US = 60_000_000
LOST = 0.2
"""Share of answers that are thrown away."""
TOGETHER = 50
LONGEST_S = 120
"""A tablet that has no answer for so long gives up, and says so."""


@dataclass
class Tablet:
    """A browser with a queue, as ``queue.js`` has it; ``stops`` are station, mode, begin and end."""

    number: int
    person: str
    cookie: str
    voucher: str
    stops: list[tuple[str, str, int, int]]
    port: int = 0
    token: str = ""
    waited_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _wire: http.client.HTTPConnection | None = None

    @property
    def browser(self) -> str:
        """Its name as a source."""
        return f"{self.number:016x}"

    def end(self) -> None:
        """Let its connection go."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def report(self, sequence: int, said_us: int, *, at_once: bool) -> dict[str, Any]:
        """A stop as it is sent; sequences count from 1."""
        station, mode, from_us, to_us = self.stops[sequence - 1]
        fields = {"station": [station], "mode": [mode], "from_us": [str(from_us)], "to_us": [str(to_us)]}
        return {
            "sequence": sequence,
            "command": "production.code_stop",
            "fields": fields,
            "person": self.person,
            "voucher": self.voucher,
            "said_at_us": said_us,
            "at_once": at_once,
        }

    def ask(self, method: str, body: str | None = None, *, lose: bool = False) -> Any:
        """The server's answer, or ``None`` if it is lost.

        Raises:
            OSError, http.client.HTTPException: there is none.
        """
        if self._wire is None:
            self._wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        head = {"User-Agent": AGENT, "Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}"}
        if body is not None:
            head |= {"Content-Type": "application/json", "X-CSRFToken": self.token}
        try:
            self._wire.request(method, "/reports", body, head)
            if lose:
                time.sleep(0.005)
                raise ConnectionAbortedError
            answer = self._wire.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.end()
            raise
        if answer.status != 200:
            raise http.client.HTTPException(f"{answer.status}: {text[:200]!r}")
        for name, value in answer.getheaders():
            found = re.match(r"(fabrika_form\w*=[^;]+)", value) if name.lower() == "set-cookie" else None
            if found and "fabrika_form" not in self.cookie:
                self.cookie += "; " + found[1]
        return json.loads(text)

    def begin(self) -> None:
        """Get the mark that batches bear."""
        self.token = self.ask("GET")["token"]

    def send(self, reports: list[dict[str, Any]], *, lose: bool = False) -> list[dict[str, Any]]:
        """The answers to a batch."""
        body = {"browser": self.browser, "epoch": "0" * 16, "sent_at_us": now_us(), "reports": reports}
        answers: list[dict[str, Any]] = self.ask("POST", json.dumps(body), lose=lose)["answers"]
        return answers

    def press(self, sequences: range) -> None:
        """Press and wait for each answer."""
        for sequence in sequences:
            begun = time.perf_counter()
            (answer,) = self.send([self.report(sequence, now_us(), at_once=True)])
            self.waited_s.append(time.perf_counter() - begun)
            if answer["outcome"] != "done":
                self.wrong.append(json.dumps(answer))

    def come_back(self, sequences: range, chance: random.Random) -> None:
        """Send what was kept until all of it is answered."""
        said_us = now_us() - MINUTE_US
        rest = {sequence: self.report(sequence, said_us, at_once=False) for sequence in sequences}
        until = time.monotonic() + LONGEST_S
        while rest:
            if time.monotonic() > until:
                raise TimeoutError(f"no answer to {sorted(rest)}")
            batch = [rest[sequence] for sequence in sorted(rest)[:TOGETHER]]
            try:
                answers = self.send(batch, lose=chance.random() < LOST)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05 + 0.2 * chance.random())
                continue
            until = time.monotonic() + LONGEST_S
            for answer in answers:
                del rest[answer["sequence"]]
                if answer["outcome"] != "done":
                    self.wrong.append(json.dumps(answer))


def now_us() -> int:
    """Now, microseconds since 1970 UTC."""
    return time.time_ns() // 1_000


def made(folder: Path, tablets: int, reports: int, port: int) -> list[Tablet]:
    """A plant with a person for each tablet, who has signed in."""
    from django.db import connections

    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService, adopt
    from fabrika.app.sitemap import COMMANDS
    from fabrika.faces.web.opening import site_of
    from fabrika.faces.web.settings import configure

    adopt(BookFolder(folder), PLANT, "plant")
    service = PlantService.opened(BookFolder(folder))
    commands = {command.name: command for command in COMMANDS}
    try:
        service.first("chief")
        for number in range(tablets):
            person = f"operator-{number}"
            service.do(commands["personnel.enrol"], "chief", {"person": person}, key=f"enrol {person}")
            form = {"person": person, "role": "operator"}
            service.do(commands["personnel.grant"], "chief", form, key=f"grant {person}")
        configure(site_of(service, folder, host="127.0.0.1", port=port))
        stops = _stops(service.plant, tablets, 2 * reports)
        return [_signed_in(number, stops[number]) for number in range(tablets)]
    finally:
        service.close()
        connections.close_all()


def _stops(plant: Any, tablets: int, each: int) -> list[list[tuple[str, str, int, int]]]:
    """Stops of a minute, none twice: the stations stood in turn all through the last days."""
    from fabrika.operations.production.outline import outline

    plan = outline(plant)
    stations = [(path, plan.modes(path)[0]) for path in plan.places if plan.modes(path)]
    end_us = now_us() // MINUTE_US * MINUTE_US - 10 * MINUTE_US
    found = []
    for number in range(tablets * each):
        station, mode = stations[number % len(stations)]
        to_us = end_us - (number // len(stations)) * MINUTE_US
        found.append((station, mode, to_us - MINUTE_US, to_us))
    return [found[number::tablets] for number in range(tablets)]


def _signed_in(number: int, stops: list[tuple[str, str, int, int]]) -> Tablet:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core import signing
    from django.test import RequestFactory

    from fabrika.faces.web.accounts.models import Account
    from fabrika.faces.web.visit import VOUCHER, client_of

    person, now = f"operator-{number}", time.time()
    account = Account.objects.create(person=person, password="!")
    session = SessionStore()
    session[SESSION_KEY] = person
    session[BACKEND_SESSION_KEY] = "fabrika.faces.web.accounts.backends.ByPassword"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    client = client_of(RequestFactory(headers={"user-agent": AGENT}).get("/"))
    session.update({"begun": now, "seen": now, "proved": now, "device": None, "client": client})
    session.create()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return Tablet(number, person, cookie, signing.dumps([person, "", int(now) - 100], salt=VOUCHER), stops)


def serve(folder: Path, port: int) -> subprocess.Popen[str]:
    """``fabrika serve`` in a process of its own, once it answers."""
    words = [sys.executable, "-m", "fabrika", "serve", "--data", str(folder), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    while f":{port}" not in (line := process.stdout.readline()):
        assert line, "the server did not begin"
    return process


def together(tablets: list[Tablet], work: Any) -> float:
    """Let all do something, begun at the same instant; seconds until the last has done it."""
    gate = threading.Barrier(len(tablets) + 1)

    def one(tablet: Tablet) -> None:
        gate.wait()
        try:
            work(tablet)
        except Exception as error:  # noqa: BLE001 - told at the end
            tablet.wrong.append(repr(error))

    threads = [threading.Thread(target=one, args=(tablet,)) for tablet in tablets]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def told(folder: Path, tablets: list[Tablet], reports: int) -> dict[str, int]:
    """What the book holds of them: entries, stops that are missing, stops that are doubled, tablets whose stops are another's."""
    from fabrika.app.book_folder import BookFolder
    from fabrika.journal.entries import fact_of

    reader = BookFolder(folder).reader()
    try:
        facts = [fact_of(position, entry) for position, entry in enumerate(reader.read())]
    finally:
        reader.close()
    coded = [fact for fact in facts if fact.message.type == "production.stop_coded"]
    found = [(f.message.source, f.event.station, f.event.from_us) for f in coded]  # type: ignore[attr-defined]
    wanted = {
        (f"tablet/{tablet.browser}", station, from_us)
        for tablet in tablets
        for station, _, from_us, _ in tablet.stops[: 2 * reports]
    }
    others = sum(fact.message.type.startswith("house.report") for fact in facts)
    return {
        "entries": len(facts),
        "reported": len(found),
        "missing": len(wanted - set(found)),
        "doubled": len(found) - len(set(found)),
        "strange": len(set(found) - wanted) + others,
    }


def run(folder: Path, tablets: int, reports: int, port: int, *, kills: int = 2, after_s: float = 0.3) -> dict[str, Any]:
    """Both parts, and what the book says then.

    Args:
        port: outside the range from which the system takes a client's own: one who calls again and again while nobody listens there would
            at last be connected with itself, and keep the server from its port.
    """
    crowd = made(folder, tablets, reports, port)
    server = serve(folder, port)
    ended = threading.Event()
    try:
        for tablet in crowd:
            tablet.port = port
            tablet.begin()
        pressing_s = together(crowd, lambda tablet: tablet.press(range(1, reports + 1)))
        waited = sorted(second for tablet in crowd for second in tablet.waited_s)

        def killing() -> None:
            nonlocal server
            for _ in range(kills):
                if ended.wait(after_s):
                    return
                server.send_signal(signal.SIGKILL)
                server.communicate()
                server = serve(folder, port)

        killer = threading.Thread(target=killing)
        killer.start()
        chance = [random.Random(tablet.number) for tablet in crowd]
        kept = range(reports + 1, 2 * reports + 1)
        back_s = together(crowd, lambda tablet: tablet.come_back(kept, chance[tablet.number]))
        ended.set()
        killer.join()
    finally:
        for tablet in crowd:
            tablet.end()
        server.terminate()
        server.communicate(timeout=60)
    rank = statistics.quantiles(waited, n=100) if len(waited) > 1 else waited * 99
    return {
        "tablets": tablets,
        "reports": 2 * tablets * reports,
        "pressed_per_s": round(tablets * reports / pressing_s),
        "waited_p50_ms": round(1000 * rank[49], 1),
        "waited_p95_ms": round(1000 * rank[94], 1),
        "waited_max_ms": round(1000 * waited[-1], 1),
        "back_s": round(back_s, 2),
        "wrong": [words for tablet in crowd for words in tablet.wrong][:5],
        **told(folder, crowd, reports),
    }


def main() -> None:
    tablets, reports = (int(word) for word in (sys.argv[1:3] + ["200", "5"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else None) as folder:
        found = run(Path(folder) / "data", tablets, reports, 21_987)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
