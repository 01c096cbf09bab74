"""The pages of the plant, as HTML and as JSON at the same address with ``.json``."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from msgspec import Struct

from fabrika.faces.web.access import View
from fabrika.faces.web.refusals import as_json
from fabrika.faces.web.visit import Visit, visit_of
from fabrika.page import Asked, Page

if TYPE_CHECKING:
    from fabrika.app.service_answers import Seen

OF_THE_FACE = frozenset({"language", "kiosk"})
"""What an address asks of the face, and not of the page."""


class Shown(NamedTuple):
    """A page with what it was made for, what it shows, and how long the answer took."""

    page: Page
    asked: Asked
    context: Struct
    took_us: int


def see(visit: Visit, page: Page, names: dict[str, str], query: dict[str, str]) -> Shown:
    """What the page shows to who asks."""
    visit.page = page
    return timed(page, lambda: visit.site.service.see(page, visit.person, names, query, may=visit.given))


def timed(page: Page, ask: Callable[[], Seen]) -> Shown:
    """A page as it is asked for, with the time that the answer takes."""
    begun_ns = perf_counter_ns()
    seen = ask()
    return Shown(page, seen.asked, seen.context, (perf_counter_ns() - begun_ns) // 1000)


def page_view(page: Page) -> View:
    """What answers for a page in a browser."""

    def show(request: HttpRequest, **names: str) -> HttpResponseBase:
        from fabrika.faces.web.render import render

        visit = visit_of(request)
        landing = _landing(request, visit, page)
        if landing is not None:
            return landing
        seen = see(visit, page, names, query_of(request))
        response = HttpResponse(render(seen, request, fragment=False))
        response["Server-Timing"] = f"answer;dur={seen.took_us / 1000:.1f}"
        if page.kept and not visit.message:
            response["Fabrika-Keep"] = "1"
        return response

    return show


def json_view(page: Page) -> View:
    """What answers for a page to a program."""

    def show(request: HttpRequest, **names: str) -> HttpResponseBase:
        seen = see(visit_of(request), page, names, query_of(request))
        response = as_json(as_plain(seen))
        response["Server-Timing"] = f"answer;dur={seen.took_us / 1000:.1f}"
        return response

    return show


def as_plain(seen: Shown) -> dict[str, Any]:
    """What a program gets of a page; ``kind`` tells what is simulated."""
    asked = seen.asked
    return {
        "page": seen.page.name,
        "kind": asked.kind,
        "position": asked.position,
        "at_us": asked.at_us,
        "edition": asked.edition,
        "data": seen.context,
    }


def query_of(request: HttpRequest) -> dict[str, str]:
    """What was asked beside the path, the last of each name."""
    return {name: value for name, value in request.GET.items() if name not in OF_THE_FACE and value != ""}


def _landing(request: HttpRequest, visit: Visit, page: Page) -> HttpResponseBase | None:
    """Just after signing in, the first page leads to the role's own."""
    if page.path != "/" or request.GET or not request.session.pop("landing", False):
        return None
    first = first_path(visit)
    return None if first == "/" else HttpResponseRedirect(first, status=303)


def first_path(visit: Visit) -> str:
    """Where the person's first role lands, if it may see that and the path needs no name."""
    from fabrika.app.sitemap import PAGES

    by_name = {page.name: page for page in PAGES}
    held = {role.id: role for role in visit.plant.roles}
    for role in visit.roles:
        page = by_name.get(held[role].first)
        if page is not None and not page.names and visit.can(page.act):
            return page.path
    return "/"
