"""Signing in: wrong passwords, locks, one-time passwords, sessions that end, cookies that were copied."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from web.browsers import ADMINISTRATOR, PASSWORD


def sign_in(browser, person=ADMINISTRATOR, password=PASSWORD, **more):
    return browser.post("/sign-in", {"person": person, "password": password, **more})


def signed_in(browser) -> bool:
    return browser.get("/account").status_code == 200


def test_a_person_signs_in_and_out(site):
    browser = site.browser()
    assert not signed_in(browser)
    assert sign_in(browser, next="/people").headers["Location"] == "/people"
    assert signed_in(browser)
    assert browser.post("/sign-out").status_code == 303
    assert not signed_in(browser)


@pytest.mark.parametrize(
    ("person", "password"), [(ADMINISTRATOR, "wrong"), ("nobody", PASSWORD), ("", ""), ("\0", "\0")]
)
def test_what_is_not_right_is_not_told_apart(site, person, password):
    answer = sign_in(site.browser(), person, password)
    assert answer.status_code == 401
    assert "The name or the password is not right." in answer.content.decode()


def test_a_role_lands_on_its_first_page(site):
    site.person("of-overseer", "overseer")
    browser = site.browser("of-overseer")
    assert browser.get("/").headers["Location"] == "/journal"
    assert browser.get("/").status_code == 200, "once"


def test_nobody_is_led_elsewhere(site):
    for path in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nb",
        "x" * 2_000,
    ):
        assert sign_in(site.browser(), next=path).headers["Location"] == "/"


def test_an_account_is_locked_after_some_failures_and_unlocked_by_who_manages_people(site):
    site.person("p1", "operator")
    browser = site.browser()
    for _ in range(4):
        assert sign_in(browser, "p1", "wrong").status_code == 401
    assert sign_in(browser, "p1", "wrong").status_code == 429
    locked = sign_in(site.browser(), "p1")
    assert (locked.status_code, "unlock the account" in locked.content.decode()) == (429, True)
    administrator = site.browser(ADMINISTRATOR)
    assert "locked" in administrator.get("/accounts").content.decode()
    assert administrator.post("/accounts/unlock", {"person": "p1"}).status_code == 303
    assert sign_in(site.browser(), "p1").status_code == 303


def test_a_right_password_forgets_the_wrong_ones(site):
    browser = site.browser()
    for _ in range(3):
        for _ in range(4):
            sign_in(browser, password="wrong")
        assert sign_in(browser).status_code == 303


def test_a_right_password_does_not_forget_the_wrong_ones_of_others(site):
    site.person("p1", "operator")
    browser = site.browser()
    for _ in range(4):
        sign_in(browser, "p1", "wrong")
    assert sign_in(browser).status_code == 303
    assert sign_in(browser, "p1", "wrong").status_code == 429


def test_an_address_is_locked_when_it_tries_many_accounts(site):
    browser = site.browser()
    for number in range(19):
        assert sign_in(browser, f"nobody-{number}", "wrong").status_code == 401
    assert sign_in(browser, "nobody-20", "wrong").status_code == 429
    assert sign_in(browser).status_code == 429


def test_a_lock_ends_by_itself(site):
    from axes.models import AccessAttempt
    from django.utils import timezone

    browser = site.browser()
    for _ in range(5):
        answer = sign_in(browser, password="wrong")
    assert answer.status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(browser).status_code == 303


def test_what_was_typed_as_a_name_is_kept_nowhere(site):
    sign_in(site.browser(), "Arbenita Krasniqi", "a secret of hers")
    kept = (site.folder / "accounts.sqlite").read_bytes()
    assert b"Arbenita" not in kept
    assert b"secret of hers" not in kept


def test_a_one_time_password_opens_nothing_but_its_change(site):
    from fabrika.faces.web.accounts.models import Account
    from fabrika.faces.web.accounts.passwords import give_one_time_password
    from fabrika.faces.web.site import current

    site.person("p1", "manager")
    once = give_one_time_password(Account.objects.get(pk="p1"), current().policy)
    browser = site.browser()
    assert sign_in(browser, "p1", once).headers["Location"] == "/account/password"
    assert browser.get("/").headers["Location"] == "/account/password"
    assert browser.get("/people.json").status_code == 403
    assert browser.get("/follow?path=/").status_code == 403
    size = site.service.size
    answer = browser.post("/do/personnel.enrol", {"person": "p2", "idempotency_key": "k" * 20})
    assert (answer.status_code, site.service.size) == (403, size)
    new = "forty grey tiles"
    wrong = {"password": once, "new": once, "again": once}
    assert browser.post("/account/password", wrong).status_code == 422
    assert browser.post("/account/password", {"password": once, "new": new, "again": new}).status_code == 303
    assert browser.get("/plant").status_code == 200
    assert sign_in(site.browser(), "p1", once).status_code == 401


def test_a_one_time_password_ends(site):
    from django.utils import timezone

    from fabrika.faces.web.accounts.models import Account
    from fabrika.faces.web.accounts.passwords import give_one_time_password
    from fabrika.faces.web.site import current

    site.person("p1", "manager")
    account = Account.objects.get(pk="p1")
    once = give_one_time_password(account, current().policy)
    Account.objects.filter(pk="p1").update(password_until=timezone.now() - timedelta(seconds=1))
    assert sign_in(site.browser(), "p1", once).status_code == 401


@pytest.mark.parametrize(
    ("new", "again"),
    [("short", "short"), ("aaaaaaaaaaaa", "aaaaaaaaaaaa"), ("administrator1", "administrator1"), ("forty grey tiles", "other"), (PASSWORD, PASSWORD)],
)  # fmt: skip
def test_poor_passwords_are_refused(site, new, again):
    browser = site.browser(ADMINISTRATOR)
    assert browser.post("/account/password", {"password": PASSWORD, "new": new, "again": again}).status_code == 422
    assert sign_in(site.browser()).status_code == 303


def test_a_changed_password_ends_other_sessions(site):
    here, there = site.browser(ADMINISTRATOR), site.browser(ADMINISTRATOR)
    new = "forty grey tiles"
    assert here.post("/account/password", {"password": PASSWORD, "new": new, "again": new}).status_code == 303
    assert signed_in(here)
    assert not signed_in(there)


def test_a_copied_cookie_is_worth_nothing_elsewhere(site):
    browser = site.browser(ADMINISTRATOR)
    thief = site.browser()
    thief.cookies.update(browser.cookies)
    thief.defaults["HTTP_USER_AGENT"] = "another browser"
    assert not signed_in(thief)
    assert not signed_in(browser), "the session that was copied is ended for both"


def test_a_copied_cookie_is_worth_nothing_from_another_address(site):
    browser = site.browser(ADMINISTRATOR)
    thief = site.browser(REMOTE_ADDR="192.0.2.7")
    thief.cookies.update(browser.cookies)
    assert not signed_in(thief)


def test_a_cookie_is_worth_nothing_after_signing_out(site):
    browser = site.browser(ADMINISTRATOR)
    copied = dict(browser.cookies)
    browser.post("/sign-out")
    browser.cookies.update(copied)
    assert not signed_in(browser)


@pytest.mark.parametrize("which", ["begun", "seen"])
def test_a_session_ends_by_its_length_and_by_idleness(site, which):
    browser = site.browser(ADMINISTRATOR)
    session = browser.session
    session[which] = time.time() - 8 * 3600 - 1
    session.save()
    assert not signed_in(browser)


def test_a_clicking_person_stays_signed_in(site):
    browser = site.browser(ADMINISTRATOR)
    session = browser.session
    session["seen"] = time.time() - 59 * 60
    session.save()
    assert signed_in(browser)
    assert browser.session["seen"] > time.time() - 60


@pytest.mark.parametrize("restarted", [False, True])
def test_clicks_count_that_are_not_written_down(site, monkeypatch, restarted):
    """Idleness is counted from the last click; after a restart from the last that was written down, which is earlier."""
    from fabrika.faces.web import visit

    later_min, now = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: now() + 60 * later_min[0])
    browser = site.browser(ADMINISTRATOR)
    noted = browser.session["seen"]
    later_min[0] = 4.0
    assert signed_in(browser)
    assert browser.session["seen"] == noted
    later_min[0] = 62.0
    if restarted:
        visit._clicks.clear()
    assert signed_in(browser) is not restarted
    later_min[0] = 62.0 + 61.0
    assert not signed_in(browser)


def test_a_page_that_is_followed_is_no_click(site):
    from fabrika.faces.web.visit import last_click

    browser = site.browser(ADMINISTRATOR)
    before = last_click(browser.session)
    browser.get("/follow?path=%2Fnowhere")
    assert last_click(browser.session) == before
    browser.get("/account")
    assert last_click(browser.session) > before


def test_acts_that_change_people_ask_for_the_password_again(site):
    browser = site.browser(ADMINISTRATOR)
    session = browser.session
    session["proved"] = time.time() - 10 * 60
    session.save()
    form = {"person": "p7", "idempotency_key": "a-key-of-this-form"}
    size = site.service.size
    asked = browser.post("/do/personnel.enrol", form)
    text = asked.content.decode()
    assert (asked.status_code, site.service.size) == (403, size)
    assert 'name="password"' in text
    assert 'value="p7"' in text, "nothing that was typed is lost"
    assert browser.post("/do/personnel.enrol", {**form, "password": "wrong"}).status_code == 403
    assert browser.post("/do/personnel.enrol", {**form, "password": PASSWORD}).status_code == 303
    assert site.service.size == size + 1
    assert (
        browser.post(
            "/do/personnel.enrol", {**form, "person": "p8", "idempotency_key": "another-key-of-a-form"}
        ).status_code
        == 303
    )


def test_the_language_follows_what_is_asked_for(site):
    browser = site.browser()
    assert (
        browser.get("/sign-in", headers={"accept-language": "fr, sq;q=0.5, tr;q=0.9"}).headers["Content-Language"]
        == "tr"
    )
    assert browser.get("/sign-in?language=sq").headers["Content-Language"] == "sq"
    assert browser.get("/sign-in", headers={"accept-language": "tr"}).headers["Content-Language"] == "sq", "the cookie"
    browser = site.browser(ADMINISTRATOR)
    assert browser.post("/account/language", {"language": "sr_Latn"}).status_code == 303
    assert browser.get("/account", headers={"accept-language": "tr"}).headers["Content-Language"] == "sr-Latn"


def test_forms_of_other_sites_are_refused(site):
    from web.browsers import TOKEN

    browser = site.browser(enforce_csrf_checks=True)
    assert browser.post("/sign-in", {"person": ADMINISTRATOR, "password": PASSWORD}).status_code == 403
    token = TOKEN.search(browser.get("/sign-in").content.decode())[1]
    form = {"person": ADMINISTRATOR, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post("/sign-in", form).status_code == 303
    size = site.service.size
    for headers in ({}, {"x-csrftoken": "x" * 64}, {"origin": "http://evil.example"}):
        answer = browser.post("/do/personnel.enrol", {"person": "p", "idempotency_key": "k" * 20}, headers=headers)
        assert (answer.status_code, site.service.size) == (403, size)
