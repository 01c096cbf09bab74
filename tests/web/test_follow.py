"""Pages that move with the book."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fabrika.events.fields import Key
from fabrika.events.production import ContainerFilled, LotOpened, OrderReleased
from fabrika.faces.web.follow import framed
from fabrika.journal.pen import Pen
from fabrika.plant.acts import ACTS
from web.browsers import ADMINISTRATOR, PASSWORD


def messages(browser, path: str, **headers: str) -> Iterator[dict[str, str]]:
    """Messages as a browser reads them (WHATWG HTML, 9.2.6); comments come as such."""
    connection = browser.connection(timeout_s=60)
    try:
        connection.request("GET", path, headers=browser.headers(headers))
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
        found: dict[str, str] = {}
        while line := answer.readline():
            text = line.decode().rstrip("\n")
            if not text:
                yield found
                found = {}
                continue
            name, _, value = text.partition(":")
            found[name or "comment"] = found.get(name, "") + value.removeprefix(" ") + "\n"
    finally:
        connection.close()


def told(browser, path: str, **headers: str) -> Iterator[dict[str, str]]:
    """Messages with data."""
    return (one for one in messages(browser, path, **headers) if "data" in one)


def enrol(browser, person: str) -> int:
    answer = browser.do("personnel.enrol", {"person": person}, f"key-of-{person}-and-more")
    assert answer.status == 200, answer.text
    return json.loads(answer.text)["size"]


def test_a_page_moves_when_the_book_does(server):
    browser = server.administrator()
    stream = told(browser, "/follow?path=%2Fpeople")
    first = next(stream)
    assert first["event"] == "position\n"
    assert next(stream)["id"] == first["id"]
    size = enrol(browser, "p2")
    moved, fragment = next(stream), next(stream)
    assert (moved["event"], moved["data"], fragment["id"]) == ("position\n", f"{size}\n", f"{size}\n")
    assert ">p2<" in fragment["data"]
    assert "<html" not in fragment["data"]
    assert "csrfmiddlewaretoken" not in fragment["data"]
    assert "event" not in fragment, "htmx swaps messages without a name"


def test_who_comes_back_is_told_what_is_new_and_not_what_is_known(server):
    browser = server.administrator()
    size = enrol(browser, "p2")
    stream = told(browser, "/follow?path=%2Fpeople", **{"Last-Event-ID": str(size - 1)})
    assert next(stream)["id"] == f"{size}\n"
    stream = told(browser, f"/follow?path=%2Fpeople&position={size}")
    later = enrol(browser, "p3")
    assert any(one["id"] == f"{later}\n" for one in stream)


def test_messages_come_at_most_once_a_second(server):
    browser = server.administrator()
    stream = told(browser, "/follow?path=%2Fpeople")
    next(stream), next(stream)
    begin = time.monotonic()
    sizes = [enrol(browser, f"p{number}") for number in range(8)]
    seen = 0
    while f"{sizes[-1]}\n" != next(stream)["id"]:
        seen += 1
    assert seen <= 2 * (time.monotonic() - begin + 1)


def test_nobody_follows_what_they_may_not_see(server):
    assert server.browser().get("/follow?path=%2Fpeople").status == 303
    browser = server.administrator()
    assert browser.get("/follow?path=%2Fnowhere").status == 404
    assert browser.get("/follow?path=%2Fstations%2Fno.such").status in {200, 404}
    assert browser.get("/follow?path=%2Fdo%2Fpersonnel.enrol").status == 404
    assert browser.get("/follow?path=%2Fpeople.json").status == 404
    form = {"person": "p2", "role": "operator", "idempotency_key": "a-key-of-this-form"}
    once = browser.post("/accounts/enrol", form, page="/accounts").text
    password = once.split('class="one-time">')[1].split("<")[0]
    operator = server.browser()
    operator.sign_in("p2", password)
    operator.post("/account/password", {"password": password, "new": PASSWORD, "again": PASSWORD})
    assert operator.get("/follow?path=%2Fpeople").status == 403
    assert operator.get("/people").status == 403


def test_many_follow_with_few_threads(server):
    browser = server.administrator()
    streams = [told(browser, "/follow?path=%2Fpeople") for _ in range(120)]
    with ThreadPoolExecutor(40) as crowd:
        assert all(crowd.map(next, streams))
        size = enrol(browser, "p2")

        def reached(stream: Iterator[dict[str, str]]) -> bool:
            return any(one["id"] == f"{size}\n" for one in stream)

        assert all(crowd.map(reached, streams))
    assert len(list(Path(f"/proc/{server.process.pid}/task").iterdir())) < 50


def test_a_page_ends_with_its_session(site):
    """The pass that a stream looks at now and then."""
    from fabrika.faces.web.follow import _Pass
    from fabrika.faces.web.visit import Visit

    client = site.browser(ADMINISTRATOR)
    request = client.get("/account").wsgi_request
    visit: Visit = request.visit
    look = _Pass(request, visit, "see_people")
    assert look.holds()
    session = client.session
    session["seen"] = time.time() - 9 * 3600
    session.save()
    assert not look.holds()
    client = site.browser(ADMINISTRATOR)
    request = client.get("/account").wsgi_request
    look = _Pass(request, request.visit, "see_people")
    client.post("/sign-out")
    assert not look.holds()


def test_a_page_ends_with_the_act(site):
    from fabrika.faces.web.follow import _Pass

    site.person("p1", "overseer")
    request = site.browser("p1").get("/account").wsgi_request
    look = _Pass(request, request.visit, "see_journal")
    assert look.holds()
    site.do("personnel.withdraw", person="p1", role="overseer", reason="It was for a day.")
    assert not look.holds()


@pytest.mark.parametrize("text", ["one", "a\nb", "a\r\nb", "a\rb", "", "\n", "id: 7\n\ndata: x"])
def test_any_text_is_one_message(text):
    first, *lines = framed(text, "", 3).decode().removesuffix("\n\n").split("\n")
    assert first == "id: 3"
    assert all(line.startswith("data: ") for line in lines)
    assert "\n".join(line[6:] for line in lines) == text.replace("\r\n", "\n").replace("\r", "\n")


def fragment(site, browser, page, may) -> str:
    """What is sent of a page to whom these acts have in common, as of one instant."""
    from fabrika.faces.web.follow import Followed, SharedVisit, _made

    names = {
        "line": "line",
        "station": "line.a",
        "position": "0",
        "edition": "1",
        "document": "w",
        "revision": "1",
        "lot": "l-1",
        "order": "o-1",
        "material_lot": "m-1",
        "container": "t-1",
    }
    request = browser.get("/account").wsgi_request
    path, at = page.at(**names), (("at", "1773839100000000"),)
    followed = Followed(page, tuple(names.items()), at, path, may, "en", None, named=True)
    request.visit = SharedVisit(request, request.visit, followed)
    return _made(site.service, followed, request)[1]


def test_what_many_share_is_what_each_would_see(site):
    """Of a person's acts only those that a page minds tell readers apart."""
    from fabrika.app.sitemap import PAGES
    from fabrika.faces.web.follow import RESTLESS, _minded
    from fabrika.faces.web.visit import visit_of

    seen = 0
    opened = LotOpened(lot="l-1", order="o-1", product="a", line="line", edition=1)
    ordered = OrderReleased(order="o-1", product="a", line="line", quantity=5)
    pen = Pen(site.service.plant_id, Key("plc-9", "0" * 16, 0))
    filled = ContainerFilled(container="t-1", lot="l-1", station="line.a", units=4)
    site.service.take([pen.write(event, 1773839000000000) for event in (ordered, opened, filled)])
    form = {"document": "w", "kind": "form", "title": "W", "language": "en", "text": "Write here."}
    site.do("documents.draft", site.person("writer", "quality-manager"), **form)
    for role in site.service.plant.roles:
        browser = site.browser(site.person(f"of-{role.id}", role.id))
        visit = visit_of(browser.get("/account").wsgi_request)
        for page in (page for page in PAGES if page.act in role.may and page.name not in RESTLESS):
            if page.name == "inventory.lot":
                continue  # this plant names no location at which a lot could be received
            minded = _minded(visit, page)
            assert minded <= role.may
            assert fragment(site, browser, page, minded) == fragment(site, browser, page, role.may), page.name
            seen += minded < role.may
    assert seen, "no page is shared by persons of several roles"


