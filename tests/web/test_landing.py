"""Where each role lands after signing in: a page that is there, that it may see, and that answers."""

from __future__ import annotations

from pathlib import Path

import pytest

import fabrika
from fabrika.app.sitemap import PAGES
from fabrika.plant.roles import FIRST_SCREENS, roles_of, usual_roles

ROOT = Path(__file__).resolve().parents[2]
BY_NAME = {page.name: page for page in PAGES}


@pytest.mark.parametrize("word", FIRST_SCREENS)
def test_every_first_screen_is_a_page_of_the_sitemap(word):
    screen = FIRST_SCREENS[word]
    page = BY_NAME[screen.page]
    assert page.act == screen.act, "the plant file's check asks for the same act as the page"
    assert not page.names, "nobody could be led to a path with a name in it"


def test_every_first_screen_resolves_to_its_page(site):
    from django.urls import resolve

    for screen in FIRST_SCREENS.values():
        match = resolve(BY_NAME[screen.page].path)
        assert (match.url_name, match.func.act) == (screen.page, screen.act)


@pytest.mark.parametrize("file", ["cartridge-20m", "bearings-6m", "teaching/two-machines.yaml"])
def test_every_role_may_see_its_first_screen(file):
    roles = roles_of(fabrika.read(ROOT / "plants" / file).plant)
    assert roles
    for role in roles:
        assert BY_NAME[role.first].act in role.may, role.id


def test_every_role_lands_on_its_first_screen(site):
    assert site.service.plant.roles, "a plant that names no roles has the usual ones"
    for role in usual_roles():
        browser = site.browser(site.person(f"of-{role.id}", role.id))
        page = BY_NAME[role.first]
        answer = browser.get("/")
        if page.path != "/":
            assert (answer.status_code, answer.headers["Location"]) == (303, page.path), role.id
            answer = browser.get(page.path)
        assert answer.status_code == 200, role.id
        assert f'id="live" class="{page.name.replace(".", "-")}"' in answer.content.decode(), role.id
        assert browser.get("/").status_code == 200, "only the first page after signing in leads elsewhere"
