"""The document of the interface, for programs and for people."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from fabrika.faces import language
from fabrika.faces.api.document import document, json_path
from fabrika.faces.web.refusals import as_json


@cache
def _document(_language: str) -> dict[str, Any]:
    """Made once for each language; the titles are in it."""
    from fabrika.app.sitemap import COMMANDS, PAGES

    return document(PAGES, COMMANDS)


def openapi(_request: HttpRequest) -> HttpResponseBase:
    """The document as JSON."""
    return as_json(_document(language.wanted()))


def described(request: HttpRequest) -> HttpResponseBase:
    """The same for people: every page and command with what it takes and gives."""
    from fabrika.app.sitemap import COMMANDS, PAGES
    from fabrika.faces.web.render import page

    whole = _document(language.wanted())
    rows = [
        (command, whole["paths"][f"/do/{command.name}"]["post"]["requestBody"]["content"]["application/json"]["schema"])
        for command in COMMANDS
    ]
    schemas = whole["components"]["schemas"]
    commands = [(command, text_of(schemas[schema["$ref"].rpartition("/")[2]])) for command, schema in rows]
    pages = [(found, json_path(found)) for found in PAGES]
    return HttpResponse(page("api.html.j2", request, pages=pages, commands=commands))


def text_of(schema: dict[str, Any]) -> str:
    """A schema as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