def test_pages_say_which_acts_their_templates_ask_for():
    from importlib.resources import files

    from fabrika.app.sitemap import COMMANDS, PAGES

    for page in PAGES:
        own = {page.act, *page.minds, *(found.act for found in COMMANDS if found.name in page.commands)}
        text = files("fabrika.faces.web").joinpath(f"templates/{page.name}.html.j2").read_text(encoding="utf-8")
        asked = {found for pair in re.findall(r'"(\w+)" in \w+\.may|\.can\("(\w+)"\)', text) for found in pair if found}
        assert asked <= own, page.name
        assert set(page.minds) <= ACTS.keys()


def test_while_a_proposal_waits_everybody_sees_for_whom(site):
    from fabrika.app.sitemap import PAGES
    from fabrika.faces.web.follow import _minded
    from fabrika.faces.web.visit import visit_of
    from fabrika.operations.personnel.state import Proposal

    board = next(page for page in PAGES if page.name == "answers.board")
    visit = visit_of(site.browser(site.person("p1", "shift-lead")).get("/account").wsgi_request)
    assert _minded(visit, board) == {"see_plant"}
    proposal = Proposal(
        command="editions.amend", act="amend_plant", form="{}", person="p2", at_us=0, position=0, key="a/b/0"
    )
    site.service.states()["personnel"].proposals["a-1"] = proposal
    assert _minded(visit, board) == visit.may
    proposal.outcome = "approved"
    assert _minded(visit, board) == {"see_plant"}
