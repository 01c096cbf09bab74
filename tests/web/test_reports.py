"""The address to which browsers send what they kept: who pressed is known by the page's voucher, and nobody else's."""

from __future__ import annotations

import json
import re
import time

import pytest

from web.browsers import ADMINISTRATOR, TOKEN
from web.test_tablet import at_tablet, enrolled, with_pin

VOUCHER = re.compile(r'name="fabrika-voucher" content="([^"]+)"')
BROWSER, EPOCH = "0123456789abcdef", "fedcba9876543210"
FORM = {"station": ["line.a"], "from_us": ["1"], "to_us": ["2"], "mode": ["none"]}


@pytest.fixture
def lead(site):
    return site.browser(site.person("p1", "operator"))


def voucher_of(browser) -> str:
    return VOUCHER.search(browser.get("/lines").content.decode())[1]


def now_us() -> int:
    return int(time.time() * 1e6)


def sent(voucher, sequence=1, *, person="p1", said_us=None, **more):
    said_us = now_us() - 60_000_000 if said_us is None else said_us
    found = {"sequence": sequence, "command": "production.code_stop", "fields": FORM, "person": person}
    return {**found, "voucher": voucher, "said_at_us": said_us, **more}


def send(browser, *reports, sent_us=None):
    body = {"browser": BROWSER, "epoch": EPOCH, "sent_at_us": sent_us or now_us(), "reports": reports}
    return browser.post("/reports", json.dumps(body), content_type="application/json")


def outcomes(answer):
    assert answer.status_code == 200, answer.content
    return [row["outcome"] for row in answer.json()["answers"]]


def kept(site):
    return list(site.service.states()["watch"].reports.values())


def test_what_comes_late_is_attributed_to_who_pressed_though_nobody_is_signed_in(site, lead):
    voucher = voucher_of(lead)
    lead.post("/sign-out")
    report = sent(voucher)
    assert outcomes(send(lead, report)) == ["kept"]
    (found,) = kept(site)
    assert (found.person, found.command) == ("p1", "production.code_stop")
    assert "not signed in" not in found.problem
    assert outcomes(send(lead, report)) == ["kept"], "the same answer again"
    assert len(kept(site)) == 1


@pytest.mark.parametrize("language", ["en", "sq", "tr"])
def test_a_late_refusal_is_told_in_each_readers_language(site, lead, language):
    from markupsafe import escape

    from fabrika.faces.language import choose, told
    from fabrika.wording import Worded, restored

    answer = send(lead, sent(voucher_of(lead)))
    assert outcomes(answer) == ["kept"]
    (found,) = kept(site)
    problem, _ = restored(found.worded, (found.problem, found.remedy))
    assert isinstance(problem, Worded)
    page = site.browser(ADMINISTRATOR).get(f"/attention/reports?language={language}").content.decode()
    choose(language)
    try:
        assert str(escape(told(problem))) in page
        assert (told(problem) == found.problem) is (language == "en"), "the sentence has a translation"
    finally:
        choose("en")


def test_a_second_person_sends_what_the_first_pressed(site, lead):
    voucher = voucher_of(lead)
    other = site.browser(site.person("p2", "operator"))
    said = now_us() - 60_000_000
    both = sent(voucher, 1, said_us=said), sent(voucher_of(other), 2, person="p2", said_us=now_us())
    assert outcomes(send(other, *both)) == ["kept", "kept"]
    assert [report.person for report in kept(site)] == ["p1", "p2"]


def test_whoever_waits_is_told_at_once_and_nothing_is_kept(site, lead):
    answer = send(lead, sent(voucher_of(lead), said_us=now_us(), at_once=True))
    assert outcomes(answer) == ["refused"]
    assert answer.json()["answers"][0]["remedy"]
    assert kept(site) == []


@pytest.mark.parametrize("spoilt", [lambda text: "", lambda text: text[:-1] + ("a" if text[-1] != "a" else "b")])
def test_without_a_voucher_of_this_site_it_waits_until_its_person_signs_in(site, lead, spoilt):
    report = sent(spoilt(voucher_of(lead)))
    size = site.service.size
    assert outcomes(send(site.browser(), report)) == ["sign_in"]
    assert outcomes(send(site.browser(ADMINISTRATOR), report)) == ["sign_in"]
    assert site.service.size == size
    assert outcomes(send(lead, report)) == ["kept"]


