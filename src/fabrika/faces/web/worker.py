"""The service worker's address at the root, for a worker sees only what lies below it; and what it shows where no page was kept."""

from __future__ import annotations

from importlib.resources import files

from django.http import HttpRequest, HttpResponse, HttpResponseBase


def worker(_request: HttpRequest) -> HttpResponseBase:
    """The script."""
    text = (files("fabrika.faces.web") / "static" / "worker.js").read_bytes()
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


def offline(request: HttpRequest) -> HttpResponseBase:
    """What is shown without a network in place of a page that was not kept."""
    from fabrika.faces.web.render import page

    return HttpResponse(page("offline.html.j2", request))
