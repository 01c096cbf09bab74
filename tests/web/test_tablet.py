"""Shared tablets and wall screens: who acted stands in the book, and at which device."""

from __future__ import annotations

import json

import pytest

from web.browsers import ADMINISTRATOR, PASSWORD

PIN = "5830"


BADGE = "0042 7711"


def enrolled(site, name="tablet-7", kind="tablet"):
    browser = site.browser(ADMINISTRATOR)
    answer = browser.post("/accounts/devices", {"device": name, "kind": kind, "place": "Case line"})
    assert answer.status_code == 303
    return browser


def with_pin(site, person="p1", role="operator", badge=None):
    from fabrika.faces.web.accounts.backends import badge_hash
    from fabrika.faces.web.accounts.models import Account
    from fabrika.faces.web.accounts.passwords import set_pin

    site.person(person, role)
    account = Account.objects.get(pk=person)
    account.badge = badge_hash(badge) if badge else None
    set_pin(account, PIN)


def at_tablet(browser, badge="p1", pin=PIN):
    return browser.post("/sign-in/tablet", {"badge": badge, "pin": pin})


def test_who_enrols_a_tablet_is_signed_out_of_it(site):
    tablet = enrolled(site)
    assert tablet.get("/account").status_code == 303
    assert 'name="pin"' in tablet.get("/sign-in").content.decode()


@pytest.mark.parametrize("typed", ["p1", "0042 7711"])
def test_a_person_signs_in_with_badge_or_id_and_pin(site, typed):
    with_pin(site, badge="0042 7711")
    tablet = enrolled(site)
    assert at_tablet(tablet, typed, "1111").status_code == 401
    assert at_tablet(tablet, typed).status_code == 303
    assert tablet.get("/account").status_code == 200


def test_the_entry_names_person_and_device(site):
    with_pin(site, role="administrator")
    site.configured(prove_again=frozenset())
    tablet = enrolled(site)
    at_tablet(tablet)
    form = {"person": "p9", "idempotency_key": "a-key-of-this-form", "password": PASSWORD}
    assert tablet.post("/do/personnel.enrol", form).status_code == 303
    entry = json.loads(site.service.states()["book"].entry(site.service.size - 1))
    text = json.dumps(entry)
    assert '"p1"' in text
    assert '"tablet-7"' in text


def test_a_pin_is_no_proof_for_acts_that_need_a_password(site):
    with_pin(site, role="administrator")
    tablet = enrolled(site)
    at_tablet(tablet)
    form = {"person": "p9", "idempotency_key": "a-key-of-this-form"}
    assert tablet.post("/do/personnel.enrol", form).status_code == 403
    assert tablet.post("/do/personnel.enrol", {**form, "password": PIN}).status_code == 403
    assert tablet.post("/do/personnel.enrol", {**form, "password": PASSWORD}).status_code == 303


def test_a_pin_is_worth_nothing_at_a_desk(site):
    with_pin(site)
    assert at_tablet(site.browser()).status_code == 403
    assert site.browser().post("/sign-in", {"person": "p1", "password": PIN}).status_code == 401


def test_pins_are_locked_after_some_failures(site):
    with_pin(site)
    tablet = enrolled(site)
    for pin in ("1111", "2222", "3333", "4444"):
        assert at_tablet(tablet, pin=pin).status_code == 401
    assert at_tablet(tablet, pin="5555").status_code == 429
    assert at_tablet(tablet).status_code == 429


def test_a_tablet_is_left_after_ten_minutes(site):
    with_pin(site)
    tablet = enrolled(site)
    at_tablet(tablet)
    session = tablet.session
    session["seen"] -= 11 * 60
    session.save()
    assert tablet.get("/account").status_code == 303


def test_a_session_of_a_tablet_is_worth_nothing_at_a_desk(site):
    with_pin(site)
    tablet = enrolled(site)
    at_tablet(tablet)
    desk = site.browser()
    desk.cookies.update({"fabrika_session_8470": tablet.cookies["fabrika_session_8470"]})
    assert desk.get("/account").status_code == 303


def test_a_withdrawn_device_is_one_no_longer(site):
    with_pin(site)
    tablet = enrolled(site)
    at_tablet(tablet)
    administrator = site.browser(ADMINISTRATOR)
    assert "tablet-7" in administrator.get("/accounts/devices").content.decode()
    assert administrator.post("/accounts/devices/withdraw", {"device": "tablet-7"}).status_code == 303
    assert administrator.post("/accounts/devices/withdraw", {"device": "tablet-7"}).status_code == 404
    assert tablet.get("/account").status_code == 303
    assert at_tablet(tablet).status_code == 403


def test_a_forged_device_cookie_is_none(site):
    browser = site.browser()
    browser.cookies["fabrika_device_8470"] = "WyJ0YWJsZXQtNyIsIngiXQ:1x:abc"
    assert at_tablet(browser).status_code == 403


def test_a_name_is_taken_once(site):
    enrolled(site)
    answer = site.browser(ADMINISTRATOR).post("/accounts/devices", {"device": "tablet-7", "kind": "wall"})
    assert answer.status_code == 409


def test_a_wall_screen_shows_the_plant_and_nothing_else(site):
    wall = enrolled(site, "wall-1", "wall")
    board = wall.get("/?kiosk=1")
    assert board.status_code == 200
    assert "<nav" not in board.content.decode()
    assert wall.get("/plant.json").status_code == 200
    approve = {"proposal": "none", "idempotency_key": "a-key-of-this-form"}
    assert wall.post("/do/personnel.approve", approve).status_code == 401, (
        "though the command's act is to see the plant"
    )
    for path in ("/people", "/journal", "/account", "/accounts", "/do/personnel.enrol"):
        assert wall.get(path).headers["Location"].startswith("/sign-in"), path


