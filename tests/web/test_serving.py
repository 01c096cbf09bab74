"""``fabrika serve`` as a process: first start, end, kill, a second server, TLS, and that nothing goes out."""

from __future__ import annotations

import json
import re
import shutil
import signal
import ssl
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from web.browsers import ADMINISTRATOR, PASSWORD, Browser, served, start
from web.conftest import PLANT

POLICY = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
)


def refused(data: Path, *words: str) -> tuple[int, str]:
    process = start("serve", *words, "--data", data, "--port", "0")
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err
    return process.returncode, err


def test_the_first_start_tells_a_one_time_password_once(tmp_path):
    data = tmp_path / "data"
    with served(data, str(PLANT)) as server:
        assert server.one_time
        browser = server.browser()
        assert browser.sign_in(ADMINISTRATOR, PASSWORD).status == 401, "there is no password that is known beforehand"
        assert browser.sign_in(ADMINISTRATOR, server.one_time).headers["Location"] == "/account/password"
        server.administrator()
        assert server.end()[0] == 0
    for path in (*(data / "keys").iterdir(), data / "accounts.sqlite"):
        if path.name != "trusted":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    with served(data) as server:
        assert server.one_time is None
        assert server.browser().sign_in(ADMINISTRATOR, PASSWORD).status == 303


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_also_while_pages_are_followed(data, number):
    with served(data) as server:
        browser = server.administrator()
        following = browser.connection()
        following.request("GET", "/follow?path=/people", headers=browser.headers())
        assert following.getresponse().readline()
        code, errors = server.end(number)
        assert code == 0, errors
        assert "Traceback" not in errors
        following.close()
    assert list((data / "snapshots").glob("*.snapshot"))


def test_a_second_server_is_refused(data):
    with served(data) as server:
        code, errors = refused(data)
        assert code == 2
        assert "->" in errors
        assert server.browser().get("/sign-in").status == 200


def test_without_a_book_or_a_plant_it_says_what_is_missing(tmp_path):
    code, errors = refused(tmp_path / "none")
    assert code == 2
    assert "->" in errors
    assert refused(tmp_path / "none", str(tmp_path / "no-plant.yaml"))[0] == 1


def test_a_port_that_is_taken_is_told(data, fresh, tmp_path):
    with served(data) as server:
        port = server.base.rsplit(":", 1)[1]
        other = Path(shutil.copytree(fresh, tmp_path / "other"))
        process = start("serve", "--data", other, "--port", port)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 2
        assert "--port" in errors


def test_a_rule_file_with_a_mistake_is_told(data):
    (data / "web.toml").write_text("desk_hours = 3\n")
    code, errors = refused(data)
    assert code == 2
    assert "web.toml" in errors


def test_an_open_secret_is_refused(data):
    (data / "keys" / "web.key").chmod(0o644)
    code, errors = refused(data)
    assert code == 2
    assert "chmod 600" in errors


def test_every_answer_has_its_headers(server):
    browser = server.administrator()
    static = re.search(r'href="(/static/[^"]+\.css)"', browser.get("/people").text)[1]
    for path in ("/people", "/people.json", "/sign-in", "/nowhere", "/do/personnel.enrol"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert set(POLICY) <= set(policy)
        assert not [part for part in policy if "unsafe" in part or "*" in part or "data:" in part]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "Server" not in headers
    answer = browser.get(static)
    assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (200, True)
    for name, value in browser.get("/sign-in").headers.items():
        if name == "Set-Cookie":
            assert "HttpOnly" in value


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/x/fabrika.css",
        "//etc/passwd",
        "/%00",
        "/people%0a",
        "/static/",
    ],
)
def test_no_path_leads_to_other_files(server, path):
    answer = server.administrator().get(path)
    assert answer.status in {400, 404}
    assert "import" not in answer.text


def test_other_hosts_are_refused(server):
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "a b"):
        assert server.browser().get("/sign-in", Host=host).status == 400
    assert server.browser().get("/sign-in", Host="localhost").status == 200
    assert server.browser().get("/sign-in", X_Forwarded_Host="evil.example").status == 200


def test_a_forwarded_address_is_not_believed(server):
    browser = server.browser()
    for number in range(5):
        answer = browser.ask("GET", "/sign-in", headers={"X-Forwarded-For": f"192.0.2.{number}"})
        assert answer.status == 200
    statuses = []
    for number in range(6):
        page = browser.get("/sign-in").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        body = f"csrfmiddlewaretoken={token}&person={ADMINISTRATOR}&password=wrong"
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "Content-Type": "application/x-www-form-urlencoded"}
        statuses.append(browser.ask("POST", "/sign-in", body, headers).status)
    assert statuses == [401] * 4 + [429] * 2


