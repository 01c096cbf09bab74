"""Passkeys with a real browser and an authenticator that it simulates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from web.browsers import ADMINISTRATOR, PASSWORD, key_of


@pytest.fixture
def tab(chromium, server) -> Iterator[Any]:
    """A tab with an authenticator that keeps keys and knows its person."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        # Browsers take no address as the name of a site that keys know; localhost they do.
        context = browser.new_context(base_url=server.base.replace("127.0.0.1", "localhost"))
        found = context.new_page()
        found.set_default_timeout(60_000)
        device = context.new_cdp_session(found)
        device.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield found
        browser.close()


def test_a_person_adds_a_passkey_and_signs_in_with_it(tab):
    tab.goto("/sign-in?next=/account")
    tab.fill("#person", ADMINISTRATOR)
    tab.fill("#password", PASSWORD)
    tab.press("#password", "Enter")
    tab.wait_for_url("**/account")
    tab.click("#new-passkey button")
    tab.wait_for_selector("form[action='/account/passkeys/remove']")
    tab.click("form[action='/sign-out'] button")
    tab.wait_for_url("**/sign-in")
    tab.goto("/sign-in?next=/plant")
    tab.click("#with-passkey button")
    tab.wait_for_url(lambda address: urlsplit(address).path == "/plant")
    tab.goto("/accounts")
    assert tab.locator("text=Enrol a person").count(), "a passkey is proof enough for what needs one"
    tab.goto("/account")
    tab.click("form[action='/account/passkeys/remove'] button")
    tab.wait_for_url("**/account")
    assert not tab.locator("form[action='/account/passkeys/remove']").count()
    tab.click("form[action='/sign-out'] button")
    tab.wait_for_url("**/sign-in")
    tab.click("#with-passkey button")
    tab.wait_for_selector("#with-passkey [role=alert]:visible")


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", '{"id": "x"}', '{"id": 7, "response": {}}', "\0", '{"id":"x","rawId":"x","response":{}}']
)
def test_what_no_authenticator_made_signs_nobody_in(site, body):
    browser = site.browser()
    assert browser.post("/sign-in/passkey/begin", "{}", content_type="application/json").status_code == 200
    assert browser.post("/sign-in/passkey", body, content_type="application/json").status_code == 401
    signed_in = site.browser(ADMINISTRATOR)
    signed_in.post("/account/passkeys/begin", "{}", content_type="application/json")
    assert signed_in.post("/account/passkeys", body, content_type="application/json").status_code == 409
    assert key_of(signed_in.get("/accounts"))
