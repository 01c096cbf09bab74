"""Commands as a person and as a program give them: done once, refused with what is missing, nothing typed is lost."""

from __future__ import annotations

import json

import pytest
from web.browsers import ADMINISTRATOR, key_of

KEY = "a-key-of-this-form-1"
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "{{ 7*7 }}", "{% raw %}",
    "=HYPERLINK(1)", "'; DROP TABLE account; --", "&lt;b&gt;", "%0d%0aSet-Cookie: a=b", "${7*7}", "<svg/onload=alert(1)>",
]  # fmt: skip
UNFIT = [
    "a\u202eb",
    "a\u200bb",
    "a\0b",
    "a\x07b",
    "a\ud800b".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\ue000",
]


@pytest.fixture
def browser(site):
    site.person("p1", "operator")
    return site.browser(ADMINISTRATOR)


def do(browser, name, form, key=KEY, **more):
    return browser.post(f"/do/{name}", {**form, "idempotency_key": key}, **more)


def as_program(browser, name, form, key=KEY):
    headers = {"idempotency-key": key} if key else {}
    return browser.post(f"/do/{name}", json.dumps(form), content_type="application/json", headers=headers)


def test_a_form_is_done_once_however_often_it_is_sent(site, browser):
    key = key_of(browser.get("/do/personnel.enrol"))
    size = site.service.size
    answers = [do(browser, "personnel.enrol", {"person": "p2", "next": "/people"}, key) for _ in range(3)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, "/people")}
    assert site.service.size == size + 1
    assert "Enrol a person: done." in browser.get("/people").content.decode()
    assert "Enrol a person: done." not in browser.get("/people").content.decode(), "it is said once"


def test_each_form_that_is_shown_has_a_key_of_its_own(browser):
    assert len({key_of(browser.get("/do/personnel.enrol")) for _ in range(5)}) == 5


def test_the_same_key_with_other_content_is_refused(site, browser):
    do(browser, "personnel.enrol", {"person": "p2"})
    answer = do(browser, "personnel.enrol", {"person": "p3"})
    assert answer.status_code == 409
    assert 'value="p3"' in answer.content.decode()


@pytest.mark.parametrize("key", ["", "short", "with blanks in it, and long enough", "x" * 81])
def test_a_form_without_a_fit_key_is_refused(site, browser, key):
    size = site.service.size
    assert do(browser, "personnel.enrol", {"person": "p2"}, key).status_code == 400
    assert as_program(browser, "personnel.enrol", {"person": "p2"}, key).status_code == 400
    assert site.service.size == size


def test_every_field_that_does_not_fit_is_marked_and_what_was_typed_stays(site, browser):
    form = {"person": "no id!", "role": "", "area": "an area!"}
    answer = do(browser, "personnel.grant", form)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Fill this in." in text
    assert text.count("Use letters, digits and the signs") == 2
    assert 'value="no id!"' in text
    assert 'value="an area!"' in text


def test_what_a_rule_refuses_says_the_remedy_and_keeps_what_was_typed(site, browser):
    answer = do(browser, "personnel.grant", {"person": "p1", "role": "no-such-role"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "The plant has no role no-such-role." in text
    assert "Choose one of" in text
    assert 'value="no-such-role"' in text
    assert key_of(answer) == KEY, "sent again it is still the same act"


def test_programs_give_commands_in_json(site, browser):
    answer = as_program(browser, "personnel.enrol", {"person": "p2"})
    assert answer.json() == {"positions": [site.service.size - 1], "size": site.service.size, "proposal": None}
    assert as_program(browser, "personnel.enrol", {"person": "p2"}).json() == answer.json()
    refused = as_program(browser, "personnel.enrol", {"person": "p2"}, "another-key-of-a-form")
    assert (refused.status_code, refused.json()["error"]["kind"]) == (409, "ActRefusedError")
    fields = as_program(browser, "personnel.grant", {"person": 7, "more": 1}, "a-third-key-of-a-form")
    assert (fields.status_code, set(fields.json()["error"]["fields"])) == (422, {"person", "role", "more"})


@pytest.mark.parametrize(
    "body", ["", "[]", "7", "null", "{", '{"person": NaN}', "[" * 100_000, '{"person": "a\\u0000b"}']
)
def test_what_is_no_json_object_is_refused(site, browser, body):
    size = site.service.size
    answer = browser.post(
        "/do/personnel.enrol", body, content_type="application/json", headers={"idempotency-key": KEY}
    )
    assert answer.status_code == 422
    assert site.service.size == size


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(site, browser, text):
    form = {"person": "p1", "role": "operator", "reason": text}
    answer = do(browser, "personnel.withdraw", {**form, "area": text})
    assert answer.status_code == 422
    assert text not in answer.content.decode() or "<" not in text
    assert do(browser, "personnel.withdraw", form, "another-key-of-a-form").status_code == 303
    for path in ("/journal", f"/journal/{site.service.size - 1}", "/people"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()
        assert "<svg/onload" not in page.content.decode()


@pytest.mark.parametrize("text", UNFIT)
def test_text_that_is_not_what_it_seems_is_refused_at_its_field(site, browser, text):
    size = site.service.size
    form = {"person": "p1", "role": "operator", "reason": text}
    answer = do(browser, "personnel.withdraw", form)
    assert answer.status_code == 422
    assert "signs that are invisible" in answer.content.decode()
    assert as_program(browser, "personnel.withdraw", form).status_code == 422
    assert site.service.size == size


def test_text_is_composed_and_its_ends_of_lines_are_plain(site, browser):
    form = {"person": "p1", "role": "operator", "reason": " e\u0308ndj\r\nsecond "}
    assert do(browser, "personnel.withdraw", form).status_code == 303
    entry = site.service.states()["book"].entry(site.service.size - 1).decode()
    assert "ëndj\\nsecond" in entry


def test_hostile_names_are_shown_as_text(site, browser):
    for number, text in enumerate(HOSTILE):
        form = {"person": f"h{number}", "name": text, "contact": text, "role": "operator"}
        answer = browser.post("/accounts/enrol", {**form, "idempotency_key": f"a-key-of-this-form-{number}"})
        assert answer.status_code == 200
    for path in ("/accounts", "/people", "/people.json"):
        page = browser.get(path).content.decode()
        if path.endswith(".json"):
            continue
        for text in HOSTILE:
            assert text not in page or "<" not in text


def test_too_much_is_refused(site, browser):
    size = site.service.size
    assert do(browser, "personnel.enrol", {"person": "p" * 5_000_000}).status_code in {400, 413, 422}
    assert as_program(browser, "personnel.enrol", {"person": "p" * 5_000_000}).status_code in {400, 413, 422}
    assert do(browser, "personnel.enrol", {f"field-{number}": "" for number in range(300)}).status_code in {400, 422}
    assert site.service.size == size