def test_a_double_click_is_one_act(server):
    browser = server.administrator()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/account").text)[1]
    headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": "one-key-for-both-clicks"}
    body = json.dumps({"person": "p2"})
    with ThreadPoolExecutor(8) as clicks:
        answers = list(clicks.map(lambda _: browser.ask("POST", "/do/personnel.enrol", body, headers), range(16)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


def enrolled(browser: Browser, person: str) -> bool:
    """Enrol a person under a key of their own; False if the connection broke."""
    try:
        answer = browser.do("personnel.enrol", {"person": person}, f"the-key-of-the-form-of-{person}")
    except (OSError, HTTPException):
        return False
    assert answer.status == 200, answer.text
    return True


def persons(browser: Browser) -> list[str]:
    return [row["person"] for row in browser.get("/people.json").json["data"]["persons"]]


@pytest.mark.parametrize("after_s", [0.3, 0.6, 1.1])
def test_a_kill_while_people_click_loses_nothing(data, after_s):
    """What was answered is in the book; what was not can be sent again under the same key and is done once."""
    confirmed: list[str] = []
    with served(data) as server:
        browser = server.administrator()
        threading.Timer(after_s, server.process.kill).start()
        while enrolled(browser, f"k-{len(confirmed)}"):
            confirmed.append(f"k-{len(confirmed)}")
        server.process.wait(60)
    unknown = f"k-{len(confirmed)}"
    with served(data) as server:
        browser = server.administrator()
        assert set(persons(browser)) - {ADMINISTRATOR, unknown} == set(confirmed)
        assert enrolled(browser, unknown)
        assert persons(browser).count(unknown) == 1
        assert enrolled(browser, f"k-{len(confirmed) // 2}"), "an old form sent again is answered as it was"
        assert len(persons(browser)) == len(confirmed) + 2
    assert verified(data)


def test_an_erased_name_leaves_no_bytes(data):
    name, contact = "Arbenita Krasniqi-Gashi", "arbenita@example.org"
    with served(data) as server:
        browser = server.administrator()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', browser.get("/accounts").text)[1]
        form = {"person": "p77", "name": name, "contact": contact, "role": "operator", "idempotency_key": key}
        answer = browser.post("/accounts/enrol", form, page="/accounts")
        assert answer.status == 200
        once = re.search(r'class="one-time">([^<]+)<', answer.text)[1]
        other = server.browser()
        assert other.sign_in("p77", once).status == 303
        assert name in browser.get("/accounts").text
        assert name in browser.get("/people").text
        assert files_with(data, name) == {"accounts.sqlite"}
        assert browser.post("/accounts/erase", {"person": "p77"}, page="/accounts").status == 303
        assert name not in browser.get("/people").text
        assert other.get("/account").status == 303, "the person is signed out"
        assert not files_with(data, name) | files_with(data, contact) | files_with(data, "Arbenita")
        server.end()
    assert not files_with(data, name) | files_with(data, contact) | files_with(data, "Arbenita")
    assert verified(data)


def verified(data: Path) -> bool:
    process = start("journal", "verify", "--data", data)
    out, _ = process.communicate(timeout=120)
    return process.returncode == 0 and "Every stored value is accounted for." in out


def files_with(folder: Path, text: str) -> set[str]:
    """Files that hold a text, as UTF-8 or as UTF-16."""
    forms = (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"))
    found = [path for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]
    return {path.name for path in found}


def test_it_is_encrypted_by_the_plants_own_authority(data):
    with served(data, "--tls") as server:
        assert server.base.startswith("https://")
        authority = data / "keys" / "ca.crt"
        assert str(authority) in "\n".join(server.said)
        context = ssl.create_default_context(cafile=str(authority))
        browser = server.browser(context=context)
        answer = browser.get("/sign-in")
        assert answer.status == 200
        browser = server.administrator(context=context)
        assert browser.get("/people").status == 200
        cookies = browser.sign_in(ADMINISTRATOR, PASSWORD).headers.get_all("Set-Cookie")
        assert cookies
        assert all("Secure" in cookie for cookie in cookies)
        with pytest.raises(ssl.SSLCertVerificationError):
            server.browser(context=ssl.create_default_context()).get("/sign-in")
    before = authority.read_bytes()
    with served(data, "--tls"):
        assert authority.read_bytes() == before, "the authority stays"


def test_it_listens_at_one_place_and_connects_nowhere(server):
    """The server's own sockets: one that listens, and those of its browsers."""
    browser = server.administrator()
    for path in ("/people", "/plant", "/journal", "/nowhere"):
        browser.get(path)
    inodes = set()
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
        except OSError:
            continue
        if found:
            inodes.add(found[1])
    port = int(server.base.rsplit(":", 1)[1])
    rows = []
    for name in ("tcp", "tcp6", "udp", "udp6"):
        lines = Path(f"/proc/{server.process.pid}/net/{name}").read_text().splitlines()[1:]
        rows += [(name, *line.split()) for line in lines if line.split()[9] in inodes]
    listening = [row for row in rows if row[4] == "0A"]
    assert [int(row[2].rsplit(":", 1)[1], 16) for row in listening] == [port]
    assert listening[0][2].startswith("0100007F"), "loopback alone unless told otherwise"
    assert all(int(row[2].rsplit(":", 1)[1], 16) == port for row in rows), "no socket of another kind"


class TooMuchError(Exception):
    pass


def threads(server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


def test_many_answers_at_once_take_few_threads(server):
    browser = server.administrator()
    with ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda _: browser.get("/people").status, range(200)))
    assert answers == [200] * 200
    assert threads(server) < 50


def test_bodies_that_trickle_hold_nobody_up(server):
    """More half-sent requests than there are threads; others are answered all the same."""
    browser = server.administrator()
    slow = [browser.connection() for _ in range(40)]
    for connection in slow:
        connection.putrequest("POST", "/sign-in")
        connection.putheader("Content-Length", "1000")
        connection.endheaders()
        connection.send(b"person=")
    assert browser.get("/people").status == 200
    for connection in slow:
        connection.close()
    assert browser.get("/people").status == 200


def test_a_body_that_is_too_large_is_refused_before_it_is_read(server):
    connection = server.browser().connection()
    connection.putrequest("POST", "/sign-in")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    connection = server.browser().connection()
    connection.putrequest("POST", "/sign-in")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    with pytest.raises((ConnectionError, TooMuchError)):  # noqa: PT012 - the server closes as soon as it has had enough
        for _ in range(2_000):
            connection.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        assert connection.getresponse().status == 413
        raise TooMuchError
    connection.close()
    assert server.browser().get("/sign-in").status == 200
