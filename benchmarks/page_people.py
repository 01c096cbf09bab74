"""``python -m benchmarks.page_people``: people who click; what they do comes as JSON, what they waited goes back as JSON.

Each has a connection that is kept open for pages and, as a browser has it, one for the messages of the page that is looked at.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

AGENT = "Mozilla/5.0 (benchmark)"
PAGES = {"board": 25, "line": 15, "station": 30, "people": 5, "journal": 10, "entry": 10, "plant": 5}
"""How often which page is opened."""
NEEDS = {"people": "see_people", "journal": "see_journal", "entry": "see_journal"}
BACK = 0.1
"""Share of the stations that are looked at as they were at some instant of the year."""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
STREAM = re.compile(r'hx-sse:connect="([^"]+)"')
ENTRY = re.compile(r'href="/journal/(\d+)"')


@dataclass
class Person:
    """Somebody at a browser; ``plan`` holds what all have in common."""

    name: str
    may: frozenset[str]
    plan: dict[str, Any]
    chance: random.Random
    cookies: dict[str, str] = field(default_factory=dict)
    waited: list[tuple[str, float, float, int]] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    messages: int = 0
    streams: int = 0
    wrong: list[str] = field(default_factory=list)
    _wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    _following: asyncio.Task[None] | None = None

    def head(self, method: str, path: str, more: str = "") -> bytes:
        """A request's head."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        host = f"{self.plan['host']}:{self.plan['port']}"
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\nOrigin: http://{host}\r\n"
            f"Accept: text/html\r\n{f'Cookie: {cookie}' if cookie else 'DNT: 1'}\r\n{more}\r\n"
        ).encode()

    async def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, location and text of an answer, over the connection that is kept, or a new one if the server has ended it."""
        kept = self._wire is not None
        try:
            return await self._ask(method, path, form)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._wire = None
            if not kept:
                raise
            return await self._ask(method, path, form)

    async def _ask(self, method: str, path: str, form: dict[str, str] | None) -> tuple[int, str, str]:
        body = urlencode(form).encode() if form else b""
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if form else ""
        if self._wire is None:
            self._wire = await asyncio.open_connection(self.plan["host"], self.plan["port"])
        reader, writer = self._wire
        writer.write(self.head(method, path, kind) + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        fields = [line.split(": ", 1) for line in lines[1:] if ": " in line]
        self._remember(value for name, value in fields if name.lower() == "set-cookie")
        length = next((int(value) for name, value in fields if name.lower() == "content-length"), 0)
        text = (await reader.readexactly(length)).decode() if length else ""
        if any(name.lower() == "connection" and value == "close" for name, value in fields):
            writer.close()
            self._wire = None
        where = next((value for name, value in fields if name.lower() == "location"), "")
        return int(lines[0].split()[1]), where, text

    def _remember(self, cookies: Any) -> None:
        for cookie in cookies:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value

    async def sign_in(self) -> None:
        """With the password, as everybody does."""
        _, _, text = await self.ask("GET", "/sign-in")
        found = TOKEN.search(text)
        assert found, text[:300]
        form = {"csrfmiddlewaretoken": found[1], "person": self.name, "password": self.plan["password"]}
        status, where, text = await self.ask("POST", "/sign-in", form)
        assert status == 303, (self.name, status, text[:2_000])
        await self.ask("GET", where)

    async def click(self, page: str | None = None) -> None:
        """Open a page, wait for all of it, and follow it from then on."""
        page = page or self._wanted()
        path = self._path(page)
        begin = time.perf_counter()
        status, _, text = await self.ask("GET", path)
        self.waited.append((page, time.time(), time.perf_counter() - begin, len(text)))
        if status != 200:
            self.wrong.append(f"{status} {path}")
        if page == "journal":
            self.entries = ENTRY.findall(text)
        stream = STREAM.search(text)
        await self.leave()
        if stream and self.chance.random() < self.plan["followed"]:
            self._following = asyncio.create_task(self._follow(unescape(stream[1])))

    def _wanted(self) -> str:
        pages = [page for page in PAGES if NEEDS.get(page, "see_plant") in self.may]
        return self.chance.choices(pages, [PAGES[page] for page in pages])[0]

    def _path(self, page: str) -> str:
        plan, chance = self.plan, self.chance
        match page:
            case "line":
                return f"/lines/{chance.choice(plan['lines'])}"
            case "station":
                back = f"?at={chance.randrange(*plan['year_us'])}" if chance.random() < BACK else ""
                return f"/stations/{chance.choice(plan['stations'])}{back}"
            case "entry":
                old = chance.random() < 0.5 or not self.entries
                return f"/journal/{chance.randrange(plan['size']) if old else chance.choice(self.entries)}"
            case _:
                return {"board": "/", "people": "/people", "journal": "/journal", "plant": "/plant"}[page]

    async def _follow(self, path: str) -> None:
        reader, writer = await asyncio.open_connection(self.plan["host"], self.plan["port"])
        try:
            writer.write(self.head("GET", path))
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                self.wrong.append(f"{head[:20].decode()} {path}")
            self.streams += 1
            while data := await reader.read(65_536):
                self.messages += data.count(b"\nid: ") + data.startswith(b"id: ")
        finally:
            writer.close()

    async def leave(self) -> None:
        """Follow no page any more."""
        if self._following is not None:
            self._following.cancel()
            self._following = None

    async def stroll(self, until: float, think_s: tuple[float, float]) -> None:
        """Click and think until an instant of the steady clock."""
        if think_s[1]:
            await asyncio.sleep(self.chance.uniform(0, think_s[1]))
        while time.perf_counter() < until:
            await self.click()
            await asyncio.sleep(self.chance.uniform(*think_s))
        await self.leave()


async def visit(plan: dict[str, Any]) -> dict[str, Any]:
    """Sign in, do what the plan says, and tell what everybody waited."""
    people = [
        Person(name, frozenset(may), plan, random.Random(f"{plan['seed']} {name}"))
        for name, may in plan["people"].items()
    ]
    for person in people:
        if person.name in plan["cookies"]:
            person.cookies = plan["cookies"][person.name]
        else:
            await person.sign_in()
    print(json.dumps({"cookies": {person.name: person.cookies for person in people}}), flush=True)
    sys.stdin.readline()
    if plan["only"]:
        for _ in range(plan["times"]):
            await people[0].click(plan["only"])
    else:
        until = time.perf_counter() + plan["seconds"]
        await asyncio.gather(*(person.stroll(until, tuple(plan["think_s"])) for person in people))
    return {
        "waited": [one for person in people for one in person.waited],
        "wrong": [one for person in people for one in person.wrong],
        "messages": sum(person.messages for person in people),
        "streams": sum(person.streams for person in people),
        "processor_s": time.process_time(),
    }


def main() -> None:
    """Read the plan, do it, write what came of it."""
    print(json.dumps(asyncio.run(visit(json.loads(sys.stdin.readline())))), flush=True)


if __name__ == "__main__":
    main()
