"""``fabrika demo``: a month told, then live, and any role without a password; only here, and only simulated."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from fabrika.app import kernel_cache
from fabrika.app.book_folder import BookFolder
from fabrika.app.demo_book import MARK, demo_persons
from fabrika.app.plant_service import PlantService, adopt
from web.browsers import ADMINISTRATOR, PASSWORD, TOKEN, Browser, Site, running
from web.conftest import PLANT

TINY = """\
fabrika: 1
plant: {name: a tiny plant}
lines:
  - id: line
    stations:
      - {id: a, kind: machine, cycle: exponential(10 min)}
"""


@pytest.fixture
def project(tmp_path) -> Path:
    """A folder in which the demonstration's plant is a tiny one."""
    folder = tmp_path / "plants" / "cartridge-20m"
    folder.mkdir(parents=True)
    (folder / "plant.yaml").write_text(TINY)
    return tmp_path


def become(browser: Browser, person: str):
    token = TOKEN.search(browser.get("/account").text)[1]
    body = urlencode({"csrfmiddlewaretoken": token, "person": person})
    return browser.ask("POST", "/demo/as", body, {"Content-Type": "application/x-www-form-urlencoded"})


def test_a_month_is_told_once_and_goes_on_live(project):
    words = ("demo", "--no-open", "--port", "0", "--speed", "36000")
    cache = project / "cache"
    # The twin that is compiled already, though the demonstration's book goes elsewhere.
    elsewhere = {"XDG_CACHE_HOME": str(cache), kernel_cache.OURS: ""}
    with running(*words, cwd=project, **elsewhere) as server:
        assert server.base.startswith("http://127.0.0.1:")
        browser = server.browser()
        board = browser.get("/")
        assert board.status == 200
        assert "SIMULATED" in board.text
        assert json.loads(browser.get("/.json").text)["kind"] == "twin"
        size = json.loads(browser.get("/.json").text)["position"]
        connection = browser.connection(timeout_s=120)
        connection.request("GET", f"/follow?path=%2F&position={size}", headers=browser.headers())
        stream = connection.getresponse()
        grown = size  # a page is also told anew from time to time when nothing has happened
        while grown == size:
            line = stream.readline()
            assert line, "the twin goes on"
            grown = int(line[4:]) if line.startswith(b"id: ") else grown
        connection.close()
        assert json.loads(browser.get("/.json").text)["position"] >= grown > size
        assert become(browser, "demo-overseer").headers["Location"] == "/journal"
        assert browser.get("/do/production.code_stop").status == 403
        code, errors = server.end()
        assert code == 0
        assert "Traceback" not in errors
    (book,) = (cache / "fabrika" / "demo").iterdir()
    assert (book / MARK).exists()
    (project / "plants" / "cartridge-20m" / "plant.yaml").write_text(TINY.replace("10 min", "9 min"))
    with running(*words, cwd=project, **elsewhere) as server:
        assert server.browser().get("/").status == 200
    (other,) = (cache / "fabrika" / "demo").iterdir()
    assert other != book, "a book of another plant file takes its place"


@pytest.fixture
def demo(tmp_path):
    """A demonstration served in this process."""
    folder = BookFolder(tmp_path / "data")
    adopt(folder, PLANT, "twin")
    service = PlantService.opened(folder)
    yield Site(service, folder.folder).configured(demo=demo_persons(service))
    service.close()


def test_there_is_a_person_for_each_role(demo):
    roles = {role.id for role in demo.service.plant.roles}
    size = demo.service.size
    assert set(demo_persons(demo.service).values()) == roles
    assert demo.service.size == size, "once"


def test_each_role_may_what_it_may(demo):
    for person, role in demo_persons(demo.service).items():
        browser = demo.browser()
        assert browser.post("/demo/as", {"person": person}).status_code == 303
        may = next(found.may for found in demo.service.plant.roles if found.id == role)
        assert (browser.get("/people").status_code == 200) == ("see_people" in may)
        assert (browser.get("/do/personnel.enrol").status_code == 200) == ("manage_people" in may)


def test_nobody_pretends_from_elsewhere(demo):
    for address in ("192.0.2.7", "10.0.0.1", "::ffff:10.0.0.1", ""):
        browser = demo.browser(REMOTE_ADDR=address)
        assert browser.get("/").headers["Location"].startswith("/sign-in"), address
        assert browser.post("/demo/as", {"person": "demo-administrator"}).status_code == 404
    assert demo.browser().post("/demo/as", {"person": "somebody"}).status_code == 404


def test_nobody_pretends_in_a_plants_book(site):
    site.configured(demo={ADMINISTRATOR: "administrator"})
    browser = site.browser()
    assert browser.get("/").headers["Location"].startswith("/sign-in")
    assert browser.post("/demo/as", {"person": ADMINISTRATOR}).status_code == 404
    assert browser.post("/sign-in", {"person": ADMINISTRATOR, "password": PASSWORD}).status_code == 303