@pytest.mark.parametrize("pin", ["123", "1234", "9876", "0000", "12a4", "1234567890123", "٤٥٦٧"])
def test_poor_pins_are_refused(site, pin):
    browser = site.browser(ADMINISTRATOR)
    assert browser.post("/account/pin", {"pin": pin, "again": pin, "password": PASSWORD}).status_code == 422


def test_a_pin_is_chosen_with_the_password(site):
    browser = site.browser(ADMINISTRATOR)
    assert browser.post("/account/pin", {"pin": PIN, "again": PIN, "password": "wrong"}).status_code == 422
    assert browser.post("/account/pin", {"pin": PIN, "again": "5831", "password": PASSWORD}).status_code == 422
    assert browser.post("/account/pin", {"pin": PIN, "again": PIN, "password": PASSWORD}).status_code == 303
    tablet = enrolled(site)
    assert at_tablet(tablet, ADMINISTRATOR).status_code == 303


def test_a_tablet_has_no_rights_of_its_own(site):
    tablet = enrolled(site)
    page = tablet.get("/work/line.a")
    assert page.status_code == 200
    assert "Next: who works here?" in page.content.decode()
    for path in ("/", "/lines", "/stations/line.a", "/people", "/account"):
        assert tablet.get(path).headers["Location"].startswith("/sign-in"), path
    form = {"station": "line.a", "good": "3", "idempotency_key": "a-key-of-this-form"}
    assert tablet.post("/do/production.report_units", form).status_code == 401
    assert site.browser().get("/work/line.a").headers["Location"].startswith("/sign-in"), "a desk is no tablet"


def test_a_badge_alone_is_enough_for_an_operators_acts(site):
    with_pin(site, badge=BADGE)
    tablet = enrolled(site)
    assert at_tablet(tablet, "p1", "").status_code == 401, "an id is no badge"
    size = site.service.size
    signed_on = tablet.post("/sign-in/tablet", {"badge": BADGE, "station": "line.a", "next": "/work/line.a"})
    assert signed_on.headers["Location"] == "/work/line.a"
    (fact,) = facts(site, size)
    assert (fact.message.type, fact.message.actor, fact.message.device) == (
        "production.person_signed_on",
        "p1",
        "tablet-7",
    )
    form = {"station": "line.a", "mode": "none", "idempotency_key": "a-key-of-this-form"}
    assert tablet.post("/do/production.say_running", form).status_code != 401
    again = tablet.post("/sign-in/tablet", {"badge": BADGE, "station": "line.a"})
    assert again.status_code == 303
    assert len(facts(site, size)) <= 2, "who has signed on already does not sign on again"


@pytest.mark.parametrize("pin", ["", PIN])
def test_neither_badge_nor_pin_is_enough_to_answer_for_more(site, pin):
    with_pin(site, role="shift-lead", badge=BADGE)
    tablet = enrolled(site)
    at_tablet(tablet, BADGE, pin)
    form = {"station": "line.a", "idempotency_key": "a-key-of-this-form"}
    refused = tablet.post("/do/production.approve_start", form)
    assert refused.status_code == 403
    assert "password" in refused.content.decode()
    approve = {"proposal": "none", "idempotency_key": "another-key-of-it"}
    assert tablet.post("/do/personnel.approve", approve).status_code == 403
    assert tablet.post("/do/production.approve_start", {**form, "password": PASSWORD}).status_code == 409
    assert tablet.post("/account/passkeys/begin").status_code == 400 or tablet.session["proved"]


def test_who_is_known_by_a_badge_cannot_add_a_passkey(site):
    with_pin(site, badge=BADGE)
    tablet = enrolled(site)
    at_tablet(tablet, BADGE, "")
    assert "own password" in tablet.post("/account/passkeys/begin").content.decode()


def test_badges_alone_can_be_forbidden(site):
    with_pin(site, badge=BADGE)
    site.configured(badge_alone=False)
    tablet = enrolled(site)
    assert at_tablet(tablet, BADGE, "").status_code == 401
    assert at_tablet(tablet, BADGE).status_code == 303


def test_badges_that_are_tried_out_lock_the_tablet(site):
    site.configured(failures=2, address_failures=4)
    with_pin(site, badge=BADGE)
    tablet = enrolled(site)
    answers = [at_tablet(tablet, f"0042 00{number:02}", "").status_code for number in range(6)]
    assert 429 in answers
    assert at_tablet(tablet, BADGE, "").status_code == 429


def test_somebody_elses_badge_ends_the_session_before(site):
    with_pin(site, badge=BADGE)
    with_pin(site, "p2", badge="0042 7712")
    tablet = enrolled(site)
    at_tablet(tablet, BADGE, "")
    at_tablet(tablet, "0042 7712", "")
    assert "p2" in tablet.get("/account").content.decode()
    assert at_tablet(tablet, "0042 9999", "").status_code == 401
    assert tablet.get("/account").status_code == 303, "a wrong badge goes on as nobody"


def test_a_badge_is_kept_as_a_keyed_hash_only(site):
    with_pin(site, badge=BADGE)
    tablet = enrolled(site)
    at_tablet(tablet, BADGE, "")
    held = (site.folder / "accounts.sqlite").read_bytes()
    assert BADGE.encode() not in held
    assert BADGE.replace(" ", "").encode() not in held


def facts(site, since):
    from fabrika.journal.entries import fact_of

    book = site.service.states()["book"]
    return [fact_of(position, book.entry(position)) for position in range(since, site.service.size)]