def test_nobody_does_anything_at_once_as_somebody_else(site, lead):
    voucher = voucher_of(lead)
    report = sent(voucher, said_us=now_us(), at_once=True)
    assert outcomes(send(site.browser(ADMINISTRATOR), report)) == ["sign_in"]
    assert outcomes(send(site.browser(), report)) == ["sign_in"]


@pytest.mark.parametrize(("issued_h", "said_h", "held"), [(-10, -3, True), (-10, -1, False), (-1, -2, False)])
def test_a_voucher_is_worth_something_for_as_long_as_a_sign_in_lasts(site, lead, issued_h, said_h, held):
    """Eight hours at a desk: nine hours after a page was made nobody can still be signed in, and an hour before it nobody was."""
    from django.core import signing

    voucher = signing.dumps(["p1", "", int(time.time()) + issued_h * 3600], salt="voucher")
    assert outcomes(send(lead, sent(voucher, said_us=now_us() + said_h * 3_600_000_000))) == ["kept"]
    assert ("was not signed in" in kept(site)[0].problem) != held


def test_only_commands_that_say_so_are_taken_later(site, lead):
    administrator = site.browser(ADMINISTRATOR)
    report = sent(voucher_of(administrator), person=ADMINISTRATOR, command="personnel.enrol", fields={"person": ["p9"]})
    report["said_at_us"] = now_us()
    assert outcomes(send(administrator, report)) == ["kept"]
    assert "p9" not in site.service.states()["personnel"].persons
    report |= {"command": "no.such", "sequence": 2}
    assert outcomes(send(administrator, report)) == ["kept"]


def test_a_tablet_that_was_withdrawn_is_believed_no_more(site):
    with_pin(site)
    tablet = enrolled(site)
    at_tablet(tablet)
    voucher = voucher_of(tablet)
    said = now_us()
    site.browser(ADMINISTRATOR).post("/accounts/devices/withdraw", {"device": "tablet-7"})
    assert outcomes(send(tablet, sent(voucher, said_us=said), sent_us=said + 1)) == ["kept"]
    assert "was not signed in at this tablet" in kept(site)[0].problem


def test_fields_that_do_not_fit_are_kept_with_what_is_wrong(site, lead):
    report = sent(voucher_of(lead), fields={"station": ["line.a"], "from_us": ["soon"]}, said_at_us=now_us())
    assert outcomes(send(lead, report)) == ["kept"]
    assert "does not fit" in kept(site)[0].problem


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"browser":"x"}',
        "\x00",
        f'{{"browser":"{BROWSER}","epoch":"{EPOCH}","sent_at_us":1,"reports":[]}}',
    ],
)
def test_what_is_no_batch_is_refused(site, lead, body):
    size = site.service.size
    assert lead.post("/reports", body, content_type="application/json").status_code == 400
    assert site.service.size == size


def test_a_batch_bears_the_mark_of_a_page(site):
    browser = site.browser(ADMINISTRATOR, enforce_csrf_checks=True)
    assert send(browser, sent("", person=ADMINISTRATOR)).status_code == 403
    token = browser.get("/reports").json()["token"]
    body = {"browser": BROWSER, "epoch": EPOCH, "sent_at_us": now_us(), "reports": [sent("", person="p1")]}
    headers = {"x-csrftoken": token}
    answer = browser.post("/reports", json.dumps(body), content_type="application/json", headers=headers)
    assert outcomes(answer) == ["sign_in"]


def test_pages_that_are_kept_say_so_and_whose_they_are(site, lead):
    page, other = lead.get("/stations/line.a"), lead.get("/lines")
    assert page.headers["Fabrika-Keep"] == "1"
    assert "Fabrika-Keep" not in other.headers
    assert page.headers["Fabrika-Who"] == other.headers["Fabrika-Who"] != ""
    assert site.browser(ADMINISTRATOR).get("/lines").headers["Fabrika-Who"] != page.headers["Fabrika-Who"]
    assert site.browser().get("/sign-in").headers["Fabrika-Who"] == ""


def test_the_worker_lies_at_the_root(site):
    answer = site.browser().get("/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert TOKEN.search(site.browser(ADMINISTRATOR).get("/account").content.decode())
