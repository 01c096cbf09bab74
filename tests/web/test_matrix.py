"""Every address, walked as every role: what a role does not allow is never reached, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from fabrika.journal.entries import fact_of
from fabrika.plant.acts import ACTS
from web.browsers import ADMINISTRATOR

NAMES = {
    "line": "line",
    "station": "line.a",
    "position": "0",
    "edition": "1",
    "proposal": "none",
    "lot": "none",
    "order": "none",
    "document": "none",
    "revision": "1",
    "material_lot": "none",
    "container": "none",
}
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WITHOUT_A_ROLE, NOBODY, WALL = "without-a-role", "nobody", "wall"


def patterns():
    from django.urls import get_resolver

    return get_resolver().url_patterns


def path_of(pattern) -> str:
    """A path that the pattern takes, its names filled in."""
    from django.urls import reverse

    names = {name: NAMES.get(name, "1") for name in pattern.pattern.regex.groupindex}
    return reverse(pattern.name, kwargs=names)


def is_page(pattern) -> bool:
    """Whether it is a page of the plant, which a wall screen may show."""
    from fabrika.app.sitemap import PAGES

    return pattern.name.removesuffix(".json") in {page.name for page in PAGES}


def everyone(site) -> Iterator[tuple[str, frozenset[str], object]]:
    """Who there is, what they may, and a browser of theirs."""
    for role in site.service.plant.roles:
        person = site.person(f"of-{role.id}", role.id)
        yield role.id, role.may, site.browser(person)
    yield WITHOUT_A_ROLE, frozenset(), site.browser(site.person("newcomer", None))
    yield NOBODY, frozenset(), site.browser()
    wall = site.browser(ADMINISTRATOR)
    assert wall.post("/accounts/devices", {"device": "wall-1", "kind": "wall"}).status_code == 303
    yield WALL, frozenset({"see_plant"}), wall


def test_every_address_is_made_with_a_declared_permission(site):
    from fabrika.faces.web.access import ANYONE, SIGNED_IN

    open_to_all = {"follow", "/sign-in", "/sign-in/tablet", "/sign-in/passkey/begin", "/sign-in/passkey", "/sign-out"}
    open_to_all |= {"/reports", "/worker.js", "/offline"}
    assert len(patterns()) > 30
    for pattern in patterns():
        act = getattr(pattern.callback, "act", None)
        assert act in ACTS or act in {ANYONE, SIGNED_IN}, pattern
        assert (act == ANYONE) == (pattern.name in open_to_all | {"/demo/as"}), pattern
        assert (act == SIGNED_IN) == pattern.name.startswith("/account/") or pattern.name == "/account", pattern


def test_every_page_and_command_has_its_address(site):
    from fabrika.app.sitemap import COMMANDS, PAGES

    acts = {pattern.name: pattern.callback.act for pattern in patterns()}
    for page in PAGES:
        assert acts[page.name] == acts[f"{page.name}.json"] == page.act
    for command in COMMANDS:
        assert acts[f"do.{command.name}"] == command.act


def test_nothing_is_reached_that_a_role_does_not_allow(site):
    from fabrika.faces.web.access import ANYONE, SIGNED_IN

    walked, wrong = 0, []
    for who, may, browser in everyone(site):
        for pattern in patterns():
            act = pattern.callback.act
            if act == ANYONE:
                continue
            reached = act in may or (act == SIGNED_IN and who not in {NOBODY, WALL})
            reached = reached and (who != WALL or is_page(pattern))
            for method in ALL_METHODS if who == ADMINISTRATOR else ("GET", "POST"):
                answer = browser.generic(method, path_of(pattern))
                if not as_it_should(who, pattern, method, answer, reached=reached):
                    wrong.append((who, pattern.name, method, answer.status_code))
                walked += 1
    assert walked > 1_000
    assert not wrong


def as_it_should(who, pattern, method, answer, *, reached: bool) -> bool:
    status, to = answer.status_code, answer.headers.get("Location", "")
    if method not in pattern.callback.methods:
        return status == 405
    if reached:
        return status not in {401, 500} and not to.startswith("/sign-in?")
    if who in {NOBODY, WALL}:
        return status == 401 or (status == 303 and to.startswith("/sign-in?"))
    return status == 403


def test_refused_commands_do_nothing_and_leave_a_trace(site):
    forms = {
        "personnel.enrol": {"person": "intruder"},
        "personnel.grant": {"person": "of-operator", "role": "administrator"},
        "personnel.withdraw": {"person": ADMINISTRATOR, "role": "administrator", "reason": "none"},
        "personnel.leave": {"person": ADMINISTRATOR},
        "editions.amend": {"file": "0" * 64, "reason": "none"},
    }
    browsers = list(everyone(site))
    for who, may, browser in browsers:
        for name, form in forms.items():
            act = "amend_plant" if name == "editions.amend" else "manage_people"
            if act in may:
                continue
            size = site.service.size
            answer = browser.post(
                f"/do/{name}", {**form, "idempotency_key": f"key-of-{who}-and-{name.replace('.', '-')}"}
            )
            assert answer.status_code in {401, 403}, (who, name)
            written = [fact_of(at, site.service.states()["book"].entry(at)) for at in range(size, site.service.size)]
            trace = ["house.act_refused"] if answer.status_code == 403 else []
            assert [fact.message.type for fact in written] == trace, (who, name)


def test_a_refusal_says_what_is_missing_and_who_can_mend_it(site):
    site.person("of-operator", "operator")
    answer = site.browser("of-operator").get("/journal")
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "read the journal" in text
    assert "Overseer" in text
    assert "Administrator" in text


def test_programs_are_refused_in_json(site):
    answer = site.browser().get("/people.json")
    assert (answer.status_code, answer.json()["error"]["needs"]) == (401, "sign-in")
    site.person("of-operator", "operator")
    answer = site.browser("of-operator").get("/people.json")
    assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "not_allowed")


def test_an_overseer_finds_no_command(site):
    site.person("of-overseer", "overseer")
    browser = site.browser("of-overseer")
    from fabrika.app.sitemap import COMMANDS, PAGES

    changing = {f"/do/{command.name}" for command in COMMANDS if command.act not in {"see_plant", "witness"}}
    for page in PAGES:
        if page.names:
            continue
        answer = browser.get(page.path)
        if answer.status_code == 200:
            text = answer.content.decode()
            assert not [path for path in changing if path in text], page.name
