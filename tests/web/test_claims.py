"""What was typed at a tablet without a network: sealed with the site's public key, opened and checked when it comes."""

from __future__ import annotations

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from web.browsers import ADMINISTRATOR
from web.test_reports import kept, outcomes, send, sent
from web.test_tablet import BADGE, PIN, enrolled, facts, with_pin


def sealed(site, badge, pin="", *, at_us=None):
    """As the page seals it (RSAES-OAEP with SHA-256)."""
    from fabrika.faces.web.accounts.claims import public_text
    from fabrika.faces.web.site import current

    key = serialization.load_der_public_key(base64.b64decode(public_text(current())))
    text = json.dumps({"badge": badge, "pin": pin, "at_us": at_us or int(time.time() * 1e6) - 120_000_000})
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return base64.b64encode(key.encrypt(text.encode(), oaep)).decode()


def signing_on(seal, sequence=1, **more):
    fields = {"station": ["line.a"]}
    return sent("", sequence, person="", sealed=seal, command="production.sign_on", fields=fields, **more)


@pytest.fixture
def tablet(site):
    with_pin(site, badge=BADGE)
    return enrolled(site)


@pytest.mark.parametrize(("badge", "pin"), [(BADGE, ""), (BADGE, PIN), ("p1", PIN)])
def test_a_right_proof_counts_for_whoever_gave_it(site, tablet, badge, pin):
    report = signing_on(sealed(site, badge, pin))
    size = site.service.size
    assert outcomes(send(tablet, report)) == ["done"]
    (fact,) = facts(site, size)
    assert (fact.event.person, fact.message.actor, fact.message.device) == ("p1", "p1", "tablet-7")
    assert outcomes(send(tablet, report)) == ["done"], "the same answer again"
    assert site.service.size == size + 1


@pytest.mark.parametrize(("badge", "pin", "whose"), [("p1", "1111", "p1"), ("0042 9999", "", None), ("p1", "", "p1")])
def test_what_a_wrong_proof_reports_is_kept_and_called_for(site, tablet, badge, pin, whose):
    report = signing_on(sealed(site, badge, pin))
    assert outcomes(send(tablet, report)) == ["kept"]
    (found,) = kept(site)
    assert "is not right" in found.problem
    assert found.person == whose or (whose is None and found.person.startswith("badge-"))
    assert badge not in found.form
    assert outcomes(send(tablet, report)) == ["kept"]
    assert len(kept(site)) == 1


def test_a_wrong_proof_counts_once_and_the_lock_keeps_later_ones_waiting(site, tablet):
    site.configured(failures=2)
    wrong = sealed(site, "p1", "1111")
    reports = [signing_on(wrong, number) for number in range(1, 6)]
    assert outcomes(send(tablet, *reports)) == ["kept"] * 5, "five reports with one wrong PIN are one wrong PIN"
    assert outcomes(send(tablet, signing_on(sealed(site, "p1", "2222"), 6))) == ["kept"]
    waits = send(tablet, signing_on(sealed(site, "p1", PIN), 7))
    assert waits.status_code == 503, "while it is locked nothing is judged"
    assert site.browser(ADMINISTRATOR).post("/accounts/unlock", {"person": "p1"}).status_code == 303
    assert outcomes(send(tablet, signing_on(sealed(site, "p1", PIN), 7))) == ["done"]


def test_a_sealed_proof_is_worth_nothing_elsewhere_or_much_later(site, tablet):
    right = sealed(site, BADGE)
    assert outcomes(send(site.browser(), signing_on(right))) == ["kept"], "a browser that is no tablet of ours"
    old = sealed(site, BADGE, at_us=int((time.time() - 13 * 3600) * 1e6))
    assert outcomes(send(tablet, signing_on(old, 2))) == ["kept"]
    assert outcomes(send(tablet, signing_on("bm90aGluZw==", 3))) == ["kept"]
    assert len(kept(site)) == 3


def test_back_in_the_network_the_seal_signs_in(site, tablet):
    form = {"sealed": sealed(site, BADGE), "station": "line.a", "next": "/work/line.a"}
    assert tablet.post("/sign-in/tablet", form, headers={"accept": "application/json"}).json()["person"] == "p1"
    wrong = {**form, "sealed": sealed(site, "p1", "1111")}
    assert tablet.post("/sign-in/tablet", wrong, headers={"accept": "application/json"}).status_code == 401
    assert tablet.get("/account").status_code == 303


def test_the_private_key_is_its_owners_alone(site, tablet):
    sealed(site, BADGE)
    assert (site.folder / "keys" / "tablets.key").stat().st_mode & 0o077 == 0
