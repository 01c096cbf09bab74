"""Every address of the site, made from the lists of pages and commands; there is no other way to a view."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, re_path

from fabrika.app.sitemap import COMMANDS, PAGES
from fabrika.faces.web import more, refusals
from fabrika.faces.web.access import ANYONE, View, needs
from fabrika.faces.web.accounts.addresses import ADDRESSES as OF_ACCOUNTS
from fabrika.faces.web.commands import do_view, form_view
from fabrika.faces.web.follow import follow
from fabrika.faces.web.pages import json_view, page_view
from fabrika.page import Command, Page

handler400 = refusals.malformed
handler403 = refusals.forged
handler404 = refusals.not_found
handler500 = refusals.broken


def _pattern(path: str, ending: str = "") -> str:
    """The expression for a path whose ``{names}`` stand for one part each."""
    parts = re.split(r"\{([a-z_]+)\}", path.removeprefix("/"))
    words = [re.escape(part) if place % 2 == 0 else rf"(?P<{part}>[^/]{{1,200}}?)" for place, part in enumerate(parts)]
    return rf"^{''.join(words)}{re.escape(ending)}$"


def _of_page(page: Page) -> list[URLPattern]:
    in_json = needs(page.act, json_view(page), page=page)
    paths = [_pattern(page.path, ".json")] + ([_pattern("/index.json")] if page.path == "/" else [])
    return [
        *(re_path(path, in_json, name=f"{page.name}.json") for path in paths),
        re_path(_pattern(page.path), needs(page.act, page_view(page), page=page), name=page.name),
    ]


def _of_command(command: Command) -> URLPattern:
    form, do = form_view(command), do_view(command)

    def either(request: HttpRequest) -> HttpResponseBase:
        return do(request) if request.method == "POST" else form(request)

    view: View = needs(command.act, either, methods=("GET", "HEAD", "POST"))
    return re_path(_pattern(f"/do/{command.name}"), view, name=f"do.{command.name}")


urlpatterns: list[Any] = [
    *(pattern for page in PAGES for pattern in _of_page(page)),
    *(_of_command(command) for command in COMMANDS),
    re_path(r"^follow$", needs(ANYONE, follow), name="follow"),
    *(
        re_path(_pattern(address.path), needs(address.act, address.view, methods=address.methods), name=address.path)
        for address in OF_ACCOUNTS
    ),
    *more.urlpatterns,
]
