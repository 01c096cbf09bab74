"""Browsers for tests: Django's own client, and one over the wire that keeps cookies and follows nothing by itself."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

PASSWORD = "seven quiet machines"
ADMINISTRATOR = "administrator"
KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Site:
    """A plant served in this process, once it is :meth:`configured`."""

    def __init__(self, service, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.keys = 0

    def configured(self, **more: Any) -> Site:
        """Let Django serve it; ``more`` as the policy has it."""
        from msgspec.structs import replace

        from fabrika.faces.web.opening import site_of
        from fabrika.faces.web.settings import configure

        demo = more.pop("demo", None)
        found = site_of(self.service, self.folder, host="127.0.0.1", port=8470, demo=demo)
        configure(replace(found, policy=replace(found.policy, **more)))
        return self

    def begun(self) -> Site:
        """With an administrator."""
        self.service.first(ADMINISTRATOR)
        self.account(ADMINISTRATOR)
        return self

    def account(self, person: str, password: str = PASSWORD, **values: Any):
        """An account whose password is the person's own."""
        from fabrika.faces.web.accounts.models import Account

        account = Account(person=person, **values)
        account.set_password(password)
        account.save()
        return account

    def person(self, person: str, role: str | None, **values: Any) -> str:
        """A person with a role and an account."""
        self.do("personnel.enrol", person=person)
        if role:
            self.do("personnel.grant", person=person, role=role)
        self.account(person, **values)
        return person

    def do(self, name: str, by: str = ADMINISTRATOR, **form: Any):
        from fabrika.app.sitemap import COMMANDS

        command = next(command for command in COMMANDS if command.name == name)
        self.keys += 1
        return self.service.do(command, by, form, key=f"of a test, number {self.keys}")

    def browser(self, person: str | None = None, password: str = PASSWORD, **more: Any):
        """Django's client, signed in if a person is named."""
        from django.test import Client

        client = Client(headers={"host": "127.0.0.1", "user-agent": "a browser"}, raise_request_exception=False, **more)
        if person is not None:
            answer = client.post("/sign-in", {"person": person, "password": password})
            assert answer.status_code == 303, answer.content.decode()
        return client


def key_of(answer) -> str:
    """The idempotency key of the first form that bears one."""
    return KEY.search(answer.content.decode())[1]


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Browser:
    """A browser over the wire."""

    base: str
    agent: str = "a browser"
    context: ssl.SSLContext | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def connection(self, timeout_s: float = 30) -> http.client.HTTPConnection:
        parts = urlsplit(self.base)
        if parts.scheme == "https":
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout_s, context=self.context)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"User-Agent": self.agent, **({"Cookie": cookie} if cookie else {}), **(more or {})}

    def ask(self, method: str, path: str, body: bytes | str | None = None, headers=None) -> Answer:
        connection = self.connection()
        try:
            connection.request(method, path, body, self.headers(headers))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return Answer(answer.status, answer.headers, text)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, form: Mapping[str, Any], page: str | None = None) -> Answer:
        """Send a form with the mark of a page."""
        token = TOKEN.search(self.get(page or path).text)[1]
        body = urlencode({"csrfmiddlewaretoken": token, **form}, doseq=True)
        return self.ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def do(self, name: str, form: Mapping[str, Any], key: str) -> Answer:
        """Give a command as a program does."""
        token = TOKEN.search(self.get("/account").text)[1]
        headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": key}
        return self.ask("POST", f"/do/{name}", json.dumps(form), headers)

    def sign_in(self, person: str, password: str) -> Answer:
        return self.post("/sign-in", {"person": person, "password": password})


@dataclass
class Server:
    """A running ``fabrika serve``."""

    process: subprocess.Popen[str]
    base: str
    one_time: str | None
    said: list[str]

    def browser(self, **more: Any) -> Browser:
        return Browser(self.base, **more)

    def administrator(self, **more: Any) -> Browser:
        """A browser in which the administrator has signed in and chosen a password."""
        browser = self.browser(**more)
        browser.sign_in(ADMINISTRATOR, self.one_time or PASSWORD)
        if self.one_time:
            form = {"password": self.one_time, "new": PASSWORD, "again": PASSWORD}
            assert browser.post("/account/password", form).status == 303
        return browser

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit code and what was said on the error stream."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


def start(*words: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.Popen[str]:
    """``fabrika`` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "fabrika", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **environment},
    )


@contextmanager
def served(data: Path, *words: str) -> Iterator[Server]:
    """``fabrika serve`` on a free port, until the block ends."""
    process = start("serve", "--data", data, "--port", "0", *words)
    said: list[str] = []
    watch = threading.Timer(120, process.kill)
    watch.start()
    try:
        base = None
        while base is None:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said.append(line.rstrip("\n"))
            found = re.search(r"(https?://\S+?)/ ", line)
            base = found[1] if found else None
        first = re.search(r"one-time password (\S+)", "\n".join(said))
        yield Server(process, base, first[1] if first else None, said)
    finally:
        watch.cancel()
        process.kill()
        process.communicate()
