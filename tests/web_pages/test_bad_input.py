"""What goes wrong on a floor, entered in the real pages: each has a plain answer and a way on, and leaves a trace."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest

from web.browsers import ADMINISTRATOR, Site
from web.test_tablet import facts
from web_pages.floor import HOUR_US, LOT, MINUTE_US, NOW_US, UNCODED

REPORT, EMPTY, FILL = "production.report_units", "inventory.empty_container", "inventory.fill_container"
OF_ANOTHER_LINE = LOT
"""What the line `case` makes, of which the station is none."""


@pytest.fixture(scope="module")
def day(floor, tmp_path_factory) -> Iterator[Site]:
    """The day on the floor, with three persons who sign in with passwords."""
    from fabrika.app.book_folder import BookFolder
    from fabrika.app.plant_service import PlantService

    folder = shutil.copytree(floor, tmp_path_factory.mktemp("bad") / "data")
    service = PlantService.opened(BookFolder(folder))
    try:
        site = Site(service, folder).configured()
        for person, role in (
            (ADMINISTRATOR, "administrator"),
            ("ada", "operator"),
            ("ben", "operator"),
            ("lea", "shift-lead"),
        ):
            site.do("personnel.enrol", by="demo-administrator", person=person)
            site.do("personnel.grant", by="demo-administrator", person=person, role=role)
            site.account(person)
        site.do("production.sign_on", by="ada", station=UNCODED)
        site.do(REPORT, by="ada", station=UNCODED, good=40)
        yield site
    finally:
        service.close()


@pytest.fixture
def site(day) -> Site:
    """Served by this process."""
    return day.configured()


def send(site, person, command, **fields):
    site.keys += 1
    form = {name: str(value) for name, value in fields.items()}
    return site.browser(person).post(f"/do/{command}", {**form, "idempotency_key": f"key-of-a-form-{site.keys:04}"})


def told(answer) -> str:
    """Problem and remedy, as the page says them."""
    found = re.search(
        r'<(?:div class="notice refused"|article class="card").*?</(?:div|article)>', answer.content.decode(), re.DOTALL
    )
    return re.sub(r"<[^>]+>|\s+", " ", found[0])


@pytest.mark.parametrize(
    ("person", "command", "fields", "status", "words"),
    [
        pytest.param(
            "ada",
            REPORT,
            {"station": UNCODED, "good": 9, "lot": OF_ANOTHER_LINE},
            409,
            "is made on the line case, not here",
            id="wrong lot",
        ),
        pytest.param(
            "ada", REPORT, {"station": UNCODED, "good": 40}, 409, "If these are others, say so", id="double report"
        ),
        pytest.param("ben", REPORT, {"station": UNCODED, "good": 9}, 409, "ada has", id="two people at one tablet"),
        pytest.param(
            "ada",
            REPORT,
            {"station": UNCODED, "good": 9, "from_us": NOW_US - MINUTE_US, "to_us": NOW_US - 2 * MINUTE_US},
            409,
            "A count ends after it begins",
            id="backwards",
        ),
        pytest.param(
            "ada",
            REPORT,
            {"station": UNCODED, "good": 9, "to_us": NOW_US + HOUR_US},
            409,
            "has not come yet",
            id="future",
        ),
        pytest.param(
            "ada",
            REPORT,
            {"station": UNCODED, "good": 9_000_000},
            409,
            "more than Core feed can make",
            id="a thousand times too large",
        ),
        pytest.param(
            "ada",
            FILL,
            {"container": "T-1", "lot": LOT, "station": "case.form-1", "units": 9},
            409,
            "It was scanned twice, perhaps",
            id="a container in two places",
        ),
        pytest.param(
            "ada",
            "inventory.set_status",
            {"subject": "M-wait", "status": "released", "reason": "it looks well"},
            403,
            "Quality",
            id="without the role",
        ),
        pytest.param(
            "ada",
            EMPTY,
            {"container": "]d20109504000059102", "left_over": 0},
            409,
            "This label cannot be read",
            id="unreadable label",
        ),
    ],
)
def test_each_has_a_plain_answer_and_leaves_a_trace(site, person, command, fields, status, words):
    size = site.service.size
    answer = send(site, person, command, **fields)
    assert answer.status_code == status, answer.content.decode()[-2_000:]
    page = told(answer)
    assert words in page
    (fact,) = [fact for fact in facts(site, size) if fact.message.type == "house.act_refused"]
    event = fact.event
    assert (event.command, event.person, fact.message.actor) == (command, person, person)
    assert event.remedy != event.problem
    assert len(facts(site, size)) == 1, "nothing else was written"
    send(site, person, command, **fields)
    assert site.service.size == size + 1, "the same again is told again, and not kept again"
    journal = site.browser("lea").get("/journal?type=house.act_refused").content.decode()
    assert event.problem.split("{")[0][:20].replace("'", "&#39;") in journal


def test_ways_on_are_taken_and_leave_a_trace(site):
    size = site.service.size
    assert send(site, "ada", REPORT, station=UNCODED, good=41).status_code == 303
    assert send(site, "ada", REPORT, station=UNCODED, good=41).status_code == 409
    assert send(site, "ada", REPORT, station=UNCODED, good=41, again="1").status_code == 303
    assert send(site, "ben", "production.sign_on", station=UNCODED).status_code == 303
    assert send(site, "ben", REPORT, station=UNCODED, good=3).status_code == 303
    plant = site.service.plant
    here = site.service.states()["inventory"].containers["T-1"].location
    other = next(place.id for place in plant.locations if place.holds == "line" and place.id != here)
    found = {"container": "T-1", "location": other, "reason": "it stands before me"}
    assert send(site, "ada", "inventory.find_container", **found).status_code == 303
    types = [fact.message.type for fact in facts(site, size)]
    assert types.count("production.units_reported") == 3
    assert types[-1] == "inventory.moved"


def test_what_is_only_mistyped_or_lacks_a_password_leaves_no_trace(site):
    size = site.service.size
    assert send(site, "ada", REPORT, station=UNCODED, good="many").status_code == 422
    assert site.browser().post("/sign-in", {"person": "ada", "password": "wrong"}).status_code == 401
    assert site.service.size == size
